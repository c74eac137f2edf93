//! The Parquet table of lists: a row for each name in each list, with what is known of the list beside it.
//!
//! What is known of a list stands in each of its rows, as words that are stored once. So the table can be asked by
//! itself, and read without a second file.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::kind::{ListDateSource, ListKind, ListSays, ReleaseBy, Wholeness};
use super::list::RegistryList;
use super::row::{ListRow, RowFacts};
use crate::error::{Error, Result};
use crate::files::OutputFile;
use crate::input::faults::Faults;
use crate::table::probe::{ProbeRoom, SortedTable};
use crate::table::read::{TableReader, Written};
use crate::table::schema::TableSchema;
use crate::table::slice::{BooleanColumn, IntegerColumn, MomentColumn, Slice, TextColumn};
use crate::table::write::{RowGroup, SingleTable};

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 16;
/// What helps if a table is damaged.
const REMEDY: &str = "import the lists again, or leave this file out";

/// A table of lists that is being written.
pub(crate) struct ListsTable<'a> {
    table: SingleTable,
    lists: &'a [RegistryList],
    texts: Vec<(String, String)>,
    waiting: Vec<ListRow>,
}

/// A row, and the list it is of.
pub(crate) struct TableRow<'a> {
    row: &'a ListRow,
    list: &'a RegistryList,
    tlds: &'a str,
    path: &'a str,
}

impl<'a> ListsTable<'a> {
    /// Creates the file. It appears under its name when it is finished.
    pub(crate) fn create(output: OutputFile, lists: &'a [RegistryList]) -> Result<Self> {
        let texts = lists.iter().map(|list| (list.tlds.join(" "), list.path.display().to_string())).collect();
        Ok(Self { table: SingleTable::create(output, table().layout())?, lists, texts, waiting: Vec::new() })
    }

    /// Appends a row. Rows come sorted by name.
    pub(crate) fn push(&mut self, row: ListRow) -> Result<()> {
        self.waiting.push(row);
        if self.waiting.len() == GROUP_ROWS * crate::threads::workers() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let (encoder, mut write) = self.table.file().split();
        let (lists, texts) = (self.lists, &self.texts);
        let encode = |rows: &[ListRow]| {
            let of = |row| {
                let number = ListRow::list_number(row);
                TableRow { row, list: &lists[number], tlds: &texts[number].0, path: &texts[number].1 }
            };
            let rows: Vec<TableRow<'_>> = rows.iter().map(of).collect();
            encoder.encode(rows.len(), table().build(&rows))
        };
        let groups: Vec<Result<RowGroup>> =
            self.waiting.par_chunks(GROUP_ROWS).with_max_len(1).map(encode).collect();
        for group in groups {
            write(group?)?;
        }
        self.waiting.clear();
        Ok(())
    }

    /// Closes the file and gives it its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.table.finish()
    }
}

impl ListRow {
    /// Its list's place among the lists.
    fn list_number(row: &Self) -> usize {
        row.list as usize
    }
}

/// Declares the table.
pub(crate) fn table<'a>() -> TableSchema<[TableRow<'a>]> {
    let row = "what a list of a registry says of a domain, sorted by domain (`zonelapse registry import`)";
    TableSchema::<[TableRow<'a>]>::new("registry", row)
        .text("domain", "the name, in A-labels", |rows, row| Some(&rows[row].row.name))
        .word("registry_list", "the list", |rows, row| Some(&rows[row].list.name))
        .word("registry_list_says", "what it says of the name", |rows, row| {
            Some(rows[row].row.facts.says.name())
        })
        .timestamp("registry_list_date", "when the list was made", |rows, row| Some(rows[row].list.date))
        .timestamp("registered_at", "start of the registration", |rows, row| {
            rows[row].row.facts.registered_at
        })
        .timestamp("expires_at", "end of the term that is paid", |rows, row| rows[row].row.facts.expires_at)
        .timestamp("ended_at", "when the registration ended", |rows, row| rows[row].row.facts.ended_at)
        .timestamp("release_at", "when the name is released", |rows, row| rows[row].row.facts.release_at)
        .timestamp("release_until", "when the release ends", |rows, row| rows[row].row.facts.release_until)
        .word(
            "release_by",
            "how the next holder is found: open, auction, session, round or queue",
            |rows, row| rows[row].list.release_by.map(ReleaseBy::name),
        )
        .boolean("delegated", "whether the zone delegates it, as the list says", |rows, row| {
            rows[row].row.facts.delegated
        })
        .word("list_kind", "register, will_drop, dropped, in_release or registrations", |rows, row| {
            Some(rows[row].list.kind.name())
        })
        .word("list_date_source", "inside, file_name, given or file_time", |rows, row| {
            Some(rows[row].list.date_source.name())
        })
        .word("list_wholeness", "whole, unproved or incomplete", |rows, row| {
            Some(rows[row].list.wholeness.name())
        })
        .word("list_why", "why it is not whole, or what proves that it is", |rows, row| {
            Some(&rows[row].list.why)
        })
        .word("list_tlds", "the zones that the list is about", |rows, row| Some(rows[row].tlds))
        .boolean("list_any_depth", "it is about names at any depth below these", |rows, row| {
            Some(rows[row].list.any_depth)
        })
        .boolean("list_complete", "a name missing from it means something, if it is whole", |rows, row| {
            Some(rows[row].list.complete)
        })
        .integer(
            "list_final_days",
            "days before the release from which nobody can restore a name",
            |rows, row| rows[row].list.final_days,
        )
        .integer("list_shrinks_percent", "by how much it may be smaller than the list before", |rows, row| {
            Some(rows[row].list.shrinks_percent)
        })
        .integer("list_rows", "names in the list", |rows, row| Some(rows[row].list.rows as i64))
        .integer("list_number", "the number of the list in this table", |rows, row| {
            Some(i64::from(rows[row].row.list))
        })
        .word("list_path", "its file", |rows, row| Some(rows[row].path))
}

/// Whether a file is an undamaged table of `registry import`.
pub(crate) fn is_import(path: &Path) -> bool {
    TableReader::open(path, Written::ByUs, REMEDY)
        .is_ok_and(|reader| reader.is_ours() && missing(&reader).is_empty())
}

fn missing(reader: &TableReader) -> Vec<String> {
    let columns = table().head().columns;
    let names = columns.iter().map(|column| &*column.name);
    reader.missing(names).into_iter().map(ToOwned::to_owned).collect()
}

/// An earlier import that is being read.
pub(crate) struct ImportedLists {
    path: PathBuf,
    reader: TableReader,
}

impl ImportedLists {
    /// Opens a file, and verifies that it is as it was written.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let reader = TableReader::open(path, Written::ByUs, REMEDY)?;
        let missing = missing(&reader);
        if !missing.is_empty() {
            let what =
                format!("not a table of `zonelapse registry import`: no column `{}`", missing.join("`, `"));
            return Err(Error::failure(path, what).hint(REMEDY));
        }
        Ok(Self { path: path.to_path_buf(), reader: reader.select(&TableColumns::NAMES)? })
    }

    /// Reads all rows whose names are wanted, their lists numbered from `lists.len()` on; adds these lists to `lists`.
    pub(crate) fn read(
        mut self,
        wanted: &dyn Fn(&str) -> bool,
        lists: &mut Vec<RegistryList>,
        take: &mut dyn FnMut(ListRow) -> Result<()>,
    ) -> Result<()> {
        let mut numbers = ListNumbers::default();
        while let Some(slice) = self.reader.next_slice()? {
            numbers.read(&self.path, &slice, wanted, lists, take)?;
        }
        Ok(())
    }
}

/// The lists of a table by the numbers in its rows: their places among the lists that were read.
#[derive(Debug, Default)]
struct ListNumbers(Vec<Option<u32>>);

impl ListNumbers {
    /// Reads the rows of wanted names; adds lists that were not met before.
    fn read(
        &mut self,
        path: &Path,
        slice: &Slice,
        wanted: &dyn Fn(&str) -> bool,
        lists: &mut Vec<RegistryList>,
        take: &mut dyn FnMut(ListRow) -> Result<()>,
    ) -> Result<()> {
        let columns = TableColumns::of(slice)?;
        for row in 0..slice.rows() {
            let damaged = || Error::failure(path, "not a table of `zonelapse registry import`").hint(REMEDY);
            let number = list_number(&columns.list_number, row).ok_or_else(damaged)?;
            if self.0.len() <= number {
                self.0.resize(number + 1, None);
            }
            let list = match self.0[number] {
                Some(list) => list,
                None => {
                    lists.push(columns.list(row).ok_or_else(damaged)?);
                    *self.0[number].insert(lists.len() as u32 - 1)
                }
            };
            if columns.domain.get(row).is_some_and(wanted) {
                take(columns.row(row, list).ok_or_else(damaged)?)?;
            }
        }
        Ok(())
    }
}

fn list_number(column: &IntegerColumn, row: usize) -> Option<usize> {
    column.get(row).and_then(|number| usize::try_from(number).ok()).filter(|number| *number < 1 << 20)
}

/// A table of lists that is probed by name.
#[derive(Debug)]
pub(super) struct ProbedLists {
    path: PathBuf,
    table: SortedTable,
    numbers: ListNumbers,
}

impl ProbedLists {
    /// Opens a table and adds its lists to `lists`. Which lists there are, the numbers in all rows tell.
    pub(super) fn open(path: &Path, room: &ProbeRoom, lists: &mut Vec<RegistryList>) -> Result<Self> {
        let table = SortedTable::open(path, &TableColumns::NAMES, REMEDY, room)?;
        let mut probed = Self { path: path.to_path_buf(), table, numbers: ListNumbers::default() };
        let mut reader = probed.table.reader(&["list_number"])?;
        let rows: Vec<usize> = reader.groups("list_number").map(|(rows, _)| rows).collect();
        let mut firsts: Vec<Option<(usize, usize)>> = Vec::new();
        for (group, rows) in rows.into_iter().enumerate() {
            let mut before = 0;
            reader.visit(group, std::slice::from_ref(&(0..rows)), &mut |slice| {
                let numbers = slice.integers("list_number")?;
                for row in 0..slice.rows() {
                    let damaged = || Error::failure(path, "a list without a number").hint(REMEDY);
                    let number = list_number(&numbers, row).ok_or_else(damaged)?;
                    if firsts.len() <= number {
                        firsts.resize(number + 1, None);
                    }
                    firsts[number].get_or_insert((group, before + row));
                }
                before += slice.rows();
                Ok(())
            })?;
        }
        for (group, row) in firsts.into_iter().flatten() {
            let Self { path, table, numbers } = &mut probed;
            table.read(group, &[row], &mut |slice| {
                numbers.read(path, &slice, &|_| false, lists, &mut |_| Ok(()))
            })?;
        }
        Ok(probed)
    }

    /// Reads the rows of these names, which are sorted.
    pub(super) fn read(
        &mut self,
        names: &[&str],
        lists: &mut Vec<RegistryList>,
        take: &mut dyn FnMut(ListRow) -> Result<()>,
    ) -> Result<()> {
        let Self { path, table, numbers } = self;
        let wanted = |name: &str| names.binary_search(&name).is_ok();
        table.find(names, &mut |slice| numbers.read(path, &slice, &wanted, lists, take))
    }
}

/// Declares the columns that are read: of each its name, and the method of [`Slice`] that gives it.
macro_rules! table_columns {
    ($($name:ident: $kind:ident by $method:ident,)+) => {
        /// The columns of some rows.
        struct TableColumns {
            $($name: $kind,)+
        }

        impl TableColumns {
            const NAMES: [&str; [$(stringify!($name)),+].len()] = [$(stringify!($name)),+];

            fn of(slice: &Slice) -> Result<Self> {
                Ok(Self { $($name: slice.$method(stringify!($name))?,)+ })
            }
        }
    };
}

table_columns! {
    domain: TextColumn by texts,
    registry_list: TextColumn by texts,
    registry_list_says: TextColumn by texts,
    registry_list_date: MomentColumn by moments,
    registered_at: MomentColumn by moments,
    expires_at: MomentColumn by moments,
    ended_at: MomentColumn by moments,
    release_at: MomentColumn by moments,
    release_until: MomentColumn by moments,
    release_by: TextColumn by texts,
    delegated: BooleanColumn by booleans,
    list_kind: TextColumn by texts,
    list_date_source: TextColumn by texts,
    list_wholeness: TextColumn by texts,
    list_why: TextColumn by texts,
    list_tlds: TextColumn by texts,
    list_any_depth: BooleanColumn by booleans,
    list_complete: BooleanColumn by booleans,
    list_final_days: IntegerColumn by integers,
    list_shrinks_percent: IntegerColumn by integers,
    list_rows: IntegerColumn by integers,
    list_number: IntegerColumn by integers,
    list_path: TextColumn by texts,
}

impl TableColumns {
    /// The list of a row; `None` if one of its values is not ours.
    fn list(&self, row: usize) -> Option<RegistryList> {
        Some(RegistryList {
            name: self.registry_list.get(row)?.into(),
            path: PathBuf::from(self.list_path.get(row)?),
            kind: ListKind::from_name(self.list_kind.get(row)?)?,
            tlds: self.list_tlds.get(row)?.split_whitespace().map(Into::into).collect(),
            any_depth: self.list_any_depth.get(row)?,
            complete: self.list_complete.get(row)?,
            release_by: match self.release_by.get(row) {
                None => None,
                Some(name) => Some(ReleaseBy::from_name(name)?),
            },
            final_days: self.list_final_days.get(row),
            shrinks_percent: self.list_shrinks_percent.get(row)?,
            date: self.registry_list_date.get(row)?,
            date_source: ListDateSource::from_name(self.list_date_source.get(row)?)?,
            wholeness: Wholeness::from_name(self.list_wholeness.get(row)?)?,
            why: self.list_why.get(row)?.into(),
            release_at: None,
            release_until: None,
            rows: u64::try_from(self.list_rows.get(row)?).ok()?,
            faults: Faults::default(),
            unread_dates: 0,
            is_refused: false,
            bytes: 0,
            sha256: String::new(),
        })
    }

    /// What a row says; `None` if one of its values is not ours.
    fn row(&self, row: usize, list: u32) -> Option<ListRow> {
        let name = self.domain.get(row)?;
        let normal = crate::name::normal::ldh_name(name)?;
        (normal == name).then_some(())?;
        Some(ListRow {
            name: name.into(),
            list,
            facts: RowFacts {
                says: ListSays::from_name(self.registry_list_says.get(row)?)?,
                registered_at: self.registered_at.get(row),
                expires_at: self.expires_at.get(row),
                ended_at: self.ended_at.get(row),
                release_at: self.release_at.get(row),
                release_until: self.release_until.get(row),
                delegated: self.delegated.get(row),
            },
        })
    }
}
