//! Rows by name: probes a table of ours that is sorted by its first column, without reading all of it.
//!
//! The statistics of the row groups tell where a name can be. Of a row group that is met for the first time the names
//! are read, and of each a short hash is kept: eight bytes a row. So a name that is not there costs a search in memory,
//! and one that is there the pages with its rows.
//!
//! The checksum of the whole file is not verified, because that would take seconds at each start. Pages have
//! checksums of their own. Nothing relies on the statistics alone: when the names of a row group are read, their order
//! and bounds are compared with them, and where a name falls between two row groups both are read.

use std::ops::Range;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::read::{TableReader, Written};
use super::slice::Slice;
use crate::error::{Error, Hint, Result};

/// Rows whose hashes are kept, at most: 128 MiB.
const MOST_ROWS: usize = 16 << 20;
/// Rows between two wanted ones that are read along rather than skipped.
const NEAR: usize = 64;

/// A table that is probed.
#[derive(Debug)]
pub(crate) struct SortedTable {
    path: PathBuf,
    remedy: Hint,
    /// Reads the first column.
    names: TableReader,
    /// Reads all columns that are wanted.
    rows: TableReader,
    /// The name of the first column.
    column: String,
    groups: Vec<ProbedGroup>,
    /// Rows whose hashes are kept.
    kept: usize,
}

/// A row group.
#[derive(Debug)]
struct ProbedGroup {
    rows: usize,
    first: String,
    last: String,
    /// Hashes and rows, sorted; none if its names were not read yet.
    hashes: Option<Vec<(u32, u32)>>,
}

impl SortedTable {
    /// Opens a table. `columns` are those that are read, the first of the table first.
    pub(crate) fn open(path: &Path, columns: &[&str], remedy: impl Into<Hint>) -> Result<Self> {
        let remedy = remedy.into();
        let open = || TableReader::open(path, Written::ByUsInPart, remedy.clone());
        let column = columns.first().copied().unwrap_or_default();
        let (names, rows) = (open()?.select(&[column])?, open()?.select(columns)?);
        let lacks = || Error::failure(path, "it has no statistics of its names").hint(remedy.clone());
        let group = |(rows, bounds): (usize, Option<&[Vec<u8>; 2]>)| {
            let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).map_err(|_| lacks());
            let [first, last] = bounds.ok_or_else(lacks)?;
            Ok(ProbedGroup { rows, first: text(first)?, last: text(last)?, hashes: None })
        };
        let groups: Vec<ProbedGroup> = names.groups(column).map(group).collect::<Result<_>>()?;
        let column = column.to_owned();
        let table = Self { path: path.to_path_buf(), remedy, names, rows, column, groups, kept: 0 };
        let is_sorted = table.groups.iter().flat_map(|group| [&group.first, &group.last]).is_sorted();
        if is_sorted { Ok(table) } else { Err(table.unsorted()) }
    }

    /// Reads the rows of these names, which are sorted. The slices may hold rows of other names as well.
    pub(crate) fn find(&mut self, names: &[&str], take: &mut dyn FnMut(Slice) -> Result<()>) -> Result<()> {
        let mut at = 0;
        for group in 0..self.groups.len() {
            // names before this row group lie between it and the one before
            let before = names[at..].partition_point(|name| **name < *self.groups[group].first);
            if before > 0 {
                self.know(group)?;
                if group > 0 {
                    self.know(group - 1)?;
                }
            }
            at += before;
            let within = names[at..].partition_point(|name| **name <= *self.groups[group].last);
            let rows = self.places(group, &names[at..at + within])?;
            if !rows.is_empty() {
                self.rows.visit(group, &rows, take)?;
            }
            // the last name may have rows in the next row group
            at += within - usize::from(within > 0 && names[at + within - 1] == self.groups[group].last);
        }
        if at < names.len() && !self.groups.is_empty() {
            self.know(self.groups.len() - 1)?;
        }
        Ok(())
    }

    /// Another reader of the same table.
    pub(crate) fn reader(&self, columns: &[&str]) -> Result<TableReader> {
        TableReader::open(&self.path, Written::ByUsInPart, self.remedy.clone())?.select(columns)
    }

    /// Reads one row by its row group.
    pub(crate) fn row(
        &mut self,
        group: usize,
        row: usize,
        take: &mut dyn FnMut(Slice) -> Result<()>,
    ) -> Result<()> {
        let range = row..row + 1;
        self.rows.visit(group, std::slice::from_ref(&range), take)
    }

    /// The rows of a row group that may hold these names, as ranges.
    fn places(&mut self, group: usize, names: &[&str]) -> Result<Vec<Range<usize>>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        self.know(group)?;
        let hashes = self.groups[group].hashes.as_deref().unwrap_or_default();
        let mut rows: Vec<usize> = Vec::new();
        for name in names {
            let hash = short_hash(name);
            let from = hashes.partition_point(|(known, _)| *known < hash);
            let same = hashes[from..].iter().take_while(|(known, _)| *known == hash);
            rows.extend(same.map(|(_, row)| *row as usize));
        }
        rows.sort_unstable();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for row in rows {
            match ranges.last_mut() {
                Some(last) if row < last.end + NEAR => last.end = last.end.max(row + 1),
                _ => ranges.push(row..row + 1),
            }
        }
        Ok(ranges)
    }

    /// Reads the names of a row group, unless they are known.
    fn know(&mut self, group: usize) -> Result<()> {
        let ProbedGroup { rows, ref hashes, .. } = self.groups[group];
        if hashes.is_some() {
            return Ok(());
        }
        if self.kept + rows > MOST_ROWS {
            self.groups.iter_mut().for_each(|group| group.hashes = None);
            self.kept = 0;
        }
        let (mut found, mut before, mut is_sorted) = (Vec::with_capacity(rows), String::new(), true);
        let (first, last) = (self.groups[group].first.clone(), self.groups[group].last.clone());
        let column = &self.column;
        let whole = 0..rows;
        self.names.visit(group, std::slice::from_ref(&whole), &mut |slice| {
            let names = slice.texts(column)?;
            for row in 0..slice.rows() {
                let name = names.get(row).unwrap_or_default();
                is_sorted &= if found.is_empty() { name == first } else { *before <= *name };
                before.clear();
                before.push_str(name);
                found.push((short_hash(name), found.len() as u32));
            }
            Ok(())
        })?;
        if !is_sorted || before != last {
            return Err(self.unsorted());
        }
        found.sort_unstable();
        self.groups[group].hashes = Some(found);
        self.kept += rows;
        Ok(())
    }

    fn unsorted(&self) -> Error {
        let what = "its rows are not sorted as its statistics say: it was damaged or changed";
        Error::failure(&self.path, what).hint(self.remedy.clone())
    }
}

/// A hash of a name, so short that two names of a row group share one now and then.
fn short_hash(name: &str) -> u32 {
    xxh3_64(name.as_bytes()) as u32
}
