//! What can go wrong, and how it is shown.
//!
//! Four outcomes are never mixed: a *usage mistake* is refused before any input is opened; a *failure* stops the run and
//! leaves nothing half-written; a *rejected* row or record is counted, sampled with its position, and skipped; a
//! *verdict* is a result and no error at all. This module holds the first two, and the position that all of them share.
//! Each room says what happened in its own words; here the position is put in front, the [`Hint`] behind, and characters
//! that a terminal would obey are escaped.

mod hint;

use std::fmt;
use std::path::{Path, PathBuf};

pub use hint::{Hint, SubjectWords};

use crate::escape;

/// A place in an input: a file, and where known the 1-based line (of the decompressed text) and column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The file as the user named it; `-` is standard input, and messages say so.
    pub path: PathBuf,
    /// 1-based line of the decompressed text.
    pub line: Option<u64>,
    /// 1-based column in bytes.
    pub column: Option<u64>,
}

impl Position {
    /// A whole file.
    pub fn file(path: &Path) -> Self {
        Self { path: path.to_path_buf(), line: None, column: None }
    }

    /// A line of a file.
    pub fn line(path: &Path, line: u64) -> Self {
        Self { path: path.to_path_buf(), line: Some(line), column: None }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape::path(&self.path))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        Ok(())
    }
}

/// Which of the two stopping outcomes an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The command line or the configuration file asks for something that makes no sense.
    Usage,
    /// An input, an output or the machine does not let the run go on.
    Failure,
}

/// An outcome that stops the run: exit status 2, and no report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Usage mistake or failure.
    pub outcome: Outcome,
    /// Where it happened, if there is such a place.
    pub place: Option<Position>,
    /// What happened, expected and found; lower case, no full stop.
    pub what: String,
    /// What to do about it.
    pub hint: Option<Hint>,
    /// A further error of the same run: usage mistakes are reported all at once.
    pub next: Option<Box<Error>>,
}

/// The result of everything that can stop a run.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn new(outcome: Outcome, place: Option<Position>, what: impl fmt::Display) -> Self {
        Self { outcome, place, what: what.to_string(), hint: None, next: None }
    }

    /// A usage mistake.
    pub fn usage(what: impl fmt::Display) -> Self {
        Self::new(Outcome::Usage, None, what)
    }

    /// A failure at a file.
    pub fn failure(path: &Path, what: impl fmt::Display) -> Self {
        Self::new(Outcome::Failure, Some(Position::file(path)), what)
    }

    /// A failure that has no place.
    pub fn placeless(what: impl fmt::Display) -> Self {
        Self::new(Outcome::Failure, None, what)
    }

    /// A failure of the program itself, such as counts that do not add up.
    pub fn internal(what: impl fmt::Display) -> Self {
        Self::placeless(format!("internal check failed: {what}"))
            .hint("this is a defect of zonelapse; please report it with the input's shape")
    }

    /// The same error with a line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        if let Some(place) = &mut self.place {
            place.line = Some(line);
        }
        self
    }

    /// The same error with a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with a remedy if it has none.
    #[must_use]
    pub fn or_hint(self, hint: impl Into<Hint>) -> Self {
        if self.hint.is_some() { self } else { self.hint(hint) }
    }

    /// The same error, followed by another one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        match self.next.take() {
            Some(next) => self.next = Some(Box::new(next.and(other))),
            None => self.next = Some(Box::new(other)),
        }
        self
    }

    /// The same error, its hints worded anew.
    #[must_use]
    pub fn reworded(mut self, words: &dyn Fn(&Hint) -> String) -> Self {
        self.hint = self.hint.map(|hint| Hint::Plain(words(&hint)));
        self.next = self.next.map(|next| Box::new(next.reworded(words)));
        self
    }

    /// This error and those that follow it.
    pub fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |error| error.next.as_deref())
    }

    /// The error as the fields of a JSON object, without those that follow it; with its outcome if it `stops` the run.
    pub(crate) fn to_json(&self, stops: bool) -> serde_json::Value {
        let place = self.place.as_ref();
        let outcome = match self.outcome {
            Outcome::Usage => "usage",
            Outcome::Failure => "failure",
        };
        serde_json::json!({
            "message": self.what,
            "outcome": stops.then_some(outcome),
            "path": place.map(|place| place.path.display().to_string()),
            "line": place.and_then(|place| place.line),
            "column": place.and_then(|place| place.column),
            "hint": self.hint.as_ref().map(ToString::to_string),
        })
    }

    /// Standard output cannot be written.
    pub fn unprinted(error: &std::io::Error) -> Self {
        Self::io(Path::new("standard output"), "write", error)
    }

    /// An input/output error at a file, with the remedy where the system's reason suggests one.
    pub fn io(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        let failure = Self::failure(path, format!("cannot {doing}: {error}"));
        match error.kind() {
            std::io::ErrorKind::NotFound => failure.hint("check the path"),
            std::io::ErrorKind::PermissionDenied => failure.hint("check the permissions of the path"),
            std::io::ErrorKind::StorageFull => failure.hint(Hint::FreeSpace),
            std::io::ErrorKind::IsADirectory => failure.hint("name a file here"),
            _ => failure,
        }
    }
}

/// The error alone, without those that follow it.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&escape::line(&self.what))?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {}", escape::line(&hint.to_string()))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
