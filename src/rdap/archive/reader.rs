//! A piece of text → its answers and its faults.
//!
//! A value that is not an answer is a fault: counted, shown with its place, and skipped. Where text was lost, nobody
//! knows how many answers it contained. So the file is broken at a last line that is cut off, at NUL bytes (a page
//! that was never written), and at a line or value longer than [`LINE_BYTES`]. Real answers are a thousand times
//! shorter.

use std::ops::Range;

use super::file::{AnswerBatch, NameFilter};
use super::json_values::{JsonValues, NextValue};
use crate::error::Position;
use crate::escape::sample;
use crate::input::source::{LINE_BYTES, Source};
use crate::input::without_marks;
use crate::rdap::{Answer, AnswerError, Context, RdapFile, RdapOutcome, read_answer};
use crate::time::Moment;

/// Reads pieces of text of one file.
pub(super) struct AnswerReader<'a> {
    pub(super) batch: AnswerBatch,
    source: &'a Source,
    wanted: NameFilter<'a>,
}

/// The place of values that are read together.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextPlace<'a> {
    /// The whole text.
    pub(super) text: &'a [u8],
    /// A byte of the text at or before the values.
    pub(super) at: usize,
    /// The 1-based line of this byte.
    pub(super) line: u64,
}

impl TextPlace<'_> {
    /// The 1-based line and column of a byte.
    fn of(&self, at: usize) -> (u64, u64) {
        let before = &self.text[self.at..at];
        let line = self.line + memchr::memchr_iter(b'\n', before).count() as u64;
        let start = memchr::memrchr(b'\n', &self.text[..at]).map_or(0, |at| at + 1);
        (line, (at - start) as u64 + 1)
    }
}

impl<'a> AnswerReader<'a> {
    pub(super) fn new(source: &'a Source, wanted: NameFilter<'a>) -> Self {
        let batch = AnswerBatch { answers: Vec::new(), file: RdapFile::of(&source.path) };
        Self { batch, source, wanted }
    }

    /// Reads a piece of text that begins with a line. Most lines are an answer; where one is not, values are looked for on any
    /// lines. The last line of a file may lack its end.
    pub(super) fn lines(&mut self, text: &[u8], line: u64) {
        let place = TextPlace { text, at: 0, line };
        let mut start = 0;
        while start < text.len() {
            let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
            start = if self.line(place, start, end) { end + 1 } else { self.values(place, start) };
        }
    }

    /// Reads the values from this byte on, up to where one begins on a line of its own. Returns that place.
    fn values(&mut self, place: TextPlace<'_>, start: usize) -> usize {
        let mut values = JsonValues::from(place.text, start);
        while let Some(next) = values.next() {
            self.next(place, next, None);
            if values.is_between_lines() {
                return values.at();
            }
        }
        place.text.len()
    }

    /// Notes a line that was too long to be read.
    pub(super) fn overlong(&mut self, line: u64) {
        self.too_long(|| (line, 1));
    }

    fn too_long(&mut self, place: impl Fn() -> (u64, u64)) {
        let what = format!("longer than the limit of {} MiB, and skipped", LINE_BYTES >> 20);
        self.fault(&place, &what);
        let message = self.message_at(place(), &what);
        self.batch.file.break_off(|| message);
    }

    /// Reads a line; `false` if it is not one JSON value.
    fn line(&mut self, place: TextPlace<'_>, start: usize, end: usize) -> bool {
        let line = &place.text[start..end];
        if without_marks(line).is_empty() {
            return true;
        }
        if line.len() > LINE_BYTES {
            self.too_long(|| place.of(start));
            return true;
        }
        match self.read(line, None) {
            Err(error) if error.place().is_some() => return false,
            read => self.take(place, start..end, read),
        }
        if end == place.text.len() {
            let message = "the last line has no line end and may be cut off";
            let notice = self.message_at(place.of(start), message);
            self.batch.file.notice.get_or_insert(notice);
        }
        true
    }

    /// Reads a whole document.
    pub(super) fn document(&mut self, text: &[u8]) {
        let mut values = JsonValues::of(text);
        let place = TextPlace { text, at: 0, line: 1 };
        let single = !values.is_at_end() && !text.trim_ascii_start().starts_with(b"[");
        let first = values.next();
        let name = self.source.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.filter(|_| single && values.is_at_end());
        if let Some(next) = first {
            self.next(place, next, name.as_deref());
        }
        values.for_each(|next| self.next(place, next, None));
    }

    /// Reads the next item of a document.
    pub(super) fn next(&mut self, place: TextPlace<'_>, next: NextValue, file_name: Option<&str>) {
        match next {
            NextValue::Value(range) => self.value(place, range.start, range.end, file_name),
            NextValue::Fault(at, what) => {
                self.fault(|| place.of(at), &format_args!("expected one JSON value: {what}"));
                self.lost(
                    place,
                    at,
                    memchr::memchr(b'\n', &place.text[at..]).map_or(place.text.len(), |end| at + end),
                );
            }
            NextValue::Break(at, what) => {
                let message = self.message_at(place.of(at), &what);
                self.batch.file.break_off(|| message);
            }
        }
    }

    fn value(&mut self, place: TextPlace<'_>, start: usize, end: usize, file_name: Option<&str>) {
        let json = &place.text[start..end];
        if json.len() > LINE_BYTES {
            return self.too_long(|| place.of(start));
        }
        let read = self.read(json, file_name);
        self.take(place, start..end, read);
    }

    fn read(&self, json: &[u8], file_name: Option<&str>) -> Result<Answer, AnswerError> {
        let file_time = self.source.modified.unwrap_or(Moment(0));
        read_answer(without_marks(json), &Context { file_name_domain: file_name, file_time })
    }

    fn take(&mut self, place: TextPlace<'_>, range: Range<usize>, read: Result<Answer, AnswerError>) {
        let Range { start, end } = range;
        match read {
            Ok(answer) => {
                self.batch.file.answers += 1;
                if let (RdapOutcome::Error, Some(note)) = (answer.outcome, answer.note)
                    && note.is_unreadable()
                {
                    let message = self.message_at(place.of(start), note.name());
                    self.batch.file.unread(|| message);
                }
                if (self.wanted)(&answer.name) {
                    self.batch.answers.push(answer);
                }
            }
            Err(error) => {
                let (line, column) = error.place().unwrap_or((1, 1));
                let found = || {
                    let (first, offset) = place.of(start);
                    let column = column.max(1) as u64;
                    let column = if line <= 1 { offset + column - 1 } else { column };
                    (first + (line as u64).saturating_sub(1), column)
                };
                self.fault(found, &error);
                self.lost(place, start, end);
            }
        }
    }

    /// Marks the file as broken if what cannot be read contains NUL bytes, which a page that was never written leaves
    /// behind.
    fn lost(&mut self, place: TextPlace<'_>, start: usize, end: usize) {
        if self.batch.file.broken.is_none()
            && let Some(at) = memchr::memchr(0, &place.text[start..end])
        {
            let message = self.message_at(place.of(start + at), "NUL bytes, where text was lost");
            self.batch.file.break_off(|| message);
        }
    }

    fn message_at(&self, (line, column): (u64, u64), what: &str) -> String {
        let place = Position { path: self.source.path.clone(), line: Some(line), column: Some(column) };
        format!("{place}: {}", sample(what))
    }

    fn fault(&mut self, place: impl Fn() -> (u64, u64), what: &dyn std::fmt::Display) {
        let path = &self.source.path;
        self.batch.file.fault(|| {
            let (line, column) = place();
            let place = Position { path: path.clone(), line: Some(line), column: Some(column) };
            format!("{place}: {}", sample(&what.to_string()))
        });
    }
}
