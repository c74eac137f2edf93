//! Parquet: tables of people, and what OpenINTEL measures, by the same names of columns as other tables.
//!
//! OpenINTEL keeps a row a record, with `query_name`, `response_type`, `mx_address`, `mx_preference`, `timestamp` in
//! milliseconds and `status_code` (65535 is a time-out); fields that make no sense for a type are null. Mail servers may also
//! be a list of texts. Only the columns that are used are read.
//!
//! The row groups of a sorted table that cannot hold a name of the run are passed over. Bounds in any other spelling than
//! that of measurements (A-labels, lower case) say nothing, and their row groups are read. What this misses: names in
//! another spelling within row groups whose bounds are in this one.

use std::ops::Range;

use rayon::prelude::*;

use super::batch::{MxBatch, MxDate, MxPlace, MxReading};
use super::columns::{MxColumns, is_answered, is_mx};
use super::groups::WantedGroups;
use super::host::{each_host, read_preference};
use super::names::{FoundNames, MxNames, NameFound};
use crate::error::Result;
use crate::input::source::Source;
use crate::table::read::{TableReader, Written};
use crate::table::slice::{MomentColumn, Slice, TextColumn, TextListColumn};

/// What helps if a file cannot be read.
const REMEDY: &str = "export the file again";
/// Rows of a slice that are read in a row.
const ROWS: usize = 1 << 14;

/// Which columns of a file are read, and what they are for.
#[derive(Debug)]
pub(super) struct MxHeader {
    header: Vec<String>,
    columns: MxColumns,
}

impl MxHeader {
    fn find(source: &Source, reader: &TableReader) -> Result<Self> {
        let header: Vec<String> = reader.names().map(ToOwned::to_owned).collect();
        let columns =
            MxColumns::find(&header).ok_or_else(|| super::form::no_columns(&header, true, &source.path))?;
        Ok(Self { header, columns })
    }

    /// The columns in a file.
    pub(super) fn of(source: &Source) -> Result<Self> {
        Self::find(source, &TableReader::open(&source.path, Written::ByAnyone, REMEDY)?)
    }

    /// The column of the names.
    pub(super) fn name(&self) -> &str {
        &self.header[self.columns.name]
    }

    /// All columns that are read.
    pub(super) fn wanted(&self) -> Vec<&str> {
        let MxColumns { name, host, preference, date, kind, status, .. } = self.columns;
        let mut wanted: Vec<usize> =
            [Some(name), Some(host), preference, date, kind, status].into_iter().flatten().collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.into_iter().map(|place| self.header[place].as_str()).collect()
    }

    /// Reads the rows of a slice.
    pub(super) fn read<'a>(&self, slice: &Slice, reading: MxReading<'a>) -> Result<MxBatch<'a>> {
        let columns = MxSlice::of(slice, &self.header, &self.columns)?;
        let (mut batch, mut names) = (MxBatch::new(reading), FoundNames::default());
        reading.wanted.find_all(columns.names(0..slice.rows()), &mut names);
        for row in 0..slice.rows() {
            // counted, and not shown: the places of rows that were picked are not known
            if let Err(what) = columns.read(row, names.get(row), &mut batch) {
                batch.fault(MxPlace::Row(row as u64), what);
            }
        }
        Ok(batch)
    }
}

/// A Parquet file of MX data.
pub(super) struct ParquetMx {
    reader: TableReader,
    header: MxHeader,
}

impl ParquetMx {
    /// Opens a file and finds its columns. Returns also how many rows are passed over.
    pub(super) fn open(source: &Source, wanted_names: &MxNames<'_>) -> Result<(Self, u64)> {
        let reader = TableReader::open(&source.path, Written::ByAnyone, REMEDY)?;
        let header = MxHeader::find(source, &reader)?;
        let mut reader = reader.select(&header.wanted())?;
        let bounds = reader.groups(header.name()).map(|(_, bounds)| bounds);
        let wanted = wanted_names.listed().map(|names| WantedGroups::of(bounds).find(names));
        let skipped = wanted.map_or(0, |wanted| reader.read_only(&wanted));
        Ok((Self { reader, header }, skipped))
    }

    /// The next rows, in pieces; `None` at the end.
    pub(super) fn next<'a>(&mut self, reading: MxReading<'a>) -> Result<Option<Vec<MxBatch<'a>>>> {
        let start = self.reader.rows_read();
        let Some(slice) = self.reader.next_slice()? else { return Ok(None) };
        let columns = MxSlice::of(&slice, &self.header.header, &self.header.columns)?;
        let pieces: Vec<usize> = (0..slice.rows()).step_by(ROWS).collect();
        let read = |first: usize| {
            let mut batch = MxBatch::new(reading);
            let (rows, mut names) = (first..slice.rows().min(first + ROWS), FoundNames::default());
            reading.wanted.find_all(columns.names(rows.clone()), &mut names);
            for row in rows {
                if let Err(what) = columns.read(row, names.get(row - first), &mut batch) {
                    batch.fault(MxPlace::Row((start + row + 1) as u64), what);
                }
            }
            batch
        };
        Ok(Some(pieces.into_par_iter().with_max_len(1).map(read).collect()))
    }
}

/// The columns of some rows.
struct MxSlice {
    name: TextColumn,
    host: HostColumn,
    preference: Option<TextColumn>,
    date: Option<DateColumn>,
    kind: Option<TextColumn>,
    status: Option<TextColumn>,
}

enum HostColumn {
    Texts(TextColumn),
    Lists(TextListColumn),
}

enum DateColumn {
    Moments(MomentColumn),
    Texts(TextColumn),
}

impl MxSlice {
    fn of(slice: &Slice, header: &[String], columns: &MxColumns) -> Result<Self> {
        let texts = |place: usize| slice.any_as_texts(&header[place]);
        let optional = |place: Option<usize>| place.map(texts).transpose();
        let dates = |place: usize| match slice.moments(&header[place]) {
            Ok(moments) => Ok(DateColumn::Moments(moments)),
            Err(_) => texts(place).map(DateColumn::Texts),
        };
        let hosts = |place: usize| match slice.text_lists(&header[place]) {
            Ok(lists) => Ok(HostColumn::Lists(lists)),
            Err(_) => texts(place).map(HostColumn::Texts),
        };
        Ok(Self {
            name: texts(columns.name)?,
            host: hosts(columns.host)?,
            preference: optional(columns.preference)?,
            date: columns.date.map(dates).transpose()?,
            kind: optional(columns.kind)?,
            status: optional(columns.status)?,
        })
    }

    /// The names of some rows.
    fn names(&self, rows: Range<usize>) -> impl Iterator<Item = &str> {
        rows.map(|row| self.name.get(row).unwrap_or_default())
    }

    fn read(
        &self,
        row: usize,
        name: NameFound,
        batch: &mut MxBatch<'_>,
    ) -> std::result::Result<(), &'static str> {
        if cell(&self.kind, row).is_some_and(|kind| !is_mx(kind)) {
            batch.file.rows += 1;
            batch.file.other_types += 1;
            return Ok(());
        }
        if cell(&self.status, row).is_some_and(|status| !is_answered(status)) {
            return batch.hosts_of(name, "", None, MxDate::Missing);
        }
        let preference = cell(&self.preference, row).map_or(Some(None), read_preference);
        let preference = preference.ok_or("expected a preference of 0 to 65535")?;
        let date = match &self.date {
            None => MxDate::Missing,
            Some(DateColumn::Moments(moments)) => moments.get(row).map_or(MxDate::Missing, MxDate::Read),
            Some(DateColumn::Texts(texts)) => texts.get(row).map_or(MxDate::Missing, MxDate::of),
        };
        match &self.host {
            HostColumn::Texts(texts) => {
                batch.hosts_of(name, texts.get(row).unwrap_or_default(), preference, date)
            }
            HostColumn::Lists(lists) => batch.records_of(name, date, &mut |take| {
                let mut hosts = lists.get(row).into_iter().flatten();
                hosts.try_fold(0, |sum, host| Ok(sum + each_host(host, preference, take)?))
            }),
        }
    }
}

/// The text of a row, if there is such a column; nothing is an empty one.
fn cell(column: &Option<TextColumn>, row: usize) -> Option<&str> {
    column.as_ref().map(|column| column.get(row).unwrap_or_default())
}
