//! `snapshot export`: a snapshot as Parquet.

use std::path::Path;

use super::{find, label};
use crate::command::Output;
use crate::config::check_file;
use crate::error::Result;
use crate::escape;
use crate::snapshot::export::export;
use crate::wording::count;

pub(super) fn write(snapshot: &str, store: Option<&Path>, output: &Path) -> Result<Output> {
    check_file(output)?;
    let stored = find(snapshot, store)?;
    let rows = export(&stored, output)?;
    let (names, path) = (count(rows, "name"), escape::path(output));
    Ok(Output::of(format!("{names} of {} written to {path}\n", label(&stored))))
}
