//! What a person reads at the end of a run.

use std::fmt::{self, Display};
use std::path::PathBuf;

use super::changes::ChangeCounts;
use super::examples::Examples;
use super::manifest::Counts;
use crate::assess::{Action, Risk, State};
use crate::escape;
use crate::wording::grouped;

/// Notices told; the manifest has them all.
const NOTICES: usize = 12;

/// The closing summary.
#[derive(Debug)]
pub struct Summary {
    /// The report directory.
    pub directory: PathBuf,
    /// The moment of judgement.
    pub as_of: String,
    /// Accounts by state, risk and action, worst first.
    pub states: Vec<(State, Risk, Action, u64)>,
    /// The counts.
    pub counts: Counts,
    /// The domains to begin with.
    pub examples: Vec<Examples>,
    /// Zones that are not complete, and files with faults.
    pub notices: Vec<String>,
    /// For standard error: files of answers that are not whole.
    pub warnings: Vec<String>,
    /// Changes against the previous report.
    pub changes: Option<ChangeCounts>,
    /// Why the run is not complete.
    pub incomplete: Vec<String>,
    /// Seconds of the whole run.
    pub seconds: f64,
}

impl Summary {
    /// The summary in the form that is wanted; nothing if none is.
    pub fn told(&self, quiet: bool, json: bool) -> String {
        match (quiet, json) {
            (true, _) => String::new(),
            (false, true) => self.to_json(),
            (false, false) => self.to_string(),
        }
    }

    /// The summary as a JSON object on one line.
    fn to_json(&self) -> String {
        let summary = serde_json::json!({
            "level": "info",
            "message": "audit finished",
            "report": self.directory,
            "as_of": self.as_of,
            "counts": self.counts,
            "notices": self.notices,
            "changes": self.changes,
            "incomplete": self.incomplete,
            "seconds": self.seconds,
        });
        format!("{summary}\n")
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(
            f,
            "{} accounts at {} domains judged as of {}; {} of {} rows rejected",
            grouped(counts.accepted),
            grouped(counts.domains),
            self.as_of,
            grouped(counts.rejected),
            grouped(counts.rows),
        )?;
        if counts.added_by_split > 0 {
            writeln!(f, "  split: {} more rows than records", grouped(counts.added_by_split))?;
        }
        if !counts.rejected_by_reason.is_empty() {
            let reasons: Vec<String> = counts
                .rejected_by_reason
                .iter()
                .map(|(reason, count)| format!("{reason} {}", grouped(*count)))
                .collect();
            writeln!(f, "  rejected: {}", reasons.join(", "))?;
        }
        writeln!(f, "\n{:>12}  {:<9} {:<16} {:<9}", "accounts", "risk", "state", "action")?;
        for (state, risk, action, count) in &self.states {
            writeln!(
                f,
                "{:>12}  {:<9} {:<16} {:<9}",
                grouped(*count),
                risk.name(),
                state.name(),
                action.name()
            )?;
        }
        for group in &self.examples {
            writeln!(f, "\n{}", group.heading)?;
            for line in &group.lines {
                writeln!(f, "  {}", escape::line(line))?;
            }
        }
        if let Some(changes) = &self.changes {
            writeln!(f, "\nsince the previous report")?;
            for (change, [domains, accounts]) in changes {
                let (domains, accounts) = (grouped(*domains), grouped(*accounts));
                writeln!(f, "  {:<14} {domains} domains, {accounts} accounts", change.replace('_', " "))?;
            }
            if changes.is_empty() {
                writeln!(f, "  nothing changed")?;
            }
        }
        if !self.notices.is_empty() {
            writeln!(f, "\nnotices")?;
            for notice in self.notices.iter().take(NOTICES) {
                writeln!(f, "  {}", escape::line(notice))?;
            }
            if self.notices.len() > NOTICES {
                writeln!(f, "  … and {} more: see `inputs` in manifest.json", self.notices.len() - NOTICES)?;
            }
        }
        if !self.incomplete.is_empty() {
            writeln!(f, "\nincomplete (exit status 1)")?;
            for reason in &self.incomplete {
                writeln!(f, "  {}", escape::line(reason))?;
            }
        }
        writeln!(f, "\nreport in {} ({:.1} s)", escape::path(&self.directory), self.seconds)
    }
}
