//! The domains of servers behind one mail domain, for whoever keeps the rows of accounts and counts them elsewhere.
//!
//! Added up over all accounts of a night, they are what [`super::count`] counts: the same domains serve, the same expose.
//! Where a mail domain may be registered under two names, and its accounts are judged by both, its mail servers are those of
//! one judged domain, for all of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{ServerKind, ServerVerdict, Servers};
use crate::assess::judge::Judgement;
use crate::mail::MxHost;

/// A domain of servers behind a mail domain.
#[derive(Debug)]
pub(crate) struct ServerLink<'j> {
    /// What the servers do.
    pub(crate) kind: ServerKind,
    /// The domain to register.
    pub(crate) domain: &'j str,
    /// The servers in it, sorted; none if it is further along the chain.
    pub(crate) hosts: Vec<Cow<'j, str>>,
    /// Whether it has servers, and is another domain than the judged one (for mail servers: that of the mail domain).
    pub(crate) serves: bool,
    /// Whether its registration hands over the mail domain, now or soon.
    pub(crate) exposes: bool,
    /// What was judged of it.
    pub(crate) verdict: ServerVerdict,
}

/// The servers in each domain, by its number or, without one, in the judged domain itself.
type Hosts<'j> = BTreeMap<Option<u32>, Vec<Cow<'j, str>>>;

impl Servers<'_> {
    /// The domains of servers behind the mail domain `number`, for accounts that have the verdict of the judged domain at
    /// `place`: those of name servers, then those of mail servers, each by name.
    pub(crate) fn links<'j>(
        &'j self,
        judgement: &'j Judgement<'_>,
        number: u32,
        place: u32,
    ) -> Vec<ServerLink<'j>> {
        let mut links = self.name_links(judgement, place);
        links.append(&mut self.mail_links(judgement, number));
        links.sort_unstable_by_key(|link| (link.kind, link.domain));
        links
    }

    fn name_links<'j>(&'j self, judgement: &'j Judgement<'_>, place: u32) -> Vec<ServerLink<'j>> {
        let set = self.name_set_of[place as usize];
        let mut hosts = Hosts::new();
        for host in self.name_servers.members(set) {
            let domain = self.name_domain_of[*host as usize];
            hosts.entry(Some(domain)).or_default().push(Cow::Borrowed(self.name_servers.host(*host)));
        }
        let exposing = self.exposing(self.name_sets.members(set), |number| self.is_open(number, judgement));
        self.links_of(ServerKind::Name, hosts, &exposing, judgement, place)
    }

    fn mail_links<'j>(&'j self, judgement: &'j Judgement<'_>, number: u32) -> Vec<ServerLink<'j>> {
        let Some(list) = self.mail_list(number) else { return Vec::new() };
        let place = judgement.mail[number as usize].domain;
        let mail_domain = &self.mail_domains[number as usize].name;
        let mut hosts = Hosts::new();
        for record in self.mail.lists().get(list) {
            let domain = match record.host {
                MxHost::Named(host) => Some(self.mail_domain_of[host as usize]),
                MxHost::Within(_) => None,
                MxHost::Null | MxHost::Address | MxHost::Malformed => continue,
            };
            let domain = domain.filter(|domain| self.domains[*domain as usize].judged != place);
            let names = self.mail.host_names(std::slice::from_ref(record), mail_domain);
            hosts.entry(domain).or_default().extend(names);
        }
        let (_, exposing) = self.mail_servers_of(place, list, |number| self.is_open(number, judgement));
        self.links_of(ServerKind::Mail, hosts, &exposing, judgement, place)
    }

    /// Servers by their domains, and the domains that expose without a server. `exposing` is sorted.
    fn links_of<'j>(
        &'j self,
        kind: ServerKind,
        mut hosts: Hosts<'j>,
        exposing: &[u32],
        judgement: &'j Judgement<'_>,
        place: u32,
    ) -> Vec<ServerLink<'j>> {
        for domain in exposing {
            hosts.entry(Some(*domain)).or_default();
        }
        let judged = &judgement.domains;
        let own = &judged[place as usize];
        let link = |(number, mut hosts): (Option<u32>, Vec<Cow<'j, str>>)| {
            hosts.sort_unstable();
            hosts.dedup();
            let (mut serves, mut exposes) = (false, false);
            let (domain, verdict, is_public_suffix) = match number {
                Some(number) => {
                    let domain = &self.domains[number as usize];
                    let is_other = domain.judged != place;
                    serves = is_other && !hosts.is_empty();
                    exposes = is_other && exposing.binary_search(&number).is_ok();
                    (domain.name, domain.verdict(judged), domain.is_public_suffix)
                }
                None => (own.name, ServerVerdict::of(own.verdict_below()), own.is_public_suffix()),
            };
            // a public suffix cannot be registered, and a chain that leads back to its start is no link
            let is_link = !is_public_suffix && (exposes || !hosts.is_empty());
            is_link.then_some(ServerLink { kind, domain, hosts, serves, exposes, verdict })
        };
        hosts.into_iter().filter_map(link).collect()
    }

    /// Whether others can register a domain of servers, now or soon.
    fn is_open(&self, number: u32, judgement: &Judgement<'_>) -> bool {
        self.domains[number as usize].verdict(&judgement.domains).strongest_action().is_some()
    }
}
