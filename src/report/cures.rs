//! What would let the accounts of a top-level domain be judged that could not be.
//!
//! `data/zone_sources.csv` says where a zone or a list of all names can be had, and the tables of RDAP servers say whom
//! to ask. A list of some names is no cure: it says nothing of the others. What nobody is known to offer is said to be
//! so. If a zone is there, but weak, the cure is a better one.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::assess::lifecycle::is_gtld;
use crate::built_in::CsvTable;
use crate::rdap::RegistryServers;
use crate::snapshot::Coverage;
use crate::time::{BareDate, Moment};

/// The table.
const TABLE: &str = include_str!("../../data/zone_sources.csv");
/// The name of the line for gTLDs.
const GTLD: &str = "*";

named_enum! {
    /// How a zone or a list can be had.
    enum Way {
        /// From ICANN's service.
        Czds = "czds",
        /// By a transfer that anyone may ask for.
        Axfr = "axfr",
        /// From the registry, if it is asked.
        Request = "request",
        /// As a list of all names.
        Register = "register",
        /// As a list of some names.
        List = "list",
        /// Not at all, as far as is known.
        None = "none",
    }
}

/// A top-level domain with accounts that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Cure {
    /// The top-level domain.
    pub(crate) tld: String,
    /// The accounts that could not be judged.
    pub(crate) accounts: u64,
    /// What would help, the best first.
    pub(crate) ways: Vec<String>,
}

/// Says what is missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cures<'a> {
    /// Whom RDAP can be asked of.
    pub(crate) registries: &'a RegistryServers,
}

impl Cures<'_> {
    /// What would help with the names of a top-level domain that a zone of this coverage does not settle, the best first.
    /// `is_known`: whether anyone knows that the top-level domain exists.
    pub(crate) fn ways(&self, tld: &str, coverage: Coverage, is_known: bool) -> Vec<String> {
        if !is_known {
            return vec!["the root zone, which says whether it exists".to_owned()];
        }
        if coverage == Coverage::Complete {
            return vec!["RDAP answers about these names".to_owned()];
        }
        let ways: Vec<String> = self.zone(tld, coverage).into_iter().chain(self.rdap(tld)).collect();
        if ways.is_empty() { vec!["nothing known".to_owned()] } else { ways }
    }

    /// How a complete zone or a list of all names can be had, where that of this coverage is not enough.
    pub(crate) fn zone(&self, tld: &str, coverage: Coverage) -> Vec<String> {
        match coverage {
            Coverage::Complete => Vec::new(),
            Coverage::None => {
                let places = SOURCES.get(tld).or_else(|| SOURCES.get(GTLD).filter(|_| is_gtld(tld)));
                places.into_iter().flatten().cloned().collect()
            }
            Coverage::Stale => vec!["a newer zone".to_owned()],
            Coverage::Unclosed => vec!["the whole zone".to_owned()],
            Coverage::Shrunk => vec!["the zone, accepted after a look at its size".to_owned()],
            Coverage::List => vec!["the whole zone in place of a list".to_owned()],
        }
    }

    /// Who answers about its names.
    pub(crate) fn rdap(&self, tld: &str) -> Option<String> {
        let (servers, is_lead) = self.registries.servers_of(tld, None)?;
        let url = &servers.first()?.url;
        Some(match is_lead {
            true => format!("RDAP answers, perhaps from {url}"),
            false => format!("RDAP answers from {url}"),
        })
    }
}

/// The ways to all names, by top-level domain.
static SOURCES: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let rows = CsvTable::built_in("data/zone_sources.csv", TABLE, |row| {
        row.text("source")?;
        row.read("seen", "a date", |text| Moment::parse(text, BareDate::Start))?;
        let place = row.text("where")?;
        let way = row.read("way", "a way", Way::from_name)?;
        let words = match way {
            Way::Czds => Some(format!("the zone from CZDS, {place}")),
            Way::Axfr => Some(format!("the zone by AXFR from {place}")),
            Way::Request => Some(format!("the zone, on request from {place}")),
            Way::Register => Some(format!("the list of all names: {place}")),
            Way::List | Way::None => None,
        };
        Ok((row.text("tld")?.to_owned(), words))
    });
    let mut sources: HashMap<String, Vec<String>> = HashMap::new();
    for (tld, words) in rows {
        sources.entry(tld).or_default().extend(words);
    }
    sources
});

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn cured(tld: &str, coverage: Coverage, expected: &[&str]) {
        let registries = RegistryServers::read(None, []).expect("the built-in tables");
        assert_eq!(Cures { registries: &registries }.ways(tld, coverage, true), expected, "{tld}");
    }

    #[test]
    fn the_best_way_first() {
        let czds = "the zone from CZDS, https://czds.icann.org/";
        cured("com", Coverage::None, &[czds, "RDAP answers from https://rdap.verisign.com/com/v1/"]);
        cured(
            "se",
            Coverage::None,
            &["the zone by AXFR from zonedata.iis.se", "RDAP answers, perhaps from https://rdap.iis.se/"],
        );
        cured("de", Coverage::None, &["RDAP answers from https://rdap.denic.de/"]);
        cured("su", Coverage::None, &["the list of all names: https://ru-tld.ru/files/"]);
        // a list of the names that drop says nothing of the others
        cured("uk", Coverage::None, &["RDAP answers from https://rdap.nominet.uk/uk/"]);
        cured("at", Coverage::None, &["nothing known"]);
        cured("zz", Coverage::None, &["nothing known"]);
        // neither CZDS nor a ccTLD of two letters
        cured(
            "gov",
            Coverage::None,
            &[
                "the list of all names: https://github.com/cisagov/dotgov-data",
                "RDAP answers from https://rdap.nic.gov/rdap/",
            ],
        );
        cured("xn--fiqs8s", Coverage::None, &["nothing known"]);
    }

    #[test]
    fn a_weak_zone_is_cured_by_a_better_one() {
        let rdap = "RDAP answers from https://rdap.denic.de/";
        cured("de", Coverage::Stale, &["a newer zone", rdap]);
        cured("de", Coverage::Unclosed, &["the whole zone", rdap]);
        cured("de", Coverage::Shrunk, &["the zone, accepted after a look at its size", rdap]);
        cured("de", Coverage::List, &["the whole zone in place of a list", rdap]);
        cured("de", Coverage::Complete, &["RDAP answers about these names"]);
    }

    #[test]
    fn every_line_is_read() {
        assert!(SOURCES.len() > 60 && SOURCES.contains_key(GTLD));
        assert!(SOURCES.values().flatten().all(|way| !way.ends_with(' ')));
    }
}
