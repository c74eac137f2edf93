//! Numbers for words: each distinct one gets the next number, and a dictionary page has them in that order.

use hashbrown::HashMap;

use super::columns::Dictionary;

/// Distinct words, numbered as they come.
#[derive(Default)]
pub(crate) struct WordNumbers<'a> {
    numbers: HashMap<&'a str, u32, foldhash::fast::FixedState>,
    words: Vec<&'a str>,
    last: Option<(&'a str, u32)>,
}

impl<'a> WordNumbers<'a> {
    /// The number of a word.
    pub(crate) fn number(&mut self, word: &'a str) -> u32 {
        // neighbours are mostly the same, often to the very place in memory
        if let Some((last, number)) = self.last
            && (std::ptr::eq(last, word) || last == word)
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
    pub(crate) fn into_words(self) -> Vec<&'a str> {
        self.words
    }

    pub(super) fn into_dictionary(self) -> Dictionary {
        self.words.into_iter().map(str::as_bytes).collect()
    }
}
