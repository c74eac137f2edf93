//! Why reading a source stopped before its end, and what may be kept of its text.

use std::fmt;
use std::io;
use std::path::Path;

use super::LINE_BYTES;
use crate::error::Error;

/// Why reading stopped before the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// What kind of trouble it is, which decides what may be kept.
    pub(crate) kind: ReadErrorKind,
    what: String,
}

/// What kind of trouble stopped the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadErrorKind {
    /// The file ends too early, is followed by something else, or the system cannot read on. The text before is good.
    Cut,
    /// Some of the text handed out does not match its checksum, or comes from a damaged packed stream. Only what
    /// [`super::Chunks::proved`] covers may be used.
    Corrupt,
    /// The file was replaced or written to after the first look at it. Nothing of it may be used.
    Changed,
    /// A line is longer than [`LINE_BYTES`], and the cutter does not skip such lines.
    Overlong,
}

impl ReadError {
    pub(super) fn new(kind: ReadErrorKind, what: impl fmt::Display) -> Self {
        Self { kind, what: what.to_string() }
    }

    /// Classifies an error of the system. Of `given` bytes of text handed out, `proved` are known to be right.
    pub(super) fn of(error: &io::Error, given: u64, proved: u64) -> Self {
        let from_system = error.raw_os_error().is_some();
        let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
        let kind = match given > proved && !from_system && !is_end {
            true => ReadErrorKind::Corrupt,
            false => ReadErrorKind::Cut,
        };
        Self::new(kind, error)
    }

    pub(super) fn overlong(line: Option<u64>) -> Self {
        let place = line.map(|line| format!("line {line} ")).unwrap_or_else(|| "a line ".into());
        let what = format!("{place}is longer than the limit of {} MiB", LINE_BYTES >> 20);
        Self::new(ReadErrorKind::Overlong, what)
    }

    /// Whether some of the text handed out is wrong, so that only what is proved may be used.
    pub(crate) fn is_corrupt(&self) -> bool {
        self.kind == ReadErrorKind::Corrupt
    }

    /// Whether another file was read than the one first looked at, so that nothing may be used.
    pub(crate) fn is_changed(&self) -> bool {
        self.kind == ReadErrorKind::Changed
    }

    /// The same error as a failure at this file.
    pub(crate) fn at(&self, path: &Path) -> Error {
        Error::failure(path, &self.what).hint(self.hint())
    }

    /// What it means for a file whose records are used as far as they are good, before the error itself.
    pub(crate) fn consequence(&self) -> &'static str {
        match self.kind {
            ReadErrorKind::Corrupt => "it is damaged; only the part whose checksums match is used: ",
            ReadErrorKind::Changed => "it was written to meanwhile; what was read before is used: ",
            ReadErrorKind::Cut | ReadErrorKind::Overlong => "it cannot be read to its end: ",
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self.kind {
            ReadErrorKind::Cut | ReadErrorKind::Corrupt => "download or export the file again",
            ReadErrorKind::Changed => {
                "write the file under another name, rename it when it is complete, and run again"
            }
            ReadErrorKind::Overlong => "check the format of the file: expected one record per line",
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for ReadError {}
