//! Columns of lists of words, made list by list.
//!
//! Where the maker knows that a word comes only once, or that a list was there before, nothing is looked for.

use std::ops::Range;

use super::columns::{ColumnData, WordListData};
use super::word_numbers::WordNumbers;

/// Lists of words, made one by one.
#[derive(Default)]
pub(crate) struct WordListBuilder<'a> {
    words: WordNumbers<'a>,
    column: WordListData,
}

impl<'a> WordListBuilder<'a> {
    /// Adds a list of words, each with the knowledge whether it is in no other list. Returns what is needed to repeat it.
    pub(crate) fn push(&mut self, list: impl Iterator<Item = (&'a str, bool)>) -> Range<usize> {
        let Self { words, column } = self;
        let start = column.keys.len();
        column.keys.extend(list.map(|(word, is_unique)| match is_unique {
            true => words.unique(word),
            false => words.number(word),
        }));
        column.lengths.push((column.keys.len() - start) as u32);
        start..column.keys.len()
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

    /// The column.
    pub(crate) fn finish(mut self) -> ColumnData {
        self.column.dictionary = self.words.into_dictionary();
        ColumnData::WordLists(self.column)
    }
}
