//! The command line as typed, uninterpreted; `config` says what it means.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::assess::Policy;
use crate::input::accounts::AccountFormat;
use crate::progress::ProgressMode;

/// Tells, for every account of a service and with no query leaving the host, whether someone else can
/// receive its mail: now, soon, or already.
#[derive(Debug, Parser)]
#[command(name = "zonelapse", version, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Whether messages are wanted as JSON.
    pub fn wants_json(&self) -> bool {
        matches!(&self.command, Command::Audit(args) if args.report.log_format == Some(LogFormat::Json))
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge all accounts and write a report directory
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(Box<AuditArgs>),
    /// Tell the evidence about a name or an address, and the rule that decides
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Box<ExplainArgs>),
    /// Build and tend snapshots of zones: dated, compact, with memory of the past
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// Gather RDAP responses
    #[command(subcommand)]
    Rdap(RdapCommand),
    /// Compare what policies would have done
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Print the table of states, raises, policies and reasons
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
    /// Print the manual page
    Man,
}

const AUDIT_EXAMPLES: &str = "\
Examples:
  zonelapse audit accounts.csv --zones zones/ --rdap answers.ndjson.gz -o report
  zonelapse audit users.parquet --email-column mail --id-column uid --zones com.txt.gz net.txt.gz -o report
  psql -c '\\copy (select ...) to stdout csv header' | zonelapse audit - --format csv --zones zones/ -o report
  zonelapse audit accounts.csv --zones zones/ --as-of 2026-06-01 --config audit.toml -o report

Exit status: 0 complete; 1 finished, but incomplete or held back; 2 usage mistake or failure, no report.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  zonelapse explain someone@mail.example.com --zones com.txt.gz
  zonelapse explain example.com example.net --zones zones/ --rdap answers.ndjson.gz --as-of 2026-06-01";

/// Where evidence comes from, and how it is judged.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(next_help_heading = "Evidence")]
pub struct EvidenceArgs {
    /// Zone files, lists of names, directories of them, or stores of snapshots
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub zones: Vec<PathBuf>,
    /// RDAP answers: NDJSON or JSON files, directories of them, or the Parquet of `rdap import`
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub rdap: Vec<PathBuf>,
    /// The Public Suffix List [default: the copy built in]
    #[arg(long, value_name = "FILE")]
    pub psl: Option<PathBuf>,
    /// IANA's RDAP bootstrap file: only the registry's answers then give statuses
    #[arg(long, value_name = "FILE")]
    pub bootstrap: Option<PathBuf>,
    /// Moment of judgement; a bare date is its 00:00 UTC [default: now]
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub as_of: Option<String>,
    /// Which action a verdict calls for [default: default]
    #[arg(long, value_enum)]
    pub policy: Option<Policy>,
    /// Days ahead in which an expiration counts as near [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub lead_days: Option<u32>,
    /// Age up to which a zone proves absence [default: 3]
    #[arg(long, value_name = "DAYS")]
    pub max_zone_age_days: Option<u32>,
    /// Age up to which an RDAP answer is used [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub max_rdap_age_days: Option<u32>,
    /// Take lists of names as complete zones
    #[arg(long)]
    pub trust_lists: bool,
    /// Date of the zones given, instead of their serials
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub date: Option<String>,
    /// Origin of lists and of relative names in zone files
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
    /// Follow `$INCLUDE` in zone files
    #[arg(long)]
    pub allow_include: bool,
    /// Percent of its names that a zone may lose against the last complete snapshot [default: 10]
    #[arg(long, value_name = "PERCENT")]
    pub max_shrink: Option<f64>,
    /// Store in which snapshots of the zone files are kept [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Threads to work with [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Options from a TOML file; those on the command line win
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// The main job.
#[derive(Debug, Clone, Default, Args)]
pub struct AuditArgs {
    /// Files of accounts: CSV, TSV, NDJSON, Parquet or one address a line; `-` is standard input
    #[arg(value_name = "ACCOUNTS")]
    pub accounts: Vec<PathBuf>,
    /// Evidence.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// Accounts and output.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// How accounts are read and what is written.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(next_help_heading = "Accounts and report")]
pub struct ReportArgs {
    /// Directory to write the report to
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How the accounts are written [default: by the file's name]
    #[arg(long, value_enum)]
    pub format: Option<AccountFormat>,
    /// Column of the address [default: email, email_address or mail]
    #[arg(long, value_name = "COLUMN")]
    pub email_column: Option<String>,
    /// Column of the identifier [default: id, account_id, user_id or username]
    #[arg(long, value_name = "COLUMN")]
    pub id_column: Option<String>,
    /// Column of the last verification [default: verified_at or email_verified_at]
    #[arg(long, value_name = "COLUMN")]
    pub verified_at_column: Option<String>,
    /// Column of the first verification [default: first_verified_at]
    #[arg(long, value_name = "COLUMN")]
    pub first_verified_at_column: Option<String>,
    /// Column of the weight [default: weight or downloads]
    #[arg(long, value_name = "COLUMN")]
    pub weight_column: Option<String>,
    /// Form of the times of verification, as strftime writes it, if it can be read two ways: `%d/%m/%Y`
    #[arg(long, value_name = "PATTERN")]
    pub time_format: Option<String>,
    /// Make an account of each address in a field, instead of rejecting the row as `several_addresses`
    #[arg(long)]
    pub split_addresses: bool,
    /// Columns to pass through, as text
    #[arg(long, num_args = 1.., value_name = "COLUMN")]
    pub carry: Vec<String>,
    /// Write the address into the report
    #[arg(long)]
    pub keep_email: bool,
    /// Write the address's HMAC-SHA-256 under the key in this file
    #[arg(long, value_name = "KEYFILE")]
    pub hash_email: Option<PathBuf>,
    /// People's decisions: CSV with the columns domain, action, until
    #[arg(long, value_name = "FILE")]
    pub overrides: Option<PathBuf>,
    /// An earlier report to compare with; its verifications count, too
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// Percent of a zone's domains that may newly be unverified; more are held back for review [default: 5]
    #[arg(long, value_name = "PERCENT")]
    pub max_flagged_share: Option<f64>,
    /// Percent of rejected rows above which the run counts as incomplete [default: 5]
    #[arg(long, value_name = "PERCENT")]
    pub max_rejected: Option<f64>,
    /// Count stale zones and lists as incomplete, too
    #[arg(long)]
    pub strict: bool,
    /// No summary and no progress
    #[arg(long)]
    pub quiet: bool,
    /// When to show progress [default: auto]
    #[arg(long, value_enum)]
    pub progress: Option<ProgressMode>,
    /// How messages are written [default: text]
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
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

/// What a command tells on the way and at its end.
#[derive(Debug, Clone, Default, Args)]
pub struct TellingArgs {
    /// No summary and no progress
    #[arg(long)]
    pub quiet: bool,
    /// When to show progress [default: auto]
    #[arg(long, value_enum)]
    pub progress: Option<ProgressMode>,
}

impl TellingArgs {
    /// When to show progress.
    pub fn mode(&self) -> ProgressMode {
        if self.quiet { ProgressMode::Never } else { self.progress.unwrap_or_default() }
    }
}

/// What can be asked of policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Tell what each policy would have done in a finished run, by state
    Diff {
        /// The report directory
        #[arg(value_name = "DIR")]
        report: PathBuf,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// What can be done with RDAP responses.
#[derive(Debug, Subcommand)]
pub enum RdapCommand {
    /// Make one Parquet table of RDAP responses: sorted by domain, the newest of each server
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// Ask the servers of registries, politely, about the domains that matter
    #[cfg(feature = "fetch")]
    #[command(after_help = FETCH_EXAMPLES)]
    Fetch(Box<FetchArgs>),
    /// Ask the servers of registries; this build cannot
    #[cfg(not(feature = "fetch"))]
    #[command(hide = true, disable_help_flag = true)]
    Fetch {
        /// Whatever was typed
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        args: Vec<std::ffi::OsString>,
    },
}

#[cfg(feature = "fetch")]
const FETCH_EXAMPLES: &str = "\
Examples:
  zonelapse rdap fetch report -o answers.ndjson --dry-run
  zonelapse rdap fetch report -o answers.ndjson --contact security@registry.example
  zonelapse rdap fetch names.txt example.org -o answers.ndjson --rate 2 --rate rdap.nic.example=0.2

Of a report the domains are asked about whose accounts call for `lookup` or `review`, most urgent first. Answers are
appended as they come; a run that is stopped goes on where it stopped when it is started again.
Exit status: 0 everything answered; 1 some was not; 2 usage mistake or failure.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  zonelapse rdap import answers.ndjson.gz responses/ -o rdap.parquet
  zonelapse rdap import rdap.parquet new.ndjson.zst -o rdap.parquet
  zonelapse rdap import 'responses/*/*.json' -o rdap.parquet

Answers are domain objects (RFC 9083), bare or as {\"domain\", \"fetched_at\", \"source\", \"http_status\", \"body\"}.
Exit status: 0 complete; 1 some files could not be read as a whole; 2 usage mistake or failure, no table.";

/// Importing RDAP responses.
#[derive(Debug, Clone, Default, Args)]
pub struct ImportArgs {
    /// NDJSON or JSON files (plain, .gz, .zst), directories of them, patterns, earlier imports; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Parquet file to write; may be an input that is an earlier import
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Threads to work with [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// What is told.
    #[command(flatten)]
    pub telling: TellingArgs,
}

/// Asking registries.
#[cfg(feature = "fetch")]
#[derive(Debug, Clone, Args)]
pub struct FetchArgs {
    /// Report directories, files of names (one a line; `-` is standard input), or names
    #[arg(value_name = "REPORT_OR_FILE_OR_NAME", required = true)]
    pub what: Vec<String>,
    /// NDJSON file to append answers to; made if there is none
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Further answers that are known: NDJSON or JSON files, directories of them, or imports
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub rdap: Vec<PathBuf>,
    /// Age up to which an answer is not asked again
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub max_rdap_age_days: u32,
    /// IANA's RDAP bootstrap file [default: the copy built in]
    #[arg(long, value_name = "FILE")]
    pub bootstrap: Option<PathBuf>,
    /// Only say what would be asked of whom, and how long it takes
    #[arg(long)]
    pub dry_run: bool,
    /// Ask at most so many questions, the most urgent ones
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Ask the registrars that registries name, too
    #[arg(long)]
    pub follow_registrar: bool,
    /// Questions a second: to every host, or to one; may be given more than once [default: 1]
    #[arg(long, value_name = "N|HOST=N")]
    pub rate: Vec<crate::fetch::Rate>,
    /// Servers asked at the same time
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub servers: usize,
    /// Time for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub timeout: f64,
    /// Longest wait that a busy server may ask for; a longer one ends asking it
    #[arg(long, value_name = "SECONDS", default_value_t = 900.0)]
    pub max_wait: f64,
    /// Largest answer that is taken
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20)]
    pub max_bytes: usize,
    /// Redirects followed for one question
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub max_redirects: usize,
    /// Host that may be asked without TLS, and at an address that is not public; may be given more than once
    #[arg(long, value_delimiter = ',', value_name = "HOST[:PORT]")]
    pub insecure_http: Vec<crate::fetch::InsecureHost>,
    /// Mail address or URL under which servers' keepers reach you; told in the User-Agent
    #[arg(long, value_name = "CONTACT")]
    pub contact: Option<String>,
    /// What is told.
    #[command(flatten)]
    pub telling: TellingArgs,
}

/// What can be done with snapshots.
#[derive(Debug, Subcommand)]
pub enum SnapshotCommand {
    /// Build snapshots of zone files in a store
    #[command(after_help = BUILD_EXAMPLES)]
    Build(BuildArgs),
    /// List the snapshots of a store
    List {
        /// The store
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// Only these zones
        #[arg(value_name = "ZONE")]
        zones: Vec<String>,
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
    },
    /// Read snapshots to their end and check every byte
    Verify {
        /// The store
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// Only these zones
        #[arg(value_name = "ZONE")]
        zones: Vec<String>,
    },
    /// Tell what changed between two snapshots: names added, dropped, returned, with other name servers
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Write a snapshot as Parquet
    Export {
        /// The snapshot: a file, or `ZONE@DATE` (or `ZONE`, the newest) of the store
        #[arg(value_name = "SNAPSHOT")]
        snapshot: String,
        /// The store
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
        /// File to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Take the shrinkage of a snapshot as real: it then proves absence, and so do later ones of its size
    Accept {
        /// The snapshot: `ZONE@DATE` of the store
        #[arg(value_name = "SNAPSHOT")]
        snapshot: String,
        /// The store
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// Take it back: the snapshot is judged by its size again
        #[arg(long)]
        undo: bool,
    },
    /// Remove old snapshots; their history lives on in those that stay
    #[command(after_help = PRUNE_HELP)]
    Prune(PruneArgs),
}

const BUILD_EXAMPLES: &str = "\
Examples:
  zonelapse snapshot build zones/*.txt.gz --store snapshots
  zonelapse snapshot build se.list --store snapshots --date 2026-06-01 --trust-lists

Exit status: 0 all zones complete; 1 some are unclosed, shrunk or unreadable; 2 usage mistake or failure.";

const DIFF_EXAMPLES: &str = "\
Examples:
  zonelapse snapshot diff com@2026-05-31 com@2026-06-01 --store snapshots -o changes.parquet
  zonelapse snapshot diff old.zls new.zls";

const PRUNE_HELP: &str = "\
A snapshot stays if any rule keeps it. The newest of each zone and the newest complete one always stay.";

/// Building snapshots.
#[derive(Debug, Clone, Default, Args)]
pub struct BuildArgs {
    /// Zone files, lists of names, or directories of them
    #[arg(value_name = "ZONE", required = true)]
    pub zones: Vec<PathBuf>,
    /// The store; made if there is none
    #[arg(long, value_name = "DIR")]
    pub store: PathBuf,
    /// Date of the zones given, instead of their serials
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub date: Option<String>,
    /// Origin of lists and of relative names in zone files
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
    /// Take lists of names as complete zones: names that are missing were dropped
    #[arg(long)]
    pub trust_lists: bool,
    /// Follow `$INCLUDE` in zone files
    #[arg(long)]
    pub allow_include: bool,
    /// Percent of its names that a zone may lose against the last complete snapshot [default: 10]
    #[arg(long, value_name = "PERCENT")]
    pub max_shrink: Option<f64>,
    /// Threads to work with [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// What is told.
    #[command(flatten)]
    pub telling: TellingArgs,
}

/// Comparing two snapshots.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// The older one: a file, or `ZONE@DATE` of the store
    #[arg(value_name = "A")]
    pub first: String,
    /// The newer one
    #[arg(value_name = "B")]
    pub second: String,
    /// The store
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Parquet file to write the changes to [default: a summary only]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Removing old snapshots.
#[derive(Debug, Clone, Args)]
pub struct PruneArgs {
    /// The store
    #[arg(long, value_name = "DIR")]
    pub store: PathBuf,
    /// Only these zones
    #[arg(value_name = "ZONE")]
    pub zones: Vec<String>,
    /// Keep this many of the newest of each zone
    #[arg(long, value_name = "N", required_unless_present = "keep_days")]
    pub keep_last: Option<usize>,
    /// Keep those dated within so many days before the newest of their zone
    #[arg(long, value_name = "DAYS")]
    pub keep_days: Option<u32>,
    /// Only say what would be removed
    #[arg(long)]
    pub dry_run: bool,
}

/// One name's story.
#[derive(Debug, Clone, Default, Args)]
pub struct ExplainArgs {
    /// Names or addresses
    #[arg(value_name = "NAME_OR_ADDRESS", required = true)]
    pub names: Vec<String>,
    /// Evidence.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// When the address was verified: tells whether the account would be `reregistered`
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub verified_at: Option<String>,
}
