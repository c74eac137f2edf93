//! Which of the answers for a name count, and for what.
//!
//! Only the registry's answers give statuses and dates, and only they may say that a name is not found. Where no table
//! knows the registry, or an answer does not name its source, it is taken as given and told. All other answers add a
//! registrar expiration, except those of redirectors, which add nothing. Errors count only where there is nothing else.
//!
//! Ambiguities, and our choices:
//!
//! * A lead (`data/rdap_servers.csv`, `unverified`) is a server that we chose and nobody has tried. Its found answers are
//!   taken as given; its not-found answers decide nothing, because a server of another registry says just that.
//! * An answer taken as given gives way to the registry's own unless it is newer by more than a day.
//! * **Contradictions.** If the newest answer is taken as given, and another answer that counts was fetched within 24
//!   hours of it and says something else, neither is used: not even for its dates. The name is then judged by its zones
//!   alone, and where these do not condemn it, it is `unknown` and reviewed. So nobody is unverified by one of the two,
//!   and nobody is fine by it. Two things clear it: a zone newer by more than a day that holds the name, as in every
//!   conflict, and a list of the registry that may be used. Two answers say something else if one found the name and the other did not, if only one says that it is
//!   reserved, if they differ in a status that decides a state or that IANA does not know, or if an expiration is past in
//!   one of them only.
//! * A newer answer of the registry settles the matter: then there is no contradiction.

use std::collections::BTreeSet;

use super::account::Changes;
use super::evidence::{NEWER_DAYS, NO_ANSWER, RdapEvidence, Sources};
use super::reason::Reason;
use super::reason_set::ReasonSet;
use crate::rdap::{Answer, RdapOutcome, Standing, Status};
use crate::time::Moment;

/// An answer and how far its source can be believed.
type Weighed<'a> = (&'a Answer, Standing);

/// The statuses that decide a state by themselves.
const DECIDING: [Status; 6] = [
    Status::PendingDelete,
    Status::RedemptionPeriod,
    Status::PendingRestore,
    Status::ClientHold,
    Status::ServerHold,
    Status::Inactive,
];

/// Whether an answer that is not an error may give statuses.
fn counts((answer, standing): &Weighed<'_>) -> bool {
    match standing {
        Standing::Registry | Standing::Unverified => true,
        Standing::Lead => answer.outcome == RdapOutcome::Found,
        Standing::Elsewhere | Standing::Redirector => false,
    }
}

impl<'a> Sources<'a> {
    /// Sorts out the answers for a name, newest first. Also returns those that count.
    pub(super) fn weigh(
        &self,
        all: impl Iterator<Item = Weighed<'a>>,
    ) -> (Vec<&'a Answer>, RdapEvidence<'a>) {
        let mut evidence = RdapEvidence { reasons: ReasonSet::EMPTY, ..NO_ANSWER.clone() };
        let (mut counted, mut others, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for weighed in all {
            match weighed.0 {
                answer if answer.fetched_at > self.as_of => evidence.reasons.insert(Reason::RdapAfterAsOf),
                answer if answer.outcome == RdapOutcome::Error => errors.push(answer),
                _ if counts(&weighed) => counted.push(weighed),
                _ => others.push(weighed),
            }
        }
        evidence.answer = match self.choose(&counted, &mut evidence) {
            None if others.is_empty() => errors.first().copied(),
            chosen => chosen,
        };
        match evidence.answer.map(|answer| answer.outcome) {
            None => evidence.reasons.insert_if(others.is_empty(), Reason::RdapNone),
            Some(RdapOutcome::Error) => evidence.reasons.insert(Reason::RdapError),
            Some(outcome) => self.age(outcome, &mut evidence),
        }
        self.sort_out(&others, &counted, &mut evidence);
        let mut counted: Vec<&Answer> = counted.into_iter().map(|(answer, _)| answer).collect();
        if evidence.disagreed_at.is_some() {
            counted.clear();
        }
        let others = others.iter().filter(|(_, standing)| *standing != Standing::Redirector);
        let told = counted.iter().copied().chain(others.map(|(answer, _)| *answer));
        let dated = told.filter(|answer| self.is_fresh(answer) && answer.events.registrar_expires.is_some());
        let newest = dated.max_by_key(|answer| answer.fetched_at);
        evidence.registrar_expires = newest.and_then(|answer| answer.events.registrar_expires);
        self.note_changes(&counted, &mut evidence);
        (counted, evidence)
    }

    /// The answer that gives the statuses: the newest, or the registry's if that is hardly older.
    fn choose(&self, counted: &[Weighed<'a>], evidence: &mut RdapEvidence<'a>) -> Option<&'a Answer> {
        let (newest, standing) = *counted.first()?;
        if standing == Standing::Registry {
            return Some(newest);
        }
        let since = newest.fetched_at.plus_days(-NEWER_DAYS);
        let rivals = || counted.iter().filter(|(answer, _)| answer.fetched_at >= since);
        if let Some((rival, _)) = rivals().find(|(rival, _)| self.differ(newest, rival)) {
            evidence.others.push(rival);
            evidence.disagreed_at = Some(newest.fetched_at);
            evidence.reasons.insert(Reason::Conflict);
        } else if let Some((answer, _)) = rivals().find(|(_, standing)| *standing == Standing::Registry) {
            return Some(answer);
        }
        evidence.reasons.insert(Reason::UnverifiedSource);
        Some(newest)
    }

    /// Whether two answers say something else about a name.
    fn differ(&self, one: &Answer, other: &Answer) -> bool {
        let is_past = |answer: &Answer| answer.events.expires.is_some_and(|expires| expires < self.as_of);
        let has = |answer: &Answer| DECIDING.map(|status| answer.statuses.contains(status));
        // words of registries may mean anything
        let words = |answer: &Answer| answer.statuses.other().map(str::to_owned).collect::<BTreeSet<_>>();
        (one.outcome, one.reserved, has(one), is_past(one), words(one))
            != (other.outcome, other.reserved, has(other), is_past(other), words(other))
    }

    /// Notes the answers of other servers that were of no use. The name carries the reason if no answer counts, or if
    /// one that does not count looks as if it decided something.
    fn sort_out(&self, others: &[Weighed<'a>], counted: &[Weighed<'a>], evidence: &mut RdapEvidence<'a>) {
        let gives_nothing = |(answer, standing): &&Weighed<'_>| {
            *standing == Standing::Redirector || answer.events.registrar_expires.is_none()
        };
        evidence.others.extend(others.iter().map(|(answer, _)| *answer));
        evidence.unused = others.iter().filter(gives_nothing).map(|(answer, _)| *answer).collect();
        let is_misleading = |(answer, standing): &Weighed<'_>| {
            *standing == Standing::Redirector || answer.outcome == RdapOutcome::NotFound
        };
        let is_told = (counted.is_empty() && !others.is_empty()) || others.iter().any(is_misleading);
        evidence.reasons.insert_if(is_told, Reason::NotTheRegistry);
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
            evidence.usable = evidence.disagreed_at.is_none();
        }
    }

    /// Dates of registration, reinstantiation, reregistration and transfer: of the newest found answer, however old. That
    /// of registration is of the newest that tells one: a server that tells none hides nothing that another one told. Dates
    /// after as-of are no evidence yet.
    fn note_changes(&self, counted: &[&'a Answer], evidence: &mut RdapEvidence<'a>) {
        let Some(answer) = counted.iter().find(|answer| answer.outcome == RdapOutcome::Found) else { return };
        let mut until_now = |moment: Option<Moment>| {
            let future = moment.is_some_and(|moment| moment > self.as_of);
            evidence.reasons.insert_if(future, Reason::EventAfterAsOf);
            moment.filter(|_| !future)
        };
        let events = &answer.events;
        evidence.changes = Changes {
            registered_at: until_now(events.registered).or_else(|| Some(self.registered_at(counted)?.0)),
            reinstantiated_at: until_now(events.reinstantiated),
            reregistered_at: until_now(events.reregistered),
            transferred_at: until_now(events.transferred),
            gap_ended_at: None,
            lapse_seen_at: None,
            list_ended_at: None,
        };
        evidence.newest_found = Some(answer);
    }

    /// The registration by the newest answer that tells one, and when it was fetched.
    pub(super) fn registered_at(&self, counted: &[&Answer]) -> Option<(Moment, Moment)> {
        let told = |answer: &&Answer| {
            let at = answer.events.registered.filter(|at| *at <= self.as_of)?;
            (answer.outcome == RdapOutcome::Found).then_some((at, answer.fetched_at))
        };
        counted.iter().find_map(told)
    }

    /// A registration that a list tells by its day: the time is that of any answer that tells one of that day, however
    /// old. Without such an answer it is the start of the day. For whoever registers a name verifies addresses at it
    /// within the hour, and a name that was lost served no mail on the day it was registered again.
    pub(super) fn time_of_registration(&self, counted: &[&Answer], listed: Moment) -> Moment {
        let found = counted.iter().filter(|answer| answer.outcome == RdapOutcome::Found);
        let times = found.filter_map(|answer| answer.events.registered);
        times.filter(|at| at.day() == listed.day() && *at <= self.as_of).max().unwrap_or(listed)
    }
}
