//! What a snapshot says about one name.

use super::super::format::{HAS_DS, HAS_PAST, NOT_HERE, ONLY_BELOW, OWN_DATA};
use super::super::history::{History, Past, Sight, Today};
use super::super::sets::NO_SET;
use super::SnapshotTable;
use crate::time::Day;

/// What a snapshot says about a name.
#[derive(Debug, Clone)]
pub struct SnapshotEntry<'a> {
    pub(super) table: &'a SnapshotTable,
    pub(super) flags: u8,
    pub(super) set: u32,
    pub(super) past: Past,
}

impl<'a> SnapshotEntry<'a> {
    /// What this snapshot says of the name.
    pub fn sight(&self) -> Sight {
        match self.flags & (NOT_HERE | HAS_DS | OWN_DATA | ONLY_BELOW) {
            flags if flags & NOT_HERE != 0 && flags & ONLY_BELOW != 0 => Sight::OnlyBelow,
            flags if flags & NOT_HERE != 0 => Sight::Gone,
            ONLY_BELOW if self.set == NO_SET => Sight::OnlyBelow,
            _ => Sight::Here,
        }
    }

    /// Flags and set of the name in this zone alone, without what is remembered; none if it is not there.
    pub(crate) fn in_zone(&self) -> Option<(u8, u32)> {
        match self.sight() {
            Sight::Gone => None,
            Sight::OnlyBelow => Some((ONLY_BELOW, NO_SET)),
            Sight::Here => Some((self.flags(), self.set)),
        }
    }

    /// Whether the zone delegates the name or holds data of its own at it.
    pub fn is_present(&self) -> bool {
        self.sight() == Sight::Here
    }

    /// Whether the zone delegates the name (it has NS records).
    pub(crate) fn is_delegated(&self) -> bool {
        self.set != NO_SET && self.flags & NOT_HERE == 0
    }

    /// Whether it has a DS record.
    pub fn has_ds(&self) -> bool {
        self.flags & HAS_DS != 0
    }

    /// Flags of [`super::format`].
    pub(crate) fn flags(&self) -> u8 {
        self.flags & !HAS_PAST
    }

    /// The hosts of its NS records, ascending, absolute and in normal form. If the name is not present, the last ones
    /// known.
    pub fn name_servers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.table.hosts(self.set)
    }

    /// The number of the set of its name servers ([`SnapshotTable::hosts`]).
    pub(crate) fn set(&self) -> u32 {
        self.set
    }

    /// Whether the name was not known before this day, that of the snapshot.
    pub(crate) fn is_new_on(&self, day: Day) -> bool {
        self.past.never_seen || self.past.first_seen == Some(day)
    }

    /// Its past before this snapshot.
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// Its history up to this snapshot.
    pub fn history(&self, today: &Today) -> History {
        self.past.until(today, self.sight())
    }
}
