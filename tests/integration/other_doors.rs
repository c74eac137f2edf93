//! A made-up world of mail domains behind shared servers, some of which others can register: each that can be taken over is
//! found, and nothing else. `tests/world/doors.rs` makes it and says what is true; the README has it a hundred times larger.

use std::collections::BTreeMap;

use crate::sample::world_program;
use crate::support::{AS_OF, Report, rows, run, zonelapse};
use crate::times::lists;

const REASONS: [&str; 4] = ["ns.hijackable", "ns.soon_hijackable", "mx.hijackable", "mx.soon_hijackable"];

/// What is true of a mail domain: which reasons it has, and its risk.
fn expected(truth: &csv::StringRecord) -> ([bool; 4], &'static str) {
    let (ns, mx, is_old) = ((&truth[1], &truth[2] == "1"), (&truth[3], &truth[4] == "1"), &truth[5] == "1");
    let reasons = [ns.0 != "no", ns.1, mx.0 != "no", mx.1];
    // records of two months ago are told and raise nothing
    let doors = [Some(ns), Some(mx).filter(|_| !is_old)];
    let any = |is: fn(&(&str, bool)) -> bool| doors.iter().flatten().any(is);
    let risk = match (any(|door| door.0 == "every"), any(|door| door.0 == "some" || door.1)) {
        (true, _) => "critical",
        (false, true) => "high",
        (false, false) => "none",
    };
    (reasons, risk)
}

#[test]
fn a_planted_world() {
    let Some(program) = world_program() else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| directory.path().join(name);
    let mut make = std::process::Command::new(program);
    run(make.arg("doors").arg(directory.path()).args(["--domains", "3000"])).expect(0);
    let mut audit = zonelapse();
    audit
        .arg("audit")
        .arg(at("accounts.csv"))
        .arg("--zones")
        .arg(at("zones"))
        .arg("--rdap")
        .arg(at("rdap.ndjson"));
    audit.arg("--mx").arg(at("mx.csv")).args(["--as-of", AS_OF, "--max-flagged-share", "100", "-o"]);
    run(audit.arg(at("report"))).expect(0);
    let report = Report::read(&at("report"));

    let mut truth = csv::Reader::from_path(at("truth.csv")).expect("the truth is there");
    let truth = truth.records().map(|record| record.expect("sound CSV"));
    let found = rows(&report.accounts, &["mail_domain", "risk"])
        .into_iter()
        .zip(lists(&report, "accounts", "reasons"));
    let mut planted = BTreeMap::new();
    for (truth, (row, reasons)) in truth.zip(found) {
        let (has, risk) = expected(&truth);
        let reasons: Vec<&str> = reasons.split('+').collect();
        assert_eq!(REASONS.map(|reason| reasons.contains(&reason)), has, "{truth:?} {reasons:?}");
        assert_eq!(row, format!("{} {risk}", &truth[0]));
        for (reason, has) in REASONS.iter().zip(has) {
            *planted.entry(*reason).or_insert(0) += u32::from(has);
        }
        *planted.entry(risk).or_insert(0) += 1;
    }
    assert!(planted.len() == 7 && planted.values().all(|many| *many >= 10), "{planted:?}");
}
