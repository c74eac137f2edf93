//! When nobody can restore a name any more, by the clock.

use super::*;

#[test]
fn nobody_can_restore_it() {
    // the zone held it when it should have been out by the clock: it left after that
    let expired = answer("active", expires!("2026-04-20"));
    let seen = |last_seen: &str, dropped: &str| Facts {
        last_seen: Some(day(last_seen)),
        dropped: Some(day(dropped)),
        ..facts("a.sk", ABSENT, Some(&expired))
    };
    assert_eq!(decide(&seen("2026-05-20", "2026-05-31")).name, "redemption.clock");
    assert_eq!(decide(&seen("2026-04-20", "2026-04-21")).name, "pending_delete.clock");
    // the answer is newer than the absence, and by its day the end is still to come
    let named = |registered: &Answer| {
        let facts = Facts { dropped: Some(day("2026-03-25")), ..facts("a.ar", ABSENT, None) };
        decide(&Facts { answer: Some(registered), ..facts }).name
    };
    assert_eq!(named(&answer("active", expires!("2026-05-18"))), "redemption.clock");
    assert_eq!(named(&answer("client hold", expires!("2026-05-18"))), "pending_delete.clock");
    // without name servers after its day
    for (statuses, rule) in [("inactive", "pending_delete.clock"), ("client hold", "redemption.clock")] {
        let idle = answer(statuses, expires!("2026-05-09"));
        let later = Facts { as_of: moment("2026-07-04"), ..facts("a.ie", OPEN, Some(&idle)) };
        assert_eq!(decide(&later).name, rule);
    }
    // its day came after the answer, and was followed by all phases: whether it was paid, nobody knows
    let out = answer("temporarily removed from the root", expires!("2026-06-02"));
    let later = Facts { as_of: moment("2026-07-10"), ..facts("a.fi", OPEN, Some(&out)) };
    assert_eq!(decide(&later).name, "undelegated.words");
    assert_eq!(decide(&Facts { as_of: moment("2026-07-01"), ..later }).name, "pending_delete.clock");
    // unpaid by the registrar's day alone: its absence tells since when
    let held = answer("inactive", expires!("2027-05-20", registrar "2026-05-13"));
    let gone = Facts { dropped: Some(day("2026-03-15")), ..facts("a.su", ABSENT, Some(&held)) };
    assert_eq!(decide(&gone).name, "pending_delete.clock");
    // the registry's own day counts, not an older one of a registrar
    let clock_of = |registry: &str| {
        decide(&facts(
            "a.com.br",
            OPEN,
            Some(&answer("client hold", &[("expiration", registry), ("registrar expiration", "2025-06-08")])),
        ))
        .name
    };
    assert_eq!(clock_of("2026-03-25"), "redemption.clock");
    assert_eq!(clock_of("2026-02-10"), "pending_delete.clock");
}

#[test]
fn a_word_holds_on_its_day() {
    // on the day of its word it could be restored, and 30 days later nobody can
    let held = answer("server hold", REGISTERED);
    for (as_of, rule) in [("2026-06-29", "redemption.words"), ("2026-06-30", "pending_delete.clock")] {
        let later = Facts { as_of: moment(as_of), ..facts("a.com.au", OPEN, Some(&held)) };
        assert_eq!(decide(&later).name, rule, "{as_of}");
    }
    // the zone that held it is no newer than the word, or the word would not count
    let suspended = answer("suspended", REGISTERED);
    for (as_of, rule) in [("2026-06-19", "redemption.words"), ("2026-06-20", "pending_delete.clock")] {
        let later = Facts { as_of: moment(as_of), ..facts("a.jp", PRESENT, Some(&suspended)) };
        assert_eq!(decide(&later).name, rule, "{as_of}");
    }
}
