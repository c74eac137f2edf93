//! Where the objects of JSON accounts are that do not stand one on each line: an array, with or without line ends, or
//! objects one after another, printed over many lines.
//!
//! The cutter and the parser share one scanner, so that they cannot disagree. It counts brackets and looks into no value.
//! Between objects, commas and the brackets of arrays are passed over, so a piece of the text reads like the whole.
//! Brackets of arrays are counted: an array that is not closed was cut off.
//!
//! **Faulty objects.** A missing quote or bracket would swallow all objects after it. So an object must be shorter
//! than [`MAX_OBJECT`], no string may hold a line end (RFC 8259, section 7), and an object begins after `[`, `,` or `:`
//! only. Where one of these rules is broken, the object is one faulty record, which ends before the next object on the same
//! level: on a line with the same indentation or less, or after `},`. What stands between objects and is none is a
//! faulty record, too.

use std::ops::Range;

use crate::input::BYTE_ORDER_MARK;
use crate::input::source::Cutter;

/// The longest object in bytes; no account takes that much.
const MAX_OBJECT: usize = 1 << 20;
/// The deepest nesting of an object.
const MOST_DEEP: usize = 128;

/// An object, or what stands in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JsonElement {
    /// Brackets and quotes are sound.
    Object(Range<usize>),
    Faulty(Range<usize>),
}

/// The objects of a text. The text must begin between two of them.
#[derive(Debug)]
pub(crate) struct JsonElements<'t> {
    text: &'t [u8],
    last: bool,
    at: usize,
    /// Brackets of arrays that were passed.
    pub(super) opened: u64,
    pub(super) closed: u64,
}

/// How an object ends.
enum ObjectEnd {
    At(usize),
    /// It breaks a rule, here.
    Broken(usize),
    /// The text ends first.
    Open,
}

impl<'t> JsonElements<'t> {
    /// With `last`, nothing follows the text. Otherwise an object that later text could change is left out.
    pub(crate) fn of(text: &'t [u8], last: bool) -> Self {
        Self { text, last, at: 0, opened: 0, closed: 0 }
    }

    /// Where the next object begins, or what is before it.
    fn at(&self) -> usize {
        self.at
    }

    /// Passes what may stand between objects.
    fn skip_between(&mut self) {
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
                b'[' => self.opened += 1,
                b']' => self.closed += 1,
                _ if self.text[self.at..].starts_with(BYTE_ORDER_MARK) => self.at += 2,
                _ => return,
            }
            self.at += 1;
        }
    }

    fn end_of_object(&self) -> ObjectEnd {
        let limit = (self.at + MAX_OBJECT).min(self.text.len());
        let text = &self.text[..limit];
        let mut stack: Vec<u8> = Vec::new();
        // the last byte outside strings that is no blank
        let (mut at, mut before) = (self.at, b',');
        while at < text.len() {
            let byte = text[at];
            match byte {
                b'"' => match end_of_string(text, at + 1) {
                    ObjectEnd::At(end) => at = end,
                    ObjectEnd::Open => break,
                    broken => return broken,
                },
                b'{' | b'[' => {
                    if stack.len() >= MOST_DEEP || !matches!(before, b'[' | b',' | b':') {
                        return ObjectEnd::Broken(at);
                    }
                    stack.push(byte + 2);
                }
                b'}' | b']' => {
                    if stack.pop() != Some(byte) {
                        return ObjectEnd::Broken(at);
                    }
                    if stack.is_empty() {
                        return ObjectEnd::At(at + 1);
                    }
                }
                b' ' | b'\t' | b'\r' | b'\n' => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            before = byte;
            at += 1;
        }
        if limit < self.text.len() || self.at + MAX_OBJECT == limit {
            ObjectEnd::Broken(limit)
        } else {
            ObjectEnd::Open
        }
    }

    /// Where the next object may begin after what begins here and breaks a rule at `broken`; `None` if it takes more of the
    /// text to know.
    fn next_start(&self, broken: usize) -> Option<usize> {
        let limit = (self.at + MAX_OBJECT).min(self.text.len());
        let text = &self.text[..limit];
        // what stands directly before the object, so that a piece that begins there gives the same
        let before = text[..self.at].iter().rev();
        let indentation = before.take_while(|byte| matches!(byte, b' ' | b'\t' | b',')).count();
        let (mut from, mut line, mut is_first) = (self.at + 1, 0, false);
        while let Some(length) = memchr::memchr2(b'{', b'\n', text.get(from..)?) {
            let start = from + length;
            from = start + 1;
            if text[start] == b'\n' {
                (line, is_first) = (from, true);
                continue;
            }
            // only the first bracket of a line may be the first of its characters
            let is_level = std::mem::take(&mut is_first)
                && start - line <= indentation
                && text[line..start].iter().all(|byte| matches!(byte, b' ' | b'\t' | b','));
            let mut before = text[..start].iter().rev().filter(|byte| !byte.is_ascii_whitespace());
            if is_level || (start > broken && before.next() == Some(&b',') && before.next() == Some(&b'}')) {
                return Some(start);
            }
        }
        if limit < self.text.len() || self.last { Some(limit) } else { None }
    }
}

/// The place of the quote that ends a string.
fn end_of_string(text: &[u8], start: usize) -> ObjectEnd {
    let mut at = start;
    while let Some(length) = memchr::memchr3(b'"', b'\\', b'\n', &text[at..]) {
        let found = at + length;
        match text[found] {
            b'"' => return ObjectEnd::At(found),
            b'\n' => return ObjectEnd::Broken(found),
            // an escape
            _ => at = found + 2,
        }
        if at > text.len() {
            break;
        }
    }
    ObjectEnd::Open
}

impl Iterator for JsonElements<'_> {
    type Item = JsonElement;

    fn next(&mut self) -> Option<JsonElement> {
        self.skip_between();
        let start = self.at;
        let broken = match self.text.get(start)? {
            b'{' => match self.end_of_object() {
                ObjectEnd::At(end) => {
                    self.at = end;
                    return Some(JsonElement::Object(start..end));
                }
                ObjectEnd::Broken(at) => at,
                ObjectEnd::Open if self.last => self.text.len(),
                ObjectEnd::Open => return None,
            },
            _ => start,
        };
        let faulty = &self.text[start..self.next_start(broken)?];
        let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',');
        let length = faulty.iter().rposition(|byte| !is_between(byte)).map_or(faulty.len(), |last| last + 1);
        self.at = start + length;
        Some(JsonElement::Faulty(start..self.at))
    }
}

/// Cuts after an object.
#[derive(Debug, Default)]
pub struct JsonCutter;

impl Cutter for JsonCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        if last {
            return text.len();
        }
        let mut elements = JsonElements::of(text, false);
        let mut end = 0;
        while elements.next().is_some() {
            end = elements.at();
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The objects, faulty ones after `!`, and how many arrays were opened and closed.
    fn elements(text: &str) -> (Vec<String>, u64, u64) {
        let mut elements = JsonElements::of(text.as_bytes(), true);
        let shown = elements.by_ref().map(|element| match element {
            JsonElement::Object(range) => String::from_utf8_lossy(&text.as_bytes()[range]).into_owned(),
            JsonElement::Faulty(range) => format!("!{}", String::from_utf8_lossy(&text.as_bytes()[range])),
        });
        (shown.collect(), elements.opened, elements.closed)
    }

    #[track_caller]
    fn reads(text: &str, expected: &[&str], brackets: (u64, u64)) {
        let (found, opened, closed) = elements(text);
        assert_eq!(found, expected, "{text}");
        assert_eq!((opened, closed), brackets, "{text}");
    }

    #[test]
    fn objects() {
        reads("", &[], (0, 0));
        reads("[]", &[], (1, 1));
        reads("[{\"a\":1},{\"a\":2}]\n", &["{\"a\":1}", "{\"a\":2}"], (1, 1));
        reads("[\n  {\n    \"a\": [{}, {}]\n  },\n  {}\n]", &["{\n    \"a\": [{}, {}]\n  }", "{}"], (1, 1));
        reads(
            "{\n\"a\": {\n\"b\": 1\n}\n}\n{}\u{feff}{}",
            &["{\n\"a\": {\n\"b\": 1\n}\n}", "{}", "{}"],
            (0, 0),
        );
        reads(r#"{"a":"}{\"[,\\"}{}"#, &[r#"{"a":"}{\"[,\\"}"#, "{}"], (0, 0));
    }

    #[test]
    fn faulty_objects_cost_themselves() {
        // cut off at the end
        reads("[{},\n{\"a\":{", &["{}", "!{\"a\":{"], (1, 0));
        reads("{}\n{\n  \"a\": \"x", &["{}", "!{\n  \"a\": \"x"], (0, 0));
        // cut off in between
        reads("{\"a\":\n{\"b\":1}\n{}", &["!{\"a\":", "{\"b\":1}", "{}"], (0, 0));
        reads("[{\"a\":\"x,\n{\"b\":1},\n{}]", &["!{\"a\":\"x", "{\"b\":1}", "{}"], (1, 1));
        reads("[\n  {\n    \"a\": {\n  },\n  {}\n]", &["!{\n    \"a\": {\n  }", "{}"], (1, 1));
        // on one line
        reads("[{\"a\":]},{\"b\":1},{}]", &["!{\"a\":]}", "{\"b\":1}", "{}"], (1, 1));
        reads("[1,{}]", &["!1,{}]"], (1, 0));
        reads("[x\"a\":1},{\"b\":1}]", &["!x\"a\":1}", "{\"b\":1}"], (1, 1));
        reads("<html>\n<p>{}", &["!<html>\n<p>{}"], (0, 0));
    }

    #[test]
    fn time_is_linear() {
        let deep = format!("[{}", "{\"a\":[".repeat(1 << 18));
        assert!(elements(&deep).0.len() < 10);
        let long = format!("[{{\"a\":\"{}\"}},\n{{}}]", "x".repeat(MAX_OBJECT));
        assert_eq!(elements(&long).0.last().map(String::as_str), Some("{}"));
    }

    proptest! {
        #[test]
        fn cutting_anywhere_changes_nothing(text in "[\\[\\]{}\",:a \n\\\\]{0,80}", wanted in 1usize..40) {
            let (mut pieces, mut opened, mut closed) = (Vec::new(), 0, 0);
            let (mut start, mut size) = (0, wanted);
            while start < text.len() {
                let end = text.len().min(start + size);
                match JsonCutter.cut(&text.as_bytes()[start..end], end == text.len()) {
                    0 => size *= 2,
                    length => {
                        let (found, more, fewer) = elements(&text[start..start + length]);
                        pieces.extend(found);
                        (opened, closed) = (opened + more, closed + fewer);
                        (start, size) = (start + length, wanted);
                    }
                }
            }
            prop_assert_eq!((pieces, opened, closed), elements(&text));
        }
    }
}
