//! An earlier report to compare with: what it said about each domain and each account.
//!
//! Two accounts are the same if their identifier and their mail domain are. We keep the earliest known verification of
//! every account, because a hijacker can verify again. We keep the names of accounts and domains at risk, so that we
//! can name those that are gone. Memory: one entry for each domain, 24 bytes for each account. Accounts without an
//! identifier cannot be told apart and are not compared.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::previous_servers::PreviousServers;
use super::tally::add_accounts;
use crate::assess::{Action, Risk, State};
use crate::error::Result;
use crate::table::read::TableReader;
use crate::table::slice::{Slice, TextColumn};
use crate::time::{Day, Moment};

/// An earlier report.
#[derive(Debug)]
pub(crate) struct Previous {
    /// Its moment of judgement.
    pub(crate) as_of: Moment,
    /// Percent of its accounts that it judged, if it says so.
    pub(crate) judged_percent: Option<f64>,
    domains: HashMap<Box<str>, PreviousDomain>,
    accounts: PreviousAccounts,
    /// The domains of servers that exposed something; none if the report has no table of them.
    pub(crate) servers: PreviousServers,
}

#[derive(Debug, Clone, Copy)]
struct PreviousDomain {
    /// None if the report has a word that this version does not know.
    seen: Option<Seen>,
    since: Option<Day>,
    /// Some account at it was to be unverified.
    has_unverified: bool,
}

/// What an earlier report said about accounts.
#[derive(Debug)]
pub(crate) struct PreviousAccounts {
    /// By key.
    rows: Vec<PreviousAccount>,
    /// For each value of the first bits of a key, where such keys begin in `rows`.
    starts: Vec<u32>,
    /// A bit for each row: whether it has been found again.
    found: Vec<AtomicU64>,
    /// Identifier, mail domain and judged domain of rows that were at risk, by key, and for how many accounts each stood.
    names: HashMap<u64, ([Box<str>; 3], u64)>,
    seed: u64,
    /// For each judged domain the accounts, those without an identifier too, that were verified before it changed hands.
    reregistered: HashMap<Box<str>, u64>,
}

/// What it said about one account.
#[derive(Debug, Clone, Copy)]
struct PreviousAccount {
    key: u64,
    /// The earliest verification, in microseconds since 1970; [`i64::MAX`] if none is known.
    first: i64,
    /// None if the report has a word that this version does not know.
    seen: Option<Seen>,
}

/// The column that only some reports have.
const FIRST_VERIFIED_AT: &str = "first_verified_at";
/// A column that reports of earlier versions lack.
const UNVERIFIED: &str = "accounts_unverify";
/// How many first bits of a key have an entry in `starts`.
const START_BITS: u32 = 16;

impl Previous {
    /// Reads the tables of a report that judged at `as_of`. Reports of earlier versions have none of servers.
    pub(crate) fn read(
        as_of: Moment,
        judged_percent: Option<f64>,
        domains: TableReader,
        accounts: TableReader,
        servers: Option<TableReader>,
    ) -> Result<Self> {
        let (domains, accounts) = (read_domains(domains)?, PreviousAccounts::read(accounts)?);
        let servers = servers.map(PreviousServers::read).transpose()?.unwrap_or_default();
        Ok(Self { as_of, judged_percent, domains, accounts, servers })
    }

    /// Whether accounts at a domain were to be unverified, some at least, and no circuit breaker prevented it.
    pub(crate) fn was_unverified(&self, domain: &str) -> bool {
        self.domains.get(domain).is_some_and(|domain| {
            domain.has_unverified || domain.seen.is_some_and(|seen| seen.action == Action::Unverify)
        })
    }

    /// What it said about a domain.
    pub(crate) fn domain(&self, domain: &str) -> Option<Seen> {
        self.domains.get(domain)?.seen
    }

    /// Since when a domain has been in this state, as far as reports know; `today` if it was in another state.
    pub(crate) fn state_since(&self, domain: &str, state: State, today: Day) -> Day {
        let is_same = |domain: &&PreviousDomain| domain.seen.is_some_and(|seen| seen.state == state);
        let before = self.domains.get(domain).filter(is_same);
        before.map_or(today, |domain| domain.since.unwrap_or(self.as_of.day()).min(today))
    }

    /// The domains that were at risk, by name.
    pub(crate) fn domains_at_risk(&self) -> Vec<(&str, Seen)> {
        let mut domains: Vec<_> = self
            .domains
            .iter()
            .filter_map(|(name, domain)| Some((&**name, domain.seen.filter(|seen| seen.is_at_risk())?)))
            .collect();
        domains.sort_unstable_by_key(|(name, _)| *name);
        domains
    }

    /// The domains with accounts that were to be dealt with because the domain changed hands, and how many these were.
    pub(crate) fn reregistered(&self) -> impl Iterator<Item = (&str, u64)> {
        self.accounts.reregistered.iter().map(|(domain, accounts)| (&**domain, *accounts))
    }

    /// What it said about accounts.
    pub(crate) fn accounts(&self) -> &PreviousAccounts {
        &self.accounts
    }
}

impl PreviousAccounts {
    fn read(table: TableReader) -> Result<Self> {
        let seed = RandomState::new().hash_one(0);
        let mut accounts = Self {
            rows: Vec::new(),
            starts: Vec::new(),
            found: Vec::new(),
            names: HashMap::new(),
            seed,
            reregistered: HashMap::new(),
        };
        let mut names = [
            "account_id",
            "mail_domain",
            "judged_domain",
            "accounts",
            "verified_at",
            "state",
            "risk",
            "action",
        ]
        .to_vec();
        // only a report that was compared with an earlier one has it
        let has_first = table.missing([FIRST_VERIFIED_AT]).is_empty();
        names.extend(has_first.then_some(FIRST_VERIFIED_AT));
        let mut table = table.select(&names)?;
        while let Some(slice) = table.next_slice()? {
            accounts.ingest(&slice, has_first)?;
        }
        // one account may have several addresses in a domain: the earliest verification and the worst verdict count
        let worse = |row: &PreviousAccount| std::cmp::Reverse(row.seen.map(|seen| (seen.risk, seen.action)));
        accounts.rows.sort_unstable_by_key(|row| (row.key, worse(row), row.first));
        accounts.rows.dedup_by(|next, row| {
            let same = next.key == row.key;
            if same {
                row.first = row.first.min(next.first);
            }
            same
        });
        let mut at = 0;
        for bits in 0..=1u64 << START_BITS {
            let before = |row: &PreviousAccount| row.key >> (u64::BITS - START_BITS) < bits;
            at += accounts.rows[at..].iter().take_while(|row| before(row)).count();
            accounts.starts.push(at as u32);
        }
        accounts.found.resize_with(accounts.rows.len().div_ceil(64), AtomicU64::default);
        Ok(accounts)
    }

    fn ingest(&mut self, slice: &Slice, has_first: bool) -> Result<()> {
        let (id, mail, judged) =
            (slice.texts("account_id")?, slice.texts("mail_domain")?, slice.texts("judged_domain")?);
        let seen = SeenColumns::of(slice)?;
        let verified = slice.moments("verified_at")?;
        let accounts = slice.integers("accounts")?;
        let first = has_first.then(|| slice.moments(FIRST_VERIFIED_AT)).transpose()?;
        for row in 0..slice.rows() {
            let seen = seen.get(row);
            let accounts = accounts.get(row).map_or(1, i64::unsigned_abs);
            let is_reregistered =
                |seen: Seen| seen.state == State::Reregistered && seen.action != Action::None;
            if let Some(judged) = judged.get(row).filter(|_| seen.is_some_and(is_reregistered)) {
                let sum = self.reregistered.entry(judged.into()).or_default();
                *sum = add_accounts(*sum, accounts);
            }
            let (Some(id), Some(mail)) = (id.get(row), mail.get(row)) else { continue };
            let key = self.key(id, mail);
            let first = first.as_ref().and_then(|first| first.get(row));
            let first = verified.get(row).into_iter().chain(first).min().map_or(i64::MAX, |first| first.0);
            self.rows.push(PreviousAccount { key, first, seen });
            if seen.is_some_and(Seen::is_at_risk) {
                let judged = judged.get(row).unwrap_or(mail);
                self.names.insert(key, ([id.into(), mail.into(), judged.into()], accounts));
            }
        }
        Ok(())
    }

    fn key(&self, id: &str, mail_domain: &str) -> u64 {
        // two hashes, because one hash of both texts would need them in one piece
        xxh3_64_with_seed(mail_domain.as_bytes(), xxh3_64_with_seed(id.as_bytes(), self.seed))
    }

    /// What it said about an account, with its earliest verification. Marks the account as found.
    pub(crate) fn find(&self, id: &str, mail_domain: &str) -> Option<(Option<Seen>, Option<Moment>)> {
        let key = self.key(id, mail_domain);
        let bits = (key >> (u64::BITS - START_BITS)) as usize;
        let start = self.starts[bits] as usize;
        let rows = &self.rows[start..self.starts[bits + 1] as usize];
        let place = start + rows.binary_search_by_key(&key, |row| row.key).ok()?;
        self.found[place / 64].fetch_or(1 << (place % 64), Ordering::Relaxed);
        let row = &self.rows[place];
        Some((row.seen, (row.first != i64::MAX).then_some(Moment(row.first))))
    }

    /// The accounts that were at risk and have not been found, by identifier: identifier, mail domain, judged domain; and
    /// for how many accounts the row stood.
    pub(crate) fn gone(&self) -> Vec<([&str; 3], u64, Seen)> {
        let is_found = |place: usize| self.found[place / 64].load(Ordering::Relaxed) >> (place % 64) & 1 == 1;
        let rows = self.rows.iter().enumerate().filter(|(place, _)| !is_found(*place));
        let named = |(_, row): (usize, &PreviousAccount)| {
            let seen = row.seen.filter(|seen| seen.is_at_risk())?;
            let (names, accounts) = self.names.get(&row.key)?;
            Some((names.each_ref().map(|name| &**name), *accounts, seen))
        };
        let mut gone: Vec<_> = rows.filter_map(named).collect();
        gone.sort_unstable_by_key(|(names, ..)| *names);
        gone
    }
}

fn read_domains(table: TableReader) -> Result<HashMap<Box<str>, PreviousDomain>> {
    let mut domains = HashMap::new();
    let mut names = ["judged_domain", "state", "risk", "action", "state_since"].to_vec();
    let has_counts = table.missing([UNVERIFIED]).is_empty();
    names.extend(has_counts.then_some(UNVERIFIED));
    let mut table = table.select(&names)?;
    while let Some(slice) = table.next_slice()? {
        let unverified = has_counts.then(|| slice.integers(UNVERIFIED)).transpose()?;
        let (name, seen) = (slice.texts("judged_domain")?, SeenColumns::of(&slice)?);
        let since = slice.days("state_since")?;
        for row in 0..slice.rows() {
            if let Some(name) = name.get(row) {
                let unverified = unverified.as_ref().and_then(|unverified| unverified.get(row));
                let domain = PreviousDomain {
                    seen: seen.get(row),
                    since: since.get(row),
                    has_unverified: unverified.is_some_and(|accounts| accounts > 0),
                };
                domains.insert(name.into(), domain);
            }
        }
    }
    Ok(domains)
}

/// State, risk and action of some rows.
struct SeenColumns {
    state: TextColumn,
    risk: TextColumn,
    action: TextColumn,
}

impl SeenColumns {
    fn of(slice: &Slice) -> Result<Self> {
        let (state, risk) = (slice.texts("state")?, slice.texts("risk")?);
        Ok(Self { state, risk, action: slice.texts("action")? })
    }

    fn get(&self, row: usize) -> Option<Seen> {
        Seen::named(self.state.get(row), self.risk.get(row), self.action.get(row))
    }
}

/// What a report says about a domain or an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The state.
    pub(crate) state: State,
    /// The risk.
    pub(crate) risk: Risk,
    /// The action.
    pub(crate) action: Action,
}

impl Seen {
    /// Whether the risk is low or worse.
    pub(crate) fn is_at_risk(self) -> bool {
        self.risk >= Risk::Low
    }

    /// Whether `now` is less than this only because evidence is missing: nothing decides any more; a registry's answer
    /// that said more is not there, so that the zone alone decides; or the change of hands that was known is not.
    pub(crate) fn is_lost_in(self, now: Self) -> bool {
        let before = self.state;
        match now.state {
            State::Unknown => before != State::Unknown,
            State::Absent if now.risk <= self.risk => {
                matches!(before, State::Available | State::PendingDelete | State::Redemption)
            }
            now_state => before == State::Reregistered && now_state != before && now.risk < self.risk,
        }
    }

    fn named(state: Option<&str>, risk: Option<&str>, action: Option<&str>) -> Option<Self> {
        Some(Self {
            state: State::from_name(state?)?,
            risk: Risk::from_name(risk?)?,
            action: Action::from_name(action?)?,
        })
    }
}
