//! The table of states as data: the first rule that applies decides.
//!
//! Each rule is a name, what it concludes under the default policy, an explanation for a person, a
//! source, and a pure function of the [`Facts`]. The order matters. Reasons never decide.

mod table;

use super::drop::{drop_source, drop_window};
use super::facts::Facts;
use super::raises::MOVED_AFTER_EXPIRY;
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::verdict::{Action, Actions, Raise, Risk, State, Verdict};

pub(crate) use table::RULES;

/// One row of the table.
pub(crate) struct Rule {
    /// The stable name, in the column `rule`.
    pub(crate) name: &'static str,
    /// The state it concludes.
    pub(crate) state: State,
    /// The risk.
    pub(crate) risk: Risk,
    /// The action under the default policy.
    pub(crate) action: Action,
    /// One line for a person.
    pub(crate) explanation: &'static str,
    /// Where it comes from.
    pub(crate) source: &'static str,
    /// Whether it applies.
    pub(crate) applies: fn(&Facts<'_>) -> bool,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

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
    let window = drop_window(rule.state, facts);
    let mut verdict = Verdict {
        state: rule.state,
        risk: rule.risk,
        action: rule.action,
        action_before_breaker: None,
        rule: rule.name,
        reasons,
        drop: window,
        drop_source: drop_source(rule.state, facts, window),
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

#[cfg(test)]
mod tests;
