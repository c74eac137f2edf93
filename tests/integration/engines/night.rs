//! What takes all rows of a run, computed from the output of `stream` by the queries of the README.
//!
//! Two nights of the sample, with thirty names more that the registry gave up in between, so that a circuit breaker
//! opens. DuckDB and Spark run the same text, and both are compared with what `audit` says of the same rows.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::agree::converted;
use super::store_of;
use crate::readers::python;
use crate::support::{found, not_found, run, run_with_input, zonelapse};

/// The blocks in this language of the guide to other engines.
pub fn blocks(language: &str) -> String {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let (_, guide) = readme.split_once("\n## Guide: other engines\n").expect("the guide");
    let (guide, _) = guide.split_once("\n## ").expect("another section");
    let start = format!("{language}\n");
    let blocks: Vec<&str> = guide.split("\n```").filter_map(|block| block.strip_prefix(&start)).collect();
    assert!(blocks.len() > 1, "{} blocks of {language}", blocks.len());
    blocks.join("\n")
}

/// A night: its name, its moment of judgement, accounts, and files of evidence.
struct Night {
    name: &'static str,
    as_of: &'static str,
    accounts: String,
    answers: Vec<PathBuf>,
    decisions: Option<PathBuf>,
}

/// Writes the queries, and for each night the rows that `stream` wrote and the report of the audit.
pub fn two_nights(directory: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    fs::write(directory.join("queries.sql"), blocks("sql")).expect("a small file");
    store_of(&[root.join("zones")], &directory.join("store"));
    let converted = |name: &str| converted(&fs::read(root.join(name)).expect("the sample")).1;
    let accounts = converted("accounts.csv") + &converted("mx-accounts.csv");
    let given_up: Vec<String> = (0..30).map(|number| format!("given-up-{number:02}-example.com")).collect();
    let account = |(number, domain): (usize, &String)| {
        format!("{{\"id\":\"more-{number}\",\"email\":\"a@{domain}\",\"verified_at\":\"2026-01-01\"}}\n")
    };
    let more: String = given_up.iter().enumerate().map(account).collect();
    let second = second_night(directory, &accounts, &given_up, &more);
    let first = Night {
        name: "first",
        as_of: "2026-06-01",
        accounts: accounts + &more,
        answers: vec![root.join("rdap")],
        decisions: None,
    };
    judge(directory, &first, None);
    judge(directory, &second, Some(&first));
}

/// Some accounts are gone, others have come; some holders have paid, names were given up, some answers are missing; and
/// people have decided about two of the names, which no breaker holds back.
fn second_night(directory: &Path, accounts: &str, given_up: &[String], more: &str) -> Night {
    let rdap = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample/rdap");
    let write = |name: &str, text: String| {
        fs::write(directory.join(name), text).expect("a small file");
        directory.join(name)
    };
    let domains = accounts.lines().filter_map(|line| line.split('@').nth(1)?.split('"').next());
    let domains: BTreeSet<&str> = domains.filter(|name| name.ends_with("-example.com")).collect();
    let paid = domains.iter().step_by(3).map(|domain| found(domain, "active"));
    let answers: Vec<String> = given_up.iter().map(|domain| not_found(domain)).chain(paid).collect();
    let answers = answers.join("\n").replace("2026-05-31T00:00:00Z", "2026-06-01T12:00:00Z") + "\n";
    let sample = fs::read_to_string(rdap.join("answers.ndjson")).expect("the sample has answers");
    let some = |text: &str, keep: fn(usize) -> bool| -> String {
        let lines = text.lines().enumerate().filter(|(row, _)| keep(*row));
        lines.map(|(_, line)| line.to_owned() + "\n").collect()
    };
    let (one, other) = (&given_up[0], &given_up[1]);
    let decisions = format!("domain,action,until\n{one},unverify,2099-12-31\n{other},none,2099-12-31\n");
    let come = some(accounts, |row| row % 9 == 0).replace("\"user-", "\"new-");
    Night {
        name: "second",
        as_of: "2026-06-02",
        accounts: some(accounts, |row| row % 7 != 0) + &come + more,
        answers: vec![
            rdap.join("single"),
            write("kept.ndjson", some(&sample, |row| row % 5 != 0)),
            write("answers.ndjson", answers),
        ],
        decisions: Some(write("decisions.csv", decisions)),
    }
}

/// Lets `stream` and `audit` judge the accounts of a night.
fn judge(directory: &Path, night: &Night, before: Option<&Night>) {
    let table = directory.join(format!("{}.parquet", night.name));
    let mut import = zonelapse();
    run(import.args(["rdap", "import", "--quiet", "-o"]).arg(&table).args(&night.answers)).expect(0);
    let command = |name: &str| {
        let mut command = zonelapse();
        command.arg(name).arg("--zones").arg(directory.join("store")).arg("--rdap").arg(&table);
        command.args(["--as-of", night.as_of, "--format", "ndjson", "--mx", "data/sample/mx.csv"]);
        if let Some(decisions) = &night.decisions {
            command.arg("--overrides").arg(decisions);
        }
        command
    };
    let told = run_with_input(command("stream").arg("--servers"), night.accounts.as_bytes()).expect(0).stdout;
    fs::write(directory.join(format!("{}.ndjson", night.name)), told).expect("a small file");
    let accounts = directory.join("accounts.ndjson");
    fs::write(&accounts, &night.accounts).expect("a small file");
    let mut audit = command("audit");
    audit.args(["--quiet", "--max-rejected", "100", "-o"]).arg(directory.join(night.name));
    if let Some(before) = before {
        audit.arg("--previous").arg(directory.join(before.name));
    }
    // an open breaker makes a run incomplete
    let ran = run(audit.arg(&accounts));
    assert!(ran.status < 2, "{}", ran.stderr);
}

#[test]
fn duckdb_says_what_the_audit_says() {
    let Some(python) = python() else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    two_nights(directory.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/night.py");
    run(Command::new(python).arg(script).arg(directory.path())).expect(0);
}
