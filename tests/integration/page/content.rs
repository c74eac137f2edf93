//! What the page says, and that it says the same whoever writes it.

use std::fs;

use super::{audit_sample, full_sample, page, section};
use crate::support::{AS_OF, Bench, Report, not_found, read_parquet, rows, run, zone, zonelapse};

#[test]
fn audit_and_report_write_the_same_bytes_with_any_number_of_threads() {
    let bench = Bench::new();
    let report = full_sample(&bench);
    let written = page(&report);
    for threads in ["1", "4"] {
        fs::remove_file(report.join("index.html")).expect("the page is there");
        let mut again = zonelapse();
        again.env("RAYON_NUM_THREADS", threads).arg("report").arg(&report);
        let told = run(&mut again).expect(0).stdout;
        assert!(told.contains("full/index.html (") && told.contains(" kB)"), "{told}");
        assert!(page(&report) == written, "`report` with {threads} threads writes another page");
    }
    // a page is replaced, and the rest of the report stays
    let manifest = fs::read(report.join("manifest.json")).expect("a manifest");
    run(zonelapse().arg("report").arg(&report)).expect(0);
    assert!(page(&report) == written);
    assert!(fs::read(report.join("manifest.json")).expect("a manifest") == manifest);
    assert_eq!(fs::read_dir(&report).expect("a directory").count(), 11);
    // another run of the same inputs, elsewhere
    let (first, second) = (bench.path("first"), bench.path("second"));
    run(audit_sample(AS_OF, &first).args(["--threads", "1"])).expect(0);
    run(audit_sample(AS_OF, &second).args(["--threads", "3"])).expect(0);
    assert!(page(&first) == page(&second), "two runs write two pages");
}

#[test]
fn every_section_of_the_sample() {
    let bench = Bench::new();
    let directory = full_sample(&bench);
    let (page, report) = (page(&directory), Report::read(&directory));
    let said = |id: &str, parts: &[&str]| {
        let section = section(&page, id);
        parts.iter().for_each(|part| assert!(section.contains(part), "no `{part}` in #{id}:\n{section}"));
    };
    let unverify = report.value("/counts/accounts_by_action/unverify");
    assert!(
        page.contains(&format!("Unverify {unverify} accounts: others can receive their mail, now or soon."))
    );
    assert!(page.contains("This report is not complete") && page.contains("more than on 2026-05-25"));
    assert_eq!(page.matches("<li class=\"card ").count(), 6);
    // as many domains as the table has, with those of servers in place of what they expose
    let column = |name: &str| report.domains.column(name).expect("a column").i64().expect("numbers").clone();
    let columns = ["accounts_unverify", "accounts_review", "accounts_reregistered", "risk_rank", "state"];
    let is_shown = |line: &&String| {
        let words: Vec<&str> = line.split(' ').collect();
        let is_held = ["active", "expiring", "unknown"].contains(&words[4]);
        let is_by_server = is_held && ["4", "5"].contains(&words[3]) && words[2] == "0";
        (words[0] != "0" || words[1] != "0") && !is_by_server
    };
    let servers = rows(&read_parquet(&directory.join("servers.parquet")), &["action_exposed"]);
    let servers = servers.iter().filter(|action| ["unverify", "review"].contains(&action.as_str())).count();
    let all = rows(&report.domains, &columns);
    let rows = all.iter().filter(is_shown).count() + servers;
    said("act", &[&format!("{rows} domains with accounts to unverify or to review")]);
    assert_eq!(section(&page, "act").matches("<tr><td>").count(), rows);
    said("act", &["pending delete, which in this top-level domain nobody can undo", "by 2026-06-05"]);
    said(
        "act",
        &["held back by a circuit breaker", "changed hands on ", "after these accounts were verified"],
    );
    said("calendar", &["<svg", "2026-06-05: ", "can be had already, or any day", "Day by day"]);
    let hands = column("accounts_reregistered").iter().filter(|number| number.unwrap_or(0) > 0).count();
    said(
        "hands",
        &[&format!("{hands} domains changed hands"), "registered anew", "reinstantiated", "a long gap"],
    );
    said("servers", &["gone-dns-example.org", "ns1.gone-dns-example.org", "redemption", "absent"]);
    said("changes", &["since 2026-05-25", "newly at risk", "unknown, look up"]);
    said("later", &["look up", "notify"]);
    said("unjudged", &["the zone from CZDS", "zone info is stale: 22 days old", "there is no RDAP answer"]);
    said("decisions", &["zone biz: 40 of 40 domains (100.0 %)", "--release-breaker biz"]);
    said("decisions", &["3 decisions: 1 applied, 1 expired, 1 unused", "nobody-has-this-example.com"]);
    said(
        "inputs",
        &["data/sample/zones/info.txt.gz", "8 older snapshots", "RDAP bootstrap", "3 invalid domain"],
    );
}

#[test]
fn a_page_of_little() {
    let bench = Bench::new();
    let accounts = bench.write("none.csv", b"id,email\n");
    run(&mut bench.audit([accounts])).expect(1);
    let empty = page(&bench.path("report"));
    assert!(empty.contains("There is no account in this report."));
    assert!(empty.contains("Nothing to compare with") && empty.contains("No circuit breaker is open."));
    let accounts = bench.write("fine.csv", b"id,email\n1,a@held-example.com\n");
    run(&mut bench.audit([accounts])).expect(0);
    let fine = page(&bench.path("report"));
    assert!(fine.contains("Nothing to unverify among the 1 account."), "{fine}");
    assert!(fine.contains("Every account could be judged.") && !fine.contains(">Weight<"));
    let accounts = bench.write("far.csv", b"id,email\n1,a@some-example.net\n");
    run(&mut bench.audit([accounts])).expect(1);
    assert!(page(&bench.path("report")).contains("None of 1 account could be judged."));
}

#[test]
fn no_more_rows_than_a_person_reads() {
    const DOMAINS: usize = 1200;
    let bench = Bench::new();
    let label = "x".repeat(50);
    let names: Vec<String> =
        (0..DOMAINS).map(|n| format!("{label}.{label}.{label}.gone{n}-example")).collect();
    let accounts: String = names.iter().map(|name| format!("a@{name}.com\n")).collect();
    let accounts = bench.write("accounts.csv", ("email\n".to_owned() + &accounts).as_bytes());
    let answers: String = (0..DOMAINS).map(|n| not_found(&format!("gone{n}-example.com")) + "\n").collect();
    bench.write("answers.ndjson", answers.as_bytes());
    bench.write("com.zone", zone("com", 2026053101, &["held-example"]).as_bytes());
    run(bench.audit([accounts]).args(["--max-flagged-share", "100"])).expect(0);
    let page = page(&bench.path("report"));
    assert_eq!(section(&page, "act").matches("<tr><td>").count(), 500);
    assert!(section(&page, "act").contains("700 more domains are in <code>domains.parquet</code>"));
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[test]
fn what_cannot_become_a_page() {
    let bench = Bench::new();
    let report = |name: &str| {
        let mut command = zonelapse();
        command.arg("report").arg(bench.path(name));
        run(&mut command)
    };
    report("nothing").expect(2).says(&["not a finished report", "hint: "]);
    let accounts = bench.write("fine.csv", b"id,email\n1,a@held-example.com\n");
    run(&mut bench.audit([accounts])).expect(0);
    // what is not a page of ours is not replaced
    let index = bench.path("report/index.html");
    fs::write(&index, "<html>mine</html>\n").expect("a small file");
    report("report").expect(2).says(&["no earlier output of this command", "hint: "]);
    assert_eq!(fs::read_to_string(&index).expect("it is there"), "<html>mine</html>\n");
    fs::remove_file(&index).expect("it is there");
    fs::copy(bench.path("report/rejected.parquet"), bench.path("report/domains.parquet")).expect("a copy");
    report("report")
        .expect(2)
        .says(&["`domains.parquet` has no column `judged_domain`", "hint: audit again"]);
    assert!(!index.exists());
}
