//! The snapshots of a run, and what they say of a name.
//!
//! The covering zone of a name is the deepest one whose origin is an ancestor of it and which does not
//! delegate a name between the two. Of several snapshots of that zone the newest complete one tells
//! absence, the newest one that holds the name tells presence, and the newer of the two decides (on the
//! same moment the complete one, which is the whole). A name that a whole snapshot lacks was seen in an older
//! one for nothing, even if the whole one is too old to prove the absence: then neither is known.
//!
//! Ages count whole days, because most serials tell no more than a day. A snapshot dated more than a
//! day after as-of is evidence from the future and says nothing.
//!
//! Of a store, each zone's newest snapshot is opened and those before it, back to the newest whole one: all else
//! is in their history.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::facts::{Coverage, Facts, Limits};
use super::history::{History, ServerChange, Today};
use super::store::{Store, Stored};
use super::table::{Entry, Sweep, Table};
use crate::error::Result;
use crate::time::{Day, Moment};
use crate::zone::ZoneDate;

/// One zone at one date.
#[derive(Debug)]
pub struct Snapshot {
    /// The file that the user named: of a snapshot, or of the zone it was made from.
    pub path: PathBuf,
    /// What is known of it.
    pub facts: Facts,
    /// Its date.
    pub date: ZoneDate,
    /// How far it can be trusted.
    pub coverage: Coverage,
    /// Why it is no better than that, for a person.
    pub why: String,
    /// Its names.
    pub table: Table,
    /// Its place in the catalog.
    place: usize,
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
    /// What the store remembers of it.
    pub history: History,
    /// The hosts before the last change of name servers, sorted.
    pub servers_before: Vec<&'a str>,
}

/// All snapshots of a run.
#[derive(Debug)]
pub struct Catalog {
    zones: BTreeMap<String, Vec<Snapshot>>,
    count: usize,
    as_of: Moment,
}

/// Looks names up, each near the one before; one for each thread.
#[derive(Debug, Clone)]
pub struct Probe<'c> {
    catalog: &'c Catalog,
    /// For each snapshot by its place.
    sweeps: Vec<Option<Sweep<'c>>>,
}

impl Catalog {
    /// A catalog of these snapshots.
    pub fn new(snapshots: Vec<Snapshot>, as_of: Moment) -> Self {
        let count = snapshots.len();
        let mut zones: BTreeMap<String, Vec<Snapshot>> = BTreeMap::new();
        for snapshot in snapshots {
            zones.entry(snapshot.facts.origin.clone()).or_default().push(snapshot);
        }
        for snapshots in zones.values_mut() {
            // newest first; of one moment the complete one, then by path, so that a run repeats
            snapshots.sort_by(|a, b| {
                let rank =
                    |snapshot: &Snapshot| (snapshot.date.moment, snapshot.coverage == Coverage::Complete);
                rank(b).cmp(&rank(a)).then_with(|| a.path.cmp(&b.path))
            });
        }
        for (place, snapshot) in zones.values_mut().flatten().enumerate() {
            snapshot.place = place;
        }
        Self { zones, count, as_of }
    }

    /// All snapshots, by origin, newest first.
    pub fn snapshots(&self) -> impl Iterator<Item = &Snapshot> {
        self.zones.values().flatten()
    }

    /// Whether there is a snapshot of this very zone.
    pub fn has_zone(&self, origin: &str) -> bool {
        self.zones.contains_key(origin)
    }

    /// Looks names up; best in ascending order.
    pub fn probe(&self) -> Probe<'_> {
        Probe { catalog: self, sweeps: vec![None; self.count] }
    }

    /// An error if a snapshot was found damaged while it was read: what was concluded from it may be wrong.
    pub fn check(&self) -> Result<()> {
        self.snapshots().try_for_each(|snapshot| snapshot.table.check())
    }
}

impl<'c> Probe<'c> {
    /// What the zones say of a name (normalized, no final dot) for which presence counts for `presence_days`.
    pub fn evidence(&mut self, name: &str, presence_days: i32) -> ZoneEvidence<'c> {
        let catalog = self.catalog;
        let mut after_as_of = false;
        let mut origin = name;
        while !origin.is_empty() {
            origin = origin.split_once('.').map_or("", |(_, parent)| parent);
            let Some(snapshots) = catalog.zones.get(origin) else { continue };
            let mut covering: Vec<&Snapshot> = Vec::new();
            for snapshot in snapshots {
                if !self.delegates_above(snapshot, name) {
                    covering.push(snapshot);
                }
            }
            let any = !covering.is_empty();
            covering.retain(|snapshot| snapshot.is_until(catalog.as_of));
            if !covering.is_empty() {
                return self.decide(&covering, name, presence_days);
            }
            after_as_of |= any;
        }
        ZoneEvidence { after_as_of, ..ZoneEvidence::default() }
    }

    fn decide(&mut self, covering: &[&'c Snapshot], name: &str, presence_days: i32) -> ZoneEvidence<'c> {
        let today = self.catalog.as_of.day();
        let mut found = None;
        let mut remembered = None;
        for snapshot in covering {
            let entry = self.entry(snapshot, snapshot.relative(name));
            remembered = remembered.or(entry.map(|entry| (*snapshot, entry)));
            if let Some(entry) = entry.filter(Entry::is_here) {
                found = Some((*snapshot, entry));
                break;
            }
            if snapshot.tells_absence() {
                break;
            }
        }
        let complete = covering.iter().copied().find(|snapshot| snapshot.coverage == Coverage::Complete);
        let too_old = |day: Day| today.since(day) > presence_days;
        let seen_too_long_ago = found.is_some_and(|(snapshot, _)| too_old(snapshot.date.day()));
        let mut evidence = match (found, complete) {
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
        };
        if let Some((snapshot, entry)) = remembered {
            evidence.history = snapshot.history(&entry);
            if let Some(ServerChange { before, .. }) = evidence.history.change {
                evidence.servers_before = snapshot.table.hosts(before).collect();
            }
        }
        evidence
    }

    fn entry(&mut self, snapshot: &'c Snapshot, relative: &str) -> Option<Entry<'c>> {
        let sweep = self.sweeps[snapshot.place].get_or_insert_with(|| snapshot.table.sweep());
        sweep.entry(relative.as_bytes())
    }

    fn delegates_above(&mut self, snapshot: &'c Snapshot, name: &str) -> bool {
        let relative = snapshot.relative(name);
        relative.match_indices('.').any(|(dot, _)| {
            let above = self.entry(snapshot, &relative[dot + 1..]);
            above.is_some_and(|entry| entry.is_here() && entry.is_delegated())
        })
    }
}

/// Whether a snapshot that holds the name is as new as the newest complete one: itself, or newer.
fn is_as_new(seen: &Snapshot, complete: &Snapshot) -> bool {
    std::ptr::eq(seen, complete) || seen.date.moment > complete.date.moment
}

impl Snapshot {
    /// A snapshot that was opened; `path` is told to people.
    pub fn new(stored: Stored, path: PathBuf, limits: &Limits) -> Self {
        let Stored { table, facts } = stored;
        let (coverage, why) = facts.coverage(table.len() as u64, limits);
        Self { path, date: facts.zone_date(), coverage, why, facts, table, place: 0 }
    }

    /// Those snapshots of a store that say what it knows until as-of.
    pub fn of_store(store: &Store, limits: &Limits) -> Result<Vec<Self>> {
        let mut snapshots = Vec::new();
        for origin in store.zones()? {
            for day in store.dates(&origin)?.into_iter().rev() {
                let path = store.path(&origin, day);
                let snapshot = Self::new(Stored::open(&path)?, path, limits);
                let is_last = snapshot.is_until(limits.as_of) && snapshot.tells_absence();
                snapshots.push(snapshot);
                if is_last {
                    break;
                }
            }
        }
        Ok(snapshots)
    }

    /// Whether names that are not in it were absent at its date; also of a list that this run trusts.
    fn tells_absence(&self) -> bool {
        self.facts.is_whole() || self.coverage == Coverage::Complete
    }

    fn is_until(&self, as_of: Moment) -> bool {
        self.date.moment <= as_of.plus_days(1)
    }

    /// A name below the origin, relative to it.
    fn relative<'n>(&self, name: &'n str) -> &'n str {
        match self.facts.origin.len() {
            0 => name,
            origin => name.get(..name.len().saturating_sub(origin + 1)).unwrap_or(name),
        }
    }

    fn history(&self, entry: &Entry<'_>) -> History {
        let today = Today {
            day: self.table.day(),
            base: self.table.base_day(),
            proves_absence: self.tells_absence(),
        };
        entry.past().until(&today, entry.is_here())
    }
}
