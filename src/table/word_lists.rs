//! Columns of lists of words, made list by list, of words that need not be kept anywhere else.
//!
//! Words go right into the dictionary. Where the maker knows that a word comes only once, or that a list was there before,
//! nothing is looked for.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::columns::{ColumnData, WordListData};

/// Lists of words.
#[derive(Default)]
pub(crate) struct WordListBuilder {
    column: WordListData,
    /// The words that may come again: their numbers, and where they are in the dictionary.
    known: HashTable<(u32, Range<usize>)>,
    hasher: FixedState,
    /// Where the smallest and the largest word are.
    bounds: Option<[Range<usize>; 2]>,
}

impl WordListBuilder {
    /// Adds a list of words, each with the knowledge whether it is in no other list. Returns what is needed to repeat it.
    pub(crate) fn push<'w>(&mut self, list: impl Iterator<Item = (&'w str, bool)>) -> Range<usize> {
        let start = self.column.keys.len();
        for (word, is_unique) in list {
            let number = if is_unique { self.add(word).0 } else { self.number(word) };
            self.column.keys.push(number);
        }
        let list = start..self.column.keys.len();
        self.column.lengths.push(list.len() as u32);
        list
    }

    /// Adds a list that was added before.
    pub(crate) fn repeat(&mut self, list: Range<usize>) {
        self.column.lengths.push(list.len() as u32);
        self.column.keys.extend_from_within(list);
    }

    /// Adds a list that is missing.
    pub(crate) fn push_missing(&mut self) {
        self.column.lengths.push(u32::MAX);
    }

    /// The number of a word that may have one.
    fn number(&mut self, word: &str) -> u32 {
        let hash = self.hasher.hash_one(word.as_bytes());
        let plain = &self.column.dictionary.plain;
        if let Some((number, _)) =
            self.known.find(hash, |(_, place)| plain[place.clone()] == *word.as_bytes())
        {
            return *number;
        }
        let entry = self.add(word);
        let number = entry.0;
        let Self { column, known, hasher, .. } = self;
        let plain = &column.dictionary.plain;
        known.insert_unique(hash, entry, |(_, place)| hasher.hash_one(&plain[place.clone()]));
        number
    }

    /// Adds a word to the dictionary. Returns its number and where it is.
    fn add(&mut self, word: &str) -> (u32, Range<usize>) {
        let dictionary = &mut self.column.dictionary;
        dictionary.plain.extend_from_slice(&(word.len() as u32).to_le_bytes());
        dictionary.plain.extend_from_slice(word.as_bytes());
        dictionary.count += 1;
        let end = dictionary.plain.len();
        let place = end - word.len()..end;
        let plain = &dictionary.plain;
        match &mut self.bounds {
            None => self.bounds = Some([place.clone(), place.clone()]),
            Some([least, most]) => {
                if *word.as_bytes() < plain[least.clone()] {
                    *least = place.clone();
                } else if *word.as_bytes() > plain[most.clone()] {
                    *most = place.clone();
                }
            }
        }
        (dictionary.count as u32 - 1, place)
    }

    /// The column.
    pub(crate) fn finish(mut self) -> ColumnData {
        let dictionary = &mut self.column.dictionary;
        dictionary.bounds = self.bounds.map(|bounds| bounds.map(|place| dictionary.plain[place].to_vec()));
        ColumnData::WordLists(self.column)
    }
}
