//! Servers by what depends on them: the domains that others can register, or soon can, and those that most depend on.
//!
//! The rows are those of `servers.parquet`, in whose order they come: first those that expose accounts. A report of an
//! earlier version has no such table: then the page says so, and lists the domains that are at risk through servers.

use super::domains::DomainRow;
use super::top::{FirstRows, MOST_ROWS};
use super::words;
use crate::assess::servers::ServerKind;
use crate::assess::verdict::DropWindow;
use crate::assess::{Action, Risk, State};
use crate::error::Result;
use crate::report::recorded_servers::{RecordedDependents, RecordedServers, RecordedServersReader};
use crate::time::Day;
use crate::wording::{and_more, count};

/// Domains that nobody else can have, of those that most depend on.
const LARGEST: usize = 10;

/// A domain of servers on the page.
#[derive(Debug)]
pub(super) struct ServerRow {
    pub(super) domain: String,
    pub(super) kind: &'static str,
    pub(super) state: String,
    pub(super) hosts: String,
    pub(super) domains: u64,
    pub(super) accounts: u64,
    pub(super) weight: Option<i64>,
    pub(super) window: String,
    pub(super) earliest: Option<Day>,
    judged: State,
    /// The worst that it causes.
    worst: Option<(Risk, Action)>,
}

impl ServerRow {
    /// A row with what is served, or with what is exposed.
    fn of(row: RecordedServers, dependents: RecordedDependents, today: Day) -> Self {
        let more = and_more(row.hosts.saturating_sub(row.host_names.len() as u64), "server");
        let hosts = row.host_names.iter().map(|host| words::shown(host));
        let DropWindow { earliest, latest } = row.drop;
        Self {
            domain: words::shown(&row.domain),
            kind: match row.kind {
                ServerKind::Name => "name",
                ServerKind::Mail => "mail",
            },
            state: words::spaced(row.state.name()),
            hosts: hosts.chain(more).collect::<Vec<_>>().join(", "),
            domains: dependents.domains,
            accounts: dependents.accounts,
            weight: dependents.weight,
            window: words::window(row.state, earliest, latest, today),
            earliest,
            judged: row.state,
            worst: row.worst,
        }
    }

    /// A line for all that it exposes; none if it is not what is wrong there.
    pub(super) fn as_domain(&self) -> Option<DomainRow> {
        let ((risk, action), state) = (self.worst?, self.judged);
        let (domains, accounts) = (count(self.domains, "domain"), count(self.accounts, "account"));
        let kind = self.kind;
        Some(DomainRow {
            action,
            risk,
            state,
            domain: self.domain.clone(),
            why: format!("whoever registers it takes over {kind} servers of {domains} with {accounts}"),
            also: Vec::new(),
            accounts: self.accounts,
            weight: self.weight,
            window: self.window.clone(),
            is_held: false,
        })
    }
}

/// What the page tells of servers.
#[derive(Debug)]
pub(super) struct ServersTold {
    /// The domains that expose something.
    pub(super) exposing: FirstRows<ServerRow>,
    /// Those of the others that most depend on.
    pub(super) largest: Vec<ServerRow>,
}

/// Reads the table; `offer` gets each domain that exposes something.
pub(super) fn read(
    mut table: RecordedServersReader,
    today: Day,
    mut offer: impl FnMut(&ServerRow),
) -> Result<ServersTold> {
    let mut told = ServersTold { exposing: FirstRows { rows: Vec::new(), all: 0 }, largest: Vec::new() };
    while let Some(slice) = table.next_slice()? {
        for row in 0..slice.rows() {
            let row = slice.read(row)?;
            let exposed = row.exposed;
            if exposed.domains > 0 {
                let server = ServerRow::of(row, exposed, today);
                offer(&server);
                told.exposing.all += 1;
                if told.exposing.rows.len() < MOST_ROWS {
                    told.exposing.rows.push(server);
                }
            } else if told.largest.len() < LARGEST {
                let served = row.served;
                told.largest.push(ServerRow::of(row, served, today));
            } else {
                return Ok(told);
            }
        }
    }
    Ok(told)
}
