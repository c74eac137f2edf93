//! `rules`: the tables by which names and accounts are judged, from the code that judges.

use std::fmt::Write;

use crate::assess::Reason;
use crate::assess::account::ACCOUNT_RULES;
use crate::assess::policy::POLICIES;
use crate::assess::raises::RAISES;
use crate::assess::rules::RULES;
use crate::wording::wrapped;

/// Columns of a terminal.
const WIDTH: usize = 80;

/// The tables of rules, raises, policies and reasons.
pub(super) fn rules(markdown: bool) -> String {
    if markdown { as_markdown() } else { as_text() }
}

/// One table: a heading, the columns, the rows.
struct Listing {
    heading: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

fn listings() -> [Listing; 5] {
    let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<String>>();
    let rules = RULES.iter().map(|rule| {
        let (state, risk, action) = (rule.state.name(), rule.risk.name(), rule.action.name());
        row(&[rule.name, state, risk, action, rule.explanation, rule.source])
    });
    let raises = RAISES.iter().map(|rule| {
        let action = match (rule.action, rule.action_if_not_found) {
            (action, sure) if action == sure => action.name().to_owned(),
            (action, sure) => format!("{}, {} if RDAP says not found", action.name(), sure.name()),
        };
        row(&[rule.reason.name(), rule.risk.name(), &action, rule.explanation, rule.reason.source()])
    });
    let accounts = ACCOUNT_RULES.iter().map(|rule| {
        row(&[rule.name, "reregistered", "critical", rule.action.name(), rule.explanation, rule.source])
    });
    let policies = POLICIES.iter().map(|rule| row(&[rule.policy.name(), rule.explanation, rule.source]));
    let reasons =
        Reason::ALL.iter().map(|reason| row(&[reason.name(), reason.explanation(), reason.source()]));
    let state = &["rule", "state", "risk", "action", "when", "source"];
    [
        Listing {
            heading: "Rules, in the order in which they are tried: the first that applies decides",
            columns: state,
            rows: rules.collect(),
        },
        Listing {
            heading: "Raises: risk at least, action at least; the state stays",
            columns: &["reason", "risk", "action", "when", "source"],
            rows: raises.collect(),
        },
        Listing {
            heading: "Rules for one account, in place of hold, undelegated, absent, expiring, active or unknown",
            columns: state,
            rows: accounts.collect(),
        },
        Listing {
            heading: "Policies: what is done about it",
            columns: &["policy", "what it does", "source"],
            rows: policies.collect(),
        },
        Listing {
            heading: "Reasons: what else was noticed; they never decide",
            columns: &["reason", "meaning", "source"],
            rows: reasons.collect(),
        },
    ]
}

/// The tables of rules, raises, policies and reasons, as text.
fn as_text() -> String {
    let mut text = String::new();
    for Listing { heading, columns, rows } in listings() {
        let _ = writeln!(text, "{}\n", wrapped("", heading, WIDTH).join("\n"));
        for row in rows {
            let last = columns.len() - 1;
            let middle = columns.iter().zip(&row).take(last - 1).skip(1);
            let middle: Vec<String> = middle
                .map(
                    |(column, cell)| {
                        if *column == "state" { cell.clone() } else { format!("{column} {cell}") }
                    },
                )
                .collect();
            let colon = if middle.is_empty() { "" } else { ": " };
            let _ = writeln!(text, "{}{colon}{}", row[0], middle.join(", "));
            let explanation = format!("{} [{}]", row[last - 1], row[last]);
            for line in wrapped("    ", &explanation, WIDTH) {
                let _ = writeln!(text, "{line}");
            }
        }
        text.push('\n');
    }
    text
}

/// The same as Markdown.
fn as_markdown() -> String {
    let mut text = String::new();
    for Listing { heading, columns, rows } in listings() {
        let _ = writeln!(text, "{heading}:\n\n| {} |", columns.join(" | "));
        let _ = writeln!(text, "|{}", "---|".repeat(columns.len()));
        for mut row in rows {
            row[0] = format!("`{}`", row[0]);
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_reason_is_shown() {
        let text = rules(false);
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.name.starts_with(rule.state.name())));
        assert!(Reason::ALL.iter().all(|reason| text.contains(reason.name())));
        let wide = text.lines().find(|line| line.chars().count() > WIDTH);
        assert_eq!(wide, None, "a terminal would break it");
    }
}
