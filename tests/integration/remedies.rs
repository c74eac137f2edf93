//! Commands that hints name are run as they stand there, with the names of files put in, and the audit then succeeds.
//!
//! A tool that is missing is told; `.ci/run` installs them all, and `ZONELAPSE_REQUIRE_TOOLS=1` makes it a failure.

use std::process::Command;

use crate::support::{Bench, Run, gzip, run, skip};

/// Whether a program is there, and everything that a fixture takes.
fn has(tool: &str) -> bool {
    let is_there = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output();
    let is_there = is_there.is_ok_and(|output| output.status.success());
    let is_required = std::env::var("ZONELAPSE_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(is_there || !is_required, "`{tool}` is required");
    if !is_there {
        skip(&format!("no `{tool}`, so a hint that names it was not run"));
    }
    is_there
}

/// Runs a command of the shell, and gives what it prints.
#[track_caller]
fn shell(bench: &Bench, command: &str) -> Vec<u8> {
    let output =
        Command::new("sh").args(["-ec", command]).current_dir(bench.path("")).output().expect("a shell");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The command in the hint of a run, with the names of files put in.
#[track_caller]
fn command_in(ran: &Run, file: &str) -> String {
    let hint = ran.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_default();
    let (_, command) = hint.split_once('`').unwrap_or_else(|| panic!("no command in {}", ran.stderr));
    let (command, _) = command.rsplit_once('`').expect("its end");
    command.replace("FILE", file).replace("NEW", "new").replace("select …", "select * from users")
}

/// Audits a file that cannot be read as it is, does what the hint says, and expects the report of these accounts.
#[track_caller]
fn remedies(tool: &str, file: &str, bytes: &[u8], expected: &[&str]) {
    if !has(tool) {
        return;
    }
    let bench = Bench::new();
    let path = bench.write(file, bytes);
    let ran = run(bench.audit([path]).args(["--quiet", "--max-rejected", "100"]));
    let command = command_in(&ran, file);
    assert!(command.starts_with(tool), "{command}");
    shell(&bench, &command);
    if bench.path("report").exists() {
        std::fs::remove_dir_all(bench.path("report")).expect("a report");
    }
    run(&mut bench.audit([bench.path("new")])).expect(0);
    assert_eq!(bench.report().verdicts(), expected, "{command}");
    assert!(bench.report().rejections().is_empty(), "{command}");
}

const HELD: &str = "held-example.com active none none";
const FREED: &str = "freed-example.com available critical unverify";
const TABLE: &str = "id,email\n1,a@held-example.com\n2,b@freed-example.com\n";

#[test]
fn other_encodings() {
    let latin1 = b"id,email\nJos\xe9,jos\xe9@held-example.com\n2,J\xfcrgen <b@freed-example.com>\n";
    remedies("iconv", "a.csv", latin1, &[HELD, FREED]);
    let header = b"Stra\xdfe,Adresse,Mail\nx,y,a@held-example.com\n";
    let foreign = b"Stra\xdfe,E-M\xe4il\nx,a@held-example.com\n";
    let bench = Bench::new();
    let ran = run(&mut bench.audit([bench.write("a.csv", foreign)])).expect(2);
    ran.says(&["for it is not UTF-8", "iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW"]);
    run(&mut bench.audit([bench.write("a.csv", header)])).expect(0);
    let utf32: Vec<u8> =
        format!("\u{feff}{TABLE}").chars().flat_map(|it| u32::from(it).to_le_bytes()).collect();
    remedies("iconv", "a.csv", &utf32, &[HELD, FREED]);
}

/// The hint of a packed file says to unpack it first.
#[test]
fn a_packed_file_in_another_encoding() {
    let bench = Bench::new();
    let path = bench.write("a.csv.gz", &gzip(b"id,email\n1,jos\xe9@held-example.com\n"));
    let ran = run(bench.audit([path]).arg("--quiet")).expect(0).says(&["hint: unpack it, then convert"]);
    shell(&bench, &format!("gunzip a.csv.gz; {}", command_in(&ran, "a.csv")));
    std::fs::remove_dir_all(bench.path("report")).expect("a report");
    let ran = run(bench.audit([bench.path("new")]).arg("--quiet")).expect(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn lists_in_objects() {
    let users = r#"[{"email":"a@held-example.com"},{"email":"b@freed-example.com"}]"#;
    remedies("jq", "a.json", format!("{{\"users\":{users}}}").as_bytes(), &[HELD, FREED]);
    let realm = format!(
        "{{\n  \"realm\": \"x\",\n  \"groups\": [{{\"name\": \"g\"}}],\n  \"my-users\": {users}\n}}\n"
    );
    remedies("jq", "realm.json", realm.as_bytes(), &[HELD, FREED]);
}

#[test]
fn packed_in_other_ways() {
    let bench = Bench::new();
    bench.write("a.csv", TABLE.as_bytes());
    for (tool, pack) in [("xz", "xz -c a.csv"), ("bunzip2", "bzip2 -c a.csv")] {
        if has(tool) {
            remedies(tool, "accounts", &shell(&bench, pack), &[HELD, FREED]);
        }
    }
}

#[test]
fn databases_and_directories() {
    let bench = Bench::new();
    if has("sqlite3") {
        let rows = "create table users (id integer, email text); \
                    insert into users values (1, 'a@held-example.com'), (2, 'b@freed-example.com')";
        let made = shell(&bench, &format!("sqlite3 a.db \"{rows}\"; cat a.db"));
        remedies("sqlite3", "a.db", &made, &[HELD, FREED]);
    }
    let entry = |name: &str, mail: &str| {
        format!("dn: uid={name},dc=example,dc=com\nobjectClass: person\nuid: {name}\nmail: {mail}\n\n")
    };
    let ldif = entry("a", "a@held-example.com") + &entry("b", "b@freed-example.com");
    let folded = "mail: a@held-exa\n mple.com\n\nMail: b@freed-example.com\n";
    remedies("sed", "people.ldif", format!("dn: cn=x\n{folded}").as_bytes(), &[HELD, FREED]);
    let windows = format!("dn: cn=x\n{folded}").replace('\n', "\r\n");
    remedies("sed", "people.ldif", windows.as_bytes(), &[HELD, FREED]);
    let heads =
        ["", "version: 1\n\n", "# extended LDIF\n#\n# LDAPv3\n# base <dc=example> with scope subtree\n#\n\n"];
    for head in heads {
        remedies("sed", "people.ldif", format!("{head}{ldif}").as_bytes(), &[HELD, FREED]);
    }
}

/// What is made for the key of hashes is a key.
#[test]
fn a_key_for_hashes() {
    if !has("openssl") {
        return;
    }
    let bench = Bench::new();
    let accounts = bench.write("a.csv", TABLE.as_bytes());
    let short = bench.write("short", b"short");
    let ran = run(bench.audit([&accounts]).arg("--hash-email").arg(short)).expect(2);
    shell(&bench, &command_in(&ran, "a.csv").replace("KEY", "key"));
    run(bench.audit([accounts]).arg("--hash-email").arg(bench.path("key"))).expect(0);
}
