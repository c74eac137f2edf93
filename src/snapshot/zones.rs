//! All zones of one run, wherever they come from: zone files, directories of files, single snapshots, stores.
//!
//! Files become snapshots first, in the store that the user named or in a temporary one. Then all snapshots are mapped
//! and looked up alike.

use std::path::{Path, PathBuf};

use hashbrown::HashMap;

use super::intake::{IntakeOptions, IntakePlace, IntakeStep, ingest};
use super::store::ENDING;
use super::{Catalog, Snapshot, SnapshotFacts, Store, Stored, TrustLimits};
use crate::error::{Error, Hint, Result};
use crate::files::Temporary;
use crate::input::pattern::expand;
use crate::progress::Progress;
use crate::zone::{FoundZones, ZoneSource};

/// Where zones are found.
#[derive(Debug, Default)]
pub(crate) struct ZonePaths {
    /// Zone files and lists.
    pub(crate) files: Vec<ZoneSource>,
    /// Single snapshots.
    pub(crate) snapshots: Vec<PathBuf>,
    /// Stores.
    pub(crate) stores: Vec<Store>,
    /// Files of a directory that cannot be opened.
    pub(crate) unreadable: Vec<Error>,
    /// What a person should know.
    pub(crate) notices: Vec<String>,
}

/// How zones are read and trusted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ZoneOptions<'o> {
    /// How zone files become snapshots.
    pub(crate) intake: &'o IntakeOptions,
    /// How snapshots are trusted, and as of when.
    pub(crate) limits: &'o TrustLimits,
    /// The store that keeps the snapshots of zone files.
    pub(crate) store: Option<&'o Path>,
}

/// The zones of a run.
#[derive(Debug)]
pub(crate) struct Zones {
    /// Their snapshots.
    pub(crate) catalog: Catalog,
    /// Files that could not be read at all.
    pub(crate) unreadable: Vec<Error>,
    /// What a person should know.
    pub(crate) notices: Vec<String>,
    /// Temporary stores. They are removed when this is dropped.
    _scratch: Vec<Temporary>,
}

impl ZonePaths {
    /// Looks at paths: stores, snapshots, zone files, directories of these, patterns.
    pub(crate) fn find(paths: &[PathBuf]) -> Result<Self> {
        let mut found = Self::default();
        for path in paths.iter().flat_map(|path| expand(path)) {
            let path = path?;
            if Store::is_at(&path) {
                found.stores.push(filled(&path)?);
            } else if path.extension().is_some_and(|ending| ending == ENDING) {
                found.snapshots.push(path);
            } else {
                let FoundZones { zones, notices, unreadable } = ZoneSource::find(&path)?;
                found.files.extend(zones);
                found.notices.extend(notices);
                found.unreadable.extend(unreadable);
            }
        }
        Ok(found)
    }

    /// Bytes of the zone files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().filter_map(|zone| zone.source.size).sum()
    }

    /// Makes snapshots of the zone files and opens all snapshots. Temporary stores are made in `scratch`, if needed.
    pub(crate) fn read(
        &self,
        options: ZoneOptions<'_>,
        scratch: &Path,
        progress: &Progress,
    ) -> Result<Zones> {
        let mut opened = OpenedZones {
            options,
            progress,
            snapshots: HashMap::default(),
            unreadable: self.unreadable.clone(),
            notices: self.notices.clone(),
        };
        let mut temporary = Vec::new();
        let mut temporary_store = || {
            let directory = Temporary::create(scratch)?;
            let store = Store::create_for_one_run(&directory.path().join("snapshots"));
            temporary.push(directory);
            store
        };
        if !self.files.is_empty() {
            let target = match options.store {
                Some(root) => Store::create(root)?,
                None => temporary_store()?,
            };
            let pruned = opened.build(&self.files, &target, &self.stores)?;
            if !pruned.is_empty() {
                // this run needs these dates, and the store no longer holds them
                let others: Vec<Store> = self.stores.iter().cloned().chain([target]).collect();
                opened.build(&pruned, &temporary_store()?, &others)?;
            }
        }
        for path in &self.snapshots {
            opened.add(path, path.clone())?;
        }
        let OpenedZones { mut snapshots, mut unreadable, notices, .. } = opened;
        for store in &self.stores {
            for snapshot in Snapshot::of_store(store, options.limits)? {
                snapshots.entry(resolved(&snapshot.path)).or_insert(snapshot);
            }
        }
        let catalog = Catalog::new(snapshots.into_values().collect(), options.limits.as_of);
        unreadable.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(Zones { catalog, unreadable, notices, _scratch: temporary })
    }
}

/// Opens a store. One without a snapshot is refused, as a directory without a zone file is: by it no name could be judged,
/// and whoever names it expects the opposite. It may have been copied before it was built, or be the wrong one.
fn filled(root: &Path) -> Result<Store> {
    let store = Store::open(root)?;
    if store.has_snapshots()? {
        return Ok(store);
    }
    Err(Error::failure(root, "a store without a single snapshot in it").hint(Hint::BuildStore))
}

/// What was opened so far; snapshots by their files.
struct OpenedZones<'z> {
    options: ZoneOptions<'z>,
    progress: &'z Progress,
    snapshots: HashMap<PathBuf, Snapshot, foldhash::fast::FixedState>,
    unreadable: Vec<Error>,
    notices: Vec<String>,
}

impl OpenedZones<'_> {
    /// Makes snapshots of zone files. Returns the files whose dates were pruned from the store, unless a later snapshot
    /// of this run remembers them.
    fn build(&mut self, files: &[ZoneSource], target: &Store, others: &[Store]) -> Result<Vec<ZoneSource>> {
        let mut pruned: Vec<(IntakePlace, PathBuf)> = Vec::new();
        for taken in ingest(files, target, others, self.options.intake, self.progress) {
            let place = match taken.outcome {
                Ok(place) => place,
                Err(error) => {
                    self.unreadable.push(error);
                    continue;
                }
            };
            if place.step == IntakeStep::Pruned {
                pruned.push((place, taken.source));
                continue;
            }
            let notice = place.notice.map(|notice| format!("{}: {notice}", taken.source.display()));
            self.notices.extend(notice);
            let path = target.path(&place.origin, place.day);
            let named = if place.step == IntakeStep::Kept { path.clone() } else { taken.source };
            self.add(&path, named)?;
        }
        pruned.retain(|(place, _)| !self.remembers(place));
        let is_pruned = |zone: &&ZoneSource| pruned.iter().any(|(_, path)| *path == zone.source.path);
        Ok(files.iter().filter(is_pruned).cloned().collect())
    }

    fn remembers(&self, place: &IntakePlace) -> bool {
        self.snapshots.values().any(|snapshot| {
            let SnapshotFacts { origin, lineage, .. } = &snapshot.facts;
            !snapshot.is_later && *origin == place.origin && lineage.contains(place.day)
        })
    }

    fn add(&mut self, path: &Path, named: PathBuf) -> Result<()> {
        let resolved = resolved(path);
        if !self.snapshots.contains_key(&resolved) {
            let snapshot = Snapshot::new(Stored::open(path)?, named, self.options.limits);
            self.snapshots.insert(resolved, snapshot);
        }
        Ok(())
    }
}

fn resolved(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}
