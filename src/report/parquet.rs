//! Parquet files that every reader takes, written row group by row group.
//!
//! Row groups are encoded and compressed by many threads, and written in order by one; Polars' own
//! batched writer would do either the encoding or the compressing under its lock. The `ARROW:schema` that
//! Polars writes names the newest Arrow types, which some readers refuse in filters, so the footer
//! carries one made of the oldest, and without the dictionaries we write from; beside it stands the version
//! of our schema.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_parquet::write::{
    CompressedPage, CompressionOptions, DynIter, DynStreamingIterator, Encoding, FileWriter, KeyValue,
    ParquetType, StatisticsOptions, Version, WriteOptions, ZstdLevel, array_to_columns, compress,
    fallible_streaming_iterator, get_dtype_encoding, schema_to_metadata_key,
};

use super::columns::ArrayBox;
use super::schema::{SCHEMA_VERSION, Type};
use crate::error::{Error, Result};
use crate::output::OutputFile;

/// Bytes of a data page.
const PAGE_BYTES: usize = 1 << 20;

/// A Parquet file that is being written.
pub struct TableFile {
    path: PathBuf,
    writer: FileWriter<BufWriter<File>>,
    encoder: Encoder,
    metadata: Vec<KeyValue>,
}

/// Encodes row groups; shared by threads.
pub struct Encoder {
    columns: Vec<(String, Type)>,
    types: Vec<ParquetType>,
    encodings: Vec<Vec<Encoding>>,
    options: WriteOptions,
}

/// An encoded and compressed row group: its rows, and the pages of each leaf column.
pub struct RowGroup {
    rows: usize,
    leaves: Vec<Vec<CompressedPage>>,
}

impl TableFile {
    /// Creates the file with these columns.
    pub fn create(path: &Path, columns: Vec<(String, Type)>) -> Result<Self> {
        let file = File::create(path).map_err(|error| Error::io(path, "create", &error))?;
        let schema = |kind: fn(Type) -> polars_arrow::datatypes::ArrowDataType| -> ArrowSchema {
            columns
                .iter()
                .map(|(name, column)| Field::new(name.as_str().into(), kind(*column), true))
                .map(|field| (field.name.clone(), field))
                .collect()
        };
        let stored = schema(Type::stored);
        let encodings = stored.iter_values().map(|field| get_dtype_encoding(&field.dtype)).collect();
        let level = ZstdLevel::try_new(1).map_err(Error::internal)?;
        let options = WriteOptions {
            statistics: StatisticsOptions::default(),
            version: Version::V1,
            compression: CompressionOptions::Zstd(Some(level)),
            data_page_size: Some(PAGE_BYTES),
        };
        let buffered = BufWriter::with_capacity(1 << 20, file);
        let writer = FileWriter::try_new(buffered, stored, options).map_err(Error::internal)?;
        let types = writer.parquet_schema().fields().to_vec();
        let version = KeyValue { key: "zonelapse.schema".into(), value: Some(SCHEMA_VERSION.into()) };
        let metadata = vec![schema_to_metadata_key(&schema(Type::shown)), version];
        let encoder = Encoder { columns, types, encodings, options };
        Ok(Self { path: path.to_path_buf(), writer, encoder, metadata })
    }

    /// The two parts, for writing one row group while the next are encoded.
    pub fn split(&mut self) -> (&Encoder, impl FnMut(RowGroup) -> Result<()> + Send) {
        let Self { path, writer, encoder, .. } = self;
        (encoder, move |group| write(writer, path, group))
    }

    /// Encodes a row group and writes it behind the others.
    pub fn write(&mut self, rows: usize, columns: Vec<ArrayBox>) -> Result<()> {
        let group = self.encoder.encode(rows, columns)?;
        write(&mut self.writer, &self.path, group)
    }

    /// Writes the footer and syncs the file.
    pub fn finish(mut self) -> Result<()> {
        let failed = |error: std::io::Error| Error::io(&self.path, "write", &error);
        self.writer.end(Some(self.metadata)).map_err(|error| failure(&self.path, &error))?;
        let mut buffered = self.writer.into_inner();
        buffered.flush().and_then(|()| buffered.get_ref().sync_all()).map_err(failed)
    }
}

/// A table by itself, which gets its name when it is whole.
pub struct SingleTable {
    file: TableFile,
    output: OutputFile,
}

impl SingleTable {
    /// Creates the file, under the temporary name of its output.
    pub fn create(output: OutputFile, columns: Vec<(String, Type)>) -> Result<Self> {
        Ok(Self { file: TableFile::create(output.temporary(), columns)?, output })
    }

    /// The file being written.
    pub fn file(&mut self) -> &mut TableFile {
        &mut self.file
    }

    /// Writes the footer, syncs the file and names it.
    pub fn finish(self) -> Result<()> {
        self.file.finish()?;
        self.output.commit()
    }
}

impl Encoder {
    /// Encodes and compresses a row group of these columns, which must be those of the schema.
    pub fn encode(&self, rows: usize, columns: Vec<ArrayBox>) -> Result<RowGroup> {
        if columns.len() != self.columns.len() {
            return Err(Error::internal(format!("{} columns for {}", columns.len(), self.columns.len())));
        }
        let mut leaves = Vec::new();
        for (((array, (name, kind)), parquet), encodings) in
            columns.iter().zip(&self.columns).zip(&self.types).zip(&self.encodings)
        {
            if array.len() != rows || *array.dtype() != kind.stored() {
                return Err(Error::internal(format!("column `{name}` has not the form of its table")));
            }
            let pages =
                array_to_columns(array, parquet.clone(), self.options, encodings).map_err(Error::internal)?;
            for leaf in pages {
                let compressed = leaf.map(|page| {
                    compress(page.map_err(Error::internal)?, Vec::new(), self.options.compression)
                        .map_err(Error::internal)
                });
                leaves.push(compressed.collect::<Result<Vec<_>>>()?);
            }
        }
        Ok(RowGroup { rows, leaves })
    }
}

fn write(writer: &mut FileWriter<BufWriter<File>>, path: &Path, group: RowGroup) -> Result<()> {
    if group.rows == 0 {
        return Ok(());
    }
    let leaves = group.leaves.iter().map(|pages| {
        let pages = pages.iter().map(polars::prelude::PolarsResult::Ok);
        Ok(DynStreamingIterator::new(fallible_streaming_iterator::convert(pages)))
    });
    writer.write(group.rows as u64, DynIter::new(leaves)).map_err(|error| failure(path, &error))
}

fn failure(path: &Path, error: &polars::prelude::PolarsError) -> Error {
    let what = error.to_string();
    let failure = Error::failure(path, format!("cannot write: {what}"));
    if what.contains("No space left") || what.contains("os error 28") {
        return failure.hint("free some space, or write the report to another disk with `-o`");
    }
    failure
}
