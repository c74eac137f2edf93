//! Which names of columns a message may show.

/// The longest column name that a message shows, in bytes.
const LONGEST_NAME: usize = 64;
/// The longest word in it, in characters.
const LONGEST_WORD: usize = 24;
/// How many words it may have.
const MOST_WORDS: usize = 8;
/// How often letters and digits may take turns in a word (`utf8mb4`), and how many digits a name may have (`created2024`).
const MOST_TURNS: usize = 3;
const MOST_DIGITS: usize = 4;
/// Whether a name may be shown: it looks like a name, or it is the number of a column.
pub(super) fn is_shown(name: &str) -> bool {
    looks_like_a_name(name) || (name.len() <= 4 && name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a text looks like the name of a column. Anything else is taken for a cell, which no message may show: an
/// address, a number, a date, a hash, a long text.
pub(crate) fn looks_like_a_name(text: &str) -> bool {
    let is_part = |part: char| part.is_alphanumeric() || " _-.()/:#%&'?".contains(part);
    let text = text.trim();
    text.len() <= LONGEST_NAME
        && text.chars().all(is_part)
        && text.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '(' | '#'))
        && text.split(|part: char| !part.is_alphanumeric()).all(is_word)
        && text.split_whitespace().count() <= MOST_WORDS
        && text.chars().filter(char::is_ascii_digit).count() <= MOST_DIGITS
}

/// Whether a part of a name is a word: not too long, and not letters and digits in turn, as keys and hashes are.
fn is_word(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let pairs = word.chars().zip(word.chars().skip(1));
    let turns = pairs.filter(|(one, next)| {
        one.is_ascii_digit() != next.is_ascii_digit() || (one.is_lowercase() && next.is_uppercase())
    });
    let most_turns = if digits > 0 { MOST_TURNS } else { 2 * MOST_TURNS };
    word.chars().count() <= LONGEST_WORD && turns.count() <= most_turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_cells() {
        for name in [
            "id",
            "E-Mail",
            "Bestätigt am",
            "_id",
            "address1",
            "oauth2_token",
            "sha256",
            "p15",
            "user/email",
            "電子郵件",
            "Weight (kg)",
            "utf8mb4",
            "created.at",
        ] {
            assert!(looks_like_a_name(name), "{name}");
        }
        for cell in [
            "",
            "ana@example.com",
            "17",
            "2024-03-01",
            "01.03.2024",
            "2024-03-01T05:06:07Z",
            "uA1bC2dE3",
            "$2b$12$abc",
            "c2FtcGxlLWhhc2g=",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "d41d8cd98f00b204",
            "correcthorsebatterystaples",
            "+4930123456",
            "Mon, 04 Mar 2024",
            "one.example. 900 IN SOA a. b. 1 2 3 4 5",
            "a\"b",
            &"x".repeat(65),
        ] {
            assert!(!looks_like_a_name(cell), "{cell}");
        }
    }
}
