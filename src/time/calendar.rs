//! Dates of the calendar in digits: RFC 3339, SQL, ISO 8601, GeneralizedTime, and days first with dots.
//!
//! The number with four digits is the year. If the year comes first, the month follows, whatever the separator: nobody
//! writes the day there. If the year comes last, only dots are read, because dots mean that the day comes first. With
//! slashes or hyphens nobody can tell.

use super::cursor::Cursor;
use super::{BareDate, Day, MICROS_PER_SECOND, Moment};

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TimeOfDay {
    /// Seconds since midnight.
    pub(super) seconds: i64,
    /// Microseconds more.
    pub(super) micros: i64,
}

/// Reads a date with or without a time.
pub(super) fn read(text: &str, bare: BareDate) -> Option<Moment> {
    if let Some(moment) = plain(text.as_bytes()) {
        return Some(moment);
    }
    let mut rest = Cursor::new(text);
    if matches!(rest.digits(), 10 | 12 | 14) {
        return packed(rest);
    }
    let day = date(&mut rest)?;
    if rest.is_done() {
        return Some(bare.of(day));
    }
    rest.take(b',');
    if rest.take_one_of(b"Tt").is_none() && !rest.blanks() {
        return None;
    }
    let clock = clock(&mut rest)?;
    moment(day, clock, zone(&mut rest)?)
}

/// Reads `YYYY-MM-DD[T ]hh:mm:ss[Z]`, by far the most common form, in a third of the time.
fn plain(text: &[u8]) -> Option<Moment> {
    let (text, zone) = text.split_first_chunk::<19>()?;
    let marks = [text[4], text[7], text[10], text[13], text[16]];
    if !matches!(marks, [b'-', b'-', b'T' | b' ', b':', b':']) || !matches!(zone, [] | [b'Z']) {
        return None;
    }
    let digit = |at: usize| text[at].is_ascii_digit().then(|| i64::from(text[at] - b'0'));
    let pair = |at: usize| Some(digit(at)? * 10 + digit(at + 1)?);
    let day = day(pair(0)? * 100 + pair(2)?, pair(5)?, pair(8)?)?;
    moment(day, time_of_day(pair(11)?, pair(14)?, pair(17)?, 0)?, 0)
}

/// The moment at which clocks that are `ahead` seconds ahead of UTC show this.
pub(super) fn moment(day: Day, clock: TimeOfDay, ahead: i64) -> Option<Moment> {
    let seconds = i64::from(day.0) * 86_400 + clock.seconds - ahead;
    Some(Moment(seconds.checked_mul(MICROS_PER_SECOND)?.checked_add(clock.micros)?))
}

fn date(rest: &mut Cursor<'_>) -> Option<Day> {
    match rest.digits() {
        4 => {
            let year = rest.number(4, 4)?;
            let separator = rest.take_one_of(b"-/.")?;
            let month = rest.number(1, 2)?;
            if !rest.take(separator) {
                return None;
            }
            day(year, month, rest.number(1, 2)?)
        }
        8 => day(rest.number(4, 4)?, rest.number(2, 2)?, rest.number(2, 2)?),
        1 | 2 => {
            let first = rest.number(1, 2)?;
            let month = if rest.take(b'.') { rest.number(1, 2)? } else { return None };
            let year = if rest.take(b'.') { rest.number(4, 4)? } else { return None };
            day(year, month, first)
        }
        _ => None,
    }
}

/// The day with this date, if there is one.
pub(super) fn day(year: i64, month: i64, day: i64) -> Option<Day> {
    Day::from_calendar(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

/// Reads `hh:mm`, `hh:mm:ss` or the same without colons, with a fraction of the second, with AM or PM.
pub(super) fn clock(rest: &mut Cursor<'_>) -> Option<TimeOfDay> {
    let digits = rest.digits();
    let mut hour = rest.number(1, 2)?;
    let colons = rest.take(b':');
    if !colons && !matches!(digits, 4 | 6) {
        return None;
    }
    let minute = rest.number(2, 2)?;
    let has_second = if colons { rest.take(b':') } else { digits == 6 };
    let second = if has_second { rest.number(2, 2)? } else { 0 };
    let micros = if has_second { fraction(rest)? } else { 0 };
    if let Some(afternoon) = meridiem(rest) {
        hour = to_24_hours(hour, afternoon)?;
    }
    time_of_day(hour, minute, second, micros)
}

/// The hour of a clock that goes from 1 to 12.
pub(super) fn to_24_hours(hour: i64, afternoon: bool) -> Option<i64> {
    (1..=12).contains(&hour).then_some(hour % 12 + if afternoon { 12 } else { 0 })
}

/// Takes AM or PM with the blanks before it; `Some(true)` is PM.
fn meridiem(rest: &mut Cursor<'_>) -> Option<bool> {
    let mut after = *rest;
    after.blanks();
    let afternoon = if after.take_word("am") {
        false
    } else if after.take_word("pm") {
        true
    } else {
        return None;
    };
    *rest = after;
    Some(afternoon)
}

fn time_of_day(hour: i64, minute: i64, second: i64, micros: i64) -> Option<TimeOfDay> {
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // a leap second has no number of its own
    Some(TimeOfDay { seconds: hour * 3600 + minute * 60 + second.min(59), micros })
}

/// Takes a fraction of any length, if there is one, and cuts it off after the microseconds.
fn fraction(rest: &mut Cursor<'_>) -> Option<i64> {
    if rest.take_one_of(b".,").is_none() {
        return Some(0);
    }
    let before = rest.rest().len();
    let micros = rest.number(1, 6)?;
    let digits = before - rest.rest().len();
    rest.pass_digits();
    Some(micros * 10_i64.pow(6 - digits as u32))
}

/// Reads what is left as a zone, in seconds ahead of UTC: nothing (UTC), `Z`, `UTC`, `GMT`, an offset, or both.
/// The name of a zone in brackets or parentheses may follow an offset. It is ignored.
pub(super) fn zone(rest: &mut Cursor<'_>) -> Option<i64> {
    rest.blanks();
    if rest.is_done() {
        return Some(0);
    }
    let named = rest.take_word("Z") || ["UTC", "GMT", "UT"].iter().any(|word| rest.take_word(word));
    let ahead = match rest.take_one_of(b"+-") {
        Some(sign) => offset(rest)? * if sign == b'-' { -1 } else { 1 },
        None if named => 0,
        None => return None,
    };
    rest.blanks();
    let is_name = matches!(rest.rest(), [] | [b'[', .., b']'] | [b'(', .., b')']);
    is_name.then_some(ahead)
}

/// `h`, `hh`, `hhmm`, `hh:mm` or `hh:mm:ss`, in seconds.
fn offset(rest: &mut Cursor<'_>) -> Option<i64> {
    let digits = rest.digits();
    let hours = rest.number(1, 2)?;
    let (minutes, seconds) = match digits {
        1 | 2 if rest.take(b':') => {
            let minutes = rest.number(2, 2)?;
            (minutes, if rest.take(b':') { rest.number(2, 2)? } else { 0 })
        }
        1 | 2 => (0, 0),
        4 => (rest.number(2, 2)?, 0),
        _ => return None,
    };
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

/// Reads `YYYYMMDDhhmmss`, with a fraction and a zone or without; and, with a zone only, the same without seconds,
/// or minutes. These could also be a UTCTime (ITU-T X.680, section 47) of the years 2001 to 2012, whose year has two
/// digits: then they are not read.
fn packed(mut rest: Cursor<'_>) -> Option<Moment> {
    let digits = rest.digits();
    if digits < 14 && is_utc_time(rest) {
        return None;
    }
    let day = day(rest.number(4, 4)?, rest.number(2, 2)?, rest.number(2, 2)?)?;
    let hour = rest.number(2, 2)?;
    let minute = if digits >= 12 { rest.number(2, 2)? } else { 0 };
    let second = if digits == 14 { rest.number(2, 2)? } else { 0 };
    let micros = if digits == 14 { fraction(&mut rest)? } else { 0 };
    if digits < 14 && rest.is_done() {
        return None;
    }
    moment(day, time_of_day(hour, minute, second, micros)?, zone(&mut rest)?)
}

/// Whether digits are a possible `YYMMDDhhmm` or `YYMMDDhhmmss`.
fn is_utc_time(mut rest: Cursor<'_>) -> bool {
    let mut next = || rest.number(2, 2).unwrap_or(0);
    let (year, month, date, hour, minute, second) = (next(), next(), next(), next(), next(), next());
    day(2000 + year, month, date).is_some() && time_of_day(hour, minute, second, 0).is_some()
}
