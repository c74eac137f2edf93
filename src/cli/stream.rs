//! Options of `stream`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ColumnArgs, EvidenceArgs};

pub(super) const STREAM_EXAMPLES: &str = "\
Examples:
  zonelapse stream --store snapshots --format ndjson < accounts.ndjson
  zonelapse stream --zones snapshots --rdap answers.parquet --format csv \\
      < accounts.csv > judged.csv
  zonelapse stream --store snapshots --format tsv --no-header \\
      --email-column 2 --delimiter '\\x01'

One row comes out for each row that goes in, in the same order, with columns
added: mail_domain, registrable_domain, judged_domain, tld, mail_class, state,
risk, risk_rank, action, rule, reasons, earliest_drop_on, latest_drop_on,
days_to_drop, hands_changed_at, as_of. A row that cannot be judged has the
state `rejected`, and its reason stands in `reasons`.

Every verdict is that of `audit`, but for what takes all rows of a run: circuit
breakers (`--max-flagged-share`, `--release-breaker`), an earlier report
(`--previous`), and names that look mistyped beside the others. One row comes
out for each, so there is no `--split-addresses`.

Zones have to be a store of snapshots, answers and lists the tables of `rdap
import` and `registry import`. Mail servers are probed in Parquet that is
sorted by domain; other files are loaded whole, and may have 2,097,152 records.

Exit status: 0 every row was answered, or the reader had enough; 2 usage
mistake or failure: rows may be missing. A warning says so if no row at all
could be judged.";

named_enum! {
    /// How rows come in and go out.
    #[derive(ValueEnum)]
    pub enum StreamFormat {
        /// Arrow IPC streams.
        Arrow = "arrow",
        /// One JSON object a line.
        Ndjson = "ndjson",
        /// A table of text whose fields may be quoted (RFC 4180).
        Csv = "csv",
        /// A table of text whose fields are never quoted; `\N` is null.
        Tsv = "tsv",
    }
}

/// `stream`.
#[derive(Debug, Clone, Default, Args)]
pub struct StreamArgs {
    /// Evidence.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// How rows come in and go out: Arrow IPC, a JSON object a line, CSV, or fields that are never quoted [default: ndjson or csv, by the first byte]
    #[arg(long, value_enum, help_heading = "Rows")]
    pub format: Option<StreamFormat>,
    /// Columns.
    #[command(flatten, next_help_heading = "Rows")]
    pub columns: ColumnArgs,
    /// Decisions that people made: CSV with the columns domain, action, until
    #[arg(long, value_name = "FILE", help_heading = "Evidence")]
    pub overrides: Option<PathBuf>,
    /// What to put before the names of the columns that are added, if the input has such names
    #[arg(long, value_name = "TEXT", help_heading = "Rows")]
    pub prefix: Option<String>,
    /// Add the column `servers`: the domains of the servers behind a row, and what was judged of them
    #[arg(long, help_heading = "Rows")]
    pub servers: bool,
    /// How many rows are judged together, at most [default: 32768]
    #[arg(long, value_name = "N", help_heading = "Rows")]
    pub batch_rows: Option<usize>,
}
