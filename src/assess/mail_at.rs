//! Which mail servers the mail domains at each judged domain have.
//!
//! With MX data nearly every judged domain has some, but most share them with many others, and only the table of domains
//! tells them. So only the numbers of the sets are kept here, and not a name.

use super::judge::MailVerdict;
use crate::mail::{MailServers, MxHost, MxSet};
use crate::time::Moment;

/// The mail servers of the judged domains of a run.
#[derive(Debug)]
pub(crate) struct MailAt<'a> {
    servers: &'a MailServers,
    /// Where the sets of a judged domain begin; the end of the last one comes last. Empty if there are no data at all.
    starts: Vec<u32>,
    /// The sets of the mail domains at all judged domains, one domain after the other.
    sets: Vec<MxSet>,
}

impl<'a> MailAt<'a> {
    /// Arranges the sets by the judged domains, of which there are so many.
    pub(super) fn of(servers: &'a MailServers, mail: &[MailVerdict], judged: usize) -> Self {
        if servers.domains() == 0 {
            return Self { servers, starts: Vec::new(), sets: Vec::new() };
        }
        let known = || {
            mail.iter()
                .enumerate()
                .filter_map(|(number, mail)| Some((mail.domain as usize, servers.at(number)?)))
        };
        let mut starts = vec![0; judged + 2];
        known().for_each(|(place, _)| starts[place + 2] += 1);
        for place in 2..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut sets = vec![MxSet { seen_at: None, list: 0 }; servers.domains()];
        for (place, set) in known() {
            let next = &mut starts[place + 1];
            sets[*next as usize] = *set;
            *next += 1;
        }
        Self { servers, starts, sets }
    }

    /// The sets of the mail domains at the judged domain at this place; none if there are no data about any.
    pub(crate) fn sets(&self, place: usize) -> &[MxSet] {
        match self.starts.get(place..place + 2) {
            Some([start, end]) => &self.sets[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// When the oldest of some sets were seen; none if some have no date.
    pub(crate) fn seen_at(sets: &[MxSet]) -> Option<Moment> {
        sets.iter().map(|set| set.seen_at).min().flatten()
    }

    /// The names of the hosts of some sets, sorted, each once.
    pub(crate) fn hosts(&self, sets: &[MxSet]) -> Vec<&'a str> {
        let records = sets.iter().flat_map(|set| self.servers.records(set));
        let mut hosts: Vec<&str> = Vec::with_capacity(sets.len());
        hosts.extend(records.filter_map(|record| match record.host {
            MxHost::Named(host) => Some(&*self.servers.hosts()[host as usize]),
            MxHost::Null | MxHost::Address | MxHost::Malformed => None,
        }));
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }
}
