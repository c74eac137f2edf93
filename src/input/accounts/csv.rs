//! CSV and TSV: from records to accounts.
//!
//! Records and fields are those of the `csv` crate: RFC 4180 with any line end (see [`super::records`]). Blank lines
//! are not records. A table of one column is the exception: there a blank line is a row with an empty address. A row
//! is `malformed` if its record has more or fewer fields than the header, or if the record is faulty (a stray quote, more
//! than 4 MiB). A faulty record costs only its first line. Fields are not trimmed, but blank ones count as absent.
//!
//! A chunk is tried as UTF-8 first, which nearly all are, so that its fields need not be. In any other chunk the fields
//! that are used are tried one by one. Only if one of them is something else are the fields of its record decoded
//! ([`crate::name::undecoded`]).
//!
//! **TSV.** Most programs that write TSV never quote (`COPY` of PostgreSQL, `mysql -B`), but spreadsheets do. So
//! quotes are tried first. A line that is not a record with its quotes, or has text behind a closing quote, is read again with
//! the quotes taken literally. `\N` in an identifier, address or carried column is how both write null.

use std::borrow::Cow;
use std::ops::Range;
use std::str::Utf8Error;

use memchr::memchr_iter;

use super::columns::Columns;
use super::fields::{split_plain, split_quoted};
use super::grammar::{Grammar, RecordLimits, RecordShape};
use super::records::{CsvRecord, CsvRecords};
use super::values::{accounts_of_text, is_null, weight_of_text};
use super::{Account, AccountSink, Given, RecordCounts, recycle};
use crate::name::undecoded::decode;

/// Parses whole records after the header; see [`super::AccountLayout::parse`].
pub(crate) fn parse_csv(
    text: &[u8],
    delimiter: u8,
    columns: &Columns,
    sink: &mut impl AccountSink,
) -> RecordCounts {
    let grammar =
        Grammar { delimiter, shape: Some(RecordShape::of(columns)), limits: RecordLimits::ACCOUNTS };
    parse_records(text, grammar, columns, sink)
}

fn parse_records(
    text: &[u8],
    grammar: Grammar,
    columns: &Columns,
    sink: &mut impl AccountSink,
) -> RecordCounts {
    let (mut fields, mut unquoted, mut spare) = (Vec::new(), Vec::new(), Vec::new());
    let mut counts = RecordCounts::default();
    let whole = std::str::from_utf8(text).ok();
    for record in CsvRecords::new(text, grammar, true) {
        let (content, quotes, is_faulty) = match record {
            CsvRecord::Sound { content, quotes, lines } => {
                counts.multi_line += u64::from(lines > 1);
                counts.inside += lines as u64 - 1;
                (content, quotes, false)
            }
            CsvRecord::Faulty(line) => (line, true, true),
        };
        if content.is_empty() && !is_faulty && columns.width != 1 {
            counts.blank += 1;
            continue;
        }
        counts.rows += 1;
        sink.record(content.clone());
        let ((fields_text, utf8), is_sound) = if quotes {
            let record = &text[content.clone()];
            let is_clean = split_quoted(record, grammar.delimiter, &mut unquoted, &mut fields);
            let is_sound = !is_faulty && fields.len() == columns.width;
            if !(is_sound && is_clean) && fits_literally(record, grammar, columns) {
                split_plain(text, content, grammar.delimiter, &mut fields);
                ((text, whole), true)
            } else {
                ((unquoted.as_slice(), None), is_sound)
            }
        } else {
            split_plain(text, content, grammar.delimiter, &mut fields);
            ((text, whole), fields.len() == columns.width)
        };
        let row = CsvRow { number: counts.rows, text: fields_text, utf8, fields: &fields, columns };
        spare = row.hand_over(is_sound, spare, sink);
    }
    counts
}

/// Whether a line of TSV that is not a record with its quotes is one if they are taken literally.
fn fits_literally(line: &[u8], grammar: Grammar, columns: &Columns) -> bool {
    let width = || memchr_iter(b'\t', line).count() + 1;
    grammar.delimiter == b'\t' && line.len() <= grammar.limits.record && width() == columns.width
}

/// How databases write that there is no value (`COPY` of PostgreSQL, `INTO OUTFILE` of MySQL).
const NULL: &str = "\\N";

/// Whether an identifier is blank or null.
fn is_missing(id: &str) -> bool {
    id.chars().all(char::is_whitespace) || id == NULL
}

/// A record, split into fields.
pub(super) struct CsvRow<'a> {
    /// Its number within the text.
    pub(super) number: u64,
    pub(super) text: &'a [u8],
    /// The same, if it is known to be UTF-8.
    pub(super) utf8: Option<&'a str>,
    pub(super) fields: &'a [Range<usize>],
    pub(super) columns: &'a Columns,
}

impl<'a> CsvRow<'a> {
    /// Hands over the row. `spare` is an allocation, which comes back.
    pub(super) fn hand_over(
        &self,
        is_sound: bool,
        spare: Vec<Option<&str>>,
        sink: &mut impl AccountSink,
    ) -> Vec<Option<&'static str>> {
        let mut carried = recycle(spare);
        if !is_sound {
            sink.malformed(self.number, self.decoded_id().as_deref());
        } else if self.read(&mut carried, true, sink).is_err() {
            self.read_decoded(sink);
        }
        recycle(carried)
    }

    /// Hands over the account. If it is not UTF-8, nothing is handed over.
    fn read(
        &self,
        carried: &mut Vec<Option<&'a str>>,
        is_utf8: bool,
        sink: &mut impl AccountSink,
    ) -> std::result::Result<(), Utf8Error> {
        for at in &self.columns.carry {
            carried.push(Some(self.field(*at)?).filter(|text| !text.is_empty() && *text != NULL));
        }
        let moment = |at: Option<usize>| match at {
            Some(at) => self.field(at).map(|text| self.columns.times.of_text(text)),
            None => Ok(Given::Absent),
        };
        let number = |at: Option<usize>, read: fn(&str) -> Given<i64>| {
            at.map_or(Ok(Given::Absent), |at| self.field(at).map(read))
        };
        let account = Account {
            row: self.number,
            id: self.id()?,
            subject: Some(self.field(self.columns.subject)?)
                .filter(|text| !is_null(text))
                .unwrap_or_default(),
            verified_at: moment(self.columns.verified_at)?,
            first_verified_at: moment(self.columns.first_verified_at)?,
            weight: number(self.columns.weight, weight_of_text)?,
            accounts: number(self.columns.accounts, accounts_of_text)?,
            carried,
            is_utf8,
        };
        sink.account(&account);
        Ok(())
    }

    /// Hands over the account of a record that is not UTF-8.
    fn read_decoded(&self, sink: &mut impl AccountSink) {
        let (mut text, mut fields) = (String::new(), Vec::with_capacity(self.fields.len()));
        for field in self.fields {
            let start = text.len();
            text.push_str(&decode(&self.text[field.clone()]));
            fields.push(start..text.len());
        }
        let decoded = CsvRow { text: text.as_bytes(), utf8: Some(&text), fields: &fields, ..*self };
        if decoded.read(&mut Vec::new(), false, sink).is_err() {
            sink.malformed(self.number, None);
        }
    }

    /// The identifier of a record that cannot be read otherwise.
    fn decoded_id(&self) -> Option<Cow<'a, str>> {
        let range = self.fields.get(self.columns.id?)?.clone();
        Some(decode(&self.text[range])).filter(|id| !is_missing(id))
    }

    fn id(&self) -> std::result::Result<Option<&'a str>, Utf8Error> {
        let id = self.columns.id.map(|at| self.field(at)).transpose()?;
        Ok(id.filter(|id| !is_missing(id)))
    }

    /// The text of a field; empty if there is no such field.
    fn field(&self, at: usize) -> std::result::Result<&'a str, Utf8Error> {
        let range = self.fields.get(at).cloned().unwrap_or(0..0);
        let known = self.utf8.and_then(|text| text.get(range.clone()));
        known.map_or_else(|| std::str::from_utf8(&self.text[range]), Ok)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::super::columns::ColumnNames;
    use super::super::cutter::CsvCutter;
    use super::super::fields::count_lines;
    use super::super::table::{Table, TableStart};
    use super::*;
    use crate::error::Result;
    use crate::input::source::{Cutter, Head};
    use crate::input::without_byte_order_mark;
    use crate::name::Subject;
    use crate::name::undecoded::{shown, stands_in};

    #[derive(Default)]
    struct CsvRows(Vec<String>, u64);

    impl AccountSink for CsvRows {
        fn account(&mut self, account: &Account<'_>) {
            let Account { row, id, subject, verified_at, weight, carried, .. } = account;
            let (row, id) = (row + self.1, id.unwrap_or("-"));
            let text = format!("{row} {id} {subject} {verified_at:?} {weight:?} {carried:?}");
            assert_eq!(account.is_utf8, !text.contains(stands_in));
            self.0.push(shown(&text).into_owned());
        }
        fn malformed(&mut self, row: u64, id: Option<&str>) {
            self.0.push(shown(&format!("{} {} malformed", row + self.1, id.unwrap_or("-"))).into_owned());
        }
    }

    fn table(text: &[u8], delimiter: u8, carry: &[&str]) -> Result<Table> {
        let head = Head::whole(text);
        let start = text.len() - without_byte_order_mark(text).len();
        let carry = carry.iter().map(|name| (*name).to_owned()).collect();
        let names = ColumnNames { carry, ..ColumnNames::default() };
        TableStart::of(&head, start, Some(delimiter), delimiter).read(&names, Path::new("a.csv"))
    }

    fn header(text: &[u8]) -> Result<Table> {
        table(text, b',', if text.starts_with(b"plan") { &["plan"] } else { &[] })
    }

    #[track_caller]
    fn reads(text: &[u8], expected: &[&str]) {
        let header = header(text).expect("a header");
        let mut rows = CsvRows::default();
        let count = parse_csv(&text[header.data_start..], b',', &header.columns, &mut rows);
        let simple: Vec<String> = rows.0.iter().map(|row| row.replace(" Absent Absent []", "")).collect();
        assert_eq!(simple, expected);
        assert_eq!(count.rows, expected.len() as u64);
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
        reads(b"id,email\n1,\xff\n\xff,b\n3,c\n", &["1 1 \\xFF", "2 \\xFF b", "3 3 c"]);
        reads(b"id,email\n\xff,a,x\n\xe9,\"b\xff\"\n", &["1 \\xFF malformed", "2 \\xE9 b\\xFF"]);
        reads(b"email,verified_at\na\xe9,2024-01-02\xa0\n", &["1 - a\\xE9 Unreadable Absent []"]);
        reads(b"id,email,note\n1,a,\xff\n", &["1 1 a"]);
        reads(b"id,email\n1,\"a\n2,b\n3,c\n", &["1 1 malformed", "2 2 b", "3 3 c"]);
        reads(b"email,id\n\"a,1\nb,2\n", &["1 - malformed", "2 2 b"]);
    }

    /// The chunks of a reader that takes this many bytes at a time, as `Source` does.
    fn chunks(text: &[u8], header: usize, grammar: Grammar, wanted: usize) -> Vec<&[u8]> {
        let mut cutter = CsvCutter::new(grammar, header);
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

    /// The rows of a text in chunks, and what was counted.
    fn calls(chunks: &[&[u8]], grammar: Grammar) -> (Vec<String>, RecordCounts) {
        let Some(RecordShape { width, subject, id, kind }) = grammar.shape else { return Default::default() };
        let columns = Columns { kind, width, subject, id, carry: vec![0], ..Columns::default() };
        let (mut rows, mut all) = (CsvRows::default(), RecordCounts::default());
        for chunk in chunks {
            let counts = parse_records(chunk, grammar, &columns, &mut rows);
            assert_eq!(count_lines(chunk), counts.rows + counts.blank + counts.inside);
            all += counts;
            rows.1 = all.rows;
            assert_eq!(rows.1, rows.0.len() as u64);
        }
        (rows.0, all)
    }

    fn grammar(shape: RecordShape, limits: RecordLimits) -> Grammar {
        Grammar { delimiter: b',', shape: Some(shape), limits }
    }

    #[test]
    fn a_stray_quote_costs_one_row() {
        let shape = RecordShape { width: 3, subject: 2, id: Some(0), kind: Subject::Address };
        let line = "1,aaaaaaaaaaaaaaaaaaaaaaaa,aaaaaaaaaaa@one.example\n";
        let count = 3 * crate::input::source::CHUNK_BYTES / line.len();
        for (first, second) in
            [("1,\"a,a@one.example\n", "2,\"b,b@one.example\n"), ("1,\"a,a@x\n", "2,b\",b@x\n")]
        {
            let text = format!("{first}{}{second}{}", line.repeat(15_000), line.repeat(count));
            let grammar = grammar(shape, RecordLimits::ACCOUNTS);
            let chunks = chunks(text.as_bytes(), 0, grammar, crate::input::source::CHUNK_BYTES);
            assert!(chunks.len() > 2);
            let (calls, counts) = calls(&chunks, grammar);
            assert_eq!((counts.rows, counts.inside), (15_002 + count as u64, 0));
            let malformed = calls.iter().filter(|call| call.ends_with("malformed")).count();
            assert_eq!(malformed, if second.contains("\"b") { 2 } else { 1 });
        }
    }

    /// Most TSV is not quoted. There a quote is an ordinary character, and nothing is lost.
    #[test]
    fn quotes_of_tsv() {
        let text =
            b"id\temail\tname\n1\ta@x\t\"A\n2\tb@x\t\"B\nC\"\n3\t\"c@x\tC\n4\td@x\t\"D\tE\"\n5\t\"e@x\n";
        let header = table(text, b'\t', &["name"]).expect("a header");
        let mut rows = CsvRows::default();
        let counts = parse_csv(&text[header.data_start..], b'\t', &header.columns, &mut rows);
        let expected = [
            "1 1 a@x Absent Absent [Some(\"\\\"A\")]",
            "2 2 b@x Absent Absent [Some(\"B\\nC\")]",
            "3 3 \"c@x Absent Absent [Some(\"C\")]",
            "4 4 d@x Absent Absent [Some(\"D\\tE\")]",
            "5 5 malformed",
        ];
        assert_eq!(rows.0, expected);
        assert_eq!(counts, RecordCounts { rows: 5, multi_line: 1, inside: 1, ..RecordCounts::default() });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn cutting_anywhere_changes_nothing(
            text in "[ab@,,\"\"\r\n\n]{0,120}",
            (record, lines, field) in (1usize..60, 1usize..6, 0usize..30),
            wanted in 1usize..50,
            (width, email, id) in (1usize..4, 0usize..4, proptest::option::of(0usize..4)),
            tabs in any::<bool>(),
        ) {
            let text = if tabs { text.replace(',', "\t") } else { text };
            let text = text.as_bytes();
            let grammar = grammar(RecordShape { width, subject: email % width, id, kind: Subject::Address }, RecordLimits { record, lines, field });
            let grammar = Grammar { delimiter: if tabs { b'\t' } else { b',' }, ..grammar };
            prop_assert_eq!(calls(&chunks(text, 0, grammar, wanted), grammar), calls(&[text], grammar));
        }

        #[test]
        fn the_cutter_passes_the_header(
            lines in proptest::collection::vec("[a@,,\"\"]{0,12}(\n|\r\n|\r)", 0..9),
            header in "(id,)?(\"no\nte\",)?email(,plan)?\n",
            wanted in 1usize..60,
        ) {
            let text = format!("{header}{}", lines.concat());
            let whole = table(text.as_bytes(), b',', &[]).expect("a header");
            prop_assert_eq!(whole.data_start, header.len());
            let grammar = grammar(RecordShape::of(&whole.columns), RecordLimits::ACCOUNTS);
            let mut data = chunks(text.as_bytes(), header.len(), grammar, wanted);
            data[0] = &data[0][header.len()..];
            prop_assert_eq!(calls(&data, grammar), calls(&[&text.as_bytes()[header.len()..]], grammar));
        }

        #[test]
        fn any_bytes_are_no_danger(text in proptest::collection::vec(any::<u8>(), 0..300), wanted in 1usize..99) {
            let shape = RecordShape { width: 2, subject: 1, id: Some(0), kind: Subject::Address };
            let grammar = grammar(shape, RecordLimits { record: 64, lines: 5, field: 32 });
            let cut = chunks(&text, 0, grammar, wanted);
            prop_assert_eq!(cut.concat(), text.clone());
            calls(&cut, grammar);
            let _ = header(&text);
        }
    }
}
