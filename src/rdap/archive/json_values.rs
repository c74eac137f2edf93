//! The JSON values of a document: a single one, several in sequence on any lines, or the elements of arrays.
//!
//! Values are only separated, not read. So nesting takes no stack, and the number of elements takes no memory. Values
//! before a break are whole and count. After a broken element of an array the next one cannot be found, so reading
//! stops there. After a broken value outside an array, it can: the broken value is one fault, and reading goes on at the next
//! line that begins with a bracket. Lines may be read several times by that; where they would be too often, every line
//! is taken as a value, which keeps the time linear. Byte order marks and guards against scripts may stand between values.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::input::without_marks;
use crate::rdap::parser_message;

/// What comes next in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NextValue {
    /// Bytes of one value, or of a line that may hold one.
    Value(Range<usize>),
    /// A broken value: where and why. Reading continues after it.
    Fault(usize, String),
    /// Nothing more can be read: where and why.
    Break(usize, String),
}

/// Iterates over the values of a document.
#[derive(Debug)]
pub(super) struct JsonValues<'a> {
    text: &'a [u8],
    at: usize,
    state: ValuesState,
    had_array: bool,
    /// Bytes that may still be read again.
    again: usize,
}

/// How often a byte may be read again, on average.
const MOST_AGAIN: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValuesState {
    /// Between values.
    Outside,
    /// In an array, before an element or its end.
    Element,
    /// In an array, after an element.
    Comma,
    /// Each line is a value.
    Lines,
    /// Nothing more can be read.
    Done,
}

impl<'a> JsonValues<'a> {
    /// The values of a document without a byte order mark.
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self::from(text, 0)
    }

    /// The values from this byte on.
    pub(super) fn from(text: &'a [u8], at: usize) -> Self {
        Self {
            text,
            at,
            state: ValuesState::Outside,
            had_array: false,
            again: MOST_AGAIN * (text.len() - at),
        }
    }

    /// Whether the next value begins on a line of its own.
    pub(super) fn is_between_lines(&self) -> bool {
        let rest = &self.text[self.at..];
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        let is_line_start = self.at == 0 || self.text[self.at - 1] == b'\n';
        self.state == ValuesState::Outside && (is_line_start || matches!(rest.get(blank), None | Some(b'\n')))
    }

    /// Where the next value begins, or the blanks before it.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Whether only blanks are left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.at == self.text.len()
    }

    fn skip_blanks(&mut self) {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let rest = &self.text[self.at..];
        self.at += rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len());
        if self.state == ValuesState::Outside {
            self.at = self.text.len() - without_marks(&self.text[self.at..]).len();
        }
    }

    /// The value that begins here, or where and why there is none.
    fn value(&mut self) -> Result<Range<usize>, (usize, serde_json::Error)> {
        let (start, rest) = (self.at, &self.text[self.at..]);
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Err(error)) => Err((start + offset(rest, &error), error)),
            _ => {
                self.at = start + values.byte_offset();
                Ok(start..self.at)
            }
        }
    }

    fn stop(&mut self, at: usize, why: impl Into<String>) -> NextValue {
        self.state = ValuesState::Done;
        NextValue::Break(at, why.into())
    }

    fn outside(&mut self) -> NextValue {
        let start = self.at;
        match self.value() {
            Ok(value) => NextValue::Value(value),
            Err((at, error)) if self.had_array && !error.is_eof() => {
                self.stop(at, format!("what follows an array cannot be read: {}", parser_message(&error)))
            }
            Err((at, error)) => self.resume(start, at, &error),
        }
    }

    /// Goes on after a broken value that begins at `start` and cannot be read from `at` on.
    fn resume(&mut self, start: usize, at: usize, error: &serde_json::Error) -> NextValue {
        let next = next_value_line(self.text, start);
        match next {
            None if error.is_eof() => return self.stop(at, "the last value is cut off"),
            None => self.at = self.text.len(),
            Some(next) if at.saturating_sub(next) <= self.again => {
                self.again -= at.saturating_sub(next);
                self.at = next;
            }
            Some(_) => {
                self.state = ValuesState::Lines;
                self.at = line_end(self.text, start);
            }
        }
        NextValue::Fault(at, parser_message(error))
    }

    fn element(&mut self) -> NextValue {
        match self.value() {
            Ok(value) => {
                self.state = ValuesState::Comma;
                NextValue::Value(value)
            }
            Err((at, error)) if error.is_eof() => self.stop(at, "the document ends inside an array"),
            Err((at, error)) => {
                self.stop(at, format!("the rest of an array cannot be read: {}", parser_message(&error)))
            }
        }
    }
}

impl Iterator for JsonValues<'_> {
    type Item = NextValue;

    fn next(&mut self) -> Option<NextValue> {
        loop {
            if self.state == ValuesState::Done {
                return None;
            }
            self.skip_blanks();
            let Some(&byte) = self.text.get(self.at) else {
                return match self.state {
                    ValuesState::Element | ValuesState::Comma => {
                        Some(self.stop(self.at, "the document ends inside an array"))
                    }
                    _ => None,
                };
            };
            match (self.state, byte) {
                (ValuesState::Outside, b'[') => {
                    (self.at, self.state, self.had_array) = (self.at + 1, ValuesState::Element, true);
                }
                (ValuesState::Element | ValuesState::Comma, b']') => {
                    (self.at, self.state) = (self.at + 1, ValuesState::Outside);
                }
                (ValuesState::Comma, b',') => (self.at, self.state) = (self.at + 1, ValuesState::Element),
                (ValuesState::Comma, _) => {
                    return Some(
                        self.stop(self.at, "the rest of an array cannot be read: expected `,` or `]`"),
                    );
                }
                (ValuesState::Element, _) => return Some(self.element()),
                (ValuesState::Lines, _) => {
                    let start = self.at;
                    self.at = line_end(self.text, start);
                    return Some(NextValue::Value(start..self.at));
                }
                (ValuesState::Outside | ValuesState::Done, _) => return Some(self.outside()),
            }
        }
    }
}

/// The next line after the one that contains this byte that begins with a bracket.
fn next_value_line(text: &[u8], from: usize) -> Option<usize> {
    let ends = memchr::memchr_iter(b'\n', &text[from..]).map(|at| from + at + 1);
    ends.into_iter().find(|line| matches!(text.get(*line), Some(b'{' | b'[')))
}

/// The end of the line that contains this byte.
fn line_end(text: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |at| from + at)
}

/// The byte of the text at which the parser stopped.
fn offset(text: &[u8], error: &serde_json::Error) -> usize {
    let lines = error.line().saturating_sub(1);
    let start = match lines.checked_sub(1) {
        None => 0,
        Some(before) => memchr::memchr_iter(b'\n', text).nth(before).map_or(text.len(), |at| at + 1),
    };
    (start + error.column().saturating_sub(1)).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values as written; faults as `!` and breaks as `#`, each followed by the rest of the text.
    #[track_caller]
    fn reads(text: &str, expected: &[&str]) {
        let found = JsonValues::of(text.as_bytes()).map(|next| match next {
            NextValue::Value(range) => text[range].to_owned(),
            NextValue::Fault(at, _) => format!("!{}", &text[at..]),
            NextValue::Break(at, _) => format!("#{}", &text[at..]),
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn values() {
        reads("", &[]);
        reads(" \r\n\t", &[]);
        reads("{}", &["{}"]);
        reads("{} {\n}[1,\n [2]] []true \"a\"", &["{}", "{\n}", "1", "[2]", "true", "\"a\""]);
        reads("[{}, {\"a\": [", &["{}", "#["]);
        reads("[{},", &["{}", "#"]);
        reads("[{}", &["{}", "#"]);
        reads("[", &["#"]);
        reads("[{} {}]", &["{}", "#{}]"]);
        reads("[{}, x, {}]", &["{}", "#x, {}]"]);
        reads("[{}]\n]", &["{}", "#]"]);
        reads("[{}] x\n{}", &["{}", "#x\n{}"]);
        reads("{} x\n{}", &["{}", "!x\n{}", "{}"]);
        reads("{}{\"a\"", &["{}", "#\""]);
        reads("{'a'}\n{\n{}\n[1]", &["!'a'}\n{\n{}\n[1]", "!{}\n[1]", "{}", "1"]);
        reads("{\n \"a\": 1,\n}\n{}", &["!}\n{}", "{}"]);
        // cut off in the middle
        reads("{\n \"a\": {\n{}\n{\n}", &["!{}\n{\n}", "{}", "{\n}"]);
        reads("{\"a\":\n{}\n{}", &["!{}", "{}", "{}"]);
        reads("<html>\n<body>", &["!<html>\n<body>"]);
        // marks
        reads("\u{feff}{}\u{feff}{}\n)]}'\n{}", &["{}", "{}", "{}"]);
        reads("\0\0\0", &["!\0\0\0"]);
    }

    #[test]
    fn depth_takes_no_stack_and_time_is_linear() {
        let deep = "[".repeat(4 << 20);
        assert_eq!(JsonValues::of(deep.as_bytes()).count(), 1, "an array in arrays");
        let lines = "[\n".repeat(1 << 20) + "}";
        assert_eq!(JsonValues::of(lines.as_bytes()).count(), 1);
        let lines = "{\"a\":\n".repeat(1 << 19) + "]";
        assert!(JsonValues::of(lines.as_bytes()).count() >= 1 << 19);
    }
}
