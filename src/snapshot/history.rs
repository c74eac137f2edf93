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
//! *Names that only hold names below them* (empty non-terminals) are not registered, but cannot be: a day on which the
//! zone says so much of a name is neither a sighting nor an absence. Its entry is kept, so that the registered names
//! below it can be told from it.
//!
//! *Gaps.* A name is proved absent from the first to the last snapshot without it, and may have been gone for up to the
//! distance of a snapshot longer at either end. So the sightings beside a gap are kept too. How long a deletion takes
//! differs by top-level domain, and what is known of that may change, so a store does not depend on it: of all gaps
//! it keeps the latest, and each earlier one that could count as long where all later ones do not
//! ([`Absence::longest_deletion`]). That answers "which is the latest long gap" for any number of days. At most
//! [`GAPS`] are kept that are over, the latest and the longest ones. A name would have to come and go for years to have
//! more.
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

use super::format::{push_number, take_number};
use crate::time::Day;

/// How many gaps that are over are kept for a name.
pub const GAPS: usize = 8;
/// The distance in days up to which a snapshot beside a gap says when the gap began or ended.
const NEAR: i32 = 7;

const FIRST_SEEN: u8 = 1;
const LAST_SEEN: u8 = 2;
const ABSENCE: u8 = 4;
const EARLIER: u8 = 8;
const GOES_ON: u8 = 16;
const CHANGE: u8 = 32;
const NEVER_SEEN: u8 = 64;

/// The first and the last date on which a name was proved absent, and the sightings beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// The first date.
    pub from: Day,
    /// The last date.
    pub to: Day,
    /// The last date before on which it was seen, if that is known.
    pub seen_before: Option<Day>,
    /// The first date after on which it was seen.
    pub seen_after: Option<Day>,
}

impl Absence {
    /// Days on which it was proved absent, both ends counted: a name that was missing on a single date was absent for
    /// one day.
    pub(crate) fn days(&self) -> i32 {
        self.to.since(self.from).saturating_add(1)
    }

    /// The longest time in days that a deletion may take for the registration to have ended in this gap; 0 if the gap
    /// is not over. Sightings must lie as far apart. If the snapshots beside the gap are more than [`NEAR`] days off,
    /// all days but so many must moreover be proved.
    pub fn longest_deletion(&self) -> i32 {
        let proved = self.days().saturating_add(NEAR);
        match (self.seen_before, self.seen_after) {
            (Some(before), Some(after)) => {
                let apart = after.since(before);
                let near = self.from.since(before) <= NEAR && after.since(self.to) <= NEAR;
                if near { apart } else { apart.min(proved) }
            }
            (_, None) => 0,
            // kept by an earlier version; the sighting lies a day before at least
            (None, Some(after)) => after.since(self.from).saturating_add(1).min(proved),
        }
    }

    /// Whether a registration may have ended in this gap, in a registry whose deletions take so many days.
    pub(crate) fn is_long(&self, deletion_days: i32) -> bool {
        self.seen_after.is_some() && self.longest_deletion() >= deletion_days
    }
}

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
            Sight::Gone if today.proves_absence => match history.absences.first_mut() {
                Some(open) if self.goes_on => open.to = today.day,
                _ => {
                    let (day, seen_before) = (today.day, last_seen);
                    let absence = Absence { from: day, to: day, seen_before, seen_after: None };
                    history.absences.insert(0, absence);
                    history.dropped_on = Some(day);
                }
            },
            Sight::Gone | Sight::OnlyBelow => {}
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
            push(distance(day, absence.to));
            push(distance(absence.to, absence.from));
            push(distance(absence.from, absence.seen_before.unwrap_or(absence.from)));
            push(distance(absence.seen_after.unwrap_or(absence.to), absence.to));
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
            past.absences.push(take_absence(version, day, past.goes_on, &mut number)?);
        }
        if bits & EARLIER != 0 {
            let count = if version == 1 { 1 } else { number()? };
            for _ in 0..count {
                past.absences.push(take_absence(version, day, false, &mut number)?);
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

/// Reads an absence. Of one from the first version of the format the sighting before is not known, and the one after
/// is taken to be the next day, the least it can be.
fn take_absence(
    version: u32,
    day: Day,
    goes_on: bool,
    number: &mut impl FnMut() -> Option<i32>,
) -> Option<Absence> {
    if version == 1 {
        let (from, to) = (day.plus(-number()?), day.plus(-number()?));
        return Some(Absence { from, to, seen_before: None, seen_after: (!goes_on).then(|| to.plus(1)) });
    }
    let to = day.plus(-number()?);
    let from = to.plus(-number()?);
    let (before, after) = (number()?, number()?);
    let seen_before = (before > 0).then(|| from.plus(-before));
    Some(Absence { from, to, seen_before, seen_after: (after > 0).then(|| to.plus(after)) })
}

/// Ends the latest absence with a sighting, and forgets those that cannot count any more.
fn end_latest(absences: &mut Vec<Absence>, seen: Day) {
    let Some(latest) = absences.first_mut() else { return };
    latest.seen_after = Some(seen);
    let longest = latest.longest_deletion();
    let mut place = 0;
    absences.retain(|absence| {
        place += 1;
        place == 1 || absence.longest_deletion() > longest
    });
    // the earlier ones are the longer ones
    if let Some(more) = absences.len().checked_sub(GAPS) {
        absences.drain(1..1 + more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::format::VERSION;

    /// One letter a day: `+` here, `-` not here, `?` not here in a snapshot that proves nothing, `v` only names below
    /// it, a blank for a day without a snapshot.
    fn history_of(days: &str) -> History {
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

    fn run(absence: Option<Absence>) -> String {
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

    /// An empty non-terminal is neither seen nor absent.
    #[test]
    fn names_that_only_hold_others() {
        after("v", "last - gap - long - dropped -");
        after("vvv", "last - gap - long - dropped -");
        after("vv+", "last 2 gap - long - dropped -");
        after("+v", "last 0 gap - long - dropped -");
        after("+vv-", "last 0 gap 3..3 long - dropped 3");
        after("+-v", "last 0 gap 1..1 long - dropped 1");
        after("+-v-", "last 0 gap 1..3 long - dropped 1");
        after("+-v+", "last 3 gap 1..1 long - dropped -");
        assert_eq!(history_of("v+").first_seen, Some(Day(1)));
        assert_eq!(history_of("+v+").first_seen, None, "it was in the zone's first snapshot");
    }

    /// The most days that a deletion may take for the only gap to count as long.
    #[track_caller]
    fn counts_up_to(days: &str, expected: i32) {
        let history = history_of(days);
        let found = (1..100).take_while(|days| history.long_gap(*days).is_some()).count();
        assert_eq!(found as i32, expected, "{days}");
    }

    #[test]
    fn long_gaps() {
        counts_up_to("+", 0);
        counts_up_to("+-", 0);
        counts_up_to("+-+", 2);
        // sightings 28 days apart, snapshots weekly
        counts_up_to("+      -      -      -      +", 28);
        // a snapshot more than a week off: only what is proved counts, and a week
        counts_up_to("+       -      -      -      +", 22);
        counts_up_to("+-      -      -        +", 22);
        counts_up_to("+                   -                  +", 8);
        // a sighting in a snapshot that proves nothing is one
        counts_up_to("+------?------+", 14);
        counts_up_to("+---------v---+", 14);
    }

    fn gaps(lengths: &[usize]) -> History {
        history_of(&lengths.iter().fold("+".to_owned(), |days, gap| days + &"-".repeat(gap - 1) + "+"))
    }

    /// A later gap does not hide an earlier one that is long by another figure.
    #[test]
    fn the_latest_gap_that_is_long_enough() {
        let history = gaps(&[60, 41, 30, 38, 5]);
        for (deletion_days, expected) in [
            (5, "170..173"),
            (6, "132..168"),
            (38, "132..168"),
            (39, "61..100"),
            (41, "61..100"),
            (42, "1..59"),
            (61, "-"),
        ] {
            assert_eq!(run(history.long_gap(deletion_days)), expected, "{deletion_days}");
        }
        assert_eq!(history.absences.len(), 4, "the one of 30 days can never count");
        let many: Vec<usize> = (10..40).rev().collect();
        let history = gaps(&many);
        assert_eq!(history.absences.len(), GAPS);
        assert_eq!(history.absence().map(|gap| gap.longest_deletion()), Some(10));
        let kept: Vec<i32> = history.absences.iter().map(Absence::longest_deletion).collect();
        assert_eq!(kept, [10, 33, 34, 35, 36, 37, 38, 39]);
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
