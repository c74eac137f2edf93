//! `snapshot list`: what a store holds.

use std::fmt::Write;

use super::{chosen, coverage, zone_label};
use crate::command::Output;
use crate::error::Result;
use crate::escape;
use crate::snapshot::{Store, Stored};
use crate::wording::{count, grouped};

/// Lists the snapshots of a store.
pub(super) fn list(store: &Store, zones: &[String], json: bool) -> Result<Output> {
    let mut output = Output::default();
    let chosen = chosen(store, zones)?;
    let widest = chosen.iter().map(|(origin, _)| zone_label(origin).chars().count()).max();
    let width = widest.unwrap_or(0).max("zone".len());
    if !json {
        let _ = writeln!(
            output.text,
            "{:<width$} {:<10} {:<9} {:>11} {:>14}  source",
            "zone", "date", "coverage", "names", "bytes"
        );
    }
    let mut bytes = 0;
    for (origin, day) in chosen {
        match store.get(&origin, day) {
            Ok(stored) => {
                bytes += stored.table.bytes();
                let _ =
                    writeln!(output.text, "{}", if json { as_json(&stored) } else { as_row(&stored, width) });
            }
            Err(error) => {
                output.blame([error]);
                output.incomplete_if(true);
            }
        }
    }
    if !json {
        let _ = writeln!(output.text, "{} in all", count(bytes as u64, "byte"));
    }
    Ok(output)
}

fn as_json(stored: &Stored) -> String {
    let (coverage, why) = coverage(stored, false);
    let header = stored.table.header();
    let object = serde_json::json!({
        "zone": zone_label(&stored.facts.origin), "date": stored.table.day(), "coverage": coverage.name(),
        "why": why, "names": header.names, "delegated": header.delegated, "entries": header.entries,
        "bytes": stored.table.bytes(), "base": stored.table.base_day(), "path": stored.table.path(),
        "facts": stored.facts,
    });
    object.to_string()
}

/// `width`: of the column of zones.
fn as_row(stored: &Stored, width: usize) -> String {
    let header = stored.table.header();
    format!(
        "{:<width$} {} {:<9} {:>11} {:>14}  {}",
        zone_label(&stored.facts.origin),
        stored.table.day(),
        coverage(stored, false).0.name(),
        grouped(header.names),
        grouped(stored.table.bytes() as u64),
        escape::line(&stored.facts.source.name)
    )
}
