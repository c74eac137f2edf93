//! What the repository promises of itself: no network in the program, an orderly top level.

use std::collections::BTreeSet;
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

/// Every module says what it is for.
#[test]
fn every_module_has_a_header() {
    let mut open: Vec<PathBuf> = ["src", "tests", "benches"].iter().map(|name| root().join(name)).collect();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).expect("a directory can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("source is text");
                assert!(text.starts_with("//!"), "{} does not say what it is for", path.display());
            }
        }
    }
}
