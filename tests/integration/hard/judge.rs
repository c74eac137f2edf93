//! What holds of every finished run, and what may differ from the run of undamaged files.
//!
//! A verdict that changed is a lie unless it is told: by the exit status, by rejected rows, or by anything in the
//! manifest's inputs that is no mere quantity.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::process::Ended;
use crate::support::{Report, rows};

/// Tables of each report.
const TABLES: [&str; 5] =
    ["accounts.parquet", "domains.parquet", "rejected.parquet", "servers.parquet", "tlds.parquet"];
/// Orders of what a verdict says, mildest first.
const RISKS: [&str; 6] = ["none", "unknown", "low", "medium", "high", "critical"];
const ACTIONS: [&str; 5] = ["none", "notify", "lookup", "review", "unverify"];
/// Quantities and names that differ between files without a fault.
const QUANTITIES: [&str; 14] = [
    "path",
    "bytes",
    "sha256",
    "rows",
    "accepted",
    "rejected",
    "answers",
    "names",
    "records",
    "serial",
    "date",
    "coverage_reason",
    "date_source",
    "samples",
];

/// What a report says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// By mail domain: state, risk and action, the worst of its accounts.
    pub verdicts: BTreeMap<String, (String, usize, usize)>,
    /// Rows taken.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// What is told of the inputs.
    pub told: Value,
    /// The zones and their dates.
    pub dates: Vec<String>,
    /// The exit status.
    pub status: i32,
}

impl Outcome {
    /// Reads a report, all of it. An error says what about it is not whole.
    pub(super) fn read(directory: &Path, status: i32) -> Result<Self, String> {
        for name in ["manifest.json"].iter().chain(&TABLES) {
            if !directory.join(name).is_file() {
                return Err(format!("the report has no {name}"));
            }
        }
        let report = std::panic::catch_unwind(|| Report::read(directory));
        let report = report.map_err(|_| "a table of the report cannot be read".to_owned())?;
        let count = |name: &str| report.value(&format!("/counts/{name}")).as_u64().unwrap_or(u64::MAX);
        let (accepted, rejected) = (report.accounts.height() as u64, report.rejected.height() as u64);
        if (count("accepted"), count("rejected"), count("rows")) != (accepted, rejected, accepted + rejected)
        {
            return Err(format!("rows do not add up: {accepted}, {rejected}, {}", report.value("/counts")));
        }
        let mut verdicts: BTreeMap<String, (String, usize, usize)> = BTreeMap::new();
        for row in rows(&report.accounts, &["mail_domain", "state", "risk", "action"]) {
            let cells: Vec<&str> = row.rsplitn(4, ' ').collect();
            let [action, risk, state, domain] = cells[..] else {
                return Err(format!("not a verdict: {row}"));
            };
            let verdict = (state.to_owned(), rank(&RISKS, risk), rank(&ACTIONS, action));
            let known = verdicts.entry(domain.to_owned()).or_insert_with(|| verdict.clone());
            if (known.1, known.2) < (verdict.1, verdict.2) {
                *known = verdict;
            }
        }
        let zones = report.value("/inputs/zones").as_array().into_iter().flatten();
        let dates = zones.map(|zone| format!("{} {}", zone["zone"], zone["date"])).collect();
        let mut told = report.value("/inputs").clone();
        strip(&mut told);
        Ok(Self { verdicts, rows: accepted, rejected, told, dates, status })
    }

    /// What a run left in `directory`, checked against how it ended: with status 0 or 1 there is a whole report, with
    /// status 2 there is none.
    pub(super) fn of(ended: &Ended, directory: &Path) -> Result<Option<Self>, String> {
        ended.is_sound()?;
        match ended.status {
            Some(status @ (0 | 1)) => {
                Self::read(directory, status).map(Some).map_err(|what| ended.fault(&what))
            }
            _ if directory.exists() => Err(ended.fault("a failed run left a report")),
            _ if ended.stderr.trim().is_empty() => Err(ended.fault("a failure without a word")),
            _ => Ok(None),
        }
    }

    /// Whether it was judged by the same inputs and comes to the same.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        let all = |outcome: &Self| (outcome.rows, outcome.rejected);
        all(self) == all(other) && self.verdicts == other.verdicts && self.dates == other.dates
    }

    /// Whether anything is told that is not told of `whole`.
    pub(super) fn tells_more_than(&self, whole: &Self) -> bool {
        self.status > whole.status || self.rejected > whole.rejected || self.told != whole.told
    }

    /// The domains of `whole` about which this says something else, or nothing.
    pub(super) fn changed<'a>(&'a self, whole: &'a Self) -> impl Iterator<Item = &'a str> {
        whole
            .verdicts
            .iter()
            .filter(|(name, verdict)| self.verdicts.get(*name) != Some(*verdict))
            .map(|(name, _)| &**name)
    }

    /// The domains of `whole` whose risk or action is lower here, or that are missing.
    pub(super) fn milder<'a>(&'a self, whole: &'a Self) -> impl Iterator<Item = &'a str> {
        let milder = |name: &str, before: &(String, usize, usize)| {
            self.verdicts.get(name).is_none_or(|now| now.1 < before.1 || now.2 < before.2)
        };
        whole.verdicts.iter().filter(move |(name, verdict)| milder(name, verdict)).map(|(name, _)| &**name)
    }
}

fn rank(order: &[&str], name: &str) -> usize {
    order.iter().position(|known| *known == name).unwrap_or_else(|| panic!("`{name}` is not in {order:?}"))
}

/// Leaves of the inputs what tells a fault: quantities and names go, lists of messages become their length.
fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let kept =
                std::mem::take(members).into_iter().filter(|(name, _)| !QUANTITIES.contains(&name.as_str()));
            *members = kept.collect::<Map<String, Value>>();
            members.values_mut().for_each(strip);
        }
        Value::Array(items) if items.iter().all(Value::is_string) => *value = items.len().into(),
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}
