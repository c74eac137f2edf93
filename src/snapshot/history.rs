//! What a store remembers about a name beyond the snapshot of the day.
//!
//! Each entry holds the past of the name up to the snapshot before, and whether the name is in this one. What that
//! means is worked out when somebody asks ([`Past::until`]): a name that is not here is *dropped* if the snapshot
//! proves absence, else only *not seen*. So it may turn out last whether a snapshot is whole, when its file was read
//! to the end, or a person may accept it later. The entries stay as they are.
//!
//! The past of an entry does not depend on whether the name is in this snapshot. So another file of the same date can
//! take its place even if the snapshot before is gone: the entries still hold everything that it knew.
//!
//! An entry without dates was in the snapshot before (or there was none), and nothing ever happened to it. It costs
//! nothing. The dates of an entry come in this order; each is there if its bit is set in the byte before them:
//!
//! | bit | dates |
//! |---|---|
//! | 1 | first seen; without it, in the zone's first snapshot or not known |
//! | 2 | last seen, for a name that was not in the snapshot before |
//! | 4 | the latest absence: first and last date |
//! | 8 | the latest absence of [`LONG_ABSENCE`] days or more, if that is another one |
//! | 16 | the latest absence went on up to the snapshot before (no dates) |
//! | 32 | the last change of name servers: its date, then the number of the set before |

use super::format::{push_number, take_number};
use crate::time::Day;

/// Days of absence after which a name may have been dropped and registered again: redemption (30) and pending delete
/// (5), RFC 3915, section 3.1. Both ends count: a name that was missing on a single date was absent for one day.
pub(crate) const LONG_ABSENCE: i32 = 35;

const FIRST_SEEN: u8 = 1;
const LAST_SEEN: u8 = 2;
const ABSENCE: u8 = 4;
const LONG: u8 = 8;
const GOES_ON: u8 = 16;
const CHANGE: u8 = 32;

/// The first and the last date on which a name was proved absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// The first date.
    pub from: Day,
    /// The last date.
    pub to: Day,
}

impl Absence {
    /// Days, both ends counted.
    pub(crate) fn days(&self) -> i32 {
        self.to.since(self.from).saturating_add(1)
    }

    /// Whether it is long enough for a registration to have ended.
    pub(crate) fn is_long(&self) -> bool {
        self.days() >= LONG_ABSENCE
    }
}

/// A change of name servers: the first date with others, and the number of the set before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerChange {
    /// The first date with others.
    pub day: Day,
    /// The set before.
    pub before: u32,
}

/// A name's past before a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Past {
    /// First date it was seen, if that is known.
    pub first_seen: Option<Day>,
    /// Last date it was seen; none if it was in the snapshot before.
    pub last_seen: Option<Day>,
    /// The latest absence.
    pub absence: Option<Absence>,
    /// The latest long absence, if it is not the latest of all.
    pub long_absence: Option<Absence>,
    /// Whether it was still absent in the last snapshot that could tell.
    pub(crate) goes_on: bool,
    /// The last change of name servers.
    pub change: Option<ServerChange>,
}

/// What is known about a name at the date of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// First date it was in a snapshot; none for names of the first snapshot of the zone.
    pub first_seen: Option<Day>,
    /// Last date it was in a snapshot.
    pub last_seen: Option<Day>,
    /// The latest absence, over or not.
    pub absence: Option<Absence>,
    /// The latest absence of [`LONG_ABSENCE`] days or more; may be the same.
    pub long_absence: Option<Absence>,
    /// The first date without it, if it is proved absent since.
    pub dropped_on: Option<Day>,
    /// The last change of name servers.
    pub change: Option<ServerChange>,
}

/// The snapshot that holds an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    /// Its date.
    pub day: Day,
    /// The date of the snapshot before.
    pub(crate) base: Option<Day>,
    /// Whether a name that is not in it is absent.
    pub(crate) proves_absence: bool,
}

impl Past {
    /// The history up to this snapshot; `here`: the name is in it.
    pub fn until(&self, today: &Today, here: bool) -> History {
        let mut history = History {
            first_seen: self.first_seen,
            last_seen: if here { Some(today.day) } else { self.last_seen.or(today.base) },
            absence: self.absence,
            long_absence: self.absence.filter(Absence::is_long).or(self.long_absence),
            dropped_on: None,
            change: self.change,
        };
        if here {
            return history;
        }
        let open = self.absence.filter(|_| self.goes_on);
        history.dropped_on = open.map(|absence| absence.from);
        if today.proves_absence {
            let absence = Absence { from: open.map_or(today.day, |absence| absence.from), to: today.day };
            history.absence = Some(absence);
            history.dropped_on = Some(absence.from);
            if absence.is_long() {
                history.long_absence = Some(absence);
            }
        }
        history
    }

    /// Whether there is nothing to remember.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Appends the dates.
    pub(crate) fn push(&self, day: Day, bytes: &mut Vec<u8>) {
        let flag = |present: bool, bit: u8| if present { bit } else { 0 };
        bytes.push(
            flag(self.first_seen.is_some(), FIRST_SEEN)
                | flag(self.last_seen.is_some(), LAST_SEEN)
                | flag(self.absence.is_some(), ABSENCE)
                | flag(self.long_absence.is_some(), LONG)
                | flag(self.goes_on, GOES_ON)
                | flag(self.change.is_some(), CHANGE),
        );
        let mut date = |date: Day| push_number(u64::try_from(day.since(date)).unwrap_or(0), bytes);
        self.first_seen.into_iter().chain(self.last_seen).for_each(&mut date);
        for absence in self.absence.into_iter().chain(self.long_absence) {
            date(absence.from);
            date(absence.to);
        }
        if let Some(change) = self.change {
            date(change.day);
            push_number(u64::from(change.before), bytes);
        }
    }

    /// Reads the dates at `at`, and moves `at` past them.
    pub fn take(day: Day, bytes: &[u8], at: &mut usize) -> Option<Self> {
        let bits = *bytes.get(*at)?;
        *at += 1;
        let mut date = || Some(day.plus(-i32::try_from(take_number(bytes, at)?).ok()?));
        let mut past = Self { goes_on: bits & GOES_ON != 0, ..Self::default() };
        if bits & FIRST_SEEN != 0 {
            past.first_seen = Some(date()?);
        }
        if bits & LAST_SEEN != 0 {
            past.last_seen = Some(date()?);
        }
        if bits & ABSENCE != 0 {
            past.absence = Some(Absence { from: date()?, to: date()? });
        }
        if bits & LONG != 0 {
            past.long_absence = Some(Absence { from: date()?, to: date()? });
        }
        if bits & CHANGE != 0 {
            let day = date()?;
            past.change = Some(ServerChange { day, before: u32::try_from(take_number(bytes, at)?).ok()? });
        }
        Some(past)
    }
}

impl History {
    /// The past of the entry in the next snapshot. `base`: the date up to which this history reaches.
    pub fn as_past(&self, base: Day) -> Past {
        let latest = self.absence;
        Past {
            first_seen: self.first_seen,
            last_seen: self.last_seen.filter(|day| *day != base),
            absence: latest,
            long_absence: self.long_absence.filter(|long| Some(*long) != latest),
            goes_on: self.dropped_on.is_some(),
            change: self.change,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter a day: `+` here, `-` not here, `?` not here in a snapshot that proves nothing.
    #[track_caller]
    fn after(days: &str, expected: &str) {
        let mut past = Past::default();
        let mut history = History::default();
        for (number, letter) in days.chars().enumerate() {
            let day = Day(number as i32);
            let base = (number > 0).then(|| Day(number as i32 - 1));
            let today = Today { day, base, proves_absence: letter != '?' };
            let mut bytes = Vec::new();
            past.push(day, &mut bytes);
            assert_eq!(Past::take(day, &bytes, &mut 0), Some(past));
            history = past.until(&today, letter == '+');
            past = history.as_past(day);
        }
        let run = |absence: Option<Absence>| {
            absence.map_or("-".to_owned(), |absence| format!("{}..{}", absence.from.0, absence.to.0))
        };
        let date = |day: Option<Day>| day.map_or("-".to_owned(), |day| day.0.to_string());
        let found = format!(
            "last {} gap {} long {} dropped {}",
            date(history.last_seen),
            run(history.absence),
            run(history.long_absence),
            date(history.dropped_on)
        );
        assert_eq!(found, expected, "{days}");
    }

    #[test]
    fn histories() {
        after("+", "last 0 gap - long - dropped -");
        after("++", "last 1 gap - long - dropped -");
        after("+-", "last 0 gap 1..1 long - dropped 1");
        after("+--", "last 0 gap 1..2 long - dropped 1");
        after("+-?", "last 0 gap 1..1 long - dropped 1");
        after("+?", "last 0 gap - long - dropped -");
        after("+??", "last 0 gap - long - dropped -");
        after("+?-", "last 0 gap 2..2 long - dropped 2");
        after("+-+", "last 2 gap 1..1 long - dropped -");
        after("+-?-+-", "last 4 gap 5..5 long - dropped 5");
        let long = format!("+{}+", "-".repeat(35));
        after(&long, "last 36 gap 1..35 long 1..35 dropped -");
        after(&format!("{long}-+"), "last 38 gap 37..37 long 1..35 dropped -");
        after(&format!("{long}-+--"), "last 38 gap 39..40 long 1..35 dropped 39");
        after(&format!("+{}+", "-".repeat(34)), "last 35 gap 1..34 long - dropped -");
    }
}
