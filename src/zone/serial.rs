//! SOA serials, and the date of a zone.
//!
//! A zone is as new as the later of two dates: the one in its serial, and the newest inception of its signatures
//! ([`super::inception`]). Each counts only if it is not more than a day after the as-of time. If the newest inception
//! is later than that, no signature counts: older ones beside it show no more than that the zone is newer. A serial of
//! years ago is common; so is one that encodes no date at all.
//!
//! A serial is read first as `YYYYMMDDnn` (RFC 1912, section 2.2), then as Unix time (Verisign and many others use
//! it). A date from before the practice existed:
//! is implausible: before 1985 for calendar dates (the first domain names), before 2000 for Unix times. Without any
//! plausible date the time of the file takes its place.

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
        /// The newest inception of its signatures.
        Signature = "signature",
        /// The serial, read as `YYYYMMDDnn`.
        SerialDate = "serial_date",
        /// The serial, read as Unix time.
        SerialTime = "serial_time",
        /// The time the file was last changed: the zone never counts as fresh.
        FileTime = "file_time",
    }
}

impl DateSource {
    /// Reads the name in a stored snapshot. Earlier versions called [`DateSource::SerialTime`] `serial_unix`.
    pub(crate) fn read_stored<'de, D: serde::Deserializer<'de>>(stored: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(stored)?;
        let name = if name == "serial_unix" { Self::SerialTime.name() } else { &*name };
        Self::from_name(name).ok_or_else(|| serde::de::Error::unknown_variant(name, Self::NAMES))
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
    /// Dates a zone: by `given`; else by the later of its serial and its signatures; else by the file's time (else
    /// 1970-01-01: never fresh).
    pub(crate) fn of(
        given: Option<Moment>,
        (serial, signed_at): (Option<Serial>, Option<Moment>),
        file_time: Option<Moment>,
        as_of: Moment,
    ) -> Self {
        if let Some(moment) = given {
            return Self { moment, source: DateSource::Given };
        }
        let dated = |moment: Option<Moment>, source| {
            let moment = moment.filter(|moment| *moment <= as_of.plus_days(1))?;
            Some(Self { moment, source })
        };
        let calendar = serial.and_then(Serial::calendar_date).map(Day::start);
        let by_serial = dated(calendar, DateSource::SerialDate)
            .or_else(|| dated(serial.and_then(Serial::unix_time), DateSource::SerialTime));
        let by_signature = dated(signed_at, DateSource::Signature);
        let later = by_signature.into_iter().chain(by_serial).max_by_key(|date| date.moment);
        let by_file = Self { moment: file_time.unwrap_or(Moment(0)), source: DateSource::FileTime };
        later.unwrap_or(by_file)
    }

    /// The day.
    pub fn day(&self) -> Day {
        self.moment.day()
    }
}

impl Serial {
    /// Whether it reads as a date, be it in the future.
    pub(crate) fn reads_as_date(self) -> bool {
        self.calendar_date().is_some() || self.unix_time().is_some()
    }

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
        dates_both(serial, None, day, source);
    }

    /// A zone of this serial and newest inception.
    #[track_caller]
    fn dates_both(serial: u32, signed_at: Option<&str>, day: &str, source: DateSource) {
        let moment = |text: &str| Moment::parse(text, BareDate::Start).expect("a date");
        let (as_of, file_time) = (moment("2025-08-27"), Some(moment("2026-11-23")));
        let told = (Some(Serial(serial)), signed_at.map(moment));
        let date = ZoneDate::of(None, told, file_time, as_of);
        assert_eq!((date.day().to_string().as_str(), date.source), (day, source), "{serial} {signed_at:?}");
    }

    #[test]
    fn serials_of_real_zones() {
        dates(2_025_082_610, "2025-08-26", DateSource::SerialDate);
        dates(1_756_261_502, "2025-08-27", DateSource::SerialTime);
        dates(1_668_418_506, "2022-11-14", DateSource::SerialTime);
        // day of the year in a `YYYYDDDnnn` serial: neither of the two readings
        dates(2_025_239_030, "2026-11-23", DateSource::FileTime);
        dates(2_026_081_901, "2026-11-23", DateSource::FileTime);
        dates(930_311, "2026-11-23", DateSource::FileTime);
        dates(1, "2026-11-23", DateSource::FileTime);
        dates(2_025_082_800, "2025-08-28", DateSource::SerialDate);
    }

    #[test]
    fn the_later_of_serial_and_signature() {
        dates_both(2_013_010_100, Some("2025-08-26T03:00:00Z"), "2025-08-26", DateSource::Signature);
        dates_both(1, Some("2025-08-26T03:00:00Z"), "2025-08-26", DateSource::Signature);
        dates_both(2_025_082_600, Some("2025-08-26T03:00:00Z"), "2025-08-26", DateSource::Signature);
        dates_both(2_025_082_700, Some("2025-08-26T03:00:00Z"), "2025-08-27", DateSource::SerialDate);
        dates_both(1_756_261_502, Some("2025-08-20"), "2025-08-27", DateSource::SerialTime);
        // one that is later than a day after as-of does not count
        dates_both(2_025_082_600, Some("2025-08-28T00:00:01Z"), "2025-08-26", DateSource::SerialDate);
        dates_both(1, Some("2025-08-28T00:00:01Z"), "2026-11-23", DateSource::FileTime);
        dates_both(2_026_081_901, Some("2025-08-28"), "2025-08-28", DateSource::Signature);
    }

    #[test]
    fn a_name_of_earlier_versions() {
        let read = |name: &str| {
            let text = format!("\"{name}\"");
            DateSource::read_stored(&mut serde_json::Deserializer::from_str(&text)).ok()
        };
        assert_eq!(read("serial_unix"), Some(DateSource::SerialTime));
        assert_eq!(read("serial_time"), Some(DateSource::SerialTime));
        assert_eq!(read("serial_day"), None);
    }

    #[test]
    fn serial_arithmetic() {
        assert!(Serial(1) > Serial(0) && Serial(0) > Serial(u32::MAX) && Serial(0x7fff_ffff) > Serial(0));
        assert_eq!(Serial(0).partial_cmp(&Serial(0x8000_0000)), None);
    }
}
