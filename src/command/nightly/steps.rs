//! What the steps of a night did, how long each took, and what was wrong.
//!
//! Where messages are JSON, each step is a line as soon as it is done: a night may take hours, and its log should say
//! where it is. For people the steps are part of the summary.

use std::time::Instant;

use serde_json::Value;

use crate::command::{Message, Output};
use crate::error::Error;
use crate::report::completeness::Shortfall;
use crate::wording::human_duration;

/// What a step did, in words and as the fields of a message.
#[derive(Debug)]
pub(super) struct StepDone {
    pub(super) text: String,
    pub(super) fields: Value,
}

/// A step that is done.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) seconds: f64,
}

/// The steps so far.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) done: Vec<Step>,
    /// What was delivered and cannot be used as it is.
    pub(super) bad: Vec<Shortfall>,
    /// What went wrong after the report was written.
    pub(super) warnings: Vec<Error>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
    /// Who is told of each step.
    tell: Option<fn(&Output)>,
    since: Instant,
}

impl Steps {
    /// Nothing is done yet.
    pub(super) fn new(tell: Option<fn(&Output)>) -> Self {
        Self {
            done: Vec::new(),
            bad: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
            tell,
            since: Instant::now(),
        }
    }

    /// Adds notes.
    pub(super) fn note(&mut self, notes: impl IntoIterator<Item = String>) {
        self.notes.extend(notes);
    }

    /// Adds what is wrong with what was delivered.
    pub(super) fn blame(&mut self, error: Error) {
        self.bad.extend(error.chain().map(|error| Shortfall::from(Error { next: None, ..error.clone() })));
    }

    /// Adds what went wrong after the report was written.
    pub(super) fn warn(&mut self, error: Error) {
        self.warnings.push(error);
    }

    /// A step is done.
    pub(super) fn end(&mut self, name: &'static str, done: StepDone) {
        let seconds = self.since.elapsed().as_secs_f64();
        let StepDone { text, mut fields } = done;
        if let Some(tell) = self.tell {
            fields["step"] = name.into();
            fields["seconds"] = seconds.into();
            let took = human_duration(self.since.elapsed());
            let text = format!("{name}: {text} ({took})");
            let messages = vec![Message::Step { text, fields }];
            tell(&Output { messages, json: true, ..Output::default() });
        }
        self.done.push(Step { name, text, seconds });
        self.since = Instant::now();
    }
}
