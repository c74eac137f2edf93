//! Who is believed: zones against answers of registries, their words, and names below others' suffixes.

use crate::support::{Report, registry, rows};
use crate::times::{Times, lists};

const RESERVED: &str = r#"{"errorCode":404,"description":["Reserved by the registry"]}"#;

fn verdict(report: &Report, place: usize) -> String {
    let reasons = &lists(report, "accounts", "reasons")[place];
    let verdict = report.verdicts()[place].clone();
    verdict.split_once(' ').map_or_else(String::new, |(_, verdict)| format!("{verdict} {reasons}"))
}

/// Judges `held` below a top-level domain whose zone of 2026-05-31 holds it, by an answer of that day with this status, and
/// by one of two days before.
#[track_caller]
fn present(tld: &str, status: &str, same_day: &str, older: &str) {
    let found = |day: &str| {
        let mut times = Times::new();
        let domain = format!("held.{tld}");
        times.zone(tld, "20260531", &["held"]);
        let body = serde_json::json!({
            "objectClassName": "domain", "ldhName": domain, "status": [status],
            "events": [{"eventAction": "registration", "eventDate": "2011-01-01"}]
        });
        // without a source it is taken as given, whoever the registry is
        let answer = format!(
            r#"{{"domain":"{domain}","fetched_at":"{day}T00:00:00Z","http_status":200,"body":{body}}}"#
        );
        let answers = times.bench.write("own.ndjson", answer.as_bytes());
        times.account("a", &format!("a@{domain}"), "");
        let answers = answers.to_str().expect("a path of letters").to_owned();
        let report = times.audit("report", "2026-06-01", &["--rdap", &answers], 0);
        verdict(&report, 0).replace(" rdap.unverified_source", " ").replace(" +", " ")
    };
    assert_eq!((found("2026-05-31").as_str(), found("2026-05-29").as_str()), (same_day, older), "{tld}");
}

/// A zone that holds the name contradicts what ends a registration. It does not where the table says that unpaid names
/// are pending delete while they are still in the zone.
#[test]
fn a_name_in_its_zone_that_is_being_deleted() {
    let active = "active none none evidence.conflict";
    let kept = "redemption high unverify rdap.pending_delete";
    for tld in ["uk", "se", "fr", "dk", "za"] {
        present(tld, "pending delete", kept, kept);
    }
    let restorable = "redemption high unverify evidence.conflict+rdap.pending_delete";
    for tld in ["lt", "tr", "au", "fi", "ar"] {
        present(tld, "pending delete", restorable, active);
    }
    let last = "pending_delete critical unverify evidence.conflict+rdap.pending_delete";
    for tld in ["ee", "ie", "pl", "com"] {
        present(tld, "pending delete", last, active);
    }
    // redemption is no such phase, whether it is a status or a word
    present(
        "uk",
        "redemption period",
        "redemption high unverify evidence.conflict+rdap.redemption_period",
        active,
    );
    present("se", "deactivated", "redemption high unverify evidence.conflict", active);
    present("au", "server hold", "redemption high unverify evidence.conflict+rdap.server_hold", active);
    present("pl", "blocked", "redemption high unverify evidence.conflict", active);
    present(
        "uk",
        "pending restore",
        "grace medium notify rdap.pending_restore",
        "grace medium notify rdap.pending_restore",
    );
}

/// What the registry says of a name that it keeps counts more than its zone, unless that is newer by more than a day.
#[test]
fn a_reserved_name() {
    let judged = |zone: &[&str], day: &str, verified: &str| {
        let mut times = Times::new();
        times.zone("com", "20260531", zone);
        times.answer("x.com", day, 404, RESERVED);
        times.account("a", "a@x.com", verified);
        let report = times.audit("report", "2026-06-01", &[], 0);
        let token = rows(&report.domains, &["domainr_status"])[0].clone();
        format!("{} {token}", verdict(&report, 0))
    };
    assert_eq!(judged(&[], "2026-05-29", ""), "not_registrable low notify rdap.reserved reserved");
    let kept = "not_registrable low notify rdap.reserved+evidence.conflict reserved";
    assert_eq!(judged(&["x"], "2026-05-30", ""), kept);
    assert_eq!(judged(&["x"], "2026-05-29", ""), "active none none evidence.conflict active");
    // nobody had it on that day, so whoever has it now registered it since
    let since = "reregistered critical review evidence.conflict+account.lapse_seen_after_verification active";
    assert_eq!(judged(&["x"], "2026-05-29", "2020-01-01"), since);
    assert_eq!(judged(&["x"], "2026-05-29", "2026-05-30"), "active none none evidence.conflict active");

    let mut times = Times::new();
    times.answer("x.com", "2026-05-31", 404, RESERVED);
    times.account("a", "a@x.com", "");
    times.account("b", "a@co.uk", "");
    let run = times.try_audit("report", "2026-06-01", &[]).expect(0);
    assert!(run.stdout.contains("reserved by its registry"), "{}", run.stdout);
}

/// A plain list tells nothing of names below those that it lists.
#[test]
fn a_list_of_names_covers_no_deeper_than_they_are() {
    let mut times = Times::new();
    let io = times.bench.write("io.list", b"github.io\nkept.io\n");
    let uk = times.bench.write("uk.list", b"co.uk\nlisted.co.uk\nflat.uk\n");
    let names = ["p.github.io", "kept.io", "listed.co.uk", "other.co.uk", "flat.uk"];
    names.iter().for_each(|name| times.account(name, &format!("a@{name}"), ""));
    let paths = [io, uk].map(|path| path.to_str().expect("a path of letters").to_owned());
    let report = times.audit("report", "2100-01-01", &["--zones", &paths[0], "--zones", &paths[1]], 1);
    assert_eq!(
        rows(&report.domains, &["judged_domain", "zone_coverage"]),
        ["flat.uk list", "github.io list", "kept.io list", "listed.co.uk list", "other.co.uk none"]
    );
    assert!(
        lists(&report, "accounts", "reasons")[0].contains("name.private_parent"),
        "below an owner's name"
    );
}

/// Of two names under which a mail domain may be registered, the worse counts for each account.
#[test]
fn the_worse_of_two_names_for_each_account() {
    let mut times = Times::new();
    let centralnic = "https://rdap.centralnic.com/uk.com/";
    let body = |domain: &str, registered: &str| {
        serde_json::json!({
            "objectClassName": "domain", "ldhName": domain, "status": ["active"],
            "events": [{"eventAction": "registration", "eventDate": registered}]
        })
        .to_string()
    };
    let parent = body("uk.com", "2026-05-01");
    times.answer_of(registry("uk.com"), "uk.com", "2026-05-31", 200, &parent);
    times.answer_of(centralnic, "a.uk.com", "2026-05-31", 200, &body("a.uk.com", "2011-01-01"));
    times.answer_of(centralnic, "late.uk.com", "2026-05-31", 200, &body("late.uk.com", "2026-05-20"));
    for (mail, verified) in [
        ("a.uk.com", "2020-01-01"),
        ("a.uk.com", "2026-05-10"),
        ("b.uk.com", "2020-01-01"),
        ("b.uk.com", "2026-05-10"),
        ("late.uk.com", "2026-05-10"),
        ("late.uk.com", "2020-01-01"),
        ("late.uk.com", ""),
    ] {
        times.account("a", &format!("a@{mail}"), verified);
    }
    let report = times.audit("report", "2026-06-01", &[], 0);
    assert_eq!(
        rows(&report.accounts, &["judged_domain", "state", "risk", "action", "hands_changed_at"]),
        [
            "uk.com reregistered critical unverify 2026-05-01 00:00:00.000000+00:00",
            "a.uk.com active none none 2011-01-01 00:00:00.000000+00:00",
            "uk.com reregistered critical unverify 2026-05-01 00:00:00.000000+00:00",
            "b.uk.com unknown unknown lookup -",
            "late.uk.com reregistered critical unverify 2026-05-20 00:00:00.000000+00:00",
            "late.uk.com reregistered critical unverify 2026-05-20 00:00:00.000000+00:00",
            "late.uk.com active none none 2026-05-20 00:00:00.000000+00:00",
        ]
    );
    let tallies = rows(&report.domains, &["judged_domain", "accounts", "accounts_unverify"]);
    assert_eq!(tallies, ["a.uk.com 1 0", "b.uk.com 1 0", "late.uk.com 3 2", "uk.com 2 2"]);
}

/// Name servers belong to the sighting: they count as long as presence does, whatever the newest snapshot lacks.
#[test]
fn servers_count_where_the_newest_snapshot_is_shrunk() {
    let mut times = Times::new();
    let kept: Vec<String> = (0..60).map(|number| format!("kept{number}")).collect();
    let mut names: Vec<&str> = kept.iter().map(String::as_str).collect();
    names.extend(["held>ns2.gone.com,ns1.fine.com", "lost>ns2.gone.com,ns1.fine.com", "moved>ns2.gone.com"]);
    times.zone("cz", "20260526", &names);
    times.zone("cz", "20260531", &["held>ns2.gone.com,ns1.fine.com", "moved>ns1.fine.com"]).expect(1);
    times.zone("com", "20260531", &["fine"]);
    times.not_found("gone.com", "2026-05-31");
    for name in ["held", "lost", "moved"] {
        times.account(name, &format!("a@{name}.cz"), "");
    }
    let report = times.audit("report", "2026-06-01", &[], 1);
    assert_eq!(
        report.verdicts(),
        ["held.cz active high unverify", "lost.cz active high unverify", "moved.cz active none none"]
    );
}

/// A shrunk snapshot without the name proves nothing, so it does not stand beside a gap.
#[test]
fn a_shrunk_snapshot_is_no_neighbour_of_a_gap() {
    let many: Vec<String> = (0..60).map(|number| format!("kept{number}")).collect();
    let whole: Vec<&str> = many.iter().map(String::as_str).collect();
    let with: Vec<&str> = whole.iter().copied().chain(["back"]).collect();
    let judged = |second: (&[&str], i32), expected: &str| {
        let mut times = Times::new();
        times.zone("ie", "20260426", &with);
        times.zone("ie", "20260503", second.0).expect(second.1);
        for day in ["20260510", "20260517", "20260524"] {
            times.zone("ie", day, &whole);
        }
        times.zone("ie", "20260531", &with);
        times.account("a", "a@back.ie", "2020-01-01");
        times.judges("2026-06-01", &[expected]);
    };
    judged((&whole, 0), "back.ie reregistered critical review");
    judged((&[], 1), "back.ie active none none");
}

/// A newer answer without a day of registration hides nothing that another server told; one with an older day does.
#[test]
fn a_newer_answer_without_a_registration() {
    let judged = |events: &str| {
        let mut times = Times::new();
        let body = |events: &str| {
            format!(
                r#"{{"objectClassName":"domain","ldhName":"x.at","status":["active"],"events":[{events}]}}"#
            )
        };
        let registered =
            |day: &str| format!(r#"{{"eventAction":"registration","eventDate":"{day}T00:00:00Z"}}"#);
        let told = body(&registered("2026-03-01"));
        times.answer_of("https://rdap.two.example/", "x.at", "2026-05-20", 200, &told);
        let newer = if events.is_empty() { body("") } else { body(&registered(events)) };
        times.answer_of("https://rdap.one.example/", "x.at", "2026-05-30", 200, &newer);
        times.account("a", "a@x.at", "2020-01-01");
        rows(&times.audit("report", "2026-06-01", &[], 0).accounts, &["state", "action"]).remove(0)
    };
    assert_eq!(judged(""), "reregistered unverify");
    assert_eq!(judged("2001-01-01"), "active none");
}
