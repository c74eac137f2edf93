//! Judged domains with mail servers in themselves.
//!
//! With MX data of many mail domains most domains of mail servers are of this kind: a domain has its own servers, and serves
//! nobody else. So a domain of which nothing else depends is not kept as a domain of servers, but by its place among the judged
//! ones; its row is made when it is written. Its servers add nothing to what is exposed, because the verdict on it says
//! that.

use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::{ServerDomain, ServerKind, Servers, UNUSED};
use crate::assess::judge::MailVerdict;
use crate::assess::judged::JudgedDomain;
use crate::mail::{HostNames, MxHost, MxRecord};

/// The judged domains of this kind.
#[derive(Debug, Default)]
pub(super) struct OwnMail {
    /// For each judged domain the mail domain with the servers, [`UNUSED`] or [`SEVERAL`]. Empty if there are none at all.
    mail_domains: Vec<u32>,
    /// The places of those with one, sorted.
    pub(super) places: Vec<u32>,
}

/// Several mail domains at a judged domain have servers in themselves.
const SEVERAL: u32 = UNUSED - 1;

impl<'a> Servers<'a> {
    /// Finds them among the judged domains.
    pub(super) fn add_own_mail(&mut self, mail: &[MailVerdict], judged: &[JudgedDomain<'a>]) {
        let lists = self.mail.lists();
        let is_within: Vec<bool> =
            (0..lists.len() as u32).map(|list| self.mail.has_hosts_within(list)).collect();
        if !is_within.contains(&true) {
            return;
        }
        let mut own = vec![UNUSED; judged.len()];
        for domain in self.domains.iter().filter(|domain| domain.judged != UNUSED) {
            own[domain.judged as usize] = SEVERAL;
        }
        let mut shared: Vec<(u32, u32)> = Vec::new();
        for (number, mail) in (0..).zip(mail) {
            if !self.mail_list(number).is_some_and(|list| is_within[list as usize]) {
                continue;
            }
            let kept = &mut own[mail.domain as usize];
            match *kept {
                UNUSED => *kept = number,
                SEVERAL => shared.push((mail.domain, number)),
                first => {
                    shared.extend([(mail.domain, first), (mail.domain, number)]);
                    *kept = SEVERAL;
                }
            }
        }
        let is_one = |(place, number): (u32, &u32)| (*number < SEVERAL).then_some(place);
        let places = (0..).zip(&own).filter_map(is_one).collect();
        self.own = OwnMail { mail_domains: own, places };
        self.add_shared(&shared, judged);
    }

    /// Adds the servers of mail domains in themselves where others have some, or several mail domains do: judged domains
    /// and mail domains.
    fn add_shared(&mut self, shared: &[(u32, u32)], judged: &[JudgedDomain<'a>]) {
        let places = self.domains.iter().zip(0..).map(|(domain, number)| (domain.judged, number));
        let mut numbers: HashMap<u32, u32, FixedState> =
            places.filter(|(place, _)| *place != UNUSED).collect();
        let mut fresh: HashMap<u32, HashSet<Cow<'a, str>, FixedState>, FixedState> = HashMap::default();
        for (place, mail_domain) in shared {
            let number = *numbers.entry(*place).or_insert_with(|| {
                self.domains.push(ServerDomain::of(&judged[*place as usize], *place, None));
                self.domains.len() as u32 - 1
            });
            let within = self.hosts_within(*mail_domain).copied().collect::<Vec<MxRecord>>();
            let name = &self.mail_domains[*mail_domain as usize].name;
            let names = self.mail.host_names(&within, name).map(|name| Cow::Owned(name.into_owned()));
            fresh.entry(number).or_default().extend(names);
        }
        // those that others name in full are there already
        for (host, domain) in self.mail.hosts().iter().zip(&self.mail_domain_of) {
            if let Some(names) = fresh.get_mut(domain) {
                names.remove(host.as_str());
            }
        }
        for (number, names) in fresh {
            let hosts = &mut self.domains[number as usize].hosts[ServerKind::Mail as usize];
            names.into_iter().for_each(|name| hosts.add(name));
        }
    }

    /// The records of a mail domain with hosts in itself.
    fn hosts_within(&self, mail_domain: u32) -> impl Iterator<Item = &'a MxRecord> {
        let records = self.mail.at(mail_domain as usize).map(|set| self.mail.lists().get(set.list));
        records.into_iter().flatten().filter(|record| matches!(record.host, MxHost::Within(_)))
    }

    /// The mail domain with servers in the judged domain at a place, if nothing else has servers there.
    pub(crate) fn own_mail_domain(&self, place: usize) -> Option<u32> {
        self.own.mail_domains.get(place).copied().filter(|number| *number < SEVERAL)
    }

    /// The place among the judged domains of a domain of servers that is not kept, by its number.
    pub(super) fn place_of_own(&self, domain: u32) -> Option<u32> {
        let number = (domain as usize).checked_sub(self.domains.len())?;
        self.own.places.get(number).copied()
    }

    /// How many mail servers the judged domain at a place has in itself.
    pub(super) fn own_hosts(&self, place: u32) -> u32 {
        self.own_mail_domain(place as usize).map_or(0, |number| self.hosts_within(number).count() as u32)
    }

    /// Appends the names of these, sorted.
    pub(super) fn push_own_hosts(&self, place: u32, names: &mut HostNames) {
        if let Some(number) = self.own_mail_domain(place as usize) {
            let name = &self.mail_domains[number as usize].name;
            self.mail.push_sorted(self.hosts_within(number), name, names);
        }
    }
}
