//! What lists say of mail domains: classes, mistyped names, closed services. These are columns; verdicts stay.

use crate::support::{AS_OF, Bench, Report, rows, run, zone, zonelapse};
use crate::times::lists;

const COLUMNS: &[&str] = &["judged_domain", "mail_class", "typo_of", "mail_closed_on", "risk", "action"];

/// The rows of a report's domains of which lists say anything.
fn told(report: &Report) -> Vec<String> {
    let all = rows(&report.domains, COLUMNS);
    all.into_iter().filter(|row| row.split(' ').skip(1).take(3).any(|cell| cell != "-")).collect()
}

#[test]
fn the_sample_has_each() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let report = directory.path().join("report");
    let mut audit = zonelapse();
    audit.args([
        "audit",
        "data/sample/accounts.csv",
        "--zones",
        "data/sample/zones",
        "--rdap",
        "data/sample/rdap",
    ]);
    run(audit.args(["--as-of", AS_OF, "-o"]).arg(&report)).expect(0);
    let report = Report::read(&report);
    assert_eq!(
        told(&report),
        [
            "fsmail.net - - 2017-05-31 none notify",
            "gmail.com free - - none none",
            "gnail.com - gmail.com - none none",
            "laposte.net free - - none none",
            "mailinator.com disposable - - none none",
            "orange.net - - 2017-05-31 low notify",
            "outlook.com free - - none none",
            "yopmail.net disposable - - none none",
        ]
    );
    let accounts = rows(&report.accounts, &["mail_domain", "mail_class", "typo_of"]);
    assert!(accounts.iter().any(|row| row == "mail.sub.yopmail.net disposable -"), "a name below");
    assert_eq!(accounts.iter().filter(|row| row.ends_with(" gmail.com")).count(), 1);
    let reasons = lists(&report, "domains", "reasons");
    assert_eq!(reasons.iter().filter(|reasons| reasons.contains("mail.closed")).count(), 2);
    assert_eq!(reasons.iter().filter(|reasons| reasons.contains("name.looks_mistyped")).count(), 1);
}

/// Accounts at big providers, and at one name each.
fn bench(names: &[&str], providers: &[(&str, u32)]) -> Bench {
    let bench = Bench::new();
    let many = providers.iter().flat_map(|(name, accounts)| (0..*accounts).map(move |_| *name));
    let accounts: String = many.chain(names.iter().copied()).map(|name| format!("a@{name}\n")).collect();
    bench.write("a.csv", format!("email\n{accounts}").as_bytes());
    bench.write("com.zone", zone("com", 2026053101, &["fine"]).as_bytes());
    bench
}

#[test]
fn a_list_of_ones_own() {
    let names = ["mailinator.com", "in.ours.com", "gmai.com", "hmail.com", "voila.fr"];
    let bench = bench(&names, &[("gmail.com", 100)]);
    let path =
        bench.write("own.csv", b"class,domain\nnone,mailinator.com\ndisposable,ours.com\nnone,hmail.com\n");
    let mut audit = bench.audit_by([&bench.path("a.csv")], &["com.zone"]);
    run(audit.arg("--mail-classes").arg(&path)).expect(0);
    let report = bench.report();
    let says = |row: &String| row.split(' ').take(4).collect::<Vec<_>>().join(" ");
    assert_eq!(
        told(&report).iter().map(says).collect::<Vec<_>>(),
        [
            "gmai.com - gmail.com -",
            "gmail.com free - -",
            "ours.com disposable - -",
            "voila.fr - - 2016-07-12"
        ]
    );
    assert_eq!(report.value("/mail_classes/own"), 3);
    assert_eq!(report.value("/mail_classes/path"), &*path.display().to_string());
}

/// A service that closes later is open.
#[test]
fn closed_later() {
    let bench = bench(&["voila.fr"], &[]);
    let mut explain = zonelapse();
    explain.args(["explain", "voila.fr", "--as-of", "2016-07-11", "--zones"]).arg(bench.path("com.zone"));
    let before = run(&mut explain).stdout;
    assert!(!before.contains("mail.closed"), "{before}");
    let mut explain = zonelapse();
    explain.args(["explain", "a@voila.fr", "--as-of", "2016-07-12", "--zones"]).arg(bench.path("com.zone"));
    let after = run(&mut explain).stdout;
    assert!(after.contains("[mail.closed]") && after.contains("closed on 2016-07-12"), "{after}");
}
