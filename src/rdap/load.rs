//! RDAP answers from files and directories: NDJSON in chunks side by side, single objects one a file.
//!
//! A file whose name says `.ndjson` or `.jsonl` holds an answer a line; a `.json` file one object, or one a
//! line, or an array. What cannot be read is counted, sampled with its place, and skipped; a file that breaks
//! off gives the answers before the break and is named. Only names that `wanted` asks for are kept, so
//! memory grows with the names of the run, not with the files.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::value::RawValue;

use super::answer::{AnswerError, Context};
use super::read::read_answer;
use super::table::RdapTable;
use crate::error::{Error, Position, Result};
use crate::input::source::{Chunk, LineCutter, Source};
use crate::progress::Progress;
use crate::time::Moment;

/// Faulty answers kept as samples of a file.
const SAMPLES: usize = 5;
/// Chunks read side by side in one go, for each thread.
const WAVE: usize = 4;
/// Bytes of the largest file that is one JSON document.
const DOCUMENT_BYTES: u64 = 64 << 20;

/// What is known of an RDAP file that was read.
#[derive(Debug, Clone, Default)]
pub struct RdapFile {
    /// The file as the user named it.
    pub path: PathBuf,
    /// Bytes on disk.
    pub bytes: u64,
    /// SHA-256 of these bytes.
    pub sha256: String,
    /// Answers read, whether their name was wanted or not.
    pub answers: u64,
    /// Answers that could not be read.
    pub faults: u64,
    /// The first of them, for a person.
    pub samples: Vec<String>,
    /// Why reading stopped before the end, if it did.
    pub broken: Option<String>,
}

/// The RDAP files of these paths: themselves, and those below directories with a known ending, sorted.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            find_below(path, &mut found)?;
            if found.len() == before {
                return Err(Error::failure(path, "no RDAP file in this directory").hint(
                    "RDAP files are known by their ending: .json, .ndjson or .jsonl, each with .gz or .zst",
                ));
            }
        } else {
            found.push(Source::find(path)?);
        }
    }
    Ok(found)
}

fn find_below(directory: &Path, found: &mut Vec<Source>) -> Result<()> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(|error| Error::io(directory, "read", &error))? {
        entries.push(entry.map_err(|error| Error::io(directory, "read", &error))?.path());
    }
    entries.sort();
    for entry in entries {
        if entry.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        if entry.is_dir() {
            find_below(&entry, found)?;
            continue;
        }
        let source = Source::find(&entry)?;
        if is_document(&source) || is_lines(&source) {
            found.push(source);
        }
    }
    Ok(())
}

fn has_ending(source: &Source, endings: &[&str]) -> bool {
    let stem = source.stem().to_ascii_lowercase();
    stem.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

fn is_document(source: &Source) -> bool {
    has_ending(source, &["json"])
}

fn is_lines(source: &Source) -> bool {
    has_ending(source, &["ndjson", "jsonl"])
}

/// Reads the files into one table, keeping the names that `wanted` asks for.
pub fn load(
    sources: &[Source],
    as_of: Moment,
    wanted: &(dyn Fn(&str) -> bool + Sync),
    progress: &Progress,
) -> Result<(RdapTable, Vec<RdapFile>)> {
    let mut table = RdapTable::as_of(as_of);
    let mut files = Vec::with_capacity(sources.len());
    let (documents, lines): (Vec<&Source>, Vec<&Source>) =
        sources.iter().partition(|source| is_document(source));
    for wave in documents.chunks(1024) {
        let read = |source: &&Source| -> Result<(RdapTable, RdapFile)> {
            let mut batch = Batch::new(source, as_of, wanted);
            batch.document()?;
            progress.advance(batch.file.bytes);
            Ok((batch.table, batch.file))
        };
        for result in wave.par_iter().map(read).collect::<Vec<_>>() {
            let (read, file) = result?;
            table.merge(read);
            files.push(file);
        }
    }
    for source in lines {
        files.push(load_lines(source, as_of, wanted, progress, &mut table)?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((table, files))
}

fn load_lines(
    source: &Source,
    as_of: Moment,
    wanted: &(dyn Fn(&str) -> bool + Sync),
    progress: &Progress,
    table: &mut RdapTable,
) -> Result<RdapFile> {
    let mut file = RdapFile { path: source.path.clone(), ..RdapFile::default() };
    let mut chunks = source.chunks(LineCutter, progress)?;
    let wave = WAVE * rayon::current_num_threads();
    loop {
        let mut texts: Vec<Chunk> = Vec::with_capacity(wave);
        while texts.len() < wave
            && let Some(chunk) = chunks.next()
        {
            match chunk {
                Ok(chunk) => texts.push(chunk),
                Err(error) => file.broken = Some(error.to_string()),
            }
        }
        if texts.is_empty() {
            break;
        }
        let parse = |chunk: &Chunk| {
            let mut batch = Batch::new(source, as_of, wanted);
            batch.lines(chunk, chunk.first_line);
            (batch.table, batch.file)
        };
        for (read, part) in texts.par_iter().map(parse).with_max_len(1).collect::<Vec<_>>() {
            table.merge(read);
            file.add(part);
        }
    }
    let digest = chunks.finish()?;
    (file.bytes, file.sha256) = (digest.bytes, digest.sha256);
    Ok(file)
}

impl RdapFile {
    fn add(&mut self, part: Self) {
        self.answers += part.answers;
        self.faults += part.faults;
        let room = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(part.samples.into_iter().take(room));
    }
}

struct Batch<'a> {
    table: RdapTable,
    file: RdapFile,
    source: &'a Source,
    wanted: &'a (dyn Fn(&str) -> bool + Sync),
}

impl<'a> Batch<'a> {
    fn new(source: &'a Source, as_of: Moment, wanted: &'a (dyn Fn(&str) -> bool + Sync)) -> Self {
        let file = RdapFile { path: source.path.clone(), ..RdapFile::default() };
        Self { table: RdapTable::as_of(as_of), file, source, wanted }
    }

    fn lines(&mut self, text: &[u8], first_line: u64) {
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
            if !line.trim_ascii().is_empty() {
                self.answer(line, first_line + index as u64, None);
            }
        }
    }

    fn document(&mut self) -> Result<()> {
        let (text, digest) = match self.source.read_to_end(DOCUMENT_BYTES) {
            Ok(read) => read,
            Err(error) => {
                self.file.broken = Some(error.what);
                return Ok(());
            }
        };
        (self.file.bytes, self.file.sha256) = (digest.bytes, digest.sha256);
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let name = self.source.path.file_name().map(|name| name.to_string_lossy().into_owned());
        if text.trim_ascii().starts_with(b"[") {
            match serde_json::from_slice::<Vec<&RawValue>>(text) {
                Ok(items) => items.iter().for_each(|item| self.answer(item.get().as_bytes(), 1, None)),
                Err(error) => self.fault(error.line() as u64, error.column(), &error),
            }
            return Ok(());
        }
        match Values::of(text) {
            Values::Cut => self.file.broken = Some("the JSON document is empty or breaks off".to_owned()),
            Values::One => self.answer(text, 1, name.as_deref()),
            Values::Many => self.lines(text, 1),
        }
        Ok(())
    }

    fn answer(&mut self, json: &[u8], line: u64, file_name: Option<&str>) {
        let file_time = self.source.modified.unwrap_or(Moment(0));
        match read_answer(json, &Context { file_name_domain: file_name, file_time }) {
            Ok(answer) => {
                self.file.answers += 1;
                if (self.wanted)(&answer.name) {
                    self.table.insert(answer);
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
        self.file.faults += 1;
        if self.file.samples.len() < SAMPLES {
            let place =
                Position { path: self.source.path.clone(), line: Some(line), column: Some(column as u64) };
            self.file.samples.push(format!("{place}: {what}"));
        }
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
