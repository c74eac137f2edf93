//! The program about itself: rules, schema, completions, manual.

use std::fmt::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::assess::Reason;
use crate::assess::account::ACCOUNT_RULES;
use crate::assess::rules::RULES;
use crate::cli::{Cli, Command};
use crate::error::{Error, Result};
use crate::report::schema::{OPTIONAL_ACCOUNT_COLUMNS, SCHEMA_VERSION, TABLES};

/// What a command that only describes prints.
pub fn describe(command: &Command) -> Result<String> {
    match command {
        Command::Rules => Ok(rules()),
        Command::Schema { json: true } => schema_json(),
        Command::Schema { json: false } => Ok(schema()),
        Command::Completions { shell } => Ok(completions(*shell)),
        Command::Man => manual(),
        Command::Audit(_) | Command::Explain(_) | Command::Snapshot(_) => {
            Err(Error::internal("not a command that describes"))
        }
    }
}

/// The table of states and reasons, as text.
pub fn rules() -> String {
    let mut text =
        String::from("rules, in the order in which they are tried: the first that applies decides\n\n");
    for rule in RULES {
        let (state, risk, action) = (rule.state.name(), rule.risk.name(), rule.action.name());
        let _ = writeln!(text, "{:<31}  {state}, risk {risk}, action {action}", rule.name);
        let _ = writeln!(text, "{:31}  {} [{}]", "", rule.explanation, rule.source);
    }
    text.push_str(
        "\nrules for one account, in place of hold, undelegated, absent, expiring, active or unknown\n\n",
    );
    for rule in &ACCOUNT_RULES {
        let _ =
            writeln!(text, "{:<31}  reregistered, risk critical, action {}", rule.name, rule.action.name());
        let _ = writeln!(text, "{:31}  {}", "", rule.explanation);
    }
    text.push_str("\nreasons: what else was noticed; they never decide\n\n");
    for reason in Reason::ALL {
        let _ = writeln!(text, "{:<39}  {} [{}]", reason.name(), reason.explanation(), reason.source());
    }
    text
}

/// The tables of the report, as text.
pub fn schema() -> String {
    let mut text = format!("schema version {SCHEMA_VERSION}\n");
    for table in TABLES {
        let _ = writeln!(text, "\n{}.parquet: a row is {}", table.name, table.row);
        let optional = if table.name == "accounts" { OPTIONAL_ACCOUNT_COLUMNS.as_slice() } else { &[] };
        for column in table.columns.iter().chain(optional) {
            let _ = writeln!(text, "  {:<24} {:<16} {}", column.name, column.kind.name(), column.about);
        }
        if table.name == "tlds" {
            let _ = writeln!(text, "  {:<24} {:<16} domains in each state", "domains_<state>", "int64");
            let _ = writeln!(text, "  {:<24} {:<16} accounts in each state", "accounts_<state>", "int64");
        }
    }
    text
}

/// The tables of the report, as JSON.
pub fn schema_json() -> Result<String> {
    let schema = serde_json::json!({
        "version": SCHEMA_VERSION,
        "tables": TABLES,
        "optional_account_columns": OPTIONAL_ACCOUNT_COLUMNS,
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
