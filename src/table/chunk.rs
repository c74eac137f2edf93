//! A column of one row group, encoded: pages with checksums, one behind the other, and what the footer says of them.
//!
//! Polars' writer knows no checksums of pages, and their place is in the headers. So the pages that Polars encodes get their
//! headers here. Nothing depends on the place in the file, so that chunks can be made side by side.

use std::io;

use polars::prelude::PolarsResult;
use polars_parquet::parquet::compression::{Compression, compress};
use polars_parquet::parquet::metadata::ColumnDescriptor;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DictPage};
use polars_parquet::write::{CompressionOptions, Page};
use polars_parquet_format::thrift::protocol::TCompactOutputProtocol;
use polars_parquet_format::{
    BoundaryOrder, ColumnChunk, ColumnIndex, ColumnMetaData, DictionaryPageHeader, Encoding, OffsetIndex,
    PageHeader, PageLocation, PageType, Statistics, Type,
};

use crate::error::{Error, Result};

/// An encoded column of a row group.
pub(super) struct Chunk {
    pub(super) bytes: Vec<u8>,
    pages: Vec<DataPageFacts>,
    metadata: ColumnMetaData,
}

/// What the page index says of a data page.
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

impl Chunk {
    /// Compresses pages and puts them one behind the other.
    pub(super) fn encode(
        pages: impl Iterator<Item = PolarsResult<Page>>,
        column: &ColumnDescriptor,
        compression: CompressionOptions,
    ) -> Result<Self> {
        let (type_, _): (Type, Option<i32>) = column.descriptor.primitive_type.physical_type.into();
        let metadata = ColumnMetaData {
            type_,
            encodings: Vec::new(),
            path_in_schema: column.path_in_schema.iter().map(ToString::to_string).collect(),
            codec: Compression::from(compression).into(),
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
        let mut chunk = Self { bytes: Vec::new(), pages: Vec::new(), metadata };
        for page in pages {
            match page.map_err(Error::internal)? {
                Page::Data(page) => chunk.data_page(&page, compression)?,
                Page::Dict(page) => chunk.dictionary_page(&page, compression)?,
            }
        }
        chunk.metadata.encodings.sort_unstable();
        chunk.metadata.encodings.dedup();
        chunk.metadata.total_compressed_size = chunk.bytes.len() as i64;
        chunk.metadata.statistics = of_chunk(&chunk.pages, type_);
        Ok(chunk)
    }

    fn data_page(&mut self, page: &DataPage, compression: CompressionOptions) -> Result<()> {
        // the first data page has its place behind the dictionary
        if self.pages.is_empty() {
            self.metadata.data_page_offset = self.bytes.len() as i64;
        }
        let DataPageHeader::V1(facts) = page.header() else {
            return Err(Error::internal("a data page is not of the first version"));
        };
        let mut header = header(PageType::DATA_PAGE);
        header.data_page_header = Some(facts.clone());
        self.metadata.num_values += i64::from(facts.num_values);
        self.metadata.encodings.extend([facts.encoding, Encoding::RLE]);
        let start = self.bytes.len();
        self.page(header, page.buffer(), compression)?;
        let rows = page.num_rows().ok_or_else(|| Error::internal("a page does not know its rows"))?;
        let bytes = self.bytes.len() - start;
        self.pages.push(DataPageFacts { start, bytes, rows, statistics: facts.statistics.clone() });
        Ok(())
    }

    fn dictionary_page(&mut self, page: &DictPage, compression: CompressionOptions) -> Result<()> {
        if !self.bytes.is_empty() {
            return Err(Error::internal("a dictionary is not the first page"));
        }
        let mut header = header(PageType::DICTIONARY_PAGE);
        let num_values = i32::try_from(page.num_values).map_err(Error::internal)?;
        header.dictionary_page_header =
            Some(DictionaryPageHeader { num_values, encoding: Encoding::PLAIN, is_sorted: None });
        self.metadata.dictionary_page_offset = Some(0);
        self.metadata.encodings.push(Encoding::PLAIN);
        self.page(header, &page.buffer, compression)
    }

    /// Appends a page; its checksum is that of its bytes as they are stored.
    fn page(&mut self, mut header: PageHeader, plain: &[u8], compression: CompressionOptions) -> Result<()> {
        let mut packed = Vec::new();
        let body = if compression == CompressionOptions::Uncompressed {
            plain
        } else {
            compress(compression, plain, &mut packed).map_err(Error::internal)?;
            &packed
        };
        header.uncompressed_page_size = i32::try_from(plain.len()).map_err(Error::internal)?;
        header.compressed_page_size = i32::try_from(body.len()).map_err(Error::internal)?;
        header.crc = Some(crc32fast::hash(body).cast_signed());
        let start = self.bytes.len();
        header
            .write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut self.bytes))
            .map_err(Error::internal)?;
        self.metadata.total_uncompressed_size += (self.bytes.len() - start + plain.len()) as i64;
        self.bytes.extend_from_slice(body);
        Ok(())
    }

    /// What the footer says of it if it begins at `start`, and what its index is made of.
    pub(super) fn placed(self, start: u64) -> (ColumnChunk, PageIndex) {
        let Self { pages, mut metadata, .. } = self;
        metadata.data_page_offset += start as i64;
        metadata.dictionary_page_offset = metadata.dictionary_page_offset.map(|offset| offset + start as i64);
        let chunk = ColumnChunk {
            file_path: None,
            // deprecated: zero where no metadata stands behind the chunk (parquet.thrift, ColumnChunk)
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
