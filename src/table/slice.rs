//! Some rows of a table: its columns by name, each as the type that a reader asks for.
//!
//! Readers that know the types of a table ask for `texts`, `moments` and so on. A column of another type is a failure that
//! says what was expected, and so are values that do not fit. Other programs may have written the table again,
//! so related types are converted: binary texts, moments in other units, numbers of other sizes.

use std::path::PathBuf;

use polars::prelude::*;
use polars_arrow::array::{Array, ListArray, Utf8ViewArray};

use super::guard::guarded;
use super::schema::Type;
use crate::error::{Error, Hint, Result};
use crate::time::{Day, Moment};

/// Some rows of a table.
#[derive(Debug)]
pub struct Slice {
    pub(super) path: PathBuf,
    pub(super) remedy: Hint,
    pub(super) frame: DataFrame,
}

/// A column of texts.
#[derive(Debug)]
pub struct TextColumn(StringChunked);

/// A column of whole numbers.
#[derive(Debug)]
pub struct IntegerColumn(Int64Chunked);

/// A column of truth values.
#[derive(Debug)]
pub struct BooleanColumn(BooleanChunked);

/// A column of days.
#[derive(Debug)]
pub struct DayColumn(Int32Chunked);

/// A column of moments.
#[derive(Debug)]
pub struct MomentColumn(Int64Chunked);

/// A column of lists of texts.
#[derive(Debug)]
pub struct TextListColumn {
    lists: ListArray<i64>,
    texts: Utf8ViewArray,
}

impl Slice {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    /// The columns as Polars has them.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// A column of texts.
    pub fn texts(&self, name: &str) -> Result<TextColumn> {
        let column = self.typed(name, Type::Text, is_text, &DataType::String)?;
        self.convert(name, || Ok(TextColumn(column.str()?.rechunk().into_owned())))
    }

    /// A column of any type as texts.
    pub fn any_as_texts(&self, name: &str) -> Result<TextColumn> {
        self.convert(name, || {
            let column = self.frame.column(name)?.cast(&DataType::String)?;
            Ok(TextColumn(column.str()?.rechunk().into_owned()))
        })
    }

    /// A column of whole numbers.
    pub fn integers(&self, name: &str) -> Result<IntegerColumn> {
        let is_number = |kind: &DataType| kind.is_integer() || kind.is_float();
        let column = self.typed(name, Type::Integer, is_number, &DataType::Int64)?;
        self.convert(name, || Ok(IntegerColumn(column.i64()?.rechunk().into_owned())))
    }

    /// A column of truth values.
    pub fn booleans(&self, name: &str) -> Result<BooleanColumn> {
        let column = self.typed(name, Type::Boolean, DataType::is_bool, &DataType::Boolean)?;
        self.convert(name, || Ok(BooleanColumn(column.bool()?.rechunk().into_owned())))
    }

    /// A column of days.
    pub fn days(&self, name: &str) -> Result<DayColumn> {
        let column = self.typed(name, Type::Date, DataType::is_date, &DataType::Date)?;
        self.convert(name, || Ok(DayColumn(column.cast(&DataType::Int32)?.i32()?.rechunk().into_owned())))
    }

    /// A column of moments.
    pub fn moments(&self, name: &str) -> Result<MomentColumn> {
        let is_moment = |kind: &DataType| matches!(kind, DataType::Datetime(..) | DataType::Date);
        let micros = DataType::Datetime(TimeUnit::Microseconds, None);
        let column = self.typed(name, Type::Timestamp, is_moment, &micros)?;
        self.convert(name, || Ok(MomentColumn(column.cast(&DataType::Int64)?.i64()?.rechunk().into_owned())))
    }

    /// A column of lists of texts.
    pub fn text_lists(&self, name: &str) -> Result<TextListColumn> {
        let is_list =
            |kind: &DataType| matches!(kind, DataType::List(inner) if inner.is_null() || is_text(inner));
        let strings = DataType::List(Box::new(DataType::String));
        let column = self.typed(name, Type::WordList, is_list, &strings)?;
        self.convert(name, || TextListColumn::of(column.list()?))
    }

    /// One field of a column of lists of structures.
    pub fn fields_of_lists(&self, name: &str, field: &str) -> Result<TextListColumn> {
        let column = self.column(name)?;
        let is_list =
            matches!(column.dtype(), DataType::List(inner) if matches!(&**inner, DataType::Struct(_)));
        if !is_list {
            return Err(self.wrong_type(name, Type::Hosts, column.dtype()));
        }
        self.convert(name, || {
            let texts = |structs: Series| structs.struct_()?.field_by_name(field)?.cast(&DataType::String);
            TextListColumn::of(&column.list()?.apply_to_inner(&texts)?)
        })
    }

    /// Converts a column. Polars panics at dates that no calendar has, and its errors contain values, so neither gets
    /// through.
    pub fn convert<T>(&self, name: &str, work: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
        guarded(work).and_then(PolarsResult::ok).ok_or_else(|| {
            self.failed(format!("column `{name}` has values or a type that cannot be read here"))
        })
    }

    fn column(&self, name: &str) -> Result<&Column> {
        self.frame.column(name).map_err(|_| self.failed(format!("no column `{name}`")))
    }

    /// A column converted to a type, if it is one of those that can be.
    fn typed(
        &self,
        name: &str,
        expected: Type,
        is_alike: impl Fn(&DataType) -> bool,
        to: &DataType,
    ) -> Result<Column> {
        let column = self.column(name)?;
        let kind = column.dtype();
        // a column without any value may have no type
        if !kind.is_null() && !is_alike(kind) {
            return Err(self.wrong_type(name, expected, kind));
        }
        let converted = self.convert(name, || column.cast(to))?;
        // a data frame writes a missing number as one that is none
        if converted.null_count() > column.null_count() && !kind.is_float() {
            let what = format!("column `{name}` has values that are no {}", expected.name());
            return Err(self.failed(what));
        }
        Ok(converted)
    }

    fn wrong_type(&self, name: &str, expected: Type, found: &DataType) -> Error {
        self.failed(format!("column `{name}`: expected {}, found {found}", expected.name()))
    }

    fn failed(&self, what: String) -> Error {
        Error::failure(&self.path, what).hint(self.remedy.clone())
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::String | DataType::Binary)
}

impl TextColumn {
    /// The text of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.0.get(row)
    }
}

impl IntegerColumn {
    /// The number of a row.
    pub fn get(&self, row: usize) -> Option<i64> {
        self.0.get(row)
    }
}

impl BooleanColumn {
    /// The truth value of a row.
    pub fn get(&self, row: usize) -> Option<bool> {
        self.0.get(row)
    }
}

impl DayColumn {
    /// The day of a row.
    pub fn get(&self, row: usize) -> Option<Day> {
        self.0.get(row).map(Day)
    }
}

impl MomentColumn {
    /// The moment of a row.
    pub fn get(&self, row: usize) -> Option<Moment> {
        self.0.get(row).map(Moment)
    }
}

impl TextListColumn {
    fn of(lists: &ListChunked) -> PolarsResult<Self> {
        let lists = lists.rechunk();
        let lists = lists.downcast_as_array().clone();
        let texts = lists.values().as_any().downcast_ref::<Utf8ViewArray>();
        let texts = texts.ok_or_else(|| polars_err!(ComputeError: "no texts"))?.clone();
        Ok(Self { lists, texts })
    }

    /// The texts in the list of a row, without missing ones.
    pub fn get(&self, row: usize) -> Option<impl Iterator<Item = &str>> {
        if self.lists.is_null(row) {
            return None;
        }
        let (start, end) = self.lists.offsets().start_end(row);
        Some((start..end).filter_map(|place| self.texts.get(place)))
    }
}
