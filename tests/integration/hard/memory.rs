//! Bombs, small files that want much memory, and runs that are given less and less of it: bounded, or a clear end, and
//! never another report.
//!
//! Bombs are files of the world with an endless last line, packed: a megabyte holds hundreds. The short run's are
//! smaller, and so is what they may take.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use super::judge::Outcome;
use super::process::{NOBODY, after_shell, run};
use super::world::{Inputs, World, zstd};
use super::{Case, Harness, Verdict};
use crate::support::gzip;

/// A line of a text that goes on.
const LINE: &str = "a line of a text that somebody put into a cell and that goes on for quite a while, as it does at times\n";
/// Bytes of one block of a bomb.
const BLOCK: usize = 4 << 20;

/// A text of the world, what its last line begins with, and what it goes on with.
const BOMBS: [(&str, &str, &str); 30] = [
    ("accounts.csv", "", "a"),
    ("accounts.csv", "x,", "a"),
    ("accounts.csv", "\"", "a"),
    ("accounts.csv", "x,\"a@held.com", "\n"),
    ("accounts.csv", "x,\"", LINE),
    ("accounts.csv", "x", ","),
    ("accounts.csv", "", "\""),
    ("accounts.csv", "x,\"", "\"\""),
    ("accounts.csv", "", "\0"),
    ("accounts.tsv", "x", "\t"),
    ("accounts.tsv", "", "a"),
    ("accounts.ndjson", "{\"email\":\"", "a"),
    ("accounts.ndjson", "", "["),
    ("accounts.ndjson", "", "{\"a\":"),
    ("accounts.ndjson", "{", " "),
    ("accounts.txt", "", "a"),
    ("accounts.txt", "", "a@held.com "),
    ("answers.ndjson", "{\"domain\":\"", "a"),
    ("answers.ndjson", "", "["),
    ("answers.ndjson", "{\"status\":[", "\"active\","),
    ("answers.ndjson", "", " "),
    ("answers.json", "", "a"),
    ("answers.json", "", "["),
    ("com.zone", "", "a"),
    ("com.zone", "", "a."),
    ("com.zone", "x ns (", "\n"),
    ("com.zone", "x txt ", "\"a\" "),
    ("com.zone", "", "\0"),
    ("se.list", "", "a"),
    ("se.list", "", "a "),
];

/// A bomb that goes off shall not take the machine with it.
const ENOUGH: &str = "ulimit -v 3000000";
/// Small files that are read in one piece.
const SMALL: [&str; 6] = ["overrides", "suffixes", "bootstrap", "config", "key", "previous"];

#[test]
fn memory() {
    let harness = Harness::new("hard::memory");
    let world = World::new();
    fs::set_permissions(world.path(""), Permissions::from_mode(0o755)).expect("our own directory");
    let output = world.path("whole");
    let ended = run(&mut world.inputs("accounts.csv", "answers.ndjson").audit(&output));
    let whole = Outcome::of(&ended, &output).ok().flatten().expect("a run of undamaged files");
    // text of a bomb in blocks, and MiB that it may take
    let (blocks, resident) = if harness.is_long() { (500, 1024) } else { (50, 300) };
    harness.run(40, |case| match (case.number % 4, case.random.below(5)) {
        (1.., _) => bomb(&world, &whole, (blocks, resident), case),
        (_, 0 | 1) => large_small_file(&world, (blocks, resident), case),
        (_, 2) => few_threads(&world, &whole, case),
        _ => less_memory(&world, &whole, case),
    });
    harness.finish();
}

/// The inputs with one file in the place of that of the same kind.
fn inputs_with(world: &World, name: &str, path: &Path) -> Inputs {
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    let place = match name.split('.').next() {
        Some("accounts") => &mut inputs.accounts,
        Some("answers") => &mut inputs.answers,
        _ => inputs.zones.iter_mut().find(|zone| zone.ends_with(name)).expect("one of the zones"),
    };
    *place = path.to_path_buf();
    inputs
}

fn bomb(world: &World, whole: &Outcome, (blocks, resident): (usize, u64), case: &mut Case) -> Verdict {
    let (name, start, filler) = BOMBS[(case.number * 3 / 4) as usize % BOMBS.len()];
    let mut first = fs::read(world.path(name)).expect("a file of the world");
    first.extend_from_slice(start.as_bytes());
    let block = filler.repeat(BLOCK / filler.len());
    let ending = *case.random.pick(&["gz", "zst"]);
    let pack = |bytes: &[u8]| if ending == "gz" { gzip(bytes) } else { zstd(bytes) };
    let mut bytes = pack(&first);
    let block = pack(block.as_bytes());
    for _ in 0..blocks {
        bytes.extend_from_slice(&block);
    }
    // what is packed as small as that counts, nothing else does
    let path = case.write(&format!("{name}.{ending}"), &bytes);
    let output = case.path("report");
    let said = |what: String| format!("{name}.{ending} ends in `{start}` and endless {filler:?}: {what}");
    let ended = run(&mut after_shell(ENOUGH, &inputs_with(world, name, &path).audit(&output)));
    ended.is_sound_within(resident).map_err(said)?;
    let Some(found) = Outcome::of(&ended, &output).map_err(said)? else { return Ok(()) };
    if name.starts_with("accounts") && !whole.verdicts.keys().all(|known| found.verdicts.contains_key(known))
    {
        return Err(said(ended.fault("accounts before the bomb are missing")));
    }
    // blank space, and addresses of a text, are nothing wrong
    let is_plain =
        filler.trim().is_empty() && !start.contains('"') && !start.contains('(') && !start.contains('{');
    if !is_plain && !found.tells_more_than(whole) {
        return Err(said(ended.fault("nothing is told of it")));
    }
    Ok(())
}

/// A file that is read in one piece is far larger than it can be.
fn large_small_file(world: &World, (blocks, resident): (usize, u64), case: &mut Case) -> Verdict {
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    let role = *case.random.pick(&SMALL);
    let place = match role {
        "overrides" => &mut inputs.overrides,
        "suffixes" => &mut inputs.suffixes,
        "bootstrap" => &mut inputs.bootstrap,
        "config" => &mut inputs.config,
        "key" => &mut inputs.key,
        _ => &mut inputs.previous,
    };
    let what = *case.random.pick(&["sparse", "/dev/zero", "text", "nested"]);
    let file = if role == "previous" { case.path("previous/manifest.json") } else { case.path("large") };
    fs::create_dir_all(file.parent().expect("it has one")).expect("a directory can be made");
    match what {
        "sparse" => {
            let length = (blocks * BLOCK) as u64;
            File::create(&file).and_then(|file| file.set_len(length)).expect("a sparse file can be made");
        }
        "/dev/zero" => std::os::unix::fs::symlink(what, &file).expect("a link can be made"),
        "text" => {
            let mut text =
                if place.is_file() { fs::read(&*place).expect("a file of the world") } else { Vec::new() };
            text.extend(b"# and so on\n".repeat(10 << 16));
            fs::write(&file, text).expect("a file can be written");
        }
        _ => {
            let open = if role == "config" { "zones = " } else { "" };
            fs::write(&file, open.to_owned() + &"[".repeat(9 << 20)).expect("a file can be written");
        }
    }
    *place = if role == "previous" { case.path("previous") } else { file };
    let output = case.path("report");
    let ended = run(&mut after_shell(ENOUGH, &inputs.audit(&output)));
    let said = |fault: String| format!("--{role} is {what}: {fault}");
    ended.is_sound_within(resident).map_err(said)?;
    Outcome::of(&ended, &output).map_err(said).map(drop)
}

/// A run with an address space of its own size: it ends as ever, or in the open, and then there is no report.
fn less_memory(world: &World, whole: &Outcome, case: &mut Case) -> Verdict {
    let mebibytes = 100 + case.random.below(1500);
    let output = case.path("report");
    let command = world.inputs("accounts.csv", "answers.ndjson").audit(&output);
    let ended = run(&mut after_shell(&format!("ulimit -v {}", mebibytes << 10), &command));
    let said = |what: &str| ended.fault(&format!("with {mebibytes} MiB of addresses: {what}"));
    let is_aborted = ended.signal == Some(6) && ended.stderr.contains("memory");
    if ended.status.is_none() && !is_aborted {
        return Err(said(&format!("ended by signal {:?}", ended.signal)));
    }
    outcome_or_nothing(&ended, whole, &output).map_err(|what| said(&what))
}

fn outcome_or_nothing(ended: &super::process::Ended, whole: &Outcome, output: &Path) -> Verdict {
    // a new thread for whose guard page there is no memory panics in the standard library itself
    if ended.stderr.contains("panicked at") && !ended.stderr.contains("unix/stack_overflow.rs") {
        return Err("a panic".to_owned());
    }
    match ended.status {
        Some(status @ (0 | 1)) => {
            let found = Outcome::read(output, status)?;
            // a zone for whose unpacking there was no memory is named
            let is_told = status == 1 && found.tells_more_than(whole);
            if is_told || found.is_as(whole) { Ok(()) } else { Err("another report".to_owned()) }
        }
        _ if output.exists() => Err("a failed run left a report".to_owned()),
        Some(2) | None => Ok(()),
        Some(status) => Err(format!("exit status {status}")),
    }
}

/// A user who may have only so many threads.
fn few_threads(world: &World, whole: &Outcome, case: &mut Case) -> Verdict {
    if !rustix::process::getuid().is_root() {
        // the limit counts all of a user's processes, and ours are many
        return Ok(());
    }
    let threads = 1 + case.random.below(12);
    fs::set_permissions(case.path(""), Permissions::from_mode(0o777)).expect("our own directory");
    let output = case.path("report");
    let command = world.inputs("accounts.csv", "answers.ndjson").audit(&output);
    // shells differ in the letter
    let limit = format!("ulimit -u {threads} 2>/dev/null || ulimit -p {threads}");
    let mut command = after_shell(&limit, &world.for_nobody(&command));
    command.uid(NOBODY).gid(NOBODY);
    let ended = run(&mut command);
    let said = |what: &str| ended.fault(&format!("with {threads} threads: {what}"));
    ended.is_sound()?;
    outcome_or_nothing(&ended, whole, &output).map_err(|what| said(&what))
}
