//! Answers of an earlier import, row group by row group.
//!
//! Every column must be there: an answer whose statuses someone left out would look like one without any. A row
//! whose values are none of ours is a fault like any other; the rest of the file counts.

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::batch::{Batch, Wanted};
use crate::error::{Error, Result};
use crate::rdap::{Answer, Events, Note, RdapFile, RdapOutcome, normalize};
use crate::report::schema::{ANSWERS, Column as SchemaColumn, Type};
use crate::time::Moment;

/// The longest footer that is looked at.
const FOOTER_BYTES: u64 = 64 << 20;

/// Whether a file is a table that `rdap import` made: its footer says so. Nothing is read of it.
pub fn is_import(path: &Path) -> bool {
    use std::io::{Read, Seek, SeekFrom};
    let footer = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let end = file.seek(SeekFrom::End(-8))?;
        let mut tail = [0; 8];
        file.read_exact(&mut tail)?;
        let [a, b, c, d, mark @ ..] = tail;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        if mark != *b"PAR1" || length > end.min(FOOTER_BYTES) {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        file.seek(SeekFrom::Start(end - length))?;
        let mut footer = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_exact(&mut footer)?;
        Ok(footer)
    };
    let is_file = std::fs::metadata(path).is_ok_and(|file| file.is_file());
    is_file
        && footer().is_ok_and(|footer| {
            let has = |text: &str| memchr::memmem::find(&footer, text.as_bytes()).is_some();
            has("zonelapse.schema") && ANSWERS.columns.iter().all(|column| has(column.name))
        })
}

/// A Parquet file of answers.
#[derive(Debug)]
pub struct ImportedAnswers {
    path: PathBuf,
    file: File,
    /// Rows of each row group.
    groups: Vec<usize>,
    next: usize,
    start: usize,
}

impl ImportedAnswers {
    /// Opens a file and checks its columns.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
        let mut reader =
            ParquetReader::new(file.try_clone().map_err(|error| Error::io(path, "open", &error))?);
        let unreadable =
            |error: PolarsError| Error::failure(path, format!("not readable as Parquet: {error}"));
        let metadata = reader.get_metadata().map_err(unreadable)?;
        let groups = metadata.row_groups.iter().map(|group| group.num_rows()).collect();
        let schema = reader.schema().map_err(unreadable)?;
        let missing: Vec<&str> = ANSWERS
            .columns
            .iter()
            .map(|column| column.name)
            .filter(|name| schema.get(name).is_none())
            .collect();
        if !missing.is_empty() {
            let what = format!("not a table of `zonelapse rdap import`: no column {}", missing.join(", "));
            return Err(Error::failure(path, what).hint("import the answers again, and keep all columns"));
        }
        Ok(Self { path: path.to_path_buf(), file, groups, next: 0, start: 0 })
    }

    /// The answers of the next row group that are wanted; `None` at the end.
    pub fn next(&mut self, wanted: Wanted<'_>) -> Result<Option<Batch>> {
        let Some(rows) = self.groups.get(self.next).copied() else { return Ok(None) };
        let frame = self.read(rows).map_err(|error| {
            let rows = format!("rows {} to {}", self.start + 1, self.start + rows);
            Error::failure(&self.path, format!("{rows} cannot be read: {error}")).hint("import again")
        })?;
        if frame.height() != rows {
            let what = format!("expected {rows} rows after row {}, found {}", self.start, frame.height());
            return Err(Error::failure(&self.path, what));
        }
        let columns = Columns::of(&frame).map_err(|error| {
            Error::failure(&self.path, format!("a column is not of its type: {error}"))
                .hint("`zonelapse schema` shows the types")
        })?;
        let mut answers = Vec::with_capacity(rows);
        let mut file = RdapFile { path: self.path.clone(), ..RdapFile::default() };
        for row in 0..rows {
            match columns.name(row) {
                Some(name) if !wanted(name) => file.answers += 1,
                _ => match columns.answer(row) {
                    Some(answer) => {
                        file.answers += 1;
                        answers.push(answer);
                    }
                    None => file.fault(|| {
                        let row = self.start + row + 1;
                        format!("{}: row {row}: not a row of `zonelapse rdap import`", self.path.display())
                    }),
                },
            }
        }
        (self.next, self.start) = (self.next + 1, self.start + rows);
        Ok(Some(Batch { answers, file }))
    }

    fn read(&self, rows: usize) -> PolarsResult<DataFrame> {
        let names = ANSWERS.columns.iter().map(|column| column.name.to_owned()).collect();
        ParquetReader::new(self.file.try_clone()?)
            .with_columns(Some(names))
            .with_slice(Some((self.start, rows)))
            .finish()
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
        let of_type = |types: &'static [Type]| {
            ANSWERS.columns.iter().filter(move |column| types.contains(&column.kind))
        };
        let text = |column: &SchemaColumn| -> PolarsResult<StringChunked> {
            Ok(frame.column(column.name)?.cast(&DataType::String)?.str()?.rechunk().into_owned())
        };
        let moment = |column: &SchemaColumn| -> PolarsResult<Int64Chunked> {
            let micros = DataType::Datetime(TimeUnit::Microseconds, None);
            let column = frame.column(column.name)?.cast(&micros)?.cast(&DataType::Int64)?;
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
            Some(note) => Some(Note::ALL.iter().copied().find(|known| known.text() == note)?),
        };
        let statuses = self.statuses.get_as_series(row);
        let statuses = match &statuses {
            Some(statuses) => statuses.str().ok()?.iter().flatten().collect(),
            None => Default::default(),
        };
        Some(Answer {
            name: name.into(),
            outcome: RdapOutcome::ALL.into_iter().find(|known| known.name() == outcome)?,
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
