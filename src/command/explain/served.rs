//! What a domain of servers serves, from a finished report: rows of `servers.parquet`.
//!
//! The domain of a server need not have an account, and then the report has no row of evidence about it. This is all that
//! can be told of it from the report.

use hashbrown::{HashMap, HashSet};
use serde::Serialize;

use crate::assess::account::explain_rule;
use crate::assess::servers::ServerKind;
use crate::assess::{Reason, Risk, State};
use crate::error::Result;
use crate::report::finished::Report;
use crate::report::recorded_servers::{RecordedServers, RecordedServersReader};
use crate::time::{Day, Moment};
use crate::wording::count;

/// What the servers of a kind in a domain serve: a row of the table.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ToldServed {
    pub(super) kind: ServerKind,
    pub(super) hosts: u64,
    /// The first of them.
    pub(super) host_names: Vec<String>,
    pub(super) domains: u64,
    pub(super) accounts: u64,
    pub(super) weight: Option<i64>,
    pub(super) domains_exposed: u64,
    pub(super) accounts_exposed: u64,
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

impl ServedTable {
    /// Reads the rows about these domains. Reports of earlier versions have none.
    pub(super) fn read(report: &Report, wanted: &HashSet<&str>) -> Result<Self> {
        let mut found = Self::default();
        let Some(mut table) = RecordedServersReader::open(report)? else { return Ok(found) };
        while let Some(slice) = table.next_slice()? {
            for row in (0..slice.rows()).filter(|row| wanted.contains(slice.domain(*row))) {
                let row = slice.read(row)?;
                let new = || (ServerDomainVerdict::of(&row), Vec::new());
                let (_, serves) = found.domains.entry_ref(&row.domain).or_insert_with(new);
                serves.push(ToldServed::of(row));
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
    fn of(row: &RecordedServers) -> Self {
        Self {
            state: row.state,
            risk: row.risk,
            rule: row.rule.clone(),
            reasons: row.reasons.clone(),
            earliest_drop_on: row.drop.earliest,
            latest_drop_on: row.drop.latest,
        }
    }

    /// Why it was judged so, in words.
    pub(super) fn why(&self) -> Vec<String> {
        let (explanation, _) = explain_rule(&self.rule).unwrap_or_default();
        let reasons = self.reasons.iter().map(|reason| format!("{} [{reason}]", reason.explanation()));
        std::iter::once(format!("{explanation} [{}]", self.rule)).chain(reasons).collect()
    }
}

impl ToldServed {
    fn of(row: RecordedServers) -> Self {
        let RecordedServers { kind, hosts, host_names, served, exposed, .. } = row;
        Self {
            kind,
            hosts,
            host_names,
            domains: served.domains,
            accounts: served.accounts,
            weight: served.weight,
            domains_exposed: exposed.domains,
            accounts_exposed: exposed.accounts,
            weight_exposed: exposed.weight,
        }
    }

    /// In words.
    pub(super) fn in_words(&self) -> String {
        let of =
            |domains, accounts| format!("{} with {}", count(domains, "domain"), count(accounts, "account"));
        let kind = match self.kind {
            ServerKind::Name => "name server",
            ServerKind::Mail => "mail server",
        };
        let served = of(self.domains, self.accounts);
        let servers = count(self.hosts, kind);
        let exposed = match self.domains_exposed {
            0 => String::new(),
            domains => format!("; a registration exposes {}", of(domains, self.accounts_exposed)),
        };
        format!("{served} through {servers} ({}){exposed}", self.host_names.join(", "))
    }
}
