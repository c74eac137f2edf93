//! Which mail servers the mail domains at each judged domain have.
//!
//! With MX data nearly every judged domain has some, but most share them with many others, and only the table of domains
//! tells them. So only the numbers of the mail domains are kept here, and not a name.

use std::borrow::Cow;
use std::ops::Range;

use super::judge::MailVerdict;
use crate::mail::{HostNames, MailServers};
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
    /// The mail domains with data at all judged domains, one domain after the other.
    numbers: Vec<u32>,
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
            return Self { servers, mail_domains, starts: Vec::new(), numbers: Vec::new() };
        }
        let known = || {
            let mail = mail.iter().enumerate().filter(|(number, _)| servers.at(*number).is_some());
            mail.map(|(number, mail)| (mail.domain as usize, number as u32))
        };
        let mut starts = vec![0; judged + 2];
        known().for_each(|(place, _)| starts[place + 2] += 1);
        for place in 2..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut numbers = vec![0; servers.domains()];
        for (place, number) in known() {
            let next = &mut starts[place + 1];
            numbers[*next as usize] = number;
            *next += 1;
        }
        Self { servers, mail_domains, starts, numbers }
    }

    /// The numbers of the mail domains with data at the judged domain at this place.
    pub(crate) fn at(&self, place: usize) -> &[u32] {
        match self.starts.get(place..place + 2) {
            Some([start, end]) => &self.numbers[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// When the oldest data about some mail domains were seen; none if some have no date.
    pub(crate) fn seen_at(&self, numbers: &[u32]) -> Option<Moment> {
        let sets = numbers.iter().filter_map(|number| self.servers.at(*number as usize));
        sets.map(|set| set.seen_at).min().flatten()
    }

    /// The list of servers of a mail domain, if all mail domains with it have the same: none of them in itself.
    pub(crate) fn shared_list(&self, number: u32) -> Option<u32> {
        let list = self.servers.at(number as usize)?.list;
        (!self.servers.has_hosts_within(list)).then_some(list)
    }

    /// Appends the names of the hosts of some mail domains, sorted, each once. Returns their places.
    pub(crate) fn push_hosts(&self, numbers: &[u32], names: &mut HostNames) -> Range<usize> {
        match *numbers {
            [number] => {
                let (set, name) =
                    (self.servers.at(number as usize), &self.mail_domains[number as usize].name);
                let records = set.iter().flat_map(|set| self.servers.records(set));
                self.servers.push_sorted(records, name, names)
            }
            _ => names.extend(self.hosts(numbers).iter().map(|host| &**host)),
        }
    }

    /// The names of the hosts of some mail domains, sorted, each once.
    pub(crate) fn hosts(&self, numbers: &[u32]) -> Vec<Cow<'a, str>> {
        let of = |number: &u32| {
            let (set, mail_domain) =
                (self.servers.at(*number as usize)?, &self.mail_domains[*number as usize]);
            Some(self.servers.host_names(self.servers.lists().get(set.list), &mail_domain.name))
        };
        let mut hosts: Vec<Cow<'a, str>> = numbers.iter().filter_map(of).flatten().collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }
}
