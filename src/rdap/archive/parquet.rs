//! Answers of an earlier import, slice by slice.
//!
//! A table that is not as it was written is a failure: an answer whose outcome was damaged turns accounts green.
//! Every column must be there: an answer whose statuses someone left out would look like one without any. A row
//! whose values are none of ours is a fault like any other; the rest of the file counts.

use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::file::{AnswerBatch, NameFilter};
use super::table::table;
use crate::error::{Error, Result};
use crate::rdap::{Answer, Events, Note, RdapFile, RdapOutcome, normalize};
use crate::table::read::{TableReader, Written};
use crate::table::schema::{ColumnHead, Type};
use crate::time::Moment;

/// Whether a file is a table that `rdap import` made, whole and undamaged.
pub fn is_import(path: &Path) -> bool {
    TableReader::open(path, Written::ByUs).is_ok_and(|reader| {
        reader.is_ours() && table().head().columns.iter().all(|column| reader.has(&column.name))
    })
}

/// What helps against a table that is damaged.
const AGAIN: &str = "import the answers again, or leave this file out";

/// A Parquet file of answers.
#[derive(Debug)]
pub struct ImportedAnswers {
    path: PathBuf,
    table: TableReader,
    columns: Vec<String>,
}

impl ImportedAnswers {
    /// Opens a file, and verifies that it is as it was written.
    pub fn open(path: &Path) -> Result<Self> {
        let table = TableReader::open(path, Written::ByUs).map_err(|error| error.or_hint(AGAIN))?;
        let columns = super::table::table().layout().into_iter().map(|(name, _)| name).collect();
        Ok(Self { path: path.to_path_buf(), table, columns })
    }

    /// Why it is none of our tables; nothing of it may be used then.
    pub fn is_foreign(&self) -> Option<String> {
        let missing: Vec<&str> =
            self.columns.iter().map(String::as_str).filter(|name| !self.table.has(name)).collect();
        (!missing.is_empty())
            .then(|| format!("not a table of `zonelapse rdap import`: no column {}", missing.join(", ")))
    }

    /// The answers of the next rows that are wanted; `None` at the end.
    pub fn next(&mut self, wanted: NameFilter<'_>) -> Result<Option<AnswerBatch>> {
        let start = self.table.rows_read();
        let frame = self.table.next(&self.columns).map_err(|error| error.or_hint(AGAIN))?;
        let Some(frame) = frame else { return Ok(None) };
        let columns = Columns::of(&frame).map_err(|error| {
            Error::failure(&self.path, format!("a column is not of its type: {error}"))
                .hint("`zonelapse schema` shows the types")
        })?;
        let mut answers = Vec::with_capacity(frame.height());
        let mut file = RdapFile { path: self.path.clone(), ..RdapFile::default() };
        for row in 0..frame.height() {
            match columns.name(row) {
                Some(name) if !wanted(name) => file.answers += 1,
                _ => match columns.answer(row) {
                    Some(answer) => {
                        file.answers += 1;
                        answers.push(answer);
                    }
                    None => file.fault(|| {
                        let row = start + row + 1;
                        format!("{}: row {row}: not a row of `zonelapse rdap import`", self.path.display())
                    }),
                },
            }
        }
        Ok(Some(AnswerBatch { answers, file }))
    }
}

/// The columns of a row group, each in the order of the schema among those of its type.
struct Columns {
    texts: Vec<StringChunked>,
    moments: Vec<Int64Chunked>,
    dated: BooleanChunked,
    statuses: ListChunked,
    iana_id: Int64Chunked,
}

// places among the texts and the moments, in the order of the schema
const DOMAIN: usize = 0;
const OUTCOME: usize = 1;
const SOURCE: usize = 2;
const REGISTRAR: usize = 3;
const NOTE: usize = 4;
const FETCHED: usize = 0;

impl Columns {
    fn of(frame: &DataFrame) -> PolarsResult<Self> {
        let head = table().head();
        let of_type =
            |types: &'static [Type]| head.columns.iter().filter(move |column| types.contains(&column.kind));
        let text = |column: &ColumnHead| -> PolarsResult<StringChunked> {
            Ok(frame.column(&column.name)?.cast(&DataType::String)?.str()?.rechunk().into_owned())
        };
        let moment = |column: &ColumnHead| -> PolarsResult<Int64Chunked> {
            let micros = DataType::Datetime(TimeUnit::Microseconds, None);
            let column = frame.column(&column.name)?.cast(&micros)?.cast(&DataType::Int64)?;
            Ok(column.i64()?.rechunk().into_owned())
        };
        let strings = DataType::List(Box::new(DataType::String));
        Ok(Self {
            texts: of_type(&[Type::Text, Type::Word]).map(text).collect::<PolarsResult<_>>()?,
            moments: of_type(&[Type::Timestamp]).map(moment).collect::<PolarsResult<_>>()?,
            dated: frame.column("dated")?.bool()?.rechunk().into_owned(),
            statuses: frame.column("rdap_status")?.cast(&strings)?.list()?.rechunk().into_owned(),
            iana_id: frame.column("registrar_iana_id")?.cast(&DataType::Int64)?.i64()?.rechunk().into_owned(),
        })
    }

    fn name(&self, row: usize) -> Option<&str> {
        self.texts[DOMAIN].get(row)
    }

    /// The answer of a row; `None` if a value of it is none of ours.
    fn answer(&self, row: usize) -> Option<Answer> {
        let text = |place: usize| self.texts[place].get(row);
        let moment = |place: usize| self.moments[place].get(row).map(Moment);
        let name = self.name(row).filter(|name| normalize(name).is_some_and(|normal| normal == *name))?;
        let outcome = text(OUTCOME)?;
        let note = match text(NOTE) {
            None => None,
            Some(note) => Some(Note::from_name(note)?),
        };
        let statuses = self.statuses.get_as_series(row);
        let statuses = match &statuses {
            Some(statuses) => statuses.str().ok()?.iter().flatten().collect(),
            None => Default::default(),
        };
        Some(Answer {
            name: name.into(),
            outcome: RdapOutcome::from_name(outcome)?,
            fetched_at: moment(FETCHED)?,
            dated: self.dated.get(row)?,
            source: text(SOURCE).map(Into::into),
            statuses,
            events: Events {
                registered: moment(1),
                reregistered: moment(2),
                reinstantiated: moment(3),
                expires: moment(4),
                registrar_expires: moment(5),
                changed: moment(6),
                transferred: moment(7),
                updated_database: moment(8),
            },
            registrar: text(REGISTRAR).map(Into::into),
            registrar_iana_id: self.iana_id.get(row),
            note,
        })
    }
}
