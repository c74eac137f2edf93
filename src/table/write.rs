//! Parquet files that every reader takes, written row group by row group.
//!
//! Row groups are encoded and compressed by many threads, and written in order by one; Polars' own
//! batched writer would do either the encoding or the compressing under its lock, and write no checksums. The
//! footer tells what each column holds ([`describe`](super::describe)), the version of our schema and the checksum of the
//! file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_parquet::parquet::PARQUET_MAGIC;
use polars_parquet::parquet::metadata::ColumnDescriptor;
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, KeyValue, ParquetType, StatisticsOptions, ThriftFileMetadata,
    Version, WriteOptions, array_to_columns, get_dtype_encoding,
};
use polars_parquet_format::thrift::protocol::TCompactOutputProtocol;
use polars_parquet_format::{ColumnChunk, RowGroup as RowGroupFacts, SortingColumn};

use super::chunk::{ChunkWriter, EncodedChunk, Packer, PageIndex};
use super::columns::{ColumnData, WordData};
use super::describe::describe;
use super::empty_lists::empty_list_page;
use super::encode::write_pages;
use super::schema::{ColumnHead, SCHEMA_VERSION, Type};
use super::seal::{self, Seal};
use crate::error::{Error, Result};
use crate::files::OutputFile;

/// Bytes of a data page.
const PAGE_BYTES: usize = 1 << 20;

/// A Parquet file that is being written.
pub struct TableFile {
    output: TableOutput,
    encoder: Encoder,
    /// The footer, without row groups.
    footer: ThriftFileMetadata,
    metadata: Vec<KeyValue>,
}

/// What is written, and what the footer will say of it.
struct TableOutput {
    path: PathBuf,
    file: BufWriter<File>,
    seal: Seal,
    bytes: u64,
    groups: Vec<RowGroupFacts>,
    indexes: Vec<Vec<PageIndex>>,
    /// The order of the rows, if it is told.
    sorting: Option<Vec<SortingColumn>>,
}

/// Encodes row groups; shared by threads.
pub(crate) struct Encoder {
    columns: Vec<ColumnHead>,
    types: Vec<ParquetType>,
    encodings: Vec<Vec<Encoding>>,
    leaves: Vec<ColumnDescriptor>,
    options: WriteOptions,
    /// EncodeScratch space of earlier row groups.
    idle: Mutex<Vec<EncodeScratch>>,
}

/// Memory that encoding a row group needs, kept for the next one.
struct EncodeScratch {
    packer: Packer,
    buffer: Vec<u8>,
}

/// An encoded and compressed row group: its rows, and each leaf column.
pub(crate) struct RowGroup {
    rows: usize,
    chunks: Vec<EncodedChunk>,
}

impl TableFile {
    /// Creates the file with these columns.
    pub fn create(path: &Path, columns: Vec<ColumnHead>) -> Result<Self> {
        let file = File::create(path).map_err(|error| Error::io(path, "create", &error))?;
        let field = |column: &ColumnHead| Field::new((*column.name).into(), column.kind.stored(), true);
        let stored: ArrowSchema =
            columns.iter().map(field).map(|field| (field.name.clone(), field)).collect();
        let encodings = stored.iter_values().map(|field| get_dtype_encoding(&field.dtype)).collect();
        let options = WriteOptions {
            statistics: StatisticsOptions::default(),
            version: Version::V1,
            compression: CompressionOptions::Uncompressed,
            data_page_size: Some(PAGE_BYTES),
        };
        // Polars writes a file without rows, for its footer
        let mut template = FileWriter::try_new(Vec::new(), stored, options).map_err(Error::internal)?;
        let types = template.parquet_schema().fields().to_vec();
        let leaves = template.parquet_schema().columns().to_vec();
        template.end(Some(Vec::new())).map_err(Error::internal)?;
        let (_, footer) = template.into_inner_and_metadata();
        let pair = |key: &str, value: String| KeyValue { key: key.to_owned(), value: Some(value) };
        let marks = [pair(seal::VERSION_KEY, SCHEMA_VERSION.to_owned()), pair(seal::KEY, seal::blank())];
        let metadata = describe(&columns).into_iter().chain(marks).collect();
        let encoder = Encoder { columns, types, encodings, leaves, options, idle: Mutex::default() };
        let output = TableOutput {
            path: path.to_path_buf(),
            file: BufWriter::with_capacity(1 << 20, file),
            seal: Seal::new(),
            bytes: 0,
            groups: Vec::new(),
            indexes: Vec::new(),
            sorting: None,
        };
        let mut table = Self { output, encoder, footer, metadata };
        table.output.put(&PARQUET_MAGIC)?;
        Ok(table)
    }

    /// Tells readers by which columns the rows are sorted, and whether from the most to the least. Lists are no such columns.
    pub(crate) fn sorted_by(mut self, order: &[(&str, bool)]) -> Self {
        let leaf = |name: &str| {
            let is_column =
                |leaf: &ColumnDescriptor| leaf.path_in_schema.first().is_some_and(|it| it.as_str() == name);
            self.encoder.leaves.iter().position(is_column)
        };
        let column = |(name, descending): &(&str, bool)| {
            Some(SortingColumn::new(leaf(name)? as i32, *descending, false))
        };
        self.output.sorting = order.iter().map(column).collect();
        self
    }

    /// The two parts, for writing one row group while the next are encoded.
    pub(crate) fn split(&mut self) -> (&Encoder, impl FnMut(RowGroup) -> Result<()> + Send) {
        let Self { output, encoder, .. } = self;
        (encoder, move |group| output.write(group))
    }

    /// Encodes a row group and writes it after the others.
    pub fn write(
        &mut self,
        rows: usize,
        columns: impl IntoIterator<Item = Result<ColumnData>>,
    ) -> Result<()> {
        let group = self.encoder.encode(rows, columns)?;
        self.output.write(group)
    }

    /// Writes the footer and syncs the file.
    pub fn finish(self) -> Result<()> {
        let Self { mut output, mut footer, metadata, .. } = self;
        output.write_indexes()?;
        footer.num_rows = output.groups.iter().map(|group| group.num_rows).sum();
        footer.row_groups = std::mem::take(&mut output.groups);
        footer.key_value_metadata = Some(metadata);
        let mut bytes = Vec::new();
        footer
            .write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut bytes))
            .map_err(Error::internal)?;
        let length = u32::try_from(bytes.len()).map_err(Error::internal)?;
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&PARQUET_MAGIC);
        output.seal.update(&bytes);
        if !seal::replace(&mut bytes, &seal::blank(), &output.seal.value()) {
            return Err(Error::internal("a footer without a place for its checksum"));
        }
        let TableOutput { path, mut file, .. } = output;
        file.write_all(&bytes)
            .and_then(|()| file.flush())
            .and_then(|()| file.get_ref().sync_all())
            .map_err(|error| Error::io(&path, "write", &error))
    }
}

impl TableOutput {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.seal.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| Error::io(&self.path, "write", &error))
    }

    fn write(&mut self, group: RowGroup) -> Result<()> {
        if group.rows == 0 {
            return Ok(());
        }
        let (start, ordinal) = (self.bytes, self.groups.len());
        let (mut columns, mut indexes): (Vec<ColumnChunk>, Vec<PageIndex>) = Default::default();
        for mut chunk in group.chunks {
            let (bytes, place) = (std::mem::take(&mut chunk.bytes), self.bytes);
            self.put(&bytes)?;
            let (facts, index) = chunk.placed(place);
            columns.push(facts);
            indexes.push(index);
        }
        let facts = || columns.iter().filter_map(|column| column.meta_data.as_ref());
        let total_byte_size = facts().map(|column| column.total_uncompressed_size).sum();
        let total_compressed_size = Some(facts().map(|column| column.total_compressed_size).sum());
        self.groups.push(RowGroupFacts {
            columns,
            total_byte_size,
            num_rows: group.rows as i64,
            sorting_columns: self.sorting.clone(),
            file_offset: Some(start as i64),
            total_compressed_size,
            ordinal: ordinal.try_into().ok(),
        });
        self.indexes.push(indexes);
        Ok(())
    }

    /// Writes the column indexes, then the offset indexes, of all row groups.
    fn write_indexes(&mut self) -> Result<()> {
        let (mut groups, indexes) = (std::mem::take(&mut self.groups), std::mem::take(&mut self.indexes));
        let mut columns: Vec<&mut ColumnChunk> =
            groups.iter_mut().flat_map(|group| &mut group.columns).collect();
        for (column, index) in columns.iter_mut().zip(indexes.iter().flatten()) {
            if let Some(index) = index.columns() {
                let index = index.map_err(Error::internal)?;
                column.column_index_offset = Some(self.bytes as i64);
                column.column_index_length = Some(index.len() as i32);
                self.put(&index)?;
            }
        }
        for (column, index) in columns.iter_mut().zip(indexes.iter().flatten()) {
            let index = index.offsets().map_err(Error::internal)?;
            column.offset_index_offset = Some(self.bytes as i64);
            column.offset_index_length = Some(index.len() as i32);
            self.put(&index)?;
        }
        self.groups = groups;
        Ok(())
    }
}

/// A table by itself, which gets its name when it is whole.
pub(crate) struct SingleTable {
    file: TableFile,
    output: OutputFile,
}

impl SingleTable {
    /// Creates the file, under the temporary name of its output.
    pub(crate) fn create(output: OutputFile, columns: Vec<ColumnHead>) -> Result<Self> {
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
    pub(crate) fn encode(
        &self,
        rows: usize,
        columns: impl IntoIterator<Item = Result<ColumnData>>,
    ) -> Result<RowGroup> {
        let mut scratch = self.scratch()?;
        let mut group = RowGroup { rows, chunks: Vec::with_capacity(self.leaves.len()) };
        let mut shared: Vec<(Arc<WordData>, usize)> = Vec::new();
        let mut declared = self.columns.iter().zip(&self.types).zip(&self.encodings);
        for column in columns {
            let column = column?;
            let Some(((ColumnHead { name, kind, .. }, parquet), encodings)) = declared.next() else { break };
            if column.rows() != rows || !column.fits(*kind) {
                return Err(Error::internal(format!("column `{name}` has not the form of its table")));
            }
            let leaf = &self.leaves[group.chunks.len()..];
            match &column {
                ColumnData::Arrow(array) => {
                    let pages = array_to_columns(array, parquet.clone(), self.options, encodings);
                    for (pages, leaf) in pages.map_err(Error::internal)?.into_iter().zip(leaf) {
                        let mut chunk = ChunkWriter::new(leaf, &mut scratch.packer);
                        for page in pages {
                            chunk.polars_page(&page.map_err(Error::internal)?)?;
                        }
                        group.chunks.push(chunk.finish());
                    }
                    continue;
                }
                ColumnData::EmptyLists(_) => {
                    for leaf in &leaf[..encodings.len()] {
                        let mut chunk = ChunkWriter::new(leaf, &mut scratch.packer);
                        empty_list_page(rows, leaf, &mut chunk, &mut scratch.buffer)?;
                        group.chunks.push(chunk.finish());
                    }
                    continue;
                }
                ColumnData::Words(words) => {
                    let known = shared.iter().find(|(known, _)| Arc::ptr_eq(known, words));
                    if let Some((_, place)) = known {
                        group.chunks.push(group.chunks[*place].as_column(&leaf[0]));
                        continue;
                    }
                    shared.push((Arc::clone(words), group.chunks.len()));
                }
                _ => {}
            }
            let mut chunk = ChunkWriter::new(&leaf[0], &mut scratch.packer);
            write_pages(&column, *kind == Type::Date, &mut chunk, &mut scratch.buffer)?;
            group.chunks.push(chunk.finish());
        }
        if declared.next().is_some() || group.chunks.len() != self.leaves.len() {
            return Err(Error::internal("a row group has not the columns of its table"));
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        Ok(group)
    }

    /// Scratch space that is free, or a new one.
    fn scratch(&self) -> Result<EncodeScratch> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Ok(EncodeScratch { packer: Packer::new()?, buffer: Vec::new() }), Ok)
    }
}
