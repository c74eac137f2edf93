//! The job of `rdap import`: answers in every format → one table, sorted by name, with the newest answer of each
//! server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use hashbrown::HashSet;

use super::file::ArchiveStep;
use super::files::walk;
use super::parquet::is_import;
use super::read::read;
use super::sort::{GROUP_ROWS, Sorter};
use crate::error::{Error, Result};
use crate::files::OutputFile;
use crate::input::source::Source;
use crate::progress::Progress;
use crate::rdap::archive::table::AnswersTable;
use crate::rdap::{Answer, Note, RdapCounts, RdapFile, RdapOutcome};

/// How many incomplete files are listed.
const INCOMPLETE: usize = 20;

/// What an import did.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// Files read.
    pub(crate) files: u64,
    /// All of them together: bytes, answers, and faults with samples.
    pub(crate) read: RdapFile,
    /// Incomplete files: how many, and the first, each with its reason.
    pub(crate) incomplete: (u64, Vec<String>),
    /// What a person should know about whole files: how many such notices, and the first.
    pub(crate) notices: (u64, Vec<String>),
    /// What was kept, by outcome.
    pub(crate) kept: RdapCounts,
    /// Distinct names of the kept answers.
    pub(crate) names: u64,
    /// Kept answers by server.
    pub(crate) sources: BTreeMap<Option<Box<str>>, u64>,
    /// Kept answers by note.
    pub(crate) notes: BTreeMap<Note, u64>,
    /// Seconds of the whole run.
    pub(crate) seconds: f64,
}

/// Which files are read, and who is told about those that are not whole.
pub(crate) struct ImportWatch<'w> {
    /// A file is incomplete if more than this percentage of its records are not answers.
    pub(crate) max_rejected: f64,
    /// Whether a file is read; an earlier import that is the output always is.
    pub(crate) is_wanted: &'w dyn Fn(&Source) -> bool,
    /// Is told of each file that is not whole.
    pub(crate) on_incomplete: &'w mut dyn FnMut(&Path),
}

/// Imports files into one table.
///
/// # Errors
///
/// A path cannot be read at all, the output cannot or must not be written, or no input contains an answer. Nothing is
/// written then.
pub(crate) fn import(
    paths: &[PathBuf],
    output: &Path,
    watch: ImportWatch<'_>,
    progress: &Progress,
) -> Result<Imported> {
    let started = Instant::now();
    // opened first, so that an output that cannot be written is reported before hours of reading
    let output = OutputFile::create(output, &[])?;
    paths.iter().try_for_each(|path| check_input(path, &output))?;
    let mut sorter = Sorter::new(output.directory());
    let mut imported = Imported::default();
    let sizes = paths.iter().filter_map(|path| std::fs::metadata(path).ok());
    progress.start("reading answers", sizes.filter(|file| file.is_file()).map(|file| file.len()).sum());
    let named: HashSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let is_read = |source: &Source| output.is(&source.path) || (watch.is_wanted)(source);
    let sources = walk(paths).filter(|source| source.as_ref().map_or(true, is_read)).map(|source| {
        let source = source?.unhashed();
        check_input(&source.path, &output)?;
        if !named.contains(source.path.as_path()) {
            progress.expect(source.size.unwrap_or_default());
        }
        Ok(source)
    });
    read(sources, &|_| true, progress, &mut |step| match step {
        ArchiveStep::Part(batch) => sorter.push(batch.answers),
        ArchiveStep::End(file) => {
            if file.incomplete(watch.max_rejected).is_some() {
                (watch.on_incomplete)(&file.path);
            }
            imported.add(file, watch.max_rejected);
            Ok(())
        }
    })?;
    if imported.read.answers == 0 && (imported.read.faults.count > 0 || imported.incomplete.0 > 0) {
        let sample = imported.read.faults.samples.first().or(imported.incomplete.1.first());
        let what = format!("no RDAP answer could be read, first {}", sample.map_or("", String::as_str));
        return Err(Error::usage(what).hint("RDAP answers are JSON objects, one per line or one per file"));
    }
    progress.start("sorting and writing answers", 0);
    let mut table = AnswersTable::create(output, GROUP_ROWS)?;
    sorter.finish(&mut |answers| {
        imported.count(answers);
        table.write(answers)
    })?;
    table.finish()?;
    progress.finish();
    imported.seconds = started.elapsed().as_secs_f64();
    Ok(imported)
}

/// An earlier import may be both input and output. No other input may be replaced.
fn check_input(input: &Path, output: &OutputFile) -> Result<()> {
    if output.is(input) && !is_import(input) {
        return Err(output.refuse_input(input));
    }
    Ok(())
}

impl Imported {
    fn add(&mut self, file: RdapFile, max_rejected: f64) {
        let keep = |(count, kept): &mut (u64, Vec<String>), text: String| {
            *count += 1;
            if kept.len() < INCOMPLETE {
                kept.push(text);
            }
        };
        self.files += 1;
        if let Some(reason) = file.incomplete(max_rejected) {
            keep(&mut self.incomplete, reason);
        }
        if let Some(notice) = file.notice.clone() {
            keep(&mut self.notices, notice);
        }
        self.read.add(file);
    }

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
