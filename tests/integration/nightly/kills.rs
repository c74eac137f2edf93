//! The lock, kills at every step and at many moments, signals.
//!
//! A night waits at a pipe that nobody writes to: one in each feed, and standard input for the accounts. So it can be
//! stopped in the middle of every step. Whatever stopped it, the next night is as if nothing had been.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Nights;
use crate::publishing::{entries, wait_for};
use crate::support::{not_found, run};

const AS_OF: &str = "2026-06-02T12:00:00Z";

/// A good first night, and a second one that has everything new.
fn two_nights() -> Nights {
    let nights = Nights::new();
    nights.deliver("0601", &["held-example", "other-example"]);
    nights.run("2026-06-01T12:00:00Z").expect(0);
    nights.deliver("0602", &["held-example"]);
    nights.write("answers/one.ndjson", &(not_found("freed-example.com") + "\n"));
    nights.write("lists/uk.csv", "roid,domain,drop_time\nUK-1-UK,a-example.co.uk,2026-06-03T07:14:09Z\n");
    nights
}

/// Starts a night that waits in a step, and waits until it has come so far.
fn waiting(nights: &Nights, step: &str) -> Child {
    let mut command = nights.command(AS_OF);
    let (option, feed, pipe) = match step {
        "zones" => ("--zones", "zones", "pipe.zone"),
        "answers" => ("--rdap", "answers", "pipe.ndjson"),
        "lists" => ("--registry", "lists", "uk-pipe.csv"),
        _ => ("--accounts", "", ""),
    };
    if feed.is_empty() {
        command.args(["--accounts", "-", "--format", "csv"]);
    } else {
        let pipe = nights.path(pipe);
        make_pipe(&pipe);
        // what is typed takes the place of what the file says
        command.arg(option).arg(nights.path(feed)).arg(option).arg(&pipe);
    }
    let (state, reports) = (nights.path("state"), nights.path("state/reports"));
    let left = [entries(&state), entries(&reports)].concat();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program can be started");
    let taken = |feed: &str| fs::read_to_string(state.join("taken")).is_ok_and(|text| text.contains(feed));
    let is_new = |name: &String| name.contains(".zonelapse-") && !left.contains(name);
    until(&|| holds(&state, &child));
    until(&|| match step {
        "zones" => true,
        "answers" => entries(&state).iter().any(is_new),
        "lists" => taken("answers ") && entries(&state).iter().any(is_new),
        _ => entries(&reports).iter().any(is_new),
    });
    child
}

fn make_pipe(path: &Path) {
    if !path.exists() {
        assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
    }
}

/// Waits until this holds.
#[track_caller]
fn until(holds: &dyn Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "it does not come so far");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether the lock says that this process holds it.
fn holds(state: &Path, child: &Child) -> bool {
    let holder = format!("process {},", child.id());
    fs::read_to_string(state.join("lock")).is_ok_and(|text| text.starts_with(&holder))
}

/// Expects that the second night is as it should be.
#[track_caller]
fn is_repaired(nights: &Nights) {
    nights.run(AS_OF).expect(0);
    assert_eq!(
        nights.latest(),
        [
            "held-example.com active none none",
            "freed-example.com available critical unverify",
            "other-example.com absent high lookup"
        ]
    );
    assert_eq!(nights.changes("2026-06-02")["newly_at_risk"], serde_json::json!([1, 1]));
    let link = fs::read_link(nights.path("state/latest")).expect("a link");
    assert_eq!(link, Path::new("reports/2026-06-02"));
    nights.is_tidy();
}

const STEPS: [&str; 4] = ["zones", "answers", "lists", "audit"];

#[test]
fn killed_in_every_step() {
    for step in STEPS {
        let nights = two_nights();
        let before = nights.latest();
        let mut child = waiting(&nights, step);
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        assert_eq!(nights.latest(), before, "{step}: the last good report stays");
        is_repaired(&nights);
    }
}

/// Kills at many moments of a whole night, from its start to after its end.
#[test]
fn killed_at_any_moment() {
    let nights = two_nights();
    let started = Instant::now();
    is_repaired(&nights);
    let whole = started.elapsed();
    let tries = 16;
    for at in 0..tries {
        let nights = two_nights();
        let mut command = nights.command(AS_OF);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(whole * at / tries);
        child.kill().expect("it can be killed, or has ended");
        child.wait().expect("it ends");
        let latest = nights.latest();
        assert_eq!(latest.len(), 3, "there is always a whole report");
        is_repaired(&nights);
    }
}

/// Whether this process, and so each that it starts, ignores a signal.
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    ignored >> (signal.as_raw() - 1) & 1 == 1
}

#[test]
fn stopped_by_a_signal_in_every_step() {
    for (step, signal, name) in [
        ("zones", Signal::TERM, "SIGTERM"),
        ("answers", Signal::INT, "SIGINT"),
        ("lists", Signal::TERM, "SIGTERM"),
        ("audit", Signal::INT, "SIGINT"),
        ("audit", Signal::TERM, "SIGTERM"),
    ] {
        // what runs in the background of a shell inherits that SIGINT is ignored, and so does the night
        if is_ignored(signal) {
            continue;
        }
        let nights = two_nights();
        let child = waiting(&nights, step);
        kill_process(Pid::from_child(&child), signal).expect("it lives");
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.signal(), Some(signal.as_raw()), "{step}: {said}");
        assert_eq!(said, format!("error: stopped by {name}; temporary files are removed\n"), "{step}");
        nights.is_tidy();
        assert!(!nights.path("state/reports/2026-06-02").exists(), "{step}");
        is_repaired(&nights);
    }
}

#[test]
fn one_night_at_a_time() {
    let nights = two_nights();
    let metrics = |nights: &Nights| fs::read(nights.path("state/metrics.prom")).expect("metrics");
    let before = metrics(&nights);
    for step in STEPS {
        let mut child = waiting(&nights, step);
        let holder = format!("a night is running already: process {}, since 20", child.id());
        let said = nights.run(AS_OF).expect(2).says(&["state/lock: ", &holder, "hint: wait for its end"]);
        assert!(said.stdout.is_empty(), "{}", said.stdout);
        assert_eq!(
            metrics(&nights),
            before,
            "the night that runs tells how it went, not the one that did not start"
        );
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
    // the lock of a dead process holds nobody up
    is_repaired(&nights);
}

/// Two nights that start at the same moment: one does the work, and the other says so or does it again.
#[test]
fn started_at_once() {
    let nights = two_nights();
    let mut children: Vec<Child> = (0..4)
        .map(|_| {
            let mut command = nights.command(AS_OF);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts")
        })
        .collect();
    let statuses: Vec<Option<i32>> =
        children.iter_mut().map(|child| child.wait().expect("it ends").code()).collect();
    assert!(statuses.contains(&Some(0)), "{statuses:?}");
    assert!(statuses.iter().all(|status| [Some(0), Some(2)].contains(status)), "{statuses:?}");
    is_repaired(&nights);
}

/// What is not ours, or whose owner lives, is not swept.
#[test]
fn only_leftovers_of_dead_runs_are_removed() {
    let nights = two_nights();
    let import = |pipe: &Path| {
        let mut import = crate::support::zonelapse();
        import.args(["rdap", "import"]).arg(pipe).arg("-o").arg(nights.path("state/other.parquet"));
        import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    };
    let pipe = nights.path("pipe.ndjson");
    make_pipe(&pipe);
    let mut living = import(&pipe);
    let temporary = wait_for(&nights.path("state"), ".zonelapse-");
    nights.write("state/.zonelapse-abcdef/mine", "mine");
    nights.write("state/reports/.2026-06-02.zonelapse-abcdef/mine", "mine");
    nights.run(AS_OF).expect(0);
    let state = entries(&nights.path("state"));
    assert!(state.contains(&temporary), "its owner lives: {state:?}");
    assert!(nights.path("state/.zonelapse-abcdef/mine").exists(), "it has no mark of ours");
    assert!(
        nights.path("state/reports/.2026-06-02.zonelapse-abcdef/mine").exists(),
        "it has no mark of ours"
    );
    living.kill().expect("it can be killed");
    living.wait().expect("it ends");
    fs::remove_dir_all(nights.path("state/.zonelapse-abcdef")).expect("a directory");
    fs::remove_dir_all(nights.path("state/reports/.2026-06-02.zonelapse-abcdef")).expect("a directory");
    run(&mut nights.command("2026-06-03T12:00:00Z")).expect(0);
    nights.is_tidy();
}
