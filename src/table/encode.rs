//! Columns to pages: which encoding each column gets, and the bytes of its pages.
//!
//! * Words: `RLE_DICTIONARY`, by the numbers they have already.
//! * Texts: the same if few are distinct, else `DELTA_BYTE_ARRAY`, which stores what a text does not share with the one
//!   before: identifiers mostly grow, names are sorted.
//! * Numbers: `DELTA_BINARY_PACKED`, or a dictionary if that is smaller. Days: a dictionary or plain values, because
//!   readers know no deltas of days that take more than 32 bits.
//!
//! Every choice depends on the values alone, so that a table has the same bytes however it was made.

use std::hash::Hash;
use std::ops::Range;

use hashbrown::HashMap;
use polars_parquet_format::{Encoding, Statistics};

use super::bits::{deltas, hybrid, run, width};
use super::chunk::{ChunkWriter, DataPageHead};
use super::columns::{
    ColumnData, Dictionary, NumberData, NumberWords, Presence, TextData, WordData, WordListData,
};
use crate::error::{Error, Result};

/// Bytes of a data page before compression, about.
const PAGE_BYTES: usize = 1 << 20;
/// Values that are looked at before a dictionary is tried.
const SAMPLE: usize = 1 << 12;
/// Bytes of a bound in the statistics.
const BOUND_BYTES: usize = 64;

/// Bits of the levels that say whether a list goes on, and how much of one is there.
const REPETITION_BITS: usize = 1;
const DEFINITION_BITS: usize = 2;

/// Writes the pages of a column. `buffer` is scratch space; `is_days`: numbers take four bytes instead of eight.
pub(super) fn write_pages(
    column: &ColumnData,
    is_days: bool,
    chunk: &mut ChunkWriter<'_>,
    buffer: &mut Vec<u8>,
) -> Result<()> {
    match column {
        ColumnData::Texts(texts) => text_pages(texts, chunk, buffer),
        ColumnData::Words(words) => word_pages(words, chunk, buffer),
        ColumnData::WordLists(lists) => list_pages(lists, chunk, buffer),
        ColumnData::Numbers(numbers) => number_pages(numbers, is_days, chunk, buffer),
        ColumnData::NumberWords(numbers) => number_word_pages(numbers, is_days, chunk, buffer),
        ColumnData::Constant(rows, value) => constant_pages(*rows, *value, is_days, chunk, buffer),
        ColumnData::EmptyLists(_) | ColumnData::Arrow(_) => {
            Err(Error::internal("columns with several leaves are encoded elsewhere"))
        }
    }
}

fn word_pages(column: &WordData, chunk: &mut ChunkWriter<'_>, buffer: &mut Vec<u8>) -> Result<()> {
    let WordData { presence, keys, dictionary } = column;
    chunk.dictionary_page(&dictionary.plain, dictionary.count)?;
    key_pages(presence, keys, dictionary.count, text_bounds(dictionary).as_ref(), chunk, buffer)
}

/// The data pages of a flat column with a dictionary of `count` values.
fn key_pages(
    presence: &Presence,
    keys: &[u32],
    count: usize,
    bounds: Option<&[Vec<u8>; 2]>,
    chunk: &mut ChunkWriter<'_>,
    buffer: &mut Vec<u8>,
) -> Result<()> {
    let width = key_width(count);
    for page in cut(presence, keys.len() * width / 8) {
        page.begin(presence, buffer);
        buffer.push(width as u8);
        hybrid(&keys[page.values.clone()], width, buffer);
        chunk.data_page(&page.head(Encoding::RLE_DICTIONARY, bounds.cloned()), buffer)?;
    }
    Ok(())
}

/// The bits of a number below `count`.
const fn key_width(count: usize) -> usize {
    width(count.saturating_sub(1) as u64)
}

fn list_pages(column: &WordListData, chunk: &mut ChunkWriter<'_>, buffer: &mut Vec<u8>) -> Result<()> {
    let WordListData { lengths, keys, dictionary } = column;
    chunk.dictionary_page(&dictionary.plain, dictionary.count)?;
    let (width, bounds) = (key_width(dictionary.count), text_bounds(dictionary));
    let (mut repetition, mut definition): (Vec<u8>, Vec<u8>) = Default::default();
    let mut start = 0;
    for rows in row_ranges(lengths.len(), keys.len() * width / 8) {
        repetition.clear();
        definition.clear();
        let before = start;
        for length in &lengths[rows.clone()] {
            // 0: no list, 1: an empty one, 3: a word (parquet-format, Nested Encoding; 2 would be a missing word)
            let (words, level) = match *length {
                u32::MAX => (0, 0),
                0 => (0, 1),
                words => (words as usize, 3),
            };
            repetition.push(0);
            definition.push(level);
            for _ in 1..words {
                repetition.push(1);
                definition.push(level);
            }
            start += words;
        }
        buffer.clear();
        levels(|out| hybrid(&repetition, REPETITION_BITS, out), buffer);
        levels(|out| hybrid(&definition, DEFINITION_BITS, out), buffer);
        buffer.push(width as u8);
        hybrid(&keys[before..start], width, buffer);
        let head = DataPageHead {
            rows: rows.len(),
            values: repetition.len(),
            encoding: Encoding::RLE_DICTIONARY,
            statistics: statistics(0, bounds.clone()),
        };
        chunk.data_page(&head, buffer)?;
    }
    Ok(())
}

fn text_pages(column: &TextData, chunk: &mut ChunkWriter<'_>, buffer: &mut Vec<u8>) -> Result<()> {
    let TextData { presence, octets, ends } = column;
    let is_worth = |distinct: usize| distinct <= ends.len() / 4 * 3;
    if let Some((keys, words)) = number_values(column.iter(), is_worth) {
        let dictionary: Dictionary = words.into_iter().collect();
        chunk.dictionary_page(&dictionary.plain, dictionary.count)?;
        let bounds = text_bounds(&dictionary);
        return key_pages(presence, &keys, dictionary.count, bounds.as_ref(), chunk, buffer);
    }
    let (mut prefixes, mut suffixes) = (Vec::new(), Vec::new());
    for page in cut(presence, octets.len() + ends.len()) {
        page.begin(presence, buffer);
        let texts = || column.range(page.values.clone());
        prefixes.clear();
        suffixes.clear();
        let mut before: &[u8] = &[];
        let mut bounds: Option<(&[u8], &[u8])> = None;
        for text in texts() {
            let prefix = before.iter().zip(text).take_while(|(one, other)| one == other).count();
            prefixes.push(prefix as i64);
            suffixes.push((text.len() - prefix) as i64);
            bounds = Some(bounds.map_or((text, text), |(least, most)| (least.min(text), most.max(text))));
            before = text;
        }
        let mut encoding = Encoding::PLAIN;
        if bounds.is_some() {
            encoding = Encoding::DELTA_BYTE_ARRAY;
            deltas(&prefixes, buffer);
            deltas(&suffixes, buffer);
            texts().zip(&prefixes).for_each(|(text, prefix)| buffer.extend(&text[*prefix as usize..]));
        }
        let bounds = bounds.map(|(least, most)| [lower_bound(least), upper_bound(most)]);
        chunk.data_page(&page.head(encoding, bounds), buffer)?;
    }
    Ok(())
}

fn number_pages(
    column: &NumberData,
    is_days: bool,
    chunk: &mut ChunkWriter<'_>,
    buffer: &mut Vec<u8>,
) -> Result<()> {
    let NumberData { presence, values } = column;
    let size = if is_days { 4 } else { 8 };
    let plain = |numbers: &[i64], out: &mut Vec<u8>| {
        numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()[..size]));
    };
    let bounds = |numbers: &[i64]| {
        let bounds = [numbers.iter().min()?, numbers.iter().max()?];
        Some(bounds.map(|bound| bound.to_le_bytes()[..size].to_vec()))
    };
    let key_bytes = |distinct: usize| key_width(distinct) * values.len() / 8;
    let is_worth = |distinct| size * distinct + key_bytes(distinct) <= size * values.len();
    let dictionary = number_values(values.iter().copied(), is_worth).filter(|(_, numbers)| {
        buffer.clear();
        if !is_days {
            deltas(values, buffer);
        }
        // compression leaves little of the zeros in front of small numbers
        let span = numbers.iter().max().zip(numbers.iter().min()).map(|(most, least)| most.abs_diff(*least));
        let bytes = numbers.len() * width(span.unwrap_or_default()).div_ceil(8);
        is_days || bytes + key_bytes(numbers.len()) <= buffer.len()
    });
    if let Some((keys, numbers)) = dictionary {
        buffer.clear();
        plain(&numbers, buffer);
        chunk.dictionary_page(buffer, numbers.len())?;
        return key_pages(presence, &keys, numbers.len(), bounds(&numbers).as_ref(), chunk, buffer);
    }
    for page in cut(presence, size * values.len()) {
        page.begin(presence, buffer);
        let values = &values[page.values.clone()];
        let encoding = if is_days || values.is_empty() {
            plain(values, buffer);
            Encoding::PLAIN
        } else {
            deltas(values, buffer);
            Encoding::DELTA_BINARY_PACKED
        };
        chunk.data_page(&page.head(encoding, bounds(values)), buffer)?;
    }
    Ok(())
}

fn number_word_pages(
    column: &NumberWords,
    is_days: bool,
    chunk: &mut ChunkWriter<'_>,
    buffer: &mut Vec<u8>,
) -> Result<()> {
    let NumberWords { presence, keys, distinct } = column;
    let size = if is_days { 4 } else { 8 };
    let plain: Vec<u8> =
        distinct.iter().flat_map(|number| number.to_le_bytes().into_iter().take(size)).collect();
    chunk.dictionary_page(&plain, distinct.len())?;
    let bounds = distinct.iter().min().zip(distinct.iter().max());
    let bounds = bounds.map(|(least, most)| [least, most].map(|bound| bound.to_le_bytes()[..size].to_vec()));
    key_pages(presence, keys, distinct.len(), bounds.as_ref(), chunk, buffer)
}

/// One value in every row costs a few bytes a page.
fn constant_pages(
    rows: usize,
    value: i64,
    is_days: bool,
    chunk: &mut ChunkWriter<'_>,
    buffer: &mut Vec<u8>,
) -> Result<()> {
    let value = &value.to_le_bytes()[..if is_days { 4 } else { 8 }];
    let width = key_width(1);
    let presence = Presence::of_all(rows);
    chunk.dictionary_page(value, 1)?;
    for page in cut(&presence, rows) {
        page.begin(&presence, buffer);
        buffer.push(width as u8);
        run(page.rows.len(), 0, width, buffer);
        let bounds = Some([value.to_vec(), value.to_vec()]);
        chunk.data_page(&page.head(Encoding::RLE_DICTIONARY, bounds), buffer)?;
    }
    Ok(())
}

/// Numbers the distinct values as they come, unless that is not worth it: `is_worth` says how many there may be.
fn number_values<T: Copy + Eq + Hash>(
    values: impl Iterator<Item = T>,
    is_worth: impl Fn(usize) -> bool,
) -> Option<(Vec<u32>, Vec<T>)> {
    let mut numbers: HashMap<T, u32, foldhash::fast::FixedState> = HashMap::default();
    let (mut keys, mut distinct) = (Vec::with_capacity(values.size_hint().0), Vec::new());
    for value in values {
        let number = *numbers.entry(value).or_insert_with(|| {
            distinct.push(value);
            distinct.len() as u32 - 1
        });
        if number as usize + 1 == distinct.len() && !is_worth(distinct.len()) {
            return None;
        }
        keys.push(number);
        if keys.len() == SAMPLE && distinct.len() > SAMPLE / 8 * 7 {
            return None;
        }
    }
    Some((keys, distinct))
}

/// The rows of a page, and the values that they have.
struct PageRows {
    rows: Range<usize>,
    values: Range<usize>,
}

/// Cuts the rows of a flat column of so many bytes into pages.
fn cut(presence: &Presence, bytes: usize) -> impl Iterator<Item = PageRows> {
    let mut start = 0;
    row_ranges(presence.rows, bytes).map(move |rows| {
        let present = presence.present.get(rows.clone());
        let count = present.map_or(rows.len(), |present| present.iter().filter(|present| **present).count());
        start += count;
        PageRows { rows, values: start - count..start }
    })
}

fn row_ranges(rows: usize, bytes: usize) -> impl Iterator<Item = Range<usize>> {
    let in_page = (PAGE_BYTES as u128 * rows as u128 / bytes.max(1) as u128).clamp(1, 1 << 24) as usize;
    (0..rows).step_by(in_page).map(move |start| start..rows.min(start + in_page))
}

impl PageRows {
    /// Begins a page with its definition levels: 0 for a missing value, 1 for another.
    fn begin(&self, presence: &Presence, buffer: &mut Vec<u8>) {
        buffer.clear();
        levels(
            |out| match presence.present.get(self.rows.clone()) {
                Some(present) => hybrid(present, 1, out),
                None => run(self.rows.len(), 1, 1, out),
            },
            buffer,
        );
    }

    fn head(&self, encoding: Encoding, bounds: Option<[Vec<u8>; 2]>) -> DataPageHead {
        let rows = self.rows.len();
        let statistics = statistics(rows - self.values.len(), bounds);
        DataPageHead { rows, values: rows, encoding, statistics }
    }
}

/// Appends levels after their length.
pub(super) fn levels(write: impl FnOnce(&mut Vec<u8>), buffer: &mut Vec<u8>) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 4]);
    write(buffer);
    let length = (buffer.len() - start - 4) as u32;
    buffer[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// What a page header says of the values.
pub(super) fn statistics(missing: usize, bounds: Option<[Vec<u8>; 2]>) -> Statistics {
    let (min_value, max_value) = bounds.map(|[least, most]| (least, most)).unzip();
    Statistics {
        max: None,
        min: None,
        null_count: Some(missing as i64),
        distinct_count: None,
        max_value,
        min_value,
        is_max_value_exact: None,
        is_min_value_exact: None,
    }
}

fn text_bounds(dictionary: &Dictionary) -> Option<[Vec<u8>; 2]> {
    dictionary.bounds.as_ref().map(|[least, most]| [lower_bound(least), upper_bound(most)])
}

/// A text that is no larger, of few bytes.
fn lower_bound(text: &[u8]) -> Vec<u8> {
    shorten(text).to_vec()
}

/// A text that is no smaller, of few bytes if there is one.
fn upper_bound(text: &[u8]) -> Vec<u8> {
    let short = shorten(text);
    if short.len() == text.len() {
        return text.to_vec();
    }
    let mut upper = String::from_utf8_lossy(short).into_owned();
    while let Some(last) = upper.pop() {
        let next = char::from_u32(u32::from(last) + 1).filter(|next| next.len_utf8() == last.len_utf8());
        if let Some(next) = next {
            upper.push(next);
            return upper.into_bytes();
        }
    }
    text.to_vec()
}

/// The beginning of a text, cut before a character.
fn shorten(text: &[u8]) -> &[u8] {
    if text.len() <= BOUND_BYTES {
        return text;
    }
    let is_start = |end: &usize| text[*end] & 0xc0 != 0x80;
    &text[..(0..=BOUND_BYTES).rev().find(is_start).unwrap_or(BOUND_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_short_and_hold() {
        let long = "x".repeat(70);
        let end = "\u{d7ff}".repeat(30);
        for (text, lower, upper) in [
            ("short", "short", "short"),
            (&long, &long[..64], &format!("{}y", &long[..63])),
            // no character of three bytes follows U+D7FF
            (&end, &end[..63], &end),
        ] {
            assert_eq!(lower_bound(text.as_bytes()), lower.as_bytes());
            assert_eq!(upper_bound(text.as_bytes()), upper.as_bytes());
        }
    }

    #[test]
    fn values_are_numbered_if_that_is_worth_it() {
        assert_eq!(number_values([7, 7, 9, 7].into_iter(), |_| true), Some((vec![0, 0, 1, 0], vec![7, 9])));
        assert_eq!(number_values([7, 8, 9].into_iter(), |distinct| distinct < 3), None);
        assert_eq!(number_values(0..SAMPLE, |_| true), None);
    }
}
