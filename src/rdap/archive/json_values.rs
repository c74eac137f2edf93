//! The JSON values of a document: one, several one after the other on any lines, or the elements of arrays.
//!
//! Values are told apart without being read, so a document of any depth takes no stack, and one of any number of
//! elements no memory. What stands before a break is whole and counts. In an array nobody can tell where the next
//! element begins after a broken one, so reading stops there. Between values one a line it can be told: a broken one is
//! a fault, and the lines after its first are taken one by one, which keeps the effort linear.

use std::ops::Range;

use serde::de::IgnoredAny;

/// What stands next in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NextValue {
    /// Bytes of one value, or of a line that may hold one.
    Value(Range<usize>),
    /// A value that is broken: where and why. What follows is read.
    Fault(usize, String),
    /// Nothing more can be read: where and why.
    Break(usize, String),
}

/// Goes through a document.
#[derive(Debug)]
pub(super) struct JsonValues<'a> {
    text: &'a [u8],
    at: usize,
    state: ValuesState,
    had_array: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValuesState {
    /// Between values.
    Outside,
    /// In an array, before an element or its end.
    Element,
    /// In an array, after an element.
    Comma,
    /// Values stand one a line.
    Lines,
    /// Nothing more can be read.
    Done,
}

impl<'a> JsonValues<'a> {
    /// Of a document without a mark at its start.
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { text, at: 0, state: ValuesState::Outside, had_array: false }
    }

    /// Where the next value, or blanks before it, begin.
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
    }

    /// The value that begins here; where and why there is none.
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
            Err((at, error)) if error.is_eof() => self.stop(at, "the document ends inside a value"),
            Err((at, error)) if self.had_array => {
                self.stop(at, format!("what follows an array cannot be read: {}", what(&error)))
            }
            Err((at, error)) => {
                self.state = ValuesState::Lines;
                self.at = line_end(self.text, start);
                NextValue::Fault(at, what(&error))
            }
        }
    }

    fn element(&mut self) -> NextValue {
        match self.value() {
            Ok(value) => {
                self.state = ValuesState::Comma;
                NextValue::Value(value)
            }
            Err((at, error)) if error.is_eof() => self.stop(at, "the document ends inside an array"),
            Err((at, error)) => self.stop(at, format!("an array cannot be read on: {}", what(&error))),
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
                    return Some(self.stop(self.at, "an array cannot be read on: expected `,` or `]`"));
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

/// Where the line ends that goes on from here.
fn line_end(text: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |at| from + at)
}

/// What the parser says, without its place.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned()
}

/// Where in the text the parser stopped.
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

    /// Values as they stand, faults as `!` and breaks as `#` with what follows their place.
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
        reads("{'a'}\n{\n{}\n[1]", &["!'a'}\n{\n{}\n[1]", "{", "{}", "[1]"]);
        reads("{\n \"a\": 1,\n}\n{}", &["!}\n{}", "\"a\": 1,", "}", "{}"]);
        reads("<html>\n<body>", &["!<html>\n<body>", "<body>"]);
        reads("\0\0\0", &["!\0\0\0"]);
    }

    #[test]
    fn depth_takes_no_stack_and_effort_is_linear() {
        let deep = "[".repeat(4 << 20);
        assert_eq!(JsonValues::of(deep.as_bytes()).count(), 1, "an array in arrays");
        let lines = "[\n".repeat(1 << 20) + "}";
        assert_eq!(JsonValues::of(lines.as_bytes()).count(), 1);
        let lines = "{\"a\":\n".repeat(1 << 19) + "]";
        assert_eq!(JsonValues::of(lines.as_bytes()).count(), (1 << 19) + 1);
    }
}
