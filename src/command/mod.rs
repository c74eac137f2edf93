//! What each command does, one file a command. Each returns an [`Output`] and prints nothing.
//!
//! [`evidence`] is the sequence that all commands that judge names share. [`mod@audit`] is the main job.

pub(crate) mod audit;
pub(crate) mod evidence;
pub(crate) mod explain;
mod hints;
mod manual;
mod nightly;
mod output;
pub(crate) mod policy;
pub(crate) mod rdap;
pub(crate) mod registry;
mod report;
mod rules;
mod schema;
mod show;
pub(crate) mod snapshot;
mod stream;
mod usage;

pub use output::{ExitStatus, Message, Output, Stream};
pub use usage::usage_mistake;

use std::io::{self, IsTerminal};

use crate::cli::{AuditArgs, Cli, Command, KnownOptions, LogFormat};
use crate::config::{Config, complete, use_threads};
use crate::error::{Error, Result};
use crate::signals::SignalWatch;

/// Runs a command to its end. Hints name only options that the command has. If a signal ends the run, `tell` gets the
/// last message. `json` says how messages are written, unless a configuration file does.
pub fn run(cli: Cli, options: &KnownOptions, mut json: bool, tell: fn(&Output)) -> Output {
    // where signals cannot be watched, they end the run as they do by default
    let last = move |what| tell(&last_words(what, json));
    let signals = if cli.handles_signals() { None } else { SignalWatch::start(last).ok() };
    let outcome = dispatch(cli.command, &mut json, tell);
    if let Some(signals) = signals {
        signals.settle();
    }
    let output = outcome.unwrap_or_else(|error| Output::failed(Message::Failure(error)));
    let mut output = Output { json, ..output.reworded(&|hint| hints::words(hint, options)) };
    // what fails while a result is written is told after this
    let options = options.clone();
    output.stream = output.stream.map(|stream| stream.reworded(move |hint| hints::words(hint, &options)));
    output
}

/// What is said when a signal ends the run.
fn last_words(what: String, json: bool) -> Output {
    let mut output = Output { json, ..Output::default() };
    if io::stderr().is_terminal() {
        // a progress bar may be on the line
        output.messages.push(Message::LineEnd);
    }
    output.messages.push(Message::Failure(Error::placeless(what)));
    output
}

fn dispatch(command: Command, json: &mut bool, tell: fn(&Output)) -> Result<Output> {
    match command {
        Command::Audit(args) => run_audit(*args, json),
        Command::Nightly(args) => nightly::run(*args, json, tell),
        Command::Explain(args) => explain::run(*args),
        Command::Stream(args) => stream::run(*args),
        Command::Snapshot(command) => snapshot::run(&command),
        Command::Rdap(command) => rdap::run(&command),
        Command::Registry(command) => registry::run(&command),
        Command::Show(args) => show::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Policy(command) => policy::run(&command),
        Command::Rules { markdown } => Ok(Output::of(rules::rules(markdown))),
        Command::Schema { json } => schema::schema(json).map(Output::of),
        Command::Completions { shell } => Ok(Output::of(manual::completions(shell))),
        Command::Man { command } => manual::manual(&command).map(Output::of),
    }
}

fn run_audit(args: AuditArgs, json: &mut bool) -> Result<Output> {
    let args = complete(args)?;
    *json = args.report.log_format == Some(LogFormat::Json);
    let config = Config::check(args)?;
    use_threads(config.evidence.threads)?;
    audit::audit(&config)
}
