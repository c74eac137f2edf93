//! The first pass over the accounts: every row taken once, every mail domain made distinct.
//!
//! Verdicts depend on all domains of a run, and standard input can be read only once. So the rows are
//! taken in a single pass: chunks are parsed side by side, each mail domain gets a number
//! ([`interner`]), and what the report needs from a row goes, in input order, to a temporary file
//! ([`spool`]). The tables are written from there. Memory grows with the distinct mail domains (about
//! 100 bytes each), never with the rows; the spool takes about 50 bytes a row on disk.

mod chunk_rows;
mod files;
pub(crate) mod interner;
pub(crate) mod rows;
pub(crate) mod spool;
mod take;

pub(crate) use chunk_rows::{ChunkBuffers, ChunkTaker};
pub(crate) use files::{AccountFile, CensusOptions, ColumnUse, FileColumns, FileLines, Guesses, ValueCount};
pub(crate) use rows::Rows;
pub(crate) use take::{Census, take};
