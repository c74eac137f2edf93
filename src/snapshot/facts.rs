//! What is known about a snapshot besides its names: its file, its date, and how far it can be trusted.

use serde::{Deserialize, Serialize};

use super::lineage::{Lineage, Shrinkage};
use crate::time::Moment;
use crate::zone::integrity::{Damage, Integrity};
use crate::zone::{DateSource, Serial, ZoneDate, ZoneFile, ZoneKind};

named_enum! {
    /// How far a snapshot can be trusted.
    pub enum Coverage {
        /// Whole and fresh: what is not in it is absent.
        Complete = "complete",
        /// Whole, but too old, or of unknown date.
        Stale = "stale",
        /// Not whole.
        Unclosed = "unclosed",
        /// It lost more names than a zone loses in a day.
        Shrunk = "shrunk",
        /// A list of names, which has no closing mark.
        List = "list",
        /// No zone covers the name.
        None = "none",
    }
}

/// How the age of snapshots and the trust in lists are judged.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct TrustLimits {
    /// The moment from which ages are measured.
    #[serde(skip)]
    pub as_of: Moment,
    /// Age in days up to which a complete snapshot is fresh.
    pub max_zone_age_days: u32,
    /// Whether lists count as complete.
    pub trust_lists: bool,
}

/// The facts of a snapshot, kept in its file as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SnapshotFacts {
    /// The zone: A-labels, lower case, no trailing dot; empty for the root.
    pub(crate) origin: String,
    /// Its date.
    pub(crate) date: Moment,
    /// Where the date comes from.
    #[serde(deserialize_with = "DateSource::read_stored")]
    pub(crate) date_source: DateSource,
    /// What kind of file it was made from.
    pub(crate) kind: ZoneKind,
    /// Serial of the first SOA record.
    pub(crate) serial: Option<Serial>,
    /// The file it was made from.
    pub(crate) source: SourceFacts,
    /// Whether that file was whole.
    pub(crate) integrity: Integrity,
    /// Whether a list was taken as complete.
    pub(crate) trusted: bool,
    /// The options that it was built with.
    #[serde(default)]
    pub(crate) options: BuildOptions,
    /// The last whole snapshot, if this one has far fewer names.
    pub(crate) shrunk_from: Option<Shrinkage>,
    /// Whether a person accepted the shrinkage as real.
    pub(crate) accepted: bool,
    /// What its history was built from.
    #[serde(default)]
    pub(crate) lineage: Lineage,
    /// Version of the program that wrote it.
    pub(crate) version: String,
}

/// Options of a build that change its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BuildOptions {
    /// What completes relative names.
    pub(crate) origin: Option<String>,
    /// Whether `$INCLUDE` was followed.
    pub(crate) allow_include: bool,
    /// Percent of its names that the zone may lose since the last whole snapshot.
    pub(crate) max_shrink: f64,
}

/// Percent of names that a zone may lose by default.
pub(crate) const MAX_SHRINK: f64 = 10.0;

impl Default for BuildOptions {
    fn default() -> Self {
        Self { origin: None, allow_include: false, max_shrink: MAX_SHRINK }
    }
}

/// The file a snapshot was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceFacts {
    /// Its name, without directories.
    pub(crate) name: String,
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes.
    pub(crate) sha256: String,
    /// When it was last changed.
    pub(crate) modified: Option<Moment>,
}

impl SnapshotFacts {
    /// The facts of a file that was read to its end.
    pub(crate) fn of(file: &ZoneFile, date: ZoneDate, trusted: bool, options: BuildOptions) -> Self {
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
        Self {
            origin: file.origin.clone(),
            date: date.moment,
            date_source: date.source,
            kind: file.kind,
            serial: file.serial,
            source: SourceFacts {
                name: name.unwrap_or_default(),
                bytes: file.bytes,
                sha256: file.sha256.clone(),
                modified: file.modified,
            },
            integrity: file.integrity.clone(),
            trusted,
            options,
            shrunk_from: None,
            accepted: false,
            lineage: Lineage::default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// As JSON.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_else(|_| unreachable!("facts are plain values"))
    }

    /// The date and where it comes from.
    pub(crate) fn zone_date(&self) -> ZoneDate {
        ZoneDate { moment: self.date, source: self.date_source }
    }

    /// Sets what it was built from, and compares its size with the last whole snapshot.
    pub(crate) fn rest_on(&mut self, lineage: Lineage, names: u64) {
        self.lineage = lineage;
        let last = self.lineage.last_whole.filter(|last| self.is_far_below(names, last.names));
        self.shrunk_from = last.filter(|_| self.is_whole_but_for_its_size());
    }

    /// Whether a zone lost more names than it may: it has `names` now, and had `before`.
    pub(crate) fn is_far_below(&self, names: u64, before: u64) -> bool {
        (names as f64) < before as f64 * (1.0 - self.options.max_shrink / 100.0)
    }

    /// Whether it counts at this moment, that is, is not dated after it. The date in a serial is that of the
    /// registry, which may be a day ahead. A file that existed at this moment says nothing about later.
    pub(crate) fn is_until(&self, as_of: Moment) -> bool {
        let a_day_ahead = self.date_source == DateSource::SerialDate
            && self.date <= as_of.plus_days(1)
            && self.source.modified.is_some_and(|modified| modified <= as_of);
        self.date <= as_of || a_day_ahead
    }

    /// Why the file is not whole, if it is not.
    pub(crate) fn damage(&self) -> Option<Damage> {
        self.integrity.damage(self.kind == ZoneKind::List).filter(|_| !self.is_vouched())
    }

    /// Whether a person can vouch for it: nothing is missing but the closing SOA record.
    pub(crate) fn may_be_vouched(&self) -> bool {
        self.kind == ZoneKind::Master && self.integrity.lacks_only_its_end()
    }

    /// Whether a person vouched for it without its closing SOA record, or for an earlier one.
    pub(crate) fn is_vouched(&self) -> bool {
        self.may_be_vouched() && (self.accepted || self.lineage.is_vouched)
    }

    /// Whether the next snapshot needs no closing SOA record. That ends with one that shrank, for it may have been cut
    /// off, and with one that has a closing SOA record, for then the registry writes them. One that is broken in some
    /// other way changes nothing.
    pub(crate) fn vouches_for_later(&self) -> bool {
        match (self.is_shrunk(), self.is_whole()) {
            (true, _) => false,
            (false, true) => self.is_vouched(),
            (false, false) => self.lineage.is_vouched,
        }
    }

    /// Whether names that are not in it are absent at its date, whatever its age. The time of the file may be that of a
    /// download or a copy; a date from there proves nothing.
    pub fn is_whole(&self) -> bool {
        self.is_whole_but_for_its_size() && !self.is_shrunk()
    }

    /// [`SnapshotFacts::is_whole`], except for the number of names.
    pub(crate) fn is_whole_but_for_its_size(&self) -> bool {
        let trusted = self.kind == ZoneKind::Master || self.trusted;
        self.damage().is_none() && trusted && self.date_source != DateSource::FileTime
    }

    /// Whether it lost too many names, and nobody accepted that.
    pub fn is_shrunk(&self) -> bool {
        self.shrunk_from.is_some() && !self.accepted
    }

    /// How far it can be trusted, and why not more, for a person. `names`: how many it holds.
    pub(crate) fn coverage(&self, names: u64, limits: &TrustLimits) -> (Coverage, String) {
        if let Some(damage) = self.damage() {
            let detail = self.integrity.detail().map(|detail| format!(": {detail}"));
            let vouch = || "; `zonelapse snapshot accept` takes a zone that never has one".to_owned();
            let detail = detail.or_else(|| self.may_be_vouched().then(vouch)).unwrap_or_default();
            return (Coverage::Unclosed, format!("{}{detail}", damage.explanation()));
        }
        if self.kind == ZoneKind::List && !limits.trust_lists {
            let why = "a list has no closing mark; `--trust-lists` takes it as complete";
            return (Coverage::List, why.into());
        }
        if let Some(before) = self.shrunk_from.filter(|_| self.is_shrunk()) {
            let why = format!(
                "{names} names, {} on {}; `zonelapse snapshot accept` takes a real shrinkage",
                before.names, before.date
            );
            return (Coverage::Shrunk, why);
        }
        if !self.is_until(limits.as_of) {
            return (Coverage::Stale, format!("dated {}, after as-of", self.date.day()));
        }
        if self.date_source == DateSource::FileTime {
            return (Coverage::Stale, "only the file's time dates it; `--date` says better".into());
        }
        let age = limits.as_of.day().since(self.date.day());
        if i64::from(age) > i64::from(limits.max_zone_age_days) {
            return (Coverage::Stale, format!("{age} days old, more than {}", limits.max_zone_age_days));
        }
        (Coverage::Complete, String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BareDate;

    /// A snapshot of this date, from a file of this time.
    #[track_caller]
    fn counts(date: &str, source: DateSource, file_time: &str, as_of: &str, expected: bool) {
        let moment = |text: &str| Moment::parse(text, BareDate::Start).expect("a date");
        let file = SourceFacts {
            name: String::new(),
            bytes: 0,
            sha256: String::new(),
            modified: Some(moment(file_time)),
        };
        let facts = SnapshotFacts {
            origin: String::new(),
            date: moment(date),
            date_source: source,
            kind: ZoneKind::Master,
            serial: None,
            source: file,
            integrity: Integrity::default(),
            trusted: false,
            options: BuildOptions::default(),
            shrunk_from: None,
            accepted: false,
            lineage: Lineage::default(),
            version: String::new(),
        };
        assert_eq!(
            facts.is_until(moment(as_of)),
            expected,
            "{date} from a file of {file_time} as of {as_of}"
        );
    }

    #[test]
    fn no_evidence_from_the_future() {
        use DateSource::{Given, SerialDate, SerialTime};
        counts("2026-05-02", SerialDate, "2026-05-02T01:00:00Z", "2026-05-02", true);
        counts("2026-05-02", SerialDate, "2026-05-02T01:00:00Z", "2026-05-01", false);
        counts("2026-05-02", SerialDate, "2026-05-02T01:00:00Z", "2026-05-01T23:59:59Z", false);
        // it is tomorrow there already, and the file existed
        counts("2026-05-02", SerialDate, "2026-05-01T20:00:00Z", "2026-05-01T21:00:00Z", true);
        counts("2026-05-02", SerialDate, "2026-05-01T20:00:00Z", "2026-05-01T19:00:00Z", false);
        counts("2026-05-03", SerialDate, "2026-05-01T20:00:00Z", "2026-05-01T21:00:00Z", false);
        counts("2026-05-02", SerialTime, "2026-05-01T20:00:00Z", "2026-05-01T21:00:00Z", false);
        counts("2026-05-02", Given, "2026-05-01T20:00:00Z", "2026-05-01T21:00:00Z", false);
    }
}
