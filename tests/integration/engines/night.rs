//! What takes all rows of a run, computed from the output of `stream` by the queries of the README.
//!
//! Two nights of the sample, with thirty names more that the registry gave up in between, so that a circuit breaker
//! opens. DuckDB and Spark run the same text, and both are compared with what `audit` says of the same rows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
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

/// Writes the queries, and for each night the rows that `stream` wrote and the report of the audit.
pub fn two_nights(directory: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let path = |name: &str| directory.join(name);
    fs::write(path("queries.sql"), blocks("sql")).expect("a small file");
    store_of(&[root.join("zones")], &path("store"));
    let (_, accounts) = converted(&fs::read(root.join("accounts.csv")).expect("the sample"));
    let given_up: Vec<String> = (0..30).map(|number| format!("given-up-{number:02}-example.com")).collect();
    let account = |(number, domain): (usize, &String)| {
        format!("{{\"id\":\"more-{number}\",\"email\":\"a@{domain}\",\"verified_at\":\"2026-01-01\"}}\n")
    };
    let more: String = given_up.iter().enumerate().map(account).collect();
    // the second night some accounts are gone, others have come, some holders have paid, and some answers are missing
    let domains: BTreeSet<&str> = accounts
        .lines()
        .filter_map(|line| line.split('@').nth(1)?.split('"').next())
        .filter(|name| name.ends_with("-example.com"))
        .collect();
    let paid = domains.iter().step_by(3).map(|domain| found(domain, "active"));
    let answers: Vec<String> = given_up.iter().map(|domain| not_found(domain)).chain(paid).collect();
    let answers = answers.join("\n").replace("2026-05-31T00:00:00Z", "2026-06-01T12:00:00Z") + "\n";
    fs::write(path("second-answers.ndjson"), answers).expect("a small file");
    let sample = fs::read_to_string(root.join("rdap/answers.ndjson")).expect("the sample has answers");
    let kept = sample.lines().enumerate().filter(|(row, _)| row % 5 != 0);
    let kept: String = kept.map(|(_, line)| line.to_owned() + "\n").collect();
    fs::write(path("second-kept.ndjson"), kept).expect("a small file");
    let lines = || accounts.lines().enumerate();
    let left: String =
        lines().filter(|(row, _)| row % 7 != 0).map(|(_, line)| line.to_owned() + "\n").collect();
    let come: String = lines()
        .filter(|(row, _)| row % 9 == 0)
        .map(|(_, line)| line.replace("\"user-", "\"new-") + "\n")
        .collect();
    let second = vec![root.join("rdap/single"), path("second-kept.ndjson"), path("second-answers.ndjson")];
    let nights = [
        ("first", "2026-06-01", accounts.clone() + &more, vec![root.join("rdap")]),
        ("second", "2026-06-02", left + &come + &more, second),
    ];
    for (night, as_of, accounts, answers) in nights {
        let table = path(&format!("{night}.parquet"));
        let mut import = zonelapse();
        run(import.args(["rdap", "import", "--quiet", "-o"]).arg(&table).args(answers)).expect(0);
        let command = |name: &str| {
            let mut command = zonelapse();
            command.arg(name).arg("--zones").arg(path("store")).arg("--rdap").arg(&table);
            command.args(["--as-of", as_of, "--format", "ndjson"]);
            command
        };
        let told = run_with_input(&mut command("stream"), accounts.as_bytes()).expect(0).stdout;
        fs::write(path(&format!("{night}.ndjson")), told).expect("a small file");
        let file = path(&format!("{night}-accounts.ndjson"));
        fs::write(&file, accounts).expect("a small file");
        let mut audit = command("audit");
        audit.args(["--quiet", "--max-rejected", "100", "-o"]).arg(path(night));
        if night == "second" {
            audit.arg("--previous").arg(path("first"));
        }
        // an open breaker makes a run incomplete
        let ran = run(audit.arg(&file));
        assert!(ran.status < 2, "{}", ran.stderr);
    }
}

#[test]
fn duckdb_says_what_the_audit_says() {
    let Some(python) = python() else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    two_nights(directory.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/night.py");
    run(Command::new(python).arg(script).arg(directory.path())).expect(0);
}
