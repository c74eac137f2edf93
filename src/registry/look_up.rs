//! What the lists say of a name: the rows about it, and what its absence from a list means.
//!
//! Memory grows with the names that are asked about, not with the lists: rows of other names are passed over.
//!
//! Two things are said by absence. A name that a complete register does not hold was not registered when the list was
//! made. A name that was in a list of names to be released and is not in a later one, before its day, was renewed. Both
//! need a list that is whole and dated by more than its file's time. The second needs both lists: one alone cannot tell
//! a renewed name from one that was never about to drop.

use super::files::{FoundList, ListFile};
use super::import::{ListImport, compare, read_all, settle};
use super::kind::{ListKind, ListSays, ReleaseBy};
use super::list::RegistryList;
use super::row::{ListRow, RowFacts};
use super::table::ProbedLists;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::table::probe::ProbeRoom;
use crate::time::Moment;

/// The lists of a run, and their rows about the wanted names.
#[derive(Debug, Default)]
pub(crate) struct ListTable {
    /// The lists, by their numbers.
    pub(crate) lists: Vec<RegistryList>,
    /// Files that are no lists, each with its reason.
    pub(crate) unknown: Vec<String>,
    /// Sorted by name.
    rows: Vec<ListRow>,
    /// Whole lists that tell absence, the newest first.
    registers: Vec<u32>,
}

/// What one list says of a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListFinding<'a> {
    /// The list.
    pub(crate) list: &'a RegistryList,
    /// What it says.
    pub(crate) facts: RowFacts,
}

impl ListFinding<'_> {
    /// How the next holder is found.
    pub(crate) fn release_by(&self) -> Option<ReleaseBy> {
        self.list.release_by
    }
}

/// Reads lists for the names that are wanted. A list dated by its file stays so.
pub(crate) fn load(
    found: Vec<FoundList>,
    wanted: &dyn Fn(&str) -> bool,
    progress: &Progress,
) -> Result<ListTable> {
    let (mut done, mut rows) = (ListImport::default(), Vec::new());
    read_all(found, None, wanted, progress, &mut done, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(ListTable::of(done.lists, done.unknown, rows))
}

/// Tables of lists that are probed by name.
#[derive(Debug)]
pub(crate) struct ListProbe {
    tables: Vec<ProbedLists>,
    lists: Vec<RegistryList>,
}

impl ListProbe {
    /// Opens tables of `registry import`; anything else is refused.
    pub(crate) fn open(found: &[FoundList], room: &ProbeRoom) -> Result<Self> {
        let (mut tables, mut lists) = (Vec::new(), Vec::new());
        for FoundList { source, what } in found {
            if !matches!(what, ListFile::Import) {
                let what = "a list as it came, expected the table of `zonelapse registry import`";
                return Err(Error::failure(&source.path, what)
                    .hint("make a table of it with `zonelapse registry import PATH -o lists.parquet`"));
            }
            tables.push(ProbedLists::open(&source.path, room, &mut lists)?);
        }
        Ok(Self { tables, lists })
    }

    /// What the lists say of these names, which are sorted.
    pub(crate) fn load(&mut self, names: &[&str]) -> Result<ListTable> {
        let mut rows = Vec::new();
        for table in &mut self.tables {
            table.read(names, &mut self.lists, &mut |row| {
                rows.push(row);
                Ok(())
            })?;
        }
        Ok(ListTable::of(self.lists.clone(), Vec::new(), rows))
    }
}

impl ListTable {
    fn of(mut lists: Vec<RegistryList>, unknown: Vec<String>, mut rows: Vec<ListRow>) -> Self {
        compare(&mut lists);
        rows.retain_mut(|row| {
            let list = &lists[row.list as usize];
            settle(row, list);
            !list.is_refused
        });
        rows.sort_unstable();
        rows.dedup();
        let mut registers: Vec<u32> = (0..lists.len() as u32).collect();
        registers.retain(|number| lists[*number as usize].proves_absence());
        registers.sort_by_key(|number| std::cmp::Reverse(lists[*number as usize].date));
        Self { lists, unknown, rows, registers }
    }

    /// Whether there is no list.
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// What the lists up to a moment say of a name, the newest list first.
    pub(crate) fn get(&self, name: &str, as_of: Moment) -> Vec<ListFinding<'_>> {
        let from = self.rows.partition_point(|row| &*row.name < name);
        let to = self.rows.partition_point(|row| &*row.name <= name);
        let rows = self.rows[from..to].iter().filter(|row| self.list(row.list).date <= as_of);
        let mut found: Vec<ListFinding<'_>> = rows.clone().map(|row| self.finding(row)).collect();
        let registers = self.registers.iter().map(|number| (*number, self.list(*number)));
        for (number, list) in registers.filter(|(_, list)| list.date <= as_of && list.covers(name)) {
            let own = |row: &&ListRow| row.list == number;
            let says = match list.kind {
                ListKind::WillDrop => {
                    // it was to be released later than this list was made
                    let waits = |row: &&ListRow| {
                        let earlier = self.list(row.list);
                        earlier.is_of_series(list)
                            && earlier.date < list.date
                            && row.facts.release_at.is_some_and(|release_at| release_at > list.date)
                    };
                    (!rows.clone().any(|row| own(&row)) && rows.clone().any(|row| waits(&row)))
                        .then_some(ListSays::Renewed)
                }
                _ => {
                    let is_held = rows.clone().filter(own).any(|row| row.facts.says != ListSays::Ended);
                    (!is_held).then_some(ListSays::NotListed)
                }
            };
            if let Some(says) = says {
                found.push(ListFinding { list, facts: RowFacts::only(says) });
            }
        }
        found.sort_by_key(|finding| std::cmp::Reverse(finding.list.date));
        found
    }

    fn list(&self, number: u32) -> &RegistryList {
        &self.lists[number as usize]
    }

    fn finding(&self, row: &ListRow) -> ListFinding<'_> {
        ListFinding { list: self.list(row.list), facts: row.facts }
    }
}
