//! The table of states, in the order in which it is read. The last rule always applies.

use super::Rule;
use crate::assess::listing::ListStanding;
use crate::assess::phase::Phase;
use crate::assess::verdict::{Action, Risk, State};
use crate::rdap::Status;

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
        "not_registrable.reserved",
        NotRegistrable,
        Low,
        Notify,
        "the registry does not know it, and says that it is reserved or blocked",
        "RFC 9083, section 6",
        |facts| facts.is_reserved()
    ),
    rule!(
        "available.in_release",
        Available,
        Critical,
        Unverify,
        "a list of the registry says that it has no holder, and that somebody can apply for it",
        "data/registry_lists",
        |facts| facts.standing == Some(ListStanding::InRelease)
    ),
    rule!(
        "available.dropped",
        Available,
        Critical,
        Unverify,
        "a list of the registry says that its registration has ended, and no sign of life is newer",
        "data/registry_lists",
        |facts| facts.standing == Some(ListStanding::Dropped)
    ),
    rule!(
        "available.list_but_present",
        Available,
        High,
        Review,
        "a list of the registry says that it has no holder, yet a zone that is newer by a day or less holds it",
        "data/registry_lists",
        |facts| facts.standing == Some(ListStanding::Disputed)
    ),
    rule!(
        "pending_delete.list",
        PendingDelete,
        Critical,
        Unverify,
        "a list of the registry tells its release, which is so near that nobody can restore it",
        "data/registry_lists",
        |facts| facts.standing == Some(ListStanding::Final)
    ),
    rule!(
        "pending_delete.final",
        PendingDelete,
        Critical,
        Unverify,
        "pending delete, which in this top-level domain nobody can undo: the registry drops it within days",
        "RFC 3915, section 3.1; RFC 8056; data/lifecycle.csv",
        |facts| facts.is_final() && !facts.has(Status::PendingRestore)
    ),
    rule!(
        "pending_delete.words",
        PendingDelete,
        Critical,
        Unverify,
        "the registry says in its own words that nobody can restore it any more",
        "data/lifecycle.csv, column words",
        |facts| facts.names(Phase::Final) && !facts.has(Status::PendingRestore)
    ),
    rule!(
        "redemption.list",
        Redemption,
        High,
        Unverify,
        "a list of the registry tells its release, and until then the old holder can restore it",
        "data/registry_lists",
        |facts| facts.standing == Some(ListStanding::Restorable)
    ),
    rule!(
        "pending_delete.clock",
        PendingDelete,
        Critical,
        Unverify,
        "out of service for longer than its registry lets the old holder restore it",
        "data/lifecycle.csv, column restore_to",
        |facts| facts.is_past_restoring() && !facts.has(Status::PendingRestore)
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
        "redemption.undated",
        Redemption,
        High,
        Review,
        "pending delete that may still be undone, and no day tells how far it has come",
        "data/lifecycle.csv, column pending_delete",
        |facts| facts.has(Status::PendingDelete)
            && !facts.has(Status::RedemptionPeriod)
            && !facts.has(Status::PendingRestore)
            && facts.has_no_anchor()
    ),
    rule!(
        "redemption.pending_delete",
        Redemption,
        High,
        Unverify,
        "pending delete, which in this top-level domain may still be undone, as far as anybody knows",
        "data/lifecycle.csv, column pending_delete",
        |facts| facts.has(Status::PendingDelete) && !facts.has(Status::PendingRestore)
    ),
    rule!(
        "redemption.words",
        Redemption,
        High,
        Unverify,
        "the registry says in its own words that it is out of service, and the old holder can restore it",
        "data/lifecycle.csv, column words",
        |facts| facts.names(Phase::Restorable) && !facts.has(Status::PendingRestore)
    ),
    rule!(
        "redemption.clock",
        Redemption,
        High,
        Unverify,
        "expired and out of service where unpaid names lapse by themselves, and by the clock still to be restored",
        "data/lifecycle.csv, columns renews and restore_to",
        |facts| facts.is_lapsing() && !facts.is_free() && !facts.has(Status::PendingRestore)
    ),
    rule!(
        "available.not_found_and_absent",
        Available,
        Critical,
        Unverify,
        "the registry does not know it, or offers it to others, and the zone does not hold it",
        "RFC 9083; RFC 7480, section 5.3",
        |facts| facts.is_free() && facts.is_absent()
    ),
    rule!(
        "available.not_found_but_present",
        Available,
        High,
        Review,
        "the registry does not know it, or offers it to others, yet a zone that is no newer holds it",
        "RFC 7480, section 5.3",
        |facts| facts.is_free() && facts.is_present()
    ),
    rule!(
        "available.not_found",
        Available,
        High,
        Review,
        "the registry does not know it, or offers it to others, and no zone tells presence or absence",
        "RFC 7480, section 5.3",
        |facts| facts.is_free()
    ),
    rule!(
        "grace.out_of_service",
        Grace,
        High,
        Unverify,
        "expired or being restored, and already out of the zone or on hold",
        "RFC 3915, section 3.1; ICANN ERRP",
        |facts| (facts.is_in_grace() || facts.is_past()) && facts.is_out_of_service()
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
        "an expiration, the registry's or the registrar's, is past, and it is still in service as far as is known",
        "ICANN ERRP; ICANN gTLD RDAP response profile; data/lifecycle.csv",
        |facts| facts.is_unpaid()
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
        |facts| facts.is_registered() && facts.is_absent()
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
        "undelegated.words",
        Undelegated,
        Medium,
        Notify,
        "the registry says in its own words that it is out of service, and no zone holds it",
        "data/lifecycle.csv, column words",
        |facts| facts.names(Phase::Out) && !facts.is_present()
    ),
    rule!(
        "absent.long",
        Absent,
        Critical,
        Lookup,
        "the zone held it once and has not for so long that someone else can have it, 35 days in a gTLD",
        "data/lifecycle.csv, column gone_from",
        |facts| facts.is_absent() && facts.absent_long
    ),
    rule!(
        "absent.zone",
        Absent,
        High,
        Lookup,
        "the zone does not hold it, and no usable RDAP answer says why or shows a registration",
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
        |facts| facts.is_near(facts.expires())
            || facts.is_near(facts.registrar_expires())
            || facts.list_expiring
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
        "unknown.status",
        Unknown,
        Unknown,
        Review,
        "no zone holds it, and its answer has a status that nobody here knows",
        "RFC 9083, section 10.2.2; data/lifecycle.csv, column words",
        |facts| facts.found().is_some() && facts.phases.has_unknown
    ),
    rule!(
        "unknown.expired_long_ago",
        Unknown,
        Unknown,
        Lookup,
        "no zone holds it, and an expiration is longer past than any phase of its top-level domain lasts",
        "data/lifecycle.csv, column drop_to",
        |facts| facts.is_long_past()
    ),
    rule!(
        "active.found",
        Active,
        None,
        None,
        "registered, and nothing speaks against it",
        "RFC 9083, section 5.3",
        |facts| facts.is_registered()
    ),
    rule!(
        "unknown.says_nothing",
        Unknown,
        Unknown,
        Lookup,
        "no zone holds it, and the answer shows no sign of a registration",
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
