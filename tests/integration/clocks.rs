//! What is told of the clock of a name: each phase with its day, where that is from, and how old it is.

use crate::times::Times;

#[test]
fn explain_shows_the_clock() {
    let mut times = Times::new();
    times.zone("co.uk", "20260530", &["kept"]);
    times.zone("co.uk", "20260531", &["kept"]);
    times.found(
        "late.co.uk",
        "2026-05-31",
        &["pending delete"],
        &["registration 2012-03-01", "expiration 2026-04-17"],
    );
    times.found("gone.de", "2026-05-31", &["redemption period"], &["registration 2012-03-01"]);
    times.found("far.jp", "2026-05-31", &["active"], &["registration 2012-03-01"]);
    let told = times.explains("2026-06-01", &["late.co.uk", "gone.de", "far.jp", "a.mx"]);
    let told = crate::support::flat(&told);
    for part in [
        "as of 2026-06-01; free for others between 2026-07-21 and 2026-07-22",
        "clock unpaid names lapse [registrars.nominet.uk: new domain expiry process, 2022-09-13, more than two years old]",
        "2026-05-17 out of the zone if nobody pays",
        "2026-07-21 free for others, at the latest 2026-07-22",
        "clock the registry renews by itself; no expiration is published [denic.de",
        "not counted here: others can register it at once after the holder's waiver",
        "2026-06-30 free for others if it is deleted today",
        "clock of .mx is not known: no day of a drop is computed",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

/// How long a deletion takes that the holder asks for is not known in .uk, so a name may be free on the day it was seen.
#[test]
fn explain_says_why_the_earliest_day_is_so_early() {
    let mut times = Times::new();
    times.zone("co.uk", "20260531", &["near"]);
    times.zone("de", "20260531", &["near"]);
    times.found(
        "near.co.uk",
        "2026-05-31",
        &["active"],
        &["registration 2012-03-01", "expiration 2026-06-20"],
    );
    let told = crate::support::flat(&times.explains("2026-06-01", &["near.co.uk"]));
    for part in [
        "free for others between 2026-05-31 and ",
        "the earliest day is the one on which it was last seen, in service as far as is known: its \
         holder can ask for a deletion on any day, and how long that takes in .co.uk is not known",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let told = crate::support::flat(&times.explains("2026-06-01", &["near.de"]));
    assert!(!told.contains("the earliest day is"), "{told}");
}
