//! Options that say where evidence comes from and how it is judged, and `explain`, which needs no more.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::assess::Policy;
use crate::name::Subject;

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  zonelapse explain someone@mail.example.com --zones com.txt.gz
  zonelapse explain example.com example.net --zones zones/ \\
      --rdap answers.ndjson.gz --as-of 2026-06-01
  zonelapse explain example.com --report report --verified-at 2024-03-01
  zonelapse explain example.com --report report --json | jq .to_change
  zonelapse explain io.github.user.App --subject reverse-dns --zones zones/

Exit status: 0 explained; 1 explained, but evidence is not whole, or a name is
not in the report; 2 usage mistake or failure.";

/// Where evidence comes from and how it is judged.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(next_help_heading = "Evidence")]
pub struct EvidenceArgs {
    /// Zone files, lists of names, directories of them, or a store of snapshots; may be repeated, and may be a quoted pattern: 'zones/*.gz'
    #[arg(long, value_name = "PATH")]
    pub zones: Vec<PathBuf>,
    /// RDAP answers: NDJSON or JSON files, directories of them, or the Parquet of `rdap import`; may be repeated, and may be a quoted pattern
    #[arg(long, value_name = "PATH")]
    pub rdap: Vec<PathBuf>,
    /// Lists that registries publish: the Parquet of `registry import`, or lists as they come; may be repeated, and may be a quoted pattern
    #[arg(long, value_name = "PATH")]
    pub registry: Vec<PathBuf>,
    /// Mail-server (MX) data: tables of domains and hosts, what zdns, massdns or dig write, or OpenINTEL's Parquet; may be repeated, and may be a quoted pattern
    #[arg(long, value_name = "PATH")]
    pub mx: Vec<PathBuf>,
    /// The Public Suffix List [default: the copy built in]
    #[arg(long, value_name = "FILE")]
    pub psl: Option<PathBuf>,
    /// IANA's RDAP bootstrap file, which says whose server is the registry's [default: the copy built in]
    #[arg(long, value_name = "FILE")]
    pub bootstrap: Option<PathBuf>,
    /// Your own list of mail domains, CSV with `domain` and `class` (`free`, `disposable`, or `none` to take one out of the built-in lists); it adds to these and replaces what they say
    #[arg(long, value_name = "FILE")]
    pub mail_classes: Option<PathBuf>,
    /// A host whose RDAP answers count as the registry's, such as your own cache; may be repeated
    #[arg(long, value_name = "HOST")]
    pub trust_source: Vec<String>,
    /// What each row, or each argument of `explain`, names [default: address]
    #[arg(long, value_enum)]
    pub subject: Option<Subject>,
    /// The moment of judgement; a bare date means 00:00 UTC on that day [default: now]
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub as_of: Option<String>,
    /// Which action each verdict calls for [default: default]
    #[arg(long, value_enum)]
    pub policy: Option<Policy>,
    /// How many days ahead an expiration counts as near [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub lead_days: Option<u32>,
    /// How old a zone may be to prove absence [default: 3]
    #[arg(long, value_name = "DAYS")]
    pub max_zone_age_days: Option<u32>,
    /// How old an RDAP answer may be to be used [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub max_rdap_age_days: Option<u32>,
    /// How old MX data may be to raise a risk; older ones are only told [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub max_mx_age_days: Option<u32>,
    /// Treat lists of names as complete zones
    #[arg(long)]
    pub trust_lists: bool,
    /// The date of these zones, in place of the one their serials give
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub date: Option<String>,
    /// The origin of lists, and of relative names in zone files
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
    /// Follow `$INCLUDE` in zone files
    #[arg(long)]
    pub allow_include: bool,
    /// How many percent of its names a zone may lose since the last complete snapshot [default: 10]
    #[arg(long, value_name = "PERCENT")]
    pub max_shrink: Option<f64>,
    /// The store that keeps snapshots of the zone files [default: $ZONELAPSE_STORE, or else a temporary one]
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// How many threads to use [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Read options from a TOML file; the command line wins, and paths are relative to the file
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// One name and its story.
#[derive(Debug, Clone, Default, Args)]
pub struct ExplainArgs {
    /// Names or addresses; with `--subject` domains, URLs or reverse-DNS names
    #[arg(value_name = "NAME_OR_ADDRESS", required = true)]
    pub names: Vec<String>,
    /// Evidence.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// When the address was verified: the verdict is then that of the account
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub verified_at: Option<String>,
    /// Take the evidence from this finished report, and read no zones and answers
    #[arg(long, value_name = "DIR", conflicts_with_all = ["zones", "rdap", "registry", "mx", "as_of", "policy", "store", "config"])]
    pub report: Option<PathBuf>,
    /// As JSON: an object a line for each name
    #[arg(long)]
    pub json: bool,
}
