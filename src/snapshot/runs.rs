//! Names that come in any order, sorted on disk.
//!
//! Names are collected up to [`RUN_BYTES`], sorted and written as a run. At the end the runs are merged
//! ([`crate::merge`]). A run has the form of a snapshot without sets. Its file has no name, so nothing is left behind,
//! whatever happens.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use rayon::slice::ParallelSliceMut;

use super::format::ONLY_BELOW;
use super::history::{Past, Sight};
use super::order::{order, sort_key};
use super::sets::{NO_SET, Sets, make_room};
use super::table::{SnapshotTable, TableWalk};
use super::writer::{NewEntry, TableWriter};
use crate::error::Result;
use crate::merge::{SortedRun, merge};

/// Bytes of memory that names may take before they are written as a run.
const RUN_BYTES: usize = 64 << 20;

/// What one zone says about a name on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameFlags {
    /// Flags of [`super::format`].
    pub(crate) flags: u8,
    /// Number of its set.
    pub(crate) set: u32,
}

impl NameFlags {
    /// What the zone says of the name.
    pub(crate) fn sight(self) -> Sight {
        if self.flags == ONLY_BELOW && self.set == NO_SET { Sight::OnlyBelow } else { Sight::Here }
    }
}

/// What was said about one name in several places. Its sets are joined when all are known: every set that is made is
/// kept, and one after each place would take memory by the square of their number.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    flags: u8,
    sets: Vec<u32>,
}

impl Gathered {
    /// Whether nothing was said.
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    pub(crate) fn add(&mut self, found: NameFlags) {
        self.flags |= found.flags;
        self.sets.push(found.set);
    }

    /// What all say together; begins anew.
    pub(crate) fn join(&mut self, sets: &mut Sets) -> NameFlags {
        let found = NameFlags { flags: std::mem::take(&mut self.flags), set: sets.union(&mut self.sets) };
        self.sets.clear();
        found
    }
}

/// Names in any order.
#[derive(Debug)]
pub(crate) struct Runs {
    directory: PathBuf,
    text: Vec<u8>,
    items: Vec<RunItem>,
    runs: Vec<SnapshotTable>,
}

#[derive(Debug, Clone, Copy)]
struct RunItem {
    key: u64,
    start: u32,
    set: u32,
    length: u8,
    flags: u8,
}

impl RunItem {
    fn found(&self) -> NameFlags {
        NameFlags { flags: self.flags, set: self.set }
    }
}

impl Runs {
    /// No names yet; runs go to `directory`.
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf(), text: Vec::new(), items: Vec::new(), runs: Vec::new() }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.runs.is_empty()
    }

    /// Whether the next name makes a run of those in memory.
    pub(crate) fn is_full(&self) -> bool {
        self.text.len() + self.items.len() * size_of::<RunItem>() >= RUN_BYTES
    }

    /// Adds a name of at most 255 octets.
    pub(crate) fn push(&mut self, name: &[u8], found: NameFlags, sets: &mut Sets) -> Result<()> {
        if self.is_full() {
            self.spill(sets)?;
        }
        let NameFlags { flags, set } = found;
        let (key, start, length) = (sort_key(name), self.text.len() as u32, name.len() as u8);
        make_room(&mut self.text, name.len());
        self.text.extend_from_slice(name);
        make_room(&mut self.items, 1);
        self.items.push(RunItem { key, start, set, length, flags });
        Ok(())
    }

    /// Drops names in memory.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&[u8]) -> bool) {
        let (mut text, items) = (Vec::new(), std::mem::take(&mut self.items));
        for mut item in items {
            let name = name(&self.text, &item);
            if keep(name) {
                let start = text.len() as u32;
                text.extend_from_slice(name);
                item.start = start;
                self.items.push(item);
            }
        }
        self.text = text;
    }

    /// All names in order, each once.
    pub(crate) fn merged(mut self, sets: &mut Sets) -> Result<MergedRuns> {
        if !self.items.is_empty() {
            self.spill(sets)?;
        }
        Ok(MergedRuns(self.runs))
    }

    fn spill(&mut self, sets: &mut Sets) -> Result<()> {
        let text = &self.text;
        self.items
            .par_sort_unstable_by(|a, b| a.key.cmp(&b.key).then_with(|| order(name(text, a), name(text, b))));
        let mut writer = TableWriter::unnamed(&self.directory)?;
        let (mut items, mut gathered) = (self.items.iter().peekable(), Gathered::default());
        while let Some(item) = items.next() {
            gathered.add(item.found());
            while let Some(same) = items.next_if(|next| name(text, next) == name(text, item)) {
                gathered.add(same.found());
            }
            let found = gathered.join(sets);
            let entry = NewEntry { flags: found.flags, set: found.set, past: Past::default() };
            writer.push(name(text, item), None, &entry)?;
        }
        let (file, _) = writer.finish(&Sets::default(), b"")?;
        self.runs.push(SnapshotTable::of(&self.directory, &file)?);
        self.text.clear();
        self.items.clear();
        Ok(())
    }
}

fn name<'t>(text: &'t [u8], item: &RunItem) -> &'t [u8] {
    let start = item.start as usize;
    &text[start..start + usize::from(item.length)]
}

/// Sorted runs, read as one.
#[derive(Debug)]
pub(crate) struct MergedRuns(Vec<SnapshotTable>);

impl MergedRuns {
    /// Visits all names in order, each once, together with those of `first`, which is sorted too.
    pub(crate) fn visit(
        &self,
        first: Option<TableWalk<'_>>,
        sets: &mut Sets,
        mut visit: impl FnMut(&[u8], NameFlags, &mut Sets) -> Result<()>,
    ) -> Result<()> {
        let walks = first.into_iter().chain(self.0.iter().map(SnapshotTable::walk));
        let (mut name, mut gathered, mut is_open) = (Vec::new(), Gathered::default(), false);
        merge(walks.map(RunOfNames), |RunOfNames(walk)| {
            let Some((flags, set)) = walk.entry().in_zone() else { return Ok(()) };
            if !is_open || name != walk.name() {
                if is_open {
                    visit(&name, gathered.join(sets), sets)?;
                }
                is_open = true;
                name.clear();
                name.extend_from_slice(walk.name());
            }
            gathered.add(NameFlags { flags, set });
            Ok(())
        })?;
        if is_open {
            visit(&name, gathered.join(sets), sets)?;
        }
        self.0.iter().try_for_each(SnapshotTable::check)
    }
}

/// The names of a table that are in its snapshot.
struct RunOfNames<'t>(TableWalk<'t>);

impl SortedRun for RunOfNames<'_> {
    fn advance(&mut self) -> Result<bool> {
        while self.0.advance() {
            if self.0.entry().in_zone().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn order(&self, other: &Self) -> Ordering {
        order(self.0.name(), other.0.name())
    }
}
