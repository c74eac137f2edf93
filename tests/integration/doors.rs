//! Mail servers in domains that others can register: what audits, explanations, breakers and alerts make of them.

use std::fs;

use serde_json::Value;

use crate::support::{flat, rows, run, zonelapse};
use crate::times::{Times, domains, lists, reasons};

/// Some domains in good order; `gone.net` can be registered, and `lapsing.net` soon.
fn times() -> Times {
    let mut times = Times::new();
    times.zone("com", "20260531", &["all", "some", "soon", "below", "none", "old"]);
    times.zone("net", "20260531", &["kept", "relay>ns1.gone.net"]);
    times.not_found("gone.net", "2026-05-31");
    times.found("lapsing.net", "2026-05-31", &["redemption period"], &["registration 2001-01-01"]);
    for address in [
        "a@all.com",
        "a@some.com",
        "a@soon.com",
        "a@below.com",
        "a@mail.below.com",
        "a@none.com",
        "a@old.com",
    ] {
        times.account(address.trim_start_matches("a@"), address, "2020-01-01");
    }
    times
}

const MX: &str = "domain,mx,preference,date
all.com,mx.gone.net,10,2026-05-20T06:00:00Z
some.com,mx.kept.net,10,2026-05-20T06:00:00Z
some.com,mx.relay.net,20,2026-05-20T06:00:00Z
soon.com,mx.lapsing.net,10,2026-05-20T06:00:00Z
below.com,mx.kept.net,10,2026-05-21T06:00:00Z
mail.below.com,mx.gone.net,10,2026-05-20T06:00:00Z
none.com,.,0,2026-05-20T06:00:00Z
old.com,mx.gone.net,10,2026-01-20T06:00:00Z
";

/// Audits with these MX data.
fn audit(times: &Times, name: &str, mx: &str, more: &[&str], status: i32) -> crate::support::Report {
    let mx = times.bench.write("mx.csv", mx.as_bytes());
    let mx = mx.to_str().expect("a path of letters");
    times.audit(name, "2026-06-01", &[&["--mx", mx], more].concat(), status)
}

#[test]
fn mail_servers_are_a_third_door() {
    let report = audit(&times(), "report", MX, &[], 0);
    assert_eq!(
        report.verdicts(),
        [
            "all.com active critical unverify",
            "some.com active high unverify",
            "soon.com active high review",
            "below.com active none none",
            "mail.below.com active critical unverify",
            "none.com active none none",
            "old.com active none none",
        ]
    );
    let open = "mx.hijackable";
    let told: Vec<String> = reasons(&report).iter().map(|all| all.replace("rdap.none", "")).collect();
    let told: Vec<&str> = told.iter().map(|all| all.trim_matches('+')).collect();
    assert_eq!(told, [open, open, "mx.soon_hijackable", "", open, "mx.none", "mx.hijackable+mx.stale"]);
    let columns = ["risk", "accounts", "accounts_unverify", "mail_servers_seen_at", "mail_risk_below"];
    let seen = "2026-05-20 06:00:00.000000+00:00";
    assert_eq!(
        domains(&report, &columns),
        [
            format!("all.com critical 1 1 {seen} -"),
            format!("below.com none 2 1 {seen} critical"),
            format!("none.com none 1 0 {seen} -"),
            "old.com none 1 0 2026-01-20 06:00:00.000000+00:00 -".to_owned(),
            format!("some.com high 1 1 {seen} -"),
            format!("soon.com high 1 0 {seen} -"),
        ]
    );
    assert_eq!(
        lists(&report, "domains", "mail_servers"),
        [
            "mx.gone.net",
            "mx.gone.net+mx.kept.net",
            "",
            "mx.gone.net",
            "mx.kept.net+mx.relay.net",
            "mx.lapsing.net"
        ]
    );
}

#[test]
fn at_risk_says_it_in_words() {
    let times = times();
    audit(&times, "report", MX, &[], 0);
    let listed = fs::read_to_string(times.bench.path("report").join("at_risk.csv")).expect("a list");
    let line = |domain: &str| listed.lines().find(|line| line.contains(domain)).map(str::to_owned);
    let below = line("mail.below.com").expect("its mail can be taken over");
    let words = "others can register the domain of a mail server now, and with it receive the mail";
    assert!(
        below.starts_with("unverify,critical,active,mail.below.com,below.com,") && below.contains(words),
        "{below}"
    );
    assert!(line("old.com").is_none(), "{listed}");
}

#[test]
fn explain_names_the_mail_server_its_domain_and_the_day() {
    let times = times();
    audit(&times, "report", MX, &[], 0);
    let evidence = |command: &mut std::process::Command| {
        command.arg("--zones").arg(times.store()).arg("--rdap").arg(times.bench.path("answers.ndjson"));
        command.arg("--mx").arg(times.bench.path("mx.csv")).args(["--as-of", "2026-06-01"]);
    };
    let explain = |name: &str, options: &dyn Fn(&mut std::process::Command)| {
        let mut command = zonelapse();
        command.args(["explain", name]);
        options(&mut command);
        run(&mut command).expect(0).stdout
    };
    let parts = [
        "risk critical, action unverify",
        "risk raised: the domains of all its mail servers, or of all of the lowest preference, are available",
        "[mx.hijackable]",
        "mail 10 mx.gone.net (2026-05-20T06:00:00Z)",
        "third door mx.gone.net depends on gone.net, available by zone and rdap",
    ];
    for name in ["all.com", "mail.below.com"] {
        let told = flat(&explain(name, &evidence));
        parts.iter().for_each(|part| assert!(told.contains(part), "expected `{part}` in:\n{told}"));
    }
    let by_report = |command: &mut std::process::Command| {
        command.arg("--report").arg(times.bench.path("report"));
    };
    let told = flat(&explain("all.com", &by_report));
    for part in parts.map(|part| part.replace("10 mx", "mx")) {
        assert!(told.contains(&part), "expected `{part}` in:\n{told}");
    }
    let told = flat(&explain("none.com", &evidence));
    assert!(told.contains("mail no host that can be looked up") && told.contains("[mx.none]"), "{told}");

    let json = explain("some.com", &|command| {
        evidence(command);
        command.arg("--json");
    });
    let told: Value = serde_json::from_str(&json).expect("an object");
    assert_eq!(told["mail_servers"]["seen_at"], "2026-05-20T06:00:00Z");
    let server = &told["mail_servers"]["servers"][1];
    assert_eq!((&server["host"], &server["preference"]), (&"mx.relay.net".into(), &20.into()));
    let takeover = &server["takeover"];
    assert_eq!((&takeover["domain"], &takeover["state"]), (&"gone.net".into(), &"available".into()));
    assert_eq!(told["mail_servers"]["servers"][0]["takeover"], Value::Null);
}

/// A report has the mail servers of all mail domains at a domain together: what is told of each is what was judged of it.
#[test]
fn a_report_tells_each_mail_domain_what_was_judged_of_it() {
    let mut times = times();
    for (number, address) in ["a@only.soon.com", "b@mail.below.com", "a@null.all.com"].iter().enumerate() {
        times.account(&number.to_string(), address, if number == 1 { "" } else { "2020-01-01" });
    }
    let mx = MX.to_owned() + "only.soon.com,mx.gone.net,10,2026-05-20\nnull.all.com,.,0,2026-05-20\n";
    audit(&times, "report", &mx, &[], 0);
    let path = times.bench.path("report").display().to_string();
    let explain = |name: &str, options: &[&str]| {
        let mut command = zonelapse();
        command.args(["explain", name, "--report", &path]).args(options);
        run(&mut command).expect(0).stdout
    };
    #[track_caller]
    fn says(told: &str, title: &str, parts: &[&str], not: &[&str]) {
        let told = flat(told);
        assert!(told.starts_with(title), "{told}");
        parts.iter().for_each(|part| assert!(told.contains(part), "expected `{part}` in:\n{told}"));
        not.iter().for_each(|part| assert!(!told.contains(part), "found `{part}` in:\n{told}"));
    }
    let mixed = "the report has the mail servers of all mail domains at below.com together";
    says(
        &explain("mail.below.com", &[]),
        "mail.below.com: active, risk critical, action unverify",
        &[
            "3 accounts, 2 of them at mail.below.com: 2 to unverify",
            "risk raised: the domains of all its mail servers",
            "third door mx.gone.net depends on gone.net, available",
            "decisive gone.net (not registered)",
            mixed,
        ],
        &["the risk there is"],
    );
    says(
        &explain("below.com", &[]),
        "below.com: active, risk none, action none",
        &[
            "3 accounts, 1 of them at below.com",
            mixed,
            "below below.com can be taken over, now or soon: the risk there is critical",
        ],
        &["third door", "decisive", "mx.hijackable"],
    );
    let alone = "no account of the report is at other.below.com, so its own mail servers were not judged: the verdict is that \
                 of below.com";
    says(
        &explain("other.below.com", &[]),
        "other.below.com: active, risk none, action none",
        &["3 accounts, 0 of them at other.below.com", alone],
        &["third door", "decisive", "mx.", mixed],
    );
    says(
        &explain("null.all.com", &[]),
        "null.all.com: active, risk none, action none",
        &["mail no host that can be looked up", "[mx.none]"],
        &["third door", "decisive", "mx.hijackable"],
    );
    // what is raised by the records of the domain itself and by those of the mail domain
    says(
        &explain("soon.com", &[]),
        "soon.com: active, risk high, action review",
        &["[mx.soon_hijackable]"],
        &[],
    );
    let title = "only.soon.com: active, risk critical, action unverify";
    says(&explain("only.soon.com", &[]), title, &["[mx.hijackable]"], &["mx.soon_hijackable"]);
    // all of one mail domain: nothing is mixed
    says(
        &explain("some.com", &[]),
        "some.com: active, risk high",
        &["1 account: 1 to unverify"],
        &["together"],
    );
    // an account keeps what the mail domain has
    let account = explain("mail.below.com", &["--verified-at", "2021-01-01"]);
    says(
        &account,
        "mail.below.com: active, risk critical, action unverify",
        &["has the verdict of its domain"],
        &[],
    );
    let json: Value = serde_json::from_str(&explain("mail.below.com", &["--json"])).expect("an object");
    assert_eq!((&json["accounts"]["accounts"], &json["accounts"]["at_mail_domain"]), (&3.into(), &2.into()));
    assert_eq!((&json["verdict"]["risk"], &json["domain"]["risk"]), (&"critical".into(), &"critical".into()));
}

/// Where all accounts at a mail domain changed hands, only that can be told.
#[test]
fn a_report_tells_what_it_cannot_tell_of_a_mail_domain() {
    let mut times = times();
    let changed = ["registration 2024-01-01", "expiration 2030-01-01"];
    times.found("below.com", "2026-05-31", &["active"], &changed);
    audit(&times, "report", MX, &[], 0);
    let path = times.bench.path("report").display().to_string();
    let explain = run(zonelapse().args(["explain", "mail.below.com", "--report", &path])).expect(0);
    let told = flat(&explain.stdout);
    let words = "all accounts at mail.below.com were verified before below.com changed hands, so the report does not tell what its \
                 own mail servers add: the verdict is that of below.com";
    assert!(told.contains(words) && told.starts_with("mail.below.com: active, risk none"), "{told}");
}

/// Mail servers count for the domain that a row leads to, whatever the row names.
#[test]
fn mail_servers_count_for_every_subject() {
    let times = times();
    let mx = times.bench.write("mx.csv", MX.as_bytes());
    let rows = [
        ("address", "email", ["a@all.com", "a@mail.below.com", "a@none.com"]),
        ("domain", "domain", ["all.com", "mail.below.com", "none.com"]),
        ("url", "url", ["https://all.com/x", "git@mail.below.com:a/b.git", "http://none.com:8080"]),
        ("reverse-dns", "namespace", ["com.all.lib", "com.below.mail", "com.none"]),
    ];
    times.try_audit("other", "2026-06-01", &[]);
    for (subject, column, cells) in rows {
        let file =
            times.bench.write("rows.csv", (column.to_owned() + "\n" + &cells.join("\n") + "\n").as_bytes());
        let mut audit = zonelapse();
        audit.arg("audit").arg(file).args(["--subject", subject, "--as-of", "2026-06-01", "--mx"]).arg(&mx);
        audit.arg("--zones").arg(times.store()).arg("--rdap").arg(times.bench.path("answers.ndjson"));
        run(audit.arg("-o").arg(times.bench.path("report"))).expect(0);
        let report = crate::support::Report::read(&times.bench.path("report"));
        // of a name in reverse nobody knows how deep its domain is, so it leads to the registrable one
        let below = if subject == "reverse-dns" {
            "below.com active none none"
        } else {
            "mail.below.com active critical unverify"
        };
        let expected = ["all.com active critical unverify", below, "none.com active none none"];
        assert_eq!(report.verdicts(), expected, "{subject}");
    }
}

/// One domain to register that serves many opens the breaker, be it at the mail domain itself or below it.
#[test]
fn a_breaker_counts_mail_servers() {
    let mut times = Times::new();
    let names: Vec<String> = (0..60).map(|number| format!("shop{number}")).collect();
    times.zone("com", "20260531", &names.iter().map(String::as_str).collect::<Vec<_>>());
    times.zone("net", "20260531", &["kept"]);
    times.not_found("gone.net", "2026-05-31");
    let mut mx = "domain,mx,date\n".to_owned();
    for (number, name) in names.iter().enumerate() {
        let mail = if number % 2 == 0 { format!("{name}.com") } else { format!("mail.{name}.com") };
        times.account(name, &format!("a@{mail}"), "2020-01-01");
        if number < 30 {
            mx += &format!("{mail},mx.gone.net,2026-05-20\n");
        }
    }
    let report = audit(&times, "report", &mx, &[], 1);
    assert_eq!(report.value("/breaker/0/flagged"), 30);
    let acts = rows(&report.accounts, &["action", "action_before_breaker"]);
    assert_eq!(acts.iter().filter(|act| *act == "review unverify").count(), 30);
    let report = audit(&times, "released", &mx, &["--release-breaker", "com"], 0);
    let acts = rows(&report.accounts, &["action"]);
    assert_eq!(acts.iter().filter(|act| *act == "unverify").count(), 30);
    // what was unverified last night is not new
    let before = times.bench.path("released").display().to_string();
    let report = audit(&times, "next", &mx, &["--previous", &before], 0);
    let acts = rows(&report.accounts, &["action"]);
    assert_eq!(acts.iter().filter(|act| *act == "unverify").count(), 30);
}

#[test]
fn alerts_about_mail_servers() {
    let times = times();
    let fine = MX.replace("mx.gone.net", "mx.kept.net").replace("mx.relay.net", "mx.kept.net");
    audit(&times, "one", &fine, &[], 0);
    let night = |name: &str, before: &str, mx: &str| {
        let before = times.bench.path(before).display().to_string();
        audit(&times, name, mx, &["--previous", &before], 0);
        let text = fs::read_to_string(times.bench.path(name).join("alerts.jsonl")).expect("alerts");
        let line = |line: &str| {
            let alert: Value = serde_json::from_str(line).expect("an object a line");
            let word =
                |name: &str| alert[name].as_str().map_or_else(|| alert[name].to_string(), str::to_owned);
            ["status", "finding", "domain", "severity", "action", "accounts"].map(word).join(" ")
        };
        text.lines().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        night("two", "one", MX),
        [
            // the domain of the servers, with all that it exposes
            "new mail_server gone.net critical unverify 4",
        ]
    );
    assert_eq!(night("three", "two", MX), [""; 0]);
    assert_eq!(night("four", "three", &fine), ["no_longer_judged mail_server gone.net none none 0",]);
}

/// A person decides that nothing is to be done: what servers expose at a domain is resolved, be the raise at the domain itself
/// or at a mail domain below it.
#[test]
fn a_decision_resolves_what_a_server_exposes() {
    for (mail_domain, decided) in [("all.com", "all.com"), ("mail.below.com", "below.com")] {
        let times = times();
        let mx = format!("domain,mx,preference,date\n{mail_domain},mx.gone.net,10,2026-05-20\n");
        let decisions = format!("domain,action,until\n{decided},none,2026-06-01\n");
        let decisions = times.bench.write("decisions.csv", decisions.as_bytes());
        let decisions = ["--overrides", decisions.to_str().expect("a path of letters")];
        audit(&times, "one", &mx, &[], 0);
        let mut before = "one".to_owned();
        let mut night = |name: &str, more: &[&str]| {
            let previous = times.bench.path(&before).display().to_string();
            audit(&times, name, &mx, &[&["--previous", &previous], more].concat(), 0);
            before = name.to_owned();
            let alerts = fs::read_to_string(times.bench.path(name).join("alerts.jsonl")).expect("alerts");
            let alerts: Vec<Value> =
                alerts.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
            let words = ["status", "finding", "domain", "severity", "action"];
            let line =
                |alert: &Value| words.map(|word| alert[word].as_str().unwrap_or("-").to_owned()).join(" ");
            alerts.iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(night("two", &decisions), ["resolved mail_server gone.net critical none"], "{decided}");
        assert_eq!(night("three", &decisions), [""; 0], "it was told");
        // without the decision it is there again
        assert_eq!(night("four", &[]), ["new mail_server gone.net critical unverify"], "{decided}");
    }
}

#[test]
fn threads_change_no_byte() {
    let times = times();
    let tables = ["1", "2"].map(|threads| {
        audit(&times, threads, MX, &["--threads", threads], 0);
        ["accounts", "domains"].map(|table| {
            fs::read(times.bench.path(threads).join(format!("{table}.parquet"))).expect("a table")
        })
    });
    assert!(tables[0] == tables[1]);
}
