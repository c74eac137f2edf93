//! `manifest.json`: which inputs and options made a report, and what was counted.
//!
//! It is written last, so that a directory with a manifest is a finished report.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::changes::ChangeCounts;
use super::completeness::Completeness;
use super::counts::Counts;
use super::inputs::{Inputs, MailClassesInput, SuffixListInput};
use super::overrides::OverrideReport;
use crate::assess::breaker::OpenBreaker;
use crate::assess::judge::Judgement;
use crate::assess::policy::POLICIES;
use crate::assess::tally::{Tally, add_accounts};
use crate::assess::verdict::Actions;
use crate::assess::{Action, Policy, State};
use crate::error::{Error, Result};
use crate::escape;
use crate::table::schema::SCHEMA_VERSION;
use crate::time::Moment;

/// The name of the file.
pub(crate) const MANIFEST_FILE: &str = "manifest.json";

/// The program that writes a report.
#[derive(Debug, Serialize)]
pub(crate) struct Writer {
    /// The name of the program. Only a directory with a manifest of ours is ever replaced.
    program: &'static str,
    /// Version of the program.
    version: &'static str,
    /// Version of the schema of the tables.
    schema: &'static str,
}

impl Writer {
    /// This program.
    pub(crate) const THIS: Self =
        Self { program: Manifest::PROGRAM, version: env!("CARGO_PKG_VERSION"), schema: SCHEMA_VERSION };
}

/// The whole manifest.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest {
    /// The program that wrote it.
    #[serde(flatten)]
    pub(crate) writer: Writer,
    /// Whether the run is complete.
    #[serde(flatten)]
    pub(crate) completeness: Completeness,
    /// The moment of judgement.
    pub(crate) as_of: String,
    /// All options in force.
    pub(crate) options: serde_json::Value,
    /// The Public Suffix List.
    pub(crate) public_suffix_list: SuffixListInput,
    /// The lists of mail classes.
    pub(crate) mail_classes: MailClassesInput,
    /// The policy.
    pub(crate) policy: Policy,
    /// What each policy would have done.
    pub(crate) policies: BTreeMap<&'static str, PolicyCounts>,
    /// Circuit breakers that opened.
    pub(crate) breaker: Vec<HeldBreaker>,
    /// Circuit breakers that a person released.
    pub(crate) released_breakers: Vec<OpenBreaker>,
    /// What came of the overrides.
    pub(crate) overrides: OverrideReport,
    /// The earlier report that was compared with.
    pub(crate) previous: Option<String>,
    /// What that one counted; none if it does not say so.
    pub(crate) before: Option<CountsBefore>,
    /// What changed since then: domains and accounts.
    pub(crate) changes: Option<ChangeCounts>,
    /// The inputs.
    pub(crate) inputs: Inputs,
    /// The counts; the program has checked that they add up.
    pub(crate) counts: Counts,
    /// Seconds spent.
    pub(crate) timings: BTreeMap<&'static str, f64>,
}

/// What the earlier report counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CountsBefore {
    /// Its moment of judgement.
    pub(crate) as_of: Moment,
    /// Its accounts by action.
    pub(crate) accounts_by_action: BTreeMap<String, u64>,
    /// Its accounts that could not be judged.
    pub(crate) accounts_unknown: u64,
}

impl CountsBefore {
    /// The accounts for which this was to be done.
    pub(crate) fn of_action(&self, action: Action) -> u64 {
        self.accounts_by_action.get(action.name()).copied().unwrap_or_default()
    }
}

/// A circuit breaker that opened, and what to say in the next run to let through what it holds back.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HeldBreaker {
    /// The breaker.
    #[serde(flatten)]
    pub(crate) breaker: OpenBreaker,
    /// The option that releases it.
    pub(crate) release: String,
}

/// What a policy would have done without overrides and circuit breakers: counts by state and action.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PolicyCounts {
    /// Accounts.
    pub(crate) accounts: ByStateAndAction,
    /// Domains; `reregistered` is a state of accounts only.
    pub(crate) domains: ByStateAndAction,
}

/// Counts by the names of state and action.
pub(crate) type ByStateAndAction = BTreeMap<String, BTreeMap<String, u64>>;

impl PolicyCounts {
    /// The counts of all policies, by name.
    pub(crate) fn all(judgement: &Judgement<'_>, tally: &Tally) -> BTreeMap<&'static str, Self> {
        let mut all = BTreeMap::new();
        let mut domains: HashMap<(State, Actions), u64> = HashMap::new();
        for domain in &judgement.domains {
            *domains.entry((domain.verdict.state, domain.verdict.actions)).or_default() += 1;
        }
        for rule in &POLICIES {
            let sum = |counted: &HashMap<(State, Actions), u64>| {
                let mut sums = ByStateAndAction::new();
                for ((state, actions), count) in counted {
                    let of_state = sums.entry(state.name().to_owned()).or_default();
                    let sum = of_state.entry(actions.of(rule.policy).name().to_owned()).or_default();
                    *sum = add_accounts(*sum, *count);
                }
                sums
            };
            all.insert(rule.policy.name(), Self { accounts: sum(&tally.policies), domains: sum(&domains) });
        }
        all
    }
}

impl Manifest {
    /// The program's name.
    pub(crate) const PROGRAM: &'static str = env!("CARGO_PKG_NAME");

    /// The manifest as it is written.
    pub(crate) fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self).map_err(Error::internal)? + "\n";
        // printed in a terminal it must not do anything
        Ok(escape::lines(&text).into_owned())
    }
}
