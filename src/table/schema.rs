//! What a table is: its name, its rows and its columns.
//!
//! A column is declared once, in the room that writes the table: its name, its type, its meaning, and the function that
//! builds it from the rows. So two columns of one type cannot change places unnoticed. `zonelapse schema` prints these
//! declarations, and readers take the names from them.
//!
//! A declaration is made for the rows it is to be filled with, which mostly borrow. It is cheap: make a new one for each
//! row group rather than carry one along.

use std::borrow::Cow;

use polars_arrow::array::ListArray;
use polars_arrow::datatypes::{ArrowDataType, Field, IntegerType, TimeUnit};
use serde::{Serialize, Serializer};

use super::columns::{ColumnData, booleans, days, integers, moments, texts, words};
use crate::error::Result;
use crate::time::{Day, Moment};

/// Version of the tables: raised when a column changes its name, type or meaning.
pub(crate) const SCHEMA_VERSION: &str = "1";

/// What is told of a host, in columns of hosts.
pub(super) const HOST_FIELDS: [&str; 4] = ["host", "domain", "state", "source"];

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// UTF-8, mostly unique.
    Text,
    /// UTF-8 with few distinct values, dictionary-encoded.
    Word,
    /// A list of words.
    WordList,
    /// Signed 64-bit number.
    Integer,
    /// True or false.
    Boolean,
    /// Parquet DATE.
    Date,
    /// Parquet TIMESTAMP(UTC), microseconds.
    Timestamp,
    /// A list of (host, domain, state, source), all texts.
    Hosts,
}

/// A column as `zonelapse schema` shows it, and as files tell of it.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnHead {
    /// Its name.
    pub(crate) name: Cow<'static, str>,
    /// Its type.
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    /// One line for a person.
    pub(crate) about: &'static str,
    /// Whether a table may lack it.
    #[serde(skip)]
    pub(crate) is_optional: bool,
}

impl ColumnHead {
    /// A column that every table of its kind has.
    pub fn new(name: impl Into<Cow<'static, str>>, kind: Type, about: &'static str) -> Self {
        Self { name: name.into(), kind, about, is_optional: false }
    }
}

/// A table as `zonelapse schema` shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TableHead {
    /// File name without `.parquet`.
    pub(crate) name: &'static str,
    /// What a row is.
    pub(crate) row: &'static str,
    /// The columns in their order.
    pub(crate) columns: Vec<ColumnHead>,
}

/// The rows of a row group, and whatever its columns are built from.
pub(crate) trait TableRows {
    /// How many.
    fn rows(&self) -> usize;
}

impl<T> TableRows for [T] {
    fn rows(&self) -> usize {
        self.len()
    }
}

/// Makes a column from the rows of a row group.
type Build<R> = Box<dyn Fn(&R) -> Result<ColumnData> + Send + Sync>;

/// A column and how it is built from rows `R`.
struct Column<R: ?Sized> {
    head: ColumnHead,
    build: Build<R>,
}

/// A table whose row groups are built from rows `R`.
pub(crate) struct TableSchema<R: ?Sized> {
    name: &'static str,
    row: &'static str,
    columns: Vec<Column<R>>,
}

impl<R: TableRows + ?Sized> TableSchema<R> {
    /// A table without columns.
    pub(crate) fn new(name: &'static str, row: &'static str) -> Self {
        Self { name, row, columns: Vec::new() }
    }

    /// Adds a column that is built as a whole: lists, or values that are prepared for a row group.
    pub(crate) fn column(
        mut self,
        name: impl Into<Cow<'static, str>>,
        kind: Type,
        about: &'static str,
        build: impl Fn(&R) -> Result<ColumnData> + Send + Sync + 'static,
    ) -> Self {
        self.columns.push(Column { head: ColumnHead::new(name, kind, about), build: Box::new(build) });
        self
    }

    /// Adds a column of texts that are mostly unique; `value` tells that of a row.
    pub(crate) fn text(
        self,
        name: impl Into<Cow<'static, str>>,
        about: &'static str,
        value: impl Fn(&R, usize) -> Option<&str> + Send + Sync + 'static,
    ) -> Self {
        let build = move |rows: &R| Ok(texts((0..rows.rows()).map(|row| value(rows, row))));
        self.column(name, Type::Text, about, build)
    }

    /// Adds a column of texts with few distinct values.
    pub(crate) fn word(
        self,
        name: impl Into<Cow<'static, str>>,
        about: &'static str,
        value: impl Fn(&R, usize) -> Option<&str> + Send + Sync + 'static,
    ) -> Self {
        let build = move |rows: &R| Ok(words((0..rows.rows()).map(|row| value(rows, row))));
        self.column(name, Type::Word, about, build)
    }

    /// Adds a column of whole numbers.
    pub(crate) fn integer(
        self,
        name: impl Into<Cow<'static, str>>,
        about: &'static str,
        value: impl Fn(&R, usize) -> Option<i64> + Send + Sync + 'static,
    ) -> Self {
        let build = move |rows: &R| Ok(integers((0..rows.rows()).map(|row| value(rows, row))));
        self.column(name, Type::Integer, about, build)
    }

    /// Adds a column of numbers, days or moments with the same value in every row.
    pub(crate) fn constant(
        self,
        name: impl Into<Cow<'static, str>>,
        kind: Type,
        about: &'static str,
        value: impl Fn(&R) -> i64 + Send + Sync + 'static,
    ) -> Self {
        self.column(name, kind, about, move |rows: &R| Ok(ColumnData::Constant(rows.rows(), value(rows))))
    }

    /// Adds the moment of judgement, which every table has.
    pub(crate) fn moment_of_judgement(self, as_of: impl Fn(&R) -> Moment + Send + Sync + 'static) -> Self {
        self.constant("as_of", Type::Timestamp, "the moment of judgement", move |rows| as_of(rows).0)
    }

    /// Adds a column of truth values.
    pub(crate) fn boolean(
        self,
        name: impl Into<Cow<'static, str>>,
        about: &'static str,
        value: impl Fn(&R, usize) -> Option<bool> + Send + Sync + 'static,
    ) -> Self {
        let build = move |rows: &R| Ok(booleans((0..rows.rows()).map(|row| value(rows, row))));
        self.column(name, Type::Boolean, about, build)
    }

    /// Adds a column of days.
    pub(crate) fn date(
        self,
        name: impl Into<Cow<'static, str>>,
        about: &'static str,
        value: impl Fn(&R, usize) -> Option<Day> + Send + Sync + 'static,
    ) -> Self {
        let build = move |rows: &R| Ok(days((0..rows.rows()).map(|row| value(rows, row))));
        self.column(name, Type::Date, about, build)
    }

    /// Adds a column of moments.
    pub(crate) fn timestamp(
        self,
        name: impl Into<Cow<'static, str>>,
        about: &'static str,
        value: impl Fn(&R, usize) -> Option<Moment> + Send + Sync + 'static,
    ) -> Self {
        let build = move |rows: &R| Ok(moments((0..rows.rows()).map(|row| value(rows, row))));
        self.column(name, Type::Timestamp, about, build)
    }

    /// Makes the last column one that a table may lack.
    pub(crate) fn optional(mut self) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.head.is_optional = true;
        }
        self
    }

    /// Leaves out the optional columns that are not wanted.
    pub(crate) fn keep_optional(mut self, is_wanted: impl Fn(&str) -> bool) -> Self {
        self.columns.retain(|column| !column.head.is_optional || is_wanted(&column.head.name));
        self
    }

    /// The columns, as a file is created with them.
    pub(crate) fn layout(&self) -> Vec<ColumnHead> {
        self.columns.iter().map(|column| column.head.clone()).collect()
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.head.name.clone().into_owned()).collect()
    }

    /// The columns of a row group, in the order of the layout. Each is built when it is asked for, so that its memory can
    /// serve the next one.
    pub(crate) fn build(&self, rows: &R) -> impl Iterator<Item = Result<ColumnData>> {
        self.columns.iter().map(|column| (column.build)(rows))
    }

    /// The declaration without its functions, for people and for readers.
    pub(crate) fn head(&self) -> TableHead {
        TableHead { name: self.name, row: self.row, columns: self.layout() }
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Type {
    /// The Arrow type in which a column is handed to the Parquet writer.
    pub(crate) fn stored(self) -> ArrowDataType {
        match self {
            Self::Text => ArrowDataType::Utf8View,
            Self::Word => {
                ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(ArrowDataType::Utf8View), false)
            }
            Self::WordList => list(Self::Word.stored()),
            Self::Hosts => hosts(ArrowDataType::Utf8View),
            _ => self.shown(),
        }
    }

    /// The Arrow type that readers are given.
    pub(crate) fn shown(self) -> ArrowDataType {
        match self {
            Self::Text | Self::Word => ArrowDataType::LargeUtf8,
            Self::WordList => list(ArrowDataType::LargeUtf8),
            Self::Integer => ArrowDataType::Int64,
            Self::Boolean => ArrowDataType::Boolean,
            Self::Date => ArrowDataType::Date32,
            Self::Timestamp => ArrowDataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Hosts => hosts(ArrowDataType::LargeUtf8),
        }
    }

    /// The type in words.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Word => "text",
            Self::WordList => "list of text",
            Self::Integer => "int64",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp (UTC)",
            Self::Hosts => "list of struct",
        }
    }
}

fn list(item: ArrowDataType) -> ArrowDataType {
    ListArray::<i64>::default_datatype(item)
}

fn hosts(text: ArrowDataType) -> ArrowDataType {
    let field = |name: &str| Field::new(name.into(), text.clone(), true);
    list(ArrowDataType::Struct(HOST_FIELDS.map(field).to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TableSchema<[(u8, Option<&'static str>)]> {
        TableSchema::new("pairs", "a pair")
            .integer("number", "its number", |rows: &[(u8, _)], row| Some(i64::from(rows[row].0)))
            .text("note", "a note, if notes are kept", |rows: &[(u8, Option<&str>)], row| rows[row].1)
            .optional()
            .column("twice", Type::Integer, "twice its number", |rows: &[(u8, _)]| {
                Ok(integers(rows.iter().map(|(number, _)| Some(2 * i64::from(*number)))))
            })
    }

    #[test]
    fn optional_columns_are_left_out() {
        assert_eq!(table().names(), ["number", "note", "twice"]);
        assert_eq!(table().keep_optional(|name| name == "note").names(), ["number", "note", "twice"]);
        assert_eq!(table().keep_optional(|_| false).names(), ["number", "twice"]);
    }
}
