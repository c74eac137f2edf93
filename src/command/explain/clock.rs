//! The clock of a name: each phase of its top-level domain, with its days for this name.
//!
//! Figures come with their source and its date, and an old one says so, for registries change them. What is not known
//! is not shown. The days are those of the table; what zones and answers add is in the window of the verdict.

use crate::assess::Facts;
use crate::assess::judged::JudgedDomain;
use crate::assess::lifecycle::{Clock, Printed, Release, Renews};
use crate::time::Day;

/// Days after which a source is called old: two years.
const OLD: i32 = 731;

/// What shortens the days of a registry beyond what its line can say: none of it shows in an answer.
const SHORTER: [(&str, &str); 2] = [
    ("de", "at once after the holder's waiver or a deletion for legal reasons, and for a DISPUTE claimant"),
    ("lt", "at once after a deletion that is neither an expiry nor the registrar's"),
];

/// The lines of the clock: a label and what it says.
pub(super) fn clock(domain: &JudgedDomain<'_>, facts: &Facts<'_>) -> Vec<(&'static str, String)> {
    if facts.special_use || facts.public_suffix {
        return Vec::new();
    }
    let clock = facts.clock;
    let mut lines = vec![("clock", summary(domain, clock, facts.as_of.day()))];
    let of = |parts: Vec<Option<String>>| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if let Some(paid) = facts.expires().or(facts.registrar_expires()) {
        let days = of(vec![
            span("out of the zone", paid, clock.out_from, clock.out_to),
            span("for others", paid, clock.drop_from, clock.drop_to),
        ]);
        lines.push(("if unpaid", days));
    }
    if let Some(left) = facts.dropped {
        let days = of(vec![
            clock.restore_to.map(|days| format!("restorable until {}", left.plus(days))),
            span("for others", left, clock.gone_from, clock.gone_to),
        ]);
        lines.push(("out of the zone", days));
    } else if facts.found().is_some() || facts.is_present() {
        let days = clock.cancel_from.map(|days| format!("for others from {}", facts.as_of.day().plus(days)));
        lines.push(("if deleted today", days.unwrap_or_default()));
    }
    if let Some((_, shorter)) =
        SHORTER.iter().find(|(name, _)| crate::name::suffix::tld(domain.name) == *name)
    {
        lines.push(("sooner", format!("for others {shorter}: not counted here")));
    }
    lines.retain(|(_, text)| !text.is_empty());
    lines
}

/// Who renews, what is printed, how the name is given away, and where that is from.
fn summary(domain: &JudgedDomain<'_>, clock: &Clock, today: Day) -> String {
    if *clock == Clock::UNKNOWN || !clock.has_bounds() {
        return format!("of .{} is not known: no day of a drop is computed", domain.suffix());
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
        Some(Release::Queue) => "; then offered to who waits for it",
        Some(Release::Open) | None => "",
    };
    let seen = clock.seen.map(|day| {
        let old = if today.since(day) > OLD { ", more than two years old" } else { "" };
        format!(", {day}{old}")
    });
    format!("{renews}{printed}{next} [{}{}]", clock.source, seen.unwrap_or_default())
}

/// `what`, with its first and last day.
fn span(what: &str, start: Day, from: Option<i32>, to: Option<i32>) -> Option<String> {
    let day = |days: i32| start.plus(days);
    match (from, to) {
        (Some(from), Some(to)) if from == to => Some(format!("{what} on {}", day(from))),
        (Some(from), Some(to)) => Some(format!("{what} from {} to {}", day(from), day(to))),
        (Some(from), None) => Some(format!("{what} from {}", day(from))),
        (None, Some(to)) => Some(format!("{what} by {}", day(to))),
        (None, None) => None,
    }
}
