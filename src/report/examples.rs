//! The domains with which a person would begin: for each action the soonest drop, then the most accounts.

use std::cmp::Reverse;

use crate::assess::Action;
use crate::assess::judge::Judgement;
use crate::assess::judged::JudgedDomain;
use crate::assess::tally::Tally;

/// Domains named in a group.
const EXAMPLES: usize = 5;

/// A group of domains with the same thing to do.
#[derive(Debug)]
pub struct Examples {
    /// What to do.
    pub heading: &'static str,
    /// A line a domain, and one that says where the rest is.
    pub lines: Vec<String>,
}

/// The groups, most urgent first; none is empty.
pub fn examples(judgement: &Judgement<'_>, tally: &Tally) -> Vec<Examples> {
    let groups = [
        (Action::Unverify, "unverify: others can or soon could receive this mail (most urgent first)"),
        (Action::Review, "review: have a person look at these"),
        (Action::Lookup, "lookup: an RDAP answer would decide these"),
    ];
    let accounts = |place: usize| tally.domains[place].accounts();
    let reregistered = |place: usize| tally.domains[place].reregistered();
    let mut found = Vec::new();
    for (action, heading) in groups {
        let rest = format!("domains.parquet where action = '{}'", action.name());
        let wanted = |place: usize| judgement.domains[place].verdict.action == action;
        found.push(Examples { heading, lines: list(judgement, &wanted, &accounts, &rest) });
        if action == Action::Unverify {
            let heading = "unverify or review: these changed hands after the address was verified";
            let rest = "accounts.parquet where state = 'reregistered'";
            let wanted = |place: usize| reregistered(place) > 0;
            found.push(Examples { heading, lines: list(judgement, &wanted, &reregistered, rest) });
        }
    }
    found.retain(|group| !group.lines.is_empty());
    found
}

fn list(
    judgement: &Judgement<'_>,
    wanted: &dyn Fn(usize) -> bool,
    accounts: &dyn Fn(usize) -> u64,
    rest: &str,
) -> Vec<String> {
    let mut places: Vec<usize> = (0..judgement.domains.len()).filter(|place| wanted(*place)).collect();
    let key = |place: &usize| {
        let domain = &judgement.domains[*place];
        let earliest = domain.verdict.drop.earliest.map_or(i32::MAX, |day| day.0);
        (Reverse(domain.verdict.risk), earliest, Reverse(accounts(*place)), domain.name)
    };
    if places.len() > EXAMPLES {
        places.select_nth_unstable_by(EXAMPLES, |a, b| key(a).cmp(&key(b)));
    }
    let more = places.len().saturating_sub(EXAMPLES);
    places.truncate(EXAMPLES);
    places.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut lines: Vec<String> =
        places.iter().map(|place| example(&judgement.domains[*place], accounts(*place))).collect();
    if more > 0 {
        lines.push(format!("… and {more} more: select from {rest}"));
    }
    lines
}

fn example(domain: &JudgedDomain<'_>, accounts: u64) -> String {
    let verdict = &domain.verdict;
    let drop = match (verdict.drop.earliest, verdict.drop.latest) {
        (Some(earliest), Some(latest)) if earliest == latest => format!(", free from {earliest}"),
        (Some(earliest), Some(latest)) => format!(", free between {earliest} and {latest}"),
        (Some(earliest), None) => format!(", free from {earliest} at the earliest"),
        _ => String::new(),
    };
    let plural = if accounts == 1 { "account" } else { "accounts" };
    let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.name()).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!("{}: {} {plural}, {}{drop}{reasons}", domain.name, accounts, verdict.state.name())
}
