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

use std::sync::Arc;

use crate::time::Moment;

/// The mail servers of the mail domains of a run.
#[derive(Debug, Default)]
pub(crate) struct MailServers {
    /// Distinct hosts: A-labels, lower case, no final dot.
    hosts: Vec<Box<str>>,
    /// Distinct lists of records.
    lists: Vec<Arc<[MxRecord]>>,
    /// For each mail domain; empty if nothing is known of any.
    sets: Vec<Option<MxSet>>,
}

/// The records of one mail domain, of the newest data about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MxSet {
    /// When they were seen; none if the data have no date.
    pub(crate) seen_at: Option<Moment>,
    /// The number of the list of records: many mail domains share one.
    pub(crate) list: u32,
    /// The records, those of the lowest preference first.
    pub(crate) records: Arc<[MxRecord]>,
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

    /// The distinct lists of records, by their numbers.
    pub(crate) fn lists(&self) -> &[Arc<[MxRecord]>] {
        &self.lists
    }

    /// Whether nothing is known of any mail domain.
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// What is known of a mail domain, by its number.
    pub(crate) fn at(&self, mail_domain: u32) -> Option<&MxSet> {
        self.sets.get(mail_domain as usize)?.as_ref()
    }
}

/// What a test knows of a mail domain: when, and its records. A host is a name, an IP address, `.` for a null record or `!`
/// for a malformed one.
#[cfg(test)]
pub(crate) type PlantedSet<'t> = (Option<Moment>, &'t [(Option<u16>, &'t str)]);

#[cfg(test)]
impl MailServers {
    /// Makes them for a test, an entry a mail domain.
    pub(crate) fn of(planted: &[Option<PlantedSet<'_>>]) -> Self {
        let mut servers = Self::default();
        for set in planted {
            let set = set.map(|(seen_at, records)| {
                let records = records
                    .iter()
                    .map(|(preference, host)| MxRecord { preference: *preference, host: servers.host(host) });
                let mut records: Vec<MxRecord> = records.collect();
                records.sort_by_key(|record| record.preference);
                let records: Arc<[MxRecord]> = records.into();
                servers.lists.push(Arc::clone(&records));
                MxSet { seen_at, list: servers.lists.len() as u32 - 1, records }
            });
            servers.sets.push(set);
        }
        servers
    }

    fn host(&mut self, text: &str) -> MxHost {
        match text {
            "." => MxHost::Null,
            "!" => MxHost::Malformed,
            _ if text.parse::<std::net::IpAddr>().is_ok() => MxHost::Address,
            _ => {
                let known = self.hosts.iter().position(|host| **host == *text);
                MxHost::Named(known.unwrap_or_else(|| {
                    self.hosts.push(text.into());
                    self.hosts.len() - 1
                }) as u32)
            }
        }
    }
}
