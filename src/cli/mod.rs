//! The command line as it was typed; [`crate::config`] says what it means.
//!
//! One file for each family of commands. The doc comments here are the help texts.

mod columns;
mod evidence;
mod nightly;
mod page;
mod rdap;
mod registry;
mod report;
mod show;
mod snapshot;
mod stream;

use std::ffi::OsString;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use columns::ColumnArgs;
pub use evidence::{EvidenceArgs, ExplainArgs};
pub(crate) use nightly::SET_BY_NIGHT;
pub use nightly::{NightArgs, NightlyArgs};
pub use page::PageArgs;
#[cfg(feature = "fetch")]
pub use rdap::FetchArgs;
pub use rdap::{ImportArgs, RdapCommand};
pub use registry::{RegistryCommand, RegistryImportArgs};
pub use report::{AuditArgs, PolicyCommand, ReportArgs};
pub use show::{ShowArgs, ShowFormat};
pub use snapshot::{BuildArgs, DiffArgs, PruneArgs, SnapshotCommand};
pub use stream::{StreamArgs, StreamFormat};

use crate::progress::ProgressMode;

/// Tells for every account of a service, offline, whether someone else can receive its mail: now, soon, or already.
#[derive(Debug, Parser)]
#[command(name = "zonelapse", version, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How messages are written: for people, or as one JSON object a line [default: text]
    #[arg(long, global = true, value_enum, help_heading = "Messages")]
    pub log_format: Option<LogFormat>,
}

/// The options of the command that was typed. Hints name an option only if it is one of these.
#[derive(Debug, Clone, Default)]
pub struct KnownOptions {
    /// Long names, without dashes, and short ones.
    names: Vec<(String, Option<char>)>,
    /// What the values of options are, where only some are known.
    values: Vec<(String, Vec<String>)>,
}

impl Cli {
    /// Reads a command line, the program's name first.
    pub fn read(line: impl IntoIterator<Item = OsString>) -> Result<(Self, KnownOptions), clap::Error> {
        let mut grammar = Self::command();
        let matches = grammar.try_get_matches_from_mut(line)?;
        let mut cli = Self::from_arg_matches(&matches).map_err(|error| error.format(&mut grammar))?;
        let json = cli.log_format == Some(LogFormat::Json);
        match &mut cli.command {
            Command::Audit(args) => args.report.log_format = cli.log_format,
            Command::Nightly(args) => args.report.log_format = cli.log_format,
            Command::Snapshot(SnapshotCommand::Build(args)) => args.messages.json = json,
            Command::Rdap(RdapCommand::Import(args)) => args.messages.json = json,
            Command::Registry(RegistryCommand::Import(args)) => args.messages.json = json,
            #[cfg(feature = "fetch")]
            Command::Rdap(RdapCommand::Fetch(args)) => args.messages.json = json,
            _ => {}
        }
        let (mut command, mut matches) = (&grammar, &matches);
        while let Some((name, inner)) = matches.subcommand() {
            let Some(found) = command.find_subcommand(name) else { break };
            (command, matches) = (found, inner);
        }
        Ok((cli, KnownOptions::of(command)))
    }

    /// Whether a command line wants messages as JSON. This looks at the words alone, because mistakes are told before the
    /// line makes sense.
    pub fn wants_json(line: &[OsString]) -> bool {
        let words = line.iter().map_while(|word| word.to_str().filter(|word| *word != "--"));
        let words: Vec<&str> = words.collect();
        words.windows(2).any(|pair| pair == ["--log-format", "json"]) || words.contains(&"--log-format=json")
    }

    /// Whether the command has its own way to stop on a signal.
    pub fn handles_signals(&self) -> bool {
        matches!(self.command, Command::Rdap(RdapCommand::Fetch { .. }))
    }
}

impl KnownOptions {
    fn of(command: &clap::Command) -> Self {
        let options = || {
            let options = command.get_arguments().filter(|option| !option.is_hide_set());
            options.filter_map(|option| Some((option.get_long()?.to_owned(), option)))
        };
        let values = |option: &clap::Arg| {
            option.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
        };
        Self {
            names: options().map(|(name, option)| (name, option.get_short())).collect(),
            values: options().map(|(name, option)| (name, values(option))).collect(),
        }
    }

    /// An option as it is typed, if the command has it: the short form where there is one.
    pub fn flag(&self, long: &str) -> Option<String> {
        let (_, short) = self.names.iter().find(|(name, _)| name == long)?;
        Some(short.map_or_else(|| format!("--{long}"), |short| format!("-{short}")))
    }

    /// The values that an option can have, if only some are known.
    pub(crate) fn values(&self, long: &str) -> &[String] {
        self.values.iter().find(|(name, _)| name == long).map_or(&[], |(_, values)| values)
    }
}

/// An option of `audit` that has no place in a night is not shown; that it is refused is decided with the others.
fn hide_what_the_night_sets(option: clap::Arg) -> clap::Arg {
    let hidden = option.get_long().is_some_and(|long| SET_BY_NIGHT.contains(&long));
    option.hide(hidden)
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge all accounts and write a report directory
    #[command(after_help = report::AUDIT_EXAMPLES)]
    Audit(Box<AuditArgs>),
    /// The whole night in one command: take in what is new, judge, compare, clean up
    #[command(after_help = nightly::NIGHTLY_HELP, mut_args(hide_what_the_night_sets))]
    Nightly(Box<NightlyArgs>),
    /// Show the evidence about a name or an address, and the rule that decides
    #[command(after_help = evidence::EXPLAIN_EXAMPLES)]
    Explain(Box<ExplainArgs>),
    /// Judge rows from standard input, and write them to standard output with verdicts: for Spark, pandas and other engines
    #[command(after_help = stream::STREAM_EXAMPLES)]
    Stream(Box<StreamArgs>),
    /// Build and maintain snapshots of zones: one for each date, compact, with a memory of the past
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// Collect RDAP answers
    #[command(subcommand)]
    Rdap(RdapCommand),
    /// Collect lists that registries publish
    #[command(subcommand)]
    Registry(RegistryCommand),
    /// Show the accounts of a report, the most urgent first
    #[command(after_help = show::SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Write the page of a report, index.html, again
    #[command(after_help = page::PAGE_EXAMPLES)]
    Report(PageArgs),
    /// Compare what each policy would have done
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Print the tables of rules, raises, policies and reasons
    Rules {
        /// As Markdown
        #[arg(long)]
        markdown: bool,
    },
    /// Print the columns of the report's tables
    Schema {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of a command, or of all commands
    Man {
        /// The command, such as `snapshot build` [default: all]
        #[arg(value_name = "COMMAND")]
        command: Vec<String>,
    },
}

named_enum! {
    /// How messages are written.
    #[derive(Default, ValueEnum)]
    pub enum LogFormat {
        /// For people.
        #[default]
        Text = "text",
        /// A JSON object a line.
        Json = "json",
    }
}

/// What a command shows while it runs and at its end.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Messages")]
pub struct MessageArgs {
    /// No summary, no progress and no notices; the reasons of an exit status other than 0 are always told
    #[arg(long)]
    pub quiet: bool,
    /// When to show progress [default: auto]
    #[arg(long, value_enum)]
    pub progress: Option<ProgressMode>,
    /// Whether messages are JSON objects.
    #[arg(skip)]
    pub json: bool,
}

impl MessageArgs {
    /// When to show progress.
    pub fn progress_mode(&self) -> ProgressMode {
        if self.quiet { ProgressMode::Never } else { self.progress.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command, those within commands too.
    fn each(command: &clap::Command, visit: &mut dyn FnMut(&clap::Command)) {
        visit(command);
        command.get_subcommands().for_each(|inner| each(inner, visit));
    }

    #[test]
    fn help_fits_a_terminal_and_examples_stay_whole() {
        for width in [80, 100, 120] {
            let mut grammar = Cli::command().term_width(width);
            grammar.build();
            let mut seen = 0;
            each(&grammar, &mut |command| {
                let help = command.clone().render_help().to_string();
                let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains(&examples), "examples of {} at {width}:\n{help}", command.get_name());
                let longest = help.lines().max_by_key(|line| line.chars().count()).unwrap_or_default();
                // the usage and a name that is longer than any column are never broken
                let is_usage = longest.starts_with("Usage:");
                assert!(is_usage || longest.chars().count() <= 80.max(width), "{longest}");
                seen += usize::from(!examples.is_empty());
            });
            assert!(seen >= 6, "{seen} commands have examples");
        }
    }

    #[test]
    fn json_is_known_before_the_line_makes_sense() {
        let wants = |line: &str| Cli::wants_json(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(wants("zonelapse audti --log-format json"));
        assert!(wants("zonelapse --log-format=json rules"));
        assert!(!wants("zonelapse audit --log-format text"));
        assert!(!wants("zonelapse audit -- --log-format=json"));
    }
}
