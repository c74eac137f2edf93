//! `tlds.parquet`: what each zone covers, and what was found in each top-level domain.
//!
//! There is a row for each top-level domain and each snapshot that decided about domains in it, a row without a zone for
//! domains that no zone covers, and a row for each snapshot that decided nothing. The columns `domains_<state>` and
//! `accounts_<state>` count by state; `reregistered` is a state of accounts only.

use std::path::Path;

use hashbrown::HashMap;

use super::domains::zone_name;
use crate::assess::State;
use crate::assess::judged::JudgedDomain;
use crate::assess::tally::DomainTally;
use crate::error::Result;
use crate::name::suffix::tld;
use crate::snapshot::{Catalog, Snapshot};
use crate::table::schema::TableSchema;
use crate::table::write::TableFile;
use crate::time::Moment;

/// Counts by state.
type ByState = [i64; State::ALL.len()];

/// A row of the table.
pub(crate) struct TldRow<'a> {
    tld: &'a str,
    zone: Option<&'a Snapshot>,
    /// The file of the zone.
    path: Option<String>,
    counts: &'a TldCounts,
}

/// What was found in a top-level domain.
#[derive(Default)]
struct TldCounts {
    domains: ByState,
    accounts: ByState,
}

/// Declares the table.
pub(crate) fn table<'a>(as_of: Moment) -> TableSchema<[TldRow<'a>]> {
    let table = TableSchema::<[TldRow<'a>]>::new(
        "tlds",
        "a top-level domain and a zone that covers domains in it, or no zone",
    )
    .word("tld", "top-level domain", |rows, row| Some(rows[row].tld))
    .word("zone", "origin of the zone; `.` is the root; null if none covers", |rows, row| {
        rows[row].zone.map(zone_name)
    })
    .word("zone_path", "the file it was read from", |rows, row| rows[row].path.as_deref())
    .word("zone_coverage", "complete, stale, unclosed, shrunk, list or none", |rows, row| {
        Some(rows[row].zone.map_or("none", |zone| zone.coverage.name()))
    })
    .word("coverage_reason", "why the coverage is not better", |rows, row| {
        Some(rows[row].zone.map_or("no zone covers them", |zone| &zone.why))
    })
    .integer("zone_serial", "serial of its SOA", |rows, row| Some(i64::from(rows[row].zone?.facts.serial?.0)))
    .date("zone_date", "its date", |rows, row| Some(rows[row].zone?.date.day()))
    .word("zone_date_source", "given, signature, serial_date, serial_time or file_time", |rows, row| {
        Some(rows[row].zone?.date.source.name())
    })
    .integer("names", "names in the zone", |rows, row| Some(rows[row].zone?.table.len() as i64))
    .integer("domains", "judged domains", |rows, row| Some(rows[row].counts.domains.iter().sum()))
    .integer("accounts", "their accounts", |rows, row| Some(rows[row].counts.accounts.iter().sum()))
    .as_of(move |_| as_of);
    State::ALL.iter().enumerate().fold(table, |table, (place, state)| {
        let state = state.name();
        table
            .integer(format!("domains_{state}"), "domains in this state", move |rows, row| {
                Some(rows[row].counts.domains[place])
            })
            .integer(format!("accounts_{state}"), "accounts in this state", move |rows, row| {
                Some(rows[row].counts.accounts[place])
            })
    })
}

/// Writes the table. `tallies` has one entry for each of `domains`.
pub(crate) fn write(
    path: &Path,
    catalog: &Catalog,
    domains: &[JudgedDomain<'_>],
    tallies: &[DomainTally],
    as_of: Moment,
) -> Result<()> {
    let counts = count(catalog, domains, tallies);
    let rows: Vec<TldRow<'_>> = counts
        .iter()
        .map(|((tld, _), zone, counts)| {
            let path = zone.map(|zone| zone.path.display().to_string());
            TldRow { tld, zone: *zone, path, counts }
        })
        .collect();
    let table = table(as_of);
    let mut file = TableFile::create(path, table.layout())?;
    file.write(rows.len(), table.build(&rows))?;
    file.finish()
}

/// A top-level domain and the number of a snapshot; rows without a snapshot come first.
type TldKey<'a> = (&'a str, Option<usize>);

/// The counts of every row, sorted.
fn count<'a>(
    catalog: &'a Catalog,
    domains: &[JudgedDomain<'a>],
    tallies: &[DomainTally],
) -> Vec<(TldKey<'a>, Option<&'a Snapshot>, TldCounts)> {
    let snapshots: Vec<&Snapshot> = catalog.snapshots().collect();
    let mut rows: HashMap<TldKey<'a>, TldCounts> = HashMap::new();
    let mut decided = vec![false; snapshots.len()];
    for (domain, tally) in domains.iter().zip(tallies) {
        let zone = domain.evidence.zone.snapshot;
        let number = zone.map(Snapshot::place);
        if let Some(number) = number {
            decided[number] = true;
        }
        // names are spread over memory: they are read only where the zone does not tell the top-level domain
        let origin = zone.map(|zone| zone.facts.origin.as_str()).filter(|origin| !origin.is_empty());
        let counts = rows.entry((tld(origin.unwrap_or(domain.name)), number)).or_default();
        let state = domain.verdict.state as usize;
        counts.domains[state] += 1;
        let reregistered = tally.reregistered() as i64;
        counts.accounts[state] += tally.accounts() as i64 - reregistered;
        counts.accounts[State::Reregistered as usize] += reregistered;
    }
    for (number, snapshot) in snapshots.iter().enumerate().filter(|(number, _)| !decided[*number]) {
        let origin = zone_name(snapshot);
        let name = if origin == "." { origin } else { tld(origin) };
        rows.entry((name, Some(number))).or_default();
    }
    let of_snapshot = |number: usize| snapshots.get(number).copied();
    let mut rows: Vec<_> =
        rows.into_iter().map(|(key, counts)| (key, key.1.and_then(of_snapshot), counts)).collect();
    rows.sort_unstable_by_key(|(key, ..)| *key);
    rows
}
