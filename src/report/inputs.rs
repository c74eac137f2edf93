//! The input files as the manifest lists them, and what a person should know about them.
//!
//! A summary has room for a few lines. So notices of one kind become one line, and what changes nothing is left out: a
//! zone file that a newer one of the same zone replaces may be as old as it likes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::account_inputs::AccountInput;
use super::columns::{self, ValuesRead};
use super::completeness::Shortfall;
use super::domains::zone_name;
use super::mail_inputs::MailReport;
use super::registry_inputs::RegistryInputs;
use super::sources::RdapSources;
use crate::assess::listing::Listings;
use crate::assess::overrides::Overrides;
use crate::assess::tally::Tally;
use crate::census::{AccountFile, Census};
use crate::mail::{MailClasses, MailServers, MxFile};
use crate::name::{Subject, SuffixList};
use crate::rdap::RdapFile;
use crate::snapshot::zones::Zones;
use crate::snapshot::{Coverage, Snapshot};
use crate::wording::{and_more, count, first_of, grouped};
use crate::zone::{DateSource, Serial};

/// Files named on standard error; the manifest has them all.
const WARNINGS: usize = 20;

/// Zones named in one notice; `tlds.parquet` and the manifest have them all.
const WEAK_ZONES: usize = 5;

/// The Public Suffix List that was used.
#[derive(Debug, Serialize)]
pub(crate) struct SuffixListInput {
    /// The file; none for the built-in copy.
    pub(crate) path: Option<String>,
    /// The list's own version.
    pub(crate) version: Option<String>,
}

/// The lists of mail classes that were used.
#[derive(Debug, Serialize)]
pub(crate) struct MailClassesInput {
    /// The user's own list, which adds to the built-in ones.
    pub(crate) path: Option<String>,
    /// How many names it has.
    pub(crate) own: usize,
}

/// All files read.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Inputs {
    /// Files of accounts.
    pub(crate) accounts: Vec<AccountInput>,
    /// Zone files.
    pub(crate) zones: Vec<ZoneInput>,
    /// What a person should know about how snapshots were made.
    pub(crate) zone_notices: Vec<String>,
    /// Zone files that could not be read at all.
    pub(crate) unreadable_zones: Vec<String>,
    /// RDAP files.
    pub(crate) rdap: Vec<RdapInput>,
    /// Lists of registries.
    pub(crate) registry: RegistryInputs,
    /// Files of MX data.
    pub(crate) mx: MailReport,
    /// What registries are known by, and what the sources of answers were worth.
    pub(crate) rdap_sources: RdapSources,
    /// What a person should know about the file of overrides.
    pub(crate) override_notice: Option<String>,
    /// Why re-registrations after verification cannot be told, if so.
    pub(crate) verification_notice: Option<String>,
    /// Times and weights of all files of accounts.
    pub(crate) values: ValuesRead,
    /// What the summary says about columns.
    #[serde(skip)]
    pub(crate) columns: Vec<String>,
}

/// A zone file.
#[derive(Debug, Serialize)]
pub(crate) struct ZoneInput {
    path: String,
    bytes: u64,
    sha256: String,
    pub(crate) zone: String,
    serial: Option<u32>,
    pub(crate) date: String,
    date_source: &'static str,
    pub(crate) coverage: Coverage,
    coverage_reason: String,
    records: u64,
    faults: u64,
    samples: Vec<String>,
    pub(crate) names: u64,
    /// Dated after as-of, so that it is not used, and nothing need be known about it. A damaged file that only its own
    /// time dates does not count as later: its date was lost with the rest. If its serial reads as a date, that date is
    /// later too, or it would have dated the zone.
    #[serde(skip)]
    is_later: bool,
    /// The zone file that a stored snapshot was made of, by its name: positions are in it.
    #[serde(skip)]
    made_of: Option<String>,
}

/// An RDAP file.
#[derive(Debug, Serialize)]
pub(crate) struct RdapInput {
    path: String,
    bytes: u64,
    sha256: String,
    answers: u64,
    faults: u64,
    samples: Vec<String>,
    broken: Option<String>,
    /// The file as it was read, for messages.
    #[serde(skip)]
    file: RdapFile,
}

/// RDAP files that make a run incomplete.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IncompleteRdap {
    /// Those of which nothing, or not all, could be read.
    pub(crate) broken: usize,
    /// Those that hold too many other records.
    pub(crate) faulty: usize,
}

impl SuffixListInput {
    /// Describes a list.
    pub(crate) fn of(list: &SuffixList) -> Self {
        Self {
            path: list.path.as_ref().map(|path| path.display().to_string()),
            version: list.version.clone(),
        }
    }
}

impl MailClassesInput {
    /// Describes the lists of a run.
    pub(crate) fn of(classes: &MailClasses) -> Self {
        let path = classes.own_list.as_ref();
        Self { path: path.map(|path| path.display().to_string()), own: classes.own }
    }
}

impl Inputs {
    /// The inputs of a run.
    pub(crate) fn of(census: &Census, zones: &Zones, rdap: &[RdapFile], overrides: &Overrides) -> Self {
        let accounts = census.files.iter().map(AccountInput::of);
        let rdap = rdap.iter().map(|file| RdapInput {
            path: file.path.display().to_string(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            answers: file.answers,
            faults: file.faults.count,
            samples: file.faults.samples.clone(),
            broken: file.broken.clone(),
            file: file.clone(),
        });
        Self {
            accounts: accounts.collect(),
            zones: zones.catalog.snapshots().map(ZoneInput::of).collect(),
            zone_notices: zones.notices.clone(),
            unreadable_zones: zones.unreadable.iter().map(ToString::to_string).collect(),
            rdap: rdap.collect(),
            registry: RegistryInputs::default(),
            mx: MailReport::default(),
            rdap_sources: RdapSources::default(),
            override_notice: overrides.notice().map(str::to_owned),
            verification_notice: None,
            values: ValuesRead::of(&census.files),
            columns: Vec::new(),
        }
    }

    /// Adds what the accounts of these files say of themselves.
    pub(crate) fn with_accounts(mut self, files: &[AccountFile], tally: &Tally) -> Self {
        let told = columns::describe(files, &mut self.values, tally);
        (self.columns, self.verification_notice) = (told.lines, told.no_verifications);
        self
    }

    /// Adds the lists of registries.
    pub(crate) fn with_lists(self, lists: &Listings) -> Self {
        Self { registry: RegistryInputs::of(lists), ..self }
    }

    /// Adds the files of MX data.
    pub(crate) fn with_mail(self, files: &[MxFile], servers: &MailServers) -> Self {
        Self { mx: MailReport::of(files, servers), ..self }
    }

    /// Adds what the sources of answers were worth.
    pub(crate) fn with_sources(self, rdap_sources: RdapSources) -> Self {
        Self { rdap_sources, ..self }
    }

    /// The subject that most rejected rows look like, if most of them look like one.
    pub(crate) fn looks_like(&self) -> Option<Subject> {
        let rejected: u64 = self.accounts.iter().map(AccountInput::rejected).sum();
        let rows = |subject: &Subject| -> u64 {
            self.accounts.iter().map(|file| file.guesses[*subject as usize]).sum()
        };
        Subject::ALL.iter().copied().find(|subject| 2 * rows(subject) > rejected)
    }

    /// What a person should know of the inputs: how lines became rows, what zones cannot prove, what could not be read.
    pub(crate) fn notices(&self) -> Vec<String> {
        let accounts = self.accounts.iter().flat_map(AccountInput::notices);
        let unreadable = self.unreadable_zones.iter().map(|error| error.replace('\n', "; "));
        let broken = self.rdap.iter().filter_map(|file| file.broken.clone());
        let cut = self.rdap.iter().filter_map(|file| file.file.notice.clone());
        accounts
            .chain(unreadable)
            .chain(self.zone_defects())
            .chain(self.zone_notices.iter().cloned())
            .chain(self.weak_zones())
            .chain(broken)
            .chain(cut)
            .chain(self.unread_answers())
            .chain(self.registry.notices())
            .chain(self.mx.notices())
            .chain(self.rdap_sources.notices())
            .chain(self.override_notice.clone())
            .collect()
    }

    /// Zones that are damaged or shrunk, and those with records that cannot be read, a line each.
    fn zone_defects(&self) -> impl Iterator<Item = String> {
        let defect = |zone: &ZoneInput| match zone.coverage {
            Coverage::Unclosed => Some("not whole"),
            Coverage::Shrunk => Some("far smaller than before"),
            Coverage::Complete | Coverage::Stale | Coverage::List | Coverage::None => None,
        };
        let defects = self.zones_in_use().filter_map(move |zone| {
            let reason = &zone.coverage_reason;
            let made_of = zone.made_of.iter().map(|file| format!(", made of `{file}`")).collect::<String>();
            Some(format!("zone {} is {}: {reason} ({}{made_of})", zone.zone, defect(zone)?, zone.path))
        });
        let faults = self.zones_in_use().filter(|zone| zone.faults > 0).map(|zone| {
            let records = count(zone.faults, "record");
            let first = zone.samples.first().map(|sample| format!(", first {sample}")).unwrap_or_default();
            format!("zone {}: {records} could not be read{first}", zone.zone)
        });
        defects.chain(faults)
    }

    /// The zones that are whole but too old, or only a list, in one line.
    fn weak_zones(&self) -> Option<String> {
        let weak: Vec<&ZoneInput> = self
            .newest_zones()
            .filter(|zone| matches!(zone.coverage, Coverage::Stale | Coverage::List))
            .collect();
        let reason = |zone: &ZoneInput| match zone.coverage {
            Coverage::List => "a plain list".to_owned(),
            _ => zone.coverage_reason.clone(),
        };
        match weak[..] {
            [] => None,
            [ZoneInput { zone, coverage_reason, path, .. }] => {
                Some(format!("zone {zone} cannot prove absence: {coverage_reason} ({path})"))
            }
            _ => {
                let named = weak.iter().map(|zone| format!("{}: {}", zone.zone, reason(zone)));
                let named = first_of(named, WEAK_ZONES, "zone").join("; ");
                Some(format!("{} cannot prove absence; {named}", count(weak.len() as u64, "zone")))
            }
        }
    }

    /// The records of all RDAP files that gave no usable answer, in one line.
    fn unread_answers(&self) -> Option<String> {
        let unread = self.rdap.iter().map(|file| file.faults + file.file.unread).sum();
        let records = self.rdap.iter().map(|file| file.faults + file.answers).sum();
        let first =
            self.rdap.iter().find_map(|file| file.samples.first().or(file.file.unread_sample.as_ref()));
        let first = first.map(|sample| format!(", first {sample}")).unwrap_or_default();
        (unread > 0).then(|| {
            format!("{} of {} could not be used{first}", grouped(unread), count(records, "RDAP record"))
        })
    }

    /// The zones that can say something: those dated after as-of do not.
    fn zones_in_use(&self) -> impl Iterator<Item = &ZoneInput> {
        self.zones.iter().filter(|zone| !zone.is_later)
    }

    /// The newest date of each zone in use. Older dates serve the history, and their age does not matter.
    pub(crate) fn newest_zones(&self) -> impl Iterator<Item = &ZoneInput> {
        let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
        for zone in self.zones_in_use() {
            let date = newest.entry(&zone.zone).or_default();
            *date = zone.date.as_str().max(*date);
        }
        self.zones_in_use().filter(move |zone| newest[zone.zone.as_str()] == zone.date)
    }

    /// Files of accounts with bytes that are not UTF-8; only the first of many.
    pub(crate) fn encoding_warnings(&self) -> Vec<Shortfall> {
        let files: Vec<&AccountInput> = self.accounts.iter().filter(|file| file.not_utf8 > 0).collect();
        let mut told: Vec<Shortfall> = files.iter().take(WARNINGS).map(|file| file.undecoded()).collect();
        // each remedy is told once
        let mut hints = Vec::new();
        for told in &mut told {
            told.hint = told.hint.take().filter(|hint| !hints.contains(hint));
            hints.extend(told.hint.clone());
        }
        let more = and_more(files.len().saturating_sub(WARNINGS) as u64, "file");
        told.extend(more.map(|more| Shortfall::from(format!("{more} with bytes that are not UTF-8"))));
        told
    }

    /// How many RDAP files make a run incomplete.
    pub(crate) fn incomplete_rdap(&self, max_rejected: f64) -> IncompleteRdap {
        let broken = self.rdap.iter().filter(|file| file.broken.is_some()).count();
        let incomplete = self.rdap.iter().filter(|file| file.file.incomplete(max_rejected).is_some()).count();
        IncompleteRdap { broken, faulty: incomplete - broken }
    }

    /// The RDAP files that are not whole, each with its reason; only the first of many.
    pub(crate) fn rdap_warnings(&self, max_rejected: f64) -> Vec<String> {
        let reasons = self.rdap.iter().filter_map(|file| file.file.incomplete(max_rejected));
        first_of(reasons, WARNINGS, "RDAP file")
    }

    /// How many zones have this coverage. A damaged file counts whatever its date, an old one only if there is no newer.
    pub(crate) fn zones_that_are(&self, coverage: Coverage) -> usize {
        match coverage {
            Coverage::Stale | Coverage::List => {
                self.newest_zones().filter(|zone| zone.coverage == coverage).count()
            }
            _ => self.zones_in_use().filter(|zone| zone.coverage == coverage).count(),
        }
    }
}

impl ZoneInput {
    fn of(snapshot: &Snapshot) -> Self {
        let facts = &snapshot.facts;
        let path = snapshot.path.display().to_string();
        let made_of = (snapshot.path == snapshot.table.path()).then(|| facts.source.name.clone());
        let made_of = made_of.filter(|name| !name.is_empty());
        let file = made_of.as_ref().unwrap_or(&path);
        Self {
            bytes: facts.source.bytes,
            sha256: facts.source.sha256.clone(),
            zone: zone_name(snapshot).to_owned(),
            serial: facts.serial.map(|serial| serial.0),
            date: snapshot.date.day().to_string(),
            date_source: snapshot.date.source.name(),
            coverage: snapshot.coverage,
            coverage_reason: snapshot.why.clone(),
            records: facts.integrity.records,
            faults: facts.integrity.faults,
            samples: facts.integrity.samples.iter().map(|fault| format!("{file}:{fault}")).collect(),
            names: snapshot.table.len() as u64,
            is_later: snapshot.is_later
                && (snapshot.date.source != DateSource::FileTime
                    || snapshot.coverage != Coverage::Unclosed
                    || facts.serial.is_some_and(Serial::reads_as_date)),
            path,
            made_of,
        }
    }
}
