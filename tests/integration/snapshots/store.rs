//! A store of snapshots: builds at once, listings, tables written from it, damage, full disks, kills.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Days;
use crate::support::{fixture, run, zonelapse};

#[test]
fn names_of_zones_that_mean_something_in_a_store() {
    let days = Days::new();
    for origin in ["zonelapse.store", "lock", "@"] {
        let origin = if origin == "@" { "\\@" } else { origin };
        let soa = format!("{origin}. 900 in soa a.test. b.test. 2026050100 1 2 3 4\n");
        let path = days.path("odd.zone");
        fs::write(&path, format!("{soa}a.{origin}. 60 in ns b.test.\n{soa}")).expect("a zone");
        days.build(&path, 0);
    }
    let listed = days.snapshot(&["list"], 0);
    assert!(listed.contains("zonelapse.store ") && listed.contains("lock "), "{listed}");
    let long = vec!["l\\032".repeat(30); 4].join(".");
    let path = days.path("long.zone");
    fs::write(&path, format!("{long}. 900 in soa a.test. b.test. 2026050100 1 2 3 4\n")).expect("a zone");
    let mut command = zonelapse();
    command.args(["snapshot", "build"]).arg(&path).arg("--store").arg(days.store());
    run(&mut command).expect(2).says(&["octets as the name of a directory", "hint: "]);
}

/// Three builds make the same store.
#[test]
fn first_builds_at_once() {
    let days = Days::new();
    let zones = ["20260501", "20260502", "20260503"].map(|date| days.zone(date, &["a", "b"], true));
    for round in 0..25 {
        let store = days.path(&format!("store{round}"));
        let start = |zone: &PathBuf| {
            let mut command = zonelapse();
            command.args(["snapshot", "build", "--threads", "1"]).arg(zone).arg("--store").arg(&store);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a build")
        };
        let builds = zones.each_ref().map(start);
        for build in builds {
            let output = build.wait_with_output().expect("an end");
            assert!(output.status.success(), "round {round}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// A store that an earlier version built is read, and later dates carry its history on.
#[test]
fn the_first_version_of_the_format() {
    let days = Days::new();
    fs::create_dir_all(days.store().join("name")).expect("a directory");
    fs::write(days.store().join("zonelapse.store"), "").expect("the mark of a store");
    let stored = days.store().join("name/2026-04-13.zls");
    fs::copy(fixture("format-1/2026-04-13.zls"), stored).expect("a snapshot");
    assert!(days.snapshot(&["verify"], 0).contains("every checksum is right"));
    let listed = days.snapshot(&["list", "--json"], 0);
    assert!(listed.contains("\"date_source\":\"serial_time\""), "{listed}");
    let gap = "2026-03-02 absent until 2026-04-12, 42 days, then returned";
    days.explains("lapses.name", "2026-04-13", &[], &[gap, "history.long_gap"]);
    let soa = "name.\t900\tin\tsoa\ta.test. b.test. 2026041400 1 2 3 4\n";
    let names = "lapses.name.\t60\tin\tns\tns.host.test.\nper.bergquist.name.\t60\tin\tns\tns.host.test.\n";
    let path = days.path("name.zone");
    fs::write(&path, [soa, names, soa].concat()).expect("a zone");
    days.build_with(&path, &["--max-shrink", "100"], 0);
    days.explains("lapses.name", "2026-04-14", &[], &[gap, "history.long_gap", "active, risk none"]);
    let dropped = "2026-04-14 dropped from the zone; still absent on 2026-04-14";
    days.explains("ana.bergquist.name", "2026-04-14", &[], &[dropped, "absent, risk high"]);
    days.explains("bergquist.name", "2026-04-14", &[], &["unknown, risk unknown", "name.only_names_below"]);
    assert!(days.snapshot(&["verify"], 0).contains("2 snapshots read"));
}

#[test]
fn a_snapshot_that_is_cut_off() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b"], true), 0);
    let path = days.store().join("com/2026-05-01.zls");
    let bytes = fs::read(&path).expect("the snapshot");
    for length in [4096, 4100, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).expect("the snapshot can be written");
        let mut explain = zonelapse();
        explain.args(["explain", "a.com", "--as-of", "2026-05-01", "--zones"]).arg(days.store());
        run(&mut explain).expect(2).says(&["2026-05-01.zls", "the snapshot is ", "hint: "]);
    }
    fs::write(&path, [bytes.as_slice(), b" "].concat()).expect("the snapshot can be written");
    assert!(
        run(zonelapse().args(["snapshot", "verify", "--store"]).arg(days.store()))
            .expect(1)
            .stderr
            .contains("damaged")
    );
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
    assert!(days.snapshot(&["prune", "--keep-days", "1"], 0).contains("1 snapshot,"));
    let listed = days.snapshot(&["list"], 0);
    assert!(!listed.contains("2026-05-01") && listed.contains("2026-05-02"), "{listed}");
    // history outlives what was pruned
    days.explains(
        "gone.com",
        "2026-05-03",
        &[],
        &["2026-05-02 absent until 2026-05-02, 1 day", "active, risk none"],
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
    assert!(verified.stderr.contains("a checksum is wrong"), "{}", verified.stderr);
    let mut explain = zonelapse();
    explain.args(["explain", "a.com", "--as-of", "2026-05-01", "--zones"]).arg(days.store());
    run(&mut explain).expect(2).says(&["2026-05-01.zls", "damaged", "hint: "]);
}

/// The rest of the header's page is zero; nothing reads it, but a flip there is damage too.
#[test]
fn damage_where_nothing_is() {
    let days = Days::new();
    days.build(&days.zone("20260501", &["a", "b"], true), 0);
    let path = days.store().join("com/2026-05-01.zls");
    let mut bytes = fs::read(&path).expect("the snapshot");
    bytes[4000] ^= 1;
    fs::write(&path, bytes).expect("the snapshot can be written");
    assert!(days.snapshot(&["verify"], 1).contains("damaged"));
}

/// A damaged snapshot does not stop later builds of its zone: they go by the one before it, and say so.
#[test]
fn a_damaged_snapshot_counts_as_gone() {
    for is_cut in [false, true] {
        let days = Days::new();
        let build = |date: &str, names: &[&str]| {
            days.build_with(&days.zone(date, names, true), &["--max-shrink", "50"], 0)
        };
        build("20260501", &["a", "b", "left"]);
        build("20260502", &["a", "b"]);
        let path = days.store().join("com/2026-05-02.zls");
        let mut bytes = fs::read(&path).expect("the snapshot");
        bytes[4100] ^= 1;
        bytes.truncate(if is_cut { 4500 } else { bytes.len() });
        fs::write(&path, bytes).expect("the snapshot can be written");
        let mut next = zonelapse();
        next.args(["snapshot", "build", "--max-shrink", "50"]).arg(days.zone("20260503", &["a", "b"], true));
        run(next.arg("--store").arg(days.store()))
            .expect(0)
            .says(&["2026-05-02.zls: damaged, so its history is not carried on"]);
        days.explains("left.com", "2026-05-03", &[], &["absent"]);
        // a date before it is no trouble either
        build("20260430", &["a", "b", "left"]);
        days.snapshot(&["verify"], 1);
    }
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
            (snapshots[1].clone(), "in a store of snapshots"),
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
