//! How many domains and accounts depend on each domain of servers.
//!
//! The accounts of all domains that share a set are added up first, then the sum goes to each domain of servers in the set:
//! so a domain with several servers in one of them counts once for it, and one with servers in two counts for both.

use hashbrown::HashMap;

use super::{ServerKind, Servers, UNUSED};
use crate::assess::judged::JudgedDomain;
use crate::assess::tally::DomainTally;
use crate::assess::verdict::{Action, Risk};

/// Domains with their accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Dependents {
    /// Judged domains.
    pub(crate) domains: u64,
    /// Their accounts.
    pub(crate) accounts: u64,
    /// Domains whose accounts have a weight.
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
    /// The worst verdict on those that are registered, and at risk through a server of theirs.
    pub(crate) worst: Option<(Risk, Action)>,
}

/// What depends on the servers of a run.
#[derive(Debug, Default)]
pub(crate) struct ServerCounts {
    /// The domains of servers: those that expose most accounts first, then those that serve most.
    pub(crate) rows: Vec<ServerCount>,
    /// The domains that are exposed through any of them, each once.
    pub(crate) exposed: Dependents,
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
    /// Counts what depends on each domain of servers. `tallies` has one entry for each of the judged domains.
    pub(crate) fn count(&self, judged: &[JudgedDomain<'_>], tallies: &[DomainTally]) -> ServerCounts {
        let is_open: Vec<bool> =
            self.domains.iter().map(|domain| self.verdict(domain, judged).is_open()).collect();
        let mut by_set = vec![Dependents::default(); self.starts.len().saturating_sub(1)];
        for (set, tally) in self.sets.iter().zip(tallies) {
            by_set[*set as usize].add(Dependents::of(tally));
        }
        let none = Dependents::default();
        let count =
            |domain| ServerCount { kind: ServerKind::Name, domain, served: none, exposed: none, worst: None };
        let mut counts: Vec<ServerCount> = (0..self.domains.len() as u32).map(count).collect();
        let mut all = Dependents::default();
        for (set, dependents) in by_set.iter().enumerate().filter(|(_, set)| set.domains > 0) {
            let members = self.members(set as u32);
            members.iter().for_each(|member| counts[*member as usize].served.add(*dependents));
            let exposing = self.exposing(members, &is_open);
            exposing.iter().for_each(|domain| counts[*domain as usize].exposed.add(*dependents));
            if !exposing.is_empty() {
                all.add(*dependents);
            }
        }
        self.leave_out_themselves(tallies, &is_open, &mut counts, &mut all);
        self.note_worst(judged, &is_open, &mut counts);
        counts.retain(|count| !self.domains[count.domain as usize].is_public_suffix);
        counts.sort_unstable_by(|a, b| {
            let name = |count: &ServerCount| self.domains[count.domain as usize].name;
            let order = |count: &ServerCount| (count.exposed.accounts, count.served.accounts);
            order(b)
                .cmp(&order(a))
                .then_with(|| (a.kind, name(a), a.domain).cmp(&(b.kind, name(b), b.domain)))
        });
        ServerCounts { rows: counts, exposed: all }
    }

    /// The domains whose registration hands over whatever has servers in these: those among them that are open, and the
    /// causes further along the chain.
    fn exposing(&self, members: &[u32], is_open: &[bool]) -> Vec<u32> {
        let of = |member: &u32| {
            let own = is_open[*member as usize].then_some(*member);
            own.into_iter().chain(self.domains[*member as usize].cause)
        };
        let mut exposing: Vec<u32> = members.iter().flat_map(of).collect();
        exposing.sort_unstable();
        exposing.dedup();
        exposing
    }

    /// Takes from each domain of servers what it counted for itself.
    fn leave_out_themselves(
        &self,
        tallies: &[DomainTally],
        is_open: &[bool],
        counts: &mut [ServerCount],
        all: &mut Dependents,
    ) {
        for (number, domain) in self.domains.iter().enumerate().filter(|(_, it)| it.judged != UNUSED) {
            let place = domain.judged as usize;
            let members = self.members(self.sets[place]);
            let exposing = self.exposing(members, is_open);
            let own = Dependents::of(&tallies[place]);
            let number = number as u32;
            let count = &mut counts[number as usize];
            if members.contains(&number) {
                count.served.take(own);
            }
            if exposing.contains(&number) {
                count.exposed.take(own);
                if exposing.len() == 1 {
                    all.take(own);
                }
            }
        }
    }

    /// Notes the worst verdict on the domains that each open domain exposes.
    fn note_worst(&self, judged: &[JudgedDomain<'_>], is_open: &[bool], counts: &mut [ServerCount]) {
        let open = self.domains.iter().zip(0..).filter(|(_, number)| is_open[*number]);
        let open: HashMap<&str, usize> = open.map(|(domain, number)| (domain.name, number)).collect();
        for domain in judged.iter().filter(|domain| domain.is_raised_by_servers()) {
            let found = (domain.verdict.risk, domain.verdict.action);
            for number in domain.hijackable_name_servers().iter().filter_map(|server| open.get(server.domain))
            {
                let worst = counts[*number].worst.get_or_insert(found);
                *worst = (worst.0.max(found.0), worst.1.max(found.1));
            }
        }
    }
}
