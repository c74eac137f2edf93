//! What of the past stays: the rules of retention, for reports and snapshots.
//!
//! Whatever the rules say, three reports stay: tonight's, the one that `latest` led to, and the newest complete one
//! before, because tomorrow's night may be compared with it.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Night;
use super::steps::{StepDone, Steps};
use crate::command::snapshot::prune::{SnapshotRules, prune_store};
use crate::config::Retention;
use crate::error::{Error, Result};
use crate::report::directory;
use crate::report::finished::Report;
use crate::snapshot::Store;
use crate::time::{BareDate, Day, Moment};
use crate::wording::{count, human_bytes};

/// Removes old snapshots and old reports.
pub(super) fn clean_up(night: &mut Night<'_>, steps: &mut Steps) -> Result<StepDone> {
    let retention = night.config.retention;
    let (mut snapshots, mut bytes) = (0, 0);
    if Store::is_at(&night.store) {
        let rules = SnapshotRules { last: Some(retention.snapshots), days: Some(retention.snapshot_days) };
        match prune_store(&Store::open(&night.store)?, &[], rules, false) {
            Ok(pruned) => (snapshots, bytes) = (pruned.removed.len() as u64, pruned.bytes()),
            // the reports are cleaned up all the same
            Err(error) => steps.warn(error),
        }
    }
    let reports = reports_of(&night.state.reports())?;
    let latest = std::fs::read_link(night.state.latest()).ok();
    let latest = latest.and_then(|latest| day_of(latest.file_name()?.to_str()?));
    let mut removed = 0_u64;
    for report in removable(&reports, retention, night.today(), latest) {
        match directory::remove(&report.path)? {
            None => removed += 1,
            Some(notice) => steps.note([notice]),
        }
    }
    let text = match (snapshots, removed) {
        (0, 0) => "nothing to remove".to_owned(),
        (0, reports) => format!("{} removed", count(reports, "report")),
        (snapshots, reports) => {
            let snapshots = format!("{} ({})", count(snapshots, "snapshot"), human_bytes(bytes));
            format!("{snapshots} and {} removed", count(reports, "report"))
        }
    };
    Ok(StepDone { text, fields: json!({ "snapshots": snapshots, "bytes": bytes, "reports": removed }) })
}

/// A report that is kept under the name of its day.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DayReport {
    pub(super) day: Day,
    pub(super) is_complete: bool,
    pub(super) path: PathBuf,
}

/// The reports of a directory, the newest first. What has another name is none of the night's.
pub(super) fn reports_of(directory: &Path) -> Result<Vec<DayReport>> {
    let failed = |error: std::io::Error| Error::io(directory, "read", &error);
    let mut reports = Vec::new();
    if !directory.exists() {
        return Ok(reports);
    }
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(day) = path.file_name().and_then(|name| day_of(name.to_str()?)) else { continue };
        let Ok(report) = Report::open(&path) else { continue };
        if !path.is_symlink() {
            reports.push(DayReport { day, is_complete: report.is_complete(), path });
        }
    }
    reports.sort_by_key(|report| std::cmp::Reverse(report.day));
    Ok(reports)
}

/// The reports, the newest first, that nothing keeps.
fn removable(
    reports: &[DayReport],
    retention: Retention,
    today: Day,
    latest: Option<Day>,
) -> impl Iterator<Item = &DayReport> {
    let compared = reports.iter().find(|report| report.is_complete && report.day < today);
    let compared = compared.map(|report| report.day);
    let newest = reports.first().map_or(today, |report| report.day);
    reports.iter().enumerate().filter_map(move |(place, report)| {
        let day = report.day;
        let is_kept = place < retention.reports
            || newest.since(day) <= i32::try_from(retention.report_days).unwrap_or(i32::MAX)
            || day == today
            || [compared, latest].contains(&Some(day));
        (!is_kept).then_some(report)
    })
}

/// The day that a report is named after.
fn day_of(name: &str) -> Option<Day> {
    let day = Moment::parse(name, BareDate::Start)?.day();
    (day.to_string() == name).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days of June that go; `*` marks complete reports.
    #[track_caller]
    fn goes(reports: &str, (number, days): (usize, u32), (today, latest): (i32, i32), expected: &str) {
        let june = |day: i32| Day(20_000 + day);
        let report = |text: &str| DayReport {
            day: june(text.trim_end_matches('*').parse().expect("a number")),
            is_complete: text.ends_with('*'),
            path: PathBuf::new(),
        };
        let reports: Vec<DayReport> = reports.split(' ').map(report).collect();
        let retention = Retention { reports: number, report_days: days, snapshots: 0, snapshot_days: 0 };
        let removed = removable(&reports, retention, june(today), Some(june(latest)));
        let removed: Vec<String> = removed.map(|report| (report.day.0 - 20_000).to_string()).collect();
        assert_eq!(removed.join(" "), expected, "{reports:?}");
    }

    #[test]
    fn reports_that_nothing_keeps() {
        goes("9* 8* 7* 6*", (2, 0), (9, 8), "7 6");
        goes("9* 8* 7* 6*", (0, 2), (9, 8), "6");
        goes("9* 8* 7* 6*", (9, 0), (9, 8), "");
        // whatever the rules say: tonight's, the latest, and the newest complete one before tonight
        goes("9* 8 7* 6*", (0, 0), (9, 8), "6");
        goes("9 8 7 6*", (0, 0), (9, 8), "7");
        goes("9* 8* 7* 6* 5*", (0, 0), (7, 5), "8");
        goes("9* 8* 7*", (1, 0), (9, 9), "7");
    }

    #[test]
    fn names_of_days() {
        assert_eq!(day_of("1970-01-03"), Some(Day(2)));
        for name in ["1970-1-3", "latest", "1970-01-03.kept-1", ".1970-01-03.zonelapse-abcdef", ""] {
            assert_eq!(day_of(name), None, "{name}");
        }
    }
}
