//! Answers of an earlier import: slice by slice, or by name.
//!
//! A table that is not as it was written is a failure: an answer whose outcome was damaged would turn accounts green.
//! Every column must be there: an answer that lost its statuses would look like one that never had any. A row
//! whose values are not ours is a fault like any other; the rest of the file counts.

use std::path::{Path, PathBuf};

use super::file::{AnswerBatch, NameFilter};
use super::files::AnswerFormat;
use super::table::{RESERVED, table};
use crate::error::{Error, Result};
use crate::escape;
use crate::input::source::Source;
use crate::rdap::{Answer, Events, Note, RdapFile, RdapOutcome, RdapTable, normalize};
use crate::table::probe::{ProbeRoom, SortedTable};
use crate::table::read::{TableReader, Written};
use crate::table::recent::Recent;
use crate::table::slice::{BooleanColumn, IntegerColumn, MomentColumn, Slice, TextColumn, TextListColumn};
use crate::time::Moment;

/// What helps if a table is damaged.
const REMEDY: &str = "import the answers again, or leave this file out";
/// What helps with answers that are no table.
const IMPORT_FIRST: &str = "make a table of them with `zonelapse rdap import PATH -o answers.parquet`";

/// Whether a file is an undamaged table of `rdap import`.
pub(crate) fn is_import(path: &Path) -> bool {
    TableReader::open(path, Written::ByUs, REMEDY)
        .is_ok_and(|reader| reader.is_ours() && missing(&reader).is_empty())
}

/// The columns that a table of answers should have and this one lacks.
fn missing(reader: &TableReader) -> Vec<String> {
    let columns = table().head().columns;
    let names = columns.iter().filter(|column| !column.is_optional).map(|column| &*column.name);
    reader.missing(names).into_iter().map(ToOwned::to_owned).collect()
}

/// A Parquet file of answers.
#[derive(Debug)]
pub(crate) struct ImportedAnswers {
    path: PathBuf,
    reader: TableReader,
    missing: Vec<String>,
    /// Tables of older versions do not say which names are reserved.
    has_reserved: bool,
}

impl ImportedAnswers {
    /// Opens a file, and verifies that it is as it was written.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let reader = TableReader::open(path, Written::ByUs, REMEDY)?;
        let missing = missing(&reader);
        let has_reserved = reader.names().any(|name| name == RESERVED);
        let names = AnswerColumns::NAMES.into_iter().chain(has_reserved.then_some(RESERVED));
        let names: Vec<&str> = names.collect();
        let reader = if missing.is_empty() { reader.select(&names)? } else { reader };
        Ok(Self { path: path.to_path_buf(), reader, missing, has_reserved })
    }

    /// Why it is not one of our tables; then nothing in it may be used.
    pub(crate) fn is_foreign(&self) -> Option<String> {
        let missing: Vec<String> = self.missing.iter().map(|name| format!("`{name}`")).collect();
        (!missing.is_empty())
            .then(|| format!("not a table of `zonelapse rdap import`: no column {}", missing.join(", ")))
    }

    /// The answers of the next rows that are wanted; `None` at the end.
    pub(crate) fn next(&mut self, wanted: NameFilter<'_>) -> Result<Option<AnswerBatch>> {
        let start = self.reader.rows_read();
        let Some(slice) = self.reader.next_slice()? else { return Ok(None) };
        let (columns, is_reserved) = read_columns(&slice, self.has_reserved)?;
        let mut answers = Vec::with_capacity(slice.rows());
        let mut file = RdapFile { path: self.path.clone(), ..RdapFile::default() };
        for row in 0..slice.rows() {
            match columns.domain.get(row) {
                Some(name) if !wanted(name) => file.answers += 1,
                _ => match columns.answer(row) {
                    Some(answer) => {
                        file.answers += 1;
                        answers.push(Answer { reserved: is_reserved(row), ..answer });
                    }
                    None => file.fault(|| {
                        let row = start + row + 1;
                        format!(
                            "{}: row {row}: not a row of `zonelapse rdap import`",
                            escape::path(&self.path)
                        )
                    }),
                },
            }
        }
        Ok(Some(AnswerBatch { answers, file }))
    }
}

/// The columns of some rows, and whether a row is about a reserved name.
fn read_columns(slice: &Slice, has_reserved: bool) -> Result<(AnswerColumns, impl Fn(usize) -> bool)> {
    let reserved = has_reserved.then(|| slice.booleans(RESERVED)).transpose()?;
    let is_reserved = move |row| reserved.as_ref().is_some_and(|column| column.get(row) == Some(true));
    Ok((AnswerColumns::of(slice)?, is_reserved))
}

/// Tables of answers that are probed by name.
#[derive(Debug)]
pub(crate) struct ProbedAnswers {
    tables: Vec<(SortedTable, PathBuf, bool)>,
    /// The answers about names that were asked for lately.
    known: Recent<Box<str>, Vec<Answer>>,
}

/// Answers of a generation that are kept, at most: about 3 MiB.
const MOST_KEPT: usize = 1 << 13;

impl ProbedAnswers {
    /// Opens tables of `rdap import`; anything else is refused.
    pub(crate) fn open(sources: &[Source], room: &ProbeRoom) -> Result<Self> {
        let open = |source: &Source| {
            let path = &source.path;
            if AnswerFormat::of(source).told_by(source) != AnswerFormat::Import {
                let what = "RDAP answers as they came, expected the table of `zonelapse rdap import`";
                return Err(Error::failure(path, what).hint(IMPORT_FIRST));
            }
            let reader = TableReader::open(path, Written::ByUsInPart, REMEDY)?;
            if let Some(name) = missing(&reader).first() {
                let what = format!("not a table of `zonelapse rdap import`: no column `{name}`");
                return Err(Error::failure(path, what).hint(IMPORT_FIRST));
            }
            let has_reserved = reader.names().any(|name| name == RESERVED);
            let names: Vec<&str> =
                AnswerColumns::NAMES.into_iter().chain(has_reserved.then_some(RESERVED)).collect();
            Ok((SortedTable::open(path, &names, REMEDY, room)?, path.clone(), has_reserved))
        };
        let tables = sources.iter().map(open).collect::<Result<_>>()?;
        Ok(Self { tables, known: Recent::new(MOST_KEPT) })
    }

    /// The answers about these names, which are sorted.
    pub(crate) fn load(&mut self, names: &[&str], as_of: Moment) -> Result<RdapTable> {
        let mut table = RdapTable::as_of(as_of);
        if self.tables.is_empty() {
            return Ok(table);
        }
        self.known.age();
        let mut asked: Vec<&str> = Vec::new();
        for name in names {
            match self.known.get(*name, Vec::len) {
                Some(answers) => answers.iter().for_each(|answer| table.insert(answer.clone())),
                None => asked.push(name),
            }
        }
        let mut found = vec![false; asked.len()];
        for (sorted, path, has_reserved) in &mut self.tables {
            sorted.find(&asked, &mut |slice| {
                let (columns, is_reserved) = read_columns(&slice, *has_reserved)?;
                for row in 0..slice.rows() {
                    let name = columns.domain.get(row).and_then(|name| asked.binary_search(&name).ok());
                    let Some(name) = name else { continue };
                    let damaged =
                        || Error::failure(path, "not a row of `zonelapse rdap import`").hint(REMEDY);
                    let answer = columns.answer(row).ok_or_else(damaged)?;
                    let answer = Answer { reserved: is_reserved(row), ..answer };
                    table.insert(answer);
                    found[name] = true;
                }
                Ok(())
            })?;
        }
        table.settle();
        // the better of two answers of one server is the better one for every batch
        for (name, _) in asked.iter().zip(found).filter(|(_, is_found)| *is_found) {
            let answers = table.get(name);
            self.known.put((*name).into(), answers.len(), || answers.to_vec());
        }
        Ok(table)
    }
}

/// Declares the columns that are read: of each its name, and the method of [`Slice`] that gives it.
macro_rules! answer_columns {
    ($($name:ident: $kind:ident by $method:ident,)+) => {
        /// The columns of some rows.
        struct AnswerColumns {
            $($name: $kind,)+
        }

        impl AnswerColumns {
            const NAMES: [&str; [$(stringify!($name)),+].len()] = [$(stringify!($name)),+];

            fn of(slice: &Slice) -> Result<Self> {
                Ok(Self { $($name: slice.$method(stringify!($name))?,)+ })
            }
        }
    };
}

answer_columns! {
    domain: TextColumn by texts,
    rdap_outcome: TextColumn by texts,
    rdap_fetched_at: MomentColumn by moments,
    dated: BooleanColumn by booleans,
    rdap_source: TextColumn by texts,
    rdap_status: TextListColumn by text_lists,
    registered_at: MomentColumn by moments,
    reregistered_at: MomentColumn by moments,
    reinstantiated_at: MomentColumn by moments,
    expires_at: MomentColumn by moments,
    registrar_expires_at: MomentColumn by moments,
    changed_at: MomentColumn by moments,
    transferred_at: MomentColumn by moments,
    database_updated_at: MomentColumn by moments,
    registrar: TextColumn by texts,
    registrar_iana_id: IntegerColumn by integers,
    note: TextColumn by texts,
}

impl AnswerColumns {
    /// The answer of a row; `None` if one of its values is not ours.
    fn answer(&self, row: usize) -> Option<Answer> {
        let name = self.domain.get(row)?;
        if normalize(name)? != name {
            return None;
        }
        let outcome = self.rdap_outcome.get(row)?;
        let note = match self.note.get(row) {
            None => None,
            Some(note) => Some(Note::from_name(note)?),
        };
        Some(Answer {
            name: name.into(),
            outcome: RdapOutcome::from_name(outcome)?,
            fetched_at: self.rdap_fetched_at.get(row)?,
            dated: self.dated.get(row)?,
            source: self.rdap_source.get(row).map(Into::into),
            statuses: self.rdap_status.get(row).into_iter().flatten().collect(),
            events: Events {
                registered: self.registered_at.get(row),
                reregistered: self.reregistered_at.get(row),
                reinstantiated: self.reinstantiated_at.get(row),
                expires: self.expires_at.get(row),
                registrar_expires: self.registrar_expires_at.get(row),
                changed: self.changed_at.get(row),
                transferred: self.transferred_at.get(row),
                updated_database: self.database_updated_at.get(row),
            },
            registrar: self.registrar.get(row).map(Into::into),
            registrar_iana_id: self.registrar_iana_id.get(row),
            reserved: false,
            note,
        })
    }
}
