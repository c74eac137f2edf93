//! Whatever made a verdict is in the report: each rule and reason has the columns that hold its evidence.
//!
//! Groups of columns are separated by `|`: one of them must be there, all of its columns. `domains` has them, if they
//! do not start with `accounts.`.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{AnyValue, DataFrame};

use crate::support::{Report, registry, run, zonelapse};
use crate::times::{Times, lists};

const ZONE: &str = "zone zone_date zone_coverage zone_date_source";
const SEEN: &str = "zone zone_date present last_seen";
const ABSENT: &str = "zone zone_date present zone_coverage";
const ANSWER: &str = "rdap_outcome rdap_fetched_at";
const STATUS: &str = "rdap_status rdap_fetched_at|registry_list_says registry_list_date";
const LIST: &str = "registry_list registry_list_says registry_list_date";
const SAID: &str = "rdap_outcome rdap_fetched_at|registry_list_says registry_list_date";
const EXPIRES: &str = "expires_at rdap_fetched_at|registry_list_expires_at registry_list_date";
const PAST: &str = "expires_at|registrar_expires_at|registry_list_expires_at|rdap_status|registry_list_says";
const REGISTRAR: &str = "registrar_expires_at";
const NAME: &str = "judged_domain public_suffix suffix_kind";
const OVER: &str = "release_at registry_list_date drop_source earliest_drop_on";

/// Rules, and then reasons, with their columns.
const EVIDENCE: &[(&str, &str)] = &[
    ("special_use.name", NAME),
    ("special_use.tld_absent", "tld"),
    ("not_registrable.public_suffix", NAME),
    ("not_registrable.reserved", SAID),
    ("available.in_release", LIST),
    ("available.dropped", LIST),
    ("available.list_but_present", "registry_list_says registry_list_date zone_date present"),
    ("pending_delete.list", OVER),
    ("pending_delete.final", STATUS),
    ("pending_delete.words", STATUS),
    ("redemption.list", "registry_list_says registry_list_date"),
    ("pending_delete.clock", "earliest_drop_on|latest_drop_on|rdap_fetched_at|registry_list_date"),
    ("redemption.period", STATUS),
    ("redemption.undated", STATUS),
    ("redemption.pending_delete", STATUS),
    ("redemption.words", STATUS),
    ("redemption.clock", PAST),
    (
        "available.not_found_and_absent",
        "rdap_outcome rdap_fetched_at zone_date present|registry_list_says zone_date present",
    ),
    (
        "available.not_found_but_present",
        "rdap_outcome rdap_fetched_at zone_date present|registry_list_says zone_date present",
    ),
    ("available.not_found", SAID),
    ("grace.out_of_service", PAST),
    ("grace.pending_restore", STATUS),
    ("grace.expired", PAST),
    ("grace.parked", "rdap_status name_servers"),
    ("hold.client_or_server", STATUS),
    ("undelegated.absent", ABSENT),
    ("undelegated.inactive", STATUS),
    ("undelegated.words", STATUS),
    ("absent.long", "zone zone_date present gap_from gap_to dropped_on last_seen"),
    ("absent.zone", ABSENT),
    ("expiring.lead_days", "expires_at|registrar_expires_at|registry_list_expires_at|registry_list_says"),
    ("unknown.sources_disagree", "rdap_outcome rdap_fetched_at rdap_unused"),
    ("active.present", SEEN),
    ("unknown.status", STATUS),
    ("unknown.expired_long_ago", "expires_at|registrar_expires_at|registry_list_expires_at"),
    ("active.found", SAID),
    ("unknown.says_nothing", SAID),
    ("unknown.no_evidence", "zone_coverage rdap_outcome"),
    ("reregistered.registration", "registered_at hands_changed_at|reinstantiated_at hands_changed_at"),
    ("reregistered.list", "registry_list_ended_at hands_changed_at"),
    ("reregistered.event", "reregistered_at hands_changed_at"),
    ("reregistered.gap", "gap_from gap_to gap_seen_before gap_seen_after hands_changed_at"),
    ("reregistered.lapse", "lapse_seen_at last_seen hands_changed_at"),
    ("reregistered.verified_again", "accounts.verified_at hands_changed_at"),
    ("address.local_part_invalid", "accounts.row"),
    ("name.not_ldh", "accounts.mail_domain"),
    ("name.private_uncovered", NAME),
    ("name.private_parent", NAME),
    ("name.private_judged", NAME),
    ("name.only_names_below", ZONE),
    ("name.unknown_tld", "tld"),
    ("name.looks_mistyped", "typo_of|accounts.typo_of"),
    ("zone.none", "zone_coverage"),
    ("zone.stale", ZONE),
    ("zone.unclosed", ZONE),
    ("zone.shrunk", ZONE),
    ("zone.list", ZONE),
    ("zone.dated_by_file_time", ZONE),
    ("zone.after_as_of", "as_of"),
    ("zone.seen_too_long_ago", "last_seen"),
    ("history.dropped", "dropped_on last_seen"),
    ("history.long_gap", "gap_from gap_to gap_seen_before gap_seen_after"),
    ("history.short_gap", "gap_from gap_to gap_seen_before gap_seen_after"),
    ("rdap.none", "rdap_outcome"),
    ("rdap.error", ANSWER),
    ("rdap.too_old", ANSWER),
    ("rdap.undated", ANSWER),
    ("rdap.after_as_of", "as_of"),
    ("rdap.event_after_as_of", "registered_at|reinstantiated_at|reregistered_at|transferred_at"),
    ("rdap.unverified_source", ANSWER),
    ("rdap.not_the_registry", "rdap_unused"),
    ("rdap.says_nothing", SAID),
    ("rdap.unknown_status", STATUS),
    ("rdap.reserved", SAID),
    (
        "evidence.conflict",
        "zone_date present rdap_outcome rdap_fetched_at|zone_date present registry_list_says registry_list_date|\
         rdap_outcome rdap_fetched_at rdap_unused",
    ),
    ("rdap.pending_delete", STATUS),
    ("rdap.redemption_period", STATUS),
    ("rdap.pending_restore", STATUS),
    ("rdap.auto_renew_period", STATUS),
    ("rdap.client_hold", STATUS),
    ("rdap.server_hold", STATUS),
    ("rdap.inactive", "rdap_status rdap_fetched_at|registry_list_delegated registry_list_date"),
    ("rdap.expired", "expires_at rdap_fetched_at|registry_list_says registry_list_date|rdap_status"),
    ("rdap.registrar_expired", REGISTRAR),
    ("rdap.expired_long_ago", "expires_at|registrar_expires_at|registry_list_expires_at"),
    ("rdap.expires_soon", EXPIRES),
    ("rdap.registrar_expires_soon", REGISTRAR),
    ("list.will_drop", LIST),
    ("list.dropped", LIST),
    ("list.in_release", LIST),
    ("list.registered", LIST),
    ("list.not_registered", LIST),
    ("list.renewed", LIST),
    ("list.too_old", LIST),
    ("mail.closed", "mail_closed_on"),
    ("ns.hijackable", "name_servers hijackable_name_servers"),
    ("ns.soon_hijackable", "name_servers hijackable_name_servers"),
    ("mx.hijackable", "mail_servers hijackable_mail_servers"),
    ("mx.soon_hijackable", "mail_servers hijackable_mail_servers"),
    ("mx.none", "judged_domain"),
    ("mx.stale", "mail_servers_seen_at"),
    ("mx.undated", "accounts.mail_domain"),
    ("ns.parked_at_expiry", "name_servers"),
    ("ns.moved_after_expiry", "name_servers name_servers_before name_servers_changed_on expires_at"),
    ("drop.contradictory", "earliest_drop_on latest_drop_on"),
    ("override.applied", "judged_domain"),
    ("override.expired", "judged_domain"),
    ("account.registered_after_verification", "accounts.verified_at registered_at"),
    ("account.reinstantiated_after_verification", "accounts.verified_at reinstantiated_at"),
    ("account.reregistered_after_verification", "accounts.verified_at reregistered_at"),
    ("account.transferred_after_verification", "accounts.verified_at transferred_at"),
    ("account.gap_ended_after_verification", "accounts.verified_at gap_to gap_seen_after"),
    ("account.lapse_seen_after_verification", "accounts.verified_at lapse_seen_at"),
    ("account.list_ended_after_verification", "accounts.verified_at registry_list_ended_at"),
    ("account.reverified_after_change", "accounts.verified_at hands_changed_at"),
    ("account.verified_at_unreadable", "accounts.row"),
    ("account.weight_unreadable", "accounts.row"),
    ("account.accounts_unreadable", "accounts.row"),
    ("account.verified_after_as_of", "accounts.verified_at"),
];

/// Whether a cell holds something; an empty list does not.
fn holds(frame: &DataFrame, column: &str, row: usize) -> bool {
    let column = frame.column(column).unwrap_or_else(|_| panic!("no column `{column}`"));
    match column.get(row).expect("the row is there") {
        AnyValue::Null => false,
        AnyValue::List(values) => !values.is_empty(),
        _ => true,
    }
}

/// Checks every account of a report with its domain, and adds the rules and reasons that were met.
#[track_caller]
fn check(report: &Report, met: &mut BTreeSet<String>) {
    let evidence: BTreeMap<&str, &str> = EVIDENCE.iter().copied().collect();
    let words = |frame: &DataFrame, column: &str| crate::support::rows(frame, &[column]);
    let places: BTreeMap<String, usize> =
        words(&report.domains, "judged_domain").into_iter().zip(0..).collect();
    let (judged, rules) = (words(&report.accounts, "judged_domain"), words(&report.accounts, "rule"));
    let reasons = lists(report, "accounts", "reasons");
    let mut missing = BTreeSet::new();
    for (row, (name, rule)) in judged.iter().zip(&rules).enumerate() {
        let place = places[name];
        for found in reasons[row].split('+').filter(|reason| !reason.is_empty()).chain([rule.as_str()]) {
            met.insert(found.to_owned());
            let columns = evidence.get(found).unwrap_or_else(|| panic!("`{found}` has no columns"));
            let is_there = |column: &str| match column.strip_prefix("accounts.") {
                Some(column) => holds(&report.accounts, column, row),
                None => holds(&report.domains, column, place),
            };
            if !columns.split('|').any(|group| group.split(' ').all(is_there)) {
                missing.insert(format!("{found} of {name}: {columns}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Names with what the sample does not have: sources that disagree, other servers, servers that moved.
fn times() -> Times {
    let mut times = Times::new();
    times.zone("com", "20260201", &["gap", "back", "moved>ns1.sedoparking.com", "held"]);
    times.zone("com", "20260202", &["back", "moved>ns1.sedoparking.com", "held"]);
    times.zone("com", "20260315", &["gap", "moved>ns1.fine.com", "held"]);
    times.zone("com", "20260531", &["gap", "back", "moved>ns1.fine.com", "held", "fine"]);
    times.found(
        "moved.com",
        "2026-05-30",
        &["active"],
        &["registration 2001-01-01", "expiration 2027-03-01"],
    );
    times.not_found("held.com", "2026-05-30");
    times.not_found("lapse.com", "2026-05-20");
    times.answer_of("https://rdap.registrar.example/", "fine.com", "2026-05-30", 404, r#"{"errorCode":404}"#);
    times.answer_of("https://rdap.one.example/", "x.at", "2026-05-30", 404, r#"{"errorCode":404}"#);
    let body = r#"{"objectClassName":"domain","ldhName":"x.at","status":["active"]}"#;
    times.answer_of("https://rdap.two.example/", "x.at", "2026-05-30", 200, body);
    times.answer(
        "reserved.com",
        "2026-05-30",
        404,
        r#"{"errorCode":404,"description":["Reserved by the registry"]}"#,
    );
    times.answer_of(
        registry("odd.uk"),
        "odd.uk",
        "2026-05-30",
        200,
        r#"{"objectClassName":"domain","ldhName":"odd.uk"}"#,
    );
    for name in [
        "gap.com",
        "back.com",
        "moved.com",
        "held.com",
        "lapse.com",
        "fine.com",
        "x.at",
        "reserved.com",
        "odd.uk",
    ] {
        times.account(name, &format!("a@{name}"), "2020-01-01");
        times.account(name, &format!("b@{name}"), "");
    }
    times
}

#[test]
fn whatever_made_a_verdict_is_in_the_report() {
    let mut met = BTreeSet::new();
    check(&times().audit("report", "2026-06-01", &[], 0), &mut met);
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (number, (world, more, status)) in [
        ("data/sample", &[][..], 0),
        ("data/sample", &["--registry", "data/sample/registry"], 0),
        ("data/sample", &["--mx", "data/sample/mx.csv"], 0),
        ("tests/fixtures/broken", &[], 1),
    ]
    .into_iter()
    .enumerate()
    {
        let report = directory.path().join(number.to_string());
        let accounts = ["accounts.csv", "registry-accounts.csv", "mx-accounts.csv", "accounts.csv"][number];
        let mut command = zonelapse();
        command.arg("audit").arg(format!("{world}/{accounts}")).args(more);
        command.args(["--zones", &format!("{world}/zones"), "--rdap", &format!("{world}/rdap")]);
        run(command.args(["--as-of", crate::support::AS_OF, "-o"]).arg(&report)).expect(status);
        check(&Report::read(&report), &mut met);
    }
    assert!(met.len() >= 60, "only {} rules and reasons occur: {met:?}", met.len());
}

#[test]
fn every_rule_and_reason_has_columns() {
    let mut command = zonelapse();
    let told = run(command.args(["rules", "--markdown"])).stdout;
    let told = told.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let told: BTreeSet<&str> = told.map(|(name, _)| name).filter(|name| name.contains('.')).collect();
    let named: BTreeSet<&str> = EVIDENCE.iter().map(|(name, _)| *name).collect();
    assert_eq!(told, named);
}
