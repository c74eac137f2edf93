//! The merge of an external sort: sorted runs, read as one.
//!
//! Names of a zone and answers of registries may be more than fit into memory. Both are collected up to a limit,
//! sorted, written aside as a run, and merged at the end. The merge is here. The rest stays with each of them,
//! because it differs for good reasons. A run has the form of what is being made: front-coded names in pages that are
//! mapped, or row groups of Parquet, one of which is in memory for each run. So the number of runs of answers is
//! limited, and the number of runs of names is not. Equal names are united, while answers of one name are chosen
//! from.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use crate::error::Result;

/// A sorted run that is being merged. It is always at one of its items.
pub(crate) trait SortedRun {
    /// Moves to the next item; `false` at the end.
    fn advance(&mut self) -> Result<bool>;
    /// The order of the items that two runs are at.
    fn order(&self, other: &Self) -> Ordering;
}

/// Visits the items of all runs in their order. Of equal items, the one whose run comes first is visited first.
pub(crate) fn merge<R: SortedRun>(
    runs: impl IntoIterator<Item = R>,
    mut visit: impl FnMut(&mut R) -> Result<()>,
) -> Result<()> {
    let mut heap = BinaryHeap::new();
    for (number, mut run) in runs.into_iter().enumerate() {
        if run.advance()? {
            heap.push(Least { run, number });
        }
    }
    while let Some(mut least) = heap.peek_mut() {
        visit(&mut least.run)?;
        if !least.run.advance()? {
            PeekMut::pop(least);
        }
    }
    Ok(())
}

/// A run, ordered so that a heap gives the least one first.
struct Least<R> {
    run: R,
    number: usize,
}

impl<R: SortedRun> Ord for Least<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.run.order(&self.run).then_with(|| other.number.cmp(&self.number))
    }
}

impl<R: SortedRun> PartialOrd for Least<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R: SortedRun> PartialEq for Least<R> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<R: SortedRun> Eq for Least<R> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers, and which run they are of.
    struct RunOfNumbers(&'static str, &'static [u32], u32);

    impl SortedRun for RunOfNumbers {
        fn advance(&mut self) -> Result<bool> {
            let Some((next, rest)) = self.1.split_first() else { return Ok(false) };
            (self.1, self.2) = (rest, *next);
            Ok(true)
        }

        fn order(&self, other: &Self) -> Ordering {
            self.2.cmp(&other.2)
        }
    }

    #[track_caller]
    fn merges(runs: &[(&'static str, &'static [u32])], expected: &str) {
        let runs = runs.iter().map(|(name, numbers)| RunOfNumbers(name, numbers, 0));
        let mut found = Vec::new();
        let visit = |run: &mut RunOfNumbers| {
            found.push(format!("{}{}", run.0, run.2));
            Ok(())
        };
        merge(runs, visit).expect("numbers do not fail");
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn runs_in_order() {
        merges(&[], "");
        merges(&[("a", &[]), ("b", &[1, 1])], "b1 b1");
        merges(&[("a", &[2, 3, 9]), ("b", &[1, 2, 3]), ("c", &[3])], "b1 a2 b2 a3 b3 c3 a9");
        merges(&[("b", &[1, 2]), ("a", &[1, 2])], "b1 a1 b2 a2");
    }
}
