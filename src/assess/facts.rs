//! What the rules ask: one domain's evidence after ages, sources and conflicts are settled.
//!
//! Gathering (`evidence`) knows where things come from; the rules see only [`Facts`]. A *usable* answer is
//! a found one, or a dated not-found one, with an age between 0 and the limit. Days are compared as calendar
//! days, so there is no gap between "1 to 80 days past" and "within 30 days".

use super::lifecycle::{GTLD, Lifecycle};
use super::reason::Reason;
use super::reason_set::ReasonSet;
use crate::rdap::{Answer, RdapOutcome, Status};
use crate::time::{Day, Moment};

/// Days past expiry after which an expiration is no sign any more: the whole lifecycle of a gTLD.
pub(crate) const EXPIRED_DAYS: i32 = GTLD.expiry_to_drop_days();

/// Settled evidence about one domain.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    /// The moment of judgement.
    pub(crate) as_of: Moment,
    /// Days ahead in which an expiration counts as near.
    pub(crate) lead_days: i32,
    /// The phases of its top-level domain.
    pub(crate) lifecycle: Lifecycle,
    /// It is a special-use name or below one.
    pub(crate) special_use: bool,
    /// A complete root zone proves that its top-level domain does not exist.
    pub(crate) tld_absent: bool,
    /// The name is itself a public suffix.
    pub(crate) public_suffix: bool,
    /// In the zone, proved absent, or neither.
    pub(crate) presence: Option<bool>,
    /// The first date without it, if it was in the zone before.
    pub(crate) dropped: Option<Day>,
    /// It has been absent for longer than a deletion takes, 35 days in a gTLD.
    pub(crate) absent_long: bool,
    /// It was parked when it expired.
    pub(crate) parked_at_expiry: bool,
    /// It was parked when it expired, and went on to other servers with its registration unchanged.
    pub(crate) moved_after_expiry: bool,
    /// The usable RDAP answer; none if a newer zone contradicts it and so decides.
    pub(crate) answer: Option<&'a Answer>,
    /// The registrar expiration, from whichever source gave it last.
    pub(crate) registrar_expires: Option<Moment>,
    /// Two RDAP answers contradict each other, neither is known to be the registry's alone, and no newer zone holds it.
    pub(crate) sources_disagree: bool,
    /// Noticed while gathering.
    pub(crate) reasons: ReasonSet,
}

impl Facts<'_> {
    /// A usable found answer.
    pub(crate) fn found(&self) -> Option<&Answer> {
        self.answer.filter(|answer| answer.outcome == RdapOutcome::Found)
    }

    /// A usable not-found answer.
    pub(crate) fn is_not_found(&self) -> bool {
        self.answer.is_some_and(|answer| answer.outcome == RdapOutcome::NotFound)
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

    /// Client hold or server hold.
    pub(crate) fn is_on_hold(&self) -> bool {
        self.has(Status::ClientHold) || self.has(Status::ServerHold)
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

    /// Whether an expiration is 1 to 80 days past.
    pub(crate) fn is_lately_past(&self, expiration: Option<Day>) -> bool {
        expiration.is_some_and(|day| (1..=EXPIRED_DAYS).contains(&self.days_past(day)))
    }

    /// Whether an expiration is today or within the lead time.
    pub(crate) fn is_near(&self, expiration: Option<Day>) -> bool {
        expiration.is_some_and(|day| (-self.lead_days..=0).contains(&self.days_past(day)))
    }

    /// An expiration 1 to 80 days past.
    pub(crate) fn is_expired(&self) -> bool {
        self.is_lately_past(self.expires()) || self.is_lately_past(self.registrar_expires())
    }

    /// Auto renew period together with a further sign that nobody pays.
    pub(crate) fn is_auto_renewed_unpaid(&self) -> bool {
        self.has(Status::AutoRenewPeriod)
            && (self.has(Status::ClientHold) || self.is_absent() || self.parked_at_expiry)
    }

    /// Signs that the registration ran out and the outcome is open.
    pub(crate) fn is_in_grace(&self) -> bool {
        self.has(Status::PendingRestore) || self.is_expired() || self.is_auto_renewed_unpaid()
    }

    /// Whether zone and RDAP, each on its own, say the same.
    pub(crate) fn is_corroborated(&self) -> bool {
        let out_of_zone = self.is_not_found()
            || self.has(Status::PendingDelete)
            || self.has(Status::RedemptionPeriod)
            || self.has(Status::Inactive)
            || self.is_on_hold();
        match self.presence {
            Some(true) => self.found().is_some() && !out_of_zone,
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
        }
        let long_past = |day: Option<Day>| day.is_some_and(|day| self.days_past(day) > EXPIRED_DAYS);
        let dates = [
            (self.is_lately_past(self.expires()), Reason::Expired),
            (self.is_lately_past(self.registrar_expires()), Reason::RegistrarExpired),
            (long_past(self.expires()) || long_past(self.registrar_expires()), Reason::ExpiredLongAgo),
            (self.is_near(self.expires()), Reason::ExpiresSoon),
            (self.is_near(self.registrar_expires()), Reason::RegistrarExpiresSoon),
            (self.parked_at_expiry, Reason::NsParkedAtExpiry),
        ];
        dates.iter().for_each(|(holds, reason)| reasons.insert_if(*holds, *reason));
        reasons
    }
}
