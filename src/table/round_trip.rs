//! Whatever is written is read back: every type, every encoding, missing values, one page and many.

use super::columns::{
    ColumnData, booleans, days, gathered_days, gathered_integers, integers, moments, texts, word_lists, words,
};
use super::read::{TableReader, Written};
use super::schema::{ColumnHead, Type};
use super::write::TableFile;
use crate::time::{Day, Moment};

/// A number that looks random.
const fn mix(row: usize) -> usize {
    row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
}

fn number(row: usize) -> Option<i64> {
    (!row.is_multiple_of(7)).then(|| (mix(row) % 1000 * (mix(row) % 1000)) as i64)
}

fn extreme(row: usize) -> Option<i64> {
    [Some(i64::MIN), Some(i64::MAX), None, Some(row as i64)][mix(row) % 4]
}

fn identifier(row: usize) -> Option<String> {
    (row % 11 != 3).then(|| row.to_string())
}

fn long(row: usize) -> Option<String> {
    (row % 1000 != 1).then(|| format!("{:x}-é{}", mix(row), "x".repeat(row % 100)))
}

fn plan(row: usize) -> Option<String> {
    (!row.is_multiple_of(5)).then(|| format!("plan{}", mix(row) % 9))
}

fn list(row: usize) -> Option<&'static [&'static str]> {
    (!row.is_multiple_of(13)).then(|| &["a", "b", "c"][..mix(row) % 4])
}

fn day(row: usize) -> Option<Day> {
    row.is_multiple_of(2).then(|| Day((mix(row) % 4_000_000) as i32 - 2_000_000))
}

fn moment(row: usize) -> Option<Moment> {
    Some(Moment(1_700_000_000_000_000 + (mix(row) % 189_000_000 * 1_000_000) as i64))
}

fn truth(row: usize) -> Option<bool> {
    [Some(true), Some(false), None][mix(row) % 3]
}

#[track_caller]
fn comes_back(rows: usize) {
    let all = || 0..rows;
    let written = |texts: fn(usize) -> Option<String>| -> Vec<Option<String>> { all().map(texts).collect() };
    let (identifiers, longs, plans) = (written(identifier), written(long), written(plan));
    fn of(texts: &[Option<String>]) -> impl Iterator<Item = Option<&str>> {
        texts.iter().map(Option::as_deref)
    }
    let places: Vec<u32> = all().map(|row| (row % 3) as u32).collect();
    let columns = [
        ("row", Type::Integer, integers(all().map(|row| Some(row as i64)))),
        ("number", Type::Integer, integers(all().map(number))),
        ("extreme", Type::Integer, integers(all().map(extreme))),
        ("nothing", Type::Integer, integers(all().map(|_| None))),
        ("identifier", Type::Text, texts(of(&identifiers))),
        ("long", Type::Text, texts(of(&longs))),
        ("repeated", Type::Text, texts(of(&plans))),
        ("plan", Type::Word, words(of(&plans))),
        ("same", Type::Word, words(all().map(|_| Some("same")))),
        ("list", Type::WordList, word_lists(all().map(|row| list(row).map(|list| list.iter().copied())))),
        ("day", Type::Date, days(all().map(day))),
        ("moment", Type::Timestamp, moments(all().map(moment))),
        ("constant", Type::Timestamp, ColumnData::Constant(rows, 1_800_000_000_000_000)),
        ("one_day", Type::Date, ColumnData::Constant(rows, -7)),
        ("gathered", Type::Integer, gathered_integers(&places, [Some(-1), None, Some(i64::MAX)].into_iter())),
        ("gathered_days", Type::Date, gathered_days(&places, [Some(Day(5)), None, None].into_iter())),
        ("gathered_none", Type::Integer, gathered_integers(&places, [None; 3].into_iter())),
        ("truth", Type::Boolean, booleans(all().map(truth))),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, ..)| *name).collect();
    let layout = columns.iter().map(|(name, kind, _)| ColumnHead::new(*name, *kind, "")).collect();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("table.parquet");
    let mut file = TableFile::create(&path, layout).expect("a table");
    file.write(rows, columns.into_iter().map(|(.., column)| Ok(column))).expect("a row group");
    file.finish().expect("a footer");
    let table = TableReader::open(&path, Written::ByUs, "write it again").expect("a table");
    let mut table = table.select(&names).expect("its columns");
    let mut row = 0;
    while let Some(slice) = table.next_slice().expect("rows") {
        let integer = |name| slice.integers(name).expect("integers");
        let text = |name| slice.texts(name).expect("texts");
        let (rows, numbers, extremes) = (integer("row"), integer("number"), integer("extreme"));
        let (identifiers, longs, repeated) = (text("identifier"), text("long"), text("repeated"));
        let (plans, same, nothing) = (text("plan"), text("same"), integer("nothing"));
        let lists = slice.text_lists("list").expect("lists");
        let (days, moments) = (slice.days("day").expect("days"), slice.moments("moment").expect("moments"));
        let truths = slice.booleans("truth").expect("truth values");
        let (constant, one_day) =
            (slice.moments("constant").expect("moments"), slice.days("one_day").expect("days"));
        let (gathered, none) = (integer("gathered"), integer("gathered_none"));
        let gathered_days = slice.days("gathered_days").expect("days");
        for place in 0..slice.rows() {
            assert_eq!(constant.get(place), Some(Moment(1_800_000_000_000_000)));
            assert_eq!(one_day.get(place), Some(Day(-7)));
            assert_eq!(gathered.get(place), [Some(-1), None, Some(i64::MAX)][row % 3]);
            assert_eq!(gathered_days.get(place), [Some(Day(5)), None, None][row % 3]);
            assert_eq!(none.get(place), None);
            assert_eq!((rows.get(place), nothing.get(place)), (Some(row as i64), None));
            assert_eq!((numbers.get(place), extremes.get(place)), (number(row), extreme(row)), "row {row}");
            assert_eq!(identifiers.get(place), identifier(row).as_deref(), "row {row}");
            assert_eq!(longs.get(place), long(row).as_deref(), "row {row}");
            assert_eq!((repeated.get(place), plans.get(place)), (plan(row).as_deref(), plan(row).as_deref()));
            assert_eq!(same.get(place), Some("same"));
            let found: Option<Vec<&str>> = lists.get(place).map(Iterator::collect);
            assert_eq!(found.as_deref(), list(row), "row {row}");
            assert_eq!((days.get(place), moments.get(place)), (day(row), moment(row)), "row {row}");
            assert_eq!(truths.get(place), truth(row), "row {row}");
            row += 1;
        }
    }
    assert_eq!(row, rows);
}

#[test]
fn tables_come_back() {
    for rows in [1, 7, 5000, 200_000] {
        comes_back(rows);
    }
}
