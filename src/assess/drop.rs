//! When someone else can register a domain.
//!
//! Both ends are days, counted from the day *t* on which the evidence was seen. The zone says nothing about phases,
//! so *t* is the day on which the RDAP answer was fetched. Where the year was already added by auto-renewal, the
//! expiry that counts is a year before the printed one. The end is never before the beginning: a name
//! long expired, but not yet deleted at *t*, still has redemption and pending delete before it.

use super::facts::Facts;
use super::verdict::{DropWindow, State};
use crate::rdap::Status;
use crate::time::Day;

/// The days between which a domain in this state can first be registered by someone else.
pub(crate) fn drop_window(state: State, facts: &Facts<'_>) -> DropWindow {
    let lifecycle = &facts.lifecycle;
    let seen = facts.answer.map(|answer| answer.fetched_at.day());
    let after = |days: i32| seen.map(|day| day.plus(days));
    match state {
        State::Available => {
            let today = Some(facts.as_of.day());
            DropWindow { earliest: today, latest: today }
        }
        State::PendingDelete => window(seen, after(lifecycle.last_days())),
        State::Redemption => window(after(lifecycle.last_days()), after(lifecycle.out_of_zone_days())),
        State::Grace | State::Hold => {
            let latest = expiry(facts).map(|day| day.plus(lifecycle.expiry_to_drop_days()));
            window(after(lifecycle.out_of_zone_days()), latest)
        }
        State::Expiring => {
            let expiry = expiry(facts);
            window(
                expiry
                    .map(|day| day.plus(lifecycle.out_of_zone_days() - lifecycle.deletes_before_expiry_days)),
                expiry.map(|day| day.plus(lifecycle.expiry_to_drop_days())),
            )
        }
        State::Absent => window(facts.dropped.map(|day| day.plus(lifecycle.out_of_zone_days())), None),
        _ => DropWindow::default(),
    }
}

fn window(earliest: Option<Day>, latest: Option<Day>) -> DropWindow {
    DropWindow {
        earliest,
        latest: latest.map(|latest| earliest.map_or(latest, |earliest| latest.max(earliest))),
    }
}

/// The expiry from which the phases count: the one that is past or near, else the printed one, a year
/// earlier where auto-renewal has moved it.
fn expiry(facts: &Facts<'_>) -> Option<Day> {
    let (registry, registrar) = (facts.expires(), facts.registrar_expires());
    let counts = |day: &Day| facts.is_lately_past(Some(*day)) || facts.is_near(Some(*day));
    if let Some(day) = registry.filter(counts).into_iter().chain(registrar.filter(counts)).min() {
        return Some(day);
    }
    let moved = facts.has(Status::AutoRenewPeriod);
    registry.map(|day| if moved && facts.days_past(day) < 0 { day.year_earlier() } else { day })
}
