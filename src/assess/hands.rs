//! Signs that a domain changed hands: a gap in its zone long enough for a deletion, and a return after its registry
//! no longer knew it. A later answer that shows an older registration makes a sign void.

use super::evidence::{NEWER_DAYS, RdapEvidence};
use super::lifecycle::Clock;
use crate::rdap::{Answer, RdapOutcome, Status};
use crate::snapshot::ZoneEvidence;
use crate::time::Moment;

/// When the last gap ended that is long enough for the registration to have ended with it, as far as the zones can
/// tell; void when a found answer fetched later shows a registration older than the gap.
pub(super) fn gap_ended_at(
    zone: &ZoneEvidence<'_>,
    answers: &[&Answer],
    as_of: Moment,
    clock: &Clock,
) -> Option<Moment> {
    let gap = zone.past()?.long_gap(clock.lapse_gap_days())?;
    let ended = gap.to.plus(1).start();
    let voids = |answer: &&Answer| voids(answer, ended, gap.from.start(), as_of);
    (!answers.iter().any(voids)).then_some(ended)
}

/// When the name was last seen not found or in its final pending delete, if the zone holds it more than a day later;
/// void when a found answer fetched later shows a registration older than that.
pub(super) fn lapse_seen_at(
    zone: &ZoneEvidence<'_>,
    rdap: &RdapEvidence<'_>,
    answers: &[&Answer],
    as_of: Moment,
    clock: &Clock,
) -> Option<Moment> {
    let answer = rdap.answer.filter(|answer| rdap.usable && is_lapsed(answer, clock))?;
    let seen = answer.fetched_at;
    let returned = zone.seen_at().is_some_and(|seen_at| seen_at > seen.plus_days(NEWER_DAYS));
    (returned && !answers.iter().any(|answer| voids(answer, seen, seen, as_of))).then_some(seen)
}

/// Whether an answer says that the registration is over or about to be: not found, or pending delete that is final.
fn is_lapsed(answer: &Answer, clock: &Clock) -> bool {
    let has = |status| answer.statuses.contains(status);
    match answer.outcome {
        RdapOutcome::NotFound => true,
        RdapOutcome::Found => clock.is_final(&answer.statuses) && !has(Status::PendingRestore),
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
