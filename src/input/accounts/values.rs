//! Times and weights as exports of accounts write them.
//!
//! [`Times`] reads every format of [`crate::time`], or only the format that the user names. A missing time and an
//! unreadable one are not the same: unreadable ones are counted, reported, and marked in their rows.
//!
//! **Missing** is what the writer of the file calls null: an empty field, and the words in [`is_null`].
//!
//! **Unreadable** is everything else that is not a time. That includes values that stand for "never": `0`, `-1`,
//! `0000-00-00`, `0001-01-01`, `1601-01-01`, all of 1970, `9999-12-31`, the largest number. Such a value does not say
//! when the address was verified. Taken as a time, an early one would make every registration look like a theft, and
//! a late one would hide every theft. So only times from 1973-03-03 (no service verified mail earlier) to the end of
//! 2099 are read. To say "never verified", export null.

use super::Given;
use crate::time::{BareDate, Moment, TimeFormat};

/// The earliest time that is read: 1973-03-03T09:46:40Z, the first Unix time of nine digits.
const FIRST: Moment = Moment(100_000_000_000_000);
/// The first time after those that are read: 2100-01-01T00:00:00Z.
const END: Moment = Moment(4_102_444_800_000_000);

/// How the times of a file of accounts are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Times {
    /// The only format that is read. Without one, all formats are read that have one meaning.
    pub(crate) format: Option<TimeFormat>,
}

impl Times {
    /// Reads a moment from text, or from a JSON value as written.
    pub(crate) fn of_text(&self, text: &str) -> Given<Moment> {
        let text = text.trim();
        if is_null(text) {
            return Given::Absent;
        }
        let moment = match &self.format {
            Some(format) if !text.starts_with('{') => format.read(text, BareDate::End),
            _ => Moment::read(text, BareDate::End),
        };
        moment.map_or(Given::Unreadable, Self::of_moment)
    }

    /// Checks a moment from a column that holds moments.
    pub(crate) fn of_moment(moment: Moment) -> Given<Moment> {
        if (FIRST..END).contains(&moment) { Given::Value(moment) } else { Given::Unreadable }
    }
}

/// Reads a weight: an integer that is not negative. `12.0` is one, too, because data frames write it so.
pub(crate) fn weight_of_text(text: &str) -> Given<i64> {
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

/// The most accounts that a row can stand for: more than there are people. So sums of them do not overflow before a run
/// has as many rows as no run has.
const MOST_ACCOUNTS: i64 = 10_000_000_000;

/// Reads for how many accounts a row stands: an integer as a weight is. Zero is one: the domain is judged, and nobody is
/// there.
pub(crate) fn accounts_of_text(text: &str) -> Given<i64> {
    match weight_of_text(text) {
        Given::Value(accounts) if accounts > MOST_ACCOUNTS => Given::Unreadable,
        other => other,
    }
}

/// Whether a field means that there is no value, in SQL, PostgreSQL's `COPY`, pandas, Python, Ruby or JavaScript.
pub(super) fn is_null(text: &str) -> bool {
    matches!(
        text,
        "" | "NULL" | "null" | "Null" | "\\N" | "NaT" | "NaN" | "nan" | "<NA>" | "None" | "nil" | "undefined"
    )
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
    fn moments() {
        let reads = |text: &str, expected: &str| moment(Times::default().of_text(text), expected);
        for null in ["", "  ", "NULL", "null", "\\N", "NaT", "nan", "None", "<NA>"] {
            reads(null, "absent");
        }
        reads("2024-01-02", "2024-01-02T23:59:59Z");
        reads(" 2024-01-02 03:04:05 ", "2024-01-02T03:04:05Z");
        reads("\u{feff}2024-01-02T03:04:05Z\u{a0}", "2024-01-02T03:04:05Z");
        reads("1704164645", "2024-01-02T03:04:05Z");
        reads("1704164645678", "2024-01-02T03:04:05.678Z");
        reads("1.704164645e9", "2024-01-02T03:04:05Z");
        reads("999999999", "2001-09-09T01:46:39Z");
        reads("{\"$date\":\"2024-01-02T03:04:05Z\"}", "2024-01-02T03:04:05Z");
        reads("\"2024-01-02T03:04:05Z\"", "2024-01-02T03:04:05Z");
        for other in
            ["yesterday", "2024-02-30", "170416464512", "false", "[]", "{}", "inf", "1e300", "03/04/2024"]
        {
            reads(other, "unreadable");
        }
    }

    #[test]
    fn values_for_never_are_unreadable() {
        let never = [
            "0",
            "0.0",
            "-1",
            "0000000000",
            "0000-00-00",
            "0000-00-00 00:00:00",
            "0001-01-01T00:00:00Z",
            "1601-01-01",
            "1601-01-01T00:00:00.000Z",
            "1753-01-01",
            "1899-12-30",
            "1900-01-01",
            "1970-01-01T00:00:00Z",
            "1970-01-20",
            "2100-01-01",
            "9999-12-31",
            "9999-12-31T23:59:59.999Z",
            "253402300799",
            "9223372036854775807",
            "116444735999999999",
            "4102444800",
            "100000000000",
            "{\"$date\":0}",
            "{\"$date\":null}",
        ];
        for text in never {
            moment(Times::default().of_text(text), "unreadable");
        }
    }

    #[test]
    fn a_named_format_is_the_only_one() {
        let format = TimeFormat::new("%d/%m/%Y").expect("a pattern");
        let times = Times { format: Some(format) };
        let reads = |text: &str, expected: &str| moment(times.of_text(text), expected);
        reads("03/04/2024", "2024-04-03T23:59:59Z");
        reads("NULL", "absent");
        reads("13/13/2024", "unreadable");
        reads("2024-04-03", "unreadable");
        reads("1704164645", "unreadable");
        reads("{\"$date\":1704164645678}", "2024-01-02T03:04:05.678Z");
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
        assert_eq!(accounts_of_text("10000000000"), Given::Value(10_000_000_000));
        assert_eq!(accounts_of_text("10000000001"), Given::Unreadable);
        assert_eq!(accounts_of_text("0"), Given::Value(0));
        assert_eq!(accounts_of_text(" "), Given::Absent);
    }
}
