//! What could not be judged, by top-level domain, with the reasons and with what would cure it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::top::{FirstRows, MOST_ROWS, TopRows};
use super::words;
use crate::assess::Reason;
use crate::assess::account::explain_rule;
use crate::error::Result;
use crate::table::read::TableReader;
use crate::wording::grouped;

/// The accounts that could not be judged in a top-level domain, by zone: none, or its origin.
pub(super) type UnjudgedPlaces = BTreeMap<(String, Option<String>), UnjudgedPlace>;

/// The accounts of one of these.
#[derive(Debug, Default)]
pub(super) struct UnjudgedPlace {
    pub(super) domains: u64,
    pub(super) accounts: u64,
    /// By the names of the rules and reasons that say why.
    pub(super) whys: HashMap<String, u64>,
}

/// A top-level domain, and a zone in it or none.
#[derive(Debug)]
pub(super) struct UnjudgedRow {
    pub(super) tld: String,
    pub(super) accounts: u64,
    pub(super) domains: u64,
    /// What the zone is.
    pub(super) zone: String,
    /// The reasons, each with its accounts.
    pub(super) reasons: Vec<(String, String)>,
    /// What would help, the best first.
    pub(super) cures: Vec<String>,
}

/// What `tlds.parquet` says of a place: what the zone is, and the cure.
type ZoneTold = (String, Option<String>);

/// Joins the places with the table of top-level domains.
pub(super) fn read(table: TableReader, places: UnjudgedPlaces) -> Result<FirstRows<UnjudgedRow>> {
    let zones = zones(table, &places)?;
    let mut top = TopRows::new(MOST_ROWS);
    for (key, place) in places {
        let told = zones.get(&key);
        top.offer((Reverse(place.accounts), key.clone()), || row(&key.0, place, told));
    }
    Ok(top.finish())
}

fn zones(table: TableReader, places: &UnjudgedPlaces) -> Result<HashMap<(String, Option<String>), ZoneTold>> {
    let mut table = table.select(&["tld", "zone", "zone_coverage", "coverage_reason", "cure"])?;
    let mut zones = HashMap::new();
    while let Some(slice) = table.next_slice()? {
        let [tld, zone, coverage, reason, cure] = [
            slice.texts("tld")?,
            slice.texts("zone")?,
            slice.texts("zone_coverage")?,
            slice.texts("coverage_reason")?,
            slice.texts("cure")?,
        ];
        for row in 0..slice.rows() {
            let key = (tld.get(row).unwrap_or_default().to_owned(), zone.get(row).map(str::to_owned));
            // a zone that decides nothing has a row without a cure
            let (Some(cure), true) = (cure.get(row), places.contains_key(&key)) else { continue };
            let what = match (zone.get(row), coverage.get(row), reason.get(row).filter(|why| !why.is_empty()))
            {
                (Some(zone), Some(coverage), Some(why)) => format!("zone {zone} is {coverage}: {why}"),
                (Some(zone), Some(coverage), None) => format!("zone {zone} is {coverage}"),
                _ => "no zone".to_owned(),
            };
            zones.insert(key, (what, Some(cure.to_owned())));
        }
    }
    Ok(zones)
}

fn row(tld: &str, place: UnjudgedPlace, told: Option<&ZoneTold>) -> UnjudgedRow {
    let mut whys: Vec<(String, u64)> = place.whys.into_iter().collect();
    whys.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let reason = |(name, accounts): (String, u64)| {
        let words = explain_rule(&name).map(|(words, _)| words);
        let words = words.or_else(|| Reason::from_name(&name).map(Reason::explanation));
        (words.map_or_else(|| words::shown(&name), str::to_owned), grouped(accounts))
    };
    let (zone, cure) = told.cloned().unwrap_or_default();
    let cures = cure.iter().flat_map(|cure| cure.split("; "));
    UnjudgedRow {
        tld: words::shown(tld),
        accounts: place.accounts,
        domains: place.domains,
        zone: words::shown(&zone),
        reasons: whys.into_iter().map(reason).collect(),
        cures: cures.map(words::shown).collect(),
    }
}
