//! Options of `report`.

use std::path::PathBuf;

use clap::Args;

pub(super) const PAGE_EXAMPLES: &str = "\
Examples:
  zonelapse report report
  zonelapse report reports/2026-11-25 && xdg-open reports/2026-11-25/index.html

Exit status: 0 written; 2 usage mistake, or no report that can be read.";

/// `report`.
#[derive(Debug, Clone, Default, Args)]
pub struct PageArgs {
    /// The report directory
    #[arg(value_name = "DIR")]
    pub report: PathBuf,
}
