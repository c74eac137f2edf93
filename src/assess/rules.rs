//! The table of states as data: the first rule that applies decides.
//!
//! Each rule is a name, what it concludes under the default policy, an explanation for a person, a
//! source, and a pure function of the [`Facts`]. The order matters. Reasons never decide.

use super::drop::drop_window;
use super::facts::Facts;
use super::reason::Reason;
use super::verdict::{Action, Risk, State, Verdict};
use crate::rdap::Status;

/// One row of the table.
pub struct Rule {
    /// The stable name, in the column `rule`.
    pub name: &'static str,
    /// The state it concludes.
    pub state: State,
    /// The risk.
    pub risk: Risk,
    /// The action under the default policy.
    pub action: Action,
    /// One line for a person.
    pub explanation: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Whether it applies.
    pub applies: fn(&Facts<'_>) -> bool,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! rule {
    ($name:literal, $state:ident, $risk:ident, $action:ident, $explanation:literal, $source:literal, $applies:expr) => {
        Rule {
            name: $name,
            state: State::$state,
            risk: Risk::$risk,
            action: Action::$action,
            explanation: $explanation,
            source: $source,
            applies: $applies,
        }
    };
}

/// The table, in the order in which it is read.
pub static RULES: &[Rule] = &[
    rule!(
        "special_use.name",
        SpecialUse,
        None,
        None,
        "a special-use name, which nobody can register",
        "RFC 6761, RFC 6762, RFC 7686",
        |facts| facts.special_use
    ),
    rule!(
        "special_use.tld_absent",
        SpecialUse,
        None,
        None,
        "a complete root zone proves that the top-level domain does not exist",
        "RFC 8020, section 2",
        |facts| facts.tld_absent
    ),
    rule!(
        "not_registrable.public_suffix",
        NotRegistrable,
        None,
        None,
        "the mail domain is itself a public suffix",
        "Public Suffix List, ICANN section",
        |facts| facts.public_suffix
    ),
    rule!(
        "pending_delete.final",
        PendingDelete,
        Critical,
        Unverify,
        "pending delete, past redemption: the registry drops it within days",
        "RFC 3915, section 3.1; RFC 8056",
        |facts| facts.has(Status::PendingDelete)
            && !facts.has(Status::RedemptionPeriod)
            && !facts.has(Status::PendingRestore)
    ),
    rule!(
        "redemption.period",
        Redemption,
        High,
        Unverify,
        "redemption period: deleted by the registrar, only the old holder can restore it",
        "RFC 3915, section 3.1; RFC 8056",
        |facts| facts.has(Status::RedemptionPeriod) && !facts.has(Status::PendingRestore)
    ),
    rule!(
        "available.not_found_and_absent",
        Available,
        Critical,
        Unverify,
        "the registry does not know it, and the zone does not hold it",
        "RFC 9083; RFC 7480, section 5.3",
        |facts| facts.is_not_found() && facts.is_absent()
    ),
    rule!(
        "available.not_found_but_present",
        Available,
        High,
        Review,
        "the registry does not know it, yet a zone that is no newer holds it",
        "RFC 7480, section 5.3",
        |facts| facts.is_not_found() && facts.is_present()
    ),
    rule!(
        "available.not_found",
        Available,
        High,
        Review,
        "the registry does not know it, and no zone tells presence or absence",
        "RFC 7480, section 5.3",
        |facts| facts.is_not_found()
    ),
    rule!(
        "grace.out_of_service",
        Grace,
        High,
        Unverify,
        "expired or being restored, and already out of the zone or on hold",
        "RFC 3915, section 3.1; ICANN ERRP",
        |facts| facts.is_in_grace() && (facts.is_absent() || facts.is_on_hold())
    ),
    rule!(
        "grace.pending_restore",
        Grace,
        Medium,
        Notify,
        "pending restore: out of redemption only if the registrar completes it",
        "RFC 3915, section 3.1",
        |facts| facts.has(Status::PendingRestore)
    ),
    rule!(
        "grace.expired",
        Grace,
        Medium,
        Notify,
        "an expiration, the registry's or the registrar's, is 1 to 80 days past",
        "ICANN ERRP; ICANN gTLD RDAP response profile",
        |facts| facts.is_expired()
    ),
    rule!(
        "hold.client_or_server",
        Hold,
        Medium,
        Notify,
        "client hold or server hold: out of the zone by decision of registrar or registry",
        "RFC 5731, section 2.3",
        |facts| facts.is_on_hold()
    ),
    rule!(
        "undelegated.absent",
        Undelegated,
        Medium,
        Notify,
        "registered, but the zone does not hold it",
        "RFC 5731, section 2.3",
        |facts| facts.found().is_some() && facts.is_absent()
    ),
    rule!(
        "undelegated.inactive",
        Undelegated,
        Medium,
        Notify,
        "registered, without name servers",
        "RFC 5731, section 2.3",
        |facts| facts.has(Status::Inactive) && !facts.is_present()
    ),
    rule!(
        "absent.zone",
        Absent,
        High,
        Lookup,
        "the zone does not hold it, and no usable RDAP answer says why",
        "zonelapse, states",
        |facts| facts.is_absent()
    ),
    rule!(
        "expiring.lead_days",
        Expiring,
        Low,
        Notify,
        "an expiration, the registry's or the registrar's, is within the lead time",
        "RFC 9083, section 10.2.3",
        |facts| facts.is_near(facts.expires()) || facts.is_near(facts.registrar_expires())
    ),
    rule!(
        "active.present",
        Active,
        None,
        None,
        "the zone holds it, and nothing speaks against it",
        "RFC 1034, section 4.2",
        |facts| facts.is_present()
    ),
    rule!(
        "active.found",
        Active,
        None,
        None,
        "registered, and nothing speaks against it",
        "RFC 9083, section 5.3",
        |facts| facts.found().is_some()
    ),
    rule!(
        "unknown.no_evidence",
        Unknown,
        Unknown,
        Lookup,
        "neither zone nor RDAP answer tells enough",
        "zonelapse, states",
        |_| true
    ),
];

/// Judges one domain.
pub fn judge(facts: &Facts<'_>) -> Verdict {
    let rule = decide(facts);
    let mut reasons = facts.noticed();
    // that a source is silent matters only where it keeps the question open
    let open = matches!(rule.state, State::Absent | State::Unknown | State::Available);
    reasons.retain(|reason| open || !matches!(reason, Reason::RdapNone | Reason::ZoneNone));
    Verdict {
        state: rule.state,
        risk: rule.risk,
        action: rule.action,
        rule: rule.name,
        reasons,
        drop: drop_window(rule.state, facts),
    }
}

/// The rule that decides.
pub fn decide(facts: &Facts<'_>) -> &'static Rule {
    let last = &RULES[RULES.len() - 1];
    RULES.iter().find(|rule| (rule.applies)(facts)).unwrap_or(last)
}
