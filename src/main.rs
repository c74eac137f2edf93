//! Parse, build the configuration, run, turn the outcome into an exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use zonelapse::cli::{Cli, Command, LogFormat, RdapCommand};
use zonelapse::config::{self, Config, use_threads};
use zonelapse::error::{Error, Result};
use zonelapse::signals::Signals;
use zonelapse::{audit, describe, explain, policies, responses, snapshots};

/// Frames and row groups are large and short-lived; the system's allocator hands each back to the kernel.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let json = cli.wants_json();
    // fetching stops in its own way; without a way to watch, signals end the run as they always did
    let fetches = matches!(cli.command, Command::Rdap(RdapCommand::Fetch { .. }));
    let signals = if fetches { None } else { Signals::watch(json).ok() };
    let outcome = run(cli.command);
    if let Some(signals) = signals {
        signals.settle();
    }
    outcome.unwrap_or_else(|error| {
        let text = if json { error.to_json() } else { format!("error: {error}") };
        let _ = writeln!(io::stderr(), "{text}");
        ExitCode::from(2)
    })
}

fn run(command: Command) -> Result<ExitCode> {
    let text = match command {
        Command::Audit(args) => {
            let config = Config::of(*args)?;
            use_threads(config.evidence.threads)?;
            let summary = audit::audit(&config)?;
            // the report stands, whether or not its summary can be told
            if let Err(error) = say(&summary.told(config.quiet, config.log_format == LogFormat::Json)) {
                let _ = writeln!(io::stderr(), "warning: {error}");
            }
            return Ok(ExitCode::from(u8::from(!summary.incomplete.is_empty())));
        }
        Command::Explain(args) => {
            let evidence = config::evidence_of(args.evidence)?;
            use_threads(evidence.threads)?;
            explain::explain(&args.names, args.verified_at.as_deref(), &evidence)?
        }
        Command::Snapshot(command) => {
            let told = snapshots::run(&command)?;
            say(&told.text)?;
            return Ok(ExitCode::from(u8::from(told.incomplete)));
        }
        Command::Rdap(command) => {
            let told = responses::run(&command)?;
            say(&told.text)?;
            return Ok(ExitCode::from(u8::from(told.incomplete)));
        }
        Command::Policy(command) => policies::run(&command)?,
        other => describe::describe(&other)?,
    };
    say(&text).map(|()| ExitCode::SUCCESS)
}

/// Writes to standard output; a closed pipe is success.
fn say(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::failure("-".as_ref(), error)),
        _ => Ok(()),
    }
}
