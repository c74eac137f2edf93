//! zonelapse tells, for every account of a service and with no query leaving the host, whether someone
//! else can receive its mail: now, soon, or already.
//!
//! The rooms, in the order in which data flow; each uses only those above it:
//!
//! * [`error`], [`escape`], [`time`], [`progress`], [`output`], [`temporary`], [`signals`], [`threads`]: what all rooms
//!   share
//! * [`table`]: Parquet in and out: the columns of the tables, the one writer, the one reader
//! * [`input`]: bytes in: files as decompressed chunks, accounts in every form
//! * [`name`]: mailbox → mail domain → public suffix and registrable domain
//! * [`census`]: every row taken once, every mail domain made distinct
//! * [`zone`]: master files and lists of names: scanner, serial, integrity
//! * [`snapshot`]: the names of zones at their dates, in a store: build, probe, history, diff
//! * [`rdap`]: responses: statuses, events, the newest of each server
//! * [`assess`]: evidence (the join), the table of states, drop dates, accounts
//! * [`report`]: tables, manifest, summary
//! * [`answers`]: RDAP answers from disk, in every form, and as one sorted table
//! * `fetch`: registries asked over the network; only with the cargo feature `fetch`
//! * [`cli`], [`config`]: what was typed, and what it means; [`gather`]: evidence from disk
//! * [`audit`]: the main job on one screen; [`explain`], [`snapshots`], [`responses`], [`policies`], [`describe`]: the
//!   same rooms, other doors

pub mod answers;
pub mod assess;
pub mod audit;
pub mod census;
pub mod cli;
pub mod config;
pub mod describe;
pub mod error;
pub mod escape;
pub mod explain;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod gather;
pub mod input;
pub mod name;
pub mod output;
pub mod policies;
pub mod progress;
pub mod rdap;
pub mod report;
pub mod responses;
pub mod signals;
pub mod snapshot;
pub mod snapshots;
pub mod table;
pub mod temporary;
pub mod threads;
pub mod time;
pub mod zone;
