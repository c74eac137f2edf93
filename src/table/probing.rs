//! Tables are probed: names in and between row groups, missing ones, hashes that collide, tables that are not as they
//! should be.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, ParquetWriter, Series};

use super::columns::{integers, texts};
use super::probe::{ProbeRoom, SortedTable, short_hash};
use super::schema::{ColumnHead, Type};
use super::write::TableFile;
use crate::error::Result;

/// A table of ours with these names in its row groups, and the number of the row beside each name.
fn table(directory: &Path, groups: &[&[&str]]) -> PathBuf {
    let path = directory.join("table.parquet");
    let layout = vec![ColumnHead::new("name", Type::Text, ""), ColumnHead::new("row", Type::Integer, "")];
    let mut file = TableFile::create(&path, layout).expect("a table");
    let mut row = 0;
    for names in groups {
        let numbers = names.iter().map(|_| {
            row += 1;
            Some(row)
        });
        let columns = [Ok(texts(names.iter().map(|name| Some(*name)))), Ok(integers(numbers))];
        file.write(names.len(), columns).expect("a row group");
    }
    file.finish().expect("a footer");
    path
}

/// The rows of these names as `name:row`, in the order of the table.
fn found(table: &mut SortedTable, names: &[&str]) -> Result<Vec<String>> {
    let mut rows = Vec::new();
    table.find(names, &mut |slice| {
        let (found, numbers) = (slice.any_as_texts("name")?, slice.integers("row")?);
        for row in 0..slice.rows() {
            let name = found.get(row).unwrap_or_default();
            rows.push(format!("{name}:{}", numbers.get(row).unwrap_or_default()));
        }
        Ok(())
    })?;
    Ok(rows)
}

fn open(path: &Path, room: &ProbeRoom) -> Result<SortedTable> {
    SortedTable::open(path, &["name", "row"], "write it again", room)
}

/// Asked for once and again, with room for all hashes, for those of a row group of three, and for none.
#[track_caller]
fn finds(groups: &[&[&str]], names: &[&str], expected: &[&str]) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = table(directory.path(), groups);
    for room in [1000, 3, 0] {
        let mut table = open(&path, &ProbeRoom::of(room)).expect("a sorted table");
        for _ in 0..2 {
            assert_eq!(found(&mut table, names).expect("rows"), expected, "{names:?}, room for {room}");
        }
    }
}

const GROUPS: &[&[&str]] = &[&["b", "c", "e"], &["e", "e", "g"], &["g", "k", "k"], &["p"]];

#[test]
fn names_in_row_groups() {
    finds(GROUPS, &["c"], &["c:2"]);
    finds(GROUPS, &["b", "c", "p"], &["b:1", "c:2", "p:10"]);
    // on both sides of a border
    finds(GROUPS, &["e"], &["e:3", "e:4", "e:5"]);
    finds(GROUPS, &["e", "g", "k"], &["e:3", "e:4", "e:5", "g:6", "g:7", "k:8", "k:9"]);
    finds(&[&["a"], &["a"], &["a", "b"]], &["a", "b"], &["a:1", "a:2", "a:3", "b:4"]);
}

#[test]
fn names_that_are_missing() {
    // before all, within a row group, between two, after all
    finds(GROUPS, &["a"], &[]);
    finds(GROUPS, &["d", "f"], &[]);
    finds(GROUPS, &["l", "o"], &[]);
    finds(GROUPS, &["z"], &[]);
    finds(GROUPS, &["a", "d", "e", "l", "p", "z"], &["e:3", "e:4", "e:5", "p:10"]);
    finds(GROUPS, &[], &[]);
    finds(&[], &["a"], &[]);
}

#[test]
fn names_that_share_a_hash() {
    let mut known: HashMap<u32, String> = HashMap::new();
    let names = (0..).map(|number| format!("n{number}.example"));
    let mut pairs = names.filter_map(|name| Some((known.insert(short_hash(&name), name.clone())?, name)));
    let (one, other) = pairs.next().expect("there are more names than hashes");
    let mut both = [one.as_str(), other.as_str()];
    both.sort_unstable();
    // the slices may hold rows of other names
    let expected = [format!("{}:1", both[0]), format!("{}:2", both[1])];
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    finds(&[&both], &both[..1], &expected);
}

#[test]
fn hashes_are_kept_while_there_is_room() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = table(directory.path(), GROUPS);
    let room = ProbeRoom::of(7);
    let mut one = open(&path, &room).expect("a sorted table");
    let mut other = open(&path, &room).expect("a sorted table");
    let all = &["b", "e", "g", "k", "p"];
    for _ in 0..2 {
        found(&mut one, all).expect("rows");
        // two row groups of three and the one of one
        assert_eq!((one.kept(), room.left()), (7, 0));
        found(&mut other, all).expect("rows");
        assert_eq!(other.kept(), 0);
    }
}

#[track_caller]
fn refused(groups: &[&[&str]], names: &[&str], part: &str) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = table(directory.path(), groups);
    let error = open(&path, &ProbeRoom::default()).and_then(|mut table| found(&mut table, names));
    let error = error.expect_err("it is refused");
    assert!(error.to_string().contains(part), "{error}");
    assert!(error.to_string().contains("write it again"), "{error}");
}

#[test]
fn tables_that_are_not_sorted() {
    refused(&[&["c", "d"], &["a", "b"]], &[], "not sorted as its statistics say");
    refused(&[&["a", "c"], &["b", "d"]], &[], "not sorted as its statistics say");
    refused(&[&["b", "a", "c"]], &["b"], "not sorted as its statistics say");
    refused(&[&["a", "b"], &["d", "c", "e"]], &["c"], "not sorted as its statistics say");
    // a name between two row groups makes both be read
    refused(&[&["a", "c", "b", "d"], &["g"]], &["f"], "not sorted as its statistics say");
    refused(&[&["c", "a"]], &["z"], "not sorted as its statistics say");
}

#[test]
fn tables_that_are_damaged() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = table(directory.path(), GROUPS);
    let sound = fs::read(&path).expect("it was written");
    let all = &["a", "b", "d", "e", "g", "k", "l", "p", "z"];
    let expected = found(&mut open(&path, &ProbeRoom::default()).expect("a table"), all).expect("rows");
    for place in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[place] ^= 0x10;
        fs::write(&path, &bytes).expect("a small file");
        let table = open(&path, &ProbeRoom::default());
        // wrong rows are never given
        if let Ok(rows) = table.and_then(|mut table| found(&mut table, all)) {
            assert_eq!(rows, expected, "byte {place} was changed");
        }
    }
    for length in 0..sound.len() {
        fs::write(&path, &sound[..length]).expect("a small file");
        assert!(open(&path, &ProbeRoom::default()).is_err(), "cut after {length} bytes");
    }
}

/// Names in lower case are normal; `b-` is no name.
fn lower(name: &str) -> Option<Cow<'_, str>> {
    match name {
        "b-" => None,
        name if name.bytes().all(|byte| byte.is_ascii_lowercase()) => Some(Cow::Borrowed(name)),
        name => Some(Cow::Owned(name.to_ascii_lowercase())),
    }
}

/// A table of another program, in row groups of so many rows; `-` if it is not taken as sorted, `!` if it is refused.
#[track_caller]
fn finds_foreign(names: &[&str], group: usize, asked: &[&str], expected: &str) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("foreign.parquet");
    let numbers: Vec<i64> = (1..=names.len() as i64).collect();
    let columns = vec![
        Series::new("name".into(), names).into_column(),
        Series::new("row".into(), numbers).into_column(),
    ];
    let mut frame = DataFrame::new(names.len(), columns).expect("columns of one length");
    let file = fs::File::create(&path).expect("a file");
    let writer = ParquetWriter::new(file).with_row_group_size(Some(group));
    writer.finish(&mut frame).expect("a small file");
    let columns = ("name", &["name", "row"][..]);
    let room = ProbeRoom::default();
    let table = SortedTable::open_foreign(&path, columns, lower, "sort it", &room).expect("a table");
    let rows = table.map_or(Ok(vec!["-".to_owned()]), |mut table| found(&mut table, asked));
    assert_eq!(rows.unwrap_or_else(|_| vec!["!".to_owned()]).join(" "), expected, "{names:?}");
}

#[test]
fn tables_of_other_programs() {
    finds_foreign(&["a", "b", "b", "c"], 2, &["b", "d"], "b:2 b:3");
    // within a row group the order does not matter, nor does the spelling
    finds_foreign(&["a", "c", "bX", "c", "d"], 4, &["bx", "c"], "c:2 bX:3 c:4");
    finds_foreign(&["a", "b-", "b-", "c"], 4, &["c"], "c:4");
    finds_foreign(&["a", "c", "b", "d"], 2, &["b"], "-");
    finds_foreign(&["B", "c"], 2, &["b"], "-");
    finds_foreign(&["b", "Z", "c", "d"], 4, &["c"], "-");
    finds_foreign(&["b", "cZ", "d", "zz"], 2, &["d"], "-");
    // a name in another row group than its normal spelling would be: seen only where that row group is read
    finds_foreign(&["b", "bZ", "by", "d", "e", "f"], 3, &["e"], "e:5");
    finds_foreign(&["b", "bZ", "by", "d", "e", "f"], 3, &["by"], "!");
}
