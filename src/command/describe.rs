//! The program about itself: rules, schema, completions, manual.

use std::fmt::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::assess::Reason;
use crate::assess::account::ACCOUNT_RULES;
use crate::assess::policy::POLICIES;
use crate::assess::raises::RAISES;
use crate::assess::rules::RULES;
use crate::cli::{Cli, Command};
use crate::error::{Error, Result};
use crate::rdap::archive::table as answers;
use crate::report::{accounts, changes, domains, rejected, tlds};
use crate::snapshot::export::{changed_names_table, names_table};
use crate::table::schema::{SCHEMA_VERSION, TableHead};

/// What a command that only describes prints.
pub fn describe(command: &Command) -> Result<String> {
    match command {
        Command::Rules { markdown: false } => Ok(rules()),
        Command::Rules { markdown: true } => Ok(rules_markdown()),
        Command::Schema { json: true } => schema_json(),
        Command::Schema { json: false } => Ok(schema()),
        Command::Completions { shell } => Ok(completions(*shell)),
        Command::Man => manual(),
        Command::Audit(_)
        | Command::Explain(_)
        | Command::Policy(_)
        | Command::Rdap(_)
        | Command::Snapshot(_) => Err(Error::internal("not a command that describes")),
    }
}

/// A table of what decides: a heading, the columns, the rows.
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
pub fn rules() -> String {
    let mut text = String::new();
    for Listing { heading, columns, rows } in listings() {
        let _ = writeln!(text, "{heading}\n");
        let width = rows.iter().map(|row| row[0].len()).max().unwrap_or_default();
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
            let told = format!("{} [{}]", row[last - 1], row[last]);
            if middle.is_empty() {
                let _ = writeln!(text, "{:<width$}  {told}", row[0]);
            } else {
                let _ = writeln!(text, "{:<width$}  {}\n{:width$}  {told}", row[0], middle.join(", "), "");
            }
        }
        text.push('\n');
    }
    text
}

/// The same as Markdown, for the README.
pub fn rules_markdown() -> String {
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

/// Every table: those of a report, then those by themselves.
fn tables() -> [TableHead; 8] {
    [
        accounts::table().head(),
        domains::table().head(),
        rejected::table().head(),
        tlds::table().head(),
        changes::table().head(),
        answers::table().head(),
        names_table().head(),
        changed_names_table().head(),
    ]
}

/// All tables with their columns, as text.
pub fn schema() -> String {
    let mut text = format!("schema version {SCHEMA_VERSION}\n");
    for table in tables() {
        let _ = writeln!(text, "\n{}.parquet: a row is {}", table.name, table.row);
        for column in table.columns {
            let _ = writeln!(text, "  {:<24} {:<16} {}", column.name, column.kind.name(), column.about);
        }
    }
    text
}

/// All tables with their columns, as JSON; columns that `accounts` may lack stand by themselves.
pub fn schema_json() -> Result<String> {
    let mut tables = tables();
    let optional: Vec<_> = tables
        .iter_mut()
        .flat_map(|table| table.columns.extract_if(.., |column| column.is_optional))
        .collect();
    let schema = serde_json::json!({
        "version": SCHEMA_VERSION,
        "tables": tables,
        "optional_account_columns": optional,
    });
    serde_json::to_string_pretty(&schema).map(|text| text + "\n").map_err(Error::internal)
}

/// A completion script.
pub fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "zonelapse", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page, one section a command.
pub fn manual() -> Result<String> {
    let mut page = Vec::new();
    let command = Cli::command();
    let failed = |error: std::io::Error| Error::internal(error);
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(failed)?;
    for command in command.get_subcommands() {
        let name = format!("zonelapse-{}", command.get_name());
        clap_mangen::Man::new(command.clone().name(name)).render(&mut page).map_err(failed)?;
    }
    Ok(String::from_utf8_lossy(&page).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_everything_is_told() {
        let text = rules();
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.name.starts_with(rule.state.name())));
        assert!(Reason::ALL.iter().all(|reason| text.contains(reason.name())));
        assert!(schema_json().expect("JSON").contains("hijackable_name_servers"));
        assert!(manual().expect("a page").contains("max\\-rejected"));
    }
}
