//! What a run counted, and the proof that no row was lost.

use std::collections::BTreeMap;

use serde::Serialize;

use super::account_inputs::by_reason;
use crate::assess::judge::Judgement;
use crate::assess::servers::{ServerCounts, ServerKind};
use crate::assess::tally::{Tally, add_accounts};
use crate::assess::{Action, State};
use crate::census::{AccountFile, Census};
use crate::error::{Error, Result};
use crate::escape;
use crate::wording::count;

/// Counts of rows and domains.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Counts {
    /// Data records read.
    pub(crate) rows: u64,
    /// Rows more than records: a record with several addresses became several rows.
    pub(crate) added_by_split: u64,
    /// Rows in `accounts.parquet`.
    pub(crate) accepted: u64,
    /// Rows in `rejected.parquet`.
    pub(crate) rejected: u64,
    /// How many accounts the accepted rows stand for. The counts of accounts below add up to it, and those of rows above
    /// do not depend on it.
    pub(crate) accounts: u64,
    /// Accepted rows that could be judged.
    #[serde(skip)]
    pub(crate) rows_judged: u64,
    /// Rejected rows by reason.
    pub(crate) rejected_by_reason: BTreeMap<&'static str, u64>,
    /// Distinct mail domains.
    pub(crate) mail_domains: u64,
    /// Rows in `domains.parquet`.
    pub(crate) domains: u64,
    /// Accounts by state.
    pub(crate) accounts_by_state: BTreeMap<&'static str, u64>,
    /// Accounts by risk.
    pub(crate) accounts_by_risk: BTreeMap<&'static str, u64>,
    /// Accounts by action.
    pub(crate) accounts_by_action: BTreeMap<&'static str, u64>,
    /// The weights of the accounts by action; none if no account has one.
    pub(crate) weight_by_action: Option<BTreeMap<&'static str, i64>>,
    /// The weight of those that could not be judged.
    pub(crate) weight_unknown: Option<i64>,
    /// Judged domains by state.
    pub(crate) domains_by_state: BTreeMap<&'static str, u64>,
    /// The domains of servers by the kind of their servers.
    pub(crate) servers: BTreeMap<&'static str, ServerTotals>,
}

/// What depends on the servers of a kind.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct ServerTotals {
    /// Domains of such servers.
    pub(crate) domains: u64,
    /// Those whose registration would expose something.
    pub(crate) exposing: u64,
    /// Judged domains that are exposed, each once.
    pub(crate) domains_exposed: u64,
    /// Accounts at these.
    pub(crate) accounts_exposed: u64,
}

impl ServerTotals {
    fn of(counts: &ServerCounts, kind: ServerKind) -> Self {
        let rows = || counts.rows.iter().filter(|row| row.kind == kind);
        let exposed = counts.exposed[kind as usize];
        Self {
            domains: (rows().count() + if kind == ServerKind::Mail { counts.own } else { 0 }) as u64,
            exposing: rows().filter(|row| row.exposed.domains > 0).count() as u64,
            domains_exposed: exposed.domains,
            accounts_exposed: exposed.accounts,
        }
    }
}

impl Counts {
    /// Counts everything, and checks that it adds up. `rejected` rows were written.
    pub(crate) fn of(
        census: &Census,
        judgement: &Judgement<'_>,
        tally: &Tally,
        servers: &ServerCounts,
        rejected: u64,
    ) -> Result<Self> {
        census.files.iter().try_for_each(check_file)?;
        let mut counts = Self {
            rows: census.files.iter().map(|file| file.rows).sum(),
            added_by_split: census.files.iter().map(|file| file.added_by_split).sum(),
            accepted: census.rows.rows(),
            rejected,
            accounts: sum(tally.domains.iter().map(|domain| domain.accounts)),
            rows_judged: tally.rows - tally.rows_unknown,
            mail_domains: census.mail_domains.len() as u64,
            domains: judgement.domains.len() as u64,
            servers: ServerKind::ALL
                .iter()
                .map(|kind| (kind.name(), ServerTotals::of(servers, *kind)))
                .collect(),
            ..Self::default()
        };
        for (reason, count) in census.files.iter().flat_map(|file| by_reason(&file.rejected)) {
            *counts.rejected_by_reason.entry(reason).or_default() += count;
        }
        for ((state, risk, action), count) in &tally.accounts {
            let sums = [
                counts.accounts_by_state.entry(state.name()).or_default(),
                counts.accounts_by_risk.entry(risk.name()).or_default(),
                counts.accounts_by_action.entry(action.name()).or_default(),
            ];
            sums.into_iter().for_each(|sum| *sum = add_accounts(*sum, *count));
        }
        let by_action = tally.weights.map(|weights| Action::NAMES.iter().copied().zip(weights.by_action));
        counts.weight_by_action = by_action.map(Iterator::collect);
        counts.weight_unknown = tally.weights.map(|weights| weights.unknown);
        for domain in &judgement.domains {
            *counts.domains_by_state.entry(domain.verdict.state.name()).or_default() += 1;
        }
        counts.check(tally.rows)?;
        Ok(counts)
    }

    /// How many accounts at how many domains, and in how many rows if that is another number.
    pub(crate) fn extent(&self) -> String {
        let (accounts, domains) = (count(self.accounts, "account"), count(self.domains, "domain"));
        match self.accounts == self.accepted {
            true => format!("{accounts} at {domains}"),
            false => format!("{accounts} in {} at {domains}", count(self.accepted, "row")),
        }
    }

    /// Accounts with a verdict other than `unknown`.
    pub(crate) fn judged(&self) -> u64 {
        let unknown = self.accounts_by_state.get(State::Unknown.name()).copied();
        self.accounts.saturating_sub(unknown.unwrap_or_default())
    }

    /// These in percent of all accounts; none if there are no accounts.
    pub(crate) fn judged_percent(&self) -> Option<f64> {
        (self.accounts > 0).then(|| self.judged() as f64 * 100.0 / self.accounts as f64)
    }

    /// Holds every sum against its whole.
    fn check(&self, judged_rows: u64) -> Result<()> {
        let sums = [
            ("accepted and rejected rows", self.accepted + self.rejected, self.rows + self.added_by_split),
            ("rejected rows by reason", self.rejected_by_reason.values().sum(), self.rejected),
            ("rows by verdict", judged_rows, self.accepted),
            ("accounts by state", sum(self.accounts_by_state.values().copied()), self.accounts),
            ("domains by state", self.domains_by_state.values().sum(), self.domains),
        ];
        match sums.iter().find(|(_, sum, whole)| sum != whole) {
            Some((what, sum, whole)) => {
                Err(Error::internal(format!("{what}: expected {whole}, found {sum}")))
            }
            None => Ok(()),
        }
    }
}

fn sum(accounts: impl Iterator<Item = u64>) -> u64 {
    accounts.fold(0, add_accounts)
}

/// Every record of a file became an accepted or a rejected row, or several.
fn check_file(file: &AccountFile) -> Result<()> {
    let rejected: u64 = file.rejected.iter().sum();
    if file.rows + file.added_by_split == file.accepted + rejected {
        return Ok(());
    }
    let (path, rows, accepted) = (escape::path(&file.path), file.rows, file.accepted);
    let what = format!("{rows} rows of `{path}` became {accepted} accepted and {rejected} rejected ones");
    Err(Error::internal(what))
}
