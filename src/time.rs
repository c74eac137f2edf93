//! Moments and days, and the shapes in which inputs write them.
//!
//! Everything is UTC. A [`Moment`] counts microseconds, the resolution of the report's timestamps; a
//! [`Day`] is what serials and drop dates are made of. Text is read by [`Moment::parse`], which takes
//! every shape met in real account exports and RDAP answers (RFC 3339; a space for the `T`; offsets
//! without a colon; no offset at all, read as UTC; a bare date). Years outside −9999…9999, which some
//! registries print for "never", are no moment.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// A point in time, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// A calendar day (UTC), in days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// What a bare date stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareDate {
    /// Its 00:00:00.
    Start,
    /// Its last second, 23:59:59.
    End,
}

impl Moment {
    /// Now, by the system's clock.
    pub fn now() -> Self {
        Self(Timestamp::now().as_microsecond())
    }

    /// From seconds since 1970-01-01T00:00:00Z.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Reads a moment; `None` if the text is none.
    pub fn parse(text: &str, bare: BareDate) -> Option<Self> {
        if let Some(moment) = parse_plain(text.as_bytes()) {
            return Some(moment);
        }
        let text = text.trim();
        if let Some(moment) = parse_plain(text.as_bytes()) {
            return Some(moment);
        }
        if let Ok(date) = text.parse::<Date>()
            && text.len() <= 10
        {
            let time = match bare {
                BareDate::Start => date.at(0, 0, 0, 0),
                BareDate::End => date.at(23, 59, 59, 0),
            };
            return from_civil(time);
        }
        let text = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).unwrap_or(text);
        let squeezed;
        let text = match text.rfind(' ') {
            // `2024-01-02 03:04:05 +0000`: the blank before the offset is no part of any standard form
            Some(at) if at > 10 && text[at + 1..].starts_with(['+', '-', 'Z']) => {
                squeezed = format!("{}{}", &text[..at], &text[at + 1..]);
                &squeezed
            }
            _ => text,
        };
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Some(Self(timestamp.as_microsecond()));
        }
        text.parse::<DateTime>().ok().and_then(from_civil)
    }

    /// The day it falls on.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(MICROS_PER_DAY) as i32)
    }

    /// This moment and `days` more (or fewer) of 24 hours.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(MICROS_PER_DAY)))
    }
}

/// `YYYY-MM-DD[T ]hh:mm:ss[.fraction][Z]`, by far the most common shape.
fn parse_plain(text: &[u8]) -> Option<Moment> {
    let digits = |range: std::ops::Range<usize>| -> Option<i64> {
        text[range]
            .iter()
            .try_fold(0i64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
    };
    if text.len() < 19 || text[4] != b'-' || text[7] != b'-' || text[13] != b':' || text[16] != b':' {
        return None;
    }
    if !matches!(text[10], b'T' | b' ' | b't') {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    let mut rest = &text[19..];
    let mut micros = 0i64;
    if let Some((b'.', fraction)) = rest.split_first() {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        for position in 0..6 {
            let digit = fraction.get(position).filter(|_| position < length);
            micros = micros * 10 + digit.map_or(0, |byte| i64::from(byte - b'0'));
        }
        rest = &fraction[length..];
    }
    if !matches!(rest, b"" | b"Z" | b"z") || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let day = Day::from_calendar(year as i16, month as i8, day as i8)?;
    let seconds = i64::from(day.0) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Moment(seconds * MICROS_PER_SECOND + micros))
}

fn from_civil(time: DateTime) -> Option<Moment> {
    let zoned = TimeZone::UTC.to_ambiguous_timestamp(time).unambiguous().ok()?;
    Some(Moment(zoned.as_microsecond()))
}

impl Day {
    /// The day with this date of the Gregorian calendar, if there is one.
    pub fn from_calendar(year: i16, month: i8, day: i8) -> Option<Self> {
        // days from civil, H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"
        let date = Date::new(year, month, day).ok()?;
        let (y, m, d) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
        let y = if m <= 2 { y - 1 } else { y };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let day_of_year = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self((era * 146_097 + day_of_era - 719_468) as i32))
    }

    /// Its first moment.
    pub fn start(self) -> Moment {
        Moment(i64::from(self.0) * MICROS_PER_DAY)
    }

    /// This day and `days` more (or fewer).
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The same calendar day a year earlier (29 February becomes 28 February).
    #[must_use]
    pub fn year_earlier(self) -> Self {
        let date = Timestamp::from_second(i64::from(self.0) * 86_400)
            .ok()
            .map(|timestamp| TimeZone::UTC.to_datetime(timestamp).date());
        date.and_then(|date| date.checked_sub(jiff::Span::new().years(1)).ok())
            .and_then(|date| Self::from_calendar(date.year(), date.month(), date.day()))
            .unwrap_or(Self(self.0.saturating_sub(365)))
    }

    /// Days from `earlier` to this day; negative if this day comes first.
    pub fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(i64::from(self.0) * 86_400) {
            Ok(timestamp) => write!(f, "{}", TimeZone::UTC.to_datetime(timestamp).date()),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp}"),
            Err(_) => write!(f, "{} µs after 1970-01-01T00:00:00Z", self.0),
        }
    }
}

impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text, BareDate::Start).ok_or_else(|| serde::de::Error::custom("expected a moment"))
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Moment::deserialize(deserializer).map(Moment::day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: Option<&str>) {
        let read = Moment::parse(text, BareDate::End).map(|moment| moment.to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }

    #[test]
    fn every_shape_of_real_inputs() {
        reads("2025-03-20T07:00:00.000+0000", Some("2025-03-20T07:00:00Z"));
        reads("2029-08-18T13:19:55", Some("2029-08-18T13:19:55Z"));
        reads("2024-02-03T04:05:52.0Z", Some("2024-02-03T04:05:52Z"));
        reads("2024-06-18T22:01:39+03:00", Some("2024-06-18T19:01:39Z"));
        reads("2024-06-12T22:09:39.881923Z", Some("2024-06-12T22:09:39.881923Z"));
        reads("2024-06-12 22:09:39", Some("2024-06-12T22:09:39Z"));
        reads("2024-06-12 22:09:39 UTC", Some("2024-06-12T22:09:39Z"));
        reads("2024-06-12 22:09:39.5+02", Some("2024-06-12T20:09:39.5Z"));
        reads("2024-06-12 22:09:39 +0200", Some("2024-06-12T20:09:39Z"));
        reads("2024-06-12", Some("2024-06-12T23:59:59Z"));
        reads("294247-01-10T04:00:54.775Z", None);
        reads("2024-02-30T00:00:00Z", None);
        reads("soon", None);
        reads("", None);
    }

    #[test]
    fn days_agree_with_the_calendar_library() {
        for number in (-200_000..200_000).step_by(97) {
            let timestamp = Timestamp::from_second(i64::from(number) * 86_400).expect("in range");
            let date = TimeZone::UTC.to_datetime(timestamp).date();
            assert_eq!(Day::from_calendar(date.year(), date.month(), date.day()), Some(Day(number)));
        }
        let leap = Day::from_calendar(2024, 2, 29).expect("a leap day");
        assert_eq!(leap.year_earlier().to_string(), "2023-02-28");
    }
}
