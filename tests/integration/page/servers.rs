//! Domains that are at risk through servers: the page lists the domain of the servers in their place, whatever is to be done,
//! and be the raise at the judged domain or at a mail domain below it.

use std::fs;
use std::path::Path;

use super::{full_sample, page, section};
use crate::support::{Bench, read_parquet, rows, run, zonelapse};
use crate::times::Times;

/// Two mail domains below judged ones have their mail servers in `gone.net`, which is in no zone; and one domain has its name
/// servers there.
fn times() -> Times {
    let mut times = Times::new();
    times.zone("com", "20260531", &["below", "hold", "named>ns1.gone.net"]);
    times.zone("net", "20260531", &["kept"]);
    let active = ["registration 2001-01-01", "expiration 2030-01-01"];
    times.found("hold.com", "2026-05-31", &["client hold"], &active);
    for name in ["mail.below.com", "mail.hold.com", "below.com", "hold.com"] {
        times.account(name, &format!("a@{name}"), "2020-01-01");
    }
    times
}

const MX: &str = "domain,mx,date
mail.below.com,mx.gone.net,2026-05-30
mail.hold.com,mx.gone.net,2026-05-30
";

/// Audits, and gives the page and the summary.
fn audit(times: &Times) -> (String, String) {
    let mx = times.bench.write("mx.csv", MX.as_bytes());
    let mx = ["--mx", mx.to_str().expect("a path of letters")];
    let run = times.try_audit("report", "2026-06-01", &mx).expect(0);
    (page(&times.bench.path("report")), run.stdout)
}

fn verdicts(times: &Times) -> Vec<String> {
    let table = read_parquet(&times.bench.path("report/accounts.parquet"));
    rows(&table, &["mail_domain", "state", "risk", "action"])
}

/// The lines of the tables of a section.
fn lines<'p>(page: &'p str, id: &str) -> Vec<&'p str> {
    section(page, id).lines().filter(|line| line.starts_with("<tr><td>")).collect()
}

#[track_caller]
fn lists(page: &str, id: &str, expected: &[[&str; 3]]) {
    let lines = lines(page, id);
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, parts) in lines.iter().zip(expected) {
        parts.iter().for_each(|part| assert!(line.contains(part), "expected `{part}` in {line}"));
    }
}

#[test]
fn look_ups_that_only_mail_domains_below_need() {
    let times = times();
    let (page, summary) = audit(&times);
    let expected = [
        "mail.below.com active critical lookup",
        "mail.hold.com hold critical lookup",
        "below.com active none none",
        "hold.com hold medium notify",
    ];
    assert_eq!(verdicts(&times), expected);
    let takes_over = "takes over mail servers of 2 domains with 2 accounts";
    let server = ["look up", "gone.net", takes_over];
    lists(&page, "later", &[server, ["notify", "hold.com", "client hold"]]);
    assert!(
        summary.contains("gone.net (absent from its zone) serves the mail of 2 domains with 2 accounts\n"),
        "{summary}"
    );
}

#[test]
fn accounts_that_are_lost_only_at_mail_domains_below() {
    let mut times = times();
    times.not_found("gone.net", "2026-05-31");
    let (page, _) = audit(&times);
    assert_eq!(
        verdicts(&times)[..2],
        ["mail.below.com active critical unverify", "mail.hold.com hold critical unverify"]
    );
    lists(&page, "act", &[["unverify", "gone.net", "takes over mail servers of 2 domains with 2 accounts"]]);
    lists(&page, "later", &[["notify", "hold.com", "client hold"]]);
}

/// The domain of name servers and of mail servers is one line of the summary.
#[test]
fn a_domain_of_both_kinds_of_server_is_named_once() {
    let mut times = times();
    times.account("named", "a@named.com", "2020-01-01");
    let (_, summary) = audit(&times);
    let words = "gone.net (absent from its zone) serves 1 domain with 1 account and the mail of 2 domains with 2 accounts\n";
    assert!(summary.contains(words), "{summary}");
    assert_eq!(summary.matches("gone.net").count(), 1, "{summary}");
}

/// A report of an earlier version has no table of servers. Then its domains are listed themselves, and the page says so.
#[test]
fn a_report_without_a_table_of_servers() {
    let bench = Bench::new();
    let report = full_sample(&bench);
    let with_servers = page(&report);
    fs::remove_file(report.join("servers.parquet")).expect("it is there");
    let again = |report: &Path| run(zonelapse().arg("report").arg(report)).expect(0);
    again(&report);
    let without = page(&report);
    assert!(
        section(&without, "servers")
            .contains("An earlier version wrote this report, without a table of servers")
    );
    assert!(!section(&with_servers, "servers").contains("An earlier version"));
    // what was shown as one domain of servers is shown domain by domain
    let domains =
        rows(&read_parquet(&report.join("domains.parquet")), &["accounts_unverify", "accounts_review"]);
    let lost = domains.iter().filter(|line| *line != "0 0").count();
    assert_eq!(lines(&without, "act").len(), lost);
    assert!(lines(&with_servers, "act").len() < lost && !lines(&without, "act").is_empty());
}
