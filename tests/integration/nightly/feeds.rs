//! What is delivered: new, known, bad, gone.

use std::fs;

use super::Nights;
use crate::support::{found, not_found, zone};

const LIST: &str = "roid,domain,drop_time\nUK-1-UK,lapsing-example.co.uk,2026-06-03T07:14:09Z\n";

/// Expects that a night says these parts on standard error, and has as many reasons in its manifest.
#[track_caller]
fn is_held_back(nights: &Nights, as_of: &str, reasons: &[&str]) -> String {
    let said = nights.run(as_of).expect(1);
    let told: Vec<&str> = said.stderr.lines().filter(|line| line.contains("incomplete: ")).collect();
    assert_eq!(told.len(), reasons.len(), "{}", said.stderr);
    for reason in reasons {
        assert!(told.iter().any(|line| line.contains(reason)), "expected `{reason}` in {told:#?}");
    }
    let manifest = nights.report(&as_of[..10]);
    assert_eq!(manifest.value("/status"), "incomplete");
    assert_eq!(manifest.value("/incomplete").as_array().map(Vec::len), Some(reasons.len()));
    nights.is_tidy();
    said.stderr
}

#[test]
fn a_bad_feed_does_not_stop_the_night() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example"]);
    nights.write("answers/one.ndjson", &(not_found("freed-example.com") + "\n"));
    nights.run("2026-06-01T12:00:00Z").expect(0);
    let good = nights.latest();

    // a zone that broke off
    let whole = Nights::com("0602", &["held-example", "other-example"]);
    let cut = &whole[..whole.rfind("com.").expect("its closing SOA")];
    nights.write("zones/com.0602.zone", cut);
    let said = is_held_back(&nights, "2026-06-02T12:00:00Z", &["1 zone file is not whole"]);
    assert!(said.contains("made of `com.0602.zone`"), "the file that was delivered is named: {said}");
    assert_eq!(nights.latest(), good, "the whole zone of the day before is used");

    // no zone, no answers, no list; each is told until it is gone
    nights.write("zones/net.zone", "<html>404 Not Found</html>\n");
    nights.write("answers/two.ndjson", "<html>\n<body>\n");
    nights.write("lists/uk.csv", "<!DOCTYPE html><html><body>Too many requests</body></html>\n");
    for as_of in ["2026-06-03T01:00:00Z", "2026-06-03T02:00:00Z"] {
        let reasons = ["1 zone file is not whole", "zones/net.zone", "answers/two.ndjson", "lists/uk.csv"];
        is_held_back(&nights, as_of, &reasons);
        assert_eq!(nights.latest(), good);
    }
    assert_eq!(nights.metric("up"), Some(1.0));
    assert_eq!(nights.metric("run_complete"), Some(0.0));

    // all is well again, although the zone that was cut is still there
    for bad in ["zones/net.zone", "answers/two.ndjson", "lists/uk.csv"] {
        fs::remove_file(nights.path(bad)).expect("a file");
    }
    nights.deliver("0603", &["held-example", "other-example"]);
    nights.write("lists/uk.csv", LIST);
    nights.run("2026-06-03T03:00:00Z").expect(0).says(&["it proves only what is in it"; 0]);
    assert_eq!(nights.metric("run_complete"), Some(1.0));
}

#[test]
fn a_cut_list_is_told_while_it_is_the_newest() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example", "freed-example"]);
    nights.write("lists/uk.csv.sha256", &format!("{}  uk.csv\n", "0".repeat(64)));
    nights.write("lists/uk.csv", LIST);
    is_held_back(&nights, "2026-06-01T12:00:00Z", &["1 registry list could not be read as a whole"]);
    fs::remove_file(nights.path("lists/uk.csv.sha256")).expect("a file");
    nights.write("lists/uk.csv", LIST);
    nights.run("2026-06-01T13:00:00Z").expect(0);
    assert!(nights.path("state/registry.parquet").exists());
}

#[test]
fn feeds_that_are_not_there() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example", "freed-example"]);
    nights.run("2026-06-01T12:00:00Z").expect(0);
    // an empty directory is no mistake, a missing one is
    fs::remove_file(nights.path("zones/com.0601.zone")).expect("a file");
    nights.run("2026-06-02T12:00:00Z").expect(0);
    for feed in ["zones", "answers", "lists"] {
        fs::remove_dir(nights.path(feed)).expect("an empty directory");
    }
    is_held_back(&nights, "2026-06-02T13:00:00Z", &["/zones: ", "/answers: ", "/lists: "]);
}

/// What was taken is not read again, unless what came of it is gone.
#[test]
fn what_is_known_is_not_read_again() {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example"]);
    nights.write("answers/one.ndjson", &(not_found("freed-example.com") + "\n"));
    nights.write("lists/uk.csv", LIST);
    let run = |as_of: &str, parts: [&str; 3]| {
        let said = nights.run(as_of).expect(0).stdout;
        let steps: Vec<&str> = said
            .lines()
            .filter(|line| ["zones ", "answers ", "lists "].iter().any(|step| line.starts_with(step)))
            .collect();
        for (step, part) in steps.iter().zip(parts) {
            assert!(step.contains(part), "expected `{part}` in {steps:#?}");
        }
        assert_eq!(steps.len(), 3, "{said}");
    };
    run("2026-06-01T01:00:00Z", ["1 new snapshot", "1 new file; now 1 answer", "1 new file; now 1 row"]);
    let known = "nothing new, 1 file known";
    run("2026-06-01T02:00:00Z", [known, known, known]);
    // a file that grew is read again, and nothing is counted twice
    let more = [not_found("freed-example.com"), found("held-example.com", "active")].join("\n");
    nights.write("answers/one.ndjson", &(more + "\n"));
    run("2026-06-01T03:00:00Z", [known, "1 new file; now 2 answers about 2 domains", known]);
    // the store and the tables can be made again from what is still there
    fs::remove_dir_all(nights.path("state/snapshots")).expect("the store");
    fs::remove_file(nights.path("state/answers.parquet")).expect("a table");
    fs::remove_file(nights.path("state/registry.parquet")).expect("a table");
    run("2026-06-01T04:00:00Z", ["1 new snapshot", "now 2 answers", "now 1 row"]);
    // without the notes of what was taken, the same files change nothing
    let before = nights.latest();
    fs::remove_file(nights.path("state/taken")).expect("a file");
    run("2026-06-01T05:00:00Z", [known, "1 new file; now 2 answers", "1 new file; now 1 row"]);
    assert_eq!(nights.latest(), before);
    run("2026-06-01T06:00:00Z", [known, known, known]);
}

/// A store that others keep, and tables of imports, are evidence as well.
#[test]
fn stores_and_tables_of_others() {
    let nights = Nights::new();
    let com = nights.write("com.zone", &zone("com", 2_026_060_101, &["held-example"]));
    let mut build = crate::support::zonelapse();
    build.args(["snapshot", "build"]).arg(com).arg("--store").arg(nights.path("zones"));
    crate::support::run(&mut build).expect(0);
    let said = nights.run("2026-06-01T12:00:00Z").expect(0);
    assert!(said.stdout.contains("zones") && !nights.path("state/snapshots").exists(), "{}", said.stdout);
    assert_eq!(nights.latest()[0], "held-example.com active none none");
    assert_eq!(nights.latest()[1], "freed-example.com absent high lookup");
}
