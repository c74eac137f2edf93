//! The job of `registry import`: lists and earlier imports → one table, sorted by name.

use std::path::Path;
use std::time::Instant;

use super::files::{FoundList, ListFile};
use super::kind::Wholeness;
use super::list::RegistryList;
use super::read::ListReading;
use super::row::ListRow;
use super::sort::RowSorter;
use super::table::{ImportedLists, ListsTable, is_import};
use crate::error::{Error, Result};
use crate::escape;
use crate::files::OutputFile;
use crate::progress::Progress;
use crate::time::Moment;

/// What an import did.
#[derive(Debug, Default)]
pub(crate) struct ListImport {
    /// The lists, those of earlier imports included.
    pub(crate) lists: Vec<RegistryList>,
    /// Files that are no lists, each with its reason.
    pub(crate) unknown: Vec<String>,
    /// Rows written.
    pub(crate) rows: u64,
    /// Distinct names of these.
    pub(crate) names: u64,
    /// Seconds of the whole run.
    pub(crate) seconds: f64,
}

/// Imports lists into one table. `given` is the date of lists that hold none.
///
/// # Errors
///
/// The output cannot or must not be written, or nothing of the input can be used. Nothing is written then.
pub(crate) fn import(
    found: Vec<FoundList>,
    output: &Path,
    given: Option<Moment>,
    progress: &Progress,
) -> Result<ListImport> {
    let started = Instant::now();
    let output = OutputFile::create(output, &[])?;
    for input in found.iter().map(|found| &found.source.path) {
        // an earlier import may be both input and output
        if output.is(input) && !is_import(input) {
            return Err(output.refuse_input(input));
        }
    }
    progress.start("importing", found.iter().filter_map(|found| found.source.size).sum());
    let mut sorter = RowSorter::new(output.directory());
    let mut done = ListImport::default();
    read_all(found, given, &|_| true, progress, &mut done, &mut |row| sorter.push(row))?;
    let told: Vec<String> =
        done.lists.iter().filter_map(RegistryList::incomplete).chain(done.unknown.clone()).collect();
    if done.lists.iter().all(|list| list.is_refused) {
        let what = format!("no list could be read, first {}", told.first().map_or("", String::as_str));
        return Err(Error::usage(what).hint("name files of known lists, or say which list a file is"));
    }
    progress.start("writing", 0);
    let mut lists = std::mem::take(&mut done.lists);
    compare(&mut lists);
    let numbers = same_lists(&lists);
    let mut table = ListsTable::create(output, &lists)?;
    let mut group: Vec<ListRow> = Vec::new();
    let mut write = |group: &mut Vec<ListRow>| {
        group.sort_unstable();
        group.dedup();
        done.names += u64::from(!group.is_empty());
        done.rows += group.len() as u64;
        group.drain(..).try_for_each(|row| table.push(row))
    };
    sorter.finish(&mut |mut row| {
        let list = &lists[row.list as usize];
        if list.is_refused {
            return Ok(());
        }
        settle(&mut row, list);
        row.list = numbers[row.list as usize];
        if group.first().is_some_and(|first| first.name != row.name) {
            write(&mut group)?;
        }
        group.push(row);
        Ok(())
    })?;
    write(&mut group)?;
    table.finish()?;
    progress.finish();
    done.lists = lists;
    done.seconds = started.elapsed().as_secs_f64();
    Ok(done)
}

/// Reads files of all kinds; their rows are numbered by their lists.
pub(super) fn read_all(
    found: Vec<FoundList>,
    given: Option<Moment>,
    wanted: &dyn Fn(&str) -> bool,
    progress: &Progress,
    done: &mut ListImport,
    take: &mut dyn FnMut(ListRow) -> Result<()>,
) -> Result<()> {
    for FoundList { source, what } in found {
        match what {
            ListFile::Unknown(why) => done.unknown.push(format!("{}: {why}", escape::path(&source.path))),
            ListFile::Import => ImportedLists::open(&source.path)?.read(wanted, &mut done.lists, take)?,
            ListFile::List(form) => {
                let number = done.lists.len() as u32;
                let reading = ListReading { form: &form, number, given, wanted, progress };
                done.lists.push(reading.read(source, take)?);
            }
        }
    }
    Ok(())
}

/// What holds for all rows of a list, and only its head or end tells.
pub(super) fn settle(row: &mut ListRow, list: &RegistryList) {
    use super::kind::ListSays::{Dropped, InRelease, WillDrop, Withheld};
    if matches!(row.facts.says, WillDrop | InRelease) {
        row.facts.release_at = row.facts.release_at.or(list.release_at);
        row.facts.release_until = row.facts.release_until.or(list.release_until);
    }
    if matches!(row.facts.says, Dropped | Withheld) {
        row.facts.ended_at = row.facts.ended_at.or(Some(list.date));
    }
}

/// Compares each list that tells absence with the one before it: one that has far fewer names is not whole, and one that
/// has about as many is whole if nothing else tells.
pub(super) fn compare(lists: &mut [RegistryList]) {
    let mut order: Vec<usize> = (0..lists.len()).filter(|place| lists[*place].complete).collect();
    order.sort_by_key(|place| lists[*place].date);
    for (at, place) in order.iter().enumerate() {
        let list = &lists[*place];
        let earlier = order[..at].iter().rev().map(|place| &lists[*place]).find(|earlier| {
            earlier.is_of_series(list)
                && earlier.date < list.date
                && earlier.wholeness != Wholeness::Incomplete
        });
        let Some(earlier) = earlier else { continue };
        let (before, now, limit) = (earlier.rows as f64, list.rows as f64, list.shrinks_percent as f64);
        let shrunk = (before - now) * 100.0 / before.max(1.0);
        let why = format!("it has {now} names, {shrunk:.1} % fewer than the list before (limit {limit} %)");
        let list = &mut lists[*place];
        if shrunk > limit {
            list.break_off(why);
        } else if shrunk.abs() <= limit {
            list.prove("it has about as many names as the list before");
        }
    }
}

/// The number of each list; lists that are the same get the number of the first.
fn same_lists(lists: &[RegistryList]) -> Vec<u32> {
    let mut numbers = Vec::with_capacity(lists.len());
    for (place, list) in lists.iter().enumerate() {
        let is_same = |other: &RegistryList| {
            !other.is_refused
                && (&other.name, other.date, other.rows, &other.tlds, other.wholeness)
                    == (&list.name, list.date, list.rows, &list.tlds, list.wholeness)
        };
        numbers.push(lists[..place].iter().position(is_same).unwrap_or(place) as u32);
    }
    numbers
}

impl ListImport {
    /// Why the run is incomplete, if it is.
    pub(crate) fn incomplete(&self) -> Vec<String> {
        self.lists.iter().filter_map(RegistryList::incomplete).chain(self.unknown.iter().cloned()).collect()
    }
}
