//! `nightly`: one night after the other in one state directory.
//!
//! * this file: the bench that the others share
//! * `nights`: from an empty directory to the third night, and the second run of a day
//! * `feeds`: what is delivered: new, known, bad, gone
//! * `mail`: data about mail servers, and classes of mail domains
//! * `failures`: nights without a report, mistakes, what monitoring is told
//! * `kills`: the lock, kills at every step and at many moments, signals
//! * `template`: `data/zonelapse.toml` and `data/systemd` against the program

mod failures;
mod feeds;
mod kills;
mod mail;
mod nights;
mod template;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Bench, Report, Run, many_names, run, zone, zonelapse};

/// Feeds and a state directory, and a configuration file beside them.
pub struct Nights {
    pub bench: Bench,
}

/// What a configuration names.
const CONFIG: &str = "state = \"state\"\naccounts = [\"accounts.csv\"]\nzones = [\"zones\"]\nrdap = [\"answers\"]\n\
    registry = [\"lists\"]\n";

impl Nights {
    /// Accounts at some names of `com`, nothing delivered yet.
    pub fn new() -> Self {
        let nights = Self { bench: Bench::new() };
        for feed in ["zones", "answers", "lists"] {
            fs::create_dir(nights.path(feed)).expect("a directory");
        }
        let accounts = "id,email,verified_at\n1,a@held-example.com,2020-01-01\n2,a@freed-example.com,2020-01-01\n\
            3,a@other-example.com,2020-01-01\n";
        nights.write("accounts.csv", accounts);
        nights.write("night.toml", CONFIG);
        nights
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.bench.path(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        self.bench.write(name, text.as_bytes())
    }

    /// The zone `com` of a day of 2026, such as `0601`, with these names and so many others that one less is no loss.
    pub fn com(day: &str, names: &[&str]) -> String {
        let others = many_names(20);
        let names: Vec<&str> = names.iter().copied().chain(others.iter().map(String::as_str)).collect();
        zone("com", format!("2026{day}01").parse().expect("a serial"), &names)
    }

    /// Delivers it.
    pub fn deliver(&self, day: &str, names: &[&str]) {
        self.write(&format!("zones/com.{day}.zone"), &Self::com(day, names));
    }

    /// The command of a night, judged as of a moment.
    pub fn command(&self, as_of: &str) -> Command {
        let mut command = zonelapse();
        command.arg("nightly").arg("--config").arg(self.path("night.toml")).args(["--as-of", as_of]);
        command
    }

    /// Runs a night to its end.
    pub fn run(&self, as_of: &str) -> Run {
        run(&mut self.command(as_of))
    }

    pub fn report(&self, day: &str) -> Report {
        Report::read(&self.path("state/reports").join(day))
    }

    /// `mail_domain state risk action` of the accounts in the report that `latest` leads to.
    pub fn latest(&self) -> Vec<String> {
        Report::read(&self.path("state/latest")).verdicts()
    }

    /// The changes that a report tells, as `change domains accounts`.
    pub fn changes(&self, day: &str) -> Value {
        self.report(day).value("/changes").clone()
    }

    /// A figure of the night's metrics that has no labels.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let text = fs::read_to_string(self.path("state/metrics.prom")).expect("metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("zonelapse_{name} ")));
        line.map(|value| value.parse().expect("a number"))
    }

    /// Expects that no temporary file of any run is left in the state directory.
    #[track_caller]
    pub fn is_tidy(&self) {
        let mut open = vec![self.path("state")];
        while let Some(directory) = open.pop() {
            for path in paths(&directory) {
                let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
                assert!(
                    !name.contains(".zonelapse-")
                        && !name.contains(".building-")
                        && !name.contains("finished"),
                    "left behind: {}",
                    path.display()
                );
                if path.is_dir() && !path.is_symlink() {
                    open.push(path);
                }
            }
        }
    }
}

/// What a directory holds.
fn paths(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
