//! The table of states and their drop windows, a line each.

use super::*;
use crate::assess::lifecycle::Clock;
use crate::assess::phase::Phases;
use crate::assess::reason::Reason;
use crate::assess::reason_set::ReasonSet;
use crate::assess::verdict::DropWindow;
use crate::assess::verdict::Verdict;
use crate::name::suffix::SuffixKind;
use crate::rdap::{Answer, Context, read_answer};
use crate::time::{BareDate, Day, Moment};

fn moment(text: &str) -> Moment {
    Moment::parse(text, BareDate::Start).expect("a date")
}

/// A found answer fetched on 2026-05-30, with these statuses and events; `404` is a not-found one, `reserved` one that
/// says so.
fn answer(statuses: &str, events: &[(&str, &str)]) -> Answer {
    let events: Vec<_> = events
        .iter()
        .map(|(action, date)| serde_json::json!({"eventAction": action, "eventDate": date}))
        .collect();
    let reserved = statuses == "reserved";
    let found = !matches!(statuses, "404" | "reserved");
    let statuses: Vec<&str> = statuses.split(", ").filter(|status| !status.is_empty()).collect();
    let body = serde_json::json!({
        "objectClassName": "domain", "ldhName": "a.test", "status": statuses, "events": events
    });
    let envelope = serde_json::json!({
        "domain": "a.test", "fetched_at": "2026-05-30T00:00:00Z", "source": "rdap.example",
        "http_status": if found { 200 } else { 404 }, "body": found.then_some(body)
    });
    let context = Context { file_name_domain: None, file_time: Moment(0) };
    let mut answer = read_answer(envelope.to_string().as_bytes(), &context).expect("an answer");
    answer.reserved = reserved;
    answer
}

/// What is known of a name on 2026-06-01, and nothing more.
fn facts<'a>(name: &str, presence: Option<bool>, answer: Option<&'a Answer>) -> Facts<'a> {
    let clock = Clock::of(name, SuffixKind::Icann);
    Facts {
        as_of: moment("2026-06-01"),
        lead_days: 30,
        clock,
        special_use: false,
        tld_absent: false,
        public_suffix: false,
        presence,
        last_seen: None,
        dropped: None,
        absent_long: false,
        parked_at_expiry: false,
        moved_after_expiry: false,
        answer,
        phases: answer.map_or(Phases::NONE, |answer| clock.phases(&answer.statuses)),
        registrar_expires: answer.and_then(|answer| answer.events.registrar_expires),
        listed: None,
        standing: None,
        list_expiring: false,
        sources_disagree: false,
        reasons: ReasonSet::EMPTY,
    }
}

#[track_caller]
fn judges(facts: &Facts<'_>, rule: &str, window: &str) -> Verdict {
    let verdict = judge(facts);
    assert_eq!(line(&verdict), format!("{rule} {window}"));
    verdict
}

fn line(verdict: &Verdict) -> String {
    let day = |day: Option<Day>| day.map_or_else(|| "-".to_owned(), |day| day.to_string()[5..].to_owned());
    format!("{} {} {}", verdict.rule, day(verdict.drop.earliest), day(verdict.drop.latest))
}

/// One line a case: presence, statuses, events, the rule and the window.
type Case<'c> = (Option<bool>, &'c str, &'c [(&'c str, &'c str)], &'c str, &'c str);

#[track_caller]
fn table(name: &str, cases: &[Case<'_>]) {
    let judged = |(presence, statuses, events, ..): &Case<'_>| {
        format!(
            "{presence:?} {statuses} {}",
            line(&judge(&facts(name, *presence, Some(&answer(statuses, events)))))
        )
    };
    let expected =
        |(presence, statuses, _, rule, window): &Case<'_>| format!("{presence:?} {statuses} {rule} {window}");
    let of = |line: &dyn Fn(&Case<'_>) -> String| cases.iter().map(line).collect::<Vec<_>>().join("\n");
    assert_eq!(of(&judged), of(&expected), "{name}");
}

const PRESENT: Option<bool> = Some(true);
const ABSENT: Option<bool> = Some(false);
const OPEN: Option<bool> = None;
const NEXT_YEAR: &[(&str, &str)] = &[("expiration", "2027-05-20")];
const REGISTERED: &[(&str, &str)] = &[("registration", "2012-03-01")];

macro_rules! expires {
    ($date:literal) => {
        &[("registration", "2012-03-01"), ("expiration", $date)]
    };
    ($date:literal, registrar $other:literal) => {
        &[("registrar expiration", $other), ("expiration", $date)]
    };
}

mod restoring;

#[test]
fn a_gtld() {
    table(
        "a.com",
        &[
            (ABSENT, "pending delete", &[], "pending_delete.final", "05-30 06-04"),
            (ABSENT, "pending delete, redemption period", &[], "redemption.period", "06-04 07-04"),
            (PRESENT, "redemption period, pending restore", &[], "grace.pending_restore", "06-04 -"),
            (ABSENT, "404", &[], "available.not_found_and_absent", "05-30 05-30"),
            (PRESENT, "404", &[], "available.not_found_but_present", "05-30 05-30"),
            (OPEN, "404", &[], "available.not_found", "05-30 05-30"),
            (ABSENT, "reserved", &[], "not_registrable.reserved", "- -"),
            (PRESENT, "", expires!("2026-05-31T23:00:00Z"), "grace.expired", "07-04 08-19"),
            (PRESENT, "", expires!("2026-03-13"), "grace.expired", "05-30 06-01"),
            (PRESENT, "", expires!("2026-03-12"), "active.present", "- -"),
            (OPEN, "", expires!("2026-03-12"), "unknown.expired_long_ago", "- -"),
            (ABSENT, "", expires!("2026-05-22"), "grace.out_of_service", "06-26 08-10"),
            (PRESENT, "client hold", expires!("2026-05-22"), "grace.out_of_service", "06-26 08-10"),
            (PRESENT, "", expires!("2027-05-20", registrar "2026-05-20"), "grace.expired", "06-24 08-08"),
            (PRESENT, "auto renew period", NEXT_YEAR, "active.present", "- -"),
            (ABSENT, "auto renew period", NEXT_YEAR, "grace.out_of_service", "06-24 08-08"),
            (OPEN, "server hold", expires!("2027-01-01"), "hold.client_or_server", "07-04 03-22"),
            // the registry added a year, and its day passed before the registrar's comes
            (
                OPEN,
                "auto renew period, client hold",
                expires!("2027-04-10", registrar "2026-06-24"),
                "grace.out_of_service",
                "05-30 09-12",
            ),
            (ABSENT, "active", &[], "undelegated.absent", "- -"),
            (OPEN, "inactive", &[], "undelegated.inactive", "- -"),
            (PRESENT, "inactive", &[], "active.present", "- -"),
            (PRESENT, "", expires!("2026-06-01T01:00:00Z"), "expiring.lead_days", "07-04 08-20"),
            (OPEN, "", expires!("2026-07-01"), "expiring.lead_days", "07-04 09-19"),
            (OPEN, "", expires!("2026-07-02"), "active.found", "- -"),
        ],
    );
    judges(&facts("a.com", ABSENT, None), "absent.zone", "- -");
    judges(&facts("a.com", PRESENT, None), "active.present", "- -");
    judges(&facts("a.com", OPEN, None), "unknown.no_evidence", "- -");
}

/// Pending delete for weeks in which the holder can renew; no redemption period.
#[test]
fn a_registry_that_counts_from_the_printed_day() {
    table(
        "a.co.uk",
        &[
            // somebody may have asked for its deletion on the day on which it was seen
            (PRESENT, "active", expires!("2026-05-22"), "grace.expired", "05-30 08-26"),
            (PRESENT, "pending delete", expires!("2026-04-30"), "redemption.pending_delete", "08-03 08-04"),
            (OPEN, "pending delete", expires!("2026-04-30"), "redemption.pending_delete", "08-03 08-04"),
            (OPEN, "pending delete", expires!("2026-03-18"), "redemption.pending_delete", "06-21 06-22"),
            (OPEN, "pending delete", expires!("2026-03-02"), "pending_delete.clock", "06-05 06-06"),
            (OPEN, "", expires!("2026-03-13"), "grace.expired", "05-30 06-17"),
            (OPEN, "", expires!("2026-03-01"), "grace.expired", "05-30 06-05"),
            (OPEN, "", expires!("2026-02-24"), "unknown.expired_long_ago", "- -"),
            (ABSENT, "", expires!("2026-03-13"), "redemption.clock", "06-16 06-17"),
            (ABSENT, "", expires!("2026-03-03"), "redemption.clock", "06-06 06-07"),
            (ABSENT, "", expires!("2026-03-02"), "pending_delete.clock", "06-05 06-06"),
            // it was past when the answer was fetched, and must have dropped since
            (ABSENT, "", expires!("2026-02-24"), "pending_delete.clock", "05-30 05-31"),
            (OPEN, "pending delete", expires!("2027-03-01"), "redemption.pending_delete", "05-30 09-03"),
        ],
    );
    table("a.se", &[(OPEN, "inactive", expires!("2026-04-02"), "redemption.clock", "05-30 06-19")]);
    table("a.ee", &[(OPEN, "server hold", expires!("2026-04-22"), "redemption.clock", "05-30 06-22")]);
    table("a.cz", &[(OPEN, "pending delete", &[], "pending_delete.final", "05-30 07-23")]);
    table("a.pl", &[(OPEN, "blocked", expires!("2026-05-20"), "redemption.words", "05-30 09-02")]);
}

/// The table does not say how long a deletion takes that somebody asks for: on the day on which it was seen in service, no
/// later day is sure. Out of service the other figures count.
#[test]
fn deletions_of_unknown_length() {
    table(
        "a.com.br",
        &[
            (PRESENT, "active", expires!("2026-06-20"), "expiring.lead_days", "05-30 -"),
            (OPEN, "active", expires!("2026-05-20"), "grace.expired", "05-30 -"),
            (ABSENT, "active", expires!("2026-04-20"), "redemption.clock", "08-02 -"),
        ],
    );
    table("a.com.tr", &[(OPEN, "active", expires!("2026-06-20"), "expiring.lead_days", "05-30 09-04")]);
    table("a.mx", &[(OPEN, "active", expires!("2026-06-20"), "expiring.lead_days", "- -")]);
    // whether it is in service is not told: the path of names that nobody pays for is not the only one
    table(
        "a.com.tr",
        &[
            (PRESENT, "a phase, active", expires!("2026-05-20"), "grace.expired", "05-30 08-04"),
            (OPEN, "a phase, active", expires!("2026-05-20"), "grace.expired", "05-30 08-04"),
        ],
    );
    // the registry's day was past when it was told, and it may have dropped since
    let held = answer("auto renew period, client hold", expires!("2026-03-28", registrar "2026-07-20"));
    let later = Facts { as_of: moment("2026-06-20"), ..facts("a.biz", OPEN, Some(&held)) };
    judges(&later, "grace.out_of_service", "05-30 10-08");
    // past and on hold when that was told: it may have been out since it was last seen
    let held = answer("auto renew period, client hold", expires!("2025-06-10"));
    let later = Facts {
        as_of: moment("2026-06-20"),
        last_seen: Some(day("2026-05-02")),
        ..facts("a.nl", OPEN, Some(&held))
    };
    judges(&later, "grace.out_of_service", "06-12 -");
    // the registrar's day is past, and the registry's is to come
    table(
        "a.su",
        &[(
            PRESENT,
            "active",
            expires!("2026-06-03", registrar "2026-05-04"),
            "grace.expired",
            "05-30 07-18",
        )],
    );
    table("a.sk", &[(OPEN, "exp", expires!("2026-04-24"), "grace.expired", "05-30 06-05")]);
    let seen = answer("a phase, active", expires!("2026-06-20"));
    let seen = Facts { last_seen: Some(day("2026-05-07")), ..facts("a.com.ua", OPEN, Some(&seen)) };
    judges(&seen, "expiring.lead_days", "05-30 -");
    // on hold before the day that has passed since, and with it every phase: the hold tells of no unpaid name
    let held = answer("client hold", expires!("2026-06-01"));
    for (as_of, rule) in [
        ("2026-07-13", "pending_delete.clock 07-12 07-13"),
        ("2026-07-14", "hold.client_or_server 05-30 07-13"),
    ] {
        let later = Facts { as_of: moment(as_of), ..facts("a.sk", OPEN, Some(&held)) };
        assert_eq!(line(&judge(&later)), rule, "{as_of}");
    }
    // on hold, it counts from the last day on which it was in service
    let held = answer("client hold", expires!("2026-04-20"));
    for name in ["a.li", "a.ch"] {
        let facts = Facts { last_seen: Some(day("2026-05-10")), ..facts(name, OPEN, Some(&held)) };
        judges(&facts, "grace.out_of_service", "06-20 -");
    }
}

#[test]
fn where_a_past_day_is_no_sign() {
    // paid names show a past day for up to 15 days
    table(
        "a.it",
        &[
            (OPEN, "active", expires!("2026-05-17"), "active.found", "- -"),
            (OPEN, "active", expires!("2026-05-16"), "grace.expired", "06-16 07-06"),
            (ABSENT, "active", expires!("2026-05-17"), "undelegated.absent", "- -"),
        ],
    );
    // the registry renews by itself, and the day does not move
    table(
        "a.fr",
        &[
            (OPEN, "active", expires!("2026-05-16"), "active.found", "- -"),
            (OPEN, "active", expires!("2027-05-16", registrar "2026-05-16"), "grace.expired", "06-12 07-16"),
            (ABSENT, "active", expires!("2026-05-16"), "grace.out_of_service", "06-12 -"),
            (OPEN, "active", expires!("2026-03-30"), "unknown.expired_long_ago", "- -"),
        ],
    );
}

/// Nothing is known of the phases: no window, pending delete may still be undone, a past day counts for a year.
#[test]
fn a_registry_without_a_line() {
    table(
        "a.mx",
        &[
            (ABSENT, "pending delete", REGISTERED, "redemption.undated", "- -"),
            (OPEN, "pending delete", expires!("2025-05-20"), "redemption.pending_delete", "- -"),
            (OPEN, "pending delete", expires!("2026-05-20"), "redemption.pending_delete", "- -"),
            (OPEN, "redemption period", REGISTERED, "redemption.period", "- -"),
            (OPEN, "active", expires!("2026-05-16"), "grace.expired", "- -"),
            (OPEN, "active", expires!("2025-05-31"), "grace.expired", "- -"),
            (OPEN, "active", expires!("2025-05-30"), "unknown.expired_long_ago", "- -"),
            (ABSENT, "active", expires!("2026-05-16"), "grace.out_of_service", "- -"),
        ],
    );
}

#[test]
fn what_an_answer_says() {
    table(
        "a.com.br",
        &[
            (OPEN, "", &[], "unknown.says_nothing", "- -"),
            (OPEN, "inactive", &[], "undelegated.inactive", "- -"),
            (ABSENT, "", &[], "absent.zone", "- -"),
            (PRESENT, "", &[], "active.present", "- -"),
            (OPEN, "release process: waiting", &[], "available.not_found", "05-30 05-30"),
            (ABSENT, "release process: waiting", &[], "available.not_found_and_absent", "05-30 05-30"),
            (OPEN, "quarantine", REGISTERED, "unknown.status", "- -"),
            (PRESENT, "quarantine", REGISTERED, "active.present", "- -"),
            (OPEN, "published", &[], "active.found", "- -"),
            (OPEN, "active", &[], "active.found", "- -"),
            (OPEN, "", REGISTERED, "active.found", "- -"),
        ],
    );
    table("a.eu", &[(OPEN, "quarantine", &[], "redemption.words", "05-30 07-10")]);
    table("a.com.au", &[(OPEN, "server hold", REGISTERED, "redemption.words", "05-30 -")]);
    table("a.ee", &[(OPEN, "AtAuction", &[], "available.not_found", "05-30 05-30")]);
    let bare = answer("reserved, quarantine", &[]);
    let reasons = judge(&facts("a.com.br", OPEN, Some(&bare))).reasons;
    assert!(reasons.contains(Reason::SaysNothing) && reasons.contains(Reason::UnknownStatus), "{reasons:?}");
    let registered = answer("active", REGISTERED);
    let reasons = judge(&facts("a.com.br", OPEN, Some(&registered))).reasons;
    assert!(
        !reasons.contains(Reason::SaysNothing) && !reasons.contains(Reason::UnknownStatus),
        "{reasons:?}"
    );
}

fn day(text: &str) -> Day {
    moment(text).day()
}

#[test]
fn the_clock_of_the_zone() {
    let out_since = |dropped: &str, last_seen: &str| Facts {
        dropped: Some(day(dropped)),
        last_seen: Some(day(last_seen)),
        ..facts("a.com", ABSENT, None)
    };
    judges(&out_since("2026-05-11", "2026-05-10"), "absent.zone", "06-15 -");
    // the zone was looked at twice in ten days: it may have left on any of them
    judges(&out_since("2026-05-20", "2026-05-10"), "absent.zone", "06-15 -");
    judges(&Facts { absent_long: true, ..out_since("2026-04-11", "2026-04-10") }, "absent.long", "05-16 -");
    // redemption period: on the day on which it was seen, the holder could restore it
    let redemption = answer("redemption period, pending delete", &[]);
    let since = |dropped: &str| Facts {
        answer: Some(&redemption),
        ..out_since(dropped, &day(dropped).plus(-1).to_string())
    };
    judges(&since("2026-05-02"), "redemption.period", "06-06 07-04");
    judges(&since("2026-05-01"), "redemption.period", "06-05 07-04");
    // a hold before the deletion: the status knows better
    judges(&since("2026-04-20"), "redemption.period", "06-04 07-04");
}

#[test]
fn a_list_replaces_what_is_computed() {
    let day = Some(day("2026-06-09"));
    let listed = Some(DropWindow { earliest: day, latest: day });
    let redemption = answer("redemption period", &[]);
    judges(
        &Facts { listed, ..facts("a.com", ABSENT, Some(&redemption)) },
        "redemption.period",
        "06-09 06-09",
    );
}

#[test]
fn a_day_of_a_list_is_no_window_of_a_reserved_name() {
    let day = Some(day("2026-06-09"));
    let listed = Some(DropWindow { earliest: day, latest: day });
    let reserved = answer("reserved", &[]);
    judges(&Facts { listed, ..facts("a.uk", OPEN, Some(&reserved)) }, "not_registrable.reserved", "- -");
}

#[test]
fn ends_that_contradict_each_other() {
    // E + 80 is before what redemption leaves
    let old = answer("redemption period", expires!("2026-03-20"));
    let facts = Facts { last_seen: Some(day("2026-05-20")), ..facts("a.se", ABSENT, Some(&old)) };
    let verdict = judges(&facts, "redemption.period", "06-30 06-06");
    assert!(verdict.reasons.contains(Reason::DropContradictory));
}
