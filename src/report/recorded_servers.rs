//! `servers.parquet` read back: the one reader of a finished report's domains of servers.
//!
//! Whoever reads it wants few rows, the first ones or those of some names, so a row is only made when it is asked for. A
//! word that this version does not know is a failure: nothing is told of a state that nobody understands.

use super::finished::{Report, known};
use crate::assess::servers::ServerKind;
use crate::assess::verdict::DropWindow;
use crate::assess::{Action, Reason, Risk, State};
use crate::error::{Error, Result};
use crate::table::read::TableReader;
use crate::table::slice::{DayColumn, IntegerColumn, Slice, TextColumn, TextListColumn};

/// A row: the servers of a kind in a domain, and what depends on them.
#[derive(Debug, Clone)]
pub(crate) struct RecordedServers {
    pub(crate) kind: ServerKind,
    /// The domain to register.
    pub(crate) domain: String,
    pub(crate) state: State,
    pub(crate) risk: Risk,
    pub(crate) rule: String,
    pub(crate) reasons: Vec<Reason>,
    /// How many servers.
    pub(crate) hosts: u64,
    /// The first of them.
    pub(crate) host_names: Vec<String>,
    pub(crate) served: RecordedDependents,
    /// What a registration hands over.
    pub(crate) exposed: RecordedDependents,
    /// The worst that it causes.
    pub(crate) worst: Option<(Risk, Action)>,
    pub(crate) drop: DropWindow,
}

/// Domains with their accounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordedDependents {
    pub(crate) domains: u64,
    pub(crate) accounts: u64,
    pub(crate) weight: Option<i64>,
}

/// The columns that are read.
const COLUMNS: [&str; 18] = [
    "kind",
    "domain",
    "state",
    "risk",
    "rule",
    "reasons",
    "hosts",
    "host_names",
    "domains",
    "accounts",
    "weight",
    "domains_exposed",
    "accounts_exposed",
    "weight_exposed",
    "risk_exposed",
    "action_exposed",
    "earliest_drop_on",
    "latest_drop_on",
];

/// Reads the table.
pub(crate) struct RecordedServersReader {
    table: TableReader,
}

/// Some rows of the table.
pub(crate) struct RecordedServersSlice {
    rows: usize,
    domain: TextColumn,
    /// Kind, state, risk and rule.
    words: [TextColumn; 4],
    reasons: TextListColumn,
    hosts: IntegerColumn,
    host_names: TextListColumn,
    /// Domains, accounts and weight.
    served: [IntegerColumn; 3],
    exposed: [IntegerColumn; 3],
    /// Risk and action.
    worst: [TextColumn; 2],
    drop: [DayColumn; 2],
}

impl RecordedServersReader {
    /// Opens the table of a report; none if an earlier version wrote it, which made no such table.
    pub(crate) fn open(report: &Report) -> Result<Option<Self>> {
        let table = report.servers()?.map(|table| table.select(&COLUMNS)).transpose()?;
        Ok(table.map(|table| Self { table }))
    }

    /// The next rows.
    pub(crate) fn next_slice(&mut self) -> Result<Option<RecordedServersSlice>> {
        let slice = self.table.next_slice()?;
        slice.map(|slice| RecordedServersSlice::of(&slice)).transpose()
    }
}

impl RecordedServersSlice {
    fn of(slice: &Slice) -> Result<Self> {
        let texts = |name: &str| slice.texts(name);
        let numbers = |name: &str| slice.integers(name);
        Ok(Self {
            rows: slice.rows(),
            domain: texts("domain")?,
            words: [texts("kind")?, texts("state")?, texts("risk")?, texts("rule")?],
            reasons: slice.text_lists("reasons")?,
            hosts: numbers("hosts")?,
            host_names: slice.text_lists("host_names")?,
            served: [numbers("domains")?, numbers("accounts")?, numbers("weight")?],
            exposed: [numbers("domains_exposed")?, numbers("accounts_exposed")?, numbers("weight_exposed")?],
            worst: [texts("risk_exposed")?, texts("action_exposed")?],
            drop: [slice.days("earliest_drop_on")?, slice.days("latest_drop_on")?],
        })
    }

    /// How many rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The domain of a row.
    pub(crate) fn domain(&self, row: usize) -> &str {
        self.domain.get(row).unwrap_or_default()
    }

    /// A row.
    pub(crate) fn read(&self, row: usize) -> Result<RecordedServers> {
        let [kind, state, risk, rule] = self.words.each_ref().map(|column| column.get(row));
        let reason = |name| known("reasons", Reason::from_name(name));
        let [risk_exposed, action_exposed] = self.worst.each_ref().map(|column| column.get(row));
        let worst = |(risk, action)| {
            let risk = known("risk_exposed", Risk::from_name(risk))?;
            Ok::<_, Error>((risk, known("action_exposed", Action::from_name(action))?))
        };
        let [earliest, latest] = self.drop.each_ref().map(|column| column.get(row));
        Ok(RecordedServers {
            kind: known("kind", kind.and_then(ServerKind::from_name))?,
            domain: self.domain(row).to_owned(),
            state: known("state", state.and_then(State::from_name))?,
            risk: known("risk", risk.and_then(Risk::from_name))?,
            rule: rule.unwrap_or_default().to_owned(),
            reasons: self.reasons.get(row).into_iter().flatten().map(reason).collect::<Result<_>>()?,
            hosts: self.hosts.get(row).unwrap_or_default().unsigned_abs(),
            host_names: self.host_names.get(row).into_iter().flatten().map(str::to_owned).collect(),
            served: RecordedDependents::of(&self.served, row),
            exposed: RecordedDependents::of(&self.exposed, row),
            worst: risk_exposed.zip(action_exposed).map(worst).transpose()?,
            drop: DropWindow { earliest, latest },
        })
    }
}

impl RecordedDependents {
    fn of(columns: &[IntegerColumn; 3], row: usize) -> Self {
        let [domains, accounts, weight] = columns.each_ref().map(|column| column.get(row));
        let count = |number: Option<i64>| number.unwrap_or_default().unsigned_abs();
        Self { domains: count(domains), accounts: count(accounts), weight }
    }
}
