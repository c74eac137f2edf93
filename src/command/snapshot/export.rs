//! `snapshot export`: a snapshot as Parquet.

use std::path::Path;

use super::{find, label};
use crate::assess::lifecycle::Lifecycle;
use crate::command::Output;
use crate::config::check_file;
use crate::error::Result;
use crate::escape;
use crate::name::suffix::tld;
use crate::snapshot::export::export;
use crate::wording::count;

pub(super) fn write(snapshot: &str, store: Option<&Path>, output: &Path) -> Result<Output> {
    check_file(output)?;
    let stored = find(snapshot, store)?;
    let deletion_days = |name: &str| Lifecycle::of(tld(name)).lapse_gap_days();
    let rows = export(&stored, output, deletion_days)?;
    let (names, path) = (count(rows, "name"), escape::path(output));
    Ok(Output::of(format!("{names} of {} written to {path}\n", label(&stored))))
}
