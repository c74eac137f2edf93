//! Which answers count: the registry's, those of others, of redirectors, of leads, and of nobody known.

use crate::support::{Bench, Report, run, zonelapse};
use crate::times::{Times, lists};

const VERISIGN: &str = "https://rdap.verisign.com/com/v1/domain/X";
const REGISTRAR: &str = "https://RDAP.Registrar.Example.:8443/rdap/domain/X";
const HOST_A: &str = "https://rdap.a.example/";
const HOST_B: &str = "https://rdap.b.example/";

/// A domain object with a status, and with an expiration if one is named.
fn body(domain: &str, status: &str) -> String {
    let (status, expires) = status.split_once(" until ").unwrap_or((status, "2031-01-01"));
    let event = |action: &str, date: &str| serde_json::json!({"eventAction": action, "eventDate": date});
    serde_json::json!({
        "objectClassName": "domain", "ldhName": domain, "status": [status],
        "events": [event("registration", "2011-01-01"), event("expiration", expires)]
    })
    .to_string()
}

/// Judges a name by these answers: `(source, day, what)`, where what is `404` or a status. A source may be `-`. `zone` is
/// the day of a zone, with or without the name.
#[track_caller]
fn judged(
    domain: &str,
    zone: Option<(&str, bool)>,
    answers: &[(&str, &str, &str)],
    extra: &[&str],
    expected: &str,
    reasons: &str,
) -> Report {
    let mut times = Times::new();
    let (name, origin) = domain.rsplit_once('.').expect("a name with a dot");
    if let Some((date, holds)) = zone {
        times.zone(origin, date, if holds { std::slice::from_ref(&name) } else { &[] });
    }
    for (source, date, what) in answers {
        let (status, body) = match *what {
            "404" => (404, r#"{"errorCode":404}"#.to_owned()),
            status => (200, body(domain, status)),
        };
        times.answer_of(source.trim_matches('-'), domain, date, status, &body);
    }
    times.account("a", &format!("a@{domain}"), "2012-01-01");
    // where nothing could be judged, the run is incomplete
    let status = i32::from(expected.starts_with("unknown"));
    let report = times.audit("report", "2026-06-01", extra, status);
    assert_eq!(report.verdicts(), [format!("{domain} {expected}")]);
    assert_eq!(lists(&report, "accounts", "reasons"), [reasons], "{domain}");
    report
}

const ABSENT: Option<(&str, bool)> = Some(("20260531", false));
const PRESENT: Option<(&str, bool)> = Some(("20260531", true));
const DAY: &str = "2026-05-31";

#[test]
fn only_the_registry_decides() {
    let not_found = (REGISTRAR, DAY, "404");
    let by_registry = (VERISIGN, "2026-05-30", "active");
    judged("x.com", ABSENT, &[not_found], &[], "absent high lookup", "rdap.not_the_registry");
    judged("x.com", None, &[not_found], &[], "unknown unknown lookup", "zone.none+rdap.not_the_registry");
    judged("x.com", PRESENT, &[not_found], &[], "active none none", "rdap.not_the_registry");
    judged(
        "x.com",
        ABSENT,
        &[by_registry, not_found],
        &[],
        "undelegated medium notify",
        "rdap.not_the_registry",
    );
    judged("x.com", None, &[by_registry, not_found], &[], "active none none", "rdap.not_the_registry");
    // the statuses of others are not used either
    judged(
        "x.com",
        PRESENT,
        &[(REGISTRAR, DAY, "pending delete")],
        &[],
        "active none none",
        "rdap.not_the_registry",
    );
    judged("x.com", PRESENT, &[by_registry, (REGISTRAR, DAY, "client hold")], &[], "active none none", "");
    // the registry's own 404
    judged("x.com", ABSENT, &[(VERISIGN, DAY, "404")], &[], "available critical unverify", "");
    let other = (REGISTRAR, DAY, "active");
    judged(
        "x.com",
        ABSENT,
        &[(VERISIGN, "2026-05-30", "404"), other],
        &[],
        "available critical unverify",
        "",
    );
    // a suffix of a private registry is longer than `com`
    let central = "https://rdap.centralnic.com/uk.com/";
    judged(
        "x.uk.com",
        None,
        &[(central, DAY, "404")],
        &[],
        "available high review",
        "name.private_judged+zone.none",
    );
    judged(
        "x.uk.com",
        None,
        &[(VERISIGN, DAY, "404")],
        &[],
        "unknown unknown lookup",
        "name.private_uncovered+zone.none+rdap.not_the_registry",
    );
    // the registry of `com` does not know names at `co.com`, whose server nobody knows
    judged(
        "x.co.com",
        None,
        &[(VERISIGN, DAY, "404")],
        &[],
        "unknown unknown lookup",
        "name.private_uncovered+zone.none+rdap.not_the_registry",
    );
}

#[test]
fn a_trusted_host_counts_as_the_registry() {
    let trust = |host: &'static str| ["--trust-source", host];
    for host in ["rdap.registrar.example", "RDAP.registrar.example.", "https://rdap.registrar.example:1/x"] {
        let answers = [(REGISTRAR, DAY, "404")];
        judged("x.com", ABSENT, &answers, &trust(host), "available critical unverify", "");
    }
    let redirected = [("https://rdap.org/domain/x.com", DAY, "404")];
    judged("x.com", ABSENT, &redirected, &trust("rdap.org"), "available critical unverify", "");
    let report = judged(
        "x.at",
        None,
        &[(HOST_A, DAY, "404")],
        &trust("rdap.a.example"),
        "available high review",
        "zone.none",
    );
    assert_eq!(report.value("/options/trust-source/0"), "rdap.a.example");
    assert_eq!(report.value("/inputs/rdap_sources/trusted/0"), "rdap.a.example");
    assert_eq!(report.value("/inputs/rdap_sources/names_taken_as_given"), 0);
}

#[test]
fn a_redirector_decides_nothing() {
    for host in ["https://rdap.org/domain/x", "http://WWW.rdap.org:80/", "rdap.net", "client.rdap.org."] {
        for domain in ["x.com", "x.at"] {
            let told = "zone.none+rdap.not_the_registry";
            judged(domain, None, &[(host, DAY, "404")], &[], "unknown unknown lookup", told);
            judged(domain, None, &[(host, DAY, "active")], &[], "unknown unknown lookup", told);
        }
    }
}

#[test]
fn an_unknown_source_is_taken_as_given() {
    let told = "zone.none+rdap.unverified_source";
    judged("x.at", None, &[(HOST_A, DAY, "active")], &[], "active none none", "rdap.unverified_source");
    judged("x.at", None, &[(HOST_A, DAY, "404")], &[], "available high review", told);
    judged("x.com", None, &[("-", DAY, "404")], &[], "available high review", told);
    // a lead: what it finds is taken as given, its 404 is not
    let lead = "https://rdap.eurid.eu/domain/x.eu";
    judged("x.eu", None, &[(lead, DAY, "active")], &[], "active none none", "rdap.unverified_source");
    judged(
        "x.eu",
        None,
        &[(lead, DAY, "404")],
        &[],
        "unknown unknown lookup",
        "zone.none+rdap.not_the_registry",
    );
    judged("x.eu", ABSENT, &[(lead, DAY, "404")], &[], "absent high lookup", "rdap.not_the_registry");
}

#[test]
fn sources_that_disagree_unverify_nobody_and_clear_nobody() {
    let conflict = "rdap.unverified_source+evidence.conflict";
    let unknown = &format!("zone.none+{conflict}");
    let found = |status| (HOST_A, DAY, status);
    let gone = (HOST_B, DAY, "404");
    judged("x.at", None, &[found("active"), gone], &[], "unknown unknown review", unknown);
    judged("x.at", ABSENT, &[found("active"), gone], &[], "absent high lookup", conflict);
    judged("x.at", PRESENT, &[found("active"), gone], &[], "unknown unknown review", conflict);
    for status in ["redemption period", "pending delete", "client hold", "inactive", "ok until 2026-05-20"] {
        let answers = [found(status), (HOST_B, "2026-05-30", "active")];
        judged("x.at", None, &answers, &[], "unknown unknown review", unknown);
    }
    // what decides nothing is no contradiction
    let answers = [found("client transfer prohibited"), (HOST_B, "2026-05-30", "active")];
    judged("x.at", None, &answers, &[], "active none none", "rdap.unverified_source");
    // more than 24 hours apart, the newer one counts
    let answers = [found("active"), (HOST_B, "2026-05-29", "404")];
    judged("x.at", None, &answers, &[], "active none none", "rdap.unverified_source");
    // a zone that is newer by more than a day decides
    let older = [(HOST_A, "2026-05-29", "active"), (HOST_B, "2026-05-29", "404")];
    judged("x.at", PRESENT, &older, &[], "active none none", conflict);
    // an answer without a source against the registry's: within a day neither is used, unless the registry's is newer
    judged(
        "x.com",
        None,
        &[(VERISIGN, "2026-05-30", "active"), ("-", DAY, "404")],
        &[],
        "unknown unknown review",
        unknown,
    );
    judged(
        "x.com",
        ABSENT,
        &[(VERISIGN, "2026-05-30", "404"), ("-", DAY, "active")],
        &[],
        "absent high lookup",
        conflict,
    );
    judged(
        "x.com",
        ABSENT,
        &[("-", "2026-05-30", "active"), (VERISIGN, DAY, "404")],
        &[],
        "available critical unverify",
        "",
    );
    judged(
        "x.com",
        None,
        &[(VERISIGN, "2026-05-30", "active"), ("-", DAY, "active")],
        &[],
        "active none none",
        "",
    );
    // nobody is reregistered by one of two answers that contradict each other
    let mut times = Times::new();
    times.answer_of(HOST_A, "x.at", DAY, 200, &body("x.at", "active"));
    times.answer_of(HOST_B, "x.at", DAY, 404, r#"{"errorCode":404}"#);
    times.account("a", "a@x.at", "2010-01-01");
    let report = times.audit("report", "2026-06-01", &[], 1);
    assert_eq!(report.verdicts(), ["x.at unknown unknown review"]);
}

#[test]
fn what_was_not_used_is_told_once() {
    let mut times = Times::new();
    for number in 0..7 {
        let domain = format!("x{number}.com");
        times.answer_of(
            &format!("https://rdap.r{number}.example/"),
            &domain,
            DAY,
            404,
            r#"{"errorCode":404}"#,
        );
        times.answer_of("https://rdap.org/", &domain, DAY, 404, r#"{"errorCode":404}"#);
        times.account("a", &format!("a@{domain}"), "");
    }
    times.answer_of(HOST_A, "x.at", DAY, 200, &body("x.at", "active"));
    times.account("a", "a@x.at", "");
    let run = times.try_audit("report", "2026-06-01", &[]).expect(0);
    let told = "note: 14 RDAP answers were not used, because these hosts are not the registry's: rdap.org (7), \
                rdap.r0.example (1), rdap.r1.example (1), rdap.r2.example (1) and 4 more hosts; see `--trust-source`\n";
    assert_eq!(run.stderr.matches(told).count(), 1, "{}", run.stderr);
    let taken = "note: 1 name was judged by answers of unknown servers [rdap.unverified_source]\n";
    assert_eq!(run.stderr.matches(taken).count(), 1, "{}", run.stderr);
    let report = Report::read(&times.bench.path("report"));
    assert_eq!(report.value("/inputs/rdap_sources/unused_answers/0/host"), "rdap.org");
    assert_eq!(report.value("/inputs/rdap_sources/unused_answers/7/answers"), 1);
}

#[test]
fn built_in_lists_tell_their_age() {
    let mut times = Times::new();
    times.answer_of(VERISIGN, "x.com", "2028-01-01", 200, &body("x.com", "active"));
    times.account("a", "a@x.com", "");
    let run = times.try_audit("report", "2028-01-02", &[]).expect(0);
    let old = [
        "the built-in RDAP bootstrap file is 528 days old; name a newer one with `--bootstrap`",
        "the built-in Public Suffix List is ",
    ];
    let run = run.says(&old);
    assert!(run.stderr.contains("the built-in table of RDAP servers is "), "{}", run.stderr);
    let report = Report::read(&times.bench.path("report"));
    assert_eq!(report.value("/inputs/rdap_sources/lists/1/days_old"), 528);
    assert_eq!(report.value("/inputs/rdap_sources/lists/1/built_in"), true);
    let now = times.try_audit("now", "2026-11-26", &[]).expect(1);
    assert!(!now.stderr.contains("built-in"), "{}", now.stderr);
    let report = Report::read(&times.bench.path("now"));
    assert_eq!(report.value("/inputs/rdap_sources/lists/1/date"), "2026-07-23");
}

#[test]
fn a_host_that_is_none_is_a_usage_mistake() {
    let bench = Bench::new();
    let accounts = bench.write("accounts.csv", b"email\na@x.com\n");
    let mut command = zonelapse();
    command.arg("audit").arg(accounts).args(["--zones", ".", "-o"]).arg(bench.path("report"));
    run(command.args(["--trust-source", "not a host"])).expect(2).says(&[
        "`--trust-source`: expected the name of a host, found `not a host`",
        "hint: write it as in the summary: `rdap.example.net`",
    ]);
}

#[test]
fn explain_names_the_servers_that_were_not_used() {
    let bench = Bench::new();
    let explained = |domain: &str, source: &str, status: u16, extra: &[&str]| {
        let body = if status == 404 { "null".to_owned() } else { body(domain, "active") };
        let answer = format!(
            r#"{{"domain":"{domain}","fetched_at":"{DAY}","source":"{source}","http_status":{status},"body":{body}}}"#
        );
        let answers = bench.write("answers.ndjson", answer.as_bytes());
        let mut command = zonelapse();
        command.args(["explain", domain, "--as-of", "2026-06-01", "--rdap"]).arg(answers).args(extra);
        crate::support::flat(&run(&mut command).expect(0).stdout)
    };
    let has = |text: &str, parts: &[&str]| {
        parts.iter().for_each(|part| assert!(text.contains(part), "expected `{part}` in:\n{text}"));
    };
    has(
        &explained("x.com", REGISTRAR, 404, &[]),
        &[
            "RDAP, not used: not_found by rdap.registrar.example, which is not the registry's server",
            "RDAP no answer",
            "name it with `--trust-source`",
        ],
    );
    let given = explained("x.at", HOST_A, 200, &[]);
    has(&given, &["RDAP found by rdap.a.example (an unknown server), fetched"]);
    assert!(!given.contains("unverified_source"), "{given}");
    let trusted = explained("x.at", HOST_A, 200, &["--trust-source", "rdap.a.example"]);
    has(&trusted, &["RDAP found by rdap.a.example, fetched"]);
}
