//! Accounts, outputs and command lines with mistakes: each gets a message with a position and a remedy, and the right
//! exit status, and leaves no report that looks whole.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Bench, Mount, Run, gzip, run, run_with_input, skip, zonelapse};

const ACCOUNTS: &[u8] = b"id,email\n1,a@held-example.com\n2,b@freed-example.com\n";

/// Audits one file, which must fail with these words and a hint, and leave nothing.
#[track_caller]
fn fails(name: &str, content: &[u8], parts: &[&str]) {
    let bench = Bench::new();
    let path = bench.write(name, content);
    let place = format!("error: {}", path.display());
    run(&mut bench.audit([path])).expect(2).says(&[&place, "\nhint: "]).says(parts);
    bench.has_no_report();
}

#[test]
fn accounts_that_cannot_be_read() {
    fails("a.csv", b"", &["empty, expected a header line"]);
    fails("a.csv", b"\n\n", &["empty, expected a header line"]);
    fails("a.tsv", b"", &["empty, expected a header line"]);
    fails("a.csv.gz", b"", &["empty gzip file"]);
    fails(
        "a.csv",
        b"id,address\n1,a@held-example.com\n",
        &["`email`", "found `id`, `address`", "--email-column"],
    );
    fails("a.csv", b"id;address\n1;a@held-example.com\n", &["found `id`, `address`", "--email-column"]);
    fails("a.csv", b"id,\"email\n1,a@held-example.com\n", &[":1: ", "quote"]);
    fails("a.csv", b"\xff\xfe\0\0i\0\0\0", &["binary data", "iconv"]);
    fails("a.csv", b"\xff\xfei\0d\0,\0e\0m\0a\0i\0l\0\n", &["ends within a character"]);
    fails(
        "a.ndjson",
        b"[{\"email\":\"a@held-example.com\"}\n",
        &["the array of accounts is not closed, after row 1"],
    );
    fails("a.json", b"{\"users\":[{\"email\":\"a@held-example.com\"}]}", &["jq '.\"users\"' FILE"]);
    fails("a.ndjson", b"id,address\n", &["no JSON object"]);
    fails("a.ndjson", b"{\"address\":\"a@held-example.com\"}\n", &["found `address`"]);
    fails("a.parquet", b"PAR1 but not really PAR1", &["Parquet"]);
    fails("a.csv.gz", b"\x1e\x8b\x08\0\0\0\0\0", &["cannot be read to its end"]);
    fails("a.csv.zst", b"\x28\xb5\x2f\xfe\0\0\0\0", &["cannot be read to its end"]);
}

/// An export that broke off at its first byte must not pass for a service without accounts.
#[test]
fn empty_accounts_without_a_header() {
    fails("a.txt", b"", &["empty"]);
    fails("a.ndjson", b"", &["empty"]);
}

#[test]
fn a_bit_flipped_in_packed_accounts() {
    let packed = gzip(ACCOUNTS);
    // within the deflated text, and in the checksum behind it: then the text is right and yet not proved
    for place in [packed.len() / 2, packed.len() - 6] {
        let mut flipped = packed.clone();
        flipped[place] ^= 0x10;
        fails("a.csv.gz", &flipped, &["cannot be read to its end"]);
    }
    fails("a.csv.gz", &packed[..packed.len() - 4], &["cannot be read to its end"]);
    let long: String = (0..50_000).map(|row| format!("{row},user{row}@held-example.com\n")).collect();
    let packed = gzip(format!("id,email\n{long}").as_bytes());
    fails("a.csv.gz", &packed[..packed.len() / 2], &["cannot be read to its end"]);
    fails("a.csv.gz", &[&packed[..], b"tail"].concat(), &["cannot be read to its end"]);
}

#[test]
fn paths_that_are_not_what_they_should_be() {
    let bench = Bench::new();
    fs::create_dir(bench.path("folder.csv")).expect("a directory can be made");
    let message = ["folder.csv: expected a file, found a directory", "\nhint: "];
    run(&mut bench.audit([bench.path("folder.csv")])).expect(2).says(&message);
    run(&mut bench.audit([bench.path("none.csv")])).expect(2).says(&["none.csv: cannot open", "\nhint: "]);
    let accounts = bench.write("a.csv", ACCOUNTS);
    run(&mut bench.audit_by([&accounts], &["none.zone"]))
        .expect(2)
        .says(&["none.zone`: no such file", "\nhint: "]);
    let message = ["folder.csv: no zone file in this directory", "\nhint: "];
    run(&mut bench.audit_by([&accounts], &["folder.csv"])).expect(2).says(&message);
    let mut command = bench.audit_by([&accounts], &["com.zone"]);
    let message = ["folder.csv: no RDAP file in this directory", "\nhint: "];
    run(command.arg("--rdap").arg(bench.path("folder.csv"))).expect(2).says(&message);
    let mut command = bench.audit([&accounts]);
    let message = ["com.zone: ", "Public Suffix List", "\nhint: "];
    run(command.arg("--psl").arg(bench.path("com.zone"))).expect(2).says(&message);
    let mut command = bench.audit([&accounts]);
    run(command.arg("--config").arg(bench.write("c.toml", b"zonez = []")))
        .expect(2)
        .says(&["c.toml:1: unknown option `zonez`; did you mean `zones`?"]);
    bench.has_no_report();
}

#[test]
fn usage_mistakes() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS).display().to_string();
    let zones = bench.path("com.zone").display().to_string();
    let report = bench.path("report").display().to_string();
    let all = ["audit", &accounts, "--zones", &zones, "-o", &report];
    let with = |more: &[&str]| [&all, more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let only = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let cases: [(Vec<String>, &str); 14] = [
        (only(&[]), "Usage"),
        (only(&["audti"]), "audti"),
        (with(&["--no-such-option"]), "--no-such-option"),
        (with(&["--as-of", "yesterday"]), "2026-06-01"),
        (with(&["--date", "2026-13-01"]), "--date"),
        (with(&["--max-rejected", "101"]), "--max-rejected"),
        (with(&["--max-rejected", "few"]), "--max-rejected"),
        (with(&["--format", "xlsx"]), "xlsx"),
        (with(&["--carry", "state"]), "--carry state"),
        (only(&["audit", &accounts, "-o", &report]), "--zones"),
        (only(&["audit", "--zones", &zones, "-o", &report]), "no accounts"),
        (only(&["audit", &accounts, "--zones", &zones]), "-o DIR"),
        (only(&["audit", "-", "--zones", &zones, "-o", &report]), "empty, expected accounts"),
        (only(&["explain", "held-example.com"]), "--zones"),
    ];
    for (words, part) in cases {
        run(zonelapse().args(&words)).expect(2).says(&[part]);
    }
    let mut command = bench.audit(["-"]);
    command.args(["--format", "parquet"]);
    run_with_input(&mut command, b"PAR1").expect(2).says(&["cannot be read from a stream", "\nhint: "]);
    bench.has_no_report();
}

/// Audits sound accounts into this directory.
fn audit_to(bench: &Bench, output: &Path) -> Run {
    let accounts = bench.write("a.csv", ACCOUNTS);
    let mut command = zonelapse();
    command.arg("audit").arg(accounts).arg("--zones").arg(bench.path("com.zone"));
    run(command.args(["--as-of", crate::support::AS_OF, "-o"]).arg(output))
}

/// A path below a file can be written by nobody, not even by root.
#[test]
fn an_output_that_cannot_be_written() {
    let bench = Bench::new();
    let file = bench.write("file", b"text");
    for below in [file.join("report"), file.join("deeper/report")] {
        audit_to(&bench, &below).expect(2).says(&[&format!("{}", file.display()), "cannot", "\nhint: "]);
    }
    assert_eq!(fs::read(&file).expect("still there"), b"text");
    bench.has_no_report();
}

#[test]
fn outputs_that_must_not_be_written() {
    let bench = Bench::new();
    let to = |output: &Path| audit_to(&bench, output);
    bench.write("file", b"text");
    to(&bench.path("file")).expect(2).says(&["is a file, not a directory", "\nhint: "]);
    bench.write("mine/notes.txt", b"keep me");
    to(&bench.path("mine")).expect(2).says(&["`notes.txt`", "will not be replaced", "\nhint: "]);
    bench.write("half/accounts.parquet", b"half");
    to(&bench.path("half")).expect(2).says(&["no `manifest.json`", "\nhint: "]);
    assert_eq!(fs::read(bench.path("mine/notes.txt")).expect("still there"), b"keep me");
    bench.has_no_report();
}

#[test]
fn an_earlier_report_is_replaced_as_a_whole() {
    let bench = Bench::new();
    let first = bench.write("a.csv", ACCOUNTS);
    run(&mut bench.audit([first])).expect(0);
    bench.write("report/index.html", b"of the first run");
    let second = bench.write("b.csv", b"email\nc@missing-example.com\n");
    run(&mut bench.audit([&second])).expect(0);
    assert_eq!(bench.report().verdicts(), ["missing-example.com absent high lookup"]);
    let page = fs::read_to_string(bench.path("report/index.html")).expect("the page");
    assert_ne!(page, "of the first run", "nothing of the first report is left");
    // a run that fails leaves the earlier report alone
    run(&mut bench.audit([bench.write("c.csv", b"")])).expect(2);
    assert_eq!(bench.report().value("/counts/rows"), 1);
}

#[test]
fn a_full_disk() {
    let bench = Bench::new();
    let small = bench.path("small");
    let Some(_mount) = Mount::of(&small, "64k") else {
        return skip("no small file system can be mounted here to be filled");
    };
    let lines: String = (0..20_000_u32)
        .map(|row| format!("user{row}@{:08x}-example.com\n", row.wrapping_mul(2_654_435_761)))
        .collect();
    let accounts = bench.write("a.txt", lines.as_bytes());
    let mut command = zonelapse();
    command.arg("audit").arg(accounts).arg("--zones").arg(bench.path("com.zone"));
    command.args(["--as-of", crate::support::AS_OF, "-o"]).arg(small.join("report"));
    run(&mut command).expect(2).says(&["small", "No space left", "\nhint: free some space"]);
    let left = fs::read_dir(&small).expect("it can be read").count();
    assert_eq!(left, 0, "nothing is left of the report");
}

/// Runs with a standard output that nobody reads.
fn unheard(command: &mut Command) -> i32 {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = command.stdout(writer).status().expect("the program can be started");
    status.code().expect("the program was not killed")
}

#[test]
fn a_closed_pipe_is_success() {
    for command in ["rules", "schema", "man", "--help"] {
        assert_eq!(unheard(zonelapse().arg(command)), 0, "{command}");
    }
    assert_eq!(unheard(zonelapse().args(["completions", "bash"])), 0);
    let bench = Bench::new();
    assert_eq!(unheard(&mut bench.audit([bench.write("a.csv", ACCOUNTS)])), 0);
    assert_eq!(bench.report().value("/counts/rows"), 2);
}

#[test]
fn rejected_rows_beyond_the_share() {
    let bench = Bench::new();
    let path = bench.write("a.txt", b"nobody\na@held-example.com\nb@held-example.com\nc@held-example.com\n");
    let said = run(&mut bench.audit([&path])).expect(1);
    said.says(&["warning: incomplete: 25.0 % of the rows were rejected (limit 5 %)"]);
    assert_eq!(bench.report().value("/status"), "incomplete");
    run(bench.audit([&path]).args(["--max-rejected", "25"])).expect(0);
    assert_eq!(bench.report().value("/status"), "complete");
    run(bench.audit([&path]).args(["--max-rejected", "24.9", "--quiet"])).expect(1);
}

#[test]
fn messages_as_json() {
    let bench = Bench::new();
    let path = bench.write("a.csv", b"id\n1\n");
    let said = run(bench.audit([&path]).args(["--log-format", "json"])).expect(2);
    let error: serde_json::Value = serde_json::from_str(&said.stderr).expect("one JSON object");
    assert_eq!(error["outcome"], "failure");
    assert_eq!(error["path"], path.display().to_string());
    assert!(error["hint"].is_string());
    let whole = bench.write("b.csv", ACCOUNTS);
    let said = run(bench.audit([&whole]).args(["--log-format", "json"])).expect(0);
    let summary: serde_json::Value = serde_json::from_str(&said.stdout).expect("one JSON object");
    assert_eq!(summary["counts"]["rows"], 2);
}
