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

/// The raises of one door: by name servers, or by mail servers.
#[derive(Debug)]
pub(crate) struct DoorRules {
    /// All servers that decide are in domains that others can take over.
    pub(crate) every: RaiseRule,
    /// Some server is.
    pub(crate) some: RaiseRule,
    /// Some server will soon be.
    pub(crate) soon: RaiseRule,
}

impl DoorRules {
    /// Those by name servers.
    pub(crate) const NAME_SERVERS: Self = Self {
        every: RaiseRule {
            explanation: "the domains of all its name servers are available or absent, themselves or through their own \
                          servers",
            ..RaiseRule::open(Reason::NsHijackable, Risk::Critical)
        },
        some: RaiseRule {
            explanation: "the domain of some name server is available or absent, itself or through its own servers",
            ..RaiseRule::open(Reason::NsHijackable, Risk::High)
        },
        soon: RaiseRule {
            explanation: "the domain of some name server is in redemption or pending delete",
            ..RaiseRule::soon(Reason::NsSoonHijackable)
        },
    };

    /// Those by mail servers.
    pub(crate) const MAIL_SERVERS: Self = Self {
        every: RaiseRule {
            explanation: "the domains of all its mail servers, or of all of the lowest preference, are available or absent, \
                          themselves or through their name servers",
            ..RaiseRule::open(Reason::MxHijackable, Risk::Critical)
        },
        some: RaiseRule {
            explanation: "the domain of some mail server is available or absent, itself or through its name servers",
            ..RaiseRule::open(Reason::MxHijackable, Risk::High)
        },
        soon: RaiseRule {
            explanation: "the domain of some mail server is in redemption or pending delete",
            ..RaiseRule::soon(Reason::MxSoonHijackable)
        },
    };
}

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
pub(crate) static RAISES: [RaiseRule; 8] = [
    DoorRules::NAME_SERVERS.every,
    DoorRules::NAME_SERVERS.some,
    DoorRules::NAME_SERVERS.soon,
    DoorRules::MAIL_SERVERS.every,
    DoorRules::MAIL_SERVERS.some,
    DoorRules::MAIL_SERVERS.soon,
    MOVED_AFTER_EXPIRY,
    MAIL_CLOSED,
];

impl RaiseRule {
    /// For servers that can be taken over now.
    const fn open(reason: Reason, risk: Risk) -> Self {
        let (action, action_if_not_found) = (Action::Lookup, Action::Unverify);
        Self { reason, explanation: "", risk, action, action_if_not_found }
    }

    /// For servers that can be taken over soon.
    const fn soon(reason: Reason) -> Self {
        let (risk, action) = (Risk::High, Action::Review);
        Self { reason, explanation: "", risk, action, action_if_not_found: action }
    }

    /// What it adds; `not_found`: RDAP says so of a domain to register.
    pub(crate) const fn raise(&self, not_found: bool) -> Raise {
        Raise { risk: self.risk, action: if not_found { self.action_if_not_found } else { self.action } }
    }
}
