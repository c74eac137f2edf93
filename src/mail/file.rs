//! What is known of a file of MX data.
//!
//! A file is read in pieces, and what is known of each adds up. A file is whole if all of it could be read, if there is an
//! MX record or an answer to a question for one in it, and if few enough of its rows could not be read.

use std::path::{Path, PathBuf};

use crate::error::Hint;
use crate::escape;
use crate::input::faults::Faults;
use crate::time::Moment;

/// A file of MX data that was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct MxFile {
    /// The file as the user named it.
    pub(crate) path: PathBuf,
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes.
    pub(crate) sha256: String,
    /// How it is written.
    pub(crate) form: &'static str,
    /// Rows, objects or lines that could be read.
    pub(crate) rows: u64,
    /// Those that are answers without MX records.
    pub(crate) without_mx: u64,
    /// Those of other types, and comments.
    pub(crate) other_types: u64,
    /// Rows that were not read, because they are about names outside of the run.
    pub(crate) skipped: u64,
    /// MX records in it.
    pub(crate) records: u64,
    /// Those that are about mail domains of the run.
    pub(crate) used: u64,
    /// Of these, those that are later than the moment of judgement, and so ignored.
    pub(crate) later: u64,
    /// Those without a date.
    pub(crate) undated: u64,
    /// Those whose date could not be read, which are undated, too.
    pub(crate) unread_dates: u64,
    /// Dates of the oldest and the newest of them.
    pub(crate) seen: Option<(Moment, Moment)>,
    /// Rows that could not be read.
    pub(crate) faults: Faults,
    /// Why only a part of it, or nothing, could be read, with the place.
    pub(crate) broken: Option<String>,
    /// What helps.
    pub(crate) hint: Option<Hint>,
}

impl MxFile {
    /// A file of which nothing is known yet.
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_path_buf(), ..Self::default() }
    }

    /// Counts a row that could not be read.
    pub(super) fn fault(&mut self, sample: impl FnOnce() -> String) {
        self.faults.note(sample);
    }

    /// Notes when a record was seen.
    pub(super) fn saw(&mut self, at: Moment) {
        let (first, last) = self.seen.unwrap_or((at, at));
        self.seen = Some((first.min(at), last.max(at)));
    }

    /// Adds what is known of another piece of the file.
    pub(super) fn add(&mut self, piece: Self) {
        self.rows += piece.rows;
        self.without_mx += piece.without_mx;
        self.other_types += piece.other_types;
        self.records += piece.records;
        self.used += piece.used;
        self.later += piece.later;
        self.undated += piece.undated;
        self.unread_dates += piece.unread_dates;
        if let Some((first, last)) = piece.seen {
            self.saw(first);
            self.saw(last);
        }
        self.faults.add(piece.faults);
        self.broken = self.broken.take().or(piece.broken);
    }

    /// Marks a file as not whole in which nothing is about mail servers.
    pub(super) fn close(&mut self) {
        if self.records > 0 || self.without_mx > 0 || self.skipped > 0 || self.broken.is_some() {
            return;
        }
        let path = escape::path(&self.path);
        self.broken = Some(match self.faults.samples.first() {
            Some(sample) => format!("{path}: it contains no MX data, first {sample}"),
            None if self.rows > 0 => format!("{path}: it contains no MX record, only others"),
            None => format!("{path}: it is empty"),
        });
    }

    /// Why a run that read this file is incomplete, if it is.
    pub(crate) fn incomplete(&self, max_rejected: f64) -> Option<String> {
        let too_many = || self.faults.too_many((&self.path, self.rows), "rows are no MX data", max_rejected);
        self.broken.clone().or_else(too_many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn closed(records: u64, others: u64, faults: u64, expected: Option<&str>) {
        let rows = records + others;
        let mut file = MxFile { rows, records, other_types: others, ..MxFile::of(Path::new("mx.csv")) };
        (0..faults).for_each(|number| file.fault(|| format!("mx.csv:{number}: no")));
        file.close();
        assert_eq!(file.incomplete(5.0).as_deref(), expected, "{records} records, {faults} faults");
    }

    #[test]
    fn incomplete_files() {
        closed(1, 0, 0, None);
        closed(19, 0, 1, None);
        closed(1, 18, 1, None);
        closed(10, 0, 1, Some("mx.csv: 9.1 % of its rows are no MX data (limit 5 %), first mx.csv:0: no"));
        closed(0, 0, 0, Some("mx.csv: it is empty"));
        closed(0, 3, 0, Some("mx.csv: it contains no MX record, only others"));
        closed(0, 3, 2, Some("mx.csv: it contains no MX data, first mx.csv:0: no"));
    }
}
