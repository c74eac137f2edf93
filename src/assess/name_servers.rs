//! The second door: whoever registers the domain of a name server answers for every domain it serves.
//!
//! A domain is *takable* if others can register it now (`available`, `absent`), or if servers of it lie in
//! takable domains, wholly if all of them do. That runs along chains of any length; in a cycle nothing is takable
//! unless something in it can be registered. Servers that lie in the domain itself are found through glue and
//! are no risk by themselves. Servers in a domain of which nothing is known are no finding.
//!
//! Takability only ever grows, so going through the domains of name servers again and again until nothing
//! changes ends, in about as many rounds as the longest chain has links.
//!
//! Sources: SSAC Advisory SAC125; Akiwate et al., "Risky BIZness", IMC 2021.

use std::cmp::Reverse;

use super::judged::{HijackableServer, JudgedDomain};
use super::private::stands;
use super::raises::{EVERY_SERVER, SERVER_SOON, SOME_SERVER};
use super::reason::Reason;
use super::survey::{Host, Survey};
use super::verdict::{Raise, State};

/// How far the servers of a domain can be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Share {
    #[default]
    None,
    Some,
    Every,
}

/// What can happen to a domain through those of its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Exposure {
    /// Now.
    share: Share,
    /// RDAP says that one of the domains to register is not found.
    not_found: bool,
    /// One of the domains to register is in its last days.
    soon: bool,
    /// The place of the domain to register: of several the soonest, then the first by name.
    cause: Option<u32>,
}

/// The exposures of all domains of a survey.
#[derive(Debug)]
pub struct Exposures<'s, 'a> {
    survey: &'s Survey<'a>,
    judged: &'s [JudgedDomain<'a>],
    /// For each host the place of the domain whose verdict stands for it.
    domain_of: Vec<u32>,
    /// For each domain of a name server what it is exposed to, itself included.
    taken: Vec<Exposure>,
}

impl<'s, 'a> Exposures<'s, 'a> {
    /// Traces the chains; `judged` are the names of the survey one by one.
    pub fn trace(survey: &'s Survey<'a>, judged: &'s [JudgedDomain<'a>]) -> Self {
        let stand = |host: &Host<'a>| stands(host.candidates, judged).0;
        let domain_of: Vec<u32> = survey.hosts.iter().map(stand).collect();
        let taken = vec![Exposure::default(); survey.names.len()];
        let mut exposures = Self { survey, judged, domain_of, taken };
        let mut serving = exposures.domain_of.clone();
        serving.sort_unstable();
        serving.dedup();
        let mut changed = true;
        while changed {
            changed = false;
            for place in &serving {
                let taken = exposures.of_domain(*place);
                changed |= taken != exposures.taken[*place as usize];
                exposures.taken[*place as usize] = taken;
            }
        }
        exposures
    }

    /// What a domain is exposed to: others can register it now, or soon, or take it through its servers.
    fn of_domain(&self, place: u32) -> Exposure {
        let state = self.judged[place as usize].verdict.state;
        let now = Exposure { share: Share::Every, cause: Some(place), ..Exposure::default() };
        match state {
            State::Available => Exposure { not_found: true, ..now },
            State::Absent => now,
            State::Redemption | State::PendingDelete => {
                let through = self.through_servers(place);
                let cause = through.cause.filter(|_| through.share != Share::None).or(Some(place));
                Exposure { soon: true, cause, ..through }
            }
            _ => self.through_servers(place),
        }
    }

    /// The servers that lie in other domains, with what those are exposed to.
    fn servers(&self, place: u32) -> impl Iterator<Item = (&'a str, Exposure)> {
        let servers = self.survey.names[place as usize].servers.iter();
        let servers = servers.map(|host| (host, self.domain_of[*host as usize]));
        servers.map(move |(host, domain)| {
            let taken = if domain == place { Exposure::default() } else { self.taken[domain as usize] };
            (self.survey.hosts[*host as usize].name, taken)
        })
    }

    fn through_servers(&self, place: u32) -> Exposure {
        let mut exposure = Exposure::default();
        let (mut whole, mut rank) = (true, None);
        for (_, taken) in self.servers(place) {
            whole &= taken.share == Share::Every;
            exposure.share = exposure.share.max(taken.share.min(Share::Some));
            exposure.not_found |= taken.not_found;
            exposure.soon |= taken.soon;
            let Some(cause) = taken.cause else { continue };
            let better = (Reverse(taken.share), self.judged[cause as usize].name);
            if rank.is_none_or(|rank| better < rank) {
                rank = Some(better);
                exposure.cause = Some(cause);
            }
        }
        if whole && exposure.share == Share::Some {
            exposure.share = Share::Every;
        }
        exposure
    }

    /// What the servers of a domain add to its verdict; nothing if there is nothing to fear.
    pub fn finding(&self, place: u32) -> Option<Finding<'a>> {
        let exposure = self.through_servers(place);
        exposure.cause?;
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
            let cause = &self.judged[taken.cause? as usize];
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
