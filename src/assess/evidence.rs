//! The join: what zones and RDAP say of one name, with ages, sources and conflicts settled.

use super::account::Changes;
use super::facts::Facts;
use super::lifecycle::GTLD;
use super::reason::Reason;
use super::special::special_use;
use crate::name::suffix::{SuffixList, tld};
use crate::rdap::{Answer, Bootstrap, RdapOutcome, RdapTable, Status};
use crate::snapshot::history::Absence;
use crate::snapshot::{Catalog, Coverage, Probe, ZoneEvidence};
use crate::time::Moment;
use crate::zone::DateSource;

/// Days by which a zone must be newer than an RDAP answer to outweigh it.
const NEWER_DAYS: i64 = 1;

/// Where evidence comes from, and how old it may be.
#[derive(Debug)]
pub struct Sources<'a> {
    /// The Public Suffix List.
    pub suffixes: &'a SuffixList,
    /// The zones.
    pub catalog: &'a Catalog,
    /// The RDAP answers.
    pub rdap: &'a RdapTable,
    /// Which server is the registry's, if the user said.
    pub bootstrap: Option<&'a Bootstrap>,
    /// The moment of judgement.
    pub as_of: Moment,
    /// Days ahead in which an expiration counts as near.
    pub lead_days: i32,
    /// Age in days up to which an answer is usable.
    pub max_rdap_age_days: u32,
}

/// What the RDAP answers say of one name.
#[derive(Debug, Clone, Default)]
pub struct RdapEvidence<'a> {
    /// The answer that gives the statuses, usable or not; an error only if there is nothing else.
    pub answer: Option<&'a Answer>,
    /// Whether its age lets it be used.
    pub usable: bool,
    /// The registrar expiration of the newest usable answer that has one, whatever its source.
    pub registrar_expires: Option<Moment>,
    /// Changes of hands, also from answers too old for anything else.
    pub changes: Changes,
    /// Noticed on the way.
    pub reasons: Vec<Reason>,
}

/// All that is known of one name.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// From the zones.
    pub zone: ZoneEvidence<'a>,
    /// From RDAP.
    pub rdap: RdapEvidence<'a>,
    /// Settled, for the rules.
    pub facts: Facts<'a>,
}

impl<'a> Sources<'a> {
    /// Gathers and settles the evidence about a registrable domain (or a bare public suffix).
    pub fn evidence(&self, name: &str, public_suffix: bool, probe: &mut Probe<'a>) -> Evidence<'a> {
        let lifecycle = GTLD;
        let zone = probe.evidence(name, lifecycle.deletion_days());
        let mut rdap = self.rdap_evidence(name);
        rdap.changes.gap_ended_at = gap_ended_at(&zone, self.rdap.get(name), self.as_of);
        let mut reasons = zone_reasons(&zone);
        reasons.extend_from_slice(&rdap.reasons);
        let tld = tld(name);
        let zone_knows_tld = self.catalog.has_zone(tld)
            || zone.snapshot.is_some_and(|snapshot| !snapshot.facts.origin.is_empty());
        // what the root says of the top-level domain matters only where no zone below it speaks
        let in_root =
            if zone_knows_tld { None } else { probe.evidence(tld, lifecycle.deletion_days()).presence };
        let tld_absent = in_root == Some(false);
        if !zone_knows_tld && in_root.is_none() && !self.suffixes.knows_tld(tld) {
            reasons.push(Reason::UnknownTld);
        }
        let mut answer = rdap.answer.filter(|_| rdap.usable);
        let mut registrar_expires = rdap.registrar_expires;
        if let (Some(usable), Some(true), Some(snapshot)) = (answer, zone.presence, zone.snapshot)
            && contradicts_presence(usable)
        {
            reasons.push(Reason::Conflict);
            if snapshot.date.moment > usable.fetched_at.plus_days(NEWER_DAYS) {
                (answer, registrar_expires) = (None, None);
            }
        }
        let facts = Facts {
            as_of: self.as_of,
            lead_days: self.lead_days,
            lifecycle,
            special_use: special_use(name).is_some(),
            tld_absent,
            public_suffix,
            presence: zone.presence,
            dropped: zone.history.dropped_on.filter(|_| zone.presence == Some(false)),
            absent_long: zone.history.dropped_on.is_some()
                && zone.history.absence.is_some_and(|absence| absence.is_long()),
            answer,
            registrar_expires,
            reasons,
        };
        Evidence { zone, rdap, facts }
    }

    fn rdap_evidence(&self, name: &str) -> RdapEvidence<'a> {
        let all = self.rdap.get(name);
        let mut evidence = RdapEvidence::default();
        let known: Vec<&Answer> = all.iter().filter(|answer| answer.fetched_at <= self.as_of).collect();
        if known.len() < all.len() {
            evidence.reasons.push(Reason::RdapAfterAsOf);
        }
        let is_registry = |answer: &Answer| {
            let source = answer.source.as_deref().unwrap_or_default();
            self.bootstrap.and_then(|bootstrap| bootstrap.is_registry(name, source))
        };
        let told: Vec<&Answer> =
            known.iter().copied().filter(|answer| answer.outcome != RdapOutcome::Error).collect();
        let newest =
            |answers: &mut dyn Iterator<Item = &'a Answer>| answers.max_by_key(|answer| answer.fetched_at);
        let judged = newest(&mut told.iter().copied().filter(|answer| is_registry(answer) != Some(false)));
        match judged {
            Some(answer) if is_registry(answer).is_none() => evidence.reasons.push(Reason::UnverifiedSource),
            None if !told.is_empty() => evidence.reasons.push(Reason::NotTheRegistry),
            _ => {}
        }
        evidence.answer = judged.or_else(|| {
            newest(&mut known.iter().copied().filter(|answer| answer.outcome == RdapOutcome::Error))
        });
        match evidence.answer.map(|answer| answer.outcome) {
            None if told.is_empty() => evidence.reasons.push(Reason::RdapNone),
            None => {}
            Some(RdapOutcome::Error) => evidence.reasons.push(Reason::RdapError),
            Some(outcome) => self.age(outcome, &mut evidence),
        }
        let dated =
            told.iter().filter(|answer| self.is_young(answer) && answer.events.registrar_expires.is_some());
        let newest = dated.max_by_key(|answer| answer.fetched_at);
        evidence.registrar_expires = newest.and_then(|answer| answer.events.registrar_expires);
        self.note_changes(&told, &mut evidence);
        evidence
    }

    fn is_young(&self, answer: &Answer) -> bool {
        answer.fetched_at.plus_days(i64::from(self.max_rdap_age_days)) >= self.as_of
    }

    fn age(&self, outcome: RdapOutcome, evidence: &mut RdapEvidence<'_>) {
        let Some(answer) = evidence.answer else { return };
        if !self.is_young(answer) {
            evidence.reasons.push(Reason::RdapTooOld);
        } else if outcome == RdapOutcome::NotFound && !answer.dated {
            evidence.reasons.push(Reason::RdapUndated);
        } else {
            evidence.usable = true;
        }
    }

    /// Dates of registration, reinstantiation, reregistration and transfer: of the newest found answer,
    /// however old. Dates after as-of are no evidence yet.
    fn note_changes(&self, told: &[&'a Answer], evidence: &mut RdapEvidence<'a>) {
        let found = told.iter().filter(|answer| answer.outcome == RdapOutcome::Found);
        let Some(answer) = found.max_by_key(|answer| answer.fetched_at) else { return };
        let mut until_now = |moment: Option<Moment>| {
            let future = moment.is_some_and(|moment| moment > self.as_of);
            if future && !evidence.reasons.contains(&Reason::EventAfterAsOf) {
                evidence.reasons.push(Reason::EventAfterAsOf);
            }
            moment.filter(|_| !future)
        };
        let events = &answer.events;
        evidence.changes = Changes {
            registered_at: until_now(events.registered),
            reinstantiated_at: until_now(events.reinstantiated),
            reregistered_at: until_now(events.reregistered),
            transferred_at: until_now(events.transferred),
            gap_ended_at: None,
        };
    }
}

/// Whether an answer cannot hold for a name that is in the zone: not found, pending delete or
/// redemption. Pending restore puts the name back into the zone.
fn contradicts_presence(answer: &Answer) -> bool {
    let has = |status| answer.statuses.contains(status);
    match answer.outcome {
        RdapOutcome::NotFound => true,
        RdapOutcome::Found => {
            (has(Status::PendingDelete) || has(Status::RedemptionPeriod)) && !has(Status::PendingRestore)
        }
        RdapOutcome::Error => false,
    }
}

/// When a gap of 35 days or more ended, as far as the zones can tell; void when a found answer fetched later shows
/// a registration older than that and no later reinstantiation.
fn gap_ended_at(zone: &ZoneEvidence<'_>, answers: &[Answer], as_of: Moment) -> Option<Moment> {
    let history = &zone.history;
    let gap = history.long_absence.filter(|gap| Some(gap.from) != history.dropped_on)?;
    let ended = gap.to.plus(1).start();
    let voids = |answer: &Answer| {
        answer.outcome == RdapOutcome::Found
            && answer.fetched_at > ended
            && answer.fetched_at <= as_of
            && answer.events.registered.is_some_and(|at| at < gap.from.start())
            && answer.events.reinstantiated.is_none_or(|at| at < gap.from.start())
    };
    (!answers.iter().any(voids)).then_some(ended)
}

fn zone_reasons(zone: &ZoneEvidence<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if zone.after_as_of {
        reasons.push(Reason::ZoneAfterAsOf);
    }
    if zone.seen_too_long_ago {
        reasons.push(Reason::SeenTooLongAgo);
    }
    let history = &zone.history;
    if zone.presence == Some(false) && history.dropped_on.is_some() {
        reasons.push(Reason::Dropped);
    }
    let ended = |absence: Option<Absence>| absence.filter(|absence| Some(absence.from) != history.dropped_on);
    if ended(history.long_absence).is_some() {
        reasons.push(Reason::LongGap);
    }
    if ended(history.absence).is_some_and(|absence| !absence.is_long()) {
        reasons.push(Reason::ShortGap);
    }
    match zone.snapshot {
        None if zone.after_as_of => {}
        None => reasons.push(Reason::ZoneNone),
        Some(snapshot) => {
            if snapshot.date.source == DateSource::FileTime {
                reasons.push(Reason::ZoneFileTime);
            }
            match snapshot.coverage {
                Coverage::Stale => reasons.push(Reason::ZoneStale),
                Coverage::Unclosed => reasons.push(Reason::ZoneUnclosed),
                Coverage::Shrunk => reasons.push(Reason::ZoneShrunk),
                Coverage::List => reasons.push(Reason::ZoneList),
                Coverage::Complete | Coverage::None => {}
            }
        }
    }
    reasons
}

impl Evidence<'_> {
    /// Whether zone and RDAP, each on its own, say the same.
    pub fn is_corroborated(&self) -> bool {
        let out_of_zone = self.facts.is_not_found()
            || self.facts.has(Status::PendingDelete)
            || self.facts.has(Status::RedemptionPeriod)
            || self.facts.has(Status::Inactive)
            || self.facts.is_on_hold();
        match self.zone.presence {
            Some(true) => self.facts.found().is_some() && !out_of_zone,
            Some(false) => out_of_zone,
            None => false,
        }
    }
}
