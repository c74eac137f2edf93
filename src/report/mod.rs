//! The report: tables for analysts, a manifest for machines, a summary for people.
//!
//! [`accounts`], [`domains`], [`servers`], [`rejected`], [`tlds`] and [`changes`] declare and write the tables;
//! [`manifest`] says how they came about, from which [`inputs`], and is written last; [`summary`] is what a person reads at the
//! end of a run, with [`examples`] to begin with. The directory appears whole or not at all ([`directory`]).
//! [`at_risk`] lists the accounts to act on, the most [`urgent`] first; [`metrics`] are for monitoring.
//! [`finished`] opens a report again, and [`page`] makes a page of it for a person.

mod account_columns;
mod account_inputs;
pub(crate) mod accounts;
pub(crate) mod alerts;
pub(crate) mod at_risk;
pub(crate) mod changes;
mod columns;
pub(crate) mod completeness;
pub(crate) mod counts;
pub(crate) mod cures;
pub(crate) mod directory;
pub(crate) mod domains;
pub(crate) mod examples;
pub(crate) mod finished;
pub(crate) mod inputs;
mod mail_inputs;
pub(crate) mod manifest;
pub(crate) mod metrics;
pub(crate) mod overrides;
pub(crate) mod page;
pub(crate) mod recorded_servers;
mod registry_inputs;
pub(crate) mod rejected;
pub(crate) mod servers;
pub(crate) mod sources;
pub(crate) mod summary;
pub(crate) mod tlds;
pub(crate) mod urgent;
