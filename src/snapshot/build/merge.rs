//! Merges ascending names with those of the snapshot before, and carries on their history.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::super::format::{HAS_DS, NOT_HERE, ONLY_BELOW, OWN_DATA, SnapshotHeader};
use super::super::history::{Past, ServerChange, Sight, Today};
use super::super::order::order;
use super::super::runs::NameFlags;
use super::super::sets::{NO_SET, Sets};
use super::super::table::{SnapshotTable, TableWalk};
use super::super::writer::{NewEntry, TableWriter};
use super::{Base, Carries};
use crate::error::Result;
use crate::time::Day;

/// Writes ascending names, and between them the names that only the snapshot before has.
pub(super) struct Merge<'b> {
    writer: TableWriter,
    day: Day,
    base: Option<BaseWalk<'b>>,
}

/// The entries of the snapshot before.
struct BaseWalk<'b> {
    table: &'b SnapshotTable,
    carries: Carries<'b>,
    walk: TableWalk<'b>,
    is_over: bool,
    numbers: Renumbered<'b>,
}

/// The sets of another snapshot, numbered here as they are needed.
pub(super) struct Renumbered<'t> {
    table: &'t SnapshotTable,
    numbers: Vec<u32>,
}

/// A set that has no number yet.
const UNKNOWN: u32 = u32::MAX;

impl<'t> Renumbered<'t> {
    pub(super) fn new(table: &'t SnapshotTable) -> Self {
        Self { table, numbers: vec![UNKNOWN; table.header().sets as usize + 1] }
    }

    pub(super) fn number(&mut self, set: u32, sets: &mut Sets) -> u32 {
        let Some(number) = self.numbers.get_mut(set as usize) else { return NO_SET };
        if *number == UNKNOWN {
            *number = sets.number_of(self.table.hosts(set).map(str::as_bytes));
        }
        *number
    }
}

impl<'b> Merge<'b> {
    pub(super) fn create(path: &Path, day: Day, base: Option<Base<'b>>) -> Result<Self> {
        let writer = TableWriter::create(path, day, base.and_then(|base| base.day()))?;
        let base = base.map(|Base { table, carries }| {
            let numbers = Renumbered::new(table);
            let mut base = BaseWalk { table, carries, walk: table.walk(), is_over: false, numbers };
            base.advance();
            base
        });
        Ok(Self { writer, day, base })
    }

    /// Adds a name that is here, after all others.
    #[inline]
    pub(super) fn push(
        &mut self,
        name: &[u8],
        shared: Option<usize>,
        found: NameFlags,
        sets: &mut Sets,
    ) -> Result<()> {
        let NameFlags { flags, set } = found;
        let (mut entry, mut shared) = (NewEntry { flags, set, past: Past::default() }, shared);
        if let Some(base) = &mut self.base {
            while !base.is_over && order(base.walk.name(), name).is_lt() {
                base.carry(&mut self.writer, sets)?;
                shared = None;
            }
            base.remember(name, &mut entry, self.day, sets);
        }
        self.writer.push(name, shared, &entry)
    }

    /// Writes the remaining names of the snapshot before, and closes the file.
    pub(super) fn finish(
        mut self,
        sets: &mut Sets,
        facts: impl Fn(u64) -> Vec<u8>,
    ) -> Result<(File, SnapshotHeader)> {
        if let Some(base) = &mut self.base {
            while !base.is_over {
                base.carry(&mut self.writer, sets)?;
            }
            base.table.check()?;
        }
        let facts = facts(self.writer.names());
        self.writer.finish(sets, &facts)
    }
}

impl BaseWalk<'_> {
    fn advance(&mut self) {
        self.is_over = !self.walk.advance();
        if let Carries::Before { .. } = self.carries {
            // names that were new in it were not in the one before it
            while !self.is_over && self.walk.entry().is_new_on(self.table.day()) {
                self.is_over = !self.walk.advance();
            }
        }
    }

    /// Writes the entry as one that is not here, if the name was ever seen.
    fn carry(&mut self, writer: &mut TableWriter, sets: &mut Sets) -> Result<()> {
        let past = self.past(sets);
        if !past.never_seen {
            let flags = self.walk.entry().flags() & !ONLY_BELOW | NOT_HERE;
            let set = self.set(sets);
            writer.push(self.walk.name(), None, &NewEntry { flags, set, past })?;
        }
        self.advance();
        Ok(())
    }

    /// Adds the past of a name that is in the zone on this day. Moves on if the entry has this name.
    fn remember(&mut self, name: &[u8], new: &mut NewEntry, day: Day, sets: &mut Sets) {
        let sight = NameFlags { flags: new.flags, set: new.set }.sight();
        new.past = Past::new_on(day, sight);
        if self.is_over || self.walk.name() != name {
            return;
        }
        let past = self.past(sets);
        if !past.never_seen {
            new.past = past;
            let before = self.set(sets);
            if sight == Sight::OnlyBelow {
                // what was known of the name itself stays known
                let known = self.walk.entry().flags() & (HAS_DS | OWN_DATA);
                (new.flags, new.set) = (known | NOT_HERE | ONLY_BELOW, before);
            } else if before != new.set {
                new.past.change = Some(ServerChange { day, before });
            }
        }
        self.advance();
    }

    /// The past of the name of this entry at the next date.
    fn past(&mut self, sets: &mut Sets) -> Past {
        let entry = self.walk.entry();
        let mut past = match self.carries {
            Carries::All { proves_absence } => {
                let (day, base) = (self.table.day(), self.table.base_day());
                entry.history(&Today { day, base, proves_absence }).into_past(day)
            }
            Carries::Before { lost_change } => {
                let mut past = entry.past().clone();
                if past.change.is_some_and(|change| change.day == self.table.day()) {
                    past.change = None;
                    lost_change.store(true, Ordering::Relaxed);
                }
                past
            }
        };
        if let Some(change) = &mut past.change {
            change.before = self.numbers.number(change.before, sets);
        }
        past
    }

    /// The number of the set that the name of this entry had.
    fn set(&mut self, sets: &mut Sets) -> u32 {
        let own_change = self.walk.entry().past().change.filter(|change| change.day == self.table.day());
        let set = match (self.carries, own_change) {
            (Carries::Before { .. }, Some(change)) => change.before,
            _ => self.walk.set(),
        };
        self.numbers.number(set, sets)
    }
}
