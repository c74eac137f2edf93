//! What a judgement is made of: state, risk, action, reasons.

use super::policy::Policy;
use super::reason::Reason;
use super::reason_set::ReasonSet;
use crate::time::Day;

named_enum! {
    /// The state of a domain, or (`reregistered`) of an account.
    pub(crate) enum State {
        /// A name that nobody can register.
        SpecialUse = "special_use",
        /// The mail domain is itself a public suffix.
        NotRegistrable = "not_registrable",
        /// The last days before the registry deletes the name.
        PendingDelete = "pending_delete",
        /// Deleted by the registrar, restorable by the old holder.
        Redemption = "redemption",
        /// Not registered.
        Available = "available",
        /// Expired, or being renewed or restored, with the outcome open.
        Grace = "grace",
        /// Taken out of the zone by registrar or registry.
        Hold = "hold",
        /// Registered, but not in the zone.
        Undelegated = "undelegated",
        /// Not in the zone, and nothing else known.
        Absent = "absent",
        /// About to expire.
        Expiring = "expiring",
        /// Registered, and nothing speaks against it.
        Active = "active",
        /// The evidence does not reach.
        Unknown = "unknown",
        /// Changed hands after the account's address was verified.
        Reregistered = "reregistered",
    }
}

named_enum! {
    /// What tells when someone else can register a name.
    pub(crate) enum DropSource {
        /// A list of the registry gives the day.
        List = "list",
        /// A status or an answer of the registry says that it is deleted, or not registered.
        Status = "status",
        /// The day to which it is paid.
        Expiry = "expiry",
        /// It left its zone.
        Zone = "zone",
    }
}

named_enum! {
    /// How bad it is; later values are worse.
    pub(crate) enum Risk {
        /// Nothing to fear.
        None = "none",
        /// Not known.
        Unknown = "unknown",
        /// Worth a hint to the holder.
        Low = "low",
        /// A lapse may follow.
        Medium = "medium",
        /// Others may receive the mail soon.
        High = "high",
        /// Others can receive the mail now or within days.
        Critical = "critical",
    }
}

impl Risk {
    /// Its place in the order of risks: 0 is none, 5 is critical.
    pub(crate) fn rank(self) -> i64 {
        self as i64
    }
}

named_enum! {
    /// What the service should do; later values are stronger.
    pub(crate) enum Action {
        /// Nothing.
        None = "none",
        /// Tell the account's holder.
        Notify = "notify",
        /// Get an RDAP answer.
        Lookup = "lookup",
        /// Have a person look at it.
        Review = "review",
        /// Take the address's verification away.
        Unverify = "unverify",
    }
}

/// The judgement of one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The state.
    pub(crate) state: State,
    /// The risk.
    pub(crate) risk: Risk,
    /// The action: the policy's, unless a person decided otherwise or a circuit breaker holds it back.
    pub(crate) action: Action,
    /// The action that a circuit breaker changed.
    pub(crate) action_before_breaker: Option<Action>,
    /// Name of the rule that decided.
    pub(crate) rule: &'static str,
    /// What else was noticed.
    pub(crate) reasons: ReasonSet,
    /// The days on which someone else can register it.
    pub(crate) drop: DropWindow,
    /// What tells these days.
    pub(crate) drop_source: Option<DropSource>,
    /// What was added to risk and action.
    pub(crate) raise: Raise,
    /// What each policy would have done.
    pub(crate) actions: Actions,
    /// What a person decided.
    pub(crate) decided: Option<Action>,
    /// A circuit breaker holds back what would be unverified.
    pub(crate) held_back: bool,
}

/// Risk and action that something beside the state calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Raise {
    /// At least this risk.
    pub(crate) risk: Risk,
    /// At least this action under the default policy.
    pub(crate) action: Action,
}

impl Default for Raise {
    fn default() -> Self {
        Self::NONE
    }
}

impl Raise {
    /// Nothing is raised.
    pub(crate) const NONE: Self = Self { risk: Risk::None, action: Action::None };

    /// Takes the higher risk and the stronger action.
    pub(crate) fn add(&mut self, other: Self) {
        self.risk = self.risk.max(other.risk);
        self.action = self.action.max(other.action);
    }
}

impl Verdict {
    /// Raises risk and the default policy's action; the state stays.
    pub(crate) fn raise(&mut self, raise: Raise, reasons: impl IntoIterator<Item = Reason>) {
        self.raise.add(raise);
        self.risk = self.risk.max(raise.risk);
        self.actions.default = self.actions.default.max(raise.action);
        self.reasons.extend(reasons);
    }

    /// The same, raised.
    pub(crate) fn raised(&self, raise: Raise, policy: Policy) -> Self {
        let mut raised = self.clone();
        raised.raise(raise, []);
        raised.take_action(policy);
        raised
    }

    /// Takes the policy's action, unless something speaks against it.
    pub(crate) fn take_action(&mut self, policy: Policy) {
        (self.action, self.action_before_breaker) = self.settle(self.actions.of(policy));
    }

    /// Whether servers that others can take over are what is wrong: the domain itself is registered, as far as is known, and
    /// nobody decided about it.
    pub(crate) fn can_be_raised_by_servers(&self) -> bool {
        let is_registered = matches!(self.state, State::Active | State::Expiring | State::Unknown);
        is_registered && self.decided.is_none()
    }

    /// The action that follows from the policy's, and what a circuit breaker made of it.
    pub(crate) fn settle(&self, policy: Action) -> (Action, Option<Action>) {
        match self.decided {
            Some(decided) => (decided, None),
            None if self.held_back && policy == Action::Unverify => (Action::Review, Some(policy)),
            None => (policy, None),
        }
    }
}

/// The action of each policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Actions {
    /// The table of states with its raises.
    pub(crate) default: Action,
    /// PyPI's rule.
    pub(crate) pypi: Action,
    /// RubyGems' rule.
    pub(crate) rubygems: Action,
    /// npq's rule.
    pub(crate) npq: Action,
}

impl Actions {
    /// The default policy's action, and nothing by any other.
    pub(crate) const fn by_default(action: Action) -> Self {
        Self { default: action, pypi: Action::None, rubygems: Action::None, npq: Action::None }
    }
}

/// The first and the last day on which someone else can first register a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct DropWindow {
    /// Not before.
    pub(crate) earliest: Option<Day>,
    /// Not after, if the holder does nothing.
    pub(crate) latest: Option<Day>,
}
