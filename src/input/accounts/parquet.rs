//! Accounts in Parquet, slice by slice.
//!
//! At most 131,072 rows of the wanted columns are read at a time, so memory is bounded by a slice. Identifiers and
//! carried columns may have any type and become text as Polars casts them; a null address is an empty one. Moments may be
//! timestamps of any unit, dates, text or numbers; text and the digits of numbers are read as in other files. Columns of
//! any other type, such as times of day, hold no moments: their values count as unreadable.

use polars::prelude::{Column, DataType, PolarsResult, TimeUnit};

use super::values::weight_of_text;
use super::{Account, AccountSink, ColumnNames, Columns, Given, Times};
use crate::error::Result;
use crate::input::source::Source;
use crate::table::read::{TableReader, Written};
use crate::table::slice::TextColumn;
use crate::time::{MICROS_PER_DAY, Moment};

/// What helps if the file cannot be read, and if a column cannot.
const REMEDY: &str = "export the file again";
const COLUMN_REMEDY: &str = "export it as text, numbers, dates or timestamps";

/// A Parquet file of accounts.
#[derive(Debug)]
pub struct ParquetAccounts {
    reader: TableReader,
    header: Vec<String>,
    columns: Columns,
}

impl ParquetAccounts {
    /// Opens a file and finds its columns.
    pub fn open(source: &Source, names: &ColumnNames) -> Result<Self> {
        let reader = TableReader::open(&source.path, Written::ByAnyone, REMEDY)?;
        let header: Vec<String> = reader.names().map(ToOwned::to_owned).collect();
        let texts: Vec<&str> = header.iter().map(String::as_str).collect();
        let columns = Columns::find(&texts, names, &source.path)?;
        let optional = [columns.id, columns.verified_at, columns.first_verified_at, columns.weight];
        let mut wanted: Vec<usize> =
            [columns.email].into_iter().chain(optional.into_iter().flatten()).collect();
        wanted.extend(&columns.carry);
        wanted.sort_unstable();
        wanted.dedup();
        let wanted: Vec<&str> = wanted.into_iter().map(|index| texts[index]).collect();
        let reader = reader.select(&wanted)?;
        Ok(Self { reader, header, columns })
    }

    /// Its columns.
    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Reads the next rows into `sink`, and returns how many they were; 0 at the end.
    pub fn next_slice(&mut self, sink: &mut impl AccountSink) -> Result<u64> {
        let Some(slice) = self.reader.next_slice()? else { return Ok(0) };
        let text =
            |index: usize| slice.any_as_texts(&self.header[index]).map_err(|error| error.hint(COLUMN_REMEDY));
        let moment = |index: usize| {
            let name = &self.header[index];
            let read = || moments(slice.frame().column(name)?, &self.columns.times);
            slice.convert(name, read).map_err(|error| error.hint(COLUMN_REMEDY))
        };
        let email = text(self.columns.email)?;
        let id = self.columns.id.map(text).transpose()?;
        let weight = self.columns.weight.map(text).transpose()?;
        let verified_at = self.columns.verified_at.map(moment).transpose()?;
        let first_verified_at = self.columns.first_verified_at.map(moment).transpose()?;
        let carried: Vec<TextColumn> =
            self.columns.carry.iter().map(|index| text(*index)).collect::<Result<_>>()?;
        let mut values = Vec::with_capacity(carried.len());
        for row in 0..slice.rows() {
            values.clear();
            values.extend(carried.iter().map(|column| column.get(row)));
            let weight = weight.as_ref().and_then(|column| column.get(row));
            sink.account(&Account {
                row: row as u64 + 1,
                id: id.as_ref().and_then(|column| column.get(row)).filter(|id| !id.trim().is_empty()),
                email: email.get(row).unwrap_or_default(),
                verified_at: verified_at.as_ref().map_or(Given::Absent, |moments| moments[row]),
                first_verified_at: first_verified_at.as_ref().map_or(Given::Absent, |moments| moments[row]),
                weight: weight.map_or(Given::Absent, weight_of_text),
                carried: &values,
            });
        }
        Ok(slice.rows() as u64)
    }
}

/// The moments of a column.
fn moments(column: &Column, times: &Times) -> PolarsResult<Vec<Given<Moment>>> {
    match column.dtype() {
        // a date without a time stands for its last second
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
        // data frames write a missing number as NaN
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

/// A value of a typed column: null, out of range, or a moment.
fn given(moment: Option<Option<Moment>>) -> Given<Moment> {
    moment.map_or(Given::Absent, |moment| moment.map_or(Given::Unreadable, Times::of_moment))
}
