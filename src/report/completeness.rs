//! Whether a finished run is complete. If not, its report is whole all the same, and the exit status is 1.

use serde::Serialize;

use super::counts::Counts;
use super::inputs::Inputs;
use crate::assess::breaker::OpenBreaker;

/// What a complete run may lack.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    /// Percent of the rows, or of the RDAP answers, that may be rejected.
    pub max_rejected: f64,
    /// Whether zones that cannot prove absence make a run incomplete.
    pub strict: bool,
}

/// Whether a run is complete.
#[derive(Debug, Serialize)]
pub struct Completeness {
    /// `complete` or `incomplete`.
    status: &'static str,
    /// Why it is not complete, each reason in words.
    pub incomplete: Vec<String>,
}

impl Tolerance {
    /// Judges a run.
    pub fn judge(&self, counts: &Counts, inputs: &Inputs, breakers: &[OpenBreaker]) -> Completeness {
        let incomplete = self.reasons(counts, inputs, breakers);
        let status = if incomplete.is_empty() { "complete" } else { "incomplete" };
        Completeness { status, incomplete }
    }

    fn reasons(&self, counts: &Counts, inputs: &Inputs, breakers: &[OpenBreaker]) -> Vec<String> {
        let mut reasons: Vec<String> = breakers.iter().map(ToString::to_string).collect();
        if counts.accepted == 0 {
            reasons.push("no account could be judged".to_owned());
        }
        let rows = counts.accepted + counts.rejected;
        let share = counts.rejected as f64 * 100.0 / rows.max(1) as f64;
        if share > self.max_rejected {
            reasons
                .push(format!("{share:.1} % of the rows were rejected, more than {} %", self.max_rejected));
        }
        let mut zones = |coverage: &str, what: &str| {
            let count = inputs.zones_that_are(coverage);
            if count > 0 {
                reasons.push(format!("{count} zone file{} {what}", if count == 1 { " is" } else { "s are" }));
            }
        };
        zones("unclosed", "not whole");
        zones("shrunk", "far smaller than the last complete one");
        if self.strict {
            zones("stale", "stale");
            zones("list", "only a list");
        }
        if !inputs.unreadable_zones.is_empty() {
            reasons.push(format!("zone files that cannot be read: {}", inputs.unreadable_zones.len()));
        }
        reasons.extend(inputs.incomplete_rdap(self.max_rejected));
        reasons
    }
}
