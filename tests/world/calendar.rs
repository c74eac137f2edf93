//! Days and dates, without a crate: the proleptic Gregorian calendar, all in UTC.
//!
//! Moments are seconds since 1970-01-01T00:00:00Z, days are counted from the same day.

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// The day on which the sample is judged, 2026-06-01T00:00:00Z (`--as-of 2026-06-01`).
pub const AS_OF: i64 = 20_605 * DAY;

/// Year, month and day of a day. Source: Howard Hinnant, "chrono-compatible low-level date algorithms".
pub fn date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, of_month)
}

/// `2026-05-31` for a moment.
pub fn date_text(moment: i64) -> String {
    let (year, month, day) = date(moment.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-05-31T04:00:00`, with no zone, for a moment.
pub fn local_text(moment: i64) -> String {
    let second = moment.rem_euclid(DAY);
    format!("{}T{:02}:{:02}:{:02}", date_text(moment), second / 3_600, second / 60 % 60, second % 60)
}

/// `2026-05-31T04:00:00Z` for a moment (RFC 3339).
pub fn text(moment: i64) -> String {
    local_text(moment) + "Z"
}
