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

/// Which snapshots stay.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct SnapshotRules {
    /// So many of the newest of each zone.
    pub(in crate::command) last: Option<usize>,
    /// Those of so many days before the newest of their zone.
    pub(in crate::command) days: Option<u32>,
}

/// What no rule keeps.
#[derive(Debug, Default)]
pub(in crate::command) struct Pruned {
    /// Each snapshot, by zone and date.
    pub(in crate::command) removed: Vec<Removed>,
}

impl Pruned {
    /// The bytes of all their files.
    pub(in crate::command) fn bytes(&self) -> u64 {
        self.removed.iter().map(|snapshot| snapshot.bytes).sum()
    }
}

/// One snapshot that no rule keeps.
#[derive(Debug)]
pub(in crate::command) struct Removed {
    /// Its zone.
    pub(in crate::command) origin: String,
    /// Its date.
    pub(in crate::command) day: Day,
    /// The bytes of its file.
    pub(in crate::command) bytes: u64,
}

/// Removes the snapshots that no rule keeps, and says which.
pub(super) fn prune(args: &PruneArgs) -> Result<Output> {
    let store = Store::open(&required_store(args.store.as_deref())?)?;
    let rules = SnapshotRules { last: args.keep_last, days: args.keep_days };
    let pruned = prune_store(&store, &args.zones, rules, args.dry_run)?;
    let mut text = String::new();
    let mut removed = Vec::new();
    for Removed { origin, day, bytes } in &pruned.removed {
        removed.push(json!({ "zone": zone_label(origin), "date": day.to_string(), "bytes": bytes }));
        let _ = writeln!(text, "{} {day}", zone_label(origin));
    }
    let bytes = pruned.bytes();
    let done = if args.dry_run { "would be removed" } else { "removed" };
    let _ = writeln!(text, "{}, {} {done}", count(removed.len() as u64, "snapshot"), human_bytes(bytes));
    let mut output = Output::summary(text);
    let message = if args.dry_run { "snapshots that would be removed" } else { "snapshots removed" };
    output.fields =
        Some(json!({ "message": message, "snapshots": removed, "bytes": bytes, "dry_run": args.dry_run }));
    Ok(output)
}

/// Removes the snapshots of these zones, or of all, that no rule keeps; only finds them if it is a `dry_run`.
pub(in crate::command) fn prune_store(
    store: &Store,
    zones: &[String],
    rules: SnapshotRules,
    dry_run: bool,
) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    let zones = chosen(store, zones)?;
    let mut origins: Vec<&String> = zones.iter().map(|(origin, _)| origin).collect();
    origins.dedup();
    for origin in origins {
        let lock = lock(store, origin)?;
        let dates = store.dates(origin)?;
        for day in removable(store, origin, &dates, rules)? {
            let path = store.path(origin, day);
            let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            pruned.removed.push(Removed { origin: origin.clone(), day, bytes });
            if !dry_run {
                store.remove(&lock, origin, day)?;
            }
        }
    }
    Ok(pruned)
}

/// The dates that no rule keeps.
fn removable(store: &Store, origin: &str, dates: &[Day], rules: SnapshotRules) -> Result<Vec<Day>> {
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
        rules.last.is_some_and(|count| dates.len() - place <= count)
            || rules.days.is_some_and(|days| i64::from(newest.since(day)) <= i64::from(days))
            || day == *newest
            || Some(day) == whole
    };
    Ok(dates.iter().enumerate().filter(|(place, day)| !kept(*place, **day)).map(|(_, day)| *day).collect())
}
