//! Dates with the English name of the month: HTTP, mail, `asctime`, `date`, JavaScript, and people.
//!
//! The name tells which part is the month, and four digits which is the year, so the parts may come in any order.
//! A weekday must be that of the date. A year of two digits (RFC 850, RFC 822) is read only with a weekday: the
//! same date a hundred years earlier falls on another one, so that the weekday settles the century.

use super::calendar::{self, TimeOfDay};
use super::cursor::Cursor;
use super::{BareDate, Day, Moment};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// From 1970-01-01 on, a Thursday.
const WEEKDAYS: [&str; 7] = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];
/// Parts a date can have.
const MOST_PARTS: usize = 8;

/// The parts of a date, as far as they are known.
#[derive(Debug, Default)]
struct Parts {
    weekday: Option<usize>,
    day: Option<i64>,
    month: Option<usize>,
    year: Option<i64>,
    /// A year of two digits.
    short_year: Option<i64>,
    clock: Option<TimeOfDay>,
    afternoon: Option<bool>,
    ahead: Option<i64>,
}

/// Reads a date with or without a time.
pub(super) fn read(text: &str, bare: BareDate) -> Option<Moment> {
    // JavaScript and RFC 5322 put the zone's name in a comment
    let text = match text.split_once('(') {
        Some((before, comment)) if comment.ends_with(')') => before,
        Some(_) => return None,
        None => text,
    };
    let mut parts = Parts::default();
    let words = text.split(|character: char| character == ',' || character.is_whitespace());
    for (count, word) in words.filter(|word| !word.is_empty()).enumerate() {
        if count >= MOST_PARTS {
            return None;
        }
        parts.take(word)?;
    }
    parts.moment(bare)
}

impl Parts {
    /// Takes a word; `None` if it is no part of a date, or a part that is there already.
    fn take(&mut self, word: &str) -> Option<()> {
        let mut rest = Cursor::new(word);
        match word.as_bytes() {
            [b'0'..=b'9', ..] if word.contains(':') => {
                put(&mut self.clock, calendar::clock(&mut rest)?)?;
                if rest.is_done() { Some(()) } else { put(&mut self.ahead, calendar::zone(&mut rest)?) }
            }
            [b'0'..=b'9', ..] if word.contains('-') => {
                let (day, after) = word.split_once('-')?;
                let (month, year) = after.split_once('-')?;
                self.take_number(Cursor::new(day))?;
                put(&mut self.month, place(&MONTHS, month)?)?;
                self.take_number(Cursor::new(year))
            }
            [b'0'..=b'9', ..] => self.take_number(rest),
            [b'+' | b'-', ..] => put(&mut self.ahead, calendar::zone(&mut rest)?),
            b"@" | b"at" => Some(()),
            _ if word.eq_ignore_ascii_case("am") => put(&mut self.afternoon, false),
            _ if word.eq_ignore_ascii_case("pm") => put(&mut self.afternoon, true),
            _ => match (place(&MONTHS, word), place(&WEEKDAYS, word)) {
                (Some(month), _) => put(&mut self.month, month),
                (None, Some(weekday)) => put(&mut self.weekday, weekday),
                (None, None) => put(&mut self.ahead, calendar::zone(&mut rest)?),
            },
        }
    }

    /// Takes the number of a day or a year.
    fn take_number(&mut self, mut rest: Cursor<'_>) -> Option<()> {
        let digits = rest.digits();
        let number = rest.number(1, 4)?;
        let ordinal = ["st", "nd", "rd", "th"].iter().any(|end| rest.take_word(end));
        match digits {
            _ if !rest.is_done() => None,
            1 | 2 if self.day.is_none() => put(&mut self.day, number),
            // day, month, year: the order of every form with such a year
            2 if self.month.is_some() && !ordinal => put(&mut self.short_year, number),
            4 if !ordinal => put(&mut self.year, number),
            _ => None,
        }
    }

    fn moment(&self, bare: BareDate) -> Option<Moment> {
        let on = |year: i64| calendar::day(year, self.month? as i64 + 1, self.day?);
        let fits = |day: &Day| self.weekday.is_none_or(|weekday| day.0.rem_euclid(7) as usize == weekday);
        let day = match (self.year, self.short_year, self.weekday) {
            (Some(year), None, _) => on(year).filter(fits)?,
            (None, Some(year), Some(_)) => {
                // no time of verification or fetching is older than 1970
                let years = [2000 + year, 1900 + year].into_iter().filter(|year| *year >= 1970);
                years.filter_map(on).find(fits)?
            }
            _ => return None,
        };
        let Some(mut clock) = self.clock else {
            let is_bare = self.ahead.is_none() && self.afternoon.is_none();
            return is_bare.then(|| bare.of(day));
        };
        if let Some(afternoon) = self.afternoon {
            let hour = calendar::to_24_hours(clock.seconds / 3600, afternoon)?;
            clock.seconds = hour * 3600 + clock.seconds % 3600;
        }
        calendar::moment(day, clock, self.ahead.unwrap_or(0))
    }
}

/// Puts a part in its place, if nothing is there.
fn put<T>(slot: &mut Option<T>, part: T) -> Option<()> {
    slot.is_none().then(|| *slot = Some(part))
}

/// The place of a name among names of which the first three letters tell them apart: whole, or three letters, or
/// four (`Sept`), with a dot after them or not.
fn place(names: &[&str], word: &str) -> Option<usize> {
    let word = word.strip_suffix('.').unwrap_or(word).to_ascii_lowercase();
    let is_short = matches!(word.len(), 3 | 4);
    names.iter().position(|name| *name == word || (is_short && name.starts_with(&word)))
}
