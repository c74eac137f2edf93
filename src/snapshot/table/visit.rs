//! Many entries of a table at once: ascending names looked up in one sweep, or all entries in order.

use std::sync::atomic::Ordering;

use super::super::format::{HEADER, NOT_HERE, PAGE};
use super::super::history::Past;
use super::super::order::order;
use super::super::sets::NO_SET;
use super::{Decoded, SnapshotEntry, SnapshotTable};

/// Looks up ascending names; see [`SnapshotTable::sweep`].
#[derive(Debug, Clone)]
pub struct Sweep<'t> {
    table: &'t SnapshotTable,
    block: usize,
}

impl<'t> Sweep<'t> {
    pub(super) fn of(table: &'t SnapshotTable) -> Self {
        Self { table, block: 0 }
    }

    /// As [`SnapshotTable::entry`]. Any name may be asked for; one after the last is found faster.
    pub fn entry(&mut self, name: &[u8]) -> Option<SnapshotEntry<'t>> {
        let starts_before =
            |block: usize| self.table.first_of(block).is_some_and(|first| order(first, name).is_le());
        let blocks = self.table.blocks();
        // the block is among `low..high`: first leaps of doubling length, then halves
        let (mut low, mut leap) = (self.block, 1);
        if low >= blocks || !starts_before(low) {
            low = 0;
            if blocks == 0 || !starts_before(0) {
                return None;
            }
            leap = blocks;
        }
        let mut high = (low + leap).min(blocks);
        while high < blocks && starts_before(high) {
            leap *= 2;
            (low, high) = (high, (high + leap).min(blocks));
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if starts_before(middle) { low = middle } else { high = middle }
        }
        self.block = low;
        self.table.scan_block(low, name)
    }
}

/// Visits all entries; see [`SnapshotTable::walk`].
#[derive(Debug)]
pub struct TableWalk<'t> {
    table: &'t SnapshotTable,
    left: u64,
    at: usize,
    /// Up to where pages were checked.
    checked: usize,
    name: Vec<u8>,
    last: Option<Decoded>,
}

impl<'t> TableWalk<'t> {
    pub(super) fn of(table: &'t SnapshotTable) -> Self {
        let left = table.header.entries;
        Self { table, left, at: HEADER, checked: HEADER, name: Vec::new(), last: None }
    }

    /// Moves to the next entry; `false` if there is none, or the table is damaged.
    pub fn advance(&mut self) -> bool {
        if self.left == 0 {
            self.last = None;
            return false;
        }
        let next = self.decode();
        if next.is_none() {
            self.table.damaged.store(true, Ordering::Relaxed);
            self.left = 0;
        }
        self.left = self.left.saturating_sub(1);
        self.last = next;
        self.last.is_some()
    }

    fn decode(&mut self) -> Option<Decoded> {
        let blocks_end = self.table.header.block_index as usize;
        if self.at >= self.checked {
            // an entry is far shorter than a page, so it ends on the next page at the latest
            let page = (self.at - HEADER) / PAGE;
            let end = (HEADER + (page + 2) * PAGE).min(blocks_end);
            self.table.part(self.at, end)?;
            self.checked = (HEADER + (page + 1) * PAGE).min(blocks_end);
        }
        let bytes = self.table.bytes.get(..blocks_end)?;
        let decoded = self.table.decode(bytes, &mut self.at)?;
        if decoded.shared > self.name.len() {
            return None;
        }
        self.name.truncate(decoded.shared);
        self.name.extend_from_slice(bytes.get(decoded.start..decoded.end)?);
        Some(decoded)
    }

    /// The name of this entry.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// This entry; call it only after [`TableWalk::advance`] returned `true`.
    pub fn entry(&self) -> SnapshotEntry<'t> {
        let (flags, set, past) = match &self.last {
            Some(last) => (last.flags, last.set, last.past.clone()),
            None => (NOT_HERE, NO_SET, Past::default()),
        };
        SnapshotEntry { table: self.table, flags, set, past }
    }

    /// The number of this entry's set.
    pub(crate) fn set(&self) -> u32 {
        self.last.as_ref().map_or(NO_SET, |last| last.set)
    }
}
