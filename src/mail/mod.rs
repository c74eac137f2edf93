//! Mail-server (MX) data: which hosts receive the mail of a mail domain, as a resolver or a measurement project saw it.
//! And what lists say of mail domains: their class, big providers, services that were closed.
//!
//! The data are about mail domains, name by name: an MX record of `example.com` says nothing about `mail.example.com`.
//! Whether a host can be taken over is decided in `assess`.

mod classes;
mod closed;
mod providers;

pub(crate) use classes::{MailClass, MailClasses};
pub(crate) use closed::closed_on;
pub(crate) use providers::Provider;

use crate::time::Moment;

/// The mail servers of the mail domains of a run.
#[derive(Debug, Default)]
pub(crate) struct MailServers {
    /// Distinct hosts: A-labels, lower case, no final dot.
    hosts: Vec<Box<str>>,
    /// By mail domain.
    sets: Vec<(Box<str>, MxSet)>,
}

/// The records of one mail domain, of the newest data about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MxSet {
    /// When they were seen; none if the data have no date.
    pub(crate) seen_at: Option<Moment>,
    /// The records, those of the lowest preference first.
    pub(crate) records: Vec<MxRecord>,
}

/// One MX record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MxRecord {
    /// Lower counts first (RFC 5321, section 5.1); none if the data do not tell.
    pub(crate) preference: Option<u16>,
    /// The host.
    pub(crate) host: MxHost,
}

/// The host of an MX record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MxHost {
    /// Its place among [`MailServers::hosts`].
    Named(u32),
    /// The root: the domain takes no mail (RFC 7505).
    Null,
    /// An IP address, which the record may not hold (RFC 5321, section 5.1).
    Address,
    /// Anything else that is no host name.
    Malformed,
}

impl MailServers {
    /// The distinct hosts.
    pub(crate) fn hosts(&self) -> &[Box<str>] {
        &self.hosts
    }

    /// What is known of a mail domain.
    pub(crate) fn get(&self, mail_domain: &str) -> Option<&MxSet> {
        let found = self.sets.binary_search_by(|(name, _)| (**name).cmp(mail_domain));
        found.ok().map(|place| &self.sets[place].1)
    }
}
