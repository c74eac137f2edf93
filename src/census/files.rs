//! The files of accounts: what is asked of them, and what is known once they were read.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::escape;
use crate::input::accounts::{Columns, FormOptions, Given, RecordCounts, Role, looks_like_a_name};
use crate::input::source::Source;
use crate::name::{Rejection, Subject};

/// The most names of members that are noted for one thing.
const MOST_NAMES: usize = 8;

/// How many rows, those that were rejected above all, look like each other subject.
pub(crate) type Guesses = [u64; Subject::ALL.len()];

/// What to take of each row.
#[derive(Debug, Clone, Default)]
pub(crate) struct CensusOptions {
    /// How files are written, and which column holds what.
    pub(crate) form: FormOptions,
    /// Make a row of each address in a field that holds several.
    pub(crate) split_addresses: bool,
    /// Keep the address.
    pub(crate) keep_email: bool,
    /// Keep the address's HMAC-SHA-256 under this key.
    pub(crate) hash_key: Option<Vec<u8>>,
}

impl CensusOptions {
    /// Whether a row may stand for more or fewer accounts than one.
    pub(super) fn counts_accounts(&self) -> bool {
        let names = &self.form.columns;
        names.kind != Subject::Address || names.accounts.is_some()
    }
}

/// What is known of a file of accounts that was read.
#[derive(Debug, Clone)]
pub(crate) struct AccountFile {
    /// The file as the user named it.
    pub(crate) path: PathBuf,
    /// Whether it is packed, and whether it is Parquet: what helps if its texts are not UTF-8 depends on it.
    pub(crate) is_packed: bool,
    pub(crate) is_parquet: bool,
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes.
    pub(crate) sha256: String,
    /// Data records.
    pub(crate) rows: u64,
    /// Rows beyond one for each record, where a record with several addresses became several rows. Accepted and
    /// rejected rows together are as many as records and these.
    pub(crate) added_by_split: u64,
    /// Records with bytes that are not UTF-8 where it matters.
    pub(crate) not_utf8: u64,
    /// Rows accepted.
    pub(crate) accepted: u64,
    /// Rows rejected, by the number of their reason.
    pub(crate) rejected: [u64; Rejection::ALL.len()],
    /// Which other subject rows look like.
    pub(crate) guesses: Guesses,
    /// Its lines; none for Parquet, and for JSON whose objects do not stand one on each line.
    pub(crate) lines: Option<FileLines>,
    /// Arrays that begin in it, and arrays that end.
    pub(super) arrays: (u64, u64),
    /// Which column serves for what, and how many of its values could be read.
    pub(crate) columns: FileColumns,
}

/// The columns of a file that serve for something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileColumns {
    /// What rows name.
    pub(crate) kind: Subject,
    /// The address, or what rows name in its place.
    pub(crate) subject: ColumnUse,
    /// The account's identifier.
    pub(crate) id: ColumnUse,
    /// When the address was last verified.
    pub(crate) verified_at: ColumnUse,
    /// When it was first verified.
    pub(crate) first_verified_at: ColumnUse,
    /// How much the account counts.
    pub(crate) weight: ColumnUse,
    /// For how many accounts the row stands.
    pub(crate) accounts: ColumnUse,
}

/// The column of a file that serves for one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ColumnUse {
    /// Whether the file has such a column.
    pub(crate) is_found: bool,
    /// Its name, if that looks like one; in JSON the names of all members that were met and may serve for this.
    pub(crate) names: Vec<String>,
    /// Its 1-based number; none in JSON and plain text.
    pub(crate) number: Option<u64>,
    /// Its values. They are counted for times and numbers only.
    pub(crate) values: ValueCount,
}

/// Values of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ValueCount {
    /// Those that are not missing.
    pub(crate) given: u64,
    /// Those of them that could be read. The others are unread.
    pub(crate) read: u64,
}

/// Times, weights and numbers of accounts of some rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ValueCounts {
    pub(super) verified_at: ValueCount,
    pub(super) first_verified_at: ValueCount,
    pub(super) weight: ValueCount,
    pub(super) accounts: ValueCount,
}

impl ValueCount {
    /// Counts a value.
    pub(super) fn note<T>(&mut self, value: &Given<T>) {
        self.given += u64::from(!matches!(value, Given::Absent));
        self.read += u64::from(matches!(value, Given::Value(_)));
    }

    fn add(&mut self, other: Self) {
        self.given += other.given;
        self.read += other.read;
    }
}

impl FileColumns {
    /// Notes the columns of a table.
    pub(super) fn note_table(&mut self, columns: &Columns) {
        for (role, place, name) in columns.in_use() {
            self.note(role, name);
            if let Some(column) = self.of_role(role) {
                column.number = Some(place as u64 + 1);
            }
        }
    }

    /// Notes that this column serves for something.
    pub(super) fn note(&mut self, role: Role, name: &str) {
        let Some(column) = self.of_role(role) else { return };
        column.is_found = true;
        if looks_like_a_name(name)
            && column.names.len() < MOST_NAMES
            && !column.names.iter().any(|known| known == name)
        {
            column.names.push(name.to_owned());
        }
    }

    /// Adds the values of some rows.
    pub(super) fn add(&mut self, values: &ValueCounts) {
        self.verified_at.values.add(values.verified_at);
        self.first_verified_at.values.add(values.first_verified_at);
        self.weight.values.add(values.weight);
        self.accounts.values.add(values.accounts);
    }

    fn of_role(&mut self, role: Role) -> Option<&mut ColumnUse> {
        match role {
            Role::Subject => Some(&mut self.subject),
            Role::Id => Some(&mut self.id),
            Role::VerifiedAt => Some(&mut self.verified_at),
            Role::FirstVerifiedAt => Some(&mut self.first_verified_at),
            Role::Weight => Some(&mut self.weight),
            Role::Accounts => Some(&mut self.accounts),
            Role::Carry(_) => None,
        }
    }
}

impl AccountFile {
    /// A file of which nothing was read yet.
    pub(super) fn unread(source: &Source, kind: Subject) -> Self {
        Self {
            path: source.path.clone(),
            is_packed: false,
            is_parquet: false,
            bytes: 0,
            sha256: String::new(),
            rows: 0,
            added_by_split: 0,
            not_utf8: 0,
            accepted: 0,
            rejected: [0; Rejection::ALL.len()],
            guesses: Guesses::default(),
            lines: None,
            arrays: (0, 0),
            columns: FileColumns { kind, ..FileColumns::default() },
        }
    }
}

/// The lines of a text file, counted apart from its records.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FileLines {
    /// All of them, by their line ends.
    pub(crate) lines: u64,
    /// Those before the data.
    pub(crate) header: u64,
    /// What the records say of the others.
    pub(crate) records: RecordCounts,
    /// Whether something follows the last line end, as if the export had broken off.
    pub(crate) ends_without_line_end: bool,
}

impl FileLines {
    /// Adds the lines of the next piece.
    pub(super) fn add(&mut self, next: Self) {
        self.lines += next.lines;
        self.header += next.header;
        self.records += next.records;
        self.ends_without_line_end = next.ends_without_line_end;
    }

    /// Rows are counted twice, by records and by line ends: a difference would mean accounts that nobody judged.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        let told = self.header + self.records.lines();
        if self.lines == told {
            return Ok(());
        }
        let path = escape::path(path);
        Err(Error::internal(format!("{} lines of `{path}` became records of {told} lines", self.lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::accounts::ColumnNames;

    #[test]
    fn columns_and_their_values() {
        let mut columns = FileColumns::default();
        let header = ["uid", "ana@example.com", "weight"];
        let names = ColumnNames {
            subject: Some("ana@example.com".to_owned()),
            id: Some("uid".to_owned()),
            ..ColumnNames::default()
        };
        let found = Columns::find(&header, &names, Path::new("a.csv")).expect("all columns are there");
        columns.note_table(&found);
        let use_of = |column: &ColumnUse| (column.is_found, column.names.join(" "), column.number);
        assert_eq!(use_of(&columns.id), (true, "uid".to_owned(), Some(1)));
        assert_eq!(use_of(&columns.subject), (true, String::new(), Some(2)), "no name, but a cell");
        assert_eq!(use_of(&columns.weight), (true, "weight".to_owned(), Some(3)));
        assert_eq!(columns.verified_at, ColumnUse::default());
        let mut values = ValueCounts::default();
        [Given::Absent, Given::Unreadable, Given::Value(1)]
            .iter()
            .for_each(|value| values.weight.note(value));
        columns.add(&values);
        columns.add(&values);
        assert_eq!(columns.weight.values, ValueCount { given: 4, read: 2 });
    }
}
