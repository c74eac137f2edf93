//! Runs that are killed at any moment: what was there before is there, whole, or what was to be; the next run
//! succeeds as ever; and nothing is left behind.
//!
//! Half of the kills come after a time that is drawn, half after a number of changes seen in the directories: the
//! moments between two renames are short.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::judge::Outcome;
use super::process::{Ended, Running, run};
use super::world::{World, ZONE_FILES};
use super::{Case, Harness, Verdict, copy_directory, entries};
use crate::support::{read_parquet, rows, zone, zonelapse};

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    /// An audit in the place of an earlier report, its zones kept in a store.
    Audit,
    /// A build in a store that has earlier dates of the zones.
    Build,
    /// A store loses all but the last dates.
    Prune,
    /// An import into the table it is one of the inputs of.
    Import,
}

const JOBS: [Job; 4] = [Job::Audit, Job::Build, Job::Audit, Job::Import];
const SIGNALS: [Signal; 5] = [Signal::KILL, Signal::KILL, Signal::TERM, Signal::INT, Signal::HUP];

/// What a job leaves when nothing disturbs it.
struct Undisturbed {
    job: Job,
    seconds: f64,
    status: Option<i32>,
    listing: Vec<String>,
    before: State,
    after: State,
}

/// What is in a place, as far as it matters.
#[derive(Debug, PartialEq)]
struct State {
    report: Result<Outcome, String>,
    answers: Vec<String>,
    snapshots: Vec<String>,
}

#[test]
fn crashes() {
    let harness = Harness::new("hard::crashes");
    let world = World::new();
    prepare(&world);
    let jobs: Vec<Undisturbed> =
        [Job::Audit, Job::Build, Job::Prune, Job::Import].map(|job| Undisturbed::of(&world, job)).into();
    harness.run(100, |case| {
        let job = match case.random.below(8) {
            0 => Job::Prune,
            _ => *case.random.pick(&JOBS),
        };
        let undisturbed = jobs.iter().find(|known| known.job == job).expect("every job was run");
        kill(&world, undisturbed, case)
    });
    harness.finish();
}

/// A place with an earlier report, a store of some days and an earlier import.
fn prepare(world: &World) {
    let place = world.path("place");
    copy_directory(&world.path("previous"), &place.join("report"));
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
    let mut import = zonelapse();
    import
        .args(["rdap", "import"])
        .arg(world.path("half.ndjson"))
        .arg("-o")
        .arg(place.join("answers.parquet"));
    assert_eq!(run(&mut import).status, Some(0));
}

impl Job {
    fn command(self, world: &World, place: &Path) -> Command {
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
        };
        command.env("TMPDIR", place.join("tmp"));
        command
    }
}

impl Undisturbed {
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
        Self { report, answers, snapshots }
    }
}

fn kill(world: &World, undisturbed: &Undisturbed, case: &mut Case) -> Verdict {
    let place = case.path("place");
    copy_directory(&world.path("place"), &place);
    let signal = *case.random.pick(&SIGNALS);
    let job = undisturbed.job;
    let mut running = Running::start(&mut job.command(world, &place));
    let moment = match case.number % 2 {
        0 => {
            let wait = Duration::from_secs_f64(undisturbed.seconds * case.random.below(1200) as f64 / 1000.0);
            std::thread::sleep(wait);
            format!("after {} us", wait.as_micros())
        }
        _ => {
            let changes = 1 + case.random.below(if job == Job::Audit { 12 } else { 6 });
            wait_for_changes(&place, changes, &mut running);
            format!("at change {changes}")
        }
    };
    running.signal(signal);
    let ended = running.wait();
    check(world, undisturbed, &place, (&ended, signal))
        .map_err(|what| ended.fault(&format!("{job:?}, {signal:?} {moment}: {what}")))
}

fn check(
    world: &World,
    undisturbed: &Undisturbed,
    place: &Path,
    (ended, signal): (&Ended, Signal),
) -> Verdict {
    let job = undisturbed.job;
    let by_itself = matches!(ended.status, Some(0..=2)) || ended.status == Some(128 + signal.as_raw());
    if ended.hung
        || ended.stderr.contains("panicked at")
        || !by_itself && ended.signal != Some(signal.as_raw())
    {
        return Err("another end than by the signal".to_owned());
    }
    if signal != Signal::KILL {
        left_behind(place, undisturbed).map_err(|what| format!("right after the signal: {what}"))?;
    }
    let state = State::of(place);
    let (before, after) = (&undisturbed.before, &undisturbed.after);
    let report = state.report?;
    if ![&before.report, &after.report]
        .iter()
        .any(|known| known.as_ref().is_ok_and(|known| is_same(known, &report)))
    {
        return Err("the report is neither the old nor the new one".to_owned());
    }
    if ![&before.answers, &after.answers].contains(&&state.answers) {
        return Err("the table of answers is neither the old nor the new one".to_owned());
    }
    let verified = run(zonelapse().args(["snapshot", "verify", "--store"]).arg(place.join("store")));
    if verified.status != Some(0) {
        return Err(format!("the store does not verify: {}", verified.stderr));
    }
    let again = run(&mut job.command(world, place));
    again.is_sound()?;
    if again.status != undisturbed.status {
        return Err(again.fault("the next run ends otherwise"));
    }
    let state = State::of(place);
    let report = state.report.map_err(|what| format!("after the next run: {what}"))?;
    if !after.report.as_ref().is_ok_and(|known| is_same(known, &report))
        || (&state.answers, &state.snapshots) != (&after.answers, &after.snapshots)
    {
        return Err("the next run comes to something else".to_owned());
    }
    left_behind(place, undisturbed).map_err(|what| format!("after the next run: {what}"))
}

fn is_same(known: &Outcome, found: &Outcome) -> bool {
    (&known.verdicts, known.rejected) == (&found.verdicts, found.rejected)
}

/// Names that no undisturbed run leaves.
fn left_behind(place: &Path, undisturbed: &Undisturbed) -> Verdict {
    let is_known = |name: &String| {
        // what was pruned may still be there
        undisturbed.listing.contains(name)
            || undisturbed.before.snapshots.iter().any(|known| name.ends_with(known))
    };
    let strange: Vec<String> = listing(place).into_iter().filter(|name| !is_known(name)).collect();
    if strange.is_empty() { Ok(()) } else { Err(format!("left behind: {}", strange.join(", "))) }
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

/// Waits until the names in the place and in its store have changed so many times, or the process has ended.
fn wait_for_changes(place: &Path, changes: usize, running: &mut Running) {
    let look = || {
        let names = |path: &Path| -> Vec<std::ffi::OsString> {
            let entries = fs::read_dir(path).into_iter().flatten();
            entries.filter_map(|entry| entry.ok().map(|entry| entry.file_name())).collect()
        };
        let mut seen = names(place);
        // the report that is being written lies beside the one that is there
        let partial = seen.iter().find(|name| name.to_string_lossy().contains("partial")).cloned();
        seen.extend(partial.into_iter().flat_map(|name| names(&place.join(name))));
        for zone in names(&place.join("store")) {
            seen.extend(names(&place.join("store").join(zone)));
        }
        seen.sort_unstable();
        seen
    };
    let (mut last, mut left) = (look(), changes);
    while left > 0 && !running.has_ended() {
        let now = look();
        if now != last {
            (last, left) = (now, left - 1);
        }
    }
}
