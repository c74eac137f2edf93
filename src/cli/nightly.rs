//! Options of `nightly`: those of an audit, and what the night needs beside them.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{EvidenceArgs, ReportArgs};

/// Options of `audit` that the night sets itself.
pub(crate) const SET_BY_NIGHT: [&str; 2] = ["output", "previous"];

pub(super) const NIGHTLY_HELP: &str = "\
One directory holds it all: snapshots/, answers.parquet, registry.parquet,
reports/2026-11-25/, latest (a link to the newest report), metrics.prom.

A night: build snapshots of new zone files; merge new RDAP answers and lists
into their tables; judge, and compare with the newest complete report of an
earlier day; remove old snapshots and reports; point latest to the report.
What was taken once is not read again. Stop it, kill it, run it twice: the
next run goes on from there.

Examples:
  zonelapse nightly --config zonelapse.toml
  zonelapse nightly --config zonelapse.toml --release-breaker com

Exit status: 0 complete; 1 a report, but incomplete or held back, and standard
error says why; 2 usage mistake or failure: no report tonight, the last good
one stays.";

/// `nightly`.
#[derive(Debug, Clone, Default, Args)]
pub struct NightlyArgs {
    /// The night.
    #[command(flatten)]
    pub night: NightArgs,
    /// Evidence.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// Accounts and output.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// Where the night works, and what it keeps.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(next_help_heading = "The night")]
pub struct NightArgs {
    /// Directory for everything that the night makes and keeps
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// A file of accounts; may be repeated
    #[arg(long, value_name = "PATH")]
    pub accounts: Vec<PathBuf>,
    /// How many reports to keep, the newest first [default: 30]
    #[arg(long, value_name = "N")]
    pub keep_reports: Option<usize>,
    /// Also keep reports of so many days before the newest [default: 0]
    #[arg(long, value_name = "DAYS")]
    pub keep_report_days: Option<u32>,
    /// How many snapshots of each zone to keep, the newest first [default: 7]
    #[arg(long, value_name = "N")]
    pub keep_snapshots: Option<usize>,
    /// Also keep snapshots of so many days before the newest of their zone [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub keep_snapshot_days: Option<u32>,
}
