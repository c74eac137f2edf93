//! The second door: a stranger who registers the domain of a name server answers for every domain it serves.
//!
//! A domain can be *taken over* if others can register it now (`available`, `absent`), or if its servers are in
//! domains that can be taken over; wholly if all of them are. That goes along chains of any length. In a cycle nothing can
//! be taken over unless something in it can be registered. Servers in the domain itself are found through glue and
//! are no risk by themselves. Servers in a domain about which nothing is known are no finding.
//!
//! [`super::exposure`] follows the chains, for the domains of name servers alone. This module says what they add to a
//! verdict.
//!
//! Sources: SSAC Advisory SAC125; Akiwate et al., "Risky BIZness", IMC 2021.

use super::exposure::{Exposure, Graph, Kind, Share};
use super::judged::{HijackableServer, JudgedDomain};
use super::private::choose_candidate;
use super::raises::{EVERY_SERVER, SERVER_SOON, SOME_SERVER};
use super::reason_set::ReasonSet;
use super::survey::{Host, Survey};
use super::verdict::{Raise, State};

/// The exposures of all domains of a survey.
#[derive(Debug)]
pub(crate) struct Exposures<'s, 'a> {
    survey: &'s Survey<'a>,
    judged: &'s [JudgedDomain<'a>],
    /// The places of the domains of name servers, sorted.
    serving: Vec<u32>,
    /// For each host the domain that decides about it: its place in `serving`.
    domain_of: Vec<u32>,
    /// For each domain of a name server what it is exposed to, itself included.
    taken: Vec<Exposure>,
    /// For each set of name servers whether anything can happen through one of them.
    is_set_exposed: Vec<bool>,
}

impl<'s, 'a> Exposures<'s, 'a> {
    /// Traces the chains; `judged` are the names of the survey one by one.
    pub(crate) fn trace(survey: &'s Survey<'a>, judged: &'s [JudgedDomain<'a>]) -> Self {
        let choose = |host: &Host<'a>| choose_candidate(host.candidates, judged).0;
        let places: Vec<u32> = survey.hosts.iter().map(choose).collect();
        let mut serving = places.clone();
        serving.sort_unstable();
        serving.dedup();
        let node_of = |place: &u32| serving.binary_search(place).unwrap_or_default() as u32;
        let domain_of: Vec<u32> = places.iter().map(node_of).collect();
        let node = |place: &u32| {
            let domain = &judged[*place as usize];
            let kind = match domain.verdict.state {
                State::Available => Kind::Available,
                State::Absent => Kind::Absent,
                State::Redemption | State::PendingDelete => Kind::Soon,
                _ => Kind::Held,
            };
            (domain.name, kind)
        };
        let servers = |node: u32| {
            let place = serving[node as usize] as usize;
            survey.sets.members(survey.servers[place]).iter()
        };
        let hosts = &domain_of;
        let graph = Graph::new(serving.iter().map(node).collect(), |node| {
            servers(node).map(move |host| hosts[*host as usize])
        });
        let taken = graph.exposures();
        let is_exposed = |host: &u32| {
            let taken = &taken[domain_of[*host as usize] as usize];
            taken.share != Share::None || taken.soon
        };
        let is_set_exposed =
            (0..survey.sets.len()).map(|set| survey.sets.members(set).iter().any(is_exposed)).collect();
        Self { survey, judged, serving, domain_of, taken, is_set_exposed }
    }

    /// What is known of the domains of name servers as such.
    pub(crate) fn into_serving(self) -> ServingDomains {
        let causes = self.taken.iter().map(|taken| taken.cause).collect();
        ServingDomains { places: self.serving, domain_of: self.domain_of, causes }
    }

    /// The servers of a domain, with what their domains are exposed to; one in the domain itself adds nothing.
    fn servers(&self, place: u32) -> impl Iterator<Item = (&'a str, Exposure)> {
        let servers = self.survey.sets.members(self.survey.servers[place as usize]);
        servers.iter().map(move |host| {
            let domain = self.domain_of[*host as usize] as usize;
            let taken = if self.serving[domain] == place { Exposure::default() } else { self.taken[domain] };
            (self.survey.hosts[*host as usize].name, taken)
        })
    }

    /// What a domain is exposed to through its servers alone.
    fn through_servers(&self, place: u32) -> Exposure {
        let mut exposure = Exposure::default();
        let mut whole = true;
        for (_, taken) in self.servers(place) {
            whole &= taken.share == Share::Every;
            exposure.share = exposure.share.max(taken.share.min(Share::Some));
            exposure.not_found |= taken.not_found;
            exposure.soon |= taken.soon;
        }
        if whole && exposure.share == Share::Some {
            exposure.share = Share::Every;
        }
        exposure
    }

    /// What the servers of a domain add to its verdict; nothing if there is nothing to fear.
    pub(crate) fn finding(&self, place: u32) -> Option<Finding<'a>> {
        // nearly all sets are out of danger, whichever domain has them
        if !self.is_set_exposed[self.survey.servers[place as usize] as usize] {
            return None;
        }
        let exposure = self.through_servers(place);
        if exposure.share == Share::None && !exposure.soon {
            return None;
        }
        let now = match exposure.share {
            Share::None => None,
            Share::Some => Some(SOME_SERVER),
            Share::Every => Some(EVERY_SERVER),
        };
        let mut raise = Raise::NONE;
        let mut reasons = ReasonSet::EMPTY;
        for rule in now.into_iter().chain(exposure.soon.then_some(SERVER_SOON)) {
            raise.add(rule.raise(exposure.not_found));
            reasons.insert(rule.reason);
        }
        let blamed = self.servers(place).filter_map(|(host, taken)| {
            let cause = &self.judged[self.serving[taken.cause? as usize] as usize];
            let state = cause.verdict.state;
            let source = match (state, cause.evidence.zone.presence == Some(false)) {
                (State::Absent, _) => "zone",
                (_, true) => "zone+rdap",
                (_, false) => "rdap",
            };
            Some(HijackableServer { host, domain: cause.name, state, source })
        });
        Some(Finding { raise, reasons, servers: blamed.collect() })
    }
}

/// The domains of name servers, without what was judged.
#[derive(Debug)]
pub(crate) struct ServingDomains {
    /// Their places in the survey, sorted.
    pub(super) places: Vec<u32>,
    /// For each host the domain that decides about it: its place in `places`.
    pub(super) domain_of: Vec<u32>,
    /// For each domain the one to register if something can happen through it: its place in `places`.
    pub(super) causes: Vec<Option<u32>>,
}

/// What was found among the servers of a domain.
#[derive(Debug)]
pub(crate) struct Finding<'a> {
    /// What it adds.
    pub(crate) raise: Raise,
    /// And why.
    pub(crate) reasons: ReasonSet,
    /// The servers to blame.
    pub(crate) servers: Box<[HijackableServer<'a>]>,
}
