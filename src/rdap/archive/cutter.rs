//! Where a text of answers may be cut: before a value that begins on a line of its own.
//!
//! In JSON, an object that follows a closed one without a comma is outside of everything. So a line end between `}` and `{`
//! is a safe place, also where values span lines. In a text that has none for as long as the longest answer, something
//! is broken, and any line end is as good.

use crate::input::source::{CHUNK_BYTES, Cutter};

/// Cuts between answers.
#[derive(Debug, Default)]
pub(super) struct AnswerCutter;

impl Cutter for AnswerCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        if last {
            return text.len();
        }
        let is_end = |end: &usize| {
            let before = text[..*end].trim_ascii_end().last();
            let after = text[*end..].trim_ascii_start().first();
            // at the end of what is there, a line that is an object by itself
            let is_line = || {
                let start = memchr::memrchr(b'\n', &text[..*end - 1]).map_or(0, |at| at + 1);
                text.get(start) == Some(&b'{')
            };
            matches!(before, Some(b'}' | b']'))
                && after.map_or_else(is_line, |after| matches!(after, b'{' | b'['))
        };
        let mut ends = memchr::memrchr_iter(b'\n', text).map(|at| at + 1);
        let safe = ends.find(is_end);
        let any = || memchr::memrchr(b'\n', text).map(|at| at + 1).filter(|_| text.len() > CHUNK_BYTES);
        safe.or_else(any).unwrap_or(0)
    }

    fn skips_overlong(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn cuts(text: &str, expected: &str) {
        assert_eq!(&text[..AnswerCutter.cut(text.as_bytes(), false)], expected, "{text}");
    }

    #[test]
    fn between_values() {
        cuts("{}\n{}\n{", "{}\n{}\n");
        cuts("{}\n{}\n", "{}\n{}\n");
        cuts("{}\n{\n  \"a\": {}\n", "{}\n");
        cuts("{}\r\n\n {}", "{}\r\n\n");
        cuts("{\n\"a\": [\n{\n}\n]\n}\n{\n\"a\": [\n{\n},\n{", "{\n\"a\": [\n{\n}\n]\n}\n");
        cuts("{\"a\":\n{", "");
        assert_eq!(AnswerCutter.cut(b"{}\n{", true), 4);
        let broken = format!("{}x", "x\n".repeat(CHUNK_BYTES));
        assert_eq!(AnswerCutter.cut(broken.as_bytes(), false), broken.len() - 1);
    }
}
