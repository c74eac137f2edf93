//! A finished report, opened for reading: the one place that knows what makes a directory a report.
//!
//! The manifest is written last, so a directory with a manifest of ours holds a whole report. The tables are opened
//! only when someone asks for them, and only if their columns mean what they mean to this version.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::manifest::{CountsBefore, MANIFEST_FILE, Manifest, PolicyCounts};
use super::servers::SERVERS;
use crate::assess::{Policy, State};
use crate::error::{Error, Hint, Result};
use crate::input::small::read_small;
use crate::table::read::{TableReader, Written};
use crate::table::schema::SCHEMA_VERSION;
use crate::time::{BareDate, Moment};

/// A finished report.
#[derive(Debug)]
pub(crate) struct Report {
    path: PathBuf,
    marks: ManifestMarks,
}

/// What is read of a manifest. All but the program's name and the policies are in every manifest of ours.
#[derive(Debug, Deserialize)]
struct ManifestMarks {
    program: Option<String>,
    #[serde(rename = "version")]
    _version: String,
    schema: String,
    status: String,
    #[serde(default)]
    incomplete: Vec<String>,
    as_of: String,
    #[serde(default)]
    options: Value,
    #[serde(default)]
    policy: Option<String>,
    #[serde(rename = "public_suffix_list")]
    _public_suffix_list: IgnoredAny,
    #[serde(rename = "inputs")]
    _inputs: IgnoredAny,
    counts: Value,
    #[serde(default)]
    policies: BTreeMap<String, PolicyCounts>,
}

impl Report {
    /// Opens the report in a directory.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::with_manifest(path, &Self::read_manifest(path)?)
    }

    /// The manifest of a report, as it was written.
    pub(crate) fn read_manifest(path: &Path) -> Result<Vec<u8>> {
        if !Self::is_at(path) {
            return Err(failed(path, format!("no `{MANIFEST_FILE}`: not a finished report")));
        }
        read_small(&path.join(MANIFEST_FILE)).map_err(|error| error.or_hint(Hint::NamePreviousReport))
    }

    /// The report in a directory, which has this manifest or is about to get it.
    pub(crate) fn with_manifest(path: &Path, text: &[u8]) -> Result<Self> {
        let manifest = path.join(MANIFEST_FILE);
        let marks: ManifestMarks = serde_json::from_slice(text).map_err(|error| failed(&manifest, error))?;
        let is_ours = marks.program.as_ref().is_none_or(|program| program == Manifest::PROGRAM)
            && matches!(&*marks.status, "complete" | "incomplete");
        if !is_ours {
            return Err(failed(&manifest, "not the manifest of a report"));
        }
        Ok(Self { path: path.to_path_buf(), marks })
    }

    /// Whether a directory looks like a report: whether it can be opened shows when it is.
    pub(crate) fn is_at(path: &Path) -> bool {
        path.join(MANIFEST_FILE).is_file()
    }

    /// Its directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the run that wrote it was complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.marks.status == "complete"
    }

    /// Its moment of judgement.
    pub(crate) fn as_of(&self) -> Result<Moment> {
        let as_of = Moment::parse(&self.marks.as_of, BareDate::Start);
        as_of.ok_or_else(|| failed(&self.path, "its manifest has no readable `as_of`"))
    }

    /// Why it is not complete, each reason in words; nothing if it is.
    pub(crate) fn incomplete(&self) -> &[String] {
        &self.marks.incomplete
    }

    /// Percent of its accounts that it judged; none if it does not say so, as reports of other versions may not.
    pub(crate) fn judged_percent(&self) -> Option<f64> {
        let ManifestMarks { counts, .. } = &self.marks;
        // reports of older versions say only how many rows there are, each of which is an account
        let accounts = counts.get("accounts").or_else(|| counts.get("accepted"))?;
        let accounts = accounts.as_u64().filter(|accounts| *accounts > 0)?;
        let states = counts.get("accounts_by_state")?.as_object()?;
        let unknown = match states.get(State::Unknown.name()) {
            Some(unknown) => unknown.as_u64()?,
            None => 0,
        };
        Some(accounts.checked_sub(unknown)? as f64 * 100.0 / accounts as f64)
    }

    /// What it counted, for a report that is compared with it.
    pub(crate) fn counts(&self) -> Option<CountsBefore> {
        let numbers = |name: &str| self.marks.counts.get(name)?.as_object();
        let by_action = numbers("accounts_by_action")?.iter();
        let unknown = numbers("accounts_by_state")?.get(State::Unknown.name()).and_then(Value::as_u64);
        Some(CountsBefore {
            as_of: self.as_of().ok()?,
            accounts_by_action: by_action.filter_map(|(name, n)| Some((name.clone(), n.as_u64()?))).collect(),
            accounts_unknown: unknown.unwrap_or_default(),
        })
    }

    /// The policy that gave the actions.
    pub(crate) fn policy(&self) -> Result<Policy> {
        let name = self.marks.policy.as_deref();
        let policy = name.map_or(Some(Policy::default()), Policy::from_name);
        policy
            .ok_or_else(|| failed(&self.path, "its manifest names a policy that this version does not know"))
    }

    /// A number among the options of the run that wrote it.
    pub(crate) fn option(&self, name: &str) -> Option<u64> {
        self.marks.options.get(name)?.as_u64()
    }

    /// What each policy would have done, by its name.
    pub(crate) fn policies(&self) -> &BTreeMap<String, PolicyCounts> {
        &self.marks.policies
    }

    /// Opens its table of servers; none if an earlier version wrote it, which made no such table.
    pub(crate) fn servers(&self) -> Result<Option<TableReader>> {
        let is_there = self.path.join(SERVERS).with_extension("parquet").exists();
        is_there.then(|| self.table(SERVERS)).transpose()
    }

    /// Opens one of its tables.
    pub(crate) fn table(&self, name: &str) -> Result<TableReader> {
        if self.marks.schema != SCHEMA_VERSION {
            let what =
                format!("its tables have schema version {}, expected {SCHEMA_VERSION}", self.marks.schema);
            return Err(Error::failure(&self.path, what).hint("use a report of this version"));
        }
        let file = self.path.join(name).with_extension("parquet");
        TableReader::open(&file, Written::ByUs, Hint::NamePreviousReport)
    }
}

/// What a word of a column of a report means, if this version knows it.
pub(crate) fn known<T>(column: &str, value: Option<T>) -> Result<T> {
    let what = || Error::placeless(format!("column `{column}` has a word that this version does not know"));
    value.ok_or_else(|| what().hint("use the version that wrote the report"))
}

fn failed(place: &Path, what: impl Display) -> Error {
    Error::failure(place, what).hint(Hint::NamePreviousReport)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"{"program":"zonelapse","version":"0.1.0","schema":"1","status":"complete",
        "as_of":"2026-06-01T00:00:00Z","public_suffix_list":{},"inputs":{},"counts":{}}"#;

    /// Opens a directory with this manifest, and one of its tables.
    #[track_caller]
    fn says(manifest: &str, what: &str) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join(MANIFEST_FILE), manifest).expect("a small file");
        let report = Report::open(directory.path());
        let opened = report.and_then(|report| report.as_of().and_then(|_| report.table("domains")));
        let error = opened.expect_err("there is no table");
        assert!(error.what.contains(what) && error.hint.is_some(), "{error}");
    }

    #[test]
    fn what_is_not_a_report() {
        let missing = Report::open(Path::new("src")).expect_err("no report");
        assert!(missing.what.contains("not a finished report"), "{missing}");
        says(SOUND, "cannot open");
        says(&SOUND.replace(r#""program":"zonelapse","#, ""), "cannot open");
        says(&SOUND.replace("zonelapse", "other"), "not the manifest of a report");
        says(&SOUND.replace("complete", "begun"), "not the manifest of a report");
        says(&SOUND.replace("\"inputs\":{},", ""), "missing field `inputs`");
        says(&SOUND.replace("\"1\"", "\"0\""), "schema version 0, expected 1");
        says(&SOUND.replace("2026-06-01T", "soon"), "no readable `as_of`");
        says(&SOUND[..60], "EOF");
    }
}
