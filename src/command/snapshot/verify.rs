//! `snapshot verify`: whether every byte is as it was written.

use std::fmt::Write;

use super::{chosen, coverage, label};
use crate::command::Output;
use crate::error::Result;
use crate::escape;
use crate::snapshot::{Coverage, Store, Stored};
use crate::wording::count;

/// Reads whole snapshots.
pub(super) fn verify(store: &Store, zones: &[String]) -> Result<Output> {
    let mut output = Output::default();
    let chosen = chosen(store, zones)?;
    for (origin, day) in &chosen {
        let checked = store.get(origin, *day).and_then(|stored| stored.table.verify().map(|()| stored));
        match checked {
            Ok(stored) => add_snapshot(&mut output, &stored),
            Err(error) => {
                output.blame([error]);
                output.incomplete_if(true);
            }
        }
    }
    let _ = writeln!(output.text, "{} read", count(chosen.len() as u64, "snapshot"));
    Ok(output)
}

fn add_snapshot(output: &mut Output, stored: &Stored) {
    let (coverage, why) = coverage(stored, false);
    let integrity = &stored.facts.integrity;
    let closing = if integrity.closed { "closing SOA" } else { "no closing SOA" };
    let why = if why.is_empty() { String::new() } else { format!(": {}", escape::line(&why)) };
    if matches!(coverage, Coverage::Unclosed | Coverage::Shrunk) {
        output.incomplete_because(format!("{} is {}{why}", label(stored), coverage.name()));
    }
    let _ = writeln!(
        output.text,
        "{}  {}{why}; {closing}, {}, {}; every checksum is right",
        label(stored),
        coverage.name(),
        count(integrity.records, "record"),
        count(integrity.faults, "fault")
    );
    for sample in &integrity.samples {
        let _ = writeln!(output.text, "  {}:{sample}", escape::line(&stored.facts.source.name));
    }
}
