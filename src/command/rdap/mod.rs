//! RDAP responses for people: import them, fetch them.

use std::fmt::Write;

use crate::cli::{ImportArgs, RdapCommand};
use crate::config::{check_threads, use_threads};
#[cfg(not(feature = "fetch"))]
use crate::error::Error;
use crate::error::{Result, Told};
use crate::escape;
use crate::progress::Progress;
use crate::rdap::MAX_REJECTED;
use crate::rdap::archive::import::{Imported, import};
use crate::wording::grouped;

#[cfg(feature = "fetch")]
mod fetch;

/// Servers told; the table has them all.
const SOURCES: usize = 10;

/// Carries out a command.
pub fn run(command: &RdapCommand) -> Result<Told> {
    match command {
        RdapCommand::Import(args) => run_import(args),
        #[cfg(feature = "fetch")]
        RdapCommand::Fetch(args) => fetch::run(args),
        #[cfg(not(feature = "fetch"))]
        RdapCommand::Fetch { .. } => Err(Error::usage("this build has no network code, and so cannot fetch")
            .hint("build it with `cargo install --locked --path . --features fetch`")),
    }
}

fn run_import(args: &ImportArgs) -> Result<Told> {
    use_threads(check_threads(args.threads)?)?;
    let progress = Progress::new(args.telling.mode());
    let imported = import(&args.paths, &args.output, MAX_REJECTED, &progress)?;
    let mut told = Told { incomplete: imported.incomplete.0 > 0, ..Told::default() };
    told.warnings = some_of(&imported.incomplete, "further files are not whole");
    if !args.telling.quiet {
        told.text = summary(args, &imported);
        told.warnings.extend(some_of(&imported.notices, "further notices"));
    }
    Ok(told)
}

/// The first of many lines, and how many more there are.
fn some_of((count, first): &(u64, Vec<String>), what: &str) -> Vec<String> {
    let more = count.saturating_sub(first.len() as u64);
    let more = (more > 0).then(|| format!("{} {what}", grouped(more)));
    first.iter().cloned().chain(more).collect()
}

fn summary(args: &ImportArgs, imported: &Imported) -> String {
    let (read, kept) = (&imported.read, imported.kept);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} answers read from {} files, {} kept about {} domains",
        grouped(read.answers),
        grouped(imported.files),
        grouped(kept.total()),
        grouped(imported.names)
    );
    let outcomes = [("found", kept.found), ("not found", kept.not_found), ("error", kept.error)];
    for (outcome, count) in outcomes {
        let _ = writeln!(text, "{:>12}  {outcome}", grouped(count));
    }
    let mut sources: Vec<_> = imported.sources.iter().collect();
    sources.sort_by_key(|(source, count)| (std::cmp::Reverse(**count), source.as_deref()));
    let _ = writeln!(text, "\nservers");
    for (source, count) in sources.iter().take(SOURCES) {
        let _ = writeln!(
            text,
            "{:>12}  {}",
            grouped(**count),
            escape::sample(source.as_deref().unwrap_or("not told"))
        );
    }
    if let Some(more) = sources.len().checked_sub(SOURCES).filter(|more| *more > 0) {
        let rest = sources.iter().skip(SOURCES).map(|(_, count)| **count).sum();
        let _ = writeln!(text, "{:>12}  {} more", grouped(rest), grouped(more as u64));
    }
    if !imported.notes.is_empty() {
        let _ = writeln!(text, "\nnotes");
        for (note, count) in &imported.notes {
            let _ = writeln!(text, "{:>12}  {}", grouped(*count), note.name());
        }
    }
    if read.faults > 0 {
        let _ = writeln!(text, "\n{} lines or files are not answers and were skipped", grouped(read.faults));
        read.samples.iter().for_each(|sample| {
            let _ = writeln!(text, "  {}", escape::line(sample));
        });
    }
    if imported.incomplete.0 > 0 {
        let count = grouped(imported.incomplete.0);
        let _ = writeln!(text, "\n{count} files could not be read as a whole (exit status 1)");
    }
    let megabytes = read.bytes as f64 / 1e6;
    let _ = writeln!(
        text,
        "\nwritten to {} ({megabytes:.0} MB in {:.1} s)",
        escape::path(&args.output),
        imported.seconds
    );
    text
}
