//! What `explain` tells of a name, for people and as JSON, from evidence and from a finished report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::support::{Report, flat, rows, run, zonelapse};

const AS_OF: &str = "2026-06-01";
const EVIDENCE: [&str; 6] = ["--zones", "data/sample/zones", "--rdap", "data/sample/rdap", "--as-of", AS_OF];

/// A report on the sample, with the accounts' identifiers, domains and verdicts.
fn report(directory: &Path) -> Report {
    let path = directory.join("report");
    let mut audit = zonelapse();
    audit.args(["audit", "data/sample/accounts.csv", "-o"]).arg(&path).args(EVIDENCE);
    run(&mut audit).expect(0);
    Report::read(&path)
}

fn explain(names: &[&str], options: &[&str]) -> String {
    run(zonelapse().arg("explain").args(names).args(options)).expect(0).stdout
}

/// An object for each name.
fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

/// Names of the sample, one for each rule, without those of one label.
fn a_name_for_each_rule(report: &Report) -> Vec<String> {
    let all = rows(&report.domains, &["rule", "judged_domain"]);
    let by_rule: BTreeMap<&str, &str> = all.iter().rev().filter_map(|row| row.split_once(' ')).collect();
    by_rule.into_values().filter(|name| name.contains('.')).map(str::to_owned).collect()
}

#[test]
fn an_ordinary_name_fits_a_terminal() {
    let told = explain(&["calm-skua-example.dev"], &EVIDENCE);
    assert!(told.lines().count() < 24, "{} lines\n{told}", told.lines().count());
    assert!(told.starts_with("calm-skua-example.dev: active, risk none, action none\nas of 2026-06-01\n"));
    let parts = [
        "why the zone holds it, and nothing speaks against it [active.present]",
        "2027-07-06 out of the zone if nobody pays, at the latest 2027-08-20",
        "2027-08-05 last day to restore, if unpaid, at the latest 2027-09-19",
        "2027-08-10 free for others if nobody pays, at the latest 2027-09-24",
        "servers ns1.harbor-dns-example.net, ns2.harbor-dns-example.net",
        "to change the RDAP answer counts until 2026-06-30",
    ];
    parts.iter().for_each(|part| assert!(flat(&told).contains(part), "{part}\n{told}"));
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let names = a_name_for_each_rule(&report(directory.path()));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let told = explain(&names, &EVIDENCE);
    // a title is never broken
    let is_title = |line: &str| names.iter().any(|name| line.starts_with(&format!("{name}: ")));
    let wide: Vec<&str> = told.lines().filter(|line| line.chars().count() > 80 && !is_title(line)).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn the_verdict_of_an_account_comes_first() {
    let name = ["ebony-cormorant-example.net"];
    let domain = explain(&name, &EVIDENCE);
    assert!(domain.starts_with("ebony-cormorant-example.net: active, risk none, action none\n"), "{domain}");
    let options = [&EVIDENCE[..], &["--verified-at", "2020-01-01"]].concat();
    let account = explain(&name, &options);
    let first = "ebony-cormorant-example.net: reregistered, risk critical, action review\n";
    assert!(account.starts_with(first), "{account}");
    let its_domain =
        "for an account verified at 2020-01-01T23:59:59Z\nits domain: active, risk none, action none\n";
    assert!(account.contains(its_domain), "{account}");
}

#[test]
fn json_is_an_object_a_line_with_numbers_as_numbers() {
    let told = explain(
        &["someone@Mail.calm-skua-example.dev", "indigo-thrush-example.net"],
        &[&EVIDENCE[..], &["--json"]].concat(),
    );
    let told = objects(&told);
    let of = |at: usize, pointer: &str| told[at].pointer(pointer).unwrap_or(&Value::Null).clone();
    assert_eq!(of(0, "/asked"), "someone@Mail.calm-skua-example.dev");
    assert_eq!(of(0, "/mail_domain"), "mail.calm-skua-example.dev");
    assert_eq!(of(0, "/domain/judged_domain"), "calm-skua-example.dev");
    assert_eq!(of(1, "/verdict/state"), "pending_delete");
    assert_eq!(of(1, "/verdict/risk_rank"), 5);
    assert_eq!(of(1, "/verdict/reasons/0/reason"), "rdap.pending_delete");
    assert_eq!(of(1, "/domain/registrar_iana_id"), 9996);
    assert_eq!(of(1, "/domain/days_to_drop"), 0);
    assert_eq!(of(1, "/clock/drop_to"), 80);
    assert_eq!(of(1, "/timeline/0/day"), "2012-04-09");
    assert_eq!(of(1, "/report"), Value::Null);
    let keys: Vec<&str> = told[0].as_object().expect("an object").keys().map(String::as_str).collect();
    let expected = [
        "accounts",
        "as_of",
        "asked",
        "clock",
        "domain",
        "mail_domain",
        "mail_servers",
        "notes",
        "otherwise",
        "raised_by",
        "report",
        "serves",
        "timeline",
        "to_change",
        "verdict",
        "verified_at",
    ];
    assert_eq!(keys.into_iter().collect::<BTreeSet<_>>(), expected.into(), "the README lists them");
}

/// A report says of a name what its evidence says.
#[test]
fn a_finished_report_tells_the_same() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let names = a_name_for_each_rule(&report(directory.path()));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let path = directory.path().join("report").display().to_string();
    let judged = objects(&explain(&names, &[&EVIDENCE[..], &["--json"]].concat()));
    let recorded = objects(&explain(&names, &["--report", &path, "--json"]));
    assert!(judged.len() == recorded.len() && judged.len() >= 12);
    for (judged, recorded) in judged.iter().zip(&recorded) {
        for key in ["asked", "mail_domain", "as_of", "raised_by", "domain", "clock", "to_change"] {
            assert_eq!(judged[key], recorded[key], "{key} of {}", judged["asked"]);
        }
        assert_eq!(judged["verdict"]["rule"], recorded["verdict"]["rule"]);
        assert!(recorded["accounts"]["accounts"].as_i64().is_some_and(|accounts| accounts > 0));
    }
    let told = explain(&["indigo-thrush-example.net"], &["--report", &path]);
    assert!(told.contains(&format!("as of 2026-06-01, by the report {path}\nfree for others")), "{told}");
    assert!(told.contains("\n3 accounts: 3 to unverify, 0 to review\n"), "{told}");
}

/// With a time of verification, a report tells the verdict that its own table of accounts has.
#[test]
fn a_finished_report_judges_accounts() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let report = report(directory.path());
    let path = directory.path().join("report").display().to_string();
    let columns = ["mail_domain", "verified_at", "rule", "state", "risk", "action"];
    let accounts: BTreeSet<String> = rows(&report.accounts, &columns).into_iter().collect();
    let is_changed = |row: &&String| row.contains(" reregistered") || row.contains(" grace");
    let mut checked = 0;
    for row in accounts.iter().filter(is_changed) {
        // the first of two verifications is not in the question
        let cells: Vec<&str> = row.split(' ').collect();
        let [mail, day, time, rule, state, risk, action] = cells[..] else { continue };
        if rule == "reregistered.verified_again" {
            continue;
        }
        let verified = format!("{day}T{time}");
        let told = explain(&[mail], &["--report", &path, "--json", "--verified-at", &verified]);
        let verdict = &objects(&told)[0]["verdict"];
        let found = ["rule", "state", "risk", "action"].map(|key| verdict[key].as_str().unwrap_or_default());
        assert_eq!(found, [rule, state, risk, action], "{row}");
        checked += 1;
    }
    assert!(checked >= 20, "{checked} of {accounts:#?}");
}

#[test]
fn names_that_a_report_does_not_have() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    report(directory.path());
    let path = directory.path().join("report").display().to_string();
    let explain = |names: &[&str], options: &[&str]| {
        run(zonelapse().arg("explain").args(names).args(["--report", &path]).args(options))
    };
    let absent =
        "`nobody-example.net` is not in the report: no account leads to it\nhint: leave out `--report`";
    explain(&["nobody-example.net"], &[]).expect(2).says(&["error: ", absent]);
    let some = explain(&["nobody-example.net", "indigo-thrush-example.net"], &[]).expect(1);
    let some = some.says(&["warning: ", absent]);
    assert!(some.stdout.starts_with("indigo-thrush-example.net: pending_delete"), "{}", some.stdout);
    // a name below a judged one is judged by it
    let below = explain(&["a.b.indigo-thrush-example.net"], &[]).expect(0).stdout;
    assert!(below.contains("judged by indigo-thrush-example.net, registered under net (icann)"), "{below}");
    explain(&["indigo-thrush-example.net"], &["--zones", "zones"]).expect(2).says(&["--zones"]);
    run(zonelapse().args(["explain", "a.net", "--report", "src"])).expect(2).says(&["not a finished report"]);
}
