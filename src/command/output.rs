//! What a command leaves for `main` to print.
//!
//! Results go to standard output; notes, warnings and errors go to standard error. Commands print nothing themselves.
//! With `--log-format json` every message is an object on one line, and so is every line of a summary, because it tells
//! what was done. What a command was asked to print, such as a list or a script, stays as it is.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, Hint};
use crate::escape;
use crate::report::finished::Report;
use crate::time::Moment;

/// What a command has to say, and its exit status.
#[derive(Debug, Default)]
pub struct Output {
    /// For standard output.
    pub text: String,
    /// What a summary says, as the fields of one JSON object.
    pub fields: Option<Value>,
    /// A result too large for memory, for standard output after the text.
    pub stream: Option<Stream>,
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

/// A result that is written piece by piece.
pub struct Stream(pub Box<WriteStream>);

/// Writes a result; the writer may be used on another thread. What a person should know of it is told after it.
type WriteStream = dyn FnOnce(&mut (dyn Write + Send)) -> io::Result<Vec<Message>>;

impl Stream {
    /// The same result; if it fails with an error of ours, that has hints in other words.
    pub(super) fn reworded(self, words: impl Fn(&Hint) -> String + 'static) -> Self {
        let reword = move |error: io::Error| match error.downcast::<Error>() {
            Ok(error) => io::Error::other(error.reworded(&words)),
            Err(error) => error,
        };
        Self(Box::new(move |to: &mut (dyn Write + Send)| self.0(to).map_err(reword)))
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

/// A message for standard error.
#[derive(Debug)]
pub enum Message {
    /// What a person should know.
    Note(String),
    /// What a step of a long run did, with figures.
    Step {
        /// In words.
        text: String,
        /// As the fields of an object.
        fields: Value,
    },
    /// Why something is not whole, although the run went on.
    Warning(String),
    /// An error at one of several inputs; the run went on.
    ErrorAtInput(Error),
    /// Why the run stopped.
    Failure(Error),
    /// A line that the grammar of the command line refuses: for people, and in parts.
    Mistake {
        /// With the usage of the command.
        text: String,
        /// The same without it.
        error: Error,
    },
    /// Ends a line that a progress bar may have begun.
    LineEnd,
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

    /// A complete result that sums up what was written to files.
    pub fn summary(text: impl Into<String>) -> Self {
        Self { is_summary: true, ..Self::of(text) }
    }

    /// The outcome of a run that stopped.
    pub fn failed(message: Message) -> Self {
        Self { messages: vec![message], status: ExitStatus::Failed, ..Self::default() }
    }

    /// What is left to say if the text could not be printed. A reader that closed the pipe has had enough.
    pub fn unprinted(&self, error: io::Error) -> Self {
        let is_closed = error.kind() == io::ErrorKind::BrokenPipe;
        // a stream that fails for another reason than its reader tells it in our words
        let error = match error.downcast::<Error>() {
            Ok(error) => error,
            Err(error) => Error::unprinted(&error),
        };
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

    /// The result is incomplete, for this reason.
    pub fn incomplete_because(&mut self, reason: String) {
        self.incomplete_if(true);
        self.warn([format!("incomplete: {reason}")]);
    }

    /// The result is incomplete if this holds. The reason is told by other messages.
    pub fn incomplete_if(&mut self, incomplete: bool) {
        if incomplete {
            self.status = self.status.max(ExitStatus::Incomplete);
        }
    }

    /// The result is incomplete if the report is that it is from; warns of each reason.
    pub(super) fn warn_of(&mut self, report: &Report) {
        let reasons = report.incomplete();
        self.incomplete_if(!reasons.is_empty());
        self.warn(reasons.iter().map(|reason| format!("the report is incomplete: {reason}")));
    }

    /// The text, safe for a terminal.
    pub fn printable_text(&self) -> String {
        let text = match (&self.fields, self.json && self.is_summary) {
            (_, false) => self.text.clone(),
            (Some(fields), true) => json_line("info", fields.clone()),
            (None, true) => {
                let lines = self.text.lines().map(str::trim).filter(|line| !line.is_empty());
                lines.map(|line| sentence("", "info", line, true)).collect()
            }
        };
        escape::lines(&text).into_owned()
    }

    /// Prints the text, and then the stream.
    ///
    /// # Errors
    ///
    /// Those of the writer, and those of the stream's source.
    pub fn print(&mut self, to: &mut (dyn Write + Send)) -> io::Result<()> {
        to.write_all(self.printable_text().as_bytes())?;
        let messages = self.stream.take().map_or(Ok(Vec::new()), |stream| stream.0(to))?;
        self.messages.extend(messages);
        to.flush()
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
            Self::Step { text, fields } if json => {
                let mut fields = fields.clone();
                fields["message"] = text.as_str().into();
                json_line("info", fields)
            }
            Self::Step { text, .. } => sentence("note", "info", text, json),
            Self::Warning(text) => sentence("warning", "warn", text, json),
            Self::ErrorAtInput(error) => errors("warning", "warn", error, json),
            Self::Failure(error) => errors("error", "error", error, json),
            Self::Mistake { text, .. } if !json => text.clone(),
            Self::Mistake { error, .. } => errors("error", "error", error, json),
            Self::LineEnd if json => String::new(),
            Self::LineEnd => "\n".to_owned(),
        }
    }
}

/// One line, whatever the text holds.
fn sentence(label: &str, level: &str, text: &str, json: bool) -> String {
    match json {
        true => json_line(level, serde_json::json!({ "message": text })),
        false => format!("{label}: {}\n", escape::line(text)),
    }
}

/// An error and those that follow it, each with its hint.
fn errors(label: &str, level: &str, error: &Error, json: bool) -> String {
    let one = |error: &Error| match json {
        true => json_line(level, error.to_json(level == "error")),
        false => format!("{label}: {error}\n"),
    };
    error.chain().map(one).collect()
}

/// A message as it is written.
#[derive(Serialize)]
struct JsonLine<'l> {
    time: String,
    level: &'l str,
    message: Value,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// An object on one line: time, level and message, then the fields that have a value.
fn json_line(level: &str, fields: Value) -> String {
    let Value::Object(mut fields) = fields else { return String::new() };
    let message = fields.remove("message").unwrap_or_default();
    fields.retain(|_, value| !value.is_null());
    let line = JsonLine { time: Moment::now().to_string(), level, message, fields };
    serde_json::to_string(&line).map_or_else(|error| error.to_string(), |line| line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_json_has_time_level_and_message() {
        let mut output = Output::summary("built com\n\n2 of 2 zone files\n");
        output.note(["a note".to_owned()]);
        output.warn(["a warning".to_owned()]);
        output.blame([Error::usage("one").hint("do").and(Error::failure("a".as_ref(), "two").at_line(3))]);
        output.messages.push(Message::LineEnd);
        output.json = true;
        let text = output.printable_text() + &output.printable_messages();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
        let said: Vec<String> =
            lines.iter().map(|line| format!("{} {}", line["level"], line["message"])).collect();
        assert_eq!(
            said,
            [
                r#""info" "built com""#,
                r#""info" "2 of 2 zone files""#,
                r#""info" "a note""#,
                r#""warn" "a warning""#,
                r#""warn" "one""#,
                r#""warn" "two""#,
            ]
        );
        assert_eq!((&lines[4]["hint"], &lines[5]["line"]), (&Value::from("do"), &Value::from(3)));
        let is_time = |line: &Value| line["time"].as_str().is_some_and(|time| time.ends_with('Z'));
        assert!(lines.iter().all(is_time), "{text}");
    }
}
