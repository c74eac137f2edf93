//! The table of states as data: the first rule that applies decides.
//!
//! Each rule is a name, what it concludes under the default policy, an explanation for a person, a
//! source, and a pure function of the [`Facts`]. The order matters. Reasons never decide.

use super::drop::drop_window;
use super::facts::Facts;
use super::raises::MOVED_AFTER_EXPIRY;
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::verdict::{Action, Actions, Raise, Risk, State, Verdict};
use crate::rdap::Status;

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
pub(crate) static RULES: &[Rule] = &[
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
        "grace.parked",
        Grace,
        Medium,
        Notify,
        "the registry added a year, and the name servers are those of expired names: nobody has paid yet",
        "RFC 3915, section 3.1; data/parking_name_servers.csv",
        |facts| facts.is_auto_renewed_unpaid()
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
        "absent.long",
        Absent,
        Critical,
        Lookup,
        "the zone held it once and has not for as long as a deletion takes, 35 days in a gTLD",
        "RFC 3915, section 3.1",
        |facts| facts.is_absent() && facts.absent_long
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
        "unknown.sources_disagree",
        Unknown,
        Unknown,
        Review,
        "two answers within a day contradict each other, and no table says which is the registry's",
        "zonelapse, evidence",
        |facts| facts.sources_disagree
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
mod tests {
    use super::*;
    use crate::assess::lifecycle::GTLD;
    use crate::rdap::{Answer, Context, read_answer};
    use crate::time::{BareDate, Moment};

    fn moment(text: &str) -> Moment {
        Moment::parse(text, BareDate::Start).expect("a date")
    }

    /// A found answer fetched on 2026-05-30, with these statuses and events; `404` is a not-found one.
    fn answer(statuses: &str, events: &[(&str, &str)]) -> Answer {
        let events: Vec<_> = events
            .iter()
            .map(|(action, date)| serde_json::json!({"eventAction": action, "eventDate": date}))
            .collect();
        let found = statuses != "404";
        let statuses: Vec<&str> = statuses.split(", ").filter(|status| !status.is_empty()).collect();
        let body = serde_json::json!({
            "objectClassName": "domain", "ldhName": "a.test", "status": statuses, "events": events
        });
        let envelope = serde_json::json!({
            "domain": "a.test", "fetched_at": "2026-05-30T00:00:00Z", "source": "rdap.example",
            "http_status": if found { 200 } else { 404 }, "body": found.then_some(body)
        });
        let context = Context { file_name_domain: None, file_time: Moment(0) };
        read_answer(envelope.to_string().as_bytes(), &context).expect("an answer")
    }

    #[track_caller]
    fn judges(presence: Option<bool>, answer: Option<&Answer>, rule: &str, window: &str) {
        let facts = Facts {
            as_of: moment("2026-06-01"),
            lead_days: 30,
            lifecycle: GTLD,
            special_use: false,
            tld_absent: false,
            public_suffix: false,
            presence,
            dropped: None,
            absent_long: false,
            parked_at_expiry: false,
            moved_after_expiry: false,
            answer,
            registrar_expires: answer.and_then(|answer| answer.events.registrar_expires),
            sources_disagree: false,
            reasons: ReasonSet::EMPTY,
        };
        let verdict = judge(&facts);
        let day = |day: Option<crate::time::Day>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
        assert_eq!(verdict.rule, rule);
        assert_eq!(format!("{} {}", day(verdict.drop.earliest), day(verdict.drop.latest)), window, "{rule}");
    }

    #[test]
    fn the_table_with_its_drop_dates() {
        let (present, absent, open) = (Some(true), Some(false), None);
        let case = |presence, statuses, events: &[(&str, &str)], rule, window| {
            judges(presence, Some(&answer(statuses, events)), rule, window);
        };
        let expires = |date| [("expiration", date)];
        let registrar = |date| [("registrar expiration", date), ("expiration", "2027-05-20T00:00:00Z")];
        case(absent, "pending delete", &[], "pending_delete.final", "2026-05-30 2026-06-04");
        case(absent, "pending delete, redemption period", &[], "redemption.period", "2026-06-04 2026-07-04");
        case(present, "redemption period, pending restore", &[], "grace.pending_restore", "2026-07-04 -");
        case(absent, "404", &[], "available.not_found_and_absent", "2026-06-01 2026-06-01");
        case(present, "404", &[], "available.not_found_but_present", "2026-06-01 2026-06-01");
        case(open, "404", &[], "available.not_found", "2026-06-01 2026-06-01");
        case(present, "", &expires("2026-05-31T23:00:00Z"), "grace.expired", "2026-07-04 2026-08-19");
        case(present, "", &expires("2026-03-13T00:00:00Z"), "grace.expired", "2026-07-04 2026-07-04");
        case(present, "", &expires("2026-03-12T00:00:00Z"), "active.present", "- -");
        case(absent, "", &expires("2026-05-22T00:00:00Z"), "grace.out_of_service", "2026-07-04 2026-08-10");
        case(
            present,
            "client hold",
            &expires("2026-05-22T00:00:00Z"),
            "grace.out_of_service",
            "2026-07-04 2026-08-10",
        );
        case(present, "", &registrar("2026-05-20T00:00:00Z"), "grace.expired", "2026-07-04 2026-08-08");
        case(present, "auto renew period", &expires("2027-05-20T00:00:00Z"), "active.present", "- -");
        case(
            absent,
            "auto renew period",
            &expires("2027-05-20T00:00:00Z"),
            "grace.out_of_service",
            "2026-07-04 2026-08-08",
        );
        case(
            open,
            "server hold",
            &expires("2027-01-01T00:00:00Z"),
            "hold.client_or_server",
            "2026-07-04 2027-03-22",
        );
        case(absent, "active", &[], "undelegated.absent", "- -");
        case(open, "inactive", &[], "undelegated.inactive", "- -");
        case(present, "inactive", &[], "active.present", "- -");
        case(present, "", &expires("2026-06-01T01:00:00Z"), "expiring.lead_days", "2026-07-06 2026-08-20");
        case(open, "", &expires("2026-07-01T00:00:00Z"), "expiring.lead_days", "2026-08-05 2026-09-19");
        case(open, "", &expires("2026-07-02T00:00:00Z"), "active.found", "- -");
        judges(absent, None, "absent.zone", "- -");
        judges(present, None, "active.present", "- -");
        judges(open, None, "unknown.no_evidence", "- -");
    }
}
