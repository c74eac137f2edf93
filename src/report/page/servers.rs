//! Servers by what depends on them: the domains that others can register, or soon can, and those that most depend on.
//!
//! The rows are those of `servers.parquet`, in whose order they come: first those that expose accounts.

use super::domains::DomainRow;
use super::top::{FirstRows, MOST_ROWS};
use super::words;
use crate::assess::{Action, Risk, State};
use crate::error::{Error, Result};
use crate::table::read::TableReader;
use crate::table::slice::Slice;
use crate::time::Day;
use crate::wording::{and_more, count};

/// Domains that nobody else can have, of those that most depend on.
const LARGEST: usize = 10;

/// The columns that are read.
const COLUMNS: [&str; 15] = [
    "kind",
    "domain",
    "state",
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

/// A domain of servers on the page.
#[derive(Debug)]
pub(super) struct ServerRow {
    pub(super) domain: String,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) hosts: String,
    pub(super) domains: u64,
    pub(super) accounts: u64,
    pub(super) weight: Option<i64>,
    pub(super) window: String,
    pub(super) earliest: Option<Day>,
    pub(super) judged: Option<State>,
    /// The worst verdict on what it exposes.
    pub(super) worst: Option<(Action, Risk)>,
}

impl ServerRow {
    /// A line for all that it exposes; none if nothing of it is registered and at risk.
    pub(super) fn as_domain(&self) -> Option<DomainRow> {
        let ((action, risk), state) = (self.worst?, self.judged?);
        let (domains, accounts) = (count(self.domains, "domain"), count(self.accounts, "account"));
        let kind = &self.kind;
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
pub(super) fn read(table: TableReader, today: Day, mut offer: impl FnMut(&ServerRow)) -> Result<ServersTold> {
    let mut table = table.select(&COLUMNS)?;
    let mut told = ServersTold { exposing: FirstRows { rows: Vec::new(), all: 0 }, largest: Vec::new() };
    while let Some(slice) = table.next_slice()? {
        let exposed = slice.integers("domains_exposed")?;
        for row in 0..slice.rows() {
            if exposed.get(row) > Some(0) {
                let server = server_row(&slice, row, "_exposed", today)?;
                offer(&server);
                told.exposing.all += 1;
                if told.exposing.rows.len() < MOST_ROWS {
                    told.exposing.rows.push(server);
                }
            } else if told.largest.len() < LARGEST {
                told.largest.push(server_row(&slice, row, "", today)?);
            } else {
                return Ok(told);
            }
        }
    }
    Ok(told)
}

/// A row with what is served, or with what is exposed.
fn server_row(slice: &Slice, row: usize, which: &str, today: Day) -> Result<ServerRow> {
    let text = |name: &str| Ok::<_, Error>(slice.texts(name)?.get(row).unwrap_or_default().to_owned());
    let number = |name: &str| slice.integers(&format!("{name}{which}")).map(|column| column.get(row));
    let count = |name: &str| number(name).map(|count| count.and_then(|it| it.try_into().ok()).unwrap_or(0));
    let hosts = slice.text_lists("host_names")?;
    let hosts: Vec<String> = hosts.get(row).into_iter().flatten().map(words::shown).collect();
    let all = slice.integers("hosts")?.get(row).unwrap_or_default().unsigned_abs();
    let more = and_more(all.saturating_sub(hosts.len() as u64), "server");
    let state = text("state")?;
    let day = |name: &str| slice.days(name).map(|days| days.get(row));
    let (earliest, latest) = (day("earliest_drop_on")?, day("latest_drop_on")?);
    let judged = State::from_name(&state);
    let window = judged.map(|state| words::window(state, earliest, latest, today)).unwrap_or_default();
    let (risk, action) = (slice.texts("risk_exposed")?, slice.texts("action_exposed")?);
    let worst = || Some((Action::from_name(action.get(row)?)?, Risk::from_name(risk.get(row)?)?));
    Ok(ServerRow {
        domain: words::shown(&text("domain")?),
        kind: if text("kind")? == "ns" { "name" } else { "mail" }.to_owned(),
        state: words::spaced(&state),
        hosts: hosts.into_iter().chain(more).collect::<Vec<_>>().join(", "),
        domains: count("domains")?,
        accounts: count("accounts")?,
        weight: number("weight")?,
        window,
        earliest,
        judged,
        worst: worst(),
    })
}
