//! The oracle: a second implementation of the rules, written in Python from the contract alone, and compared with the
//! program over generated worlds. `tests/oracle/compare.py` does the work, and no difference is tolerated. Most worlds have
//! data about mail servers, in half of them the rows are domains, URLs or reverse-DNS names, and in half of them people have
//! decided about some names. There are lists of registries of every kind.
//!
//! Some fifteen thousand accounts are judged here. A long run is started by hand; ten million accounts take a quarter of an
//! hour on two processors with the optimised program:
//!
//! ```text
//! python3 tests/oracle/compare.py target/release/zonelapse --cases 10000000 --names 300 --accounts 10 --seed 2026 --jobs 2
//! ```
//!
//! `ZONELAPSE_ORACLE_SEED` and `ZONELAPSE_ORACLE_CASES` change the seed and the number of accounts of this test.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::readers::python;
use crate::support::run;

/// `names`: how many each zone of a world has.
#[track_caller]
fn agrees(cases: &str, names: &str, seed: &str) {
    let Some(python) = python() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/compare.py");
    let option = |name: &str, usual: &str| env::var(name).unwrap_or_else(|_| usual.to_owned());
    let (cases, seed) = (option("ZONELAPSE_ORACLE_CASES", cases), option("ZONELAPSE_ORACLE_SEED", seed));
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script).arg(env!("CARGO_BIN_EXE_zonelapse"));
    command.args(["--cases", &cases, "--names", names, "--accounts", "4", "--seed", &seed, "--jobs", "2"]);
    let run = run(&mut command);
    assert!(run.stdout.contains("\n0 differences"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn agrees_on_small_worlds() {
    agrees("2500", "12", "11");
}

#[test]
fn agrees_on_a_larger_world() {
    agrees("10000", "60", "12");
}
