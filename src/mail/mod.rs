//! Mail-server (MX) data: which hosts receive the mail of a mail domain, as a resolver or a measurement project saw it.
//! And what lists say of mail domains: their class, big providers, services that were closed.
//!
//! The data are about mail domains, name by name: an MX record of `example.com` says nothing about `mail.example.com`.
//! Whether a host can be taken over is decided in `assess`.
//!
//! ```text
//! files     which files there are
//! form      how a file is written, by what it begins with
//! columns   which column holds what
//! table, json, lines, parquet   a piece of a file → records
//! groups    which row groups of a Parquet file may hold a wanted name
//! host      the hosts in a cell
//! names     the mail domains of the run, found as files spell them
//! lists     lists of records as numbers, each distinct one once
//! batch     the records of a piece that are about wanted names; what was counted and could not be read
//! file      what is known of a file
//! read      files → batches, several pieces at a time
//! gather    batches → the newest set of each mail domain
//! servers   the outcome
//! probe, kept   the same for a few mail domains at a time, from files that are asked by name
//! ```
//!
//! Beside that, what lists say of mail domains: their class (`classes`), big providers and their mistyped names
//! (`providers`), services that were closed (`closed`).
//!
//! What was decided, each in the module that does it:
//!
//! * Only answers with MX records say anything. NXDOMAIN, a time-out, or an answer without MX records from a resolver is
//!   no evidence: it is counted, and what was seen before stays. (`json`, `table`)
//! * Where the name asked is an alias, the records found at the end of the chain count for it: a mailer follows the
//!   alias as well (RFC 5321, section 5.1). Lines, as `dig` prints them, do not say what was asked; there a record
//!   counts for its owner. (`json`, `lines`)
//! * The newest day counts. Records of one name of the same day (UTC) are one set: a measurement takes hours, and
//!   its rows lie apart. Undated records count only where no dated ones are. (`gather`)
//! * A date in a row counts, else one in the name of the file (`mx-2026-05-31.csv`). The time of a file is none: a copy
//!   has a new one. A date that cannot be read makes a record undated. (`batch`, `files`)
//! * What is later than the moment of judgement is ignored. (`batch`)
//! * A host that is the mail domain, or is below it, is kept as what it has in front of that name. The domain answers for it,
//!   unless something below the domain may be registered apart from it; `assess` says where. (`batch`, `servers`)
//! * `.` is the null MX (RFC 7505), and so is nothing at all with the preference 0, as some tools write it. (`host`)
//!
//! No message shows a cell: somebody may name accounts here by mistake.

mod batch;
mod classes;
mod closed;
mod columns;
mod file;
mod files;
mod form;
mod gather;
mod groups;
mod host;
mod json;
mod kept;
mod lines;
mod lists;
mod names;
mod parquet;
mod probe;
mod providers;
mod read;
mod servers;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use classes::{MailClass, MailClasses};
pub(crate) use closed::closed_on;
pub(crate) use file::MxFile;
pub(crate) use files::{FoundMx, find};
pub(crate) use probe::MailProbe;
pub(crate) use providers::Provider;
pub(crate) use read::{MailInputs, read};
pub(crate) use servers::{HostNames, MailServers, MxHost, MxRecord, MxSet};
