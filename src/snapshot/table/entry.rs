//! What a snapshot says about one name.

use super::super::format::{HAS_DS, HAS_PAST, NOT_HERE};
use super::super::history::Past;
use super::super::sets::NO_SET;
use super::SnapshotTable;

/// What a snapshot says about a name.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotEntry<'a> {
    pub(super) table: &'a SnapshotTable,
    pub(super) flags: u8,
    pub(super) set: u32,
    pub(super) past: Past,
}

impl<'a> SnapshotEntry<'a> {
    /// Whether the name is in this snapshot.
    pub fn is_here(&self) -> bool {
        self.flags & NOT_HERE == 0
    }

    /// Whether the zone delegates the name (it has NS records).
    pub(crate) fn is_delegated(&self) -> bool {
        self.set != NO_SET
    }

    /// Whether it has a DS record.
    pub fn has_ds(&self) -> bool {
        self.flags & HAS_DS != 0
    }

    /// Flags of [`super::format`].
    pub(crate) fn flags(&self) -> u8 {
        self.flags & !HAS_PAST
    }

    /// The hosts of its NS records, ascending, absolute and in normal form. If the name is not here, the last ones
    /// known.
    pub fn name_servers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.table.hosts(self.set)
    }

    /// The number of the set of its name servers ([`SnapshotTable::hosts`]).
    pub(crate) fn set(&self) -> u32 {
        self.set
    }

    /// Its past before this snapshot.
    pub fn past(&self) -> Past {
        self.past
    }
}
