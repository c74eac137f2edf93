//! RDAP: what registries' servers answered, as evidence for a name.
//!
//! An answer flows through the room like this: `archive` opens files and cuts them into JSON values; `body` gathers
//! the interesting members of one value; `read` and `judge` make them an [`Answer`] for exactly one name; `table`
//! keeps the newest answers of each name.
//!
//! ```text
//! archive    answers from files in every format, and as one sorted table: import, load
//! body       one JSON value → its interesting members, in one pass
//! object     these members
//! json       tolerant JSON: a member of the wrong type is skipped
//! registrar  the registrar among the entities of an object
//! status     statuses (RFC 8056) in any spelling
//! event      the dates of a registration
//! name       names and hosts in one spelling: A-labels, lower case, no trailing dot
//! read       the members → an answer for exactly one name
//! judge      found, not found, or an error
//! reserved   whether a not-found answer says that nobody can register the name
//! answer     that answer
//! table      the newest answers by name and server
//! bootstrap  which server belongs to which ending of names (RFC 9224)
//! registries that, with the table in `data/` and hosts that are trusted: is this the registry's answer?
//! ```
//!
//! Everything outside `archive` is sequential and pure: bytes of one JSON value in, an answer out. Whether an answer
//! is too old, or contradicts a zone, is decided in `assess`.
//!
//! Two rules hold everywhere. No quirk of a single member may lose a registration. And only a plain not-found answer
//! may prove absence.

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
mod registries;
mod reserved;
mod status;
mod table;

pub use answer::{Answer, AnswerError, Context, Note, RdapOutcome};
pub use archive::{MAX_REJECTED, RdapFile};
pub use bootstrap::{Bootstrap, BootstrapError};
pub(crate) use event::Events;
use json::parser_message;
pub(crate) use name::{host_of, normalize};
pub use read::read_answer;
#[cfg(feature = "fetch")]
pub(crate) use registries::is_redirector;
pub(crate) use registries::{RegistryServers, Standing};
pub use status::{Status, StatusSet};
pub(crate) use table::{RdapCounts, RdapTable, put_newest, settle};
