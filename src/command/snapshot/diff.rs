//! `snapshot diff`: what changed between two dates of a zone.

use std::fmt::Write;

use super::{find, label, zone_label};
use crate::cli::DiffArgs;
use crate::command::Output;
use crate::config::check_table;
use crate::error::{Error, Result};
use crate::escape;
use crate::snapshot::diff::{SnapshotChange, diff};
use crate::snapshot::export::ChangedNames;
use crate::wording::grouped;

/// Counts the changes, and writes them if a file is named.
pub(super) fn compare(args: &DiffArgs) -> Result<Output> {
    args.output.as_deref().map_or(Ok(()), check_table)?;
    let (first, second) =
        (find(&args.first, args.store.as_deref())?, find(&args.second, args.store.as_deref())?);
    if first.facts.origin != second.facts.origin {
        let zones = [&first, &second].map(|stored| zone_label(&stored.facts.origin));
        let what = format!("two dates of one zone can be compared, not `{}` and `{}`", zones[0], zones[1]);
        return Err(Error::usage(what));
    }
    let mut counts = [0u64; SnapshotChange::ALL.len()];
    let mut table =
        args.output.as_deref().map(|path| ChangedNames::create(path, &first, &second)).transpose()?;
    diff(&first, &second, |changed| {
        counts[changed.change as usize] += 1;
        table.as_mut().map_or(Ok(()), |table| table.push(changed))
    })?;
    table.map_or(Ok(()), ChangedNames::finish)?;
    let mut text = format!("{} → {}\n", label(&first), label(&second));
    for (change, count) in SnapshotChange::ALL.iter().zip(counts) {
        let _ = writeln!(text, "{:<14} {:>11}", change.name(), grouped(count));
    }
    if let Some(output) = &args.output {
        let _ = writeln!(text, "written to {}", escape::path(output));
    }
    Ok(Output::of(text))
}
