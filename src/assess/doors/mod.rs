//! The other doors: a stranger who registers the domain of a name server answers for every domain that it serves, and one
//! who registers the domain of a mail server reads the mail that it receives.
//!
//! A domain can be *taken over* if others can register it now (`available`, `absent`), or if its name servers are in
//! domains that can be taken over; wholly if all of them are. That goes along chains of any length. In a cycle nothing can
//! be taken over unless something in it can be registered. Servers in the domain itself are found through glue and
//! are no risk by themselves. Servers in a domain about which nothing is known are no finding.
//!
//! The domains of name servers and of mail servers are nodes of one graph ([`graph`]), so a mail server is also found if its
//! domain is held, but a name server of that domain can be taken over. This module says what servers add to a verdict;
//! [`mail`] says which mail servers a mail domain has, and what their data are worth.
//!
//! Sources: SSAC Advisory SAC125; Akiwate et al., "Risky BIZness", IMC 2021.

mod graph;
mod mail;
#[cfg(test)]
mod tests;

use super::judged::{HijackableServer, JudgedDomain};
use super::private::choose_server_candidate;
use super::raises::DoorRules;
use super::reason_set::ReasonSet;
use super::survey::Survey;
use super::verdict::{Raise, State};
use graph::{Exposure, Graph, Kind, Share};

/// The exposures of all servers of a survey.
#[derive(Debug)]
pub(crate) struct Exposures<'s, 'a> {
    survey: &'s Survey<'a>,
    judged: &'s [JudgedDomain<'a>],
    /// The places of the domains of servers, sorted.
    serving: Vec<u32>,
    /// For each name server the domain that decides about it: its place in `serving`.
    domain_of: Vec<u32>,
    /// For each mail server likewise.
    mail_domain_of: Vec<u32>,
    /// For each domain of a server what it is exposed to, itself included.
    taken: Vec<Exposure>,
    /// For each set of name servers whether anything can happen through one of them.
    is_set_exposed: Vec<bool>,
}

/// The domains of servers, without what was judged.
#[derive(Debug)]
pub(crate) struct ServingDomains {
    /// Their places in the survey, sorted.
    pub(super) places: Vec<u32>,
    /// For each name server the domain that decides about it: its place in `places`.
    pub(super) domain_of: Vec<u32>,
    /// For each mail server likewise.
    pub(super) mail_domain_of: Vec<u32>,
    /// For each domain the one to register if something can happen through it: its place in `places`.
    pub(super) causes: Vec<Option<u32>>,
}

/// One server of a domain.
#[derive(Debug, Clone, Copy)]
struct Server<'a> {
    host: &'a str,
    /// What its domain is exposed to.
    taken: Exposure,
    /// Whether it is among those that must all be taken for the whole to be.
    decides: bool,
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

impl<'s, 'a> Exposures<'s, 'a> {
    /// Traces the chains; `judged` are the names of the survey one by one.
    pub(crate) fn trace(survey: &'s Survey<'a>, judged: &'s [JudgedDomain<'a>]) -> Self {
        let choose = |candidates| choose_server_candidate(candidates, judged);
        let places: Vec<u32> = survey.hosts.iter().map(|host| choose(host.candidates)).collect();
        let mail_places: Vec<u32> = survey.mail_hosts.iter().copied().map(choose).collect();
        let mut serving = [places.as_slice(), &mail_places].concat();
        serving.sort_unstable();
        serving.dedup();
        // a search for each of a million mail servers would take longer than a number for each name
        let mut nodes = vec![0; judged.len()];
        serving.iter().zip(0..).for_each(|(place, node)| nodes[*place as usize] = node);
        let node_of = |place: &u32| nodes[*place as usize];
        let domain_of: Vec<u32> = places.iter().map(node_of).collect();
        let mail_domain_of = mail_places.iter().map(node_of).collect();
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
        let is_exposed = |host: &u32| taken[domain_of[*host as usize] as usize].is_any();
        let is_set_exposed =
            (0..survey.sets.len()).map(|set| survey.sets.members(set).iter().any(is_exposed)).collect();
        Self { survey, judged, serving, domain_of, mail_domain_of, taken, is_set_exposed }
    }

    /// What is known of the domains of servers as such.
    pub(crate) fn into_serving(self) -> ServingDomains {
        let causes = self.taken.iter().map(|taken| taken.cause).collect();
        let Self { serving: places, domain_of, mail_domain_of, .. } = self;
        ServingDomains { places, domain_of, mail_domain_of, causes }
    }

    /// What the name servers of a domain add to its verdict; nothing if there is nothing to fear.
    pub(crate) fn finding(&self, place: u32) -> Option<Finding<'a>> {
        // nearly all sets are out of danger, whichever domain has them
        let set = self.survey.servers[place as usize];
        if !self.is_set_exposed[set as usize] {
            return None;
        }
        let server = |host: &u32| {
            let node = self.domain_of[*host as usize];
            let is_own = self.serving[node as usize] == place;
            self.server(self.survey.hosts[*host as usize].name, node, is_own, true)
        };
        self.find(self.survey.sets.members(set).iter().map(server), &DoorRules::NAME_SERVERS)
    }

    /// A server in this domain; one in the domain that it serves adds nothing.
    fn server(&self, host: &'a str, node: u32, is_own: bool, decides: bool) -> Server<'a> {
        let taken = if is_own { Exposure::default() } else { self.taken[node as usize] };
        Server { host, taken, decides }
    }

    /// What servers add to the verdict on what they serve; nothing if there is nothing to fear.
    fn find(
        &self,
        servers: impl Iterator<Item = Server<'a>> + Clone,
        rules: &DoorRules,
    ) -> Option<Finding<'a>> {
        let mut exposure = Exposure::default();
        let mut is_whole = true;
        for Server { taken, decides, .. } in servers.clone() {
            is_whole &= !decides || taken.share == Share::Every;
            exposure.share = exposure.share.max(taken.share.min(Share::Some));
            exposure.not_found |= taken.not_found;
            exposure.soon |= taken.soon;
        }
        if !exposure.is_any() {
            return None;
        }
        let now = match exposure.share {
            Share::None => None,
            Share::Some if is_whole => Some(&rules.every),
            Share::Some | Share::Every => Some(&rules.some),
        };
        let mut raise = Raise::NONE;
        let mut reasons = ReasonSet::EMPTY;
        for rule in now.into_iter().chain(exposure.soon.then_some(&rules.soon)) {
            raise.add(rule.raise(exposure.not_found));
            reasons.insert(rule.reason);
        }
        let servers = servers.filter_map(|server| self.blame(&server)).collect();
        Some(Finding { raise, reasons, servers })
    }

    /// A server with the domain to register; none if nothing can happen through it.
    fn blame(&self, server: &Server<'a>) -> Option<HijackableServer<'a>> {
        let cause = &self.judged[self.serving[server.taken.cause? as usize] as usize];
        let state = cause.verdict.state;
        let source = match (state, cause.evidence.zone.presence == Some(false)) {
            (State::Absent, _) => "zone",
            (_, true) => "zone+rdap",
            (_, false) => "rdap",
        };
        Some(HijackableServer { host: server.host, domain: cause.name, state, source })
    }
}
