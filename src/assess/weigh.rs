//! Which of the answers for a name count, and for what.
//!
//! Only the registry's answer gives statuses and may say that a name is not found. Other sources add a registrar
//! expiration. Errors count only where there is nothing else.

use super::account::Changes;
use super::evidence::{NO_ANSWER, RdapEvidence, Sources};
use super::reason::Reason;
use super::reason_set::ReasonSet;
use crate::rdap::{Answer, RdapOutcome};
use crate::time::Moment;

impl<'a> Sources<'a> {
    /// Which of the answers for a name count, and for what.
    pub(super) fn weigh(&self, name: &str, all: &'a [Answer]) -> RdapEvidence<'a> {
        let mut evidence = RdapEvidence { reasons: ReasonSet::EMPTY, ..NO_ANSWER.clone() };
        let known: Vec<&Answer> = all.iter().filter(|answer| answer.fetched_at <= self.as_of).collect();
        evidence.reasons.insert_if(known.len() < all.len(), Reason::RdapAfterAsOf);
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
            Some(answer) if is_registry(answer).is_none() => {
                evidence.reasons.insert(Reason::UnverifiedSource)
            }
            None if !told.is_empty() => evidence.reasons.insert(Reason::NotTheRegistry),
            _ => {}
        }
        evidence.answer = judged.or_else(|| {
            newest(&mut known.iter().copied().filter(|answer| answer.outcome == RdapOutcome::Error))
        });
        match evidence.answer.map(|answer| answer.outcome) {
            None if told.is_empty() => evidence.reasons.insert(Reason::RdapNone),
            None => {}
            Some(RdapOutcome::Error) => evidence.reasons.insert(Reason::RdapError),
            Some(outcome) => self.age(outcome, &mut evidence),
        }
        let dated =
            told.iter().filter(|answer| self.is_fresh(answer) && answer.events.registrar_expires.is_some());
        let newest = dated.max_by_key(|answer| answer.fetched_at);
        evidence.registrar_expires = newest.and_then(|answer| answer.events.registrar_expires);
        self.note_changes(&told, &mut evidence);
        evidence
    }

    fn is_fresh(&self, answer: &Answer) -> bool {
        answer.fetched_at.plus_days(i64::from(self.max_rdap_age_days)) >= self.as_of
    }

    fn age(&self, outcome: RdapOutcome, evidence: &mut RdapEvidence<'_>) {
        let Some(answer) = evidence.answer else { return };
        if !self.is_fresh(answer) {
            evidence.reasons.insert(Reason::RdapTooOld);
        } else if outcome == RdapOutcome::NotFound && !answer.dated {
            evidence.reasons.insert(Reason::RdapUndated);
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
            evidence.reasons.insert_if(future, Reason::EventAfterAsOf);
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
