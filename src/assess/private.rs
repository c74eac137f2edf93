//! Which of two candidates decides: the registrable domain under the ICANN section, or the one under a suffix of
//! the PRIVATE section.
//!
//! Both are judged where a zone or an RDAP answer covers the private one, and the worse decides. If none does, the
//! private one is unknown if its suffix is a registry open to others. Otherwise the suffix belongs to one owner, and
//! the owner's domain decides.
//!
//! The worse is so for each account: where the other name changed hands after its verification, that one may be worse
//! for it ([`super::accounts`]).

use super::judged::JudgedDomain;
use super::reason::Reason;
use super::special::is_open_registry;
use super::survey::Candidates;
use super::verdict::Verdict;

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
    let severity = |verdict: &Verdict| (verdict.risk, verdict.actions.default);
    let worse = severity(&own.verdict) >= severity(&judged[parent as usize].verdict);
    let reason = if uncovered { Reason::PrivateUncovered } else { Reason::PrivateJudged };
    (if worse { private } else { parent }, Some(reason))
}

/// The name that does not decide where two were judged; `reason` is that of the choice.
pub(super) fn other_candidate(candidates: Candidates, chosen: u32, reason: Option<Reason>) -> Option<u32> {
    let private = candidates.private.filter(|_| reason != Some(Reason::PrivateParent))?;
    Some(if chosen == private { candidates.icann } else { private })
}
