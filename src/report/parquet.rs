//! Parquet files that every reader takes, written row group by row group.
//!
//! Row groups are encoded by many threads and written in order by one: Polars' batched writer, its
//! encoding apart from its writing (called from our own threads with its own parallelism it would wait
//! for itself). Its `ARROW:schema` names the newest Arrow types, which older readers refuse in filters, so
//! the footer carries one made of the oldest; beside it stands the version of our schema.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    CompatLevel, DataFrame, KeyValueMetadata, ParquetCompression, ParquetWriter, PolarsError, Schema,
    SchemaExt,
};
use polars_parquet::write::{RowGroupIterColumns, ZstdLevel, schema_to_metadata_key};

use super::schema::SCHEMA_VERSION;
use crate::error::{Error, Result};

/// A Parquet file that is being written.
pub struct TableFile {
    path: PathBuf,
    schema: Arc<Schema>,
    writer: BatchedWriter<BufWriter<File>>,
}

/// An encoded row group.
pub struct RowGroup(Vec<RowGroupIterColumns<'static, PolarsError>>);

impl TableFile {
    /// Creates the file.
    pub fn create(path: &Path, schema: Arc<Schema>) -> Result<Self> {
        let failed = |error: PolarsError| failure(path, &error);
        let file = File::create(path).map_err(|error| Error::io(path, "create", &error))?;
        let arrow = schema_to_metadata_key(&schema.to_arrow(CompatLevel::oldest()));
        let metadata = vec![
            (arrow.key, arrow.value.unwrap_or_default()),
            ("zonelapse.schema".to_owned(), SCHEMA_VERSION.to_owned()),
        ];
        let level = ZstdLevel::try_new(1).map_err(failed)?;
        let writer = ParquetWriter::new(BufWriter::with_capacity(1 << 20, file))
            .with_compression(ParquetCompression::Zstd(Some(level)))
            .with_key_value_metadata(Some(KeyValueMetadata::from_static(metadata)))
            .set_parallel(false)
            .batched(&schema)
            .map_err(failed)?;
        Ok(Self { path: path.to_path_buf(), schema, writer })
    }

    /// Encodes a row group. The frame's columns must be those of the schema.
    pub fn encode(&self, frame: &DataFrame) -> Result<RowGroup> {
        if **frame.schema() != *self.schema {
            let what =
                format!("a row group of `{}` does not have the schema of its table", self.path.display());
            return Err(Error::internal(what));
        }
        let groups: std::result::Result<_, _> = self.writer.encode_and_compress(frame).collect();
        groups.map(RowGroup).map_err(|error| failure(&self.path, &error))
    }

    /// Writes a row group behind the others.
    pub fn write(&self, group: RowGroup) -> Result<()> {
        self.writer.write_row_groups(group.0).map_err(|error| failure(&self.path, &error))
    }

    /// Writes the footer and syncs the file; returns its size in bytes.
    pub fn finish(self) -> Result<u64> {
        let failed = |error: &std::io::Error| Error::io(&self.path, "write", error);
        let size = self.writer.finish().map_err(|error| failure(&self.path, &error))?;
        // the writer keeps its file to itself; what it flushed is synced through another handle
        drop(self.writer);
        let file = File::options().append(true).open(&self.path).map_err(|error| failed(&error))?;
        (&file).flush().and_then(|()| file.sync_all()).map_err(|error| failed(&error))?;
        let written = file.metadata().map_err(|error| failed(&error))?.len();
        if written != size {
            return Err(Error::failure(&self.path, format!("{written} of {size} bytes were written")));
        }
        Ok(size)
    }
}

fn failure(path: &Path, error: &PolarsError) -> Error {
    match error {
        PolarsError::IO { error, .. } => Error::io(path, "write", error),
        other => {
            let what = other.to_string();
            let full = what.contains("No space left");
            let failure = Error::failure(path, format!("cannot write: {what}"));
            if full {
                failure.hint("free some space, or write the report to another disk with `-o`")
            } else {
                failure
            }
        }
    }
}
