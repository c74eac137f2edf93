//! Runs that are stopped or killed: no answer is lost, and none is kept twice.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{answers, bootstrap, contains, fetch, outcomes, wait_for};
use crate::loopback::Server;
use crate::support::{Bench, run, zonelapse};

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be started")
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
}

#[test]
fn ctrl_c_leaves_a_file_that_goes_on() {
    let (bench, server) = (Bench::new(), Server::registry());
    let names: Vec<String> = (0..60).map(|n| format!("n{n}.com")).collect();
    let servers = [("com", server.url())];
    let what: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in ["-INT", "-TERM"] {
        let before = server.questions().len();
        let mut slow = zonelapse();
        slow.args(["rdap", "fetch", "--insecure-http", "127.0.0.1", "--rate", "20", "--bootstrap"]);
        slow.arg(bootstrap(&bench, &servers)).arg("-o").arg(bench.path("fetched.ndjson")).args(&what);
        let child = start(&mut slow);
        wait_for("questions", || server.questions().len() > before + 5);
        // meanwhile nobody else may append
        run(&mut fetch(&bench, &servers, &what)).expect(2).says(&["another `rdap fetch` appends"]);
        signal(&child, name);
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let told = String::from_utf8_lossy(&output.stderr);
        contains(&told, &["stopped; run the same command again to continue"]);
    }
    run(&mut fetch(&bench, &servers, &what)).expect(0);
    assert_eq!(outcomes(&bench).len(), 60, "each once");
    assert!(server.questions().len() <= 62, "{} questions", server.questions().len());
}

#[test]
fn killed_at_any_moment() {
    let bench = Bench::new();
    let registries: Vec<Server> = (0..4).map(|_| Server::registry()).collect();
    let servers: Vec<(String, String)> =
        registries.iter().enumerate().map(|(n, server)| (format!("t{n}"), server.url())).collect();
    let names: Vec<String> =
        (0..80).flat_map(|n| servers.iter().map(move |(it, _)| format!("n{n}.{it}"))).collect();
    let servers: Vec<(&str, String)> = servers.iter().map(|(it, url)| (it.as_str(), url.clone())).collect();
    let what: Vec<&str> = names.iter().map(String::as_str).collect();
    let path = bench.path("fetched.ndjson");
    let (mut before, mut state) = (Vec::new(), 77_u64);
    for _ in 0..20 {
        let mut child = start(&mut fetch(&bench, &servers, &what));
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_millis(10 + (state >> 33) % 60));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let now = fs::read(&path).unwrap_or_default();
        let whole = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        assert!(now.starts_with(&before[..whole]), "what was on disk is gone");
        before = now;
    }
    // a machine that died in the middle of a line
    let mut file = fs::OpenOptions::new().append(true).create(true).open(&path).expect("the file");
    file.write_all(b"{\"domain\":\"n1.t1\",\"fetched").expect("it can be written");
    let said = run(&mut fetch(&bench, &servers, &what)).expect(0).stdout;
    contains(&said, &["removed a torn last line of 26 bytes first"]);
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    answers(&bench).iter().for_each(|answer| *count.entry(answer.name.to_string()).or_default() += 1);
    assert!(count.len() == 320 && count.values().all(|count| *count == 1), "each name once");
    let asked: usize = registries.iter().map(|server| server.questions().len()).sum();
    assert!(asked <= 320 + 20 * 4, "{asked} questions");
}
