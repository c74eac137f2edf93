//! The whole night on one screen: what is new is taken in, everything is judged, the past is tidied up.
//!
//! ```text
//! zones ─── snapshots/ ───────┐
//! answers ─ answers.parquet ──┼─ audit ─ reports/DAY ─ clean up ─ latest ─ metrics.prom
//! lists ─── registry.parquet ─┘    └─ compared with the newest complete report of an earlier day
//! ```
//!
//! Each step finds what the steps before it left, in the state directory and nowhere else, so a night that was killed
//! is simply run again. A step before the audit that fails costs only what it would have brought: the evidence of the
//! nights before is used, the report says so, and the exit status is 1. If the audit itself fails there is no report
//! tonight: the last good one stays, `latest` leads to it, and the metrics tell the failure.

mod feeds;
mod keep;
mod state;
mod steps;
mod summary;
mod taken;

use std::path::{Path, PathBuf};
use std::time::Instant;

use self::state::NightState;
use self::steps::{StepDone, Steps};
use self::summary::NightSummary;
use self::taken::TakenFiles;
use super::audit::{in_words, tell, write_report};
use super::{Message, Output};
use crate::cli::{AuditArgs, EvidenceArgs, LogFormat, NightlyArgs, ReportArgs};
use crate::config::{BeforeAudit, Config, NightConfig, complete_night, use_threads};
use crate::error::{Error, Result};
use crate::files::{FileStart, OutputFile, write_synced};
use crate::progress::Progress;
use crate::report::finished::Report;
use crate::report::metrics::{self, METRICS_FILE, RunTimes};
use crate::report::summary::Summary;
use crate::snapshot::Store;
use crate::time::{Day, Moment};
use crate::wording::first_of;

/// Notes about what was delivered that are shown.
const NOTES: usize = 8;

/// A night, once it has the lock.
struct Night<'n> {
    config: &'n NightConfig,
    state: NightState,
    /// The store of snapshots.
    store: PathBuf,
    /// Stores and snapshots that are evidence as they are.
    zones: Vec<PathBuf>,
    taken: TakenFiles,
    progress: Progress,
    started: Instant,
    /// The last complete run before this one, in seconds since 1970.
    last_success: Option<i64>,
}

/// Runs a night. `json` says how messages are written; `tell` is called for each step where they are JSON.
pub(super) fn run(args: NightlyArgs, json: &mut bool, tell: fn(&Output)) -> Result<Output> {
    let started = Instant::now();
    let args = complete_night(args)?;
    *json = args.report.log_format == Some(LogFormat::Json);
    let root = args.night.state.clone().unwrap_or_default();
    let config = match NightConfig::check(args) {
        Ok(config) => config,
        // a state directory that is there tells its monitoring
        Err(mistake) if root.is_dir() => {
            if let Ok(state) = NightState::open(&root) {
                let _ = write_metrics(&state, None, (started, metrics::last_success(&root)), &[]);
            }
            return Err(mistake);
        }
        Err(mistake) => return Err(mistake),
    };
    use_threads(config.checked.evidence.threads)?;
    let state = NightState::open(&root)?;
    let Config { quiet, progress, .. } = config.checked;
    let mut night = Night {
        store: config.store.clone().unwrap_or_else(|| state.store()),
        zones: Vec::new(),
        taken: TakenFiles::read(&state.taken()),
        progress: Progress::new(progress, *json),
        started,
        last_success: metrics::last_success(&root),
        config: &config,
        state,
    };
    let mut steps = Steps::new((*json && !quiet).then_some(tell));
    Ok(match night.work(&mut steps) {
        Ok((config, summary)) => night.finished(&config, summary, steps),
        Err(error) => night.failed(error, steps),
    })
}

impl Night<'_> {
    /// The steps up to the report and after it.
    fn work(&mut self, steps: &mut Steps) -> Result<(Config, Summary)> {
        self.take("zones", feeds::take_zones, steps);
        self.take("answers", feeds::take_answers, steps);
        self.take("lists", feeds::take_lists, steps);
        let mx = feeds::mail_paths(self, steps);
        let config = self.audit_config(mx, steps)?;
        let summary = write_report(&config)?;
        steps.end("audit", summary::judged(&summary));
        match keep::clean_up(self, steps) {
            Ok(done) => steps.end("prune", done),
            Err(error) => steps.warn(error),
        }
        if let Err(error) = self.state.point_latest(&self.today().to_string()) {
            steps.warn(error);
        }
        Ok((config, summary))
    }

    /// A step before the audit. If it fails, the evidence of the nights before is used.
    fn take(
        &mut self,
        name: &'static str,
        step: fn(&mut Self, &mut Steps) -> Result<StepDone>,
        steps: &mut Steps,
    ) {
        let done = step(self, steps).unwrap_or_else(|error| {
            steps.blame(error);
            StepDone {
                text: "nothing could be taken, see the reason".to_owned(),
                fields: serde_json::json!({}),
            }
        });
        steps.end(name, done);
    }

    /// The day that the report is named after.
    fn today(&self) -> Day {
        self.config.checked.evidence.as_of.day()
    }

    /// The options of the audit, with the evidence that there is now.
    fn audit_config(&self, mx: Vec<PathBuf>, steps: &Steps) -> Result<Config> {
        let mut zones = self.zones.clone();
        if has_snapshots(&self.store) {
            zones.insert(0, self.store.clone());
        }
        let if_there = |table: PathBuf| table.exists().then_some(table).into_iter().collect();
        let reports = self.state.reports();
        let has_reports = !keep::reports_of(&reports)?.is_empty();
        let AuditArgs { accounts, evidence, report } = self.config.audit.clone();
        let evidence = EvidenceArgs {
            zones,
            rdap: if_there(self.state.answers()),
            registry: if_there(self.state.lists()),
            mx,
            store: Some(self.store.clone()),
            ..evidence
        };
        let report = ReportArgs {
            output: Some(reports.join(self.today().to_string())),
            previous: has_reports.then_some(reports),
            ..report
        };
        if evidence.zones.is_empty() && evidence.rdap.is_empty() && evidence.registry.is_empty() {
            return Err(Error::placeless("there is no evidence to judge by, of this night or of one before")
                .hint("deliver at least one zone file, RDAP answer or list that can be read"));
        }
        let config = Config::check(AuditArgs { accounts, evidence, report })?;
        let before = BeforeAudit { bad_feeds: steps.bad.clone(), last_success: self.last_success };
        Ok(Config { before, ..config })
    }

    /// What there is to say about a night with a report.
    fn finished(&self, config: &Config, summary: Summary, mut steps: Steps) -> Output {
        let report = config.output.clone();
        let times = (self.started, self.last_success);
        if let Err(error) = write_metrics(&self.state, Some(&report), times, &steps.done) {
            steps.warn(error);
        }
        let mut output = Output::summary("");
        if !config.quiet {
            let night = NightSummary {
                summary: &summary,
                steps: &steps,
                latest: &self.state.latest(),
                seconds: self.started.elapsed().as_secs_f64(),
            };
            match config.log_format {
                LogFormat::Json => output.fields = Some(night.fields()),
                LogFormat::Text => output.text = night.to_string(),
            }
            output.note(first_of(std::mem::take(&mut steps.notes), NOTES, "note"));
        }
        tell(summary, config, &mut output);
        output.incomplete_if(!steps.warnings.is_empty());
        output.blame(steps.warnings);
        output
    }

    /// What there is to say about a night without a report.
    fn failed(&self, error: Error, steps: Steps) -> Output {
        self.progress.finish();
        let mut output = Output::failed(Message::Failure(error));
        let times = (self.started, self.last_success);
        output.blame(write_metrics(&self.state, None, times, &steps.done).err());
        output.blame(steps.bad.into_iter().map(in_words));
        let latest = self.state.latest();
        if self.config.checked.quiet {
            return output;
        }
        output.note([match Report::open(&latest).and_then(|report| report.as_of()) {
            Ok(as_of) => format!(
                "no report tonight; the last good one stays in `{}`, judged as of {as_of}",
                latest.display()
            ),
            Err(_) => "no report tonight, and there is none of an earlier night".to_owned(),
        }]);
        output
    }
}

/// Writes what monitoring is told of a night: in numbers, and in one step.
fn write_metrics(
    state: &NightState,
    report: Option<&Path>,
    (started, last_success): (Instant, Option<i64>),
    steps: &[steps::Step],
) -> Result<()> {
    let seconds = started.elapsed().as_secs_f64();
    let times = RunTimes { finished: Moment::now(), seconds, last_success };
    let steps: Vec<(&str, f64)> = steps.iter().map(|step| (step.name, step.seconds)).collect();
    let text = metrics::of_night(report, times, &steps)?;
    let path = state.root().join(METRICS_FILE);
    let output = OutputFile::create_as(&path, &[], FileStart::Line(metrics::START.to_owned()))?;
    write_synced(output.temporary(), text.as_bytes())?;
    output.commit()
}

fn has_snapshots(store: &Path) -> bool {
    Store::open(store).and_then(|store| store.has_snapshots()).unwrap_or(false)
}

/// Whether a path is a directory to which nothing was delivered yet, which is no mistake.
fn none_yet(path: &Path) -> bool {
    std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}
