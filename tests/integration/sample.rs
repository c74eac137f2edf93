//! The sample in `data/sample`, and the world with a broken zone in `tests/fixtures/broken`: every account gets the
//! verdict that was planted, with any number of threads.
//!
//! Expectations come from the generator (`tests/world`), which knows what it planted and nothing about the rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{AS_OF, Report, Run, gzip, run, skip, zonelapse};

const SAMPLE: &str = "data/sample";
const BROKEN: &str = "tests/fixtures/broken";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE).join(name)
}

/// Audits the sample's evidence with these accounts.
fn audit(accounts: &Path, report: &Path, options: &[&str]) -> Run {
    audit_world(SAMPLE, accounts, report, options)
}

/// Audits these accounts by the evidence of a world.
fn audit_world(world: &str, accounts: &Path, report: &Path, options: &[&str]) -> Run {
    let mut command = zonelapse();
    command.arg("audit").arg(accounts).arg("--zones").arg(format!("{world}/zones"));
    command.arg("--rdap").arg(format!("{world}/rdap"));
    run(command.args(["--as-of", AS_OF, "-o"]).arg(report).args(options))
}

/// The records of a CSV file of a world, without its header.
fn records(world: &str, name: &str) -> Vec<csv::StringRecord> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(world).join(name);
    let mut reader = csv::Reader::from_path(path).expect("the world is there");
    reader.records().map(|record| record.expect("the sample is sound CSV")).collect()
}

#[test]
fn every_account_has_the_planted_verdict() {
    let said = has_planted_verdicts(SAMPLE, 0);
    let lines: Vec<&str> = said.lines().collect();
    // a longer line is broken by the terminal; the sample has more to complain about than a good night
    let rows: usize = lines.iter().map(|line| line.chars().count().max(1).div_ceil(80)).sum();
    assert!(rows < 36, "{rows} lines in a terminal:\n{said}");
    let answer = lines.first().expect("a summary has lines");
    for part in ["to unverify · ", "to review · ", "to notify · ", "to look up · ", "fine"] {
        assert!(answer.contains(part), "{answer}");
    }
    assert!(!said.contains("incomplete"), "{said}");
}

/// Accounts at names in registries' lists: dropped, about to drop, in release, and ended before or after verification.
#[test]
fn names_in_lists_of_registries_have_the_planted_verdict() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let report = directory.path().join("report");
    let accounts = sample("registry-accounts.csv");
    audit(&accounts, &report, &["--registry", "data/sample/registry"]).expect(0);
    let report = Report::read(&report);
    let judged = crate::support::rows(&report.accounts, &["row", "account_id", "state", "risk", "action"]);
    let expected: Vec<String> = records(SAMPLE, "registry-expected.csv")
        .iter()
        .map(|record| [0, 1, 4, 5, 6].map(|at| &record[at]).join(" "))
        .collect();
    assert_eq!(judged, expected);
}

/// Accounts at domains with mail servers in domains that are free, or soon will be, or that nobody can register.
#[test]
fn mail_servers_have_the_planted_effect() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let accounts = sample("mx-accounts.csv");
    let judge = |name: &str, options: &[&str]| {
        let report = directory.path().join(name);
        audit(&accounts, &report, options).expect(0);
        let columns = ["row", "account_id", "state", "risk", "action"];
        crate::support::rows(&Report::read(&report).accounts, &columns)
    };
    let expected = records(SAMPLE, "mx-expected.csv");
    let row = |record: &csv::StringRecord| [0, 1, 4, 5, 6].map(|at| record[at].to_owned()).join(" ");
    let planted: Vec<String> = expected.iter().map(row).collect();
    assert_eq!(judge("with", &["--mx", "data/sample/mx.csv"]), planted);
    let without = judge("without", &[]);
    assert!(without.iter().all(|row| row.ends_with(" active none none")), "{without:?}");
}

/// Rows of domains, URLs and reverse-DNS names: each has its mail domain, its number of accounts and its verdict.
#[test]
fn other_subjects_have_the_planted_verdicts() {
    for (file, subject) in [("domains.csv", "domain"), ("urls.csv", "url"), ("packages.csv", "reverse-dns")] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let report = directory.path().join("report");
        audit(&sample(file), &report, &["--subject", subject]).expect(0);
        let report = Report::read(&report);
        let columns = ["row", "mail_domain", "accounts", "state", "risk", "action"];
        let judged = crate::support::rows(&report.accounts, &columns);
        let all = records(SAMPLE, "subjects-expected.csv");
        let of_file = || all.iter().filter(|record| &record[0] == file);
        let accepted = of_file().filter(|record| &record[5] != "rejected");
        let expected: Vec<String> =
            accepted.map(|record| [1, 2, 4, 5, 6, 7].map(|at| &record[at]).join(" ")).collect();
        assert_eq!(judged, expected, "{file}");
        let rejected = of_file().filter(|record| &record[5] == "rejected");
        let expected: Vec<String> = rejected.map(|record| [1, 3].map(|at| &record[at]).join(" ")).collect();
        assert_eq!(report.rejections(), expected, "{file}");
    }
}

#[test]
fn a_broken_zone_proves_presence_alone_and_is_named() {
    let said = has_planted_verdicts(BROKEN, 1);
    assert!(said.contains("zone biz is not whole: ") && said.contains("biz.txt.gz"), "{said}");
    assert!(said.contains("warning: incomplete: 1 zone file is not whole\n"), "{said}");
}

/// Audits a world and compares every row with what was planted; returns the summary.
#[track_caller]
fn has_planted_verdicts(world: &str, status: i32) -> String {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let report = directory.path().join("report");
    let accounts = format!("{world}/accounts.csv");
    let said = audit_world(world, Path::new(&accounts), &report, &[]).expect(status);
    let report = Report::read(&report);

    let columns = ["row", "account_id", "state", "risk", "action"];
    let verdicts = crate::support::rows(&report.accounts, &columns);
    let mut judged: BTreeMap<String, String> = verdicts.into_iter().map(|row| split(&row)).collect();
    let mut differences = Vec::new();
    for record in &records(world, "expected.csv") {
        let [row, id, address, class, state, risk, action] = [0, 1, 2, 3, 4, 5, 6].map(|at| &record[at]);
        let expected = format!("{id} {state} {risk} {action}");
        let found = judged.remove(row).unwrap_or_else(|| "no verdict".into());
        if found != expected {
            differences.push(format!("row {row} `{address}` {class}: expected {expected}, found {found}"));
        }
    }
    differences.extend(judged.into_iter().map(|(row, found)| format!("row {row}: not expected: {found}")));

    let expected: Vec<String> = records(world, "rejected.csv")
        .iter()
        .map(|record| format!("{} {}", &record[0], &record[1]))
        .collect();
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
    assert_eq!(total, records(world, "expected.csv").len() + expected.len());
    said.printed()
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
        audit(Path::new("data/sample/accounts.csv"), &report, &options).expect(0);
        tables(&report)
    };
    let (one, two) = (run("1"), run("2"));
    assert_eq!(one.len(), 5, "accounts, domains, rejected, servers and tlds");
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
    audit(Path::new("data/sample/accounts.csv"), &plain, &[]).expect(0);
    audit(&packed, &gz, &[]).expect(0);
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
    audit(Path::new("data/sample/accounts.csv"), &report, &[]).expect(0);
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
        let said = crate::support::flat(&said);
        for part in [format!("[{rule}]"), format!("{state}, risk {risk}, action {action}")] {
            assert!(said.contains(&part), "expected `{part}` of {domain} in:\n{said}");
        }
    }
}

/// The example `world`, if it was built from its present source; else a test is skipped.
pub fn world_program() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_BIN_EXE_zonelapse")).with_file_name("examples").join("world");
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    let Ok(built) = changed(&program) else {
        skip("the example `world` is not built; `cargo test` without a filter of targets builds it");
        return None;
    };
    let sources = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/world"));
    let stale = sources.expect("the generator is there").any(|entry| {
        changed(&entry.expect("an entry can be read").path()).is_ok_and(|changed| changed > built)
    });
    if stale {
        skip("the example `world` is older than its source; `cargo test` builds it");
        return None;
    }
    Some(program)
}

#[test]
fn the_sample_is_what_the_generator_makes() {
    let Some(program) = world_program() else { return };
    for (world, option) in [(SAMPLE, None), (BROKEN, Some("--broken"))] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut command = std::process::Command::new(&program);
        run(command.arg("sample").arg(directory.path()).args(option)).expect(0);
        let made = files(directory.path());
        let kept = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(world));
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&made), names(&kept));
        for (name, bytes) in &made {
            assert!(kept[name] == *bytes, "{name} of {world} is not what the generator makes");
        }
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
