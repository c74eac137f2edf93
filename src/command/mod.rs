//! What each command does, one file a command. Each returns an [`Output`] and prints nothing.
//!
//! [`evidence`] is the sequence that all commands that judge names share. [`mod@audit`] is the main job.

pub(crate) mod audit;
pub(crate) mod evidence;
pub(crate) mod explain;
mod hints;
mod manual;
mod output;
pub(crate) mod policy;
pub(crate) mod rdap;
mod rules;
mod schema;
mod show;
pub(crate) mod snapshot;
mod usage;

pub use output::{ExitStatus, LongText, Message, Output};
pub use usage::usage_mistake;

use std::io::{self, IsTerminal};

use crate::cli::{Cli, Command, KnownOptions};
use crate::config::{Config, use_threads};
use crate::error::{Error, Result};
use crate::signals::SignalWatch;

/// Runs a command to its end. Hints name only options that the command has. If a signal ends the run, `tell` gets the
/// last message.
pub fn run(cli: Cli, options: &KnownOptions, tell: fn(&Output)) -> Output {
    let json = cli.wants_json();
    // where signals cannot be watched, they end the run as they do by default
    let tell = move |what| tell(&last_words(what, json));
    let signals = if cli.handles_signals() { None } else { SignalWatch::start(tell).ok() };
    let outcome = dispatch(cli.command);
    if let Some(signals) = signals {
        signals.settle();
    }
    let output = outcome.unwrap_or_else(|error| Output::failed(Message::Failure(error)));
    Output { json, ..output.reworded(&|hint| hints::words(hint, options)) }
}

/// What is said when a signal ends the run.
fn last_words(what: String, json: bool) -> Output {
    let mut output = Output { json, ..Output::default() };
    if !json && io::stderr().is_terminal() {
        // a progress bar may be on the line
        output.messages.push(Message::Verbatim("\n".to_owned()));
    }
    output.messages.push(Message::Failure(Error::placeless(what)));
    output
}

fn dispatch(command: Command) -> Result<Output> {
    match command {
        Command::Audit(args) => {
            let config = Config::of(*args)?;
            use_threads(config.evidence.threads)?;
            audit::audit(&config)
        }
        Command::Explain(args) => explain::run(*args),
        Command::Snapshot(command) => snapshot::run(&command),
        Command::Rdap(command) => rdap::run(&command),
        Command::Show(args) => show::run(&args),
        Command::Policy(command) => policy::run(&command),
        Command::Rules { markdown } => Ok(Output::of(rules::rules(markdown))),
        Command::Schema { json } => schema::schema(json).map(Output::of),
        Command::Completions { shell } => Ok(Output::of(manual::completions(shell))),
        Command::Man => manual::manual().map(Output::of),
    }
}
