//! What can go wrong, and how it is told.
//!
//! Four outcomes are never mixed: a *usage mistake* is refused before any input is opened; a
//! *failure* stops the run and leaves nothing half-written; a *rejected* row or record is counted,
//! sampled with its position, and skipped; a *verdict* is a result and no error at all. This module
//! holds the first two and the position all of them share. Each room says *what* happened in its own
//! words; the place joins here, and what a terminal would obey is escaped here.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::escape;

/// A place in an input: a file, and where known the 1-based line (of the decompressed text) and column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The file as the user named it; `-` is standard input.
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
    /// The command line or configuration asks for something that cannot be meant.
    Usage,
    /// An input, output or the machine does not allow the run to go on.
    Failure,
}

/// An outcome that stops the run: exit status 2, and no report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Usage mistake or failure.
    pub outcome: Outcome,
    /// Where, if the trouble has a place.
    pub place: Option<Position>,
    /// What happened, expected and found; lower case, no full stop.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What a command that ended well has to say.
#[derive(Debug, Default)]
pub struct Told {
    /// For standard output.
    pub text: String,
    /// For standard error: why something is not whole.
    pub warnings: Vec<String>,
    /// Whether something is not whole: exit status 1.
    pub incomplete: bool,
}

/// The result of everything that can stop a run.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A usage mistake.
    pub fn usage(what: impl fmt::Display) -> Self {
        Self { outcome: Outcome::Usage, place: None, what: what.to_string(), hint: None }
    }

    /// A failure at a file.
    pub fn failure(path: &Path, what: impl fmt::Display) -> Self {
        Self {
            outcome: Outcome::Failure,
            place: Some(Position::file(path)),
            what: what.to_string(),
            hint: None,
        }
    }

    /// A failure of the program itself, such as counts that do not add up.
    pub fn internal(what: impl fmt::Display) -> Self {
        Self {
            outcome: Outcome::Failure,
            place: None,
            what: format!("internal check failed: {what}"),
            hint: Some("this is a defect of zonelapse; please report it with the input's shape".into()),
        }
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
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with a remedy if it has none.
    #[must_use]
    pub fn or_hint(self, hint: &str) -> Self {
        if self.hint.is_some() { self } else { self.hint(hint) }
    }

    /// The error as a JSON object on one line.
    pub fn to_json(&self) -> String {
        let place = self.place.as_ref();
        serde_json::json!({
            "level": "error",
            "outcome": match self.outcome { Outcome::Usage => "usage", Outcome::Failure => "failure" },
            "path": place.map(|place| place.path.display().to_string()),
            "line": place.and_then(|place| place.line),
            "message": self.what,
            "hint": self.hint,
        })
        .to_string()
    }

    /// An input/output error at a file, with the remedy where the system's reason suggests one.
    pub fn io(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        let failure = Self::failure(path, format!("cannot {doing}: {error}"));
        match error.kind() {
            std::io::ErrorKind::NotFound => failure.hint("check the path"),
            std::io::ErrorKind::PermissionDenied => failure.hint("check the permissions of the path"),
            std::io::ErrorKind::StorageFull => {
                failure.hint("free some space, or write the report to another disk with `-o`")
            }
            std::io::ErrorKind::IsADirectory => failure.hint("name a file here"),
            _ => failure,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&escape::line(&self.what))?;
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {}", escape::line(hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
