//! Snapshots as Parquet: all names of one (`export`), or what changed between two (`diff`).

use std::path::Path;

use crate::error::Result;
use crate::output::OutputFile;
use crate::snapshot::diff::Changed;
use crate::snapshot::history::History;
use crate::snapshot::{SnapshotTable, Stored};
use crate::table::columns::{booleans, days, texts, word_lists, words};
use crate::table::schema::{CHANGED_NAMES, NAMES};
use crate::table::write::SingleTable;
use crate::time::Day;

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 17;

/// Writes all names of a snapshot, also those it remembers from earlier ones; says how many.
pub fn export(stored: &Stored, path: &Path) -> Result<u64> {
    let output = OutputFile::create(path, &[stored.table.path()])?;
    let mut table = SingleTable::create(output, NAMES.layout())?;
    let today = stored.today();
    let mut group: Vec<Name> = Vec::with_capacity(GROUP_ROWS);
    let mut walk = stored.table.walk();
    let mut rows = 0;
    loop {
        let more = walk.advance();
        if !more || group.len() == GROUP_ROWS {
            rows += group.len() as u64;
            table.file().write(group.len(), name_columns(&group, &stored.table)?)?;
            group.clear();
        }
        if !more {
            break;
        }
        let entry = walk.entry();
        group.push(Name {
            name: absolute(walk.name(), &stored.facts.origin),
            present: entry.is_here(),
            has_ds: entry.has_ds(),
            set: walk.set(),
            history: entry.past().until(&today, entry.is_here()),
        });
    }
    stored.table.check()?;
    table.finish()?;
    Ok(rows)
}

struct Name {
    name: String,
    present: bool,
    has_ds: bool,
    set: u32,
    history: History,
}

fn name_columns(names: &[Name], table: &SnapshotTable) -> Result<Vec<crate::table::columns::ArrayBox>> {
    let history = |date: fn(&History) -> Option<Day>| days(names.iter().map(move |name| date(&name.history)));
    let before = |name: &Name| name.history.change.map(|change| change.before);
    Ok(vec![
        texts(names.iter().map(|name| Some(name.name.as_str()))),
        booleans(names.iter().map(|name| Some(name.present))),
        word_lists(names.iter().map(|name| Some(table.hosts(name.set))))?,
        booleans(names.iter().map(|name| Some(name.has_ds))),
        history(|history| history.first_seen),
        history(|history| history.last_seen),
        history(|history| Some(history.absence?.from)),
        history(|history| Some(history.absence?.to)),
        history(|history| Some(history.long_absence?.from)),
        history(|history| Some(history.long_absence?.to)),
        history(|history| history.dropped_on),
        history(|history| Some(history.change?.day)),
        word_lists(names.iter().map(|name| before(name).map(|set| table.hosts(set))))?,
    ])
}

/// The table of what changed between two snapshots, being written.
pub struct ChangesTable<'s> {
    table: SingleTable,
    first: &'s Stored,
    second: &'s Stored,
    rows: Vec<(String, &'static str, u32, u32)>,
}

impl<'s> ChangesTable<'s> {
    /// A new file.
    pub fn create(path: &Path, first: &'s Stored, second: &'s Stored) -> Result<Self> {
        let output = OutputFile::create(path, &[first.table.path(), second.table.path()])?;
        let table = SingleTable::create(output, CHANGED_NAMES.layout())?;
        Ok(Self { table, first, second, rows: Vec::new() })
    }

    /// Adds a name.
    pub fn push(&mut self, changed: Changed<'_>) -> Result<()> {
        let name = absolute(changed.name, &self.second.facts.origin);
        self.rows.push((name, changed.change.name(), changed.before, changed.after));
        if self.rows.len() == GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Closes the file.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.table.finish()
    }

    fn flush(&mut self) -> Result<()> {
        let rows = &self.rows;
        let (first, second) = (&self.first.table, &self.second.table);
        let columns = vec![
            texts(rows.iter().map(|row| Some(row.0.as_str()))),
            words(rows.iter().map(|row| Some(row.1)))?,
            word_lists(rows.iter().map(|row| Some(first.hosts(row.2))))?,
            word_lists(rows.iter().map(|row| Some(second.hosts(row.3))))?,
        ];
        self.table.file().write(rows.len(), columns)?;
        self.rows.clear();
        Ok(())
    }
}

fn absolute(name: &[u8], origin: &str) -> String {
    let mut absolute = String::from_utf8_lossy(name).into_owned();
    if !origin.is_empty() {
        absolute.push('.');
        absolute.push_str(origin);
    }
    absolute
}
