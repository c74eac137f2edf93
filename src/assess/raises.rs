//! Raises as data: what raises the risk and the action of a domain, whatever its state. The state stays.

use super::reason::Reason;
use super::verdict::{Action, Raise, Risk};

/// One raise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RaiseRule {
    /// The reason that reports give; its source is also the source of the raise.
    pub(crate) reason: Reason,
    /// When it applies, for a person.
    pub(crate) explanation: &'static str,
    /// At least this risk.
    pub(crate) risk: Risk,
    /// At least this action under the default policy.
    pub(crate) action: Action,
    /// At least this action if RDAP says that a domain to register is not found.
    pub(crate) action_if_not_found: Action,
}

/// Every server is in a domain that others can register.
pub(crate) const EVERY_SERVER: RaiseRule = RaiseRule {
    reason: Reason::NsHijackable,
    explanation: "the domains of all its name servers are available or absent, themselves or through their own servers",
    risk: Risk::Critical,
    action: Action::Lookup,
    action_if_not_found: Action::Unverify,
};

/// Some server does.
pub(crate) const SOME_SERVER: RaiseRule = RaiseRule {
    explanation: "the domain of some name server is available or absent, itself or through its own servers",
    risk: Risk::High,
    ..EVERY_SERVER
};

/// Some server will soon.
pub(crate) const SERVER_SOON: RaiseRule = RaiseRule {
    reason: Reason::NsSoonHijackable,
    explanation: "the domain of some name server is in redemption or pending delete",
    risk: Risk::High,
    action: Action::Review,
    action_if_not_found: Action::Review,
};

/// It was sold before it dropped.
pub(crate) const MOVED_AFTER_EXPIRY: RaiseRule = RaiseRule {
    reason: Reason::NsMovedAfterExpiry,
    explanation: "it was parked when it expired and moved on within the auto renew period, its registration unchanged",
    risk: Risk::Medium,
    action: Action::Review,
    action_if_not_found: Action::Review,
};

/// Its mail service is closed. That says nothing of who can take the domain, so the risk stays.
pub(crate) const MAIL_CLOSED: RaiseRule = RaiseRule {
    reason: Reason::MailClosed,
    explanation: "the provider closed its mail service while the domain stays registered",
    risk: Risk::None,
    action: Action::Notify,
    action_if_not_found: Action::Notify,
};

/// All of them.
pub(crate) static RAISES: [RaiseRule; 5] =
    [EVERY_SERVER, SOME_SERVER, SERVER_SOON, MOVED_AFTER_EXPIRY, MAIL_CLOSED];

impl RaiseRule {
    /// What it adds; `not_found`: RDAP says so of a domain to register.
    pub(crate) const fn raise(&self, not_found: bool) -> Raise {
        Raise { risk: self.risk, action: if not_found { self.action_if_not_found } else { self.action } }
    }
}
