//! Small files that are read whole: endless devices and huge files cost no more than the limit.

use std::path::Path;
use std::process::Command;

use crate::support::{Bench, Run, run};

const ACCOUNTS: &[u8] = b"id,email\n1,a@held-example.com\n";
/// Kilobytes of address space: a program without limits fails, and the machine does not.
const ADDRESS_SPACE: u64 = 6_000_000;

/// Audits with this option, in a bounded address space.
fn audited(bench: &Bench, option: &str, path: &Path) -> Run {
    let accounts = bench.write("a.csv", ACCOUNTS);
    let audit = bench.audit([accounts]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v \"$0\" && exec \"$@\"", &ADDRESS_SPACE.to_string()]);
    command.arg(audit.get_program()).args(audit.get_args()).arg(option).arg(path);
    run(&mut command)
}

#[test]
fn files_without_end() {
    let bench = Bench::new();
    let sparse = bench.write("sparse", b"");
    let file = std::fs::OpenOptions::new().write(true).open(&sparse).expect("a file");
    file.set_len(10 << 30).expect("a file of nothing");
    for option in ["--config", "--psl", "--overrides", "--bootstrap", "--mail-classes", "--hash-email"] {
        for path in [&sparse, Path::new("/dev/zero")] {
            let place = format!("error: {}: longer than the limit of ", path.display());
            audited(&bench, option, path).expect(2).says(&[&place, "\nhint: "]);
        }
    }
    bench.has_no_report();
}

/// What cannot be read is never shown whole.
#[test]
fn long_words_are_not_echoed() {
    let bench = Bench::new();
    let long = "x".repeat(900_000);
    let cases = [
        ("--config", format!("{long} = 1\n"), "unknown option"),
        ("--config", format!("zones = [\"a\"]\npsl = {long}\n"), ":2: "),
        ("--overrides", format!("domain,action,until\n{long},none,2027-01-01\n"), "is no domain"),
        ("--overrides", format!("domain,action,until\na.com,{long},2027-01-01\n"), "is no action"),
        ("--mail-classes", format!("domain,class\n{long},free\n"), "expected a mail domain, found `x"),
        ("--mail-classes", format!("domain,class\na.com,{long}\n"), "found `x"),
        ("--bootstrap", format!("{{\"services\":[[[\"{long} \"],[\"https://a/\"]]]}}"), "found `x"),
        ("--bootstrap", format!("{{\"services\":[[[\"a\"],[\"{long}\"]]]}}"), "found `x"),
    ];
    for (option, text, part) in cases {
        let path = bench.write("small", text.as_bytes());
        let said = audited(&bench, option, &path).expect(2).says(&[part]);
        assert!(said.stderr.len() < 1_000, "{option}: {} bytes", said.stderr.len());
    }
}

/// Ten megabytes of rules took 3.9 GB.
#[test]
fn a_list_of_too_many_rules() {
    let bench = Bench::new();
    let rules = "a.b.c.d.e.f.g.h.i.j\n".repeat(100_000);
    let list = format!(
        "// ===BEGIN ICANN DOMAINS===\ncom\n{rules}// ===END ICANN DOMAINS===\n\
         // ===BEGIN PRIVATE DOMAINS===\n// ===END PRIVATE DOMAINS===\n"
    );
    let path = bench.write("psl.dat", list.as_bytes());
    audited(&bench, "--psl", &path).expect(2).says(&["more than the limit of 500000", "\nhint: "]);
}

/// The machine gives fewer threads than were asked for.
#[test]
fn a_limit_of_threads() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    let mut audit = bench.audit([accounts]);
    audit.args(["--threads", "1024"]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 2000000 && exec \"$@\"", "sh"]);
    command.arg(audit.get_program()).args(audit.get_args());
    let said =
        run(&mut command).expect(2).says(&["error: the threads to work with", "\nhint: lower `--threads`"]);
    assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
    bench.has_no_report();
}

/// A link that leads nowhere is one zone that cannot be read, and the others are judged by.
#[cfg(unix)]
#[test]
fn a_dangling_link_among_zones() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    let zone = std::fs::read(bench.path("com.zone")).expect("the zone of the bench");
    bench.write("zones/com.zone", &zone);
    std::os::unix::fs::symlink("/nowhere/net.zone", bench.path("zones/net.zone")).expect("a link");
    for zones in [&["zones"][..], &["com.zone", "zones/net.zone"]] {
        let said = run(&mut bench.audit_by([&accounts], zones)).expect(1);
        assert!(said.printed().contains("net.zone: cannot open"), "{}", said.stdout);
        assert_eq!(bench.report().verdicts(), ["held-example.com active none none"]);
        assert_eq!(bench.report().value("/inputs/unreadable_zones").as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn lists_and_decisions_that_were_cut() {
    let bench = Bench::new();
    let accounts = bench.write("a.txt", b"a@held-example.com\n");
    let list = "// ===BEGIN ICANN DOMAINS===\ncom\n// ===END ICANN DOMAINS===\n\
        // ===BEGIN PRIVATE DOMAINS===\nhosted.com\n// ===END PRIVATE DOMAINS===\n";
    let whole = bench.write("psl.dat", list.as_bytes());
    run(bench.audit([&accounts]).arg("--psl").arg(&whole)).expect(0);
    for (text, what) in [
        (list[..list.len() - 4].to_owned(), "no complete `PRIVATE DOMAINS` section"),
        (list[..list.len() / 2].to_owned(), "no complete `PRIVATE DOMAINS` section"),
        (list.replace("hosted", "\0\0\0"), "NUL bytes"),
    ] {
        let cut = bench.write("cut.dat", text.as_bytes());
        run(bench.audit([&accounts]).arg("--psl").arg(&cut)).expect(2).says(&[what, "hint: "]);
    }
    let decisions = "domain,action,until\nheld-example.com,review,2026-07-01\n";
    for (text, what) in
        [(&decisions[..decisions.len() - 1], "no line end"), (&decisions[..20], "no decision")]
    {
        let cut = bench.write("cut.csv", text.as_bytes());
        let said = run(bench.audit([&accounts]).arg("--overrides").arg(&cut)).expect(0);
        assert!(said.printed().contains(what), "{}", said.stdout);
    }
    let torn = bench.write("torn.csv", decisions.replace("review", "\0\0\0").as_bytes());
    run(bench.audit([&accounts]).arg("--overrides").arg(&torn)).expect(2).says(&["NUL bytes"]);
}
