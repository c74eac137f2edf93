//! CSV and TSV: the cutter, the header, and the rows.
//!
//! Records and fields are those of the `csv` crate (RFC 4180 with any line end; see [`super::records`]).
//! Blank lines are no records, except in a table of one column, where a blank line is a row with an
//! empty address. One row is `malformed` for each record that has more or fewer fields than the header,
//! that is not UTF-8 in a field that is used, or that is faulty (a quote never closed, over a megabyte):
//! of the latter only the first line is lost. Fields are not trimmed, but what is blank counts as absent.
//! Refused: UTF-16, an empty file (a header alone is fine), other delimiters than comma and tab.

use std::ops::Range;
use std::path::Path;
use std::str::Utf8Error;

use memchr::{memchr, memrchr2};

use super::columns::{ColumnNames, Columns};
use super::records::{MAX_RECORD, Record, Records, split_plain, split_quoted};
use super::values::weight_of_text;
use super::{Account, AccountSink, BYTE_ORDER_MARK, Given, recycle, skip_byte_order_mark};
use crate::error::{Error, Result};
use crate::input::source::Cutter;

/// Cuts where a record ends, given the whole text from its beginning on.
///
/// A line longer than a chunk is waited for, as by [`crate::input::source::LineCutter`]; a quoted field
/// never is for more than [`MAX_RECORD`].
#[derive(Debug)]
pub struct CsvCutter {
    delimiter: u8,
    max_record: usize,
    at_start: bool,
}

impl CsvCutter {
    /// For this delimiter, at the beginning of a text.
    pub fn new(delimiter: u8) -> Self {
        Self { delimiter, max_record: MAX_RECORD, at_start: true }
    }
}

impl Cutter for CsvCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        if last {
            return text.len();
        }
        let mut start = 0;
        if self.at_start {
            if BYTE_ORDER_MARK.starts_with(text) {
                return 0;
            }
            // a quote behind the mark begins a field
            start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        }
        let mut records = Records::new(text, self.delimiter, self.max_record, false);
        let mut at = start;
        while let Some(length) = memchr(b'"', &text[at..]) {
            // up to the line of the next quote, every line end is the end of a record
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
        if at == start {
            return 0;
        }
        self.at_start = false;
        at
    }
}

/// The place after the last line end in a range of text without quotes, else the range's beginning. A CR
/// at the end of the text may be half a CRLF and does not count.
fn last_line_end(text: &[u8], range: Range<usize>) -> usize {
    let mut end = range.end;
    if end == text.len() && text.last() == Some(&b'\r') {
        end = end.saturating_sub(1).max(range.start);
    }
    memrchr2(b'\r', b'\n', &text[range.start..end]).map_or(range.start, |at| range.start + at + 1)
}

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvHeader {
    /// Which field is what.
    pub columns: Columns,
    /// Where the first chunk's data start, in bytes.
    pub data_start: usize,
}

impl CsvHeader {
    /// Reads the header, which the first chunk begins with (an empty file has an empty one).
    pub fn read(first_chunk: &[u8], delimiter: u8, names: &ColumnNames, path: &Path) -> Result<Self> {
        let mut records = Records::new(first_chunk, delimiter, MAX_RECORD, true);
        records.skip_to(skip_byte_order_mark(first_chunk, path)?);
        let (mut fields, mut unquoted) = (Vec::new(), Vec::new());
        loop {
            let text = match records.next() {
                None => {
                    return Err(Error::failure(path, "empty, expected a header line")
                        .hint("the first line names the columns, such as `id,email,verified_at`"));
                }
                Some(Record::Sound { content, .. }) if content.is_empty() => continue,
                Some(Record::Sound { content, quotes: false }) => {
                    split_plain(first_chunk, content, delimiter, &mut fields);
                    first_chunk
                }
                Some(Record::Sound { content, quotes: true }) => {
                    split_quoted(&first_chunk[content], delimiter, &mut unquoted, &mut fields);
                    &unquoted
                }
                Some(Record::Faulty(_)) => {
                    return Err(Error::failure(path, "the header opens a quote and does not close it")
                        .at_line(1)
                        .hint("check the quotes of the first line"));
                }
            };
            let header: Vec<_> =
                fields.iter().map(|field| String::from_utf8_lossy(&text[field.clone()])).collect();
            let header: Vec<&str> = header.iter().map(AsRef::as_ref).collect();
            return Ok(Self { columns: Columns::find(&header, names, path)?, data_start: records.at() });
        }
    }
}

/// Parses whole records behind the header; see [`super::AccountLayout::parse`].
pub fn parse_csv(text: &[u8], delimiter: u8, columns: &Columns, sink: &mut impl AccountSink) -> u64 {
    parse_bounded(Records::new(text, delimiter, MAX_RECORD, true), text, delimiter, columns, sink)
}

fn parse_bounded(
    records: Records<'_>,
    text: &[u8],
    delimiter: u8,
    columns: &Columns,
    sink: &mut impl AccountSink,
) -> u64 {
    let (mut fields, mut unquoted, mut spare) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0;
    for record in records {
        if matches!(&record, Record::Sound { content, .. } if content.is_empty()) && columns.width != 1 {
            continue;
        }
        rows += 1;
        let (text, faulty) = match record {
            Record::Sound { content, quotes: false } => {
                split_plain(text, content, delimiter, &mut fields);
                (text, false)
            }
            Record::Sound { content, quotes: true } => {
                split_quoted(&text[content], delimiter, &mut unquoted, &mut fields);
                (unquoted.as_slice(), false)
            }
            Record::Faulty(line) => {
                split_quoted(&text[line], delimiter, &mut unquoted, &mut fields);
                (unquoted.as_slice(), true)
            }
        };
        let row = Row { number: rows, text, fields: &fields, columns };
        let mut carried = recycle(spare);
        if faulty || fields.len() != columns.width || row.read(&mut carried, sink).is_err() {
            sink.malformed(rows, row.id().ok().flatten());
        }
        spare = recycle(carried);
    }
    rows
}

/// A record in fields.
struct Row<'a> {
    number: u64,
    text: &'a [u8],
    fields: &'a [Range<usize>],
    columns: &'a Columns,
}

impl<'a> Row<'a> {
    /// Hands over the account, or an error if it is not UTF-8; then nothing was handed over.
    fn read(
        &self,
        carried: &mut Vec<Option<&'a str>>,
        sink: &mut impl AccountSink,
    ) -> std::result::Result<(), Utf8Error> {
        for at in &self.columns.carry {
            carried.push(Some(self.field(*at)?).filter(|text| !text.is_empty()));
        }
        let moment = |at: Option<usize>| match at {
            Some(at) => self.field(at).map(|text| self.columns.times.of_text(text)),
            None => Ok(Given::Absent),
        };
        let account = Account {
            row: self.number,
            id: self.id()?,
            email: self.field(self.columns.email)?,
            verified_at: moment(self.columns.verified_at)?,
            first_verified_at: moment(self.columns.first_verified_at)?,
            weight: match self.columns.weight {
                Some(at) => weight_of_text(self.field(at)?),
                None => Given::Absent,
            },
            carried,
        };
        sink.account(&account);
        Ok(())
    }

    fn id(&self) -> std::result::Result<Option<&'a str>, Utf8Error> {
        let id = self.columns.id.map(|at| self.field(at)).transpose()?;
        Ok(id.filter(|id| !id.trim().is_empty()))
    }

    /// A field's text; empty if there is no such field.
    fn field(&self, at: usize) -> std::result::Result<&'a str, Utf8Error> {
        let range = self.fields.get(at).cloned().unwrap_or(0..0);
        std::str::from_utf8(&self.text[range])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::values::Times;
    use super::*;

    #[derive(Default)]
    struct Rows(Vec<String>, u64);

    impl AccountSink for Rows {
        fn account(&mut self, account: &Account<'_>) {
            let Account { row, id, email, verified_at, weight, carried, .. } = account;
            let (row, id) = (row + self.1, id.unwrap_or("-"));
            self.0.push(format!("{row} {id} {email} {verified_at:?} {weight:?} {carried:?}"));
        }
        fn malformed(&mut self, row: u64, id: Option<&str>) {
            self.0.push(format!("{} {} malformed", row + self.1, id.unwrap_or("-")));
        }
    }

    fn header(text: &[u8]) -> Result<CsvHeader> {
        let carry = if text.starts_with(b"plan") { vec!["plan".to_owned()] } else { Vec::new() };
        CsvHeader::read(text, b',', &ColumnNames { carry, ..ColumnNames::default() }, Path::new("a.csv"))
    }

    #[track_caller]
    fn reads(text: &[u8], expected: &[&str]) {
        let header = header(text).expect("a header");
        let mut rows = Rows::default();
        let count = parse_csv(&text[header.data_start..], b',', &header.columns, &mut rows);
        let simple: Vec<String> = rows.0.iter().map(|row| row.replace(" Absent Absent []", "")).collect();
        assert_eq!(simple, expected);
        assert_eq!(count, expected.len() as u64);
    }

    #[test]
    fn rows() {
        reads(b"email,id\na@one.example,1\nb@two.example,2", &["1 1 a@one.example", "2 2 b@two.example"]);
        reads(b"email,id\n", &[]);
        reads(b"email,id", &[]);
        reads(b"\r\n\nemail,id\r\n\r\n\"a\"\"b\",\r\n\r\nc, \r\n", &["1 - a\"b", "2 - c"]);
        reads(b"\xef\xbb\xbf\"email\",id\na,1\n", &["1 1 a"]);
        reads(b"\xef\xbb\xbfemail,id\na, x \n", &["1  x  a"]);
        reads(
            b"weight,verified_at,email\n12.0,,a\n-1,soon,b\n",
            &["1 - a Absent Value(12) []", "2 - b Unreadable Unreadable []"],
        );
        reads(
            b"plan,email,weight\npro,a,\n,b,x\n",
            &["1 - a Absent Absent [Some(\"pro\")]", "2 - b Absent Unreadable [None]"],
        );
    }

    #[test]
    fn a_blank_line_is_a_row_of_a_one_column_table() {
        reads(b"email\na\n\r\n\nb", &["1 - a", "2 - ", "3 - ", "4 - b"]);
        reads(b"email\n\"\"\n\n", &["1 - ", "2 - "]);
    }

    #[test]
    fn malformed_rows_keep_their_number_and_id() {
        reads(b"id,email\n1,a\n2\n3,c,x\n4,d\n", &["1 1 a", "2 2 malformed", "3 3 malformed", "4 4 d"]);
        reads(b"id,email\n1,\xff\n\xff,b\n3,c\n", &["1 1 malformed", "2 - malformed", "3 3 c"]);
        reads(b"id,email,note\n1,a,\xff\n", &["1 1 a"]);
        reads(b"id,email\n1,\"a\n2,b\n3,c\n", &["1 1 malformed", "2 2 b", "3 3 c"]);
        reads(b"email,id\n\"a,1\nb,2\n", &["1 - malformed", "2 2 b"]);
    }

    #[track_caller]
    fn refuses(text: &[u8], expected: &str) {
        let error = header(text).map(|_| ()).expect_err("refused").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn refused_headers() {
        refuses(b"", "a.csv: empty, expected a header line");
        refuses(b"\n\r\n", "empty");
        refuses(b"\xff\xfee\0m\0", "UTF-16");
        refuses(b"id,\"email\n1,a\n", "a.csv:1: the header opens a quote");
        refuses(b"a@one.example\nb@two.example\n", "found `a@one.example`");
    }

    /// The chunks that a reader makes which takes this many bytes at a time, as `Source` does.
    fn chunks(text: &[u8], max_record: usize, wanted: usize) -> Vec<&[u8]> {
        let mut cutter = CsvCutter { max_record, ..CsvCutter::new(b',') };
        let (mut chunks, mut start, mut size) = (Vec::new(), 0, wanted);
        while start < text.len() {
            let end = text.len().min(start + size);
            let length = cutter.cut(&text[start..end], end == text.len());
            assert!(length <= end - start);
            if length == 0 {
                assert!(end < text.len(), "the rest is always taken");
                size *= 2;
                continue;
            }
            chunks.push(&text[start..start + length]);
            (start, size) = (start + length, wanted);
        }
        chunks
    }

    fn calls(chunks: &[&[u8]], max_record: usize, width: usize) -> Vec<String> {
        let columns = Columns {
            width,
            email: width - 1,
            id: (width > 1).then_some(0),
            verified_at: None,
            first_verified_at: None,
            weight: None,
            carry: vec![0],
            times: Times::default(),
        };
        let mut rows = Rows::default();
        for chunk in chunks {
            let records = Records::new(chunk, b',', max_record, true);
            rows.1 += parse_bounded(records, chunk, b',', &columns, &mut rows);
            assert_eq!(rows.1, rows.0.len() as u64);
        }
        rows.0
    }

    #[test]
    fn a_long_unclosed_quote_is_waited_for_up_to_the_bound() {
        let line = "1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@one.example\n";
        let text = format!("id,email\n1,\"a\n{}", line.repeat(3 * MAX_RECORD / line.len()));
        let chunks = chunks(text.as_bytes(), MAX_RECORD, crate::input::source::CHUNK_BYTES);
        assert!(chunks.len() > 2);
        let calls = calls(&chunks, MAX_RECORD, 2);
        assert_eq!(calls.len(), 2 + 3 * MAX_RECORD / line.len());
        assert_eq!(calls.iter().filter(|call| call.ends_with("malformed")).count(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn cutting_anywhere_changes_nothing(
            text in "[ab,,\"\"\r\n\n]{0,120}",
            max_record in 1usize..40,
            wanted in 1usize..50,
            width in 1usize..4,
        ) {
            let text = text.as_bytes();
            let cut = chunks(text, max_record, wanted);
            prop_assert_eq!(calls(&cut, max_record, width), calls(&[text], max_record, width));
        }

        #[test]
        fn any_bytes_are_no_danger(text in proptest::collection::vec(any::<u8>(), 0..300), wanted in 1usize..99) {
            let cut = chunks(&text, 64, wanted);
            prop_assert_eq!(cut.concat(), text.clone());
            if cut.len() < 3 {
                calls(&cut, 64, 2);
            }
            let _ = header(&text);
        }
    }
}
