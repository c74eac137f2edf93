//! How many rows came to nothing, told once after the last row.
//!
//! Every row says what became of it, but nobody reads a hundred million rows. If none of them could be judged, the
//! evidence is that of other names, or the wrong column was taken for the address. An audit is incomplete then. A stream
//! warns in the same words, and every row has its answer, so the exit status stays 0: engines hand out parts of their
//! input, and a part may well be like that. If it failed, so would the whole job.

use super::batch::{Fate, JudgedPart};
use crate::assess::State;
use crate::wording::count;

/// Rows by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RowTally {
    rows: u64,
    rejected: u64,
    /// Those about whose domain nothing is known.
    unknown: u64,
}

impl RowTally {
    /// The rows of a part.
    pub(super) fn of(judged: &JudgedPart<'_>) -> Self {
        let is_unknown: Vec<bool> =
            judged.verdicts().map(|verdict| verdict.state == State::Unknown).collect();
        let mut tally = Self::default();
        for fate in judged.fates() {
            tally.rows += 1;
            match fate {
                Fate::Rejected(_) => tally.rejected += 1,
                Fate::Judged { verdict, .. } => tally.unknown += u64::from(is_unknown[verdict]),
            }
        }
        tally
    }

    /// Adds those of another part.
    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.rejected += other.rejected;
        self.unknown += other.unknown;
    }

    /// That no row could be judged.
    pub(super) fn warning(self) -> Option<String> {
        let Self { rows, rejected, unknown } = self;
        if rows == 0 || rejected + unknown < rows {
            return None;
        }
        let rows = count(rows, "row");
        let why = match unknown {
            0 => "all were rejected, see the column `reasons`",
            _ => "the evidence reaches none of their domains",
        };
        Some(format!("no row could be judged, of {rows}: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn warns(rows: u64, rejected: u64, unknown: u64, expected: &str) {
        let mut tally = RowTally { rows: rows - 1, rejected, unknown };
        tally.add(RowTally { rows: 1, ..RowTally::default() });
        assert_eq!(tally.warning().unwrap_or_default(), expected);
    }

    #[test]
    fn rows_that_came_to_nothing() {
        assert_eq!(RowTally::default().warning(), None);
        warns(3, 1, 1, "");
        warns(1, 1, 0, "no row could be judged, of 1 row: all were rejected, see the column `reasons`");
        let unknown = "the evidence reaches none of their domains";
        warns(2000, 0, 2000, &format!("no row could be judged, of 2,000 rows: {unknown}"));
        warns(3, 1, 2, &format!("no row could be judged, of 3 rows: {unknown}"));
    }
}
