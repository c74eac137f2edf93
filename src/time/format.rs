//! A form of times that the user names, because it could be read in two ways.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::fmt::strtime::{self, BrokenDownTime};

use super::calendar::{self, TimeOfDay};
use super::{BareDate, Moment, trim};

/// 2024-02-13T16:05:06Z. Its parts are all different numbers, so a pattern that mixes them up does not read back what it
/// wrote.
const SAMPLE: i64 = 1_707_840_306;

/// A pattern of `strftime`, such as `%d/%m/%Y %H:%M`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeFormat(Arc<str>);

impl TimeFormat {
    /// Accepts a pattern that names a whole date; the error says what is missing.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        let sample = Timestamp::from_second(SAMPLE).map_err(|error| error.to_string())?;
        let written = strtime::format(pattern, sample).map_err(|error| error.to_string())?;
        let format = Self(pattern.into());
        let read = BrokenDownTime::parse(pattern, &written).map_err(|error| error.to_string())?;
        let expected = Moment::from_unix_seconds(SAMPLE);
        let found = format.read(&written, BareDate::Start).filter(|moment| moment.day() == expected.day());
        match found {
            None => Err("it does not name day, month and year".to_owned()),
            Some(moment)
                if read.hour().is_some_and(|_| moment.0 / 3_600_000_000 != expected.0 / 3_600_000_000) =>
            {
                Err("it does not tell morning from afternoon".to_owned())
            }
            Some(_) => Ok(format),
        }
    }

    /// Reads a time that is written in exactly this form.
    pub(crate) fn read(&self, text: &str, bare: BareDate) -> Option<Moment> {
        let parts = BrokenDownTime::parse(&*self.0, trim(text)).ok()?;
        if let Some(timestamp) = parts.timestamp() {
            return Some(Moment(timestamp.as_microsecond()));
        }
        let date = parts.to_date().ok()?;
        let day = calendar::day(date.year().into(), date.month().into(), date.day().into())?;
        if parts.hour().is_none() {
            return Some(bare.of(day));
        }
        let time = parts.to_time().ok()?;
        let seconds =
            i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        let clock = TimeOfDay { seconds, micros: i64::from(time.subsec_nanosecond()) / 1000 };
        calendar::moment(day, clock, parts.offset().map_or(0, |offset| offset.seconds().into()))
    }
}
