//! The domains a person should look at first: for each action up to three, of different kinds where there are any.
//!
//! Among domains of one kind the worst risk comes first, then the earliest day on which others can register it, then
//! the most accounts. One pass over the domains keeps the first few of each kind, so that millions of them cost little.
//!
//! Domains that are at risk through a server are not shown one by one: the domain of the server is, with how many it serves.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::assess::judge::Judgement;
use crate::assess::judged::JudgedDomain;
use crate::assess::reason::Reason;
use crate::assess::servers::{Dependents, ServerCounts, ServerKind, ServerVerdict, server_in_words};
use crate::assess::tally::Tally;
use crate::assess::verdict::DropWindow;
use crate::assess::{Action, Risk, State};
use crate::time::Day;

/// Domains shown for each action.
const SHOWN: usize = 3;

/// The actions that have examples, strongest first.
const ACTIONS: [Action; 4] = [Action::Unverify, Action::Review, Action::Notify, Action::Lookup];

/// What is wrong with the accounts that are `reregistered`, which their domain is not.
pub(super) const REREGISTERED: &str = "changed hands after verification";

/// The domains shown for one action.
#[derive(Debug)]
pub(crate) struct Examples {
    /// What to do with their accounts.
    pub(crate) action: Action,
    /// The domains, most urgent first.
    pub(crate) domains: Vec<Example>,
}

/// One domain of the summary.
#[derive(Debug)]
pub(crate) struct Example {
    /// The judged domain, or that of a server.
    pub(crate) domain: String,
    /// Its accounts for which the action is due; those of a server are at the domains that it serves.
    pub(crate) accounts: u64,
    /// If it is the domain of servers: what it exposes, for each kind of server.
    pub(crate) serves: Vec<ExampleServed>,
    /// Why, in a few words.
    pub(crate) why: String,
}

/// What a domain exposes through its servers of a kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExampleServed {
    /// What the servers do.
    pub(crate) kind: ServerKind,
    /// Judged domains.
    pub(crate) domains: u64,
    /// Their accounts.
    pub(crate) accounts: u64,
}

/// What sorts domains: the most urgent is the smallest.
type Urgency<'a> = (Reverse<Risk>, Day, Reverse<u64>, &'a str);

/// A domain that may be shown.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    urgency: Urgency<'a>,
    subject: ExampleSubject<'a>,
}

/// What may be shown.
#[derive(Clone, Copy)]
enum ExampleSubject<'a> {
    /// A domain, what is wrong with it, and its accounts.
    Domain(&'a JudgedDomain<'a>, &'static str, u64),
    /// The domain of servers, and what it exposes by each kind of them.
    Server(&'a str, ServerVerdict, [Option<Dependents>; 2]),
}

/// The examples for each action that has any, as of `today`.
pub(crate) fn examples<'j>(
    judgement: &'j Judgement<'j>,
    tally: &Tally,
    servers: &ServerCounts,
    today: Day,
) -> Vec<Examples> {
    let mut kinds: BTreeMap<(Action, &'static str), Vec<Candidate<'_>>> = BTreeMap::new();
    let mut add = |action: Action, risk: Risk, kind: &'static str, subject: ExampleSubject<'j>| {
        let urgency = subject.urgency(risk);
        if subject.accounts() > 0 && ACTIONS.contains(&action) {
            let best = kinds.entry((action, kind)).or_default();
            let at = best.partition_point(|other| other.urgency < urgency);
            if at < SHOWN {
                best.insert(at, Candidate { urgency, subject });
                best.truncate(SHOWN);
            }
        }
    };
    for (domain, counts) in judgement.domains.iter().zip(&tally.domains) {
        let all = counts.accounts;
        let reregistered = counts.reregistered;
        let verdict = &domain.verdict;
        if !domain.is_raised_by_servers() {
            let (kind, others) = (kind(domain), all - reregistered - counts.raised_below);
            add(verdict.action, verdict.risk, kind, ExampleSubject::Domain(domain, kind, others));
        }
        if reregistered > 0 {
            let action = action_when_reregistered(domain, tally);
            let subject = ExampleSubject::Domain(domain, REREGISTERED, reregistered);
            add(action, Risk::Critical, REREGISTERED, subject);
        }
    }
    for (number, (worst, exposed)) in by_domain(servers) {
        let domain = judgement.servers.name(number, &judgement.domains);
        let verdict = judgement.servers.verdict(number, &judgement.domains);
        let subject = ExampleSubject::Server(domain, verdict, exposed);
        add(worst.1, worst.0, server_in_words(verdict.state), subject);
    }
    let groups = ACTIONS.map(|action| {
        let candidates = choose(kinds.iter().filter(|((of, _), _)| *of == action).map(|(_, best)| best));
        Examples { action, domains: candidates.iter().map(|it| it.subject.example(today)).collect() }
    });
    groups.into_iter().filter(|group| !group.domains.is_empty()).collect()
}

/// The worst that a domain causes, and what it exposes through each kind of server.
type Caused = ((Risk, Action), [Option<Dependents>; 2]);

/// The domains of servers that cause something, by their numbers: the worst that they cause through servers of any kind, and
/// what they expose through each kind. So a domain of name servers and of mail servers is one.
fn by_domain(servers: &ServerCounts) -> BTreeMap<u32, Caused> {
    let mut domains: BTreeMap<u32, Caused> = BTreeMap::new();
    for count in &servers.rows {
        let Some((risk, action)) = count.worst else { continue };
        let (worst, exposed) = domains.entry(count.domain).or_insert(((risk, action), [None; 2]));
        *worst = (worst.0.max(risk), worst.1.max(action));
        exposed[count.kind as usize] = Some(count.exposed);
    }
    domains
}

impl<'a> ExampleSubject<'a> {
    fn accounts(&self) -> u64 {
        match self {
            Self::Domain(_, _, accounts) => *accounts,
            // accounts may depend on both kinds of server
            Self::Server(_, _, exposed) => exposed.iter().flatten().map(|it| it.accounts).max().unwrap_or(0),
        }
    }

    fn urgency(&self, risk: Risk) -> Urgency<'a> {
        let (name, drop) = match self {
            Self::Domain(domain, ..) => (domain.name, domain.verdict.drop),
            Self::Server(name, verdict, _) => (*name, verdict.drop),
        };
        (Reverse(risk), drop.earliest.unwrap_or(Day(i32::MAX)), Reverse(self.accounts()), name)
    }

    fn example(&self, today: Day) -> Example {
        let accounts = self.accounts();
        match self {
            Self::Domain(domain, kind, _) => {
                let why = with_day(kind, domain_free(domain, today).filter(|_| *kind != REREGISTERED));
                Example { domain: domain.name.to_owned(), accounts, serves: Vec::new(), why }
            }
            Self::Server(name, verdict, exposed) => {
                let is_sure = verdict.risk == Risk::Critical;
                let when = free(verdict.state, verdict.drop, is_sure, today);
                let why = with_day(server_in_words(verdict.state), when);
                let serves = ServerKind::ALL.iter().zip(exposed).filter_map(|(kind, exposed)| {
                    let Dependents { domains, accounts, .. } = (*exposed)?;
                    Some(ExampleServed { kind: *kind, domains, accounts })
                });
                let serves = serves.collect();
                Example { domain: (*name).to_owned(), accounts, serves, why }
            }
        }
    }
}

/// The most urgent of each kind, then the most urgent of all that are left; sorted by urgency.
fn choose<'c, 'a: 'c>(kinds: impl Iterator<Item = &'c Vec<Candidate<'a>>>) -> Vec<Candidate<'a>> {
    let ranked = kinds.flat_map(|best| best.iter().enumerate());
    let mut ranked: Vec<(bool, Candidate<'a>)> = ranked.map(|(rank, one)| (rank > 0, *one)).collect();
    ranked.sort_by_key(|(is_second, one)| (*is_second, one.urgency));
    let mut chosen: Vec<Candidate<'a>> = ranked.into_iter().take(SHOWN).map(|(_, one)| one).collect();
    chosen.sort_by_key(|one| one.urgency);
    chosen
}

/// The action for the accounts of a domain that changed hands after their verification. The sign of a new registration
/// says which rule applied; what a person, a circuit breaker or another policy decided shows in the tally.
pub(super) fn action_when_reregistered(domain: &JudgedDomain<'_>, tally: &Tally) -> Action {
    let verdict = &domain.verdict;
    let changes = &domain.evidence.rdap().changes;
    let registered = changes.registered_at.or(changes.reinstantiated_at).is_some();
    let wanted = if registered && !verdict.held_back { Action::Unverify } else { Action::Review };
    let is_due =
        tally.accounts.keys().any(|(state, _, action)| (*state, *action) == (State::Reregistered, wanted));
    verdict.decided.unwrap_or(if is_due { wanted } else { Action::None })
}

/// What is wrong with a domain, in a few words.
fn kind(domain: &JudgedDomain<'_>) -> &'static str {
    let verdict = &domain.verdict;
    let has = |reason| verdict.reasons.contains(reason);
    let registered = matches!(verdict.state, State::Active | State::Expiring | State::Unknown);
    let is_mail_raised = !has(Reason::MxStale) && !has(Reason::MxUndated);
    match verdict.state {
        _ if verdict.decided.is_some() => "decided by a person",
        _ if registered && has(Reason::NsHijackable) => "a name server can be taken over",
        _ if registered && has(Reason::NsSoonHijackable) => "a name server may soon be taken over",
        _ if registered && is_mail_raised && has(Reason::MxHijackable) => "a mail server can be taken over",
        _ if registered && is_mail_raised && has(Reason::MxSoonHijackable) => {
            "a mail server may soon be taken over"
        }
        State::Active if has(Reason::NsMovedAfterExpiry) => "expired, then moved on: sold?",
        State::PendingDelete => "pending delete",
        State::Redemption => "in redemption",
        State::Available if has(Reason::Conflict) => "not in registry, but in its zone",
        State::Available if verdict.action == Action::Unverify => "not registered",
        State::Available => "not in registry, zone unknown",
        State::Grace => "expired",
        State::Hold => "on hold",
        State::Undelegated => "registered, not in its zone",
        State::Absent if has(Reason::Dropped) => "dropped from its zone",
        State::Absent => "not in its zone",
        State::Expiring => "expires soon",
        State::Active => "registered",
        State::Unknown => "no evidence reaches it",
        State::Reregistered => REREGISTERED,
        State::SpecialUse => "a special-use name",
        State::NotRegistrable if has(Reason::Reserved) => "reserved by its registry",
        State::NotRegistrable => "a public suffix",
    }
}

fn domain_free(domain: &JudgedDomain<'_>, today: Day) -> Option<String> {
    let verdict = &domain.verdict;
    free(verdict.state, verdict.drop, verdict.action == Action::Unverify, today)
}

fn with_day(what: &str, when: Option<String>) -> String {
    when.map_or_else(|| what.to_owned(), |when| format!("{what}, {when}"))
}

/// What is wrong with a domain, and when others can register it, in a few words.
pub(super) fn why(domain: &JudgedDomain<'_>, today: Day) -> String {
    let kind = kind(domain);
    with_day(kind, domain_free(domain, today))
}

/// When others can register a domain whose registration ends, as far as that is known. `is_sure`: that it ended is.
fn free(state: State, drop: DropWindow, is_sure: bool, today: Day) -> Option<String> {
    let (earliest, latest) = (drop.earliest?, drop.latest);
    match state {
        State::PendingDelete | State::Redemption => Some(match latest {
            Some(latest) if earliest <= today => format!("free by {latest}"),
            _ => format!("free from {earliest}"),
        }),
        State::Available if is_sure => Some("free now".to_owned()),
        State::Grace | State::Hold => Some(format!("free {earliest} or later")),
        _ => None,
    }
}
