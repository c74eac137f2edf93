//! What is done about verdicts: policies, overrides, circuit breakers, and what changed since the last report.

use crate::support::{read_parquet, rows, run, zonelapse};
use crate::times::{Times, domains, reasons};

/// A zone of `com` that lacks `gone0` to `gone<count>`, which the registry does not know either, beside `kept` names.
fn dead(gone: usize, kept: usize) -> Times {
    let mut times = Times::new();
    let names: Vec<String> = (0..kept).map(|number| format!("kept{number}")).collect();
    times.zone("com", "20260531", &names.iter().map(String::as_str).collect::<Vec<_>>());
    for number in 0..kept {
        times.account(&format!("k{number}"), &format!("a@kept{number}.com"), "2020-01-01");
    }
    for number in 0..gone {
        times.not_found(&format!("gone{number}.com"), "2026-05-31");
        times.account(&format!("g{number}"), &format!("a@gone{number}.com"), "2020-01-01");
    }
    times
}

#[track_caller]
fn unverified(times: &Times, extra: &[&str], status: i32) -> (usize, usize) {
    let report = times.audit("report", "2026-06-01", extra, status);
    let acts = rows(&report.accounts, &["action", "action_before_breaker"]);
    let count = |wanted: &str| acts.iter().filter(|act| act.as_str() == wanted).count();
    (count("unverify -"), count("review unverify"))
}

#[test]
fn a_breaker_needs_share_and_number() {
    // 20 of 120 are more than 5 percent, but no more than 20
    assert_eq!(unverified(&dead(20, 100), &[], 0), (20, 0));
    assert_eq!(unverified(&dead(21, 100), &[], 1), (0, 21));
    assert_eq!(unverified(&dead(21, 399), &[], 0), (21, 0));
    assert_eq!(unverified(&dead(21, 398), &[], 1), (0, 21));
    assert_eq!(unverified(&dead(21, 100), &["--max-flagged-share", "20"], 0), (21, 0));
}

#[test]
fn an_open_breaker_is_told() {
    let times = dead(30, 10);
    let run = times.try_audit("report", "2026-06-01", &[]).expect(1);
    run.says(&["warning: incomplete: zone `com`: 30 of 40 domains", "`--release-breaker com`"]);
    let report = crate::support::Report::read(&times.bench.path("report"));
    assert_eq!(report.value("/breaker/0/flagged"), 30);
    assert_eq!(report.value("/breaker/0/release"), "--release-breaker com");
    assert_eq!(report.value("/status"), "incomplete");
    let held = domains(&report, &["action", "action_before_breaker"]);
    assert_eq!(held.iter().filter(|row| row.ends_with("review unverify")).count(), 30);
}

#[test]
fn many_accounts_at_one_dead_domain_open_no_breaker() {
    let mut times = dead(1, 5);
    for number in 0..200 {
        times.account(&format!("m{number}"), "x@gone0.com", "");
    }
    assert_eq!(unverified(&times, &[], 0), (201, 0));
}

#[test]
fn changes_of_hands_count_for_the_breaker() {
    let mut times = dead(0, 30);
    for number in 0..30 {
        times.found(&format!("kept{number}.com"), "2026-05-31", &["active"], &["registration 2026-05-01"]);
    }
    let report = times.audit("report", "2026-06-01", &[], 1);
    let acts = rows(&report.accounts, &["state", "action", "action_before_breaker"]);
    assert!(acts.iter().all(|act| act == "reregistered review unverify"), "{acts:?}");
    // the domains themselves are in good order
    assert!(
        domains(&report, &["state", "action", "action_before_breaker"])
            .iter()
            .all(|row| row.ends_with("active none -"))
    );
}

#[test]
fn what_was_unverified_before_is_not_new() {
    let times = dead(21, 100);
    let all = ["--max-flagged-share", "100"];
    times.audit("acted", "2026-06-01", &all, 0);
    times.audit("held", "2026-06-01", &[], 1);
    let previous = |name: &str| times.bench.path(name).to_str().expect("a path of letters").to_owned();
    assert_eq!(unverified(&times, &["--previous", &previous("acted")], 0), (21, 0));
    // what a breaker held back has not been done
    assert_eq!(unverified(&times, &["--previous", &previous("held")], 1), (0, 21));
}

#[test]
fn people_decide() {
    let mut times = dead(2, 1);
    times.found("kept0.com", "2026-05-31", &["active"], &["registration 2026-05-01"]);
    let overrides = "domain,action,until,why\nGone0.com.,none,2026-06-01,moved\ngone1.com,none,2026-05-31,late\n\
        kept0.com,notify,2026-12-31,known\n";
    let path = times.bench.write("overrides.csv", overrides.as_bytes());
    let path = path.to_str().expect("a path of letters");
    let report = times.audit("report", "2026-06-01", &["--overrides", path], 0);
    assert_eq!(
        report.verdicts(),
        [
            "kept0.com reregistered critical notify",
            "gone0.com available critical none",
            "gone1.com available critical unverify",
        ]
    );
    let told = reasons(&report);
    assert!(told[0].contains("override.applied") && told[1].contains("override.applied"), "{told:?}");
    assert!(told[2].contains("override.expired"), "{told:?}");
    assert_eq!(report.value("/overrides/applied"), 2);
    let bad = times.bench.write("bad.csv", b"domain,action,until\ngone0.com,perhaps,2026-06-01\n");
    let bad = bad.to_str().expect("a path of letters");
    times.try_audit("other", "2026-06-01", &["--overrides", bad]).expect(2).says(&[
        "bad.csv",
        "line 2",
        "`perhaps`",
    ]);
}

#[test]
fn changes_since_the_last_report() {
    let mut times = Times::new();
    times.zone("com", "20260530", &["stays", "drops", "comes", "leaves"]);
    times.not_found("leaves.com", "2026-05-01");
    times.found("worse.net", "2026-05-30", &["active"], &["expiration 2026-06-10"]);
    times.not_found("comes.com", "2026-05-30");
    for name in ["stays.com", "drops.com", "comes.com", "worse.net", "unknown.org"] {
        times.account(name, &format!("a@{name}"), "2020-01-01");
    }
    times.account("left", "a@comes.com", "2020-01-01");
    times.account("", "b@drops.com", "2020-01-01");
    times.audit("first", "2026-05-31", &[], 0);
    times.no_accounts();
    times.zone("com", "20260602", &["stays", "comes", "leaves"]).expect(0);
    times.found("worse.net", "2026-06-02", &["redemption period"], &["expiration 2026-06-10"]);
    for name in ["stays.com", "drops.com", "comes.com", "worse.net", "unknown.org"] {
        times.account(name, &format!("a@{name}"), "2020-01-01");
    }
    times.account("", "b@drops.com", "2020-01-01");
    let first = times.bench.path("first");
    let first = first.to_str().expect("a path of letters");
    let report = times.audit("second", "2026-06-03", &["--previous", first, "--max-rdap-age-days", "3"], 0);
    let changes = read_parquet(&times.bench.path("second").join("changes.parquet"));
    let columns = ["kind", "account_id", "judged_domain", "change", "risk_before", "risk"];
    assert_eq!(
        rows(&changes, &columns),
        [
            "account drops.com drops.com newly_at_risk none high",
            "account comes.com comes.com recovered high none",
            "account worse.net worse.net worse low high",
            "account left comes.com gone high -",
            "domain - comes.com recovered high none",
            "domain - drops.com newly_at_risk none high",
            "domain - worse.net worse low high",
        ]
    );
    assert_eq!(
        domains(&report, &["state_since"]),
        [
            "comes.com 2026-06-03",
            "drops.com 2026-06-03",
            "stays.com 2026-05-31",
            "unknown.org 2026-05-31",
            "worse.net 2026-06-03"
        ]
    );
    assert_eq!(report.value("/changes/gone"), &serde_json::json!([0, 1]));
    let told = times.try_audit("second", "2026-06-03", &["--previous", first]).expect(0).stdout;
    assert!(told.contains("since the previous report"), "{told}");
    times
        .try_audit("third", "2026-06-03", &["--previous", "/nowhere"])
        .expect(2)
        .says(&["/nowhere", "--previous"]);
}

/// Evidence that is lost is told as such, with what the report says now.
#[test]
fn lost_evidence_is_no_recovery() {
    let mut times = Times::new();
    times.zone("com", "20260530", &["stays", "keeps"]).expect(0);
    times.found("risky.net", "2026-05-30", &["redemption period"], &["registration 2001-01-01"]);
    times.found("fine.org", "2026-05-30", &["active"], &["registration 2001-01-01"]);
    times.not_found("free.com", "2026-05-30");
    for name in ["stays.com", "risky.net", "fine.org", "free.com", "keeps.com"] {
        times.account(name, &format!("a@{name}"), "2020-01-01");
    }
    let first = times.audit("first", "2026-05-31", &[], 0);
    assert_eq!(first.verdicts()[3], "free.com available critical unverify");
    // five days later no answer counts any more, and the zone is as it was
    times.zone("com", "20260605", &["stays", "keeps"]).expect(0);
    let previous = times.bench.path("first").display().to_string();
    let options = ["--max-rdap-age-days", "1", "--previous", &previous];
    times
        .try_audit("second", "2026-06-05", &options)
        .expect(1)
        .says(&["60.0 % of the accounts could be judged"]);
    let changes = read_parquet(&times.bench.path("second").join("changes.parquet"));
    let columns =
        ["kind", "judged_domain", "change", "state_before", "state", "rule", "weight", "earliest_drop_on"];
    let told = rows(&changes, &columns);
    let expected = [
        "risky.net no_longer_judged redemption unknown unknown.no_evidence",
        "fine.org no_longer_judged active unknown unknown.no_evidence",
        "free.com no_longer_judged available absent absent.",
    ];
    for row in expected {
        let kinds = ["account", "domain"]
            .map(|kind| told.iter().any(|told| told.starts_with(&format!("{kind} {row}"))));
        assert_eq!(kinds, [true, true], "{row} in {told:#?}");
    }
    assert_eq!(told.len(), 6, "{told:#?}");
    let summary = times.try_audit("second", "2026-06-05", &options).stdout;
    assert!(
        summary.contains("nothing is newly at risk or worse, 3 no longer judged (3 accounts)"),
        "{summary}"
    );
}

/// What a person releases is unverified, and the manifest says so.
#[test]
fn a_released_breaker() {
    let times = dead(30, 10);
    let run = times.try_audit("report", "2026-06-01", &["--release-breaker", "COM."]).expect(0);
    assert!(
        run.stdout.contains("circuit breaker `com` released: 30 domains newly unverified"),
        "{}",
        run.stdout
    );
    let report = crate::support::Report::read(&times.bench.path("report"));
    assert_eq!(report.value("/released_breakers/0/zone"), "com");
    assert_eq!(report.value("/breaker").as_array().map(Vec::len), Some(0));
    assert_eq!(report.value("/options/release-breaker/0"), "COM.");
    // another zone's name releases nothing
    times
        .try_audit("report", "2026-06-01", &["--release-breaker", "net"])
        .expect(1)
        .says(&["--release-breaker com"]);
}

/// Each decision is applied, expired or unused, and is listed so; one about a name that nobody has is a warning.
#[test]
fn overrides_are_told() {
    let mut times = dead(2, 1);
    times.account("more", "a@mail.gone0.com", "2020-01-01");
    let overrides = "domain,action,until\ngone0.com,none,2026-06-01\ngone1.com,none,2026-05-31\n\
        nobody.com,none,2026-06-01\nkept0.com,review,2026-06-01\nold.com,notify,2026-05-31\n";
    let path = times.bench.write("overrides.csv", overrides.as_bytes()).display().to_string();
    let run = times.try_audit("report", "2026-06-01", &["--overrides", &path]).expect(0);
    let line = "5 overrides: 2 applied, 1 expired (gone1.com), 2 unused (nobody.com, old.com)\n";
    assert!(run.stdout.contains(line), "{}", run.stdout);
    let told = "warning: 2 overrides are for names that no account leads to: `nobody.com`, `old.com`\nhint: ";
    run.says(&[told]);
    times.try_audit("report", "2026-06-01", &["--overrides", &path, "--quiet"]).expect(0).says(&[told]);
    let report = crate::support::Report::read(&times.bench.path("report"));
    let row = |outcome: &str, domain: &str, action: &str, until: &str, counts: [u64; 2]| {
        let [domains, accounts] = counts;
        serde_json::json!({ "outcome": outcome, "domain": domain, "action": action, "until": until,
            "domains": domains, "accounts": accounts })
    };
    assert_eq!(
        *report.value("/overrides"),
        serde_json::json!({ "decisions": 5, "applied": 2, "expired": 1, "unused": 2, "list": [
            row("unused", "nobody.com", "none", "2026-06-01", [0, 0]),
            row("unused", "old.com", "notify", "2026-05-31", [0, 0]),
            row("expired", "gone1.com", "none", "2026-05-31", [1, 1]),
            row("applied", "gone0.com", "none", "2026-06-01", [1, 2]),
            row("applied", "kept0.com", "review", "2026-06-01", [1, 1]),
        ]})
    );
    let none = times.audit("report", "2026-06-01", &[], 0);
    assert_eq!(none.value("/overrides/list").as_array().map(Vec::len), Some(0));
}

/// A directory of reports: the newest complete one that judged earlier.
#[test]
fn the_previous_report_of_a_directory() {
    let times = dead(2, 1);
    times.audit("reports/1", "2026-05-31", &[], 0);
    times.audit("reports/2", "2026-06-01", &["--max-flagged-share", "0"], 0);
    let reports = times.bench.path("reports").display().to_string();
    let with = |name: &str, as_of: &str| {
        // on the first day there is no zone yet
        let status = i32::from(as_of < "2026-05-31");
        let report = times.audit(name, as_of, &["--previous", &reports], status);
        report.value("/previous").as_str().map(|path| path.trim_start_matches(&reports).to_owned())
    };
    assert_eq!(with("reports/3", "2026-06-02").as_deref(), Some("/2"));
    // the same day once more: not the report that is replaced
    assert_eq!(with("reports/3", "2026-06-02").as_deref(), Some("/2"));
    assert_eq!(with("reports/2", "2026-06-01").as_deref(), Some("/1"));
    assert_eq!(with("reports/0", "2026-05-30"), None);
    let zones = times.bench.path("store").display().to_string();
    times
        .try_audit("x", "2026-06-02", &["--previous", &zones])
        .expect(2)
        .says(&["neither a finished report", "hint: "]);
}

#[test]
fn policies_see_the_same_and_do_otherwise() {
    let mut times = dead(1, 1);
    times.found("lapsing.net", "2026-05-31", &["redemption period"], &[]);
    times.account("l", "a@lapsing.net", "");
    times.account("u", "a@unknown.org", "");
    let acts = |policy: &str| -> Vec<String> {
        let report = times.audit("report", "2026-06-01", &["--policy", policy], 0);
        rows(&report.accounts, &["action"])
    };
    assert_eq!(acts("default"), ["none", "unverify", "unverify", "lookup"]);
    assert_eq!(acts("pypi"), ["none", "unverify", "unverify", "unverify"]);
    assert_eq!(acts("rubygems"), ["none", "unverify", "unverify", "none"]);
    assert_eq!(acts("npq"), ["none", "unverify", "none", "none"]);
    let told = run(zonelapse().args(["policy", "diff"]).arg(times.bench.path("report"))).expect(0).stdout;
    let sums: Vec<&str> = told
        .lines()
        .find(|line| line.trim_start().starts_with("all "))
        .expect("a line of sums")
        .split_whitespace()
        .collect();
    assert_eq!(sums, ["all", "unverify", "2", "3", "2", "1"]);
    run(zonelapse().args(["policy", "diff", "/nowhere"])).expect(2);
}
