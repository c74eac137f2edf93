//! What each policy would have done in a finished run, so that a service sees the price of another policy before it
//! changes. The audit counts this for every policy and writes it into the manifest; this command shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::assess::policy::POLICIES;
use crate::assess::{Action, State};
use crate::cli::PolicyCommand;
use crate::command::Output;
use crate::error::{Error, Result};
use crate::escape;
use crate::report::finished::Report;
use crate::report::manifest::{ByStateAndAction, PolicyCounts};
use crate::wording::grouped;

/// Compares the policies.
pub(crate) fn run(command: &PolicyCommand) -> Result<Output> {
    let PolicyCommand::Diff { report, json } = command;
    let report = Report::open(report)?;
    if *json {
        let json = serde_json::to_string_pretty(report.policies()).map_err(Error::internal)?;
        return Ok(Output::of(json + "\n"));
    }
    Ok(Output::of(diff(&report.as_of()?.day_or_time(), report.policies())))
}

/// What is counted: accounts, or domains.
type CountsOfKind = fn(&PolicyCounts) -> &ByStateAndAction;

fn diff(as_of: &str, policies: &BTreeMap<String, PolicyCounts>) -> String {
    let mut text = format!(
        "what each policy would do, before decisions and circuit breakers\nas of {}\n",
        escape::sample(as_of)
    );
    let kinds: [(&str, CountsOfKind); 2] =
        [("accounts", |counts| &counts.accounts), ("domains", |counts| &counts.domains)];
    for (kind, counts) in kinds {
        let _ = write!(text, "\n{kind}\n  {:<15} {:<10}", "state", "action");
        POLICIES.iter().for_each(|rule| {
            let _ = write!(text, "{:>13}", rule.policy.name());
        });
        text.push('\n');
        for state in State::ALL {
            for action in Action::ALL.iter().rev() {
                let count = |name: &str| -> Option<u64> {
                    counts(policies.get(name)?).get(state.name())?.get(action.name()).copied()
                };
                let found: Vec<Option<u64>> = POLICIES.iter().map(|rule| count(rule.policy.name())).collect();
                if found.iter().all(Option::is_none) {
                    continue;
                }
                let _ = write!(text, "  {:<15} {:<10}", state.name(), action.name());
                for count in found {
                    let _ = write!(text, "{:>13}", count.map_or_else(|| "-".to_owned(), grouped));
                }
                text.push('\n');
            }
        }
        let _ = write!(text, "  {:<15} {:<10}", "all", "unverify");
        for rule in &POLICIES {
            let of_states = policies.get(rule.policy.name()).map(counts);
            let sum: u64 = of_states
                .into_iter()
                .flat_map(BTreeMap::values)
                .filter_map(|actions| actions.get(Action::Unverify.name()))
                .sum();
            let _ = write!(text, "{:>13}", grouped(sum));
        }
        text.push('\n');
    }
    let unknown: BTreeSet<&String> =
        policies.keys().filter(|name| POLICIES.iter().all(|rule| rule.policy.name() != *name)).collect();
    if !unknown.is_empty() {
        let _ = writeln!(text, "\nthe report knows policies that this version does not: {unknown:?}");
    }
    text
}
