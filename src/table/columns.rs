//! Columns of one row group, built from plain values and shaped for Parquet.
//!
//! Parquet stores the values that are there, and beside them which rows have one. Columns are kept in just that form, so
//! that encoding them is a walk over slices. Texts that repeat are numbered while they are built ([`WordNumbers`]): a
//! value is looked at once for each row group, and the writer has nothing to search for. Only the rare shapes, truth
//! values and lists of structures, go the way through Arrow arrays.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;
use polars_arrow::array::{
    Array, BooleanArray, ListArray, MutableBinaryViewArray, StructArray, Utf8ViewArray,
};
use polars_arrow::datatypes::ArrowDataType;
use polars_arrow::offset::{Offsets, OffsetsBuffer};

use super::schema::Type;
use super::word_numbers::WordNumbers;
use crate::error::{Error, Result};
use crate::time::{Day, Moment};

/// A column of one row group.
pub enum ColumnData {
    /// Texts, mostly unique.
    Texts(TextData),
    /// Texts that repeat. Columns that share one are encoded once.
    Words(Arc<WordData>),
    /// Lists of words.
    WordLists(WordListData),
    /// Whole numbers, days since 1970, or microseconds since then.
    Numbers(NumberData),
    /// A few of these, by their numbers.
    NumberWords(NumberWords),
    /// So many rows with one of these.
    Constant(usize, i64),
    /// So many lists of structures, all of them empty.
    EmptyLists(usize),
    /// An Arrow array, which Polars encodes.
    Arrow(Box<dyn Array>),
}

impl ColumnData {
    /// How many rows it has.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.presence.rows,
            Self::Words(words) => words.presence.rows,
            Self::WordLists(lists) => lists.lengths.len(),
            Self::Numbers(numbers) => numbers.presence.rows,
            Self::NumberWords(numbers) => numbers.presence.rows,
            Self::Constant(rows, _) | Self::EmptyLists(rows) => *rows,
            Self::Arrow(array) => array.len(),
        }
    }

    /// Whether it can be written as a column of this type.
    pub(super) fn fits(&self, kind: Type) -> bool {
        match self {
            Self::Texts(_) => kind == Type::Text,
            Self::Words(_) => kind == Type::Word,
            Self::WordLists(_) => kind == Type::WordList,
            Self::Numbers(_) | Self::NumberWords(_) | Self::Constant(..) => {
                matches!(kind, Type::Integer | Type::Date | Type::Timestamp)
            }
            Self::EmptyLists(_) => kind == Type::Hosts,
            Self::Arrow(array) => *array.dtype() == kind.stored(),
        }
    }
}

/// Which rows have a value.
#[derive(Default)]
pub(crate) struct Presence {
    pub(super) rows: usize,
    /// For each row; empty as long as all have one.
    pub(super) present: Vec<bool>,
    pub(super) missing: usize,
}

impl Presence {
    /// All rows have a value.
    pub(super) fn of_all(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Adds a row.
    #[inline]
    fn push(&mut self, is_present: bool) {
        if is_present && self.missing == 0 {
            self.rows += 1;
        } else {
            self.push_beside_missing(is_present);
        }
    }

    fn push_beside_missing(&mut self, is_present: bool) {
        if self.missing == 0 {
            self.present = vec![true; self.rows];
        }
        self.rows += 1;
        self.missing += usize::from(!is_present);
        self.present.push(is_present);
    }
}

/// Texts, some missing.
#[derive(Default)]
pub struct TextData {
    pub(super) presence: Presence,
    /// The texts that are there, one after the other, and where each ends.
    pub(super) octets: Vec<u8>,
    pub(super) ends: Vec<usize>,
}

impl TextData {
    /// The texts that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.range(0..self.ends.len())
    }

    /// Some of the texts that are there.
    pub(super) fn range(&self, places: Range<usize>) -> impl Iterator<Item = &[u8]> {
        let mut start = places.start.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends[places].iter().map(move |end| &self.octets[std::mem::replace(&mut start, *end)..*end])
    }
}

/// Texts, some missing.
pub fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ColumnData {
    let mut column = TextData::default();
    column.ends.reserve(values.size_hint().0);
    for value in values {
        column.presence.push(value.is_some());
        if let Some(text) = value {
            column.octets.extend_from_slice(text.as_bytes());
            column.ends.push(column.octets.len());
        }
    }
    ColumnData::Texts(column)
}

/// Numbered words, some missing.
#[derive(Default)]
pub struct WordData {
    pub(super) presence: Presence,
    /// The numbers of the words that are there.
    pub(super) keys: Vec<u32>,
    pub(super) dictionary: Dictionary,
}

/// The words by their numbers.
#[derive(Default)]
pub(super) struct Dictionary {
    /// Each with its length in front, as a dictionary page has them.
    pub(super) plain: Vec<u8>,
    pub(super) count: usize,
    /// The smallest and the largest word.
    pub(super) bounds: Option<[Vec<u8>; 2]>,
}

impl<'a> FromIterator<&'a [u8]> for Dictionary {
    fn from_iter<I: IntoIterator<Item = &'a [u8]>>(words: I) -> Self {
        let (mut dictionary, mut bounds) = (Self::default(), None::<(&[u8], &[u8])>);
        for word in words {
            dictionary.plain.extend_from_slice(&(word.len() as u32).to_le_bytes());
            dictionary.plain.extend_from_slice(word);
            dictionary.count += 1;
            bounds = Some(bounds.map_or((word, word), |(least, most)| (least.min(word), most.max(word))));
        }
        dictionary.bounds = bounds.map(|(least, most)| [least.into(), most.into()]);
        dictionary
    }
}

impl WordData {
    /// For each row the word of its number; each number is used.
    pub(crate) fn numbered<'a>(numbers: Vec<u32>, words: impl IntoIterator<Item = &'a str>) -> Self {
        let dictionary = words.into_iter().map(str::as_bytes).collect();
        Self { presence: Presence::of_all(numbers.len()), keys: numbers, dictionary }
    }

    /// For each row one of a few words by its number: `keys` has the number of the word for each of these.
    pub(crate) fn gathered<'a>(
        numbers: &[u32],
        keys: &[Option<u32>],
        words: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let (presence, keys) = gather(numbers, keys);
        Self { presence, keys, dictionary: words.into_iter().map(str::as_bytes).collect() }
    }
}

/// For each row one of a few values by its number, and which rows have one.
fn gather<T: Copy>(numbers: &[u32], values: &[Option<T>]) -> (Presence, Vec<T>) {
    if let Some(values) = values.iter().copied().collect::<Option<Vec<T>>>() {
        let gathered = numbers.iter().map(|number| values[*number as usize]).collect();
        return (Presence::of_all(numbers.len()), gathered);
    }
    if values.iter().all(Option::is_none) {
        let present = vec![false; numbers.len()];
        return (Presence { rows: numbers.len(), present, missing: numbers.len() }, Vec::new());
    }
    let mut present: Vec<bool> = numbers.iter().map(|number| values[*number as usize].is_some()).collect();
    let missing = present.iter().filter(|is_present| !**is_present).count();
    if missing == 0 {
        present.clear();
    }
    let gathered = numbers.iter().filter_map(|number| values[*number as usize]).collect();
    (Presence { rows: numbers.len(), present, missing }, gathered)
}

/// Lists of words.
#[derive(Default)]
pub struct WordListData {
    /// How many words each list has; [`u32::MAX`] if it is missing.
    pub(super) lengths: Vec<u32>,
    /// The numbers of the words of all lists.
    pub(super) keys: Vec<u32>,
    pub(super) dictionary: Dictionary,
}

/// Words, some missing.
pub fn words<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ColumnData {
    let (mut numbers, mut column) = (WordNumbers::default(), WordData::default());
    for value in values {
        column.presence.push(value.is_some());
        column.keys.extend(value.map(|word| numbers.number(word)));
    }
    column.dictionary = numbers.into_dictionary();
    ColumnData::Words(Arc::new(column))
}

/// Lists of words, some missing.
pub(crate) fn word_lists<'a, L: Iterator<Item = &'a str>>(
    values: impl Iterator<Item = Option<L>>,
) -> ColumnData {
    let (mut numbers, mut column) = (WordNumbers::default(), WordListData::default());
    for value in values {
        let before = column.keys.len();
        let is_present = value.is_some();
        column.keys.extend(value.into_iter().flatten().map(|word| numbers.number(word)));
        column.lengths.push(if is_present { (column.keys.len() - before) as u32 } else { u32::MAX });
    }
    column.dictionary = numbers.into_dictionary();
    ColumnData::WordLists(column)
}

/// For each row one of a few values by its number: each value is looked at once, not once a row.
///
/// `numbers` are those of `values`.
pub(crate) fn gathered_words<'a>(
    numbers: &[u32],
    values: impl Iterator<Item = Option<&'a str>>,
) -> ColumnData {
    let mut words = WordNumbers::default();
    let keys: Vec<Option<u32>> = values.map(|value| value.map(|word| words.number(word))).collect();
    ColumnData::Words(Arc::new(WordData::gathered(numbers, &keys, words.into_words())))
}

/// For each row one of a few lists of words by its number.
pub(crate) fn gathered_lists<'a, L: Iterator<Item = &'a str>>(
    numbers: &[u32],
    values: impl Iterator<Item = L>,
) -> ColumnData {
    let mut words = WordNumbers::default();
    let (mut keys, mut ends) = (Vec::new(), vec![0]);
    for list in values {
        keys.extend(list.map(|word| words.number(word)));
        ends.push(keys.len());
    }
    let mut column = WordListData { dictionary: words.into_dictionary(), ..WordListData::default() };
    column.lengths.reserve(numbers.len());
    for number in numbers {
        let list = &keys[ends[*number as usize]..ends[*number as usize + 1]];
        column.lengths.push(list.len() as u32);
        column.keys.extend_from_slice(list);
    }
    ColumnData::WordLists(column)
}

/// Numbers, some missing.
#[derive(Default)]
pub struct NumberData {
    pub(super) presence: Presence,
    /// The numbers that are there.
    pub(super) values: Vec<i64>,
}

/// Whole numbers, some missing.
pub(crate) fn integers(values: impl Iterator<Item = Option<i64>>) -> ColumnData {
    let mut column = NumberData::default();
    column.values.reserve(values.size_hint().0);
    for value in values {
        column.presence.push(value.is_some());
        column.values.extend(value);
    }
    ColumnData::Numbers(column)
}

/// Numbers, some missing: of each its place among a few distinct ones.
pub struct NumberWords {
    pub(super) presence: Presence,
    /// The places of the numbers that are there.
    pub(super) keys: Vec<u32>,
    pub(super) distinct: Vec<i64>,
}

/// Distinct numbers up to which they are written as words: those of verdicts, but not those of all domains.
const NUMBER_WORDS: usize = 1 << 12;

/// For each row one of a few whole numbers by its number: each value is looked at once, not once a row.
pub(crate) fn gathered_integers(numbers: &[u32], values: impl Iterator<Item = Option<i64>>) -> ColumnData {
    let mut places: HashMap<i64, u32, foldhash::fast::FixedState> = HashMap::default();
    let mut distinct = Vec::new();
    let mut place = |value| {
        *places.entry(value).or_insert_with(|| {
            distinct.push(value);
            distinct.len() as u32 - 1
        })
    };
    let keys: Vec<Option<u32>> = values.map(|value| value.map(&mut place)).collect();
    let (presence, keys) = gather(numbers, &keys);
    if distinct.len() <= NUMBER_WORDS {
        return ColumnData::NumberWords(NumberWords { presence, keys, distinct });
    }
    let values = keys.into_iter().map(|key| distinct[key as usize]).collect();
    ColumnData::Numbers(NumberData { presence, values })
}

/// For each row one of a few days by its number.
pub(crate) fn gathered_days(numbers: &[u32], values: impl Iterator<Item = Option<Day>>) -> ColumnData {
    gathered_integers(numbers, values.map(|day| day.map(|day| i64::from(day.0))))
}

/// Days, some missing.
pub(crate) fn days(values: impl Iterator<Item = Option<Day>>) -> ColumnData {
    integers(values.map(|day| day.map(|day| i64::from(day.0))))
}

/// Moments in UTC, some missing.
pub(crate) fn moments(values: impl Iterator<Item = Option<Moment>>) -> ColumnData {
    integers(values.map(|moment| moment.map(|moment| moment.0)))
}

/// Truth values, some missing.
pub(crate) fn booleans(values: impl Iterator<Item = Option<bool>>) -> ColumnData {
    ColumnData::Arrow(Box::new(values.collect::<BooleanArray>()))
}

/// Lists of structures of texts, each field as a column of texts; `lengths` are those of the lists.
pub(crate) fn struct_lists<'a, F: Iterator<Item = &'a str>>(
    kind: Type,
    fields: impl IntoIterator<Item = F>,
    lengths: &[usize],
) -> Result<ColumnData> {
    if lengths.iter().all(|length| *length == 0) {
        return Ok(ColumnData::EmptyLists(lengths.len()));
    }
    let ArrowDataType::LargeList(item) = kind.stored() else {
        return Err(Error::internal("a column of lists has another type"));
    };
    let texts = |values: F| -> Box<dyn Array> {
        let mut array = MutableBinaryViewArray::<str>::with_capacity(values.size_hint().0);
        values.for_each(|value| array.push(Some(value)));
        let array: Utf8ViewArray = array.into();
        Box::new(array)
    };
    let (rows, fields) = (lengths.iter().sum(), fields.into_iter().map(texts).collect());
    let inner = StructArray::try_new(item.dtype, rows, fields, None).map_err(Error::internal)?;
    let offsets = Offsets::<i64>::try_from_lengths(lengths.iter().copied()).map_err(Error::internal)?;
    let lists = ListArray::<i64>::try_new(kind.stored(), OffsetsBuffer::from(offsets), Box::new(inner), None);
    Ok(ColumnData::Arrow(Box::new(lists.map_err(Error::internal)?)))
}
