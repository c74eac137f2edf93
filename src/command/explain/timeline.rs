//! What happened to a name, and what will, by date: seen, dropped, returned, registered, expires, free for others.

use serde::Serialize;

use super::clock;
use super::row::DomainRow;
use crate::assess::State;
use crate::rdap::RdapOutcome;
use crate::time::{Day, Moment};
use crate::wording::count;

/// An event, or a span of days on any of which something can happen first.
#[derive(Debug, Serialize)]
pub(super) struct TimelineEvent {
    /// The day, or the first one.
    pub(super) day: Day,
    /// The last day, if that is another one.
    pub(super) until: Option<Day>,
    pub(super) event: String,
}

impl TimelineEvent {
    fn new(day: Day, event: impl Into<String>) -> Self {
        Self { day, until: None, event: event.into() }
    }

    /// Something that can happen first on one of these days. An end that is not known is none.
    pub(super) fn span(from: Option<Day>, to: Option<Day>, event: &str) -> Option<Self> {
        let event = match (from, to) {
            (None, Some(_)) => format!("{event}, at the latest"),
            _ => event.to_owned(),
        };
        Some(Self { day: from.or(to)?, until: to.filter(|to| from.is_some_and(|from| from != *to)), event })
    }
}

/// The events of a name in the order of their days; those of one day in the order in which they are listed here.
/// `servers_before` are its name servers before their last change, as far as they are known.
pub(super) fn timeline(
    row: &DomainRow,
    servers_before: &[String],
    as_of: Moment,
    verified_at: Option<Moment>,
) -> Vec<TimelineEvent> {
    let mut events = history(row, servers_before);
    events.extend(answer(row));
    events.extend(verified_at.map(|at| TimelineEvent::new(at.day(), "the address was verified")));
    events.push(TimelineEvent::new(as_of.day(), "judged as of this day"));
    let free = match row.state {
        State::Available => "free for others since this day or earlier",
        _ => "free for others",
    };
    events.extend(TimelineEvent::span(row.earliest_drop_on, row.latest_drop_on, free));
    // the window of the verdict may be that of a phase
    let is_told = |phase: &TimelineEvent| {
        Some(phase.day) == row.earliest_drop_on
            && phase.until == row.latest_drop_on.filter(|day| *day != phase.day)
    };
    events.extend(clock::phases(row, as_of).into_iter().filter(|phase| !is_told(phase)));
    events.sort_by_key(|event| event.day);
    events
}

fn history(row: &DomainRow, servers_before: &[String]) -> Vec<TimelineEvent> {
    let mut events = Vec::new();
    let mut add = |day: Option<Day>, event: String| {
        events.extend(day.map(|day| TimelineEvent::new(day, event)));
    };
    add(row.first_seen, "first seen in the zone".to_owned());
    let before = match servers_before {
        [] => String::new(),
        servers => format!(", before: {}", servers.join(", ")),
    };
    add(row.name_servers_changed_on, format!("name servers changed{before}"));
    if let (Some(from), Some(to)) = (row.gap_from, row.gap_to)
        && row.dropped_on != Some(from)
    {
        let days = count(to.since(from).max(0) as u64 + 1, "day");
        add(Some(from), format!("absent until {to}, {days}, then returned"));
    }
    let still = row.gap_to.filter(|_| row.gap_from == row.dropped_on);
    let still = still.map(|day| format!("; still absent on {day}")).unwrap_or_default();
    add(row.dropped_on, format!("dropped from the zone{still}"));
    // that it is in the zone now is told with the zone
    let last_seen = row.last_seen.filter(|day| row.present != Some(true) || Some(*day) != row.zone_date);
    add(last_seen, "last seen in the zone".to_owned());
    events
}

fn answer(row: &DomainRow) -> Vec<TimelineEvent> {
    let (Some(outcome), Some(fetched)) = (row.rdap_outcome, row.rdap_fetched_at) else {
        return Vec::new();
    };
    let dates = [
        ("registered", row.registered_at),
        ("reregistered", row.reregistered_at),
        ("reinstantiated", row.reinstantiated_at),
        ("transferred to another registrar", row.transferred_at),
        ("expires", row.expires_at),
        ("expires, as the registrar says", row.registrar_expires_at.filter(|at| Some(*at) != row.expires_at)),
    ];
    let mut events: Vec<TimelineEvent> = Vec::new();
    if outcome == RdapOutcome::Found {
        let dated = |(event, at): (&str, Option<Moment>)| Some(TimelineEvent::new(at?.day(), event));
        events.extend(dates.into_iter().filter_map(dated));
    }
    events.push(TimelineEvent::new(fetched.day(), format!("RDAP answered: {}", outcome.name())));
    events
}
