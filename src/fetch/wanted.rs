//! Which names to ask about, most urgent first.
//!
//! Of a report: the domains of accounts whose action is `lookup` or `review`, and the domains of name servers
//! that someone could register, if such a domain depends on them. First come those that can be registered soonest
//! (`earliest_drop_on`), then those with the most weight, or with the most accounts where none has a weight.

use std::cmp::Reverse;
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

    /// Adds the names that a report waits for, from its tables of accounts and domains.
    pub(crate) fn add_report(&mut self, accounts: TableReader, domains: TableReader) -> Result<()> {
        let mut urgency = of_accounts(accounts)?;
        add_servers(domains, &mut urgency)?;
        let mut names: Vec<(String, RowUrgency)> =
            urgency.into_iter().filter(|(name, _)| normalize(name).is_some()).collect();
        names.sort_by(|(name, one), (other_name, other)| {
            one.order().cmp(&other.order()).then_with(|| name.cmp(other_name))
        });
        names.into_iter().for_each(|(name, _)| self.add_name(name.into()));
        Ok(())
    }
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

/// The domains of accounts that wait for an answer.
fn of_accounts(accounts: TableReader) -> Result<HashMap<String, RowUrgency>> {
    let mut urgency: HashMap<String, RowUrgency> = HashMap::new();
    let mut accounts = accounts.select(&["judged_domain", "action", "earliest_drop_on", "weight"])?;
    while let Some(slice) = accounts.next_slice()? {
        let (name, action) = (slice.texts("judged_domain")?, slice.texts("action")?);
        let (drop, weight) = (slice.days("earliest_drop_on")?, slice.integers("weight")?);
        for row in 0..slice.rows() {
            if let (Some("lookup" | "review"), Some(name)) = (action.get(row), name.get(row)) {
                let weight = weight.get(row).unwrap_or_default();
                let more = RowUrgency { drop: drop.get(row), weight, accounts: 1 };
                urgency.entry_ref(name).or_default().add(more);
            }
        }
    }
    Ok(urgency)
}

/// Adds the domains of the name and mail servers that could be registered, each as urgent as the domains that depend on it.
fn add_servers(domains: TableReader, urgency: &mut HashMap<String, RowUrgency>) -> Result<()> {
    const LISTS: [&str; 2] = ["hijackable_name_servers", "hijackable_mail_servers"];
    // reports of earlier versions know nothing of mail servers
    let lists: Vec<&str> = LISTS.into_iter().filter(|list| domains.missing([*list]).is_empty()).collect();
    let mut domains = domains.select(&[&["judged_domain"], lists.as_slice()].concat())?;
    while let Some(slice) = domains.next_slice()? {
        let name = slice.texts("judged_domain")?;
        let servers: Vec<_> =
            lists.iter().map(|list| slice.fields_of_lists(list, "domain")).collect::<Result<_>>()?;
        for row in 0..slice.rows() {
            let Some(waiting) = name.get(row).and_then(|name| urgency.get(name)).copied() else { continue };
            for domain in servers.iter().flat_map(|servers| servers.get(row)).flatten() {
                urgency.entry_ref(domain).or_default().add(waiting);
            }
        }
    }
    Ok(())
}
