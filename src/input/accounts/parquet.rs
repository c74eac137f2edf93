//! Accounts in Parquet, slice by slice.
//!
//! At most 131,072 rows of the wanted columns are read at a time, so memory is bounded by a slice. How values are read
//! is told in [`super::typed`].

use super::typed::hand_over;
use super::{AccountSink, ColumnNames, Columns};
use crate::error::Result;
use crate::input::source::Source;
use crate::table::read::{TableReader, Written};

/// What helps if the file cannot be read.
const REMEDY: &str = "export the file again";

/// A Parquet file of accounts.
#[derive(Debug)]
pub struct ParquetAccounts {
    reader: TableReader,
    header: Vec<String>,
    columns: Columns,
}

impl ParquetAccounts {
    /// Opens a file and finds its columns.
    pub fn open(source: &Source, names: &ColumnNames) -> Result<Self> {
        let reader = TableReader::open(&source.path, Written::ByAnyone, REMEDY)?;
        let header: Vec<String> = reader.names().map(ToOwned::to_owned).collect();
        let texts: Vec<&str> = header.iter().map(String::as_str).collect();
        let columns = Columns::find(&texts, names, &source.path)?;
        let wanted = columns.places();
        let wanted: Vec<&str> = wanted.into_iter().map(|index| texts[index]).collect();
        let reader = reader.select(&wanted)?.with_texts_as_bytes();
        Ok(Self { reader, header, columns })
    }

    /// Its columns.
    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Reads the next rows into `sink`, and returns how many they were; 0 at the end.
    pub fn next_slice(&mut self, sink: &mut impl AccountSink) -> Result<u64> {
        let Some(slice) = self.reader.next_slice()? else { return Ok(0) };
        hand_over(&slice, &self.header, &self.columns, sink)?;
        Ok(slice.rows() as u64)
    }
}
