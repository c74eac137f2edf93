//! Parquet in and out: the columns of the tables, the one writer, the one reader.
//!
//! ```text
//! schema, columns    what the tables hold, and columns of it as they are built
//! word_numbers       the words of a column, numbered
//! encode, bits       a column → the bytes of its pages
//! chunk              a column of a row group → pages with checksums, statistics, index
//! write              row groups → a file, with a checksum of the whole in its footer
//! seal               that checksum
//! describe           what the footer says of the columns, for other programs
//! shape, footer      check a footer before anything relies on it
//! bounds             row groups that cannot hold what is looked for
//! page, delta        check every page
//! front_coded        texts that share their beginnings
//! open_column        a column of a row group, its rows decoded
//! read               a file → slices of its rows
//! probe              rows by name, of a table sorted by name
//! recent             what was found for names lately
//! slice              a slice → typed columns, by name
//! guard              turns a panic of a library into a failure of the file
//! ```
//!
//! Polars never gets to see a file as somebody else wrote it. It trusts sizes and counts: a flipped bit makes it panic,
//! or ask for more memory than there is, which ends the process. So we check the footer and write a new one
//! for Polars, check and unpack the pages and give them headers of our own, and limit the size of each slice.

mod bits;
mod bounds;
mod chunk;
pub mod columns;
mod delta;
mod describe;
mod empty_lists;
mod encode;
mod footer;
mod front_coded;
pub(crate) mod guard;
mod open_column;
mod page;
pub(crate) mod probe;
#[cfg(test)]
mod probing;
pub mod read;
pub(crate) mod recent;
#[cfg(test)]
mod round_trip;
pub mod schema;
mod seal;
mod shape;
pub(crate) mod slice;
pub(crate) mod word_lists;
pub(crate) mod word_numbers;
pub mod write;
