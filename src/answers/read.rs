//! Answers from files: NDJSON in chunks side by side, single objects one a file, row groups of an import.
//!
//! What cannot be read is counted, sampled with its place, and skipped; a file that breaks off gives the answers
//! before the break and is named. A file whose packed bytes are damaged gives none: what came out of them is not what
//! went in. Batches are handed on as they come, so memory is bounded by a few chunks of text, a few hundred
//! small documents, a large one, or one row group, whatever the files.

use std::collections::VecDeque;
use std::io;
use std::iter;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use rayon::prelude::*;

use super::batch::{Batch, Step, Take, Wanted};
use super::files::Form;
use super::parquet::ImportedAnswers;
use super::reader::{MAX_VALUE, Place, Reader};
use super::values::{Next, Values};
use crate::error::{Error, Position, Result};
use crate::input::source::{Chunk, Compression, Cutter, Prefix, Source};
use crate::progress::Progress;
use crate::rdap::RdapFile;

/// Chunks being read or waiting to be taken, for each thread.
const WINDOW: usize = 4;
/// Small documents read in one go.
const DOCUMENTS: usize = 256;
/// Bytes of the largest document of which many are in memory.
const SMALL_BYTES: u64 = 1 << 20;
/// Bytes of the largest document.
const DOCUMENT_BYTES: u64 = 64 << 20;
/// Values of a large document that are read together, and their bytes.
const GROUP: (usize, usize) = (1 << 16, 1 << 20);

/// Reads files and hands on their answers, batch by batch.
pub fn read(
    sources: impl Iterator<Item = Result<Source>>,
    wanted: Wanted<'_>,
    progress: &Progress,
    take: Take<'_>,
) -> Result<()> {
    let mut documents = Vec::with_capacity(DOCUMENTS);
    for source in sources {
        let source = source?;
        match Form::of(&source) {
            Form::Document => documents.push(source),
            Form::Lines => read_lines(&source, wanted, progress, take)?,
            Form::Import => read_import(&source, wanted, progress, take)?,
        }
        if documents.len() == DOCUMENTS {
            read_documents(&documents, wanted, progress, take)?;
            documents.clear();
        }
    }
    read_documents(&documents, wanted, progress, take)
}

/// Hands on the parts of a file, and at its end all that is known of it.
struct Whole<'a> {
    file: RdapFile,
    take: Take<'a>,
}

impl<'a> Whole<'a> {
    fn new(path: &Path, take: Take<'a>) -> Self {
        Self { file: RdapFile::of(path), take }
    }

    fn part(&mut self, batch: Batch) -> Result<()> {
        self.file.add(batch.file.clone());
        (self.take)(Step::Part(batch))
    }

    fn end(mut self) -> Result<()> {
        self.file.close();
        (self.take)(Step::End(self.file))
    }

    /// The file cannot be opened at all.
    fn unreadable(mut self, error: &Error) -> Result<()> {
        self.file.broken = Some(format!("{}: {}", self.file.path.display(), error.what));
        self.end()
    }
}

/// Reading a file stopped before its end, after this line.
fn stopped(file: &mut RdapFile, error: &io::Error, compression: Compression, line: Option<u64>) {
    let place = Position { path: file.path.clone(), line, column: None };
    let what = match Stop::of(error, compression) {
        Stop::Cut => format!("the file is cut: {error}"),
        Stop::Failed => format!("cannot read: {error}"),
        Stop::Corrupt => {
            file.is_corrupt = true;
            format!("the file is damaged, and nothing of it is used: {error}")
        }
    };
    // whatever else it lacks follows from this
    file.broken = Some(format!("{place}: {what}"));
}

/// What is known of a file by as much of it as could be read.
fn stopped_early(file: &mut RdapFile, prefix: &Prefix, compression: Compression) {
    file.bytes = prefix.digest.bytes;
    if let Some(error) = &prefix.broken {
        stopped(file, error, compression, None);
    } else if prefix.is_longer {
        let (path, limit) = (file.path.display(), DOCUMENT_BYTES >> 20);
        let told =
            format!("{path}: longer than {limit} MiB, and read no further; write it one answer a line");
        file.broken = Some(told);
    } else {
        file.sha256.clone_from(&prefix.digest.sha256);
    }
}

/// Why reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The file ends too early: what came before is what was written.
    Cut,
    /// The system could not read on.
    Failed,
    /// What was unpacked is not what was packed.
    Corrupt,
}

impl Stop {
    fn of(error: &io::Error, compression: Compression) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut,
            _ if error.raw_os_error().is_some() || compression == Compression::Plain => Self::Failed,
            _ => Self::Corrupt,
        }
    }
}

fn read_documents(sources: &[Source], wanted: Wanted<'_>, progress: &Progress, take: Take<'_>) -> Result<()> {
    let is_small = |source: &Source| source.size.is_some_and(|size| size <= SMALL_BYTES);
    let read = |source: &Source| -> Option<(Batch, RdapFile)> {
        let prefix = is_small(source).then(|| source.read_prefix(SMALL_BYTES))?;
        if prefix.as_ref().is_ok_and(|prefix| prefix.is_longer) {
            return None;
        }
        let (mut reader, mut file) = (Reader::new(source, wanted), RdapFile::of(&source.path));
        match prefix {
            Ok(prefix) => {
                stopped_early(&mut file, &prefix, source.compression);
                if !file.is_corrupt {
                    reader.document(without_mark(&prefix.text));
                }
            }
            Err(error) => file.broken = Some(format!("{}: {}", source.path.display(), error.what)),
        }
        progress.advance(file.bytes);
        Some((reader.batch, file))
    };
    let found: Vec<_> = sources.par_iter().map(read).collect();
    for (source, found) in sources.iter().zip(found) {
        match found {
            None => read_large(source, wanted, progress, take)?,
            Some((batch, file)) => {
                let mut whole = Whole { file, take: &mut *take };
                whole.part(batch)?;
                whole.end()?;
            }
        }
    }
    Ok(())
}

/// A mark at the start of a text is none of it.
fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Reads a large document by itself, its values side by side.
fn read_large(source: &Source, wanted: Wanted<'_>, progress: &Progress, take: Take<'_>) -> Result<()> {
    let mut whole = Whole::new(&source.path, take);
    let prefix = match source.read_prefix(DOCUMENT_BYTES) {
        Ok(prefix) => prefix,
        Err(error) => return whole.unreadable(&error),
    };
    progress.advance(prefix.digest.bytes);
    stopped_early(&mut whole.file, &prefix, source.compression);
    if !whole.file.is_corrupt {
        let text = without_mark(&prefix.text);
        let work = |(place, group): (Place<'_>, Vec<Next>)| {
            let mut reader = Reader::new(source, wanted);
            group.into_iter().for_each(|next| reader.next(place, next, None));
            reader.batch
        };
        in_order(groups(text), work, &mut |batch| whole.part(batch))?;
    }
    whole.end()
}

/// The values of a document, some together.
fn groups(text: &[u8]) -> impl Iterator<Item = (Place<'_>, Vec<Next>)> {
    let mut values = Values::of(text);
    let (mut at, mut line) = (0, 1);
    iter::from_fn(move || {
        let place = Place { text, at, line };
        let (mut group, mut end) = (Vec::new(), at);
        while group.len() < GROUP.0 && end - at < GROUP.1 {
            let Some(next) = values.next() else { break };
            end = match &next {
                Next::Value(range) => range.end,
                Next::Fault(at, _) | Next::Break(at, _) => *at,
            };
            group.push(next);
        }
        line += memchr::memchr_iter(b'\n', &text[at..end]).count() as u64;
        at = end;
        (!group.is_empty()).then_some((place, group))
    })
}

/// Cuts after the last line feed, and through a line that is too long to be read.
struct Lines;

impl Cutter for Lines {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        match memchr::memrchr(b'\n', text) {
            _ if last => text.len(),
            Some(at) => at + 1,
            None if text.len() > MAX_VALUE => text.len(),
            None => 0,
        }
    }
}

fn read_lines(source: &Source, wanted: Wanted<'_>, progress: &Progress, take: Take<'_>) -> Result<()> {
    let mut whole = Whole::new(&source.path, take);
    let mut chunks = match source.chunks(Lines, progress) {
        Ok(chunks) => chunks,
        Err(error) => return whole.unreadable(&error),
    };
    let (mut inside, mut line, mut stopped) = (false, 1, None);
    let jobs = iter::from_fn(|| match chunks.next()? {
        Ok(chunk) => {
            line = chunk.first_line + memchr::memchr_iter(b'\n', &chunk).count() as u64;
            let begins_inside = std::mem::replace(&mut inside, chunk.last() != Some(&b'\n'));
            Some((chunk, begins_inside))
        }
        Err(error) => {
            stopped = Some(error);
            None
        }
    });
    let work = |(chunk, inside): (Chunk, bool)| {
        let mut reader = Reader::new(source, wanted);
        reader.lines(&chunk, chunk.first_line, inside);
        reader.batch
    };
    in_order(jobs, work, &mut |batch| whole.part(batch))?;
    if let Some(error) = stopped {
        stopped(&mut whole.file, &error, source.compression, Some(line));
    }
    let digest = chunks.finish()?;
    (whole.file.bytes, whole.file.sha256) = (digest.bytes, digest.sha256);
    whole.end()
}

/// Works on jobs side by side, and hands on what comes of them in their order; a few are ahead at most.
fn in_order<J: Send>(
    jobs: impl Iterator<Item = J>,
    work: impl Fn(J) -> Batch + Sync,
    take: &mut dyn FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let window = WINDOW * rayon::current_num_threads();
    let (mut jobs, work) = (jobs.fuse(), &work);
    rayon::in_place_scope(|scope| {
        let mut pending = VecDeque::with_capacity(window);
        loop {
            while pending.len() < window
                && let Some(job) = jobs.next()
            {
                let (sender, receiver) = sync_channel(1);
                // nobody waits for it if taking another one failed
                scope.spawn(move |_| drop(sender.send(work(job))));
                pending.push_back(receiver);
            }
            match pending.pop_front().map(|receiver| receiver.recv()) {
                Some(Ok(batch)) => take(batch)?,
                Some(Err(_)) => return Err(Error::internal("a reader of answers broke off")),
                None => return Ok(()),
            }
        }
    })
}

fn read_import(source: &Source, wanted: Wanted<'_>, progress: &Progress, take: Take<'_>) -> Result<()> {
    let mut whole = Whole::new(&source.path, take);
    if source.is_hashed {
        match source.digest(&Progress::hidden()) {
            Ok(digest) => (whole.file.bytes, whole.file.sha256) = (digest.bytes, digest.sha256),
            Err(error) => return whole.unreadable(&error),
        }
    } else {
        whole.file.bytes = source.size.unwrap_or_default();
    }
    progress.advance(whole.file.bytes);
    let mut row_groups = match ImportedAnswers::open(&source.path) {
        Ok(row_groups) => row_groups,
        Err(error) => return whole.unreadable(&error),
    };
    let mut rows = 0;
    loop {
        match row_groups.next(wanted) {
            Ok(Some(batch)) => {
                rows += batch.file.answers + batch.file.faults;
                whole.part(batch)?;
            }
            Ok(None) => break,
            Err(error) => return whole.unreadable(&error),
        }
    }
    match rows {
        // an import of nothing is whole
        0 => (whole.take)(Step::End(whole.file)),
        _ => whole.end(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn stops(error: io::Error, compression: Compression, expected: Stop) {
        assert_eq!(Stop::of(&error, compression), expected, "{error}");
    }

    #[test]
    fn cut_is_not_corrupt() {
        let error = |kind| io::Error::new(kind, "it");
        stops(error(io::ErrorKind::UnexpectedEof), Compression::Gzip, Stop::Cut);
        stops(error(io::ErrorKind::UnexpectedEof), Compression::Zstd, Stop::Cut);
        stops(error(io::ErrorKind::InvalidInput), Compression::Gzip, Stop::Corrupt);
        stops(error(io::ErrorKind::InvalidData), Compression::Gzip, Stop::Corrupt);
        stops(error(io::ErrorKind::Other), Compression::Zstd, Stop::Corrupt);
        stops(io::Error::from_raw_os_error(5), Compression::Gzip, Stop::Failed);
        stops(io::Error::from_raw_os_error(5), Compression::Plain, Stop::Failed);
    }
}
