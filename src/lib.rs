//! Tells for every account of a service, offline, whether someone else can receive its mail: now, soon, or already.
//!
//! # A tour
//!
//! A run reads accounts, zones and RDAP answers, and writes a report. `command/audit.rs` is that run on one screen. Data
//! change their type at each door: bytes → record → snapshot entry → evidence → verdict → row.
//!
//! The rooms, from the ground up. Each uses only rooms above it in this list:
//!
//! * The ground floor: `error` (what can go wrong, and remedies), `named` (enums with names), `wording` (numbers in
//!   messages), `escape` (text of strangers made safe to print), `built_in` (the lists in `data/`), `time` (moments, and
//!   the one reader of times), `threads` (who may wait for whom), `progress`, `files` (outputs and temporary
//!   directories), `signals`.
//! * `name`: address, or domain, URL or reverse-DNS name → mail domain → public suffix and registrable domain.
//! * `table`: Parquet in and out. Each column is declared once.
//! * `merge`: sorted runs of what does not fit into memory, read as one.
//! * `input`: bytes in (files as decompressed chunks) and rows in (accounts in every format).
//! * `census`: takes every row once and makes mail domains distinct.
//! * `zone`: master files and lists of names.
//! * `snapshot`: the names of a zone on a date, in a compact file; a store of these, which remembers the past.
//! * `rdap`: answers of registries; `rdap/archive` reads files of them and makes one sorted table.
//! * `registry`: lists that registries publish; their forms are data.
//! * `mail`: which hosts receive the mail of a domain (MX data), and what lists say of mail domains.
//! * `fetch`: asks registries over the network. It exists only with the cargo feature `fetch`.
//! * `assess`: judges. It joins the evidence about a name, applies the rules, and judges accounts.
//! * `report`: writes what was judged.
//! * `cli` and `config`: what was typed, and what it means.
//! * `command`: one file a command. `command/evidence.rs` is the sequence that all commands that judge names share;
//!   `command/nightly` runs the others one after the other.
//!
//! # An audit from Rust
//!
//! Three types are enough: [`AuditArgs`] holds the options, [`Config`] is the same after it was checked, and [`Output`]
//! is what the program would print. The report itself is in its directory.
//!
//! ```
//! use zonelapse::{AuditArgs, Config, EvidenceArgs, ExitStatus, ReportArgs, audit};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = tempfile::tempdir()?;
//! let path = |name: &str| directory.path().join(name);
//! std::fs::write(path("accounts.csv"), "id,email\n1,a@held-example.com\n2,b@missing-example.com\n")?;
//! // a zone that ends with its SOA record is whole, so a name that is missing from it is proved absent
//! let soa = "com. 900 IN SOA a.gtld-servers.net. nstld.verisign-grs.com. 2026053101 1800 900 604800 900\n";
//! let delegation = "held-example.com. 172800 IN NS ns1.held-example.com.\n";
//! std::fs::write(path("com.zone"), [soa, delegation, soa].concat())?;
//!
//! let config = Config::of(AuditArgs {
//!     accounts: vec![path("accounts.csv")],
//!     evidence: EvidenceArgs {
//!         zones: vec![path("com.zone")],
//!         as_of: Some("2026-06-01".to_owned()),
//!         ..EvidenceArgs::default()
//!     },
//!     report: ReportArgs { output: Some(path("report")), ..ReportArgs::default() },
//! })?;
//! let output = audit(&config)?;
//! assert_eq!(output.status, ExitStatus::Complete);
//!
//! let manifest = std::fs::read(path("report/manifest.json"))?;
//! let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
//! let states = &manifest["counts"]["accounts_by_state"];
//! assert_eq!(states["active"], 1);
//! assert_eq!(states["absent"], 1);
//! # Ok(())
//! # }
//! ```

#[macro_use]
mod named;

mod built_in;
mod census;
mod command;
mod escape;
#[cfg(feature = "fetch")]
mod fetch;
mod files;
mod mail;
mod merge;
mod registry;
mod report;
mod signals;
mod threads;
mod wording;

// for the tests and benchmarks of this repository; they may change at any time
#[doc(hidden)]
pub mod assess;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod error;
#[doc(hidden)]
pub mod input;
#[doc(hidden)]
pub mod name;
#[doc(hidden)]
pub mod progress;
#[doc(hidden)]
pub mod rdap;
#[doc(hidden)]
pub mod snapshot;
#[doc(hidden)]
pub mod table;
#[doc(hidden)]
pub mod time;
#[doc(hidden)]
pub mod zone;

pub use cli::{AuditArgs, Cli, EvidenceArgs, KnownOptions, ReportArgs};
pub use command::audit::audit;
pub use command::{ExitStatus, Message, Output, run, usage_mistake};
pub use config::Config;
pub use error::{Error, Hint, Outcome, Position, Result};
