//! `schema`: every table with its columns, from the code that writes them.

use std::fmt::Write;

use crate::error::{Error, Result};
use crate::rdap::archive::table as answers;
use crate::registry::table as lists;
use crate::report::{accounts, changes, domains, rejected, servers, tlds};
use crate::snapshot::export::{changed_names_table, names_table};
use crate::table::schema::{SCHEMA_VERSION, TableHead};
use crate::time::Moment;

/// All tables.
pub(super) fn schema(json: bool) -> Result<String> {
    if json { as_json() } else { Ok(as_text()) }
}

/// Every table: first those of a report, then the others.
fn tables() -> [TableHead; 10] {
    [
        accounts::table().head(),
        domains::table().head(),
        rejected::table(Moment(0)).head(),
        tlds::table(Moment(0)).head(),
        changes::table(Moment(0)).head(),
        servers::table().head(),
        answers::table().head(),
        lists::table().head(),
        names_table().head(),
        changed_names_table().head(),
    ]
}

/// All tables with their columns, as text.
fn as_text() -> String {
    let mut text = format!("schema version {SCHEMA_VERSION}\n");
    for table in tables() {
        let _ = writeln!(text, "\n{}.parquet: a row is {}", table.name, table.row);
        for column in table.columns {
            let _ = writeln!(text, "  {:<24} {:<16} {}", column.name, column.kind.name(), column.about);
        }
    }
    text
}

/// All tables with their columns, as JSON; columns that `accounts` may lack are listed apart.
fn as_json() -> Result<String> {
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn columns_of_one_name_have_one_type() {
        let mut types = HashMap::new();
        for (table, column) in
            tables().iter().flat_map(|table| table.columns.iter().map(|column| (table.name, column)))
        {
            let kind = column.kind.name();
            let (known, first) = *types.entry(column.name.clone()).or_insert((kind, table));
            assert_eq!(kind, known, "`{}` of {table} and of {first}", column.name);
            assert!(!column.about.is_empty(), "`{}` of {table} has no comment", column.name);
        }
    }
}
