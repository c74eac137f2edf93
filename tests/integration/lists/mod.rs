//! Lists that registries publish: `registry import` of every known list, and verdicts by them.
//!
//! All names, days and numbers are invented. The forms are those that programs which read the real lists know.

mod files;
mod newer;
mod verdicts;
mod whole;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Bench, Run, read_parquet, rows, run, zonelapse};

/// `registry import` of these files with these options.
fn import(bench: &Bench, files: &[&str], options: &[&str]) -> Command {
    let mut command = zonelapse();
    command.args(["registry", "import"]).args(files.iter().map(|name| bench.path(name))).args(options);
    command.arg("-o").arg(table(bench));
    command
}

fn table(bench: &Bench) -> PathBuf {
    bench.path("registry.parquet")
}

/// The rows of an import, these columns of each.
fn imported(path: &Path, columns: &[&str]) -> Vec<String> {
    rows(&read_parquet(path), columns)
}

/// Expects these texts on standard output or standard error.
#[track_caller]
fn tells(said: &Run, parts: &[&str]) {
    for part in parts {
        let found = crate::support::flat(&said.stdout).contains(part) || said.stderr.contains(part);
        assert!(found, "expected `{part}` in:\n{}{}", said.stdout, said.stderr);
    }
}

/// Imports one file, expects these rows, and gives what was said.
#[track_caller]
fn takes(name: &str, bytes: &[u8], options: &[&str], columns: &[&str], expected: &[&str]) -> Run {
    let bench = Bench::new();
    bench.write(name, bytes);
    let said = run(&mut import(&bench, &[name], options));
    assert_eq!(imported(&table(&bench), columns), expected, "{name}: {}", said.stderr);
    said
}
