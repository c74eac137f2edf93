//! Nights without a report, mistakes, and what monitoring is told.

use std::fs;

use serde_json::Value;

use super::{CONFIG, Nights};
use crate::support::run;

#[test]
fn a_night_that_fails_leaves_the_last_good_report() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example"]);
    nights.run("2026-06-01T12:00:00Z").expect(0);
    let good = nights.latest();
    let success = nights.metric("last_success_timestamp_seconds");
    assert!(success.is_some());
    nights.deliver("0602", &["held-example"]);
    for accounts in [Some(""), Some("held-example.com\tin\tns\tns1.example.\n"), None] {
        match accounts {
            Some(text) => drop(nights.write("accounts.csv", text)),
            None => fs::remove_file(nights.path("accounts.csv")).expect("a file"),
        }
        let said = nights.run("2026-06-02T12:00:00Z").expect(2);
        assert!(said.stdout.is_empty() && said.stderr.starts_with("error: "), "{}", said.printed());
        assert_eq!(nights.latest(), good, "the last good report stays");
        assert!(!nights.path("state/reports/2026-06-02").exists());
        assert_eq!(nights.metric("up"), Some(0.0));
        assert_eq!(nights.metric("run_complete"), Some(0.0));
        assert_eq!(
            nights.metric("last_success_timestamp_seconds"),
            success,
            "when it last went well is known"
        );
        assert_eq!(nights.metric("domains"), None, "figures of another night are not told");
        nights.is_tidy();
    }
    // what the steps before the failure did is not lost
    nights.write("accounts.csv", "id,email\n1,a@held-example.com\n");
    let said = nights.run("2026-06-02T13:00:00Z").expect(0);
    assert!(said.stdout.contains("nothing new, 2 files known"), "{}", said.stdout);
    assert_eq!(nights.metric("up"), Some(1.0));
    assert!(nights.metric("last_success_timestamp_seconds") >= success);
}

#[test]
fn what_is_left_after_a_failure_is_told() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example", "freed-example"]);
    nights.write("accounts.csv", "nothing\n");
    nights.run("2026-06-01T12:00:00Z").expect(2).says(&["note: no report tonight, and there is none"]);
    nights.write("accounts.csv", "id,email\n1,a@held-example.com\n");
    nights.run("2026-06-01T13:00:00Z").expect(0);
    nights.write("accounts.csv", "nothing\n");
    nights.write("zones/net.zone", "<html>\n");
    let said = nights.run("2026-06-02T12:00:00Z").expect(2);
    let said =
        said.says(&["stays in `", "state/latest`, judged as of 2026-06-01T13:00:00Z", "zones/net.zone"]);
    assert!(said.stderr.starts_with("error: "), "{}", said.stderr);
}

/// On the first night nothing that was delivered can be read: a report that judges nothing would help nobody.
#[test]
fn no_evidence_at_all() {
    let nights = Nights::new();
    nights.write("zones/com.zone", "<html>\n");
    let said = nights.run("2026-06-01T12:00:00Z").expect(2);
    said.says(&["there is no evidence to judge by", "hint: deliver at least one", "zones/com.zone"]);
    assert!(!nights.path("state/latest").exists() && !nights.path("state/reports").exists());
    assert_eq!(nights.metric("up"), Some(0.0));
}

/// The latest report is where it should be whatever else goes wrong at the end.
#[test]
fn what_goes_wrong_after_the_report() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example", "freed-example"]);
    fs::create_dir_all(nights.path("state/latest")).expect("a directory");
    nights.write("state/metrics.prom", "mine");
    let said = nights.run("2026-06-01T12:00:00Z").expect(1);
    said.says(&["latest: expected a link", "hint: move it away", "metrics.prom"]);
    assert_eq!(nights.report("2026-06-01").value("/status"), "complete");
    assert_eq!(fs::read(nights.path("state/metrics.prom")).expect("a file"), b"mine", "it is none of ours");
}

#[track_caller]
fn refused(config: &str, parts: &[&str]) {
    let nights = Nights::new();
    nights.write("night.toml", config);
    nights.run("2026-06-01").expect(2).says(parts);
    assert!(!nights.path("state").exists(), "a mistake makes nothing");
}

#[test]
fn mistakes() {
    refused(
        "",
        &[
            "no directory for all that the night makes, no accounts and no evidence to judge by",
            "hint: write",
        ],
    );
    refused(&CONFIG.replace("state =", "#"), &["no directory for all", "hint: write `state = \"DIR\"` into"]);
    refused(
        &(CONFIG.to_owned() + "output = \"report\"\n"),
        &["`--output`: the night names its reports itself"],
    );
    refused(&(CONFIG.to_owned() + "previous = \"report\"\n"), &["`--previous`: the night names"]);
    refused(
        &(CONFIG.to_owned() + "keep_reports = 3\n"),
        &["unknown option `keep_reports`; did you mean `keep-reports`?"],
    );
    refused(&(CONFIG.to_owned() + "keep-reports = \"all\"\n"), &["night.toml:6: invalid type"]);
    refused(&(CONFIG.to_owned() + "time-format = \"%H\"\n"), &["`--time-format`"]);
    refused(&CONFIG.replace("accounts.csv", "missing.csv"), &["missing.csv"]);
    let nights = Nights::new();
    for (state, what) in [("zones", "it is a store"), ("accounts.csv", "it is a file")] {
        if state == "zones" {
            nights.write("zones/zonelapse.store", "");
        }
        let mut command = nights.command("2026-06-01");
        run(command.arg("--state").arg(nights.path(state))).expect(2).says(&[what, "a directory of its own"]);
    }
}

/// What is typed wins over the file, and the file serves the audit as well.
#[test]
fn options_of_the_line_win() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example"]);
    let mut command = nights.command("2026-06-01T12:00:00Z");
    run(command.arg("--state").arg(nights.path("elsewhere")).args(["--policy", "pypi", "--quiet"])).expect(0);
    assert!(!nights.path("state").exists());
    let report = crate::support::Report::read(&nights.path("elsewhere/latest"));
    assert_eq!(report.value("/policy"), "pypi");
}

#[test]
fn a_line_of_json_for_each_step() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example"]);
    nights.write("answers/broken.ndjson", "<html>\n");
    let mut command = nights.command("2026-06-01T12:00:00Z");
    let said = run(command.args(["--log-format", "json"])).expect(1);
    let lines = |text: &str| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
    };
    let told = lines(&said.stderr);
    let steps: Vec<&str> = told.iter().filter_map(|line| line["step"].as_str()).collect();
    assert_eq!(steps, ["zones", "answers", "lists", "audit", "prune"]);
    let of = |step: &str| told.iter().find(|line| line["step"] == step).expect("a step");
    assert_eq!((&of("zones")["snapshots"], &of("zones")["level"]), (&Value::from(1), &Value::from("info")));
    assert!(of("audit")["accounts"] == 3 && of("prune")["reports"] == 0, "{told:#?}");
    assert!(told.iter().all(|line| line["time"].is_string() && line["message"].is_string()));
    assert!(told.iter().filter(|line| !line["step"].is_null()).all(|line| line["seconds"].is_number()));
    let reason = |line: &&Value| line["message"].as_str().is_some_and(|text| text.contains("broken.ndjson"));
    assert_eq!(
        told.iter().filter(reason).map(|line| line["level"].as_str()).collect::<Vec<_>>(),
        [Some("warn")]
    );
    let [last] = lines(&said.stdout).try_into().expect("one object");
    assert_eq!(last["message"], "night finished");
    assert_eq!(last["counts"]["accounts_by_action"]["lookup"], 1);
    assert!(last["latest"].as_str().is_some_and(|latest| latest.ends_with("state/latest")), "{last}");
    assert!(
        last["step_seconds"]["audit"].is_number()
            && last["incomplete"].as_array().is_some_and(|it| it.len() == 1)
    );
}

#[test]
fn quiet_but_for_the_reasons() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example", "freed-example"]);
    let quiet = |as_of: &str| run(nights.command(as_of).arg("--quiet"));
    assert_eq!(quiet("2026-06-01T12:00:00Z").expect(0).printed(), "");
    nights.write("zones/net.zone", "<html>\n");
    let said = quiet("2026-06-01T13:00:00Z").expect(1);
    assert!(said.stdout.is_empty() && said.stderr.lines().count() <= 2, "{}", said.stderr);
    said.says(&["warning: incomplete: ", "zones/net.zone"]);
    fs::remove_file(nights.path("accounts.csv")).expect("a file");
    quiet("2026-06-01T14:00:00Z").expect(2).says(&["error: ", "accounts.csv"]);
}
