//! What a person reads in the morning: the answer, what changed, what the steps did, where the report is, what to do
//! next. What was bad follows on standard error.

use std::fmt::{self, Display};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::steps::{StepDone, Steps};
use crate::assess::Action;
use crate::escape;
use crate::report::summary::Summary;
use crate::wording::human_duration;

/// The closing summary of a night.
pub(super) struct NightSummary<'n> {
    pub(super) summary: &'n Summary,
    pub(super) steps: &'n Steps,
    pub(super) latest: &'n Path,
    pub(super) seconds: f64,
}

/// What the audit did, as a step.
pub(super) fn judged(summary: &Summary) -> StepDone {
    let counts = &summary.counts;
    StepDone {
        text: format!("{} judged", counts.extent()),
        fields: json!({ "accounts": counts.accounts, "domains": counts.domains, "report": summary.directory }),
    }
}

impl NightSummary<'_> {
    /// The summary as the fields of a JSON object.
    pub(super) fn fields(&self) -> Value {
        let mut fields = self.summary.fields();
        let steps = self.steps.done.iter().map(|step| (step.name.to_owned(), step.seconds.into()));
        fields["message"] = "night finished".into();
        fields["latest"] = self.latest.display().to_string().into();
        fields["step_seconds"] = Value::Object(steps.collect());
        fields["seconds"] = self.seconds.into();
        fields
    }
}

impl Display for NightSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { summary, steps, .. } = self;
        summary.write_answer(f)?;
        summary.write_examples_of(&[Action::Unverify], f)?;
        if !summary.write_changes(f)? {
            writeln!(f, "nothing to compare with: no complete report of an earlier day")?;
        }
        summary.write_decisions(f)?;
        writeln!(f)?;
        for step in &steps.done {
            let took = human_duration(Duration::from_secs_f64(step.seconds));
            writeln!(f, "{:<7}  {took:>6}  {}", step.name, step.text)?;
        }
        writeln!(f)?;
        let latest = escape::path(self.latest);
        writeln!(f, "report in {}, linked as {latest}", escape::path(&summary.directory))?;
        let show = format!("zonelapse show {latest} --action unverify");
        if summary.incomplete.is_empty() {
            return writeln!(f, "next: {show}");
        }
        summary.write_incomplete(f)?;
        writeln!(f, "look at the reasons first, then: {show}")
    }
}
