//! Names that come in any order, sorted on disk.
//!
//! Names are gathered up to [`RUN_BYTES`], sorted and written as a run; at the end the runs are merged. A run
//! has the form of a snapshot without sets, in a file that has no name any more, so that nothing is left
//! behind, whatever happens.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};

use rayon::slice::ParallelSliceMut;

use super::history::Past;
use super::order::{order, sort_key};
use super::sets::Sets;
use super::table::{Table, Walk};
use super::writer::{NewEntry, TableWriter};
use crate::error::Result;

/// Bytes of memory that names may take before they are written as a run.
const RUN_BYTES: usize = 64 << 20;

/// What one zone says of a name on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facet {
    /// Flags of [`super::format`].
    pub flags: u8,
    /// Number of its set.
    pub set: u32,
}

impl Facet {
    /// Both together.
    pub fn and(self, other: Self, sets: &mut Sets) -> Self {
        Self { flags: self.flags | other.flags, set: sets.union(self.set, other.set) }
    }
}

/// Names in any order.
#[derive(Debug)]
pub struct Runs {
    directory: PathBuf,
    text: Vec<u8>,
    items: Vec<Item>,
    runs: Vec<Table>,
}

#[derive(Debug, Clone, Copy)]
struct Item {
    key: u64,
    start: u32,
    set: u32,
    length: u8,
    flags: u8,
}

impl Runs {
    /// None yet; runs go to `directory`.
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf(), text: Vec::new(), items: Vec::new(), runs: Vec::new() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.runs.is_empty()
    }

    /// Whether a further name makes a run of those in memory.
    pub fn is_full(&self) -> bool {
        self.text.len() + self.items.len() * size_of::<Item>() >= RUN_BYTES
    }

    /// Adds a name of at most 255 octets.
    pub fn push(&mut self, name: &[u8], facet: Facet, sets: &mut Sets) -> Result<()> {
        if self.is_full() {
            self.spill(sets)?;
        }
        let Facet { flags, set } = facet;
        let (key, start, length) = (sort_key(name), self.text.len() as u32, name.len() as u8);
        self.text.extend_from_slice(name);
        self.items.push(Item { key, start, set, length, flags });
        Ok(())
    }

    /// Leaves out names in memory.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8]) -> bool) {
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
    pub fn merged(mut self, sets: &mut Sets) -> Result<MergedRuns> {
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
        let mut items = self.items.iter().peekable();
        while let Some(item) = items.next() {
            let mut facet = Facet { flags: item.flags, set: item.set };
            while let Some(same) = items.next_if(|next| name(text, next) == name(text, item)) {
                facet = facet.and(Facet { flags: same.flags, set: same.set }, sets);
            }
            let entry = NewEntry { flags: facet.flags, set: facet.set, past: Past::default() };
            writer.push(name(text, item), None, &entry)?;
        }
        let (file, _) = writer.finish(&Sets::default(), b"")?;
        self.runs.push(Table::of(&self.directory, &file)?);
        self.text.clear();
        self.items.clear();
        Ok(())
    }
}

fn name<'t>(text: &'t [u8], item: &Item) -> &'t [u8] {
    let start = item.start as usize;
    &text[start..start + usize::from(item.length)]
}

/// Sorted runs, to be read as one.
#[derive(Debug)]
pub struct MergedRuns(Vec<Table>);

impl MergedRuns {
    /// Visits all names in order, each once, together with those of `first`, which is sorted, too.
    pub fn visit(
        &self,
        first: Option<Walk<'_>>,
        sets: &mut Sets,
        mut visit: impl FnMut(&[u8], Facet, &mut Sets) -> Result<()>,
    ) -> Result<()> {
        let walks = first.into_iter().chain(self.0.iter().map(Table::walk));
        let mut heap: BinaryHeap<Reverse<Head<'_>>> =
            walks.map(Head).filter_map(|mut head| head.advance().then_some(Reverse(head))).collect();
        let mut name = Vec::new();
        let mut open: Option<Facet> = None;
        while let Some(mut least) = heap.peek_mut() {
            let head = &mut least.0;
            let facet = head.facet();
            open = Some(match open {
                Some(before) if name == head.0.name() => before.and(facet, sets),
                before => {
                    if let Some(before) = before {
                        visit(&name, before, sets)?;
                    }
                    name.clear();
                    name.extend_from_slice(head.0.name());
                    facet
                }
            });
            if !head.advance() {
                std::collections::binary_heap::PeekMut::pop(least);
            }
        }
        if let Some(facet) = open {
            visit(&name, facet, sets)?;
        }
        self.0.iter().try_for_each(Table::check)
    }
}

/// A walk over the names that are here, ordered by the one it stands at.
struct Head<'t>(Walk<'t>);

impl Head<'_> {
    fn advance(&mut self) -> bool {
        while self.0.advance() {
            if self.0.entry().is_here() {
                return true;
            }
        }
        false
    }

    fn facet(&self) -> Facet {
        Facet { flags: self.0.entry().flags(), set: self.0.set() }
    }
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        order(self.0.name(), other.0.name())
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head<'_> {}
