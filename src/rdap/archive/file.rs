//! What comes out of reading a file of answers: batches of answers, and what is known of the file.
//!
//! A file is read in parts. Each part is an [`AnswerBatch`] with its own [`RdapFile`]; the parts of a file add up to
//! the one at its end. A file is whole if all of it could be read, if anything in it was an answer, and if few enough
//! of its records were none.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::escape;
use crate::input::faults::Faults;
use crate::rdap::Answer;

/// The percentage of faulty records from which a file is not whole, unless a run says otherwise.
pub const MAX_REJECTED: f64 = 5.0;

/// What is known of a file of answers that was read.
#[derive(Debug, Clone, Default)]
pub struct RdapFile {
    /// The file as the user named it.
    pub(crate) path: PathBuf,
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes.
    pub(crate) sha256: String,
    /// Answers read, whether their names were asked for or not.
    pub answers: u64,
    /// Records that are not answers.
    pub faults: Faults,
    /// Answers without a readable body, or whose body is about another name.
    pub unread: u64,
    /// The first of them, with its place.
    pub(crate) unread_sample: Option<String>,
    /// Why only a part of it, or nothing, could be read, with the place.
    pub broken: Option<String>,
    /// What a person should know although the file is whole, with the place.
    pub notice: Option<String>,
}

impl RdapFile {
    /// A file of which nothing is known yet.
    pub(crate) fn of(path: &Path) -> Self {
        Self { path: path.to_path_buf(), ..Self::default() }
    }

    /// Counts a record that is not an answer.
    pub(crate) fn fault(&mut self, sample: impl FnOnce() -> String) {
        self.faults.note(sample);
    }

    /// Counts an answer of which nothing could be read.
    pub(crate) fn unread(&mut self, sample: impl FnOnce() -> String) {
        self.unread += 1;
        self.unread_sample.get_or_insert_with(sample);
    }

    /// Keeps the first reason why the file is not whole.
    pub(crate) fn break_off(&mut self, reason: impl FnOnce() -> String) {
        self.broken.get_or_insert_with(reason);
    }

    /// Adds what is known of another part of the file.
    pub(crate) fn add(&mut self, part: Self) {
        self.bytes += part.bytes;
        self.answers += part.answers;
        self.faults.add(part.faults);
        self.unread += part.unread;
        self.unread_sample = self.unread_sample.take().or(part.unread_sample);
        if !part.sha256.is_empty() {
            self.sha256 = part.sha256;
        }
        self.broken = self.broken.take().or(part.broken);
        self.notice = self.notice.take().or(part.notice);
    }

    /// Marks a file without a single readable answer as not whole.
    pub(crate) fn close(&mut self) {
        if self.answers > self.unread || self.broken.is_some() {
            return;
        }
        let path = escape::path(&self.path);
        if let Some(sample) = &self.unread_sample {
            self.broken = Some(format!("{path}: none of its answers can be read, first {sample}"));
            return;
        }
        self.broken = Some(match self.faults.samples.first() {
            Some(sample) => format!("{path}: it contains no RDAP answer, first {sample}"),
            None => format!("{path}: it is empty"),
        });
    }

    /// Why a run that read this file is incomplete, if it is.
    pub(crate) fn incomplete(&self, max_rejected: f64) -> Option<String> {
        let too_many =
            || self.faults.too_many((&self.path, self.answers), "records are not answers", max_rejected);
        self.broken.clone().or_else(too_many)
    }
}

/// Answers of one file, or of a part of it.
#[derive(Debug)]
pub(crate) struct AnswerBatch {
    /// The answers whose names were asked for, in the order of the file.
    pub(crate) answers: Vec<Answer>,
    /// What is known of the part.
    pub(crate) file: RdapFile,
}

/// What reading hands on, in order: the parts of a file, then its end.
#[derive(Debug)]
pub(crate) enum ArchiveStep {
    /// A part of a file.
    Part(AnswerBatch),
    /// The file ends here, and this is all that is known of it.
    End(RdapFile),
}

/// Receives the steps of reading.
pub(crate) type TakeStep<'a> = &'a mut dyn FnMut(ArchiveStep) -> Result<()>;

/// Says of a name whether its answers are kept.
pub(crate) type NameFilter<'a> = &'a (dyn Fn(&str) -> bool + Sync);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn closed(answers: u64, faults: u64, broken: Option<&str>, expected: Option<&str>) {
        let mut file = RdapFile { answers, ..RdapFile::of(Path::new("a.ndjson")) };
        file.broken = broken.map(str::to_owned);
        (0..faults).for_each(|number| file.fault(|| format!("a.ndjson:{number}: no")));
        file.close();
        assert_eq!(file.incomplete(5.0).as_deref(), expected, "{answers} answers, {faults} faults");
    }

    #[test]
    fn incomplete_files() {
        closed(1, 0, None, None);
        closed(19, 1, None, None);
        let many = "a.ndjson: 9.1 % of its records are not answers (limit 5 %), first a.ndjson:0: no";
        closed(10, 1, None, Some(many));
        closed(0, 0, None, Some("a.ndjson: it is empty"));
        let nothing = "a.ndjson: it contains no RDAP answer, first a.ndjson:0: no";
        closed(0, 7, None, Some(nothing));
        closed(7, 0, Some("a.ndjson:8: cut"), Some("a.ndjson:8: cut"));
    }
}
