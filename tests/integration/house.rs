//! What the repository promises about itself: no network code in the program, one build of Polars, an orderly top
//! level.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{run, zonelapse};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `cargo run` and `cargo test` share one build of Polars: the dev-dependencies switch on no feature in a crate that
/// the program links, so that every crate is built for the tests as for the program. What they need is in
/// `[dependencies]` and `[build-dependencies]`.
#[test]
fn tests_build_no_crate_again() {
    let crates = |edges: &str| -> BTreeSet<String> {
        let tree =
            cargo(&["tree", "--no-dedupe", "--prefix", "none", "--format", "{p} [{f}]", "--edges", edges]);
        tree.lines().map(str::to_owned).collect()
    };
    let (program, tests) = (crates("normal,build"), crates("normal,build,dev"));
    assert!(program.iter().any(|line| line.starts_with("polars-core ")), "the tree is there: {program:?}");
    let twice: Vec<&String> = program.difference(&tests).collect();
    assert!(twice.is_empty(), "the tests build these with other features: {twice:#?}");
}

/// The output of cargo, offline.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    run(command.current_dir(root()).args(arguments).args(["--locked", "--offline"])).expect(0).stdout
}

/// The default build depends on no client or server, and on no TLS. (Polars depends on tokio for its threads;
/// that nothing of its sockets is linked is the next test.)
#[test]
fn no_network_crate() {
    let tree = cargo(&["tree", "--edges", "normal", "--prefix", "none"]);
    let crates: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.len() > 50, "the tree is there:\n{tree}");
    let network = "reqwest hyper h2 ureq curl native-tls openssl openssl-sys rustls object_store rdap_client";
    let linked: Vec<&str> = network.split(' ').filter(|name| crates.contains(name)).collect();
    assert!(linked.is_empty(), "linked: {linked:?}");
}

/// `data/RULES.md` is what the program prints.
#[test]
fn the_rules_of_the_repository() {
    let kept = fs::read_to_string(root().join("data/RULES.md")).expect("a table of rules");
    let (_, kept) = kept.split_once("-->\n\n").expect("a title and a comment before the table");
    let rules = run(zonelapse().args(["rules", "--markdown"])).expect(0).stdout;
    assert!(
        rules.trim() == kept.trim(),
        "write `zonelapse rules --markdown` into data/RULES.md, below its comment"
    );
}

/// The program does not even import the calls with which connections are made and names resolved.
#[test]
#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    target_endian = "little",
    not(feature = "fetch")
))]
fn no_network_call() {
    let program = fs::read(env!("CARGO_BIN_EXE_zonelapse")).expect("the program can be read");
    let imported = imported_calls(&program);
    assert!(imported.iter().any(|name| name.starts_with("mmap")), "it maps files: {imported:?}");
    let network = ["socket", "connect", "getaddrinfo", "bind", "listen", "sendto", "recvfrom", "sendmsg"];
    let imported: Vec<&&str> = network.iter().filter(|name| imported.contains(name)).collect();
    assert!(imported.is_empty(), "imported: {imported:?}");
}

/// The command that needs the network says which build has it.
#[test]
#[cfg(not(feature = "fetch"))]
fn fetching_is_a_feature() {
    let mut command = zonelapse();
    command.args(["rdap", "fetch", "report", "-o", "answers.ndjson", "--dry-run"]);
    run(&mut command).expect(2).says(&["no network code", "--features fetch"]);
}

/// The undefined names of the dynamic symbol table of a 64-bit ELF file (System V gABI, chapters 4 and 5).
#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    target_endian = "little",
    not(feature = "fetch")
))]
fn imported_calls(program: &[u8]) -> Vec<&str> {
    const DYNAMIC_SYMBOLS: usize = 11;
    const SYMBOL_BYTES: usize = 24;
    let number = |at: usize, bytes: usize| {
        let bytes = program[at..at + bytes].iter().rev();
        bytes.fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let section = |index: usize| number(0x28, 8) + index * number(0x3a, 2);
    let symbols = (0..number(0x3c, 2)).map(section).find(|at| number(at + 4, 4) == DYNAMIC_SYMBOLS);
    let symbols = symbols.expect("a program that uses the C library has dynamic symbols");
    let names = number(section(number(symbols + 0x28, 4)) + 0x18, 8);
    let (start, length) = (number(symbols + 0x18, 8), number(symbols + 0x20, 8));
    (start..start + length)
        .step_by(SYMBOL_BYTES)
        .filter(|symbol| number(symbol + 6, 2) == 0)
        .filter_map(|symbol| {
            let name = &program[names + number(symbol, 4)..];
            let end = name.iter().position(|byte| *byte == 0)?;
            std::str::from_utf8(&name[..end]).ok()
        })
        .collect()
}

/// Beside dot-files and what the commands of the README leave behind, the top level holds this and no more.
#[test]
fn the_top_level_is_orderly() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "src",
        "data",
        "benches",
        "tests",
    ];
    let left_behind = ["target", "report"];
    for entry in fs::read_dir(root()).expect("the root can be read") {
        let name = entry.expect("an entry can be read").file_name().to_string_lossy().into_owned();
        let known = [&allowed[..], &left_behind[..]].concat().contains(&name.as_str());
        assert!(known || name.starts_with('.'), "`{name}` does not belong there");
    }
}

/// The Rust files below these directories, with their text.
fn rust_files(directories: &[&str]) -> Vec<(PathBuf, String)> {
    let mut open: Vec<PathBuf> = directories.iter().map(|name| root().join(name)).collect();
    let mut files = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("source is text");
                files.push((path.strip_prefix(root()).expect("it is below the root").to_path_buf(), text));
            }
        }
    }
    files.sort();
    files
}

/// What of a file is compiled into the program: no unit tests, no comments.
fn program_code(path: &Path, text: &str) -> String {
    if path.file_stem().is_some_and(|stem| stem == "tests") {
        return String::new();
    }
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Every module says what it is for.
#[test]
fn every_module_has_a_header() {
    for (path, text) in rust_files(&["src", "tests", "benches"]) {
        assert!(text.starts_with("//!"), "{} does not say what it is for", path.display());
    }
}

/// The rooms from the ground up. Each may use those before it in this list, and no others.
const ROOMS: &str = "named wording escape error built_in time threads progress files signals name table merge input \
                     census zone snapshot rdap registry mail fetch assess report cli config command";

#[test]
fn rooms_use_only_rooms_below_them() {
    let rooms: Vec<&str> = ROOMS.split(' ').collect();
    let place = |room: &str| rooms.iter().position(|known| *known == room);
    let mut upward = Vec::new();
    for (path, text) in rust_files(&["src"]) {
        let below_src = path.strip_prefix("src").expect("it is in src");
        let first = below_src.iter().next().expect("it has a name").to_string_lossy();
        let room = first.trim_end_matches(".rs");
        if matches!(room, "lib" | "main") {
            continue;
        }
        let own = place(room).unwrap_or_else(|| panic!("`{room}` is no room of the list"));
        let code = program_code(&path, &text);
        for used in code.split("crate::").skip(1) {
            let end = used.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
            let used = &used[..end.unwrap_or(used.len())];
            if place(used).is_some_and(|place| place > own) {
                upward.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    upward.dedup();
    assert!(upward.is_empty(), "rooms that use rooms above them:\n{}", upward.join("\n"));
}

/// Whoever searches for a type finds one.
#[test]
fn no_type_name_twice() {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in rust_files(&["src"]) {
        for line in program_code(&path, &text).lines() {
            // on the top level, or in a macro there; deeper ones are local to a function
            let indent = line.len() - line.trim_start().len();
            let declaration = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            let declaration = declaration.trim_start_matches("pub(super) ");
            let (kind, rest) = declaration.split_once(' ').unwrap_or_default();
            if !matches!((kind, indent), ("struct" | "enum" | "trait", 0 | 4) | ("type", 0)) {
                continue;
            }
            let end = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
            found.entry(rest[..end].to_owned()).or_default().push(path.display().to_string());
        }
    }
    let twice: Vec<String> = found
        .into_iter()
        .filter(|(name, places)| !name.is_empty() && places.len() > 1)
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(twice.is_empty(), "names of several types:\n{}", twice.join("\n"));
}

/// Files that a person can read in one go.
#[test]
fn files_are_short() {
    let lines = |text: &str| text.lines().count();
    let long: Vec<String> = rust_files(&["src", "tests", "benches"])
        .into_iter()
        .filter(|(path, text)| lines(text) > if path.ends_with("src/main.rs") { 40 } else { 400 })
        .map(|(path, text)| format!("{}: {} lines", path.display(), lines(&text)))
        .collect();
    assert!(long.is_empty(), "too long:\n{}", long.join("\n"));
}

/// The audit is on one screen.
#[test]
fn the_audit_is_short() {
    let text = fs::read_to_string(root().join("src/command/audit.rs")).expect("the audit");
    let mut start = None;
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("fn ") || line.starts_with("pub") && line.contains(" fn ") {
            start = Some(at);
        }
        if line == "}" {
            let length = start.take().map_or(0, |start| at - start + 1);
            assert!(length <= 60, "a function of {length} lines ends at src/command/audit.rs:{}", at + 1);
        }
    }
}

/// A hint names an option only in `command/`, which knows whether the command has it.
#[test]
fn hints_of_rooms_name_no_option() {
    for (path, text) in rust_files(&["src"]) {
        if ["command", "config", "cli"].iter().any(|room| path.starts_with(format!("src/{room}"))) {
            continue;
        }
        for hint in program_code(&path, &text).split("hint(").skip(1) {
            let hint = hint.split(");").next().unwrap_or_default();
            assert!(!hint.contains("`-"), "{}: hint({hint}", path.display());
        }
    }
}
