//! The first rule that applies decides, and the rest of the verdict follows from the facts.

use super::{RULES, Rule};
use crate::assess::drop::drop_window;
use crate::assess::facts::Facts;
use crate::assess::raises::MOVED_AFTER_EXPIRY;
use crate::assess::reason::Reason;
use crate::assess::reason_set::ReasonSet;
use crate::assess::verdict::{Actions, Raise, State, Verdict};

/// A source says nothing of the name.
const SILENT: ReasonSet = ReasonSet::only(Reason::RdapNone).union(ReasonSet::only(Reason::ZoneNone));

/// Judges one domain.
pub(crate) fn judge(facts: &Facts<'_>) -> Verdict {
    let rule = decide(facts);
    let mut reasons = facts.noticed();
    // that a source is silent matters only where it keeps the question open
    if !matches!(rule.state, State::Absent | State::Unknown | State::Available) {
        reasons = reasons.without(SILENT);
    }
    let mut verdict = Verdict {
        state: rule.state,
        risk: rule.risk,
        action: rule.action,
        action_before_breaker: None,
        rule: rule.name,
        reasons,
        drop: drop_window(rule.state, facts),
        raise: Raise::NONE,
        actions: Actions::by_default(rule.action),
        decided: None,
        held_back: false,
    };
    verdict.reasons.insert_if(verdict.drop.is_contradictory(), Reason::DropContradictory);
    if facts.moved_after_expiry {
        verdict.raise(MOVED_AFTER_EXPIRY.raise(false), [MOVED_AFTER_EXPIRY.reason]);
    }
    verdict
}

/// The rule that decides.
pub(crate) fn decide(facts: &Facts<'_>) -> &'static Rule {
    let last = &RULES[RULES.len() - 1];
    RULES.iter().find(|rule| (rule.applies)(facts)).unwrap_or(last)
}
