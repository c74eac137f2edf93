//! Which names to ask about, most urgent first.
//!
//! Of a report: the domains of accounts whose action is `lookup` or `review`, and the domains of name servers
//! that someone could register, for which such a domain waits. First those that can be registered soonest
//! (`earliest_drop_on`), then those with the most weight, or accounts where none has one.

use std::cmp::Reverse;
use std::path::Path;

use hashbrown::HashMap;
use polars::prelude::*;

use crate::error::{Error, Result};
use crate::input::source::Source;
use crate::input::without_byte_order_mark;
use crate::rdap::normalize;
use crate::table::read::{TableReader, Written};

/// Bytes of the largest file of names.
const NAMES_BYTES: u64 = 256 << 20;

/// Names to ask about.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Names, normalized, each once, most urgent first.
    pub(super) names: Vec<Box<str>>,
    /// What is no domain name, as it stands.
    pub(super) not_names: Vec<String>,
}

impl Wanted {
    /// Reads what was typed: a report directory, a file of names, `-`, or a name.
    pub(super) fn read(what: &[String]) -> Result<Self> {
        let mut wanted = Self::default();
        for what in what {
            let path = Path::new(what);
            if path.is_dir() {
                wanted.names.extend(of_report(path)?);
            } else if path.is_file() || what == "-" {
                wanted.of_file(path)?;
            } else if what.contains('.') && normalize(what).is_some() {
                wanted.add(what);
            } else {
                return Err(Error::usage(format!(
                    "`{what}` is no report directory, no file and no domain name"
                ))
                .hint("name a directory that `zonelapse audit` wrote, a file of names, or names"));
            }
        }
        let mut seen = hashbrown::HashSet::with_capacity(wanted.names.len());
        wanted.names.retain(|name| seen.insert(name.clone()));
        Ok(wanted)
    }

    fn add(&mut self, text: &str) {
        match normalize(text) {
            Some(name) => self.names.push(name.into()),
            None => self.not_names.push(text.to_owned()),
        }
    }

    /// One name a line; what follows a blank or a comma is not looked at, `#` begins a comment.
    fn of_file(&mut self, path: &Path) -> Result<()> {
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
}

/// What makes a name urgent.
#[derive(Debug, Clone, Copy, Default)]
struct Urgency {
    drop: Option<i32>,
    weight: i64,
    accounts: u64,
}

impl Urgency {
    fn add(&mut self, other: Self) {
        self.drop = [self.drop, other.drop].into_iter().flatten().min();
        self.weight = self.weight.saturating_add(other.weight);
        self.accounts += other.accounts;
    }
}

fn of_report(directory: &Path) -> Result<Vec<Box<str>>> {
    if !directory.join("manifest.json").is_file() {
        let what = "no `manifest.json`: not a finished report";
        return Err(Error::failure(directory, what).hint("name a directory that `zonelapse audit` wrote"));
    }
    let mut urgency: HashMap<String, Urgency> = HashMap::new();
    let accounts = directory.join("accounts.parquet");
    slices(&accounts, &["judged_domain", "action", "earliest_drop_on", "weight"], &mut |frame| {
        let action = frame.column("action")?.cast(&DataType::String)?;
        let name = frame.column("judged_domain")?.cast(&DataType::String)?;
        let drop = frame.column("earliest_drop_on")?.cast(&DataType::Int32)?;
        let weight = frame.column("weight")?.cast(&DataType::Int64)?;
        let (action, name, drop, weight) = (action.str()?, name.str()?, drop.i32()?, weight.i64()?);
        for row in 0..frame.height() {
            if let (Some("lookup" | "review"), Some(name)) = (action.get(row), name.get(row)) {
                let weight = weight.get(row).unwrap_or_default();
                let more = Urgency { drop: drop.get(row), weight, accounts: 1 };
                urgency.entry_ref(name).or_default().add(more);
            }
        }
        Ok(())
    })?;
    let domains = directory.join("domains.parquet");
    slices(&domains, &["judged_domain", "hijackable_name_servers"], &mut |frame| {
        let name = frame.column("judged_domain")?.cast(&DataType::String)?;
        let (name, servers) = (name.str()?, frame.column("hijackable_name_servers")?.list()?);
        for row in 0..frame.height() {
            let Some(waiting) = name.get(row).and_then(|name| urgency.get(name)).copied() else { continue };
            let Some(servers) = servers.get_as_series(row) else { continue };
            let domains = servers.struct_()?.field_by_name("domain")?.cast(&DataType::String)?;
            for domain in domains.str()?.iter().flatten() {
                urgency.entry_ref(domain).or_default().add(waiting);
            }
        }
        Ok(())
    })?;
    let mut names: Vec<(String, Urgency)> =
        urgency.into_iter().filter(|(name, _)| normalize(name).is_some()).collect();
    names.sort_by(|(name, one), (other_name, other)| {
        let key = |urgency: &Urgency| {
            // a day that is known comes before one that is not
            (urgency.drop.is_none(), urgency.drop, Reverse(urgency.weight), Reverse(urgency.accounts))
        };
        key(one).cmp(&key(other)).then_with(|| name.cmp(other_name))
    });
    Ok(names.into_iter().map(|(name, _)| name.into()).collect())
}

/// Reads these columns of a table, slice by slice.
fn slices(path: &Path, columns: &[&str], take: &mut dyn FnMut(&DataFrame) -> PolarsResult<()>) -> Result<()> {
    let failed = |what: String| Error::failure(path, what).hint("audit again");
    let mut table = TableReader::open(path, Written::ByUs).map_err(|error| error.or_hint("audit again"))?;
    if let Some(name) = columns.iter().find(|name| !table.has(name)) {
        return Err(failed(format!("cannot be read as a table of a report: no column `{name}`")));
    }
    let names: Vec<String> = columns.iter().map(ToString::to_string).collect();
    while let Some(frame) = table.next(&names).map_err(|error| error.or_hint("audit again"))? {
        take(&frame).map_err(|error| failed(format!("cannot be read as a table of a report: {error}")))?;
    }
    Ok(())
}
