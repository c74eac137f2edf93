//! Whether a finished run is complete. If not, its report is whole all the same, and the exit status is 1.

use serde::Serialize;

use super::counts::Counts;
use super::inputs::Inputs;
use crate::assess::breaker::OpenBreaker;
use crate::wording::{agree, count};

/// What a complete run may lack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    /// Percent of the rows, or of the RDAP answers, that may be rejected.
    pub(crate) max_rejected: f64,
    /// Whether zones that cannot prove absence make a run incomplete.
    pub(crate) strict: bool,
}

/// Whether a run is complete.
#[derive(Debug, Serialize)]
pub(crate) struct Completeness {
    /// `complete` or `incomplete`.
    status: &'static str,
    /// Why it is not complete, each reason in words.
    pub(crate) incomplete: Vec<String>,
}

impl Tolerance {
    /// Judges a run.
    pub(crate) fn judge(&self, counts: &Counts, inputs: &Inputs, breakers: &[OpenBreaker]) -> Completeness {
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
        let mut zones = |number: usize, is: &str, are: &str| {
            let number = number as u64;
            if number > 0 {
                reasons.push(format!("{} {}", count(number, "zone file"), agree(number, is, are)));
            }
        };
        zones(inputs.zones_that_are("unclosed"), "is not whole", "are not whole");
        zones(inputs.zones_that_are("shrunk"), "is far smaller than before", "are far smaller than before");
        if self.strict {
            zones(inputs.zones_that_are("stale"), "is too old", "are too old");
            zones(inputs.zones_that_are("list"), "is only a list", "are only lists");
        }
        zones(inputs.unreadable_zones.len(), "cannot be read", "cannot be read");
        reasons.extend(inputs.incomplete_rdap(self.max_rejected));
        reasons
    }
}
