//! What the page takes from the manifest of a report.
//!
//! Seconds spent, options and the place of the report are left out: the same inputs make the same page. Each field that
//! a manifest of an earlier version lacks is empty.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::assess::breaker::OpenBreaker;
use crate::assess::{Action, State};
use crate::report::manifest::{CountsBefore, HeldBreaker};
use crate::report::overrides::OverrideReport;
use crate::time::Moment;

/// The manifest of a report.
#[derive(Debug, Deserialize)]
pub(super) struct PageManifest {
    pub(super) version: String,
    #[serde(default)]
    pub(super) incomplete: Vec<String>,
    pub(super) as_of: Moment,
    #[serde(default)]
    pub(super) policy: String,
    pub(super) public_suffix_list: PageSuffixList,
    #[serde(default)]
    pub(super) breaker: Vec<HeldBreaker>,
    #[serde(default)]
    pub(super) released_breakers: Vec<OpenBreaker>,
    #[serde(default)]
    pub(super) overrides: OverrideReport,
    #[serde(default)]
    pub(super) before: Option<CountsBefore>,
    #[serde(default)]
    pub(super) changes: Option<BTreeMap<String, [u64; 2]>>,
    pub(super) inputs: PageInputs,
    pub(super) counts: PageCounts,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct PageSuffixList {
    pub(super) path: Option<String>,
    pub(super) version: Option<String>,
}

/// The files read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageInputs {
    pub(super) accounts: Vec<PageAccounts>,
    pub(super) zones: Vec<PageZone>,
    pub(super) zone_notices: Vec<String>,
    pub(super) unreadable_zones: Vec<String>,
    pub(super) rdap: Vec<PageAnswers>,
    pub(super) registry: PageRegistry,
    pub(super) mx: PageMail,
    pub(super) rdap_sources: PageSources,
    pub(super) override_notice: Option<String>,
    pub(super) verification_notice: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageAccounts {
    pub(super) path: String,
    pub(super) rows: u64,
    pub(super) accepted: u64,
    pub(super) rejected: BTreeMap<String, u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageZone {
    pub(super) path: String,
    pub(super) zone: String,
    pub(super) date: String,
    pub(super) date_source: String,
    pub(super) coverage: String,
    pub(super) coverage_reason: String,
    pub(super) faults: u64,
    pub(super) names: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageAnswers {
    pub(super) path: String,
    pub(super) answers: u64,
    pub(super) faults: u64,
    pub(super) broken: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageMail {
    pub(super) files: Vec<PageMailFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageMailFile {
    pub(super) path: String,
    pub(super) records: u64,
    pub(super) used: u64,
    pub(super) faults: u64,
    pub(super) last_seen: Option<String>,
    pub(super) broken: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageRegistry {
    pub(super) lists: Vec<PageList>,
    pub(super) unknown: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageList {
    pub(super) list: String,
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) date: String,
    pub(super) wholeness: String,
    pub(super) why: String,
    pub(super) rows: u64,
    pub(super) faults: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageSources {
    pub(super) lists: Vec<PageListAge>,
    pub(super) unused_answers: Vec<PageHost>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageListAge {
    pub(super) list: String,
    pub(super) built_in: bool,
    pub(super) date: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageHost {
    pub(super) host: String,
    pub(super) answers: u64,
}

/// What was counted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageCounts {
    /// Accepted rows.
    pub(super) accepted: u64,
    /// The accounts that these stand for; reports of older versions do not say it.
    pub(super) accounts: Option<u64>,
    pub(super) rejected: u64,
    pub(super) domains: u64,
    pub(super) accounts_by_state: BTreeMap<String, u64>,
    pub(super) accounts_by_risk: BTreeMap<String, u64>,
    pub(super) accounts_by_action: BTreeMap<String, u64>,
    pub(super) weight_by_action: Option<BTreeMap<String, i64>>,
    pub(super) weight_unknown: Option<i64>,
    pub(super) domains_by_state: BTreeMap<String, u64>,
}

impl PageCounts {
    /// All accounts.
    pub(super) fn accounts(&self) -> u64 {
        self.accounts.unwrap_or(self.accepted)
    }

    /// The accounts for which this is to be done.
    pub(super) fn of_action(&self, action: Action) -> u64 {
        self.accounts_by_action.get(action.name()).copied().unwrap_or_default()
    }

    /// The accounts that could not be judged.
    pub(super) fn not_judged(&self) -> u64 {
        self.accounts_by_state.get(State::Unknown.name()).copied().unwrap_or_default()
    }
}
