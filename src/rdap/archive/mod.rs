//! RDAP answers from disk: every form in which they lie, as evidence of a run or as one sorted table.
//!
//! ```text
//! files      which files there are, walked as they are met
//! batch      what is handed on while files are read
//! read       files → batches of answers, side by side
//! reader     a piece of text → its answers and faults
//! values     a document → its values, without a look inside
//! parquet    an earlier import → batches of answers
//! load       the answers a run asks for → a table in memory
//! held       batches wait for the checksum behind them
//! table      the table of `rdap import`: its columns, and how it is written
//! sort       any number of answers → sorted, newest of each server, in bounded memory
//! import     the job of `rdap import`
//! ```

mod file;
pub mod files;
pub mod import;
mod json_values;
mod parquet;
mod read;
mod reader;
mod sort;
pub mod table;
mod unproved;

pub use file::{MAX_REJECTED, RdapFile};
pub use read::load;
