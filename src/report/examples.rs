//! The domains a person should look at first: for each action up to three, of different kinds where there are any.
//!
//! Among domains of one kind the worst risk comes first, then the earliest day on which others can register it, then
//! the most accounts. One pass over the domains keeps the first few of each kind, so that millions of them cost little.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::assess::judge::Judgement;
use crate::assess::judged::JudgedDomain;
use crate::assess::reason::Reason;
use crate::assess::tally::Tally;
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
    /// The judged domain.
    pub(crate) domain: String,
    /// Its accounts for which the action is due.
    pub(crate) accounts: u64,
    /// Why, in a few words.
    pub(crate) why: String,
}

/// What sorts domains: the most urgent is the smallest.
type Urgency<'a> = (Reverse<Risk>, Day, Reverse<u64>, &'a str);

/// A domain that may be shown.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    urgency: Urgency<'a>,
    kind: &'static str,
    domain: &'a JudgedDomain<'a>,
    accounts: u64,
}

/// The examples for each action that has any, as of `today`.
pub(crate) fn examples(judgement: &Judgement<'_>, tally: &Tally, today: Day) -> Vec<Examples> {
    let mut kinds: BTreeMap<(Action, &'static str), Vec<Candidate<'_>>> = BTreeMap::new();
    let mut add = |action: Action, risk: Risk, kind: &'static str, domain, accounts: u64| {
        if accounts > 0 && ACTIONS.contains(&action) {
            let best = kinds.entry((action, kind)).or_default();
            let urgency = urgency(domain, risk, accounts);
            let at = best.partition_point(|other| other.urgency < urgency);
            if at < SHOWN {
                best.insert(at, Candidate { urgency, kind, domain, accounts });
                best.truncate(SHOWN);
            }
        }
    };
    for (domain, counts) in judgement.domains.iter().zip(&tally.domains) {
        let all = counts.accounts;
        let reregistered = counts.reregistered;
        let verdict = &domain.verdict;
        add(verdict.action, verdict.risk, kind(domain), domain, all - reregistered);
        if reregistered > 0 {
            let action = action_when_reregistered(domain, tally);
            add(action, Risk::Critical, REREGISTERED, domain, reregistered);
        }
    }
    let groups = ACTIONS.map(|action| {
        let candidates = choose(kinds.iter().filter(|((of, _), _)| *of == action).map(|(_, best)| best));
        Examples { action, domains: candidates.iter().map(|candidate| example(candidate, today)).collect() }
    });
    groups.into_iter().filter(|group| !group.domains.is_empty()).collect()
}

fn urgency<'a>(domain: &'a JudgedDomain<'a>, risk: Risk, accounts: u64) -> Urgency<'a> {
    (Reverse(risk), domain.verdict.drop.earliest.unwrap_or(Day(i32::MAX)), Reverse(accounts), domain.name)
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
    match verdict.state {
        _ if verdict.decided.is_some() => "decided by a person",
        _ if registered && has(Reason::NsHijackable) => "a name server can be taken over",
        _ if registered && has(Reason::NsSoonHijackable) => "a name server may soon be taken over",
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

fn example(candidate: &Candidate<'_>, today: Day) -> Example {
    let Candidate { kind, domain, accounts, .. } = candidate;
    let when = free(domain, today).filter(|_| *kind != REREGISTERED);
    let why = when.map_or_else(|| (*kind).to_owned(), |when| format!("{kind}, {when}"));
    Example { domain: domain.name.to_owned(), accounts: *accounts, why }
}

/// What is wrong with a domain, and when others can register it, in a few words.
pub(super) fn why(domain: &JudgedDomain<'_>, today: Day) -> String {
    let kind = kind(domain);
    free(domain, today).map_or_else(|| kind.to_owned(), |when| format!("{kind}, {when}"))
}

/// When others can register a domain whose registration ends, as far as that is known.
fn free(domain: &JudgedDomain<'_>, today: Day) -> Option<String> {
    let verdict = &domain.verdict;
    let (earliest, latest) = (verdict.drop.earliest?, verdict.drop.latest);
    match verdict.state {
        State::PendingDelete | State::Redemption => Some(match latest {
            Some(latest) if earliest <= today => format!("free by {latest}"),
            _ => format!("free from {earliest}"),
        }),
        State::Available if verdict.action == Action::Unverify => Some("free now".to_owned()),
        State::Grace | State::Hold => Some(format!("free {earliest} or later")),
        _ => None,
    }
}
