//! The header of CSV and TSV: the first record that is not blank.
//!
//! Names of columns may contain line ends, as spreadsheets write them. A header that never ends is refused.

use std::ops::Range;
use std::path::Path;

use super::fields::{split_plain, split_quoted};
use super::grammar::{Grammar, RecordLimits};
use super::records::{CsvRecord, CsvRecords};
use crate::error::Error;

/// The longest header in bytes.
const MAX_HEADER: usize = 1 << 20;
/// The hint for every problem with a header.
const HINT: &str = "the first line names the columns, such as `id,email,verified_at`";

/// The first record of a text.
pub(super) enum HeaderRecord {
    /// Reading it takes more of the text.
    Unknown,
    Faulty {
        is_too_long: bool,
    },
    Fields {
        names: Vec<String>,
        /// Where the data start.
        end: usize,
    },
}

impl HeaderRecord {
    pub(super) fn read(text: &[u8], start: usize, grammar: Grammar, last: bool) -> Self {
        let limits = RecordLimits { record: grammar.limits.record.min(MAX_HEADER), ..grammar.limits };
        let mut records = CsvRecords::new(text, Grammar { shape: None, limits, ..grammar }, last);
        records.skip_to(start);
        let (mut fields, mut unquoted) = (Vec::new(), Vec::new());
        loop {
            let start = records.at();
            let text = match records.next() {
                None if text.len() - start > limits.record => return Self::Faulty { is_too_long: true },
                None => return Self::Unknown,
                Some(CsvRecord::Sound { content, .. }) if content.is_empty() => continue,
                Some(CsvRecord::Sound { content, quotes: false, .. }) => {
                    split_plain(text, content, grammar.delimiter, &mut fields);
                    text
                }
                Some(CsvRecord::Sound { content, quotes: true, .. }) => {
                    split_quoted(&text[content], grammar.delimiter, &mut unquoted, &mut fields);
                    &unquoted
                }
                Some(CsvRecord::Faulty(line)) => {
                    return Self::Faulty { is_too_long: line.len() > limits.record };
                }
            };
            let name = |field: &Range<usize>| String::from_utf8_lossy(&text[field.clone()]).into_owned();
            return Self::Fields { names: fields.iter().map(name).collect(), end: records.at() };
        }
    }
}

/// The error of a file without a header.
pub(super) fn is_empty(path: &Path) -> Error {
    Error::failure(path, "empty, expected a header line").hint(HINT)
}

/// The error of a header whose end nobody can tell.
pub(super) fn opens_a_quote(path: &Path) -> Error {
    Error::failure(path, "the header opens a quote and does not close it")
        .at_line(1)
        .hint("check the quotes of the first line")
}

/// The error of a header that never ends.
pub(crate) fn header_too_long(path: &Path) -> Error {
    let what = format!("the header is longer than the limit of {} MiB", MAX_HEADER >> 20);
    Error::failure(path, what).at_line(1).hint(HINT)
}

#[cfg(test)]
mod tests {
    use super::super::form::{AccountForm, FormOptions};
    use super::*;
    use crate::input::source::Head;

    #[track_caller]
    fn refuses(text: &[u8], expected: &str) {
        let head = Head::whole(text);
        let form = AccountForm::tell(&head, Path::new("a.csv"), &FormOptions::default());
        let error = form.map(|_| ()).expect_err("refused").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn refused_headers() {
        refuses(b"", "a.csv: empty, expected a header line");
        refuses(b"\n\r\n", "empty");
        refuses(b"id,\"email\n1,a\n", "a.csv:1: the header opens a quote");
        refuses(b"a@one.example\nb@two.example\n", "the first line has 1 field and an address");
        let long = format!("id,email,{}\n1,a,\n", "x".repeat(MAX_HEADER));
        refuses(long.as_bytes(), "a.csv:1: the header is longer than the limit of 1 MiB");
    }
}
