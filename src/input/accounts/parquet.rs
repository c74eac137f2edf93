//! Accounts in Parquet, slice by slice.
//!
//! Polars reads 131,072 rows of the wanted columns at a time, so memory is bounded by a slice and
//! the row group it lies in. Identifiers and carried columns of any type become text as Polars casts
//! them; an address that is null is an empty one. Moments may be timestamps of any unit, dates, text, or numbers, of
//! which the last two are read as in other files, with the digits they have. A time of day, or a column of
//! another kind, holds no moment: its values are unreadable.

use std::fs::File;
use std::path::PathBuf;

use polars::prelude::*;

use super::values::weight_of_text;
use super::{Account, AccountSink, ColumnNames, Columns, Given, Times};
use crate::error::{Error, Result};
use crate::input::source::Source;
use crate::time::Moment;

/// Rows read at a time.
const SLICE_ROWS: usize = 1 << 17;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A Parquet file of accounts.
#[derive(Debug)]
pub struct ParquetAccounts {
    path: PathBuf,
    file: File,
    header: Vec<String>,
    columns: Columns,
    rows: usize,
    next: usize,
}

impl ParquetAccounts {
    /// Opens a file and finds its columns.
    pub fn open(source: &Source, names: &ColumnNames) -> Result<Self> {
        let path = source.path.clone();
        let file = File::open(&path).map_err(|error| Error::io(&path, "open", &error))?;
        let mut reader =
            ParquetReader::new(file.try_clone().map_err(|error| Error::io(&path, "open", &error))?);
        let unreadable = |error: PolarsError| {
            Error::failure(&path, format!("cannot be read as Parquet: {error}")).hint("export the file again")
        };
        let schema = reader.schema().map_err(unreadable)?;
        let header: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        let rows = reader.num_rows().map_err(unreadable)?;
        drop(reader);
        let texts: Vec<&str> = header.iter().map(String::as_str).collect();
        let columns = Columns::find(&texts, names, &path)?;
        Ok(Self { path, file, header, columns, rows, next: 0 })
    }

    /// Reads the next rows into `sink`, and returns how many they were; 0 at the end.
    pub fn next_slice(&mut self, sink: &mut impl AccountSink) -> Result<u64> {
        let count = SLICE_ROWS.min(self.rows - self.next);
        if count == 0 {
            return Ok(0);
        }
        let frame = self.read(self.next, count).map_err(|error| {
            let rows = format!("rows {} to {}", self.next + 1, self.next + count);
            Error::failure(&self.path, format!("{rows} cannot be read: {error}"))
                .hint("export the file again")
        })?;
        if frame.height() != count {
            let what = format!("expected {count} rows after row {}, found {}", self.next, frame.height());
            return Err(Error::failure(&self.path, what));
        }
        self.next += count;
        let failed = |error: PolarsError| Error::failure(&self.path, error);
        let text = |index: usize| self.text(&frame, index).map_err(failed);
        let email = text(self.columns.email)?;
        let id = self.columns.id.map(text).transpose()?;
        let weight = self.columns.weight.map(text).transpose()?;
        let moment = |index: Option<usize>| index.map(|index| self.moments(&frame, index)).transpose();
        let verified_at = moment(self.columns.verified_at).map_err(failed)?;
        let first_verified_at = moment(self.columns.first_verified_at).map_err(failed)?;
        let carried: Vec<StringChunked> =
            self.columns.carry.iter().map(|index| text(*index)).collect::<Result<_>>()?;
        let mut values = Vec::with_capacity(carried.len());
        for row in 0..count {
            values.clear();
            values.extend(carried.iter().map(|column| column.get(row)));
            sink.account(&Account {
                row: row as u64 + 1,
                id: id.as_ref().and_then(|column| column.get(row)).filter(|id| !id.trim().is_empty()),
                email: email.get(row).unwrap_or_default(),
                verified_at: verified_at.as_ref().map_or(Given::Absent, |moments| moments[row]),
                first_verified_at: first_verified_at.as_ref().map_or(Given::Absent, |moments| moments[row]),
                weight: weight
                    .as_ref()
                    .and_then(|column| column.get(row))
                    .map_or(Given::Absent, weight_of_text),
                carried: &values,
            });
        }
        Ok(count as u64)
    }

    fn read(&self, start: usize, count: usize) -> PolarsResult<DataFrame> {
        let columns = &self.columns;
        let single = [columns.id, columns.verified_at, columns.first_verified_at, columns.weight];
        let mut wanted: Vec<usize> =
            single.into_iter().flatten().chain(columns.carry.iter().copied()).collect();
        wanted.push(columns.email);
        wanted.sort_unstable();
        wanted.dedup();
        let names = wanted.into_iter().map(|index| self.header[index].clone()).collect();
        ParquetReader::new(self.file.try_clone()?)
            .with_columns(Some(names))
            .with_slice(Some((start, count)))
            .finish()
    }

    fn text(&self, frame: &DataFrame, index: usize) -> PolarsResult<StringChunked> {
        let column = frame.column(&self.header[index])?;
        Ok(column.cast(&DataType::String)?.str()?.rechunk().into_owned())
    }

    fn moments(&self, frame: &DataFrame, index: usize) -> PolarsResult<Vec<Given<Moment>>> {
        moments(frame.column(&self.header[index])?, &self.columns.times)
    }
}

/// The moments of a column.
fn moments(column: &Column, times: &Times) -> PolarsResult<Vec<Given<Moment>>> {
    match column.dtype() {
        // a date without a time means its last second
        DataType::Date => {
            let days = column.cast(&DataType::Int64)?;
            let end = |day: i64| {
                day.checked_mul(MICROS_PER_DAY)?.checked_add(MICROS_PER_DAY - 1_000_000).map(Moment)
            };
            Ok(days.i64()?.iter().map(|day| given(day.map(end))).collect())
        }
        DataType::Datetime(unit, _) => {
            let moment = match unit {
                TimeUnit::Nanoseconds => |count: i64| Some(Moment(count.div_euclid(1000))),
                TimeUnit::Microseconds => |count: i64| Some(Moment(count)),
                TimeUnit::Milliseconds => |count: i64| count.checked_mul(1000).map(Moment),
            };
            let counts = column.to_physical_repr();
            Ok(counts.i64()?.iter().map(|count| given(count.map(moment))).collect())
        }
        kind if kind.is_integer() => {
            let numbers = column.cast(&DataType::String)?;
            Ok(numbers.str()?.iter().map(|text| of_text(text, times)).collect())
        }
        // a data frame writes a missing number as one that is none
        kind if kind.is_float() => {
            let numbers = column.cast(&DataType::Float64)?;
            let digits = |number: Option<f64>| number.map(|number| number.to_string());
            Ok(numbers.f64()?.iter().map(|number| of_text(digits(number).as_deref(), times)).collect())
        }
        DataType::String | DataType::Binary => {
            let texts = column.cast(&DataType::String)?;
            Ok(texts.str()?.iter().map(|text| of_text(text, times)).collect())
        }
        _ => {
            let missing = column.is_null();
            let read = |missing: Option<bool>| {
                if missing == Some(true) { Given::Absent } else { Given::Unreadable }
            };
            Ok(missing.iter().map(read).collect())
        }
    }
}

fn of_text(text: Option<&str>, times: &Times) -> Given<Moment> {
    text.map_or(Given::Absent, |text| times.of_text(text))
}

/// What a typed column holds: null, something beyond all moments, or a moment.
fn given(moment: Option<Option<Moment>>) -> Given<Moment> {
    moment.map_or(Given::Absent, |moment| moment.map_or(Given::Unreadable, Times::of_moment))
}
