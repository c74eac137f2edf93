//! The fields of a CSV record, and the lines of a text. [`super::records`] finds the ends of records; its tests
//! compare both with the `csv` crate.

use std::ops::Range;

use memchr::memchr;

use super::grammar::{CR, LF, QUOTE};

/// The fields of a record without quotes, as ranges of the text.
pub(crate) fn split_plain(text: &[u8], content: Range<usize>, delimiter: u8, fields: &mut Vec<Range<usize>>) {
    fields.clear();
    let mut start = content.start;
    for length in memchr::memchr_iter(delimiter, &text[content.clone()]) {
        fields.push(start..content.start + length);
        start = content.start + length + 1;
    }
    fields.push(start..content.end);
}

/// The fields of a record with quotes, as ranges of `unquoted`, which receives their content. A field whose quote is
/// not closed is left out. Returns whether no text follows a closing quote.
pub(crate) fn split_quoted(
    record: &[u8],
    delimiter: u8,
    unquoted: &mut Vec<u8>,
    fields: &mut Vec<Range<usize>>,
) -> bool {
    fields.clear();
    unquoted.clear();
    let mut rest = record;
    let mut is_clean = true;
    loop {
        let start = unquoted.len();
        let mut is_quoted = false;
        if let Some(mut inside) = rest.strip_prefix(&[QUOTE]) {
            loop {
                let Some(length) = memchr(QUOTE, inside) else { return is_clean };
                unquoted.extend_from_slice(&inside[..length]);
                inside = &inside[length + 1..];
                match inside.strip_prefix(&[QUOTE]) {
                    Some(after) => inside = after,
                    None => break,
                }
                unquoted.push(QUOTE);
            }
            rest = inside;
            is_quoted = true;
        }
        let length = memchr(delimiter, rest).unwrap_or(rest.len());
        is_clean &= !is_quoted || length == 0;
        unquoted.extend_from_slice(&rest[..length]);
        fields.push(start..unquoted.len());
        match rest.get(length + 1..) {
            Some(after) => rest = after,
            None => return is_clean,
        }
    }
}

/// How many lines a text has. Only line ends count here, not records: LF, CR or CRLF. Text after the last line end is
/// a line, too.
pub(crate) fn count_lines(text: &[u8]) -> u64 {
    let mut lines = memchr::memchr_iter(LF, text).count();
    if memchr(CR, text).is_some() {
        lines += memchr::memchr_iter(CR, text).filter(|at| text.get(at + 1) != Some(&LF)).count();
    }
    lines as u64 + u64::from(text.last().is_some_and(|last| !matches!(*last, CR | LF)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn lines(text: &str, expected: u64) {
        assert_eq!(count_lines(text.as_bytes()), expected, "{text:?}");
    }

    #[test]
    fn lines_by_their_ends() {
        lines("", 0);
        lines("a", 1);
        lines("a\n", 1);
        lines("a\nb", 2);
        lines("a\r\nb\r\n", 2);
        lines("a\rb\r", 2);
        lines("\n\r\n\r\r\n", 4);
    }
}
