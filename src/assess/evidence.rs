//! The join: what zones and RDAP say of one name, with ages, sources and conflicts settled.
//!
//! A run keeps the [`Evidence`] of every distinct name for its tables. So it is small: what RDAP says is kept apart and
//! only if there is something, and the [`Facts`] that the rules ask are worked out for the moment of judgement.

use super::account::Changes;
use super::facts::Facts;
use super::hands::{gap_ended_at, lapse_seen_at};
use super::lifecycle::Clock;
use super::listing::{ListEntry, ListFacts, ListStanding, Listings};
use super::moves::Moves;
use super::parking::Parking;
use super::phase::{Phase, Phases};
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::special::special_use;
use crate::mail::MailClasses;
use crate::name::suffix::{SuffixList, tld};
use crate::rdap::{Answer, RdapOutcome, RdapTable, RegistryServers, Status};
use crate::snapshot::history::History;
use crate::snapshot::{Catalog, Coverage, Doubt, Probe, ZoneEvidence};
use crate::time::Moment;
use crate::zone::DateSource;

/// Days for which the presence of a top-level domain in the root counts.
const ROOT_PRESENCE_DAYS: i32 = 35;
/// Days by which a zone must be newer than an RDAP answer to outweigh it.
pub(super) const NEWER_DAYS: i64 = 1;

/// Where evidence comes from, and how old it may be.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    /// The Public Suffix List.
    pub(crate) suffixes: &'a SuffixList,
    /// The zones.
    pub(crate) catalog: &'a Catalog,
    /// The RDAP answers.
    pub(crate) rdap: &'a RdapTable,
    /// What lists of registries say.
    pub(crate) lists: &'a Listings,
    /// Which servers are those of registries.
    pub(crate) registries: &'a RegistryServers,
    /// What kinds of services give addresses.
    pub(crate) mail_classes: &'a MailClasses,
    /// The moment of judgement.
    pub(crate) as_of: Moment,
    /// Days ahead in which an expiration counts as near.
    pub(crate) lead_days: i32,
    /// Age in days up to which an answer is usable.
    pub(crate) max_rdap_age_days: u32,
    /// Age in days up to which data about mail servers raise the risk.
    pub(crate) max_mx_age_days: u32,
}

/// What the RDAP answers say of one name.
#[derive(Debug, Clone)]
pub(crate) struct RdapEvidence<'a> {
    /// The answer that gives the statuses, usable or not; an error only if there is nothing else.
    pub(crate) answer: Option<&'a Answer>,
    /// Whether its age lets it be used.
    pub(crate) usable: bool,
    /// The registrar expiration of the newest usable answer that has one, whatever its source.
    pub(crate) registrar_expires: Option<Moment>,
    /// Changes of hands, also from answers too old for anything else.
    pub(crate) changes: Changes,
    /// The newest found answer that counts, however old.
    pub(crate) newest_found: Option<&'a Answer>,
    /// When the newer of two answers was fetched that contradict each other. Then neither is used.
    pub(crate) disagreed_at: Option<Moment>,
    /// The answers from which nothing was taken, because their servers are not the registry's.
    pub(crate) unused: Vec<&'a Answer>,
    /// The answers that give no statuses: of servers that are not the registry's, or a contradicting one.
    pub(crate) others: Vec<&'a Answer>,
    /// What was noticed on the way.
    pub(crate) reasons: ReasonSet,
}

/// What is known of a name without answers that never was away for long.
pub(super) static NO_ANSWER: RdapEvidence<'static> = RdapEvidence {
    answer: None,
    usable: false,
    registrar_expires: None,
    changes: Changes::NONE,
    newest_found: None,
    disagreed_at: None,
    unused: Vec::new(),
    others: Vec::new(),
    reasons: ReasonSet::only(Reason::RdapNone),
};

/// All that is known of one name.
#[derive(Debug, Clone)]
pub(crate) struct Evidence<'a> {
    /// From the zones.
    pub(crate) zone: ZoneEvidence<'a>,
    /// From lists of registries.
    pub(crate) listing: Option<&'a ListEntry>,
    /// From RDAP, unless it is [`NO_ANSWER`].
    rdap: Option<Box<RdapEvidence<'a>>>,
}

impl<'a> Evidence<'a> {
    /// What RDAP says.
    pub(crate) fn rdap(&self) -> &RdapEvidence<'a> {
        self.rdap.as_deref().unwrap_or(&NO_ANSWER)
    }
}

/// What the registry says of a name, settled.
struct Deciding<'a> {
    /// The answer, or the entry of a register as one; none if a newer zone contradicts it.
    answer: Option<&'a Answer>,
    /// The phases that it names.
    phases: Phases,
    registrar_expires: Option<Moment>,
    /// What its lists say, with the conflicts of all.
    list: ListFacts<'a>,
}

impl<'a> Sources<'a> {
    /// Gathers the evidence about a registrable domain (or a bare public suffix); `zone` is what the zones say of it.
    /// `private_suffix` is the private suffix that it is registered under, if it is.
    pub(crate) fn evidence(
        &self,
        name: &str,
        private_suffix: Option<&str>,
        clock: &Clock,
        zone: ZoneEvidence<'a>,
    ) -> Evidence<'a> {
        let listing = self.lists.get(name);
        let rdap = self.rdap_evidence(name, private_suffix, clock, &zone, listing);
        Evidence { zone, listing, rdap }
    }

    /// Settles evidence for the rules. `parked` is what all of its name servers are listed as.
    pub(crate) fn facts(
        &self,
        name: &str,
        clock: &'static Clock,
        public_suffix: bool,
        evidence: &Evidence<'a>,
        parked: Option<Parking>,
        probe: &mut Probe<'a>,
    ) -> Facts<'a> {
        let (zone, rdap) = (&evidence.zone, evidence.rdap());
        let (history, tld) = (zone.history(), tld(name));
        let mut reasons = zone_reasons(zone, &history, clock).union(rdap.reasons);
        let zone_knows_tld = zone.snapshot.is_some_and(|snapshot| !snapshot.facts.origin.is_empty())
            || self.catalog.has_zone(tld);
        // what the root says of the top-level domain matters only where no zone below it speaks
        let in_root = if zone_knows_tld { None } else { probe.evidence(tld, ROOT_PRESENCE_DAYS).presence };
        let tld_absent = in_root == Some(false);
        let is_unknown = !zone_knows_tld && in_root.is_none() && !self.suffixes.knows_tld(tld);
        reasons.insert_if(is_unknown, Reason::UnknownTld);
        // nobody can register a name above others, so an answer about it decides nothing
        let Deciding { answer, phases, registrar_expires, list } = self.decide(evidence, clock);
        reasons = reasons.union(list.reasons);
        let is_listed = answer.is_some() || list.standing.is_some();
        let sources_disagree = rdap.disagreed_at.filter(|_| !is_listed).is_some_and(|at| {
            // as in every conflict, a zone that is newer by more than a day decides
            zone.seen_at().is_none_or(|seen_at| seen_at <= at.plus_days(NEWER_DAYS))
        });
        let moves = Moves { zone, history: &history, rdap, clock, as_of: self.as_of };
        Facts {
            as_of: self.as_of,
            lead_days: self.lead_days,
            clock,
            special_use: special_use(name).is_some(),
            tld_absent,
            public_suffix,
            presence: zone.presence,
            last_seen: zone.seen_at().map(Moment::day).max(history.last_seen),
            dropped: history.dropped_on.filter(|_| zone.presence == Some(false)),
            absent_long: history.dropped_on.is_some()
                && history.absence().is_some_and(|absence| absence.days() >= clock.gone_days()),
            parked_at_expiry: parked.is_some_and(|parking| moves.parked_at_expiry(parking)),
            moved_after_expiry: parked.is_none()
                && !zone.holds_only_names_below()
                && moves.moved_after_expiry(),
            answer,
            phases,
            registrar_expires,
            sources_disagree,
            listed: list.listed,
            standing: list.standing,
            list_expiring: list.is_expiring,
            reasons,
        }
    }

    /// Settles what the registry says: by the newest of its answers and lists, unless a zone that is newer by more than
    /// a day contradicts it.
    fn decide(&self, evidence: &Evidence<'a>, clock: &Clock) -> Deciding<'a> {
        let (zone, rdap, listing) = (&evidence.zone, evidence.rdap(), evidence.listing);
        let mut answer = rdap.answer.filter(|_| rdap.usable && !zone.holds_only_names_below());
        let mut registrar_expires = rdap.registrar_expires.filter(|_| !zone.holds_only_names_below());
        let seen_at = zone.seen_at();
        let is_outdated = |answer: &Answer| {
            seen_at.is_some_and(|seen_at| seen_at > answer.fetched_at.plus_days(NEWER_DAYS))
        };
        let contradicts =
            |answer: &Answer, phases| seen_at.is_some() && contradicts_presence(answer, phases, clock);
        let mut list = ListFacts::default();
        if let Some(listing) = listing {
            list = listing.facts(answer, seen_at, clock, (self.as_of, NEWER_DAYS));
            if let Some(own) = list.answer {
                let phases = listing.phases(clock.phases(&own.statuses));
                let conflicts = contradicts(own, phases);
                list.reasons.insert_if(conflicts, Reason::Conflict);
                if !(conflicts && is_outdated(own)) {
                    return Deciding { answer: Some(own), phases, registrar_expires, list };
                }
            }
            if list.standing.is_some_and(ListStanding::is_gone) {
                // answers are about the registration that is over, or say no more than the list
                answer = None;
            } else if list.standing.is_some() {
                // it was registered again since it was not found
                answer = answer.filter(|answer| {
                    answer.outcome == RdapOutcome::Found || answer.fetched_at > listing.date
                });
            }
        }
        if rdap.disagreed_at.is_some() {
            registrar_expires = None;
        }
        let mut phases = answer.map_or(Phases::NONE, |answer| clock.phases(&answer.statuses));
        if let Some(usable) = answer.filter(|answer| contradicts(answer, phases)) {
            list.reasons.insert(Reason::Conflict);
            if is_outdated(usable) {
                (answer, registrar_expires, phases) = (None, None, Phases::NONE);
            }
        }
        Deciding { answer, phases, registrar_expires, list }
    }

    /// What RDAP says, unless it is [`NO_ANSWER`].
    fn rdap_evidence(
        &self,
        name: &str,
        private_suffix: Option<&str>,
        clock: &Clock,
        zone: &ZoneEvidence<'a>,
        listing: Option<&ListEntry>,
    ) -> Option<Box<RdapEvidence<'a>>> {
        let answers = self.rdap.get(name);
        if answers.is_empty() && listing.is_none() && zone.past().is_none() {
            return None; // as of nearly all names
        }
        let standing =
            |answer: &Answer| self.registries.standing(name, private_suffix, answer.source.as_deref());
        let (counted, mut evidence) = self.weigh(answers.iter().map(|answer| (answer, standing(answer))));
        let gap_ended_at = gap_ended_at(zone, &counted, self.as_of, clock);
        let (listed, list_ended_at) =
            listing.map_or((None, None), |listing| (listing.registered_at, listing.ended_at));
        if answers.is_empty() && gap_ended_at.is_none() && (listed, list_ended_at) == (None, None) {
            return None;
        }
        if zone.holds_only_names_below() {
            evidence.changes = Changes::NONE;
        } else {
            evidence.changes.gap_ended_at = gap_ended_at;
            if let Some((registered_on, told_by)) = listed
                && self.registered_at(&counted).is_none_or(|(_, told_at)| told_by > told_at)
            {
                evidence.changes.registered_at = Some(self.time_of_registration(&counted, registered_on));
            }
            evidence.changes.list_ended_at = list_ended_at;
            evidence.changes.lapse_seen_at = lapse_seen_at(zone, &evidence, &counted, self.as_of, clock);
        }
        Some(Box::new(evidence))
    }
}

/// Whether an answer cannot hold for a name that is in the zone: not found, or on its way out. Pending restore puts the
/// name back into the zone. Some registries call unpaid names pending delete while these are still in the zone and the
/// holder can renew: there this status alone contradicts nothing.
pub(super) fn contradicts_presence(answer: &Answer, phases: Phases, clock: &Clock) -> bool {
    let has = |status| answer.statuses.contains(status);
    let names = |phase| phases.contains(phase);
    match answer.outcome {
        RdapOutcome::NotFound => true,
        RdapOutcome::Found if names(Phase::Available) => true,
        RdapOutcome::Found => {
            let is_out = has(Status::RedemptionPeriod) || names(Phase::Restorable) || names(Phase::Final);
            let is_pending = has(Status::PendingDelete) && !clock.keeps_pending_delete();
            (is_out || is_pending) && !has(Status::PendingRestore)
        }
        RdapOutcome::Error => false,
    }
}

fn zone_reasons(zone: &ZoneEvidence<'_>, history: &History, clock: &Clock) -> ReasonSet {
    let mut reasons = ReasonSet::EMPTY;
    if let Some(doubt) = zone.doubt {
        reasons.insert(match doubt {
            Doubt::OnlyNamesBelow => Reason::OnlyNamesBelow,
            Doubt::SeenTooLongAgo => Reason::SeenTooLongAgo,
            Doubt::AfterAsOf => Reason::ZoneAfterAsOf,
        });
    }
    let is_absent = zone.presence == Some(false);
    reasons.insert_if(is_absent && history.dropped_on.is_some(), Reason::Dropped);
    let long_gap = history.long_gap(clock.lapse_gap_days());
    let latest_gap = history.absence().filter(|absence| absence.seen_after.is_some());
    reasons.insert_if(long_gap.is_some(), Reason::LongGap);
    reasons.insert_if(latest_gap.is_some() && latest_gap != long_gap, Reason::ShortGap);
    let Some(snapshot) = zone.snapshot else {
        reasons.insert_if(zone.doubt.is_none(), Reason::ZoneNone);
        return reasons;
    };
    reasons.insert_if(snapshot.date.source == DateSource::FileTime, Reason::ZoneFileTime);
    match snapshot.coverage {
        Coverage::Stale => reasons.insert(Reason::ZoneStale),
        Coverage::Unclosed => reasons.insert(Reason::ZoneUnclosed),
        Coverage::Shrunk => reasons.insert(Reason::ZoneShrunk),
        Coverage::List => reasons.insert(Reason::ZoneList),
        Coverage::Complete | Coverage::None => {}
    }
    reasons
}
