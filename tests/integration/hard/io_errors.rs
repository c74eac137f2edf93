//! Disks that are full, outputs that are closed, files that cannot be read, files that change while they are read: a
//! clear failure, and what was there before stays.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::jobs::Undisturbed;
use super::judge::Outcome;
use super::process::{NOBODY, Running, after_shell, run, shell};
use super::world::{Inputs, World};
use super::{Case, Harness, Verdict, copy_directory};
use crate::support::{zone, zonelapse};

/// Blocks of 512 bytes that any file of a job fits in.
const BLOCKS: usize = 90;

#[test]
fn io_errors() {
    let harness = Harness::new("hard::io_errors");
    let world = World::new();
    fs::set_permissions(world.path(""), fs::Permissions::from_mode(0o755)).expect("our own directory");
    let jobs = Undisturbed::all(&world);
    let whole = outcome(&world.inputs("accounts.csv", "answers.ndjson"), &world.path("whole"));
    let whole = whole.expect("a run of undamaged files");
    let changing = Changing::new(&world);
    harness.run(100, |case| match case.number % 8 {
        0..=2 => full_disk(&world, &jobs, case),
        3..=4 => unreadable(&world, &whole, case),
        5 => closed_outputs(&world, &whole, case),
        _ => changing.change(case),
    });
    harness.finish();
}

fn outcome(inputs: &Inputs, output: &Path) -> Result<Outcome, String> {
    let ended = run(&mut inputs.audit(output));
    Outcome::of(&ended, output)?.ok_or_else(|| ended.fault("no report"))
}

/// A file may only grow so far: writing on fails as on a full disk.
fn full_disk(world: &World, jobs: &[Undisturbed], case: &mut Case) -> Verdict {
    let place = case.path("place");
    copy_directory(&world.path("place"), &place);
    let undisturbed = case.random.pick(jobs);
    let blocks = case.random.below(BLOCKS);
    let command = undisturbed.job.command(world, &place);
    // ignored, the signal becomes an error
    let ended = run(&mut after_shell(&format!("trap '' XFSZ; ulimit -f {blocks}"), &command));
    ended.is_sound()?;
    let said = |what: String| {
        ended.fault(&format!("{:?} with files of at most {blocks} blocks: {what}", undisturbed.job))
    };
    if ended.status == Some(2) && ended.stderr.trim().is_empty() {
        return Err(said("a failure without a word".to_owned()));
    }
    undisturbed.left_nothing(&place).and_then(|()| undisturbed.is_in_order(world, &place)).map_err(said)
}

/// What stands in the place of an input.
const SPOILERS: [&str; 8] =
    ["directory", "missing", "dangling link", "no permission", "/proc/self/mem", "/dev/null", "fifo", "loop"];

/// An input that is something else, or that cannot be read.
fn unreadable(world: &World, whole: &Outcome, case: &mut Case) -> Verdict {
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    let spoiler = *case.random.pick(&SPOILERS);
    let roles: [(&str, &mut PathBuf); 9] = [
        ("accounts", &mut inputs.accounts),
        ("zone", &mut inputs.zones[0]),
        ("answers", &mut inputs.answers),
        ("overrides", &mut inputs.overrides),
        ("suffixes", &mut inputs.suffixes),
        ("bootstrap", &mut inputs.bootstrap),
        ("config", &mut inputs.config),
        ("key", &mut inputs.key),
        ("previous", &mut inputs.previous),
    ];
    let number = case.random.below(roles.len());
    let (role, path) = roles.into_iter().nth(number).expect("one of them");
    let name = path.file_name().expect("inputs have names").to_owned();
    // zones and answers are taken from directories, too: there, only regular files are read
    let inside = matches!(role, "zone" | "answers") && case.random.below(2) == 0;
    let place = case.path(if inside { "inside" } else { "." });
    fs::create_dir_all(&place).expect("a directory can be made");
    let spoiled = place.join(&name);
    let mut as_nobody = false;
    match spoiler {
        "directory" => fs::create_dir(&spoiled).expect("a directory can be made"),
        "missing" => {}
        "dangling link" => link(Path::new("nowhere"), &spoiled),
        "loop" => link(Path::new(&name), &spoiled),
        "fifo" if inside => make_fifo(&spoiled),
        "fifo" => return Ok(()),
        "no permission" => {
            if path.is_dir() {
                copy_directory(path, &spoiled);
            } else {
                fs::copy(&*path, &spoiled).expect("a file can be copied");
            }
            fs::set_permissions(&spoiled, fs::Permissions::from_mode(0o000)).expect("our own file");
            fs::set_permissions(case.path(""), fs::Permissions::from_mode(0o777)).expect("our own directory");
            as_nobody = rustix::process::getuid().is_root();
        }
        device => link(Path::new(device), &spoiled),
    }
    *path = if inside { place } else { spoiled };
    let output = case.path("report");
    let mut command = inputs.audit(&output);
    if as_nobody {
        command = world.for_nobody(&command);
        command.uid(NOBODY).gid(NOBODY);
    }
    let said =
        |what: String| format!("{role} is {spoiler}{}: {what}", if inside { " in a directory" } else { "" });
    let ended = run(&mut command);
    let found = Outcome::of(&ended, &output).map_err(said)?;
    match found {
        // nothing to be read of it must not go unnoticed
        Some(found) if !found.tells_more_than(whole) && found.changed(whole).next().is_some() => {
            Err(said(ended.fault("other verdicts, and nothing told")))
        }
        _ => Ok(()),
    }
}

fn link(target: &Path, place: &Path) {
    std::os::unix::fs::symlink(target, place).expect("a link can be made");
}

fn make_fifo(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo can be started");
    assert!(made.success());
}

/// Outputs that are closed, or full.
fn closed_outputs(world: &World, whole: &Outcome, case: &mut Case) -> Verdict {
    const CLOSED: [&str; 7] =
        [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full", ">/dev/full 2>&1"];
    let closed = *case.random.pick(&CLOSED);
    let output = case.path("report");
    let is_audit = case.random.below(2) == 0;
    let command = match case.random.below(4) {
        _ if is_audit => world.inputs("accounts.csv", "answers.ndjson").audit(&output),
        0 => {
            let mut command = zonelapse();
            command.args(["explain", "held.com", "--zones"]).arg(world.path("com.zone"));
            command
        }
        1 => {
            let mut command = zonelapse();
            command.args(["snapshot", "list", "--store"]).arg(world.path("store"));
            command
        }
        2 => {
            let mut command = zonelapse();
            command.arg("rules");
            command
        }
        _ => {
            let mut command = zonelapse();
            command.args(["audit", "--no-such-option"]);
            command
        }
    };
    let ended = run(&mut shell(&format!("exec \"$@\" {closed}"), &command));
    ended.is_sound()?;
    if is_audit {
        let status = ended.status.unwrap_or_default();
        let found = match status {
            0 | 1 => Outcome::read(&output, status).map_err(|what| ended.fault(&what))?,
            _ if output.exists() => return Err(ended.fault("a failed run left a report")),
            _ => return Ok(()),
        };
        if found.verdicts != whole.verdicts {
            return Err(ended.fault("other verdicts"));
        }
    } else if closed.starts_with(">/dev/full") && ended.status == Some(0) {
        return Err(ended.fault("results could not be written, and the status is 0"));
    }
    Ok(())
}

/// Two states of the accounts and of a zone, large enough to be caught while they are read.
struct Changing {
    inputs: Inputs,
    files: [(PathBuf, PathBuf); 2],
    known: [Outcome; 4],
    seconds: f64,
}

impl Changing {
    fn new(world: &World) -> Self {
        let accounts = fs::read_to_string(world.path("accounts.csv")).expect("accounts");
        let more: String = (0..40_000).map(|row| format!("m{row},m{row}@held.com,2020-05-01,1\n")).collect();
        let kept = accounts.lines().count() / 2;
        let half: String = accounts.split_inclusive('\n').take(kept).collect();
        let names: Vec<String> = (0..40_000).map(|name| format!("other{name:05}")).collect();
        let mut old: Vec<&str> = ["held", "again", "fine", "paused", "hosted"].into();
        old.extend(names.iter().map(String::as_str));
        let mut new = old.clone();
        new.extend(["freed", "missing"]);
        let write = |name: &str, text: &str| {
            fs::write(world.path(name), text).expect("a file can be written");
            world.path(name)
        };
        let files = [
            (write("old.csv", &(accounts + &more)), write("new.csv", &(half + &more))),
            (
                write("old.zone", &zone("com", 2_026_053_001, &old)),
                write("new.zone", &zone("com", 2_026_053_101, &new)),
            ),
        ];
        let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
        inputs.previous = world.path("none");
        let started = std::time::Instant::now();
        let known = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(accounts, zone)| {
            let choose = |which: usize, (old, new): &(PathBuf, PathBuf)| {
                if which == 0 { old.clone() } else { new.clone() }
            };
            inputs.accounts = choose(accounts, &files[0]);
            inputs.zones[0] = choose(zone, &files[1]);
            let output = world.path(&format!("changing-{accounts}{zone}"));
            outcome(&inputs, &output).expect("a run of undamaged files")
        });
        Self { inputs, files, known, seconds: started.elapsed().as_secs_f64() / 4.0 }
    }

    /// Reads the old state, which becomes another meanwhile.
    fn change(&self, case: &mut Case) -> Verdict {
        let mut inputs = self.inputs.clone();
        (inputs.accounts, inputs.zones[0]) = (case.path("a.csv"), case.path("com.zone"));
        fs::copy(&self.files[0].0, &inputs.accounts).expect("a file can be copied");
        fs::copy(&self.files[1].0, &inputs.zones[0]).expect("a file can be copied");
        let number = case.random.below(2);
        let path = [&inputs.accounts, &inputs.zones[0]][number];
        let new = &self.files[number].1;
        let beside = case.path("beside");
        fs::copy(new, &beside).expect("a file can be copied");
        let output = case.path("report");
        let running = Running::start(&mut inputs.audit(&output));
        std::thread::sleep(Duration::from_secs_f64(self.seconds * case.random.below(800) as f64 / 1000.0));
        let what = *case.random.pick(&["cut", "emptied", "renamed over", "copied over", "removed", "grown"]);
        let changed = match what {
            "cut" => fs::OpenOptions::new().write(true).open(path).and_then(|file| file.set_len(5000)),
            "emptied" => fs::write(path, ""),
            "renamed over" => fs::rename(&beside, path),
            "copied over" => fs::copy(&beside, path).map(drop),
            "removed" => fs::remove_file(path),
            _ => fs::read(new).and_then(|more| {
                use std::io::Write;
                fs::OpenOptions::new().append(true).open(path)?.write_all(&more)
            }),
        };
        changed.expect("our own file");
        let ended = running.wait();
        let said = |fault: String| format!("{} was {what} while it was read: {fault}", path.display());
        let Some(found) = Outcome::of(&ended, &output).map_err(said)? else { return Ok(()) };
        let is_known = self.known.iter().any(|known| found.is_as(known));
        if is_known || found.tells_more_than(&self.known[0]) {
            return Ok(());
        }
        Err(said(ended.fault("neither the old nor the new state, and nothing told")))
    }
}
