//! The names of a zone at a date, as a compact table that is probed without being unpacked.
//!
//! [`build`] makes it from a zone's records, [`table`] is its one form (one run of bytes, in memory as it
//! would stand on disk), [`catalog`] holds the tables of a run and answers which of them speaks for a
//! name and what they say.

pub mod build;
pub mod catalog;
pub mod table;

pub use build::TableBuilder;
pub use catalog::{Catalog, Coverage, Limits, Snapshot, ZoneEvidence};
pub use table::{Entry, Table};
