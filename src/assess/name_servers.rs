//! The second door: whoever registers the domain of a name server answers for every domain it serves.
//!
//! A domain is *takable* if others can register it now (`available`, `absent`), or if servers of it lie in
//! takable domains, wholly if all of them do. That runs along chains of any length; in a cycle nothing is takable
//! unless something in it can be registered. Servers that lie in the domain itself are found through glue and
//! are no risk by themselves. Servers in a domain of which nothing is known are no finding.
//!
//! How it runs along chains is worked out in [`super::exposure`], for the domains of name servers alone; what they add to
//! a verdict is told here.
//!
//! Sources: SSAC Advisory SAC125; Akiwate et al., "Risky BIZness", IMC 2021.

use super::exposure::{Exposure, Graph, Kind, Share};
use super::judged::{HijackableServer, JudgedDomain};
use super::private::stands;
use super::raises::{EVERY_SERVER, SERVER_SOON, SOME_SERVER};
use super::reason::Reason;
use super::survey::{Host, Survey};
use super::verdict::{Raise, State};

/// The exposures of all domains of a survey.
#[derive(Debug)]
pub struct Exposures<'s, 'a> {
    survey: &'s Survey<'a>,
    judged: &'s [JudgedDomain<'a>],
    /// The places of the domains of name servers, sorted.
    serving: Vec<u32>,
    /// For each host its domain, that whose verdict stands for it: where it is among `serving`.
    domain_of: Vec<u32>,
    /// For each domain of a name server what it is exposed to, itself included.
    taken: Vec<Exposure>,
}

impl<'s, 'a> Exposures<'s, 'a> {
    /// Traces the chains; `judged` are the names of the survey one by one.
    pub fn trace(survey: &'s Survey<'a>, judged: &'s [JudgedDomain<'a>]) -> Self {
        let stand = |host: &Host<'a>| stands(host.candidates, judged).0;
        let places: Vec<u32> = survey.hosts.iter().map(stand).collect();
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
        let servers = |node: u32| survey.names[serving[node as usize] as usize].servers.iter();
        let hosts = &domain_of;
        let graph = Graph::new(serving.iter().map(node).collect(), |node| {
            servers(node).map(move |host| hosts[*host as usize])
        });
        let taken = graph.exposures();
        Self { survey, judged, serving, domain_of, taken }
    }

    /// The servers of a domain, with what their domains are exposed to; one in the domain itself adds nothing.
    fn servers(&self, place: u32) -> impl Iterator<Item = (&'a str, Exposure)> {
        let servers = self.survey.names[place as usize].servers.iter();
        servers.map(move |host| {
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
    pub fn finding(&self, place: u32) -> Option<Finding<'a>> {
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
        let mut reasons = Vec::new();
        for rule in now.into_iter().chain(exposure.soon.then_some(SERVER_SOON)) {
            raise.add(rule.raise(exposure.not_found));
            reasons.push(rule.reason);
        }
        let blamed = self.servers(place).filter_map(|(host, taken)| {
            let cause = &self.judged[self.serving[taken.cause? as usize] as usize];
            let state = cause.verdict.state;
            let source = match (state, cause.evidence.facts.is_absent()) {
                (State::Absent, _) => "zone",
                (_, true) => "zone+rdap",
                (_, false) => "rdap",
            };
            Some(HijackableServer { host, domain: cause.name, state, source })
        });
        Some(Finding { raise, reasons, servers: blamed.collect() })
    }
}

/// What was found among the servers of a domain.
#[derive(Debug)]
pub struct Finding<'a> {
    /// What it adds.
    pub raise: Raise,
    /// And why.
    pub reasons: Vec<Reason>,
    /// The servers to blame.
    pub servers: Vec<HijackableServer<'a>>,
}
