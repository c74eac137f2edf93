//! How many domains and accounts depend on each domain of servers.
//!
//! What shares a set of servers is added up first, then the sum goes to each domain of servers in the set: so a domain
//! with several servers in one of them counts once for it, and one with servers in two counts for both.

use std::collections::BTreeMap;

use super::{ServerDomain, ServerGroups, ServerKind, Servers, UNUSED};
use crate::assess::judge::Judgement;
use crate::assess::judged::JudgedDomain;
use crate::assess::tally::{DomainTally, Tally};
use crate::assess::verdict::{Action, Risk, Verdict};

/// Domains with their accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Dependents {
    /// Judged domains.
    pub(crate) domains: u64,
    /// Their accounts.
    pub(crate) accounts: u64,
    /// How often accounts with a weight were added.
    weighted: u64,
    weight: i128,
}

/// What depends on one domain of servers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerCount {
    /// What the servers do.
    pub(crate) kind: ServerKind,
    /// Its number among the domains of servers.
    pub(crate) domain: u32,
    /// The domains with a server in it.
    pub(crate) served: Dependents,
    /// Those that a registration of it hands over.
    pub(crate) exposed: Dependents,
    /// The worst verdict that it causes: on those that are registered, and at mail domains below any.
    pub(crate) worst: Option<(Risk, Action)>,
}

/// What depends on the servers of a run.
#[derive(Debug)]
pub(crate) struct ServerCounts {
    /// The domains of servers: those that expose most accounts first, then those that serve most. Those with mail servers in
    /// themselves that serve nobody else are left out.
    pub(crate) rows: Vec<ServerCount>,
    /// How many of these there are.
    pub(crate) own: usize,
    /// For each kind of server what is exposed through any of them, each once.
    pub(crate) exposed: [Dependents; 2],
}

impl Dependents {
    fn of(tally: &DomainTally) -> Self {
        let weight = tally.weight;
        let (weighted, weight) = (u64::from(weight.is_some()), i128::from(weight.unwrap_or_default()));
        Self { domains: 1, accounts: tally.accounts, weighted, weight }
    }

    fn add(&mut self, other: Self) {
        self.domains += other.domains;
        self.accounts += other.accounts;
        self.weighted += other.weighted;
        self.weight += other.weight;
    }

    fn take(&mut self, other: Self) {
        self.domains -= other.domains;
        self.accounts -= other.accounts;
        self.weighted -= other.weighted;
        self.weight -= other.weight;
    }

    /// The sum of the weights of the accounts; none if no account has one.
    pub(crate) fn weight(&self) -> Option<i64> {
        let most = |weight: i128| if weight < 0 { i64::MIN } else { i64::MAX };
        (self.weighted > 0).then(|| i64::try_from(self.weight).unwrap_or_else(|_| most(self.weight)))
    }
}

impl Servers<'_> {
    /// Counts what depends on each domain of servers.
    pub(crate) fn count(&self, judgement: &Judgement<'_>, tally: &Tally) -> ServerCounts {
        let strongest = |domain: &ServerDomain<'_>| domain.verdict(&judgement.domains).strongest_action();
        let strongest: Vec<Option<Action>> = self.domains.iter().map(strongest).collect();
        let mut names = KindCount::new(self, ServerKind::Name, &strongest);
        names.add_name_servers(&tally.domains);
        names.note_name_servers(judgement);
        let mut mail = KindCount::new(self, ServerKind::Mail, &strongest);
        mail.add_mail_servers(judgement, tally);
        mail.note_mail_servers(judgement);
        let exposed = [names.all, mail.all];
        let has_row = |row: &ServerCount| {
            let domain = &self.domains[row.domain as usize];
            let is_met = domain.hosts[row.kind as usize].count > 0 || row.exposed.domains > 0;
            !domain.is_public_suffix && is_met
        };
        names.counts.retain(has_row);
        mail.counts.retain(has_row);
        let mut rows = names.counts;
        rows.append(&mut mail.counts);
        // most come in the order of their names, which this kind of sorting makes use of
        rows.sort_by(|a, b| {
            let most = |row: &ServerCount| (row.exposed.accounts, row.served.accounts);
            let name = |row: &ServerCount| (row.kind, self.domains[row.domain as usize].name, row.domain);
            most(b).cmp(&most(a)).then_with(|| name(a).cmp(&name(b)))
        });
        ServerCounts { rows, own: self.own.places.len(), exposed }
    }
}

impl ServerCounts {
    /// All domains of servers in their order.
    pub(crate) fn all<'s>(
        &'s self,
        servers: &'s Servers<'_>,
        judged: &'s [JudgedDomain<'_>],
    ) -> impl Iterator<Item = ServerCount> {
        // nothing depends on those left out: they come last, by name, with others of this kind
        let is_before = |row: &ServerCount| {
            row.kind == ServerKind::Name || row.exposed.accounts > 0 || row.served.accounts > 0
        };
        let (head, tail) = self.rows.split_at(self.rows.partition_point(is_before));
        let first = servers.domains.len() as u32;
        let own = (first..first + self.own as u32).map(|domain| ServerCount::none(ServerKind::Mail, domain));
        let (mut tail, mut own) = (tail.iter().copied().peekable(), own.peekable());
        let name = |row: &ServerCount| servers.name(row.domain, judged);
        let merged = std::iter::from_fn(move || match (tail.peek(), own.peek()) {
            (Some(row), Some(other)) if name(row) > name(other) => own.next(),
            (Some(_), _) => tail.next(),
            (None, _) => own.next(),
        });
        head.iter().copied().chain(merged)
    }
}

impl ServerCount {
    /// Nothing depends on a domain.
    fn none(kind: ServerKind, domain: u32) -> Self {
        let none = Dependents::default();
        Self { kind, domain, served: none, exposed: none, worst: None }
    }
}

/// Counts for the servers of one kind.
struct KindCount<'s, 'a> {
    servers: &'s Servers<'a>,
    /// For each domain of servers the strongest action that it can cause; none if nobody can register it.
    strongest: &'s [Option<Action>],
    /// For each domain of servers.
    counts: Vec<ServerCount>,
    /// What is exposed, each once.
    all: Dependents,
}

impl<'s, 'a> KindCount<'s, 'a> {
    fn new(servers: &'s Servers<'a>, kind: ServerKind, strongest: &'s [Option<Action>]) -> Self {
        let counts = (0..servers.domains.len() as u32).map(|domain| ServerCount::none(kind, domain));
        Self { servers, strongest, counts: counts.collect(), all: Dependents::default() }
    }

    fn is_open(&self, number: u32) -> bool {
        self.strongest[number as usize].is_some()
    }

    fn exposing(&self, members: &[u32]) -> Vec<u32> {
        self.servers.exposing(members, |number| self.is_open(number))
    }

    /// Adds what shares each set.
    fn add_sets(&mut self, groups: &ServerGroups, sums: &[Dependents]) {
        for (set, sum) in sums.iter().enumerate().filter(|(_, sum)| sum.domains > 0) {
            let members = groups.members(set as u32);
            let exposing = self.exposing(members);
            self.add_to(members, &exposing, *sum);
        }
    }

    /// Adds what has servers in some domains, and is exposed through some.
    fn add_to(&mut self, members: &[u32], exposing: &[u32], sum: Dependents) {
        members.iter().for_each(|member| self.counts[*member as usize].served.add(sum));
        exposing.iter().for_each(|domain| self.counts[*domain as usize].exposed.add(sum));
        if !exposing.is_empty() {
            self.all.add(sum);
        }
    }

    fn add_name_servers(&mut self, tallies: &[DomainTally]) {
        let servers = self.servers;
        let mut sums = vec![Dependents::default(); servers.name_sets.len()];
        for (set, tally) in servers.name_set_of.iter().zip(tallies) {
            sums[*set as usize].add(Dependents::of(tally));
        }
        self.add_sets(&servers.name_sets, &sums);
        // what a domain of servers counted for itself does not count
        for (number, domain) in (0..).zip(&servers.domains).filter(|(_, domain)| domain.judged != UNUSED) {
            let place = domain.judged as usize;
            let members = servers.name_sets.members(servers.name_set_of[place]);
            let exposing = self.exposing(members);
            let own = Dependents::of(&tallies[place]);
            let count = &mut self.counts[number as usize];
            if members.contains(&number) {
                count.served.take(own);
            }
            if exposing.contains(&number) {
                count.exposed.take(own);
                if exposing.len() == 1 {
                    self.all.take(own);
                }
            }
        }
    }

    fn add_mail_servers(&mut self, judgement: &Judgement<'_>, tally: &Tally) {
        let servers = self.servers;
        let mut has_servers = vec![false; judgement.domains.len()];
        for domain in servers.domains.iter().filter(|domain| domain.judged != UNUSED) {
            has_servers[domain.judged as usize] = true;
        }
        let mut sums = vec![Dependents::default(); servers.mail_lists.len()];
        let mut apart = Vec::new();
        for (number, (is_alone, mail)) in (0..).zip(servers.is_alone.iter().zip(&judgement.mail)) {
            let Some(list) = servers.mail_list(number) else { continue };
            if *is_alone && !has_servers[mail.domain as usize] {
                sums[list as usize].add(Dependents::of(&tally.domains[mail.domain as usize]));
            } else if !*is_alone || !self.is_in_itself(mail.domain, list) {
                let accounts = tally.apart.get(&number).unwrap_or(&tally.domains[mail.domain as usize]);
                apart.push((mail.domain, number, list, Dependents::of(accounts)));
            }
        }
        self.add_sets(&servers.mail_lists, &sums);
        apart.sort_unstable_by_key(|(domain, number, ..)| (*domain, *number));
        for mail_domains in apart.chunk_by(|(one, ..), (other, ..)| one == other) {
            self.add_domain(mail_domains);
        }
    }

    /// Whether all servers of a list are in the judged domain at `place`.
    fn is_in_itself(&self, place: u32, list: u32) -> bool {
        let members = self.servers.mail_lists.members(list);
        members.iter().all(|number| self.servers.domains[*number as usize].judged == place)
    }

    /// Adds a judged domain with several mail domains, or one that has servers itself.
    fn add_domain(&mut self, mail_domains: &[(u32, u32, u32, Dependents)]) {
        if let [(domain, _, list, accounts)] = mail_domains {
            let (members, exposing) = self.mail_servers_of(*domain, *list);
            self.add_to(&members, &exposing, *accounts);
            return;
        }
        let (mut served, mut exposed) = (BTreeMap::new(), BTreeMap::new());
        let mut all = Dependents::default();
        for (domain, _, list, accounts) in mail_domains {
            let (members, exposing) = self.mail_servers_of(*domain, *list);
            for member in members {
                add_once(served.entry(member).or_default(), *accounts);
            }
            if !exposing.is_empty() {
                add_once(&mut all, *accounts);
            }
            for number in exposing {
                add_once(exposed.entry(number).or_default(), *accounts);
            }
        }
        served.into_iter().for_each(|(number, sum)| self.counts[number as usize].served.add(sum));
        exposed.into_iter().for_each(|(number, sum)| self.counts[number as usize].exposed.add(sum));
        self.all.add(all);
    }

    fn mail_servers_of(&self, place: u32, list: u32) -> (Vec<u32>, Vec<u32>) {
        self.servers.mail_servers_of(place, list, |number| self.is_open(number))
    }

    /// Notes a verdict on what a domain exposes. Of several servers each answers for what it can cause alone.
    fn note(&mut self, number: usize, verdict: &Verdict) {
        let Some(strongest) = self.strongest[number] else { return };
        let action = verdict.action.min(strongest);
        let worst = self.counts[number].worst.get_or_insert((verdict.risk, action));
        *worst = (worst.0.max(verdict.risk), worst.1.max(action));
    }

    /// Notes the worst verdict on the domains that each open domain exposes.
    fn note_name_servers(&mut self, judgement: &Judgement<'_>) {
        let servers = self.servers;
        for (set, (place, domain)) in servers.name_set_of.iter().zip((0..).zip(&judgement.domains)) {
            if domain.hijackable_name_servers().is_empty() || !domain.verdict.can_be_raised_by_servers() {
                continue;
            }
            let is_other = |number: &u32| servers.domains[*number as usize].judged != place;
            for number in self.exposing(servers.name_sets.members(*set)).into_iter().filter(is_other) {
                self.note(number as usize, &domain.verdict);
            }
        }
    }

    fn note_mail_servers(&mut self, judgement: &Judgement<'_>) {
        for number in judgement.raised_by_mail_servers() {
            let place = judgement.mail[number].domain;
            let verdict = judgement.mail_verdict(number, place);
            let Some(list) = self.servers.mail_list(number as u32) else { continue };
            // where the domain itself is in danger, only what its own row does not say
            let domain = &judgement.domains[place as usize].verdict;
            let is_more = (verdict.risk, verdict.action) > (domain.risk, domain.action);
            if verdict.decided.is_some() || !(is_more || verdict.can_be_raised_by_servers()) {
                continue;
            }
            for number in self.mail_servers_of(place, list).1 {
                self.note(number as usize, &verdict);
            }
        }
    }
}

/// Adds the accounts of a mail domain to those of others at the same judged domain, which counts once.
fn add_once(sum: &mut Dependents, accounts: Dependents) {
    sum.add(accounts);
    sum.domains = 1;
}
