//! The tokens that a Domainr/Fastly status look-up would give for a state, in
//! increasing precedence: services that rule by them today can compare.

use super::verdict::State;

/// The tokens, separated by blanks.
pub(crate) fn domainr_status(state: State, absent: bool, parked: bool) -> &'static str {
    match (state, absent) {
        (State::Redemption, false) if parked => "active parked expiring",
        (State::Redemption, false) => "active expiring",
        (State::Redemption, true) => "undelegated active expiring",
        (State::PendingDelete, false) if parked => "active parked deleting",
        (State::PendingDelete, false) => "active deleting",
        (State::PendingDelete, true) => "undelegated active deleting",
        (State::Available, _) => "undelegated inactive",
        (State::Absent, _) => "undelegated",
        (State::Unknown, _) => "unknown",
        (State::NotRegistrable, _) => "suffix",
        (State::SpecialUse, _) => "invalid",
        (_, false) if parked => "active parked",
        (_, false) => "active",
        (_, true) => "undelegated active",
    }
}
