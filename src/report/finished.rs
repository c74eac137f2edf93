//! A finished report, opened for reading: the one place that knows what makes a directory a report.
//!
//! The manifest is written last, so a directory with a manifest of ours holds a whole report. The tables are opened
//! only when someone asks for them, and only if their columns mean what they mean to this version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::manifest::{MANIFEST_FILE, Manifest, PolicyCounts};
use crate::error::{Error, Hint, Result};
use crate::input::small::read_small;
use crate::table::read::{TableReader, Written};
use crate::table::schema::SCHEMA_VERSION;
use crate::time::{BareDate, Moment};

/// A finished report.
#[derive(Debug)]
pub struct Report {
    path: PathBuf,
    marks: Marks,
}

/// What is read of a manifest. All but the program's name and the policies are in every manifest of ours.
#[derive(Debug, Deserialize)]
struct Marks {
    program: Option<String>,
    #[serde(rename = "version")]
    _version: String,
    schema: String,
    status: String,
    as_of: String,
    #[serde(rename = "public_suffix_list")]
    _public_suffix_list: IgnoredAny,
    #[serde(rename = "inputs")]
    _inputs: IgnoredAny,
    #[serde(rename = "counts")]
    _counts: IgnoredAny,
    #[serde(default)]
    policies: BTreeMap<String, PolicyCounts>,
}

impl Report {
    /// Opens the report in a directory.
    pub fn open(path: &Path) -> Result<Self> {
        let manifest = path.join(MANIFEST_FILE);
        if !manifest.is_file() {
            let what = format!("no `{MANIFEST_FILE}`: not a finished report");
            return Err(Error::failure(path, what).hint(Hint::NamePreviousReport));
        }
        let text = read_small(&manifest).map_err(|error| error.or_hint(Hint::NamePreviousReport))?;
        let marks: Marks = serde_json::from_slice(&text)
            .map_err(|error| Error::failure(&manifest, error).hint(Hint::NamePreviousReport))?;
        let is_ours = marks.program.as_ref().is_none_or(|program| program == Manifest::PROGRAM)
            && matches!(&*marks.status, "complete" | "incomplete");
        if !is_ours {
            return Err(
                Error::failure(&manifest, "not the manifest of a report").hint(Hint::NamePreviousReport)
            );
        }
        Ok(Self { path: path.to_path_buf(), marks })
    }

    /// Its moment of judgement.
    pub fn as_of(&self) -> Result<Moment> {
        Moment::parse(&self.marks.as_of, BareDate::Start).ok_or_else(|| {
            Error::failure(&self.path, "its manifest has no readable `as_of`").hint(Hint::NamePreviousReport)
        })
    }

    /// What each policy would have done, by its name.
    pub fn policies(&self) -> &BTreeMap<String, PolicyCounts> {
        &self.marks.policies
    }

    /// Opens one of its tables.
    pub fn table(&self, name: &str) -> Result<TableReader> {
        if self.marks.schema != SCHEMA_VERSION {
            let what =
                format!("its tables have schema version {}, expected {SCHEMA_VERSION}", self.marks.schema);
            return Err(Error::failure(&self.path, what).hint("use a report of this version"));
        }
        TableReader::open(
            &self.path.join(name).with_extension("parquet"),
            Written::ByUs,
            Hint::NamePreviousReport,
        )
    }
}
