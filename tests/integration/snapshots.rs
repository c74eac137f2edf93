//! Snapshots through the command line: a zone over some days, its store tended, audits that remember.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{run, zonelapse};

/// A folder with a store and zone files of `com`, one a day.
struct Days {
    directory: tempfile::TempDir,
}

impl Days {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn store(&self) -> PathBuf {
        self.path("store")
    }

    /// Writes the zone of a date (`20260501`); `closed`: with the SOA at its end.
    fn zone(&self, date: &str, names: &[&str], closed: bool) -> PathBuf {
        let soa = format!("com.\t900\tin\tsoa\ta.test. b.test. {date}00 1 2 3 4\n");
        let mut text = soa.clone();
        for name in names {
            let (name, host) = name.split_once('>').unwrap_or((name, "ns.host-example.net"));
            text += &format!("{name}.com.\t172800\tin\tns\t{host}.\n");
        }
        if closed {
            text += &soa;
        }
        let path = self.path(&format!("com-{date}.txt"));
        fs::write(&path, text).expect("a zone file");
        path
    }

    #[track_caller]
    fn build(&self, zone: &Path, status: i32) -> String {
        self.build_with(zone, &[], status)
    }

    #[track_caller]
    fn build_with(&self, zone: &Path, options: &[&str], status: i32) -> String {
        run(zonelapse().args(["snapshot", "build"]).arg(zone).args(options).arg("--store").arg(self.store()))
            .expect(status)
            .stdout
    }

    #[track_caller]
    fn snapshot(&self, args: &[&str], status: i32) -> String {
        run(zonelapse().arg("snapshot").args(args).arg("--store").arg(self.store())).expect(status).stdout
    }

    #[track_caller]
    fn explains(&self, name: &str, as_of: &str, extra: &[&str], expected: &[&str]) {
        let mut command = zonelapse();
        command.args(["explain", name, "--as-of", as_of, "--zones"]).arg(self.store()).args(extra);
        let told = run(&mut command).expect(0).stdout;
        for part in expected {
            assert!(told.contains(part), "expected `{part}` in:\n{told}");
        }
    }
}

#[test]
fn a_name_that_lapses_and_returns() {
    let days = Days::new();
    days.build(&days.zone("20260301", &["stays", "lapses", "moves"], true), 0);
    days.build(&days.zone("20260302", &["stays", "moves>ns.other-example.net", "new"], true), 0);
    days.explains(
        "lapses.com",
        "2026-03-02",
        &[],
        &[
            "2026-03-02           dropped from the zone; still absent on 2026-03-02",
            "absent, risk high",
            "not before 2026-04-06",
        ],
    );
    days.explains("new.com", "2026-03-02", &[], &["2026-03-02           first seen in the zone"]);
    days.explains(
        "moves.com",
        "2026-03-02",
        &[],
        &["2026-03-02           name servers changed, before: ns.host-example.net"],
    );
    days.build(&days.zone("20260405", &["stays", "moves>ns.other-example.net", "new"], true), 0);
    days.explains(
        "lapses.com",
        "2026-04-05",
        &[],
        &["still absent on 2026-04-05", "absent, risk critical", "absent.long"],
    );
    days.build(&days.zone("20260410", &["lapses", "stays", "moves>ns.other-example.net", "new"], true), 0);
    let verified = ["--verified-at", "2026-01-01"];
    let gap = "2026-03-02           absent until 2026-04-05, 35 days, then returned";
    days.explains(
        "lapses.com",
        "2026-04-10",
        &verified,
        &[gap, "reregistered, risk critical, action review"],
    );
    days.explains(
        "lapses.com",
        "2026-04-10",
        &["--verified-at", "2026-04-09"],
        &["the domain's verdict stands"],
    );
    days.explains("stays.com", "2026-04-10", &verified, &["the domain's verdict stands"]);
    // a found answer fetched later that shows the old registration voids the sign
    let answer = "{\"domain\":\"lapses.com\",\"fetched_at\":\"2026-04-09T00:00:00Z\",\"source\":\"r.test\",\"http_status\":200,\
        \"body\":{\"objectClassName\":\"domain\",\"ldhName\":\"lapses.com\",\"status\":[\"active\"],\
        \"events\":[{\"eventAction\":\"registration\",\"eventDate\":\"2001-01-01T00:00:00Z\"}]}}\n";
    let path = days.path("answers.ndjson");
    fs::write(&path, answer).expect("answers");
    let with_answer = ["--verified-at", "2026-01-01", "--rdap", path.to_str().expect("a plain path")];
    days.explains("lapses.com", "2026-04-10", &with_answer, &["the domain's verdict stands"]);
}

#[test]
fn what_is_not_whole_drops_nothing() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b"], true), 0);
    let said = days.build(&days.zone("20260502", &["a"], false), 1);
    assert!(said.contains("com@2026-05-02  1 names  unclosed"), "{said}");
    days.explains(
        "b.com",
        "2026-05-02",
        &[],
        &["active, risk none", "2026-05-01           last seen in the zone"],
    );
    let worse = days.zone("20260501", &["a"], false);
    let said = days.build(&worse, 1);
    assert!(said.contains("kept com@2026-05-01  2 names  complete"), "{said}");
}

#[test]
fn shrinking_is_not_believed_until_accepted() {
    let days = Days::new();
    let many: Vec<String> = (0..40).map(|number| format!("name{number}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    days.build(&days.zone("20260501", &names, true), 0);
    let said = days.build(&days.zone("20260502", &names[..20], true), 1);
    assert!(said.contains("shrunk"), "{said}");
    days.explains("name30.com", "2026-05-02", &[], &["active, risk none"]);
    days.build(&days.zone("20260503", &names[..20], true), 1);
    days.snapshot(&["accept", "com@2026-05-02"], 0);
    days.explains(
        "name30.com",
        "2026-05-02",
        &[],
        &["absent, risk high", "2026-05-02           dropped from the zone"],
    );
    let again = run(zonelapse().args(["snapshot", "accept", "com@2026-05-02", "--store"]).arg(days.store()));
    again.expect(2).says(&["nothing to accept", "hint: "]);
}

#[test]
fn diff_list_verify_prune() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["gone", "moves", "stays"], true), 0);
    days.build_with(&days.zone("20260502", &["moves", "stays"], true), &["--max-shrink", "50"], 0);
    days.build(&days.zone("20260503", &["gone", "moves>ns.other-example.net", "new", "stays"], true), 0);
    let changes = days.path("changes.parquet");
    let output = changes.to_str().expect("a plain path");
    let said = days.snapshot(&["diff", "com@2026-05-02", "com@2026-05-03", "-o", output], 0);
    for line in ["added                    1", "returned                 1", "name_servers             1"] {
        assert!(said.contains(line), "expected `{line}` in:\n{said}");
    }
    let table = crate::support::read_parquet(&changes);
    assert_eq!(table.height(), 3);
    let said = days.snapshot(&["diff", "com@2026-05-01", "com@2026-05-02"], 0);
    assert!(said.contains("dropped                  1"), "{said}");
    let names = days.path("names.parquet");
    days.snapshot(&["export", "com", "-o", names.to_str().expect("a plain path")], 0);
    assert_eq!(crate::support::read_parquet(&names).height(), 4);
    assert!(days.snapshot(&["verify"], 0).contains("3 snapshots read"));
    assert!(days.snapshot(&["prune", "--keep-last", "1", "--dry-run"], 0).contains("2 snapshots"));
    assert!(days.snapshot(&["prune", "--keep-days", "1"], 0).contains("1 snapshots"));
    let listed = days.snapshot(&["list"], 0);
    assert!(!listed.contains("2026-05-01") && listed.contains("2026-05-02"), "{listed}");
    // history outlives what was pruned
    days.explains(
        "gone.com",
        "2026-05-03",
        &[],
        &["2026-05-02           absent until 2026-05-02, 1 days", "active, risk none"],
    );
}

#[test]
fn damage_is_refused() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b"], true), 0);
    let path = days.store().join("com/2026-05-01.zls");
    let mut bytes = fs::read(&path).expect("the snapshot");
    bytes[4100] ^= 1;
    fs::write(&path, bytes).expect("the snapshot can be written");
    let verified = run(zonelapse().args(["snapshot", "verify", "--store"]).arg(days.store())).expect(1);
    assert!(verified.stdout.contains("a checksum is wrong"), "{}", verified.stdout);
    let mut explain = zonelapse();
    explain.args(["explain", "a.com", "--as-of", "2026-05-01", "--zones"]).arg(days.store());
    run(&mut explain).expect(2).says(&["2026-05-01.zls", "damaged", "hint: "]);
}

/// A table replaces a regular file only, and none that is read for it.
#[cfg(unix)]
#[test]
fn tables_of_snapshots_replace_regular_files_only() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["stays", "leaves"], true), 0);
    days.build(&days.zone("20260502", &["stays", "comes"], true), 0);
    let snapshots: Vec<PathBuf> = ["2026-05-01", "2026-05-02"]
        .map(|day| glob::glob(&format!("{}/**/*{day}*", days.store().display())).expect("a pattern"))
        .into_iter()
        .map(|mut found| found.next().expect("a snapshot of that day").expect("it can be read"))
        .collect();
    std::os::unix::fs::symlink("/dev/null", days.path("link")).expect("a link");
    run(Command::new("mkfifo").arg(days.path("fifo"))).expect(0);
    let before: Vec<Vec<u8>> = snapshots.iter().map(|path| fs::read(path).expect("a snapshot")).collect();
    for command in [&["export", "com@2026-05-02"][..], &["diff", "com@2026-05-01", "com@2026-05-02"]] {
        for (output, said) in [
            (days.path("link"), "a symbolic link"),
            (days.path("fifo"), "a FIFO"),
            (days.store(), "a directory"),
            (snapshots[1].clone(), "is read as"),
        ] {
            let mut program = zonelapse();
            program.arg("snapshot").args(command).arg("--store").arg(days.store()).arg("-o").arg(&output);
            run(&mut program).expect(2).says(&[said, "hint: "]);
        }
    }
    let after: Vec<Vec<u8>> = snapshots.iter().map(|path| fs::read(path).expect("a snapshot")).collect();
    assert!(before == after, "a snapshot was replaced");
}

/// What is exported, another program reads.
#[test]
fn duckdb_reads_what_is_exported() {
    let Some(python) = crate::readers::python() else { return };
    let days = Days::new();
    days.build(&days.zone("20260501", &["stays", "leaves"], true), 0);
    days.build(&days.zone("20260502", &["stays>ns.other-example.net", "comes"], true), 0);
    let names = days.path("names.parquet");
    days.snapshot(&["export", "com", "-o", names.to_str().expect("a plain path")], 0);
    let script = "import duckdb, sys\n\
        rows = duckdb.sql(f\"select name, name_servers[1], has_ds, first_seen, last_seen, dropped_on \
        from '{sys.argv[1]}' order by name\").fetchall()\n\
        for row in rows: print(*row)";
    let told = run(Command::new(python).args(["-c", script]).arg(&names)).expect(0).stdout;
    let expected = "comes.com ns.host-example.net False 2026-05-02 2026-05-02 None\n\
        leaves.com ns.host-example.net False None 2026-05-01 2026-05-02\n\
        stays.com ns.other-example.net False None 2026-05-02 None\n";
    assert_eq!(told, expected);
}

/// Writes past a limit fail, as on a disk that is full; the store stays as it was.
#[test]
#[cfg(unix)]
fn a_disk_that_fills() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b"], true), 0);
    let before = days.snapshot(&["list"], 0);
    let many: Vec<String> =
        (0..200_000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let zone = days.zone("20260502", &many, true);
    let mut command = Command::new("sh");
    // 256 blocks of 512 bytes; with the signal ignored a write past them is an error
    command.args(["-c", "trap '' XFSZ; ulimit -f 256; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_zonelapse")]);
    let said = run(command.args(["snapshot", "build"]).arg(&zone).arg("--store").arg(days.store()));
    said.expect(2).says(&["no snapshot was built", "cannot write"]);
    assert_eq!(days.snapshot(&["list"], 0), before);
    let left = fs::read_dir(days.store().join("com")).expect("the zone's folder");
    let left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(left.iter().all(|name| name == ".lock" || name == "2026-05-01.zls"), "left: {left:?}");
    days.build(&zone, 0);
}

/// A build that is killed at any moment leaves the store as it was, and the next one goes through.
#[test]
fn killed_in_the_middle() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b"], true), 0);
    let before = days.snapshot(&["list"], 0);
    let many: Vec<String> =
        (0..300_000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let zone = days.zone("20260502", &many, true);
    let mut killed = 0;
    for milliseconds in [0, 1, 2, 4, 8, 15, 25, 40, 60, 90] {
        let mut command = zonelapse();
        command.args(["snapshot", "build"]).arg(&zone).arg("--store").arg(days.store());
        let mut build = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a build");
        std::thread::sleep(Duration::from_millis(milliseconds));
        build.kill().expect("a child of ours");
        if build.wait().expect("an end").code().is_some() {
            break; // it was done before
        }
        killed += 1;
        let now = days.snapshot(&["list"], 0);
        if now != before {
            days.snapshot(&["verify"], 0);
            break; // it was killed after the snapshot stood
        }
    }
    assert!(killed > 0, "no build was slow enough to be killed");
    days.build(&zone, 0);
    days.snapshot(&["verify"], 0);
}
