//! The table is read as it is meant.

use super::*;

fn clock(name: &str) -> &'static Clock {
    Clock::of(name, SuffixKind::Icann)
}

#[track_caller]
fn lasts(name: &str, drop: (Option<i32>, Option<i32>), gone: (Option<i32>, Option<i32>)) {
    let clock = clock(name);
    assert_eq!(((clock.drop_from, clock.drop_to), (clock.gone_from, clock.gone_to)), (drop, gone), "{name}");
}

#[test]
fn each_name_has_the_clock_of_its_registry() {
    let unknown = ((None, None), (None, None));
    let each = |name: &str, (drop, gone)| lasts(name, drop, gone);
    each("a.com", ((Some(35), Some(80)), (Some(35), Some(35))));
    each("a.xn--p1acf", ((Some(35), Some(80)), (Some(35), Some(35))));
    each("a.co.uk", ((Some(95), Some(96)), (Some(65), Some(66))));
    each("nu", ((Some(77), Some(78)), (Some(67), Some(68))));
    each("a.xn--p1ai", ((Some(30), Some(45)), (Some(20), Some(45))));
    each("a.jp", ((None, None), (Some(28), Some(31))));
    each("a.tokyo.jp", ((None, None), (Some(28), Some(31))));
    each("a.co.jp", unknown);
    each("co.jp", unknown);
    each("a.gov", unknown);
    // a name of two letters, and of a country in another script
    each("a.mx", unknown);
    each("a.xn--fiqs8s", unknown);
    assert_eq!(Clock::of("a.uk.com", SuffixKind::Private), &Clock::UNKNOWN);
}

#[test]
fn what_follows_from_the_figures() {
    let days = |name: &str| {
        let clock = clock(name);
        (clock.presence_days(), clock.lapse_gap_days(), clock.gone_days())
    };
    assert_eq!(days("com"), (34, 35, 35));
    assert_eq!(days("li"), (39, 40, 40));
    assert_eq!(days("ru"), (20, 30, 20));
    assert_eq!(days("au"), (0, 30, 1));
    assert_eq!(days("za"), (4, 35, 4));
    assert_eq!(days("mx"), (0, 35, NO_END));
    let past = |name: &str| (clock(name).past_is_a_sign(), clock(name).late_days(), clock(name).past_days());
    assert_eq!(past("com"), (true, 0, 80));
    assert_eq!(past("it"), (true, 15, 51));
    assert_eq!(past("fr"), (false, 0, 61));
    assert_eq!(past("uk"), (true, 0, 96));
    assert_eq!(past("br"), (true, 0, NO_END));
    assert_eq!(past("mx"), (true, 0, NO_END));
}

#[test]
fn every_line_is_in_order() {
    let idn: Vec<&str> = built_in_names(IDN_CCTLDS).collect();
    assert!(idn.len() > 60 && idn.iter().all(|name| name.starts_with("xn--") && name.is_ascii()));
    for (name, clock) in CLOCKS.lines.iter().chain([(&"*".into(), &CLOCKS.gtld)]) {
        let figures = [
            (clock.out_from, clock.out_to),
            (clock.drop_from, clock.drop_to),
            (clock.gone_from, clock.gone_to),
            (clock.restore_to, clock.drop_to.or(clock.gone_to)),
        ];
        for (from, to) in figures {
            let both = from.zip(to).is_none_or(|(from, to)| from <= to);
            assert!(both && from.into_iter().chain(to).all(|days| (0..400).contains(&days)), "{name}");
        }
        let listed = !clock.source.is_empty() && clock.seen.is_some();
        assert!(listed || idn.contains(&&**name), "{name} has no source");
    }
}

#[test]
fn a_line_that_is_wrong_has_a_place() {
    let wrong = |line: &str| Clock::of_line(line).map_err(|error| error.to_string());
    let right = "aa,holder,late:3,1,2,3,4,5,6,7,8,final,open,a*=out,x,2026-01-01";
    assert!(wrong(right).is_ok_and(|clock| clock.printed == Printed::Late(3)));
    for (from, to, column) in [
        ("holder", "nobody", "renews"),
        ("late:3", "late", "printed"),
        ("final", "maybe", "pending_delete"),
        ("open", "shut", "next"),
        ("a*=out", "a*=in", "words"),
        ("2026-01-01", "new", "seen"),
        (",1,2", ",one,2", "out_from"),
    ] {
        let error = wrong(&right.replace(from, to)).expect_err(column);
        assert!(error.contains(&format!("data/lifecycle.csv:2: column `{column}`")), "{error}");
    }
}
