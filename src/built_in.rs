//! The tables in `data/`, which are built into the program.
//!
//! Two forms, one reader for each. A **table** is CSV with a header; its rows are read by the names of columns, so a
//! new column disturbs no reader. A **list** has one name a line. In both `#` starts a comment: in a table on a line of
//! its own, in a list also after a name.
//!
//! Every mistake is an error that names file and line; nothing is skipped or guessed. The files are part of the source,
//! so the tests of their readers find such an error first, and [`CsvTable::built_in`] may rely on that. A user's own
//! table, which replaces or adds to one of these, is read in the same way.
//!
//! The Public Suffix List and IANA's bootstrap file have forms of their own. [`crate::name::suffix`] and
//! [`crate::rdap::Bootstrap`] read them, for users may name newer copies of both.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::error::{Error, Result};
use crate::escape::sample;

/// A CSV table in `data/`, or a user's.
#[derive(Debug)]
pub(crate) struct CsvTable<'p> {
    /// Where it is: in the repository, or on the user's disk.
    file: &'p Path,
    header: StringRecord,
    rows: Vec<StringRecord>,
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CsvTableRow<'t> {
    table: &'t CsvTable<'t>,
    fields: &'t StringRecord,
}

impl<'p> CsvTable<'p> {
    /// Reads all rows of a table that is part of the source.
    pub(crate) fn built_in<T>(
        file: &'static str,
        text: &str,
        read: impl FnMut(CsvTableRow<'_>) -> Result<T>,
    ) -> Vec<T> {
        let rows = CsvTable::parse(file, text).and_then(|table| table.rows().map(read).collect());
        rows.expect("a table is part of the source, and the tests of its reader read all of it")
    }

    /// Reads the text of a table.
    pub(crate) fn parse(file: &'p (impl AsRef<Path> + ?Sized), text: &str) -> Result<Self> {
        let file = file.as_ref();
        let failed = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            Error::failure(file, &error).at_line(line)
        };
        let mut reader =
            ReaderBuilder::new().comment(Some(b'#')).trim(Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(failed)?.clone();
        let rows = reader.records().map(|row| row.map(|row| placed(row, text)));
        let rows = rows.collect::<std::result::Result<_, _>>().map_err(failed)?;
        Ok(Self { file, header, rows })
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = CsvTableRow<'_>> {
        self.rows.iter().map(|fields| CsvTableRow { table: self, fields })
    }

    /// The place of a column, which must be there: a table without rows would not miss it.
    pub(crate) fn column(&self, name: &str) -> Result<usize> {
        let place = self.header.iter().position(|title| title.eq_ignore_ascii_case(name));
        place.ok_or_else(|| Error::failure(self.file, format!("no column `{name}`")))
    }
}

impl<'t> CsvTableRow<'t> {
    /// The text in a column; empty if the table is silent.
    pub(crate) fn text(&self, column: &str) -> Result<&'t str> {
        // the reader makes sure that each row has as many fields as the header
        Ok(self.fields.get(self.table.column(column)?).unwrap_or_default())
    }

    /// What the text in a column says, in the words of `read`; `expected` names it in the error.
    pub(crate) fn read<T>(
        &self,
        column: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T> {
        let text = self.text(column)?;
        read(text).ok_or_else(|| {
            self.fault(format!("column `{column}`: expected {expected}, found `{}`", sample(text)))
        })
    }

    /// The number in a column; none if the table is silent.
    pub(crate) fn number<N: FromStr>(&self, column: &str) -> Result<Option<N>> {
        self.read(column, "a number or nothing", |text| match text {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        })
    }

    /// An error at this row.
    pub(crate) fn fault(&self, what: impl Display) -> Error {
        let line = self.fields.position().map_or(1, csv::Position::line);
        Error::failure(self.table.file, what).at_line(line)
    }
}

/// A row at its own line: the reader counts comments and empty lines before it to the row.
fn placed(mut row: StringRecord, text: &str) -> StringRecord {
    let Some(mut position) = row.position().cloned() else { return row };
    let lines = text.get(position.byte() as usize..).unwrap_or_default().lines();
    let skipped = lines.take_while(|line| line.is_empty() || line.starts_with('#')).count();
    position.set_line(position.line() + skipped as u64);
    row.set_position(Some(position));
    row
}

/// The names in a list that is part of the source.
pub(crate) fn built_in_names(text: &'static str) -> impl Iterator<Item = &'static str> {
    let names = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    names.filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: std::result::Result<&[(&str, Option<u8>)], &str>) {
        let pair = |row: CsvTableRow<'_>| Ok((row.text("name")?.to_owned(), row.number("days")?));
        let rows: Result<Vec<_>> =
            CsvTable::parse("data/t.csv", text).and_then(|table| table.rows().map(pair).collect());
        match (rows, expected) {
            (Ok(rows), Ok(expected)) => {
                let rows: Vec<_> = rows.iter().map(|(name, days)| (name.as_str(), *days)).collect();
                assert_eq!(rows, expected, "{text}");
            }
            (Err(error), Err(expected)) => {
                let error = error.to_string();
                assert!(error.starts_with(expected), "{error}");
            }
            (rows, _) => panic!("{text}: {rows:?}"),
        }
    }

    #[test]
    fn columns_are_found_by_name() {
        reads("# a comment\nname,days\n", Ok(&[]));
        reads(
            "name,days\na,1\n# a comment\n\n b , 20 \nc,\n",
            Ok(&[("a", Some(1)), ("b", Some(20)), ("c", None)]),
        );
        reads("source,days,name\n\"one, two\",3,a\n", Ok(&[("a", Some(3))]));
    }

    #[test]
    fn mistakes_have_a_place() {
        reads("# a comment\nname,days\na,1\nb,many\n", Err("data/t.csv:4: column `days`: expected a number"));
        reads("name,days\na,1\n# a comment\n\n#\nb,many\n", Err("data/t.csv:6: column `days`"));
        reads("name,days\na,1\nb\n", Err("data/t.csv:3: CSV error"));
        reads("name,day\na,1\n", Err("data/t.csv: no column `days`"));
        reads("name,days\na,256\n", Err("data/t.csv:2: column `days`"));
    }

    #[test]
    fn lists() {
        let names: Vec<_> = built_in_names("# a comment\na.example\n\n b.example   # why\n").collect();
        assert_eq!(names, ["a.example", "b.example"]);
    }
}
