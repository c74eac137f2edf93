//! Parquet in and out: the columns of the tables, the one writer, the one reader.
//!
//! ```text
//! schema, columns    what the tables hold, and columns of it as they are built
//! encode, bits       a column → the bytes of its pages
//! chunk              a column of a row group → pages with checksums, statistics, index
//! write              row groups → a file, with a checksum of the whole in its footer
//! seal               that checksum
//! shape, footer      a footer is checked before anything relies on it
//! page, delta        so is every page
//! read               rows of a file → columns
//! guard              what a library panics about becomes a failure of the file
//! ```
//!
//! A file of others is never handed to Polars as it is. Polars trusts sizes and counts: a flipped bit makes it panic,
//! or ask for more memory than there is, which ends the process. So the footer is checked and written anew
//! for Polars, pages are checked, unpacked and given headers of our own, and each slice that is read has a limit.

mod bits;
mod chunk;
pub mod columns;
mod delta;
mod encode;
mod footer;
pub(crate) mod guard;
mod page;
pub mod read;
pub mod schema;
mod seal;
mod shape;
pub mod slice;
pub mod write;
