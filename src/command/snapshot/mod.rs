//! Commands about snapshots, one file each, and what they share: how a snapshot is named and shown.

mod accept;
mod build;
mod diff;
mod export;
mod list;
pub(super) mod prune;
mod verify;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::cli::SnapshotCommand;
use crate::command::Output;
use crate::config::{check_threads, required_store, store_in_force, use_threads};
use crate::error::{Error, Hint, Result};
use crate::escape;
use crate::snapshot::{Coverage, Store, Stored, TrustLimits};
use crate::time::{BareDate, Day, Moment};

/// Runs a command.
pub(crate) fn run(command: &SnapshotCommand) -> Result<Output> {
    let threads = if let SnapshotCommand::Build(args) = command { args.threads } else { None };
    use_threads(check_threads(threads)?)?;
    match command {
        SnapshotCommand::Build(args) => build::build(args),
        SnapshotCommand::List { store, zones, json } => {
            list::list(&Store::open(&required_store(store.as_deref())?)?, zones, *json)
        }
        SnapshotCommand::Verify { store, zones } => {
            verify::verify(&Store::open(&required_store(store.as_deref())?)?, zones)
        }
        SnapshotCommand::Diff(args) => diff::compare(args),
        SnapshotCommand::Export { snapshot, store, output } => {
            export::write(snapshot, store.as_deref(), output)
        }
        SnapshotCommand::Accept { snapshot, store, undo } => {
            accept::change(snapshot, &required_store(store.as_deref())?, *undo)
        }
        SnapshotCommand::Prune(args) => prune::prune(args),
    }
}

/// The snapshots of a store, or of these zones in it.
fn chosen(store: &Store, zones: &[String]) -> Result<Vec<(String, Day)>> {
    let known = store.zones()?;
    let mut chosen = Vec::new();
    let wanted: Vec<String> = match zones {
        [] => known.clone(),
        _ => zones.iter().map(|zone| zone.trim_end_matches('.').to_ascii_lowercase()).collect(),
    };
    for origin in wanted {
        if !known.contains(&origin) {
            return Err(no_snapshot(store.root(), &origin));
        }
        chosen.extend(store.dates(&origin)?.into_iter().map(|day| (origin.clone(), day)));
    }
    Ok(chosen)
}

/// A snapshot by its file, or by zone and date in a store.
fn find(snapshot: &str, store: Option<&Path>) -> Result<Stored> {
    let path = PathBuf::from(snapshot);
    if path.is_file() {
        return Stored::open(&path);
    }
    let Some(store) = store_in_force(store) else {
        let what = format!("`{}` is no file, and no store was named", escape::sample(snapshot));
        let hint = "name the store of `ZONE@DATE` with `--store DIR`; `zonelapse snapshot list --store DIR` shows what is there";
        return Err(Error::usage(what).hint(hint));
    };
    let store = Store::open(&store)?;
    let (origin, day) = zone_and_date(snapshot, &store)?;
    store.get(&origin, day)
}

fn zone_and_date(snapshot: &str, store: &Store) -> Result<(String, Day)> {
    let (origin, date) = snapshot.split_once('@').unwrap_or((snapshot, ""));
    let origin = origin.trim_end_matches('.').to_ascii_lowercase();
    let dates = store.dates(&origin)?;
    let day = if date.is_empty() { dates.last().copied() } else { read_day(date)? };
    match day.filter(|day| dates.contains(day)) {
        Some(day) => Ok((origin, day)),
        None => Err(no_snapshot(store.root(), snapshot)),
    }
}

fn read_day(date: &str) -> Result<Option<Day>> {
    let moment = Moment::parse(date, BareDate::Start);
    let what = || Error::usage(format!("expected `ZONE@DATE`, found `{date}` for a date"));
    moment.map(|moment| Some(moment.day())).ok_or_else(what)
}

fn no_snapshot(store: &Path, wanted: &str) -> Error {
    Error::failure(store, format!("no snapshot of `{wanted}`")).hint(Hint::ListSnapshots)
}

fn coverage(stored: &Stored, trust_lists: bool) -> (Coverage, String) {
    // age does not matter here
    let limits = TrustLimits {
        as_of: stored.facts.date,
        max_zone_age_days: 0,
        trust_lists: trust_lists || stored.facts.trusted,
    };
    stored.facts.coverage(stored.table.len() as u64, &limits)
}

fn label(stored: &Stored) -> String {
    format!("{}@{}", zone_label(&stored.facts.origin), stored.table.day())
}

fn zone_label(origin: &str) -> Cow<'_, str> {
    if origin.is_empty() { ".".into() } else { escape::line(origin) }
}
