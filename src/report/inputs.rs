//! The files of a run as the manifest names them, and what a person should know of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::domains::zone_name;
use crate::assess::overrides::Overrides;
use crate::census::{AccountFile, Census};
use crate::name::{Rejection, SuffixList};
use crate::rdap::RdapFile;
use crate::snapshot::Snapshot;
use crate::snapshot::zones::Zones;
use crate::wording::grouped;
use crate::zone::DateSource;

/// Files named on standard error; the manifest has them all.
const WARNINGS: usize = 20;

/// The list that was used.
#[derive(Debug, Serialize)]
pub struct SuffixListInput {
    /// The file; none for the built-in copy.
    pub path: Option<String>,
    /// The list's own version.
    pub version: Option<String>,
}

/// All files read.
#[derive(Debug, Default, Serialize)]
pub struct Inputs {
    /// Files of accounts.
    pub accounts: Vec<AccountInput>,
    /// Zone files.
    pub zones: Vec<ZoneInput>,
    /// What is to be said of how snapshots were made.
    pub zone_notices: Vec<String>,
    /// Zone files that could not be read at all.
    pub unreadable_zones: Vec<String>,
    /// RDAP files.
    pub rdap: Vec<RdapInput>,
    /// What is to be said of the file of decisions.
    pub override_notice: Option<String>,
}

/// One in so many: if more lines than this of the rows lie inside quotes, the export is doubtful.
const QUOTED_SHARE: u64 = 10;

/// A file of accounts.
#[derive(Debug, Serialize)]
pub struct AccountInput {
    path: String,
    bytes: u64,
    sha256: String,
    rows: u64,
    added_by_split: u64,
    accepted: u64,
    rejected: BTreeMap<&'static str, u64>,
    /// How its lines became rows; none of Parquet.
    #[serde(flatten)]
    lines: Option<AccountLines>,
}

/// The lines of a file of accounts: `lines` = `header_lines` + `rows` + `blank_lines` + `lines_in_quotes`, which the
/// program has checked.
#[derive(Debug, Serialize)]
struct AccountLines {
    lines: u64,
    header_lines: u64,
    blank_lines: u64,
    multi_line_records: u64,
    /// Lines of these records but the first of each.
    lines_in_quotes: u64,
    ends_without_line_end: bool,
}

impl AccountInput {
    fn of(file: &AccountFile) -> Self {
        Self {
            path: file.path.display().to_string(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            rows: file.rows,
            added_by_split: file.added_by_split,
            accepted: file.accepted,
            rejected: by_reason(&file.rejected),
            lines: file.lines.map(|lines| AccountLines {
                lines: lines.lines,
                header_lines: lines.header,
                blank_lines: lines.records.blank,
                multi_line_records: lines.records.multi_line,
                lines_in_quotes: lines.records.inside,
                ends_without_line_end: lines.ends_without_line_end,
            }),
        }
    }

    /// What a person should know of how its lines became rows.
    fn notices(&self) -> impl Iterator<Item = String> {
        let (path, rows) = (&self.path, self.rows);
        let lines = self.lines.as_ref();
        let quoted = lines.filter(|lines| lines.lines_in_quotes > 0).map(|lines| {
            let (inside, records) = (lines.lines_in_quotes, lines.multi_line_records);
            let doubt = "; that is a lot: check that the export quotes its fields and has no stray quotes";
            let doubt = if inside > rows / QUOTED_SHARE { doubt } else { "" };
            format!(
                "{path}: {} lines, {} rows: the other lines are inside quoted fields ({} in {} records){doubt}",
                grouped(lines.lines),
                grouped(rows),
                grouped(inside),
                grouped(records),
            )
        });
        let open = lines.filter(|lines| lines.ends_without_line_end);
        let open = open.map(|_| {
            format!(
                "{path}: the last line has no line end: if the export broke off there, accounts are missing"
            )
        });
        quoted.into_iter().chain(open)
    }
}

/// A zone file.
#[derive(Debug, Serialize)]
pub struct ZoneInput {
    path: String,
    bytes: u64,
    sha256: String,
    zone: String,
    serial: Option<u32>,
    date: String,
    date_source: &'static str,
    coverage: &'static str,
    coverage_reason: String,
    records: u64,
    faults: u64,
    samples: Vec<String>,
    names: u64,
    /// Dated after as-of: nobody needs to be told what is wrong with it. A file's time is no such date, only the latest
    /// that it can have.
    #[serde(skip)]
    is_later: bool,
}

/// An RDAP file.
#[derive(Debug, Serialize)]
pub struct RdapInput {
    path: String,
    bytes: u64,
    sha256: String,
    answers: u64,
    faults: u64,
    samples: Vec<String>,
    broken: Option<String>,
    /// Why the file is not whole, by the limits of the run; for messages.
    #[serde(skip)]
    file: RdapFile,
}

impl SuffixListInput {
    /// Of a list.
    pub fn of(list: &SuffixList) -> Self {
        Self {
            path: list.path.as_ref().map(|path| path.display().to_string()),
            version: list.version.clone(),
        }
    }
}

impl Inputs {
    /// Of a run.
    pub fn of(census: &Census, zones: &Zones, rdap: &[RdapFile], overrides: &Overrides) -> Self {
        let accounts = census.files.iter().map(AccountInput::of);
        let rdap = rdap.iter().map(|file| RdapInput {
            path: file.path.display().to_string(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            answers: file.answers,
            faults: file.faults,
            samples: file.samples.clone(),
            broken: file.broken.clone(),
            file: file.clone(),
        });
        Self {
            accounts: accounts.collect(),
            zones: zones.catalog.snapshots().map(ZoneInput::of).collect(),
            zone_notices: zones.notices.clone(),
            unreadable_zones: zones.unreadable.iter().map(ToString::to_string).collect(),
            rdap: rdap.collect(),
            override_notice: overrides.notice().map(str::to_owned),
        }
    }

    /// What a person should know of the inputs: lines that are no rows, zones that are not complete, faults, breaks.
    pub fn notices(&self) -> Vec<String> {
        let accounts = self.accounts.iter().flat_map(AccountInput::notices);
        let used = || self.zones.iter().filter(|zone| !zone.is_later);
        let zones = used().filter(|zone| zone.coverage != "complete").map(|zone| {
            format!("zone {} is {}: {} ({})", zone.zone, zone.coverage, zone.coverage_reason, zone.path)
        });
        let faults = used().filter(|zone| zone.faults > 0).map(|zone| {
            let sample = zone.samples.first().map(|sample| format!(", first {sample}")).unwrap_or_default();
            format!("zone {}: {} records could not be read{sample}", zone.zone, zone.faults)
        });
        let unreadable = self.unreadable_zones.iter().map(|error| error.replace('\n', "; "));
        let cut = self.rdap.iter().filter_map(|file| file.file.notice.clone());
        let broken = self.rdap.iter().filter_map(|file| file.broken.clone());
        let answers = self.rdap.iter().filter(|file| file.faults > 0).map(|file| {
            let sample = file.samples.first().map(|sample| format!(", first {sample}")).unwrap_or_default();
            format!("{} RDAP answers could not be read{sample}", file.faults)
        });
        let unread = self.rdap.iter().filter(|file| file.file.unread > 0).map(|file| {
            let sample = file.file.unread_sample.as_deref().unwrap_or_default();
            format!(
                "{} of {} RDAP answers hold nothing that can be read, first {sample}",
                grouped(file.file.unread),
                grouped(file.answers)
            )
        });
        let made = self.zone_notices.iter().cloned();
        accounts
            .chain(zones)
            .chain(made)
            .chain(faults)
            .chain(unreadable)
            .chain(broken)
            .chain(cut)
            .chain(answers)
            .chain(unread)
            .chain(self.override_notice.clone())
            .collect()
    }

    /// Why the answers make a run incomplete: files that are not whole, each kind once.
    pub fn incomplete_rdap(&self, max_rejected: f64) -> Vec<String> {
        let broken = self.rdap.iter().filter(|file| file.broken.is_some()).count();
        let incomplete = self.rdap.iter().filter(|file| file.file.incomplete(max_rejected).is_some()).count();
        let told = |count: usize, what: String| {
            let files = if count == 1 { "RDAP file" } else { "RDAP files" };
            (count > 0).then(|| format!("{count} {files} {what}"))
        };
        let faulty = format!("with more than {max_rejected} % of records that are no answers");
        let broken = told(broken, "of which not all, or nothing, could be read".to_owned())
            .into_iter()
            .chain(told(incomplete - broken, faulty));
        broken.collect()
    }

    /// The files of answers that are not whole, each with the reason; the first of many.
    pub fn rdap_warnings(&self, max_rejected: f64) -> Vec<String> {
        let mut told = self.rdap.iter().filter_map(|file| file.file.incomplete(max_rejected));
        let mut warnings: Vec<String> = told.by_ref().take(WARNINGS).collect();
        let more = told.count();
        if more > 0 {
            warnings.push(format!("{more} further RDAP files are not whole; the manifest names them"));
        }
        warnings
    }

    /// How many zones have this coverage; those dated after as-of say nothing and do not count.
    pub fn zones_that_are(&self, coverage: &str) -> usize {
        self.zones.iter().filter(|zone| zone.coverage == coverage && !zone.is_later).count()
    }
}

impl ZoneInput {
    fn of(snapshot: &Snapshot) -> Self {
        let facts = &snapshot.facts;
        let path = snapshot.path.display().to_string();
        Self {
            bytes: facts.source.bytes,
            sha256: facts.source.sha256.clone(),
            zone: zone_name(snapshot).to_owned(),
            serial: facts.serial.map(|serial| serial.0),
            date: snapshot.date.day().to_string(),
            date_source: snapshot.date.source.name(),
            coverage: snapshot.coverage.name(),
            coverage_reason: snapshot.why.clone(),
            records: facts.integrity.records,
            faults: facts.integrity.faults,
            samples: facts.integrity.samples.iter().map(|fault| format!("{path}:{fault}")).collect(),
            names: snapshot.table.len() as u64,
            is_later: snapshot.is_later && snapshot.date.source != DateSource::FileTime,
            path,
        }
    }
}

/// Counts of rejected rows under the names of their reasons, those that occur.
pub fn by_reason(rejected: &[u64; Rejection::ALL.len()]) -> BTreeMap<&'static str, u64> {
    let counted = Rejection::ALL.iter().zip(rejected).filter(|(_, count)| **count > 0);
    counted.map(|(reason, count)| (reason.name(), *count)).collect()
}
