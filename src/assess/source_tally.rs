//! How many answers were not used, because their servers are not the registry's, and how many were taken as given.
//!
//! This is said once for a whole run. It counts what was judged, those name servers included that lead to a verdict.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::judged::JudgedDomain;
use super::reason::Reason;
use super::survey::SWEEP;

/// What the sources of the answers were worth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SourceTally {
    /// Answers from which nothing was taken, by host.
    pub(crate) unused: BTreeMap<Box<str>, u64>,
    /// Names that were judged by an answer of which nobody knows whether it is the registry's.
    pub(crate) unverified: u64,
}

impl SourceTally {
    /// Counts the answers about judged names.
    pub(super) fn of(judged: &[JudgedDomain<'_>]) -> Self {
        let add = |mut tally: Self, domain: &JudgedDomain<'_>| {
            let rdap = domain.evidence.rdap();
            tally.unverified += u64::from(rdap.reasons.contains(Reason::UnverifiedSource));
            for host in rdap.unused.iter().filter_map(|answer| answer.source.as_deref()) {
                match tally.unused.get_mut(host) {
                    Some(count) => *count += 1,
                    None => drop(tally.unused.insert(host.into(), 1)),
                }
            }
            tally
        };
        judged.par_iter().with_min_len(SWEEP).fold(Self::default, add).reduce(Self::default, Self::plus)
    }

    fn plus(mut self, other: Self) -> Self {
        self.unverified += other.unverified;
        for (host, count) in other.unused {
            *self.unused.entry(host).or_default() += count;
        }
        self
    }

    /// The hosts of unused answers, those with the most answers first.
    pub(crate) fn hosts(&self) -> Vec<(&str, u64)> {
        let mut hosts: Vec<(&str, u64)> = self.unused.iter().map(|(host, count)| (&**host, *count)).collect();
        hosts.sort_by_key(|(host, count)| (std::cmp::Reverse(*count), *host));
        hosts
    }
}
