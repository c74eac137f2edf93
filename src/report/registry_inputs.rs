//! The lists of registries that a run read: for the manifest, for notices, and for its exit status.

use serde::Serialize;

use crate::assess::listing::Listings;
use crate::registry::{ListDateSource, RegistryList};
use crate::wording::{count, first_of};

/// Lists named in one notice; the manifest has them all.
const NAMED: usize = 5;

/// All lists.
#[derive(Debug, Default, Serialize)]
pub(crate) struct RegistryInputs {
    /// The lists.
    pub(crate) lists: Vec<RegistryListInput>,
    /// Files that are no lists, each with its reason.
    pub(crate) unknown: Vec<String>,
    /// Why some of the lists are not whole.
    #[serde(skip)]
    incomplete: Vec<String>,
}

/// A list.
#[derive(Debug, Serialize)]
pub(crate) struct RegistryListInput {
    pub(super) list: String,
    path: String,
    bytes: u64,
    sha256: String,
    kind: &'static str,
    pub(super) date: String,
    date_source: ListDateSource,
    wholeness: &'static str,
    why: String,
    rows: u64,
    faults: u64,
    unread_dates: u64,
    samples: Vec<String>,
}

impl RegistryInputs {
    /// Describes the lists of a run.
    pub(super) fn of(listings: &Listings) -> Self {
        let lists = listings.lists.iter();
        Self {
            lists: lists.clone().map(RegistryListInput::of).collect(),
            unknown: listings.unknown.clone(),
            incomplete: lists
                .filter(|list| !is_superseded(list, &listings.lists))
                .filter_map(RegistryList::incomplete)
                .chain(listings.unknown.clone())
                .collect(),
        }
    }

    /// How many files are no whole lists.
    pub(super) fn incomplete(&self) -> usize {
        self.incomplete.len()
    }

    /// What a person should know of the lists.
    pub(super) fn notices(&self) -> Vec<String> {
        let mut notices = first_of(self.incomplete.iter().cloned(), NAMED, "list");
        let undated: Vec<&RegistryListInput> =
            self.lists.iter().filter(|list| list.date_source == ListDateSource::FileTime).collect();
        if let Some(first) = undated.first() {
            notices.push(format!(
                "{} dated by the time of the file, so what is missing from it proves nothing, first {}",
                match undated.len() {
                    1 => "1 list is".to_owned(),
                    several => format!("{} are", count(several as u64, "list")),
                },
                first.path
            ));
        }
        notices
    }
}

/// Whether a newer list of the same names was read, so that it no longer matters what is missing from this one.
fn is_superseded(list: &RegistryList, all: &[RegistryList]) -> bool {
    all.iter().any(|other| other.is_of_series(list) && other.date > list.date && other.incomplete().is_none())
}

impl RegistryListInput {
    fn of(list: &RegistryList) -> Self {
        Self {
            list: list.name.to_string(),
            path: list.path.display().to_string(),
            bytes: list.bytes,
            sha256: list.sha256.clone(),
            kind: list.kind.name(),
            date: list.date.to_string(),
            date_source: list.date_source,
            wholeness: list.wholeness.name(),
            why: list.why.to_string(),
            rows: list.rows,
            faults: list.faults.count,
            unread_dates: list.unread_dates,
            samples: list.faults.samples.clone(),
        }
    }
}
