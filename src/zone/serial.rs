//! SOA serials, and the date of a zone.
//!
//! A serial is read first as `YYYYMMDDnn` (RFC 1912, section 2.2), then as Unix time (Verisign and many others use
//! it). A date more than a day after the as-of time is implausible. So is one from before the practice existed:
//! before 1985 for calendar dates (the first domain names), before 2000 for Unix times. A serial without a plausible
//! date is not used, and the time of the file takes its place.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::time::{Day, Moment};

/// First year taken for a calendar date in a serial.
const FIRST_CALENDAR_YEAR: u32 = 1985;
/// 2000-01-01T00:00:00Z.
const FIRST_UNIX_SECONDS: u32 = 946_684_800;

/// The serial of a SOA record (RFC 1035, section 3.3.13), compared as RFC 1982, section 3.2 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub u32);

impl PartialOrd for Serial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.0.wrapping_sub(other.0) {
            0 => Some(Ordering::Equal),
            0x8000_0000 => None,
            difference if difference < 0x8000_0000 => Some(Ordering::Greater),
            _ => Some(Ordering::Less),
        }
    }
}

named_enum! {
    /// Where the date of a zone comes from.
    pub enum DateSource {
        /// The option `--date`.
        Given = "given",
        /// The serial, read as `YYYYMMDDnn`.
        SerialDate = "serial_date",
        /// The serial, read as Unix time.
        SerialUnix = "serial_unix",
        /// The time the file was last changed: the zone never counts as fresh.
        FileTime = "file_time",
    }
}

/// The date of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneDate {
    /// The moment; the start of the day where only the day is known.
    pub(crate) moment: Moment,
    /// Where it comes from.
    pub(crate) source: DateSource,
}

impl ZoneDate {
    /// Dates a zone: by `given`, else the serial, else the file's time (else 1970-01-01: never fresh).
    pub(crate) fn of(
        given: Option<Moment>,
        serial: Option<Serial>,
        file_time: Option<Moment>,
        as_of: Moment,
    ) -> Self {
        if let Some(moment) = given {
            return Self { moment, source: DateSource::Given };
        }
        let by_serial = serial.and_then(|serial| {
            let calendar = serial.calendar_date().map(|day| (day.start(), DateSource::SerialDate));
            let unix = serial.unix_time().map(|moment| (moment, DateSource::SerialUnix));
            let plausible = |(moment, _): &(Moment, DateSource)| *moment <= as_of.plus_days(1);
            calendar.filter(plausible).or(unix.filter(plausible))
        });
        match by_serial {
            Some((moment, source)) => Self { moment, source },
            None => Self { moment: file_time.unwrap_or(Moment(0)), source: DateSource::FileTime },
        }
    }

    /// The day.
    pub fn day(&self) -> Day {
        self.moment.day()
    }
}

impl Serial {
    fn calendar_date(self) -> Option<Day> {
        let (year, month, day) = (self.0 / 1_000_000, self.0 / 10_000 % 100, self.0 / 100 % 100);
        if year < FIRST_CALENDAR_YEAR {
            return None;
        }
        Day::from_calendar(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
    }

    fn unix_time(self) -> Option<Moment> {
        (self.0 >= FIRST_UNIX_SECONDS).then(|| Moment::from_unix_seconds(i64::from(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BareDate;

    #[track_caller]
    fn dates(serial: u32, day: &str, source: DateSource) {
        let as_of = Moment::parse("2025-08-27", BareDate::Start).expect("a date");
        let file_time = Moment::parse("2026-11-23", BareDate::Start);
        let date = ZoneDate::of(None, Some(Serial(serial)), file_time, as_of);
        assert_eq!((date.day().to_string().as_str(), date.source), (day, source), "{serial}");
    }

    #[test]
    fn serials_of_real_zones() {
        dates(2_025_082_610, "2025-08-26", DateSource::SerialDate);
        dates(1_756_261_502, "2025-08-27", DateSource::SerialUnix);
        dates(1_668_418_506, "2022-11-14", DateSource::SerialUnix);
        // day of the year in a `YYYYDDDnnn` serial: neither of the two readings
        dates(2_025_239_030, "2026-11-23", DateSource::FileTime);
        dates(2_026_081_901, "2026-11-23", DateSource::FileTime);
        dates(930_311, "2026-11-23", DateSource::FileTime);
        dates(1, "2026-11-23", DateSource::FileTime);
        dates(2_025_082_800, "2025-08-28", DateSource::SerialDate);
    }

    #[test]
    fn serial_arithmetic() {
        assert!(Serial(1) > Serial(0) && Serial(0) > Serial(u32::MAX) && Serial(0x7fff_ffff) > Serial(0));
        assert_eq!(Serial(0).partial_cmp(&Serial(0x8000_0000)), None);
    }
}
