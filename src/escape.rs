//! Text from outside, made safe to print.
//!
//! File names, keys of configuration files, names of registrars and other text from outside may hold characters that a
//! terminal obeys (ESC, BEL), line ends that forge a line of ours, and marks that make text run backwards. This module
//! alone says which characters these are. They are escaped twice: by [`line()`] where such text becomes part of a line
//! of ours, and by [`lines`] just before printing, for whatever was forgotten.
//!
//! The escapes are those of JSON, such as `\u001b`, so that JSON keeps its meaning. Backslashes stay as they are, because
//! paths have them. So an escape that somebody typed looks like one that was made here, which does no harm.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

/// Characters of a sample.
pub(crate) const SAMPLE_CHARS: usize = 200;

/// A text on one line: every control character escaped, line ends and tabs too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escape(text, is_unsafe)
}

/// A text of several lines, the line ends and tabs being ours.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |character| is_unsafe(character) && !matches!(character, '\n' | '\t'))
}

/// The beginning of a text of any length, on one line.
pub(crate) fn sample(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SAMPLE_CHARS) {
        None => line(text),
        Some((end, _)) => Cow::Owned(line(&text[..end]).into_owned() + "…"),
    }
}

/// A path on one line, as messages name an input. `-` is standard input wherever an input is named.
pub(crate) fn path(path: &Path) -> String {
    if path == Path::new("-") {
        return "standard input".to_owned();
    }
    line(&path.to_string_lossy()).into_owned()
}

/// Control characters (C0, DEL, C1), line and paragraph separators, and what turns the direction of text
/// (UAX #9, sections 2.1 to 2.6).
fn is_unsafe(character: char) -> bool {
    let is_bidi = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || is_bidi || matches!(character, '\u{2028}' | '\u{2029}')
}

fn escape(text: &str, is_unsafe: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unsafe(character) {
            // all of them are below U+10000
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shows(text: &str, one_line: &str, several: &str) {
        assert_eq!((&*line(text), &*lines(text)), (one_line, several));
    }

    #[test]
    fn what_a_terminal_would_obey() {
        shows("Bücher \\ «x»", "Bücher \\ «x»", "Bücher \\ «x»");
        shows("a\u{1b}[31mb\u{7}\u{7f}", "a\\u001b[31mb\\u0007\\u007f", "a\\u001b[31mb\\u0007\\u007f");
        shows("a\n\tb\r", "a\\u000a\\u0009b\\u000d", "a\n\tb\\u000d");
        shows("\u{9b}2J\u{85}", "\\u009b2J\\u0085", "\\u009b2J\\u0085");
        for bidi in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{2028}\u{2029}".chars() {
            let shown = format!("\\u{:04x}", u32::from(bidi));
            shows(&bidi.to_string(), &shown, &shown);
        }
        assert_eq!(path(Path::new("a\nb")), "a\\u000ab");
    }

    #[test]
    fn samples_are_cut() {
        assert_eq!(sample(&"é".repeat(SAMPLE_CHARS)), "é".repeat(SAMPLE_CHARS));
        assert_eq!(sample(&"é".repeat(SAMPLE_CHARS + 1)), "é".repeat(SAMPLE_CHARS) + "…");
        assert_eq!(sample("a\n"), "a\\u000a");
    }

    /// What is escaped within JSON means the same.
    #[test]
    fn json_stays_json() {
        let json = serde_json::to_string("\u{202e}\u{7f}\u{1b}").expect("a text");
        let read: String = serde_json::from_str(&lines(&json)).expect("still JSON");
        assert_eq!(read, "\u{202e}\u{7f}\u{1b}");
    }
}
