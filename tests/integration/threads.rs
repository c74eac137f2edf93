//! One thread, one processor: everything comes to an end, with the same results as with many.
//!
//! The zones here have several megabytes of text, so that reading, scanning and building all wait for each other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{AS_OF, Bench, found, gzip, many_names, not_found, run_soon, zone, zonelapse};

/// How the program is made to have one thread only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Few {
    Threads,
    Processors,
}

/// A bench with a plain zone, a gzip and a Zstandard one, a list, accounts and answers, all larger than a few chunks.
fn bench() -> Bench {
    let bench = Bench::new();
    let names = many_names(60_000);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let text = |origin: &str| zone(origin, 2026053101, &names);
    bench.write("zones/com.zone", text("com").as_bytes());
    bench.write("zones/net.txt.gz", &gzip(text("net").as_bytes()));
    let packed = zstd::encode_all(text("org").as_bytes(), 1).expect("memory takes everything");
    bench.write("zones/org.txt.zst", &packed);
    bench.write("zones/nu.list", names.join("\n").as_bytes());
    let accounts: String = names
        .iter()
        .enumerate()
        .map(|(row, name)| format!("{row},a@{name}.{}\n", ["com", "net", "org", "nu"][row % 4]))
        .collect();
    bench.write("accounts.csv", format!("id,email\n{accounts}9999999,b@gone-example.com\n").as_bytes());
    let answers: String = names.iter().map(|name| found(&format!("{name}.com"), "active") + "\n").collect();
    bench.write("large.ndjson", answers.as_bytes());
    bench.write("answers.ndjson.gz", &gzip((not_found("gone-example.com") + "\n" + &answers).as_bytes()));
    bench
}

fn few(few: Few, command: &mut Command) -> Command {
    match few {
        Few::Threads => {
            let mut with = zonelapse();
            with.args(command.get_args()).args(["--threads", "1"]);
            with
        }
        Few::Processors => {
            let mut with = Command::new("taskset");
            with.args(["-c", "0"]).arg(command.get_program()).args(command.get_args());
            with.current_dir(env!("CARGO_MANIFEST_DIR"));
            with
        }
    }
}

fn ends(how: Few, command: &mut Command, status: i32) {
    if how == Few::Processors && Command::new("taskset").arg("--version").output().is_err() {
        return crate::support::skip("no `taskset` on this machine");
    }
    run_soon(&mut few(how, command)).expect(status);
}

const PLAIN: [&str; 1] = ["zones/com.zone"];
const ALL: [&str; 4] = ["zones/com.zone", "zones/net.txt.gz", "zones/org.txt.zst", "zones/nu.list"];

#[track_caller]
fn audits(bench: &Bench, zones: &[&str], options: &[&str]) {
    for how in [Few::Threads, Few::Processors] {
        let mut command = bench.audit_by([bench.path("accounts.csv")], zones);
        command.args(options);
        ends(how, &mut command, 0);
        let verdicts = bench.report().verdicts();
        assert_eq!(verdicts.len(), 60_001, "{how:?}");
        assert_eq!(verdicts[60_000], "gone-example.com absent high lookup", "{how:?}");
    }
}

#[test]
fn audits_end_with_one_thread() {
    let bench = bench();
    audits(&bench, &PLAIN, &[]);
    audits(&bench, &ALL, &[]);
    let answers = bench.path("large.ndjson").display().to_string();
    audits(&bench, &["zones"], &["--rdap", &answers]);
    let store = bench.path("store").display().to_string();
    audits(&bench, &ALL, &["--store", &store]);
    audits(&bench, &["store"], &[]);
}

#[test]
fn one_thread_and_many_give_equal_bytes() {
    let bench = bench();
    let tables = |report: &Path| -> Vec<Vec<u8>> {
        let names = ["accounts.parquet", "domains.parquet", "rejected.parquet"];
        names.iter().map(|name| fs::read(report.join(name)).expect("a report")).collect()
    };
    let mut before: Option<Vec<Vec<u8>>> = None;
    for threads in ["1", "2", "5"] {
        let mut command = bench.audit_by([bench.path("accounts.csv")], &ALL);
        run_soon(command.args(["--threads", threads, "--rdap"]).arg(bench.path("answers.ndjson.gz")))
            .expect(0);
        let now = tables(&bench.path("report"));
        assert!(before.is_none_or(|before| before == now), "{threads} threads");
        before = Some(now);
    }
}

#[test]
fn other_commands_end_with_one_thread() {
    let bench = bench();
    let zones: Vec<PathBuf> = ALL.iter().map(|zone| bench.path(zone)).collect();
    for (round, how) in [Few::Threads, Few::Processors].into_iter().enumerate() {
        let store = bench.path(&format!("store-{round}"));
        let mut build = zonelapse();
        build.args(["snapshot", "build"]).args(&zones).arg("--store").arg(&store);
        ends(how, &mut build, 0);
        let mut explain = zonelapse();
        explain.args(["explain", "gone-example.com", "--as-of", AS_OF, "--zones"]).arg(&zones[0]);
        for zone in &zones[1..] {
            explain.arg("--zones").arg(zone);
        }
        ends(how, explain.arg("--rdap").arg(bench.path("answers.ndjson.gz")), 0);
        let mut import = zonelapse();
        import
            .args(["rdap", "import"])
            .args(["large.ndjson", "answers.ndjson.gz"].map(|name| bench.path(name)));
        ends(how, import.arg("-o").arg(bench.path("out.parquet")), 0);
    }
}

/// An included file is read while others are scanned ahead.
#[test]
fn included_files_do_not_wait_in_the_pool() {
    let bench = bench();
    let text = fs::read_to_string(bench.path("zones/com.zone")).expect("a zone");
    let middle = text[..text.len() / 2].rfind('\n').expect("there are lines") + 1;
    let (head, tail) = text.split_at(middle);
    bench.write("with.zone", format!("{head}$INCLUDE part.zone com.\n{tail}").as_bytes());
    let part: String = many_names(50_000).iter().map(|name| format!("x{name} 900 in ns ns1.dns\n")).collect();
    bench.write("part.zone", part.as_bytes());
    audits(&bench, &["with.zone"], &["--allow-include"]);
}
