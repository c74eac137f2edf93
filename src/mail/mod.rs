//! Mail-server (MX) data: which hosts receive the mail of a mail domain, as a resolver or a measurement project saw it.
//!
//! The data are about mail domains, name by name: an MX record of `example.com` says nothing about `mail.example.com`.
//! Whether a host can be taken over is decided in `assess`.

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

    /// Whether nothing is known of any mail domain.
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// What is known of a mail domain.
    pub(crate) fn get(&self, mail_domain: &str) -> Option<&MxSet> {
        let found = self.sets.binary_search_by(|(name, _)| (**name).cmp(mail_domain));
        found.ok().map(|place| &self.sets[place].1)
    }
}

#[cfg(test)]
impl MailServers {
    /// Makes them from what a test knows: mail domain, moment, and records. A host is a name, an IP address, `.` for a null
    /// record or `!` for a malformed one.
    pub(crate) fn planted(sets: &[(&str, Option<Moment>, &[(Option<u16>, &str)])]) -> Self {
        let mut servers = Self::default();
        for (domain, seen_at, records) in sets {
            let mut records: Vec<MxRecord> = records
                .iter()
                .map(|(preference, host)| MxRecord { preference: *preference, host: servers.host(host) })
                .collect();
            records.sort_by_key(|record| record.preference);
            servers.sets.push(((*domain).into(), MxSet { seen_at: *seen_at, records }));
        }
        servers.sets.sort_by(|(a, _), (b, _)| a.cmp(b));
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
