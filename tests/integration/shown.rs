//! `show`: the accounts of a finished report, most urgent first, for people and for scripts.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{Bench, Run, run, zonelapse};

/// A report with an account of each action and with hostile texts; what `extra` adds to the audit.
fn bench(extra: &[&str], status: i32) -> Bench {
    let bench = Bench::new();
    let accounts = "id,email,verified_at,weight,plan\n\
        a1,a@held-example.com,2020-01-01,5,basic\n\
        =cmd|' /C calc'!A0,b@freed-example.com,2020-01-01,1,\"x;=1\"\n\
        a3,c@freed-example.com,2020-01-01,7,-2\n\
        a4,d@missing-example.com,,,\n\
        a5,e@lapsing-example.com,2020-01-01,,\u{202e}\u{1b}[31m\n\
        a6,f@elsewhere-example.net,,,\n";
    let accounts = bench.write("accounts.csv", accounts.as_bytes());
    run(bench.audit([accounts]).args(extra)).expect(status);
    bench
}

fn show(bench: &Bench, options: &[&str]) -> Run {
    run(zonelapse().arg("show").arg(bench.path("report")).args(options))
}

/// The identifiers of the accounts that are shown, in order.
#[track_caller]
fn shows(bench: &Bench, options: &[&str], expected: &[&str]) {
    let shown = show(bench, &[options, &["--format", "ndjson"]].concat()).expect(0);
    let ids: Vec<String> = shown
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an object a line"))
        .map(|account| account["account_id"].as_str().expect("it has an identifier").to_owned())
        .collect();
    assert_eq!(ids, expected, "{options:?}");
}

#[test]
fn the_most_urgent_come_first() {
    let bench = bench(&[], 0);
    let hostile = "=cmd|' /C calc'!A0";
    shows(&bench, &[], &["a3", hostile, "a5", "a4", "a6", "a1"]);
    shows(&bench, &["--limit", "0"], &["a3", hostile, "a5", "a4", "a6", "a1"]);
    shows(&bench, &["--limit", "2"], &["a3", hostile]);
    shows(&bench, &["--action", "unverify"], &["a3", hostile, "a5"]);
    shows(&bench, &["--action", "none,lookup", "--limit", "2"], &["a4", "a6"]);
    shows(&bench, &["--action", "lookup", "--action", "none"], &["a4", "a6", "a1"]);
    shows(&bench, &["--risk", "high"], &["a5", "a4"]);
    shows(&bench, &["--state", "redemption,active"], &["a5", "a1"]);
    shows(&bench, &["--state", "redemption", "--action", "none"], &[]);
}

#[test]
fn a_table_fits_a_terminal() {
    let bench = bench(&[], 0);
    let table = show(&bench, &["--limit", "2"]).expect(0).stdout;
    let expected = "\
3 to unverify · 0 to review · 0 to notify · 2 to look up · 1 fine
6 accounts, judged as of 2026-06-01

  state           free from   domain             account
unverify, risk critical
  available       2026-05-31  freed-example.com  a3
  available       2026-05-31  freed-example.com  =cmd|' /C calc'!A0

and 4 more: `--limit N` shows more of them, `--format csv` all
";
    assert_eq!(table, expected);
    let all = show(&bench, &[]).expect(0).stdout;
    assert!(all.contains("\nunverify, risk high\n") && all.ends_with("  a1\n"), "{all}");
    let some = show(&bench, &["--state", "hold"]).expect(0).stdout;
    assert!(some.ends_with("\n0 of 6 accounts, judged as of 2026-06-01\n"), "{some}");
    let long = format!("id,email\n{},a@{}.{}.com\n", "i".repeat(90), "b".repeat(60), "c".repeat(60));
    let accounts = bench.write("long.csv", long.as_bytes());
    run(&mut bench.audit([accounts])).expect(0);
    let table = show(&bench, &[]).expect(0).stdout;
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(table.contains('…'), "{table}");
}

/// The fields of a CSV file.
fn records(csv: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let (mut quoted, mut characters) = (false, csv.chars().peekable());
    while let Some(character) = characters.next() {
        let record = records.last_mut().expect("there is one");
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                record.last_mut().expect("there is one").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\n' if !quoted => records.push(vec![String::new()]),
            other => record.last_mut().expect("there is one").push(other),
        }
    }
    assert_eq!(records.pop(), Some(vec![String::new()]), "the last line has an end");
    records
}

#[test]
fn csv_and_ndjson_have_all_and_do_no_harm() {
    let bench = bench(&["--carry", "plan", "--keep-email"], 0);
    let csv = show(&bench, &["--format", "csv"]).expect(0).stdout;
    assert!(!csv.contains(['\u{1b}', '\u{202e}', '\r', '\t']), "{csv}");
    let records = records(&csv);
    let header = &records[0];
    assert!(records.iter().all(|record| record.len() == header.len()), "{csv}");
    let column = |name: &str| {
        let place = header.iter().position(|column| column == name).expect("a column");
        records[1..].iter().map(|record| record[place].as_str()).collect::<Vec<_>>()
    };
    assert_eq!(column("account_id"), ["a3", "'=cmd|' /C calc'!A0", "a5", "a4", "a6", "a1"]);
    assert_eq!(column("plan"), ["'-2", "x;'=1", "\\u202e\\u001b[31m", "", "", "basic"]);
    assert_eq!(column("email")[0], "c@freed-example.com");
    assert_eq!(column("weight"), ["7", "1", "", "", "", "5"]);
    assert_eq!(column("row"), ["3", "2", "5", "4", "6", "1"]);
    assert_eq!(column("risk_rank"), ["5", "5", "4", "4", "1", "0"]);
    assert_eq!(column("tld"), ["com", "com", "com", "com", "net", "com"]);
    assert!(column("accounts").iter().all(|accounts| *accounts == "1"), "{csv}");
    assert!(column("as_of").iter().all(|as_of| *as_of == "2026-06-01T00:00:00Z"), "{csv}");
    assert!(header.iter().any(|name| name == "hands_changed_at"), "{csv}");
    assert!(column("why")[2].starts_with("redemption period: deleted by the registrar"), "{csv}");
    let ndjson = show(&bench, &["--format", "ndjson"]).expect(0).stdout;
    assert!(!ndjson.contains(['\u{1b}', '\u{202e}']), "{ndjson}");
    let second: serde_json::Value =
        serde_json::from_str(ndjson.lines().nth(2).expect("a third line")).expect("an object a line");
    let keys: Vec<&String> = second.as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), header.len());
    assert!(header.iter().all(|name| keys.contains(&name)), "{keys:?}");
    assert_eq!(second["plan"], "\u{202e}\u{1b}[31m");
    assert_eq!(
        second["reasons"].as_array().map(|it| it.iter().any(|one| one == "rdap.redemption_period")),
        Some(true)
    );
    assert!(second["weight"].is_null() && second["row"] == 5, "{second}");
}

#[test]
fn no_address_unless_it_was_kept() {
    let bench = bench(&[], 0);
    for format in ["table", "csv", "ndjson"] {
        let shown = show(&bench, &["--format", format]).expect(0).stdout;
        assert!(!shown.contains('@'), "{shown}");
    }
}

#[test]
fn an_incomplete_report_says_so() {
    let bench = bench(&["--max-rejected", "0"], 0);
    let accounts = bench.write("more.csv", b"id,email\na1,a@freed-example.com\na2,nothing\n");
    run(bench.audit([accounts]).args(["--max-rejected", "0"])).expect(1);
    let shown =
        show(&bench, &["--format", "csv"]).expect(1).says(&["warning: the report is incomplete: 50.0 %"]);
    assert_eq!(shown.stdout.lines().count(), 2);
}

#[test]
fn what_is_no_report_of_this_version() {
    let bench = bench(&[], 0);
    let manifest = bench.path("report/manifest.json");
    show(&Bench::new(), &[]).expect(2).says(&["no `manifest.json`", "hint: "]);
    let text = fs::read_to_string(&manifest).expect("a manifest");
    fs::write(&manifest, text.replace("\"schema\": \"", "\"schema\": \"0.")).expect("it can be written");
    show(&bench, &[]).expect(2).says(&["schema version 0.", "hint: "]);
    fs::write(&manifest, &text).expect("it can be written");
    // a table that lacks columns of this version
    fs::copy(bench.path("report/rejected.parquet"), bench.path("report/accounts.parquet")).expect("a copy");
    show(&bench, &[])
        .expect(2)
        .says(&["`accounts.parquet` has no column `action`, `risk`", "hint: audit again"]);
    fs::write(bench.path("report/accounts.parquet"), b"PAR1").expect("it can be written");
    show(&bench, &[]).expect(2).says(&["accounts.parquet", "Parquet"]);
    run(zonelapse().args(["show", "report", "--action", "everything"])).expect(2).says(&["possible values"]);
}

#[test]
fn whoever_has_seen_enough_may_go() {
    let bench = Bench::new();
    let mut accounts = "id,email\n".to_owned();
    (0..20_000).for_each(|number| accounts += &format!("user-{number},a@freed-example.com\n"));
    let accounts = bench.write("accounts.csv", accounts.as_bytes());
    run(&mut bench.audit([accounts])).expect(0);
    for format in ["csv", "ndjson", "table"] {
        let mut command: Command = zonelapse();
        command.arg("show").arg(bench.path("report")).args(["--format", format, "--limit", "0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("it ends");
        assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
    }
}
