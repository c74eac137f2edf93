//! How many rows came to nothing, told once after the last row.
//!
//! Every row says what became of it, but nobody reads a hundred million rows. If none of them could be judged, the
//! evidence is that of other names, or the wrong column was taken for the address. The summary of an audit shows that
//! at a glance; a stream has none, so it says it. The run is no failure: a part of a large input may well be like that.

use super::batch::{Fate, JudgedPart};
use crate::assess::State;
use crate::wording::{agree, count};

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
    pub(super) fn notice(self) -> Option<String> {
        let Self { rows, rejected, unknown } = self;
        if rows == 0 || rejected + unknown < rows {
            return None;
        }
        if unknown == 0 {
            let all = agree(rows, "it was", "all were");
            return Some(format!("{} came in, and {all} rejected: see `reasons`", count(rows, "row")));
        }
        let others = if rejected > 0 { format!(" ({rejected} rejected)") } else { String::new() };
        Some(format!("{} came in{others}, and none could be judged by this evidence", count(rows, "row")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn tells(rows: u64, rejected: u64, unknown: u64, expected: &str) {
        let mut tally = RowTally { rows: rows - 1, rejected, unknown };
        tally.add(RowTally { rows: 1, ..RowTally::default() });
        assert_eq!(tally.notice().unwrap_or_default(), expected);
    }

    #[test]
    fn notes() {
        assert_eq!(RowTally::default().notice(), None);
        tells(3, 1, 1, "");
        tells(1, 1, 0, "1 row came in, and it was rejected: see `reasons`");
        tells(2000, 2000, 0, "2,000 rows came in, and all were rejected: see `reasons`");
        tells(3, 0, 3, "3 rows came in, and none could be judged by this evidence");
        tells(3, 1, 2, "3 rows came in (1 rejected), and none could be judged by this evidence");
    }
}
