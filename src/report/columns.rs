//! Columns of Polars from plain values.

use polars::prelude::*;

use crate::time::{Day, Moment};

/// Texts, some missing.
pub fn texts<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    StringChunked::from_iter_options(name.into(), values).into_column()
}

/// Lists of texts.
pub fn text_lists<'a, L: Iterator<Item = &'a str>>(
    name: &str,
    rows: usize,
    values: impl Iterator<Item = Option<L>>,
) -> Column {
    let mut builder = ListStringChunkedBuilder::new(name.into(), rows, rows);
    for value in values {
        match value {
            Some(list) => builder.append_values_iter(list),
            None => builder.append_null(),
        }
    }
    builder.finish().into_column()
}

/// Whole numbers, some missing.
pub fn integers(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    Int64Chunked::from_iter_options(name.into(), values).into_column()
}

/// Truth values, some missing.
pub fn booleans(name: &str, values: impl Iterator<Item = Option<bool>>) -> Column {
    BooleanChunked::from_iter_options(name.into(), values).into_column()
}

/// Days, some missing.
pub fn days(name: &str, values: impl Iterator<Item = Option<Day>>) -> Column {
    let days = Int32Chunked::from_iter_options(name.into(), values.map(|day| day.map(|day| day.0)));
    days.into_date().into_column()
}

/// Moments in UTC, some missing.
pub fn moments(name: &str, values: impl Iterator<Item = Option<Moment>>) -> Column {
    let micros =
        Int64Chunked::from_iter_options(name.into(), values.map(|moment| moment.map(|moment| moment.0)));
    micros.into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)).into_column()
}

/// A column of which nothing is known yet.
pub fn nothing(name: &str, rows: usize, kind: super::schema::Type) -> Column {
    Column::full_null(name.into(), rows, &kind.data_type())
}
