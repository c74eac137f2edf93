//! `stream`: rows judged for other engines.
//!
//! * `agree`: the same verdicts as the audit, row by row, in every format, for any batch size
//! * `arrow`, `mail`: inputs for these tests
//! * `night`: what takes all rows, by the queries of the README
//! * `servers`: the domains of servers, in every format
//! * `spark`: the same under a real Spark, whose workers fail in every way
//! * `types`: columns of every type of Arrow
//! * `told`: what is said when something is wrong
//! * `text`: what comes back for rows and inputs of every kind

mod agree;
mod arrow;
mod mail;
mod night;
mod servers;
mod spark;
mod text;
mod told;
mod types;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{AS_OF, Bench, run, zonelapse};

/// The columns that `stream` adds, in order.
pub const ADDED: [&str; 16] = [
    "mail_domain",
    "registrable_domain",
    "judged_domain",
    "tld",
    "mail_class",
    "state",
    "risk",
    "risk_rank",
    "action",
    "rule",
    "reasons",
    "earliest_drop_on",
    "latest_drop_on",
    "days_to_drop",
    "hands_changed_at",
    "as_of",
];

/// A store with the snapshots of these zones.
pub fn store_of(zones: &[PathBuf], store: &Path) {
    let mut command = zonelapse();
    run(command.args(["snapshot", "build", "--quiet", "--store"]).arg(store).args(zones));
    assert!(store.join("zonelapse.store").is_file());
}

/// `stream` by the zone and the answers of a bench.
pub fn stream(bench: &Bench, arguments: &[&str]) -> Command {
    let store = bench.path("store");
    if !store.exists() {
        store_of(&[bench.path("com.zone")], &store);
        let mut import = zonelapse();
        import.args(["rdap", "import", "--quiet", "-o"]).arg(bench.path("answers.parquet"));
        run(import.arg(bench.path("answers.ndjson"))).expect(0);
    }
    let mut command = zonelapse();
    command.arg("stream").arg("--zones").arg(store).arg("--rdap").arg(bench.path("answers.parquet"));
    command.args(["--as-of", AS_OF]).args(arguments);
    command
}

/// What a command answers to this input, in bytes.
pub fn answered(command: &mut Command, input: &[u8]) -> Output {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(input).expect("a small file can be written");
    std::io::Seek::rewind(&mut file).expect("a file can be rewound");
    command.stdin(file).output().expect("the program can be started")
}
