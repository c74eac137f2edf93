//! The domains of servers, and what depends on each: the blast radius of one registration.
//!
//! Who registers the domain of a server stands where it stood, for every domain that has a server in it. So each such
//! domain is kept with its verdict, also if no account is at it, and with the judged domains that have a server in it.
//! Most domains share their servers with many others: what depends on a server is counted by sets of servers first
//! ([`count`]), so the work grows with the distinct sets. Memory: one [`ServerDomain`] for each domain of a server, a few
//! numbers for each distinct set, and a number for each judged domain.
//!
//! Two things are counted. *Served*: the judged domains with a server in the domain, itself not counted, because its own
//! verdict says that. *Exposed*: those that a registration of the domain would hand over. For a domain that others can
//! register now or soon these are the served ones, and those that reach it along a chain of name servers; for any other
//! there are none. A chain has one cause ([`super::doors`]), and it is the cause that is told.
//!
//! A server without a registrable domain, such as a public suffix or a single label, has no row: nobody can register it.

mod count;

use super::doors::ServingDomains;
use super::judged::JudgedDomain;
use super::reason_set::ReasonSet;
use super::survey::Survey;
use super::verdict::{DropWindow, Risk, State, Verdict};

pub(crate) use count::{Dependents, ServerCount, ServerCounts};

/// Hosts that are named for a domain of servers.
const HOSTS: usize = 3;

/// Of a name whose verdict no mail domain takes.
pub(super) const UNUSED: u32 = u32::MAX;

named_enum! {
    /// What a server does.
    pub(crate) enum ServerKind {
        /// It answers for a domain.
        Name = "ns",
    }
}

/// The domains of the servers of a run.
#[derive(Debug, Default)]
pub(crate) struct Servers<'a> {
    /// The domains, each once.
    domains: Vec<ServerDomain<'a>>,
    /// For each set of servers where its domains begin in `members`; the end of the last one comes last.
    starts: Vec<u32>,
    /// The domains that the servers of a set are in, each once, one set after the other.
    members: Vec<u32>,
    /// For each judged domain its set.
    sets: Vec<u32>,
}

/// A domain that servers are in.
#[derive(Debug)]
pub(crate) struct ServerDomain<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Whether it is itself a public suffix.
    is_public_suffix: bool,
    /// Its place among the judged domains, or [`UNUSED`].
    judged: u32,
    /// The verdict, unless it is a judged domain.
    verdict: ServerVerdict,
    /// How many servers are in it.
    pub(crate) hosts: u32,
    /// The first of them by name.
    pub(crate) host_names: Vec<&'a str>,
    /// The domain to register if something can happen through this one: its number among these.
    cause: Option<u32>,
}

/// What was judged of the domain of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerVerdict {
    pub(crate) state: State,
    pub(crate) risk: Risk,
    pub(crate) rule: &'static str,
    pub(crate) reasons: ReasonSet,
    pub(crate) drop: DropWindow,
}

impl ServerVerdict {
    fn of(verdict: &Verdict) -> Self {
        let Verdict { state, risk, rule, reasons, drop, .. } = *verdict;
        Self { state, risk, rule, reasons, drop }
    }

    /// Whether others can register the domain now, or soon.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Available | State::Absent | State::Redemption | State::PendingDelete)
    }
}

impl<'a> Servers<'a> {
    /// Gathers the domains of servers. `judged` are the names of the survey one by one, with what was raised.
    pub(super) fn of(survey: &Survey<'a>, judged: &[JudgedDomain<'a>], serving: ServingDomains) -> Self {
        let ServingDomains { places, domain_of, causes } = serving;
        let domain = |(place, cause): (&u32, Option<u32>)| {
            let domain = &judged[*place as usize];
            ServerDomain {
                name: domain.name,
                is_public_suffix: domain.is_public_suffix(),
                judged: *place,
                verdict: ServerVerdict::of(&domain.verdict),
                hosts: 0,
                host_names: Vec::new(),
                cause,
            }
        };
        let mut domains: Vec<ServerDomain<'a>> = places.iter().zip(causes).map(domain).collect();
        for (host, domain) in survey.hosts.iter().zip(&domain_of) {
            domains[*domain as usize].add_host(host.name);
        }
        let (mut starts, mut members) = (vec![0], Vec::new());
        for set in 0..survey.sets.len() {
            let start = members.len();
            members.extend(survey.sets.members(set).iter().map(|host| domain_of[*host as usize]));
            members[start..].sort_unstable();
            let mut kept = start;
            for at in start..members.len() {
                if at == start || members[at] != members[kept - 1] {
                    members[kept] = members[at];
                    kept += 1;
                }
            }
            members.truncate(kept);
            starts.push(members.len() as u32);
        }
        Self { domains, starts, members, sets: Vec::new() }
    }

    /// Takes the final places of the judged domains: `places` has one for each name of mail domains, or [`UNUSED`], and
    /// `sets` the set of each name. So many are judged.
    pub(super) fn renumber(&mut self, places: &[u32], sets: &[u32], judged: usize) {
        self.sets = vec![0; judged];
        for (place, set) in places.iter().zip(sets).filter(|(place, _)| **place != UNUSED) {
            self.sets[*place as usize] = *set;
        }
        for domain in &mut self.domains {
            domain.judged = places.get(domain.judged as usize).copied().unwrap_or(UNUSED);
        }
    }

    /// The domain of servers that was counted.
    pub(crate) fn domain(&self, count: &ServerCount) -> &ServerDomain<'a> {
        &self.domains[count.domain as usize]
    }

    /// The verdict on one of the domains, as the table of domains has it, too.
    pub(crate) fn verdict(&self, domain: &ServerDomain<'a>, judged: &[JudgedDomain<'a>]) -> ServerVerdict {
        // what people decided came after the verdict was kept
        judged.get(domain.judged as usize).map_or(domain.verdict, |domain| ServerVerdict::of(&domain.verdict))
    }

    /// The domains that the servers of a set are in.
    fn members(&self, set: u32) -> &[u32] {
        let (start, end) = (self.starts[set as usize], self.starts[set as usize + 1]);
        &self.members[start as usize..end as usize]
    }
}

impl<'a> ServerDomain<'a> {
    fn add_host(&mut self, host: &'a str) {
        self.hosts += 1;
        let at = self.host_names.partition_point(|known| *known < host);
        if at < HOSTS {
            self.host_names.truncate(HOSTS - 1);
            self.host_names.insert(at.min(self.host_names.len()), host);
        }
    }
}
