//! The circuit breaker: a feed that went bad overnight must not unverify anybody.
//!
//! For each zone we count the domains that would newly be unverified, or that have an account which would be. If they are
//! more than the allowed share and more than [`FEW`], the new ones become `review` instead. We count domains, not
//! accounts, so that many accounts at one dead domain neither open a breaker nor hide the reason for one. A domain that
//! was unverified in the previous report is not new; one that was held back then is. A person's decision is never held
//! back. Domains that no zone covers are counted by top-level domain: there, the bad feed is one of RDAP answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::judge::Judgement;
use super::judged::JudgedDomain;
use super::previous::Previous;
use super::verdict::Action;
use crate::name::suffix::tld;
use crate::wording::{count, grouped};

/// Domains that may always be unverified.
pub(crate) const FEW: u64 = 20;

/// The circuit breakers of a run that would open.
#[derive(Debug, Default)]
pub(crate) struct Breakers {
    /// Those that are open: what they cover is held back.
    pub(crate) open: Vec<OpenBreaker>,
    /// Those that a person released: what they cover is unverified.
    pub(crate) released: Vec<OpenBreaker>,
}

/// A circuit breaker that would open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OpenBreaker {
    /// The origin of the zone; none if no zone covers the domains.
    pub(crate) zone: Option<String>,
    /// The top-level domain.
    pub(crate) tld: String,
    /// Judged domains that it covers.
    pub(crate) domains: u64,
    /// Those of them that would newly be unverified.
    pub(crate) flagged: u64,
    /// These in percent of those.
    pub(crate) share: f64,
}

impl OpenBreaker {
    /// The name by which a person releases it.
    pub(crate) fn name(&self) -> &str {
        self.zone.as_deref().unwrap_or(&self.tld)
    }
}

/// Opens breakers where too many domains are flagged. `by_accounts` says for each domain whether an account at it is to be
/// unverified, which the domain's own action need not say; `max_share` is in percent. Those with a name among
/// `released` stay closed.
pub(crate) fn open<'a>(
    judgement: &mut Judgement<'a>,
    by_accounts: &[bool],
    previous: Option<&Previous>,
    max_share: f64,
    released: &[String],
) -> Breakers {
    let policy = judgement.policy;
    let key = |domain: &JudgedDomain<'a>| -> (Option<&'a str>, &'a str) {
        let origin = domain.evidence.zone.snapshot.map(|snapshot| snapshot.facts.origin.as_str());
        // names are spread over memory: they are read only where no zone tells the top-level domain
        (origin, origin.map_or_else(|| tld(domain.name), tld))
    };
    let mut counts: BTreeMap<_, (u64, u64, Vec<usize>)> = BTreeMap::new();
    for (place, domain) in judgement.domains.iter().enumerate() {
        let flagged = domain.verdict.decided.is_none()
            && (domain.verdict.action == Action::Unverify || by_accounts.get(place) == Some(&true))
            && !previous.is_some_and(|previous| previous.was_unverified(domain.name));
        let (domains, count, places) = counts.entry(key(domain)).or_default();
        *domains += 1;
        *count += u64::from(flagged);
        if flagged {
            places.push(place);
        }
    }
    let mut breakers = Breakers::default();
    for ((zone, tld), (domains, flagged, places)) in counts {
        let share = flagged as f64 * 100.0 / domains as f64;
        if flagged <= FEW || share <= max_share {
            continue;
        }
        let zone = zone.map(|origin| if origin.is_empty() { "." } else { origin }.to_owned());
        let breaker = OpenBreaker { zone, tld: tld.to_owned(), domains, flagged, share };
        if released.iter().any(|name| name == breaker.name()) {
            breakers.released.push(breaker);
            continue;
        }
        for place in places {
            judgement.domains[place].change(policy, |verdict| verdict.held_back = true);
        }
        breakers.open.push(breaker);
    }
    breakers
}

impl std::fmt::Display for OpenBreaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { zone, tld, domains, flagged, share } = self;
        match zone {
            Some(zone) => write!(f, "zone `{zone}`")?,
            None => write!(f, "no zone, `{tld}`")?,
        }
        write!(
            f,
            ": {} of {} ({share:.1} %) would newly be unverified, so they are held back for review",
            grouped(*flagged),
            count(*domains, "domain")
        )
    }
}
