//! Which names to ask about, most urgent first.
//!
//! Of a report: first the domains of servers that expose accounts to `lookup` or `review`, each once, because one answer
//! settles all that it serves; then the domains of accounts with these actions. Accounts that wait only for the domain of
//! a server are not asked about themselves. Within each part come first those that can be registered soonest
//! (`earliest_drop_on`), then those with the most weight, or with the most accounts where none has a weight. A report of an
//! earlier version has no table of servers: then `hijackable_name_servers` of its domains name the domains of servers.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::Path;

use hashbrown::{HashMap, HashSet};

use crate::error::Result;
use crate::input::source::Source;
use crate::input::without_byte_order_mark;
use crate::rdap::normalize;
use crate::table::read::TableReader;
use crate::time::Day;

/// Bytes of the largest file of names.
const NAMES_BYTES: u64 = 256 << 20;

/// The column of the table of domains that has the name servers to take over.
const SERVERS_OF_DOMAIN: &str = "hijackable_name_servers";

/// Names to ask about.
#[derive(Debug, Default)]
pub(crate) struct WantedNames {
    /// Names, normalized, each once, most urgent first.
    pub(super) names: Vec<Box<str>>,
    /// The names that are in `names`.
    seen: HashSet<Box<str>>,
    /// Texts that are no domain names, as they were given.
    pub(super) not_names: Vec<String>,
}

impl WantedNames {
    /// Adds a name.
    pub(crate) fn add(&mut self, text: &str) {
        match normalize(text) {
            Some(name) => self.add_name(name.into()),
            None => self.not_names.push(text.to_owned()),
        }
    }

    fn add_name(&mut self, name: Box<str>) {
        if self.seen.insert(name.clone()) {
            self.names.push(name);
        }
    }

    /// Adds the names in a file, one a line. Whatever follows a blank or a comma is ignored, `#` begins a comment.
    pub(crate) fn add_file(&mut self, path: &Path) -> Result<()> {
        let (text, _) = Source::stat(path)?.unhashed().read_to_end(NAMES_BYTES)?;
        for line in String::from_utf8_lossy(without_byte_order_mark(&text)).lines() {
            let line = line.split(['#', ',', '\t', ' ']).next().unwrap_or_default();
            let line = line.trim_matches('"');
            if !line.is_empty() {
                self.add(line);
            }
        }
        Ok(())
    }

    /// Adds the names that a report waits for, from its tables of accounts and of servers.
    pub(crate) fn add_report(&mut self, accounts: TableReader, servers: ServerNames) -> Result<()> {
        self.add_urgent(match servers {
            ServerNames::Servers(table) => of_servers(table)?,
            ServerNames::Domains(table) => of_name_servers(table)?,
        });
        self.add_urgent(of_accounts(accounts)?);
        Ok(())
    }

    fn add_urgent(&mut self, urgency: HashMap<String, RowUrgency>) {
        let names = urgency.into_iter().filter(|(name, _)| normalize(name).is_some());
        let mut names: Vec<(String, RowUrgency)> = names.collect();
        names.sort_by(|(name, one), (other_name, other)| {
            one.order().cmp(&other.order()).then_with(|| name.cmp(other_name))
        });
        names.into_iter().for_each(|(name, _)| self.add_name(name.into()));
    }
}

/// Where a report tells the domains of servers.
#[derive(Debug)]
pub(crate) enum ServerNames {
    /// Its table of servers.
    Servers(TableReader),
    /// Its table of domains: an earlier version wrote the report, without a table of servers.
    Domains(TableReader),
}

/// What makes a name urgent.
#[derive(Debug, Clone, Copy, Default)]
struct RowUrgency {
    drop: Option<Day>,
    weight: i64,
    accounts: u64,
}

impl RowUrgency {
    fn add(&mut self, other: Self) {
        self.drop = [self.drop, other.drop].into_iter().flatten().min();
        self.weight = self.weight.saturating_add(other.weight);
        self.accounts += other.accounts;
    }

    /// Less is more urgent; a known day comes before an unknown one.
    fn order(&self) -> impl Ord {
        (self.drop.is_none(), self.drop, Reverse(self.weight), Reverse(self.accounts))
    }
}

/// The domains of servers for which accounts wait.
fn of_servers(servers: TableReader) -> Result<HashMap<String, RowUrgency>> {
    let columns = ["domain", "action_exposed", "earliest_drop_on", "weight_exposed", "accounts_exposed"];
    let mut urgency: HashMap<String, RowUrgency> = HashMap::new();
    let mut servers = servers.select(&columns)?;
    while let Some(slice) = servers.next_slice()? {
        let (name, action) = (slice.texts(columns[0])?, slice.texts(columns[1])?);
        let (drop, weight) = (slice.days(columns[2])?, slice.integers(columns[3])?);
        let accounts = slice.integers(columns[4])?;
        for row in 0..slice.rows() {
            if let (Some("lookup" | "review"), Some(name)) = (action.get(row), name.get(row)) {
                let weight = weight.get(row).unwrap_or_default();
                let accounts = accounts.get(row).unwrap_or_default().unsigned_abs();
                urgency.entry_ref(name).or_default().add(RowUrgency {
                    drop: drop.get(row),
                    weight,
                    accounts,
                });
            }
        }
    }
    Ok(urgency)
}

/// The domains of name servers through which domains wait, each as urgent as these together.
fn of_name_servers(domains: TableReader) -> Result<HashMap<String, RowUrgency>> {
    let columns = ["action", "earliest_drop_on", "weight", "accounts", SERVERS_OF_DOMAIN];
    let mut urgency: HashMap<String, RowUrgency> = HashMap::new();
    let mut domains = domains.select(&columns)?;
    while let Some(slice) = domains.next_slice()? {
        let (action, drop) = (slice.texts(columns[0])?, slice.days(columns[1])?);
        let (weight, accounts) = (slice.integers(columns[2])?, slice.integers(columns[3])?);
        let servers = slice.fields_of_lists(SERVERS_OF_DOMAIN, "domain")?;
        for row in (0..slice.rows()).filter(|row| matches!(action.get(*row), Some("lookup" | "review"))) {
            let names: BTreeSet<&str> = servers.get(row).into_iter().flatten().collect();
            let weight = weight.get(row).unwrap_or_default();
            let accounts = accounts.get(row).unwrap_or_default().unsigned_abs();
            for name in names {
                let more = RowUrgency { drop: drop.get(row), weight, accounts };
                urgency.entry_ref(name).or_default().add(more);
            }
        }
    }
    Ok(urgency)
}

/// The domains of accounts that wait for an answer about these.
fn of_accounts(accounts: TableReader) -> Result<HashMap<String, RowUrgency>> {
    let columns = ["judged_domain", "action", "earliest_drop_on", "weight", "state", "risk"];
    let mut urgency: HashMap<String, RowUrgency> = HashMap::new();
    let mut accounts = accounts.select(&columns)?;
    while let Some(slice) = accounts.next_slice()? {
        let (name, action) = (slice.texts("judged_domain")?, slice.texts("action")?);
        let (drop, weight) = (slice.days("earliest_drop_on")?, slice.integers("weight")?);
        let (state, risk) = (slice.texts("state")?, slice.texts("risk")?);
        for row in 0..slice.rows() {
            let is_server_alone = || waits_for_server_alone(state.get(row), risk.get(row));
            if let (Some("lookup" | "review"), Some(name)) = (action.get(row), name.get(row))
                && !is_server_alone()
            {
                let weight = weight.get(row).unwrap_or_default();
                let more = RowUrgency { drop: drop.get(row), weight, accounts: 1 };
                urgency.entry_ref(name).or_default().add(more);
            }
        }
    }
    Ok(urgency)
}

/// Whether only the domain of a server is in question: in these states nothing else brings such a risk.
fn waits_for_server_alone(state: Option<&str>, risk: Option<&str>) -> bool {
    matches!(state, Some("active" | "expiring" | "hold" | "undelegated"))
        && matches!(risk, Some("high" | "critical"))
}
