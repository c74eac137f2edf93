//! Names that exist only because of names below them: the registered unit lies deeper, and neighbours neither hide nor
//! condemn each other.

use crate::support::Report;
use crate::times::{Times, domains, reasons};

const REGISTRY: &str = "https://tld-rdap.verisign.com/name/v1/";
const ANA: &str = "ana.bergquist";
const PER: &str = "per.bergquist";

/// What is said of the accounts `id` at these addresses, all verified in 2021, with these names in the zone `name`.
fn judged(names: &[&str], addresses: &[&str], answers: impl FnOnce(&mut Times)) -> Report {
    let mut times = Times::new();
    for address in addresses {
        times.account(address, address, "2021-01-01");
    }
    times.zone("name", "20260601", names).expect(0);
    answers(&mut times);
    // where nothing can be judged the status is 1
    let run = times.try_audit("report", "2026-06-01", &[]);
    assert!(run.status < 2, "{}", run.stderr);
    Report::read(&times.bench.path("report"))
}

#[track_caller]
fn says(report: &Report, expected: &[&str]) {
    let columns = ["judged_domain", "state", "risk", "action"];
    assert_eq!(crate::support::rows(&report.accounts, &columns), expected);
}

#[test]
fn neighbours_neither_hide_nor_condemn() {
    let addresses = ["a@mail.ana.bergquist.name", "a@erik.bergquist.name", "a@bergquist.name"];
    let report = judged(&[ANA, PER], &addresses, |_| {});
    says(
        &report,
        &[
            "ana.bergquist.name active none none",
            "erik.bergquist.name absent high lookup",
            "bergquist.name unknown unknown lookup",
        ],
    );
    assert_eq!(reasons(&report), ["", "rdap.none", "name.only_names_below+rdap.none"]);
    let registrable = crate::support::rows(&report.accounts, &["registrable_domain"]);
    assert_eq!(registrable, vec!["bergquist.name"; 3]);
    // tables are sorted by the names that were judged
    let judged = domains(&report, &[]);
    assert!(judged.is_sorted(), "{judged:?}");
}

/// An answer for the name above decides nothing, whatever it says; one for the unit itself does.
#[test]
fn answers_count_at_the_depth_of_the_unit() {
    let addresses = ["a@ana.bergquist.name", "a@erik.bergquist.name", "a@bergquist.name"];
    let report = judged(&[ANA, PER], &addresses, |times| {
        for name in ["bergquist.name", "erik.bergquist.name"] {
            times.answer_of(REGISTRY, name, "2026-05-31", 404, r#"{"errorCode":404}"#);
        }
    });
    says(
        &report,
        &[
            "ana.bergquist.name active none none",
            "erik.bergquist.name available critical unverify",
            "bergquist.name unknown unknown lookup",
        ],
    );
    let report = judged(&[ANA], &["a@bergquist.name"], |times| {
        let body = r#"{"objectClassName":"domain","ldhName":"bergquist.name","status":["pending delete"],
            "events":[{"eventAction":"registration","eventDate":"2024-01-01T00:00:00Z"}]}"#;
        times.answer_of(REGISTRY, "bergquist.name", "2026-05-31", 200, &body.replace('\n', " "));
    });
    says(&report, &["bergquist.name unknown unknown lookup"]);
}

#[test]
fn units_of_any_depth() {
    let addresses = ["a@x.y.deep.name", "a@q.y.deep.name", "a@z.deep.name", "a@y.deep.name", "a@none.name"];
    let report = judged(&["x.y.deep", "other.deep"], &addresses, |_| {});
    says(
        &report,
        &[
            "x.y.deep.name active none none",
            "q.y.deep.name absent high lookup",
            "z.deep.name absent high lookup",
            "y.deep.name unknown unknown lookup",
            "none.name absent high lookup",
        ],
    );
    // a name with names below it that is delegated itself is registered
    let report = judged(&["held", "x.held"], &["a@x.held.name", "a@held.name"], |_| {});
    says(&report, &["held.name active none none", "held.name active none none"]);
}

/// Only a complete zone decides the unit. What is not complete lends presence to the names it holds.
#[test]
fn a_zone_that_is_not_complete() {
    let mut times = Times::new();
    times.account("a", "a@ana.bergquist.name", "2021-01-01");
    times.account("b", "b@bergquist.name", "2021-01-01");
    times.zone("name", "20260501", &[ANA]).expect(0);
    // no account could be judged
    let report = times.audit("report", "2026-06-01", &[], 1);
    says(&report, &["bergquist.name unknown unknown lookup", "bergquist.name unknown unknown lookup"]);
    assert_eq!(reasons(&report), vec!["zone.stale+rdap.none"; 2]);
}

/// The domain of a name server is the registered unit too.
#[test]
fn name_servers_in_deeper_units() {
    let mut times = Times::new();
    times.account("a", "a@served.name", "2021-01-01");
    times.account("b", "b@safe.name", "2021-01-01");
    let names = ["ana.bergquist", "served>ns1.erik.bergquist.name", "safe>ns1.ana.bergquist.name"];
    times.zone("name", "20260601", &names).expect(0);
    let report = times.audit("report", "2026-06-01", &[], 0);
    let columns = ["judged_domain", "state", "risk", "action"];
    let found = crate::support::rows(&report.accounts, &columns);
    assert_eq!(found, ["served.name active critical lookup", "safe.name active none none"]);
}

/// The store remembers deeper names. A day on which a name held only others is one without it.
#[test]
fn histories_of_deeper_names() {
    let mut times = Times::new();
    times.account("a", "a@erik.bergquist.name", "2021-01-01");
    times.account("b", "b@moved.name", "2021-01-01");
    let days = [
        ("20260401", vec![ANA, "erik.bergquist", "moved"]),
        ("20260402", vec![ANA, "x.moved"]),
        ("20260430", vec![ANA, "x.moved"]),
        ("20260505", vec![ANA, "x.moved"]),
        ("20260507", vec![ANA, "erik.bergquist", "moved"]),
        ("20260601", vec![ANA, "erik.bergquist", "moved"]),
    ];
    for (date, names) in days {
        times.zone("name", date, &names).expect(0);
    }
    let report = times.audit("report", "2026-06-01", &[], 0);
    says(
        &report,
        &["erik.bergquist.name reregistered critical review", "moved.name reregistered critical review"],
    );
    let columns = ["first_seen", "last_seen", "gap_from", "gap_to"];
    assert_eq!(
        domains(&report, &columns),
        [
            "erik.bergquist.name - 2026-06-01 2026-04-02 2026-05-05",
            "moved.name - 2026-06-01 2026-04-02 2026-05-05",
        ]
    );
}
