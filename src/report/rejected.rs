//! `rejected.parquet`: every rejected row with its reason.

use std::path::Path;

use polars::prelude::DataFrame;

use super::columns::{integers, texts};
use super::parquet::TableFile;
use super::schema::{REJECTED, schema_of};
use crate::census::Census;
use crate::error::{Error, Result};
use crate::name::Rejection;

/// Writes the table, a frame of the spool after the other.
pub fn write(path: &Path, census: &Census) -> Result<u64> {
    let schema = schema_of(REJECTED.columns.iter().map(|column| (column.name, column.kind)));
    let file = TableFile::create(path, schema)?;
    let paths: Vec<String> = census.files.iter().map(|file| file.path.display().to_string()).collect();
    let mut written = 0;
    for number in 0..census.rejected.frames() {
        let rows = census.rejected.frame(number)?;
        written += rows.len() as u64;
        let columns = vec![
            texts("source", rows.source.iter().map(|source| paths.get(*source as usize).map(String::as_str))),
            integers("row", rows.row.iter().map(|row| Some(*row as i64))),
            texts("account_id", rows.id.iter()),
            texts(
                "reason",
                rows.reason.iter().map(|reason| Rejection::from_number(*reason).map(Rejection::name)),
            ),
        ];
        let frame = DataFrame::new(rows.len(), columns).map_err(Error::internal)?;
        file.write(file.encode(&frame)?)?;
    }
    file.finish()?;
    Ok(written)
}
