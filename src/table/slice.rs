//! Some rows of a table: its columns by name, each as the type that a reader asks for.
//!
//! Readers that know the types of a table ask for `texts`, `moments` and so on. A column of another type is a failure that
//! says what was expected, and so are values that do not fit. Other programs may have written the table again,
//! so related types are converted: binary texts, moments in other units, numbers of other sizes.

use std::path::{Path, PathBuf};

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
pub(crate) struct TextColumn(StringChunked);

/// A column of whole numbers.
#[derive(Debug)]
pub(crate) struct IntegerColumn(Int64Chunked);

/// A column of truth values.
#[derive(Debug)]
pub(crate) struct BooleanColumn(BooleanChunked);

/// A column of days.
#[derive(Debug)]
pub(crate) struct DayColumn(Int32Chunked);

/// A column of moments.
#[derive(Debug)]
pub(crate) struct MomentColumn(Int64Chunked);

/// A column of lists of texts.
#[derive(Debug)]
pub(crate) struct TextListColumn {
    lists: ListArray<i64>,
    texts: Utf8ViewArray,
}

impl Slice {
    /// These columns, as rows of a file; `remedy` helps if they cannot be read. Fails if their lengths differ.
    pub(crate) fn of(path: &Path, remedy: impl Into<Hint>, columns: Vec<Column>) -> Option<Self> {
        let rows = columns.first().map_or(0, Column::len);
        let frame = DataFrame::new(rows, columns).ok()?;
        Some(Self { path: path.to_path_buf(), remedy: remedy.into(), frame })
    }

    /// So many of its rows, or those that are left.
    pub(crate) fn part(&self, start: usize, rows: usize) -> Self {
        let Self { path, remedy, frame } = self;
        Self { path: path.clone(), remedy: remedy.clone(), frame: frame.slice(start as i64, rows) }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    /// The columns as Polars has them.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// A column of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<TextColumn> {
        let column = self.typed(name, Type::Text, is_text, &DataType::String)?;
        self.convert(name, || Ok(TextColumn(column.str()?.rechunk().into_owned())))
    }

    /// A column of any type as texts.
    pub(crate) fn any_as_texts(&self, name: &str) -> Result<TextColumn> {
        self.convert(name, || {
            let column = self.frame.column(name)?.cast(&DataType::String)?;
            Ok(TextColumn(column.str()?.rechunk().into_owned()))
        })
    }

    /// A column of bytes; `None` if it is one of any other type.
    pub(crate) fn bytes(&self, name: &str) -> Result<Option<BinaryChunked>> {
        let column = self.column(name)?;
        if !column.dtype().is_binary() {
            return Ok(None);
        }
        self.convert(name, || Ok(Some(column.binary()?.rechunk().into_owned())))
    }

    /// A column of whole numbers.
    pub(crate) fn integers(&self, name: &str) -> Result<IntegerColumn> {
        let is_number = |kind: &DataType| kind.is_integer() || kind.is_float();
        let column = self.typed(name, Type::Integer, is_number, &DataType::Int64)?;
        self.convert(name, || Ok(IntegerColumn(column.i64()?.rechunk().into_owned())))
    }

    /// A column of truth values.
    pub(crate) fn booleans(&self, name: &str) -> Result<BooleanColumn> {
        let column = self.typed(name, Type::Boolean, DataType::is_bool, &DataType::Boolean)?;
        self.convert(name, || Ok(BooleanColumn(column.bool()?.rechunk().into_owned())))
    }

    /// A column of days.
    pub(crate) fn days(&self, name: &str) -> Result<DayColumn> {
        let column = self.typed(name, Type::Date, DataType::is_date, &DataType::Date)?;
        self.convert(name, || Ok(DayColumn(column.cast(&DataType::Int32)?.i32()?.rechunk().into_owned())))
    }

    /// A column of moments.
    pub(crate) fn moments(&self, name: &str) -> Result<MomentColumn> {
        let is_moment = |kind: &DataType| matches!(kind, DataType::Datetime(..) | DataType::Date);
        let micros = DataType::Datetime(TimeUnit::Microseconds, None);
        let column = self.typed(name, Type::Timestamp, is_moment, &micros)?;
        self.convert(name, || Ok(MomentColumn(column.cast(&DataType::Int64)?.i64()?.rechunk().into_owned())))
    }

    /// A column of lists of texts.
    pub(crate) fn text_lists(&self, name: &str) -> Result<TextListColumn> {
        let is_list =
            |kind: &DataType| matches!(kind, DataType::List(inner) if inner.is_null() || is_text(inner));
        let strings = DataType::List(Box::new(DataType::String));
        let column = self.typed(name, Type::WordList, is_list, &strings)?;
        self.convert(name, || TextListColumn::of(column.list()?))
    }

    /// One field of a column of lists of structures.
    pub(crate) fn fields_of_lists(&self, name: &str, field: &str) -> Result<TextListColumn> {
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
    pub(crate) fn convert<T>(&self, name: &str, work: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
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
        // a column without a single value may have no type
        if !kind.is_null() && !is_alike(kind) {
            return Err(self.wrong_type(name, expected, kind));
        }
        let converted = self.convert(name, || column.cast(to))?;
        // data frames write a missing number as NaN
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
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        self.0.get(row)
    }
}

impl IntegerColumn {
    /// The number of a row.
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        self.0.get(row)
    }
}

impl BooleanColumn {
    /// The truth value of a row.
    pub(crate) fn get(&self, row: usize) -> Option<bool> {
        self.0.get(row)
    }
}

impl DayColumn {
    /// The day of a row.
    pub(crate) fn get(&self, row: usize) -> Option<Day> {
        self.0.get(row).map(Day)
    }
}

impl MomentColumn {
    /// The moment of a row.
    pub(crate) fn get(&self, row: usize) -> Option<Moment> {
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
    pub(crate) fn get(&self, row: usize) -> Option<impl Iterator<Item = &str>> {
        if self.lists.is_null(row) {
            return None;
        }
        let (start, end) = self.lists.offsets().start_end(row);
        Some((start..end).filter_map(|place| self.texts.get(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice() -> Slice {
        let list = |items: &[Option<&str>]| Series::new("".into(), items);
        let lists = [Some(list(&[Some("a"), None, Some("b")])), None, Some(list(&[]))];
        let frame = df!(
            "text" => [Some("x"), None, Some("z")],
            "number" => [Some(1_i32), None, Some(-3)],
            "huge" => [u64::MAX, 1, 2],
            "measured" => [1.0, f64::NAN, 3.0],
            "flag" => [Some(true), None, Some(false)],
            "lists" => lists.iter().cloned().collect::<ListChunked>().into_series(),
        );
        let frame = frame.expect("columns of one length");
        let seconds = Series::new("at".into(), [Some(1_000_i64), None, Some(-1)]);
        let at = seconds.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).expect("milliseconds");
        let day = Series::new("day".into(), [Some(1_i32), None, Some(-1)]);
        let day = day.cast(&DataType::Date).expect("days");
        let nothing = Series::new_null("nothing".into(), 3);
        let frame = frame.hstack(&[at.into(), day.into(), nothing.into()]).expect("columns of one length");
        Slice { path: "table.parquet".into(), remedy: "write it again".into(), frame }
    }

    #[test]
    fn related_types_are_converted() {
        let slice = slice();
        let text = slice.texts("text").expect("texts");
        assert_eq!([text.get(0), text.get(1)], [Some("x"), None]);
        let number = slice.integers("number").expect("numbers");
        assert_eq!([number.get(0), number.get(1), number.get(2)], [Some(1), None, Some(-3)]);
        let measured = slice.integers("measured").expect("numbers");
        assert_eq!([measured.get(0), measured.get(1)], [Some(1), None]);
        let at = slice.moments("at").expect("moments");
        assert_eq!([at.get(0), at.get(1), at.get(2)], [Some(Moment(1_000_000)), None, Some(Moment(-1000))]);
        assert_eq!(slice.days("day").expect("days").get(2), Some(Day(-1)));
        assert_eq!(slice.booleans("flag").expect("flags").get(2), Some(false));
        let lists = slice.text_lists("lists").expect("lists");
        let items = |row| lists.get(row).map(|items| items.collect::<Vec<_>>());
        assert_eq!([items(0), items(1), items(2)], [Some(vec!["a", "b"]), None, Some(vec![])]);
        assert_eq!(slice.any_as_texts("number").expect("texts").get(2), Some("-3"));
        // a column without a single value is one of any type
        assert_eq!(slice.moments("nothing").expect("moments").get(0), None);
        assert!(slice.text_lists("nothing").expect("lists").get(0).is_none());
    }

    #[track_caller]
    fn refused<T>(read: Result<T>, what: &str) {
        let error = read.err().expect("it is refused").to_string();
        assert_eq!(error, format!("table.parquet: {what}\nhint: write it again"));
    }

    #[test]
    fn other_types_are_refused() {
        let slice = slice();
        refused(slice.texts("name"), "no column `name`");
        refused(slice.texts("number"), "column `number`: expected text, found i32");
        refused(slice.integers("text"), "column `text`: expected int64, found str");
        refused(slice.integers("huge"), "column `huge` has values that are no int64");
        refused(slice.booleans("number"), "column `number`: expected boolean, found i32");
        refused(slice.days("at"), "column `at`: expected date, found datetime[ms]");
        refused(slice.moments("number"), "column `number`: expected timestamp (UTC), found i32");
        refused(slice.text_lists("text"), "column `text`: expected list of text, found str");
        refused(
            slice.fields_of_lists("lists", "domain"),
            "column `lists`: expected list of struct, found list[str]",
        );
    }
}
