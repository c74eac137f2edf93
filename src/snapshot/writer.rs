//! Writes the bytes of a snapshot from front to back; only the header comes last.
//!
//! Memory: a megabyte, five bytes for each block of the index, eight bytes for each page.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::format::{
    BLOCK, HAS_PAST, HEADER, NOT_HERE, OFFSET, ONLY_BELOW, PAGE, SnapshotHeader, push_number,
};
use super::history::Past;
use super::sets::{NO_SET, Sets};
use crate::error::{Error, Result};
use crate::time::Day;
use crate::zone::scanner::common;

/// Bytes gathered before they are written.
const BUFFER: usize = 16 * PAGE;

/// An entry of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewEntry {
    /// Flags of [`super::format`], without [`HAS_PAST`].
    pub(crate) flags: u8,
    /// Number of its set.
    pub(crate) set: u32,
    /// Its past.
    pub(crate) past: Past,
}

/// Writes a table from names in their order.
#[derive(Debug)]
pub(crate) struct TableWriter {
    pages: Pages,
    index: Vec<u8>,
    header: SnapshotHeader,
    day: Day,
    last: Vec<u8>,
}

impl TableWriter {
    /// A new file at `path`, for names at `day`.
    pub(crate) fn create(path: &Path, day: Day, base: Option<Day>) -> Result<Self> {
        let file = File::options().read(true).write(true).create_new(true).open(path);
        Self::to(file.map_err(|error| Error::io(path, "write", &error))?, path, day, base)
    }

    /// A file without a name, which is gone when nobody reads it any more.
    pub(crate) fn unnamed(directory: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(directory);
        Self::to(file.map_err(|error| Error::io(directory, "write to", &error))?, directory, Day(0), None)
    }

    fn to(file: File, path: &Path, day: Day, base: Option<Day>) -> Result<Self> {
        let header = SnapshotHeader {
            day: i64::from(day.0),
            base_day: base.map_or(i64::MIN, |base| i64::from(base.0)),
            ..SnapshotHeader::default()
        };
        Ok(Self { pages: Pages::to(file, path)?, index: Vec::new(), header, day, last: Vec::new() })
    }

    /// Appends a name (at most 255 octets) that comes after all others. `shared`: how many octets it has in common with
    /// the name before, if that is known already.
    pub(crate) fn push(&mut self, name: &[u8], shared: Option<usize>, entry: &NewEntry) -> Result<()> {
        let mut shared = shared.unwrap_or_else(|| common(&self.last, name, self.last.len().min(name.len())));
        self.last.truncate(shared);
        self.last.extend_from_slice(&name[shared..]);
        if self.header.entries.is_multiple_of(BLOCK as u64) {
            push_offset(self.pages.position(), &mut self.index);
            shared = 0;
        }
        let rest = &name[shared..];
        let bytes = &mut self.pages.buffer;
        let (upper, lower) = (shared.min(15), rest.len().min(15));
        bytes.push((upper << 4 | lower) as u8);
        if upper == 15 {
            bytes.push((shared - 15) as u8);
        }
        if lower == 15 {
            bytes.push((rest.len() - 15) as u8);
        }
        bytes.extend_from_slice(rest);
        let has_past = !entry.past.is_empty();
        let flags = entry.flags | if has_past { HAS_PAST } else { 0 };
        push_number(u64::from(entry.set) << 1 | u64::from(flags != 0), bytes);
        if flags != 0 {
            bytes.push(flags);
        }
        if has_past {
            entry.past.push(self.day, bytes);
        }
        self.header.entries += 1;
        let is_here = flags & NOT_HERE == 0;
        self.header.names += u64::from(is_here || flags & ONLY_BELOW != 0);
        self.header.delegated += u64::from(is_here && entry.set != NO_SET);
        self.pages.flush_if_full()
    }

    /// Names that are in this snapshot, so far.
    pub(crate) fn names(&self) -> u64 {
        self.header.names
    }

    /// Appends sets, hosts and facts, and closes the file; it is not synced.
    pub(crate) fn finish(mut self, sets: &Sets, facts: &[u8]) -> Result<(File, SnapshotHeader)> {
        let mut header = self.header;
        header.block_index = self.pages.position();
        self.pages.push(&self.index)?;
        let mut index = Vec::new();
        header.sets_at = self.pages.position();
        for set in 1..=sets.count() as u32 {
            push_offset(self.pages.position(), &mut index);
            let members = sets.members(set);
            push_number(members.len() as u64, &mut self.pages.buffer);
            members.iter().for_each(|host| push_number(u64::from(*host), &mut self.pages.buffer));
            self.pages.flush_if_full()?;
        }
        (header.set_index, header.sets) = (self.pages.position(), sets.count() as u64);
        push_offset(self.pages.position(), &mut index);
        self.pages.push(&index)?;
        index.clear();
        header.hosts_at = self.pages.position();
        for host in 0..sets.hosts() as u32 {
            push_offset(self.pages.position(), &mut index);
            self.pages.push(sets.host(host))?;
        }
        (header.host_index, header.hosts) = (self.pages.position(), sets.hosts() as u64);
        push_offset(self.pages.position(), &mut index);
        self.pages.push(&index)?;
        self.pages.close(header, facts)
    }
}

fn push_offset(offset: u64, index: &mut Vec<u8>) {
    index.extend_from_slice(&offset.to_le_bytes()[..OFFSET]);
}

/// Writes pages with their checksums.
#[derive(Debug)]
struct Pages {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    /// Where in the file the buffer begins.
    at: u64,
    checks: Vec<u8>,
}

impl Pages {
    fn to(mut file: File, path: &Path) -> Result<Self> {
        file.write_all(&[0; HEADER]).map_err(|error| Error::io(path, "write", &error))?;
        let buffer = Vec::with_capacity(BUFFER + PAGE);
        Ok(Self { path: path.to_path_buf(), file, buffer, at: HEADER as u64, checks: Vec::new() })
    }

    fn position(&self) -> u64 {
        self.at + self.buffer.len() as u64
    }

    fn push(&mut self, bytes: &[u8]) -> Result<()> {
        for piece in bytes.chunks(BUFFER) {
            self.buffer.extend_from_slice(piece);
            self.flush_if_full()?;
        }
        Ok(())
    }

    #[inline]
    fn flush_if_full(&mut self) -> Result<()> {
        if self.buffer.len() < BUFFER { Ok(()) } else { self.flush(self.buffer.len() / PAGE * PAGE) }
    }

    fn flush(&mut self, length: usize) -> Result<()> {
        for page in self.buffer[..length].chunks(PAGE) {
            self.checks.extend_from_slice(&xxh3_64(page).to_le_bytes());
        }
        self.write(length)
    }

    fn write(&mut self, length: usize) -> Result<()> {
        let written = self.file.write_all(&self.buffer[..length]);
        written.map_err(|error| Error::io(&self.path, "write", &error))?;
        self.at += length as u64;
        self.buffer.drain(..length);
        Ok(())
    }

    fn close(mut self, mut header: SnapshotHeader, facts: &[u8]) -> Result<(File, SnapshotHeader)> {
        self.flush(self.buffer.len())?;
        header.checks_at = self.at;
        header.checks_hash = xxh3_64(&self.checks);
        self.buffer = std::mem::take(&mut self.checks);
        header.facts_at = self.position();
        header.facts_hash = xxh3_64(facts);
        self.buffer.extend_from_slice(facts);
        self.write(self.buffer.len())?;
        let written =
            self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(&header.to_bytes()));
        written.map_err(|error| Error::io(&self.path, "write", &error))?;
        Ok((self.file, header))
    }
}
