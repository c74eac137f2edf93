//! An open snapshot: its names, mapped, and its facts.

use std::path::Path;

use super::facts::SnapshotFacts;
use super::history::Today;
use super::lineage::{Lineage, Link, Shrinkage};
use super::table::SnapshotTable;
use crate::error::{Error, Result};

/// An open snapshot.
#[derive(Debug)]
pub struct Stored {
    /// Its names.
    pub table: SnapshotTable,
    /// What is known about it.
    pub facts: SnapshotFacts,
}

impl Stored {
    /// Opens the file of a snapshot.
    pub fn open(path: &Path) -> Result<Self> {
        Self::of(SnapshotTable::open(path)?)
    }

    /// Opens the file of a snapshot; none if it is damaged.
    pub(crate) fn open_undamaged(path: &Path) -> Result<Option<Self>> {
        match SnapshotTable::try_open(path) {
            Ok(table) => Ok(Self::of(table).ok()),
            Err(error) if error.is_damage() => Ok(None),
            Err(error) => Err(error.at(path)),
        }
    }

    fn of(table: SnapshotTable) -> Result<Self> {
        let facts: SnapshotFacts = serde_json::from_slice(table.facts()).map_err(|error| {
            Error::failure(table.path(), format!("the facts of this snapshot cannot be read: {error}"))
                .hint("remove it and build it again")
        })?;
        let mut stored = Self { table, facts };
        if let Some(base) = stored.table.base_day().filter(|_| stored.facts.lineage.dates.is_empty()) {
            stored.facts.lineage = Lineage::unknown_until(base);
        }
        Ok(stored)
    }

    /// The newest whole snapshot up to this one.
    pub(crate) fn last_whole(&self) -> Option<Shrinkage> {
        let own = Shrinkage { date: self.table.day(), names: self.table.len() as u64 };
        if self.facts.is_whole() { Some(own) } else { self.facts.lineage.last_whole }
    }

    /// The lineage of the next snapshot after this one.
    pub(crate) fn next_lineage(&self) -> Lineage {
        let own = Link {
            date: self.table.day(),
            base: self.table.base_day(),
            content: self.table.header().checks_hash,
            whole: self.facts.is_whole(),
        };
        self.facts.lineage.next(own, self.last_whole(), self.facts.vouches_for_later())
    }

    /// The day against which the past of its entries is read.
    pub fn today(&self) -> Today {
        Today { day: self.table.day(), base: self.table.base_day(), proves_absence: self.facts.is_whole() }
    }
}
