//! Evidence from disk, as every command takes it: the Public Suffix List, zones, RDAP answers.
//!
//! Zones come as files, directories of files, snapshots or stores of them. Files become snapshots first, in the
//! store that the user named or in a temporary one; then all alike are mapped and probed.

use std::path::{Path, PathBuf};

use hashbrown::{HashMap, HashSet};

use crate::assess::survey::{Survey, survey};
use crate::config::EvidenceConfig;
use crate::error::{Error, Result};
use crate::input::small::read_small;
use crate::input::source::Source;
use crate::name::{MailDomain, SuffixList};
use crate::progress::Progress;
use crate::rdap::archive::load::load;
use crate::rdap::{Bootstrap, RdapFile, RdapTable};
use crate::snapshot::intake::{Place, Step, take_in};
use crate::snapshot::store::ENDING;
use crate::snapshot::{Catalog, Facts, Snapshot, Store, Stored};
use crate::temporary::Temporary;
use crate::zone::{FoundZones, ZoneSource};

/// Where zones are found.
#[derive(Debug, Default)]
pub struct ZonePaths {
    /// Zone files and lists.
    pub files: Vec<ZoneSource>,
    /// Single snapshots.
    pub snapshots: Vec<PathBuf>,
    /// Stores.
    pub stores: Vec<Store>,
    /// Files of a directory that cannot be opened.
    pub unreadable: Vec<Error>,
    /// What a person should know.
    pub notices: Vec<String>,
}

impl ZonePaths {
    /// Looks at paths: stores, snapshots, zone files, directories of these.
    pub fn find(paths: &[PathBuf]) -> Result<Self> {
        let mut found = Self::default();
        for path in paths {
            if Store::is_at(path) {
                found.stores.push(Store::open(path)?);
            } else if path.extension().is_some_and(|ending| ending == ENDING) {
                found.snapshots.push(path.clone());
            } else {
                let FoundZones { zones, notices, unreadable } = ZoneSource::find(path)?;
                found.files.extend(zones);
                found.notices.extend(notices);
                found.unreadable.extend(unreadable);
            }
        }
        Ok(found)
    }

    /// Bytes of the zone files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().filter_map(|zone| zone.source.size).sum()
    }
}

/// The zones of a run.
#[derive(Debug)]
pub struct Zones {
    /// Their snapshots.
    pub catalog: Catalog,
    /// Files that could not be read at all.
    pub unreadable: Vec<Error>,
    /// What a person should know.
    pub notices: Vec<String>,
    /// Temporary stores, gone with this.
    _scratch: Vec<Temporary>,
}

/// Makes snapshots of zone files and opens all there are. Temporary stores are made in `scratch`, if some are needed.
pub fn read_zones(
    paths: &ZonePaths,
    config: &EvidenceConfig,
    scratch: &Path,
    progress: &Progress,
) -> Result<Zones> {
    let mut zones = Gathered {
        config,
        progress,
        snapshots: HashMap::default(),
        told: Told { unreadable: paths.unreadable.clone(), notices: paths.notices.clone() },
    };
    let mut temporary = Vec::new();
    let mut temporary_store = || {
        let directory = Temporary::create(scratch)?;
        let store = Store::create(&directory.path().join("snapshots"));
        temporary.push(directory);
        store
    };
    if !paths.files.is_empty() {
        let target = match &config.store {
            Some(root) => Store::create(root)?,
            None => temporary_store()?,
        };
        let pruned = zones.build(&paths.files, &target, &paths.stores)?;
        if !pruned.is_empty() {
            // the run looks at these dates themselves, which the store does not hold any more
            let others: Vec<Store> = paths.stores.iter().cloned().chain([target]).collect();
            zones.build(&pruned, &temporary_store()?, &others)?;
        }
    }
    for path in &paths.snapshots {
        zones.add(path, path.clone())?;
    }
    let Gathered { mut snapshots, told: Told { mut unreadable, notices }, .. } = zones;
    for store in &paths.stores {
        for snapshot in Snapshot::of_store(store, &config.limits)? {
            snapshots.entry(resolved(&snapshot.path)).or_insert(snapshot);
        }
    }
    let catalog = Catalog::new(snapshots.into_values().collect(), config.as_of);
    unreadable.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(Zones { catalog, unreadable, notices, _scratch: temporary })
}

/// Snapshots by their files.
struct Gathered<'g> {
    config: &'g EvidenceConfig,
    progress: &'g Progress,
    snapshots: HashMap<PathBuf, Snapshot, foldhash::fast::FixedState>,
    told: Told,
}

/// What is told of them.
struct Told {
    unreadable: Vec<Error>,
    notices: Vec<String>,
}

impl Gathered<'_> {
    /// Makes snapshots of zone files. Returns the files whose dates were pruned from the store, unless a later snapshot
    /// of this run remembers them.
    fn build(&mut self, files: &[ZoneSource], target: &Store, others: &[Store]) -> Result<Vec<ZoneSource>> {
        let mut pruned: Vec<(Place, PathBuf)> = Vec::new();
        for taken in take_in(files, target, others, &self.config.intake, self.progress) {
            let place = match taken.outcome {
                Ok(place) => place,
                Err(error) => {
                    self.told.unreadable.push(error);
                    continue;
                }
            };
            if place.step == Step::Pruned {
                pruned.push((place, taken.source));
                continue;
            }
            let notice = place.notice.map(|notice| format!("{}: {notice}", taken.source.display()));
            self.told.notices.extend(notice);
            let path = target.path(&place.origin, place.day);
            let named = if place.step == Step::Kept { path.clone() } else { taken.source };
            self.add(&path, named)?;
        }
        pruned.retain(|(place, _)| !self.remembers(place));
        let is_pruned = |zone: &&ZoneSource| pruned.iter().any(|(_, path)| *path == zone.source.path);
        Ok(files.iter().filter(is_pruned).cloned().collect())
    }

    fn remembers(&self, place: &Place) -> bool {
        self.snapshots.values().any(|snapshot| {
            let Facts { origin, lineage, .. } = &snapshot.facts;
            !snapshot.is_later && *origin == place.origin && lineage.contains(place.day)
        })
    }

    fn add(&mut self, path: &Path, named: PathBuf) -> Result<()> {
        let resolved = resolved(path);
        if !self.snapshots.contains_key(&resolved) {
            let snapshot = Snapshot::new(Stored::open(path)?, named, &self.config.limits);
            self.snapshots.insert(resolved, snapshot);
        }
        Ok(())
    }
}

fn resolved(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The list the run goes by.
pub fn suffix_list(evidence: &EvidenceConfig) -> Result<SuffixList> {
    evidence.psl.as_deref().map_or_else(SuffixList::built_in, SuffixList::read)
}

/// The bootstrap file, if one was named.
pub fn read_bootstrap(evidence: &EvidenceConfig) -> Result<Option<Bootstrap>> {
    let Some(path) = &evidence.bootstrap else { return Ok(None) };
    let bytes = read_small(path)?;
    let bad = |error| Error::failure(path, error).hint("take `dns.json` from IANA's RDAP bootstrap registry");
    Bootstrap::parse(&bytes).map(Some).map_err(bad)
}

/// The answers about the names of a survey.
pub fn read_rdap(
    sources: &[Source],
    survey: &Survey<'_>,
    evidence: &EvidenceConfig,
    progress: &Progress,
) -> Result<(RdapTable, Vec<RdapFile>)> {
    let names = if sources.is_empty() { &[] } else { survey.names.as_slice() };
    let wanted: HashSet<&str, foldhash::fast::FixedState> =
        names.iter().map(|surveyed| surveyed.name).collect();
    load(sources, evidence.as_of, &|name| wanted.contains(name), progress)
}

/// Every name to be judged, with what the zones say of it.
pub fn survey_names<'a>(
    mail_domains: &'a [MailDomain],
    suffixes: &SuffixList,
    zones: &'a Zones,
    evidence: &EvidenceConfig,
) -> Survey<'a> {
    // a fresh zone is believed in any top-level domain
    let presence_days = i32::try_from(evidence.limits.max_zone_age_days).unwrap_or(i32::MAX);
    survey(mail_domains, suffixes, &zones.catalog, presence_days)
}
