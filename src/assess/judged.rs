//! One judged domain: what is known of it, what follows, and what is done.
//!
//! A run holds one for each distinct name until its last table is written, so it is small: suffix and registrable domain
//! are lengths within the name, and what only few names have is kept apart.

use super::evidence::Evidence;
use super::lifecycle::Clock;
use super::parking::Parking;
use super::policy::Policy;
use super::reason::Reason;
use super::token;
use super::verdict::{State, Verdict};
use crate::mail::{MailClass, Provider, closed_on};
use crate::name::suffix::{SuffixKind, tld};
use crate::snapshot::history::Absence;
use crate::time::Day;

/// One judged domain with its evidence.
#[derive(Debug)]
pub(crate) struct JudgedDomain<'a> {
    /// The name that was judged.
    pub(crate) name: &'a str,
    /// Octets of the public suffix at its end.
    pub(super) suffix_octets: u16,
    /// Octets of the registrable domain under the ICANN section at its end; 0 if there is none.
    pub(super) registrable_octets: u16,
    /// Where the suffix comes from.
    pub(crate) suffix_kind: SuffixKind,
    /// What all of its name servers are listed as.
    pub(crate) parked: Option<Parking>,
    /// Whether zone and RDAP, each on its own, say the same.
    pub(crate) is_corroborated: bool,
    /// What kind of service gives addresses there.
    pub(crate) mail_class: Option<MailClass>,
    /// The big mail provider that it looks mistyped for.
    pub(crate) typo_of: Option<Provider>,
    /// The evidence.
    pub(crate) evidence: Evidence<'a>,
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// The name servers through which it can be taken over.
    pub(crate) hijackable: Box<[HijackableServer<'a>]>,
}

/// A name server through which a domain can be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HijackableServer<'a> {
    /// The name server.
    pub(crate) host: &'a str,
    /// The domain to register: that of the host, or one further along the chain.
    pub(crate) domain: &'a str,
    /// Its state: `available`, `absent`, `redemption` or `pending_delete`.
    pub(crate) state: State,
    /// How that is known: `rdap`, `zone` or `zone+rdap`.
    pub(crate) source: &'static str,
}

impl<'a> JudgedDomain<'a> {
    /// The public suffix under which the name is registered.
    pub(crate) fn suffix(&self) -> &'a str {
        end_of(self.name, self.suffix_octets)
    }

    /// The registrable domain under the ICANN section; none for a bare public suffix.
    pub(crate) fn registrable(&self) -> Option<&'a str> {
        (self.registrable_octets > 0).then(|| end_of(self.name, self.registrable_octets))
    }

    /// Whether the name is itself a public suffix.
    pub(crate) fn is_public_suffix(&self) -> bool {
        usize::from(self.suffix_octets) == self.name.len()
    }

    /// Its top-level domain.
    pub(crate) fn tld(&self) -> &'a str {
        // names are spread over memory: they are read only where no zone tells the top-level domain
        let origin = self.evidence.zone.snapshot.map(|snapshot| snapshot.facts.origin.as_str());
        tld(origin.filter(|origin| !origin.is_empty()).unwrap_or(self.name))
    }

    /// The day on which its provider closed the mail service, if that is past.
    pub(crate) fn mail_closed_on(&self) -> Option<Day> {
        self.verdict.reasons.contains(Reason::MailClosed).then(|| closed_on(self.name)).flatten()
    }

    /// The clock of its registry.
    pub(crate) fn clock(&self) -> &'static Clock {
        Clock::of(self.name, self.suffix_kind)
    }

    /// The latest gap in which the registration may have ended, by the figures of its top-level domain.
    pub(crate) fn long_gap(&self) -> Option<Absence> {
        let history = self.evidence.zone.history();
        // the clock hangs on the name, which is far away in memory: it is read only where there is a gap at all
        history.absence()?;
        history.long_gap(self.clock().lapse_gap_days())
    }

    /// Whether it is known to have changed hands at any time.
    pub(super) fn has_changed_hands(&self) -> bool {
        self.evidence.rdap().changes.hands_changed_at().is_some()
    }

    /// The tokens that a Domainr look-up would give, in increasing precedence, separated by blanks.
    pub(crate) fn domainr_status(&self) -> &'static str {
        let is_absent = self.evidence.zone.presence == Some(false);
        token::domainr_status(self.verdict.state, self.is_public_suffix(), is_absent, self.parked.is_some())
    }

    /// Takes the policy's action, unless something speaks against it.
    pub(super) fn settle(&mut self, policy: Policy) {
        let verdict = &mut self.verdict;
        (verdict.action, verdict.action_before_breaker) = verdict.settle(verdict.actions.of(policy));
    }
}

/// The last octets of a name.
pub(super) fn end_of(name: &str, octets: u16) -> &str {
    name.len().checked_sub(usize::from(octets)).and_then(|start| name.get(start..)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judged_domain_is_small() {
        assert!(size_of::<JudgedDomain<'_>>() <= 168, "{}", size_of::<JudgedDomain<'_>>());
    }
}
