//! Snapshots through the command line: a zone over some days, its store tended, audits that remember.

mod dates;
mod store;
mod units;
mod vouched;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{run, zonelapse};

/// A folder with a store and zone files of `com`, one a day.
struct Days {
    directory: tempfile::TempDir,
}

impl Days {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn store(&self) -> PathBuf {
        self.path("store")
    }

    /// Writes the zone of a date (`20260501`); `closed`: with the SOA at its end.
    fn zone(&self, date: &str, names: &[&str], closed: bool) -> PathBuf {
        let soa = format!("com.\t900\tin\tsoa\ta.test. b.test. {date}00 1 2 3 4\n");
        let mut text = soa.clone();
        for name in names {
            let (name, host) = name.split_once('>').unwrap_or((name, "ns.host-example.net"));
            text += &format!("{name}.com.\t172800\tin\tns\t{host}.\n");
        }
        if closed {
            text += &soa;
        }
        let path = self.path(&format!("com-{date}.txt"));
        fs::write(&path, text).expect("a zone file");
        path
    }

    #[track_caller]
    fn build(&self, zone: &Path, status: i32) -> String {
        self.build_with(zone, &[], status)
    }

    #[track_caller]
    fn build_with(&self, zone: &Path, options: &[&str], status: i32) -> String {
        run(zonelapse().args(["snapshot", "build"]).arg(zone).args(options).arg("--store").arg(self.store()))
            .expect(status)
            .printed()
    }

    #[track_caller]
    fn snapshot(&self, args: &[&str], status: i32) -> String {
        run(zonelapse().arg("snapshot").args(args).arg("--store").arg(self.store())).expect(status).printed()
    }

    #[track_caller]
    fn explains(&self, name: &str, as_of: &str, extra: &[&str], expected: &[&str]) {
        let mut command = zonelapse();
        command.args(["explain", name, "--as-of", as_of, "--zones"]).arg(self.store()).args(extra);
        let told = run(&mut command).expect(0).stdout;
        for part in expected {
            assert!(crate::support::flat(&told).contains(part), "expected `{part}` in:\n{told}");
        }
    }
}

#[test]
fn a_name_that_lapses_and_returns() {
    let days = Days::new();
    days.build(&days.zone("20260301", &["stays", "lapses", "moves"], true), 0);
    days.build(&days.zone("20260302", &["stays", "moves>ns.other-example.net", "new"], true), 0);
    days.explains(
        "lapses.com",
        "2026-03-02",
        &[],
        &[
            "2026-03-02 dropped from the zone; still absent on 2026-03-02",
            "absent, risk high",
            "not before 2026-04-06",
        ],
    );
    days.explains("new.com", "2026-03-02", &[], &["2026-03-02 first seen in the zone"]);
    days.explains(
        "moves.com",
        "2026-03-02",
        &[],
        &["2026-03-02 name servers changed, before: ns.host-example.net"],
    );
    days.build(&days.zone("20260405", &["stays", "moves>ns.other-example.net", "new"], true), 0);
    days.explains(
        "lapses.com",
        "2026-04-05",
        &[],
        &["still absent on 2026-04-05", "absent, risk critical", "absent.long"],
    );
    days.build(&days.zone("20260410", &["lapses", "stays", "moves>ns.other-example.net", "new"], true), 0);
    let verified = ["--verified-at", "2026-01-01"];
    let gap = "2026-03-02 absent until 2026-04-05, 35 days, then returned";
    days.explains(
        "lapses.com",
        "2026-04-10",
        &verified,
        &[gap, "reregistered, risk critical, action review"],
    );
    days.explains(
        "lapses.com",
        "2026-04-10",
        &["--verified-at", "2026-04-09"],
        &["has the verdict of its domain"],
    );
    days.explains("stays.com", "2026-04-10", &verified, &["has the verdict of its domain"]);
    // a found answer fetched later that shows the old registration voids the sign
    let answer = "{\"domain\":\"lapses.com\",\"fetched_at\":\"2026-04-09T00:00:00Z\",\"source\":\"https://rdap.verisign.com/com/v1/\",\"http_status\":200,\
        \"body\":{\"objectClassName\":\"domain\",\"ldhName\":\"lapses.com\",\"status\":[\"active\"],\
        \"events\":[{\"eventAction\":\"registration\",\"eventDate\":\"2001-01-01T00:00:00Z\"}]}}\n";
    let path = days.path("answers.ndjson");
    fs::write(&path, answer).expect("answers");
    let with_answer = ["--verified-at", "2026-01-01", "--rdap", path.to_str().expect("a plain path")];
    days.explains("lapses.com", "2026-04-10", &with_answer, &["has the verdict of its domain"]);
}

#[test]
fn what_is_not_whole_drops_nothing() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b"], true), 0);
    let said = days.build(&days.zone("20260502", &["a"], false), 1);
    assert!(said.contains("com@2026-05-02  1 name  unclosed"), "{said}");
    days.explains("b.com", "2026-05-02", &[], &["active, risk none", "zone com of 2026-05-01"]);
    let worse = days.zone("20260501", &["a"], false);
    let said = days.build(&worse, 1);
    assert!(said.contains("kept com@2026-05-01  2 names  complete"), "{said}");
}

#[test]
fn shrinking_is_not_believed_until_accepted() {
    let days = Days::new();
    let many: Vec<String> = (0..40).map(|number| format!("name{number}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    days.build(&days.zone("20260501", &names, true), 0);
    let said = days.build(&days.zone("20260502", &names[..20], true), 1);
    assert!(said.contains("shrunk"), "{said}");
    days.explains("name30.com", "2026-05-02", &[], &["active, risk none"]);
    days.build(&days.zone("20260503", &names[..20], true), 1);
    days.snapshot(&["accept", "com@2026-05-02"], 0);
    days.explains(
        "name30.com",
        "2026-05-02",
        &[],
        &["absent, risk high", "2026-05-02 dropped from the zone"],
    );
    let again = run(zonelapse().args(["snapshot", "accept", "com@2026-05-02", "--store"]).arg(days.store()));
    again.expect(2).says(&["nothing to accept", "hint: "]);
}

#[test]
fn an_acceptance_holds_for_later_ones_and_can_be_taken_back() {
    let days = Days::new();
    let many: Vec<String> = (0..40).map(|number| format!("name{number}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    // in no order of their dates
    days.build(&days.zone("20260503", &names[..20], true), 0);
    days.build(&days.zone("20260502", &names[..20], true), 0);
    let said = days.build(&days.zone("20260501", &names, true), 0);
    assert!(said.contains("are `shrunk` now: 2026-05-02, 2026-05-03"), "{said}");
    let coverage = |date: &str| {
        let listed = days.snapshot(&["list"], 0);
        let line = listed.lines().find(|line| line.contains(date)).unwrap_or_default().to_owned();
        line.split_whitespace().nth(2).unwrap_or_default().to_owned()
    };
    assert_eq!((coverage("2026-05-02"), coverage("2026-05-03")), ("shrunk".into(), "shrunk".into()));
    days.explains("name30.com", "2026-05-03", &[], &["complete: present", "active, risk none"]);
    days.snapshot(&["accept", "com@2026-05-02"], 0);
    assert_eq!((coverage("2026-05-02"), coverage("2026-05-03")), ("complete".into(), "complete".into()));
    days.explains("name30.com", "2026-05-03", &[], &["absent, risk high", "2026-05-02 dropped"]);
    days.build(&days.zone("20260504", &names[..19], true), 0);
    days.build(&days.zone("20260505", &names[..10], true), 1);
    days.snapshot(&["accept", "com@2026-05-02", "--undo"], 0);
    assert_eq!((coverage("2026-05-02"), coverage("2026-05-04")), ("shrunk".into(), "shrunk".into()));
    days.explains("name30.com", "2026-05-05", &["--max-zone-age-days", "9"], &["active, risk none"]);
    let mut again = zonelapse();
    again.args(["snapshot", "accept", "com@2026-05-02", "--undo", "--store"]).arg(days.store());
    run(&mut again).expect(2).says(&["nothing to take back", "hint: "]);
}

#[test]
fn other_options_build_again() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b", "c", "d"], true), 0);
    let smaller = days.zone("20260502", &["a", "b", "c"], true);
    assert!(days.build(&smaller, 1).contains("built"));
    assert!(days.build(&smaller, 1).contains("known"));
    assert!(days.build_with(&smaller, &["--max-shrink", "50"], 0).contains("built"));
    assert!(days.build_with(&smaller, &["--max-shrink", "50"], 0).contains("known"));
    assert!(days.build(&smaller, 1).contains("shrunk"), "and back");
    let list = days.path("se.list");
    fs::write(&list, "a.se\nb.se\n").expect("a list");
    assert!(days.build_with(&list, &["--date", "2026-05-01"], 0).contains("list"));
    let trusted = ["--date", "2026-05-01", "--trust-lists"];
    assert!(days.build_with(&list, &trusted, 0).contains("built se@2026-05-01  2 names  complete"));
    assert!(days.build_with(&list, &trusted, 0).contains("known"));
    let including = days.path("org.zone");
    let soa = "org. 900 in soa a.test. b.test. 2026050100 1 2 3 4\n";
    fs::write(&including, format!("{soa}$INCLUDE more.txt\n{soa}")).expect("a zone");
    fs::write(days.path("more.txt"), "a.org. 60 in ns b.test.\n").expect("a part of it");
    assert!(days.build(&including, 1).contains("unclosed"));
    assert!(
        days.build_with(&including, &["--allow-include"], 0)
            .contains("built org@2026-05-01  1 name  complete")
    );
}

#[test]
fn later_snapshots_have_no_influence() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b"], true), 0);
    days.build(&days.zone("20260502", &["a", "b"], true), 0);
    let explain = |as_of: &str| {
        let mut command = zonelapse();
        command.args(["explain", "b.com", "c.com", "--as-of", as_of, "--zones"]).arg(days.store());
        run(&mut command).expect(0).stdout
    };
    let moments = ["2026-05-01", "2026-05-01T23:59:59Z", "2026-05-02", "2026-05-02T12:00:00Z"];
    let before = moments.map(explain);
    days.build_with(
        &days.zone("20260503", &["a", "c>ns.other-example.net"], true),
        &["--max-shrink", "100"],
        0,
    );
    assert_eq!(moments.map(explain), before);
    assert_ne!(explain("2026-05-03"), before[3]);
    // what is wrong with it is nobody's concern either
    let path = days.store().join("com/2026-05-03.zls");
    fs::write(&path, b"no snapshot").expect("the snapshot can be written");
    assert_eq!(moments.map(explain), before);
}

/// A store that was pruned, and zone files whose dates it does not hold any more.
#[test]
fn an_audit_of_a_pruned_date() {
    let days = Days::new();
    let zones =
        ["20260501", "20260502", "20260503", "20260504"].map(|date| days.zone(date, &["a", "b"], true));
    zones.iter().for_each(|zone| drop(days.build(zone, 0)));
    days.snapshot(&["prune", "--keep-last", "2"], 0);
    let explain = |as_of: &str, zone: &Path| {
        let mut command = zonelapse();
        command
            .args(["explain", "b.com", "--as-of", as_of, "--zones"])
            .arg(zone)
            .arg("--store")
            .arg(days.store());
        run(&mut command).expect(0).stdout
    };
    let listed = days.snapshot(&["list"], 0);
    let told = explain("2026-05-02", &zones[1]);
    assert!(told.contains("active, risk none") && told.contains("2026-05-02"), "{told}");
    assert!(days.build(&zones[1], 0).contains("pruned com@2026-05-02"));
    assert_eq!(days.snapshot(&["list"], 0), listed);
}
