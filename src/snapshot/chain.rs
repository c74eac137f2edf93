//! How the snapshots of a zone build on one another, in whatever order they arrive.
//!
//! Each snapshot carries on the history of the one before it, and its size is compared with the last whole one before
//! it. When a snapshot is built, accepted or replaced, all later ones are checked in the order of their dates, and
//! rewritten where something changes for them. A mark in the zone's directory is there meanwhile: if the run is
//! killed, the next one that takes the zone's lock does the work again.
//!
//! *Pruned snapshots*: the first snapshot after a gap holds everything that the pruned ones knew, but cannot tell them
//! apart. A file dated before the end of the gap can no longer become part of that history; a later one can. The
//! [`Lineage`] of a snapshot says what it was built from, and its history is never carried on anew from a snapshot that
//! knows less.
//!
//! *Damaged snapshots* count as gone: builds go on without their history, and say so.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::build::{Base, Builder, Carries};
use super::facts::SnapshotFacts;
use super::lineage::{Lineage, newer};
use super::store::{Building, Store, ZoneLock};
use super::stored::Stored;
use crate::error::{Error, Hint, Result};
use crate::time::Day;
use crate::wording::{count, first_of};
use crate::zone::DateSource;
use crate::zone::integrity::Damage;

/// What a new snapshot builds on.
pub(super) struct Ground {
    /// The snapshot whose history is carried on.
    pub(crate) base: Option<Stored>,
    /// Whether that snapshot takes the place of the one before it, which is gone.
    pub(crate) is_stand_in: bool,
    /// The lineage of the new one.
    pub(crate) lineage: Lineage,
}

impl Ground {
    /// The base to build on.
    pub(crate) fn base<'g>(&'g self, lost_change: &'g AtomicBool) -> Option<Base<'g>> {
        let base = self.base.as_ref()?;
        let carries = match self.is_stand_in {
            true => Carries::Before { lost_change },
            false => Carries::All { proves_absence: base.facts.is_whole() },
        };
        Some(Base { table: &base.table, carries })
    }

    fn of_stand_in(stand_in: Stored, below: &Lineage) -> Self {
        let own = &stand_in.facts.lineage;
        let lineage = Lineage { last_whole: newer(own.last_whole, below.last_whole), ..own.clone() };
        Self { base: Some(stand_in), is_stand_in: true, lineage }
    }
}

/// What a snapshot of this date builds on; none if that date was pruned and what it was built from is gone too. Earlier
/// snapshots are taken from all stores, later ones from the first. Damaged ones are passed over and added to `damaged`.
pub(super) fn ground(
    stores: &[&Store],
    origin: &str,
    day: Day,
    damaged: &mut Vec<PathBuf>,
) -> Result<Option<Ground>> {
    let mut before = Vec::new();
    for store in stores {
        before.extend(store.before(origin, day, damaged)?);
    }
    let last_whole = before.iter().map(Stored::last_whole).fold(None, newer);
    let base = before.into_iter().max_by_key(|stored| stored.table.day());
    let lineage = Lineage { last_whole, ..base.as_ref().map(Stored::next_lineage).unwrap_or_default() };
    let Some(target) = stores.first() else { return Ok(None) };
    let is_there = target.path(origin, day).exists();
    let dates = target.dates(origin)?;
    let from_here = dates.iter().filter(|date| **date >= day);
    for (place, date) in from_here.enumerate() {
        // one that cannot be read tells nothing
        let Ok(stored) = target.get(origin, *date) else { continue };
        if damaged.iter().any(|path| path == stored.table.path()) {
            continue;
        }
        let known = &stored.facts.lineage;
        if *date == day || known.contains(day) {
            if lineage.includes(known, day) {
                break;
            }
            if *date == day {
                return Ok(Some(Ground::of_stand_in(stored, &lineage)));
            }
            if !is_there {
                return Ok(None);
            }
        } else if place == 0
            && stored.table.base_day().is_some_and(|base| base < day)
            && !lineage.includes(known, day)
        {
            return Ok(Some(Ground::of_stand_in(stored, &lineage)));
        }
    }
    Ok(Some(Ground { base, is_stand_in: false, lineage }))
}

/// Takes the right to write to a zone, and first finishes what a killed run left undone.
pub fn lock(store: &Store, origin: &str) -> Result<ZoneLock> {
    let lock = store.lock(origin)?;
    if lock.is_unfinished() {
        follow(store, &lock, origin, None)?;
    }
    Ok(lock)
}

/// Gives a snapshot its name and brings the later ones into line. Returns a notice where that cannot be done.
pub(super) fn publish(
    store: &Store,
    lock: &ZoneLock,
    written: (Building, &std::fs::File),
    place: (&str, Day),
) -> Result<Option<String>> {
    let (origin, day) = place;
    let is_last = store.dates(origin)?.last().is_none_or(|last| *last <= day);
    if !is_last {
        lock.begin()?;
    }
    lock.publish(written.0, written.1, &store.path(origin, day))?;
    if is_last { Ok(None) } else { follow(store, lock, origin, Some(day)) }
}

/// Brings the snapshots after `day`, or all of them, into line with those before them.
fn follow(store: &Store, lock: &ZoneLock, origin: &str, day: Option<Day>) -> Result<Option<String>> {
    let dates = store.dates(origin)?;
    let mut before = day.map(|day| store.get(origin, day)).transpose()?;
    let mut changed = day.is_some();
    let (mut notice, mut shrunk) = (None, Vec::new());
    for date in dates.iter().filter(|date| day.is_none_or(|day| **date > day)) {
        // one that cannot be read counts as gone; `snapshot verify` names it
        let Ok(stored) = store.get(origin, *date) else { continue };
        let lineage = before.as_ref().map(Stored::next_lineage).unwrap_or_default();
        let known = &stored.facts.lineage;
        let follows = lineage.includes(known, *date);
        let lineage = if follows {
            lineage
        } else {
            if let (true, Some(day), None) = (changed, day, &notice) {
                notice = Some(cannot_follow(&stored, *date, day));
            }
            // a whole one that is still there may not be whole any more
            let pruned = known.last_whole.filter(|whole| dates.binary_search(&whole.date).is_err());
            Lineage { last_whole: newer(pruned, lineage.last_whole), ..known.clone() }
        };
        let base = before.as_ref().filter(|_| follows && lineage.base != known.base);
        let (was_whole, was_shrunk) = (stored.facts.is_whole(), stored.facts.is_shrunk());
        let now = match rest_on(lock, store, &stored, base, lineage) {
            // damage that shows only when its names are read
            Err(_) if stored.table.check().is_err() => continue,
            other => other?.unwrap_or(stored),
        };
        changed = base.is_some() || now.facts.is_whole() != was_whole;
        if now.facts.is_shrunk() && !was_shrunk {
            shrunk.push(date.to_string());
        }
        before = Some(now);
    }
    lock.end()?;
    let notices: Vec<String> = notice.into_iter().chain(now_shrunk(&shrunk)).collect();
    Ok(Some(notices.join("; ")).filter(|notices| !notices.is_empty()))
}

/// How many dates a notice names.
const DATES: usize = 5;

fn now_shrunk(dates: &[String]) -> Option<String> {
    let named = first_of(dates.iter().cloned(), DATES, "date").join(", ");
    let what = format!("held against the last complete one before, later ones are `shrunk` now: {named}");
    (!dates.is_empty()).then_some(what)
}

fn cannot_follow(stored: &Stored, date: Day, day: Day) -> String {
    let base =
        stored.table.base_day().map(|base| format!(" from {base}, which is pruned")).unwrap_or_default();
    format!("the history of {date} and later was carried on{base}: what is new on {day} is not part of it")
}

/// Rewrites a snapshot if something changes for it, and opens it again. Its names are rewritten too if there is a base
/// from which their history is carried on anew.
fn rest_on(
    lock: &ZoneLock,
    store: &Store,
    stored: &Stored,
    base: Option<&Stored>,
    lineage: Lineage,
) -> Result<Option<Stored>> {
    let mut facts = stored.facts.clone();
    facts.rest_on(lineage, stored.table.len() as u64);
    if base.is_none() && facts == stored.facts {
        return Ok(None);
    }
    let (origin, day) = (facts.origin.as_str(), stored.table.day());
    let building = lock.building()?;
    let written = match base {
        Some(base) => {
            let carries = Carries::All { proves_absence: base.facts.is_whole() };
            let base = Base { table: &base.table, carries };
            let mut builder = Builder::create(&building, day, Some(base))?;
            builder.take_names(&stored.table)?;
            builder.finish(|_| facts.to_json())?.0
        }
        None => stored.table.copy_with_facts(&building, &facts.to_json())?,
    };
    lock.publish(building, &written, &store.path(origin, day))?;
    store.get(origin, day).map(Some)
}

/// Vouches for a snapshot: its shrinkage is real, or it lacks a closing SOA record because its registry writes none.
pub fn accept(store: &Store, origin: &str, day: Day) -> Result<Option<String>> {
    change_acceptance(store, origin, day, true)
}

/// Takes that back.
pub fn take_back(store: &Store, origin: &str, day: Day) -> Result<Option<String>> {
    change_acceptance(store, origin, day, false)
}

fn change_acceptance(store: &Store, origin: &str, day: Day, accepted: bool) -> Result<Option<String>> {
    let lock = lock(store, origin)?;
    let path = store.path(origin, day);
    let Stored { table, facts } = Stored::open(&path)?;
    if accepted {
        check_acceptable(&path, &facts)?;
    } else if !facts.accepted {
        return Err(Error::failure(&path, "the snapshot was never accepted: there is nothing to take back")
            .hint(Hint::ListAccepted));
    }
    table.verify()?;
    let lineage = facts.lineage.clone();
    let mut facts = SnapshotFacts { accepted, ..facts };
    facts.rest_on(lineage, table.len() as u64);
    let building = lock.building()?;
    let written = table.copy_with_facts(&building, &facts.to_json())?;
    publish(store, &lock, (building, &written), (origin, day))
}

/// An error if a person's word changes nothing for a snapshot, or cannot.
fn check_acceptable(path: &Path, facts: &SnapshotFacts) -> Result<()> {
    let refused = |what: String| Error::failure(path, what);
    if facts.date_source == DateSource::FileTime {
        let what = "only its file's time dates the snapshot, so it proves nothing whoever vouches for it";
        return Err(refused(what.to_owned()).hint(Hint::GiveDate));
    }
    match facts.damage() {
        Some(_) if facts.may_be_vouched() => Ok(()),
        Some(Damage::NoClosingSoa) => {
            let faults = facts.integrity.faults;
            let what = match facts.integrity.soa_records {
                None => "an earlier version built it, which did not count SOA records".to_owned(),
                Some(1) => format!("besides its closing SOA record it lacks {}", count(faults, "record")),
                Some(_) => "its last SOA record is not the closing one".to_owned(),
            };
            Err(refused(format!("the snapshot cannot be accepted: {what}"))
                .hint("build it again from a whole file"))
        }
        Some(damage) => {
            let what = format!("the snapshot cannot be accepted: {}", damage.explanation());
            Err(refused(what).hint("build it again from a whole file"))
        }
        None if facts.is_shrunk() => Ok(()),
        None => {
            let what = "the snapshot is neither `shrunk` nor `unclosed`: there is nothing to accept";
            Err(refused(what.to_owned()).hint(Hint::ListSnapshots))
        }
    }
}
