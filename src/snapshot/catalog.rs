//! The snapshots of a run, and what they say of a name.
//!
//! The covering zone of a name is the deepest one whose origin is an ancestor of it and which does not
//! delegate a name between the two. Of several snapshots of that zone the newest complete one tells
//! absence, the newest one that holds the name tells presence, and the newer of the two decides (on the
//! same moment the complete one, which is the whole).
//!
//! Ages count whole days, because most serials tell no more than a day. A snapshot dated more than a
//! day after as-of is evidence from the future and says nothing.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::build::TableBuilder;
use super::table::Table;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::time::{Day, Moment};
use crate::zone::{DateSource, ZoneDate, ZoneFile, ZoneKind, ZoneSource, read_zone};

/// How far a snapshot can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// Whole and fresh: what is not in it is absent.
    Complete,
    /// Whole, but too old, or of unknown date.
    Stale,
    /// Not whole.
    Unclosed,
    /// A list of names, which has no closing mark.
    List,
    /// No zone speaks for the name.
    None,
}

impl Coverage {
    /// The name in the reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Stale => "stale",
            Self::Unclosed => "unclosed",
            Self::List => "list",
            Self::None => "none",
        }
    }
}

/// What the judgement of snapshots depends on.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// The moment from which ages are measured.
    #[serde(skip)]
    pub as_of: Moment,
    /// Age in days up to which a complete snapshot is fresh.
    pub max_zone_age_days: u32,
    /// Whether lists count as complete.
    pub trust_lists: bool,
    /// The date of all snapshots, if the user gave one.
    #[serde(skip)]
    pub date: Option<Moment>,
    /// The origin of lists and of relative names, if the user gave one.
    #[serde(skip)]
    pub origin: Option<String>,
}

/// One zone at one date.
#[derive(Debug)]
pub struct Snapshot {
    /// The file it was made from.
    pub file: ZoneFile,
    /// Its date.
    pub date: ZoneDate,
    /// How far it can be trusted.
    pub coverage: Coverage,
    /// Why it is no better than that, for a person.
    pub why: String,
    /// Its names.
    pub table: Table,
}

/// What the zones say of a name.
#[derive(Debug, Clone, Default)]
pub struct ZoneEvidence<'a> {
    /// The snapshot that decides, or the newest that covers the name.
    pub snapshot: Option<&'a Snapshot>,
    /// Present, proved absent, or neither.
    pub presence: Option<bool>,
    /// The name was seen in a snapshot too old to count.
    pub seen_too_long_ago: bool,
    /// The only covering snapshots are dated after as-of.
    pub after_as_of: bool,
    /// The hosts of its NS records, sorted.
    pub name_servers: Vec<&'a str>,
    /// Whether it has a DS record; unknown unless present.
    pub has_ds: Option<bool>,
}

/// All snapshots of a run.
#[derive(Debug)]
pub struct Catalog {
    zones: BTreeMap<String, Vec<Snapshot>>,
    as_of: Moment,
}

impl Catalog {
    /// Reads zone files, largest first and side by side. Those that cannot be read at all come back as
    /// errors beside the rest.
    pub fn read(zones: &[ZoneSource], limits: &Limits, progress: &Progress) -> (Self, Vec<Error>) {
        let mut order: Vec<&ZoneSource> = zones.iter().collect();
        order.sort_by_key(|zone| std::cmp::Reverse(zone.source.size));
        let read: Vec<Result<Snapshot>> =
            order.par_iter().map(|zone| Snapshot::read(zone, limits, progress)).with_max_len(1).collect();
        let mut errors = Vec::new();
        let mut snapshots = Vec::new();
        for result in read {
            match result {
                Ok(snapshot) => snapshots.push(snapshot),
                Err(error) => errors.push(error),
            }
        }
        errors.sort_by(|a, b| a.place.cmp(&b.place));
        (Self::new(snapshots, limits.as_of), errors)
    }

    /// A catalog of these snapshots.
    pub fn new(snapshots: Vec<Snapshot>, as_of: Moment) -> Self {
        let mut zones: BTreeMap<String, Vec<Snapshot>> = BTreeMap::new();
        for snapshot in snapshots {
            zones.entry(snapshot.file.origin.clone()).or_default().push(snapshot);
        }
        for snapshots in zones.values_mut() {
            // newest first; of one moment the complete one, then by path, so that a run repeats
            snapshots.sort_by(|a, b| {
                let rank =
                    |snapshot: &Snapshot| (snapshot.date.moment, snapshot.coverage == Coverage::Complete);
                rank(b).cmp(&rank(a)).then_with(|| a.file.path.cmp(&b.file.path))
            });
        }
        Self { zones, as_of }
    }

    /// All snapshots, by origin, newest first.
    pub fn snapshots(&self) -> impl Iterator<Item = &Snapshot> {
        self.zones.values().flatten()
    }

    /// Whether there is a snapshot of this very zone.
    pub fn has_zone(&self, origin: &str) -> bool {
        self.zones.contains_key(origin)
    }

    /// What the zones say of a name (normalized, no final dot) for which presence counts for
    /// `presence_days`.
    pub fn evidence(&self, name: &str, presence_days: i32) -> ZoneEvidence<'_> {
        let mut after_as_of = false;
        let mut origin = name;
        while !origin.is_empty() {
            origin = origin.split_once('.').map_or("", |(_, parent)| parent);
            let Some(snapshots) = self.zones.get(origin) else { continue };
            let covering: Vec<&Snapshot> =
                snapshots.iter().filter(|snapshot| !snapshot.delegates_above(name)).collect();
            let usable: Vec<&Snapshot> =
                covering.iter().copied().filter(|snapshot| snapshot.is_until(self.as_of)).collect();
            if !usable.is_empty() {
                return self.decide(&usable, name, presence_days);
            }
            after_as_of |= !covering.is_empty();
        }
        ZoneEvidence { after_as_of, ..ZoneEvidence::default() }
    }

    fn decide<'a>(&self, covering: &[&'a Snapshot], name: &str, presence_days: i32) -> ZoneEvidence<'a> {
        let today = self.as_of.day();
        let found = covering.iter().find_map(|snapshot| {
            let entry = snapshot.table.get(snapshot.relative(name).as_bytes())?;
            Some((*snapshot, entry))
        });
        let complete = covering.iter().copied().find(|snapshot| snapshot.coverage == Coverage::Complete);
        let too_old = |day: Day| today.since(day) > presence_days;
        let seen_too_long_ago = found.is_some_and(|(snapshot, _)| too_old(snapshot.date.day()));
        match (found, complete) {
            (Some((seen, entry)), complete)
                if !seen_too_long_ago && complete.is_none_or(|complete| is_as_new(seen, complete)) =>
            {
                ZoneEvidence {
                    snapshot: Some(seen),
                    presence: Some(true),
                    name_servers: entry.name_servers().collect(),
                    has_ds: Some(entry.has_ds()),
                    ..ZoneEvidence::default()
                }
            }
            (_, Some(complete)) => {
                ZoneEvidence { snapshot: Some(complete), presence: Some(false), ..ZoneEvidence::default() }
            }
            (_, None) => {
                let snapshot = covering.first().copied();
                ZoneEvidence { snapshot, seen_too_long_ago, ..ZoneEvidence::default() }
            }
        }
    }
}

/// Whether a snapshot that holds the name is as new as the newest complete one: itself, or newer.
fn is_as_new(seen: &Snapshot, complete: &Snapshot) -> bool {
    std::ptr::eq(seen, complete) || seen.date.moment > complete.date.moment
}

impl Snapshot {
    /// Reads a zone file into a snapshot.
    pub fn read(zone: &ZoneSource, limits: &Limits, progress: &Progress) -> Result<Self> {
        let mut builder = TableBuilder::default();
        let file = read_zone(zone, limits.origin.as_deref(), progress, &mut builder)?;
        Ok(Self::new(file, builder.finish(), limits))
    }

    /// Dates a table and says how far it can be trusted.
    pub fn new(file: ZoneFile, table: Table, limits: &Limits) -> Self {
        let date = ZoneDate::of(limits.date, file.serial, file.modified, limits.as_of);
        let (coverage, why) = judge(&file, date, limits);
        Self { file, date, coverage, why, table }
    }

    fn is_until(&self, as_of: Moment) -> bool {
        self.date.moment <= as_of.plus_days(1)
    }

    /// A name below the origin, relative to it.
    fn relative<'n>(&self, name: &'n str) -> &'n str {
        match self.file.origin.len() {
            0 => name,
            origin => name.get(..name.len().saturating_sub(origin + 1)).unwrap_or(name),
        }
    }

    fn delegates_above(&self, name: &str) -> bool {
        let relative = self.relative(name);
        memchr::memchr_iter(b'.', relative.as_bytes()).any(|dot| {
            self.table.get(&relative.as_bytes()[dot + 1..]).is_some_and(|entry| entry.is_delegated())
        })
    }
}

fn judge(file: &ZoneFile, date: ZoneDate, limits: &Limits) -> (Coverage, String) {
    let integrity = &file.integrity;
    let list = file.kind == ZoneKind::List;
    if let Some(damage) = integrity.damage(list) {
        let detail = integrity.broken.as_ref().map(|broken| format!(": {broken}")).unwrap_or_default();
        return (Coverage::Unclosed, format!("{}{detail}", damage.explanation()));
    }
    if list && !limits.trust_lists {
        return (Coverage::List, "a list has no closing mark; `--trust-lists` takes it as complete".into());
    }
    if date.moment > limits.as_of.plus_days(1) {
        return (Coverage::Stale, format!("dated {}, after as-of", date.day()));
    }
    if date.source == DateSource::FileTime {
        return (Coverage::Stale, "only the file's time dates it; `--date` says better".into());
    }
    let age = limits.as_of.day().since(date.day());
    if i64::from(age) > i64::from(limits.max_zone_age_days) {
        return (Coverage::Stale, format!("{age} days old, more than {}", limits.max_zone_age_days));
    }
    (Coverage::Complete, String::new())
}
