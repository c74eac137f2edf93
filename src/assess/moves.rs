//! Moves of name servers around an expiry: the sign that a registrar sold an expired domain, or is about to.

use super::evidence::RdapEvidence;
use super::lifecycle::Clock;
use super::parking::Parking;
use crate::snapshot::ZoneEvidence;
use crate::snapshot::history::History;
use crate::time::{Day, Moment};

/// Where a domain's name servers moved, held against the time of its expiry.
pub(super) struct Moves<'e, 'a> {
    pub(super) zone: &'e ZoneEvidence<'a>,
    pub(super) history: &'e History,
    pub(super) rdap: &'e RdapEvidence<'a>,
    pub(super) clock: &'e Clock,
    pub(super) as_of: Moment,
}

/// Days for which the mark of a sale counts; by then the name has expired again.
const SALE_DAYS: i32 = 366;
/// Years by which renewals may have moved an expiry.
const YEARS: usize = 12;

impl Moves<'_, '_> {
    /// Whether its servers are for expired names, or it moved to parking servers when it expired.
    pub(super) fn parked_at_expiry(&self, parking: Parking) -> bool {
        let moved = self.history.change.map(|change| change.day);
        parking == Parking::Expiry
            || moved.is_some_and(|day| {
                Parking::of_all(self.zone.servers_before()).is_none()
                    && self.registration_goes_on(day)
                    && self.is_at_expiry(day)
            })
    }

    /// Whether it moved on from parking servers when it had expired, and is still the same registration.
    pub(super) fn moved_after_expiry(&self) -> bool {
        let Some(change) = self.history.change else { return false };
        self.zone.presence == Some(true)
            && self.zone.server_set().is_some()
            && Parking::of_all(self.zone.servers_before()).is_some()
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

    /// Whether a day is between an expiry and the last day on which an unpaid name leaves the zone, in a gTLD the auto
    /// renew period. Renewal moves the expiry by whole years.
    fn is_at_expiry(&self, day: Day) -> bool {
        let Some(answer) = self.rdap.newest_found else { return false };
        let expiries = answer.events.expires.into_iter().chain(self.rdap.registrar_expires);
        expiries.map(Moment::day).any(|expiry| {
            let earlier = |day: &Day| Some(day.year_earlier());
            // no registration runs for more than ten years (RFC 5731, section 3.2.3 and the registries' agreements)
            let last = std::iter::successors(Some(expiry), earlier).take(YEARS).find(|expiry| *expiry <= day);
            last.zip(self.clock.out_to).is_some_and(|(expiry, days)| day.since(expiry) <= days)
        })
    }
}
