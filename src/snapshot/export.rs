//! Snapshots as tables: all names of one (`export`, also as CSV), or the changes between two (`diff`).

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};
use crate::files::{FileStart, OutputFile};
use crate::snapshot::diff::Changed;
use crate::snapshot::history::{Absence, History};
use crate::snapshot::{SnapshotTable, Stored};
use crate::table::columns::word_lists;
use crate::table::schema::{TableRows, TableSchema, Type};
use crate::table::write::SingleTable;
use crate::time::Day;

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 17;
/// What the column of names holds in both tables.
const ABSOLUTE: &str = "the name, absolute, without the final dot";

/// The forms in which names are written.
pub(crate) enum NamesForm<'o> {
    /// Parquet, into a file.
    Parquet(Box<OutputFile>),
    /// CSV.
    Csv(&'o mut dyn Write),
}

/// The output of names as Parquet.
pub(crate) fn parquet_output(stored: &Stored, path: &Path) -> Result<OutputFile> {
    OutputFile::create(path, &[stored.table.path()])
}

/// The output of names as CSV. A file that is replaced must be one of ours.
pub(crate) fn csv_output(stored: &Stored, path: &Path) -> Result<OutputFile> {
    OutputFile::create_as(path, &[stored.table.path()], FileStart::Line(csv_header()))
}

/// Writes all names of a snapshot, including those it remembers from earlier ones; how many there are. `deletion_days`
/// tells how many days a deletion takes in the registry of a name.
pub(crate) fn export(stored: &Stored, form: NamesForm<'_>, deletion_days: fn(&str) -> i32) -> Result<u64> {
    match form {
        NamesForm::Parquet(output) => {
            let mut table = SingleTable::create(*output, names_table().layout())?;
            let rows = each_group(stored, deletion_days, &mut |names| {
                let rows = NameRows { names, table: &stored.table };
                table.file().write(names.len(), names_table().build(&rows))
            })?;
            table.finish()?;
            Ok(rows)
        }
        NamesForm::Csv(output) => {
            let failed = |error: csv::Error| Error::failure("standard output".as_ref(), error);
            let mut csv = csv::WriterBuilder::new().from_writer(output);
            csv.write_record(names_table().names()).map_err(failed)?;
            let rows = each_group(stored, deletion_days, &mut |names| {
                names.iter().try_for_each(|row| csv.write_record(row.cells(&stored.table))).map_err(failed)
            })?;
            csv.flush().map_err(|error| failed(error.into()))?;
            Ok(rows)
        }
    }
}

/// The first line of the CSV.
fn csv_header() -> String {
    names_table().names().join(",")
}

/// Visits all names, a group at a time.
fn each_group(
    stored: &Stored,
    deletion_days: fn(&str) -> i32,
    write: &mut dyn FnMut(&[NameRow]) -> Result<()>,
) -> Result<u64> {
    let today = stored.today();
    let mut group: Vec<NameRow> = Vec::with_capacity(GROUP_ROWS);
    let mut walk = stored.table.walk();
    let mut rows = 0;
    loop {
        let more = walk.advance();
        if !more || group.len() == GROUP_ROWS {
            rows += group.len() as u64;
            write(&group)?;
            group.clear();
        }
        if !more {
            break;
        }
        let entry = walk.entry();
        let (name, history) = (absolute(walk.name(), &stored.facts.origin), entry.history(&today));
        group.push(NameRow {
            long_gap: history.long_gap(deletion_days(&name)),
            name,
            present: entry.is_present(),
            has_ds: entry.has_ds(),
            set: walk.set(),
            history,
        });
    }
    stored.table.check()?;
    Ok(rows)
}

/// A row of the table of names.
pub(crate) struct NameRow {
    name: String,
    present: bool,
    has_ds: bool,
    set: u32,
    history: History,
    long_gap: Option<Absence>,
}

impl NameRow {
    /// The cells of a line of CSV, in the order of [`names_table`]. Several name servers are separated by blanks.
    fn cells(&self, table: &SnapshotTable) -> [String; 13] {
        let History { first_seen, last_seen, dropped_on, change, .. } = &self.history;
        let (absence, long_gap) = (self.history.absence(), self.long_gap);
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let hosts = |set: u32| table.hosts(set).collect::<Vec<_>>().join(" ");
        [
            self.name.clone(),
            self.present.to_string(),
            hosts(self.set),
            self.has_ds.to_string(),
            day(*first_seen),
            day(*last_seen),
            day(absence.map(|absence| absence.from)),
            day(absence.map(|absence| absence.to)),
            day(long_gap.map(|absence| absence.from)),
            day(long_gap.map(|absence| absence.to)),
            day(*dropped_on),
            day(change.map(|change| change.day)),
            change.map(|change| hosts(change.before)).unwrap_or_default(),
        ]
    }
}

/// Some names of a snapshot.
pub(crate) struct NameRows<'a> {
    names: &'a [NameRow],
    table: &'a SnapshotTable,
}

impl TableRows for NameRows<'_> {
    fn rows(&self) -> usize {
        self.names.len()
    }
}

impl NameRows<'_> {
    fn history(&self, row: usize) -> &History {
        &self.names[row].history
    }
}

/// The table of the names of a snapshot.
pub(crate) fn names_table<'a>() -> TableSchema<NameRows<'a>> {
    let row = "a name that a snapshot holds or remembers, in the order of the snapshot (`zonelapse snapshot export`)";
    TableSchema::<NameRows<'a>>::new("names", row)
        .text("name", ABSOLUTE, |group, row| Some(&group.names[row].name))
        .boolean(
            "present",
            "the zone delegates it or holds its own data at the snapshot's date",
            |group, row| Some(group.names[row].present),
        )
        .column(
            "name_servers",
            Type::WordList,
            "targets of its NS records, sorted; the last known if not present",
            |group| Ok(word_lists(group.names.iter().map(|name| Some(group.table.hosts(name.set))))),
        )
        .boolean("has_ds", "it has a DS record; the last known if not present", |group, row| {
            Some(group.names[row].has_ds)
        })
        .date(
            "first_seen",
            "first snapshot that held it; null for names of the zone's first one",
            |group, row| group.history(row).first_seen,
        )
        .date("last_seen", "last snapshot that held it", |group, row| group.history(row).last_seen)
        .date("gap_from", "first date of its latest absence", |group, row| {
            Some(group.history(row).absence()?.from)
        })
        .date("gap_to", "last date of that absence", |group, row| Some(group.history(row).absence()?.to))
        .date(
            "long_gap_from",
            "first date of its latest gap in which the registration may have ended",
            |group, row| Some(group.names[row].long_gap?.from),
        )
        .date("long_gap_to", "last date of that gap", |group, row| Some(group.names[row].long_gap?.to))
        .date("dropped_on", "first complete snapshot without it", |group, row| group.history(row).dropped_on)
        .date("name_servers_changed_on", "last date with other name servers than before", |group, row| {
            Some(group.history(row).change?.day)
        })
        .column("name_servers_before", Type::WordList, "name servers before that change", |group| {
            let before = group.names.iter().map(|name| name.history.change.map(|change| change.before));
            Ok(word_lists(before.map(|set| set.map(|set| group.table.hosts(set)))))
        })
}

/// Some changes between two snapshots.
pub(crate) struct ChangedRows<'a> {
    rows: &'a [ChangedName],
    first: &'a SnapshotTable,
    second: &'a SnapshotTable,
}

struct ChangedName {
    name: String,
    change: &'static str,
    before: u32,
    after: u32,
}

impl TableRows for ChangedRows<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }
}

/// The table of what changed between two snapshots.
pub(crate) fn changed_names_table<'a>() -> TableSchema<ChangedRows<'a>> {
    let row = "a name that changed between two snapshots (`zonelapse snapshot diff`)";
    TableSchema::<ChangedRows<'a>>::new("changed_names", row)
        .text("name", ABSOLUTE, |group, row| Some(&group.rows[row].name))
        .word("change", "added, dropped, unseen, returned or name_servers", |group, row| {
            Some(group.rows[row].change)
        })
        .column(
            "name_servers_before",
            Type::WordList,
            "targets of its NS records in the first snapshot",
            |group| Ok(word_lists(group.rows.iter().map(|row| Some(group.first.hosts(row.before))))),
        )
        .column("name_servers", Type::WordList, "targets of its NS records in the second", |group| {
            Ok(word_lists(group.rows.iter().map(|row| Some(group.second.hosts(row.after)))))
        })
}

/// The table of what changed between two snapshots, while it is written.
pub(crate) struct ChangedNames<'s> {
    table: SingleTable,
    first: &'s Stored,
    second: &'s Stored,
    rows: Vec<ChangedName>,
}

impl<'s> ChangedNames<'s> {
    /// Creates the file.
    pub(crate) fn create(path: &Path, first: &'s Stored, second: &'s Stored) -> Result<Self> {
        let output = OutputFile::create(path, &[first.table.path(), second.table.path()])?;
        let table = SingleTable::create(output, changed_names_table().layout())?;
        Ok(Self { table, first, second, rows: Vec::new() })
    }

    /// Adds a name.
    pub(crate) fn push(&mut self, changed: Changed<'_>) -> Result<()> {
        let name = absolute(changed.name, &self.second.facts.origin);
        let Changed { before, after, .. } = changed;
        self.rows.push(ChangedName { name, change: changed.change.name(), before, after });
        if self.rows.len() == GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Closes the file.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.table.finish()
    }

    fn flush(&mut self) -> Result<()> {
        let (first, second) = (&self.first.table, &self.second.table);
        let group = ChangedRows { rows: &self.rows, first, second };
        self.table.file().write(self.rows.len(), changed_names_table().build(&group))?;
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
