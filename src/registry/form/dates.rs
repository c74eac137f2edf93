//! Times as a list writes them: a form, a zone, and what is added to a bare date.
//!
//! Texts go through the one reader of times (`time`). Local times are few and their rules old: the summer time of the
//! European Union (Directive 2000/84/EC: from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of
//! October), and fixed offsets. So no table of zones is built in, and any other zone must be given as an offset. In the
//! hour that a clock shows twice, the first is meant.
//!
//! **A bare date is a day of UTC**, whatever the zone: nobody shifts the day on which a name was registered. A zone
//! counts only where a time of day is told. A zone written beside a time wins over that of the form.

use serde::Deserialize;

use crate::time::{BareDate, Moment, TimeFormat};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Offsets with names that lists write beside a time: seconds ahead of UTC.
const ZONE_WORDS: &[(&str, i64)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("WET", 0),
    ("WEST", HOUR),
    ("CET", HOUR),
    ("MET", HOUR),
    ("MEZ", HOUR),
    ("CEST", 2 * HOUR),
    ("MEST", 2 * HOUR),
    ("MESZ", 2 * HOUR),
    ("EET", 2 * HOUR),
    ("EEST", 3 * HOUR),
    ("MSK", 3 * HOUR),
    ("AEST", 10 * HOUR),
    ("AEDT", 11 * HOUR),
];

/// Places with the summer time of the European Union: seconds ahead of UTC in winter.
const EUROPE: &[(i64, &[&str])] = &[
    (0, &["Lisbon", "Dublin", "London"]),
    (
        HOUR,
        &[
            "Amsterdam",
            "Belgrade",
            "Berlin",
            "Bratislava",
            "Brussels",
            "Budapest",
            "Copenhagen",
            "Ljubljana",
            "Luxembourg",
            "Madrid",
            "Malta",
            "Oslo",
            "Paris",
            "Prague",
            "Rome",
            "Stockholm",
            "Vienna",
            "Warsaw",
            "Zagreb",
            "Zurich",
        ],
    ),
    (2 * HOUR, &["Athens", "Bucharest", "Helsinki", "Kyiv", "Riga", "Sofia", "Tallinn", "Vilnius"]),
];

/// The zone of local times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListZone {
    /// So many seconds ahead of UTC.
    Fixed(i64),
    /// So many seconds in winter, and an hour more in summer.
    European(i64),
}

impl ListZone {
    /// `UTC`, an offset such as `+03:00`, or a place such as `Europe/Rome`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if let Some(place) = text.strip_prefix("Europe/") {
            let known = EUROPE.iter().find(|(_, places)| places.contains(&place))?;
            return Some(Self::European(known.0));
        }
        zone_word(text).or_else(|| offset(text)).map(Self::Fixed)
    }

    /// The moment at which a clock in this zone shows what a clock in UTC shows at `local`.
    pub(crate) fn to_utc(self, local: Moment) -> Moment {
        let earlier = |seconds: i64| Moment(local.0 - seconds * 1_000_000);
        match self {
            Self::Fixed(ahead) => earlier(ahead),
            Self::European(ahead) => {
                let summer = earlier(ahead + HOUR);
                if is_summer(summer) { summer } else { earlier(ahead) }
            }
        }
    }
}

/// Whether the European Union has summer time.
fn is_summer(moment: Moment) -> bool {
    let day = moment.day();
    let year: i16 = day.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    // 1970-01-01 was a Thursday, so Sundays are 3 days after a multiple of 7
    let last_sunday = |month| {
        let last = crate::time::Day::from_calendar(year, month, 31)?;
        Some(last.plus(-(last.0 - 3).rem_euclid(7)).start().0 + HOUR * 1_000_000)
    };
    match (last_sunday(3), last_sunday(10)) {
        (Some(from), Some(to)) => (from..to).contains(&moment.0),
        _ => false,
    }
}

fn zone_word(text: &str) -> Option<i64> {
    ZONE_WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, ahead)| *ahead)
}

/// `+3`, `-06`, `+0330`, `+03:30`, with `GMT` or `UTC` before it or not.
fn offset(text: &str) -> Option<i64> {
    let text = text.strip_prefix("GMT").or_else(|| text.strip_prefix("UTC")).unwrap_or(text);
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|letter| *letter != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * HOUR + minutes * 60))
}

/// How times are written, as a description of a list says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DatesText {
    /// A pattern of `strftime`; every form that the reader of times knows if none is given.
    form: Option<String>,
    /// The zone of local times.
    zone: Option<String>,
    /// The time of day that is meant by a bare date, `hh:mm` in UTC.
    time: Option<String>,
    /// A time of day, `hh:mm` in UTC: what is meant is the next such time after the one written.
    cycle: Option<String>,
}

/// How times are written.
#[derive(Debug, Clone)]
pub(crate) struct DateForm {
    form: Option<TimeFormat>,
    zone: ListZone,
    time: i64,
    cycle: Option<i64>,
}

impl DateForm {
    /// Understands a description; the error says what is wrong.
    pub(super) fn new(text: &DatesText) -> Result<Self, String> {
        let form =
            text.form.as_deref().map(TimeFormat::new).transpose().map_err(|why| format!("`form`: {why}"))?;
        let zone = match text.zone.as_deref() {
            None => ListZone::Fixed(0),
            Some(zone) => ListZone::read(zone).ok_or_else(|| {
                format!("`zone`: expected `UTC`, an offset such as `+03:00` or a place such as `Europe/Rome`, found `{zone}`")
            })?,
        };
        let clock = |name: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => read_clock(text)
                .map(Some)
                .ok_or_else(|| format!("`{name}`: expected `hh:mm`, found `{text}`")),
        };
        Ok(Self {
            form,
            zone,
            time: clock("time", &text.time)?.unwrap_or(0),
            cycle: clock("cycle", &text.cycle)?,
        })
    }

    /// Reads a time.
    pub(crate) fn read(&self, text: &str) -> Option<Moment> {
        let text = text.trim();
        let (rest, word) = match text.rsplit_once([' ', '\t']) {
            Some((rest, word)) => {
                match zone_word(word).or_else(|| word.starts_with(['G', 'U']).then(|| offset(word))?) {
                    Some(ahead) => (rest.trim_end(), Some(ahead)),
                    None => (text, None),
                }
            }
            None => (text, None),
        };
        let read = match &self.form {
            Some(form) => form.read(rest, BareDate::Start)?,
            None => Moment::read(rest, BareDate::Start)?,
        };
        let has_time = read.0.rem_euclid(DAY * 1_000_000) != 0 || rest.contains(':');
        let moment = match word {
            Some(ahead) => ListZone::Fixed(ahead).to_utc(read),
            None if has_time && !tells_zone(rest) => self.zone.to_utc(read),
            None if has_time => read,
            None => Moment(read.0 + self.time * 1_000_000),
        };
        Some(self.cycle.map_or(moment, |cycle| next_cycle(moment, cycle)))
    }
}

/// Whether a time is written with its zone: `Z`, or an offset after the time of day.
fn tells_zone(text: &str) -> bool {
    let after = text.find(':').map_or("", |at| &text[at..]);
    text.ends_with(['Z', 'z']) || after.contains(['+', '-'])
}

fn read_clock(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * HOUR + minutes * 60)
}

/// The next time of day `cycle` after a moment; exactly on it, that of the next day.
fn next_cycle(moment: Moment, cycle: i64) -> Moment {
    let today = Moment(moment.day().start().0 + cycle * 1_000_000);
    if moment < today { today } else { today.plus_days(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(form: Option<&str>, zone: Option<&str>) -> DatesText {
        DatesText { form: form.map(Into::into), zone: zone.map(Into::into), ..DatesText::default() }
    }

    #[track_caller]
    fn reads(text: &DatesText, written: &str, expected: Option<&str>) {
        let found = DateForm::new(text).expect("a form").read(written);
        assert_eq!(found.map(|moment| moment.to_string()).as_deref(), expected, "{written}");
    }

    #[test]
    fn zones_of_lists() {
        // Warsaw, by the word beside the time
        reads(&form(None, None), "2026-11-25 08:17:48 CET", Some("2026-11-25T07:17:48Z"));
        reads(&form(None, None), "2026-07-05 08:18:02 MEST", Some("2026-07-05T06:18:02Z"));
        // Rome, by the rule, on both sides of both changes
        let rome = form(Some("%Y%m%d%H"), Some("Europe/Rome"));
        reads(&rome, "2026112609", Some("2026-11-26T08:00:00Z"));
        reads(&rome, "2026072616", Some("2026-07-26T14:00:00Z"));
        let local = form(None, Some("Europe/Rome"));
        reads(&local, "2026-03-29 01:59:59", Some("2026-03-29T00:59:59Z"));
        reads(&local, "2026-03-29 03:00:00", Some("2026-03-29T01:00:00Z"));
        reads(&local, "2026-10-25 02:30:00", Some("2026-10-25T00:30:00Z"));
        reads(&local, "2026-10-25 03:00:00", Some("2026-10-25T02:00:00Z"));
        // Mexico
        reads(
            &form(Some("%d/%m/%y %H:%M:%S"), None),
            "25/11/26 03:00:16 GMT-6",
            Some("2026-11-25T09:00:16Z"),
        );
        // a zone in the text wins, and a bare date has none
        reads(&local, "2026-11-25T10:00:00Z", Some("2026-11-25T10:00:00Z"));
        reads(&local, "2026-11-09T10:00:08-03:00", Some("2026-11-09T13:00:08Z"));
        reads(&local, "2026-11-25", Some("2026-11-25T00:00:00Z"));
        reads(&form(Some("%d-%m-%Y"), None), "28-01-2022", Some("2022-01-28T00:00:00Z"));
        reads(&form(None, None), "03/04/2024", None);
    }

    #[test]
    fn time_of_day_and_cycle() {
        let clock = |time: Option<&str>, cycle: Option<&str>| DatesText {
            time: time.map(Into::into),
            cycle: cycle.map(Into::into),
            ..form(None, None)
        };
        reads(&clock(Some("04:00"), None), "2026-11-26", Some("2026-11-26T04:00:00Z"));
        let purge = DatesText { form: Some("%d/%m/%Y %H:%M:%S".into()), ..clock(None, Some("03:00")) };
        reads(&purge, "25/11/2026 15:04:50", Some("2026-11-26T03:00:00Z"));
        reads(&purge, "25/11/2026 02:59:59", Some("2026-11-25T03:00:00Z"));
        reads(&purge, "25/11/2026 03:00:00", Some("2026-11-26T03:00:00Z"));
        reads(&purge, "24/11/2026 23:10:00", Some("2026-11-25T03:00:00Z"));
    }

    #[test]
    fn mistakes_in_forms() {
        for text in [form(Some("%d"), None), form(None, Some("America/Bogota"))] {
            assert!(DateForm::new(&text).is_err(), "{text:?}");
        }
        assert_eq!(ListZone::read("-03:30"), Some(ListZone::Fixed(-12_600)));
        assert_eq!(ListZone::read("+25:00"), None);
    }
}
