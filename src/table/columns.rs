//! Columns in Arrow form from plain values.
//!
//! Texts that repeat are built as dictionaries from the start ([`Words`]): a value is looked at once for
//! each row group, and the Parquet writer has nothing to search for.

use hashbrown::HashMap;
use polars_arrow::array::{
    Array, BooleanArray, DictionaryArray, ListArray, MutableBinaryViewArray, PrimitiveArray, StructArray,
    Utf8ViewArray,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::ArrowDataType;
use polars_arrow::offset::OffsetsBuffer;

use super::schema::Type;
use crate::error::{Error, Result};
use crate::time::{Day, Moment};

/// A column of one row group.
pub type ArrayBox = Box<dyn Array>;

/// Texts, some missing.
pub fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayBox {
    let mut array = MutableBinaryViewArray::<str>::with_capacity(values.size_hint().0);
    values.for_each(|value| array.push(value));
    let array: Utf8ViewArray = array.into();
    Box::new(array)
}

/// Distinct texts, numbered as they come.
#[derive(Default)]
pub struct Words<'a> {
    numbers: HashMap<&'a str, u32, foldhash::fast::FixedState>,
    words: Vec<&'a str>,
    last: Option<(&'a str, u32)>,
}

impl<'a> Words<'a> {
    /// The number of a word.
    pub fn number(&mut self, word: &'a str) -> u32 {
        // neighbours are mostly the same, to the very place in memory
        if let Some((last, number)) = self.last
            && std::ptr::eq(last, word)
        {
            return number;
        }
        let number = *self.numbers.entry(word).or_insert_with(|| {
            self.words.push(word);
            self.words.len() as u32 - 1
        });
        self.last = Some((word, number));
        number
    }

    /// The words in the order of their numbers.
    pub fn into_words(self) -> Vec<&'a str> {
        self.words
    }

    /// The column of these numbers.
    pub fn column(&self, numbers: impl Iterator<Item = Option<u32>>) -> Result<ArrayBox> {
        dictionary(numbers.collect(), &self.words)
    }
}

fn dictionary(keys: PrimitiveArray<u32>, words: &[&str]) -> Result<ArrayBox> {
    let words = texts(words.iter().map(|word| Some(*word)));
    Ok(Box::new(DictionaryArray::try_from_keys(keys, words, false).map_err(Error::internal)?))
}

/// Words that have numbers already, few of all there are; `word` tells them.
pub fn numbered_words<'a>(
    numbers: impl Iterator<Item = Option<u32>>,
    word: impl Fn(u32) -> &'a str,
) -> Result<ArrayBox> {
    let mut keys: HashMap<u32, u32, foldhash::fast::FixedState> = HashMap::default();
    let mut words = Vec::new();
    let mut key = |number: u32| {
        *keys.entry(number).or_insert_with(|| {
            words.push(word(number));
            words.len() as u32 - 1
        })
    };
    let keys: PrimitiveArray<u32> = numbers.map(|number| number.map(&mut key)).collect();
    dictionary(keys, &words)
}

/// Words, some missing.
pub fn words<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Result<ArrayBox> {
    let mut words = Words::default();
    let numbers: Vec<Option<u32>> = values.map(|value| value.map(|word| words.number(word))).collect();
    words.column(numbers.into_iter())
}

/// Lists of words, some missing.
pub fn word_lists<'a, L: Iterator<Item = &'a str>>(
    values: impl Iterator<Item = Option<L>>,
) -> Result<ArrayBox> {
    let mut words = Words::default();
    let mut numbers = Vec::new();
    let mut lengths = Vec::new();
    let mut valid = Vec::new();
    for value in values {
        let before = numbers.len();
        valid.push(value.is_some());
        numbers.extend(value.into_iter().flatten().map(|word| Some(words.number(word))));
        lengths.push(numbers.len() - before);
    }
    let inner = words.column(numbers.into_iter())?;
    list(lengths, inner, &valid)
}

fn list(lengths: Vec<usize>, inner: ArrayBox, valid: &[bool]) -> Result<ArrayBox> {
    let offsets = polars_arrow::offset::Offsets::<i64>::try_from_lengths(lengths.into_iter());
    let offsets = OffsetsBuffer::from(offsets.map_err(Error::internal)?);
    let kind = ListArray::<i64>::default_datatype(inner.dtype().clone());
    let validity = valid.contains(&false).then(|| Bitmap::from(valid));
    Ok(Box::new(ListArray::<i64>::try_new(kind, offsets, inner, validity).map_err(Error::internal)?))
}

/// Whole numbers, some missing.
pub fn integers(values: impl Iterator<Item = Option<i64>>) -> ArrayBox {
    Box::new(values.collect::<PrimitiveArray<i64>>())
}

/// Truth values, some missing.
pub fn booleans(values: impl Iterator<Item = Option<bool>>) -> ArrayBox {
    Box::new(values.collect::<BooleanArray>())
}

/// Days, some missing.
pub fn days(values: impl Iterator<Item = Option<Day>>) -> ArrayBox {
    let days: PrimitiveArray<i32> = values.map(|day| day.map(|day| day.0)).collect();
    Box::new(days.to(ArrowDataType::Date32))
}

/// Moments in UTC, some missing.
pub fn moments(values: impl Iterator<Item = Option<Moment>>) -> ArrayBox {
    let micros: PrimitiveArray<i64> = values.map(|moment| moment.map(|moment| moment.0)).collect();
    Box::new(micros.to(Type::Timestamp.stored()))
}

/// Lists of structs of texts, one array of texts a field; `lengths` are those of the lists.
pub fn struct_lists(kind: Type, fields: Vec<ArrayBox>, lengths: Vec<usize>) -> Result<ArrayBox> {
    let rows: usize = lengths.iter().sum();
    let ArrowDataType::LargeList(item) = kind.stored() else {
        return Err(Error::internal("a column of lists has another type"));
    };
    let inner = StructArray::try_new(item.dtype, rows, fields, None).map_err(Error::internal)?;
    let valid = vec![true; lengths.len()];
    list(lengths, Box::new(inner), &valid)
}
