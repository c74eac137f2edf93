//! Moments and days, and the one reader of times in all the forms that inputs use.
//!
//! Everything is UTC. A [`Moment`] counts microseconds, the resolution of the report's timestamps; a
//! [`Day`] is what serials and drop dates are made of. There are two ways in:
//!
//! * [`Moment::parse`]: text that is a date of the calendar, for options, decisions and RDAP events.
//! * [`Moment::read`], [`Moment::read_json`]: the same, and what exports write besides: numbers that count
//!   from an epoch, and JSON objects around a time. Accounts, RDAP envelopes and lists go this way.
//!
//! | form | example |
//! |---|---|
//! | RFC 3339, SQL | `2024-03-04T05:06:07Z`, `2024-03-04 05:06:07.5+02`, `2024/03/04 05:06` |
//! | ISO 8601, basic | `20240304T050607Z`, `20240304`, `20240304050607` |
//! | GeneralizedTime (RFC 4517, section 3.3.13) | `20240304050607.0Z`, `202403040506+0100` |
//! | day first, with dots | `04.03.2024`, `4.3.2024 05:06` |
//! | HTTP and mail (RFC 9110, section 5.6.7; RFC 5322, section 3.3) | `Mon, 04 Mar 2024 05:06:07 GMT` |
//! | RFC 850, asctime, `date` | `Monday, 04-Mar-24 05:06:07 GMT`, `Mon Mar  4 05:06:07 2024` |
//! | month by name | `04-Mar-2024`, `March 4, 2024 5:06 AM` |
//! | Unix time: seconds, milli-, micro-, nanoseconds | `1709528767`, `1709528767.5`, `1.709528767E18` |
//! | Windows FILETIME | `133540023670000000` |
//! | JSON around a time | `{"$date":{"$numberLong":"1709528767000"}}`, `{"seconds":1709528767,"nanos":0}` |
//!
//! A time without a zone is UTC. A date without a time is what [`BareDate`] says. Fractions may have any
//! length; what is finer than a microsecond is cut off. Second 60 is read as 59: a leap second has no
//! number in Unix time. **A text that can be read two ways is not read**: `03/04/2024`, `3-4-2024`,
//! years of two digits without a weekday that settles the century. A [`TimeFormat`] names such a form.

mod calendar;
mod cursor;
mod format;
mod json;
mod named;
mod number;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub(crate) use format::TimeFormat;

const MICROS_PER_SECOND: i64 = 1_000_000;
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// A point in time, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// A calendar day (UTC), in days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// What a date without a time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareDate {
    /// 00:00:00 on that day.
    Start,
    /// The last second of that day, 23:59:59.
    End,
}

impl Moment {
    /// Now, by the system's clock.
    pub fn now() -> Self {
        Self(Timestamp::now().as_microsecond())
    }

    /// The same without the fraction of its second.
    pub(crate) fn whole_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1_000_000))
    }

    /// From seconds since 1970-01-01T00:00:00Z.
    pub(crate) fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Reads a calendar date, with or without a time; `None` if the text is something else.
    pub fn parse(text: &str, bare: BareDate) -> Option<Self> {
        let text = trim(text);
        calendar::read(text, bare).or_else(|| named::read(text, bare))
    }

    /// Reads a time in any form: what [`Moment::parse`] reads, a number since an epoch, JSON around a time.
    pub fn read(text: &str, bare: BareDate) -> Option<Self> {
        let text = trim(text);
        match text.as_bytes() {
            [b'{' | b'"', ..] => json::read(text, bare),
            // by far the most common form
            [_, _, _, _, b'-', ..] => Self::parse(text, bare),
            [b'0'..=b'9', ..] => number::read(text, bare).or_else(|| Self::parse(text, bare)),
            _ => number::read_dot_net(text).or_else(|| Self::parse(text, bare)),
        }
    }

    /// Reads a time in any form from a JSON value as written: a string, a number or an object.
    pub fn read_json(raw: &str, bare: BareDate) -> Option<Self> {
        json::read(trim(raw), bare)
    }

    /// The moment as text, or the day alone if it is the first of that day.
    pub(crate) fn day_or_time(self) -> String {
        if self.day().start() == self { self.day().to_string() } else { self.to_string() }
    }

    /// The day it is on.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(MICROS_PER_DAY) as i32)
    }

    /// This moment and `days` more (or fewer) of 24 hours.
    #[must_use]
    pub(crate) fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(MICROS_PER_DAY)))
    }
}

/// Removes what exports leave around a value: blanks of any script, and characters that show nothing.
pub(crate) fn trim(text: &str) -> &str {
    if let ([first, ..], [.., last]) = (text.as_bytes(), text.as_bytes())
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return text;
    }
    text.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

/// Whether a character shows nothing, takes no room and means nothing at the end of a text: zero-width space, marks of
/// direction, byte order mark. Joiners are not among them, because words of some scripts end with one.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}'
    )
}

impl BareDate {
    /// The moment that a day without a time means.
    fn of(self, day: Day) -> Moment {
        match self {
            Self::Start => day.start(),
            Self::End => Moment(day.plus(1).start().0 - MICROS_PER_SECOND),
        }
    }
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
        Moment(i64::from(self.0).saturating_mul(MICROS_PER_DAY))
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
