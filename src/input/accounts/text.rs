//! Plain text: one subject per line, mostly an address.
//!
//! Every line is a record, so `row` is the line number that an editor shows. A blank line is an empty subject, which
//! is rejected later. Text after the last line feed is a record, too. A line ends with LF or CRLF; a lone CR is part
//! of the subject. There are no identifiers and no comments, because `#` may begin a local part (RFC 5322, section
//! 3.2.3).

use std::borrow::Cow;

use super::{Account, AccountSink, Given, RecordCounts};
use crate::name::undecoded::decode;

/// Parses whole lines without a byte order mark; see [`super::AccountLayout::parse`].
pub(crate) fn parse_text(text: &[u8], sink: &mut impl AccountSink) -> RecordCounts {
    let (mut rows, mut start) = (0, 0);
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
        let line = &text[start..end];
        let line = line.strip_suffix(b"\r").filter(|_| end < text.len()).unwrap_or(line);
        rows += 1;
        let subject = decode(line);
        sink.account(&Account {
            row: rows,
            id: None,
            subject: &subject,
            verified_at: Given::Absent,
            first_verified_at: Given::Absent,
            weight: Given::Absent,
            accounts: Given::Absent,
            carried: &[],
            is_utf8: matches!(subject, Cow::Borrowed(_)),
        });
        start = end + 1;
    }
    RecordCounts { rows, ..RecordCounts::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::undecoded::{shown, stands_in};

    struct TextLines(Vec<String>);

    impl AccountSink for TextLines {
        fn account(&mut self, account: &Account<'_>) {
            assert_eq!(account.row, self.0.len() as u64 + 1);
            assert_eq!(account.is_utf8, !account.subject.contains(stands_in));
            self.0.push(shown(account.subject).into_owned());
        }
        fn malformed(&mut self, row: u64, id: Option<&str>) {
            assert_eq!((row, id), (self.0.len() as u64 + 1, None));
            self.0.push("malformed".to_owned());
        }
    }

    #[track_caller]
    fn reads(text: &[u8], expected: &[&str]) {
        let mut lines = TextLines(Vec::new());
        assert_eq!(parse_text(text, &mut lines).rows, expected.len() as u64);
        assert_eq!(lines.0, expected);
    }

    #[test]
    fn every_line_is_a_record() {
        reads(b"", &[]);
        reads(b"a@one.example\n", &["a@one.example"]);
        reads(b"a@one.example", &["a@one.example"]);
        reads(b"a@one.example\r\n\r\nb@two.example\r\n", &["a@one.example", "", "b@two.example"]);
        reads(b"\n\n", &["", ""]);
        reads(b" a,b@one.example \n#x@two.example", &[" a,b@one.example ", "#x@two.example"]);
        reads(b"\xff@one.example\n\xc3\xa9@two.example\n", &["\\xFF@one.example", "é@two.example"]);
        reads(b"a\rb\n", &["a\rb"]);
    }
}
