//! The table of a snapshot: mapped, searched in place, each page checked when it is first read.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use memmap2::Mmap;
use xxhash_rust::xxh3::xxh3_64;

use super::format::{
    BLOCK, HAS_PAST, HEADER, OFFSET, PAGE, SnapshotHeader, Unreadable, read_uint, take_number,
};
pub(crate) use super::format::{HAS_DS, NOT_HERE, ONLY_BELOW, OWN_DATA};
use super::history::Past;
use super::order::order;
use super::sets::NO_SET;
use crate::error::{Error, Result};
use crate::time::Day;

mod entry;
mod open;
mod visit;

pub use entry::SnapshotEntry;
use open::unreadable;
pub(crate) use visit::{Sweep, TableWalk};

/// A table of names.
#[derive(Debug)]
pub struct SnapshotTable {
    path: PathBuf,
    bytes: Mmap,
    header: SnapshotHeader,
    /// One bit for each page that was checked.
    checked: Vec<AtomicU64>,
    damaged: AtomicBool,
}

/// A decoded entry, and where it is.
#[derive(Debug, Clone)]
struct Decoded {
    shared: usize,
    /// Where the octets that follow begin and end.
    start: usize,
    end: usize,
    flags: u8,
    set: u32,
    past: Past,
}

impl SnapshotTable {
    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The header.
    pub(crate) fn header(&self) -> &SnapshotHeader {
        &self.header
    }

    /// The facts, as JSON.
    pub(crate) fn facts(&self) -> &[u8] {
        &self.bytes[self.header.facts_at as usize..]
    }

    /// The date.
    pub(crate) fn day(&self) -> Day {
        Day(self.header.day as i32)
    }

    /// The date up to which the past of its entries reaches.
    pub(crate) fn base_day(&self) -> Option<Day> {
        i32::try_from(self.header.base_day).ok().map(Day)
    }

    /// How many names are in the zone at this date.
    pub fn len(&self) -> usize {
        self.header.names as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.header.names == 0
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// An error if a page that was read so far failed its check. Nothing was read from that page.
    pub fn check(&self) -> Result<()> {
        if self.damaged.load(Ordering::Relaxed) {
            return Err(unreadable(&self.path, Unreadable::Damaged));
        }
        Ok(())
    }

    /// Reads and checks everything.
    pub fn verify(&self) -> Result<()> {
        self.part(HEADER, self.header.checks_at as usize);
        let mut entries = 0;
        let mut walk = self.walk();
        let mut last = Vec::new();
        let mut ascends = true;
        while walk.advance() {
            ascends &= entries == 0 || order(&last, walk.name()).is_lt();
            last.clear();
            last.extend_from_slice(walk.name());
            ascends &= u64::from(walk.set()) <= self.header.sets;
            entries += 1;
        }
        let header_is_whole = self.bytes.get(..HEADER) == Some(self.header.to_bytes().as_slice());
        if !header_is_whole || !ascends || entries != self.header.entries {
            self.damaged.store(true, Ordering::Relaxed);
        }
        self.check()
    }

    /// Writes the same names with other facts to a new file; it is not synced.
    pub(crate) fn copy_with_facts(&self, path: &Path, facts: &[u8]) -> Result<File> {
        let failed = |error: std::io::Error| Error::io(path, "write", &error);
        let header = SnapshotHeader { facts_hash: xxh3_64(facts), ..self.header };
        let mut file = File::options().write(true).create_new(true).open(path).map_err(failed)?;
        let written = file
            .write_all(&header.to_bytes())
            .and_then(|()| file.write_all(&self.bytes[HEADER..self.header.facts_at as usize]))
            .and_then(|()| file.write_all(facts));
        written.map_err(failed).map(|()| file)
    }

    /// The entry of a name, relative to the origin and in normal form. Names that were only in an earlier snapshot have
    /// entries too.
    pub fn entry(&self, name: &[u8]) -> Option<SnapshotEntry<'_>> {
        let (mut low, mut high) = (0, self.blocks());
        while low < high {
            let middle = low + (high - low) / 2;
            match order(self.first_of(middle)?, name) {
                std::cmp::Ordering::Greater => high = middle,
                _ => low = middle + 1,
            }
        }
        self.scan_block(low.checked_sub(1)?, name)
    }

    /// The entry of a name that is in this snapshot.
    #[cfg(test)]
    pub(crate) fn get(&self, name: &[u8]) -> Option<SnapshotEntry<'_>> {
        self.entry(name).filter(|entry| entry.in_zone().is_some())
    }

    /// Looks up names in ascending order, each from where the last one was.
    pub fn sweep(&self) -> Sweep<'_> {
        Sweep::of(self)
    }

    /// All entries in order.
    pub fn walk(&self) -> TableWalk<'_> {
        TableWalk::of(self)
    }

    /// The hosts of a set, ascending; absolute, in normal form.
    pub fn hosts(&self, set: u32) -> impl Iterator<Item = &str> {
        let numbers = set.checked_sub(1).and_then(|set| {
            let index = self.header.set_index as usize;
            let (start, end) = self.range(index, set as usize, self.header.sets)?;
            let (part, mut at) = (self.part(start, end)?, 0);
            let count = take_number(part, &mut at)?;
            Some((0..count).map_while(move |_| take_number(part, &mut at)))
        });
        numbers.into_iter().flatten().map_while(|host| self.host(host))
    }

    fn host(&self, host: u64) -> Option<&str> {
        let (start, end) = self.range(self.header.host_index as usize, host as usize, self.header.hosts)?;
        std::str::from_utf8(self.part(start, end)?).ok()
    }

    /// Where the item with this number begins and ends, by an index.
    fn range(&self, index: usize, number: usize, count: u64) -> Option<(usize, usize)> {
        if number as u64 >= count {
            return None;
        }
        let at = index + number * OFFSET;
        let part = self.part(at, at + 2 * OFFSET)?;
        let (start, end) = (read_uint(part, 0, OFFSET)? as usize, read_uint(part, OFFSET, OFFSET)? as usize);
        (start <= end && end <= index).then_some((start, end))
    }

    fn blocks(&self) -> usize {
        self.header.entries.div_ceil(BLOCK as u64) as usize
    }

    /// Where a block begins and ends.
    fn block(&self, block: usize) -> Option<(usize, usize)> {
        let at = self.header.block_index as usize + block * OFFSET;
        let last = block + 1 == self.blocks();
        let part = self.part(at, at + if last { OFFSET } else { 2 * OFFSET })?;
        let start = read_uint(part, 0, OFFSET)? as usize;
        let blocks_end = self.header.block_index as usize;
        let end = if last { blocks_end } else { read_uint(part, OFFSET, OFFSET)? as usize };
        (HEADER <= start && start <= end && end <= blocks_end).then_some((start, end))
    }

    fn first_of(&self, block: usize) -> Option<&[u8]> {
        let (start, end) = self.block(block)?;
        let bytes = self.part(start, end)?;
        let length = usize::from(*bytes.first()? & 15);
        match length {
            15 => bytes.get(2..2 + 15 + usize::from(*bytes.get(1)?)),
            _ => bytes.get(1..1 + length),
        }
    }

    fn scan_block(&self, block: usize, name: &[u8]) -> Option<SnapshotEntry<'_>> {
        let (start, end) = self.block(block)?;
        let bytes = self.part(start, end)?;
        let mut at = 0;
        // octets of `name` that agree with the entry before
        let mut agreed = 0;
        while at < bytes.len() {
            let decoded = self.decode(bytes, &mut at)?;
            match decoded.shared.cmp(&agreed) {
                // the entry differs from the one before where `name` still agreed, so it comes after `name`
                std::cmp::Ordering::Less => return None,
                std::cmp::Ordering::Greater => continue,
                std::cmp::Ordering::Equal => {}
            }
            let (suffix, rest) = (bytes.get(decoded.start..decoded.end)?, name.get(agreed..)?);
            let common = suffix.iter().zip(rest).take_while(|(a, b)| a == b).count();
            match order(&suffix[common..], &rest[common..]) {
                std::cmp::Ordering::Equal => {
                    let Decoded { flags, set, past, .. } = decoded;
                    return Some(SnapshotEntry { table: self, flags, set, past });
                }
                std::cmp::Ordering::Greater => return None,
                std::cmp::Ordering::Less => agreed += common,
            }
        }
        None
    }

    /// Decodes the entry at `at`, and moves `at` past it.
    #[inline]
    fn decode(&self, bytes: &[u8], at: &mut usize) -> Option<Decoded> {
        let halves = *bytes.get(*at)?;
        *at += 1;
        let mut long = |half: u8| {
            if half < 15 {
                return Some(usize::from(half));
            }
            *at += 1;
            Some(15 + usize::from(*bytes.get(*at - 1)?))
        };
        let (shared, length) = (long(halves >> 4)?, long(halves & 15)?);
        let start = *at;
        let end = start + length;
        *at = end;
        let number = take_number(bytes, at)?;
        let set = u32::try_from(number >> 1).ok()?;
        let (mut flags, mut past) = (0, Past::default());
        if number & 1 == 1 {
            flags = *bytes.get(*at)?;
            *at += 1;
            if flags & HAS_PAST != 0 {
                past = Past::take(self.header.version, self.day(), bytes, at)?;
            }
        }
        if self.header.version == 1 {
            // it took a name for seen that only held names below it, and kept that flag when the name was gone
            past.never_seen = flags & !HAS_PAST == ONLY_BELOW && set == NO_SET;
            flags &= if flags & NOT_HERE == 0 { !0 } else { !ONLY_BELOW };
        }
        Some(Decoded { shared, start, end, flags, set, past })
    }

    /// A part of the file, if all its pages are in order.
    #[inline]
    fn part(&self, start: usize, end: usize) -> Option<&[u8]> {
        let part = self.bytes.get(start..end)?;
        let first = start.saturating_sub(HEADER) / PAGE;
        let last = end.saturating_sub(HEADER + 1) / PAGE;
        for page in first..=last {
            let bit = 1 << (page % 64);
            if self.checked.get(page / 64)?.load(Ordering::Relaxed) & bit == 0 && !self.check_page(page) {
                return None;
            }
        }
        Some(part)
    }

    #[cold]
    fn check_page(&self, page: usize) -> bool {
        let checks_at = self.header.checks_at as usize;
        let start = HEADER + page * PAGE;
        let found = self.bytes.get(start..checks_at.min(start + PAGE)).map(xxh3_64);
        let matches = found.is_some() && found == read_uint(&self.bytes, checks_at + page * 8, 8);
        if matches {
            self.checked[page / 64].fetch_or(1 << (page % 64), Ordering::Relaxed);
        } else {
            self.damaged.store(true, Ordering::Relaxed);
        }
        matches
    }
}
