//! Signals: a run that is stopped leaves nothing behind, and its exit status tells the shell which signal stopped it.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::publishing::{entries, wait_for, waiting_audit};
use crate::support::{Bench, run, zone, zonelapse};

/// The signals, their names, and what is left of them if this process was told to ignore them.
fn signals() -> Vec<(Signal, &'static str, i32)> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0");
    let mask = u64::from_str_radix(mask.trim(), 16).expect("a mask");
    let all = [(Signal::INT, "SIGINT", 2), (Signal::TERM, "SIGTERM", 15), (Signal::HUP, "SIGHUP", 1)];
    all.into_iter().filter(|(_, _, number)| mask >> (number - 1) & 1 == 0).collect()
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("it lives");
}

/// Expects that it died of this signal, with one plain line about it.
#[track_caller]
fn died(child: Child, name: &str, number: i32) {
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(number), "{stderr}");
    assert_eq!(stderr, format!("error: stopped by {name}; temporary files are removed\n"));
    assert_eq!(output.stdout, b"");
}

#[test]
fn an_audit_is_stopped() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", b"email\na@held-example.com\n");
    run(&mut bench.audit([accounts])).expect(0);
    let before = entries(&bench.path(""));
    for (signal, name, number) in signals() {
        let audit = waiting_audit(&bench);
        send(&audit, signal);
        died(audit, name, number);
        assert_eq!(entries(&bench.path("")), before, "left behind after {name}");
        assert_eq!(bench.report().value("/counts/rows"), 1, "the report stands");
    }
}

#[test]
fn the_line_is_json_where_messages_are() {
    let bench = Bench::new();
    let mut command = bench.audit(["-"]);
    command.args(["--format", "csv", "--log-format", "json"]);
    let audit = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_for(&bench.path(""), ".report.zonelapse-");
    send(&audit, Signal::TERM);
    let output = audit.wait_with_output().expect("it ends");
    let line: serde_json::Value = serde_json::from_slice(&output.stderr).expect("one line of JSON");
    assert_eq!(line["message"], "stopped by SIGTERM; temporary files are removed");
}

/// `nohup` means that the run goes on.
#[test]
fn what_is_ignored_stays_ignored() {
    let bench = Bench::new();
    let mut audit = bench.audit(["-"]);
    audit.args(["--format", "csv"]);
    let mut command = Command::new("sh");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::piped()).stdout(Stdio::null());
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(audit.get_program()).args(audit.get_args());
    let mut child = command.spawn().expect("a shell");
    wait_for(&bench.path(""), ".report.zonelapse-");
    send(&child, Signal::HUP);
    child.stdin.take().expect("a pipe").write_all(b"email\na@held-example.com\n").expect("it reads");
    assert!(child.wait().expect("it ends").success());
}

/// A zone that takes a while.
fn long_zone(bench: &Bench) {
    let names: Vec<String> = (0..500_000).map(|number| format!("name{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    bench.write("long.zone", zone("com", 2026053101, &names).as_bytes());
}

/// Stops a command as soon as something of this name is in a directory; nothing may be left there.
#[track_caller]
fn stop(command: &mut Command, directory: &Path, part: &str, kept: &[&str]) {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_for(directory, part);
    send(&child, Signal::TERM);
    died(child, "SIGTERM", 15);
    assert_eq!(entries(directory), kept);
}

#[test]
fn other_commands_are_stopped() {
    let bench = Bench::new();
    long_zone(&bench);
    let mut build = zonelapse();
    build.args(["snapshot", "build"]).arg(bench.path("long.zone")).arg("--store").arg(bench.path("store"));
    stop(&mut build, &bench.path("store/com"), ".building-", &[".lock"]);
    run(&mut build).expect(0);
    fs::create_dir(bench.path("tmp")).expect("a directory");
    let mut explain = zonelapse();
    explain.args(["explain", "held-example.com", "--zones"]).arg(bench.path("long.zone"));
    explain.env("TMPDIR", bench.path("tmp"));
    stop(&mut explain, &bench.path("tmp"), ".zonelapse-", &[]);
    // what a killed one left is swept by the next
    let mut child = explain.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    wait_for(&bench.path("tmp"), ".zonelapse-");
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    assert_eq!(entries(&bench.path("tmp")).len(), 1);
    run(&mut explain).expect(0);
    assert_eq!(entries(&bench.path("tmp")).len(), 0);
}
