//! The join: what zones and RDAP say of one name, with ages, sources and conflicts settled.

use super::account::Changes;
use super::facts::Facts;
use super::lifecycle::Lifecycle;
use super::parking::Parking;
use super::reason::Reason;
use super::special::special_use;
use crate::name::suffix::{SuffixList, tld};
use crate::rdap::{Answer, Bootstrap, RdapOutcome, RdapTable, Status};
use crate::snapshot::history::Absence;
use crate::snapshot::{Catalog, Coverage, Probe, ZoneEvidence};
use crate::time::{Day, Moment};
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
    /// The newest found answer, however old.
    pub newest_found: Option<&'a Answer>,
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
    /// Gathers and settles the evidence about a registrable domain (or a bare public suffix); `zone` is what the zones
    /// say of it.
    pub fn evidence(
        &self,
        name: &str,
        public_suffix: bool,
        zone: ZoneEvidence<'a>,
        probe: &mut Probe<'a>,
    ) -> Evidence<'a> {
        let lifecycle = Lifecycle::of(tld(name));
        let mut rdap = self.rdap_evidence(name);
        let answers = self.rdap.get(name);
        rdap.changes.gap_ended_at = gap_ended_at(&zone, answers, self.as_of, lifecycle);
        rdap.changes.lapse_seen_at = lapse_seen_at(&zone, &rdap, answers, self.as_of);
        let mut reasons = zone_reasons(&zone, lifecycle);
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
        if let (Some(usable), Some(seen_at)) = (answer, zone.seen_at)
            && contradicts_presence(usable)
        {
            reasons.push(Reason::Conflict);
            if seen_at > usable.fetched_at.plus_days(NEWER_DAYS) {
                (answer, registrar_expires) = (None, None);
            }
        }
        let parked = Parking::of_all(&zone.name_servers);
        let moves = Moves { zone: &zone, rdap: &rdap, lifecycle, as_of: self.as_of };
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
                && zone.history.absence.is_some_and(|absence| is_long(absence, lifecycle)),
            parked,
            parked_at_expiry: parked.is_some_and(|parking| moves.parked_at_expiry(parking)),
            moved_after_expiry: parked.is_none() && moves.moved_after_expiry(),
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
            lapse_seen_at: None,
        };
        evidence.newest_found = Some(answer);
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

/// When the last gap ended that is long enough for the registration to have ended with it, as far as the zones can
/// tell; void when a found answer fetched later shows a registration older than the gap.
fn gap_ended_at(
    zone: &ZoneEvidence<'_>,
    answers: &[Answer],
    as_of: Moment,
    lifecycle: Lifecycle,
) -> Option<Moment> {
    let history = &zone.history;
    let gap = history
        .absence
        .into_iter()
        .chain(history.long_absence)
        .find(|gap| Some(gap.from) != history.dropped_on && is_long(*gap, lifecycle))?;
    let ended = gap.to.plus(1).start();
    let voids = |answer: &Answer| voids(answer, ended, gap.from.start(), as_of);
    (!answers.iter().any(voids)).then_some(ended)
}

/// When the name was last seen not found or in its final pending delete, if the zone holds it more than a day later;
/// void when a found answer fetched later shows a registration older than that.
fn lapse_seen_at(
    zone: &ZoneEvidence<'_>,
    rdap: &RdapEvidence<'_>,
    answers: &[Answer],
    as_of: Moment,
) -> Option<Moment> {
    let answer = rdap.answer.filter(|answer| rdap.usable && is_lapsed(answer))?;
    let seen = answer.fetched_at;
    let returned = zone.seen_at.is_some_and(|seen_at| seen_at > seen.plus_days(NEWER_DAYS));
    (returned && !answers.iter().any(|answer| voids(answer, seen, seen, as_of))).then_some(seen)
}

/// Whether an answer says that the registration is over or about to be: not found, or pending delete alone.
fn is_lapsed(answer: &Answer) -> bool {
    let has = |status| answer.statuses.contains(status);
    match answer.outcome {
        RdapOutcome::NotFound => true,
        RdapOutcome::Found => {
            has(Status::PendingDelete) && !has(Status::RedemptionPeriod) && !has(Status::PendingRestore)
        }
        RdapOutcome::Error => false,
    }
}

/// Whether an answer fetched after a sign of a new registration shows that the old one, of before `began`, goes on.
fn voids(answer: &Answer, sign: Moment, began: Moment, as_of: Moment) -> bool {
    answer.outcome == RdapOutcome::Found
        && answer.fetched_at > sign
        && answer.fetched_at <= as_of
        && answer.events.registered.is_some_and(|at| at < began)
        && answer.events.reinstantiated.is_none_or(|at| at < began)
}

/// Whether an absence is long enough for the registration to have ended.
fn is_long(absence: Absence, lifecycle: Lifecycle) -> bool {
    absence.days() >= lifecycle.lapse_gap_days()
}

fn zone_reasons(zone: &ZoneEvidence<'_>, lifecycle: Lifecycle) -> Vec<Reason> {
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
    let gaps = || history.absence.into_iter().chain(history.long_absence).filter_map(|gap| ended(Some(gap)));
    if gaps().any(|gap| is_long(gap, lifecycle)) {
        reasons.push(Reason::LongGap);
    }
    if gaps().any(|gap| !is_long(gap, lifecycle)) {
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

/// Where a domain's name servers moved, held against the time of its expiry.
struct Moves<'e, 'a> {
    zone: &'e ZoneEvidence<'a>,
    rdap: &'e RdapEvidence<'a>,
    lifecycle: Lifecycle,
    as_of: Moment,
}

/// Days for which the mark of a sale counts; by then the name has expired again.
const SALE_DAYS: i32 = 366;
/// Years by which renewals may have moved an expiry.
const YEARS: usize = 12;

impl Moves<'_, '_> {
    /// Whether it stands at servers for expired names, or moved to parking servers when it expired.
    fn parked_at_expiry(&self, parking: Parking) -> bool {
        let moved = self.zone.history.change.map(|change| change.day);
        parking == Parking::Expiry
            || moved.is_some_and(|day| {
                Parking::of_all(&self.zone.servers_before).is_none()
                    && self.registration_goes_on(day)
                    && self.is_at_expiry(day)
            })
    }

    /// Whether it moved on from parking servers when it had expired, and is still the same registration.
    fn moved_after_expiry(&self) -> bool {
        let Some(change) = self.zone.history.change else { return false };
        self.zone.presence == Some(true)
            && !self.zone.name_servers.is_empty()
            && Parking::of_all(&self.zone.servers_before).is_some()
            && self.as_of.day().since(change.day) <= SALE_DAYS
            && self.registration_goes_on(change.day)
            && self.is_at_expiry(change.day)
    }

    /// Whether an answer fetched after this day shows a registration older than it.
    fn registration_goes_on(&self, day: Day) -> bool {
        let changes = &self.rdap.changes;
        self.rdap.newest_found.is_some_and(|answer| answer.fetched_at >= day.start())
            && changes.registered_at.is_some_and(|at| at < day.start())
            && changes.reinstantiated_at.is_none_or(|at| at < day.start())
    }

    /// Whether a day lies in the auto renew period behind an expiry. Renewal moves the expiry by whole years.
    fn is_at_expiry(&self, day: Day) -> bool {
        let Some(answer) = self.rdap.newest_found else { return false };
        let expiries = answer.events.expires.into_iter().chain(self.rdap.registrar_expires);
        expiries.map(Moment::day).any(|expiry| {
            let earlier = |day: &Day| Some(day.year_earlier());
            // no registration runs for more than ten years (RFC 5731, section 3.2.3 and the registries' agreements)
            let last = std::iter::successors(Some(expiry), earlier).take(YEARS).find(|expiry| *expiry <= day);
            last.is_some_and(|expiry| day.since(expiry) <= self.lifecycle.auto_renew_days)
        })
    }
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
