//! What makes a run incomplete: exit status 1, with the reason on standard error, also with `--quiet`. And what does
//! not: evidence later than as-of.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use crate::support::{Bench, Run, found, not_found, read_parquet, rows, run, zone};

const HEADER: &str = "id,email,verified_at,weight\n";

/// Accounts at `held-example.com`, which is judged, and at `elsewhere-example.net`, which no zone covers.
fn accounts(bench: &Bench, judged: usize, unknown: usize) -> String {
    let line = |(number, name): (usize, &str)| format!("{number},u{number}@{name},2020-01-01,1\n");
    let names = std::iter::repeat_n("held-example.com", judged);
    let names = names.chain(std::iter::repeat_n("elsewhere-example.net", unknown));
    let text: String = names.enumerate().map(line).collect();
    write(bench, "a.csv", &(HEADER.to_owned() + &text))
}

fn write(bench: &Bench, name: &str, text: &str) -> String {
    bench.write(name, text.as_bytes()).display().to_string()
}

/// Ends with status 1 for this reason, told on standard error as a warning, with and without `--quiet`; nothing else
/// makes the run incomplete.
#[track_caller]
fn is_incomplete(bench: &Bench, command: impl Fn() -> Command, reason: &str) {
    for quiet in [false, true] {
        let mut command = command();
        if quiet {
            command.arg("--quiet");
        }
        let said = run(&mut command).expect(1).says(&["warning: incomplete: ", reason]);
        assert_eq!(said.stdout.is_empty(), quiet, "{}", said.stdout);
        assert_eq!(said.stderr.matches("incomplete: ").count(), 1, "{}", said.stderr);
        let report = bench.report();
        assert_eq!(report.value("/status"), "incomplete");
        assert!(report.value("/incomplete/0").as_str().is_some_and(|text| text.contains(reason)));
    }
}

#[test]
fn every_reason_is_told() {
    let bench = Bench::new();
    let sound = accounts(&bench, 9, 1);
    let by = |zones: &'static [&'static str], options: &'static [&'static str]| {
        let (bench, sound) = (&bench, &sound);
        move || {
            let mut command = bench.audit_by([sound], zones);
            command.args(options);
            command
        }
    };
    run(&mut by(&["com.zone"], &[])()).expect(0);
    let of = |text: &str| {
        let path = write(&bench, "b.csv", text);
        let bench = &bench;
        move || bench.audit_by([&path], &["com.zone"])
    };
    is_incomplete(&bench, of(HEADER), "no account could be judged: there is none");
    let unknown = format!("{HEADER}1,a@elsewhere-example.net,2020-01-01,1\n");
    is_incomplete(&bench, of(&unknown), "no account could be judged: the evidence reaches none");
    let row = "1,a@held-example.com,2020-01-01,1\n";
    let rejected = format!("{HEADER}{row}2,nobody,,\n");
    is_incomplete(&bench, of(&rejected), "50.0 % of the rows were rejected (limit 5 %)");
    let times = format!("{HEADER}{row}2,a@held-example.com,soon,1\n");
    is_incomplete(
        &bench,
        of(&times),
        "50.0 % of the times of verification given could not be read (limit 5 %)",
    );
    let weights = format!("{HEADER}{row}2,a@held-example.com,2020-01-01,many\n");
    is_incomplete(&bench, of(&weights), "50.0 % of the weights given could not be read (limit 5 %)");
    let mut allowed = of(&weights)();
    run(allowed.args(["--max-unread", "50"])).expect(0);

    let net = zone("net", 2026053101, &["a-example"]);
    bench.write("net.zone", &net.as_bytes()[..net.len() - 60]);
    is_incomplete(&bench, by(&["com.zone", "net.zone"], &[]), "1 zone file is not whole");
    bench.write("no.zone", b"\0\x01 no zone at all");
    is_incomplete(&bench, by(&["com.zone", "no.zone"], &[]), "1 zone file ");
    bench.write("net.zone", zone("net", 2026052001, &["a-example"]).as_bytes());
    run(&mut by(&["com.zone", "net.zone"], &[])()).expect(0);
    is_incomplete(&bench, by(&["com.zone", "net.zone"], &["--strict"]), "1 zone file is too old");
    bench.write("net.list", b"a-example.net\n");
    fs::remove_file(bench.path("net.zone")).expect("it is there");
    set_time(&bench.path("net.list"), 1_780_185_600);
    run(&mut by(&["com.zone", "net.list"], &[])()).expect(0);
    is_incomplete(&bench, by(&["com.zone", "net.list"], &["--strict"]), "1 zone file is only a list");
}

#[test]
fn rdap_files_of_which_not_all_is_read() {
    let bench = Bench::new();
    let sound = accounts(&bench, 9, 1);
    let with = |name: &'static str, text: &str| {
        bench.write(name, text.as_bytes());
        let (bench, sound) = (&bench, &sound);
        move || {
            let mut command = bench.audit_by([sound], &["com.zone"]);
            command.arg("--rdap").arg(bench.path(name));
            command
        }
    };
    let broken = "1 RDAP file could not be read, or not to the end";
    is_incomplete(&bench, with("empty.ndjson", ""), broken);
    is_incomplete(&bench, with("text.ndjson", "no answer\n"), broken);
    let faulty = not_found("a.com") + "\nno answer\n";
    is_incomplete(
        &bench,
        with("faulty.ndjson", &faulty),
        "1 RDAP file has too many faults: more than 5 % of the records",
    );
    let cut = not_found("a.com") + "\n" + &not_found("b.com") + "\n";
    let packed = crate::support::gzip(cut.as_bytes());
    let path = bench.write("cut.ndjson.gz", &packed[..packed.len() - 6]);
    let cut = || {
        let mut command = bench.audit_by([&sound], &["com.zone"]);
        command.arg("--rdap").arg(&path);
        command
    };
    is_incomplete(&bench, cut, broken);
}

/// A zone that lost many names since the last complete snapshot.
#[test]
fn a_zone_that_shrank() {
    let bench = Bench::new();
    let sound = accounts(&bench, 9, 1);
    let names: Vec<String> = (0..40).map(|number| format!("n{number}-example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).chain(["held-example"]).collect();
    let store = bench.path("store").display().to_string();
    for (serial, names) in [(2026053001, &names[..]), (2026053101, &names[30..])] {
        let path = write(&bench, &format!("{serial}.zone"), &zone("com", serial, names));
        let mut build = crate::support::zonelapse();
        run(build.args(["snapshot", "build", &path, "--store", &store, "--quiet"]));
    }
    is_incomplete(&bench, || bench.audit_by([&sound], &["store"]), "1 zone file is far smaller than before");
}

/// The share of judged accounts, held against the report before.
#[test]
fn a_share_that_falls() {
    let bench = Bench::new();
    let before = accounts(&bench, 10, 0);
    run(bench.audit_by([&before], &["com.zone"]).args(["--as-of", "2026-05-31T12:00:00Z"])).expect(2);
    let mut first = bench.audit_by([&before], &["com.zone"]);
    run(&mut first).expect(0);
    fs::rename(bench.path("report"), bench.path("first")).expect("it can be moved");
    let after = |judged, unknown| {
        let path = accounts(&bench, judged, unknown);
        let bench = &bench;
        move || {
            let mut command = bench.audit_by([&path], &["com.zone"]);
            command.arg("--previous").arg(bench.path("first"));
            command
        }
    };
    is_incomplete(
        &bench,
        after(8, 2),
        "80.0 % of the accounts could be judged, 100.0 % in the previous report (limit 10 points fewer)",
    );
    run(&mut after(9, 1)()).expect(0);
    // a report that does not say how many it judged, as one of another version
    let manifest = bench.path("first/manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    for older in [
        text.replace("accounts_by_state", "by_state"),
        text.replace("\"accounts\": 10,", "\"accounts\": \"10\","),
    ] {
        assert_ne!(older, text);
        fs::write(&manifest, older).expect("a small file");
        run(&mut after(8, 2)()).expect(0);
    }
}

fn set_time(path: &Path, seconds: u64) {
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    let file = File::options().write(true).open(path);
    file.and_then(|file| file.set_modified(time)).expect("a time can be set");
}

/// Whatever is later than as-of: no notice, no warning, no exit status.
#[test]
fn evidence_later_than_as_of() {
    let bench = Bench::new();
    let sound = accounts(&bench, 9, 1);
    let later = |name: &str, text: &str| write(&bench, name, &text.replace("2026-05-31", "2026-06-02"));
    let cut = |text: String| text[..text.len() - 60].to_owned();
    let zones = [
        write(&bench, "whole.zone", &zone("org", 2026060201, &["a-example"])),
        write(&bench, "torn.zone", &cut(zone("net", 2026060201, &["a-example"]))),
        // a serial so far ahead of as-of does not date a zone, and its file's time is later, too
        write(&bench, "far.zone", &cut(zone("info", 2026071501, &["a-example"]))),
        write(&bench, "later/com.list", "held-example.com\n"),
    ];
    let event = found("held-example.com", "active").replace("2015-01-01", "2026-06-03");
    let answers = [
        later("not.ndjson", &(not_found("held-example.com") + "\n")),
        later("found.ndjson", &(found("held-example.com", "pending delete") + "\n")),
        write(&bench, "event.ndjson", &(event + "\n")),
    ];
    let mut report = bench.audit_by([&sound], &["com.zone"]);
    run(report.args(["--as-of", "2026-06-03", "-o"]).arg(bench.path("next"))).expect(2);
    let mut next = crate::support::zonelapse();
    next.args(["audit", &sound, "--as-of", "2026-06-02", "--zones"]).arg(bench.path("com.zone"));
    run(next.arg("-o").arg(bench.path("next"))).expect(0);
    let audit = |options: &[&str]| -> Run {
        let mut command = bench.audit_by([&sound], &["com.zone"]);
        zones.iter().for_each(|zone| {
            command.args(["--zones", zone]);
        });
        answers.iter().for_each(|answer| {
            command.args(["--rdap", answer]);
        });
        command.arg("--previous").arg(bench.path("next")).args(options);
        run(&mut command).expect(0)
    };
    let said = audit(&["--strict"]);
    assert_eq!(said.stderr, "", "{}", said.stdout);
    assert!(said.stdout.contains("9 fine"), "{}", said.stdout);
    assert!(said.stdout.contains("the previous report judged later than this one"), "{}", said.stdout);
    assert!(!bench.path("report/changes.parquet").exists());
    let accounts = read_parquet(&bench.path("report/accounts.parquet"));
    assert_eq!(accounts.height(), 10);
    // a directory of reports has none that is earlier
    fs::create_dir(bench.path("reports")).expect("a directory");
    fs::rename(bench.path("next"), bench.path("reports/next")).expect("it can be moved");
    let mut command = bench.audit_by([&sound], &["com.zone"]);
    run(command.arg("--previous").arg(bench.path("reports")))
        .expect(0)
        .says(&["note: ", "no earlier report"]);
}

/// A verification after as-of is none yet. It must not stand for the one that was known then, which would hide that the
/// domain changed hands.
#[test]
fn verified_after_as_of() {
    let bench = Bench::new();
    let text = "id,email,verified_at,first_verified_at\n\
                1,a@held-example.com,2026-06-20,\n\
                2,b@held-example.com,2026-06-20,2010-01-01\n\
                3,c@held-example.com,2010-01-01,\n";
    let path = write(&bench, "a.csv", text);
    let answers = write(&bench, "r.ndjson", &(found("held-example.com", "active") + "\n"));
    let mut command = bench.audit_by([&path], &["com.zone"]);
    let said = run(command.args(["--rdap", &answers])).expect(0);
    assert!(
        said.stdout.contains("2 accounts were verified after as-of; such times do not count"),
        "{}",
        said.stdout
    );
    let report = bench.report();
    let states = rows(&report.accounts, &["account_id", "state", "rule"]);
    assert_eq!(states[0].split(' ').nth(1), Some("active"));
    assert_eq!(states[1], "2 reregistered reregistered.registration");
    assert_eq!(states[2], "3 reregistered reregistered.registration");
    assert_eq!(report.value("/inputs/values/verified_after_as_of"), 2);
    // what the verdict rests on
    let first = rows(&report.accounts, &["first_verified_at"]);
    assert_eq!(first[0], "-");
    assert!(first[1..].iter().all(|first| first.starts_with("2010-01-01")), "{first:?}");
    let reasons = report.accounts.column("reasons").expect("a column").list().expect("lists").clone();
    let has =
        |row: usize| format!("{:?}", reasons.get_as_series(row)).contains("account.verified_after_as_of");
    assert_eq!([has(0), has(1), has(2)], [true, true, false]);
}

/// Which column serves for what, in every form of a file.
#[test]
fn columns_are_told() {
    let bench = Bench::new();
    #[track_caller]
    fn tells(bench: &Bench, name: &str, text: &str, line: &str, status: i32) {
        let path = write(bench, name, text);
        let said = run(&mut bench.audit_by([&path], &["com.zone"])).expect(status);
        assert!(said.stdout.lines().any(|told| told == line), "{line} in:\n{}", said.stdout);
    }
    let at = "a@held-example.com";
    tells(&bench, "a.csv", &format!("id,email\n1,{at}\n"), "address `email`, id `id`", 0);
    tells(
        &bench,
        "b.csv",
        &format!("user_id,mail,verified_at,downloads\n1,{at},2020-01-01,7\n2,{at},,x\n"),
        "address `mail`, id `user_id`, verified `verified_at` (1), weight `downloads` (2, 1 unread)",
        1,
    );
    tells(&bench, "a.txt", &format!("{at}\n"), "an address a line", 0);
    tells(
        &bench,
        "a.ndjson",
        &format!("{{\"email\":\"{at}\",\"verified_at\":1577836800}}\n"),
        "address `email`, verified `verified_at` (1)",
        0,
    );
    // files with the same columns share a line, others have their own
    let (one, two) = (bench.path("a.csv"), write(&bench, "two.csv", &format!("id,email\n2,{at}\n")));
    let said = run(&mut bench.audit_by([&one, Path::new(&two)], &["com.zone"])).expect(0).stdout;
    assert!(said.contains("\naddress `email`, id `id`\n"), "{said}");
    let said = run(&mut bench.audit_by([&one, &bench.path("a.txt")], &["com.zone"])).expect(0).stdout;
    assert!(
        said.contains("a.csv: address `email`, id `id`\n") && said.contains("a.txt: an address a line\n"),
        "{said}"
    );
    let columns = bench.report();
    assert_eq!(columns.value("/inputs/accounts/0/columns/email/number"), 2);
    assert_eq!(columns.value("/inputs/accounts/0/columns/verified_at"), &serde_json::Value::Null);
}
