//! Options of the commands about snapshots.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::MessageArgs;

/// Commands about snapshots.
#[derive(Debug, Subcommand)]
pub enum SnapshotCommand {
    /// Build snapshots of zone files in a store
    #[command(after_help = BUILD_EXAMPLES)]
    Build(BuildArgs),
    /// List the snapshots of a store
    List {
        /// The store [default: $ZONELAPSE_STORE]
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
        /// Only these zones
        #[arg(value_name = "ZONE")]
        zones: Vec<String>,
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
    },
    /// Read whole snapshots and check every byte
    Verify {
        /// The store [default: $ZONELAPSE_STORE]
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
        /// Only these zones
        #[arg(value_name = "ZONE")]
        zones: Vec<String>,
    },
    /// Show what changed between two snapshots: names added, dropped, returned, or with other name servers
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Write the names of a snapshot, their name servers and their history, as Parquet or CSV
    #[command(after_help = EXPORT_HELP)]
    Export {
        /// The snapshot: a file, or `ZONE@DATE` (or `ZONE`, the newest) of the store
        #[arg(value_name = "SNAPSHOT")]
        snapshot: String,
        /// The store [default: $ZONELAPSE_STORE]
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
        /// File to write: Parquet, or CSV if its name ends in `.csv`; `-` is standard output, as CSV
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Accept that a zone really shrank, or that it never has a closing SOA record
    ///
    /// The snapshot then proves absence, and so do later ones: of its size if it shrank; without a closing SOA record,
    /// until one of them shrinks, if it has none.
    Accept {
        /// The snapshot: `ZONE@DATE` of the store
        #[arg(value_name = "SNAPSHOT")]
        snapshot: String,
        /// The store [default: $ZONELAPSE_STORE]
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
        /// Take the acceptance back: the snapshot is judged by its file and its size again
        #[arg(long)]
        undo: bool,
    },
    /// Remove old snapshots; the ones that stay keep their history
    #[command(after_help = PRUNE_HELP)]
    Prune(PruneArgs),
}

const BUILD_EXAMPLES: &str = "\
Examples:
  zonelapse snapshot build zones/ --store snapshots
  zonelapse snapshot build 'zones/*.txt.gz' --store snapshots
  zonelapse snapshot build se.list --store snapshots \\
      --date 2026-06-01 --trust-lists

Exit status: 0 all zones complete; 1 some are unclosed, shrunk or unreadable;
2 usage mistake or failure.";

const DIFF_EXAMPLES: &str = "\
Examples:
  zonelapse snapshot diff com@2026-05-31 com@2026-06-01 --store snapshots \\
      -o changes.parquet
  zonelapse snapshot diff old.zls new.zls";

const EXPORT_HELP: &str = "\
Examples:
  zonelapse snapshot export com --store snapshots -o names.parquet
  zonelapse snapshot export com@2026-06-01 --store snapshots -o - | head";

const PRUNE_HELP: &str = "\
A snapshot stays if any rule keeps it. The newest of each zone and the newest
complete one always stay.

Example:
  zonelapse snapshot prune --store snapshots --keep-last 7 --keep-days 30";

/// `snapshot build`.
#[derive(Debug, Clone, Default, Args)]
pub struct BuildArgs {
    /// Zone files, lists of names, directories of them, or quoted patterns
    #[arg(value_name = "ZONE", required = true)]
    pub zones: Vec<PathBuf>,
    /// The store; it is created if there is none [default: $ZONELAPSE_STORE]
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// The date of these zones, in place of the one their serials give
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub date: Option<String>,
    /// The origin of lists, and of relative names in zone files
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
    /// Treat lists of names as complete zones: names that are missing were dropped
    #[arg(long)]
    pub trust_lists: bool,
    /// Follow `$INCLUDE` in zone files
    #[arg(long)]
    pub allow_include: bool,
    /// How many percent of its names a zone may lose since the last complete snapshot [default: 10]
    #[arg(long, value_name = "PERCENT")]
    pub max_shrink: Option<f64>,
    /// How many threads to use [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Messages.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// `snapshot diff`.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// The older one: a file, or `ZONE@DATE` of the store
    #[arg(value_name = "A")]
    pub first: String,
    /// The newer one
    #[arg(value_name = "B")]
    pub second: String,
    /// The store [default: $ZONELAPSE_STORE]
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Parquet file to write the changes to [default: only count them]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `snapshot prune`.
#[derive(Debug, Clone, Args)]
pub struct PruneArgs {
    /// The store [default: $ZONELAPSE_STORE]
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Only these zones
    #[arg(value_name = "ZONE")]
    pub zones: Vec<String>,
    /// Keep this many of the newest snapshots of each zone
    #[arg(long, value_name = "N", required_unless_present = "keep_days")]
    pub keep_last: Option<usize>,
    /// Keep snapshots dated within this many days of the newest one of their zone
    #[arg(long, value_name = "DAYS")]
    pub keep_days: Option<u32>,
    /// Only show what would be removed
    #[arg(long)]
    pub dry_run: bool,
}
