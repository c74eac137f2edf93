//! Bytes that are not UTF-8, in text.
//!
//! An export in Latin-1 has bytes that are not UTF-8, mostly in names of people. Its addresses can be judged all the same
//! where these bytes are not part of a domain. So such a byte becomes a character of its own, a stand-in, and the text goes
//! the way of every other text. Stand-ins lie in a corner of the private use area that nobody uses (Unicode 16.0, section
//! 23.5). Which letter a byte means is not guessed.
//!
//! In a report such a byte is written as `\xE9`. So no two identifiers become one, and each can be found in the file
//! again. An identifier in UTF-8 that has this very text, a backslash and an x, looks the same.

use std::borrow::Cow;
use std::fmt::Write;

/// The stand-in of the byte 0. Only bytes from 0x80 on are ever not UTF-8.
const FIRST: u32 = 0x10_f700;

/// Bytes as text, with stand-ins for those that are not UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(FIRST + u32::from(*byte))));
    }
    Cow::Owned(text)
}

/// Whether a character stands for a byte.
pub(crate) fn stands_in(character: char) -> bool {
    byte_of(character).is_some()
}

/// The text for a report: `\xE9` for each stand-in.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(stands_in) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match byte_of(character) {
            // writing to a string cannot fail
            Some(byte) => drop(write!(shown, "\\x{byte:02X}")),
            None => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// The bytes that the text was made of.
pub(crate) fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match byte_of(character) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

fn byte_of(character: char) -> Option<u8> {
    u8::try_from(u32::from(character).checked_sub(FIRST)?).ok().filter(|byte| *byte >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shows(bytes: &[u8], expected: &str) {
        let text = decode(bytes);
        assert_eq!(shown(&text), expected);
        assert_eq!(bytes_of(&text), bytes);
        assert_eq!(text.contains(stands_in), std::str::from_utf8(bytes).is_err());
    }

    #[test]
    fn bytes_come_back() {
        shows(b"", "");
        shows("José 😀 \u{fffd}".as_bytes(), "José 😀 \u{fffd}");
        shows(b"Jos\xe9@example.com", "Jos\\xE9@example.com");
        shows(b"\xff\xfe\x80", "\\xFF\\xFE\\x80");
        // cut off within a character, and half of a surrogate pair
        shows(b"a\xf0\x9f\x98", "a\\xF0\\x9F\\x98");
        shows(b"\xed\xa0\x80b", "\\xED\\xA0\\x80b");
        shows(b"caf\xc3\xa9 caf\xe9", "café caf\\xE9");
    }
}
