//! The clock of a name: each phase of its top-level domain, with its days for this name.
//!
//! Figures come with their source and its date, and an old one says so, for registries change them. What is not known
//! is not shown. The days are those of the table; what zones and answers add is in the window of the verdict.

use serde::Serialize;

use super::row::DomainRow;
use super::timeline::TimelineEvent;
use crate::assess::State;
use crate::assess::lifecycle::{Clock, Printed, Release, Renews};
use crate::assess::verdict::DropSource;
use crate::name::suffix::SuffixKind;
use crate::time::{Day, Moment};

/// Days after which a source is called old: two years.
const OLD: i32 = 731;

/// What shortens the days of a registry beyond what its line can say: none of it shows in an answer.
const SHORTER: [(&str, &str); 2] = [
    ("de", "at once after the holder's waiver or a deletion for legal reasons, and for a DISPUTE claimant"),
    ("lt", "at once after a deletion that is neither an expiry nor the registrar's"),
];

/// The clock in words, and the figures of the table that it is from.
#[derive(Debug, Serialize)]
pub(super) struct ToldClock {
    /// Who renews, what is printed, how the name is given away.
    pub(super) words: String,
    /// What a person should know about its days for this name.
    pub(super) notes: Vec<String>,
    out_from: Option<i32>,
    out_to: Option<i32>,
    drop_from: Option<i32>,
    drop_to: Option<i32>,
    gone_from: Option<i32>,
    gone_to: Option<i32>,
    cancel_from: Option<i32>,
    restore_to: Option<i32>,
    source: &'static str,
    seen: Option<Day>,
}

/// The clock of a judged domain.
pub(super) fn clock_of(row: &DomainRow) -> &'static Clock {
    let is_private = row.suffix_kind.as_deref() == Some(SuffixKind::Private.name());
    Clock::of(&row.judged_domain, if is_private { SuffixKind::Private } else { SuffixKind::Icann })
}

impl ToldClock {
    /// The clock of a domain.
    pub(super) fn of(row: &DomainRow, as_of: Moment) -> Self {
        let clock = clock_of(row);
        let is_registrable = !matches!(row.state, State::SpecialUse | State::NotRegistrable);
        Self {
            words: if is_registrable { summary(row, clock, as_of.day()) } else { String::new() },
            notes: if is_registrable { notes(row, clock) } else { Vec::new() },
            out_from: clock.out_from,
            out_to: clock.out_to,
            drop_from: clock.drop_from,
            drop_to: clock.drop_to,
            gone_from: clock.gone_from,
            gone_to: clock.gone_to,
            cancel_from: clock.cancel_from,
            restore_to: clock.restore_to,
            source: clock.source,
            seen: clock.seen,
        }
    }
}

/// The phases to come and those that began, each with its first day and, where it has one, its last.
pub(super) fn phases(row: &DomainRow, as_of: Moment) -> Vec<TimelineEvent> {
    let clock = clock_of(row);
    let is_over = matches!(row.state, State::SpecialUse | State::NotRegistrable | State::Available);
    if is_over || !clock.has_bounds() {
        return Vec::new();
    }
    let mut phases = Vec::new();
    let mut add = |start: Day, from: Option<i32>, to: Option<i32>, event: &str| {
        let day = |days: i32| start.plus(days);
        phases.extend(TimelineEvent::span(from.map(day), to.map(day), event));
    };
    let is_deleted = matches!(row.state, State::PendingDelete | State::Redemption);
    let paid = row.found_on().and(row.expires_at.or(row.registrar_expires_at)).map(Moment::day);
    // where the registry renews, a deletion goes its own way, whenever the paid time ends
    if let Some(paid) = paid.filter(|_| !(is_deleted && clock.renews == Some(Renews::Registry))) {
        add(paid, clock.out_from, clock.out_to, "out of the zone if nobody pays");
        let restorable = |out: Option<i32>| Some(out? + clock.restore_to?);
        add(paid, restorable(clock.out_from), restorable(clock.out_to), "last day to restore, if unpaid");
        add(paid, clock.drop_from, clock.drop_to, "free for others if nobody pays");
    }
    if let Some(left) = row.dropped_on {
        add(left, clock.restore_to, None, "last day to restore, by its drop from the zone");
        add(left, clock.gone_from, clock.gone_to, "free for others, by its drop from the zone");
    } else if !is_deleted && (row.found_on().is_some() || row.present == Some(true)) {
        add(as_of.day(), clock.cancel_from, None, "free for others if it is deleted today");
    }
    phases
}

/// Who renews, what is printed, how the name is given away, and where that is from.
fn summary(row: &DomainRow, clock: &Clock, today: Day) -> String {
    if *clock == Clock::UNKNOWN || !clock.has_bounds() {
        let suffix = row.public_suffix.as_deref().unwrap_or_default();
        return format!("of .{suffix} is not known: no day of a drop is computed");
    }
    let renews = match clock.renews {
        Some(Renews::Registry) => "the registry renews by itself",
        Some(Renews::Holder) => "unpaid names lapse",
        None => "who renews is not known",
    };
    let printed = match clock.printed {
        Printed::Paid => String::new(),
        Printed::Nothing => "; no expiration is published".to_owned(),
        Printed::Moves => "; the printed day moves a year".to_owned(),
        Printed::Late(days) => format!("; paid names show a past day for up to {days} days"),
        Printed::Drop => "; suspended names show the day of the drop".to_owned(),
    };
    let next = match clock.next {
        Some(Release::Auction) => "; then auctioned",
        Some(Release::Session) => "; then given away in a session of registrars",
        Some(Release::Round) => "; then given away in a round",
        Some(Release::Queue) => "; then offered to whoever waits for it",
        Some(Release::Open) | None => "",
    };
    let seen = clock.seen.map(|day| {
        let old = if today.since(day) > OLD { ", more than two years old" } else { "" };
        format!(", {day}{old}")
    });
    format!("{renews}{printed}{next} [{}{}]", clock.source, seen.unwrap_or_default())
}

/// Why a day is so early, and what can make it earlier still.
fn notes(row: &DomainRow, clock: &Clock) -> Vec<String> {
    let mut notes = Vec::new();
    if is_day_seen(row, clock) {
        let suffix = row.public_suffix.as_deref().unwrap_or_default();
        notes.push(format!(
            "the earliest day is the one on which it was last seen, in service as far as is known: its \
             holder can ask for a deletion on any day, and how long that takes in .{suffix} is not known"
        ));
    }
    let top = crate::name::suffix::tld(&row.judged_domain);
    let shorter = SHORTER.iter().find(|(name, _)| top == *name);
    notes.extend(shorter.map(|(_, when)| format!("not counted here: others can register it {when}")));
    notes
}

/// Whether the earliest day of the drop is no more than that on which the name was last seen in service, because how
/// long a deletion on request takes is not known.
fn is_day_seen(row: &DomainRow, clock: &Clock) -> bool {
    let is_listed = row.drop_source.as_deref() == Some(DropSource::List.name());
    let seen = row.seen_on().max(row.found_on());
    clock.has_bounds()
        && clock.cancel_from.is_none()
        && !is_listed
        && row.state != State::Available
        && row.earliest_drop_on.is_some()
        && row.earliest_drop_on == seen
}
