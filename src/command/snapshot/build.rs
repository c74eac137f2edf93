//! `snapshot build`: zone files → snapshots in a store.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use super::{coverage, label, zone_label};
use crate::cli::BuildArgs;
use crate::command::Output;
use crate::config::{intake_of, required_store};
use crate::error::{Error, Result};
use crate::escape;
use crate::progress::Progress;
use crate::snapshot::intake::{IntakeOptions, IntakePlace, IntakeStep, ingest};
use crate::snapshot::zones::ZonePaths;
use crate::snapshot::{Coverage, Store};
use crate::wording::{count, grouped, human_duration};

/// Builds snapshots.
pub(super) fn build(args: &BuildArgs) -> Result<Output> {
    let started = Instant::now();
    let root = required_store(args.store.as_deref())?;
    let options = intake_of(args)?;
    let paths = ZonePaths::find(&args.zones)?;
    if !paths.stores.is_empty() || !paths.snapshots.is_empty() {
        return Err(Error::usage("snapshots are built from zone files, not from snapshots")
            .hint("name the zone files; `--store` names the store"));
    }
    let store = Store::create(&root)?;
    let progress = Progress::new(args.messages.progress_mode(), args.messages.json);
    progress.start("building snapshots", paths.bytes());
    let taken = ingest(&paths.files, &store, &[], &options, &progress);
    progress.finish();

    let mut output = Output::summary("");
    let mut failed = paths.unreadable;
    let (total, mut built) = (taken.len() as u64, 0);
    let mut notes = paths.notices;
    for taken in taken {
        match taken.outcome {
            Ok(place) => {
                built += 1;
                add_snapshot(&mut output, &place, &taken.source, &store, &options)?;
                let notice = place.notice.filter(|_| place.step != IntakeStep::Pruned);
                notes.extend(
                    notice.map(|text| format!("{}@{}: {text}", zone_label(&place.origin), place.day)),
                );
            }
            Err(error) => failed.push(error),
        }
    }
    if built == 0 {
        let none = Error::failure(store.root(), "no snapshot was built");
        return Err(failed.into_iter().fold(none, Error::and));
    }
    let took = human_duration(started.elapsed());
    let _ = writeln!(output.text, "{} of {} in {took}", grouped(built), count(total, "zone file"));
    output.incomplete_if(!failed.is_empty());
    output.blame(failed);
    if args.messages.quiet {
        output.text.clear();
    } else {
        output.note(notes);
    }
    Ok(output)
}

/// A line for what became of a zone file, and one for each sample of its faults.
fn add_snapshot(
    output: &mut Output,
    place: &IntakePlace,
    source: &Path,
    store: &Store,
    options: &IntakeOptions,
) -> Result<()> {
    let step = match place.step {
        IntakeStep::Pruned => {
            let note = place.notice.as_deref().unwrap_or_default();
            let _ = writeln!(output.text, "pruned {}@{}: {note}", zone_label(&place.origin), place.day);
            return Ok(());
        }
        IntakeStep::Built => "built",
        IntakeStep::Known => "known",
        IntakeStep::Kept => "kept",
    };
    let stored = store.get(&place.origin, place.day)?;
    let (coverage, why) = coverage(&stored, options.trust_lists);
    let why = if why.is_empty() { String::new() } else { format!(": {}", escape::line(&why)) };
    let names = count(stored.table.len() as u64, "name");
    if place.step == IntakeStep::Kept {
        let file = escape::path(source);
        output.incomplete_because(format!("{file} was not taken, because {} is better", label(&stored)));
    } else if matches!(coverage, Coverage::Unclosed | Coverage::Shrunk) {
        output.incomplete_because(format!("{} is {}{why}", label(&stored), coverage.name()));
    }
    let _ = writeln!(output.text, "{step} {}  {names}  {}{why}", label(&stored), coverage.name());
    for sample in &stored.facts.integrity.samples {
        let _ = writeln!(output.text, "  {}:{sample}", escape::path(source));
    }
    Ok(())
}
