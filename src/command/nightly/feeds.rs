//! What is delivered, taken into the store and the tables: only what is new, and whatever of it can be read.
//!
//! A file that cannot be used is told, and told again every night until it is replaced or removed; the evidence of the
//! nights before stays in use. A zone that can be read but is not whole is taken: the store keeps the whole one before
//! it, and the audit tells of it for as long as it is the newest.

use std::path::{Path, PathBuf};
use std::slice;

use hashbrown::HashMap;
use serde_json::json;
use xxhash_rust::xxh3::xxh3_64;

use super::steps::{StepDone, Steps};
use super::taken::{Feed, Mark, TakenMarks, mark_of};
use super::{Night, none_yet};
use crate::error::{Error, Result};
use crate::escape;
use crate::input::source::Source;
use crate::mail;
use crate::rdap::MAX_REJECTED;
use crate::rdap::archive::files::walk;
use crate::rdap::archive::import::{ImportWatch, import as import_answers};
use crate::registry::import::import as import_lists;
use crate::registry::{self, ListChoice};
use crate::snapshot::Store;
use crate::snapshot::intake::{IntakeOptions, IntakeStep, ingest};
use crate::snapshot::zones::ZonePaths;
use crate::time::Moment;
use crate::wording::{count, grouped};
use crate::zone::ZoneSource;

/// Files of one feed.
#[derive(Debug, Default, Clone, Copy)]
struct FeedCounts {
    new: u64,
    known: u64,
}

impl FeedCounts {
    /// What a feed brought, if it brought nothing that could be taken.
    fn nothing_new(self) -> String {
        match self {
            Self { new: 0, known: 0 } => "nothing delivered".to_owned(),
            Self { new: 0, known } => format!("nothing new, {} known", count(known, "file")),
            Self { new, .. } => format!("nothing could be taken of {}", count(new, "new file")),
        }
    }

    fn fields(self) -> serde_json::Value {
        json!({ "new_files": self.new, "known_files": self.known })
    }
}

/// Zone files → snapshots in the store. Stores and snapshots among the paths are evidence as they are.
pub(super) fn take_zones(night: &mut Night<'_>, steps: &mut Steps) -> Result<StepDone> {
    let found = find_zones(&night.config.feeds.zones, steps);
    let intake = &night.config.checked.evidence.intake;
    // a date that is later than today is a mistake, even if the night is judged as of another day
    let intake = IntakeOptions { as_of: intake.as_of.max(Moment::now()), ..intake.clone() };
    let options = format!("{:?}", (&intake.read, intake.date, intake.trust_lists, intake.max_shrink));
    let (mut files, mut marks, mut counts) = (Vec::new(), TakenMarks::default(), FeedCounts::default());
    let mut new_marks: HashMap<PathBuf, Mark> = HashMap::new();
    for zone in found.files {
        let mark = mark_of(&zone.source.path, &options);
        let known = mark.and_then(|mark| Some((mark, night.taken.of(Feed::Zones).get(&mark)?)));
        match known.filter(|(_, origin)| has_snapshot(&night.store, origin)) {
            Some((mark, origin)) => drop(marks.insert(mark, origin.clone())),
            None => {
                new_marks.extend(mark.map(|mark| (zone.source.path.clone(), mark)));
                files.push(zone);
            }
        }
    }
    counts.known = marks.len() as u64;
    counts.new = files.len() as u64;
    night.zones =
        found.stores.iter().map(|store| store.root().to_path_buf()).chain(found.snapshots).collect();
    let built = build(night, (&files, &intake), &new_marks, (&mut marks, &mut counts), steps)?;
    night.taken.set(Feed::Zones, marks)?;
    let text = match built {
        0 => counts.nothing_new(),
        built => format!("{}, {} known", count(built, "new snapshot"), count(counts.known, "file")),
    };
    let mut fields = counts.fields();
    fields["snapshots"] = built.into();
    Ok(StepDone { text, fields })
}

/// The zone files of all paths. What is wrong with one path does not matter to the others.
fn find_zones(paths: &[PathBuf], steps: &mut Steps) -> ZonePaths {
    let mut found = ZonePaths::default();
    for path in paths.iter().filter(|path| !none_yet(path)) {
        match ZonePaths::find(slice::from_ref(path)) {
            Ok(of_path) => {
                found.files.extend(of_path.files);
                found.stores.extend(of_path.stores);
                found.snapshots.extend(of_path.snapshots);
                steps.note(of_path.notices);
                of_path.unreadable.into_iter().for_each(|error| steps.blame(error));
            }
            Err(error) => steps.blame(error),
        }
    }
    found
}

/// Builds snapshots and notes which files were taken; how many snapshots are new.
fn build(
    night: &Night<'_>,
    (files, intake): (&[ZoneSource], &IntakeOptions),
    new_marks: &HashMap<PathBuf, Mark>,
    (marks, counts): (&mut TakenMarks, &mut FeedCounts),
    steps: &mut Steps,
) -> Result<u64> {
    if files.is_empty() {
        return Ok(0);
    }
    let store = Store::create(&night.store)?;
    night.progress.start("building snapshots", files.iter().filter_map(|zone| zone.source.size).sum());
    let taken = ingest(files, &store, &[], intake, &night.progress);
    night.progress.finish();
    let mut built = 0;
    for taken in taken {
        let place = match taken.outcome {
            Ok(place) => place,
            Err(error) => {
                steps.blame(error);
                continue;
            }
        };
        let file = escape::path(&taken.source);
        match (place.step, place.notice) {
            (IntakeStep::Kept, notice) => {
                steps.blame(Error::failure(&taken.source, notice.unwrap_or_default()));
            }
            (IntakeStep::Built, notice) => {
                built += 1;
                steps.note(notice.map(|notice| format!("{file}: {notice}")));
            }
            (IntakeStep::Known | IntakeStep::Pruned, _) => {
                counts.new -= 1;
                counts.known += 1;
            }
        }
        if let Some(mark) = new_marks.get(&taken.source) {
            marks.insert(*mark, place.origin.into());
        }
    }
    Ok(built)
}

fn has_snapshot(store: &Path, origin: &str) -> bool {
    let dates = Store::open(store).and_then(|store| store.dates(origin));
    dates.is_ok_and(|dates| !dates.is_empty())
}

/// Files of RDAP answers → the table. There may be millions of files, so their paths are never kept.
pub(super) fn take_answers(night: &mut Night<'_>, steps: &mut Steps) -> Result<StepDone> {
    let table = night.state.answers();
    let known = if table.exists() { night.taken.of(Feed::Answers).clone() } else { TakenMarks::default() };
    let hash = |path: &Path| xxh3_64(path.as_os_str().as_encoded_bytes());
    let mut marks = TakenMarks::default();
    let mut new: HashMap<u64, Option<Mark>> = HashMap::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in night.config.feeds.rdap.iter().filter(|path| !none_yet(path)) {
        let mut look = |source: Source| match mark_of(&source.path, "") {
            Some(mark) if known.contains_key(&mark) => drop(marks.insert(mark, "".into())),
            mark => drop(new.insert(hash(&source.path), mark)),
        };
        match walk(slice::from_ref(path)).try_for_each(|source| source.map(&mut look)) {
            Ok(()) => paths.push(path.clone()),
            Err(error) => steps.blame(error),
        }
    }
    let counts = FeedCounts { new: new.len() as u64, known: marks.len() as u64 };
    let mut fields = counts.fields();
    if new.is_empty() {
        night.taken.set(Feed::Answers, marks)?;
        return Ok(StepDone { text: counts.nothing_new(), fields });
    }
    if table.exists() {
        paths.insert(0, table.clone());
    }
    let mut broken = Vec::new();
    let watch = ImportWatch {
        max_rejected: MAX_REJECTED,
        is_wanted: &|source| new.contains_key(&hash(&source.path)),
        on_incomplete: &mut |path| broken.push(hash(path)),
    };
    let imported = import_answers(&paths, &table, watch, &night.progress)?;
    let incomplete = imported.incomplete.1.into_iter();
    incomplete.for_each(|why| steps.blame(Error::placeless(why)));
    steps.note(imported.notices.1);
    new.retain(|path, _| !broken.contains(path));
    marks.extend(new.into_values().flatten().map(|mark| (mark, "".into())));
    night.taken.set(Feed::Answers, marks)?;
    fields["answers"] = imported.kept.total().into();
    fields["domains"] = imported.names.into();
    let (answers, names) = (count(imported.kept.total(), "answer"), count(imported.names, "domain"));
    Ok(StepDone { text: format!("{}; now {answers} about {names}", count(counts.new, "new file")), fields })
}

/// Lists of registries → the table.
pub(super) fn take_lists(night: &mut Night<'_>, steps: &mut Steps) -> Result<StepDone> {
    let table = night.state.lists();
    let known = if table.exists() { night.taken.of(Feed::Lists).clone() } else { TakenMarks::default() };
    let mut marks = TakenMarks::default();
    let mut new = Vec::new();
    let mut new_marks: HashMap<PathBuf, Mark> = HashMap::new();
    for path in night.config.feeds.registry.iter().filter(|path| !none_yet(path)) {
        let found = match registry::find(slice::from_ref(path), &ListChoice::ByFile) {
            Ok(found) => found,
            Err(error) => {
                steps.blame(error);
                continue;
            }
        };
        for list in found {
            match mark_of(&list.source.path, "") {
                Some(mark) if known.contains_key(&mark) => drop(marks.insert(mark, "".into())),
                mark => {
                    new_marks.extend(mark.map(|mark| (list.source.path.clone(), mark)));
                    new.push(list);
                }
            }
        }
    }
    let counts = FeedCounts { new: new.len() as u64, known: marks.len() as u64 };
    let mut fields = counts.fields();
    if new.is_empty() {
        night.taken.set(Feed::Lists, marks)?;
        return Ok(StepDone { text: counts.nothing_new(), fields });
    }
    if table.exists() {
        new.splice(0..0, registry::find(slice::from_ref(&table), &ListChoice::ByFile)?);
    }
    let imported = import_lists(new, &table, None, &night.progress)?;
    let refused = imported.lists.iter().filter(|list| list.is_refused);
    // a list that is cut is in the table, and the audit tells of it
    let told = refused.clone().filter_map(registry::RegistryList::incomplete);
    told.chain(imported.unknown.iter().cloned()).for_each(|why| steps.blame(Error::placeless(why)));
    let read = imported.lists.iter().filter(|list| !list.is_refused);
    marks.extend(read.filter_map(|list| Some((*new_marks.get(&list.path)?, "".into()))));
    night.taken.set(Feed::Lists, marks)?;
    fields["rows"] = imported.rows.into();
    fields["domains"] = imported.names.into();
    let names = count(imported.names, "domain");
    let text =
        format!("{}; now {} rows about {names}", count(counts.new, "new file"), grouped(imported.rows));
    Ok(StepDone { text, fields })
}

/// The paths of MX data that are there. The audit reads them as they are, and nothing of them is kept: what was seen on an
/// earlier day is too old to tell today's mail servers before long.
pub(super) fn mail_paths(night: &Night<'_>, steps: &mut Steps) -> Vec<PathBuf> {
    let paths = night.config.feeds.mx.iter().filter(|path| !none_yet(path));
    let mut is_there = |path: &&PathBuf| match mail::find(slice::from_ref(path)) {
        Ok(_) => true,
        Err(error) => {
            steps.blame(error);
            false
        }
    };
    paths.filter(|path| is_there(path)).cloned().collect()
}
