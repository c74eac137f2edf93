//! Whether a finished run is complete. If not, its report is whole all the same, and the exit status is 1.
//!
//! Every defect that makes a run incomplete is a value of [`Defect`], and every value says here when it holds. The
//! compiler asks for the words of each, so none can be forgotten, and nothing else decides about the exit status.

use serde::Serialize;

use super::counts::Counts;
use super::inputs::Inputs;
use crate::assess::breaker::OpenBreaker;
use crate::error::{Error, Hint};
use crate::snapshot::Coverage;
use crate::wording::{agree, count};

/// How many points the share of judged accounts may fall.
const MAX_FALL: f64 = 10.0;

/// What a complete run may lack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    /// Percent of the rows, or of the RDAP answers, that may be rejected.
    pub(crate) max_rejected: f64,
    /// Percent of the times and of the weights given that may be unread.
    pub(crate) max_unread: f64,
    /// Whether zones that cannot prove absence make a run incomplete.
    pub(crate) strict: bool,
}

/// Whether a run is complete.
#[derive(Debug, Serialize)]
pub(crate) struct Completeness {
    /// `complete` or `incomplete`.
    status: &'static str,
    /// Why it is not complete.
    pub(crate) incomplete: Vec<Shortfall>,
}

/// Why a run is not complete, in words, and what to do about it.
#[derive(Debug, Clone)]
pub(crate) struct Shortfall {
    /// What is missing.
    pub(crate) what: String,
    /// The remedy, where there is one.
    pub(crate) hint: Option<Hint>,
}

impl Shortfall {
    /// The same as the reason of an exit status.
    pub(crate) fn for_status(self) -> Self {
        Self { what: format!("incomplete: {}", self.what), ..self }
    }
}

impl Serialize for Shortfall {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.what)
    }
}

impl From<Error> for Shortfall {
    fn from(error: Error) -> Self {
        let what = match &error.place {
            Some(place) => format!("{place}: {}", error.what),
            None => error.what,
        };
        Self { what, hint: error.hint }
    }
}

impl From<String> for Shortfall {
    fn from(what: String) -> Self {
        Self { what, hint: None }
    }
}

named_enum! {
    /// What makes a run incomplete.
    enum Defect {
        OpenBreaker = "open_breaker",
        NothingJudged = "nothing_judged",
        LessJudged = "less_judged",
        RejectedRows = "rejected_rows",
        UnreadValues = "unread_values",
        UnclosedZone = "unclosed_zone",
        ShrunkZone = "shrunk_zone",
        UnreadableZone = "unreadable_zone",
        StaleZone = "stale_zone",
        ListZone = "list_zone",
        BrokenRdap = "broken_rdap",
        FaultyRdap = "faulty_rdap",
        BrokenList = "broken_list",
        BrokenMx = "broken_mx",
        FaultyMx = "faulty_mx",
        BadFeed = "bad_feed",
    }
}

/// A run, as far as it decides whether it is complete.
pub(crate) struct FinishedRun<'r> {
    /// What was counted.
    pub(crate) counts: &'r Counts,
    /// What was read.
    pub(crate) inputs: &'r Inputs,
    /// The circuit breakers that opened.
    pub(crate) breakers: &'r [OpenBreaker],
    /// Percent of the accounts that the previous report judged, if it is known.
    pub(crate) judged_before: Option<f64>,
    /// What was delivered to a night and cannot be used as it is.
    pub(crate) bad_feeds: &'r [Shortfall],
}

impl Tolerance {
    /// Judges a run.
    pub(crate) fn judge(self, run: &FinishedRun<'_>) -> Completeness {
        let incomplete: Vec<Shortfall> =
            Defect::ALL.iter().flat_map(|defect| self.reasons(*defect, run)).collect();
        let status = if incomplete.is_empty() { "complete" } else { "incomplete" };
        Completeness { status, incomplete }
    }

    /// The defects of one kind in words; none if the run has none of these.
    fn reasons(self, defect: Defect, run: &FinishedRun<'_>) -> Vec<Shortfall> {
        let FinishedRun { counts, inputs, breakers, .. } = run;
        let zones = |coverage: Coverage, is: &str, are: &str| {
            files(inputs.zones_that_are(coverage), "zone file", is, are)
        };
        let rdap = inputs.incomplete_rdap(self.max_rejected);
        let one = match defect {
            Defect::OpenBreaker => return breakers.iter().map(held_back).collect(),
            Defect::BadFeed => return run.bad_feeds.to_vec(),
            Defect::UnreadValues => return inputs.values.unread(self.max_unread),
            Defect::NothingJudged => nothing_judged(counts),
            Defect::LessJudged => less_judged(counts.judged_percent(), run.judged_before),
            Defect::RejectedRows => {
                let rows = counts.accepted + counts.rejected;
                let share = too_many(counts.rejected, rows, self.max_rejected);
                let shortfall = share.map(|share| Shortfall {
                    what: format!("{share:.1} % of the rows were rejected (limit {} %)", self.max_rejected),
                    hint: inputs.looks_like().map(|subject| Hint::TellSubject(subject.words())),
                });
                return shortfall.into_iter().collect();
            }
            Defect::UnclosedZone => zones(Coverage::Unclosed, "is not whole", "are not whole"),
            Defect::ShrunkZone => {
                zones(Coverage::Shrunk, "is far smaller than before", "are far smaller than before")
            }
            Defect::UnreadableZone => {
                files(inputs.unreadable_zones.len(), "zone file", "cannot be read", "cannot be read")
            }
            Defect::StaleZone | Defect::ListZone if !self.strict => None,
            Defect::StaleZone => zones(Coverage::Stale, "is too old", "are too old"),
            Defect::ListZone => zones(Coverage::List, "is only a list", "are only lists"),
            Defect::BrokenRdap => {
                let what = "could not be read, or not to the end";
                files(rdap.broken, "RDAP file", what, what)
            }
            Defect::BrokenList => {
                let what = "could not be read as a whole";
                files(inputs.registry.incomplete(), "registry list", what, what)
            }
            Defect::BrokenMx => return inputs.mx.broken(),
            Defect::FaultyMx => inputs.mx.faulty(self.max_rejected),
            Defect::FaultyRdap => {
                let limit = format!("more than {} % of the records are no RDAP answers", self.max_rejected);
                let files = files(rdap.faulty, "RDAP file", "has too many faults", "have too many faults");
                files.map(|files| format!("{files}: {limit}"))
            }
        };
        one.into_iter().map(Shortfall::from).collect()
    }
}

/// The percentage, if it is more than the limit.
pub(super) fn too_many(number: u64, whole: u64, limit: f64) -> Option<f64> {
    let percent = number as f64 * 100.0 / whole.max(1) as f64;
    (percent > limit).then_some(percent)
}

pub(super) fn files(number: usize, noun: &str, is: &str, are: &str) -> Option<String> {
    let number = number as u64;
    (number > 0).then(|| format!("{} {}", count(number, noun), agree(number, is, are)))
}

fn held_back(breaker: &OpenBreaker) -> Shortfall {
    let hint = Some(Hint::ReleaseBreaker(breaker.name().into()));
    Shortfall { what: breaker.to_string(), hint }
}

fn nothing_judged(counts: &Counts) -> Option<String> {
    let what = match (counts.accepted, counts.rows_judged) {
        (0, _) => "no account could be judged: there is none",
        (_, 0) => "no account could be judged: the evidence reaches none of their domains",
        _ => return None,
    };
    Some(what.to_owned())
}

fn less_judged(now: Option<f64>, before: Option<f64>) -> Option<String> {
    let (now, before) = (now?, before?);
    (before - now > MAX_FALL).then(|| {
        format!(
            "{now:.1} % of the accounts could be judged, {before:.1} % in the previous report (limit {MAX_FALL} points \
             fewer)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn falls(now: f64, before: Option<f64>, expected: bool) {
        assert_eq!(less_judged(Some(now), before).is_some(), expected, "{before:?} to {now}");
    }

    #[test]
    fn shares_that_fall() {
        falls(50.0, Some(60.1), true);
        falls(50.0, Some(60.0), false);
        falls(0.0, Some(10.1), true);
        falls(99.0, Some(20.0), false);
        // a report that does not say it, such as one of an older version
        falls(0.0, None, false);
        assert_eq!(less_judged(None, Some(100.0)), None);
    }

    #[test]
    fn limits_are_not_reached_by_what_is_allowed() {
        assert_eq!(too_many(5, 100, 5.0), None);
        assert_eq!(too_many(6, 100, 5.0), Some(6.0));
        assert_eq!(too_many(0, 0, 0.0), None);
        assert_eq!(too_many(1, 1, 100.0), None);
    }
}
