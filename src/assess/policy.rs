//! Policies: what a service does about a verdict.
//!
//! The default policy acts by the table of states. The others do what three known tools do, but on our evidence instead
//! of theirs, so that a service can see what changing its policy would cost (`zonelapse policy diff`). Those three
//! know two answers, unverify or nothing, so what they miss shows as `none`.

use clap::ValueEnum;

use super::facts::Facts;
use super::verdict::{Action, Actions, State, Verdict};

named_enum! {
    /// Which action a verdict calls for.
    #[derive(Default, ValueEnum)]
    pub enum Policy {
        /// The actions of the table of states
        #[default]
        Default = "default",
        /// PyPI's rule: unverify at the tokens undelegated, inactive, expiring, deleting, unknown
        Pypi = "pypi",
        /// RubyGems' rule: unverify at the tokens inactive, parked, expiring, deleting
        Rubygems = "rubygems",
        /// npq's rule: unverify what registry and zone both do not know
        Npq = "npq",
    }
}

/// One policy as data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PolicyRule {
    /// The policy.
    pub(crate) policy: Policy,
    /// One line for a person.
    pub(crate) explanation: &'static str,
    /// Where it comes from.
    pub(crate) source: &'static str,
    /// Whether it would unverify; the default policy goes by the table instead.
    unverifies: fn(&Verdict, &Facts<'_>, &str) -> bool,
}

/// All policies.
pub(crate) static POLICIES: [PolicyRule; 4] = [
    PolicyRule {
        policy: Policy::Default,
        explanation: "acts by the table of states and its raises",
        source: "zonelapse, states",
        unverifies: |verdict, _, _| verdict.actions.default == Action::Unverify,
    },
    PolicyRule {
        policy: Policy::Pypi,
        explanation: "unverifies if any token is undelegated, inactive, expiring, deleting or unknown",
        source: "pypi/warehouse, warehouse/accounts/tasks.py",
        unverifies: |_, _, tokens| {
            has_any(tokens, &["undelegated", "inactive", "expiring", "deleting", "unknown"])
        },
    },
    PolicyRule {
        policy: Policy::Rubygems,
        explanation: "unverifies if any token is inactive, parked, expiring or deleting",
        source: "rubygems.org, verify_user_email_domains_job.rb",
        unverifies: |_, _, tokens| has_any(tokens, &["inactive", "parked", "expiring", "deleting"]),
    },
    PolicyRule {
        policy: Policy::Npq,
        explanation: "unverifies only what is available by both sources: not found, and absent from the zone",
        source: "npq, marshall for expired domains",
        unverifies: |verdict, facts, _| {
            verdict.state == State::Available && facts.is_not_found() && facts.is_absent()
        },
    },
];

/// Whether any of the tokens, which are separated by blanks, is one of these.
fn has_any(tokens: &str, wanted: &[&str]) -> bool {
    tokens.split(' ').any(|token| wanted.contains(&token))
}

/// The action of each policy. The default action is in the verdict already; `tokens` are those that a Domainr look-up
/// would give.
pub(crate) fn actions(verdict: &Verdict, facts: &Facts<'_>, tokens: &str) -> Actions {
    let [_, pypi, rubygems, npq] = POLICIES
        .each_ref()
        .map(|rule| if (rule.unverifies)(verdict, facts, tokens) { Action::Unverify } else { Action::None });
    Actions { default: verdict.actions.default, pypi, rubygems, npq }
}

impl Actions {
    /// The action of one policy.
    pub(crate) const fn of(&self, policy: Policy) -> Action {
        match policy {
            Policy::Default => self.default,
            Policy::Pypi => self.pypi,
            Policy::Rubygems => self.rubygems,
            Policy::Npq => self.npq,
        }
    }
}
