//! Options of the commands about RDAP answers.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::MessageArgs;

/// Commands about RDAP answers.
#[derive(Debug, Subcommand)]
pub enum RdapCommand {
    /// Make one Parquet table of RDAP answers: sorted by domain, the newest answer of each server
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// Ask the RDAP servers of registries, politely, about the domains that matter
    #[cfg(feature = "fetch")]
    #[command(after_help = FETCH_EXAMPLES)]
    Fetch(Box<FetchArgs>),
    /// Ask the RDAP servers of registries; this build cannot
    #[cfg(not(feature = "fetch"))]
    #[command(hide = true, disable_help_flag = true)]
    Fetch {
        /// Everything that was typed
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        args: Vec<std::ffi::OsString>,
    },
}

#[cfg(feature = "fetch")]
const FETCH_EXAMPLES: &str = "\
Examples:
  zonelapse rdap fetch report -o answers.ndjson --dry-run
  zonelapse rdap fetch report -o answers.ndjson \\
      --contact security@registry.example
  zonelapse rdap fetch names.txt example.org -o answers.ndjson \\
      --rate 2 --rate rdap.nic.example=0.2

From a report, it asks about the domains whose accounts call for `lookup` or
`review`, most urgent first. Answers are appended as they come. Run the same
command again to continue after a stop.

Exit status: 0 every question answered; 1 some were not; 2 usage mistake or
failure.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  zonelapse rdap import answers.ndjson.gz responses/ -o rdap.parquet
  zonelapse rdap import rdap.parquet new.ndjson.zst -o rdap.parquet
  zonelapse rdap import 'responses/*/*.json' -o rdap.parquet

Answers are domain objects (RFC 9083), bare or in an envelope:
  {\"domain\", \"fetched_at\", \"source\", \"http_status\", \"body\"}

Exit status: 0 complete; 1 some files could not be read as a whole; 2 usage
mistake or failure, no table.";

/// `rdap import`.
#[derive(Debug, Clone, Default, Args)]
pub struct ImportArgs {
    /// NDJSON or JSON files (plain, .gz, .zst), directories of them, patterns, earlier imports; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Parquet file to write; may be an input that is an earlier import
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// How many threads to use [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Messages.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// `rdap fetch`.
#[cfg(feature = "fetch")]
#[derive(Debug, Clone, Args)]
pub struct FetchArgs {
    /// Report directories, files of names (one a line; `-` is standard input), or names
    #[arg(value_name = "REPORT_OR_FILE_OR_NAME", required = true)]
    pub what: Vec<String>,
    /// NDJSON file to append answers to; made if there is none
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Answers about these names need not be asked again: NDJSON or JSON files, directories of them, or imports; may be repeated
    #[arg(long, value_name = "PATH")]
    pub rdap: Vec<PathBuf>,
    /// Do not ask again if an answer is at most this old
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub max_rdap_age_days: u32,
    /// IANA's RDAP bootstrap file [default: the copy built in]
    #[arg(long, value_name = "FILE")]
    pub bootstrap: Option<PathBuf>,
    /// Only show which servers would be asked, how often, and how long it would take
    #[arg(long)]
    pub dry_run: bool,
    /// Ask at most this many questions, the most urgent ones
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Also ask the registrars that registries name
    #[arg(long)]
    pub follow_registrar: bool,
    /// Questions per second: to every host, or to one host; may be given more than once [default: 1]
    #[arg(long, value_name = "N|HOST=N")]
    pub rate: Vec<crate::fetch::Rate>,
    /// How many servers to ask at the same time
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub servers: usize,
    /// How long to wait for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub timeout: f64,
    /// The longest wait that a busy server may ask for; if it asks for more, it is not asked again
    #[arg(long, value_name = "SECONDS", default_value_t = 900.0)]
    pub max_wait: f64,
    /// The largest answer to accept
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20)]
    pub max_bytes: usize,
    /// How many redirects to follow for one question
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub max_redirects: usize,
    /// Host that may be asked without TLS, and at an address that is not public; may be given more than once
    #[arg(long, value_delimiter = ',', value_name = "HOST[:PORT]")]
    pub insecure_http: Vec<crate::fetch::InsecureHost>,
    /// Mail address or URL where the operators of servers can reach you; sent in the User-Agent
    #[arg(long, value_name = "CONTACT")]
    pub contact: Option<String>,
    /// Messages.
    #[command(flatten)]
    pub messages: MessageArgs,
}
