//! Which files contain RDAP answers, and in which format.
//!
//! A directory may contain millions of files. So it is walked while its files are read, and never listed in memory
//! unless the caller does so. Entries that cannot be read, such as pipes or dangling links, are found as well, so
//! that they can be reported.

use std::fs::ReadDir;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::input::pattern::expand;
use crate::input::source::Source;
use crate::input::without_marks;

/// Bytes of text that tell the format.
const HEAD_BYTES: u64 = 1 << 20;

/// How a file stores answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerFormat {
    /// `.json`: one object, several objects, or an array.
    Document,
    /// `.ndjson`, `.jsonl`, and anything else named on the command line: objects, mostly one on each line.
    Lines,
    /// `.parquet`: an earlier import.
    Import,
}

impl AnswerFormat {
    /// The format that the name of a file tells, if any.
    fn by_name(source: &Source) -> Option<Self> {
        let stem = source.stem().to_ascii_lowercase();
        match stem.rsplit_once('.')?.1 {
            "json" => Some(Self::Document),
            "ndjson" | "jsonl" => Some(Self::Lines),
            "parquet" => Some(Self::Import),
            _ => None,
        }
    }

    /// The format in which a file is read, by its name.
    pub(super) fn of(source: &Source) -> Self {
        Self::by_name(source).unwrap_or(Self::Lines)
    }

    /// The format that the content tells; this one if the content leaves a choice.
    pub(super) fn told_by(self, source: &Source) -> Self {
        // what cannot be read is told when it is read in full
        let Ok(head) = source.head(HEAD_BYTES) else { return self };
        let text = without_marks(&head.text);
        let has_line_end = memchr::memchr(b'\n', text).is_some();
        match text.first() {
            _ if text.starts_with(b"PAR1") => Self::Import,
            Some(b'[') => Self::Document,
            // many values on a line that is longer than any answer
            Some(b'{') if !has_line_end && !head.is_whole => Self::Document,
            Some(b'{') if self == Self::Import => Self::Lines,
            _ => self,
        }
    }
}

/// The RDAP files of these paths, sorted: files as given, and those in directories that have a known ending.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    for path in paths {
        let before = found.len();
        for source in walk(std::slice::from_ref(path)) {
            found.push(source?);
        }
        found[before..].sort_by(|one, other| one.path.cmp(&other.path));
    }
    Ok(found)
}

/// The same files in the order in which they are found. A directory or pattern without any is an error.
pub(crate) fn walk(paths: &[PathBuf]) -> impl Iterator<Item = Result<Source>> + '_ {
    paths.iter().flat_map(|path| FileWalk {
        pending: expand(path),
        open: Vec::new(),
        none_yet: path.is_dir().then(|| path.clone()),
    })
}

struct FileWalk {
    pending: Box<dyn Iterator<Item = Result<PathBuf>>>,
    open: Vec<(PathBuf, ReadDir)>,
    /// The directory that the user named, until a file is found in it.
    none_yet: Option<PathBuf>,
}

impl FileWalk {
    /// Whether the path is a link back to a directory that is being walked.
    fn is_open(&self, path: &Path) -> bool {
        let is_link = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
        let target = is_link.then(|| std::fs::canonicalize(path).ok()).flatten();
        target.is_some_and(|target| {
            self.open.iter().any(|(open, _)| std::fs::canonicalize(open).is_ok_and(|open| open == target))
        })
    }
}

impl Iterator for FileWalk {
    type Item = Result<Source>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let path = match self.open.last_mut() {
                Some((directory, entries)) => match entries.next() {
                    Some(Ok(entry)) => entry.path(),
                    Some(Err(error)) => return Some(Err(Error::io(directory, "read", &error))),
                    None => {
                        self.open.pop();
                        continue;
                    }
                },
                None => match self.pending.next() {
                    Some(Ok(path)) => path,
                    Some(Err(error)) => return Some(Err(error)),
                    None => return self.none_yet.take().map(|path| Err(nothing_in(&path))),
                },
            };
            let is_inside = !self.open.is_empty();
            if is_inside && path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.')) {
                continue;
            }
            if path.is_dir() {
                if is_inside && self.is_open(&path) {
                    continue;
                }
                match std::fs::read_dir(&path) {
                    Ok(entries) => self.open.push((path, entries)),
                    Err(error) => return Some(Err(Error::io(&path, "read", &error))),
                }
                continue;
            }
            let found = match Source::stat(&path) {
                Err(_) if is_inside => Ok(Source::named(&path)),
                // a pipe in a directory may never end
                Ok(source) if is_inside => Ok(source.only_if_regular()),
                found => found,
            };
            if found.as_ref().is_ok_and(|source| is_inside && AnswerFormat::by_name(source).is_none()) {
                continue;
            }
            self.none_yet = None;
            return Some(found);
        }
    }
}

fn nothing_in(directory: &Path) -> Error {
    Error::failure(directory, "no RDAP file in this directory").hint(
        "RDAP files are known by their ending: .json, .ndjson or .jsonl, each with .gz or .zst, or .parquet",
    )
}
