//! The tokens that a Domainr/Fastly status look-up would give for a state, in
//! increasing precedence: services that rule by them today can compare.

use super::verdict::State;

/// The tokens, separated by blanks. `suffix`: the name is itself a public suffix.
pub(crate) fn domainr_status(state: State, suffix: bool, absent: bool, parked: bool) -> &'static str {
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
        (State::NotRegistrable, _) if suffix => "suffix",
        (State::NotRegistrable, _) => "reserved",
        (State::SpecialUse, _) => "invalid",
        (_, false) if parked => "active parked",
        (_, false) => "active",
        (_, true) => "undelegated active",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        let tokens = |state, suffix| domainr_status(state, suffix, false, false);
        assert_eq!(tokens(State::NotRegistrable, true), "suffix");
        assert_eq!(tokens(State::NotRegistrable, false), "reserved");
        assert_eq!(tokens(State::Active, false), "active");
        assert_eq!(domainr_status(State::Redemption, false, true, true), "undelegated active expiring");
    }
}
