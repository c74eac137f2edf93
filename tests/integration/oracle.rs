//! The oracle: a second implementation of the rules, written in Python from the contract alone, and compared with the
//! program over generated worlds. `tests/oracle/compare.py` does the work; this test runs it for a minute at most.

use std::path::Path;
use std::process::Command;

use crate::readers::python;
use crate::support::run;

/// Differences for a thousand accounts that are open: above all, what a list of names says of the names below one of its
/// entries, tokens of reserved names, and reserved names that a zone holds. Fewer is better; none is the aim.
const OPEN_PER_MILLE: u64 = 12;

#[track_caller]
fn agrees(arguments: &[&str]) {
    let Some(python) = python() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/compare.py");
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script).arg(env!("CARGO_BIN_EXE_zonelapse"));
    let run = run(command.args(arguments));
    let number = |what: &str| -> u64 {
        let line = run.stdout.lines().find(|line| line.contains(what)).expect("compare.py ran to its end");
        line.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number comes first")
    };
    let (cases, differences) = (number(" accounts at "), number(" differences"));
    assert!(differences * 1000 <= cases * OPEN_PER_MILLE, "{}", run.stdout);
}

#[test]
fn agrees_on_many_small_worlds() {
    agrees(&["--cases", "15000", "--names", "12", "--accounts", "4", "--seed", "11"]);
}

#[test]
fn agrees_on_a_larger_world() {
    agrees(&["--cases", "30000", "--names", "120", "--accounts", "5", "--seed", "12"]);
}
