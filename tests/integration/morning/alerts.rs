//! `alerts.jsonl` over some nights: told once, with the same fingerprint until it is resolved.

use std::fs;

use serde_json::Value;

use crate::times::Times;

/// Nights of one world, each compared with the one before.
struct Nights {
    times: Times,
    last: Option<String>,
}

impl Nights {
    fn new() -> Self {
        let mut times = Times::new();
        for name in ["lapsing", "sold", "fine"] {
            times.account(name, &format!("somebody@{name}.com"), "2020-01-01");
        }
        Self { times, last: None }
    }

    /// Audits, and gives `status finding domain severity accounts` of each alert, and the alerts.
    #[track_caller]
    fn night(&mut self, day: &str, extra: &[&str], status: i32) -> (Vec<String>, Vec<Value>) {
        let previous = self.last.replace(day.to_owned()).map(|last| self.times.bench.path(&last));
        let previous = previous.as_ref().map(|path| path.to_str().expect("a path of letters"));
        let options: Vec<&str> = previous.iter().flat_map(|path| ["--previous", path]).collect();
        self.times.audit(day, day, &[&options, extra].concat(), status);
        let file = self.times.bench.path(day).join("alerts.jsonl");
        if previous.is_none() {
            assert!(!file.exists(), "nothing to compare with");
            return (Vec::new(), Vec::new());
        }
        let text = fs::read_to_string(file).expect("alerts");
        assert!(!text.contains('@') && !text.contains("somebody"), "{text}");
        let alerts: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let line = |alert: &Value| {
            let cells = ["status", "finding", "domain", "severity", "accounts"];
            cells.map(|name| word(&alert[name])).join(" ")
        };
        (alerts.iter().map(line).collect(), alerts)
    }
}

/// A zone of `com` on a date.
fn zone(times: &Times, date: &str, names: &[&str]) {
    times.zone("com", &date.replace('-', ""), names).expect(0);
}

#[test]
fn a_finding_is_told_once_and_resolved_with_its_fingerprint() {
    let mut nights = Nights::new();
    let active = ["registration 2015-01-01", "expiration 2030-01-01"];
    zone(&nights.times, "2026-06-01", &["lapsing", "sold", "fine"]);
    for name in ["lapsing.com", "sold.com", "fine.com"] {
        nights.times.found(name, "2026-06-01", &["active"], &active);
    }
    nights.night("2026-06-01", &[], 0);

    zone(&nights.times, "2026-06-02", &["lapsing", "sold", "fine"]);
    assert_eq!(nights.night("2026-06-02", &[], 0).0, [""; 0], "a quiet night");

    zone(&nights.times, "2026-06-03", &["sold", "fine"]);
    nights.times.found("lapsing.com", "2026-06-03", &["redemption period"], &active);
    nights.times.found(
        "sold.com",
        "2026-06-03",
        &["active"],
        &["registration 2026-06-02", "expiration 2030-01-01"],
    );
    let (lines, told) = nights.night("2026-06-03", &[], 0);
    assert_eq!(lines, ["new changed_hands sold.com critical 1", "new lapse lapsing.com high 1"]);
    assert_eq!(told[1]["state"], "redemption");
    assert_eq!(told[1]["state_before"], "active");
    assert_eq!(told[1]["action"], "unverify");
    assert!(told[1]["reason"].as_str().is_some_and(|reason| reason.starts_with("in redemption")), "{told:?}");
    assert!(told[1]["earliest_drop_on"].as_str().is_some_and(|day| day > "2026-06-03"), "{told:?}");
    assert_eq!(
        (&told[1]["as_of"], &told[1]["previous_as_of"]),
        (&"2026-06-03T00:00:00Z".into(), &"2026-06-02T00:00:00Z".into())
    );

    zone(&nights.times, "2026-06-04", &["sold", "fine"]);
    assert_eq!(nights.night("2026-06-04", &[], 0).0, [""; 0], "it was told");

    // a second account at the domain that changed hands, and the other domain goes further
    nights.times.account("more", "somebody.else@sold.com", "2020-01-01");
    zone(&nights.times, "2026-06-05", &["sold", "fine"]);
    nights.times.found("lapsing.com", "2026-06-05", &["pending delete"], &active);
    let (lines, worse) = nights.night("2026-06-05", &[], 0);
    let mut sorted = lines.clone();
    sorted.sort();
    assert_eq!(sorted, ["worse changed_hands sold.com critical 2", "worse lapse lapsing.com critical 1"]);
    let of = |alerts: &[Value], domain: &str| {
        let alert = alerts.iter().find(|alert| alert["domain"] == domain).expect("it is there");
        alert["fingerprint"].as_str().expect("a text").to_owned()
    };
    for domain in ["sold.com", "lapsing.com"] {
        assert_eq!(of(&told, domain), of(&worse, domain));
    }
    // anyone can make it again: printf 'lapse lapsing.com' | sha256sum | cut -c1-32
    assert_eq!(of(&told, "lapsing.com"), "a3b06c3d1fc12382741fa9eebb52dff6");

    // restored; and the accounts at the other were dealt with
    nights.times.no_accounts();
    for name in ["lapsing", "sold", "fine"] {
        let verified = if name == "sold" { "2026-06-05" } else { "2020-01-01" };
        nights.times.account(&format!("{name}-again"), &format!("somebody@{name}.com"), verified);
    }
    zone(&nights.times, "2026-06-06", &["lapsing", "sold", "fine"]);
    nights.times.found("lapsing.com", "2026-06-06", &["active"], &active);
    let (lines, resolved) = nights.night("2026-06-06", &[], 0);
    assert_eq!(lines, ["resolved lapse lapsing.com none 1", "resolved changed_hands sold.com none 0"]);
    for domain in ["sold.com", "lapsing.com"] {
        assert_eq!(of(&told, domain), of(&resolved, domain));
    }
}

#[test]
fn what_evidence_no_longer_reaches_is_not_resolved() {
    let mut nights = Nights::new();
    nights.times.found("lapsing.com", "2026-05-01", &["redemption period"], &["registration 2015-01-01"]);
    nights.times.found(
        "fine.com",
        "2026-05-01",
        &["active"],
        &["registration 2015-01-01", "expiration 2030-01-01"],
    );
    nights.night("2026-05-02", &[], 0);
    // the answers are too old to be used
    let (lines, _) = nights.night("2026-08-01", &["--max-rdap-age-days", "10"], 1);
    assert_eq!(lines, ["no_longer_judged lapse lapsing.com unknown 1"]);
}

#[test]
fn a_domain_without_accounts_and_a_decision_resolve() {
    let mut nights = Nights::new();
    for name in ["lapsing.com", "sold.com"] {
        nights.times.found(name, "2026-06-01", &["redemption period"], &["registration 2015-01-01"]);
    }
    nights.night("2026-06-01", &[], 0);
    nights.times.no_accounts();
    nights.times.account("lapsing", "somebody@lapsing.com", "2020-01-01");
    let decision = b"domain,action,until\nlapsing.com,none,2026-06-02\n";
    let decisions = nights.times.bench.write("decisions.csv", decision);
    let decisions = ["--overrides", decisions.to_str().expect("a path of letters")];
    let (lines, alerts) = nights.night("2026-06-02", &decisions, 0);
    assert_eq!(lines, ["resolved lapse lapsing.com high 1", "resolved lapse sold.com none 0"]);
    assert!(alerts[0]["reason"].as_str().is_some_and(|reason| reason.starts_with("decided by a person")));
    assert_eq!(alerts[1]["reason"], "no account is at this domain any more");
    assert!(alerts[1]["state"].is_null());
    // the decision ends, and the finding is there again
    let (lines, again) = nights.night("2026-06-03", &decisions, 0);
    assert_eq!(lines, ["new lapse lapsing.com high 1"]);
    assert_eq!(again[0]["fingerprint"], alerts[0]["fingerprint"]);
}

/// One domain of name servers lapses: one alert, not one for each domain that it serves.
#[test]
fn a_domain_of_servers_is_one_finding() {
    let mut nights = Nights::new();
    let active = ["registration 2015-01-01", "expiration 2030-01-01"];
    let victims: Vec<String> =
        (0..30).map(|number| format!("victim{number}>ns1.dns.net,ns2.dns.net")).collect();
    let victims: Vec<&str> = victims.iter().map(String::as_str).collect();
    for number in 0..30 {
        nights.times.account(&format!("v{number}"), &format!("somebody@victim{number}.com"), "2020-01-01");
    }
    // one of them expires soon, which is a finding of its own
    nights.times.found(
        "victim7.com",
        "2026-06-01",
        &["active"],
        &["registration 2015-01-01", "expiration 2026-06-20"],
    );
    nights.times.found("fine.com", "2026-06-01", &["active"], &active);
    let net = |nights: &Nights, date: &str, names: &[&str]| {
        zone(&nights.times, date, &victims);
        nights.times.zone("net", &date.replace('-', ""), names).expect(0);
    };
    net(&nights, "2026-06-01", &["dns"]);
    assert!(nights.night("2026-06-02", &[], 0).0.is_empty());
    net(&nights, "2026-06-03", &[]);
    let (lines, alerts) = nights.night("2026-06-03", &[], 0);
    assert_eq!(lines, ["new name_server dns.net critical 30"]);
    assert_eq!(alerts[0]["action"], "lookup");
    assert_eq!(alerts[0]["reason"], "absent from its zone, exposes 30 domains with 30 accounts");
    let fingerprint = alerts[0]["fingerprint"].clone();
    // the same the next night; worse when the registry says so; resolved when it is back
    net(&nights, "2026-06-04", &[]);
    assert!(nights.night("2026-06-04", &[], 0).0.is_empty());
    nights.times.not_found("dns.net", "2026-06-05");
    net(&nights, "2026-06-05", &[]);
    let released = ["--release-breaker", "com"];
    let (lines, _) = nights.night("2026-06-05", &released, 0);
    assert_eq!(lines, ["worse name_server dns.net critical 30"]);
    net(&nights, "2026-06-07", &["dns"]);
    nights.times.found(
        "dns.net",
        "2026-06-07",
        &["active"],
        &["registration 2026-06-06", "expiration 2030-01-01"],
    );
    let (lines, alerts) = nights.night("2026-06-07", &[], 0);
    assert_eq!(lines, ["resolved name_server dns.net none 0"]);
    assert_eq!(alerts[0]["fingerprint"], fingerprint);
}
