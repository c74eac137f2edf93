//! Runs that are killed at any moment: what was there before is there, whole, or what was to be; the next run
//! succeeds as ever; and nothing is left behind.
//!
//! Half of the kills come after a time that is drawn, half after a number of changes seen in the directories: the
//! moments between two renames are short.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use super::jobs::{Job, Undisturbed};
use super::process::{Ended, Running};
use super::world::World;
use super::{Case, Harness, Verdict, copy_directory};

const JOBS: [Job; 4] = [Job::Audit, Job::Build, Job::Audit, Job::Import];
const SIGNALS: [Signal; 5] = [Signal::KILL, Signal::KILL, Signal::TERM, Signal::INT, Signal::HUP];

#[test]
fn crashes() {
    let harness = Harness::new("hard::crashes");
    let world = World::new();
    let jobs = Undisturbed::all(&world);
    harness.run(60, |case| {
        let job = match case.random.below(10) {
            0 => Job::Prune,
            1 => Job::Export,
            _ => *case.random.pick(&JOBS),
        };
        let undisturbed = jobs.iter().find(|known| known.job == job).expect("every job was run");
        if case.number % 10 == 9 {
            together(&world, undisturbed, case)
        } else {
            kill(&world, undisturbed, case)
        }
    });
    harness.finish();
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

/// The same job three times at once: each comes to its end, one at least to what it always comes to.
fn together(world: &World, undisturbed: &Undisturbed, case: &Case) -> Verdict {
    let place = case.path("place");
    copy_directory(&world.path("place"), &place);
    let job = undisturbed.job;
    let running: Vec<Running> = (0..3).map(|_| Running::start(&mut job.command(world, &place))).collect();
    let ended: Vec<Ended> = running.into_iter().map(Running::wait).collect();
    ended.iter().try_for_each(Ended::is_sound)?;
    if !ended.iter().any(|ended| ended.status == undisturbed.status) {
        return Err(ended[0].fault("of three at once, none ended as one alone"));
    }
    undisturbed.is_in_order(world, &place).map_err(|what| ended[0].fault(&format!("three at once: {what}")))
}

fn check(
    world: &World,
    undisturbed: &Undisturbed,
    place: &Path,
    (ended, signal): (&Ended, Signal),
) -> Verdict {
    let by_itself = matches!(ended.status, Some(0..=2)) || ended.status == Some(128 + signal.as_raw());
    if ended.hung
        || ended.stderr.contains("panicked at")
        || !by_itself && ended.signal != Some(signal.as_raw())
    {
        return Err("another end than by the signal".to_owned());
    }
    if signal != Signal::KILL {
        undisturbed.left_nothing(place).map_err(|what| format!("right after the signal: {what}"))?;
    }
    undisturbed.is_in_order(world, place)
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
