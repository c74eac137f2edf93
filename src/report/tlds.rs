//! `tlds.parquet`: how far each zone reaches, and what was found in each top-level domain.
//!
//! A row for each top-level domain and deciding snapshot, one without zone where none covers, and one
//! for each snapshot that decided nothing. Domains and accounts stand also by state, in the columns
//! `domains_<state>` and `accounts_<state>`; `reregistered` is a state of accounts only.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::accounts::DomainTally;
use super::domains::zone_name;
use crate::assess::State;
use crate::assess::judged::JudgedDomain;
use crate::error::Result;
use crate::name::suffix::tld;
use crate::snapshot::{Catalog, Snapshot};
use crate::table::columns::{days, integers, words};
use crate::table::schema::{TLDS, Type};
use crate::table::write::TableFile;

#[derive(Default)]
struct Counts {
    domains: [i64; State::ALL.len()],
    accounts: [i64; State::ALL.len()],
}

/// Writes the table; `tallies` belong to `domains` one by one.
pub fn write(
    path: &Path,
    catalog: &Catalog,
    domains: &[JudgedDomain<'_>],
    tallies: &[DomainTally],
) -> Result<()> {
    let by_state: Vec<(String, String)> = State::ALL
        .iter()
        .map(|state| (format!("domains_{}", state.name()), format!("accounts_{}", state.name())))
        .collect();
    let counted = by_state.iter().flat_map(|(domains, accounts)| [domains, accounts]);
    let counted = counted.map(|name| (name.clone(), Type::Integer));
    let layout = TLDS.layout().into_iter().chain(counted).collect();
    let rows = count(catalog, domains, tallies);
    let zones: Vec<(&str, Option<&Snapshot>, &Counts)> =
        rows.iter().map(|((tld, _), (zone, counts))| (tld.as_str(), *zone, counts)).collect();
    let paths: Vec<Option<String>> =
        zones.iter().map(|(_, zone, _)| zone.map(|zone| zone.path.display().to_string())).collect();
    let of_zone = |value: fn(&Snapshot) -> &str| zones.iter().map(move |(_, zone, _)| zone.map(value));
    let sum = |counts: &[i64; State::ALL.len()]| Some(counts.iter().sum());
    let mut columns = vec![
        words(zones.iter().map(|(tld, _, _)| Some(*tld)))?,
        words(of_zone(zone_name))?,
        words(paths.iter().map(Option::as_deref))?,
        words(of_zone(|zone| zone.coverage.name()).map(|name| name.or(Some("none"))))?,
        words(of_zone(|zone| &zone.why).map(|why| why.or(Some("no zone covers them"))))?,
        integers(zones.iter().map(|(_, zone, _)| Some(i64::from((*zone)?.facts.serial?.0)))),
        days(zones.iter().map(|(_, zone, _)| zone.map(|zone| zone.date.day()))),
        words(of_zone(|zone| zone.date.source.name()))?,
        integers(zones.iter().map(|(_, zone, _)| zone.map(|zone| zone.table.len() as i64))),
        integers(zones.iter().map(|(_, _, counts)| sum(&counts.domains))),
        integers(zones.iter().map(|(_, _, counts)| sum(&counts.accounts))),
    ];
    for place in 0..by_state.len() {
        columns.push(integers(zones.iter().map(|(_, _, counts)| Some(counts.domains[place]))));
        columns.push(integers(zones.iter().map(|(_, _, counts)| Some(counts.accounts[place]))));
    }
    let mut file = TableFile::create(path, layout)?;
    file.write(zones.len(), columns)?;
    file.finish()
}

/// By top-level domain and the place of the snapshot; no place comes first.
type Rows<'a> = BTreeMap<(String, Option<usize>), (Option<&'a Snapshot>, Counts)>;

fn count<'a>(catalog: &'a Catalog, domains: &[JudgedDomain<'a>], tallies: &[DomainTally]) -> Rows<'a> {
    let snapshots: Vec<&Snapshot> = catalog.snapshots().collect();
    let mut rows = Rows::new();
    let mut decided = vec![false; snapshots.len()];
    for (domain, tally) in domains.iter().zip(tallies) {
        let zone = domain.evidence.zone.snapshot;
        let place = zone.and_then(|zone| snapshots.iter().position(|other| std::ptr::eq(*other, zone)));
        if let Some(place) = place {
            decided[place] = true;
        }
        let entry = rows.entry((tld(domain.name).to_owned(), place));
        let (_, counts) = entry.or_insert_with(|| (zone, Counts::default()));
        let state = domain.verdict.state as usize;
        counts.domains[state] += 1;
        let reregistered = tally.reregistered.load(Ordering::Relaxed) as i64;
        counts.accounts[state] += tally.accounts.load(Ordering::Relaxed) as i64 - reregistered;
        counts.accounts[State::Reregistered as usize] += reregistered;
    }
    for (place, snapshot) in snapshots.iter().enumerate().filter(|(place, _)| !decided[*place]) {
        let origin = zone_name(snapshot);
        let name = if origin == "." { origin } else { tld(origin) };
        rows.insert((name.to_owned(), Some(place)), (Some(snapshot), Counts::default()));
    }
    rows
}
