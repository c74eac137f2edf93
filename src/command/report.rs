//! Writes the page of a finished report, into the report. `audit` has done so already; this does it again, after another
//! version has learned to show more, or if the page was lost. The page takes the place of the earlier one in one step.

use crate::cli::PageArgs;
use crate::command::Output;
use crate::error::Result;
use crate::escape;
use crate::files::{FileStart, OutputFile, write_synced};
use crate::report::finished::Report;
use crate::report::page::{FIRST_LINE, PAGE_FILE, page};
use crate::wording::human_bytes;

/// Writes the page.
pub(crate) fn run(args: &PageArgs) -> Result<Output> {
    let manifest = Report::read_manifest(&args.report)?;
    let report = Report::with_manifest(&args.report, &manifest)?;
    let path = args.report.join(PAGE_FILE);
    let output = OutputFile::create_as(&path, &[], FileStart::Line(FIRST_LINE.to_owned()))?;
    let page = page(&report, &manifest)?;
    write_synced(output.temporary(), page.as_bytes())?;
    output.commit()?;
    Ok(Output::summary(format!("{} ({})\n", escape::path(&path), human_bytes(page.len() as u64))))
}
