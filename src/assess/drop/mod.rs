//! When someone else can register a domain.
//!
//! Both ends are true bounds, as far as the figures in `data/lifecycle.csv` are: the day on which someone else can first
//! have the name is not before the earliest, and not after the latest if the holder does nothing. There are always
//! two paths. A name that nobody pays for goes by the printed day, E. A deletion that holder, registrar, registry or
//! court ask for goes by the day on which they do, which may be any day, before E or after it. With *s0*, the last day on
//! which the name was surely in service, and *s1*, the first day with a sign of a deletion:
//!
//! * A name in service can be deleted on the very day on which it was seen: earliest = min(E + `drop_from`, s0 +
//!   `cancel_from`). Where the table does not say how long that takes (no `cancel_from`), it may take no time at all:
//!   earliest = s0.
//! * A name out of service left the zone after s0. On the first path the earliest is max(E + `drop_from`, s0 + 1 +
//!   `gone_from`), on the second s0 + 1 + min(`gone_from`, `cancel_from`). The smaller one counts: nothing tells which
//!   path the name took. Without s0 the second path has no such bound. It is left out only where the table
//!   does not say how long a deletion takes (no `cancel_from`) and E is past.
//! * A name of which nothing tells whether it is in service, because its answer does not say so, may be either: where the
//!   table does not say how long a deletion takes, the earliest is the day of the answer.
//! * No earliest is before the last day on which the registry still knew the name; after that, redemption period leaves
//!   the days in which nobody can restore the name.
//! * Latest = min(E + `drop_to`, s1 + `gone_to`). A mere hold is no sign of a deletion. Where the registry renews by
//!   itself, E does not bound a deletion that is under way, for a registrar may ask for it long after E.
//!
//! An end that nobody knows is none. Ends that contradict each other are both given (`drop.contradictory`), for clipping
//! one would hide it. A day that a registry's list gives replaces all of this.

use super::facts::Facts;
use super::lifecycle::{Printed, Renews};
use super::phase::Phase;
use super::reason::Reason;
use super::verdict::{DropSource, DropWindow, State};
use crate::rdap::Status;
use crate::time::Day;

/// The days between which a domain in this state can first be registered by someone else.
pub(crate) fn drop_window(state: State, facts: &Facts<'_>) -> DropWindow {
    let computed = match state {
        State::Available => {
            // free since that day at the latest
            let seen = facts.answer.map_or(facts.as_of, |answer| answer.fetched_at);
            DropWindow { earliest: Some(seen.day()), latest: Some(seen.day()) }
        }
        State::PendingDelete | State::Redemption | State::Grace | State::Hold | State::Expiring => {
            let suspended =
                facts.deletion_seen().filter(|_| facts.clock.printed == Printed::Drop && !facts.is_present());
            match suspended.and_then(|_| facts.expires()) {
                Some(day) => DropWindow { earliest: Some(day), latest: Some(day) },
                None => DropWindow { earliest: earliest(facts), latest: latest(facts) },
            }
        }
        State::Absent => DropWindow { earliest: earliest(facts), latest: None },
        _ => return DropWindow::default(),
    };
    facts.listed.unwrap_or(computed)
}

/// What tells these days. Where several things do, the strongest is named: a list of the registry, then what it says of
/// the name itself, then the day to which it is paid, then its absence from the zone.
pub(crate) fn drop_source(state: State, facts: &Facts<'_>, window: DropWindow) -> Option<DropSource> {
    window.earliest.or(window.latest)?;
    let is_deleted = facts.has(Status::PendingDelete) || facts.has(Status::RedemptionPeriod);
    Some(match state {
        _ if facts.listed.is_some() || facts.standing.is_some() => DropSource::List,
        State::Available if facts.reasons.contains(Reason::ListNotRegistered) => DropSource::List,
        State::Absent => DropSource::Zone,
        State::Available => DropSource::Status,
        _ if is_deleted || facts.phases.is_sign() => DropSource::Status,
        _ if expiry(facts).is_some() => DropSource::Expiry,
        _ if facts.is_absent() => DropSource::Zone,
        _ => DropSource::Status,
    })
}

impl DropWindow {
    /// Whether its ends contradict each other.
    pub(crate) fn is_contradictory(&self) -> bool {
        self.earliest.zip(self.latest).is_some_and(|(earliest, latest)| earliest > latest)
    }
}

fn earliest(facts: &Facts<'_>) -> Option<Day> {
    let clock = facts.clock;
    if !clock.has_bounds() {
        return None;
    }
    let service = last_service(facts);
    let expiry = expiry(facts);
    // a printed day that may be that of the drop already
    let may_be_drop = clock.printed == Printed::Drop && facts.found().is_some() && has_sign(facts);
    let unpaid = expiry.and_then(|day| Some(day.plus(if may_be_drop { 0 } else { clock.drop_from? })));
    let after = |days: Option<i32>| service.day.and_then(|day| Some(day.plus(1 + days?)));
    if service.still {
        let cancelled = service.day.map(|day| day.plus(clock.cancel_from.unwrap_or(0)));
        // a printed day that may have moved does not tell when the paid time ends
        let may_have_moved =
            clock.printed == Printed::Moves && expiry.is_none_or(|day| facts.days_past(day) <= 0);
        let lapsed = match unpaid {
            Some(day) if may_have_moved => after(clock.gone_from).map(|gone| gone.min(day)),
            Some(day) => Some(day),
            None => after(clock.gone_from),
        };
        let bound = lapsed.map(|day| cancelled.map_or(day, |cancelled| cancelled.min(day)));
        return bound.max(service.day);
    }
    let by_deletion = after(clock.least_days());
    let by_expiry = unpaid.filter(|_| expiry.is_some_and(|day| has_passed(facts, day)));
    let by_expiry = by_expiry.map(|day| after(clock.gone_from).map_or(day, |gone| gone.max(day)));
    // if it is not known to be out of service, a deletion may take any time; and a hold of before its day has another cause
    let held_before =
        facts.is_on_hold() && facts.is_long_past() && !facts.was_past() && facts.deletion_seen().is_none();
    let may_be_cancelled = !is_out(facts) || held_before;
    let seen = facts.found().map(|answer| answer.fetched_at.day()).filter(|_| may_be_cancelled);
    let bound = match clock.cancel_from {
        None => seen.or(by_expiry).or(by_deletion),
        Some(_) => by_deletion.map(|deleted| by_expiry.map_or(deleted, |day| day.min(deleted))),
    };
    bound.max(known_until(facts)).max(service.day)
}

fn latest(facts: &Facts<'_>) -> Option<Day> {
    let clock = facts.clock;
    // registry and registrar may name days of their own, and the registry may wait for the later one
    let unpaid = expiries(facts).into_iter().flatten().filter(|day| tells_of_payment(facts, *day)).max();
    let unpaid = unpaid.and_then(|day| Some(day.plus(clock.drop_to?)));
    let Some(deleted) = latest_of_deletion(facts) else { return unpaid };
    match (clock.renews, unpaid) {
        (Some(Renews::Holder), Some(unpaid)) => Some(unpaid.min(deleted)),
        _ => Some(deleted),
    }
}

/// Whether the name is lost, if nothing else happens, because this day passed or will pass. A past day that paid names
/// show, too, tells nothing.
fn tells_of_payment(facts: &Facts<'_>, expiry: Day) -> bool {
    let is_registry = facts.expires() == Some(expiry) && facts.registrar_expires() != Some(expiry);
    let days = facts.days_past(expiry);
    days <= 0 || !is_registry || (facts.clock.past_is_a_sign() && days > facts.clock.late_days())
}

/// The last day by the clock of a deletion that was seen to be under way.
fn latest_of_deletion(facts: &Facts<'_>) -> Option<Day> {
    let clock = facts.clock;
    let seen = facts.deletion_seen().filter(|_| !facts.is_present())?;
    let gone_to = clock.gone_to?;
    if facts.is_final() {
        // left are the days in which nobody can restore the name, if no deletion is shorter
        return Some(seen.plus(gone_to - final_from(facts).unwrap_or(0)));
    }
    // where names are pending delete before they leave the zone, it may still have been there
    let by_status = facts.has(Status::PendingDelete) && !facts.has(Status::RedemptionPeriod);
    let left = match facts.dropped {
        _ if !by_status || clock.renews == Some(Renews::Registry) => seen,
        Some(dropped) => seen.max(dropped),
        None => seen.plus(clock.out_to?),
    };
    Some(left.plus(gone_to))
}

/// The last day on which a name was surely in service.
struct LastService {
    day: Option<Day>,
    /// Nothing newer speaks against it.
    still: bool,
}

fn last_service(facts: &Facts<'_>) -> LastService {
    let fetched = facts.answer.map(|answer| answer.fetched_at.day());
    // a zone that contradicts the answer which decides is wrong, or behind, unless it is older
    let is_newer = |day: &Day| fetched.is_some_and(|fetched| *day >= fetched);
    let contradicts = |day: &Day| facts.reasons.contains(Reason::Conflict) && is_newer(day);
    let zone = facts.last_seen.filter(|day| !contradicts(day));
    let told = facts.found().filter(|_| !has_sign(facts)).map(|answer| answer.fetched_at.day());
    // where names are pending delete while they are in the zone, the zone tells that one is in service
    let is_deleted = facts.deletion_seen().is_some() && facts.reasons.contains(Reason::Conflict);
    let is_held = facts.is_present() && !is_deleted && !facts.is_out_of_service();
    LastService { day: zone.max(told), still: told.is_some() || is_held && zone.is_some() }
}

/// Whether the found answer has a sign that the name may be on its way out. Where the registry renews by itself, a past
/// day, a hold or missing name servers are none: it ends a registration only by a deletion, and shows that. Where no
/// figure counts from the printed day, nothing tells how it shows that, so a past day and a hold together are a sign.
fn has_sign(facts: &Facts<'_>) -> bool {
    if facts.deletion_seen().is_some() || facts.phases.is_sign() || !facts.is_registered() {
        return true;
    }
    let (clock, is_stopped) = (facts.clock, facts.is_on_hold() || facts.has(Status::Inactive));
    if clock.renews == Some(Renews::Registry) {
        return is_stopped && clock.drop_from.is_none() && (facts.is_past() || facts.was_past());
    }
    let fetched = facts.found().map(|answer| answer.fetched_at.day());
    let may_be_out = facts.expires().zip(fetched).is_some_and(|(expiry, fetched)| {
        clock.out_from.is_none_or(|days| fetched.since(expiry) >= days) && fetched > expiry
    });
    let was_absent = facts.is_absent() && facts.dropped.is_none_or(|dropped| Some(dropped) <= fetched);
    // it may as well be in service, which matters where a deletion of such a name may take any time
    (may_be_out && clock.cancel_from.is_some()) || was_absent || is_stopped
}

/// Whether something tells that it is out of service, or that its deletion is under way.
fn is_out(facts: &Facts<'_>) -> bool {
    facts.is_out_of_service() || facts.deletion_seen().is_some() || facts.names(Phase::Final)
}

/// Whether a name out of service can be there because this day passed.
fn has_passed(facts: &Facts<'_>, expiry: Day) -> bool {
    facts.days_past(expiry) > 0 && facts.deletion_seen().is_none_or(|seen| seen >= expiry)
}

/// Days after it left the zone from which nobody can restore the name, if that holds for every deletion.
fn final_from(facts: &Facts<'_>) -> Option<i32> {
    let least = facts.clock.least_days()?;
    facts.clock.restore_to.filter(|days| *days <= least)
}

/// A day before which nobody else can have it, because the registry still knew it.
fn known_until(facts: &Facts<'_>) -> Option<Day> {
    let seen = facts.found()?.fetched_at.day();
    if facts.names(Phase::Available) || !(facts.is_registered() || facts.deletion_seen().is_some()) {
        return None;
    }
    let restorable = facts.has(Status::RedemptionPeriod);
    let left = final_from(facts).and_then(|from| Some(facts.clock.least_days()? - from));
    Some(seen.plus(left.filter(|_| restorable).unwrap_or(0)))
}

/// The first day from which the phases can count.
fn expiry(facts: &Facts<'_>) -> Option<Day> {
    expiries(facts).into_iter().flatten().min()
}

/// The days from which the phases can count: those that are past or near, or were past when the registry told them.
/// Without any, the printed day, a year earlier where auto-renewal has moved it.
fn expiries(facts: &Facts<'_>) -> [Option<Day>; 3] {
    let (registry, registrar) = (facts.expires(), facts.registrar_expires());
    let counts = |day: &Day| {
        (1..=facts.clock.past_days()).contains(&facts.days_past(*day)) || facts.is_near(Some(*day))
    };
    let has_moved = facts.has(Status::AutoRenewPeriod) && facts.clock.printed == Printed::Moves;
    let moved = registry.filter(|day| has_moved && facts.days_past(*day) < 0).map(Day::year_earlier);
    let counting = [
        registry.filter(|day| counts(day) || facts.was_past()),
        moved.filter(counts),
        registrar.filter(counts),
    ];
    if counting.iter().all(Option::is_none) { [moved.or(registry), None, None] } else { counting }
}

#[cfg(test)]
mod world;
