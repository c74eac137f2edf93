//! What evidence would settle or change a verdict, and where it can be had.
//!
//! It is told from what the report has of a name, so that it is the same for fresh evidence and for a finished report.

use super::row::DomainRow;
use crate::assess::{Action, Reason, State};
use crate::report::cures::Cures;
use crate::snapshot::Coverage;
use crate::time::Day;
use crate::wording::{agree, first_of};

/// Domains of servers that are named.
const SERVERS: usize = 3;

/// How many days evidence counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct EvidenceDays {
    /// That a complete zone lacks a name.
    pub(super) absence: u32,
    /// An RDAP answer.
    pub(super) answer: u32,
}

/// What would change a verdict, the most helpful first. `rule` decided: the domain's, or one of an account.
pub(super) fn to_change(row: &DomainRow, rule: &str, cures: Cures<'_>, days: EvidenceDays) -> Vec<String> {
    let tld = row.tld.as_deref().unwrap_or_default();
    let zone = || cures.zone(tld, row.zone_coverage);
    let rdap = || cures.rdap(tld);
    let mut told = Vec::new();
    match row.state {
        _ if rule != row.rule => told.extend(for_account(row, rule, rdap())),
        State::SpecialUse => {}
        State::NotRegistrable if row.has(Reason::Reserved) => {
            told.push("an RDAP answer of the registry that finds it".to_owned());
        }
        State::NotRegistrable => {}
        State::Unknown => {
            let ways = cures.ways(tld, row.zone_coverage, !row.has(Reason::UnknownTld));
            let these = agree(ways.len() as u64, "this", "any of these");
            told.push(format!("{these} could settle it: {}", ways.join("; ")));
        }
        State::Absent => {
            let whose = rdap().unwrap_or_else(|| "an RDAP answer of the registry, or its list".to_owned());
            told.push(format!("a dated answer settles it: {whose}"));
        }
        State::Available if row.has(Reason::Conflict) => {}
        State::Available if row.action != Action::Unverify && row.present.is_none() => {
            let way = zone().into_iter().next();
            let way = way.unwrap_or_else(|| "nobody is known to offer one".to_owned());
            told.push(format!("a complete zone without it makes it certain, and critical: {way}"));
        }
        State::Available => {
            told.push("a newer RDAP answer that finds it, or a newer zone that holds it".to_owned())
        }
        State::PendingDelete | State::Redemption => {
            told.push(
                "a newer RDAP answer that shows it restored, or a zone that holds it and is newer by more than a day"
                    .to_owned(),
            );
        }
        State::Grace => told.push("a newer RDAP answer, after it was paid for or deleted".to_owned()),
        State::Hold | State::Undelegated => {
            told.push("a newer RDAP answer, or a newer zone that holds it".to_owned());
        }
        State::Expiring => told.push("a newer RDAP answer with a later expiration".to_owned()),
        State::Active | State::Reregistered if row.found_on().is_none() => {
            told.extend(rdap().map(|whose| format!("its expiration is not known: {whose} may tell it")));
        }
        State::Active | State::Reregistered => {}
    }
    told.extend(counts_until(row, days));
    told.extend(contradictions(row));
    told.extend(open_servers(row));
    if row.has(Reason::LongGap) && rule == row.rule {
        told.push("`--verified-at` tells what the absence means for an account".to_owned());
    }
    told
}

/// What would change the verdict of an account whose domain changed hands.
fn for_account(row: &DomainRow, rule: &str, rdap: Option<String>) -> Option<String> {
    match rule {
        "reregistered.gap" | "reregistered.lapse" => {
            let whose = rdap.map(|whose| format!(": {whose}")).unwrap_or_default();
            Some(format!("a newer RDAP answer that shows a registration from before clears it{whose}"))
        }
        "reregistered.verified_again" => {
            Some("evidence cannot tell who verified again: a person has to ask the holder".to_owned())
        }
        _ => row.hands_changed_at.map(|at| {
            let day = at.day();
            format!("nothing but better evidence: the domain changed hands on {day}, after this verification")
        }),
    }
}

/// Until when the evidence counts that is there.
fn counts_until(row: &DomainRow, days: EvidenceDays) -> Option<String> {
    let last = |day: Day, days: u32| format!("until {}", day.plus(i32::try_from(days).unwrap_or(i32::MAX)));
    let answer = row.rdap_fetched_at.filter(|_| row.found_on().is_some() || row.state == State::Available);
    let answer = answer.map(|at| format!("the RDAP answer counts {}", last(at.day(), days.answer)));
    let is_absent = row.present == Some(false) && row.zone_coverage == Coverage::Complete;
    let zone = row.zone_date.filter(|_| is_absent);
    let zone = zone.map(|day| last(day, days.absence));
    match (answer, zone) {
        (Some(answer), Some(zone)) => Some(format!("{answer}, the absence from the zone {zone}")),
        (None, Some(zone)) => Some(format!("the absence from the zone counts {zone}")),
        (answer, None) => answer,
    }
}

/// What helps where sources contradict each other, or are not believed.
fn contradictions(row: &DomainRow) -> Option<String> {
    let words = if row.rule == "unknown.sources_disagree" {
        "two answers contradict each other: name the server that is right with `--trust-source`"
    } else if row.has(Reason::Conflict) {
        "zone and RDAP contradict each other: a newer answer or the zone of tomorrow decides"
    } else if row.has(Reason::NotTheRegistry) && row.found_on().is_none() {
        "if you trust a server that is not the registry's, name it with `--trust-source`"
    } else {
        return None;
    };
    Some(words.to_owned())
}

/// The domains of name and mail servers about which only a zone tells.
fn open_servers(row: &DomainRow) -> Option<String> {
    let servers = row.hijackable_name_servers.iter().chain(&row.hijackable_mail_servers);
    let unasked = servers.filter(|server| server.source == "zone");
    let mut domains: Vec<String> = unasked.map(|server| server.domain.clone()).collect();
    domains.sort();
    domains.dedup();
    let named = first_of(domains.iter().cloned(), SERVERS, "domain").join(", ");
    (!domains.is_empty()).then(|| format!("RDAP answers that tell whether these can be registered: {named}"))
}
