//! Reads the rows of a Parquet file. There is no other reader in the program.
//!
//! A file is read slice by slice. A slice is as many rows of one row group as the limits allow, so memory is bounded
//! by a slice, whatever the file claims. Nothing is mapped into memory: the bytes that were checked are the bytes that
//! are decoded, even if someone writes to the file meanwhile.
//!
//! A file of ours carries a checksum of all its bytes, which is verified before anything in it is used. If another program
//! has written our table again, there is none; the pages are still checked like those of any file.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame, Series};
use polars_arrow::array::new_empty_array;
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_parquet::parquet::metadata::FileMetadata;
use polars_parquet::read::schema::parquet_to_arrow_schema;
use polars_parquet::read::{PhysicalType, n_columns};
use rayon::prelude::*;

use super::bounds::TextBounds;
use super::footer::{Checked, Footer, read_at};
use super::guard::guarded;
use super::open_column::OpenColumn;
use super::page::{Page, pages};
use super::seal::{self, Seal};
use super::slice::Slice;
use crate::error::{Error, Hint, Result};

/// Rows of a slice, at most.
const MOST_ROWS: usize = 1 << 17;
/// Bytes of the unpacked pages of a slice, at most.
const MOST_BYTES: usize = 256 << 20;
/// Bytes of the texts of a slice, at most. A small dictionary can become many of them.
const MOST_TEXT: usize = 64 << 20;
/// Values of a column of lists in a row group, at most.
const MOST_ITEMS: usize = 1 << 24;
/// Bytes of a value of a type of fixed length, at most.
const MOST_FIXED: usize = 1 << 10;
/// Bytes read at once for the checksum.
const BLOCK_BYTES: usize = 1 << 20;

/// Who is supposed to have written a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// This program: a checksum that does not fit is a failure.
    ByUs,
    /// This program; only parts are read, whose pages have checksums of their own.
    ByUsInPart,
    /// Any program. A checksum there means nothing: it may have been copied from a footer of ours.
    ByAnyone,
}

/// A Parquet file that is being read.
#[derive(Debug)]
pub struct TableReader {
    path: PathBuf,
    file: File,
    is_ours: bool,
    pub(super) metadata: FileMetadata,
    pub(super) bounds: TextBounds,
    /// The row groups that are passed over; none if it is empty.
    pub(super) skips: Vec<bool>,
    schema: ArrowSchema,
    /// What helps if it cannot be read.
    remedy: Hint,
    /// The columns that are read.
    wanted: Vec<String>,
    /// Number of the row group that comes next or is being read.
    pub(super) group: usize,
    /// Rows of that row group that were read.
    pub(super) row: usize,
    /// Rows that fitted into the last slice.
    fits: usize,
    /// Rows before that row group.
    pub(super) before: usize,
    /// The columns of that row group.
    open: Vec<OpenColumn>,
}

impl TableReader {
    /// Opens a file and checks its footer, and every byte if we wrote it. Each failure comes with the remedy.
    pub fn open(path: &Path, written: Written, remedy: impl Into<Hint>) -> Result<Self> {
        let remedy = remedy.into();
        Self::open_file(path, written, remedy.clone()).map_err(|error| error.or_hint(remedy))
    }

    fn open_file(path: &Path, written: Written, remedy: Hint) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
        let footer = Footer::read(&file)
            .map_err(|what| Error::failure(path, format!("not readable as Parquet: {what}")))?;
        let failed = |what| Error::failure(path, what);
        match written {
            Written::ByUs => verify(&file, &footer).map_err(failed)?,
            Written::ByUsInPart if footer.checksum.is_none() => {
                return Err(failed("it carries no checksum: another program wrote it".to_owned()));
            }
            Written::ByUsInPart | Written::ByAnyone => {}
        }
        let is_ours = footer.is_ours;
        let metadata = footer.metadata;
        let schema = guarded(|| parquet_to_arrow_schema(metadata.schema().fields()))
            .ok_or_else(|| Error::failure(path, "not readable as Parquet: its schema makes no sense"))?;
        if schema.len() != metadata.schema().fields().len() {
            return Err(Error::failure(path, "not readable as Parquet: two columns have one name"));
        }
        Ok(Self {
            path: path.to_path_buf(),
            file,
            is_ours,
            metadata,
            bounds: footer.bounds,
            skips: Vec::new(),
            schema,
            remedy,
            wanted: Vec::new(),
            group: 0,
            row: 0,
            fits: MOST_ROWS,
            before: 0,
            open: Vec::new(),
        })
    }

    /// Whether this program wrote it, according to its footer.
    pub(crate) fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.schema.iter_names().map(|name| name.as_str())
    }

    /// The columns of this list that the file lacks.
    pub(crate) fn missing<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
        names.into_iter().filter(|name| !self.schema.contains(name)).collect()
    }

    /// Chooses the columns to read, all of which must be there.
    pub fn select(mut self, names: &[&str]) -> Result<Self> {
        if let Some(name) = self.missing(names.iter().copied()).first() {
            return Err(Error::failure(&self.path, format!("no column `{name}`")).hint(self.remedy.clone()));
        }
        self.wanted = names.iter().map(ToString::to_string).collect();
        Ok(self)
    }

    /// Reads texts as bytes, so that one that is not UTF-8 does not make the file unreadable.
    pub(crate) fn with_texts_as_bytes(mut self) -> Self {
        for field in self.schema.iter_values_mut() {
            if matches!(field.dtype, ArrowDataType::Utf8 | ArrowDataType::LargeUtf8 | ArrowDataType::Utf8View)
            {
                field.dtype = ArrowDataType::BinaryView;
            }
        }
        self
    }

    /// Rows read so far.
    pub fn rows_read(&self) -> usize {
        self.before + self.row
    }

    /// Goes to a row, counted from 0: the next slice begins with it, and has only a few rows.
    pub(crate) fn go_to(&mut self, row: usize) -> Result<()> {
        (self.group, self.before) = (0, 0);
        while let Some(group) = self.metadata.row_groups.get(self.group) {
            if self.before + group.num_rows() > row {
                break;
            }
            (self.group, self.before) = (self.group + 1, self.before + group.num_rows());
        }
        (self.row, self.fits) = (row.saturating_sub(self.before), 1);
        if self.group < self.metadata.row_groups.len() {
            self.open_group()?;
        }
        Ok(())
    }

    /// Reads rows of a row group, in one or several slices each. Reading on afterwards begins behind them.
    pub(crate) fn visit(
        &mut self,
        group: usize,
        ranges: &[Range<usize>],
        take: &mut dyn FnMut(Slice) -> Result<()>,
    ) -> Result<()> {
        self.enter(group)?;
        for range in ranges {
            self.row = range.start;
            while self.row < range.end {
                let frame = self.slice(self.row..range.end)?;
                self.row += frame.height();
                take(Slice { path: self.path.clone(), remedy: self.remedy.clone(), frame })?;
            }
        }
        Ok(())
    }

    /// Reads single rows of a row group, in order, together: each page is unpacked once.
    pub(crate) fn pick(
        &mut self,
        group: usize,
        rows: &[usize],
        take: &mut dyn FnMut(Slice) -> Result<()>,
    ) -> Result<()> {
        self.enter(group)?;
        let mut left = rows;
        while let [first, ..] = left {
            self.row = *first;
            let mut count = left.len();
            let frame = loop {
                let (picked, range) = (&left[..count], *first..left[count - 1] + 1);
                let unpacked: usize = self.open.iter().map(|column| column.plain_bytes(&range)).sum();
                if unpacked <= MOST_BYTES || count == 1 {
                    let columns = self.decode(&range, Some(picked))?;
                    let texts: usize = columns.iter().map(|(_, texts)| texts).sum();
                    if texts <= MOST_TEXT || count == 1 {
                        break self.frame(count, columns)?;
                    }
                }
                // fewer rows may need fewer pages
                count /= 2;
            };
            left = &left[count..];
            take(Slice { path: self.path.clone(), remedy: self.remedy.clone(), frame })?;
        }
        Ok(())
    }

    fn enter(&mut self, group: usize) -> Result<()> {
        self.before = self.metadata.row_groups[..group].iter().map(|group| group.num_rows()).sum();
        (self.group, self.row, self.fits) = (group, 0, MOST_ROWS);
        self.open_group()
    }

    fn open_group(&mut self) -> Result<()> {
        self.open = self.wanted.iter().map(|name| self.open_column(name)).collect::<Result<_>>()?;
        Ok(())
    }

    /// The next rows of the chosen columns; `None` at the end.
    pub fn next_slice(&mut self) -> Result<Option<Slice>> {
        let frame = self.next_frame().map_err(|error| error.or_hint(self.remedy.clone()))?;
        Ok(frame.map(|frame| Slice { path: self.path.clone(), remedy: self.remedy.clone(), frame }))
    }

    fn next_frame(&mut self) -> Result<Option<DataFrame>> {
        self.pass_over();
        let Some(group) = self.metadata.row_groups.get(self.group) else { return Ok(None) };
        let rows = group.num_rows();
        if self.row == 0 {
            self.open_group()?;
        }
        let frame = self.slice(self.row..rows)?;
        self.fits = if self.row + frame.height() == rows { MOST_ROWS } else { frame.height() };
        self.row += frame.height();
        if self.row == rows {
            (self.group, self.row, self.before) = (self.group + 1, 0, self.before + rows);
        }
        Ok(Some(frame))
    }

    fn failed(&self, column: &str, what: impl std::fmt::Display) -> Error {
        let row = self.rows_read() + 1;
        Error::failure(&self.path, format!("cannot be read from row {row} on: column `{column}`: {what}"))
    }

    fn open_column(&self, name: &str) -> Result<OpenColumn> {
        let field = self.schema.get(name).ok_or_else(|| self.failed(name, "not there"))?.clone();
        self.leaves(name, &field).map_err(|what| self.failed(name, what))
    }

    fn leaves(&self, name: &str, field: &Field) -> Checked<OpenColumn> {
        let group = &self.metadata.row_groups[self.group];
        let leaves = group.columns_idxs_under_root_iter(name).unwrap_or_default();
        let is_readable = || {
            let none = new_empty_array(field.dtype.clone());
            n_columns(&field.dtype) == leaves.len() && Series::try_from((field, none)).is_ok()
        };
        if guarded(is_readable) != Some(true) {
            return Err("its type cannot be read here: export it as text, numbers or timestamps".into());
        }
        let columns = group.parquet_columns();
        let is_flat = matches!(leaves, [leaf] if columns[*leaf].descriptor().descriptor.max_rep_level == 0);
        let mut found = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let column = &columns[*leaf];
            if matches!(column.physical_type(), PhysicalType::FixedLenByteArray(length) if length > MOST_FIXED)
            {
                return Err(format!("its values have more than {MOST_FIXED} bytes each"));
            }
            let pages = pages(&self.file, column)?;
            let values: usize = pages.iter().map(|page| page.values).sum();
            if is_flat && values != group.num_rows() {
                return Err(format!("{values} values for {} rows", group.num_rows()));
            }
            let bytes: usize = pages.iter().map(Page::plain_bytes).sum();
            if !is_flat && (values > MOST_ITEMS || bytes > MOST_BYTES) {
                return Err("its lists are too long: write smaller row groups".into());
            }
            found.push((*leaf, pages));
        }
        Ok(OpenColumn { field: field.clone(), leaves: found, is_flat })
    }

    /// As many of these rows as the limits allow, from the first on.
    fn slice(&self, rows: Range<usize>) -> Result<DataFrame> {
        let mut count = rows.len().min(MOST_ROWS).min(self.fits.saturating_mul(2));
        loop {
            let rows = rows.start..rows.start + count;
            let unpacked = self.open.iter().map(|column| column.plain_bytes(&rows)).sum();
            let (needed, most) = if unpacked > MOST_BYTES {
                // the size of a page is given, but fewer rows may need fewer pages
                (unpacked, MOST_BYTES)
            } else {
                let columns = self.decode(&rows, None)?;
                let texts: usize = columns.iter().map(|(_, texts)| texts).sum();
                if texts <= MOST_TEXT {
                    return self.frame(count, columns);
                }
                (texts, MOST_TEXT)
            };
            if count == 1 {
                let row = self.rows_read() + 1;
                let what = format!("row {row} needs {} MiB, more than {}", needed >> 20, most >> 20);
                return Err(Error::failure(&self.path, what).hint("write it with smaller pages or values"));
            }
            count = (count / (needed / most + 1)).max(1);
        }
    }

    fn frame(&self, rows: usize, columns: Vec<(Series, usize)>) -> Result<DataFrame> {
        let columns = columns.into_iter().map(|(series, _)| Column::from(series)).collect();
        DataFrame::new(rows, columns)
            .map_err(|error| Error::failure(&self.path, format!("cannot be read: {error}")))
    }

    /// Decodes rows of all columns in parallel; with each column come the bytes of its texts.
    fn decode(&self, rows: &Range<usize>, picked: Option<&[usize]>) -> Result<Vec<(Series, usize)>> {
        let group = &self.metadata.row_groups[self.group];
        let decode = |column: &OpenColumn| {
            let decoded = guarded(|| column.decode(&self.file, group, rows, picked));
            let decoded = decoded.unwrap_or_else(|| Err("its data makes no sense".into()));
            decoded.map_err(|what| self.failed(&column.field.name, what))
        };
        self.open.par_iter().map(decode).collect::<Vec<_>>().into_iter().collect()
    }
}

/// Compares a file with the checksum in its footer.
fn verify(file: &File, footer: &Footer) -> Checked<()> {
    let Some(expected) = &footer.checksum else {
        // if another program has written our table again, our keys are gone as well
        return if footer.is_ours {
            Err("it carries no checksum: it is damaged, or an earlier version wrote it".into())
        } else {
            Ok(())
        };
    };
    let mut seal = Seal::new();
    let mut block = vec![0; BLOCK_BYTES];
    let mut at = 0;
    while at < footer.start {
        let length = (footer.start - at).min(BLOCK_BYTES as u64) as usize;
        read_at(file, &mut block[..length], at).map_err(|error| error.to_string())?;
        seal.update(&block[..length]);
        at += length as u64;
    }
    let mut bytes = footer.bytes.clone();
    let is_there = seal::replace(&mut bytes, expected, &seal::blank());
    seal.update(&bytes);
    if is_there && seal.value() == *expected {
        return Ok(());
    }
    Err("its checksum does not fit: it was damaged or changed after it was written".into())
}
