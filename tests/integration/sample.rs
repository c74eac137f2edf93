//! The sample in `data/sample`: every account has the verdict that was planted, whatever the threads.
//!
//! Expectations come from the generator (`tests/world`), which knows what it planted and nothing of the rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{AS_OF, Report, Run, gzip, run, skip, zonelapse};

const SAMPLE: &str = "data/sample";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE).join(name)
}

/// Audits the sample's evidence with these accounts.
fn audit(accounts: &Path, report: &Path, options: &[&str]) -> Run {
    let mut command = zonelapse();
    command.arg("audit").arg(accounts).args(["--zones", "data/sample/zones", "--rdap", "data/sample/rdap"]);
    run(command.args(["--as-of", AS_OF, "-o"]).arg(report).args(options))
}

/// The records of a CSV file, the header left out.
fn records(name: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(sample(name)).expect("the sample is there");
    reader.records().map(|record| record.expect("the sample is sound CSV")).collect()
}

#[test]
fn every_account_has_the_planted_verdict() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let report = directory.path().join("report");
    // 1: the zone `biz` is unclosed
    let said = audit(Path::new("data/sample/accounts.csv"), &report, &[]).expect(1);
    assert!(said.stdout.contains("biz"), "the summary names the zone that is not whole:\n{}", said.stdout);
    let report = Report::read(&report);

    let columns = ["row", "account_id", "state", "risk", "action"];
    let verdicts = crate::support::rows(&report.accounts, &columns);
    let mut judged: BTreeMap<String, String> = verdicts.into_iter().map(|row| split(&row)).collect();
    let mut differences = Vec::new();
    for record in &records("expected.csv") {
        let [row, id, address, class, state, risk, action] = [0, 1, 2, 3, 4, 5, 6].map(|at| &record[at]);
        let expected = format!("{id} {state} {risk} {action}");
        let found = judged.remove(row).unwrap_or_else(|| "no verdict".into());
        if found != expected {
            differences.push(format!("row {row} `{address}` {class}: expected {expected}, found {found}"));
        }
    }
    differences.extend(judged.into_iter().map(|(row, found)| format!("row {row}: not expected: {found}")));

    let expected: Vec<String> =
        records("rejected.csv").iter().map(|record| format!("{} {}", &record[0], &record[1])).collect();
    let rejected = report.rejections();
    for row in expected.iter().filter(|row| !rejected.contains(row)) {
        differences.push(format!("row {row}: expected to be rejected so"));
    }
    for row in rejected.iter().filter(|row| !expected.contains(row)) {
        differences.push(format!("row {row}: rejected, not expected"));
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));

    let total = report.accounts.height() + report.rejected.height();
    assert_eq!(report.value("/counts/rows"), total, "rows in are rows out");
    assert_eq!(total, records("expected.csv").len() + expected.len());
}

fn split(row: &str) -> (String, String) {
    let (number, rest) = row.split_once(' ').expect("a row has a number and a verdict");
    (number.to_owned(), rest.to_owned())
}

/// The bytes of every Parquet file of a report.
fn tables(report: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tables = BTreeMap::new();
    for entry in fs::read_dir(report).expect("there is a report") {
        let path = entry.expect("an entry can be read").path();
        if path.extension().is_some_and(|ending| ending == "parquet") {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            tables.insert(name, fs::read(&path).expect("a table can be read"));
        }
    }
    tables
}

#[test]
fn threads_change_no_byte() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let run = |threads: &str| {
        let report = directory.path().join(threads);
        let options = ["--threads", threads, "--keep-email", "--carry", "downloads"];
        audit(Path::new("data/sample/accounts.csv"), &report, &options).expect(1);
        tables(&report)
    };
    let (one, two) = (run("1"), run("2"));
    assert_eq!(one.len(), 4, "accounts, domains, rejected and tlds");
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} differs between one thread and two");
    }
}

#[test]
fn packing_changes_no_byte() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let text = fs::read(sample("accounts.csv")).expect("the sample is there");
    let packed = directory.path().join("accounts.csv.gz");
    fs::write(&packed, gzip(&text)).expect("a small file can be written");
    let (plain, gz) = (directory.path().join("plain"), directory.path().join("gz"));
    audit(Path::new("data/sample/accounts.csv"), &plain, &[]).expect(1);
    audit(&packed, &gz, &[]).expect(1);
    let (plain, gz) = (tables(&plain), tables(&gz));
    // the other tables name the file
    for name in ["domains.parquet", "tlds.parquet"] {
        assert!(plain[name] == gz[name], "{name} differs between plain and packed accounts");
    }
}

#[test]
fn explain_tells_the_rule_that_the_report_names() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let report = directory.path().join("report");
    audit(Path::new("data/sample/accounts.csv"), &report, &[]).expect(1);
    let domains = Report::read(&report).domains;
    let mut by_rule: BTreeMap<String, String> = BTreeMap::new();
    for row in crate::support::rows(&domains, &["rule", "judged_domain", "state", "risk", "action"]) {
        let (rule, rest) = split(&row);
        by_rule.entry(rule).or_insert(rest);
    }
    assert!(by_rule.len() >= 12, "every state of the table occurs: {by_rule:?}");
    for (rule, rest) in &by_rule {
        let (domain, verdict) = split(rest);
        let [state, risk, action] = verdict.split(' ').collect::<Vec<_>>()[..] else { panic!("{rest}") };
        let mut command = zonelapse();
        // a judged public suffix may have one label, of which nothing is to be explained
        if !domain.contains('.') {
            continue;
        }
        command.args(["explain", &domain, "--zones", "data/sample/zones", "--rdap", "data/sample/rdap"]);
        let said = run(command.args(["--as-of", AS_OF])).expect(0).stdout;
        for part in [format!("[rule {rule};"), format!("{state}, risk {risk}, action {action}")] {
            assert!(said.contains(&part), "expected `{part}` of {domain} in:\n{said}");
        }
    }
}

#[test]
fn the_sample_is_what_the_generator_makes() {
    let program = Path::new(env!("CARGO_BIN_EXE_zonelapse")).with_file_name("examples").join("world");
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    let Ok(built) = changed(&program) else {
        return skip("the example `world` is not built; `cargo test` without a filter of targets builds it");
    };
    let sources = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/world"));
    let stale = sources.expect("the generator is there").any(|entry| {
        changed(&entry.expect("an entry can be read").path()).is_ok_and(|changed| changed > built)
    });
    if stale {
        return skip("the example `world` is older than its source; `cargo test` builds it");
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    run(std::process::Command::new(program).arg("sample").arg(directory.path())).expect(0);
    let made = files(directory.path());
    let kept = files(&sample(""));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&kept));
    for (name, bytes) in &made {
        assert!(kept[name] == *bytes, "{name} is not what the generator makes");
    }
}

/// All files below a directory, by their path in it.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![root.to_path_buf()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            found.insert(name, fs::read(&path).expect("a file can be read"));
        }
    }
    found
}
