//! Where a report goes: there is always one whole report in its place, nothing is left beside it, and no file of others
//! is destroyed.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Bench, Mount, Run, run};

const ACCOUNTS: &[u8] = b"email\na@held-example.com\nb@freed-example.com\n";

/// The names in a directory, sorted.
pub fn entries(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("the directory can be read");
    let names = entries.map(|entry| entry.expect("an entry can be read").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

/// Waits until there is an entry whose name holds `part`; a run that does not come so far is a failure.
pub fn wait_for(directory: &Path, part: &str) -> String {
    let started = Instant::now();
    loop {
        if directory.is_dir()
            && let Some(name) = entries(directory).into_iter().find(|name| name.contains(part))
        {
            return name;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "no `{part}` in {}", directory.display());
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// An audit that waits for its accounts, its temporary directory made.
pub fn waiting_audit(bench: &Bench) -> Child {
    let mut command = bench.audit(["-"]);
    command.args(["--format", "csv"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let before = entries(&bench.path(""));
    let child = command.spawn().expect("the program can be started");
    let started = Instant::now();
    let made = |name: &String| !before.contains(name) && bench.path(name).join("report").is_dir();
    while !entries(&bench.path("")).iter().any(made) {
        assert!(started.elapsed() < Duration::from_secs(30), "no temporary directory");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// Gives a waiting audit its accounts, and waits for its end.
fn feed(mut child: Child) -> Run {
    child.stdin.take().expect("a pipe").write_all(ACCOUNTS).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    Run {
        status: output.status.code().expect("it was not killed"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Three audits into one directory, thirty times, while somebody reads it all the time.
#[test]
fn no_moment_without_a_report() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    run(&mut bench.audit([&accounts])).expect(0);
    let before = entries(&bench.path(""));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut opened = 0_u64;
            while !done.load(Ordering::Relaxed) {
                for name in ["manifest.json", "accounts.parquet"] {
                    let file = File::open(bench.path("report").join(name));
                    opened += 1;
                    assert!(file.is_ok(), "{name}, opened {opened} times: {file:?}");
                }
            }
            opened
        });
        let writers: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| (0..30).for_each(|_| drop(run(&mut bench.audit([&accounts])).expect(0)))))
            .collect();
        let outcomes: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        assert!(outcomes.iter().all(Result::is_ok), "an audit failed");
        assert!(reader.join().expect("there is always a report") > 100);
    });
    assert_eq!(entries(&bench.path("")), before, "something was left behind");
    assert_eq!(bench.report().value("/counts/rows"), 2);
}

/// A run that is killed at any moment leaves the last report whole, and the next run sweeps what it left.
#[test]
fn killed_at_any_moment() {
    let bench = Bench::new();
    let lines: String = (0..20_000).map(|row| format!("user{row}@name{row}-example.com\n")).collect();
    let accounts = bench.write("a.txt", lines.as_bytes());
    let started = Instant::now();
    run(&mut bench.audit([&accounts])).expect(0);
    let length = started.elapsed();
    let before = entries(&bench.path(""));
    const KILLS: u32 = 40;
    let mut left = 0;
    for number in 0..KILLS {
        let mut command = bench.audit([&accounts]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program can be started");
        std::thread::sleep(length * number / KILLS * 5 / 4);
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        left += usize::from(entries(&bench.path("")) != before);
        assert_eq!(bench.report().value("/counts/rows"), 20_000, "the report is whole after kill {number}");
    }
    assert!(left > 0, "no kill came in the middle of a run");
    run(&mut bench.audit([&accounts])).expect(0);
    assert_eq!(entries(&bench.path("")), before, "leftovers");
}

/// What a dead run left is swept by the next one, whatever report that writes; a living run's files are not.
#[test]
fn the_living_are_not_swept() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    bench.write(".report.zonelapse-abcdef/notes", b"of somebody else: there is no mark");
    let before = entries(&bench.path(""));
    let mut dead = waiting_audit(&bench);
    dead.kill().expect("it can be killed");
    dead.wait().expect("it ends");
    assert_eq!(entries(&bench.path("")).len(), before.len() + 1, "a killed run leaves its directory");
    let living = waiting_audit(&bench);
    assert_eq!(entries(&bench.path("")).len(), before.len() + 1, "swept, and one made");
    let mut other = bench.audit([&accounts]);
    run(other.arg("--quiet")).expect(0);
    feed(living).expect(0);
    let mut after = entries(&bench.path(""));
    after.retain(|name| name != "report");
    assert_eq!(after, before);
    assert_eq!(bench.report().value("/inputs/accounts/0/path"), "-", "the last one published stands");
}

/// Files that somebody puts into the report while the next one is made are kept, and told.
#[test]
fn what_comes_meanwhile_is_kept() {
    let bench = Bench::new();
    run(&mut bench.audit([bench.write("a.csv", ACCOUNTS)])).expect(0);
    let audit = waiting_audit(&bench);
    bench.write("report/notes.txt", b"keep me");
    let told = feed(audit).expect(0).stderr;
    assert!(told.contains("report.kept-1"), "{told}");
    assert_eq!(fs::read(bench.path("report.kept-1/notes.txt")).expect("kept"), b"keep me");
    assert!(!bench.path("report/notes.txt").exists() && bench.path("report/manifest.json").exists());
    // with nothing there in the beginning, and somebody else's directory in the end
    let audit = {
        fs::remove_dir_all(bench.path("report")).expect("it can be removed");
        waiting_audit(&bench)
    };
    bench.write("report/data.db", b"keep me");
    feed(audit).expect(2).says(&["`data.db`", "hint: the finished report is in", "report.finished-1"]);
    assert_eq!(entries(&bench.path("report")), ["data.db"]);
    assert!(bench.path("report.finished-1/manifest.json").exists());
}

/// What is not ours is refused before an input is read, and nothing of it is touched.
#[test]
fn what_is_not_ours_is_refused() {
    let bench = Bench::new();
    let audit = || run(&mut bench.audit([bench.path("missing.csv"), bench.path("a.csv")]));
    bench.write("report/manifest.json", br#"{"name":"an app","version":"1.0.0","icons":[]}"#);
    bench.write("a.csv", ACCOUNTS);
    let accounts = [bench.path("a.csv")];
    let audit_sound = || run(&mut bench.audit(&accounts));
    audit_sound().expect(2).says(&["`manifest.json`", "not that of a report", "\nhint: "]);
    assert_eq!(entries(&bench.path("report")), ["manifest.json"]);
    audit().expect(2);
    fs::remove_dir_all(bench.path("report")).expect("it can be removed");
    audit_sound().expect(0);
    bench.write("report/notes.txt", b"mine");
    bench.write("report/sub/file", b"mine");
    audit_sound().expect(2).says(&["`notes.txt`, `sub`", "will not be replaced", "\nhint: "]);
    assert_eq!(bench.report().value("/counts/rows"), 2);
    assert!(bench.path("report/sub/file").exists());
}

/// Outputs, inputs and the store must not be in each other.
#[test]
fn places_that_meet_are_refused() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    run(&mut bench.audit([&accounts])).expect(0);
    let before = entries(&bench.path(""));
    let at = |name: &str| bench.path(name).display().to_string();
    let refused = |options: &[&str], says: &[&str]| {
        let mut command = bench.audit([&accounts]);
        run(command.args(options)).expect(2).says(says).says(&["\nhint: "]);
        assert_eq!(entries(&bench.path("")), before, "{options:?}");
    };
    refused(&["--store", &at("report/store")], &["the store", "is in it"]);
    refused(&["--store", &at("report")], &["the store", "is in it"]);
    refused(&["--store", &at("new/../report/store")], &["the store", "is in it"]);
    refused(&["--store", &at("")], &["it is in the store"]);
    refused(&["--previous", &at("report")], &["is the report that is to be written"]);
    for option in ["--overrides", "--psl", "--bootstrap", "--mail-classes", "--hash-email"] {
        refused(&[option, &at("report/tlds.parquet")], &["it holds an input", option]);
    }
    refused(&["--rdap", &at("report/*.parquet")], &["it holds an input", "--rdap"]);
    let mut own = bench.audit([bench.path("report/accounts.parquet")]);
    run(&mut own).expect(2).says(&["it holds an input", "(accounts)", "\nhint: "]);
    let mut around = bench.audit_by([&accounts], &["com.zone"]);
    around.args(["-o", &at("")]);
    run(&mut around).expect(2);
    // a store that is there already
    let mut build = crate::support::zonelapse();
    build.args(["snapshot", "build"]).arg(bench.path("com.zone")).arg("--store").arg(bench.path("store"));
    run(&mut build).expect(0);
    let mut inside = crate::support::zonelapse();
    inside.arg("audit").arg(&accounts).arg("--zones").arg(bench.path("store"));
    run(inside.arg("-o").arg(bench.path("store/com/report")))
        .expect(2)
        .says(&["it is in the store", "\nhint: "]);
    assert_eq!(bench.report().value("/counts/rows"), 2, "the report stands");
}

/// A link to a report stays a link; one that leads nowhere, or to something else, is refused.
#[test]
#[cfg(unix)]
fn links_to_a_report() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    let to = |output: &str| {
        let mut command = crate::support::zonelapse();
        command.arg("audit").arg(&accounts).args(["--as-of", crate::support::AS_OF, "--zones"]);
        run(command.arg(bench.path("com.zone")).arg("-o").arg(bench.path(output)))
    };
    to("reports/1").expect(0);
    symlink("reports/1", bench.path("latest")).expect("a link");
    symlink("reports/2", bench.path("nowhere")).expect("a link");
    bench.write("text", b"text");
    symlink("text", bench.path("file")).expect("a link");
    let first = fs::read(bench.path("reports/1/manifest.json")).expect("a manifest");
    for output in ["latest", "latest/"] {
        to(output).expect(0);
        assert!(bench.path("latest").is_symlink(), "{output}");
    }
    assert!(fs::read(bench.path("reports/1/manifest.json")).expect("a manifest") != first, "a new report");
    assert_eq!(entries(&bench.path("reports")), ["1"]);
    to("nowhere").expect(2).says(&["a link that leads nowhere", "\nhint: "]);
    to("file").expect(2).says(&["is a file", "\nhint: "]);
    // a link in the report is not followed
    fs::create_dir(bench.path("data")).expect("a directory");
    bench.write("data/manifest.json", b"mine");
    fs::remove_file(bench.path("reports/1/tlds.parquet")).expect("it can be removed");
    symlink("../../data", bench.path("reports/1/tlds.parquet")).expect("a link");
    to("latest").expect(2).says(&["`tlds.parquet`", "will not be replaced"]);
    assert_eq!(fs::read(bench.path("data/manifest.json")).expect("kept"), b"mine");
}

/// A file system that is mounted at the target cannot be exchanged; this is told before hours of work.
#[test]
#[cfg(target_os = "linux")]
fn a_mount_point() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    let report = bench.path("report");
    let Some(mount) = Mount::of(&report, "16m") else {
        return crate::support::skip("nothing can be mounted here");
    };
    let told = run(&mut bench.audit([&accounts]));
    let below = report.join("latest");
    let mut command = bench.audit_by([&accounts], &["com.zone"]);
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    command = crate::support::zonelapse();
    command.args(arguments.iter().map(|it| if it == report.as_os_str() { below.as_os_str() } else { it }));
    // tmpfs can exchange, too
    let outcomes = [run(&mut command), run(&mut command)];
    let names = entries(&report);
    drop(mount);
    told.expect(2).says(&["cannot be replaced", "\nhint: name a directory below it"]);
    outcomes.into_iter().for_each(|outcome| drop(outcome.expect(0)));
    assert_eq!(names, ["latest"]);
}
