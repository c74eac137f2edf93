//! RDAP answers on disk: read in every format, as evidence of a run or into one sorted table.
//!
//! ```text
//! files        which files there are, found while directories are walked
//! read         files → batches of answers, several at a time; `load` puts them into a table in memory
//! file         these batches, and what is known of a file that was read
//! cutter       where a text may be cut into pieces
//! reader       a piece of text → its answers and faults
//! json_values  a document → its values, without looking inside them
//! parquet      an earlier import → batches of answers, or the answers about some names
//! table        the table of `rdap import`: its columns, and how it is written
//! sort         any number of answers → sorted, the newest of each server, in bounded memory
//! import       the job of `rdap import`
//! ```
//!
//! What cannot be read never stops a run by itself. It is counted, shown with its place, and skipped; the file then
//! counts as incomplete.

mod cutter;
mod file;
pub(crate) mod files;
pub(crate) mod import;
mod json_values;
mod parquet;
mod read;
mod reader;
mod sort;
pub(crate) mod table;

pub use file::{MAX_REJECTED, RdapFile};
pub(crate) use parquet::ProbedAnswers;
pub use read::load;
