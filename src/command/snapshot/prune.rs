//! `snapshot prune`: removes old snapshots. The newest of each zone and the newest whole one always stay.

use std::fmt::Write;

use serde_json::json;

use super::{chosen, zone_label};
use crate::cli::PruneArgs;
use crate::command::Output;
use crate::config::required_store;
use crate::error::Result;
use crate::snapshot::Store;
use crate::snapshot::chain::lock;
use crate::time::Day;
use crate::wording::{count, human_bytes};

/// Removes the snapshots that no rule keeps.
pub(super) fn prune(args: &PruneArgs) -> Result<Output> {
    let store = Store::open(&required_store(args.store.as_deref())?)?;
    let mut text = String::new();
    let (mut removed, mut bytes) = (Vec::new(), 0);
    let zones = chosen(&store, &args.zones)?;
    let mut origins: Vec<&String> = zones.iter().map(|(origin, _)| origin).collect();
    origins.dedup();
    for origin in origins {
        let lock = lock(&store, origin)?;
        let dates = store.dates(origin)?;
        for day in removable(&store, origin, &dates, args)? {
            let path = store.path(origin, day);
            let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            bytes += size;
            removed.push(json!({ "zone": zone_label(origin), "date": day.to_string(), "bytes": size }));
            let _ = writeln!(text, "{} {day}", zone_label(origin));
            if !args.dry_run {
                store.remove(&lock, origin, day)?;
            }
        }
    }
    let done = if args.dry_run { "would be removed" } else { "removed" };
    let _ = writeln!(text, "{}, {} {done}", count(removed.len() as u64, "snapshot"), human_bytes(bytes));
    let mut output = Output::summary(text);
    let message = if args.dry_run { "snapshots that would be removed" } else { "snapshots removed" };
    output.fields =
        Some(json!({ "message": message, "snapshots": removed, "bytes": bytes, "dry_run": args.dry_run }));
    Ok(output)
}

/// The dates that no rule keeps.
fn removable(store: &Store, origin: &str, dates: &[Day], args: &PruneArgs) -> Result<Vec<Day>> {
    let Some(newest) = dates.last() else { return Ok(Vec::new()) };
    let mut whole = None;
    for day in dates.iter().rev() {
        // one that cannot be read does not stop the search for one that is whole
        if store.get(origin, *day).is_ok_and(|stored| stored.facts.is_whole()) {
            whole = Some(*day);
            break;
        }
    }
    let kept = |place: usize, day: Day| {
        args.keep_last.is_some_and(|count| dates.len() - place <= count)
            || args.keep_days.is_some_and(|days| i64::from(newest.since(day)) <= i64::from(days))
            || day == *newest
            || Some(day) == whole
    };
    Ok(dates.iter().enumerate().filter(|(place, day)| !kept(*place, **day)).map(|(_, day)| *day).collect())
}
