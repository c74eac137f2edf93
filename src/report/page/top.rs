//! The first rows of a table in an order, without sorting the table: no more rows are kept than are shown.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Rows of a table on the page, at most. What is left out is told.
pub(super) const MOST_ROWS: usize = 500;

/// Collects the rows with the smallest keys.
#[derive(Debug)]
pub(super) struct TopRows<K, R> {
    /// The last of the rows is on top.
    kept: BinaryHeap<KeptRow<K, R>>,
    most: usize,
    all: u64,
}

/// A row with what sorts it.
#[derive(Debug)]
struct KeptRow<K, R> {
    key: K,
    row: R,
}

/// The rows that are shown, and of how many these are the first.
#[derive(Debug)]
pub(super) struct FirstRows<R> {
    /// The rows in their order.
    pub(super) rows: Vec<R>,
    /// All there are.
    pub(super) all: u64,
}

impl<K: Ord, R> TopRows<K, R> {
    /// No row yet.
    pub(super) fn new(most: usize) -> Self {
        Self { kept: BinaryHeap::new(), most, all: 0 }
    }

    /// Takes a row if it is among the first. It is only made then.
    pub(super) fn offer(&mut self, key: K, row: impl FnOnce() -> R) {
        self.all += 1;
        if self.kept.len() == self.most {
            if self.kept.peek().is_none_or(|last| last.key <= key) {
                return;
            }
            self.kept.pop();
        }
        self.kept.push(KeptRow { key, row: row() });
    }

    /// The first rows, in order.
    pub(super) fn finish(self) -> FirstRows<R> {
        let rows = self.kept.into_sorted_vec().into_iter().map(|kept| kept.row).collect();
        FirstRows { rows, all: self.all }
    }
}

impl<R> FirstRows<R> {
    /// The first of these rows.
    pub(super) fn first_of(rows: impl IntoIterator<Item = R>) -> Self {
        let mut rows = rows.into_iter();
        let shown: Vec<R> = rows.by_ref().take(MOST_ROWS).collect();
        let all = shown.len() as u64 + rows.count() as u64;
        Self { rows: shown, all }
    }

    /// How many are not shown.
    pub(super) fn left(&self) -> u64 {
        self.all - self.rows.len() as u64
    }
}

impl<K: Ord, R> Ord for KeptRow<K, R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl<K: Ord, R> PartialOrd for KeptRow<K, R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord, R> PartialEq for KeptRow<K, R> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Ord, R> Eq for KeptRow<K, R> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_kept_in_order() {
        let mut top = TopRows::new(3);
        for key in [5, 1, 9, 3, 7, 2] {
            top.offer(key, || key * 10);
        }
        let shown = top.finish();
        assert_eq!((&*shown.rows, shown.all, shown.left()), (&[10, 20, 30][..], 6, 3));
        let few = FirstRows::first_of([1, 2]);
        assert_eq!((few.all, few.left()), (2, 0));
        assert_eq!(FirstRows::first_of(0..=MOST_ROWS).left(), 1);
    }
}
