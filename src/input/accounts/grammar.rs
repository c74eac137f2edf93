//! What a CSV record must be like: its delimiter, the fields that the header promises, and how large it may be.
//!
//! The cutter and the parser both build a [`Grammar`] from the header. [`super::records`] and [`super::multi_line`]
//! find the ends of records by it.

use super::columns::Columns;
use super::multi_line::holds_addresses;
use crate::input::source::LINE_BYTES;
use crate::name::Subject;

/// The longest record in bytes; no account takes that much. It is one byte less than the longest line that is read,
/// so that a record of many lines is never mistaken for a line that is too long.
pub(crate) const MAX_RECORD: usize = LINE_BYTES - 1;
/// The most lines a record may have.
pub(crate) const MAX_LINES: usize = 100;
/// The longest field of more than one line, in bytes.
pub(crate) const MAX_MULTI_LINE_FIELD: usize = 64 << 10;

pub(super) const QUOTE: u8 = b'"';
pub(super) const CR: u8 = b'\r';
pub(super) const LF: u8 = b'\n';

/// What a record must be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grammar {
    /// The byte between fields.
    pub(crate) delimiter: u8,
    /// What the header says about its fields; `None` for the header itself.
    pub(crate) shape: Option<RecordShape>,
    /// How large it may be.
    pub(crate) limits: RecordLimits,
}

/// The fields of a record, as far as records of many lines are judged by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordShape {
    /// How many fields a record has.
    pub(crate) width: usize,
    /// Which one is the subject.
    pub(crate) subject: usize,
    /// Which one is the identifier.
    pub(crate) id: Option<usize>,
    /// What the subject is.
    pub(crate) kind: Subject,
}

impl RecordShape {
    /// The shape that a header promises.
    pub(crate) fn of(columns: &Columns) -> Self {
        Self { width: columns.width, subject: columns.subject, id: columns.id, kind: columns.kind }
    }

    /// Whether this may be the text of a subject that spans lines.
    pub(super) fn may_span(&self, field: &[u8]) -> bool {
        self.kind == Subject::Address && holds_addresses(field)
    }
}

/// How large records may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordLimits {
    /// Bytes of a record.
    pub(crate) record: usize,
    /// Lines of a record.
    pub(crate) lines: usize,
    /// Bytes of a field of more than one line.
    pub(crate) field: usize,
}

impl RecordLimits {
    /// The limits of accounts files.
    pub(crate) const ACCOUNTS: Self =
        Self { record: MAX_RECORD, lines: MAX_LINES, field: MAX_MULTI_LINE_FIELD };
}
