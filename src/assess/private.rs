//! Which of two candidates decides: the registrable domain under the ICANN section, or the one under a suffix of
//! the PRIVATE section.
//!
//! Both are judged where a zone or an RDAP answer covers the private one, and the worse decides. If none does, the
//! private one is unknown if its suffix is a registry open to others. Otherwise the suffix belongs to one owner, and
//! the owner's domain decides.
//!
//! The worse is so for each account: where the other name changed hands after its verification, that one may be worse
//! for it ([`super::accounts`]).

//!
//! *Servers.* The domain of a name or mail server is chosen likewise, but its own name under a private suffix counts only
//! if a zone at the suffix or below it, or an RDAP answer, tells of that very name. A zone above the suffix proves nothing:
//! where the provider's domain left its zone, every host below it is missing, and one registration takes all of them. So
//! the provider's domain decides. Nobody registers `inbound.us-east-1.amazonaws.example` at a registry.

use super::judged::JudgedDomain;
use super::reason::Reason;
use super::special::is_open_registry;
use super::survey::Candidates;
use super::verdict::{Action, Risk, Verdict};
use crate::rdap::RdapOutcome;

/// The place of the name whose verdict decides, and the reason if there were two. `judged` are the names of the survey
/// one by one.
pub(crate) fn choose_candidate(candidates: Candidates, judged: &[JudgedDomain<'_>]) -> (u32, Option<Reason>) {
    let parent = candidates.icann;
    let Some(private) = candidates.private else { return (parent, None) };
    let own = &judged[private as usize];
    let uncovered = own.verdict.reasons.contains(Reason::PrivateUncovered);
    if uncovered && !is_open_registry(own.suffix()) {
        return (parent, Some(Reason::PrivateParent));
    }
    let worse = severity(&own.verdict) >= severity(&judged[parent as usize].verdict);
    let reason = if uncovered { Reason::PrivateUncovered } else { Reason::PrivateJudged };
    (if worse { private } else { parent }, Some(reason))
}

/// The place of the domain that decides about a server.
pub(super) fn choose_server_candidate(candidates: Candidates, judged: &[JudgedDomain<'_>]) -> u32 {
    let parent = candidates.icann;
    let Some(private) = candidates.private else { return parent };
    let own = &judged[private as usize];
    let is_worse = || severity(&own.verdict) >= severity(&judged[parent as usize].verdict);
    if has_evidence_of_its_own(own) && is_worse() { private } else { parent }
}

/// Whether a name under a private suffix is covered by a zone of its registry, or by an answer.
fn has_evidence_of_its_own(domain: &JudgedDomain<'_>) -> bool {
    let zone = domain.evidence.zone.snapshot;
    let answer = domain.evidence.rdap().answer;
    zone.is_some_and(|zone| zone.facts.origin.len() >= domain.suffix().len())
        || answer.is_some_and(|answer| answer.outcome != RdapOutcome::Error)
}

fn severity(verdict: &Verdict) -> (Risk, Action) {
    (verdict.risk, verdict.actions.default)
}

/// The name that does not decide where two were judged; `reason` is that of the choice.
pub(super) fn other_candidate(candidates: Candidates, chosen: u32, reason: Option<Reason>) -> Option<u32> {
    let private = candidates.private.filter(|_| reason != Some(Reason::PrivateParent))?;
    Some(if chosen == private { candidates.icann } else { private })
}
