//! How numbers read in messages: counts with their noun, large numbers with commas, durations.
//!
//! Every summary, notice and log line uses these functions, so that all counts look alike and singular and plural are
//! right. Only regular English plurals are known; choose a noun that has one.

use std::time::Duration;

/// A number with a comma between thousands: `112,348`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The end of a message about an unknown name: which known one may be meant. Empty if none is similar enough (at most one
/// wrong letter in three).
pub(crate) fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let distance = |known: &&str| strsim::damerau_levenshtein(name, known);
    let nearest = known.into_iter().min_by_key(distance);
    let meant = nearest.filter(|nearest| distance(nearest) * 3 <= name.chars().count());
    meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}

/// A number and what it counts: `1 account`, `112,348 accounts`, `0 zone files`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    format!("{} {}", grouped(number), plural(number, noun))
}

/// The noun as it follows the number: `account` after 1, `accounts` after any other.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    if number == 1 {
        return noun.to_owned();
    }
    match noun.as_bytes() {
        [.., before, b'y'] if !b"aeiou".contains(before) => format!("{}ies", &noun[..noun.len() - 1]),
        [.., b's' | b'x'] | [.., b'c' | b's', b'h'] => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// The first word after 1, the second after any other number: `is`, `are`; `was`, `were`; `it`, `them`.
pub(crate) fn agree<'a>(number: u64, singular: &'a str, plural: &'a str) -> &'a str {
    if number == 1 { singular } else { plural }
}

/// The first of some lines or names, and how many more there are: `and 3 more zones`.
pub(crate) fn first_of(all: impl IntoIterator<Item = String>, shown: usize, noun: &str) -> Vec<String> {
    let mut all = all.into_iter();
    let mut first: Vec<String> = all.by_ref().take(shown).collect();
    first.extend(and_more(all.count() as u64, noun));
    first
}

/// How many more there are than are shown, if any: `and 3 more zones`.
pub(crate) fn and_more(more: u64, noun: &str) -> Option<String> {
    (more > 0).then(|| format!("and {} more {}", grouped(more), plural(more, noun)))
}

/// An amount of data in decimal units: `850 B`, `1.5 MB`, `187 MB`.
pub(crate) fn human_bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut size = 1;
    while bytes / size >= 1000 && unit + 1 < UNITS.len() {
        size *= 1000;
        unit += 1;
    }
    let (whole, tenth) = (bytes / size, bytes % size * 10 / size);
    match (whole, unit) {
        (1..10, 1..) => format!("{whole}.{tenth} {}", UNITS[unit]),
        _ => format!("{} {}", grouped(whole), UNITS[unit]),
    }
}

/// A duration: `0.4 s`, `2 min 05 s`, `1 h 30 min`.
pub(crate) fn human_duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// The lines of a text, broken between words so that none is longer than `width` columns, unless a word is. The first
/// begins with `lead`; the others are indented as far as it is wide.
pub(crate) fn wrapped(lead: &str, text: &str, width: usize) -> Vec<String> {
    let indent = lead.chars().count();
    let (mut lines, mut line, mut columns) = (Vec::new(), lead.to_owned(), indent);
    for word in text.split(' ') {
        let needed = word.chars().count();
        if columns > indent && columns + 1 + needed > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            columns = indent;
        }
        if columns > indent {
            line.push(' ');
            columns += 1;
        }
        line.push_str(word);
        columns += needed;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn nouns_agree_with_their_numbers() {
        for (number, noun, text) in [
            (0, "account", "0 accounts"),
            (1, "account", "1 account"),
            (112_348, "account", "112,348 accounts"),
            (1, "query", "1 query"),
            (2, "query", "2 queries"),
            (2, "day", "2 days"),
            (2, "address", "2 addresses"),
            (3, "zone file", "3 zone files"),
        ] {
            assert_eq!(count(number, noun), text);
        }
        assert_eq!((agree(1, "is", "are"), agree(0, "is", "are")), ("is", "are"));
    }

    #[test]
    fn the_first_and_how_many_more() {
        let all = || ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!(first_of(all(), 4, "zone"), ["a", "b", "c", "d"]);
        assert_eq!(first_of(all(), 3, "zone"), ["a", "b", "c", "and 1 more zone"]);
        assert_eq!(first_of(all(), 1, "query"), ["a", "and 3 more queries"]);
        assert_eq!(first_of([], 1, "zone"), [""; 0]);
    }

    #[test]
    fn lines_are_broken_between_words() {
        let wraps = |text: &str, lines: &[&str]| assert_eq!(wrapped("why  ", text, 16), lines);
        wraps("", &["why  "]);
        wraps("it is so", &["why  it is so"]);
        wraps("it is so, it is so", &["why  it is so,", "     it is so"]);
        wraps("it is so, is it", &["why  it is so,", "     is it"]);
        wraps("averylongword.example", &["why  averylongword.example"]);
        wraps("a averylongword.example b", &["why  a", "     averylongword.example", "     b"]);
        // as wide as the columns
        wraps("bücher bücher", &["why  bücher", "     bücher"]);
        wraps("12345 12345", &["why  12345 12345"]);
    }

    #[test]
    fn amounts_of_data() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_999_999, "1.9 MB"),
            (10_000_000, "10 MB"),
            (999_999_999, "999 MB"),
            (21_600_000_000, "21 GB"),
            (u64::MAX, "18,446,744 TB"),
        ] {
            assert_eq!(human_bytes(bytes), text);
        }
    }

    #[test]
    fn durations() {
        for (milliseconds, text) in [
            (0, "0.0 s"),
            (1_449, "1.4 s"),
            (59_900, "59.9 s"),
            (60_000, "1 min 00 s"),
            (125_999, "2 min 05 s"),
            (5_400_000, "1 h 30 min"),
        ] {
            assert_eq!(human_duration(Duration::from_millis(milliseconds)), text);
        }
    }
}
