//! Moments and weights as account exports write them.
//!
//! Besides the shapes of [`Moment::parse`], exports hold Unix times in seconds or milliseconds, and the
//! null of the database they come from (`NULL`, PostgreSQL's `\N`). Text is taken for a Unix time only
//! with 9 or 10 digits (seconds) or 13 (milliseconds): 8, 12 and 14 digits are as likely a calendar
//! date. A Unix time before 1973 is unreadable: no service verified mail then, and `0` means "never" to
//! some and "unknown" to others; read as 1970, it would make every later registration look like a theft.

use super::Given;
use crate::time::{BareDate, Moment};

/// The first Unix time taken for one, in seconds (1973-03-03): with fewer digits it is something else.
const FIRST_SECOND: i64 = 100_000_000;
/// The last number that counts seconds (year 5138); beyond, milliseconds are meant.
const LAST_SECOND: i64 = 100_000_000_000;
/// The end of the year 9999 in milliseconds.
const LAST_MILLISECOND: i64 = 253_402_300_799_999;

/// Reads a moment from text.
pub fn moment_of_text(text: &str) -> Given<Moment> {
    let text = text.trim();
    if is_null(text) {
        return Given::Absent;
    }
    let moment = if matches!(text.len(), 9 | 10 | 13) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok().and_then(moment_of_unix)
    } else {
        Moment::parse(text, BareDate::End)
    };
    moment.map_or(Given::Unreadable, Given::Value)
}

/// Reads a moment from a JSON number as written: Unix seconds (with a fraction or not) or milliseconds.
pub fn moment_of_number(text: &str) -> Given<Moment> {
    let moment = match text.parse::<i64>() {
        Ok(number) => moment_of_unix(number),
        Err(_) => text.parse::<f64>().ok().and_then(|number| {
            let (seconds, fraction) = (number.floor(), number - number.floor());
            let plausible = (FIRST_SECOND as f64..=LAST_MILLISECOND as f64).contains(&seconds);
            let micros = if seconds <= LAST_SECOND as f64 { 1e6 } else { 1e3 };
            let whole = plausible.then(|| moment_of_unix(seconds as i64)).flatten();
            whole.map(|moment| Moment(moment.0.saturating_add((fraction * micros) as i64)))
        }),
    };
    moment.map_or(Given::Unreadable, Given::Value)
}

/// Reads a weight: an integer that is not negative, be it written as `12.0`, as data frames do.
pub fn weight_of_text(text: &str) -> Given<i64> {
    let text = text.trim();
    if is_null(text) {
        return Given::Absent;
    }
    let integer = match text.split_once('.') {
        Some((integer, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => integer,
        _ => text,
    };
    match integer.parse::<i64>() {
        Ok(weight) if weight >= 0 => Given::Value(weight),
        _ => Given::Unreadable,
    }
}

fn moment_of_unix(number: i64) -> Option<Moment> {
    match number {
        FIRST_SECOND..=LAST_SECOND => Some(Moment::from_unix_seconds(number)),
        ..=LAST_MILLISECOND if number > LAST_SECOND => Some(Moment(number * 1000)),
        _ => None,
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "NULL" | "null" | "\\N")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn moment(read: Given<Moment>, expected: &str) {
        let read = match read {
            Given::Absent => "absent".to_owned(),
            Given::Unreadable => "unreadable".to_owned(),
            Given::Value(moment) => moment.to_string(),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn moments_of_text() {
        moment(moment_of_text(""), "absent");
        moment(moment_of_text("  "), "absent");
        moment(moment_of_text("NULL"), "absent");
        moment(moment_of_text("\\N"), "absent");
        moment(moment_of_text("2024-01-02"), "2024-01-02T23:59:59Z");
        moment(moment_of_text(" 2024-01-02 03:04:05 "), "2024-01-02T03:04:05Z");
        moment(moment_of_text("1704164645"), "2024-01-02T03:04:05Z");
        moment(moment_of_text("1704164645678"), "2024-01-02T03:04:05.678Z");
        moment(moment_of_text("999999999"), "2001-09-09T01:46:39Z");
        moment(moment_of_text("0"), "unreadable");
        moment(moment_of_text("0000000000"), "unreadable");
        moment(moment_of_text("0000-00-00 00:00:00"), "unreadable");
        moment(moment_of_text("170416464512"), "unreadable");
        moment(moment_of_text("yesterday"), "unreadable");
        moment(moment_of_text("2024-02-30"), "unreadable");
    }

    #[test]
    fn moments_of_numbers() {
        moment(moment_of_number("1704164645"), "2024-01-02T03:04:05Z");
        moment(moment_of_number("1704164645.5"), "2024-01-02T03:04:05.5Z");
        moment(moment_of_number("1.704164645e9"), "2024-01-02T03:04:05Z");
        moment(moment_of_number("1704164645678"), "2024-01-02T03:04:05.678Z");
        moment(moment_of_number("100000000000"), "5138-11-16T09:46:40Z");
        moment(moment_of_number("0"), "unreadable");
        moment(moment_of_number("-1704164645"), "unreadable");
        moment(moment_of_number("1e300"), "unreadable");
        moment(moment_of_number("99999999999999999999"), "unreadable");
    }

    #[track_caller]
    fn weight(text: &str, expected: Given<i64>) {
        assert_eq!(weight_of_text(text), expected, "{text}");
    }

    #[test]
    fn weights() {
        weight("12", Given::Value(12));
        weight(" 12.0 ", Given::Value(12));
        weight("0", Given::Value(0));
        weight("9223372036854775807", Given::Value(i64::MAX));
        weight("", Given::Absent);
        weight("null", Given::Absent);
        weight("9223372036854775808", Given::Unreadable);
        weight("-1", Given::Unreadable);
        weight("1.5", Given::Unreadable);
        weight("12.", Given::Unreadable);
        weight("1,234", Given::Unreadable);
        weight("many", Given::Unreadable);
    }
}
