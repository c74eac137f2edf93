//! Verdicts over time and along chains of name servers; replays of real histories; attacks.
//!
//! The replays follow public accounts: the takeover of `ctx` on PyPI (2022), a drop that was registered the same day, a
//! registrar's sale before the drop, the false "available" of naive look-ups, PyPI's "undelegated active" and
//! "unknown". All names are made up.

use polars::prelude::AnyValue;

use crate::support::{Report, run, zonelapse};
use crate::times::{Times, domains, lists, reasons};

/// `host domain state source` of every hijackable name server, domain by domain.
fn hijackable(report: &Report) -> Vec<String> {
    let lists = report.domains.column("hijackable_name_servers").expect("the table has this column");
    let lists = lists.list().expect("a column of lists");
    let mut found = Vec::new();
    for list in (0..lists.len()).filter_map(|row| lists.get_as_series(row)) {
        for row in 0..list.len() {
            let AnyValue::StructOwned(server) = list.get(row).expect("a row").into_static() else {
                panic!("not a struct")
            };
            found.push(
                server.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ").replace('"', ""),
            );
        }
    }
    found
}

#[test]
fn name_servers_are_a_second_door() {
    let mut times = Times::new();
    times.zone(
        "com",
        "20260531",
        &[
            "all>ns1.freed.net,ns2.freed.net",
            "some>ns1.freed.net,ns1.kept.net",
            "soon>ns1.lapsing.net,ns1.kept.net",
            "unseen>ns1.missing.net",
            "chain>ns1.relay.net",
            "half-chain>ns1.relay.net,ns1.kept.net",
            "own>ns1.own.com,ns2.own.com",
            "circle>ns1.circle.net",
            "far>ns1.uncovered.org",
            "root>.",
            "kept",
        ],
    );
    times.zone(
        "net",
        "20260531",
        &["kept", "relay>ns1.freed.net", "circle>ns1.round.net", "round>ns1.circle.net"],
    );
    times.not_found("freed.net", "2026-05-31");
    times.found("lapsing.net", "2026-05-31", &["redemption period"], &["registration 2001-01-01"]);
    for name in
        ["all", "some", "soon", "unseen", "chain", "half-chain", "own", "circle", "far", "root", "kept"]
    {
        times.account(name, &format!("a@{name}.com"), "");
    }
    let report = times.judges(
        "2026-06-01",
        &[
            "all.com active critical unverify",
            "some.com active high unverify",
            "soon.com active high review",
            "unseen.com active critical lookup",
            "chain.com active critical unverify",
            "half-chain.com active high unverify",
            "own.com active none none",
            "circle.com active none none",
            "far.com active none none",
            "root.com active none none",
            "kept.com active none none",
        ],
    );
    assert_eq!(
        hijackable(&report),
        [
            "ns1.freed.net freed.net available zone+rdap",
            "ns2.freed.net freed.net available zone+rdap",
            "ns1.relay.net freed.net available zone+rdap",
            "ns1.relay.net freed.net available zone+rdap",
            "ns1.freed.net freed.net available zone+rdap",
            "ns1.lapsing.net lapsing.net redemption rdap",
            "ns1.missing.net missing.net absent zone",
        ]
        .map(|line| line.replace("redemption rdap", "redemption zone+rdap"))
    );
    assert_eq!(reasons(&report)[..3], ["ns.hijackable", "ns.hijackable", "ns.soon_hijackable"]);
    // name servers' own domains are no rows of their own
    assert_eq!(report.domains.height(), 11);
}

/// 2022-05-14 18:40:05Z the domain was registered, 18:52:40Z the password was reset.
#[test]
fn the_ctx_takeover() {
    let mut times = Times::new();
    times.account("ctx", "author@ctx-author.com", "2014-12-19T02:34:29Z");
    let zone = ["ctx-author"];
    times.zone("com", "20220301", &zone);
    // weeks before: the registrar's expiration has passed
    let expired = ["registration 2013-05-04", "expiration 2023-05-04", "registrar expiration 2022-03-01"];
    times.found("ctx-author.com", "2022-03-05", &["auto renew period"], &expired);
    times.zone("com", "20220305", &zone);
    times.judges("2022-03-06", &["ctx-author.com grace medium notify"]);
    // deleted by the registrar: out of the zone, redemption
    times.zone("com", "20220405", &[]);
    times.found("ctx-author.com", "2022-04-05", &["redemption period", "pending delete"], &expired);
    let report = times.judges("2022-04-06", &["ctx-author.com redemption high unverify"]);
    assert_eq!(
        domains(&report, &["earliest_drop_on", "latest_drop_on", "dropped_on"]),
        ["ctx-author.com 2022-04-10 2022-05-10 2022-04-05"]
    );
    // the last days
    times.zone("com", "20220508", &[]);
    times.found("ctx-author.com", "2022-05-08", &["pending delete"], &expired);
    times.judges("2022-05-09", &["ctx-author.com pending_delete critical unverify"]);
    // registered again on the 14th: even with nothing new from RDAP, the zone that holds it again tells
    times.zone("com", "20220515", &zone);
    let report = times.judges("2022-05-15", &["ctx-author.com reregistered critical review"]);
    assert!(reasons(&report)[0].contains("account.lapse_seen_after_verification"), "{:?}", reasons(&report));
    // and with the registry's answer it is sure
    times.found("ctx-author.com", "2022-05-15", &["add period"], &["registration 2022-05-14"]);
    times.judges("2022-05-16", &["ctx-author.com reregistered critical unverify"]);
}

#[test]
fn dropped_and_registered_on_the_same_day() {
    let mut times = Times::new();
    times.account("a", "a@caught.com", "2020-01-01");
    times.account("b", "b@caught.com", "2026-05-30");
    times.zone("com", "20260401", &["caught"]);
    // 35 daily snapshots without it, and no more: redemption and pending delete, then caught at once
    for day in (20_260_402..=20_260_430).chain(20_260_501..=20_260_506) {
        times.zone("com", &day.to_string(), &[]);
    }
    times.zone("com", "20260507", &["caught"]);
    let report = times
        .judges("2026-05-08", &["caught.com reregistered critical review", "caught.com active none none"]);
    assert_eq!(domains(&report, &["gap_from", "gap_to"]), ["caught.com 2026-04-02 2026-05-06"]);
}

#[test]
fn a_gap_that_is_too_short_is_a_reason_only() {
    let mut times = Times::new();
    times.account("a", "a@paused.com", "2020-01-01");
    times.zone("com", "20260401", &["paused"]);
    times.zone("com", "20260402", &[]);
    times.zone("com", "20260504", &[]);
    // last seen 34 days before
    times.zone("com", "20260505", &["paused"]);
    let report = times.judges("2026-05-08", &["paused.com active none none"]);
    assert_eq!(reasons(&report), ["history.short_gap+rdap.none".replace("+rdap.none", "")]);
}

#[test]
fn a_sale_before_the_drop() {
    let mut times = Times::new();
    times.account("a", "a@sold.com", "2020-01-01");
    let registered = ["registration 2010-05-01", "expiration 2027-05-01"];
    times.zone("com", "20260430", &["sold>ns1.firm-example.net"]);
    times.zone("com", "20260505", &["sedoparking", "sold>ns1.sedoparking.com,ns2.sedoparking.com"]);
    times.found("sold.com", "2026-05-06", &["auto renew period"], &registered);
    let parked = times.judges("2026-05-06", &["sold.com grace medium notify"]);
    assert!(reasons(&parked)[0].contains("ns.parked_at_expiry"), "{:?}", reasons(&parked));
    assert_eq!(domains(&parked, &["domainr_status"]), ["sold.com active parked"]);
    times.zone("com", "20260520", &["sold>ns1.buyer-example.net"]);
    times.found("sold.com", "2026-05-21", &["active"], &registered);
    let sold = times.judges("2026-05-22", &["sold.com active medium review"]);
    assert!(reasons(&sold)[0].contains("ns.moved_after_expiry"), "{:?}", reasons(&sold));
    // a name that was parked all the time was not moved there at its expiry
    let mut times = Times::new();
    times.account("a", "a@idle.com", "2020-01-01");
    times.zone("com", "20260301", &["sedoparking", "idle>ns1.sedoparking.com"]);
    times.zone("com", "20260505", &["sedoparking", "idle>ns1.sedoparking.com"]);
    times.found("idle.com", "2026-05-06", &["auto renew period"], &registered);
    times.judges("2026-05-06", &["idle.com active none none"]);
}

#[test]
fn naive_looks_at_what_seems_available() {
    let mut times = Times::new();
    times.zone("com", "20260531", &["firm", "uk"]);
    // a host below a registered name is not found, of course; it is not what is registered
    times.not_found("mail.firm.com", "2026-05-31");
    times.account("host", "a@mail.firm.com", "");
    // a name at a private registry is never in the registry's zone, and the registry does not know it
    times.account("private", "a@shop.uk.com", "");
    // a redirector's 404 says nothing
    times.answer_of("https://rdap.org/domain/", "gone.io", "2026-05-31", 404, r#"{"errorCode":404}"#);
    times.account("redirector", "a@gone.io", "");
    // a top-level domain without RDAP
    times.account("silent", "a@quiet.gr", "");
    // a web page for an answer
    times.answer("page.org", "2026-05-31", 404, r#""<html>Not Found</html>""#);
    times.account("page", "a@page.org", "");
    // a server in trouble
    times.answer("busy.org", "2026-05-31", 429, "null");
    times.account("busy", "a@busy.org", "");
    times.judges(
        "2026-06-01",
        &[
            "mail.firm.com active none none",
            "shop.uk.com unknown unknown lookup",
            "gone.io unknown unknown lookup",
            "quiet.gr unknown unknown lookup",
            "page.org unknown unknown lookup",
            "busy.org unknown unknown lookup",
        ],
    );
}

#[test]
fn registered_but_out_of_the_zone_is_not_lost() {
    let mut times = Times::new();
    times.zone("com", "20260531", &[]);
    times.found("quiet.com", "2026-05-31", &["client transfer prohibited"], &["registration 2010-01-01"]);
    times.account("a", "a@quiet.com", "2015-01-01");
    times.account("b", "a@nobody-knows.dev", "2015-01-01");
    let report = times.audit("report", "2026-06-01", &[], 0);
    assert_eq!(
        report.verdicts(),
        ["quiet.com undelegated medium notify", "nobody-knows.dev unknown unknown lookup"]
    );
    // PyPI's rule takes both away
    let report = times.audit("report", "2026-06-01", &["--policy", "pypi"], 0);
    assert_eq!(
        report.verdicts(),
        ["quiet.com undelegated medium unverify", "nobody-knows.dev unknown unknown unverify"]
    );
    let told = run(zonelapse().args(["policy", "diff"]).arg(times.bench.path("report"))).expect(0).stdout;
    assert!(told.contains("undelegated"), "{told}");
}

#[test]
fn not_found_then_present_again() {
    let mut times = Times::new();
    times.not_found("back.com", "2026-05-20");
    times.not_found("vetoed.com", "2026-05-20");
    times.zone("com", "20260522", &["back", "vetoed"]);
    let body = r#"{"objectClassName":"domain","ldhName":"vetoed.com","events":[{"eventAction":"registration","eventDate":"2001-01-01"}]}"#;
    times.answer_of("https://rdap.registrar.example/", "vetoed.com", "2026-05-21", 200, body);
    times.account("before", "a@back.com", "2026-05-19");
    times.account("after", "a@back.com", "2026-05-21");
    times.account("vetoed", "a@vetoed.com", "2026-05-19");
    let report = times.audit("report", "2026-05-23", &["--trust-source", "rdap.registrar.example"], 0);
    let verdicts =
        ["back.com reregistered critical review", "back.com active none none", "vetoed.com active none none"];
    assert_eq!(report.verdicts(), verdicts);
    assert!(reasons(&report)[0].contains("account.lapse_seen_after_verification"));
}

// Attacks.

#[test]
fn a_day_without_name_servers_does_not_erase_a_gap() {
    let mut times = Times::new();
    times.account("a", "a@stolen.com", "2020-01-01");
    times.zone("com", "20260101", &["stolen"]);
    times.zone("com", "20260102", &[]);
    times.zone("com", "20260206", &[]);
    times.zone("com", "20260301", &["stolen"]);
    times.zone("com", "20260302", &[]);
    times.zone("com", "20260303", &["stolen"]);
    let report = times.judges("2026-03-04", &["stolen.com reregistered critical review"]);
    assert!(reasons(&report)[0].contains("history.long_gap+history.short_gap"), "{:?}", reasons(&report));
}

#[test]
fn the_hijacker_verifies_again() {
    let mut times = Times::new();
    times.zone("com", "20260531", &["stolen"]);
    times.account("a", "a@stolen.com", "2020-01-01");
    times.audit("first", "2026-06-01", &[], 0);
    // registered by someone else, verified by them
    times.zone("com", "20260605", &["stolen"]);
    times.found("stolen.com", "2026-06-05", &["active"], &["registration 2026-06-03"]);
    times.no_accounts();
    times.account("a", "a@stolen.com", "2026-06-04");
    let first = times.bench.path("first");
    let first = first.to_str().expect("a path of letters");
    let alone = times.audit("alone", "2026-06-06", &[], 0);
    assert_eq!(alone.verdicts(), ["stolen.com active none none"]);
    let second = times.audit("second", "2026-06-06", &["--previous", first], 0);
    assert_eq!(second.verdicts(), ["stolen.com reregistered critical review"]);
    assert!(reasons(&second)[0].contains("account.reverified_after_change"));
    // the night after the earliest verification is still known
    let second = times.bench.path("second");
    let second = second.to_str().expect("a path of letters");
    let third = times.audit("third", "2026-06-07", &["--previous", second], 0);
    assert_eq!(third.verdicts(), ["stolen.com reregistered critical review"]);
}

#[test]
fn an_answer_for_another_name_is_no_evidence() {
    let mut times = Times::new();
    times.zone("com", "20260531", &[]);
    times.answer(
        "victim.com",
        "2026-05-31",
        200,
        r#"{"objectClassName":"domain","ldhName":"another.com","status":["active"]}"#,
    );
    // one that can be read, so that the file is not one of which nothing could be
    times.answer(
        "sound.com",
        "2026-05-31",
        200,
        r#"{"objectClassName":"domain","ldhName":"sound.com","status":["active"]}"#,
    );
    times.account("a", "a@victim.com", "");
    let report = times.judges("2026-06-01", &["victim.com absent high lookup"]);
    assert_eq!(domains(&report, &["rdap_outcome"]), ["victim.com error"]);
}

#[test]
fn odd_addresses_are_judged_by_the_domain_that_gets_the_mail() {
    let mut times = Times::new();
    times.zone("com", "20260531", &["kept"]);
    times.not_found("freed.com", "2026-05-31");
    times.account("two", "\"\"\"a@kept.com\"\"@freed.com\"", "");
    times.account("dots", "a..b@freed.com", "");
    times.account("wide", "a@freed\u{3002}com", "");
    times.account("case", "A@FREED.COM.", "");
    let report = times.audit("report", "2026-06-01", &[], 0);
    assert!(report.verdicts().iter().all(|verdict| verdict == "freed.com available critical unverify"));
    assert_eq!(report.accounts.height(), 4);
}

#[test]
fn overnight_half_a_zone_is_missing() {
    let mut times = Times::new();
    let names: Vec<String> = (0..60).map(|number| format!("name{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    times.zone("com", "20260530", &names);
    for name in &names {
        times.account(name, &format!("a@{name}.com"), "2020-01-01");
        // a poisoned feed of answers joins in
        times.not_found(&format!("{name}.com"), "2026-05-31");
    }
    times.zone("com", "20260531", &names[..5]).expect(1);
    let report = times.audit("report", "2026-06-01", &[], 1);
    assert!(
        !report.verdicts().iter().any(|verdict| verdict.ends_with("unverify")),
        "{:?}",
        report.verdicts()
    );
    let coverage = lists(&report, "domains", "reasons");
    assert!(coverage.iter().any(|reasons| reasons.contains("zone.shrunk")), "{coverage:?}");
}

/// Each domain is served by the next one, and the last one is gone; in a cycle of as many nothing is.
#[test]
fn a_chain_of_name_servers_takes_linear_time() {
    const LINKS: usize = 100_000;
    for (last, verdict) in [(LINKS, "active critical lookup"), (0, "active none none")] {
        let mut times = Times::new();
        let next = |link| if link + 1 == LINKS { last } else { link + 1 };
        let chain: Vec<String> =
            (0..LINKS).map(|link| format!("c{link:06}>ns1.c{:06}.com", next(link))).collect();
        times.account("first", "a@c000000.com", "");
        times.zone("com", "20260531", &chain.iter().map(String::as_str).collect::<Vec<_>>());
        let report = times.judges("2026-06-01", &[&format!("c000000.com {verdict}")]);
        let blamed = ["ns1.c000001.com c100000.com absent zone"];
        assert_eq!(hijackable(&report), &blamed[..usize::from(last == LINKS)]);
    }
}
