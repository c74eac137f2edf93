//! Every kind of input file, damaged in every way: a clear end, no row lost, and no verdict that changes unless it is
//! told.
//!
//! What nobody can see is no fault: another letter in a text without a checksum, a text that was cut at a line's end.
//! Such damage must only be survived.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::damage::{Damaged, Kind};
use super::judge::Outcome;
use super::world::{ACCOUNTS, ANSWERS, Inputs, World, ZONE_FILES};
use super::{Case, Harness, Verdict, copy_directory, process};
use crate::support::zonelapse;

/// What is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Accounts(&'static str),
    Answers(&'static str),
    Zone(&'static str),
    Snapshot,
    Previous(&'static str),
    Overrides,
    Suffixes,
    Bootstrap,
    Config,
    Key,
}

/// What a run must say of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// Nothing: it cannot be seen.
    Survives,
    /// If a verdict is milder than it was.
    TellsMilder,
    /// If any verdict is another.
    TellsChanges,
    /// Always, by exit status 1 or 2.
    Fails,
}

#[test]
fn malformed() {
    let harness = Harness::new("hard::malformed");
    let world = World::new();
    let wholes = wholes(&world);
    let targets = targets();
    harness.run(200, |case| {
        let target = targets[case.number as usize % targets.len()];
        attempt(&world, &wholes, target, case)
    });
    harness.finish();
}

fn targets() -> Vec<Target> {
    let mut targets: Vec<Target> = ACCOUNTS.map(Target::Accounts).to_vec();
    targets.extend(ANSWERS.map(Target::Answers));
    targets.extend(ZONE_FILES.map(Target::Zone));
    targets.extend(["manifest.json", "accounts.parquet", "domains.parquet"].map(Target::Previous));
    let others = [Target::Overrides, Target::Suffixes, Target::Bootstrap, Target::Config, Target::Key];
    targets.extend(others);
    targets.push(Target::Snapshot);
    targets
}

/// What is said of the undamaged files, by accounts and answers.
fn wholes(world: &World) -> HashMap<(&'static str, &'static str), Outcome> {
    let forms = ACCOUNTS.map(|accounts| (accounts, ANSWERS[0])).into_iter();
    let forms = forms.chain(ANSWERS.map(|answers| (ACCOUNTS[0], answers)));
    let whole = |(accounts, answers): (&'static str, &'static str)| {
        let output = world.path("whole");
        let ended = process::run(&mut world.inputs(accounts, answers).audit(&output));
        let outcome =
            Outcome::of(&ended, &output).unwrap_or_else(|fault| panic!("{accounts}, {answers}: {fault}"));
        fs::remove_dir_all(&output).expect("a report can be removed");
        let outcome = outcome.expect("a run of undamaged files makes a report");
        assert_eq!((outcome.rejected, outcome.verdicts.len()), (0, 42), "{accounts}, {answers}");
        ((accounts, answers), outcome)
    };
    forms.map(whole).collect()
}

fn attempt(
    world: &World,
    wholes: &HashMap<(&'static str, &'static str), Outcome>,
    target: Target,
    case: &mut Case,
) -> Verdict {
    let forms = match target {
        Target::Accounts(name) => (name, ANSWERS[0]),
        Target::Answers(name) => (ACCOUNTS[0], name),
        _ => (ACCOUNTS[0], ANSWERS[0]),
    };
    let mut inputs = world.inputs(forms.0, forms.1);
    let path = target.file(&mut inputs, case);
    let whole = fs::read(&path).expect("a file of the world");
    let others = [&ACCOUNTS[..], &ANSWERS, &ZONE_FILES].concat();
    let other: &&str = case.random.pick(&others);
    let other = fs::read(world.path(other)).expect("a file of the world");
    let damaged = Damaged::draw(&whole, &other, &mut case.random);
    fs::write(&path, &damaged.bytes).expect("a damaged file can be written");
    if case.random.below(6) == 0 {
        other_commands(target, &path, case)?;
    }
    let output = case.path("report");
    let ended = process::run(&mut inputs.audit(&output));
    let said = format!("{target:?}, {}", damaged.what);
    let outcome = Outcome::of(&ended, &output).map_err(|fault| format!("{said}: {fault}"))?;
    judge(target, &damaged, outcome.as_ref(), &wholes[&forms])
        .and_then(|()| intact_lines(target, &whole, &damaged, outcome.as_ref()))
        .map_err(|what| format!("{said}: {}", ended.fault(&what)))
}

impl Target {
    /// Puts a copy of the target into the case, and into the inputs; gives the file to be damaged.
    fn file(self, inputs: &mut Inputs, case: &Case) -> PathBuf {
        let copy = |path: &mut PathBuf| {
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            let target = case.path(&name);
            if path.is_dir() {
                copy_directory(path, &target);
            } else {
                fs::copy(&*path, &target).expect("a file can be copied");
            }
            path.clone_from(&target);
            target
        };
        match self {
            Self::Accounts(_) => copy(&mut inputs.accounts),
            Self::Answers(_) => copy(&mut inputs.answers),
            Self::Zone(name) => {
                let zone = inputs.zones.iter_mut().find(|zone| zone.ends_with(name));
                copy(zone.expect("it is one of the zones"))
            }
            Self::Snapshot => {
                copy(inputs.zones.last_mut().expect("there are zones")).join("biz/2026-05-31.zls")
            }
            Self::Previous(name) => copy(&mut inputs.previous).join(name),
            Self::Overrides => copy(&mut inputs.overrides),
            Self::Suffixes => copy(&mut inputs.suffixes),
            Self::Bootstrap => copy(&mut inputs.bootstrap),
            Self::Config => copy(&mut inputs.config),
            Self::Key => copy(&mut inputs.key),
        }
    }

    /// What must be told of damage to it.
    fn claim(self, damaged: &Damaged) -> Claim {
        use Kind::{Cut, Empty, Html, LineEnds, Nuls, Zeroed};
        let name = match self {
            Self::Accounts(name) | Self::Answers(name) | Self::Zone(name) | Self::Previous(name) => name,
            _ => "",
        };
        let is_packed = name.ends_with("gz") || name.ends_with("zst");
        let is_lost = matches!(damaged.kind, Zeroed | Html | Empty)
            || damaged.kind == Cut && !damaged.ends_with_a_line();
        match self {
            Self::Config | Self::Key | Self::Accounts("accounts.parquet") => Claim::Survives,
            // another whole file of the kind in its place is no damage
            _ if damaged.kind == Kind::Other => Claim::Survives,
            Self::Zone("se.list") if is_lost => Claim::TellsMilder,
            Self::Zone("se.list") => Claim::Survives,
            Self::Answers(_) if matches!(damaged.kind, Html | Empty) => Claim::Fails,
            Self::Answers("answers.json") if damaged.kind == Cut && damaged.lost_an_answer() => Claim::Fails,
            Self::Zone(_) if !is_packed && matches!(damaged.kind, Zeroed | Nuls) => Claim::Fails,
            Self::Snapshot | Self::Previous("accounts.parquet" | "domains.parquet") => Claim::TellsChanges,
            Self::Accounts("sealed.parquet") | Self::Answers("answers.parquet") => Claim::TellsChanges,
            _ if is_packed || is_lost => Claim::TellsChanges,
            Self::Accounts(_) | Self::Answers(_) | Self::Zone(_) if damaged.kind == LineEnds => {
                Claim::TellsChanges
            }
            _ => Claim::Survives,
        }
    }
}

impl Damaged {
    fn lost_an_answer(&self) -> bool {
        !self.bytes.trim_ascii().ends_with(b"]")
    }
}

fn judge(target: Target, damaged: &Damaged, outcome: Option<&Outcome>, whole: &Outcome) -> Verdict {
    let Some(outcome) = outcome else { return Ok(()) };
    let claim = target.claim(damaged);
    let names: Vec<&str> = match claim {
        Claim::Survives => return Ok(()),
        Claim::Fails if outcome.status > whole.status => return Ok(()),
        Claim::Fails => return Err(format!("exit status {} for a file that is not whole", outcome.status)),
        _ if outcome.tells_more_than(whole) => return Ok(()),
        Claim::TellsMilder => outcome.milder(whole).collect(),
        Claim::TellsChanges => outcome.changed(whole).collect(),
    };
    match names.first() {
        None => Ok(()),
        Some(name) => Err(format!(
            "nothing told, yet {} verdicts differ: {name} is {:?}, was {:?}",
            names.len(),
            outcome.verdicts.get(*name),
            whole.verdicts.get(*name)
        )),
    }
}

/// Lines that stand whole in a damaged text of accounts give their accounts, whatever stands beside them.
fn intact_lines(target: Target, whole: &[u8], damaged: &Damaged, outcome: Option<&Outcome>) -> Verdict {
    // the first four are plain texts
    let is_plain = matches!(target, Target::Accounts(name) if ACCOUNTS[..4].contains(&name));
    let Some(outcome) = outcome.filter(|_| is_plain && damaged.kind != Kind::Other) else { return Ok(()) };
    let lines = |text: &[u8]| -> Vec<Vec<u8>> {
        text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    let (lines, standing) = (lines(whole), lines(&damaged.bytes));
    if lines.first() != standing.first() {
        // without its header, a table is another one
        return Ok(());
    }
    for line in lines.iter().filter(|line| standing.contains(line)) {
        let text = String::from_utf8_lossy(line);
        let Some((_, rest)) = text.split_once('@') else { continue };
        let domain = rest.split(['\n', '\t', ',', '"']).next().unwrap_or_default();
        if !outcome.verdicts.contains_key(domain) {
            return Err(format!("the line of {domain} is whole, and its account is missing"));
        }
    }
    Ok(())
}

/// Other commands meet the same files.
fn other_commands(target: Target, path: &Path, case: &Case) -> Verdict {
    let sound = |command: &mut std::process::Command| {
        let ended = process::run(command);
        ended.is_sound().map_err(|fault| format!("{target:?}: {fault}")).map(|()| ended)
    };
    let store = case.path("other-store");
    match target {
        Target::Zone(_) => {
            sound(zonelapse().args(["snapshot", "build"]).arg(path).arg("--store").arg(&store))?;
            if store.is_dir() {
                let verified = sound(zonelapse().args(["snapshot", "verify", "--store"]).arg(&store))?;
                if verified.status == Some(2) {
                    return Err(verified.fault("a snapshot just built is not sound"));
                }
            }
            sound(zonelapse().args(["explain", "held.com", "missing.net", "--zones"]).arg(path))?;
        }
        Target::Snapshot => {
            let root = path.ancestors().nth(2).expect("a snapshot lies in its store");
            sound(zonelapse().args(["snapshot", "verify", "--store"]).arg(root))?;
            sound(zonelapse().args(["snapshot", "list", "--store"]).arg(root))?;
            let names = case.path("names.parquet");
            sound(zonelapse().args(["snapshot", "export"]).arg(path).arg("-o").arg(names))?;
        }
        Target::Answers(_) => {
            let output = case.path("imported.parquet");
            let ended = sound(zonelapse().args(["rdap", "import"]).arg(path).arg("-o").arg(&output))?;
            if (ended.status == Some(2)) == output.exists() {
                return Err(ended.fault("a table is written exactly when the import does not fail"));
            }
        }
        Target::Previous(_) => {
            sound(zonelapse().args(["policy", "diff"]).arg(path.parent().expect("a report")))?;
        }
        _ => {}
    }
    Ok(())
}
