//! Accounts in every form in which people keep them: the same verdicts, and no row lost.

use std::path::PathBuf;

use polars::prelude::{Column, DataFrame, ParquetWriter};

use crate::support::{Bench, NAMES, Report, gzip, rows, run, run_with_input};

/// The addresses of [`NAMES`], one that is refused, and one to be normalized.
fn addresses() -> Vec<String> {
    let mut all: Vec<String> = NAMES.iter().map(|(domain, _)| format!("someone@{domain}")).collect();
    all.push("nobody".into());
    all.push(" \"a@b\"@HELD-EXAMPLE.com. ".into());
    all
}

/// What the accounts of [`addresses`] are to be called.
fn expected() -> (Vec<String>, Vec<String>) {
    let mut verdicts: Vec<String> =
        NAMES.iter().map(|(domain, verdict)| format!("{domain} {verdict}")).collect();
    verdicts.push(format!("{} {}", NAMES[0].0, NAMES[0].1));
    (verdicts, vec!["6 no_at_sign".into()])
}

fn csv(delimiter: char) -> String {
    let quoted = |address: &str| format!("\"{}\"", address.replace('"', "\"\""));
    let line = |(at, address): (usize, &String)| format!("{}{delimiter}{}\n", at + 101, quoted(address));
    format!("id{delimiter}email\n{}", addresses().iter().enumerate().map(line).collect::<String>())
}

fn ndjson() -> String {
    let line = |(at, address): (usize, &String)| {
        format!("{}\n", serde_json::json!({"id": at + 101, "email": address}))
    };
    addresses().iter().enumerate().map(line).collect()
}

fn text() -> String {
    addresses().join("\n") + "\n"
}

/// Audits a file of this name and content, and compares; gives the identifiers.
#[track_caller]
fn reads(name: &str, content: &[u8]) -> Vec<String> {
    let bench = Bench::new();
    let path = bench.write(name, content);
    run(bench.audit([path]).args(["--max-rejected", "50"])).expect(0);
    compare(&bench.report(), name)
}

#[track_caller]
fn compare(report: &Report, name: &str) -> Vec<String> {
    let (verdicts, rejected) = expected();
    assert_eq!(report.verdicts(), verdicts, "{name}");
    assert_eq!(report.rejections(), rejected, "{name}");
    whole(report);
    let ids = rows(&report.accounts, &["account_id"]);
    ids.into_iter().chain(rows(&report.rejected, &["account_id"])).collect()
}

/// Rows in are rows out.
#[track_caller]
fn whole(report: &Report) {
    let out = report.accounts.height() + report.rejected.height();
    assert_eq!(report.value("/counts/rows"), out, "rows in are rows out");
    assert_eq!(report.value("/counts/accepted"), report.accounts.height());
    assert_eq!(report.value("/counts/rejected"), report.rejected.height());
}

#[test]
fn text_forms_packed_or_not() {
    let ids = ["101", "102", "103", "104", "105", "107", "106"];
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 3).expect("memory takes everything");
    for (ending, content) in [("csv", csv(',')), ("tsv", csv('\t')), ("ndjson", ndjson())] {
        assert_eq!(reads(&format!("a.{ending}"), content.as_bytes()), ids);
        assert_eq!(reads(&format!("a.{ending}.gz"), &gzip(content.as_bytes())), ids);
        assert_eq!(reads(&format!("a.{ending}.zst"), &zstd(content.as_bytes())), ids);
    }
    let none = ["-"; 7];
    assert_eq!(reads("a.txt", text().as_bytes()), none);
    assert_eq!(reads("a.txt.gz", &gzip(text().as_bytes())), none);
    assert_eq!(reads("a.txt.zst", &zstd(text().as_bytes())), none);
}

#[test]
fn gzip_of_many_members_is_one_text() {
    let content = csv(',');
    let (first, second) = content.as_bytes().split_at(content.len() / 2);
    reads("a.csv.gz", &[gzip(first), gzip(second)].concat());
}

#[test]
fn parquet() {
    let bench = Bench::new();
    let ids: Vec<i32> = (101..).take(addresses().len()).collect();
    let columns = vec![Column::new("user_id".into(), ids), Column::new("mail".into(), addresses())];
    let mut frame = DataFrame::new(addresses().len(), columns).expect("columns of one length");
    let path = bench.path("accounts.parquet");
    let file = std::fs::File::create(&path).expect("a file can be made");
    ParquetWriter::new(file).finish(&mut frame).expect("a small table can be written");
    run(bench.audit([path]).args(["--max-rejected", "50"])).expect(0);
    let ids = compare(&bench.report(), "Parquet");
    assert_eq!(ids, ["101", "102", "103", "104", "105", "107", "106"], "a numeric identifier becomes text");
}

#[test]
fn standard_input() {
    for (format, content) in [("csv", csv(',')), ("tsv", csv('\t')), ("ndjson", ndjson()), ("text", text())] {
        let bench = Bench::new();
        let mut command = bench.audit(["-"]);
        command.args(["--format", format, "--max-rejected", "50"]);
        run_with_input(&mut command, content.as_bytes()).expect(0);
        compare(&bench.report(), format);
    }
}

#[test]
fn several_files_in_their_order() {
    let bench = Bench::new();
    let paths: Vec<PathBuf> = vec![
        bench.write("one.csv", b"email\na@held-example.com\nnobody\n"),
        bench.write("two.txt", b"nobody\nb@freed-example.com\n"),
        bench.write("three.ndjson", b"{\"email\":\"c@missing-example.com\",\"id\":7}\n"),
    ];
    run(bench.audit(&paths).args(["--max-rejected", "50"])).expect(0);
    let report = bench.report();
    let name = |at: usize| paths[at].display().to_string();
    let accounts = rows(&report.accounts, &["source", "row", "account_id", "mail_domain"]);
    let expected = [
        format!("{} 1 - held-example.com", name(0)),
        format!("{} 2 - freed-example.com", name(1)),
        format!("{} 1 7 missing-example.com", name(2)),
    ];
    assert_eq!(accounts, expected);
    let rejected = rows(&report.rejected, &["source", "row"]);
    assert_eq!(rejected, [format!("{} 2", name(0)), format!("{} 1", name(1))]);
    whole(&report);
}

#[test]
fn named_and_carried_columns() {
    let bench = Bench::new();
    let content = "Contact,uid,checked,since,stars,plan\n\
        a@held-example.com,x1,2024-05-01,2020-01-01,12,gold\n\
        b@lapsing-example.com,x2,,,,\n";
    let path = bench.write("people.csv", content.as_bytes());
    let mut command = bench.audit([path]);
    command.args(["--email-column", "contact", "--id-column", "uid", "--verified-at-column", "checked"]);
    command.args(["--first-verified-at-column", "since", "--weight-column", "stars", "--carry", "plan"]);
    run(command.arg("--keep-email")).expect(0);
    let accounts = rows(&bench.report().accounts, &["account_id", "email", "weight", "plan", "state"]);
    assert_eq!(accounts, ["x1 a@held-example.com 12 gold active", "x2 b@lapsing-example.com - - redemption"]);
}

#[test]
fn identifiers_of_any_type_stay_text() {
    let bench = Bench::new();
    let address = r#""email":"a@held-example.com""#;
    let lines = ["12", "1.50", "\"007\"", "true", "null", "12345678901234567890"];
    let content: String = lines.iter().map(|id| format!("{{\"id\":{id},{address}}}\n")).collect();
    let path = bench.write("a.jsonl", content.as_bytes());
    run(&mut bench.audit([path])).expect(0);
    let ids = rows(&bench.report().accounts, &["account_id"]);
    assert_eq!(ids, ["12", "1.50", "007", "true", "-", "12345678901234567890"]);
}

/// `row mail_domain` or `row reason` of every row of a CSV file, accepted ones first.
#[track_caller]
fn rows_of(content: &[u8], expected: &[&str]) {
    let bench = Bench::new();
    let path = bench.write("a.csv", content);
    // a table of nobody makes everybody look safe
    let status = if expected.is_empty() { 1 } else { 0 };
    run(bench.audit([path]).args(["--max-rejected", "100"])).expect(status);
    let report = bench.report();
    let mut found = rows(&report.accounts, &["row", "mail_domain"]);
    found.extend(report.rejections());
    assert_eq!(found, expected);
    whole(&report);
}

#[test]
fn csv_as_people_have_it() {
    rows_of(b"\xef\xbb\xbfid,email\r\n1,a@held-example.com\r\n", &["1 held-example.com"]);
    rows_of(b"\xef\xbb\xbf\"id\",\"email\"\n1,\"a@held-example.com\"", &["1 held-example.com"]);
    let notes = b"note,email\n\"two\nlines, and a \"\"quote\"\"\",a@held-example.com\n,b@freed-example.com\n";
    rows_of(notes, &["1 held-example.com", "2 freed-example.com"]);
    let ragged = b"id,email\n1,a@held-example.com\n2\n3,b@held-example.com,more\n\n4,c@held-example.com\n";
    rows_of(ragged, &["1 held-example.com", "4 held-example.com", "2 malformed_row", "3 malformed_row"]);
    let bytes = b"id,email\n1,a@held-example.com\n2,\xff@held-example.com\n3,c@held-example.com\n";
    rows_of(bytes, &["1 held-example.com", "2 held-example.com", "3 held-example.com"]);
    let unused = b"note,email\n\xff,a@held-example.com\n";
    rows_of(unused, &["1 held-example.com"]);
    let open = b"id,email\n1,\"a@held-example.com\n2,b@held-example.com\n3,c@held-example.com\n";
    rows_of(open, &["2 held-example.com", "3 held-example.com", "1 malformed_row"]);
    rows_of(b"email\n\na@held-example.com\n", &["2 held-example.com", "1 empty"]);
    rows_of(b"id,email\n", &[]);
}

#[test]
fn faulty_lines_of_other_forms_keep_their_numbers() {
    let bench = Bench::new();
    let lines = "{\"email\":\"a@held-example.com\"}\n{\"email\":\n[1]\n\n{\"email\":null}\n{\"email\":\"b@held-example.com\"}\n";
    let text = b"a@held-example.com\r\n\r\na@\xff.held-example.com\r\nb@held-example.com";
    let paths = [bench.write("a.ndjson", lines.as_bytes()), bench.write("b.txt", text)];
    run(bench.audit(&paths).args(["--max-rejected", "100"])).expect(0);
    let report = bench.report();
    assert_eq!(rows(&report.accounts, &["row"]), ["1", "5", "1", "4"]);
    let rejected = ["2 malformed_row", "3 malformed_row", "4 empty", "2 empty", "3 not_utf8"];
    assert_eq!(report.rejections(), rejected);
    whole(&report);
}

#[test]
fn many_rows_are_all_there() {
    let bench = Bench::new();
    let mut content = String::from("id,email,note\n");
    // several chunks, so that row numbers must be carried over
    for row in 1..=120_000 {
        let domain = NAMES[row % NAMES.len()].0;
        content += &match row % 1000 {
            0 => format!("{row},nobody,\n"),
            1 => format!("{row}\n"),
            _ => format!("{row},user{row}@{domain},\"a note\nof two lines\"\n"),
        };
    }
    let path = bench.write("a.csv", content.as_bytes());
    run(&mut bench.audit([path])).expect(0);
    let report = bench.report();
    assert_eq!(report.value("/counts/rows"), 120_000);
    whole(&report);
    for row in rows(&report.accounts, &["row", "account_id"]) {
        let (number, id) = row.split_once(' ').expect("two columns");
        assert_eq!(number, id, "a row keeps its number");
    }
}
