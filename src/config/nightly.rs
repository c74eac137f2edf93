//! What `nightly` needs: where it works, what is delivered to it, what it keeps, and the options of its audit.
//!
//! The options of the audit are checked before the first step, so that a mistake in them does not cost the reading of
//! all zones. The evidence is not: it is made by the steps. What is delivered may be missing or bad on any night, and
//! then the evidence of the nights before is used; so that is no mistake.

use std::path::PathBuf;

use super::mistakes::Mistakes;
use super::{Config, missing, moment};
use crate::cli::{AuditArgs, EvidenceArgs, NightArgs, NightlyArgs, ReportArgs, SET_BY_NIGHT};
use crate::error::{Error, Result};
use crate::report::finished::Report;
use crate::snapshot::Store;
use crate::time::Moment;

/// A night.
#[derive(Debug)]
pub(crate) struct NightConfig {
    /// What is delivered.
    pub(crate) feeds: Feeds,
    /// What is kept.
    pub(crate) retention: Retention,
    /// The store of snapshots, if it is not in the state directory.
    pub(crate) store: Option<PathBuf>,
    /// The options of the audit, without evidence and report.
    pub(crate) audit: AuditArgs,
    /// The same, checked.
    pub(crate) checked: Config,
}

/// Where new files are found.
#[derive(Debug)]
pub(crate) struct Feeds {
    /// Zone files, and directories of them.
    pub(crate) zones: Vec<PathBuf>,
    /// Files of RDAP answers.
    pub(crate) rdap: Vec<PathBuf>,
    /// Lists of registries.
    pub(crate) registry: Vec<PathBuf>,
}

/// How much of the past is kept. What any of these keeps, stays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    /// So many reports.
    pub(crate) reports: usize,
    /// Reports of so many days before the newest.
    pub(crate) report_days: u32,
    /// So many snapshots of each zone.
    pub(crate) snapshots: usize,
    /// Snapshots of so many days before the newest of their zone.
    pub(crate) snapshot_days: u32,
}

impl Retention {
    fn of(night: &NightArgs) -> Self {
        Self {
            reports: night.keep_reports.unwrap_or(30),
            report_days: night.keep_report_days.unwrap_or(0),
            snapshots: night.keep_snapshots.unwrap_or(7),
            snapshot_days: night.keep_snapshot_days.unwrap_or(30),
        }
    }
}

impl NightConfig {
    /// Checks the options, typed and from the configuration file.
    pub(crate) fn check(args: NightlyArgs) -> Result<Self> {
        let NightlyArgs { night, evidence, report } = args;
        let mut mistakes = Mistakes::default();
        mistakes.extend(missing::night(&night, &evidence));
        mistakes.extend(set_by_night(&report));
        mistakes.extend(night.state.iter().filter_map(|state| no_state(state)));
        let retention = Retention::of(&night);
        let feeds = Feeds { zones: evidence.zones, rdap: evidence.rdap, registry: evidence.registry };
        // one moment for the whole night; what cannot be read is refused with the other mistakes
        let as_of = match moment("--as-of", &evidence.as_of) {
            Ok(given) => Some(given.unwrap_or_else(Moment::now).to_string()),
            Err(_) => evidence.as_of,
        };
        let store = evidence.store;
        let evidence = EvidenceArgs {
            zones: Vec::new(),
            rdap: Vec::new(),
            registry: Vec::new(),
            store: None,
            as_of,
            ..evidence
        };
        let report = ReportArgs { output: None, previous: None, ..report };
        let audit = AuditArgs { accounts: night.accounts, evidence, report };
        let checked = Config::check_options(&audit, mistakes)?;
        Ok(Self { feeds, retention, store, audit, checked })
    }
}

/// Options that the night sets itself.
fn set_by_night(report: &ReportArgs) -> Vec<Error> {
    let given = [report.output.is_some(), report.previous.is_some()];
    let given = SET_BY_NIGHT.iter().zip(given).filter(|(_, is_given)| *is_given);
    given
        .map(|(option, _)| {
            Error::usage(format!("`--{option}`: the night names its reports itself, a directory a day"))
                .hint("leave it out here and in the configuration file")
        })
        .collect()
}

/// Why a directory cannot hold what the night makes.
fn no_state(state: &std::path::Path) -> Option<Error> {
    let what = if Store::is_at(state) {
        "is a store of snapshots"
    } else if Report::is_at(state) {
        "is a report"
    } else if state.exists() && !state.is_dir() {
        "is a file"
    } else {
        return None;
    };
    let what = format!("`--state {}`: it {what}", state.display());
    Some(Error::usage(what).hint("name a directory of its own, such as the one above it"))
}
