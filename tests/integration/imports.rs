//! `rdap import`: every form of answers goes in, one table comes out, and it is as good as the answers themselves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::readers::python;
use crate::support::{
    AS_OF, Bench, Run, fixture, found, gzip, not_found, read_parquet, rows, run, run_with_input, zonelapse,
};

fn import(inputs: &[&Path], output: &Path) -> Command {
    let mut command = zonelapse();
    command.args(["rdap", "import"]).args(inputs).arg("-o").arg(output);
    command
}

/// Imports, and gives the bytes of the table.
#[track_caller]
fn imported(bench: &Bench, inputs: &[&Path]) -> Vec<u8> {
    let output = bench.path("imported.parquet");
    run(&mut import(inputs, &output)).expect(0);
    fs::read(output).expect("a table")
}

/// Answers about a few names, two of some, older and newer, with an error that must displace nothing.
fn answers() -> Vec<String> {
    let older = |answer: String| answer.replace("2026-05-31", "2026-05-01");
    let other = |answer: String| answer.replace("rdap.verisign.com", "rdap.registrar.example");
    vec![
        found("b-example.com", "active"),
        older(not_found("b-example.com")),
        other(older(found("b-example.com", "client hold"))),
        not_found("a-example.com"),
        found("a-example.com", "active").replace("\"http_status\":200", "\"http_status\":503"),
        older(found("c-example.com", "our own status")),
    ]
}

const EXPECTED: [&str; 4] = [
    "a-example.com not_found rdap.verisign.com",
    "b-example.com found rdap.verisign.com",
    "b-example.com found rdap.registrar.example",
    "c-example.com found rdap.verisign.com",
];

fn outcomes(table: &Path) -> Vec<String> {
    rows(&read_parquet(table), &["domain", "rdap_outcome", "rdap_source"])
}

#[test]
fn every_form_gives_the_same_table() {
    let bench = Bench::new();
    let lines = answers();
    let text = lines.join("\n");
    let plain = bench.write("plain.ndjson", text.as_bytes());
    let expected = imported(&bench, &[&plain]);
    assert_eq!(outcomes(&bench.path("imported.parquet")), EXPECTED);

    let packed = zstd::encode_all(text.as_bytes(), 1).expect("memory takes everything");
    for (name, bytes) in [
        ("odd.jsonl.gz", gzip(text.as_bytes())),
        ("two-members.ndjson.gz", [gzip(&text.as_bytes()[..700]), gzip(&text.as_bytes()[700..])].concat()),
        ("packed.ndjson.zst", packed),
        ("array.json", format!("[{}]", lines.join(",\n")).into_bytes()),
        ("lines.json", text.replace('\n', "\r\n\n").into_bytes()),
        ("backwards.ndjson", lines.iter().rev().cloned().collect::<Vec<_>>().join("\n").into_bytes()),
        ("twice.ndjson", format!("{text}\n{text}").into_bytes()),
    ] {
        let path = bench.write(name, bytes.as_slice());
        assert!(imported(&bench, &[&path]) == expected, "{name}");
    }
    for (number, line) in lines.iter().enumerate() {
        bench.write(&format!("single/{}/{number}.json", number % 2), line.as_bytes());
    }
    bench.write("single/notes.txt", b"not an answer");
    assert!(imported(&bench, &[&bench.path("single")]) == expected, "a directory");
    assert!(imported(&bench, &[&bench.path("single/*/*.json")]) == expected, "a pattern");
    let output = bench.path("piped.parquet");
    run_with_input(&mut import(&[Path::new("-")], &output), text.as_bytes()).expect(0);
    assert!(fs::read(output).expect("a table") == expected, "standard input");
}

#[test]
fn importing_twice_changes_nothing_and_a_merge_is_an_import_of_both() {
    let bench = Bench::new();
    let lines = answers();
    let both = bench.write("both.ndjson", lines.join("\n").as_bytes());
    let old = bench.write("old.ndjson", lines[..3].join("\n").as_bytes());
    let new = bench.write("new.ndjson", lines[3..].join("\n").as_bytes());
    let expected = imported(&bench, &[&both]);
    let table = bench.write("table.parquet", &expected);
    assert!(imported(&bench, &[&table]) == expected);
    assert!(imported(&bench, &[&table, &both]) == expected);
    let first = bench.write("first.parquet", &imported(&bench, &[&old]));
    assert!(imported(&bench, &[&first, &new]) == expected);
    assert!(imported(&bench, &[&new, &first]) == expected);
    // in place
    run(&mut import(&[&first, &new], &first)).expect(0);
    assert!(fs::read(first).expect("a table") == expected);
}

#[test]
fn an_import_is_as_good_as_the_answers() {
    let bench = Bench::new();
    let table = bench.path("rdap.parquet");
    run(&mut import(&[Path::new("data/sample/rdap")], &table)).expect(0);
    let audit = |rdap: &Path, report: &str| {
        let mut command = zonelapse();
        command.args(["audit", "data/sample/accounts.csv", "--zones", "data/sample/zones", "--as-of", AS_OF]);
        run(command.arg("--rdap").arg(rdap).arg("-o").arg(bench.path(report))).expect(0);
        ["accounts", "domains"].map(|name| {
            fs::read(bench.path(report).join(format!("{name}.parquet"))).expect("a table of the report")
        })
    };
    let (raw, imported) = (audit(Path::new("data/sample/rdap"), "raw"), audit(&table, "imported"));
    assert!(raw == imported, "the verdicts differ");
}

#[test]
fn what_is_no_answer_is_counted_and_skipped() {
    let bench = Bench::new();
    let good = found("a-example.com", "active");
    let cut = &good[..good.len() - 9];
    let lines = [
        good.as_str(),
        "{'ldhName': 'b-example.com'}",
        "{\"objectClassName\":\"domain\",\"ldhName\":\"c-example.com\",}",
        "{\"ldhName\":\"d-example.com\" /* no */}",
        "{\"objectClassName\":\"entity\",\"handle\":\"x\"}",
        "[1]",
        cut,
    ];
    let path = bench.write("mixed.ndjson", lines.join("\n").as_bytes());
    let output = bench.path("out.parquet");
    let run = run(&mut import(&[&path], &output)).expect(1);
    let said = run.says(&["mixed.ndjson:7:", "the last value is cut off"]).stdout;
    assert_eq!(outcomes(&output), ["a-example.com found rdap.verisign.com"]);
    for expected in [
        "1 answer read from 1 file",
        "5 records could not be read as answers",
        "mixed.ndjson:2:",
        "mixed.ndjson:5:1: ",
    ] {
        assert!(said.contains(expected), "expected `{expected}` in:\n{said}");
    }
}

#[track_caller]
fn refused(bench: &Bench, inputs: &[&Path], parts: &[&str]) -> Run {
    let output = bench.path("refused.parquet");
    let run = run(&mut import(inputs, &output)).expect(2).says(parts);
    assert!(!output.exists(), "a table was left");
    bench.has_no_report();
    run
}

#[test]
fn what_cannot_be_imported_leaves_nothing() {
    let bench = Bench::new();
    let text = bench.write("notes.ndjson", b"hello\nworld\n");
    refused(&bench, &[&text], &["no RDAP answer could be read, first", "notes.ndjson:1:1:", "hint:"]);
    refused(&bench, &[&bench.path("none.ndjson")], &["none.ndjson", "check the path"]);
    refused(&bench, &[&bench.path("none-*.json")], &["no file matches this pattern"]);
    fs::create_dir(bench.path("empty")).expect("a directory");
    refused(&bench, &[&bench.path("empty")], &["no RDAP file in this directory", ".parquet"]);
    let foreign = PathBuf::from("data/sample/accounts.csv");
    let foreign = bench.write("foreign.parquet", &fs::read(foreign).expect("the sample"));
    refused(&bench, &[&foreign], &["foreign.parquet: not readable as Parquet"]);
    let mut command = import(&[&bench.path("answers.ndjson")], &bench.path("nowhere/out.parquet"));
    run(&mut command).expect(2).says(&["nowhere/out.parquet", "cannot write"]);
}

#[test]
fn a_file_that_breaks_off_is_named() {
    let bench = Bench::new();
    let text: String = (0..5000).map(|n| found(&format!("n{n}-example.com"), "active") + "\n").collect();
    let mut packed = gzip(text.as_bytes());
    packed.truncate(packed.len() * 2 / 3);
    let broken = bench.write("broken.ndjson.gz", &packed);
    let good = bench.write("good.ndjson", found("good-example.com", "active").as_bytes());
    let output = bench.path("out.parquet");
    let run_of = |inputs: &[&Path], output: &Path| run(&mut import(inputs, output)).expect(1);
    let said = run_of(&[&good, &broken], &output).says(&[
        "warning:",
        "broken.ndjson.gz:",
        "cannot be read to its end",
    ]);
    assert!(said.stdout.contains("1 file could not be read completely"), "{}", said.stdout);
    // what stood before the break is evidence still
    let rows = outcomes(&output);
    assert!(rows.len() > 1000 && rows.contains(&"good-example.com found rdap.verisign.com".into()));

    // an import that someone left a column out of is no evidence at all: an answer would lose its statuses
    let Some(python) = python() else { return };
    let statement = format!(
        "import duckdb; duckdb.sql(\"copy (select * exclude rdap_status from '{0}') to '{1}' (format parquet)\"); \
         duckdb.sql(\"copy (select * from '{0}' where domain like 'n1%') to '{2}' (format parquet)\")",
        output.display(),
        bench.path("less.parquet").display(),
        bench.path("some.parquet").display()
    );
    run(Command::new(&python).args(["-c", &statement])).expect(0);
    let all = bench.path("all.parquet");
    run_of(&[&good, &bench.path("less.parquet")], &all).says(&["no column `rdap_status`"]);
    assert_eq!(outcomes(&all), ["good-example.com found rdap.verisign.com"]);
    run(&mut import(&[&bench.path("some.parquet")], &all)).expect(0);
    assert!(outcomes(&all).len() > 300);
}

#[cfg(unix)]
#[test]
fn only_a_regular_file_is_replaced_and_only_an_import_may_be_read_as_well() {
    use std::os::unix::fs::symlink;

    let bench = Bench::new();
    let text = answers().join("\n") + "\n";
    let raw = bench.write("raw.ndjson", text.as_bytes());
    let refuse = |inputs: &[&Path], output: &Path, parts: &[&str]| {
        let run = run(&mut import(inputs, output)).expect(2).says(parts).says(&["hint: "]);
        assert!(run.stdout.is_empty());
        bench.has_no_report();
    };
    let fifo = bench.path("fifo.parquet");
    run(Command::new("mkfifo").arg(&fifo)).expect(0);
    symlink(&raw, bench.path("link.parquet")).expect("a link");
    symlink("/dev/stdout", bench.path("device.parquet")).expect("a link");
    fs::create_dir(bench.path("directory")).expect("a directory");
    refuse(&[&raw], &fifo, &["fifo.parquet", "a FIFO, a socket or a device"]);
    refuse(&[&raw], &bench.path("link.parquet"), &["a symbolic link", "raw.ndjson"]);
    refuse(&[&raw], &bench.path("device.parquet"), &["a symbolic link"]);
    refuse(&[&raw], Path::new("/dev/null"), &["/dev/null", "a device"]);
    refuse(&[&raw], &bench.path("directory"), &["a directory"]);
    refuse(&[&raw], Path::new("-"), &["standard output"]);
    // its own raw input, by whatever name
    fs::hard_link(&raw, bench.path("second.ndjson")).expect("a second name");
    refuse(&[&raw], &raw, &["is no Parquet file"]);
    refuse(&[&raw], &bench.path("second.ndjson"), &["is no Parquet file"]);
    refuse(&[&bench.path("link.parquet")], &raw, &["is no Parquet file"]);
    bench.write("inside/raw.ndjson", text.as_bytes());
    refuse(&[&bench.path("inside")], &bench.path("inside/raw.ndjson"), &["is no Parquet file"]);
    refuse(&[&bench.path("inside/*.ndjson")], &bench.path("inside/raw.ndjson"), &["is no Parquet file"]);
    // a table that this program did not make
    let foreign = bench.write("foreign.parquet", b"PAR1 of somebody else");
    refuse(&[&raw, &foreign], &foreign, &["is read as"]);
    assert_eq!(fs::read_to_string(&raw).expect("it is still there"), text);
    assert_eq!(fs::read_to_string(bench.path("inside/raw.ndjson")).expect("it is still there"), text);
    // a directory may hold the table that is made of it
    let table = bench.path("inside/table.parquet");
    for _ in 0..2 {
        run(&mut import(&[&bench.path("inside")], &table)).expect(0);
        assert_eq!(outcomes(&table), EXPECTED);
    }
}

#[cfg(unix)]
#[test]
fn a_replaced_table_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    let raw = bench.write("raw.ndjson", (answers().join("\n") + "\n").as_bytes());
    let table = bench.path("table.parquet");
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o7777;
    run(&mut import(&[&raw], &table)).expect(0);
    assert_eq!(mode(&table), mode(&raw), "a new file is as readable as any other");
    for kept in [0o644, 0o640, 0o600] {
        fs::set_permissions(&table, fs::Permissions::from_mode(kept)).expect("a mode");
        run(&mut import(&[&table, &raw], &table)).expect(0);
        assert_eq!(mode(&table), kept);
        run(&mut import(&[&raw], &table)).expect(0);
        assert_eq!(mode(&table), kept);
    }
}

/// A 404 that says that the name is reserved keeps saying so in the table. A table of an older version, which does not
/// tell, is read as before.
#[test]
fn reserved_names_stay_reserved() {
    let bench = Bench::new();
    let reserved = r#"{"errorCode":404,"title":"Not Found","description":["Domain Name: alder-example.com","This name is not available for registration:","Registry Reserved"]}"#;
    let blocked = r#"{"errorCode":404,"notices":[{"title":"Blocked Domain","description":["This name has been blocked by a GlobalBlock service"]}]}"#;
    let free = r#"{"errorCode":404,"title":"Not Found","notices":[{"title":"Terms of Use","description":["All rights reserved"]}]}"#;
    let line = |name: &str, body: &str| {
        format!(
            r#"{{"domain":"{name}","fetched_at":"2026-05-31T00:00:00Z","source":"rdap.verisign.com","http_status":404,"body":{body}}}"#
        )
    };
    let names = ["alder-example.com", "birch-example.com", "cedar-example.com"];
    let text: Vec<String> =
        names.iter().zip([reserved, blocked, free]).map(|(name, body)| line(name, body)).collect();
    let answers = bench.write("answers.ndjson", text.join("\n").as_bytes());
    let table = bench.path("answers.parquet");
    run(&mut import(&[&answers], &table)).expect(0);
    assert_eq!(rows(&read_parquet(&table), &["reserved"]), ["true", "true", "false"]);
    let accounts = bench.write("accounts.csv", names.map(|name| format!("a@{name}\n")).concat().as_bytes());
    let verdicts = |answers: &Path| {
        let mut audit = zonelapse();
        audit.arg("audit").arg(&accounts).args(["--format", "text", "--as-of", AS_OF, "--rdap"]).arg(answers);
        run(audit.arg("-o").arg(bench.path("report"))).expect(0);
        bench.report().verdicts()
    };
    let expected = [
        "alder-example.com not_registrable low notify",
        "birch-example.com not_registrable low notify",
        "cedar-example.com available high review",
    ];
    assert_eq!(verdicts(&answers), expected);
    assert_eq!(verdicts(&table), expected);
    let older = fixture("rdap/imported_by_0.1.0.parquet");
    assert_eq!(
        verdicts(&older)[..2],
        ["alder-example.com available high review", "birch-example.com hold medium notify"]
    );
    // and goes into a new table
    run(&mut import(&[&older], &table)).expect(0);
    assert_eq!(
        rows(&read_parquet(&table), &["domain", "reserved"]),
        ["alder-example.com false", "birch-example.com false"]
    );
}
