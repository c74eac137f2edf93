//! What became of people's decisions: which applied, which have expired, and which are about names that nobody has.
//!
//! Each decision has one outcome. One about a name that is not judged is *unused*, whether or not it has expired, because
//! it may hold a typing error. One can apply to several judged domains: those of private suffixes below it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::assess::Action;
use crate::assess::judged::JudgedDomain;
use crate::assess::overrides::{Override, Overrides};
use crate::assess::tally::{DomainTally, add_accounts};
use crate::time::Day;
use crate::wording::{agree, and_more, count, grouped};

/// Decisions that are listed; what needs a person comes first.
const LISTED: usize = 500;
/// Names in a message.
const NAMED: usize = 5;

named_enum! {
    /// What became of a decision, in the order in which a person should look at them.
    pub(crate) enum OverrideOutcome {
        /// It is about a name that is not judged.
        Unused = "unused",
        /// Its time is over, so rules decide again.
        Expired = "expired",
        /// It decided.
        Applied = "applied",
    }
}

/// What became of all decisions.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct OverrideReport {
    /// Decisions in the file.
    pub(crate) decisions: u64,
    /// Those that decided.
    pub(crate) applied: u64,
    /// Those that have expired.
    pub(crate) expired: u64,
    /// Those about names that are not judged.
    pub(crate) unused: u64,
    /// The decisions, sorted by outcome and name; no more than are worth reading.
    pub(crate) list: Vec<ReportedOverride>,
}

/// A decision and what became of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ReportedOverride {
    /// What became of it.
    pub(crate) outcome: OverrideOutcome,
    /// What it is about.
    pub(crate) domain: String,
    /// What the person decided.
    pub(crate) action: Action,
    /// The last day on which it holds.
    pub(crate) until: Day,
    /// Judged domains that it is about.
    pub(crate) domains: u64,
    /// Their accounts.
    pub(crate) accounts: u64,
}

impl OverrideReport {
    /// That of a run; `tallies` has one entry for each of `domains`.
    pub(crate) fn of(overrides: &Overrides, domains: &[JudgedDomain<'_>], tallies: &[DomainTally]) -> Self {
        if overrides.is_empty() {
            return Self::default();
        }
        let all = overrides.iter().map(|(name, decision)| (name, (decision, 0, 0)));
        let mut decisions: BTreeMap<&str, (Override, u64, u64)> = all.collect();
        for (domain, tally) in domains.iter().zip(tallies) {
            let about = overrides.about(domain).and_then(|(name, _)| decisions.get_mut(name));
            if let Some((_, domains, accounts)) = about {
                *domains += 1;
                *accounts = add_accounts(*accounts, tally.accounts);
            }
        }
        let mut list: Vec<ReportedOverride> = decisions.into_iter().map(ReportedOverride::of).collect();
        let of = |outcome| list.iter().filter(|row| row.outcome == outcome).count() as u64;
        let (applied, expired) = (of(OverrideOutcome::Applied), of(OverrideOutcome::Expired));
        let (decisions, unused) = (list.len() as u64, of(OverrideOutcome::Unused));
        list.sort();
        list.truncate(LISTED);
        Self { decisions, applied, expired, unused, list }
    }

    /// How many are not in the list.
    pub(crate) fn left(&self) -> u64 {
        self.decisions.saturating_sub(self.list.len() as u64)
    }

    /// How many decisions had which outcome, with the names of those that need a person.
    pub(crate) fn line(&self) -> String {
        let named = |number: u64, outcome: OverrideOutcome| {
            let names = self.names(outcome, number, "");
            let names = if number > 0 { format!(" ({names})") } else { names };
            format!("{} {}{names}", grouped(number), outcome.name())
        };
        let (expired, unused) =
            (named(self.expired, OverrideOutcome::Expired), named(self.unused, OverrideOutcome::Unused));
        let decisions = count(self.decisions, "override");
        format!("{decisions}: {} applied, {expired}, {unused}", grouped(self.applied))
    }

    /// That some of them had no effect.
    pub(crate) fn warning(&self) -> Option<String> {
        let unused = self.unused;
        let (overrides, is) = (count(unused, "override"), agree(unused, "is for a name", "are for names"));
        let names = || self.names(OverrideOutcome::Unused, unused, "`");
        (unused > 0).then(|| format!("{overrides} {is} that no account leads to: {}", names()))
    }

    /// The first names with this outcome, and how many more there are of all `number`.
    fn names(&self, outcome: OverrideOutcome, number: u64, quote: &str) -> String {
        let rows = self.list.iter().filter(|row| row.outcome == outcome);
        let mut names: Vec<String> =
            rows.take(NAMED).map(|row| format!("{quote}{}{quote}", row.domain)).collect();
        names.extend(and_more(number - names.len() as u64, "name"));
        names.join(", ")
    }
}

impl ReportedOverride {
    fn of((domain, (decision, domains, accounts)): (&str, (Override, u64, u64))) -> Self {
        let outcome = match domains {
            0 => OverrideOutcome::Unused,
            _ if decision.has_expired => OverrideOutcome::Expired,
            _ => OverrideOutcome::Applied,
        };
        let Override { action, until, .. } = decision;
        Self { outcome, domain: domain.to_owned(), action, until, domains, accounts }
    }
}
