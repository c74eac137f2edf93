//! Options of `show`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use crate::assess::{Action, Risk, State};

pub(super) const SHOW_EXAMPLES: &str = "\
Examples:
  zonelapse show report
  zonelapse show report --action unverify,review --limit 100
  zonelapse show report --action unverify --format csv > unverify.csv
  zonelapse show report --state reregistered --format ndjson \\
      | jq -r .account_id

Exit status: 0 shown; 1 shown, but the report is incomplete; 2 usage mistake,
or no report that can be read.";

/// `show`.
#[derive(Debug, Clone, Default, Args)]
pub struct ShowArgs {
    /// The report directory
    #[arg(value_name = "DIR")]
    pub report: PathBuf,
    /// Only accounts with one of these actions
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(Action::NAMES))]
    pub action: Vec<String>,
    /// Only accounts with one of these risks
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(Risk::NAMES))]
    pub risk: Vec<String>,
    /// Only accounts in one of these states
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(State::NAMES))]
    pub state: Vec<String>,
    /// How to write them: a table for people, or all columns as CSV or NDJSON [default: table]
    #[arg(long, value_enum)]
    pub format: Option<ShowFormat>,
    /// How many accounts to show, the most urgent first; 0 for all [default: 15 in a table, else all]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

named_enum! {
    /// How accounts are shown.
    #[derive(Default, ValueEnum)]
    pub enum ShowFormat {
        /// A table of 80 columns.
        #[default]
        Table = "table",
        /// CSV with a header, safe in spreadsheets.
        Csv = "csv",
        /// An object a line.
        Ndjson = "ndjson",
    }
}
