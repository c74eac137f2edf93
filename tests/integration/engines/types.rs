//! Columns of every type that engines write go through as they came, and texts of every kind are read.

use polars_arrow::array::{
    Array, DictionaryArray, ListArray, NullArray, PrimitiveArray, StructArray, UnionArray, Utf8Array,
    Utf8ViewArray,
};
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit, UnionMode, UnionType};
use polars_arrow::offset::OffsetsBuffer;

use super::{answered, arrow, stream};
use crate::support::{Bench, rows};

const MAIL: [Option<&str>; 3] = [Some("a@held-example.com"), None, Some("b@missing-example.com")];
const STATES: [&str; 3] = ["active", "rejected", "absent"];

fn texts() -> Utf8Array<i32> {
    MAIL.into_iter().collect()
}

fn dictionary() -> DictionaryArray<i8> {
    let keys = PrimitiveArray::<i8>::from([Some(1), None, Some(0)]);
    let values: Utf8Array<i32> = [MAIL[2], MAIL[0]].into_iter().collect();
    DictionaryArray::try_from_keys(keys, Box::new(values), true).expect("keys of these values")
}

/// A column of addresses of this type, among columns of all kinds.
#[track_caller]
fn judges(mail: Box<dyn Array>) {
    let numbers = PrimitiveArray::<i64>::from([Some(1), None, Some(3)]);
    let lists = ListArray::<i32>::new(
        ListArray::<i32>::default_datatype(ArrowDataType::Int64),
        OffsetsBuffer::try_from(vec![0, 1, 1, 3]).expect("growing offsets"),
        numbers.clone().boxed(),
        None,
    );
    let inner = vec![Field::new("n".into(), ArrowDataType::Int64, true)];
    let pairs = StructArray::new(ArrowDataType::Struct(inner), 3, vec![numbers.clone().boxed()], None);
    let columns: Vec<(&str, Box<dyn Array>)> = vec![
        ("n", numbers.boxed()),
        ("nothing", NullArray::new(ArrowDataType::Null, 3).boxed()),
        ("lists", lists.boxed()),
        ("pairs", pairs.boxed()),
        ("email", mail),
        ("plan", dictionary().boxed()),
    ];
    let field =
        |(name, array): &(&str, Box<dyn Array>)| Field::new((*name).into(), array.dtype().clone(), true);
    let fields: Vec<Field> = columns.iter().map(field).collect();
    let of = |rows: usize| {
        let array = |(_, array): &(&str, Box<dyn Array>)| array.sliced(0, rows);
        (rows, columns.iter().map(array).collect::<Vec<_>>())
    };
    // batches without rows come back, too
    let input = arrow::stream(fields, vec![of(0), of(3), of(0), of(1)]);
    let bench = Bench::new();
    let answer = answered(&mut stream(&bench, &["--format", "arrow"]), &input);
    assert_eq!(answer.status.code(), Some(0), "{}", String::from_utf8_lossy(&answer.stderr));
    let (before, after) = (arrow::read(&input), arrow::read(&answer.stdout));
    assert_eq!(after.iter().map(|frame| frame.height()).collect::<Vec<_>>(), [0, 3, 0, 1]);
    for (before, after) in before.iter().zip(&after) {
        for column in before.columns() {
            assert!(after.column(column.name()).expect("it is there").equals_missing(column), "{column:?}");
        }
        assert_eq!(rows(after, &["state"]), STATES[..after.height()]);
    }
}

#[test]
fn texts_of_every_kind() {
    judges(texts().boxed());
    judges(MAIL.into_iter().collect::<Utf8Array<i64>>().boxed());
    judges(Utf8ViewArray::from_slice(MAIL).boxed());
    judges(dictionary().boxed());
}

/// A stream of three rows with this column, and one of addresses.
fn with_column(name: &str, column: Box<dyn Array>) -> Vec<u8> {
    let mut columns: Vec<(&str, Box<dyn Array>)> = vec![(name, column)];
    if name != "email" {
        columns.push(("email", texts().boxed()));
    }
    let field =
        |(name, array): &(&str, Box<dyn Array>)| Field::new((*name).into(), array.dtype().clone(), true);
    let fields = columns.iter().map(field).collect();
    arrow::stream(fields, vec![(3, columns.into_iter().map(|(_, array)| array).collect())])
}

/// The status and what is said about it, in two parts of a record batch.
fn told(input: &[u8]) -> (Option<i32>, String) {
    let bench = Bench::new();
    let answer = answered(&mut stream(&bench, &["--format", "arrow", "--batch-rows", "2"]), input);
    (answer.status.code(), String::from_utf8_lossy(&answer.stderr).into_owned())
}

#[test]
fn numbers_where_there_is_no_value_do_not_matter() {
    let keys = PrimitiveArray::<i8>::from_vec(vec![7, 7, 6]);
    let keys = keys.with_validity(Some([true, false, true].into_iter().collect()));
    let values: Utf8Array<i32> = [None; 6].into_iter().chain([MAIL[2], MAIL[0]]).collect();
    let mail = DictionaryArray::try_from_keys(keys, Box::new(values), true).expect("keys of these values");
    let mut input = with_column("email", mail.boxed());
    let keys: Vec<usize> =
        input.windows(4).enumerate().filter(|(_, it)| *it == [7, 7, 6, 0]).map(|it| it.0).collect();
    // pandas writes categories so
    input[keys[0] + 1] = 0xff;
    let (status, said) = told(&input);
    assert_eq!((keys.len(), status), (1, Some(0)), "{said}");
    input[keys[0]] = 8;
    let (status, said) = told(&input);
    assert_eq!(status, Some(2));
    assert!(said.contains("the values of a record batch make no sense"), "{said}");
}

#[test]
fn times_of_every_zone_are_utc() {
    for zone in [None, Some("UTC"), Some("Z"), Some("+05:30"), Some("Asia/Kolkata"), Some("no zone")] {
        let kind = ArrowDataType::Timestamp(TimeUnit::Second, zone.map(Into::into));
        let times = PrimitiveArray::<i64>::from_vec(vec![1_717_200_000; 3]).to(kind);
        let (status, said) = told(&with_column("verified_at", times.boxed()));
        assert_eq!(status, Some(0), "{zone:?}: {said}");
    }
}

#[test]
fn types_without_a_meaning_are_refused() {
    let numbers = || PrimitiveArray::<i64>::from_vec(vec![1, 2, 3]);
    let kind = ArrowDataType::Duration(TimeUnit::Second);
    let inner = vec![Field::new("n".into(), ArrowDataType::Int64, true)];
    let pairs = StructArray::new(ArrowDataType::Struct(inner), 3, vec![numbers().boxed()], None);
    for (name, kind, column) in
        [("weight", "Duration", numbers().to(kind).boxed()), ("email", "Struct", pairs.boxed())]
    {
        let (status, said) = told(&with_column(name, column));
        assert_eq!(status, Some(2));
        assert!(said.contains(&format!("column `{name}`: its type {kind} cannot be read here")), "{said}");
    }
}

#[test]
fn streams_without_rows() {
    let bench = Bench::new();
    let field = Field::new("email".into(), ArrowDataType::Utf8, true);
    for batches in [vec![], vec![(0, vec![texts().boxed().sliced(0, 0)])]] {
        let input = arrow::stream(vec![field.clone()], batches);
        let answer = answered(&mut stream(&bench, &["--format", "arrow"]), &input);
        assert_eq!(answer.status.code(), Some(0));
        assert!(arrow::read(&answer.stdout).iter().all(|frame| frame.height() == 0));
    }
}

#[test]
fn streams_that_break_off() {
    let bench = Bench::new();
    let fields = vec![Field::new("email".into(), ArrowDataType::Utf8, true)];
    let input = arrow::stream(fields, vec![(3, vec![texts().boxed()]); 2]);
    // the rest of all places is tried beside the reader itself
    for cut in (0..input.len()).step_by(97).chain([input.len() - 8, input.len() - 1]) {
        let answer = answered(&mut stream(&bench, &["--format", "arrow"]), &input[..cut]);
        let said = String::from_utf8_lossy(&answer.stderr);
        assert_eq!(answer.status.code(), Some(2), "cut after {cut} bytes");
        assert!(said.contains("breaks off before its end mark"), "cut after {cut} bytes: {said}");
    }
}

#[test]
fn types_that_only_go_through_are_not_looked_into() {
    let numbers = || PrimitiveArray::<i64>::from_vec(vec![1, 2, 3]).boxed();
    let fields = || vec![Field::new("n".into(), ArrowDataType::Int64, true)];
    let of = |mode: UnionMode, offsets: Option<Vec<i32>>| {
        let kind = ArrowDataType::Union(Box::new(UnionType { fields: fields(), ids: None, mode }));
        UnionArray::new(kind, vec![0_i8, 0, 0].into(), vec![numbers()], offsets.map(Into::into)).boxed()
    };
    for union in [of(UnionMode::Sparse, None), of(UnionMode::Dense, Some(vec![0, 1, 2]))] {
        let (status, said) = told(&with_column("either", union));
        assert_eq!((status, said.as_str()), (Some(0), ""));
    }
}

/// Whether a damaged stream is told as one, with the number of the message.
#[track_caller]
fn is_broken(input: &[u8], what: &str) {
    let (status, said) = told(input);
    assert_eq!(status, Some(2), "{said}");
    let message = said.strip_prefix("error: standard input: message ").unwrap_or_else(|| panic!("{said}"));
    let (number, rest) = message.split_once(": ").expect("the number of a message");
    assert!(number.parse::<u64>().is_ok() && rest.starts_with(what), "{said}");
}

#[test]
fn damaged_batches_have_the_number_of_their_message() {
    let sound = with_column("n", PrimitiveArray::<i64>::from_vec(vec![7, 8, 9]).boxed());
    let length = u32::from_le_bytes(sound[4..8].try_into().expect("four bytes")) as usize;
    let second = 8 + length..sound.len();
    let places = |number: i64| {
        let bytes = number.to_le_bytes();
        let all = sound[second.clone()].windows(8).enumerate().filter(|(_, it)| *it == bytes);
        all.map(|(at, _)| second.start + at).collect::<Vec<_>>()
    };
    let with = |at: usize, number: i64| {
        let mut input = sound.clone();
        input[at..at + 8].copy_from_slice(&number.to_le_bytes());
        input
    };
    // the rows of the batch and of each of its two columns
    let rows = places(3);
    assert_eq!(rows.len(), 3, "{rows:?}");
    rows.iter().for_each(|at| is_broken(&with(*at, 4), "a record batch does not have the columns"));
    let all = rows.iter().fold(sound.clone(), |mut input, at| {
        input[*at..at + 8].copy_from_slice(&(1_i64 << 40).to_le_bytes());
        input
    });
    is_broken(&all, "a record batch of 1099511627776 rows in 256 bytes, expected fewer");
    is_broken(&with(places(24)[0], 1 << 40), "the buffers of a record batch are outside its body");
}
