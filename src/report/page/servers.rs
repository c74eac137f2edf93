//! Servers whose own domain others can register, or soon can: one registration answers for every domain behind them.
//!
//! The reasons are in the column `hijackable_name_servers` of each domain. Here they are added up by the domain that
//! one would have to register, so that a person sees what a single registration exposes.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::top::{FirstRows, MOST_ROWS, TopRows};
use super::words;
use crate::assess::State;
use crate::error::Result;
use crate::table::slice::{Slice, TextListColumn};

/// Hosts that are named for a domain.
const HOSTS: usize = 3;

/// The column of name servers in a slice.
#[derive(Debug)]
pub(super) struct ServerColumns {
    hosts: TextListColumn,
    domains: TextListColumn,
    states: TextListColumn,
}

/// What hangs on each domain of servers.
#[derive(Debug, Default)]
pub(super) struct ServerTally {
    domains: HashMap<String, ServerExposure>,
}

/// What depends on one of them.
#[derive(Debug, Default)]
struct ServerExposure {
    state: Option<State>,
    hosts: BTreeSet<String>,
    domains: u64,
    accounts: u64,
    weight: Option<i64>,
}

/// A domain of servers on the page.
#[derive(Debug)]
pub(super) struct ServerRow {
    pub(super) domain: String,
    pub(super) state: String,
    pub(super) hosts: String,
    pub(super) domains: u64,
    pub(super) accounts: u64,
    pub(super) weight: Option<i64>,
}

impl ServerColumns {
    pub(super) fn of(slice: &Slice) -> Result<Self> {
        let field = |field| slice.fields_of_lists("hijackable_name_servers", field);
        Ok(Self { hosts: field("host")?, domains: field("domain")?, states: field("state")? })
    }
}

impl ServerTally {
    /// Adds a domain with its accounts and their weight.
    pub(super) fn add(
        &mut self,
        columns: &ServerColumns,
        row: usize,
        (accounts, weight): (u64, Option<i64>),
    ) {
        let Some(domains) = columns.domains.get(row) else { return };
        let hosts = columns.hosts.get(row).into_iter().flatten();
        let states = columns.states.get(row).into_iter().flatten();
        let mut counted: Vec<&str> = Vec::new();
        for ((domain, host), state) in domains.zip(hosts).zip(states) {
            let exposure = self.domains.entry_ref(domain).or_default();
            exposure.state = exposure.state.or(State::from_name(state));
            if exposure.hosts.len() <= HOSTS {
                exposure.hosts.insert(host.to_owned());
            }
            if !counted.contains(&domain) {
                counted.push(domain);
                exposure.domains += 1;
                exposure.accounts += accounts;
                if let Some(weight) = weight {
                    exposure.weight = Some(exposure.weight.unwrap_or_default().saturating_add(weight));
                }
            }
        }
    }

    /// The domains with the most accounts first.
    pub(super) fn finish(self) -> FirstRows<ServerRow> {
        let mut top = TopRows::new(MOST_ROWS);
        for (domain, exposure) in self.domains {
            let ServerExposure { state, hosts, domains, accounts, weight } = exposure;
            let more = if hosts.len() > HOSTS { ", …" } else { "" };
            let named: Vec<String> = hosts.iter().take(HOSTS).map(|host| words::shown(host)).collect();
            top.offer((Reverse(accounts), domain.clone()), || ServerRow {
                domain: words::shown(&domain),
                state: state.map(|state| words::spaced(state.name())).unwrap_or_default(),
                hosts: named.join(", ") + more,
                domains,
                accounts,
                weight,
            });
        }
        top.finish()
    }
}
