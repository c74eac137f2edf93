//! RDAP: what the registries' servers answered, as evidence for a name.
//!
//! ```text
//! name       names and hosts in one spelling: A-labels, lower case, no trailing dot
//! status     RFC 8056 statuses, whatever their spelling
//! event      the dates of a registration
//! json       JSON read for what it is worth: a member of the wrong type is skipped
//! body       one line of JSON → its interesting members, in one pass
//! object     those members
//! registrar  the registrar among an object's entities
//! read       those members → an answer for exactly one name
//! judge      which of the three outcomes it is
//! file       what is known of a file of answers
//! answer     that answer: found, not found or error
//! table      the newest answer per name and source
//! bootstrap  which server is the registry's (RFC 9224)
//! archive    answers from files of every form, and as one sorted table
//! ```
//!
//! Everything here is sequential and pure: bytes of one JSON value in, an [`Answer`] out. Opening files,
//! splitting NDJSON and the Parquet of `rdap import` stand on top of it, in `answers`. It refuses to judge an answer by its
//! age or against a zone: that is `assess`.
//!
//! The rule of the room: a registration must never be lost to a quirk of one member, and absence must
//! never be read out of anything but a plain not-found answer.

mod answer;
pub mod archive;
mod body;
mod bootstrap;
mod event;
mod json;
mod judge;
mod name;
mod object;
mod read;
mod registrar;
mod status;
mod table;

pub use answer::{Answer, AnswerError, Context, Note, RdapOutcome};
pub use archive::{MAX_REJECTED, RdapFile};
pub use bootstrap::{Bootstrap, BootstrapError, Service, services};
pub use event::{EventAction, Events};
pub(crate) use name::normalize;
pub use read::read_answer;
pub use status::{Status, StatusSet};
pub use table::{RdapCounts, RdapTable, put_newest, settle};
