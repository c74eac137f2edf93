//! `rdap import`: files of answers → one Parquet table, and a summary.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::ImportArgs;
use crate::command::Output;
use crate::config::{check_table, check_threads, use_threads};
use crate::error::Result;
use crate::escape;
use crate::progress::Progress;
use crate::rdap::MAX_REJECTED;
use crate::rdap::archive::import::{ImportWatch, Imported, import};
use crate::wording::{agree, and_more, count, grouped, human_bytes, human_duration};

/// How many servers the summary names; the table has them all.
const SOURCES: usize = 10;

/// Imports answers.
pub(super) fn run(args: &ImportArgs) -> Result<Output> {
    use_threads(check_threads(args.threads)?)?;
    check_table(&args.output)?;
    let progress = Progress::new(args.messages.progress_mode(), args.messages.json);
    let watch = ImportWatch { max_rejected: MAX_REJECTED, is_wanted: &|_| true, on_incomplete: &mut |_| {} };
    let imported = import(&args.paths, &args.output, watch, &progress)?;
    let mut output = Output::summary("");
    output.incomplete_if(imported.incomplete.0 > 0);
    output.warn(some_of(&imported.incomplete, "incomplete file"));
    if !args.messages.quiet {
        output.text = summary(args, &imported);
        output.fields = Some(fields(args, &imported));
        output.note(some_of(&imported.notices, "notice"));
    }
    Ok(output)
}

/// The first of many lines, and how many more there are.
fn some_of((all, first): &(u64, Vec<String>), noun: &str) -> Vec<String> {
    let more = and_more(all.saturating_sub(first.len() as u64), noun);
    first.iter().cloned().chain(more).collect()
}

/// The summary as the fields of a JSON object.
fn fields(args: &ImportArgs, imported: &Imported) -> Value {
    let (read, kept) = (&imported.read, imported.kept);
    let sources = sources(imported).into_iter().take(SOURCES);
    let sources: Vec<Value> =
        sources.map(|(source, answers)| json!({ "source": source, "answers": answers })).collect();
    let notes: Vec<Value> =
        imported.notes.iter().map(|(note, count)| json!({ "note": note.name(), "answers": count })).collect();
    json!({
        "message": "answers imported",
        "output": args.output,
        "files": imported.files,
        "incomplete_files": imported.incomplete.0,
        "bytes": read.bytes,
        "answers": read.answers,
        "kept": { "found": kept.found, "not_found": kept.not_found, "error": kept.error },
        "domains": imported.names,
        "servers": imported.sources.len(),
        "first_servers": sources,
        "notes": notes,
        "faults": read.faults.count,
        "samples": read.faults.samples,
        "seconds": imported.seconds,
    })
}

/// The servers, those with most answers first; `None` for answers that name none.
fn sources(imported: &Imported) -> Vec<(Option<&str>, u64)> {
    let all = imported.sources.iter().map(|(source, count)| (source.as_deref(), *count));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(source, count)| (std::cmp::Reverse(*count), *source));
    all
}

fn summary(args: &ImportArgs, imported: &Imported) -> String {
    let (read, kept) = (&imported.read, imported.kept);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} read from {}, {} kept about {}",
        count(read.answers, "answer"),
        count(imported.files, "file"),
        grouped(kept.total()),
        count(imported.names, "domain")
    );
    let outcomes = [("found", kept.found), ("not found", kept.not_found), ("error", kept.error)];
    for (outcome, number) in outcomes {
        let _ = writeln!(text, "{:>12}  {outcome}", grouped(number));
    }
    let sources = sources(imported);
    let _ = writeln!(text, "\nservers");
    for (source, count) in sources.iter().take(SOURCES) {
        let _ = writeln!(text, "{:>12}  {}", grouped(*count), escape::sample(source.unwrap_or("unknown")));
    }
    if let Some(more) = sources.len().checked_sub(SOURCES).filter(|more| *more > 0) {
        let rest = sources.iter().skip(SOURCES).map(|(_, count)| *count).sum();
        let more = and_more(more as u64, "server").unwrap_or_default();
        let _ = writeln!(text, "{:>12}  {more}", grouped(rest));
    }
    if !imported.notes.is_empty() {
        let _ = writeln!(text, "\nnotes");
        for (note, count) in &imported.notes {
            let _ = writeln!(text, "{:>12}  {}", grouped(*count), note.name());
        }
    }
    if read.faults.count > 0 {
        let faults = count(read.faults.count, "record");
        let _ = writeln!(
            text,
            "\n{faults} could not be read as answers and {} skipped",
            agree(read.faults.count, "was", "were")
        );
        read.faults.samples.iter().for_each(|sample| {
            let _ = writeln!(text, "  {}", escape::line(sample));
        });
    }
    if imported.incomplete.0 > 0 {
        let files = count(imported.incomplete.0, "file");
        let _ = writeln!(text, "\n{files} could not be read completely (exit status 1)");
    }
    let took = human_duration(Duration::from_secs_f64(imported.seconds));
    let (output, bytes) = (escape::path(&args.output), human_bytes(read.bytes));
    let _ = writeln!(text, "\nwritten to {output} ({bytes} read in {took})");
    text
}
