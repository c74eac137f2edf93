//! What receives a zone, and where its text is cut.

use super::record::ZoneRecord;
use super::scanner::ENTRY_BYTES;
use super::serial::Serial;
use crate::error::Result;
use crate::input::source::{Cutter, LINE_BYTES};

/// Takes a zone: [`ZoneSink::begin`] once, then its parts in order.
pub trait ZoneSink: Send {
    /// Takes the records of one stretch of the zone. Several parts are filled at the same time.
    type Part: ZonePart;

    /// Begins the zone.
    fn begin(&mut self, origin: &[u8], serial: Option<Serial>) -> Result<()>;
    /// An empty part.
    fn part(&mut self) -> Self::Part;
    /// Adds the next part.
    fn append(&mut self, part: Self::Part) -> Result<()>;
}

/// Takes records at or below the origin.
pub trait ZonePart: Send {
    /// A record.
    fn record(&mut self, record: ZoneRecord<'_>);
    /// A record with the same owner as the record before.
    fn again(&mut self, record: ZoneRecord<'_>) {
        self.record(record);
    }
}

/// No entry is longer than the longest line that is read.
const _: () = assert!(ENTRY_BYTES <= LINE_BYTES);

/// Cuts at line ends. A line of [`ENTRY_BYTES`] or more comes in pieces.
pub(super) struct BoundedLines;

impl Cutter for BoundedLines {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        match memchr::memrchr(b'\n', text) {
            _ if last => text.len(),
            Some(at) => at + 1,
            None if text.len() >= ENTRY_BYTES => text.len(),
            None => 0,
        }
    }

    fn counts_lines(&self) -> bool {
        false
    }
}
