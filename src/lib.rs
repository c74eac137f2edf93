//! zonelapse tells, for every account of a service and with no query leaving the host, whether someone
//! else can receive its mail: now, soon, or already.
//!
//! The rooms, in the order in which data flow; each uses only those above it:
//!
//! * [`error`], [`escape`], [`time`], [`progress`], [`output`], [`temporary`], [`signals`], [`threads`], [`wording`]: what
//!   all rooms share
//! * [`table`]: Parquet in and out: the columns of the tables, the one writer, the one reader
//! * `merge`: sorted runs of what does not fit into memory, read as one
//! * [`input`]: bytes in: files as decompressed chunks, accounts in every form
//! * [`name`]: mailbox → mail domain → public suffix and registrable domain
//! * [`census`]: every row taken once, every mail domain made distinct
//! * [`zone`]: master files and lists of names: scanner, serial, integrity
//! * [`snapshot`]: the names of zones at their dates, in a store: build, probe, history, diff
//! * [`rdap`]: answers of registries: statuses, events; from files of every form and as one sorted table
//! * [`assess`]: evidence (the join), the table of states, drop dates, accounts
//! * [`report`]: tables, manifest, summary
//! * `fetch`: registries asked over the network; only with the cargo feature `fetch`
//! * [`cli`], [`config`]: what was typed, and what it means
//! * [`command`]: one file a command; [`command::audit`] is the main job on one screen

#[macro_use]
mod named;

pub mod assess;
mod built_in;
pub mod census;
pub mod cli;
pub mod command;
pub mod config;
pub mod error;
pub mod escape;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod input;
pub(crate) mod merge;
pub mod name;
pub mod output;
pub mod progress;
pub mod rdap;
pub mod report;
pub mod signals;
pub mod snapshot;
pub mod table;
pub mod temporary;
pub mod threads;
pub mod time;
pub mod wording;
pub mod zone;

pub use cli::{AuditArgs, Cli, EvidenceArgs, ReportArgs};
pub use command::audit::audit;
pub use command::{Message, Output, Status, run, usage_mistake};
pub use config::Config;
pub use error::{Error, Hint, Result};
