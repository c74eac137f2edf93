//! The rules of an account. It has the verdict of its domain, unless its address was verified before the domain changed
//! hands.

use super::policy::Policy;
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::rules::RULES;
use super::verdict::{Action, Actions, DropWindow, Risk, State, Verdict};
use crate::time::Moment;

/// Changes of hands that RDAP shows for a domain; all at or before as-of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Changes {
    /// Registered.
    pub(crate) registered_at: Option<Moment>,
    /// Reinstantiated.
    pub(crate) reinstantiated_at: Option<Moment>,
    /// Reregistered.
    pub(crate) reregistered_at: Option<Moment>,
    /// Transferred between registrars.
    pub(crate) transferred_at: Option<Moment>,
    /// The zone holds it again after a long gap: the first moment after the last date on which it
    /// was seen absent. None if a later answer shows an older registration.
    pub(crate) gap_ended_at: Option<Moment>,
    /// RDAP said not found, or pending delete alone, and the zone holds it more than a day later. None likewise.
    pub(crate) lapse_seen_at: Option<Moment>,
    /// A list of the registry shows that a registration ended.
    pub(crate) list_ended_at: Option<Moment>,
}

impl Changes {
    /// Nothing changed hands.
    pub(crate) const NONE: Self = Self {
        registered_at: None,
        reinstantiated_at: None,
        reregistered_at: None,
        transferred_at: None,
        gap_ended_at: None,
        lapse_seen_at: None,
        list_ended_at: None,
    };

    /// The latest moment at which it is known to have changed hands, whatever the account. A transfer is none: the holder
    /// usually stays.
    pub(crate) fn hands_changed_at(&self) -> Option<Moment> {
        Self { transferred_at: None, ..*self }.last()
    }

    /// The last of them.
    pub(crate) fn last(&self) -> Option<Moment> {
        let changes = [
            self.registered_at,
            self.reinstantiated_at,
            self.reregistered_at,
            self.transferred_at,
            self.gap_ended_at,
            self.lapse_seen_at,
            self.list_ended_at,
        ];
        changes.into_iter().flatten().max()
    }
}

/// The verdict of an account. Few are distinct, so rows carry its number instead of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AccountVerdict {
    /// The state.
    pub(crate) state: State,
    /// The risk.
    pub(crate) risk: Risk,
    /// The action.
    pub(crate) action: Action,
    /// The action that a circuit breaker changed.
    pub(crate) action_before_breaker: Option<Action>,
    /// Name of the rule that decided.
    pub(crate) rule: &'static str,
    /// What each policy would have done.
    pub(crate) actions: Actions,
    /// What else was noticed about the domain and the account.
    pub(crate) reasons: ReasonSet,
    /// The days on which someone else can register the domain.
    pub(crate) drop: DropWindow,
}

/// An account's own rules, in the order in which they are tried.
pub(crate) const ACCOUNT_RULES: [AccountRule; 6] = [
    AccountRule {
        name: "reregistered.registration",
        action: Action::Unverify,
        explanation: "RDAP shows a registration or reinstantiation after the address was verified",
        source: "RFC 9083, section 10.2.3",
    },
    AccountRule {
        name: "reregistered.list",
        action: Action::Unverify,
        explanation: "a list of the registry shows that a registration of the domain ended after the address was verified",
        source: "zonelapse registry import",
    },
    AccountRule {
        name: "reregistered.event",
        action: Action::Review,
        explanation: "RDAP shows a reregistration after the address was verified",
        source: "RFC 9083, section 10.2.3",
    },
    AccountRule {
        name: "reregistered.gap",
        action: Action::Review,
        explanation: "the zone did not hold the domain for as long as a deletion takes, until after the address was verified, and \
                      holds it again",
        source: "RFC 3915, section 3.1",
    },
    AccountRule {
        name: "reregistered.lapse",
        action: Action::Review,
        explanation: "the registry did not know the domain any more, or was about to drop it, after the address was \
                      verified, and the zone holds it again",
        source: "RFC 3915, section 3.1",
    },
    AccountRule {
        name: "reregistered.verified_again",
        action: Action::Review,
        explanation: "after the first verification there was a sign of a new registration, and the address was \
                      verified again after every such sign: by the old holder or by the new one",
        source: "zonelapse, states",
    },
];

/// A rule that makes an account `reregistered`, risk critical.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AccountRule {
    /// The stable name, in the column `rule`.
    pub(crate) name: &'static str,
    /// The action under the default policy.
    pub(crate) action: Action,
    /// One line for a person.
    pub(crate) explanation: &'static str,
    /// Where it comes from.
    pub(crate) source: &'static str,
}

/// What a rule of a domain or of an account means, and where it is from.
pub(crate) fn explain_rule(name: &str) -> Option<(&'static str, &'static str)> {
    let of_domain = RULES.iter().map(|rule| (rule.name, (rule.explanation, rule.source)));
    let of_account = ACCOUNT_RULES.iter().map(|rule| (rule.name, (rule.explanation, rule.source)));
    of_domain.chain(of_account).find(|(known, _)| *known == name).map(|(_, words)| words)
}

/// The verification that counts: the earliest known.
pub(crate) fn first_verification(
    verified_at: Option<Moment>,
    first_verified_at: Option<Moment>,
) -> Option<Moment> {
    verified_at.into_iter().chain(first_verified_at).min()
}

impl AccountVerdict {
    /// That of an account with no verdict of its own: the domain's.
    pub(crate) fn of(domain: &Verdict) -> Self {
        Self {
            state: domain.state,
            risk: domain.risk,
            action: domain.action,
            action_before_breaker: domain.action_before_breaker,
            rule: domain.rule,
            actions: domain.actions,
            reasons: domain.reasons,
            drop: domain.drop,
        }
    }
}

/// Judges an account by the times of its last and its first verification; the earlier counts.
pub(crate) fn judge_account(
    domain: &Verdict,
    policy: Policy,
    changes: &Changes,
    verified_at: Option<Moment>,
    first_verified_at: Option<Moment>,
) -> AccountVerdict {
    let mut verdict = AccountVerdict::of(domain);
    let Some(first) = first_verification(verified_at, first_verified_at) else { return verdict };
    let mut note = |at: Option<Moment>, reason| {
        let after = at.filter(|at| *at > first);
        if after.is_some() {
            verdict.reasons.insert(reason);
        }
        after
    };
    let registered = note(changes.registered_at, Reason::RegisteredAfter);
    let reinstantiated = note(changes.reinstantiated_at, Reason::ReinstantiatedAfter);
    let reregistered = note(changes.reregistered_at, Reason::ReregisteredAfter);
    note(changes.transferred_at, Reason::TransferredAfter);
    let gap_ended = note(changes.gap_ended_at, Reason::GapEndedAfter);
    let lapse_seen = note(changes.lapse_seen_at, Reason::LapseSeenAfter);
    let list_ended = note(changes.list_ended_at, Reason::ListEndedAfter);
    let sign = registered.max(reinstantiated);
    let signs = [sign, list_ended, reregistered, gap_ended, lapse_seen];
    let Some(earliest) = signs.into_iter().flatten().min() else { return verdict };
    if verified_at.is_some_and(|again| again > earliest) {
        verdict.reasons.insert(Reason::ReverifiedAfterChange);
    }
    // the first sign that no later verification has answered
    let unanswered = |at: &Option<Moment>| at.is_some_and(|at| verified_at.is_none_or(|again| again <= at));
    let rule = &ACCOUNT_RULES[signs.iter().position(unanswered).unwrap_or(signs.len())];
    let replaceable = matches!(
        domain.state,
        State::Hold | State::Undelegated | State::Absent | State::Expiring | State::Active | State::Unknown
    );
    if replaceable {
        verdict.state = State::Reregistered;
        verdict.risk = Risk::Critical;
        verdict.rule = rule.name;
        verdict.actions.default = rule.action.max(domain.raise.action);
        (verdict.action, verdict.action_before_breaker) = domain.settle(verdict.actions.of(policy));
    } else if is_lapsing_again(domain.state) {
        // registered again after the verification, and now lost again: no better than one that is kept
        verdict.risk = Risk::Critical;
        verdict.actions.default = verdict.actions.default.max(rule.action);
        (verdict.action, verdict.action_before_breaker) = domain.settle(verdict.actions.of(policy));
    }
    verdict
}

/// States that an account keeps although its domain changed hands: they say what happens next.
fn is_lapsing_again(state: State) -> bool {
    matches!(state, State::Grace | State::Redemption | State::PendingDelete | State::Available)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::verdict::Raise;

    fn domain(state: State, risk: Risk, action: Action) -> Verdict {
        Verdict {
            state,
            risk,
            action,
            action_before_breaker: None,
            rule: "",
            reasons: ReasonSet::EMPTY,
            drop: DropWindow::default(),
            drop_source: None,
            raise: Raise::NONE,
            actions: Actions::by_default(action),
            decided: None,
            held_back: false,
        }
    }

    #[track_caller]
    fn judges(state: State, changes: &Changes, verified: (i64, i64), expected: Option<&str>) {
        let domain = domain(state, Risk::None, Action::None);
        let given = |micros: i64| (micros >= 0).then_some(Moment(micros));
        let verdict = judge_account(&domain, Policy::Default, changes, given(verified.0), given(verified.1));
        assert_eq!(verdict.rule, expected.unwrap_or_default());
    }

    #[track_caller]
    fn lapses_again(state: State, risk: Risk, action: Action, expected: (Risk, Action)) {
        let domain = domain(state, risk, action);
        let changes = Changes { gap_ended_at: Some(Moment(10)), ..Changes::default() };
        let verdict = judge_account(&domain, Policy::Default, &changes, Some(Moment(5)), None);
        assert_eq!((verdict.state, (verdict.risk, verdict.action)), (state, expected));
        assert!(verdict.reasons.contains(Reason::GapEndedAfter));
    }

    #[test]
    fn registered_again_and_lost_again() {
        let critical = |action| (Risk::Critical, action);
        lapses_again(State::Grace, Risk::Medium, Action::Notify, critical(Action::Review));
        lapses_again(State::Grace, Risk::High, Action::Unverify, critical(Action::Unverify));
        lapses_again(State::Redemption, Risk::High, Action::Unverify, critical(Action::Unverify));
        lapses_again(State::PendingDelete, Risk::Critical, Action::Unverify, critical(Action::Unverify));
        lapses_again(State::Available, Risk::High, Action::Review, critical(Action::Review));
        lapses_again(State::SpecialUse, Risk::None, Action::None, (Risk::None, Action::None));
    }

    #[test]
    fn hands_change_without_transfers() {
        let changes = Changes {
            registered_at: Some(Moment(10)),
            lapse_seen_at: Some(Moment(20)),
            transferred_at: Some(Moment(30)),
            ..Changes::default()
        };
        assert_eq!((changes.hands_changed_at(), changes.last()), (Some(Moment(20)), Some(Moment(30))));
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
        judges(State::Active, &registered, (10, 5), Some("reregistered.registration"));
        judges(State::Active, &registered, (-1, 5), Some("reregistered.registration"));
        judges(State::Active, &event, (5, -1), Some("reregistered.event"));
        judges(State::Active, &transfer, (5, -1), None);
        let gap = Changes { gap_ended_at: Some(Moment(10)), ..Changes::default() };
        judges(State::Active, &gap, (5, -1), Some("reregistered.gap"));
        judges(State::Absent, &gap, (5, -1), Some("reregistered.gap"));
        judges(State::Grace, &gap, (5, -1), None);
        judges(State::Active, &gap, (20, 5), Some("reregistered.verified_again"));
        let lapse = Changes { lapse_seen_at: Some(Moment(10)), ..Changes::default() };
        judges(State::Active, &lapse, (5, -1), Some("reregistered.lapse"));
        judges(State::Active, &lapse, (15, -1), None);
        judges(State::Redemption, &registered, (5, -1), None);
        judges(State::Available, &registered, (5, -1), None);
    }
}
