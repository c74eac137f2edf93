//! Rows by name: probes a table that is sorted by its names, without reading all of it.
//!
//! The statistics of the row groups tell where a name can be. Of a row group that is met for the first time the names
//! are read, and of each a short hash is kept: six bytes a row, while there is room. So a name that is not there costs
//! a search in memory. Rows of a row group that are wanted are decoded together: a page that was unpacked for each of
//! them would be unpacked hundreds of times.
//!
//! The page index is not used. It would save reading only where a few names are asked for, and hashes tell more: in which
//! rows a name is, and that it is in none.
//!
//! The checksum of the whole file is not verified, because that would take seconds at each start. Pages have
//! checksums of their own. Nothing relies on the statistics alone: when the names of a row group are read, they are
//! compared with them. In a table of ours their order is checked as well, and where a name falls between two row groups
//! both are read once. Tables of other programs may spell names in other ways, as long as statistics and order are
//! those of the normal spelling.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use xxhash_rust::xxh3::xxh3_64;

use super::read::{TableReader, Written};
use super::slice::Slice;
use crate::error::{Error, Hint, Result};

/// Rows whose hashes are kept, at most, in all tables of a run: 96 MiB, or 128 where row groups are large.
const MOST_ROWS: usize = 16 << 20;

/// A name in the spelling by which a table is sorted; `None` if it is no name, and nobody asks for it.
pub(crate) type NormalName = fn(&str) -> Option<Cow<'_, str>>;

/// Takes some rows.
pub(crate) type TakeRows<'t> = &'t mut dyn FnMut(Slice) -> Result<()>;

/// Room for hashes, shared by all tables of a run.
#[derive(Debug, Clone)]
pub(crate) struct ProbeRoom(Arc<AtomicUsize>);

impl Default for ProbeRoom {
    fn default() -> Self {
        Self::of(MOST_ROWS)
    }
}

impl ProbeRoom {
    /// Room for the hashes of so many rows.
    pub(super) fn of(rows: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(rows)))
    }

    /// For how many rows there is room still.
    #[cfg(test)]
    pub(super) fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn take(&self, rows: usize) -> bool {
        let less = |left: usize| left.checked_sub(rows);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

/// A table that is probed.
#[derive(Debug)]
pub(crate) struct SortedTable {
    path: PathBuf,
    remedy: Hint,
    /// Reads the names.
    names: TableReader,
    /// Reads all columns that are wanted.
    rows: TableReader,
    /// The column of the names.
    column: String,
    /// How names are spelled; none in a table of ours, whose names are normal.
    normal: Option<NormalName>,
    groups: Vec<ProbedGroup>,
    room: ProbeRoom,
}

/// A row group.
#[derive(Debug)]
struct ProbedGroup {
    rows: usize,
    first: String,
    last: String,
    /// Its names were read once, and are what the statistics say.
    is_checked: bool,
    /// None if its names were not read yet, or if there was no room.
    hashes: Option<NameHashes>,
}

/// The hashes of the names of a row group, sorted, each with its row.
#[derive(Debug)]
struct NameHashes {
    hashes: Vec<u32>,
    rows: RowNumbers,
}

/// Rows of a row group; those of our own tables have 65,536 at most.
#[derive(Debug)]
enum RowNumbers {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl NameHashes {
    fn of(mut found: Vec<(u32, u32)>) -> Self {
        found.sort_unstable();
        let rows = || found.iter().map(|(_, row)| *row);
        let short: Option<Vec<u16>> = rows().map(|row| u16::try_from(row).ok()).collect();
        let rows = short.map_or_else(|| RowNumbers::Long(rows().collect()), RowNumbers::Short);
        Self { hashes: found.iter().map(|(hash, _)| *hash).collect(), rows }
    }

    fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The rows whose names may be this one.
    fn rows(&self, name: &str) -> impl Iterator<Item = usize> {
        let hash = short_hash(name);
        let from = self.hashes.partition_point(|known| *known < hash);
        let same = self.hashes[from..].iter().take_while(move |known| **known == hash);
        (from..).zip(same).map(|(place, _)| match &self.rows {
            RowNumbers::Short(rows) => usize::from(rows[place]),
            RowNumbers::Long(rows) => rows[place] as usize,
        })
    }
}

impl SortedTable {
    /// Opens a table of ours. `columns` are those that are read, first that of the names.
    pub(crate) fn open(
        path: &Path,
        columns: &[&str],
        remedy: impl Into<Hint>,
        room: &ProbeRoom,
    ) -> Result<Self> {
        let column = columns.first().copied().unwrap_or_default();
        let (remedy, written) = (remedy.into(), Written::ByUsInPart);
        let open = || TableReader::open(path, written, remedy.clone());
        let readers = [open()?.select(&[column])?, open()?.select(columns)?];
        let lacks = || Error::failure(path, "it has no statistics of its names").hint(remedy.clone());
        let groups = groups_of(&readers[0], column).ok_or_else(lacks)?;
        let table = Self::of(path, column, (readers, groups), remedy.clone(), room);
        if table.is_sorted() { Ok(table) } else { Err(table.unsorted()) }
    }

    /// Opens a table of any program; `None` if the statistics of its row groups do not tell where a name is.
    pub(crate) fn open_foreign(
        path: &Path,
        (column, columns): (&str, &[&str]),
        normal: NormalName,
        remedy: impl Into<Hint>,
        room: &ProbeRoom,
    ) -> Result<Option<Self>> {
        let remedy = remedy.into();
        let open = || TableReader::open(path, Written::ByAnyone, remedy.clone());
        let readers = [open()?.select(&[column])?, open()?.select(columns)?];
        let Some(groups) = groups_of(&readers[0], column) else { return Ok(None) };
        let table = Self { normal: Some(normal), ..Self::of(path, column, (readers, groups), remedy, room) };
        let is_normal = |bound: &String| normal(bound).is_some_and(|name| *name == **bound);
        let are_normal = table.groups.iter().all(|group| is_normal(&group.first) && is_normal(&group.last));
        Ok((are_normal && table.is_sorted()).then_some(table))
    }

    fn of(
        path: &Path,
        column: &str,
        (readers, groups): ([TableReader; 2], Vec<ProbedGroup>),
        remedy: Hint,
        room: &ProbeRoom,
    ) -> Self {
        let [names, rows] = readers;
        let (path, column, room) = (path.to_path_buf(), column.to_owned(), room.clone());
        Self { path, remedy, names, rows, column, normal: None, groups, room }
    }

    fn is_sorted(&self) -> bool {
        self.groups.iter().flat_map(|group| [&group.first, &group.last]).is_sorted()
    }

    /// Reads the rows of these names, which are sorted and normal. Rows of other names may be among them.
    pub(crate) fn find(&mut self, names: &[&str], take: TakeRows<'_>) -> Result<()> {
        let mut at = 0;
        for group in 0..self.groups.len() {
            // names before this row group are between it and the one before
            let before = names[at..].partition_point(|name| **name < *self.groups[group].first);
            if before > 0 {
                self.check(group)?;
                if group > 0 {
                    self.check(group - 1)?;
                }
            }
            at += before;
            let within = names[at..].partition_point(|name| **name <= *self.groups[group].last);
            let rows = self.places(group, &names[at..at + within])?;
            self.read(group, &rows, take)?;
            // the last name may have rows in the next row group
            at += within - usize::from(within > 0 && names[at + within - 1] == self.groups[group].last);
        }
        if at < names.len() && !self.groups.is_empty() {
            self.check(self.groups.len() - 1)?;
        }
        Ok(())
    }

    /// Another reader of the same table.
    pub(crate) fn reader(&self, columns: &[&str]) -> Result<TableReader> {
        TableReader::open(&self.path, Written::ByUsInPart, self.remedy.clone())?.select(columns)
    }

    /// Reads rows of a row group, in order.
    pub(crate) fn read(&mut self, group: usize, rows: &[usize], take: TakeRows<'_>) -> Result<()> {
        if rows.is_empty() { Ok(()) } else { self.rows.pick(group, rows, take) }
    }

    /// The rows of a row group that may hold these names, sorted.
    fn places(&mut self, group: usize, names: &[&str]) -> Result<Vec<usize>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let fresh = match self.groups[group].hashes {
            Some(_) => None,
            None => Some(self.read_names(group)?),
        };
        let hashes = fresh.as_ref().or(self.groups[group].hashes.as_ref());
        let mut rows: Vec<usize> = Vec::new();
        if let Some(hashes) = hashes {
            names.iter().for_each(|name| rows.extend(hashes.rows(name)));
        }
        rows.sort_unstable();
        rows.dedup();
        self.keep(group, fresh);
        Ok(rows)
    }

    /// Compares the names of a row group with its statistics, if that was not done before. Nobody vouches for those of
    /// other programs.
    fn check(&mut self, group: usize) -> Result<()> {
        if self.groups[group].is_checked || self.normal.is_some() {
            return Ok(());
        }
        let fresh = self.read_names(group)?;
        self.keep(group, Some(fresh));
        Ok(())
    }

    /// Keeps hashes while there is room. What was kept first stays: whoever asks for names all over a table comes to each
    /// row group in turn, and the one that was used last comes last again.
    fn keep(&mut self, group: usize, fresh: Option<NameHashes>) {
        if let Some(fresh) = fresh.filter(|fresh| self.room.take(fresh.len())) {
            self.groups[group].hashes = Some(fresh);
        }
    }

    /// How many hashes are kept.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.groups.iter().filter_map(|group| group.hashes.as_ref()).map(NameHashes::len).sum()
    }

    /// Reads the names of a row group.
    fn read_names(&mut self, group: usize) -> Result<NameHashes> {
        let ProbedGroup { rows, ref first, ref last, .. } = self.groups[group];
        let (column, normal) = (&self.column, self.normal);
        let (mut found, mut before, mut fits, mut row) =
            (Vec::with_capacity(rows), String::new(), true, 0_u32);
        self.names.visit(group, std::slice::from_ref(&(0..rows)), &mut |slice| {
            let names = if normal.is_some() { slice.any_as_texts(column)? } else { slice.texts(column)? };
            for place in 0..slice.rows() {
                let name = names.get(place);
                let name = match normal {
                    None => Some(Cow::Borrowed(name.unwrap_or_default())),
                    Some(normal) => name.and_then(normal),
                };
                if let Some(name) = name {
                    if normal.is_some() {
                        fits &= **first <= *name && *name <= **last;
                    } else {
                        fits &= if row == 0 { *name == *first } else { *before <= *name };
                        before.clear();
                        before.push_str(&name);
                    }
                    found.push((short_hash(&name), row));
                }
                row += 1;
            }
            Ok(())
        })?;
        if !fits || (normal.is_none() && before != *last) {
            return Err(self.unsorted());
        }
        self.groups[group].is_checked = true;
        Ok(NameHashes::of(found))
    }

    fn unsorted(&self) -> Error {
        let what = match self.normal {
            None => "its rows are not sorted as its statistics say: it was damaged or changed",
            Some(_) => "a name is not where its statistics say, or not spelled in A-labels and lower case",
        };
        Error::failure(&self.path, what).hint(self.remedy.clone())
    }
}

/// The row groups; `None` if the bounds of one are not known.
fn groups_of(reader: &TableReader, column: &str) -> Option<Vec<ProbedGroup>> {
    let group = |(rows, bounds): (usize, Option<&[Vec<u8>; 2]>)| {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).ok();
        let [first, last] = bounds?;
        Some(ProbedGroup { rows, first: text(first)?, last: text(last)?, is_checked: false, hashes: None })
    };
    reader.groups(column).map(group).collect()
}

/// A hash of a name, so short that two names of a row group share one now and then.
pub(super) fn short_hash(name: &str) -> u32 {
    xxh3_64(name.as_bytes()) as u32
}
