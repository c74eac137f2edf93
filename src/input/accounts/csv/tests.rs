//! Records of CSV and TSV, whole and cut anywhere.

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
    let text = b"id\temail\tname\n1\ta@x\t\"A\n2\tb@x\t\"B\nC\"\n3\t\"c@x\tC\n4\td@x\t\"D\tE\"\n5\t\"e@x\n";
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
