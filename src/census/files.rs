//! The files of accounts: what is asked of them, and what is known once they were read.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::input::accounts::{AccountFormat, ColumnNames, RecordCounts};
use crate::input::source::Source;
use crate::name::Rejection;

/// A file of accounts.
#[derive(Debug, Clone)]
pub(crate) struct AccountSource {
    /// The file.
    pub(crate) source: Source,
    /// How it is written.
    pub(crate) format: AccountFormat,
}

/// What to take of each row.
#[derive(Debug, Clone, Default)]
pub(crate) struct CensusOptions {
    /// Which column holds what.
    pub(crate) columns: ColumnNames,
    /// Make a row of each address in a field that holds several.
    pub(crate) split_addresses: bool,
    /// Keep the address.
    pub(crate) keep_email: bool,
    /// Keep the address's HMAC-SHA-256 under this key.
    pub(crate) hash_key: Option<Vec<u8>>,
}

/// What is known of a file of accounts that was read.
#[derive(Debug, Clone)]
pub(crate) struct AccountFile {
    /// The file as the user named it.
    pub(crate) path: PathBuf,
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes.
    pub(crate) sha256: String,
    /// Data records.
    pub(crate) rows: u64,
    /// Rows beyond one for each record, where a record with several addresses became several rows. Accepted and
    /// rejected rows together are as many as records and these.
    pub(crate) added_by_split: u64,
    /// Rows accepted.
    pub(crate) accepted: u64,
    /// Rows rejected, by the number of their reason.
    pub(crate) rejected: [u64; Rejection::ALL.len()],
    /// Its lines; none for Parquet.
    pub(crate) lines: Option<FileLines>,
}

impl AccountFile {
    /// A file of which nothing was read yet.
    pub(super) fn unread(file: &AccountSource) -> Self {
        Self {
            path: file.source.path.clone(),
            bytes: 0,
            sha256: String::new(),
            rows: 0,
            added_by_split: 0,
            accepted: 0,
            rejected: [0; Rejection::ALL.len()],
            lines: (file.format != AccountFormat::Parquet).then(FileLines::default),
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
        let path = path.display();
        Err(Error::internal(format!("{} lines of `{path}` became records of {told} lines", self.lines)))
    }
}
