//! Rows in, rows out: stray quotes, records of many lines, files without a final line end. Whatever an export does,
//! every account is judged or rejected, and lines that became no rows are reported.

use polars::prelude::DataFrame;

use crate::support::{Bench, Report, rows, run};

/// So many rows lie between two stray quotes.
const APART: usize = 15_000;

/// `user_id`, `email`, `bio` of many accounts, some of whose names begin or end with a quote.
fn export(separator: char, name: impl Fn(usize) -> String) -> String {
    let mut text = format!("user_id{separator}email{separator}bio\n");
    for row in 1..=APART + 1_000 {
        text += &format!("{}{separator}a{row}@held-example.com{separator}x\n", name(row));
    }
    text
}

fn quoted_names(row: usize) -> String {
    if row == 500 || row == 500 + APART { format!("\"u{row}") } else { format!("u{row}") }
}

#[track_caller]
fn audited(name: &str, text: &str, status: i32) -> (Report, String) {
    let bench = Bench::new();
    let accounts = bench.write(name, text.as_bytes());
    let said = run(&mut bench.audit([accounts])).expect(status);
    (bench.report(), said.printed())
}

fn ids(frame: &DataFrame) -> Vec<String> {
    rows(frame, &["account_id"])
}

/// Half of the accounts vanished into the name of one of them, and the run was complete.
#[test]
fn two_stray_quotes_hide_nobody() {
    let all = APART as u64 + 1_000;
    let (report, _) = audited("a.csv", &export(',', quoted_names), 0);
    assert_eq!((report.value("/counts/rows"), report.value("/counts/rejected")), (&all.into(), &2.into()));
    assert_eq!(report.rejections(), ["500 malformed_row", "15500 malformed_row"]);
    assert!(ids(&report.accounts).iter().all(|id| id.len() < 10));
    let (report, _) = audited("a.tsv", &export('\t', quoted_names), 0);
    // TSV is mostly not quoted at all: then a quote is a character
    assert_eq!(report.value("/counts/accepted"), all);
    assert_eq!(ids(&report.accounts)[499], "\"u500");
}

/// The second quote ends a field as if it were meant, three rows below and in a column that nobody uses.
#[test]
fn a_pair_of_quotes_in_an_unused_column() {
    let mut text = "id,name,email,bio\n".to_owned();
    for row in 1..100 {
        let name = match row {
            50 => "\"Ann".to_owned(),
            53 => "Bob\"".to_owned(),
            row => format!("N{row}"),
        };
        text += &format!("{row},{name},a{row}@held-example.com,x\n");
    }
    let (report, _) = audited("a.csv", &text, 0);
    assert_eq!(report.rejections(), ["50 malformed_row"]);
    assert_eq!(ids(&report.accounts).len(), 98);
}

/// Accounts whose addresses have names, or are several, stand between two stray quotes; and an address of two lines
/// is no reason to lose a row.
#[test]
fn addresses_of_every_form_are_seen_between_quotes() {
    let forms =
        ["Ann <a@held-example.com>", "mailto:a@held-example.com", "a@held-example.com b@freed-example.com"];
    for form in forms {
        let text = format!("id,name,email,bio\n1,\"A,{form},x\n2,B,{form},x\n3,C\",{form},x\n");
        let bench = Bench::new();
        let accounts = bench.write("a.csv", text.as_bytes());
        run(bench.audit([accounts]).args(["--split-addresses", "--max-rejected", "100"])).expect(0);
        let report = bench.report();
        assert_eq!(report.value("/counts/rows"), 3, "{form}");
        assert_eq!(report.rejections(), ["1 malformed_row"], "{form}");
    }
    let text =
        "id,email,bio\n1,\"a@held-example.com\nB <b@freed-example.com>\n\",x\n2,\"c@held-example.com\n\",x\n";
    let bench = Bench::new();
    let accounts = bench.write("a.csv", text.as_bytes());
    run(bench.audit([accounts]).arg("--split-addresses")).expect(0);
    let report = bench.report();
    let expected = ["1 held-example.com", "1 freed-example.com", "2 held-example.com"];
    assert_eq!(rows(&report.accounts, &["row", "mail_domain"]), expected);
    for (key, count) in [("rows", 2), ("added_by_split", 1), ("lines", 6), ("lines_in_quotes", 3)] {
        assert_eq!(report.value(&format!("/inputs/accounts/0/{key}")), count, "{key}");
    }
}

#[test]
fn lines_that_are_no_rows_are_told() {
    let long = |row: usize| format!("{row},a{row}@held-example.com,\"one\ntwo, three\n\n\"\"four\"\"\"\n");
    let text = format!("id,email,bio\n\n{}3,c@held-example.com,\n", long(1) + &long(2));
    let (report, said) = audited("a.csv", &text, 0);
    assert_eq!(report.value("/counts/rows"), 3);
    let expected = [
        ("lines", 11),
        ("header_lines", 1),
        ("blank_lines", 1),
        ("multi_line_records", 2),
        ("lines_in_quotes", 6),
    ];
    for (key, count) in expected {
        assert_eq!(report.value(&format!("/inputs/accounts/0/{key}")), count, "{key}");
    }
    assert!(said.contains("11 lines but 3 rows"), "{said}");
    assert!(said.contains("6 inside 2 records); that is a lot"), "{said}");
    let many: String = (1..100).map(|row| format!("{row},a@held-example.com,\n")).collect();
    let (_, said) = audited("a.csv", &format!("id,email,bio\n{many}{}", long(100)), 0);
    assert!(said.contains("3 inside 1 record)") && !said.contains("that is a lot"), "{said}");
}

#[test]
fn a_last_line_without_an_end_is_told() {
    let texts = [
        ("a.csv", "id,email\n1,a@held-example.com\n2,b@held-example.com", 0),
        ("a.tsv", "id\temail\n1\ta@held-example.com\n2\tb@held-example.com", 0),
        ("a.txt", "a@held-example.com\nb@held-example.com", 0),
        ("a.ndjson", "{\"email\":\"a@held-example.com\"}\n{\"email\":\"b@held-example.com\"}", 0),
        ("a.ndjson", "{\"email\":\"a@held-example.com\"}\n{\"email\":\"b@held-exam", 1),
    ];
    for (name, text, status) in texts {
        let (report, said) = audited(name, text, status);
        assert_eq!(report.value("/counts/rows"), 2, "{name}");
        assert_eq!(report.value("/counts/rejected"), status, "{name}");
        assert_eq!(report.value("/inputs/accounts/0/ends_without_line_end"), true, "{name}");
        assert!(said.contains("the last line has no line end"), "{said}");
        let (report, said) = audited(name, &format!("{text}\n"), status);
        assert_eq!(report.value("/inputs/accounts/0/ends_without_line_end"), false, "{name}");
        assert!(!said.contains("no line end"), "{said}");
    }
}

/// A quote on every line, and nothing but quotes: a row a line, in memory and time that do not grow faster.
#[test]
fn quotes_without_end() {
    for (line, lines) in [("\"", 4_000_000), ("\"\n", 1_000_000), ("1,a@held-example.com,\"\n", 100_000)] {
        let (report, _) = audited("a.csv", &format!("id,email,bio\n{}", line.repeat(lines)), 1);
        let rows = if line.ends_with('\n') { lines as u64 } else { 1 };
        assert_eq!(report.value("/counts/rows"), rows, "{line}");
        assert_eq!(report.value("/counts/rejected_by_reason/malformed_row"), rows, "{line}");
    }
}

#[test]
fn a_header_that_is_too_long() {
    let bench = Bench::new();
    let text = format!("id,email,{}\n1,a@held-example.com,\n", "x".repeat(1_200_000));
    let accounts = bench.write("a.csv", text.as_bytes());
    let said = run(&mut bench.audit([accounts])).expect(2).says(&[":1: the header is longer than", "hint: "]);
    assert!(said.stderr.len() < 1_000 && !said.stderr.contains("quote"), "{}", said.stderr);
}

#[test]
fn without_times_of_verification_the_summary_and_the_manifest_say_so() {
    let notice = "re-registrations after verification cannot be told";
    for (text, expected, status) in [
        ("id,email\n1,a@held-example.com\n", true, 0),
        ("id,email,verified_at\n1,a@held-example.com,never\n", true, 1),
        ("id,email,verified_at\n1,a@held-example.com,\n", true, 0),
        ("id,email,verified_at\n1,a@held-example.com,2026-06-02\n", true, 0),
        ("id,email,verified_at\n1,a@held-example.com,\n2,b@held-example.com,2024-01-01\n", false, 0),
    ] {
        let (report, said) = audited("a.csv", text, status);
        assert_eq!(said.contains(notice), expected, "{said}");
        assert_eq!(report.value("/inputs/verification_notice").is_string(), expected, "{text}");
    }
}
