//! Snapshots for people: build, list, verify, diff, export, accept, prune.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::cli::{BuildArgs, DiffArgs, PruneArgs, SnapshotCommand};
use crate::command::evidence::ZonePaths;
use crate::config::{check_threads, intake_of, use_threads};
use crate::error::{Error, Result, Told};
use crate::escape;
use crate::progress::Progress;
use crate::snapshot::chain::{accept, lock, take_back};
use crate::snapshot::diff::{SnapshotChange, diff};
use crate::snapshot::export::{ChangedNames, export};
use crate::snapshot::intake::{IntakeStep, ingest};
use crate::snapshot::{Coverage, Store, Stored, TrustLimits};
use crate::time::{BareDate, Day, Moment};

/// Carries out a command.
pub fn run(command: &SnapshotCommand) -> Result<Told> {
    let threads = if let SnapshotCommand::Build(args) = command { args.threads } else { None };
    use_threads(check_threads(threads)?)?;
    match command {
        SnapshotCommand::Build(args) => build(args),
        SnapshotCommand::List { store, zones, json } => list(&Store::open(store)?, zones, *json),
        SnapshotCommand::Verify { store, zones } => verify(&Store::open(store)?, zones),
        SnapshotCommand::Diff(args) => compare(args),
        SnapshotCommand::Export { snapshot, store, output } => {
            let stored = find(snapshot, store.as_deref())?;
            let rows = export(&stored, output)?;
            said(format!("{rows} names of {} written to {}\n", label(&stored), escape::path(output)))
        }
        SnapshotCommand::Accept { snapshot, store, undo } => {
            let store = Store::open(store)?;
            let (origin, day) = zone_and_date(snapshot, &store)?;
            let (notice, done) = match undo {
                false => (
                    accept(&store, &origin, day)?,
                    "counts as complete from now on, and so do later ones of its size",
                ),
                true => {
                    (take_back(&store, &origin, day)?, "is judged by its size again, and so are later ones")
                }
            };
            let notice =
                notice.map(|notice| format!("note: {}\n", escape::line(&notice))).unwrap_or_default();
            let snapshot = escape::line(snapshot);
            said(format!("{snapshot} {done}\n{notice}"))
        }
        SnapshotCommand::Prune(args) => prune(args),
    }
}

fn said(text: String) -> Result<Told> {
    Ok(Told { text, ..Told::default() })
}

fn build(args: &BuildArgs) -> Result<Told> {
    let started = Instant::now();
    let options = intake_of(args)?;
    let paths = ZonePaths::find(&args.zones)?;
    if !paths.stores.is_empty() || !paths.snapshots.is_empty() {
        return Err(Error::usage("snapshots are built from zone files, not from snapshots")
            .hint("name the zone files; `--store` names the store"));
    }
    let store = Store::create(&args.store)?;
    let progress = Progress::new(args.telling.mode());
    progress.start("building snapshots", paths.bytes());
    let taken = ingest(&paths.files, &store, &[], &options, &progress);
    progress.finish();
    let (mut text, mut incomplete, mut failed) = (String::new(), false, 0);
    let unread = taken.iter().filter_map(|taken| taken.outcome.as_ref().err()).chain(&paths.unreadable);
    // what makes the status 1 is told even so
    let warnings = match args.telling.quiet {
        true => unread.map(|error| error.to_string().replace('\n', "; ")).collect(),
        false => Vec::new(),
    };
    for notice in &paths.notices {
        let _ = writeln!(text, "note: {}", escape::line(notice));
    }
    for error in &paths.unreadable {
        incomplete = true;
        let _ = writeln!(text, "error: {error}");
    }
    for taken in &taken {
        let place = match &taken.outcome {
            Ok(place) => place,
            Err(error) => {
                (incomplete, failed) = (true, failed + 1);
                let _ = writeln!(text, "error: {error}");
                continue;
            }
        };
        if place.step == IntakeStep::Pruned {
            let note = place.notice.as_deref().unwrap_or_default();
            let _ = writeln!(text, "pruned {}@{}: {note}", zone_label(&place.origin), place.day);
            continue;
        }
        let stored = store.get(&place.origin, place.day)?;
        let (coverage, why) = coverage(&stored, options.trust_lists);
        incomplete |=
            place.step == IntakeStep::Kept || matches!(coverage, Coverage::Unclosed | Coverage::Shrunk);
        let step = match place.step {
            IntakeStep::Built => "built",
            IntakeStep::Known => "known",
            IntakeStep::Kept | IntakeStep::Pruned => "kept",
        };
        let why = if why.is_empty() { String::new() } else { format!(": {}", escape::line(&why)) };
        let _ = writeln!(
            text,
            "{step} {}  {} names  {}{why}",
            label(&stored),
            stored.table.len(),
            coverage.name()
        );
        for sample in &stored.facts.integrity.samples {
            let _ = writeln!(text, "  {}:{sample}", escape::path(&taken.source));
        }
        if let Some(notice) = &place.notice {
            let _ = writeln!(text, "  note: {}", escape::line(notice));
        }
    }
    if failed == taken.len() {
        return Err(Error::failure(
            store.root(),
            format!("no snapshot was built; {}", text.trim_end().replace('\n', "; ")),
        ));
    }
    let seconds = started.elapsed().as_secs_f64();
    let _ = writeln!(text, "{} of {} zone files in {seconds:.1} s", taken.len() - failed, taken.len());
    if args.telling.quiet {
        text.clear();
    }
    Ok(Told { text, incomplete, warnings })
}

fn list(store: &Store, zones: &[String], json: bool) -> Result<Told> {
    let mut text = String::new();
    if !json {
        let _ = writeln!(
            text,
            "{:<24} {:<10} {:<9} {:>11} {:>11} {:>8}  source",
            "zone", "date", "coverage", "names", "bytes", "a name"
        );
    }
    let (mut bytes, mut warnings) = (0, Vec::new());
    for (origin, day) in chosen(store, zones)? {
        let stored = match store.get(&origin, day) {
            Ok(stored) => stored,
            Err(error) => {
                warnings.push(error.to_string().replace('\n', "; "));
                continue;
            }
        };
        bytes += stored.table.bytes();
        let (coverage, why) = coverage(&stored, false);
        let header = stored.table.header();
        if json {
            let object = serde_json::json!({
                "zone": zone_label(&origin), "date": day, "coverage": coverage.name(), "why": why,
                "names": header.names, "delegated": header.delegated, "entries": header.entries,
                "bytes": stored.table.bytes(), "base": stored.table.base_day(), "path": stored.table.path(),
                "facts": stored.facts,
            });
            let _ = writeln!(text, "{object}");
            continue;
        }
        let share = stored.table.bytes() as f64 / header.entries.max(1) as f64;
        let _ = writeln!(
            text,
            "{:<24} {day} {:<9} {:>11} {:>11} {share:>8.2}  {}",
            zone_label(&origin),
            coverage.name(),
            header.names,
            stored.table.bytes(),
            escape::line(&stored.facts.source.name)
        );
    }
    if !json {
        let _ = writeln!(text, "{bytes} bytes in all");
    }
    let incomplete = !warnings.is_empty();
    Ok(Told { text, warnings, incomplete })
}

fn verify(store: &Store, zones: &[String]) -> Result<Told> {
    let (mut text, mut incomplete, mut count) = (String::new(), false, 0);
    for (origin, day) in chosen(store, zones)? {
        count += 1;
        let stored = store.get(&origin, day).and_then(|stored| stored.table.verify().map(|()| stored));
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => {
                incomplete = true;
                let _ = writeln!(text, "error: {error}");
                continue;
            }
        };
        let (coverage, why) = coverage(&stored, false);
        incomplete |= matches!(coverage, Coverage::Unclosed | Coverage::Shrunk);
        let integrity = &stored.facts.integrity;
        let closing = if integrity.closed { "closing SOA" } else { "no closing SOA" };
        let why = if why.is_empty() { String::new() } else { format!(": {}", escape::line(&why)) };
        let _ = writeln!(
            text,
            "{}  {}{why}; {closing}, {} records, {} faults; every checksum is right",
            label(&stored),
            coverage.name(),
            integrity.records,
            integrity.faults
        );
        for sample in &integrity.samples {
            let _ = writeln!(text, "  {}:{sample}", escape::line(&stored.facts.source.name));
        }
    }
    let _ = writeln!(text, "{count} snapshots read");
    Ok(Told { text, incomplete, ..Told::default() })
}

fn compare(args: &DiffArgs) -> Result<Told> {
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
        let _ = writeln!(text, "{:<14} {count:>11}", change.name());
    }
    if let Some(output) = &args.output {
        let _ = writeln!(text, "written to {}", escape::path(output));
    }
    said(text)
}

fn prune(args: &PruneArgs) -> Result<Told> {
    let store = Store::open(&args.store)?;
    let mut text = String::new();
    let (mut removed, mut bytes) = (0, 0);
    let zones = chosen(&store, &args.zones)?;
    let mut origins: Vec<&String> = zones.iter().map(|(origin, _)| origin).collect();
    origins.dedup();
    for origin in origins {
        let lock = lock(&store, origin)?;
        let dates = store.dates(origin)?;
        for day in removable(&store, origin, &dates, args)? {
            let path = store.path(origin, day);
            bytes += std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            removed += 1;
            let _ = writeln!(text, "{} {day}", zone_label(origin));
            if !args.dry_run {
                store.remove(&lock, origin, day)?;
            }
        }
    }
    let done = if args.dry_run { "would be removed" } else { "removed" };
    let _ = writeln!(text, "{removed} snapshots, {bytes} bytes {done}");
    said(text)
}

/// The dates that no rule keeps.
fn removable(store: &Store, origin: &str, dates: &[Day], args: &PruneArgs) -> Result<Vec<Day>> {
    let Some(newest) = dates.last() else { return Ok(Vec::new()) };
    let mut whole = None;
    for day in dates.iter().rev() {
        // one that cannot be read keeps nothing else from being kept
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
    let Some(store) = store.filter(|_| !path.is_file()) else { return Stored::open(&path) };
    let store = Store::open(store)?;
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
    Error::failure(store, format!("no snapshot of `{wanted}`"))
        .hint("`zonelapse snapshot list` shows what is there")
}

fn coverage(stored: &Stored, trust_lists: bool) -> (Coverage, String) {
    // its age is nobody's business here
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
