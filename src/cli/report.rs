//! Options of `audit`, and of the commands that read its report.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::{ColumnArgs, EvidenceArgs, LogFormat};
use crate::input::accounts::AccountFormat;
use crate::progress::ProgressMode;

pub(super) const AUDIT_EXAMPLES: &str = "\
Examples:
  zonelapse audit accounts.csv --zones zones/ --rdap answers.ndjson.gz -o report
  zonelapse audit --zones 'zones/*.gz' --zones snapshots accounts.csv -o report
  zonelapse audit users.parquet --email-column mail --id-column uid \\
      --zones zones/ -o report
  psql -c '\\copy (select ...) to stdout csv header' |
      zonelapse audit - --format csv --zones zones/ -o report
  zonelapse audit domains.csv --subject domain --zones zones/ -o report
  zonelapse audit accounts.csv --config audit.toml --as-of 2026-06-01 -o report

Exit status: 0 complete; 1 finished, but incomplete or held back, and standard
error says why; 2 usage mistake or failure, no report.";

/// `audit`.
#[derive(Debug, Clone, Default, Args)]
pub struct AuditArgs {
    /// Files of accounts: CSV, TSV, JSON, Parquet or one address a line; `-` is standard input
    #[arg(value_name = "ACCOUNTS")]
    pub accounts: Vec<PathBuf>,
    /// Evidence.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// Accounts and output.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// How accounts are read, and what is written.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(next_help_heading = "Accounts and report")]
pub struct ReportArgs {
    /// Directory to write the report to
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How the accounts are written [default: by their content]
    #[arg(long, value_enum)]
    pub format: Option<AccountFormat>,
    /// Columns.
    #[command(flatten)]
    #[serde(flatten)]
    pub columns: ColumnArgs,
    /// Treat each address in a field as an account, instead of rejecting the row as `several_addresses`
    #[arg(long)]
    pub split_addresses: bool,
    /// A column to copy into the report, as text; may be repeated
    #[arg(long, value_name = "COLUMN")]
    pub carry: Vec<String>,
    /// Write the address into the report
    #[arg(long)]
    pub keep_email: bool,
    /// Write the address's HMAC-SHA-256 under the key in this file
    #[arg(long, value_name = "KEYFILE")]
    pub hash_email: Option<PathBuf>,
    /// Decisions that people made: CSV with the columns domain, action, until
    #[arg(long, value_name = "FILE")]
    pub overrides: Option<PathBuf>,
    /// An earlier report to compare with, or a directory of reports: the newest complete one that judged earlier; its times of verification count as well
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// How many percent of a zone's domains may newly become `unverify`; if more do, all are held back for review [default: 5]
    #[arg(long, value_name = "PERCENT")]
    pub max_flagged_share: Option<f64>,
    /// The run counts as incomplete if more than this percentage of the rows is rejected [default: 5]
    #[arg(long, value_name = "PERCENT")]
    pub max_rejected: Option<f64>,
    /// The run counts as incomplete if more than this percentage of the times or weights given cannot be read [default: 5]
    #[arg(long, value_name = "PERCENT")]
    pub max_unread: Option<f64>,
    /// Let accounts of this zone be unverified although the circuit breaker would hold them back; may be repeated
    #[arg(long, value_name = "ZONE")]
    pub release_breaker: Vec<String>,
    /// The run also counts as incomplete if a zone is stale or only a list
    #[arg(long)]
    pub strict: bool,
    /// No summary, no progress and no notices; the reasons of an exit status other than 0 are always told
    #[arg(long)]
    pub quiet: bool,
    /// When to show progress [default: auto]
    #[arg(long, value_enum)]
    pub progress: Option<ProgressMode>,
    /// How messages are written; a configuration file may say it, too.
    #[arg(skip)]
    pub log_format: Option<LogFormat>,
}

/// Commands about policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show what each policy would have done in a finished run, by state
    Diff {
        /// The report directory
        #[arg(value_name = "DIR")]
        report: PathBuf,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}
