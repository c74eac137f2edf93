//! Which snapshots the history of a snapshot was built from, including those that were pruned since.
//!
//! History is carried on from one snapshot to the next, so the files that are left do not show what it contains. Each
//! snapshot therefore keeps the dates of all snapshots before it. From these dates a build can tell a date that was
//! pruned (later snapshots remember its names) from a date that never had a snapshot. It also refuses to carry on the
//! history of a later snapshot from one that knows less.

use serde::{Deserialize, Serialize};

use crate::time::Day;

/// An earlier snapshot, against whose size later ones are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shrinkage {
    /// Its date.
    pub(crate) date: Day,
    /// How many names it holds.
    pub(crate) names: u64,
}

/// What the history of a snapshot was built from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Lineage {
    /// The snapshot before this one, as it was when its history was carried on.
    pub(crate) base: Option<Link>,
    /// The newest whole snapshot before this one. It tells how many names to expect.
    pub(crate) last_whole: Option<Shrinkage>,
    /// The newest of these dates whose snapshot was whole when its history was carried on. A name without an entry was
    /// absent on that date.
    #[serde(default)]
    pub(crate) last_proof: Option<Day>,
    /// Whether a person vouched for an earlier one without a closing SOA record, and no later one shrank.
    #[serde(default)]
    pub(crate) is_vouched: bool,
    /// The dates of all earlier snapshots, ascending, as runs of days: first and last day of each run.
    pub(crate) dates: Vec<(Day, Day)>,
}

/// A snapshot whose history was carried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    /// Its date.
    pub(crate) date: Day,
    /// The date up to which the past of its entries reached. The entries themselves do not say.
    pub(crate) base: Option<Day>,
    /// A hash of its names and their past.
    pub(crate) content: u64,
    /// Whether names that were not in it were absent.
    pub(crate) whole: bool,
}

impl Lineage {
    /// The lineage of the snapshot that comes after `base`: this is the lineage of `base` itself. `last_whole`: the
    /// newest whole snapshot up to `base`; `is_vouched`: whether later ones need no closing SOA record.
    pub(crate) fn next(&self, base: Link, last_whole: Option<Shrinkage>, is_vouched: bool) -> Self {
        let mut dates = self.dates.clone();
        match dates.last_mut() {
            Some((_, last)) if last.plus(1) == base.date => *last = base.date,
            _ => dates.push((base.date, base.date)),
        }
        let last_proof = if base.whole { Some(base.date) } else { self.last_proof };
        Self { base: Some(base), last_whole, last_proof, is_vouched, dates }
    }

    /// The lineage of a snapshot from before lineages were kept: every date up to the one whose history it carried on.
    pub(crate) fn unknown_until(base: Day) -> Self {
        Self { dates: vec![(Day(0), base)], ..Self::default() }
    }

    /// Whether it contains a date.
    pub(crate) fn contains(&self, day: Day) -> bool {
        self.dates.iter().any(|(first, last)| (*first..=*last).contains(&day))
    }

    /// Whether it contains every date before `day` that the other one contains.
    pub(crate) fn includes(&self, other: &Self, day: Day) -> bool {
        other.dates.iter().filter(|(first, _)| *first < day).all(|(first, last)| {
            let last = (*last).min(day.plus(-1));
            self.dates.iter().any(|(from, to)| from <= first && last <= *to)
        })
    }
}

/// The newer of two whole snapshots.
pub(crate) fn newer(one: Option<Shrinkage>, other: Option<Shrinkage>) -> Option<Shrinkage> {
    one.into_iter().chain(other).max_by_key(|whole| whole.date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(dates: &[(i32, i32)]) -> Lineage {
        let dates = dates.iter().map(|(first, last)| (Day(*first), Day(*last))).collect();
        Lineage { dates, ..Lineage::default() }
    }

    #[test]
    fn dates() {
        let lineage = of(&[(10, 12), (20, 20)]);
        for (day, expected) in [(9, false), (10, true), (12, true), (13, false), (20, true), (21, false)] {
            assert_eq!(lineage.contains(Day(day)), expected, "{day}");
        }
    }

    #[track_caller]
    fn includes(one: &[(i32, i32)], other: &[(i32, i32)], before: i32, expected: bool) {
        assert_eq!(of(one).includes(&of(other), Day(before)), expected, "{one:?} {other:?} before {before}");
    }

    #[test]
    fn what_rests_on_less() {
        includes(&[(1, 5)], &[(1, 5)], 6, true);
        includes(&[(1, 5)], &[(2, 3), (5, 5)], 6, true);
        includes(&[(2, 5)], &[(1, 5)], 6, false);
        includes(&[(1, 3)], &[(1, 5)], 6, false);
        includes(&[(1, 3)], &[(1, 5), (7, 7)], 4, true);
        includes(&[], &[], 4, true);
        includes(&[], &[(4, 9)], 4, true);
        includes(&[], &[(3, 9)], 4, false);
    }
}
