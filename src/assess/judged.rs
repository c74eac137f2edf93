//! One judged domain: what is known of it, what follows, and what is done.
//!
//! A run holds one for each distinct name until its last table is written, so it is small: suffix and registrable domain
//! are lengths within the name, and what only few names have is kept apart.

use super::doors::Finding;
use super::evidence::Evidence;
use super::lifecycle::Clock;
use super::parking::Parking;
use super::policy::Policy;
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::token;
use super::verdict::{Raise, State, Verdict};
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
    /// What is known of its servers, if there is anything to tell.
    pub(super) doors: Option<Box<Doors<'a>>>,
}

/// What is known of the servers of a domain. Few domains have one.
#[derive(Debug, Default)]
pub(crate) struct Doors<'a> {
    /// The name servers through which it can be taken over.
    pub(super) name_servers: Box<[HijackableServer<'a>]>,
    /// The mail servers through which mail at it can be taken over.
    pub(super) mail_servers: Vec<HijackableServer<'a>>,
    /// The verdict on the mail domains below it, if the one with its own name adds something to the domain's verdict that
    /// these do not have.
    pub(super) verdict_below: Option<Box<Verdict>>,
    /// The strongest that mail servers add at a mail domain below it.
    pub(super) raise_below: Raise,
}

/// A name or mail server through which a domain or its mail can be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HijackableServer<'a> {
    /// The server.
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
        // the clock hangs on the name, which is far away in memory: it is read only where there is a gap at all
        let history = self.evidence.zone.past().filter(|history| !history.absences.is_empty())?;
        history.long_gap(self.clock().lapse_gap_days())
    }

    /// Whether it is registered, as far as is known, and at risk through servers that others can take over. Then the domain
    /// of the server is what is to be dealt with.
    pub(crate) fn is_raised_by_servers(&self) -> bool {
        let has = |reason| self.verdict.reasons.contains(reason);
        let by_mail = has(Reason::MxHijackable) || has(Reason::MxSoonHijackable);
        let is_doubted = has(Reason::MxStale) || has(Reason::MxUndated);
        self.verdict.can_be_raised_by_servers()
            && (!self.hijackable_name_servers().is_empty() || (by_mail && !is_doubted))
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

    /// The name servers through which it can be taken over.
    pub(crate) fn hijackable_name_servers(&self) -> &[HijackableServer<'a>] {
        self.doors.as_ref().map_or(&[], |doors| &doors.name_servers)
    }

    /// The mail servers of the mail domains at it through which their mail can be taken over.
    pub(crate) fn hijackable_mail_servers(&self) -> &[HijackableServer<'a>] {
        self.doors.as_ref().map_or(&[], |doors| &doors.mail_servers)
    }

    /// The verdict on the worst of the mail domains below it whose own mail servers raise it; none if none do.
    pub(crate) fn worst_below(&self, policy: Policy) -> Option<Verdict> {
        let raise = self.doors.as_ref()?.raise_below;
        (raise != Raise::NONE).then(|| self.verdict_below().raised(raise, policy))
    }

    /// The verdict that mail domains below it start from.
    pub(super) fn verdict_below(&self) -> &Verdict {
        self.doors.as_ref().and_then(|doors| doors.verdict_below.as_deref()).unwrap_or(&self.verdict)
    }

    /// Adds what was found among the mail servers of a mail domain at it. What they add to the verdict counts for the
    /// domain only if the mail domain has its own name.
    pub(super) fn add_mail_servers(&mut self, found: Finding<'a>, is_own_name: bool) {
        let doors = self.doors.get_or_insert_default();
        let Finding { raise, reasons, servers } = found;
        if !is_own_name {
            doors.raise_below.add(raise);
        } else if reasons != ReasonSet::EMPTY {
            doors.verdict_below = Some(Box::new(self.verdict.clone()));
            self.verdict.raise(raise, reasons.iter());
        }
        doors.mail_servers.extend(servers);
    }

    /// Takes the policy's action when all is known.
    pub(super) fn settle(&mut self, policy: Policy) {
        if let Some(doors) = &mut self.doors {
            doors.mail_servers.sort_unstable();
            doors.mail_servers.dedup();
        }
        self.change(policy, |_| ());
    }

    /// Changes its verdict, also for the mail domains below it, and takes the policy's action again.
    pub(super) fn change(&mut self, policy: Policy, change: impl Fn(&mut Verdict)) {
        let below = self.doors.as_mut().and_then(|doors| doors.verdict_below.as_deref_mut());
        for verdict in [Some(&mut self.verdict), below].into_iter().flatten() {
            change(verdict);
            verdict.take_action(policy);
        }
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
