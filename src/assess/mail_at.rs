//! Which mail servers the mail domains at each judged domain have.
//!
//! With MX data nearly every judged domain has some, but most share them with many others, and only the table of domains
//! tells them. So only the numbers of the lists are kept here, and not a name. They are in the order of that table: looking
//! a million of them up where they were would take longer than all else.

use std::borrow::Cow;

use super::judge::MailVerdict;
use crate::mail::{HostNames, MailServers, MxSet};
use crate::name::MailDomain;
use crate::time::Moment;

/// The mail servers of the judged domains of a run.
#[derive(Debug)]
pub(crate) struct MailAt<'a> {
    /// Those of each mail domain.
    pub(crate) servers: &'a MailServers,
    /// The mail domains.
    pub(crate) mail_domains: &'a [MailDomain],
    /// Where the mail domains at a judged domain begin; the end of the last one comes last. Empty if there are no data at all.
    starts: Vec<u32>,
    /// The sets of the mail domains at all judged domains, one domain after the other.
    sets: Vec<MxSet>,
}

impl<'a> MailAt<'a> {
    /// Arranges the mail domains by the judged domains, of which there are so many.
    pub(super) fn of(
        servers: &'a MailServers,
        mail_domains: &'a [MailDomain],
        mail: &[MailVerdict],
        judged: usize,
    ) -> Self {
        if servers.domains() == 0 {
            return Self { servers, mail_domains, starts: Vec::new(), sets: Vec::new() };
        }
        let known = || {
            let sets = mail.iter().enumerate().filter_map(|(number, mail)| Some((mail, servers.at(number)?)));
            sets.map(|(mail, set)| (mail.domain as usize, set))
        };
        let mut starts = vec![0; judged + 2];
        known().for_each(|(place, _)| starts[place + 2] += 1);
        for place in 2..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut sets = vec![MxSet { seen_at: None, list: 0, domain: 0 }; servers.domains()];
        for (place, set) in known() {
            let next = &mut starts[place + 1];
            sets[*next as usize] = set;
            *next += 1;
        }
        Self { servers, mail_domains, starts, sets }
    }

    /// The sets of the mail domains at the judged domain at this place.
    pub(crate) fn at(&self, place: usize) -> &[MxSet] {
        match self.starts.get(place..place + 2) {
            Some([start, end]) => &self.sets[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// When the oldest of some sets were seen; none if some have no date.
    pub(crate) fn seen_at(sets: &[MxSet]) -> Option<Moment> {
        sets.iter().map(|set| set.seen_at).min().flatten()
    }

    /// The list of a set, if all mail domains with it have the same servers: none of them in itself.
    pub(crate) fn shared_list(&self, set: &MxSet) -> Option<u32> {
        (!self.servers.has_hosts_within(set.list)).then_some(set.list)
    }

    /// Appends the names of the hosts of some sets, sorted, each once.
    pub(crate) fn push_hosts(&self, sets: &[MxSet], names: &mut HostNames) {
        match sets {
            [set] => {
                let name = &self.mail_domains[set.domain as usize].name;
                self.servers.push_sorted(self.servers.records(set).iter(), name, names);
            }
            _ => names.extend(self.hosts(sets).iter().map(|host| &**host)),
        }
    }

    /// The names of the hosts of some sets, sorted, each once.
    pub(crate) fn hosts(&self, sets: &[MxSet]) -> Vec<Cow<'a, str>> {
        let of = |set: &MxSet| {
            let records = self.servers.lists().get(set.list);
            self.servers.host_names(records, &self.mail_domains[set.domain as usize].name)
        };
        let mut hosts: Vec<Cow<'a, str>> = sets.iter().flat_map(of).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }
}
