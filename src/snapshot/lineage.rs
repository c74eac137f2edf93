//! On which snapshots the history of one rests, pruned ones too.
//!
//! History is carried from snapshot to snapshot, so what it holds cannot be seen from the files that are left.
//! Each snapshot therefore keeps the dates of all those before it. From them a build tells a date that was pruned
//! (its names are part of what later ones remember) from one that never was there, and refuses to carry on the
//! history of a later snapshot from one that knows less.

use serde::{Deserialize, Serialize};

use super::facts::Shrinkage;
use super::store::Stored;
use crate::time::Day;

/// What the history of a snapshot rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lineage {
    /// The snapshot before, as it was when its history was carried on.
    pub base: Option<Link>,
    /// The newest whole snapshot before, which tells how many names are to be expected.
    pub last_whole: Option<Shrinkage>,
    /// The newest date among these on which the snapshot was whole when its history was carried on: a name that has
    /// no entry was absent then.
    #[serde(default)]
    pub last_proof: Option<Day>,
    /// The dates of all snapshots before, ascending, as runs of days: the first and the last of each.
    pub dates: Vec<(Day, Day)>,
}

/// A snapshot whose history was carried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its date.
    pub date: Day,
    /// The date up to which the past of its entries reached: they do not say it themselves.
    pub base: Option<Day>,
    /// A hash of its names and their past.
    pub content: u64,
    /// Whether names that were not in it were absent.
    pub whole: bool,
}

impl Lineage {
    /// Of the snapshot that comes next after this one.
    pub fn after(before: &Stored) -> Self {
        let (day, facts) = (before.table.day(), &before.facts);
        let mut dates = facts.lineage.dates.clone();
        match dates.last_mut() {
            Some((_, last)) if last.plus(1) == day => *last = day,
            _ => dates.push((day, day)),
        }
        let (base, content) = (before.table.base_day(), before.table.header().checks_hash);
        let base = Some(Link { date: day, base, content, whole: facts.is_whole() });
        let last_proof = if facts.is_whole() { Some(day) } else { facts.lineage.last_proof };
        Self { base, last_whole: before.last_whole(), last_proof, dates }
    }

    /// Of a snapshot made before lineages were kept: all dates up to the one whose history it carried on.
    pub fn unknown_until(base: Day) -> Self {
        Self { dates: vec![(Day(0), base)], ..Self::default() }
    }

    /// Whether history up to a date is part of it.
    pub fn contains(&self, day: Day) -> bool {
        self.dates.iter().any(|(first, last)| (*first..=*last).contains(&day))
    }

    /// Whether it rests on all that the other one rests on before `day`.
    pub fn includes(&self, other: &Self, day: Day) -> bool {
        other.dates.iter().filter(|(first, _)| *first < day).all(|(first, last)| {
            let last = (*last).min(day.plus(-1));
            self.dates.iter().any(|(from, to)| from <= first && last <= *to)
        })
    }
}

/// The newer of two whole snapshots.
pub fn newer(one: Option<Shrinkage>, other: Option<Shrinkage>) -> Option<Shrinkage> {
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
