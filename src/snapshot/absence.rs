//! The absences of a name, and which of them are kept.
//!
//! A name is proved absent from the first to the last snapshot without it, and may have been gone for up to the
//! distance of a snapshot longer at either end. So the sightings beside a gap are kept too. How long a deletion takes
//! differs by top-level domain, and what is known of that may change, so a store does not depend on it: of all gaps
//! it keeps the latest, and each earlier one that could count as long where all later ones do not
//! ([`Absence::longest_deletion`]). That answers "which is the latest long gap" for any number of days. At most
//! [`GAPS`] are kept that are over, the latest and the longest ones. A name would have to come and go for years to have
//! more.

use crate::time::Day;

/// How many gaps that are over are kept for a name.
pub const GAPS: usize = 8;
/// The distance in days up to which a snapshot beside a gap says when the gap began or ended.
const NEAR: i32 = 7;

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

    /// The four numbers of the format, for a snapshot of this day.
    pub(super) fn distances(&self, day: Day) -> [u64; 4] {
        let Self { from, to, seen_before, seen_after } = *self;
        let days = |later: Day, earlier: Day| u64::try_from(later.since(earlier)).unwrap_or(0);
        [
            days(day, to),
            days(to, from),
            days(from, seen_before.unwrap_or(from)),
            days(seen_after.unwrap_or(to), to),
        ]
    }

    /// Reads an absence. Of one from the first version of the format the sighting before is not known, and the one
    /// after is taken to be the next day, the least it can be.
    pub(super) fn take(
        version: u32,
        day: Day,
        goes_on: bool,
        number: &mut impl FnMut() -> Option<i32>,
    ) -> Option<Self> {
        if version == 1 {
            let (from, to) = (day.plus(-number()?), day.plus(-number()?));
            return Some(Self { from, to, seen_before: None, seen_after: (!goes_on).then(|| to.plus(1)) });
        }
        let to = day.plus(-number()?);
        let from = to.plus(-number()?);
        let (before, after) = (number()?, number()?);
        let seen_before = (before > 0).then(|| from.plus(-before));
        Some(Self { from, to, seen_before, seen_after: (after > 0).then(|| to.plus(after)) })
    }
}

/// Ends the latest absence with a sighting, and forgets those that cannot count any more.
pub(super) fn end_latest(absences: &mut Vec<Absence>, seen: Day) {
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
    use super::super::history::History;
    use super::super::history::tests::{history_of, run};
    use super::*;

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
        counts_up_to("+------       v      ------+", 27);
    }

    /// Snapshots a week apart find every gap of that length, whatever day of the week it begins, and none that is two
    /// weeks shorter.
    #[test]
    fn weekly_snapshots() {
        let phases = |days: i32| (0..7).map(move |phase| (days, phase));
        for (deletion_days, phase) in [30, 35, 40, 77].into_iter().flat_map(phases) {
            for gone in deletion_days - 20..deletion_days + 20 {
                let letter = |day: i32| match (day % 7, day - 20 - phase) {
                    (0, since) if (0..gone).contains(&since) => '-',
                    (0, _) => '+',
                    _ => ' ',
                };
                let days: String = (0..160).map(letter).collect();
                let is_found = history_of(&days).long_gap(deletion_days).is_some();
                // in the zone for the last time, and for the first time again
                let apart = gone + 1;
                assert!(is_found || apart < deletion_days, "{gone} days, {deletion_days}, {phase}");
                assert!(!is_found || apart + 12 >= deletion_days, "{gone} days, {deletion_days}, {phase}");
            }
        }
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
}
