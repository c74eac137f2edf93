//! Where CSV and TSV may be cut. The tests are in [`super::csv`], because cuts must not change the rows.

use std::ops::Range;
use std::path::Path;

use memchr::{memchr, memchr2, memrchr2};

use super::columns::{ColumnNames, Columns};
use super::grammar::{Grammar, RecordLimits, RecordShape};
use super::header::HeaderRecord;
use super::records::CsvRecords;
use crate::input::source::Cutter;
use crate::input::{BYTE_ORDER_MARK, without_byte_order_mark};

/// Cuts where a record ends. It sees the whole text from the beginning.
///
/// It waits for the end of a line that is longer than a chunk, up to [`crate::input::source::LINE_BYTES`], as
/// [`crate::input::source::LineCutter`] does. It never waits longer for a record of many lines than the limits of
/// records allow. Which lines form a record depends on the columns, so the cutter reads the header, too.
#[derive(Debug)]
pub struct CsvCutter {
    pub(super) grammar: Grammar,
    pub(super) names: ColumnNames,
    /// Whether the header is still to come.
    pub(super) at_start: bool,
}

impl CsvCutter {
    /// A cutter for this delimiter and these columns, at the beginning of a text.
    pub(crate) fn new(delimiter: u8, names: &ColumnNames) -> Self {
        let grammar = Grammar { delimiter, shape: None, limits: RecordLimits::ACCOUNTS };
        Self { grammar, names: names.clone(), at_start: true }
    }

    /// Where the data start; `None` if that takes more of the text.
    fn pass_header(&mut self, text: &[u8]) -> Option<usize> {
        if BYTE_ORDER_MARK.starts_with(text) {
            return None;
        }
        let start = text.len() - without_byte_order_mark(text).len();
        match HeaderRecord::read(text, start, self.grammar, false) {
            HeaderRecord::Unknown => None,
            // the parser will refuse the header, so the cut does not matter
            HeaderRecord::Faulty { .. } => Some(text.len()),
            HeaderRecord::Fields { names, end } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let columns = Columns::find(&names, &self.names, Path::new("")).ok();
                self.grammar.shape = columns.map(|columns| RecordShape::of(&columns));
                Some(end)
            }
        }
    }
}

impl Cutter for CsvCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        if last {
            return text.len();
        }
        let mut at = 0;
        if self.at_start {
            let Some(start) = self.pass_header(text) else { return 0 };
            at = start;
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
        self.at_start &= at == 0;
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
