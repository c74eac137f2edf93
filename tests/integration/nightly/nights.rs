//! From an empty directory to the third night, the second run of a day, and what is kept.

use std::fs;
use std::path::Path;

use super::Nights;
use crate::publishing::entries;
use crate::support::{found, not_found, run};

/// `freed` and `other` are to be told apart by their answers.
fn deliver_answers(nights: &Nights) {
    let answers = [not_found("freed-example.com"), found("other-example.com", "active")];
    nights.write("answers/one.ndjson", &(answers.join("\n") + "\n"));
}

#[test]
fn from_nothing_to_the_third_night() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example"]);
    deliver_answers(&nights);
    let first = nights.run("2026-06-01T12:00:00Z").expect(0);
    assert_eq!(
        nights.latest(),
        [
            "held-example.com active none none",
            "freed-example.com available critical unverify",
            "other-example.com active none none"
        ]
    );
    let said = first.stdout;
    assert!(
        said.starts_with("1 to unverify · 0 to review · 0 to notify · 0 to look up · 2 fine\n"),
        "{said}"
    );
    for part in ["nothing to compare with", "1 new snapshot, 0 files known", "now 2 answers about 2 domains"]
    {
        assert!(said.contains(part), "expected `{part}` in:\n{said}");
    }
    let state = ["answers.parquet", "latest", "lock", "metrics.prom", "reports", "snapshots", "taken"];
    assert_eq!(entries(&nights.path("state")), state);
    assert!(!nights.path("state/latest/alerts.jsonl").exists(), "there was nothing to compare with");

    // the name is gone the night after
    nights.deliver("0602", &["held-example"]);
    let second = nights.run("2026-06-02T12:00:00Z").expect(0);
    assert_eq!(nights.latest()[2], "other-example.com undelegated medium notify");
    assert_eq!(nights.changes("2026-06-02")["newly_at_risk"], serde_json::json!([1, 1]));
    let said = second.stdout;
    for part in [
        "since the previous report: 1 domain newly at risk (1 account)",
        "1 new snapshot, 1 file known",
        "nothing new, 1 file known",
    ] {
        assert!(said.contains(part), "expected `{part}` in:\n{said}");
    }
    let alerts = fs::read_to_string(nights.path("state/latest/alerts.jsonl")).expect("alerts");
    assert!(alerts.contains("other-example.com"), "{alerts}");

    // nothing new is delivered
    let third = nights.run("2026-06-03T12:00:00Z").expect(0);
    assert_eq!(nights.latest()[2], "other-example.com undelegated medium notify");
    assert!(third.stdout.contains("nothing new, 2 files known"), "{}", third.stdout);
    assert_eq!(entries(&nights.path("state/reports")), ["2026-06-01", "2026-06-02", "2026-06-03"]);
    assert_eq!(fs::read_link(nights.path("state/latest")).expect("a link"), Path::new("reports/2026-06-03"));
    assert_eq!(nights.metric("up"), Some(1.0));
    nights.is_tidy();
}

/// The verdicts of a night are those of an audit of the same evidence.
#[test]
fn a_night_judges_as_an_audit_does() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example"]);
    deliver_answers(&nights);
    nights.run("2026-06-01T12:00:00Z").expect(0);
    let mut audit = crate::support::zonelapse();
    audit
        .arg("audit")
        .args(["--config"])
        .arg(nights.path("night.toml"))
        .args(["--as-of", "2026-06-01T12:00:00Z"]);
    audit.arg("-o").arg(nights.path("report"));
    // an audit has no use for an empty directory
    fs::remove_dir(nights.path("lists")).expect("an empty directory");
    nights.write("night.toml", &super::CONFIG.replace("registry = [\"lists\"]\n", ""));
    run(&mut audit).expect(0);
    assert_eq!(nights.bench.report().verdicts(), nights.latest());
}

#[test]
fn the_second_run_of_a_day_is_compared_with_the_day_before() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example"]);
    deliver_answers(&nights);
    nights.run("2026-06-01T12:00:00Z").expect(0);
    nights.deliver("0602", &["held-example"]);
    nights.run("2026-06-02T01:00:00Z").expect(0);
    let changes = nights.changes("2026-06-02");
    let alerts = |nights: &Nights| {
        let text = fs::read_to_string(nights.path("state/latest/alerts.jsonl")).expect("alerts");
        text.lines().count()
    };
    let told = alerts(&nights);
    assert!(told > 0 && changes["newly_at_risk"] == serde_json::json!([1, 1]), "{changes}");
    for as_of in ["2026-06-02T02:00:00Z", "2026-06-02T03:00:00Z"] {
        nights.run(as_of).expect(0);
        assert_eq!(nights.changes("2026-06-02"), changes, "the changes of the day stay");
        assert_eq!(alerts(&nights), told, "and its alerts");
        let previous = nights.report("2026-06-02").value("/previous").to_string();
        assert!(previous.contains("2026-06-01"), "{previous}");
    }
    assert_eq!(entries(&nights.path("state/reports")), ["2026-06-01", "2026-06-02"]);
}

#[test]
fn the_past_is_kept_as_long_as_it_should() {
    let nights = Nights::new();
    nights.write(
        "night.toml",
        &(super::CONFIG.to_owned() + "keep-reports = 2\nkeep-snapshots = 2\nkeep-snapshot-days = 0\n"),
    );
    for day in 1..=4 {
        nights.deliver(&format!("060{day}"), &["held-example", "other-example", "freed-example"]);
        nights.run(&format!("2026-06-0{day}T12:00:00Z")).expect(0);
    }
    assert_eq!(entries(&nights.path("state/reports")), ["2026-06-03", "2026-06-04"]);
    assert_eq!(entries(&nights.path("state/snapshots/com")), [".lock", "2026-06-03.zls", "2026-06-04.zls"]);
    // files of others are not removed with a report
    nights.write("state/reports/2026-06-03/notes.txt", "mine");
    nights.write("night.toml", &(super::CONFIG.to_owned() + "keep-reports = 0\n"));
    let said = nights.run("2026-06-05T12:00:00Z").expect(0);
    assert_eq!(entries(&nights.path("state/reports")), ["2026-06-03", "2026-06-04", "2026-06-05"]);
    said.says(&["2026-06-03` is kept, because it holds `notes.txt`, which no report has"]);
    nights.is_tidy();
}
