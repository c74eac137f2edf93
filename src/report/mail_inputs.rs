//! The files of MX data that a run read: for the manifest, for notices, and for its exit status.

use serde::Serialize;

use super::completeness::{Shortfall, files};
use crate::mail::{MailServers, MxFile};
use crate::time::Moment;
use crate::wording::{agree, count, first_of, grouped};

/// Files named in one notice; the manifest has them all.
const NAMED: usize = 5;

/// All files, and what they told.
#[derive(Debug, Default, Serialize)]
pub(crate) struct MailReport {
    /// The files.
    pub(crate) files: Vec<MxInput>,
    /// Mail domains of the run with data about them.
    domains: u64,
    /// Of these, those whose data have no date.
    undated_domains: u64,
    /// Days of the oldest and the newest data in use.
    #[serde(skip)]
    seen: Option<(Moment, Moment)>,
}

/// A file.
#[derive(Debug, Serialize)]
pub(crate) struct MxInput {
    path: String,
    bytes: u64,
    sha256: String,
    form: &'static str,
    rows: u64,
    skipped_rows: u64,
    without_mx: u64,
    other_types: u64,
    records: u64,
    used: u64,
    later: u64,
    undated: u64,
    unread_dates: u64,
    first_seen: Option<String>,
    /// When the newest of its records about mail domains of the run was seen.
    pub(super) last_seen: Option<String>,
    faults: u64,
    samples: Vec<String>,
    broken: Option<String>,
    /// The file as it was read, for messages.
    #[serde(skip)]
    file: MxFile,
}

impl MailReport {
    /// Describes the files of a run.
    pub(super) fn of(files: &[MxFile], servers: &MailServers) -> Self {
        Self {
            files: files.iter().map(MxInput::of).collect(),
            domains: servers.domains() as u64,
            undated_domains: servers.undated() as u64,
            seen: servers.seen(),
        }
    }

    /// What a person should know of the files.
    pub(super) fn notices(&self) -> Vec<String> {
        if self.files.is_empty() {
            return Vec::new();
        }
        let mut notices = vec![self.told()];
        notices.extend(self.faulty_rows());
        let sum = |of: fn(&MxFile) -> u64| self.files.iter().map(|file| of(&file.file)).sum::<u64>();
        let told = |number: u64, is: &str, are: &str| {
            let records = count(number, "record");
            (number > 0).then(|| format!("{records} of mail servers {}", agree(number, is, are)))
        };
        let unread = "a date that cannot be read, and";
        notices.extend(told(
            sum(|file| file.unread_dates),
            &format!("has {unread} counts as undated"),
            &format!("have {unread} count as undated"),
        ));
        let later = "later than the moment of judgement, and not used";
        notices.extend(told(sum(|file| file.later), &format!("is {later}"), &format!("are {later}")));
        notices
    }

    /// How much is known, and of when.
    fn told(&self) -> String {
        let (domains, files) = (count(self.domains, "domain"), count(self.files.len() as u64, "file"));
        let dated = match self.seen.map(|(first, last)| (first.day().to_string(), last.day().to_string())) {
            None => String::new(),
            Some((first, last)) if first == last => format!(", dated {last}"),
            Some((first, last)) => format!(", dated {first} to {last}"),
        };
        let undated = match self.undated_domains {
            0 => String::new(),
            all if all == self.domains => ", undated, so they raise no risk".to_owned(),
            some => format!(", {} undated", grouped(some)),
        };
        format!("mail servers: {domains} of {files}{dated}{undated}")
    }

    /// The rows of all files that could not be read, in one line.
    fn faulty_rows(&self) -> Option<String> {
        let faults: u64 = self.files.iter().map(|file| file.faults).sum();
        let rows: u64 = self.files.iter().map(|file| file.rows + file.faults).sum();
        let first = self.files.iter().find_map(|file| file.samples.first());
        let first = first.map(|sample| format!(", first {sample}")).unwrap_or_default();
        (faults > 0).then(|| {
            format!("{} of {} of mail servers could not be read{first}", grouped(faults), count(rows, "row"))
        })
    }

    /// The files of which nothing, or not all, could be read.
    pub(super) fn broken(&self) -> Vec<Shortfall> {
        let broken = || self.files.iter().filter(|file| file.broken.is_some());
        let what = "could not be read, or not to the end";
        let told = files(broken().count(), "MX file", what, what);
        let reasons = first_of(broken().filter_map(|file| file.broken.clone()), NAMED, "file");
        let hint = broken().find_map(|file| file.file.hint.clone());
        told.map(|told| Shortfall { what: format!("{told}: {}", reasons.join("; ")), hint })
            .into_iter()
            .collect()
    }

    /// That files have too many rows that could not be read.
    pub(super) fn faulty(&self, max_rejected: f64) -> Option<String> {
        let faulty = self
            .files
            .iter()
            .filter(|file| file.broken.is_none() && file.file.incomplete(max_rejected).is_some());
        let limit = format!("more than {max_rejected} % of the rows are no MX data");
        let files = files(faulty.count(), "MX file", "has too many faults", "have too many faults");
        files.map(|files| format!("{files}: {limit}"))
    }
}

impl MxInput {
    fn of(file: &MxFile) -> Self {
        Self {
            path: file.path.display().to_string(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            form: file.form,
            rows: file.rows,
            skipped_rows: file.skipped,
            without_mx: file.without_mx,
            other_types: file.other_types,
            records: file.records,
            used: file.used,
            later: file.later,
            undated: file.undated,
            unread_dates: file.unread_dates,
            first_seen: file.seen.map(|(first, _)| first.to_string()),
            last_seen: file.seen.map(|(_, last)| last.to_string()),
            faults: file.faults.count,
            samples: file.faults.samples.clone(),
            broken: file.broken.clone(),
            file: file.clone(),
        }
    }
}
