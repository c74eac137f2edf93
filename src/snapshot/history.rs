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
//! Of all absences of a name only those are kept that may ever count ([`super::absence`]).
//!
//! *Names that only hold names below them* (empty non-terminals) are not registered. A zone that proves absence proves
//! that much of them too, so such a day counts as one without the name. The entry is kept all the same, even of a name
//! that was never seen, so that the registered names below it can be told from it.
//!
//! An entry without dates was in the snapshot before (or there was none), and nothing ever happened to it. It costs
//! nothing. The dates of an entry come in this order; each is there if its bit is set in the byte before them:
//!
//! | bit | dates |
//! |---|---|
//! | 1 | first seen; without it, in the zone's first snapshot or not known |
//! | 2 | last seen, for a name that was not in the snapshot before |
//! | 4 | the latest absence |
//! | 8 | how many earlier ones follow, then these, the latest first |
//! | 16 | the latest absence went on up to the snapshot before (no dates) |
//! | 32 | the last change of name servers: its date, then the number of the set before |
//! | 64 | it was in no snapshot before; some held names below it (no dates) |
//!
//! An absence is four numbers: its last date; the days from its first date to its last; the days from the sighting
//! before to its first date; the days from its last date to the sighting after. A distance of 0 means that there is no
//! such sighting, or that it is not known. In the first version of the format an absence was its first and last date,
//! bit 8 was one more of 35 days or more, and bit 64 did not exist.

pub use super::absence::Absence;
use super::absence::end_latest;
use super::format::{push_number, take_number};
use crate::time::Day;

const FIRST_SEEN: u8 = 1;
const LAST_SEEN: u8 = 2;
const ABSENCE: u8 = 4;
const EARLIER: u8 = 8;
const GOES_ON: u8 = 16;
const CHANGE: u8 = 32;
const NEVER_SEEN: u8 = 64;

/// What a snapshot says of a name that has an entry in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The zone delegates it, or holds data of its own at it.
    Here,
    /// The zone holds only names below it.
    OnlyBelow,
    /// It is not there.
    Gone,
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Past {
    /// First date it was seen, if that is known.
    pub first_seen: Option<Day>,
    /// Last date it was seen; none if it was in the snapshot before.
    pub last_seen: Option<Day>,
    /// The absences that are kept, the latest first.
    pub absences: Vec<Absence>,
    /// Whether it was still absent in the last snapshot that could tell.
    pub(crate) goes_on: bool,
    /// Whether it was never seen, only names below it.
    pub(crate) never_seen: bool,
    /// The last change of name servers.
    pub change: Option<ServerChange>,
}

/// What is known about a name at the date of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// First date it was in a snapshot; none for names of the first snapshot of the zone.
    pub first_seen: Option<Day>,
    /// Last date it was in a snapshot.
    pub last_seen: Option<Day>,
    /// The absences that are kept, the latest first; that one may not be over.
    pub absences: Vec<Absence>,
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
    /// The past of a name that is new on this day.
    pub(crate) fn new_on(day: Day, sight: Sight) -> Self {
        match sight {
            Sight::OnlyBelow => Self { never_seen: true, ..Self::default() },
            _ => Self { first_seen: Some(day), ..Self::default() },
        }
    }

    /// The history up to this snapshot, which says this of the name.
    pub fn until(&self, today: &Today, sight: Sight) -> History {
        let last_seen = self.last_seen.or(today.base).filter(|_| !self.never_seen);
        if last_seen.is_none() && sight != Sight::Here {
            // it was never there, so it is not away
            return History::default();
        }
        let mut history = History {
            first_seen: self.first_seen,
            last_seen,
            absences: self.absences.clone(),
            dropped_on: self.absences.first().filter(|_| self.goes_on).map(|absence| absence.from),
            change: self.change,
        };
        match sight {
            Sight::Here => {
                history.last_seen = Some(today.day);
                if history.dropped_on.take().is_some() {
                    end_latest(&mut history.absences, today.day);
                }
            }
            _ if today.proves_absence => match history.absences.first_mut() {
                Some(open) if self.goes_on => open.to = today.day,
                _ => {
                    let (day, seen_before) = (today.day, last_seen);
                    let absence = Absence { from: day, to: day, seen_before, seen_after: None };
                    history.absences.insert(0, absence);
                    history.dropped_on = Some(day);
                }
            },
            _ => {}
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
                | flag(!self.absences.is_empty(), ABSENCE)
                | flag(self.absences.len() > 1, EARLIER)
                | flag(self.goes_on, GOES_ON)
                | flag(self.change.is_some(), CHANGE)
                | flag(self.never_seen, NEVER_SEEN),
        );
        let mut push = |number: u64| push_number(number, bytes);
        let distance = |later: Day, earlier: Day| u64::try_from(later.since(earlier)).unwrap_or(0);
        self.first_seen.into_iter().chain(self.last_seen).for_each(|date| push(distance(day, date)));
        for (place, absence) in self.absences.iter().enumerate() {
            if place == 1 {
                push(self.absences.len() as u64 - 1);
            }
            absence.distances(day).into_iter().for_each(&mut push);
        }
        if let Some(change) = self.change {
            push(distance(day, change.day));
            push(u64::from(change.before));
        }
    }

    /// Reads the dates at `at`, and moves `at` past them. `version`: of the format.
    pub fn take(version: u32, day: Day, bytes: &[u8], at: &mut usize) -> Option<Self> {
        let bits = *bytes.get(*at)?;
        *at += 1;
        let mut number = || i32::try_from(take_number(bytes, at)?).ok();
        let mut past = Self {
            goes_on: bits & GOES_ON != 0,
            never_seen: version > 1 && bits & NEVER_SEEN != 0,
            ..Self::default()
        };
        if bits & FIRST_SEEN != 0 {
            past.first_seen = Some(day.plus(-number()?));
        }
        if bits & LAST_SEEN != 0 {
            past.last_seen = Some(day.plus(-number()?));
        }
        if bits & ABSENCE != 0 {
            past.absences.push(Absence::take(version, day, past.goes_on, &mut number)?);
        }
        if bits & EARLIER != 0 {
            let count = if version == 1 { 1 } else { number()? };
            for _ in 0..count {
                past.absences.push(Absence::take(version, day, false, &mut number)?);
            }
        }
        if bits & CHANGE != 0 {
            let day = day.plus(-number()?);
            past.change = Some(ServerChange { day, before: u32::try_from(number()?).ok()? });
        }
        Some(past)
    }
}

impl History {
    /// The latest absence, over or not.
    pub fn absence(&self) -> Option<Absence> {
        self.absences.first().copied()
    }

    /// The latest gap in which the registration may have ended, in a registry whose deletions take so many days.
    pub fn long_gap(&self, deletion_days: i32) -> Option<Absence> {
        self.absences.iter().copied().find(|absence| absence.is_long(deletion_days))
    }

    /// The past of the entry in the next snapshot. `base`: the date up to which this history reaches.
    pub fn into_past(self, base: Day) -> Past {
        Past {
            first_seen: self.first_seen,
            last_seen: self.last_seen.filter(|day| *day != base),
            absences: self.absences,
            goes_on: self.dropped_on.is_some(),
            never_seen: self.last_seen.is_none(),
            change: self.change,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::snapshot::format::VERSION;

    /// One letter a day: `+` here, `-` not here, `?` not here in a snapshot that proves nothing, `v` only names below
    /// it, a blank for a day without a snapshot.
    pub(crate) fn history_of(days: &str) -> History {
        let (mut past, mut base, mut history) = (Past::default(), None, History::default());
        for (day, letter) in (0..).map(Day).zip(days.chars()).filter(|(_, letter)| *letter != ' ') {
            let sight = match letter {
                '+' => Sight::Here,
                'v' => Sight::OnlyBelow,
                _ => Sight::Gone,
            };
            if past.never_seen && sight != Sight::OnlyBelow {
                past = Past::new_on(day, sight);
            }
            let mut bytes = Vec::new();
            past.push(day, &mut bytes);
            assert_eq!(Past::take(VERSION, day, &bytes, &mut 0).as_ref(), Some(&past));
            let today = Today { day, base, proves_absence: letter != '?' };
            history = past.until(&today, sight);
            past = history.clone().into_past(day);
            base = Some(day);
        }
        history
    }

    pub(crate) fn run(absence: Option<Absence>) -> String {
        absence.map_or("-".to_owned(), |absence| format!("{}..{}", absence.from.0, absence.to.0))
    }

    #[track_caller]
    fn after(days: &str, expected: &str) {
        let history = history_of(days);
        let date = |day: Option<Day>| day.map_or("-".to_owned(), |day| day.0.to_string());
        let found = format!(
            "last {} gap {} long {} dropped {}",
            date(history.last_seen),
            run(history.absence()),
            run(history.long_gap(35)),
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
        after(&format!("+{}+", "-".repeat(34)), "last 35 gap 1..34 long 1..34 dropped -");
        after(&format!("+{}+", "-".repeat(33)), "last 34 gap 1..33 long - dropped -");
        after(&format!("+{}", "-".repeat(60)), "last 0 gap 1..60 long - dropped 1");
    }

    /// A day with names below is one without the name, once it was seen.
    #[test]
    fn names_that_only_hold_others() {
        after("v", "last - gap - long - dropped -");
        after("vvv", "last - gap - long - dropped -");
        after("vv+", "last 2 gap - long - dropped -");
        after("+v", "last 0 gap 1..1 long - dropped 1");
        after("+vv-", "last 0 gap 1..3 long - dropped 1");
        after("+-v+", "last 3 gap 1..2 long - dropped -");
        assert_eq!(history_of("v+").first_seen, Some(Day(1)));
        assert_eq!(history_of("+v+").first_seen, None, "it was in the zone's first snapshot");
    }

    /// The first version of the format kept no sightings, and one more absence of 35 days or more.
    #[test]
    fn the_first_version_is_read() {
        let day = Day(1000);
        let mut bytes = vec![ABSENCE | EARLIER | GOES_ON];
        [20, 15, 90, 50].iter().for_each(|days| push_number(*days, &mut bytes));
        let past = Past::take(1, day, &bytes, &mut 0).expect("dates");
        let absence =
            |from, to, seen_after| Absence { from: Day(from), to: Day(to), seen_before: None, seen_after };
        assert_eq!(past.absences, [absence(980, 985, None), absence(910, 950, Some(Day(951)))]);
        let today = Today { day, base: Some(Day(999)), proves_absence: true };
        let history = past.until(&today, Sight::Here);
        assert_eq!(run(history.long_gap(13)), "980..985", "the sighting is known now, and 6 days are proved");
        assert_eq!(run(history.long_gap(14)), "910..950");
        assert_eq!(run(history.long_gap(42)), "910..950");
        assert_eq!(history.long_gap(43), None);
    }
}
