//! Parse, build the configuration, run, turn the outcome into an exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use zonelapse::cli::{Cli, Command, LogFormat};
use zonelapse::config::{self, Config, use_threads};
use zonelapse::error::{Error, Result, Told};
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
    run(cli.command, json).unwrap_or_else(|error| {
        let text = if json { error.to_json() } else { format!("error: {error}") };
        let _ = writeln!(io::stderr(), "{text}");
        ExitCode::from(2)
    })
}

fn run(command: Command, json: bool) -> Result<ExitCode> {
    let told = match command {
        Command::Audit(args) => {
            let config = Config::of(*args)?;
            use_threads(config.evidence.threads)?;
            let summary = audit::audit(&config)?;
            warn(&summary.warnings, json);
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
        Command::Snapshot(command) => snapshots::run(&command)?,
        Command::Rdap(command) => responses::run(&command)?,
        Command::Policy(command) => Told { text: policies::run(&command)?, ..Told::default() },
        other => Told { text: describe::describe(&other)?, ..Told::default() },
    };
    warn(&told.warnings, json);
    say(&told.text)?;
    Ok(ExitCode::from(u8::from(told.incomplete)))
}

/// Writes to standard error what is not whole.
fn warn(warnings: &[String], json: bool) {
    for warning in warnings {
        let text = match json {
            true => serde_json::json!({ "level": "warn", "message": warning }).to_string(),
            false => format!("warning: {warning}"),
        };
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// Writes to standard output; a closed pipe is success.
fn say(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::failure("-".as_ref(), error)),
        _ => Ok(()),
    }
}
