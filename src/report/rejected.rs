//! `rejected.parquet`: every rejected row with its reason.

use std::path::Path;

use crate::census::Census;
use crate::census::rows::Rejected;
use crate::error::Result;
use crate::name::Rejection;
use crate::table::columns::texts;
use crate::table::schema::{TableRows, TableSchema, Type};
use crate::table::write::TableFile;
use crate::time::Moment;

/// The rejected rows of a frame.
pub(crate) struct RejectedRows<'a> {
    rows: &'a Rejected,
    /// The paths of the input files.
    paths: &'a [String],
}

impl TableRows for RejectedRows<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }
}

/// Declares the table.
pub(crate) fn table<'a>(as_of: Moment) -> TableSchema<RejectedRows<'a>> {
    TableSchema::<RejectedRows<'a>>::new("rejected", "a rejected row, in input order")
        .word("source", "input file, as named on the command line", |group, row| {
            Some(group.paths.get(group.rows.source[row] as usize)?)
        })
        .integer("row", "1-based data record of that file, header excluded", |group, row| {
            Some(group.rows.row[row] as i64)
        })
        .column("account_id", Type::Text, "the account's identifier, if it could be read", |group| {
            Ok(texts(group.rows.id.iter()))
        })
        .word(
            "reason",
            "empty, no_at_sign, empty_domain, address_literal, invalid_domain, label_too_long, name_too_long, \
             single_label, malformed_row, several_addresses, not_utf8, wrong_subject, no_host or not_reverse_dns",
            |group, row| Rejection::from_number(group.rows.reason[row]).map(Rejection::name),
        )
        .moment_of_judgement(move |_| as_of)
}

/// Writes the table, one frame of the spool after the other.
pub(crate) fn write(path: &Path, census: &Census, as_of: Moment) -> Result<u64> {
    let mut file = TableFile::create(path, table(as_of).layout())?;
    let paths: Vec<String> = census.files.iter().map(|file| file.path.display().to_string()).collect();
    let mut written = 0;
    for number in 0..census.rejected.frames() {
        let rows = census.rejected.frame(number)?;
        written += rows.len() as u64;
        file.write(rows.len(), table(as_of).build(&RejectedRows { rows: &rows, paths: &paths }))?;
    }
    file.finish()?;
    Ok(written)
}
