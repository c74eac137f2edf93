//! RDAP answers of every form → one table, sorted by name, of every server the newest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::files::walk;
use super::read::read;
use super::sort::{GROUP_ROWS, Sorter};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::rdap::{Answer, Note, RdapCounts, RdapFile, RdapOutcome};
use crate::report::answers::AnswersTable;

/// Files that broke off, as kept for a person.
const BROKEN: usize = 20;

/// What an import did.
#[derive(Debug, Default)]
pub struct Imported {
    /// Files read.
    pub files: u64,
    /// All of them together: bytes, answers, faults with samples.
    pub read: RdapFile,
    /// Files that could not be read to their end: how many, and the first, each with the reason.
    pub broken: (u64, Vec<String>),
    /// What was kept, by outcome.
    pub kept: RdapCounts,
    /// Distinct names of what was kept.
    pub names: u64,
    /// Answers kept of each server.
    pub sources: BTreeMap<Option<Box<str>>, u64>,
    /// Answers kept with each note.
    pub notes: BTreeMap<Note, u64>,
    /// Seconds of the whole run.
    pub seconds: f64,
}

/// Imports files into one table.
///
/// # Errors
///
/// A path that cannot be read at all, an output that cannot be written, or inputs of which no line is an answer.
/// Nothing is written then.
pub fn import(paths: &[PathBuf], output: &Path, progress: &Progress) -> Result<Imported> {
    let started = Instant::now();
    // opened first, so that a directory that cannot be written is told before hours of reading
    let mut table = AnswersTable::create(output, GROUP_ROWS)?;
    let scratch = output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut sorter = Sorter::new(scratch);
    let mut imported = Imported::default();
    let sizes = paths.iter().filter_map(|path| std::fs::metadata(path).ok());
    progress.start("importing", sizes.filter(|file| file.is_file()).map(|file| file.len()).sum());
    let sources = walk(paths).map(|source| {
        let source = source?.unhashed();
        if !paths.contains(&source.path) {
            progress.expect(source.size.unwrap_or_default());
        }
        Ok(source)
    });
    let mut last = PathBuf::new();
    read(sources, &|_| true, progress, &mut |mut batch| {
        if batch.file.path != last {
            imported.files += 1;
            last.clone_from(&batch.file.path);
        }
        if let Some(reason) = batch.file.broken.take() {
            imported.broken.0 += 1;
            if imported.broken.1.len() < BROKEN {
                imported.broken.1.push(format!("{}: {reason}", last.display()));
            }
        }
        imported.read.add(batch.file);
        sorter.push(batch.answers)
    })?;
    if imported.read.answers == 0 && (imported.read.faults > 0 || imported.broken.0 > 0) {
        let sample = imported.read.samples.first().or(imported.broken.1.first());
        let what = format!("no RDAP answer could be read, first {}", sample.map_or("", String::as_str));
        return Err(Error::usage(what).hint("RDAP answers are JSON objects, one a line or one a file"));
    }
    progress.start("writing", 0);
    sorter.finish(&mut |answers| {
        imported.count(answers);
        table.write(answers)
    })?;
    table.finish()?;
    progress.finish();
    imported.seconds = started.elapsed().as_secs_f64();
    Ok(imported)
}

impl Imported {
    fn count(&mut self, answers: &[&Answer]) {
        let mut before = None;
        for answer in answers {
            match answer.outcome {
                RdapOutcome::Found => self.kept.found += 1,
                RdapOutcome::NotFound => self.kept.not_found += 1,
                RdapOutcome::Error => self.kept.error += 1,
            }
            self.names += u64::from(before != Some(&answer.name));
            before = Some(&answer.name);
            match self.sources.get_mut(&answer.source) {
                Some(count) => *count += 1,
                None => drop(self.sources.insert(answer.source.clone(), 1)),
            }
            if let Some(note) = answer.note {
                *self.notes.entry(note).or_default() += 1;
            }
        }
    }
}
