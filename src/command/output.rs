//! What a command leaves for `main` to print.
//!
//! Results go to standard output; notes, warnings and errors go to standard error. Commands print nothing themselves.

use std::io::{self, BufWriter, Write};

use crate::error::{Error, Hint};
use crate::escape;
use crate::report::urgent::lines::Unwritten;

/// What a command has to say, and its exit status.
#[derive(Debug, Default)]
pub struct Output {
    /// For standard output.
    pub text: String,
    /// More for standard output, too long to be held in memory.
    pub long_text: Option<LongText>,
    /// Whether the text only sums up what was written to files. If it cannot be printed, that is a warning; otherwise
    /// it is a failure.
    pub is_summary: bool,
    /// For standard error, in this order.
    pub messages: Vec<Message>,
    /// How the command ended.
    pub status: ExitStatus,
    /// Whether messages are written as JSON objects.
    pub json: bool,
}

/// A text that is written piece by piece.
pub struct LongText(Box<WriteText>);

/// Writes a text.
type WriteText = dyn FnOnce(&mut dyn Write) -> Result<(), Unwritten>;

impl LongText {
    /// The text that `write` writes.
    pub(super) fn new(write: impl FnOnce(&mut dyn Write) -> Result<(), Unwritten> + 'static) -> Self {
        Self(Box::new(write))
    }
}

impl std::fmt::Debug for LongText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LongText")
    }
}

/// A message for standard error.
#[derive(Debug)]
pub enum Message {
    /// What a person should know.
    Note(String),
    /// Why something is not whole, although the run went on.
    Warning(String),
    /// An error at one of several inputs; the run went on.
    ErrorAtInput(Error),
    /// Why the run stopped.
    Failure(Error),
    /// Text that is printed as it is.
    Verbatim(String),
}

/// The exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ExitStatus {
    /// Complete.
    #[default]
    Complete = 0,
    /// Finished, but incomplete or held back.
    Incomplete = 1,
    /// A usage mistake or a failure.
    Failed = 2,
}

impl Output {
    /// A complete result.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The outcome of a run that stopped.
    pub fn failed(message: Message) -> Self {
        Self { messages: vec![message], status: ExitStatus::Failed, ..Self::default() }
    }

    /// Writes all text, safe for a terminal.
    ///
    /// # Errors
    ///
    /// Standard output takes no more, or a long text cannot be read to its end.
    pub fn print(&mut self, out: impl Write) -> Result<(), Unwritten> {
        let mut out = BufWriter::new(out);
        out.write_all(escape::lines(&self.text).as_bytes())?;
        if let Some(LongText(write)) = self.long_text.take() {
            write(&mut out)?;
        }
        Ok(out.flush()?)
    }

    /// What is left to say if the text could not be printed. A reader that closed the pipe has had enough.
    pub fn unprinted(&self, error: Unwritten) -> Self {
        let error = match error {
            Unwritten::Output(error) => error,
            Unwritten::Failure(error) => {
                return Self { json: self.json, ..Self::failed(Message::Failure(error)) };
            }
        };
        let is_closed = error.kind() == io::ErrorKind::BrokenPipe;
        let error = Error::failure("-".as_ref(), error);
        let (messages, status) = match self.is_summary {
            _ if is_closed => (Vec::new(), self.status),
            true => (vec![Message::ErrorAtInput(error)], self.status),
            false => (vec![Message::Failure(error)], ExitStatus::Failed),
        };
        Self { messages, status, json: self.json, ..Self::default() }
    }

    /// Adds notes.
    pub fn note(&mut self, notes: impl IntoIterator<Item = String>) {
        self.messages.extend(notes.into_iter().map(Message::Note));
    }

    /// Adds warnings.
    pub fn warn(&mut self, warnings: impl IntoIterator<Item = String>) {
        self.messages.extend(warnings.into_iter().map(Message::Warning));
    }

    /// Adds errors after which the run went on.
    pub fn blame(&mut self, errors: impl IntoIterator<Item = Error>) {
        self.messages.extend(errors.into_iter().map(Message::ErrorAtInput));
    }

    /// The result is incomplete if this holds.
    pub fn incomplete_if(&mut self, incomplete: bool) {
        if incomplete {
            self.status = self.status.max(ExitStatus::Incomplete);
        }
    }

    /// The messages, safe for a terminal.
    pub fn printable_messages(&self) -> String {
        let text: String = self.messages.iter().map(|message| message.render(self.json)).collect();
        escape::lines(&text).into_owned()
    }

    /// The same output with hints in other words.
    pub(super) fn reworded(mut self, words: &dyn Fn(&Hint) -> String) -> Self {
        let reword = |message| match message {
            Message::ErrorAtInput(error) => Message::ErrorAtInput(error.reworded(words)),
            Message::Failure(error) => Message::Failure(error.reworded(words)),
            other => other,
        };
        self.messages = self.messages.into_iter().map(reword).collect();
        self
    }
}

impl Message {
    fn render(&self, json: bool) -> String {
        match self {
            Self::Note(text) => sentence("note", "info", text, json),
            Self::Warning(text) => sentence("warning", "warn", text, json),
            Self::ErrorAtInput(error) => errors("warning", "warn", error, json),
            Self::Failure(error) => errors("error", "error", error, json),
            Self::Verbatim(text) => text.clone(),
        }
    }
}

/// One line, whatever the text holds.
fn sentence(label: &str, level: &str, text: &str, json: bool) -> String {
    match json {
        true => serde_json::json!({ "level": level, "message": text }).to_string() + "\n",
        false => format!("{label}: {}\n", escape::line(text)),
    }
}

/// An error and those that follow it, each with its hint.
fn errors(label: &str, level: &str, error: &Error, json: bool) -> String {
    let one = |error: &Error| match json {
        true => error.to_json(level) + "\n",
        false => format!("{label}: {error}\n"),
    };
    error.chain().map(one).collect()
}
