//! What a domain of servers serves, from a finished report: rows of `servers.parquet`.
//!
//! The domain of a server need not have an account, and then the report has no row of evidence about it. This is all that
//! can be told of it from the report.

use hashbrown::{HashMap, HashSet};
use serde::Serialize;

use super::row::ReadCell;
use crate::assess::account::explain_rule;
use crate::assess::servers::ServerKind;
use crate::assess::{Reason, Risk, State};
use crate::error::Result;
use crate::report::finished::Report;
use crate::table::slice::Slice;
use crate::time::{Day, Moment};
use crate::wording::count;

/// What the servers of a kind in a domain serve: a row of the table.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ToldServed {
    pub(super) kind: ServerKind,
    pub(super) hosts: i64,
    /// The first of them.
    pub(super) host_names: Vec<String>,
    pub(super) domains: i64,
    pub(super) accounts: i64,
    pub(super) weight: Option<i64>,
    pub(super) domains_exposed: i64,
    pub(super) accounts_exposed: i64,
    pub(super) weight_exposed: Option<i64>,
}

/// A domain of servers at which the report has no account.
#[derive(Debug, Serialize)]
pub(super) struct ToldServerDomain {
    /// As it was typed.
    pub(super) asked: String,
    pub(super) as_of: Moment,
    pub(super) report: String,
    /// The domain of the server.
    pub(super) server_domain: String,
    pub(super) verdict: ServerDomainVerdict,
    pub(super) serves: Vec<ToldServed>,
}

/// What was judged of it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ServerDomainVerdict {
    pub(super) state: State,
    pub(super) risk: Risk,
    pub(super) rule: String,
    pub(super) reasons: Vec<Reason>,
    pub(super) earliest_drop_on: Option<Day>,
    pub(super) latest_drop_on: Option<Day>,
}

/// The rows about domains that were asked for, by name.
#[derive(Debug, Default)]
pub(super) struct ServedTable {
    domains: HashMap<String, (ServerDomainVerdict, Vec<ToldServed>)>,
}

/// The columns that are read.
const COLUMNS: [&str; 16] = [
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
    "earliest_drop_on",
    "latest_drop_on",
];

impl ServedTable {
    /// Reads the rows about these domains. Reports of earlier versions have none.
    pub(super) fn read(report: &Report, wanted: &HashSet<&str>) -> Result<Self> {
        let mut found = Self::default();
        let Some(table) = report.servers()? else { return Ok(found) };
        let mut table = table.select(&COLUMNS)?;
        while let Some(slice) = table.next_slice()? {
            let names = slice.texts("domain")?;
            for row in 0..slice.rows() {
                if let Some(name) = names.get(row).filter(|name| wanted.contains(name)) {
                    let verdict = ServerDomainVerdict::read(&slice, row)?;
                    let (_, serves) =
                        found.domains.entry(name.to_owned()).or_insert_with(|| (verdict, Vec::new()));
                    serves.extend(ToldServed::read(&slice, row)?);
                }
            }
        }
        Ok(found)
    }

    /// What is known of a domain.
    pub(super) fn get(&self, domain: &str) -> Option<&(ServerDomainVerdict, Vec<ToldServed>)> {
        self.domains.get(domain)
    }

    /// What its servers serve.
    pub(super) fn serves(&self, domain: &str) -> Vec<ToldServed> {
        self.get(domain).map(|(_, serves)| serves.clone()).unwrap_or_default()
    }
}

impl ServerDomainVerdict {
    fn read(slice: &Slice, row: usize) -> Result<Self> {
        Ok(Self {
            state: ReadCell::read(slice, "state", row)?,
            risk: ReadCell::read(slice, "risk", row)?,
            rule: ReadCell::read(slice, "rule", row)?,
            reasons: ReadCell::read(slice, "reasons", row)?,
            earliest_drop_on: ReadCell::read(slice, "earliest_drop_on", row)?,
            latest_drop_on: ReadCell::read(slice, "latest_drop_on", row)?,
        })
    }

    /// Why it was judged so, in words.
    pub(super) fn why(&self) -> Vec<String> {
        let (explanation, _) = explain_rule(&self.rule).unwrap_or_default();
        let reasons = self.reasons.iter().map(|reason| format!("{} [{reason}]", reason.explanation()));
        std::iter::once(format!("{explanation} [{}]", self.rule)).chain(reasons).collect()
    }
}

impl ToldServed {
    fn read(slice: &Slice, row: usize) -> Result<Option<Self>> {
        let number = |name: &str| <Option<i64>>::read(slice, name, row);
        let count = |name: &str| number(name).map(Option::unwrap_or_default);
        let Some(kind) = ServerKind::from_name(&String::read(slice, "kind", row)?) else { return Ok(None) };
        Ok(Some(Self {
            kind,
            hosts: count("hosts")?,
            host_names: <Option<Vec<String>>>::read(slice, "host_names", row)?.unwrap_or_default(),
            domains: count("domains")?,
            accounts: count("accounts")?,
            weight: number("weight")?,
            domains_exposed: count("domains_exposed")?,
            accounts_exposed: count("accounts_exposed")?,
            weight_exposed: number("weight_exposed")?,
        }))
    }

    /// In words.
    pub(super) fn in_words(&self) -> String {
        let of = |domains: i64, accounts: i64| {
            let (domains, accounts) = (domains.unsigned_abs(), accounts.unsigned_abs());
            format!("{} with {}", count(domains, "domain"), count(accounts, "account"))
        };
        let kind = match self.kind {
            ServerKind::Name => "name server",
            ServerKind::Mail => "mail server",
        };
        let served = of(self.domains, self.accounts);
        let servers = count(self.hosts.unsigned_abs(), kind);
        let exposed = match self.domains_exposed {
            0 => String::new(),
            domains => format!("; a registration exposes {}", of(domains, self.accounts_exposed)),
        };
        format!("{served} through {servers} ({}){exposed}", self.host_names.join(", "))
    }
}
