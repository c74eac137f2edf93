//! Times as numbers: Unix time in four units, Windows FILETIME, and calendar dates run together.
//!
//! The magnitude tells the unit, because times of verification and of fetching are within a few decades. The ranges do
//! not overlap:
//!
//! | whole part | unit | from | to |
//! |---|---|---|---|
//! | 8 digits | a date, `YYYYMMDD` | | |
//! | 9 or 10 digits | seconds | 1973-03-03 | 2099-12-31 |
//! | 13 digits | milliseconds | 2001-09-09 | 2099-12-31 |
//! | 14 digits | a time, `YYYYMMDDhhmmss` | | |
//! | 16 digits | microseconds | 2001-09-09 | 2099-12-31 |
//! | 18 digits, from 116444736000000000 | FILETIME: 100 ns since 1601 | 1970-01-01 | 2099-12-31 |
//! | 19 digits | nanoseconds | 2001-09-09 | 2099-12-31 |
//!
//! Everything else is not read: smaller numbers (`0` is "never" to some and "unknown" to others; as 1970 it would make
//! every later registration look like a theft), 12 digits (milliseconds before 2001, or a date with a year of two
//! digits), the far future (`9223372036854775807`), negative numbers. Digits are counted exactly, never by way of
//! floating point.

use super::{BareDate, MICROS_PER_SECOND, Moment, calendar};

/// The first second that is read: 1973-03-03T09:46:40Z. With fewer digits it is something else.
const FIRST_SECOND: u64 = 100_000_000;
/// The first number of the other units, in their own digits: 2001-09-09T01:46:40Z in seconds.
const FIRST_FINER: u64 = 1_000_000_000;
/// The first second that is not read: 2100-01-01T00:00:00Z.
const END: u64 = 4_102_444_800;
/// From 1601-01-01, where FILETIME begins, to 1970-01-01, in 100 ns.
const FILETIME_OF_1970: u64 = 116_444_736_000_000_000;
const TICKS_PER_SECOND: u64 = 10_000_000;
/// Digits after the point that can matter: seconds are read to the microsecond, milliseconds to 10⁻³ of it.
const FRACTION_DIGITS: u32 = 9;

/// A number that is not negative, as written in decimal: `17`, `17.0`, `1.7E1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decimal {
    whole: u64,
    /// In 10⁻⁹; what is finer is cut off.
    billionths: u64,
}

/// Reads a number as a time.
pub(super) fn read(text: &str, bare: BareDate) -> Option<Moment> {
    let number = Decimal::read(text)?;
    let Decimal { whole, billionths } = number;
    let micros = |per_second: u64| (FIRST_FINER * per_second..END * per_second).contains(&whole);
    match whole {
        10_000_000..100_000_000 if billionths == 0 => calendar::read(&whole.to_string(), bare),
        FIRST_SECOND..END => Some(number.seconds()),
        _ if micros(1_000) => number.milliseconds(),
        10_000_000_000_000..100_000_000_000_000 => {
            let time = calendar::read(&whole.to_string(), bare)?;
            Some(Moment(time.0.saturating_add((billionths / 1000) as i64)))
        }
        _ if micros(1_000_000) => Some(Moment(whole as i64)),
        _ if micros(1_000_000_000) => Some(Moment((whole / 1000) as i64)),
        FILETIME_OF_1970.. if whole < FILETIME_OF_1970 + END * TICKS_PER_SECOND => {
            Some(Moment(((whole - FILETIME_OF_1970) / 10) as i64))
        }
        _ => None,
    }
}

/// Reads a number of milliseconds since 1970, whatever its magnitude.
pub(super) fn read_milliseconds(text: &str) -> Option<Moment> {
    Decimal::read(text)?.milliseconds()
}

/// Reads a number of seconds since 1970 and one of nanoseconds more.
pub(super) fn read_seconds(seconds: &str, nanos: &str) -> Option<Moment> {
    let (seconds, nanos) = (Decimal::read(seconds)?, Decimal::read(nanos)?);
    let plausible = (FIRST_SECOND..END).contains(&seconds.whole) && nanos.whole < 1_000_000_000;
    plausible.then(|| Moment(seconds.seconds().0.saturating_add((nanos.whole / 1000) as i64)))
}

/// Reads `/Date(1709528767000)/` and `/Date(1709528767000+0100)/`, as .NET writes milliseconds; what comes after the
/// sign is the zone of the writer, and changes nothing.
pub(super) fn read_dot_net(text: &str) -> Option<Moment> {
    let inside = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    read_milliseconds(inside.split_once(['+', '-']).map_or(inside, |(before, _)| before))
}

impl Decimal {
    /// Reads a number; `None` for one with a sign, one that is not a number, or one beyond 19 digits.
    fn read(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i8>().ok()?),
            None => (text, 0),
        };
        let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if before.is_empty() || !is_number(before) || !is_number(after) {
            return None;
        }
        // the point comes after this many digits
        let point = i64::try_from(before.len()).ok()? + i64::from(exponent);
        let (mut whole, mut billionths) = (0u64, 0u64);
        for (place, digit) in before.bytes().chain(after.bytes()).enumerate() {
            let (place, digit) = (i64::try_from(place).ok()?, u64::from(digit - b'0'));
            if place < point {
                whole = whole.checked_mul(10)?.checked_add(digit)?;
            } else if place - point < i64::from(FRACTION_DIGITS) {
                billionths += digit * 10u64.pow(FRACTION_DIGITS - 1 - (place - point) as u32);
            } else {
                break;
            }
        }
        let missing = point - i64::try_from(before.len() + after.len()).ok()?;
        for _ in 0..missing.max(0) {
            whole = whole.checked_mul(10)?;
        }
        Some(Self { whole, billionths })
    }

    /// As seconds since 1970; they are within [`END`].
    fn seconds(self) -> Moment {
        Moment(self.whole as i64 * MICROS_PER_SECOND + (self.billionths / 1000) as i64)
    }

    /// As milliseconds since 1970, if these are within the range of seconds.
    fn milliseconds(self) -> Option<Moment> {
        let plausible = (FIRST_SECOND * 1000..END * 1000).contains(&self.whole);
        plausible.then(|| Moment(self.whole as i64 * 1000 + (self.billionths / 1_000_000) as i64))
    }
}
