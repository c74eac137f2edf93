//! `rdap fetch`: asks the servers of registries about the names that matter, and only about those.
//!
//! ```text
//! wanted    which names, most urgent first: from a report, a file, or the command line
//! ledger    the output, an NDJSON file that grows by a line per answer
//! known     what need not be asked again
//! plan      which server is asked about which names, and which names cannot be asked about
//! guard     which servers may be asked at all: https, public addresses
//! client    one question: redirects, limits of size and time
//! polite    one rate limit per host
//! queue     the questions to one host, one after the other; when to wait and when to give up
//! run       all queues in parallel, until everything is asked or the run is stopped
//! outcome   the results, by server
//! ```
//!
//! This is the only room that opens a network connection, and it exists only with the cargo feature `fetch`. Every
//! answer is appended to the output as soon as it arrives. So nothing that was received is lost, whenever the program
//! ends, and memory holds only the names that are still to be asked about.
//!
//! Which server is the registry's is decided by the tables that `audit` judges by ([`crate::rdap::RegistryServers`]), so
//! that an audit without options uses what was fetched. A server that is only a lead is tried for names in its own suffix,
//! and gives nothing but a domain object of the name that was asked: its 404 is kept as an error, so that it proves nothing
//! even if the tables change. That such a server fails does not make a run incomplete.

mod client;
mod guard;
mod known;
mod ledger;
mod outcome;
mod plan;
mod polite;
mod queue;
mod run;
mod wanted;

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use guard::InsecureHost;
pub(crate) use outcome::{Fetched, HostStats};
pub(crate) use plan::{Plan, Unasked};
pub(crate) use polite::{Rate, Rates};
pub(crate) use run::fetch;
pub(crate) use wanted::{ServerNames, WantedNames};

/// What to fetch, from whom, and how.
#[derive(Debug)]
pub(crate) struct FetchOptions {
    /// The NDJSON file that answers are appended to.
    pub(crate) output: PathBuf,
    /// Other files of answers that need not be asked again.
    pub(crate) known: Vec<PathBuf>,
    /// The age in days up to which an answer is not asked again.
    pub(crate) max_age_days: u32,
    /// IANA's bootstrap file. Without it, the built-in copy is used.
    pub(crate) bootstrap: Option<PathBuf>,
    /// Questions per second.
    pub(crate) rates: Rates,
    /// Servers asked at the same time.
    pub(crate) servers: usize,
    /// Time for one whole answer.
    pub(crate) timeout: Duration,
    /// Bytes of the largest answer, unpacked.
    pub(crate) max_bytes: usize,
    /// Redirects followed for one question.
    pub(crate) max_redirects: usize,
    /// The longest that a server may ask us to wait.
    pub(crate) max_wait: Duration,
    /// Hosts that may be asked without TLS and at any address.
    pub(crate) insecure: Vec<InsecureHost>,
    /// How the program introduces itself to servers.
    pub(crate) user_agent: String,
    /// Whether registrars are asked as well.
    pub(crate) follow_registrar: bool,
    /// The most questions asked.
    pub(crate) limit: Option<usize>,
}
