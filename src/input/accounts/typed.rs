//! Accounts in columns with types: Parquet and Arrow.
//!
//! Identifiers and carried columns may have any type and become text as Polars casts them; a null subject is an empty
//! one. Moments may be timestamps of any unit, dates, text or numbers; text and the digits of numbers are read as in
//! other files. Columns of any other type, such as times of day, hold no moments: their values count as unreadable.

use std::borrow::Cow;

use polars::prelude::{BinaryChunked, Column, DataType, PolarsResult, TimeUnit};

use super::values::{accounts_of_text, weight_of_text};
use super::{Account, AccountSink, Columns, Given, Times};
use crate::error::Result;
use crate::name::undecoded::{decode, stands_in};
use crate::table::slice::{Slice, TextColumn, TextListColumn};
use crate::time::{MICROS_PER_DAY, Moment};

/// What helps if a column cannot be read.
const COLUMN_REMEDY: &str = "export it as text, numbers, dates or timestamps";

/// Hands over the accounts of some rows; `header` has the names of all columns of their table.
pub(crate) fn hand_over(
    slice: &Slice,
    header: &[String],
    columns: &Columns,
    sink: &mut impl AccountSink,
) -> Result<()> {
    let text =
        |index: usize| FieldTexts::of(slice, &header[index]).map_err(|error| error.hint(COLUMN_REMEDY));
    let moment = |index: usize| {
        let name = &header[index];
        let read = || moments(slice.frame().column(name)?, &columns.times);
        slice.convert(name, read).map_err(|error| error.hint(COLUMN_REMEDY))
    };
    let subject = text(columns.subject)?;
    let id = columns.id.map(text).transpose()?;
    let weight = columns.weight.map(text).transpose()?;
    let accounts = columns.accounts.map(text).transpose()?;
    let verified_at = columns.verified_at.map(moment).transpose()?;
    let first_verified_at = columns.first_verified_at.map(moment).transpose()?;
    let carried: Vec<FieldTexts> = columns.carry.iter().map(|index| text(*index)).collect::<Result<_>>()?;
    for row in 0..slice.rows() {
        let passed: Vec<Option<Cow<str>>> = carried.iter().map(|column| column.get(row)).collect();
        let values: Vec<Option<&str>> = passed.iter().map(Option::as_deref).collect();
        let weight = weight.as_ref().and_then(|column| column.get(row));
        let id = id.as_ref().and_then(|column| column.get(row)).filter(|id| !id.trim().is_empty());
        let accounts = accounts.as_ref().and_then(|column| column.get(row));
        let subject = subject.get(row).unwrap_or(Cow::Borrowed(""));
        let mut texts = passed.iter().flatten().chain(&id).chain([&subject]);
        sink.account(&Account {
            row: row as u64 + 1,
            id: id.as_deref(),
            subject: &subject,
            verified_at: verified_at.as_ref().map_or(Given::Absent, |moments| moments[row]),
            first_verified_at: first_verified_at.as_ref().map_or(Given::Absent, |moments| moments[row]),
            weight: weight.map_or(Given::Absent, |weight| weight_of_text(&weight)),
            accounts: accounts.map_or(Given::Absent, |accounts| accounts_of_text(&accounts)),
            carried: &values,
            // only what had to be decoded, or joined, is owned
            is_utf8: !texts.any(|text| matches!(text, Cow::Owned(text) if text.contains(stands_in))),
        });
    }
    Ok(())
}

/// A column of any type as texts. FieldTexts are read as bytes, because files hold such that are not UTF-8 although the
/// format forbids it.
enum FieldTexts {
    Bytes(BinaryChunked),
    Lists(TextListColumn),
    Others(TextColumn),
}

impl FieldTexts {
    fn of(slice: &Slice, name: &str) -> Result<Self> {
        let is_list = |column: &Column| matches!(column.dtype(), DataType::List(inner) if inner.is_string());
        match slice.bytes(name)? {
            Some(bytes) => Ok(Self::Bytes(bytes)),
            None if slice.frame().column(name).is_ok_and(is_list) => slice.text_lists(name).map(Self::Lists),
            None => slice.any_as_texts(name).map(Self::Others),
        }
    }

    fn get(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Bytes(bytes) => bytes.get(row).map(decode),
            // several addresses, as in JSON
            Self::Lists(lists) => Some(Cow::Owned(lists.get(row)?.collect::<Vec<_>>().join(", "))),
            Self::Others(texts) => texts.get(row).map(Cow::Borrowed),
        }
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
        DataType::Binary => {
            let texts = column.binary()?.iter().map(|bytes| bytes.map(decode));
            Ok(texts.map(|text| of_text(text.as_deref(), times)).collect())
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
