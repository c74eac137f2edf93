//! `tlds.parquet`: what each zone covers, and what was found in each top-level domain.
//!
//! There is a row for each top-level domain and each snapshot that decided about domains in it, a row without a zone for
//! domains that no zone covers, and a row for each snapshot that decided nothing. The columns `domains_<state>` and
//! `accounts_<state>` count by state; `reregistered` is a state of accounts only.

use std::path::Path;

use hashbrown::HashMap;

use super::cures::{Cure, Cures};
use super::domains::zone_name;
use crate::assess::judged::JudgedDomain;
use crate::assess::tally::DomainTally;
use crate::assess::{Reason, State};
use crate::error::Result;
use crate::name::suffix::tld;
use crate::snapshot::{Catalog, Coverage, Snapshot};
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
    /// What would let those be judged that could not be; none if there are none.
    cure: Option<String>,
    counts: &'a TldCounts,
}

/// What was found in a top-level domain.
#[derive(Default)]
struct TldCounts {
    domains: ByState,
    accounts: ByState,
    /// Whether nobody knows that the top-level domain exists.
    is_unheard_of: bool,
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
    .word("cure", "what would let those be judged that are unknown, the best first", |rows, row| {
        rows[row].cure.as_deref()
    })
    .integer("zone_serial", "serial of its SOA", |rows, row| Some(i64::from(rows[row].zone?.facts.serial?.0)))
    .date("zone_date", "its date", |rows, row| Some(rows[row].zone?.date.day()))
    .word("zone_date_source", "given, signature, serial_date, serial_time or file_time", |rows, row| {
        Some(rows[row].zone?.date.source.name())
    })
    .integer("names", "names in the zone", |rows, row| Some(rows[row].zone?.table.len() as i64))
    .integer("domains", "judged domains", |rows, row| Some(rows[row].counts.domains.iter().sum()))
    .integer("accounts", "their accounts", |rows, row| Some(rows[row].counts.accounts.iter().sum()))
    .moment_of_judgement(move |_| as_of);
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

/// Writes the table, and tells what would let more accounts be judged, where most are first. `tallies` has one entry for
/// each of `domains`.
pub(crate) fn write(
    path: &Path,
    catalog: &Catalog,
    domains: &[JudgedDomain<'_>],
    tallies: &[DomainTally],
    (as_of, cures): (Moment, Cures<'_>),
) -> Result<Vec<Cure>> {
    let counts = count(catalog, domains, tallies);
    let mut unjudged = Vec::new();
    let mut row = |((tld, _), zone, counts): &'_ (TldKey<'_>, Option<&Snapshot>, TldCounts)| {
        let unknown = State::Unknown as usize;
        (counts.domains[unknown] + counts.accounts[unknown] > 0).then(|| {
            let coverage = zone.map_or(Coverage::None, |zone| zone.coverage);
            let ways = cures.ways(tld, coverage, !counts.is_unheard_of);
            let cure = ways.join("; ");
            let accounts = counts.accounts[unknown] as u64;
            unjudged.push(Cure { tld: (*tld).to_owned(), accounts, ways });
            cure
        })
    };
    let cured: Vec<Option<String>> = counts.iter().map(&mut row).collect();
    let rows: Vec<TldRow<'_>> = counts
        .iter()
        .zip(cured)
        .map(|(((tld, _), zone, counts), cure)| {
            let path = zone.map(|zone| zone.path.display().to_string());
            TldRow { tld, zone: *zone, path, cure, counts }
        })
        .collect();
    let table = table(as_of);
    let mut file = TableFile::create(path, table.layout())?;
    file.write(rows.len(), table.build(&rows))?;
    file.finish()?;
    unjudged.sort_by(|a, b| b.accounts.cmp(&a.accounts).then_with(|| a.tld.cmp(&b.tld)));
    Ok(unjudged)
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
        let counts = rows.entry((domain.tld(), number)).or_default();
        let state = domain.verdict.state as usize;
        counts.domains[state] += 1;
        counts.is_unheard_of |= domain.verdict.reasons.contains(Reason::UnknownTld);
        let reregistered = tally.reregistered as i64;
        let others = tally.accounts as i64 - reregistered;
        counts.accounts[state] = counts.accounts[state].saturating_add(others);
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
