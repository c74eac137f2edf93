//! A column of one row group, encoded: pages with checksums, one after the other, and what the footer says about them.
//!
//! The pages of [`super::encode`], and those of Polars for the rare types, are compressed and get their headers here;
//! checksums have their place in the headers. A chunk does not depend on its place in the file, so many are made at once,
//! and one serves for all columns with the same values.

use std::io;

use polars_parquet::parquet::metadata::ColumnDescriptor;
use polars_parquet::parquet::page::{DataPage, DataPageHeader};
use polars_parquet::write::Page;
use polars_parquet_format::thrift::protocol::TCompactOutputProtocol;
use polars_parquet_format::{
    BoundaryOrder, ColumnChunk, ColumnIndex, ColumnMetaData, CompressionCodec,
    DataPageHeader as DataPageFields, DictionaryPageHeader, Encoding, OffsetIndex, PageHeader, PageLocation,
    PageType, Statistics, Type,
};
use zstd::bulk::Compressor;
use zstd::zstd_safe::compress_bound;

use crate::error::{Error, Result};

/// How hard zstd tries: speed counts, and higher levels gain little on pages that are encoded already.
const LEVEL: i32 = 1;

/// An encoded column of a row group.
#[derive(Clone)]
pub(super) struct EncodedChunk {
    pub(super) bytes: Vec<u8>,
    pages: Vec<DataPageFacts>,
    metadata: ColumnMetaData,
}

/// What the page index says about a data page.
#[derive(Clone)]
struct DataPageFacts {
    /// Where it begins in the chunk.
    start: usize,
    bytes: usize,
    rows: usize,
    statistics: Option<Statistics>,
}

/// What the two indexes of the pages of a chunk are made of.
pub(super) struct PageIndex {
    start: u64,
    pages: Vec<DataPageFacts>,
}

/// What the header of a data page says.
pub(super) struct DataPageHead {
    pub(super) rows: usize,
    /// Values, missing ones among them; of lists more or fewer than rows.
    pub(super) values: usize,
    pub(super) encoding: Encoding,
    pub(super) statistics: Statistics,
}

/// Compresses pages; kept from page to page for its memory.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    packed: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> Result<Self> {
        let compressor = Compressor::new(LEVEL).map_err(Error::internal)?;
        Ok(Self { compressor, packed: Vec::new() })
    }

    fn pack(&mut self, plain: &[u8]) -> Result<&[u8]> {
        self.packed.clear();
        self.packed.reserve(compress_bound(plain.len()));
        self.compressor.compress_to_buffer(plain, &mut self.packed).map_err(Error::internal)?;
        Ok(&self.packed)
    }
}

/// A chunk that is being written.
pub(super) struct ChunkWriter<'a> {
    chunk: EncodedChunk,
    packer: &'a mut Packer,
}

impl<'a> ChunkWriter<'a> {
    /// An empty chunk of this column.
    pub(super) fn new(column: &ColumnDescriptor, packer: &'a mut Packer) -> Self {
        let (type_, _): (Type, Option<i32>) = column.descriptor.primitive_type.physical_type.into();
        let metadata = ColumnMetaData {
            type_,
            encodings: Vec::new(),
            path_in_schema: path(column),
            codec: CompressionCodec::ZSTD,
            num_values: 0,
            total_uncompressed_size: 0,
            total_compressed_size: 0,
            key_value_metadata: None,
            data_page_offset: 0,
            index_page_offset: None,
            dictionary_page_offset: None,
            statistics: None,
            encoding_stats: None,
            bloom_filter_offset: None,
            bloom_filter_length: None,
            size_statistics: None,
        };
        Self { chunk: EncodedChunk { bytes: Vec::new(), pages: Vec::new(), metadata }, packer }
    }

    /// Appends a data page.
    pub(super) fn data_page(&mut self, head: &DataPageHead, plain: &[u8]) -> Result<()> {
        let DataPageHead { rows, values, encoding, ref statistics } = *head;
        let (start, metadata) = (self.chunk.bytes.len(), &mut self.chunk.metadata);
        // the first data page comes after the dictionary
        if self.chunk.pages.is_empty() {
            metadata.data_page_offset = start as i64;
        }
        metadata.num_values += values as i64;
        metadata.encodings.extend([encoding, Encoding::RLE]);
        let mut header = header(PageType::DATA_PAGE);
        header.data_page_header = Some(DataPageFields {
            num_values: i32::try_from(values).map_err(Error::internal)?,
            encoding,
            definition_level_encoding: Encoding::RLE,
            repetition_level_encoding: Encoding::RLE,
            statistics: Some(statistics.clone()),
        });
        self.page(header, plain)?;
        let bytes = self.chunk.bytes.len() - start;
        self.chunk.pages.push(DataPageFacts { start, bytes, rows, statistics: Some(statistics.clone()) });
        Ok(())
    }

    /// Appends the dictionary, which must be the first page: so many values in `PLAIN` encoding.
    pub(super) fn dictionary_page(&mut self, plain: &[u8], count: usize) -> Result<()> {
        if !self.chunk.bytes.is_empty() {
            return Err(Error::internal("a dictionary is not the first page"));
        }
        let mut header = header(PageType::DICTIONARY_PAGE);
        let num_values = i32::try_from(count).map_err(Error::internal)?;
        header.dictionary_page_header =
            Some(DictionaryPageHeader { num_values, encoding: Encoding::PLAIN, is_sorted: None });
        self.chunk.metadata.dictionary_page_offset = Some(0);
        self.chunk.metadata.encodings.push(Encoding::PLAIN);
        self.page(header, plain)
    }

    /// Appends a page that Polars encoded.
    pub(super) fn polars_page(&mut self, page: &Page) -> Result<()> {
        match page {
            Page::Data(page) => self.data_page(&head_of(page)?, page.buffer()),
            Page::Dict(page) => self.dictionary_page(&page.buffer, page.num_values),
        }
    }

    /// Appends a page; its checksum is that of its bytes as they are stored.
    fn page(&mut self, mut header: PageHeader, plain: &[u8]) -> Result<()> {
        let body = self.packer.pack(plain)?;
        header.uncompressed_page_size = i32::try_from(plain.len()).map_err(Error::internal)?;
        header.compressed_page_size = i32::try_from(body.len()).map_err(Error::internal)?;
        header.crc = Some(crc32fast::hash(body).cast_signed());
        let EncodedChunk { bytes, metadata, .. } = &mut self.chunk;
        let start = bytes.len();
        header
            .write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut *bytes))
            .map_err(Error::internal)?;
        metadata.total_uncompressed_size += (bytes.len() - start + plain.len()) as i64;
        bytes.extend_from_slice(body);
        Ok(())
    }

    /// The whole chunk.
    pub(super) fn finish(self) -> EncodedChunk {
        let mut chunk = self.chunk;
        chunk.metadata.encodings.sort_unstable();
        chunk.metadata.encodings.dedup();
        chunk.metadata.total_compressed_size = chunk.bytes.len() as i64;
        chunk.metadata.statistics = of_chunk(&chunk.pages, chunk.metadata.type_);
        chunk
    }
}

fn path(column: &ColumnDescriptor) -> Vec<String> {
    column.path_in_schema.iter().map(ToString::to_string).collect()
}

fn head_of(page: &DataPage) -> Result<DataPageHead> {
    let DataPageHeader::V1(facts) = page.header() else {
        return Err(Error::internal("a data page is not of the first version"));
    };
    Ok(DataPageHead {
        rows: page.num_rows().ok_or_else(|| Error::internal("a page does not know its rows"))?,
        values: usize::try_from(facts.num_values).map_err(Error::internal)?,
        encoding: facts.encoding,
        statistics: facts.statistics.clone().ok_or_else(|| Error::internal("a page without statistics"))?,
    })
}

impl EncodedChunk {
    /// The same values as another column.
    pub(super) fn as_column(&self, column: &ColumnDescriptor) -> Self {
        let mut chunk = self.clone();
        chunk.metadata.path_in_schema = path(column);
        chunk
    }

    /// What the footer says about it if it begins at `start`, and what its index is made of.
    pub(super) fn placed(self, start: u64) -> (ColumnChunk, PageIndex) {
        let Self { pages, mut metadata, .. } = self;
        metadata.data_page_offset += start as i64;
        metadata.dictionary_page_offset = metadata.dictionary_page_offset.map(|offset| offset + start as i64);
        let chunk = ColumnChunk {
            file_path: None,
            // deprecated: zero if no metadata follows the chunk (parquet.thrift, ColumnChunk)
            file_offset: 0,
            meta_data: Some(metadata),
            offset_index_offset: None,
            offset_index_length: None,
            column_index_offset: None,
            column_index_length: None,
            crypto_metadata: None,
            encrypted_column_metadata: None,
        };
        (chunk, PageIndex { start, pages })
    }
}

fn header(type_: PageType) -> PageHeader {
    PageHeader {
        type_,
        uncompressed_page_size: 0,
        compressed_page_size: 0,
        crc: None,
        data_page_header: None,
        index_page_header: None,
        dictionary_page_header: None,
        data_page_header_v2: None,
    }
}

impl PageIndex {
    /// The column index; `None` if a page has no statistics.
    pub(super) fn columns(&self) -> Option<io::Result<Vec<u8>>> {
        let mut index = ColumnIndex {
            null_pages: Vec::new(),
            min_values: Vec::new(),
            max_values: Vec::new(),
            boundary_order: BoundaryOrder::UNORDERED,
            null_counts: None,
            repetition_level_histograms: None,
            definition_level_histograms: None,
        };
        let mut null_counts = Vec::new();
        for page in &self.pages {
            let statistics = page.statistics.as_ref()?;
            null_counts.push(statistics.null_count?);
            let bounds = statistics.min_value.clone().zip(statistics.max_value.clone());
            index.null_pages.push(bounds.is_none());
            let (min, max) = bounds.unwrap_or_else(|| (vec![0], vec![0]));
            index.min_values.push(min);
            index.max_values.push(max);
        }
        index.null_counts = Some(null_counts);
        let mut bytes = Vec::new();
        let written = index.write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut bytes));
        Some(written.map(|_| bytes).map_err(io::Error::other))
    }

    /// The offset index.
    pub(super) fn offsets(&self) -> io::Result<Vec<u8>> {
        let mut first_row_index = 0;
        let mut page_locations = Vec::with_capacity(self.pages.len());
        for page in &self.pages {
            let offset = (self.start + page.start as u64) as i64;
            let compressed_page_size = i32::try_from(page.bytes).map_err(io::Error::other)?;
            page_locations.push(PageLocation { offset, compressed_page_size, first_row_index });
            first_row_index += page.rows as i64;
        }
        let index = OffsetIndex { page_locations, unencoded_byte_array_data_bytes: None };
        let mut bytes = Vec::new();
        let written = index.write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut bytes));
        written.map(|_| bytes).map_err(io::Error::other)
    }
}

/// The statistics of a chunk from those of its pages.
fn of_chunk(pages: &[DataPageFacts], kind: Type) -> Option<Statistics> {
    let mut pages = pages.iter().filter_map(|page| page.statistics.as_ref());
    let mut all = pages.next()?.clone();
    (all.distinct_count, all.is_min_value_exact, all.is_max_value_exact) = (None, None, None);
    for page in pages {
        all.null_count = all.null_count.zip(page.null_count).map(|(one, other)| one + other);
        let bounds =
            [(&mut all.min_value, &page.min_value, true), (&mut all.max_value, &page.max_value, false)];
        for (bound, other, smallest) in bounds {
            match (bound.as_ref(), other) {
                (Some(mine), Some(theirs)) if is_less(theirs, mine, kind) == smallest => {
                    *bound = Some(theirs.clone());
                }
                (None, Some(theirs)) => *bound = Some(theirs.clone()),
                _ => {}
            }
        }
    }
    Some(all)
}

/// Compares values as their type wants it (parquet.thrift, ColumnOrder).
fn is_less(one: &[u8], other: &[u8], kind: Type) -> bool {
    let number = |bytes: &[u8]| -> i64 {
        match bytes.len() {
            4 => bytes.try_into().map_or(0, i32::from_le_bytes).into(),
            8 => bytes.try_into().map_or(0, i64::from_le_bytes),
            _ => 0,
        }
    };
    match kind {
        Type::INT32 | Type::INT64 => number(one) < number(other),
        _ => one < other,
    }
}
