//! Lists that registries publish: which names they will release and when, which they have deleted, which are registered.
//!
//! A file flows through the room like this: `form` tells how it is written, `read` makes rows of it, `sort` puts them in
//! order, `table` writes them. [`ListTable`] then answers what the lists say of a name. Whether to believe it is decided
//! in `assess`.
//!
//! ```text
//! kind      kinds of lists, and what a list says of a name
//! form      how a list is written, as data: known lists, and those a user describes
//! list      what is known of a list: its date, whether all of it is there
//! row       what it says of one name
//! read      a file → rows
//! files     which files are which lists
//! sort      rows in order, in bounded memory
//! table     the Parquet table, written and read
//! import    files → one table
//! look_up   what the lists say of a name
//! ```
//!
//! A list that is not whole proves only what is in it. A list dated by its file's time never proves absence. A file that
//! is not what its name says, such as a web page with an error, is named, and nothing of it is used.

mod files;
pub(crate) mod form;
pub(crate) mod import;
mod kind;
mod list;
mod look_up;
mod read;
mod row;
mod sort;
pub(crate) mod table;

pub(crate) use files::{FoundList, ListChoice, find};
pub(crate) use kind::{ListDateSource, ListSays, ReleaseBy};
pub(crate) use list::RegistryList;
pub(crate) use look_up::{ListFinding, ListProbe, ListTable, load};
