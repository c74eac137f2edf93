//! The domains of servers, and what depends on each: the blast radius of one registration.
//!
//! Who registers the domain of a name server answers for every domain that has a server in it; who registers that of a mail
//! server reads its mail. So each such domain is kept with its verdict, also if no account is at it, and with what has a
//! server in it. Most domains share their servers with many others: what depends on a server is counted by sets of
//! servers first ([`count`]), so the work grows with the distinct sets. Memory: one [`ServerDomain`] for each domain of a
//! server, a few numbers for each distinct set, and a number for each judged domain.
//!
//! Two things are counted. *Served*: the judged domains with a server in the domain, itself not counted, because its own
//! verdict says that. *Exposed*: those that a registration of the domain would hand over. For a domain that others can
//! register now or soon these are the served ones, and those that reach it along a chain of name servers; for any other
//! there are none. A chain has one cause ([`super::doors`]), and it is the cause that is told: as a domain of mail servers if
//! the chain begins at one, also where it has only name servers itself.
//!
//! Mail servers are those of a mail domain: a judged domain counts once, with the accounts at those of its mail domains that
//! have a server there. Old mail data count, too: they raise nothing, but one sees what they would.
//!
//! Nearly all domains with mail servers in themselves serve nobody else. Of these only their number is kept ([`own`]).
//!
//! A server without a registrable domain, such as a public suffix or a single label, has no row: nobody can register it.

mod count;
mod links;
mod own;

use std::borrow::Cow;

use super::doors::ServingDomains;
use super::judge::MailVerdict;
use super::judged::JudgedDomain;
use super::reason_set::ReasonSet;
use super::server_sets::ServerSets;
use super::survey::Survey;
use super::verdict::{Action, DropWindow, Risk, State, Verdict};
use crate::mail::{HostNames, MailServers, MxHost};
use crate::name::MailDomain;
use own::OwnMail;

pub(crate) use count::{Dependents, ServerCount, ServerCounts};
pub(crate) use links::ServerLink;

/// Hosts that are named for a domain of servers.
pub(crate) const HOSTS: usize = 3;

/// Of a name whose verdict no mail domain takes.
pub(super) const UNUSED: u32 = u32::MAX;

named_enum! {
    /// What a server does.
    pub(crate) enum ServerKind {
        /// It answers for a domain.
        Name = "ns",
        /// It receives the mail of a mail domain.
        Mail = "mx",
    }
}

/// The domains of the servers of a run.
#[derive(Debug)]
pub(crate) struct Servers<'a> {
    /// The domains, each once.
    domains: Vec<ServerDomain<'a>>,
    /// The sets of name servers.
    name_servers: ServerSets<'a>,
    /// For each name server its domain.
    name_domain_of: Vec<u32>,
    /// The domains that the name servers of a set are in.
    name_sets: ServerGroups,
    /// For each judged domain its set of name servers.
    name_set_of: Vec<u32>,
    /// The domains that the mail servers of a list are in.
    mail_lists: ServerGroups,
    mail: &'a MailServers,
    mail_domains: &'a [MailDomain],
    /// For each host of mail servers its domain.
    mail_domain_of: Vec<u32>,
    /// The judged domains with mail servers in themselves where nothing else has any.
    own: OwnMail,
    /// For each mail domain whether its accounts are those of its judged domain. Empty if there are no data about mail.
    is_alone: Vec<bool>,
}

/// A domain that servers are in.
#[derive(Debug)]
struct ServerDomain<'a> {
    /// Its name.
    name: &'a str,
    /// Whether it is itself a public suffix.
    is_public_suffix: bool,
    /// Its place among the judged domains, or [`UNUSED`].
    judged: u32,
    /// The verdict, unless it is a judged domain.
    verdict: ServerVerdict,
    /// Its name servers and its mail servers.
    hosts: [ServerHosts<'a>; 2],
    /// The domain to register if something can happen through this one: its number among these.
    cause: Option<u32>,
}

/// The servers of a kind in a domain.
#[derive(Debug, Default)]
struct ServerHosts<'a> {
    /// How many.
    count: u32,
    /// The first of them by name.
    names: Vec<Cow<'a, str>>,
}

/// What was judged of the domain of a server. Its own mail servers do not count: they are known only if an account is at it,
/// and whoever has them does not have its servers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerVerdict {
    pub(crate) state: State,
    pub(crate) risk: Risk,
    pub(crate) rule: &'static str,
    pub(crate) reasons: ReasonSet,
    pub(crate) drop: DropWindow,
}

/// Sets of servers as the domains that these are in, each once.
#[derive(Debug)]
struct ServerGroups {
    /// Where the domains of a set begin in `members`; the end of the last one comes last.
    starts: Vec<u32>,
    /// The domains of all sets, one set after the other.
    members: Vec<u32>,
}

impl ServerVerdict {
    fn of(verdict: &Verdict) -> Self {
        let Verdict { state, risk, rule, reasons, drop, .. } = *verdict;
        Self { state, risk, rule, reasons, drop }
    }

    /// The strongest action that the domain causes at what it serves; none if others cannot register it now or soon.
    fn strongest_action(&self) -> Option<Action> {
        match self.state {
            State::Available => Some(Action::Unverify),
            State::Redemption | State::PendingDelete => Some(Action::Review),
            State::Absent => Some(Action::Lookup),
            _ => None,
        }
    }
}

/// What the state of the domain of a server means for what it serves, in a few words.
pub(crate) fn server_in_words(state: State) -> &'static str {
    match state {
        State::Absent => "absent from its zone",
        State::Available => "not registered",
        State::Redemption => "in redemption",
        State::PendingDelete => "pending delete",
        held => held.name(),
    }
}

impl<'a> Servers<'a> {
    /// Gathers the domains of servers. `judged` are the names of the survey one by one, with what was raised. The sets of name
    /// servers are taken out of the survey.
    pub(super) fn of(
        mail_domains: &'a [MailDomain],
        survey: &mut Survey<'a>,
        judged: &[JudgedDomain<'a>],
        serving: ServingDomains,
    ) -> Self {
        let ServingDomains { places, domain_of, mail_domain_of, causes } = serving;
        let domain = |(place, cause): (&u32, _)| ServerDomain::of(&judged[*place as usize], *place, cause);
        let mut domains: Vec<ServerDomain<'a>> = places.iter().zip(causes).map(domain).collect();
        for (host, domain) in survey.hosts.iter().zip(&domain_of) {
            domains[*domain as usize].hosts[ServerKind::Name as usize].add(Cow::Borrowed(host.name));
        }
        let mail = survey.mail_servers;
        for (host, domain) in mail.hosts().iter().zip(&mail_domain_of) {
            domains[*domain as usize].hosts[ServerKind::Mail as usize].add(Cow::Borrowed(host));
        }
        let name_servers = std::mem::take(&mut survey.sets);
        let name_sets = (0..name_servers.len())
            .map(|set| name_servers.members(set).iter().map(|host| domain_of[*host as usize]));
        let mail_lists = (0..mail.lists().len() as u32).map(|list| {
            mail.lists().get(list).iter().filter_map(|record| match record.host {
                MxHost::Named(host) => Some(mail_domain_of[host as usize]),
                // in the domain itself, which is not counted
                MxHost::Within(_) => None,
                MxHost::Null | MxHost::Address | MxHost::Malformed => None,
            })
        });
        let (name_sets, mail_lists) = (ServerGroups::of(name_sets), ServerGroups::of(mail_lists));
        Self {
            domains,
            name_servers,
            name_domain_of: domain_of,
            name_sets,
            name_set_of: Vec::new(),
            mail_lists,
            mail,
            mail_domains,
            mail_domain_of,
            own: OwnMail::default(),
            is_alone: Vec::new(),
        }
    }

    /// Takes the final places of the judged domains: `places` has one for each name of mail domains, or [`UNUSED`], and
    /// `sets` the set of each name.
    pub(super) fn renumber(
        &mut self,
        places: &[u32],
        sets: &[u32],
        judged: &[JudgedDomain<'a>],
        mail: &[MailVerdict],
    ) {
        self.name_set_of = vec![0; judged.len()];
        for (place, set) in places.iter().zip(sets).filter(|(place, _)| **place != UNUSED) {
            self.name_set_of[*place as usize] = *set;
        }
        for domain in &mut self.domains {
            domain.judged = places.get(domain.judged as usize).copied().unwrap_or(UNUSED);
        }
        if self.mail.domains() == 0 {
            return;
        }
        self.add_own_mail(mail, judged);
        let mut mail_domains = vec![0_u8; judged.len()];
        for place in mail.iter().flat_map(|mail| [Some(mail.domain), mail.other]).flatten() {
            let number = &mut mail_domains[place as usize];
            *number = number.saturating_add(1);
        }
        let is_alone = |mail: &MailVerdict| mail.other.is_none() && mail_domains[mail.domain as usize] == 1;
        self.is_alone = mail.iter().map(is_alone).collect();
    }

    /// The mail domains whose accounts have to be counted apart from those of their judged domains.
    pub(crate) fn counted_apart(&self) -> impl Iterator<Item = u32> {
        let apart = self.is_alone.iter().zip(0..).filter(|(is_alone, _)| !**is_alone);
        apart.map(|(_, number)| number).filter(|number| self.mail_list(*number).is_some())
    }

    /// The list of mail servers of a mail domain, if there are data about it.
    fn mail_list(&self, number: u32) -> Option<u32> {
        self.mail.at(number as usize).map(|set| set.list)
    }

    /// The domains whose registration hands over whatever has servers in these: those among them that are open, and the
    /// causes further along the chain.
    fn exposing(&self, members: &[u32], is_open: impl Fn(u32) -> bool) -> Vec<u32> {
        let of = |member: &u32| {
            let own = is_open(*member).then_some(*member);
            own.into_iter().chain(self.domains[*member as usize].cause)
        };
        let mut exposing: Vec<u32> = members.iter().flat_map(of).collect();
        exposing.sort_unstable();
        exposing.dedup();
        exposing
    }

    /// The domains that the servers of a list are in, and those whose registration hands over its mail; servers in the
    /// judged domain at `place` itself add nothing.
    fn mail_servers_of(&self, place: u32, list: u32, is_open: impl Fn(u32) -> bool) -> (Vec<u32>, Vec<u32>) {
        let is_other = |number: &u32| self.domains[*number as usize].judged != place;
        let members = self.mail_lists.members(list).iter().copied().filter(is_other);
        let members: Vec<u32> = members.collect();
        let mut exposing = self.exposing(&members, is_open);
        exposing.retain(is_other);
        (members, exposing)
    }

    /// The name of the domain of servers with this number.
    pub(crate) fn name(&self, number: u32, judged: &[JudgedDomain<'a>]) -> &'a str {
        match self.place_of_own(number) {
            Some(place) => judged[place as usize].name,
            None => self.domains[number as usize].name,
        }
    }

    /// The verdict on the domain of servers with this number.
    pub(crate) fn verdict(&self, number: u32, judged: &[JudgedDomain<'a>]) -> ServerVerdict {
        match self.place_of_own(number) {
            Some(place) => ServerVerdict::of(judged[place as usize].verdict_below()),
            None => self.domains[number as usize].verdict(judged),
        }
    }

    /// How many servers a domain has that was counted.
    pub(crate) fn hosts(&self, count: &ServerCount) -> u32 {
        match self.place_of_own(count.domain) {
            Some(place) => self.own_hosts(place),
            None => self.domains[count.domain as usize].hosts[count.kind as usize].count,
        }
    }

    /// Appends the names of the servers of a domain that was counted, sorted: at least the first [`HOSTS`]. Returns whether no
    /// other domain can have them.
    pub(crate) fn push_hosts(&self, count: &ServerCount, names: &mut HostNames) -> bool {
        match self.place_of_own(count.domain) {
            Some(place) => {
                self.push_own_hosts(place, names);
                true
            }
            None => {
                let hosts = &self.domains[count.domain as usize].hosts[count.kind as usize];
                names.extend(hosts.names.iter().map(|name| &**name));
                false
            }
        }
    }
}

impl<'a> ServerDomain<'a> {
    fn of(domain: &JudgedDomain<'a>, place: u32, cause: Option<u32>) -> Self {
        Self {
            name: domain.name,
            is_public_suffix: domain.is_public_suffix(),
            judged: place,
            verdict: ServerVerdict::of(&domain.verdict),
            hosts: Default::default(),
            cause,
        }
    }

    /// The verdict on it.
    fn verdict(&self, judged: &[JudgedDomain<'a>]) -> ServerVerdict {
        // what people decided came after the verdict was kept
        let verdict = |domain: &JudgedDomain<'_>| ServerVerdict::of(domain.verdict_below());
        judged.get(self.judged as usize).map_or(self.verdict, verdict)
    }
}

impl<'a> ServerHosts<'a> {
    fn add(&mut self, host: Cow<'a, str>) {
        self.count += 1;
        let at = self.names.partition_point(|known| *known < host);
        if at < HOSTS {
            self.names.truncate(HOSTS - 1);
            self.names.insert(at, host);
        }
    }
}

impl ServerGroups {
    fn of(sets: impl Iterator<Item = impl Iterator<Item = u32>>) -> Self {
        let (mut starts, mut members) = (vec![0], Vec::new());
        let mut one = Vec::new();
        for set in sets {
            one.clear();
            one.extend(set);
            one.sort_unstable();
            one.dedup();
            members.extend_from_slice(&one);
            starts.push(members.len() as u32);
        }
        Self { starts, members }
    }

    /// How many sets.
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The domains that the servers of a set are in.
    fn members(&self, set: u32) -> &[u32] {
        let (start, end) = (self.starts[set as usize], self.starts[set as usize + 1]);
        &self.members[start as usize..end as usize]
    }
}
