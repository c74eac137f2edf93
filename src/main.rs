//! Parse, build the configuration, run, turn the outcome into an exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ContextValue;
use zonelapse::cli::{Cli, Command, LogFormat, RdapCommand};
use zonelapse::command::{audit, describe, explain, policy, rdap, snapshot};
use zonelapse::config::{self, Config, use_threads};
use zonelapse::error::{Error, Result, Told};
use zonelapse::escape;
use zonelapse::signals::Signals;

/// Frames and row groups are large and short-lived; the system's allocator hands each back to the kernel.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(error),
    };
    let json = cli.wants_json();
    // fetching stops in its own way; without a way to watch, signals end the run as they always did
    let fetches = matches!(cli.command, Command::Rdap(RdapCommand::Fetch { .. }));
    let signals = if fetches { None } else { Signals::watch(json).ok() };
    let outcome = run(cli.command, json);
    if let Some(signals) = signals {
        signals.settle();
    }
    outcome.unwrap_or_else(|error| {
        let text = if json { error.to_json() } else { format!("error: {error}") };
        warn(&text);
        ExitCode::from(2)
    })
}

/// Tells a usage mistake that the command line's grammar found; help and version are told the same way.
fn refuse(mut error: clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    // what was typed stays on its line
    let context: Vec<_> = error.context().map(|(kind, value)| (kind, shown(value))).collect();
    for (kind, value) in context {
        match value {
            Some(value) => error.insert(kind, value),
            None => error.remove(kind),
        };
    }
    warn(error.render().to_string().trim_end());
    ExitCode::from(2)
}

/// A part of a usage mistake as it may be shown; `None` for a tip that repeats what may not.
fn shown(value: &ContextValue) -> Option<ContextValue> {
    let shown = |text: &String| escape::sample(text).into_owned();
    match value {
        ContextValue::String(text) => Some(ContextValue::String(shown(text))),
        ContextValue::Strings(texts) => Some(ContextValue::Strings(texts.iter().map(shown).collect())),
        ContextValue::StyledStrs(tips) => {
            let is_plain = |tip: String| escape::line(&tip) == tip;
            tips.iter().all(|tip| is_plain(tip.to_string())).then(|| value.clone())
        }
        other => Some(other.clone()),
    }
}

/// Writes to standard error.
fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "{}", escape::lines(text));
}

fn run(command: Command, json: bool) -> Result<ExitCode> {
    let told = match command {
        Command::Audit(args) => {
            let config = Config::of(*args)?;
            use_threads(config.evidence.threads)?;
            let summary = audit::audit(&config)?;
            warn_of(&summary.warnings, json);
            // the report stands, whether or not its summary can be told
            if let Err(error) = say(&summary.told(config.quiet, config.log_format == LogFormat::Json)) {
                warn(&format!("warning: {error}"));
            }
            return Ok(ExitCode::from(u8::from(!summary.incomplete.is_empty())));
        }
        Command::Explain(args) => {
            let evidence = config::evidence_of(args.evidence)?;
            use_threads(evidence.threads)?;
            explain::explain(&args.names, args.verified_at.as_deref(), &evidence)?
        }
        Command::Snapshot(command) => snapshot::run(&command)?,
        Command::Rdap(command) => rdap::run(&command)?,
        Command::Policy(command) => Told { text: policy::run(&command)?, ..Told::default() },
        other => Told { text: describe::describe(&other)?, ..Told::default() },
    };
    warn_of(&told.warnings, json);
    say(&told.text)?;
    Ok(ExitCode::from(u8::from(told.incomplete)))
}

/// Writes to standard error what is not whole.
fn warn_of(warnings: &[String], json: bool) {
    for warning in warnings {
        warn(&match json {
            true => serde_json::json!({ "level": "warn", "message": warning }).to_string(),
            false => format!("warning: {}", escape::line(warning)),
        });
    }
}

/// Writes to standard output; a closed pipe is success.
fn say(text: &str) -> Result<()> {
    let text = escape::lines(text);
    match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::failure("-".as_ref(), error)),
        _ => Ok(()),
    }
}
