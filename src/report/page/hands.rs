//! Domains that changed hands after accounts were verified: when, and what shows it.

use super::words;
use crate::assess::Action;
use crate::error::Result;
use crate::table::slice::{DayColumn, MomentColumn, Slice, TextColumn};
use crate::time::{Day, Moment};

/// A domain that changed hands after accounts were verified.
#[derive(Debug)]
pub(super) struct HandsRow {
    pub(super) domain: String,
    /// The accounts that were verified before.
    pub(super) accounts: u64,
    /// All accounts at it.
    pub(super) all: u64,
    pub(super) weight: Option<i64>,
    pub(super) changed: Option<Day>,
    /// What shows it.
    pub(super) sign: &'static str,
    pub(super) registrar: String,
    pub(super) action: Action,
}

/// The columns about a change of hands.
pub(super) struct HandsColumns {
    changed_at: MomentColumn,
    /// The moments that can be it, with what they are.
    signs: [(&'static str, MomentColumn); 4],
    gap_to: DayColumn,
    registrar: TextColumn,
}

impl HandsColumns {
    pub(super) fn of(slice: &Slice) -> Result<Self> {
        Ok(Self {
            changed_at: slice.moments("hands_changed_at")?,
            signs: [
                ("registered anew", slice.moments("registered_at")?),
                ("reinstantiated", slice.moments("reinstantiated_at")?),
                ("reregistered", slice.moments("reregistered_at")?),
                ("seen lapsed, and back since", slice.moments("lapse_seen_at")?),
            ],
            gap_to: slice.days("gap_to")?,
            registrar: slice.texts("registrar")?,
        })
    }

    /// The day of the latest change that is known.
    pub(super) fn changed_on(&self, row: usize) -> Option<Day> {
        self.changed_at.get(row).map(Moment::day)
    }

    /// What shows it.
    pub(super) fn sign(&self, row: usize) -> &'static str {
        let changed = self.changed_at.get(row);
        let sign = self.signs.iter().find(|(_, column)| changed.is_some() && column.get(row) == changed);
        let gap_ended = self.gap_to.get(row).map(|day| day.plus(1).start());
        match sign {
            Some((sign, _)) => sign,
            None if changed.is_some() && gap_ended == changed => "back after a long gap in its zone",
            None if changed.is_some() => "by a list of the registry",
            None => "by an earlier report",
        }
    }

    pub(super) fn registrar(&self, row: usize) -> String {
        words::shown(self.registrar.get(row).unwrap_or("–"))
    }
}
