//! Where CSV and TSV may be cut. The tests are in [`super::csv`], because cuts must not change the rows.

use std::ops::Range;

use memchr::{memchr, memchr2, memrchr2};

use super::grammar::Grammar;
use super::records::CsvRecords;
use crate::input::source::Cutter;

/// Cuts where a record ends. It sees the whole text from the beginning.
///
/// It waits for the end of a line that is longer than a chunk, up to [`crate::input::source::LINE_BYTES`], as
/// [`crate::input::source::LineCutter`] does. It never waits longer for a record of many lines than the limits of
/// records allow.
#[derive(Debug)]
pub struct CsvCutter {
    pub(super) grammar: Grammar,
    /// Bytes of the header that are still to come.
    pub(super) header: usize,
}

impl CsvCutter {
    /// A cutter for a text with a header of so many bytes.
    pub(crate) fn new(grammar: Grammar, header: usize) -> Self {
        Self { grammar, header }
    }
}

impl Cutter for CsvCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        if last {
            return text.len();
        }
        let mut at = self.header;
        if text.len() < at {
            return 0;
        }
        let mut records = CsvRecords::new(text, self.grammar, false);
        while let Some(length) = memchr(b'"', &text[at..]) {
            // up to the line of the next quote, every line end ends a record
            records.skip_to(last_line_end(text, at..at + length));
            let more = records.next().is_some();
            at = records.at();
            if !more {
                break;
            }
        }
        if memchr(b'"', &text[at..]).is_none() {
            at = last_line_end(text, at..text.len());
        }
        if at > 0 {
            self.header = 0;
        }
        at
    }

    fn line_length(&self, text: &[u8]) -> Option<usize> {
        let at = memchr2(b'\r', b'\n', text)?;
        Some(at + if text[at..].starts_with(b"\r\n") { 2 } else { 1 })
    }
}

/// The place after the last line end in a range of text without quotes, or the beginning of the range if there is
/// none. A CR at the end of the text may be half of a CRLF and does not count.
fn last_line_end(text: &[u8], range: Range<usize>) -> usize {
    let mut end = range.end;
    if end == text.len() && text.last() == Some(&b'\r') {
        end = end.saturating_sub(1).max(range.start);
    }
    memrchr2(b'\r', b'\n', &text[range.start..end]).map_or(range.start, |at| range.start + at + 1)
}
