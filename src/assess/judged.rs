//! One judged domain: what is known of it, what follows, and what is done.

use super::evidence::Evidence;
use super::policy::{self, Policy};
use super::token;
use super::verdict::{State, Verdict};
use crate::name::suffix::SuffixKind;

/// One judged domain with its evidence.
#[derive(Debug)]
pub struct JudgedDomain<'a> {
    /// The name that was judged.
    pub name: &'a str,
    /// The registrable domain under the ICANN section; none for a bare public suffix.
    pub registrable: Option<&'a str>,
    /// The public suffix under which `name` is registered.
    pub suffix: &'a str,
    /// Where that suffix comes from.
    pub suffix_kind: SuffixKind,
    /// The evidence.
    pub evidence: Evidence<'a>,
    /// The verdict.
    pub verdict: Verdict,
    /// The name servers through which it can be taken over.
    pub hijackable: Vec<HijackableServer<'a>>,
}

/// A name server through which a domain can be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HijackableServer<'a> {
    /// The name server.
    pub host: &'a str,
    /// The domain to register: that of the host, or one further along the chain.
    pub domain: &'a str,
    /// Its state: `available`, `absent`, `redemption` or `pending_delete`.
    pub state: State,
    /// How that is known: `rdap`, `zone` or `zone+rdap`.
    pub source: &'static str,
}

impl JudgedDomain<'_> {
    /// The tokens that a Domainr look-up would give, in increasing precedence, separated by blanks.
    pub fn domainr_status(&self) -> &'static str {
        let facts = &self.evidence.facts;
        token::domainr_status(self.verdict.state, facts.is_absent(), facts.parked.is_some())
    }

    /// Works out what each policy does, and acts by one of them.
    pub(super) fn act(&mut self, policy: Policy) {
        self.verdict.actions = policy::actions(&self.verdict, &self.evidence.facts, self.domainr_status());
        self.settle(policy);
    }

    /// Takes the policy's action, unless something stands against it.
    pub(super) fn settle(&mut self, policy: Policy) {
        let verdict = &mut self.verdict;
        (verdict.action, verdict.action_before_breaker) = verdict.settle(verdict.actions.of(policy));
    }
}
