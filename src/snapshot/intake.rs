//! Puts zone files into a store: which date each file has, which snapshot it builds on, which one it replaces.
//!
//! The start of each file tells its zone and date. Zones are built side by side, the largest first. The dates of one
//! zone are built in order, so that each carries on the history of the one before.
//!
//! *The same date twice*: a whole snapshot is never replaced by one that is not whole. Of two whole ones the greater
//! serial wins (RFC 1982); of two with equal serials, or two that are not whole, the one built later. A notice says
//! that other bytes took the place of the earlier ones. The same file
//! again (serial, size and time unchanged) with the same options is not read at all; with other options it is built
//! again.
//!
//! *A date before others*: the later snapshots are rewritten ([`super::chain`]), so that the history is the same as if
//! the files had come in order. *A pruned date*: it is part of the history of later snapshots already. It is not built
//! again unless everything that it was built from is still there.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::build::Builder;
use super::chain::{self, Ground};
use super::facts::{BuildOptions, SnapshotFacts};
use super::store::{Store, ZoneLock};
use super::stored::Stored;
use crate::error::{Error, Result};
use crate::escape;
use crate::progress::Progress;
use crate::threads::{lanes, workers};
use crate::time::{Day, Moment};
use crate::zone::peek::{ZoneStart, peek};
use crate::zone::{DateSource, ReadOptions, Serial, ZoneDate, ZoneFile, ZoneKind, ZoneSource, read_zone};

/// How snapshots are made.
#[derive(Debug, Clone)]
pub struct IntakeOptions {
    /// How zone files are read.
    pub read: ReadOptions,
    /// The date of all of them, if the user gave one.
    pub date: Option<Moment>,
    /// The moment after which no date of a zone is plausible.
    pub as_of: Moment,
    /// Whether lists count as complete.
    pub trust_lists: bool,
    /// Percent of its names that a zone may lose since the last whole snapshot.
    pub max_shrink: f64,
}

/// What became of a zone file.
#[derive(Debug)]
pub struct Taken {
    /// The file as the user named it.
    pub(crate) source: PathBuf,
    /// The snapshot, or why there is none.
    pub outcome: Result<IntakePlace>,
}

/// The snapshot that a zone file belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakePlace {
    /// Its zone.
    pub(crate) origin: String,
    /// Its date.
    pub day: Day,
    /// What was done.
    pub step: IntakeStep,
    /// What a person should know.
    pub notice: Option<String>,
}

/// What was done with a zone file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakeStep {
    /// A snapshot was built.
    Built,
    /// It was there already.
    Known,
    /// A better one was there already, and stays.
    Kept,
    /// It was pruned. There is none now, but later ones remember it.
    Pruned,
}

/// A file whose zone and date are known.
struct Planned<'z> {
    zone: &'z ZoneSource,
    date: ZoneDate,
    serial: Option<Serial>,
}

/// The files of one zone.
struct Group<'z> {
    origin: String,
    files: Vec<Planned<'z>>,
}

/// Builds snapshots of zone files in `target`. Their history is carried on from snapshots in it and in `others`.
pub fn ingest(
    zones: &[ZoneSource],
    target: &Store,
    others: &[Store],
    options: &IntakeOptions,
    progress: &Progress,
) -> Vec<Taken> {
    let (mut taken, groups) = plan(zones, options);
    let queue = Mutex::new(VecDeque::from(groups));
    let done = Mutex::new(Vec::new());
    let intake = Intake { target, others, options, progress };
    lanes(workers().min(zones.len()), || {
        while let Some(group) = queue.lock().ok().and_then(|mut queue| queue.pop_front()) {
            let outcomes = intake.ingest_group(&group);
            if let Ok(mut done) = done.lock() {
                done.extend(outcomes);
            }
        }
    });
    taken.extend(done.into_inner().unwrap_or_default());
    taken.sort_by(|a, b| a.source.cmp(&b.source));
    taken
}

/// Looks into all files. Those that do not tell their zone are done.
fn plan<'z>(zones: &'z [ZoneSource], options: &IntakeOptions) -> (Vec<Taken>, Vec<Group<'z>>) {
    let queue = Mutex::new(zones.iter());
    let looked = Mutex::new(Vec::new());
    lanes(workers().min(zones.len()), || {
        while let Some(zone) = queue.lock().ok().and_then(|mut queue| queue.next()) {
            let seen = peek(zone, &options.read, options.as_of);
            if let Ok(mut looked) = looked.lock() {
                looked.push((zone, seen));
            }
        }
    });
    let mut taken = Vec::new();
    let mut groups: BTreeMap<String, Vec<Planned<'z>>> = BTreeMap::new();
    for (zone, seen) in looked.into_inner().unwrap_or_default() {
        match seen {
            Ok(ZoneStart { origin, serial, signed_at }) => {
                let told = (serial, signed_at);
                let date = ZoneDate::of(options.date, told, zone.source.modified, options.as_of);
                groups.entry(origin).or_default().push(Planned { zone, date, serial });
            }
            Err(error) => taken.push(Taken { source: zone.source.path.clone(), outcome: Err(error) }),
        }
    }
    let mut groups: Vec<Group<'z>> =
        groups.into_iter().map(|(origin, files)| Group { origin, files }).collect();
    for group in &mut groups {
        group.files.sort_by(|a, b| {
            let rank = |file: &Planned<'_>| (file.date.moment, file.zone.source.path.clone());
            rank(a).cmp(&rank(b))
        });
    }
    let bytes = |group: &Group<'_>| group.files.iter().filter_map(|file| file.zone.source.size).sum::<u64>();
    groups.sort_by_key(|group| std::cmp::Reverse(bytes(group)));
    (taken, groups)
}

struct Intake<'i> {
    target: &'i Store,
    others: &'i [Store],
    options: &'i IntakeOptions,
    progress: &'i Progress,
}

impl Intake<'_> {
    fn ingest_group(&self, group: &Group<'_>) -> Vec<Taken> {
        let outcome = |file: &Planned<'_>, outcome| Taken { source: file.zone.source.path.clone(), outcome };
        let lock = match chain::lock(self.target, &group.origin) {
            Ok(lock) => lock,
            Err(error) => {
                return group.files.iter().map(|file| outcome(file, Err(error.clone()))).collect();
            }
        };
        group.files.iter().map(|file| outcome(file, self.take(&lock, &group.origin, file))).collect()
    }

    fn take(&self, lock: &ZoneLock, origin: &str, file: &Planned<'_>) -> Result<IntakePlace> {
        let day = file.date.day();
        let place = |step, notice| IntakePlace { origin: origin.to_owned(), day, step, notice };
        let path = self.target.path(origin, day);
        let existing = if path.exists() { Stored::open(&path).ok() } else { None };
        let same = existing.as_ref().is_some_and(|existing| is_same_file(file, &existing.facts));
        if let Some(existing) = existing.as_ref().filter(|_| same)
            && self.are_same_options(&existing.facts)
        {
            return Ok(place(IntakeStep::Known, None));
        }
        let stores: Vec<&Store> = std::iter::once(self.target).chain(self.others).collect();
        let mut damaged = Vec::new();
        loop {
            let Some(ground) = chain::ground(&stores, origin, day, &mut damaged)? else {
                return Ok(place(IntakeStep::Pruned, Some(PRUNED.to_owned())));
            };
            let built = self.build(lock, (origin, file), existing.as_ref(), &ground);
            // damage that shows only when its names are read
            let base = ground.base.as_ref().map(|base| &base.table).filter(|base| base.check().is_err());
            if let (Err(_), Some(base), false) = (&built, base, file.zone.source.is_stream()) {
                damaged.push(base.path().to_path_buf());
                continue;
            }
            let (step, notices) = built?;
            let gone = damaged.iter().map(|path| format!("{}: {DAMAGED}", escape::path(path)));
            let notices: Vec<String> = gone.chain(notices).collect();
            return Ok(place(step, Some(notices.join("; ")).filter(|notices| !notices.is_empty())));
        }
    }

    /// Builds a snapshot on this ground and gives it its name, unless the existing one is better.
    fn build(
        &self,
        lock: &ZoneLock,
        (origin, file): (&str, &Planned<'_>),
        existing: Option<&Stored>,
        ground: &Ground,
    ) -> Result<(IntakeStep, Vec<String>)> {
        let day = file.date.day();
        let building = lock.building()?;
        let lost_change = AtomicBool::new(false);
        let mut builder = Builder::create(&building, day, ground.base(&lost_change))?;
        let read = read_zone(file.zone, &self.options.read, self.progress, &mut builder)?;
        check_plan(origin, file.serial, &read)?;
        let facts = SnapshotFacts::of(&read, file.date, self.options.trust_lists, self.build_options());
        let settled = |counted: u64| {
            let mut facts = facts.clone();
            facts.accepted = existing.is_some_and(|existing| {
                existing.facts.accepted && !facts.is_far_below(counted, existing.table.len() as u64)
            });
            facts.rest_on(ground.lineage.clone(), counted);
            facts
        };
        let (written, header) = builder.finish(|counted| settled(counted).to_json())?;
        let facts = settled(header.names);
        // a snapshot that cannot be read is no reason to keep it; other options are a reason not to
        if let Some(existing) = existing
            && existing.facts.source.sha256 != facts.source.sha256
            && let Some(why) = keeps(&existing.facts, &facts)
        {
            return Ok((IntakeStep::Kept, vec![why.to_owned()]));
        }
        let notice = chain::publish(self.target, lock, (building, &written), (origin, day))?;
        let lost = lost_change.load(Ordering::Relaxed).then(|| LOST_CHANGE.to_owned());
        let replaced = existing.and_then(|existing| replaced(&existing.facts, &facts));
        Ok((IntakeStep::Built, replaced.into_iter().chain(notice).chain(lost).collect()))
    }

    fn build_options(&self) -> BuildOptions {
        let ReadOptions { origin, allow_include } = self.options.read.clone();
        BuildOptions { origin, allow_include, max_shrink: self.options.max_shrink }
    }

    /// Whether a snapshot was made with these options, as far as they matter for it.
    fn are_same_options(&self, facts: &SnapshotFacts) -> bool {
        let (ours, theirs) = (self.build_options(), &facts.options);
        ours.max_shrink == theirs.max_shrink
            && match facts.kind {
                ZoneKind::Master => {
                    ours.allow_include == theirs.allow_include && ours.origin == theirs.origin
                }
                ZoneKind::List => self.options.trust_lists == facts.trusted,
            }
    }
}

/// The notice for a base that cannot be read.
const DAMAGED: &str = "damaged, so its history is not carried on; remove it and build it again";
/// The notice for a date that was pruned.
const PRUNED: &str =
    "there was a snapshot of this date, which was pruned; the history of later ones holds it";
/// The notice where a change happened on that very date.
const LOST_CHANGE: &str = "the snapshot before is pruned: of names whose name servers changed on a date that is \
     now built anew, an earlier change is forgotten";

/// Checks that the zone that was read is the one that was seen when zone and date were planned.
fn check_plan(origin: &str, serial: Option<Serial>, read: &ZoneFile) -> Result<()> {
    if read.origin == origin && read.serial == serial {
        return Ok(());
    }
    let zone = |origin: &str, serial: Option<Serial>| {
        let name = if origin.is_empty() { "." } else { origin };
        serial.map_or_else(|| format!("`{name}`"), |serial| format!("`{name}` of serial {}", serial.0))
    };
    let (seen, found) = (zone(origin, serial), zone(&read.origin, read.serial));
    Err(Error::failure(
        &read.path,
        format!("changed while it was read: it was the zone {seen}, and is {found}"),
    )
    .hint("write the file under another name, rename it when it is complete, and run again"))
}

/// Whether a snapshot was made from this file, as far as that shows without reading it.
fn is_same_file(file: &Planned<'_>, facts: &SnapshotFacts) -> bool {
    file.zone.source.size == Some(facts.source.bytes)
        && file.zone.source.modified == facts.source.modified
        && file.serial == facts.serial
        && file.date == facts.zone_date()
        && facts.integrity.broken.is_none()
}

/// What to say if the snapshot of a date was made from other bytes. A registry that publishes more than once a day is
/// one cause. A date that is wrong is another: then every night's file takes the place of the one before.
fn replaced(existing: &SnapshotFacts, new: &SnapshotFacts) -> Option<String> {
    let differs = existing.source.sha256 != new.source.sha256;
    differs.then(|| {
        let dated = match new.date_source {
            DateSource::Given => "that date was given",
            DateSource::Signature => "its signatures date it",
            DateSource::SerialDate | DateSource::SerialTime => "its serial dates it",
            DateSource::FileTime => "only its file's time dates it",
        };
        format!(
            "takes the place of another file of this date, `{}`; {dated}",
            escape::line(&existing.source.name)
        )
    })
}

/// Why the existing snapshot stays, if it does.
fn keeps(existing: &SnapshotFacts, new: &SnapshotFacts) -> Option<&'static str> {
    match (existing.is_whole(), new.is_whole()) {
        (true, false) => Some("a complete snapshot of this date stays: the new file is not whole"),
        (true, true) if existing.serial > new.serial => {
            Some("a complete snapshot of this date stays: its serial is greater")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::source::Source;
    use crate::time::BareDate;
    use crate::zone::ZoneKind;
    use crate::zone::integrity::Integrity;

    #[test]
    fn another_zone_than_planned_is_refused() {
        let read = |origin: &str, serial| ZoneFile {
            path: PathBuf::from("a.zone"),
            kind: ZoneKind::Master,
            origin: origin.to_owned(),
            serial: Some(Serial(serial)),
            integrity: Integrity::default(),
            bytes: 0,
            sha256: String::new(),
            modified: None,
        };
        assert_eq!(check_plan("com", Some(Serial(1)), &read("com", 1)), Ok(()));
        for (other, found) in [(read("net", 1), "`net` of serial 1"), (read("com", 2), "`com` of serial 2")] {
            let error = check_plan("com", Some(Serial(1)), &other).expect_err("another zone").to_string();
            assert!(
                error.contains("it was the zone `com` of serial 1, and is ") && error.contains(found),
                "{error}"
            );
        }
    }

    /// Replacing a file after the first look is an error, and nothing is stored.
    #[test]
    fn a_zone_that_is_replaced_is_not_stored() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.zone");
        let write = |origin: &str| {
            let soa = format!("{origin}.\t60\tin\tsoa\tns.a. host.a. 2026053101 1 1 1 1\n");
            std::fs::write(&path, format!("{soa}a.{origin}.\t60\tin\tns\tns.b.\n{soa}")).expect("a file");
        };
        write("com");
        let zone = ZoneSource::file(Source::stat(&path).expect("the file is there"));
        std::fs::remove_file(&path).expect("the file is there");
        write("network");
        let store = Store::create(&directory.path().join("store")).expect("a store");
        let options = IntakeOptions {
            read: ReadOptions::default(),
            date: None,
            as_of: Moment::parse("2026-06-01", BareDate::Start).expect("a date"),
            trust_lists: false,
            max_shrink: 20.0,
        };
        let taken = ingest(&[zone], &store, &[], &options, &Progress::hidden());
        let error = taken[0].outcome.as_ref().expect_err("another file").to_string();
        assert!(error.contains("replaced or written to") && error.contains("hint: "), "{error}");
        assert_eq!(store.zones(), Ok(Vec::new()));
    }
}
