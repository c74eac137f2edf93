//! `rejected.parquet`: every rejected row with its reason.

use std::path::Path;

use crate::census::Census;
use crate::error::Result;
use crate::name::Rejection;
use crate::table::columns::{integers, texts, words};
use crate::table::schema::REJECTED;
use crate::table::write::TableFile;

/// Writes the table, a frame of the spool after the other.
pub fn write(path: &Path, census: &Census) -> Result<u64> {
    let mut file = TableFile::create(path, REJECTED.layout())?;
    let paths: Vec<String> = census.files.iter().map(|file| file.path.display().to_string()).collect();
    let mut written = 0;
    for number in 0..census.rejected.frames() {
        let rows = census.rejected.frame(number)?;
        written += rows.len() as u64;
        let columns = vec![
            words(rows.source.iter().map(|source| paths.get(*source as usize).map(String::as_str)))?,
            integers(rows.row.iter().map(|row| Some(*row as i64))),
            texts(rows.id.iter()),
            words(rows.reason.iter().map(|reason| Rejection::from_number(*reason).map(Rejection::name)))?,
        ];
        file.write(rows.len(), columns)?;
    }
    file.finish()?;
    Ok(written)
}
