//! When signatures of a zone began to be valid: the newest inception dates the zone.
//!
//! A registry signs a record at or after the inception it writes, so a zone is at least as new as the newest inception
//! in it: a lower bound, hence safe. Signatures are the bulk of a signed zone, so only those in its first megabyte are
//! looked at ([`super::peek`]).
//!
//! The inception is the sixth word of an RRSIG record, in one of two forms (RFC 4034, section 3.2): `YYYYMMDDHHmmSS`,
//! or seconds since 1970 in at most ten digits. The seconds have 32 bits and are compared as RFC 1982 says (RFC 4034,
//! section 3.1.5): of all moments they can mean, the one nearest to as-of counts. Inceptions from before 2000 are
//! older than DNSSEC and tell nothing.

use crate::time::{Day, Moment};

/// The place of the inception among the words of an RRSIG record.
pub(super) const INCEPTION_WORD: usize = 5;
/// 2000-01-01T00:00:00Z, in seconds.
const FIRST_SECONDS: i64 = 946_684_800;
const DAY_SECONDS: i64 = 86_400;

/// The words of an RRSIG record up to its inception.
pub(super) fn up_to_inception(words: &[u8]) -> &[u8] {
    let mut ends = words
        .iter()
        .enumerate()
        .filter(|(place, byte)| **byte != b' ' && words.get(place + 1).is_none_or(|next| *next == b' '));
    ends.nth(INCEPTION_WORD).map_or(words, |(place, _)| &words[..=place])
}

/// The inception among the words of an RRSIG record, if there is a plausible one.
pub(super) fn inception(words: &[u8], as_of: Moment) -> Option<Moment> {
    let word = words.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).nth(INCEPTION_WORD)?;
    if !word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number =
        |digits: &[u8]| digits.iter().fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0'));
    let seconds = match word.len() {
        14 => {
            let field = |from: usize, to: usize| number(&word[from..to]);
            let (year, month, day) = (field(0, 4), field(4, 6), field(6, 8));
            let (hour, minute, second) = (field(8, 10), field(10, 12), field(12, 14));
            let day = Day::from_calendar(
                i16::try_from(year).ok()?,
                i8::try_from(month).ok()?,
                i8::try_from(day).ok()?,
            )?;
            // 60 is a leap second
            if hour > 23 || minute > 59 || second > 60 {
                return None;
            }
            i64::from(day.0) * DAY_SECONDS + hour * 3600 + minute * 60 + second
        }
        1..=10 => {
            let now = as_of.0.div_euclid(1_000_000);
            let ahead = u32::try_from(number(word)).ok()?.wrapping_sub(now.rem_euclid(1 << 32) as u32);
            now + i64::from(ahead.cast_signed())
        }
        _ => return None,
    };
    (seconds >= FIRST_SECONDS).then(|| Moment::from_unix_seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BareDate;

    #[track_caller]
    fn begins(words: &str, expected: Option<&str>) {
        let moment = |text: &str| Moment::parse(text, BareDate::Start).expect("a moment");
        let as_of = moment("2026-06-01T12:00:00Z");
        assert_eq!(inception(words.as_bytes(), as_of), expected.map(moment), "{words}");
        assert_eq!(inception(up_to_inception(words.as_bytes()), as_of), expected.map(moment), "cut: {words}");
    }

    #[test]
    fn inceptions() {
        let long = "NS 8 2 3600 20260614000000 20260531213015 1234 example. AbC+/== dEf";
        begins(long, Some("2026-05-31T21:30:15Z"));
        begins("soa 13 1 900  1780000000 1779000000 1 a. x", Some("2026-05-17T06:40:00Z"));
        begins("SOA 8 1 900 20260614000000 20260531213015", Some("2026-05-31T21:30:15Z"));
        begins("SOA 8 1 900 20260614000000", None);
        begins("", None);
        for faulty in
            ["2026053121301", "20260532000000", "20260531240000", "20260531006000", "2026053100000x", "-1"]
        {
            begins(&format!("SOA 8 1 900 20260614000000 {faulty} 1 a. x"), None);
        }
        // from before DNSSEC, and more than 32 bits
        for odd in ["0", "19700101000000", "19991231235959", "4294967296", "9999999999"] {
            begins(&format!("SOA 8 1 900 1 {odd} 1 a. x"), None);
        }
        begins("SOA 8 1 900 1 20000101000000 1 a. x", Some("2000-01-01T00:00:00Z"));
    }

    /// The seconds turn over in 2106.
    #[test]
    fn seconds_mean_the_nearest_moment() {
        let moment = |text: &str| Moment::parse(text, BareDate::Start).expect("a moment");
        let at = |seconds: u32, as_of: &str| {
            inception(format!("SOA 8 1 900 0 {seconds}").as_bytes(), moment(as_of))
        };
        assert_eq!(at(100, "2106-03-01"), Some(moment("2106-02-07T06:29:56Z")));
        assert_eq!(at(4_294_967_295, "2106-03-01"), Some(moment("2106-02-07T06:28:15Z")));
        assert_eq!(at(4_294_967_295, "2026-06-01"), None, "it means 1969");
    }
}
