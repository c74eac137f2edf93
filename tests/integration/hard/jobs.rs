//! What is disturbed: commands that write, in a place that holds what they wrote before; and what they leave when
//! nothing disturbs them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::judge::Outcome;
use super::process::run;
use super::world::{World, ZONE_FILES};
use super::{Verdict, copy_directory, entries};
use crate::support::{read_parquet, rows, zone, zonelapse};

/// What is disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    /// An audit in the place of an earlier report, its zones kept in a store.
    Audit,
    /// A build in a store that has earlier dates of the zones.
    Build,
    /// A store loses all but the last dates.
    Prune,
    /// An import into the table it is one of the inputs of.
    Import,
    /// An export in the place of an earlier one.
    Export,
}

/// What a job leaves when nothing disturbs it.
pub(super) struct Undisturbed {
    pub job: Job,
    pub seconds: f64,
    pub status: Option<i32>,
    listing: Vec<String>,
    before: State,
    after: State,
}

/// What is in a place, as far as it matters.
#[derive(Debug, PartialEq)]
struct State {
    report: Result<Outcome, String>,
    answers: Vec<String>,
    names: usize,
    snapshots: Vec<String>,
}

/// A place with an earlier report, a store of some days and an earlier import.
fn prepare(world: &World) {
    let place = world.path("place");
    copy_directory(&world.path("store"), &place.join("store"));
    fs::create_dir(place.join("tmp")).expect("a directory can be made");
    for day in 26..31 {
        let name = format!("kept-{day}.zone");
        fs::write(world.path(&name), zone("com", 2_026_050_001 + day * 100, &["held", "fine", "hosted"]))
            .expect("a zone can be written");
        let mut build = zonelapse();
        build.args(["snapshot", "build"]).arg(world.path(&name)).arg("--store").arg(place.join("store"));
        assert_eq!(run(&mut build).status, Some(0));
    }
    let answers = fs::read_to_string(world.path("answers.ndjson")).expect("answers");
    let half: String = answers.split_inclusive('\n').step_by(2).collect();
    fs::write(world.path("half.ndjson"), half).expect("a file can be written");
    // the earlier report knows half of the answers, so that old and new can be told apart
    let earlier = run(&mut world.inputs("accounts.csv", "half.ndjson").audit(&place.join("report")));
    assert_eq!(earlier.status, Some(0));
    let mut import = zonelapse();
    import
        .args(["rdap", "import"])
        .arg(world.path("half.ndjson"))
        .arg("-o")
        .arg(place.join("answers.parquet"));
    assert_eq!(run(&mut import).status, Some(0));
    let mut export = zonelapse();
    export.args(["snapshot", "export", "biz@2026-05-01", "--store"]).arg(place.join("store"));
    assert_eq!(run(export.arg("-o").arg(place.join("names.parquet"))).status, Some(0));
}

impl Job {
    pub(super) fn command(self, world: &World, place: &Path) -> Command {
        let (store, answers) = (place.join("store"), place.join("answers.parquet"));
        let mut command = match self {
            Self::Audit => {
                let inputs = world.inputs("accounts.csv", "answers.ndjson");
                let mut command = inputs.audit(&place.join("report"));
                command.arg("--store").arg(store);
                command
            }
            Self::Build => {
                let mut command = zonelapse();
                command.args(["snapshot", "build"]).args(ZONE_FILES.map(|name| world.path(name)));
                command.args(["--max-shrink", "100", "--store"]).arg(store);
                command
            }
            Self::Prune => {
                let mut command = zonelapse();
                command.args(["snapshot", "prune", "--keep-last", "1", "--store"]).arg(store);
                command
            }
            Self::Import => {
                let mut command = zonelapse();
                command.args(["rdap", "import"]).arg(&answers).arg(world.path("answers.ndjson"));
                command.arg("-o").arg(answers);
                command
            }
            Self::Export => {
                let mut command = zonelapse();
                command.args(["snapshot", "export", "biz@2026-05-31", "--store"]).arg(store);
                command.arg("-o").arg(place.join("names.parquet"));
                command
            }
        };
        command.env("TMPDIR", place.join("tmp"));
        command
    }
}

impl Undisturbed {
    /// Every job, run once in a place of its own.
    pub(super) fn all(world: &World) -> Vec<Self> {
        prepare(world);
        [Job::Audit, Job::Build, Job::Prune, Job::Import, Job::Export].map(|job| Self::of(world, job)).into()
    }

    /// That a place in which the job was disturbed is in order: report, table and store are the old or the new ones,
    /// whole; the job run again comes to what it always comes to, and leaves nothing of the disturbed run.
    pub(super) fn is_in_order(&self, world: &World, place: &Path) -> Verdict {
        let state = State::of(place);
        let (before, after) = (&self.before, &self.after);
        let report = state.report?;
        let is_one = |known: &Result<Outcome, String>| known.as_ref().is_ok_and(|known| known.is_as(&report));
        if !is_one(&before.report) && !is_one(&after.report) {
            return Err("the report is neither the old nor the new one".to_owned());
        }
        if ![&before.answers, &after.answers].contains(&&state.answers) {
            return Err("the table of answers is neither the old nor the new one".to_owned());
        }
        if ![before.names, after.names].contains(&state.names) {
            return Err("the table of names is neither the old nor the new one".to_owned());
        }
        let verified = run(zonelapse().args(["snapshot", "verify", "--store"]).arg(place.join("store")));
        if verified.status != Some(0) {
            return Err(verified.fault("the store does not verify"));
        }
        let again = run(&mut self.job.command(world, place));
        again.is_sound()?;
        if again.status != self.status {
            return Err(again.fault("the next run ends otherwise"));
        }
        let state = State::of(place);
        let report = state.report.map_err(|what| format!("after the next run: {what}"))?;
        if !after.report.as_ref().is_ok_and(|known| known.is_as(&report))
            || (&state.answers, state.names) != (&after.answers, after.names)
            || state.snapshots != after.snapshots
        {
            return Err("the next run comes to something else".to_owned());
        }
        self.left_nothing(place).map_err(|what| format!("after the next run: {what}"))
    }

    /// That a place holds no names that no undisturbed run leaves.
    pub(super) fn left_nothing(&self, place: &Path) -> Verdict {
        let is_known = |name: &String| {
            // what was pruned may still be there
            self.listing.contains(name) || self.before.snapshots.iter().any(|known| name.ends_with(known))
        };
        let strange: Vec<String> = listing(place).into_iter().filter(|name| !is_known(name)).collect();
        if strange.is_empty() { Ok(()) } else { Err(format!("left behind: {}", strange.join(", "))) }
    }

    fn of(world: &World, job: Job) -> Self {
        let place = world.path(&format!("{job:?}"));
        copy_directory(&world.path("place"), &place);
        let before = State::of(&place);
        let started = Instant::now();
        let ended = run(&mut job.command(world, &place));
        let seconds = started.elapsed().as_secs_f64();
        ended.is_sound().unwrap_or_else(|fault| panic!("{fault}"));
        assert!(matches!(ended.status, Some(0 | 1)), "{job:?}: {ended:?}");
        let after = State::of(&place);
        Self { job, seconds, status: ended.status, listing: listing(&place), before, after }
    }
}

impl State {
    fn of(place: &Path) -> Self {
        let report = match place.join("report").is_dir() {
            true => Outcome::read(&place.join("report"), 0),
            false => Err("no report".to_owned()),
        };
        let table = read_parquet(&place.join("answers.parquet"));
        let answers = rows(&table, &["domain", "rdap_outcome", "rdap_fetched_at"]);
        let snapshots = listing(&place.join("store"));
        let snapshots = snapshots.into_iter().filter(|name| name.ends_with(".zls")).collect();
        let names = read_parquet(&place.join("names.parquet")).height();
        Self { report, answers, names, snapshots }
    }
}

/// Everything below a directory, sorted.
fn listing(directory: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for name in entries(directory) {
        if let Some(below) = name.strip_suffix('/') {
            all.extend(listing(&directory.join(below)).iter().map(|inner| format!("{below}/{inner}")));
        }
        all.push(name);
    }
    all
}
