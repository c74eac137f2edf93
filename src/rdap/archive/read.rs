//! Files → batches of answers: NDJSON in chunks, small documents many at a time, imports by row groups.
//!
//! What cannot be read is counted, shown with its place, and skipped. A file that breaks off gives its answers up to
//! the break and is reported. Of a file with damaged packed bytes, only what its checksums prove is used. Batches are
//! handed on as they come. So memory is bounded by a few chunks of text, a few hundred small documents, one large
//! document, or one row group, whatever the files.

use std::iter;
use std::path::Path;

use rayon::prelude::*;

use super::cutter::AnswerCutter;
use super::file::{AnswerBatch, ArchiveStep, NameFilter, RdapFile, TakeStep};
use super::files::AnswerFormat;
use super::json_values::{JsonValues, NextValue};
use super::parquet::ImportedAnswers;
use super::reader::{AnswerReader, TextPlace};
use crate::error::{Error, Position, Result};
use crate::escape;
use crate::input::source::{Chunk, Prefix, ReadError, Source};
use crate::input::unproved::UnprovedBatches;
use crate::progress::Progress;
use crate::rdap::RdapTable;
use crate::threads::in_order;
use crate::time::Moment;

/// How many small documents are read together.
const DOCUMENTS: usize = 256;
/// Bytes of the largest document that counts as small.
const SMALL_BYTES: u64 = 1 << 20;
/// Bytes of the largest document that is read.
const DOCUMENT_BYTES: u64 = 64 << 20;
/// Values of a large document that are read together: at most so many, and so many bytes.
const GROUP: (usize, usize) = (1 << 16, 1 << 20);

/// Reads files and hands on their answers batch by batch.
pub(crate) fn read(
    sources: impl Iterator<Item = Result<Source>>,
    wanted: NameFilter<'_>,
    progress: &Progress,
    take: TakeStep<'_>,
) -> Result<()> {
    let mut documents = Vec::with_capacity(DOCUMENTS);
    for source in sources {
        let source = source?;
        match AnswerFormat::of(&source) {
            AnswerFormat::Document => documents.push(source),
            format => read_one(&source, format.told_by(&source), wanted, progress, take)?,
        }
        if documents.len() == DOCUMENTS {
            read_documents(&documents, wanted, progress, take)?;
            documents.clear();
        }
    }
    read_documents(&documents, wanted, progress, take)
}

/// Reads a file in its format.
fn read_one(
    source: &Source,
    format: AnswerFormat,
    wanted: NameFilter<'_>,
    progress: &Progress,
    take: TakeStep<'_>,
) -> Result<()> {
    match format {
        AnswerFormat::Document => read_large(source, wanted, progress, take),
        AnswerFormat::Lines => read_lines(source, wanted, progress, take),
        AnswerFormat::Import => read_import(source, wanted, progress, take),
    }
}

/// Reads the answers about the wanted names into one table, so that memory grows with these names and not with the
/// files. Also returns what is known of each file, sorted by path.
pub fn load(
    sources: &[Source],
    as_of: Moment,
    wanted: NameFilter<'_>,
    progress: &Progress,
) -> Result<(RdapTable, Vec<RdapFile>)> {
    let mut table = RdapTable::as_of(as_of);
    let mut files: Vec<RdapFile> = Vec::with_capacity(sources.len());
    read(sources.iter().cloned().map(Ok), wanted, progress, &mut |step| {
        match step {
            ArchiveStep::Part(batch) => batch.answers.into_iter().for_each(|answer| table.insert(answer)),
            ArchiveStep::End(file) => files.push(file),
        }
        Ok(())
    })?;
    table.settle();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok((table, files))
}

/// Hands on the parts of a file, and at its end what is known of it.
struct FileInProgress<'a> {
    file: RdapFile,
    take: TakeStep<'a>,
}

impl<'a> FileInProgress<'a> {
    fn new(path: &Path, take: TakeStep<'a>) -> Self {
        Self { file: RdapFile::of(path), take }
    }

    fn part(&mut self, batch: AnswerBatch) -> Result<()> {
        self.file.add(batch.file.clone());
        (self.take)(ArchiveStep::Part(batch))
    }

    fn end(mut self) -> Result<()> {
        self.file.close();
        (self.take)(ArchiveStep::End(self.file))
    }

    /// The file cannot be opened at all.
    fn unreadable(mut self, error: &Error) -> Result<()> {
        self.file.broken = Some(format!("{}: {}", escape::path(&self.file.path), error.what));
        self.end()
    }
}

/// Notes that reading stopped before the end of the file, after this line.
fn note_stop(file: &mut RdapFile, error: &ReadError, line: Option<u64>) {
    let place = Position { path: file.path.clone(), line, column: None };
    // any other fault of the file follows from this one
    file.broken = Some(format!("{place}: {}{error}", error.consequence()));
}

/// Notes what the beginning of a file says about it.
fn note_prefix(file: &mut RdapFile, prefix: &Prefix) {
    file.bytes = prefix.digest.bytes;
    if let Some(error) = &prefix.broken {
        note_stop(file, error, None);
    } else if prefix.is_longer {
        let (path, limit) = (escape::path(&file.path), DOCUMENT_BYTES >> 20);
        let reason = format!(
            "{path}: longer than the limit of {limit} MiB and not read further; write one answer per line"
        );
        file.broken = Some(reason);
    } else {
        file.sha256.clone_from(&prefix.digest.sha256);
    }
}

fn read_documents(
    sources: &[Source],
    wanted: NameFilter<'_>,
    progress: &Progress,
    take: TakeStep<'_>,
) -> Result<()> {
    let is_small = |source: &Source| source.size.is_some_and(|size| size <= SMALL_BYTES);
    let read = |source: &Source| -> Option<(AnswerBatch, RdapFile)> {
        let prefix = is_small(source).then(|| source.read_prefix(SMALL_BYTES))?;
        if prefix.as_ref().is_ok_and(|prefix| prefix.is_longer || prefix.text.starts_with(b"PAR1")) {
            return None;
        }
        let (mut reader, mut file) = (AnswerReader::new(source, wanted), RdapFile::of(&source.path));
        match prefix {
            Ok(prefix) => {
                note_prefix(&mut file, &prefix);
                reader.document(&prefix.text);
            }
            Err(error) => file.broken = Some(format!("{}: {}", escape::path(&source.path), error.what)),
        }
        progress.advance(file.bytes);
        Some((reader.batch, file))
    };
    let found: Vec<_> = sources.par_iter().map(read).collect();
    for (source, found) in sources.iter().zip(found) {
        match found {
            None => {
                read_one(source, AnswerFormat::Document.told_by(source), wanted, progress, take)?;
            }
            Some((batch, file)) => {
                let mut whole = FileInProgress { file, take: &mut *take };
                whole.part(batch)?;
                whole.end()?;
            }
        }
    }
    Ok(())
}

/// Reads a large document alone, with its values in parallel.
fn read_large(
    source: &Source,
    wanted: NameFilter<'_>,
    progress: &Progress,
    take: TakeStep<'_>,
) -> Result<()> {
    let mut whole = FileInProgress::new(&source.path, take);
    let prefix = match source.read_prefix(DOCUMENT_BYTES) {
        Ok(prefix) => prefix,
        Err(error) => return whole.unreadable(&error),
    };
    progress.advance(prefix.digest.bytes);
    note_prefix(&mut whole.file, &prefix);
    let work = |(place, group): (TextPlace<'_>, Vec<NextValue>)| {
        let mut reader = AnswerReader::new(source, wanted);
        group.into_iter().for_each(|next| reader.next(place, next, None));
        reader.batch
    };
    in_order(groups(&prefix.text), work, &mut |batch| whole.part(batch))?;
    whole.end()
}

/// The values of a document, in groups.
fn groups(text: &[u8]) -> impl Iterator<Item = (TextPlace<'_>, Vec<NextValue>)> {
    let mut values = JsonValues::of(text);
    let (mut at, mut line) = (0, 1);
    iter::from_fn(move || {
        let place = TextPlace { text, at, line };
        let (mut group, mut end) = (Vec::new(), at);
        while group.len() < GROUP.0 && end - at < GROUP.1 {
            let Some(next) = values.next() else { break };
            // after a broken value, reading continues before the place of the fault
            end = values.at();
            group.push(next);
        }
        line += memchr::memchr_iter(b'\n', &text[at..end]).count() as u64;
        at = end;
        (!group.is_empty()).then_some((place, group))
    })
}

fn read_lines(
    source: &Source,
    wanted: NameFilter<'_>,
    progress: &Progress,
    take: TakeStep<'_>,
) -> Result<()> {
    let mut whole = FileInProgress::new(&source.path, take);
    let mut chunks = match source.chunks(AnswerCutter, progress) {
        Ok(chunks) => chunks,
        Err(error) => return whole.unreadable(&error),
    };
    let work = |chunk: Chunk| {
        let mut reader = AnswerReader::new(source, wanted);
        match chunk.is_overlong {
            true => reader.overlong(chunk.first_line),
            false => reader.lines(&chunk, chunk.first_line),
        }
        (chunk.end, reader.batch)
    };
    let (mut line, mut error, mut held) = (1, None, UnprovedBatches::of(source));
    let proved = chunks.proof();
    let jobs = iter::from_fn(|| match chunks.next()? {
        Ok(chunk) => {
            let lines = memchr::memchr_iter(b'\n', &chunk).count() as u64;
            line = chunk.first_line + lines + u64::from(chunk.is_overlong);
            Some(chunk)
        }
        Err(stopped) => {
            error = Some(stopped);
            None
        }
    });
    in_order(jobs, work, &mut |(end, batch)| {
        let answers = batch.answers.len();
        held.push(end, (batch, answers), proved.bytes(), &mut |batch| whole.part(batch))
    })?;
    held.finish(proved.bytes(), &mut |batch| whole.part(batch))?;
    if let Some(error) = error {
        note_stop(&mut whole.file, &error, Some(line));
    }
    let digest = chunks.finish()?;
    (whole.file.bytes, whole.file.sha256) = (digest.bytes, digest.sha256);
    whole.end()
}

fn read_import(
    source: &Source,
    wanted: NameFilter<'_>,
    progress: &Progress,
    take: TakeStep<'_>,
) -> Result<()> {
    let mut whole = FileInProgress::new(&source.path, take);
    let mut table = ImportedAnswers::open(&source.path)?;
    if let Some(why) = table.is_foreign() {
        return whole.unreadable(&Error::failure(&source.path, why));
    }
    let mut rows = 0;
    while let Some(batch) = table.next(wanted)? {
        rows += batch.file.answers + batch.file.faults.count;
        whole.part(batch)?;
    }
    // hashed after its rows were read, so that a file replaced meanwhile is noticed
    if source.is_hashed {
        match source.digest(&Progress::hidden()) {
            Ok(digest) => (whole.file.bytes, whole.file.sha256) = (digest.bytes, digest.sha256),
            Err(error) => return whole.unreadable(&error),
        }
    } else {
        whole.file.bytes = source.size.unwrap_or_default();
    }
    progress.advance(whole.file.bytes);
    match rows {
        // an import without rows is whole
        0 => (whole.take)(ArchiveStep::End(whole.file)),
        _ => whole.end(),
    }
}
