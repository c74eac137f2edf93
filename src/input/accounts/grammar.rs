//! What a CSV record must be like: its delimiter, the fields that the header promises, and how large it may be.
//!
//! The cutter and the parser both build a [`Grammar`] from the header. [`super::records`] and [`super::multi_line`]
//! find the ends of records by it.

use super::columns::Columns;
use crate::input::source::LINE_BYTES;

/// The longest record in bytes; no account takes that much. It is one byte less than the longest line that is read,
/// so that a record of many lines is never mistaken for a line that is too long.
pub const MAX_RECORD: usize = LINE_BYTES - 1;
/// The most lines a record may have.
pub const MAX_LINES: usize = 100;
/// The longest field of more than one line, in bytes.
pub const MAX_MULTI_LINE_FIELD: usize = 64 << 10;

pub(super) const QUOTE: u8 = b'"';
pub(super) const CR: u8 = b'\r';
pub(super) const LF: u8 = b'\n';

/// What a record must be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grammar {
    /// The byte between fields.
    pub delimiter: u8,
    /// What the header says about its fields; `None` for the header itself.
    pub shape: Option<RecordShape>,
    /// How large it may be.
    pub limits: RecordLimits,
}

/// The fields of a record, as far as records of many lines are judged by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordShape {
    /// How many fields a record has.
    pub width: usize,
    /// Which one is the address.
    pub email: usize,
    /// Which one is the identifier.
    pub id: Option<usize>,
}

impl RecordShape {
    /// The shape that a header promises.
    pub fn of(columns: &Columns) -> Self {
        Self { width: columns.width, email: columns.email, id: columns.id }
    }
}

/// How large records may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordLimits {
    /// Bytes of a record.
    pub record: usize,
    /// Lines of a record.
    pub lines: usize,
    /// Bytes of a field of more than one line.
    pub field: usize,
}

impl RecordLimits {
    /// The limits of accounts files.
    pub const ACCOUNTS: Self = Self { record: MAX_RECORD, lines: MAX_LINES, field: MAX_MULTI_LINE_FIELD };
}
