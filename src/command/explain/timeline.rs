//! What happened to a name, and what will, by date: seen, dropped, returned, registered, expires, free for others.

use crate::assess::judged::JudgedDomain;
use crate::rdap::RdapOutcome;
use crate::time::{Day, Moment};
use crate::wording::count;

/// The events of a name in the order of their days; those of one day in the order in which they are listed here.
pub(crate) fn timeline(
    domain: &JudgedDomain<'_>,
    as_of: Moment,
    verified_at: Option<Moment>,
) -> Vec<(Day, String)> {
    let mut events = Vec::new();
    add_history(&mut events, domain);
    add_answer(&mut events, domain);
    if let Some(verified_at) = verified_at {
        events.push((verified_at.day(), "the address was verified".to_owned()));
    }
    events.push((as_of.day(), "judged as of this day".to_owned()));
    let drop = &domain.verdict.drop;
    if let Some(day) = drop.earliest {
        events.push((day, "free for others at the earliest".to_owned()));
    }
    if let Some(day) = drop.latest {
        events.push((day, "free for others at the latest".to_owned()));
    }
    events.sort_by_key(|(day, _)| *day);
    events
}

fn add_history(events: &mut Vec<(Day, String)>, domain: &JudgedDomain<'_>) {
    let zone = &domain.evidence.zone;
    let (history, long_gap) = (zone.history(), domain.long_gap());
    if let Some(day) = history.first_seen {
        events.push((day, "first seen in the zone".to_owned()));
    }
    if let Some(change) = history.change {
        let servers: Vec<&str> = zone.servers_before().collect();
        let before = if servers.is_empty() { "none".to_owned() } else { servers.join(", ") };
        events.push((change.day, format!("name servers changed, before: {before}")));
    }
    let latest = history.absence().filter(|absence| Some(*absence) != long_gap);
    for absence in long_gap.into_iter().chain(latest) {
        let days = count(absence.days().max(0) as u64, "day");
        if Some(absence.from) == history.dropped_on {
            events.push((absence.from, format!("dropped from the zone; still absent on {}", absence.to)));
        } else {
            events.push((absence.from, format!("absent until {}, {days}, then returned", absence.to)));
        }
    }
    if let Some(day) = history.last_seen {
        events.push((day, "last seen in the zone".to_owned()));
    }
}

fn add_answer(events: &mut Vec<(Day, String)>, domain: &JudgedDomain<'_>) {
    let rdap = domain.evidence.rdap();
    let Some(answer) = rdap.answer else { return };
    if answer.outcome == RdapOutcome::Found {
        let dates = &answer.events;
        let labelled = [
            ("registered", dates.registered),
            ("reregistered", dates.reregistered),
            ("reinstantiated", dates.reinstantiated),
            ("transferred", dates.transferred),
            ("last changed", dates.changed),
            ("expires", dates.expires),
            ("registrar expires", rdap.registrar_expires.or(dates.registrar_expires)),
        ];
        for (label, moment) in labelled {
            if let Some(moment) = moment {
                events.push((moment.day(), format!("{label}, {moment}")));
            }
        }
    }
    events.push((answer.fetched_at.day(), format!("RDAP answered: {}", answer.outcome.name())));
}
