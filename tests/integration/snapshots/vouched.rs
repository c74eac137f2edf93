//! A zone that never has a closing SOA record: a person vouches for it, until one shrinks.

use std::fs;

use super::Days;

/// A zone file of a date without a closing SOA record, and with these lines at its end.
fn zone(days: &Days, date: &str, names: usize, end: &str) -> std::path::PathBuf {
    let many: Vec<String> = (0..names).map(|number| format!("name{number}")).collect();
    let path = days.zone(date, &many.iter().map(String::as_str).collect::<Vec<_>>(), false);
    let text = fs::read_to_string(&path).expect("the zone") + end;
    fs::write(&path, text).expect("the zone");
    path
}

#[test]
fn until_one_shrinks() {
    let days = Days::new();
    let complete = "complete";
    let build = |date: &str, names: usize, expected: &str| {
        let said = days.build(&zone(&days, date, names, ""), i32::from(expected != complete));
        assert!(said.contains(&format!("names  {expected}")), "{said}");
        said
    };
    let said = build("20260501", 40, "unclosed");
    assert!(said.contains("`zonelapse snapshot accept` takes a zone that never has one"), "{said}");
    let said = days.snapshot(&["accept", "com@2026-05-01"], 0);
    assert!(said.contains("and so do later ones without a closing SOA, until one shrinks"), "{said}");
    build("20260502", 40, complete);
    build("20260503", 38, complete);
    days.explains("name39.com", "2026-05-03", &[], &["absent, risk high"]);
    // once one shrinks, nobody vouches for later ones either, whatever their size
    build("20260504", 20, "shrunk");
    build("20260505", 40, "unclosed");
    days.snapshot(&["accept", "com@2026-05-04"], 0);
    let listed = days.snapshot(&["list"], 0);
    assert_eq!(listed.matches(" complete ").count(), 5, "{listed}");
    // taking the first word back takes back what rests on it
    days.snapshot(&["accept", "com@2026-05-01", "--undo"], 0);
    let listed = days.snapshot(&["list"], 0);
    assert_eq!(listed.matches(" unclosed ").count(), 3, "{listed}");
    assert_eq!(listed.matches(" complete ").count(), 2, "the second word stands: {listed}");
    let said = days.snapshot(&["accept", "com@2026-05-02", "--undo"], 2);
    assert!(said.contains("was never accepted") && said.contains("hint: "), "{said}");
}

/// A closing SOA record shows that the registry writes them.
#[test]
fn until_one_is_closed() {
    let days = Days::new();
    days.build(&zone(&days, "20260501", 5, ""), 1);
    days.snapshot(&["accept", "com@2026-05-01"], 0);
    days.build(&days.zone("20260502", &["a", "b", "c", "d", "e"], true), 0);
    let said = days.build(&zone(&days, "20260503", 5, ""), 1);
    assert!(said.contains("unclosed"), "{said}");
}

#[track_caller]
fn refuses(end: &str, expected: &str) {
    let days = Days::new();
    days.build(&zone(&days, "20260501", 2000, end), 1);
    let said = days.snapshot(&["accept", "com@2026-05-01"], 2);
    assert!(said.contains(expected) && said.contains("hint: build it again from a whole file"), "{said}");
}

#[test]
fn what_nobody_can_vouch_for() {
    let other = "com.\t900\tin\tsoa\ta.test. b.test. 2026050101 1 2 3 4\n";
    refuses(other, "its last SOA record is not the closing one");
    refuses("com.\t900\tin\tsoa\ta.te", "besides its closing SOA record it lacks 1 record");
    refuses("$INCLUDE more\n", "a `$INCLUDE` or `$GENERATE` that was refused");
    let days = Days::new();
    days.build(&days.zone("20260501", &["a"], true), 0);
    let said = days.snapshot(&["accept", "com@2026-05-01"], 2);
    assert!(said.contains("there is nothing to accept") && said.contains("hint: "), "{said}");
    let undated = days.path("undated.zone");
    fs::write(&undated, "com. 9 in soa a. b. 1 1 1 1 1\na.com. 9 in ns b.\n").expect("a zone");
    let said = days.build(&undated, 1);
    let date = said.split("com@").nth(1).and_then(|rest| rest.split(' ').next()).expect("a date").to_owned();
    let said = days.snapshot(&["accept", &format!("com@{date}")], 2);
    assert!(said.contains("only its file's time") && said.contains("`--date`"), "{said}");
}
