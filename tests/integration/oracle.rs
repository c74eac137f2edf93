//! The oracle: a second implementation of the rules, written in Python from the contract alone, and compared with the
//! program over generated worlds. `tests/oracle/compare.py` does the work; this test runs it for a minute at most.

use std::path::Path;
use std::process::Command;

use crate::readers::python;
use crate::support::run;

#[track_caller]
fn agrees(arguments: &[&str]) {
    let Some(python) = python() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/compare.py");
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script).arg(env!("CARGO_BIN_EXE_zonelapse"));
    let said = run(command.args(arguments)).expect(0).stdout;
    assert!(said.contains("\n0 differences"), "{said}");
}

#[test]
fn agrees_on_many_small_worlds() {
    agrees(&["--cases", "15000", "--names", "12", "--accounts", "4", "--seed", "11"]);
}

#[test]
fn agrees_on_a_larger_world() {
    agrees(&["--cases", "30000", "--names", "120", "--accounts", "5", "--seed", "12"]);
}
