//! Text from strangers on the terminal. Names of files, keys, columns, registrars and servers may contain control
//! sequences; none of them reaches the terminal, and no line can be forged.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{AS_OF, Bench, Run, run, zone, zonelapse};

/// Colour, bell, clear the screen by C1, a forged line, and text that runs backwards.
const HOSTILE: &str =
    "a\u{1b}[31mb\u{7}c\u{9b}2Jd\nforged e\r\u{202e}f\u{2066}g\u{200f}h\u{61c}i\u{2028}j\u{85}k";
/// The same as JSON and TOML write it.
const ESCAPED: &str =
    "a\\u001b[31mb\\u0007c\\u009b2Jd\\nforged e\\r\\u202ef\\u2066g\\u200fh\\u061ci\\u2028j\\u0085k";

/// Runs a command; what it says must be harmless.
#[track_caller]
fn harmless(command: &mut Command) -> Run {
    let said = run(command);
    for text in [&said.stdout, &said.stderr] {
        let is_marked = |character: char| {
            "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}".contains(character)
                || ('\u{202a}'..='\u{202e}').contains(&character)
                || ('\u{2066}'..='\u{2069}').contains(&character)
        };
        let raw = text.chars().find(|it| is_marked(*it) || (it.is_control() && *it != '\n' && *it != '\t'));
        assert_eq!(raw, None, "{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("forged")), "{text}");
    }
    said
}

fn hostile(bench: &Bench, ending: &str, bytes: &[u8]) -> PathBuf {
    bench.write(&format!("{HOSTILE}{ending}"), bytes)
}

const ACCOUNTS: &[u8] = b"id,email\n1,a@held-example.com\n2,b@freed-example.com";

#[test]
fn names_of_files() {
    let bench = Bench::new();
    let accounts = hostile(&bench, ".csv", ACCOUNTS);
    let torn = zone("net", 2026053101, &["a"]);
    let zones = hostile(&bench, ".zone", &torn.as_bytes()[..torn.len() - 30]);
    let unreadable = bench.write(&format!("{HOSTILE}2.zone"), b"no zone at all");
    let answers = hostile(&bench, ".ndjson", format!("{{\"{HOSTILE}\n[\n").as_bytes());
    for json in [&[][..], &["--log-format", "json"]] {
        let mut command = zonelapse();
        command.arg("audit").arg(&accounts).args(["--as-of", AS_OF, "-o"]).arg(bench.path(HOSTILE));
        for zone in [&zones, &unreadable, &bench.path("com.zone")] {
            command.arg("--zones").arg(zone);
        }
        command.arg("--rdap").arg(&answers).args(json);
        let said = harmless(&mut command).expect(1);
        for part in ["\\u001b[31m", ".csv", "2.zone", ".ndjson"] {
            assert!(said.printed().contains(part), "{part} in {}", said.printed());
        }
    }
    let manifest = std::fs::read_to_string(bench.path(HOSTILE).join("manifest.json")).expect("a manifest");
    assert!(!manifest.contains('\u{202e}'));
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("still JSON");
    assert_eq!(manifest["inputs"]["accounts"][0]["path"], accounts.display().to_string());
    let missing = bench.path(&format!("{HOSTILE}-missing.csv"));
    harmless(&mut bench.audit([&missing])).expect(2);
    harmless(bench.audit([&accounts]).arg("--psl").arg(&missing)).expect(2);
    harmless(bench.audit([&bench.write(&format!("{HOSTILE}3"), b"x")]).arg("--quiet")).expect(2);
}

#[test]
fn what_is_typed() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    harmless(zonelapse().arg(HOSTILE)).expect(2);
    harmless(bench.audit([&accounts]).arg(format!("--{HOSTILE}"))).expect(2);
    harmless(bench.audit([&accounts]).arg("--format").arg(HOSTILE)).expect(2);
    harmless(bench.audit([&accounts]).arg("--threads").arg(HOSTILE)).expect(2);
    harmless(bench.audit([&accounts]).arg("--date").arg(HOSTILE)).expect(2);
    harmless(bench.audit([&accounts]).arg("--carry").arg(HOSTILE)).expect(2);
    harmless(bench.audit([&accounts]).arg("--email-column").arg(HOSTILE)).expect(2);
    harmless(zonelapse().args(["explain", HOSTILE, "--zones"]).arg(bench.path("com.zone"))).expect(2);
    harmless(zonelapse().args(["explain", "held-example.com", "--as-of", HOSTILE])).expect(2);
    harmless(zonelapse().args(["policy", "diff", HOSTILE])).expect(2);
}

#[test]
fn what_small_files_hold() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    let with = |option: &str, text: &str| {
        let path = bench.write("small", text.as_bytes());
        harmless(bench.audit([&accounts]).arg(option).arg(path)).expect(2);
    };
    with("--config", &format!("\"{ESCAPED}\" = 1\n"));
    with("--config", &format!("date = \"{ESCAPED}\"\n"));
    with("--config", &format!("policy = \"{ESCAPED}\"\n"));
    with("--config", &format!("policy = {HOSTILE}\n"));
    with("--overrides", &format!("domain,action,until\n\"{HOSTILE}\",none,2027-01-01\n"));
    with("--overrides", &format!("domain,action,until\na.com,\"{HOSTILE}\",2027-01-01\n"));
    with("--bootstrap", &format!("{{\"services\":[[[\"{ESCAPED}\"],[\"https://a/\"]]]}}"));
    with("--bootstrap", &format!("{{\"services\":[[[\"a\"],[\"{ESCAPED}\"]]]}}"));
    let header = bench.write("b.csv", format!("id,\"{HOSTILE}\"\n1,a@held-example.com\n").as_bytes());
    harmless(&mut bench.audit([&header])).expect(2);
    let keys = bench.write("b.ndjson", format!("{{\"{ESCAPED}\":1}}\n").as_bytes());
    harmless(&mut bench.audit([&keys])).expect(2);
}

#[test]
fn what_registries_say() {
    let bench = Bench::new();
    let registrar = format!(
        r#"[{{"objectClassName":"entity","roles":["registrar"],"vcardArray":["vcard",[["fn",{{}},"text","{ESCAPED}{}"]]]}}]"#,
        "x".repeat(5_000)
    );
    let body = format!(
        r#"{{"objectClassName":"domain","ldhName":"freed-example.com","status":["{ESCAPED}"],"entities":{registrar}}}"#
    );
    let answer = format!(
        r#"{{"domain":"freed-example.com","fetched_at":"2026-05-31T00:00:00Z","source":"{ESCAPED}","http_status":200,"body":{body}}}"#
    );
    let faulty = format!(r#"{{"domain":"{ESCAPED}","fetched_at":7}}"#);
    let answers = bench.write("hostile.ndjson", format!("{answer}\n{faulty}\n{{\"{ESCAPED}\n").as_bytes());
    let mut explain = zonelapse();
    explain.args(["explain", "b@freed-example.com", "--as-of", AS_OF, "--rdap"]).arg(&answers);
    let said = harmless(&mut explain).expect(1);
    assert!(said.stdout.contains("\\u001b[31m") && said.stdout.len() < 5_000, "{}", said.stdout);
    let mut import = zonelapse();
    import.args(["rdap", "import"]).arg(&answers).arg("-o").arg(bench.path(&format!("{HOSTILE}.parquet")));
    harmless(&mut import);
}

#[test]
fn snapshots_of_hostile_names() {
    let bench = Bench::new();
    let source = hostile(&bench, ".zone", zone("com", 2026053101, &["a", "b"]).as_bytes());
    let store = bench.path(&format!("{HOSTILE}.store"));
    let snapshot = |command: &str| {
        let mut program = zonelapse();
        program.args(["snapshot", command]);
        program
    };
    harmless(snapshot("build").arg(&source).arg("--store").arg(&store)).expect(0);
    for list in [&[][..], &["--json"]] {
        let said = harmless(snapshot("list").arg("--store").arg(&store).args(list)).expect(0);
        assert!(said.stdout.contains("\\u001b[31m"), "{}", said.stdout);
    }
    harmless(snapshot("verify").arg("--store").arg(&store)).expect(0);
    harmless(snapshot("accept").arg(HOSTILE).arg("--store").arg(&store)).expect(2);
    let output = bench.path(&format!("{HOSTILE}.parquet"));
    harmless(snapshot("export").arg("com").arg("--store").arg(&store).arg("-o").arg(output)).expect(0);
    harmless(snapshot("list").arg("--store").arg(bench.path("none")).arg(HOSTILE)).expect(2);
    harmless(snapshot("list").arg("--store").arg(&store).arg(HOSTILE)).expect(2);
}
