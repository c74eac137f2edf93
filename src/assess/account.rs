//! What makes an account differ from its domain: the time at which its address was verified.

use super::reason::Reason;
use super::verdict::{Action, Risk, State, Verdict};
use crate::time::Moment;

/// Changes of hands that RDAP shows for a domain; all at or before as-of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// Registered.
    pub registered_at: Option<Moment>,
    /// Reinstantiated.
    pub reinstantiated_at: Option<Moment>,
    /// Reregistered.
    pub reregistered_at: Option<Moment>,
    /// Transferred between registrars.
    pub transferred_at: Option<Moment>,
    /// The zone holds it again after an absence of 35 days or more: the first moment after the last date on
    /// which it was seen absent. None if an answer fetched later shows a registration older than that.
    pub gap_ended_at: Option<Moment>,
}

impl Changes {
    /// The last of them.
    pub fn last(&self) -> Option<Moment> {
        let changes = [
            self.registered_at,
            self.reinstantiated_at,
            self.reregistered_at,
            self.transferred_at,
            self.gap_ended_at,
        ];
        changes.into_iter().flatten().max()
    }
}

/// What stands for one account in place of its domain's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountVerdict {
    /// State, risk, action and rule, if they are not the domain's.
    pub replaced: Option<(State, Risk, Action, &'static str)>,
    /// Reasons beside the domain's.
    pub reasons: Vec<Reason>,
}

/// An account's own rules, in the order in which they are tried.
pub const ACCOUNT_RULES: [AccountRule; 4] = [
    AccountRule {
        name: "reregistered.verified_again",
        action: Action::Review,
        explanation: "the domain was registered or reinstantiated after the first verification, and the address \
                      was verified again since: by the old holder or by the new one",
    },
    AccountRule {
        name: "reregistered.registration",
        action: Action::Unverify,
        explanation: "RDAP shows a registration or reinstantiation after the address was verified",
    },
    AccountRule {
        name: "reregistered.event",
        action: Action::Review,
        explanation: "RDAP shows a reregistration after the address was verified",
    },
    AccountRule {
        name: "reregistered.gap",
        action: Action::Review,
        explanation: "the zone did not hold the domain for 35 days or more, until after the address was verified, and \
                      holds it again",
    },
];

/// A rule that makes an account `reregistered`, risk critical.
#[derive(Debug, Clone, Copy)]
pub struct AccountRule {
    /// The stable name, in the column `rule`.
    pub name: &'static str,
    /// The action under the default policy.
    pub action: Action,
    /// One line for a person.
    pub explanation: &'static str,
}

/// The verification that counts: the earliest known.
pub fn first_verification(verified_at: Option<Moment>, first_verified_at: Option<Moment>) -> Option<Moment> {
    verified_at.into_iter().chain(first_verified_at).min()
}

/// Judges an account by the times of its last and its first verification; the earlier counts.
pub fn judge_account(
    domain: &Verdict,
    changes: &Changes,
    verified_at: Option<Moment>,
    first_verified_at: Option<Moment>,
) -> AccountVerdict {
    let mut verdict = AccountVerdict { replaced: None, reasons: Vec::new() };
    let Some(first) = first_verification(verified_at, first_verified_at) else { return verdict };
    let mut note = |at: Option<Moment>, reason| {
        let after = at.filter(|at| *at > first);
        if after.is_some() {
            verdict.reasons.push(reason);
        }
        after
    };
    let registered = note(changes.registered_at, Reason::RegisteredAfter);
    let reinstantiated = note(changes.reinstantiated_at, Reason::ReinstantiatedAfter);
    let reregistered = note(changes.reregistered_at, Reason::ReregisteredAfter);
    note(changes.transferred_at, Reason::TransferredAfter);
    let gap_ended = note(changes.gap_ended_at, Reason::GapEndedAfter);
    let sign = registered.max(reinstantiated);
    let Some(latest) = sign.max(reregistered).max(gap_ended) else { return verdict };
    let [verified_again, registration, event, gap] = &ACCOUNT_RULES;
    let rule = if verified_at.is_some_and(|verified_at| verified_at >= latest) {
        verdict.reasons.push(Reason::ReverifiedAfterChange);
        verified_again
    } else if sign.is_some() {
        registration
    } else if reregistered.is_some() {
        event
    } else {
        gap
    };
    let replaceable = matches!(
        domain.state,
        State::Hold | State::Undelegated | State::Absent | State::Expiring | State::Active | State::Unknown
    );
    if replaceable {
        verdict.replaced = Some((State::Reregistered, Risk::Critical, rule.action, rule.name));
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::verdict::DropWindow;

    #[track_caller]
    fn judges(state: State, changes: &Changes, verified: (i64, i64), expected: Option<&str>) {
        let (risk, action) = (Risk::None, Action::None);
        let domain =
            Verdict { state, risk, action, rule: "", reasons: Vec::new(), drop: DropWindow::default() };
        let given = |micros: i64| (micros >= 0).then_some(Moment(micros));
        let verdict = judge_account(&domain, changes, given(verified.0), given(verified.1));
        assert_eq!(verdict.replaced.map(|replaced| replaced.3), expected);
    }

    #[test]
    fn times_of_verification() {
        let registered = Changes { registered_at: Some(Moment(10)), ..Changes::default() };
        let event = Changes { reregistered_at: Some(Moment(10)), ..Changes::default() };
        let transfer = Changes { transferred_at: Some(Moment(10)), ..Changes::default() };
        judges(State::Active, &registered, (5, -1), Some("reregistered.registration"));
        judges(State::Active, &registered, (10, -1), None);
        judges(State::Active, &registered, (-1, -1), None);
        judges(State::Active, &registered, (20, 5), Some("reregistered.verified_again"));
        judges(State::Active, &registered, (-1, 5), Some("reregistered.registration"));
        judges(State::Active, &event, (5, -1), Some("reregistered.event"));
        judges(State::Active, &transfer, (5, -1), None);
        let gap = Changes { gap_ended_at: Some(Moment(10)), ..Changes::default() };
        judges(State::Active, &gap, (5, -1), Some("reregistered.gap"));
        judges(State::Absent, &gap, (5, -1), Some("reregistered.gap"));
        judges(State::Grace, &gap, (5, -1), None);
        judges(State::Active, &gap, (20, 5), Some("reregistered.verified_again"));
        judges(State::Redemption, &registered, (5, -1), None);
        judges(State::Available, &registered, (5, -1), None);
    }
}
