//! Pipes and devices as inputs, and files that change while a run goes on.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::support::{AS_OF, Bench, gzip, many_names, not_found, run, run_soon, zone, zonelapse};

fn large_zone(origin: &str) -> String {
    let names = many_names(60_000);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    zone(origin, 2026053101, &names)
}

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo is there");
    assert!(made.success() && fs::metadata(path).expect("it is made").file_type().is_fifo());
}

fn feed(path: &Path, bytes: Vec<u8>) -> thread::JoinHandle<()> {
    let path = path.to_path_buf();
    thread::spawn(move || {
        let mut pipe = OpenOptions::new().write(true).open(path).expect("somebody reads");
        // whoever reads may break off
        drop(pipe.write_all(&bytes));
    })
}

const EXPECTED: [&str; 2] = ["00000000-example.com active none none", "gone-example.com absent high lookup"];

fn accounts(bench: &Bench) -> std::path::PathBuf {
    bench.write("a.txt", b"a@00000000-example.com\nb@gone-example.com\n")
}

#[test]
fn a_zone_through_a_pipe_is_read_whole() {
    let text = large_zone("com").into_bytes();
    for (name, bytes) in [("com.zone", text.clone()), ("pipe", text.clone()), ("com.txt.gz", gzip(&text))] {
        let bench = Bench::new();
        let pipe = bench.path("pipes").join(name);
        fs::create_dir(bench.path("pipes")).expect("a directory");
        make_pipe(&pipe);
        let fed = feed(&pipe, bytes);
        let mut command = bench.audit_by([accounts(&bench)], &[]);
        run_soon(command.arg("--zones").arg(&pipe)).expect(0);
        fed.join().expect("feeding does not panic");
        assert_eq!(bench.report().verdicts(), EXPECTED, "{name}");
        assert_eq!(bench.report().value("/inputs/zones/0/coverage"), "complete", "{name}");
    }
}

#[test]
fn a_zone_on_standard_input_is_read_whole() {
    let bench = Bench::new();
    let path = bench.write("z", large_zone("com").as_bytes());
    for (argument, through_pipe) in [("-", true), ("-", false), ("/dev/stdin", true), ("/dev/stdin", false)] {
        let mut command = bench.audit_by([accounts(&bench)], &[]);
        command.args(["--zones", argument]);
        let mut cat = None;
        if through_pipe {
            let mut child =
                Command::new("cat").arg(&path).stdout(Stdio::piped()).spawn().expect("cat is there");
            command.stdin(child.stdout.take().expect("it is piped"));
            cat = Some(child);
        } else {
            command.stdin(File::open(&path).expect("the zone is there"));
        }
        run_soon(&mut command).expect(0);
        assert_eq!(bench.report().verdicts(), EXPECTED, "{argument}");
        cat.map(|mut cat| cat.wait().expect("cat ends"));
    }
}

#[test]
fn standard_input_is_one_input() {
    let bench = Bench::new();
    let mut command = bench.audit_by(["-"], &[]);
    run_soon(command.args(["--zones", "-"])).expect(2).says(&["standard input is named twice"]);
}

#[test]
fn accounts_and_answers_through_pipes() {
    let bench = Bench::new();
    let (accounts, answers) = (bench.path("a.csv"), bench.path("r.ndjson"));
    make_pipe(&accounts);
    make_pipe(&answers);
    let fed = [
        feed(&accounts, b"id,email\n1,a@freed-example.com\n".to_vec()),
        feed(&answers, (not_found("freed-example.com") + "\n").into_bytes()),
    ];
    let mut command = bench.audit_by([&accounts], &["com.zone"]);
    run_soon(command.arg("--rdap").arg(&answers)).expect(0);
    fed.into_iter().for_each(|fed| fed.join().expect("feeding does not panic"));
    assert_eq!(bench.report().verdicts(), ["freed-example.com available critical unverify"]);
}

#[test]
fn pipes_in_directories_are_passed_over() {
    let bench = Bench::new();
    bench.write("zones/com.zone", &fs::read(bench.path("com.zone")).expect("the bench has a zone"));
    make_pipe(&bench.path("zones/net.zone"));
    make_pipe(&bench.path("zones/notes"));
    std::os::unix::fs::symlink("/dev/zero", bench.path("zones/org.zone")).expect("a link");
    let said = run_soon(&mut bench.audit_by([accounts(&bench)], &["zones"])).expect(0).stderr;
    for name in ["zones/net.zone: passed over", "zones/org.zone: passed over"] {
        assert!(said.contains(name), "{said}");
    }
    assert!(!said.contains("notes"), "{said}");
    let mut build = zonelapse();
    build.args(["snapshot", "build"]).arg(bench.path("zones")).arg("--store").arg(bench.path("store"));
    let said = run_soon(&mut build).expect(0).stderr;
    assert!(said.contains("zones/net.zone: passed over"), "{said}");

    bench.write("answers/a.ndjson", (not_found("gone-example.com") + "\n").as_bytes());
    for name in ["b.ndjson", "c.json"] {
        make_pipe(&bench.path("answers").join(name));
    }
    let mut command = bench.audit_by([accounts(&bench)], &["com.zone"]);
    run_soon(command.arg("--rdap").arg(bench.path("answers"))).expect(1);
    let report = bench.report();
    assert_eq!(report.verdicts()[1], "gone-example.com available critical unverify");
    for file in [1, 2] {
        let broken = report.value(&format!("/inputs/rdap/{file}/broken")).as_str().expect("a text");
        assert!(broken.contains("neither a file nor a directory"), "{broken}");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_an_unreadable_zone() {
    let bench = Bench::new();
    bench.write("zones/com.zone", &fs::read(bench.path("com.zone")).expect("the bench has a zone"));
    std::os::unix::fs::symlink("nowhere", bench.path("zones/net.zone")).expect("a link");
    run(&mut bench.audit_by([accounts(&bench)], &["zones"])).expect(1);
    let told = bench.report().value("/inputs/unreadable_zones/0").as_str().expect("a text").to_owned();
    assert!(told.contains("net.zone: cannot open"), "{told}");
}

/// A run that has begun: it waits for its accounts on a pipe that this test holds.
fn while_running(bench: &Bench, command: &mut Command, meanwhile: impl FnOnce(&mut File)) -> i32 {
    let pipe = bench.path("a.csv");
    make_pipe(&pipe);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let mut accounts = OpenOptions::new().write(true).open(&pipe).expect("the program reads");
    accounts.write_all(b"id,email\n1,a@freed-example.com\n").expect("the program reads");
    meanwhile(&mut accounts);
    drop(accounts);
    child.wait().expect("the program ends").code().expect("no signal ends it")
}

#[test]
fn answers_that_change_after_the_first_look_are_named() {
    let bench = Bench::new();
    let path = bench.path("answers.ndjson");
    let mut command = bench.audit_by([bench.path("a.csv")], &["com.zone"]);
    command.arg("--rdap").arg(&path);
    let status = while_running(&bench, &mut command, |_| {
        OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(b"\n"))
            .expect("a file");
    });
    assert_eq!(status, 1);
    let broken = bench.report().value("/inputs/rdap/0/broken").as_str().expect("a text").to_owned();
    assert!(broken.contains("replaced or written to"), "{broken}");
}

/// Accounts that are cut short while they are read: a clear failure, and no bus error.
#[test]
fn a_file_that_is_cut_short_meanwhile_is_a_failure() {
    let bench = Bench::new();
    let rows: String = (0..400_000).map(|row| format!("{row},a{row}@freed-example.com\n")).collect();
    let path = bench.write("large.csv", format!("id,email\n{rows}").as_bytes());
    let mut command = bench.audit_by([bench.path("a.csv")], &["com.zone"]);
    command = {
        // the pipe comes first, so the large file is opened after the first look
        let mut with = zonelapse();
        with.arg("audit").arg(bench.path("a.csv")).arg(&path).args(["--as-of", AS_OF, "-o"]);
        with.arg(bench.path("report")).arg("--zones").arg(bench.path("com.zone"));
        drop(command);
        with
    };
    let status = while_running(&bench, &mut command, |_| {
        let file = OpenOptions::new().write(true).open(&path).expect("the file is there");
        file.set_len(4096 * 100).expect("a file can be cut");
    });
    assert_eq!(status, 2);
    assert!(!bench.path("report").exists());
}
