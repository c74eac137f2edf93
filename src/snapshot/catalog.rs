//! The snapshots of a run, and what they say about a name.
//!
//! The covering zone of a name is the deepest zone whose origin is above the name and which does not delegate a name
//! between the two. A plain list tells no delegations, so a name in it counts as one, unless it holds the deeper name as
//! well: it says nothing of names below those that it lists. Of several snapshots of that zone, the newest complete one
//! tells absence, and the newest one with the name tells presence. The newer of the two decides; at the same moment the complete one does. A sighting does
//! not count if a newer whole snapshot lacks the name, even if that one is too old to prove absence. Then neither is
//! known.
//!
//! A name that exists only because of names below it is neither present nor absent. If the complete snapshot that
//! would tell its absence holds such names, the evidence says so ([`Doubt::OnlyNamesBelow`]), and names
//! further down are the registered ones. A snapshot that is not complete cannot tell: names that it lacks, the upper
//! one among them, may be in the zone all the same. It lends presence to the names it holds, and nothing else.
//!
//! A snapshot also remembers when it last saw a name that it lacks. That counts as much as the older snapshot itself,
//! so pruning a snapshot does not change the evidence.
//!
//! Ages are whole days, because most serials tell no more than a day. A snapshot dated after as-of is evidence from the
//! future and is not used ([`SnapshotFacts::is_until`]).
//!
//! From a store, two snapshots of each zone are opened: the newest one up to as-of, and the newest whole one.
//! Everything else is in their history.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::facts::{Coverage, SnapshotFacts, TrustLimits};
use super::history::{History, Sight, Today};
use super::store::Store;
use super::stored::Stored;
use super::table::{SnapshotEntry, SnapshotTable, Sweep};
use super::zone_evidence::{Doubt, ZoneEvidence};
use crate::error::Result;
use crate::time::{Day, Moment};
use crate::zone::{ZoneDate, ZoneKind};

/// One zone at one date.
#[derive(Debug)]
pub struct Snapshot {
    /// The file that the user named: of a snapshot, or of the zone it was made from.
    pub(crate) path: PathBuf,
    /// What is known about it.
    pub(crate) facts: SnapshotFacts,
    /// Its date.
    pub date: ZoneDate,
    /// How far it can be trusted.
    pub coverage: Coverage,
    /// Why it is not trusted more, for a person.
    pub(crate) why: String,
    /// Whether it is dated after as-of, and so not used.
    pub(crate) is_later: bool,
    /// Its names.
    pub(crate) table: SnapshotTable,
    /// Its place in the catalog.
    place: usize,
}

/// All snapshots of a run.
#[derive(Debug)]
pub struct Catalog {
    zones: BTreeMap<String, Vec<Snapshot>>,
    count: usize,
    as_of: Moment,
}

/// Looks names up, each near the one before. Each thread has its own.
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
            // newest first; at the same moment the complete one, then by path, so that every run is the same
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
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = &Snapshot> {
        self.zones.values().flatten()
    }

    /// Whether there is a snapshot of this very zone.
    pub(crate) fn has_zone(&self, origin: &str) -> bool {
        self.zones.contains_key(origin)
    }

    /// Looks names up. Ascending order is fastest.
    pub fn probe(&self) -> Probe<'_> {
        Probe { catalog: self, sweeps: vec![None; self.count] }
    }

    /// An error if a snapshot turned out to be damaged while it was read: conclusions from it may be wrong.
    pub(crate) fn check(&self) -> Result<()> {
        self.snapshots().try_for_each(|snapshot| snapshot.table.check())
    }
}

impl<'c> Probe<'c> {
    /// What the zones say about a name (normalized, no final dot) whose presence counts for `presence_days`.
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
            covering.retain(|snapshot| !snapshot.is_later);
            if !covering.is_empty() {
                return self.decide(&covering, name, presence_days);
            }
            after_as_of |= any;
        }
        ZoneEvidence { doubt: after_as_of.then_some(Doubt::AfterAsOf), ..ZoneEvidence::default() }
    }

    fn decide(&mut self, covering: &[&'c Snapshot], name: &str, presence_days: i32) -> ZoneEvidence<'c> {
        let today = self.catalog.as_of.day();
        let Remembered { sighting, latest, only_names_below } = self.remembered(covering, name);
        let complete = covering.iter().copied().find(|snapshot| snapshot.coverage == Coverage::Complete);
        let too_old = |sighting: &Sighting<'_>| today.since(sighting.at.day()) > presence_days;
        let seen_too_long_ago = sighting.as_ref().is_some_and(too_old);
        let mut evidence = match (sighting, complete) {
            (Some(sighting), complete)
                if !seen_too_long_ago && complete.is_none_or(|complete| sighting.is_as_new(complete)) =>
            {
                ZoneEvidence {
                    snapshot: Some(sighting.by),
                    presence: Some(true),
                    remembered_on: (!sighting.entry.is_present()).then(|| sighting.at.day()),
                    servers: sighting.entry.set(),
                    has_ds: Some(sighting.entry.has_ds()),
                    ..ZoneEvidence::default()
                }
            }
            (_, Some(complete)) => ZoneEvidence {
                snapshot: Some(complete),
                presence: (!only_names_below).then_some(false),
                doubt: only_names_below.then_some(Doubt::OnlyNamesBelow),
                ..ZoneEvidence::default()
            },
            (_, None) => {
                let snapshot = covering.first().copied();
                let doubt = seen_too_long_ago.then_some(Doubt::SeenTooLongAgo);
                ZoneEvidence { snapshot, doubt, ..ZoneEvidence::default() }
            }
        };
        if let Some((snapshot, history)) = latest {
            evidence.remember(snapshot, history);
        }
        evidence
    }

    /// Where a name was last seen, in a snapshot or in the memory of one, and the history in the newest one that
    /// knows it.
    fn remembered(&mut self, covering: &[&'c Snapshot], name: &str) -> Remembered<'c> {
        let mut found = Remembered::default();
        // no sighting before this day counts: the name is known to have been absent then
        let mut absent_until: Option<Day> = None;
        for snapshot in covering {
            if let Some(entry) = self.entry(snapshot, snapshot.relative(name)) {
                let history = entry.history(&snapshot.today());
                if history.dropped_on.is_some() {
                    absent_until = absent_until.max(history.absence().map(|absence| absence.to));
                }
                found.only_names_below |=
                    entry.sight() == Sight::OnlyBelow && snapshot.coverage == Coverage::Complete;
                found.see(snapshot, entry, history.last_seen);
                if history.last_seen.is_some() {
                    found.latest.get_or_insert((snapshot, history));
                }
            } else {
                absent_until = absent_until.max(snapshot.last_proof());
            }
            if snapshot.tells_absence() {
                break;
            }
        }
        found.sighting = found.sighting.filter(|sighting| match sighting.entry.is_present() {
            true => absent_until <= Some(sighting.at.day()),
            // on the same day, a whole snapshot counts more than what another one remembers
            false => absent_until < Some(sighting.at.day()),
        });
        found
    }

    fn entry(&mut self, snapshot: &'c Snapshot, relative: &str) -> Option<SnapshotEntry<'c>> {
        let sweep = self.sweeps[snapshot.place].get_or_insert_with(|| snapshot.table.sweep());
        sweep.entry(relative.as_bytes())
    }

    fn delegates_above(&mut self, snapshot: &'c Snapshot, name: &str) -> bool {
        let relative = snapshot.relative(name);
        let is_list = snapshot.facts.kind == ZoneKind::List;
        let is_cut = relative.match_indices('.').any(|(dot, _)| {
            let above = self.entry(snapshot, &relative[dot + 1..]);
            above.is_some_and(|entry| entry.is_delegated() || is_list && entry.is_present())
        });
        is_cut && !(is_list && self.entry(snapshot, relative).is_some_and(|entry| entry.is_present()))
    }
}

/// What snapshots know about a name.
#[derive(Default)]
struct Remembered<'c> {
    sighting: Option<Sighting<'c>>,
    /// The history in the newest one that has an entry for it.
    latest: Option<(&'c Snapshot, History)>,
    /// The newest complete one holds only names below it.
    only_names_below: bool,
}

impl<'c> Remembered<'c> {
    /// Takes what an entry says if it is newer. On the same day, a snapshot that holds the name counts more than one
    /// that remembers it.
    fn see(&mut self, by: &'c Snapshot, entry: SnapshotEntry<'c>, last_seen: Option<Day>) {
        let here = entry.is_present();
        let at = if here { Some(by.date.moment) } else { last_seen.map(Day::start) };
        let is_newer = |at: &Moment| {
            let known = self.sighting.as_ref().map(|sighting| sighting.at);
            known.is_none_or(|known| *at > known || (here && at.day() == known.day()))
        };
        if let Some(at) = at.filter(is_newer) {
            self.sighting = Some(Sighting { by, entry, at });
        }
    }
}

/// The last time a name was seen.
struct Sighting<'c> {
    /// The snapshot that holds the name, or remembers it.
    by: &'c Snapshot,
    entry: SnapshotEntry<'c>,
    at: Moment,
}

impl Sighting<'_> {
    /// Whether it is as new as the newest complete snapshot: from that one itself, or newer.
    fn is_as_new(&self, complete: &Snapshot) -> bool {
        (self.entry.is_present() && std::ptr::eq(self.by, complete)) || self.at > complete.date.moment
    }
}

impl Snapshot {
    /// An open snapshot; messages show `path`.
    pub(crate) fn new(stored: Stored, path: PathBuf, limits: &TrustLimits) -> Self {
        let Stored { table, facts } = stored;
        let (coverage, why) = facts.coverage(table.len() as u64, limits);
        let is_later = !facts.is_until(limits.as_of);
        Self { path, date: facts.zone_date(), coverage, why, is_later, facts, table, place: 0 }
    }

    /// The snapshots of a store that are needed to know what it knew at as-of: of each zone the newest, and the
    /// newest one that tells absence. If all are later, one of them.
    pub fn of_store(store: &Store, limits: &TrustLimits) -> Result<Vec<Self>> {
        let mut snapshots = Vec::new();
        for origin in store.zones()? {
            let dates = store.dates(&origin)?;
            let open = |day: Day| {
                let path = store.path(&origin, day);
                Ok(Self::new(Stored::open(&path)?, path, limits))
            };
            let (mut newest, mut later) = (None, None);
            let known = dates.partition_point(|day| day.start() <= limits.as_of.plus_days(1));
            for day in dates[..known].iter().rev() {
                let snapshot = match open(*day) {
                    Err(_) if day.start() > limits.as_of => continue,
                    opened => opened?,
                };
                if snapshot.is_later {
                    later = Some(snapshot);
                } else if snapshot.tells_absence() {
                    later = None;
                    snapshots.push(snapshot);
                    break;
                } else {
                    newest.get_or_insert(snapshot);
                }
            }
            if known == 0
                && let Some(day) = dates.first()
            {
                later = open(*day).ok();
            }
            snapshots.extend(newest.or(later));
        }
        Ok(snapshots)
    }

    /// Its place among [`Catalog::snapshots`].
    pub(crate) fn place(&self) -> usize {
        self.place
    }

    /// Whether names that are not in it were absent at its date; also of a list that this run trusts.
    fn tells_absence(&self) -> bool {
        self.facts.is_whole() || self.coverage == Coverage::Complete
    }

    /// The last day on which names without an entry were absent.
    fn last_proof(&self) -> Option<Day> {
        if self.tells_absence() { Some(self.table.day()) } else { self.facts.lineage.last_proof }
    }

    /// A name below the origin, relative to it.
    fn relative<'n>(&self, name: &'n str) -> &'n str {
        match self.facts.origin.len() {
            0 => name,
            origin => name.get(..name.len().saturating_sub(origin + 1)).unwrap_or(name),
        }
    }

    fn today(&self) -> Today {
        let (day, base) = (self.table.day(), self.table.base_day());
        Today { day, base, proves_absence: self.tells_absence() }
    }
}
