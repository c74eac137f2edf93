//! Accounts in the order in which a person should deal with them, however many there are.
//!
//! The order: the strongest action first, then the highest risk, then the earliest day on which others can register the
//! domain, then the greatest weight, then the order of the input. So it is total, and does not depend on how many
//! threads work or how much memory they have.
//!
//! [`cells`] makes a line of an account; [`lines`] sorts lines, on disk if they are many. `at_risk.csv` is written this
//! way while accounts are judged, and `zonelapse show` reads a finished report this way. Both give the same lines.

pub(crate) mod cells;
mod inert;
pub(crate) mod lines;
mod run;

use crate::assess::{Action, Risk};
use crate::census::rows::MISSING;
use crate::time::Day;

/// What sorts accounts: the most urgent is the least.
///
/// All of it in two numbers, which are compared and stored as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct AccountUrgency {
    /// Action, risk, day and weight, each so that the more urgent is less.
    class: u128,
    /// The place in the input.
    row: u64,
}

impl AccountUrgency {
    /// Bytes as it is stored.
    const BYTES: usize = 24;

    /// That of an account, `row` being its place in the input.
    pub(crate) fn of(
        (action, risk): (Action, Risk),
        earliest: Option<Day>,
        weight: Option<i64>,
        row: u64,
    ) -> Self {
        let verdict = u128::from(u8::MAX - action as u8) << 8 | u128::from(u8::MAX - risk as u8);
        // a missing day comes after all days, a missing weight after all weights
        let day = earliest.map_or(i32::MAX, |day| day.0) as u32 ^ 1 << 31;
        let weight = !(weight.unwrap_or(MISSING) as u64 ^ 1 << 63);
        Self { class: verdict << 96 | u128::from(day) << 64 | u128::from(weight), row }
    }

    fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..16].copy_from_slice(&self.class.to_le_bytes());
        bytes[16..].copy_from_slice(&self.row.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let (class, row) = bytes.split_at(16);
        let class = class.try_into().map_or(0, u128::from_le_bytes);
        Self { class, row: row.try_into().map_or(0, u64::from_le_bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_is_the_least() {
        let of = |action, risk, day: Option<i32>, weight, row| {
            AccountUrgency::of((action, risk), day.map(Day), weight, row)
        };
        let sorted = [
            of(Action::Unverify, Risk::Critical, Some(-1), None, 9),
            of(Action::Unverify, Risk::Critical, Some(20_000), Some(i64::MAX), 9),
            of(Action::Unverify, Risk::Critical, Some(20_000), Some(1), 9),
            of(Action::Unverify, Risk::Critical, Some(20_000), Some(0), 9),
            of(Action::Unverify, Risk::Critical, Some(20_000), Some(-1), 9),
            of(Action::Unverify, Risk::Critical, Some(20_000), None, 9),
            of(Action::Unverify, Risk::Critical, Some(20_001), Some(5), 9),
            of(Action::Unverify, Risk::Critical, None, Some(5), 8),
            of(Action::Unverify, Risk::Critical, None, Some(5), 9),
            of(Action::Unverify, Risk::High, Some(1), Some(5), 0),
            of(Action::Review, Risk::Critical, Some(1), None, 0),
            of(Action::Lookup, Risk::Critical, None, None, 0),
            of(Action::Notify, Risk::Low, None, None, 0),
            of(Action::None, Risk::Unknown, None, None, 0),
            of(Action::None, Risk::None, None, None, 0),
        ];
        assert!(sorted.is_sorted_by(|a, b| a < b), "{sorted:?}");
        assert!(sorted.iter().all(|it| AccountUrgency::from_bytes(it.to_bytes()) == *it));
    }
}
