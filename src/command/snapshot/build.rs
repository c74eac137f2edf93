//! `snapshot build`: zone files → snapshots in a store.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

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
    let (total, mut built, mut snapshots) = (taken.len() as u64, 0, Vec::new());
    let mut notes = paths.notices;
    for taken in taken {
        match taken.outcome {
            Ok(place) => {
                built += 1;
                snapshots.push(add_snapshot(&mut output, &place, &taken.source, &store, &options)?);
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
    let took = started.elapsed();
    let files = count(total, "zone file");
    let _ = writeln!(output.text, "{} of {files} in {}", grouped(built), human_duration(took));
    output.incomplete_if(!failed.is_empty());
    output.blame(failed);
    if args.messages.quiet {
        output.text.clear();
    } else {
        output.note(notes);
        output.fields = Some(json!({
            "message": "snapshots built",
            "store": store.root(),
            "zone_files": total,
            "snapshots": snapshots,
            "seconds": took.as_secs_f64(),
        }));
    }
    Ok(output)
}

/// A line for what became of a zone file, and one for each sample of its faults; and the same as fields.
fn add_snapshot(
    output: &mut Output,
    place: &IntakePlace,
    source: &Path,
    store: &Store,
    options: &IntakeOptions,
) -> Result<Value> {
    let step = match place.step {
        IntakeStep::Pruned => {
            let note = place.notice.as_deref().unwrap_or_default();
            let _ = writeln!(output.text, "pruned {}@{}: {note}", zone_label(&place.origin), place.day);
            return Ok(json!({
                "step": "pruned", "zone": zone_label(&place.origin), "date": place.day.to_string(), "file": source,
            }));
        }
        IntakeStep::Built => "built",
        IntakeStep::Known => "known",
        IntakeStep::Kept => "kept",
    };
    let stored = store.get(&place.origin, place.day)?;
    let (coverage, why) = coverage(&stored, options.trust_lists);
    let fields = json!({
        "step": step,
        "zone": zone_label(&place.origin),
        "date": place.day.to_string(),
        "file": source,
        "names": stored.table.len() as u64,
        "coverage": coverage.name(),
        "why": why,
        "faults": stored.facts.integrity.faults,
        "samples": stored.facts.integrity.samples.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
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
    Ok(fields)
}
