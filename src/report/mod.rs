//! The report: tables for analysts, a manifest for machines, a summary for people.
//!
//! [`accounts`], [`domains`], [`rejected`], [`tlds`] and [`changes`] declare and write the tables;
//! [`manifest`] says how they came about, from which [`inputs`], and is written last; [`summary`] is what a person reads at the
//! end of a run, with [`examples`] to begin with. The directory appears whole or not at all ([`directory`]).
//! [`finished`] opens a report again, and [`previous`] remembers what one said.

pub mod accounts;
pub mod changes;
pub mod completeness;
pub mod counts;
pub mod directory;
pub mod domains;
pub mod examples;
pub mod finished;
pub mod inputs;
pub mod manifest;
pub mod rejected;
pub mod summary;
pub mod tlds;
