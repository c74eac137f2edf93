//! Answers from files: NDJSON in chunks side by side, single objects one a file, row groups of an import.
//!
//! What cannot be read is counted, sampled with its place, and skipped; a file that breaks off gives the answers
//! before the break and is named. Batches are handed on as they come, so memory is bounded by a few chunks of
//! text, a few hundred single objects, or one row group, whatever the files.

use std::collections::VecDeque;
use std::sync::mpsc::sync_channel;

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::batch::{Batch, Wanted};
use super::files::Form;
use super::parquet::ImportedAnswers;
use crate::error::{Error, Position, Result};
use crate::input::source::{LineCutter, Source};
use crate::progress::Progress;
use crate::rdap::{AnswerError, Context, RdapFile, read_answer};
use crate::time::Moment;

/// Chunks being read or waiting to be taken, for each thread.
const WINDOW: usize = 4;
/// Single objects read in one go.
const DOCUMENTS: usize = 1024;
/// Bytes of the largest file that is one JSON document.
const DOCUMENT_BYTES: u64 = 64 << 20;

/// Reads files and hands on their answers, batch by batch.
pub fn read(
    sources: impl Iterator<Item = Result<Source>>,
    wanted: Wanted<'_>,
    progress: &Progress,
    take: &mut dyn FnMut(Batch) -> Result<()>,
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

fn read_documents(
    sources: &[Source],
    wanted: Wanted<'_>,
    progress: &Progress,
    take: &mut dyn FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let read = |source| {
        let mut reader = Reader::new(source, wanted);
        reader.document();
        progress.advance(reader.batch.file.bytes);
        reader.batch
    };
    sources.par_iter().map(read).collect::<Vec<_>>().into_iter().try_for_each(take)
}

fn read_lines(
    source: &Source,
    wanted: Wanted<'_>,
    progress: &Progress,
    take: &mut dyn FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let mut chunks = source.chunks(LineCutter, progress)?;
    let window = WINDOW * rayon::current_num_threads();
    let mut broken = None;
    rayon::in_place_scope(|scope| {
        let mut pending = VecDeque::with_capacity(window);
        loop {
            while pending.len() < window
                && let Some(chunk) = chunks.next()
            {
                match chunk {
                    Ok(chunk) => {
                        let (sender, receiver) = sync_channel(1);
                        scope.spawn(move |_| {
                            let mut reader = Reader::new(source, wanted);
                            reader.lines(&chunk, chunk.first_line);
                            // nobody waits for it if taking another one failed
                            drop(sender.send(reader.batch));
                        });
                        pending.push_back(receiver);
                    }
                    Err(error) => broken = Some(error.to_string()),
                }
            }
            match pending.pop_front().map(|receiver| receiver.recv()) {
                Some(Ok(batch)) => take(batch)?,
                Some(Err(_)) => return Err(Error::internal("a reader of answers broke off")),
                None => return Ok(()),
            }
        }
    })?;
    let digest = chunks.finish()?;
    let (bytes, sha256) = (digest.bytes, digest.sha256);
    let file = RdapFile { path: source.path.clone(), bytes, sha256, broken, ..RdapFile::default() };
    take(Batch { answers: Vec::new(), file })
}

fn read_import(
    source: &Source,
    wanted: Wanted<'_>,
    progress: &Progress,
    take: &mut dyn FnMut(Batch) -> Result<()>,
) -> Result<()> {
    let mut last = RdapFile { path: source.path.clone(), ..RdapFile::default() };
    if source.is_hashed {
        let digest = source.digest(&Progress::hidden())?;
        (last.bytes, last.sha256) = (digest.bytes, digest.sha256);
    } else {
        last.bytes = source.size.unwrap_or_default();
    }
    let mut table = ImportedAnswers::open(&source.path)?;
    last.broken = table.is_foreign();
    if last.broken.is_none() {
        while let Some(batch) = table.next(wanted)? {
            take(batch)?;
        }
    }
    progress.advance(last.bytes);
    take(Batch { answers: Vec::new(), file: last })
}

struct Reader<'a> {
    batch: Batch,
    source: &'a Source,
    wanted: Wanted<'a>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source, wanted: Wanted<'a>) -> Self {
        let file = RdapFile { path: source.path.clone(), ..RdapFile::default() };
        Self { batch: Batch { answers: Vec::new(), file }, source, wanted }
    }

    fn lines(&mut self, text: &[u8], first_line: u64) {
        let (mut start, mut line) = (0, first_line);
        for end in memchr::memchr_iter(b'\n', text).chain(std::iter::once(text.len())) {
            let json = &text[start..end];
            let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
            if !json.trim_ascii().is_empty() {
                self.answer(json, line, None);
            }
            (start, line) = (end + 1, line + 1);
        }
    }

    fn document(&mut self) {
        let (text, digest) = match self.source.read_to_end(DOCUMENT_BYTES) {
            Ok(read) => read,
            Err(error) => {
                self.batch.file.broken = Some(error.what);
                return;
            }
        };
        let file = &mut self.batch.file;
        (file.bytes, file.sha256) = (digest.bytes, digest.sha256);
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let name = self.source.path.file_name().map(|name| name.to_string_lossy().into_owned());
        if text.trim_ascii().starts_with(b"[") {
            match serde_json::from_slice::<Vec<&RawValue>>(text) {
                Ok(items) => items.iter().for_each(|item| self.answer(item.get().as_bytes(), 1, None)),
                Err(error) => self.fault(error.line() as u64, error.column(), &error),
            }
            return;
        }
        match Values::of(text) {
            Values::Cut => file.broken = Some("the JSON document is empty or breaks off".to_owned()),
            Values::One => self.answer(text, 1, name.as_deref()),
            Values::Many => self.lines(text, 1),
        }
    }

    fn answer(&mut self, json: &[u8], line: u64, file_name: Option<&str>) {
        let file_time = self.source.modified.unwrap_or(Moment(0));
        match read_answer(json, &Context { file_name_domain: file_name, file_time }) {
            Ok(answer) => {
                self.batch.file.answers += 1;
                if (self.wanted)(&answer.name) {
                    self.batch.answers.push(answer);
                }
            }
            Err(error) => {
                let (below, column) = match &error {
                    AnswerError::Syntax { line, column, .. } => (*line as u64, *column),
                    _ => (1, 1),
                };
                self.fault(line + below.saturating_sub(1), column, &error);
            }
        }
    }

    fn fault(&mut self, line: u64, column: usize, what: &dyn std::fmt::Display) {
        let path = &self.source.path;
        self.batch.file.fault(|| {
            let place = Position { path: path.clone(), line: Some(line), column: Some(column as u64) };
            format!("{place}: {what}")
        });
    }
}

/// How many JSON values a text holds, told without looking at the second.
enum Values {
    /// It ends inside the first, or before it.
    Cut,
    /// One, be it faulty.
    One,
    /// Something follows the first.
    Many,
}

impl Values {
    fn of(text: &[u8]) -> Self {
        let mut values = serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>();
        match values.next() {
            None => Self::Cut,
            Some(Err(error)) if error.is_eof() => Self::Cut,
            Some(Err(_)) => Self::One,
            Some(Ok(_)) if values.next().is_none() => Self::One,
            Some(Ok(_)) => Self::Many,
        }
    }
}
