//! Tokens: words, quoted strings, and where an entry ends.
//!
//! An entry ends with its line unless a parenthesis is open. Whether a line feed is in a quoted string or comment never
//! depends on the lines before, so each line can be read again on its own.

use super::super::{ENTRY_BYTES, names};
use crate::zone::fault::FaultKind;

/// The most tokens that an entry may have: data has up to 65,535 octets, and each can be written as two separate
/// hexadecimal digits.
pub(in super::super) const TOKENS: usize = 2 * 65_536;

/// A word or quoted string of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct EntryToken {
    start: u32,
    end: u32,
    /// Whether it was in quotes, which are not part of it.
    pub(super) quoted: bool,
}

/// How far an entry reaches.
pub(super) enum EntryExtent {
    /// Up to its line end.
    Ended { bytes: usize, lines: u64 },
    /// It cannot be cut into tokens because of the byte `at`. These bytes have to be skipped.
    Broken { bytes: usize, lines: u64, what: FaultKind, at: usize },
    /// Beyond the end of the text.
    Unfinished,
}

impl EntryToken {
    /// Its text, escapes as written.
    pub(super) fn word<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[self.start as usize..self.end as usize]
    }

    /// The byte of the entry at which it begins.
    pub(super) fn start(&self) -> usize {
        self.start as usize - usize::from(self.quoted)
    }

    /// The byte after it.
    pub(super) fn end(&self) -> usize {
        self.end as usize + usize::from(self.quoted)
    }

    /// Its octets, escapes resolved.
    pub(super) fn unescape(&self, text: &[u8]) -> Result<Vec<u8>, FaultKind> {
        let word = self.word(text);
        let (mut octets, mut at) = (Vec::with_capacity(word.len()), 0);
        while let Some(&byte) = word.get(at) {
            at += 1;
            octets.push(if byte == b'\\' { names::unescape(word, &mut at)? } else { byte });
        }
        Ok(octets)
    }
}

/// Bytes that continue a word.
static WORD: [bool; 256] = {
    let mut table = [true; 256];
    let ends = b" \t\r\n;()\"\\";
    let mut index = 0;
    while index < ends.len() {
        table[ends[index] as usize] = false;
        index += 1;
    }
    table
};

/// Cuts the entry at byte `start` of `text`, which is less than a line, into tokens. `last`: nothing follows
/// the text.
pub(super) fn tokenize(text: &[u8], start: usize, last: bool, tokens: &mut Vec<EntryToken>) -> EntryExtent {
    tokens.clear();
    let limit = text.len().min(ENTRY_BYTES);
    let mut at = start;
    let mut lines = 0;
    // the open parenthesis, and the first quote that is never closed
    let (mut open, mut quote) = (None, None);
    while at < limit {
        let token = match text[at] {
            b'\n' => {
                at += 1;
                lines += 1;
                match (open, quote) {
                    (Some(_), _) => continue,
                    (None, Some(quote)) => {
                        return EntryExtent::Broken { bytes: at, lines, what: FaultKind::Quote, at: quote };
                    }
                    (None, None) => return EntryExtent::Ended { bytes: at, lines },
                }
            }
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b';' => {
                at = line_end(text, at, limit);
                continue;
            }
            b'(' if open.is_none() => {
                open = Some(at);
                at += 1;
                continue;
            }
            b')' if open.take().is_some() => {
                at += 1;
                continue;
            }
            b'(' | b')' => return unbalanced(text, open.unwrap_or(at), quote),
            b'"' => match quoted_end(text, at + 1, limit) {
                Some(end) => (at + 1, end, true),
                None => {
                    quote = quote.or(Some(at));
                    at = line_end(text, at, limit);
                    continue;
                }
            },
            _ => (at, word_end(text, at, limit), false),
        };
        let (start, end, quoted) = token;
        at = end + usize::from(quoted);
        if tokens.len() == TOKENS {
            return broken(text, FaultKind::TooLong, start);
        }
        // an entry is shorter than `ENTRY_BYTES`, so its offsets fit
        tokens.push(EntryToken { start: start as u32, end: end as u32, quoted });
    }
    match (open, quote) {
        _ if limit == text.len() && limit < ENTRY_BYTES && !last => EntryExtent::Unfinished,
        (Some(at), _) | (None, Some(at)) => unbalanced(text, at, quote),
        (None, None) if limit < ENTRY_BYTES => EntryExtent::Ended { bytes: limit, lines },
        (None, None) => broken(text, FaultKind::TooLong, 0),
    }
}

/// An entry whose parentheses, at byte `at`, do not close: perhaps because of an unclosed quote.
fn unbalanced(text: &[u8], at: usize, quote: Option<usize>) -> EntryExtent {
    match quote {
        Some(quote) => broken(text, FaultKind::Quote, quote),
        None => broken(text, FaultKind::Parentheses, at),
    }
}

/// An entry without a known end costs its first line.
fn broken(text: &[u8], what: FaultKind, at: usize) -> EntryExtent {
    match memchr::memchr(b'\n', text) {
        Some(end) => EntryExtent::Broken { bytes: end + 1, lines: 1, what, at },
        None => EntryExtent::Broken { bytes: text.len(), lines: 0, what, at },
    }
}

fn line_end(text: &[u8], at: usize, limit: usize) -> usize {
    memchr::memchr(b'\n', &text[at..limit]).map_or(limit, |length| at + length)
}

fn word_end(text: &[u8], mut at: usize, limit: usize) -> usize {
    loop {
        let rest = &text[at..limit];
        at += rest.iter().position(|byte| !WORD[usize::from(*byte)]).unwrap_or(rest.len());
        match text[at..limit] {
            [b'\\', next, ..] if next != b'\n' => at += 2,
            [b'\\', ..] => at += 1,
            _ => return at,
        }
    }
}

/// Where the closing quote of a string is, if it is on the same line.
fn quoted_end(text: &[u8], mut at: usize, limit: usize) -> Option<usize> {
    loop {
        at += memchr::memchr3(b'"', b'\\', b'\n', text.get(at..limit)?)?;
        match text[at] {
            b'"' => return Some(at),
            b'\\' if text.get(at + 1) != Some(&b'\n') => at += 2,
            _ => return None,
        }
    }
}
