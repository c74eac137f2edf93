//! What the rules ask: one domain's evidence after ages, sources and conflicts are settled.
//!
//! Gathering (`evidence`) knows where things come from; the rules see only [`Facts`]. A *usable* answer is
//! a found one, or a dated not-found one, with an age between 0 and the limit. Days are compared as calendar
//! days, so there is no gap between "past" and "within 30 days".
//!
//! *Past* is an expiration from the day after it (in some top-level domains later, see [`Clock::late_days`]) for as many
//! days as the registry keeps unpaid names. A found answer is *registered* only with a sign of a registration: names
//! that are reserved, or waiting for a new holder, are found, too.

use super::lifecycle::{Clock, Renews};
use super::listing::ListStanding;
use super::phase::{Phase, Phases};
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::verdict::DropWindow;
use crate::rdap::{Answer, RdapOutcome, Status};
use crate::time::{Day, Moment};

/// Settled evidence about one domain.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    /// The moment of judgement.
    pub(crate) as_of: Moment,
    /// Days ahead in which an expiration counts as near.
    pub(crate) lead_days: i32,
    /// The clock of its registry.
    pub(crate) clock: &'a Clock,
    /// It is a special-use name or below one.
    pub(crate) special_use: bool,
    /// A complete root zone proves that its top-level domain does not exist.
    pub(crate) tld_absent: bool,
    /// The name is itself a public suffix.
    pub(crate) public_suffix: bool,
    /// In the zone, proved absent, or neither.
    pub(crate) presence: Option<bool>,
    /// The last day on which a zone held it.
    pub(crate) last_seen: Option<Day>,
    /// The first date without it, if it was in the zone before.
    pub(crate) dropped: Option<Day>,
    /// It has been absent for so long that someone else can have it, 35 days in a gTLD.
    pub(crate) absent_long: bool,
    /// It was parked when it expired.
    pub(crate) parked_at_expiry: bool,
    /// It was parked when it expired, and went on to other servers with its registration unchanged.
    pub(crate) moved_after_expiry: bool,
    /// The usable RDAP answer; none if a newer zone contradicts it and so decides.
    pub(crate) answer: Option<&'a Answer>,
    /// The phases that its statuses name in the words of the registry.
    pub(crate) phases: Phases,
    /// The registrar expiration, from whichever source gave it last.
    pub(crate) registrar_expires: Option<Moment>,
    /// Two RDAP answers contradict each other, neither is known to be the registry's alone, no list of the registry decides,
    /// and no newer zone holds it.
    pub(crate) sources_disagree: bool,
    /// The days that a list of the registry gives. They replace all that are computed.
    pub(crate) listed: Option<DropWindow>,
    /// Where it stands on its way to the next holder, as a list of the registry says.
    pub(crate) standing: Option<ListStanding>,
    /// A list of the registry says that its term is about to end.
    pub(crate) list_expiring: bool,
    /// Noticed while gathering.
    pub(crate) reasons: ReasonSet,
}

/// Whether an answer that names these phases shows a registration.
pub(super) fn shows_registration(answer: &Answer, phases: Phases, today: Day) -> bool {
    let events = &answer.events;
    answer.outcome == RdapOutcome::Found
        && (events.registered.is_some()
            || events.expires.is_some_and(|at| at.day() >= today)
            || answer.registrar.is_some()
            || answer.registrar_iana_id.is_some()
            || answer.statuses.prove_registration()
            || [Phase::Registered, Phase::Out, Phase::Expired].iter().any(|phase| phases.contains(*phase)))
}

impl Facts<'_> {
    /// A usable found answer.
    pub(crate) fn found(&self) -> Option<&Answer> {
        self.answer.filter(|answer| answer.outcome == RdapOutcome::Found)
    }

    /// A usable not-found answer of a name that can be registered.
    pub(crate) fn is_not_found(&self) -> bool {
        self.answer.is_some_and(|answer| answer.outcome == RdapOutcome::NotFound && !answer.reserved)
    }

    /// A usable not-found answer that says that nobody can register the name.
    pub(crate) fn is_reserved(&self) -> bool {
        self.answer.is_some_and(|answer| answer.outcome == RdapOutcome::NotFound && answer.reserved)
    }

    /// The registry does not know it, or offers it to others.
    pub(crate) fn is_free(&self) -> bool {
        self.is_not_found() || self.names(Phase::Available)
    }

    /// A found answer with a sign of a registration.
    pub(crate) fn is_registered(&self) -> bool {
        self.answer.is_some_and(|answer| shows_registration(answer, self.phases, self.as_of.day()))
    }

    /// Proved absent from the zone.
    pub(crate) fn is_absent(&self) -> bool {
        self.presence == Some(false)
    }

    /// In the zone.
    pub(crate) fn is_present(&self) -> bool {
        self.presence == Some(true)
    }

    /// Whether the found answer has a status that counts.
    pub(crate) fn has(&self, status: Status) -> bool {
        self.found().is_some_and(|answer| answer.statuses.contains(status))
    }

    /// Whether the found answer names this phase in the registry's words.
    pub(crate) fn names(&self, phase: Phase) -> bool {
        self.found().is_some() && self.phases.contains(phase)
    }

    /// Client hold or server hold.
    pub(crate) fn is_on_hold(&self) -> bool {
        self.has(Status::ClientHold) || self.has(Status::ServerHold)
    }

    /// Out of service: not in the zone, or on hold, or the registry says so in its words.
    pub(crate) fn is_out_of_service(&self) -> bool {
        self.is_absent()
            || self.is_on_hold()
            || self.names(Phase::Out)
            || self.names(Phase::Restorable)
            || (self.has(Status::Inactive) && !self.is_present())
    }

    /// The registry's expiration.
    pub(crate) fn expires(&self) -> Option<Day> {
        self.found().and_then(|answer| answer.events.expires).map(Moment::day)
    }

    /// The registrar's expiration.
    pub(crate) fn registrar_expires(&self) -> Option<Day> {
        self.registrar_expires.map(Moment::day)
    }

    /// Days from a day to as-of; negative if the day is still to come.
    pub(crate) fn days_past(&self, day: Day) -> i32 {
        self.as_of.day().since(day)
    }

    /// Whether the registry's expiration is past.
    pub(crate) fn is_expiration_past(&self) -> bool {
        let days = self.clock.late_days() + 1..=self.clock.past_days();
        self.expires().is_some_and(|day| days.contains(&self.days_past(day)))
    }

    /// Whether the registrar's expiration is past. Registrars print no late one.
    pub(crate) fn is_registrar_expiration_past(&self) -> bool {
        let days = 1..=self.clock.past_days();
        self.registrar_expires().is_some_and(|day| days.contains(&self.days_past(day)))
    }

    /// Past, by whatever tells.
    pub(crate) fn is_past(&self) -> bool {
        self.is_expiration_past() || self.is_registrar_expiration_past() || self.names(Phase::Expired)
    }

    /// Past, and that alone tells that nobody paid.
    pub(crate) fn is_unpaid(&self) -> bool {
        self.is_registrar_expiration_past()
            || self.names(Phase::Expired)
            || (self.is_expiration_past() && self.clock.past_is_a_sign())
    }

    /// Past and out of service where the holder renews. Nobody has to ask for a deletion there: the clock of what is lost
    /// runs. Where the registry renews, a hold or an absence is no more than a sign; what is deleted has a status.
    pub(crate) fn is_lapsing(&self) -> bool {
        self.clock.renews == Some(Renews::Holder) && self.is_past() && self.is_out_of_service()
    }

    /// Whether an expiration is longer past than any phase lasts.
    pub(crate) fn is_long_past(&self) -> bool {
        let long = self.clock.past_days().max(self.clock.late_days());
        self.expires().into_iter().chain(self.registrar_expires()).any(|day| self.days_past(day) > long)
    }

    /// Whether an expiration is today or within the lead time.
    pub(crate) fn is_near(&self, expiration: Option<Day>) -> bool {
        expiration.is_some_and(|day| (-self.lead_days..=0).contains(&self.days_past(day)))
    }

    /// Auto renew period together with a further sign that nobody pays.
    pub(crate) fn is_auto_renewed_unpaid(&self) -> bool {
        self.has(Status::AutoRenewPeriod)
            && (self.has(Status::ClientHold) || self.is_absent() || self.parked_at_expiry)
    }

    /// Signs that the registration ran out and the outcome is open.
    pub(crate) fn is_in_grace(&self) -> bool {
        self.has(Status::PendingRestore) || self.is_unpaid() || self.is_auto_renewed_unpaid()
    }

    /// Pending delete, and the registry shows it only when nothing can be done.
    pub(crate) fn is_final(&self) -> bool {
        self.found().is_some_and(|answer| self.clock.is_final(&answer.statuses))
    }

    /// Neither a printed day nor a day in service is known, so nothing tells how far a deletion has come.
    pub(crate) fn has_no_anchor(&self) -> bool {
        self.expires().is_none() && self.registrar_expires().is_none() && self.last_seen.is_none()
    }

    /// The day of an answer that proves a deletion, or what ends in one, to be under way.
    pub(crate) fn deletion_seen(&self) -> Option<Day> {
        let answer = self.found()?;
        let is_deletion = self.has(Status::RedemptionPeriod)
            || self.has(Status::PendingDelete)
            || self.phases.is_deletion();
        is_deletion.then(|| answer.fetched_at.day())
    }

    /// By the clock, the old holder cannot have it back any more.
    pub(crate) fn is_past_restoring(&self) -> bool {
        let Some(restore_to) = self.clock.restore_to else { return false };
        let is_over = |left: Day| self.as_of.day() > left.plus(restore_to);
        // what says that it can be restored tells more than the clock, and more than a zone that is no newer: it could on
        // that day
        if self.has(Status::RedemptionPeriod) || self.names(Phase::Restorable) {
            return self.found().is_some_and(|answer| is_over(answer.fetched_at.day()));
        }
        if self.is_present() || self.is_not_found() || self.is_reserved() {
            return false;
        }
        let seen = self.deletion_seen();
        let is_out = self.is_out_of_service() || seen.is_some();
        let by_itself = is_out && self.clock.renews == Some(Renews::Holder);
        let expired = self.expiry_passed().filter(|_| by_itself);
        if seen.is_none() && !(by_itself && (self.is_past() || self.was_past())) {
            return false;
        }
        // the last day on which it can have left the zone; it was in service until it was last seen there
        let served = |day: &Day| self.last_seen.is_some_and(|last_seen| last_seen > *day);
        let expired = expired.and_then(|day| Some(day.plus(self.clock.out_to?))).filter(|day| !served(day));
        let told = self.told_in_service();
        let dropped = self.dropped.filter(|dropped| told.is_none_or(|told| told < *dropped));
        // without name servers after its day, it was out by then; a mere hold tells nothing of a deletion
        let idle = self.found().filter(|_| by_itself && self.has(Status::Inactive) && self.was_past());
        let idle = idle.map(|answer| answer.fetched_at.day());
        let signs = seen.into_iter().chain(dropped).chain(idle);
        let signs = signs.map(|day| self.last_seen.map_or(day, |last_seen| day.max(last_seen.plus(1))));
        expired.into_iter().chain(signs).min().is_some_and(is_over)
    }

    /// The day of an answer that shows no sign of being out of service.
    fn told_in_service(&self) -> Option<Day> {
        let phases = [Phase::Out, Phase::Restorable, Phase::Final, Phase::Available];
        let is_out = self.is_on_hold()
            || self.has(Status::Inactive)
            || self.deletion_seen().is_some()
            || phases.iter().any(|phase| self.names(*phase));
        self.found().filter(|_| !is_out).map(|answer| answer.fetched_at.day())
    }

    /// Whether the registry's expiration was past when the answer was fetched.
    pub(crate) fn was_past(&self) -> bool {
        let fetched = self.found().map(|answer| answer.fetched_at.day());
        let days = self.expires().zip(fetched).map(|(day, fetched)| fetched.since(day));
        days.is_some_and(|days| (1..=self.clock.past_days()).contains(&days))
    }

    /// The expiration that is past, and was not for longer than a phase lasts when the answer was fetched. It is the
    /// registry's, if it prints one: a registrar's may be older than a renewal.
    fn expiry_passed(&self) -> Option<Day> {
        let Some(registry) = self.expires() else {
            return self.registrar_expires().filter(|_| self.is_registrar_expiration_past());
        };
        let fetched = self.found().map(|answer| answer.fetched_at.day());
        let may_run = fetched.is_some_and(|fetched| fetched.since(registry) <= self.clock.past_days());
        (may_run && self.days_past(registry) > self.clock.late_days()).then_some(registry)
    }

    /// Whether zone and RDAP, each on its own, say the same.
    pub(crate) fn is_corroborated(&self) -> bool {
        let out_of_zone = self.is_free()
            || self.deletion_seen().is_some()
            || self.has(Status::Inactive)
            || self.names(Phase::Out)
            || self.is_on_hold();
        match self.presence {
            Some(true) => self.is_registered() && !out_of_zone,
            Some(false) => out_of_zone,
            None => false,
        }
    }

    /// The reasons that statuses and dates of the answer give, whatever rule decides.
    pub(crate) fn noticed(&self) -> ReasonSet {
        let mut reasons = self.reasons;
        let statuses = [
            (Status::PendingDelete, Reason::PendingDelete),
            (Status::RedemptionPeriod, Reason::RedemptionPeriod),
            (Status::PendingRestore, Reason::PendingRestore),
            (Status::AutoRenewPeriod, Reason::AutoRenewPeriod),
            (Status::ClientHold, Reason::ClientHold),
            (Status::ServerHold, Reason::ServerHold),
            (Status::Inactive, Reason::Inactive),
        ];
        if self.found().is_some() {
            statuses.iter().for_each(|(status, reason)| reasons.insert_if(self.has(*status), *reason));
            reasons.insert_if(!self.is_registered(), Reason::SaysNothing);
            reasons.insert_if(self.phases.has_unknown, Reason::UnknownStatus);
        }
        let noticed = [
            (self.is_reserved(), Reason::Reserved),
            (self.is_expiration_past() || self.names(Phase::Expired), Reason::Expired),
            (self.is_registrar_expiration_past(), Reason::RegistrarExpired),
            (self.is_long_past(), Reason::ExpiredLongAgo),
            (self.is_near(self.expires()), Reason::ExpiresSoon),
            (self.is_near(self.registrar_expires()), Reason::RegistrarExpiresSoon),
            (self.parked_at_expiry, Reason::NsParkedAtExpiry),
        ];
        noticed.iter().for_each(|(holds, reason)| reasons.insert_if(*holds, *reason));
        reasons
    }
}
