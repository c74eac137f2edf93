//! `rdap fetch`: asks the servers of registries about the names that matter, and about no others.
//!
//! ```text
//! wanted    which names, most urgent first: of a report, of a file, or as typed
//! servers   name → base URL: IANA's bootstrap file, and a table of what it lacks
//! ledger    the NDJSON file that grows, a line an answer; torn lines mended
//! known     what need not be asked again
//! plan      what is asked of whom, and what cannot be asked
//! guard     whom we connect to at all: https, public addresses
//! client    one question: redirects, limits of size and time
//! polite    one limit for each host, whoever asks
//! queue     one host's questions, one after the other: patience and giving up
//! run       all of them side by side, until done or told to stop
//! outcome   what came of it, by server
//! ```
//!
//! The only room that opens a network connection, and there only with the cargo feature `fetch`. Every answer is
//! appended to the file as it comes, raw; nothing is kept in memory but the names still to be asked, and
//! nothing that was received is lost, whenever the program ends.

mod client;
mod guard;
mod known;
mod ledger;
mod outcome;
mod plan;
mod polite;
mod queue;
mod run;
mod servers;
mod wanted;

use std::path::PathBuf;
use std::time::Duration;

pub use guard::InsecureHost;
pub use outcome::{Fetched, Served};
pub use plan::{Plan, Unasked};
pub use polite::{Rate, Rates};
pub use run::fetch;
pub use wanted::WantedNames;

/// What to fetch, from whom, and how.
#[derive(Debug)]
pub struct Options {
    /// The NDJSON file to append to.
    pub output: PathBuf,
    /// Further files of answers that need not be asked again.
    pub known: Vec<PathBuf>,
    /// Age in days up to which an answer is not asked again.
    pub max_age_days: u32,
    /// IANA's bootstrap file; the copy built in if none.
    pub bootstrap: Option<PathBuf>,
    /// Questions a second.
    pub rates: Rates,
    /// Servers asked at the same time.
    pub servers: usize,
    /// Time for one answer, all in.
    pub timeout: Duration,
    /// Bytes of the largest answer that is taken, inflated.
    pub max_bytes: usize,
    /// Redirects followed for one question.
    pub max_redirects: usize,
    /// The longest that a server may ask us to wait.
    pub max_wait: Duration,
    /// Hosts that may be asked without TLS, and at any address.
    pub insecure: Vec<InsecureHost>,
    /// What the servers are told about who asks.
    pub user_agent: String,
    /// Whether registrars are asked, too.
    pub follow_registrar: bool,
    /// At most so many questions.
    pub limit: Option<usize>,
}
