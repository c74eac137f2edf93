//! Pages of a column: found by their headers, checked, and unpacked for Polars under headers of our own.

use std::fs::File;
use std::ops::Range;

use polars_parquet::parquet::compression::{Compression, DecompressionContext, decompress};
use polars_parquet::parquet::metadata::{ColumnChunkMetadata, Descriptor};
use polars_parquet_format::thrift::protocol::{TCompactInputProtocol, TCompactOutputProtocol};
use polars_parquet_format::{Encoding, PageHeader, PageType};

use super::footer::{Checked, read_at};
use super::front_coded::FrontCoded;
use super::shape::{self, Misshape};
use super::{bits, delta};

/// Bytes of an unpacked page, at most.
const MOST_BYTES: usize = 256 << 20;
/// Values of a page, at most.
const MOST_VALUES: i32 = 1 << 27;
/// Bytes looked at for a header first, and at most.
const HEADER_BYTES: usize = 1 << 10;
const MOST_HEADER_BYTES: usize = 16 << 20;

/// A page of a column, of which only the header was read.
#[derive(Debug)]
pub(super) struct Page {
    header: PageHeader,
    /// Where its bytes are in the file.
    body: Range<u64>,
    /// Values in front of it in the column.
    pub(super) start: usize,
    /// Values; none of a dictionary.
    pub(super) values: usize,
}

/// Finds the pages of a column.
pub(super) fn pages(file: &File, column: &ColumnChunkMetadata) -> Checked<Vec<Page>> {
    let Range { start: mut at, end } = column.byte_range();
    let all = usize::try_from(column.num_values()).map_err(|error| error.to_string())?;
    let (mut pages, mut start) = (Vec::new(), 0);
    while start < all {
        let (mut header, length) = header(file, at..end)?;
        at += length as u64;
        let values = check(&header, end - at, column.compression())?;
        let body = at..at + header.compressed_page_size.unsigned_abs() as u64;
        at = body.end;
        match header.type_ {
            PageType::DICTIONARY_PAGE if !pages.is_empty() => return Err("it has two dictionaries".into()),
            PageType::INDEX_PAGE => continue,
            _ => {}
        }
        if let Some(facts) = &mut header.data_page_header {
            facts.statistics = None;
        }
        if let Some(facts) = &mut header.data_page_header_v2 {
            facts.statistics = None;
        }
        pages.push(Page { header, body, start, values });
        start += values;
    }
    if start > all {
        return Err(format!("its pages have {start} values, expected {all}"));
    }
    Ok(pages)
}

/// Reads the header of a page, and how long it is.
fn header(file: &File, place: Range<u64>) -> Checked<(PageHeader, usize)> {
    let mut window = HEADER_BYTES;
    let mut bytes = Vec::new();
    loop {
        let length = (place.end - place.start).min(window as u64) as usize;
        bytes.resize(length, 0);
        read_at(file, &mut bytes, place.start).map_err(|error| error.to_string())?;
        match shape::measure(&bytes, shape::PAGE) {
            Ok(length) => {
                let mut input = TCompactInputProtocol::new(&bytes[..length], 16 * length + 1024);
                let header = PageHeader::read_from_in_protocol(&mut input);
                return Ok((header.map_err(|error| format!("a page header is damaged: {error}"))?, length));
            }
            Err(Misshape::Cut) if length == window && window < MOST_HEADER_BYTES => window *= 16,
            Err(_) => return Err("a page header is damaged".into()),
        }
    }
}

/// Checks a header against the bytes that are left; how many values the page has.
fn check(header: &PageHeader, left: u64, compression: Compression) -> Checked<usize> {
    let size = |size: i32| usize::try_from(size).map_err(|_| "a page has a negative size".to_owned());
    let (packed, plain) = (size(header.compressed_page_size)?, size(header.uncompressed_page_size)?);
    if packed as u64 > left {
        return Err("a page reaches beyond its column".into());
    }
    if plain > MOST_BYTES {
        return Err(format!("a page of {} MiB, more than {}", plain >> 20, MOST_BYTES >> 20));
    }
    if compression == Compression::Uncompressed && packed != plain {
        return Err("a page has two sizes".into());
    }
    let values = match header.type_ {
        PageType::DATA_PAGE => {
            header.data_page_header.as_ref().ok_or("a page header lacks a part")?.num_values
        }
        PageType::DATA_PAGE_V2 => {
            let facts = header.data_page_header_v2.as_ref().ok_or("a page header lacks a part")?;
            let levels = (facts.definition_levels_byte_length, facts.repetition_levels_byte_length);
            if size(levels.0)? + size(levels.1)? > packed.min(plain)
                || facts.num_nulls < 0
                || facts.num_rows < 0
            {
                return Err("levels reach beyond a page".into());
            }
            facts.num_values
        }
        PageType::DICTIONARY_PAGE => {
            let facts = header.dictionary_page_header.as_ref().ok_or("a page header lacks a part")?;
            if size(facts.num_values)? > plain {
                return Err("a dictionary has more values than bytes".into());
            }
            return Ok(0);
        }
        PageType::INDEX_PAGE => return Ok(0),
        _ => return Err(format!("a page of the unknown type {}", header.type_.0)),
    };
    if !(0..=MOST_VALUES).contains(&values) {
        return Err(format!("a page of {values} values"));
    }
    Ok(values as usize)
}

/// Unpacks pages of one column.
pub(super) struct Unpacker<'a> {
    file: &'a File,
    column: &'a Descriptor,
    compression: Compression,
    context: DecompressionContext,
    packed: Vec<u8>,
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(file: &'a File, column: &'a ColumnChunkMetadata) -> Self {
        let descriptor = &column.descriptor().descriptor;
        let (compression, context) = (column.compression(), DecompressionContext::Unset);
        Self { file, column: descriptor, compression, context, packed: Vec::new() }
    }

    /// Reads a page, holds it against its checksum if it has one, and appends it, unpacked, under a new header. The
    /// values are still to be checked.
    pub(super) fn append(&mut self, page: &Page, to: &mut Vec<u8>) -> Checked<PlainPage> {
        let length = (page.body.end - page.body.start) as usize;
        self.packed.clear();
        self.packed.reserve(room(length));
        self.packed.resize(length, 0);
        read_at(self.file, &mut self.packed, page.body.start).map_err(|error| error.to_string())?;
        if let Some(expected) = page.header.crc
            && crc32fast::hash(&self.packed).cast_signed() != expected
        {
            return Err("a page does not have the checksum that its header tells".into());
        }
        let plain = page.plain_bytes();
        let mut header = page.header.clone();
        (header.crc, header.compressed_page_size) = (None, header.uncompressed_page_size);
        let mut output = TCompactOutputProtocol::new(&mut *to);
        header.write_to_out_protocol(&mut output).map_err(|error| error.to_string())?;
        let start = to.len();
        to.resize(start + plain, 0);
        self.unpack(page, &mut to[start..])?;
        let rows = page.start..page.start + page.values;
        let mut found = PlainPage { rows, encoding: None, levels: start..start, values: start..to.len() };
        if let Some((encoding, levels, values)) = self.layout(page, &to[start..]) {
            if values > plain {
                return Err("levels reach beyond a page".into());
            }
            found.encoding = Some(encoding);
            (found.levels, found.values) = (start + levels..start + values, start + values..to.len());
        }
        Ok(found)
    }

    fn unpack(&mut self, page: &Page, plain: &mut [u8]) -> Checked<()> {
        let (mut levels, mut is_packed) = (0, self.compression != Compression::Uncompressed);
        if let Some(facts) = page.version_2() {
            let lengths = facts.definition_levels_byte_length + facts.repetition_levels_byte_length;
            levels = lengths.unsigned_abs() as usize;
            is_packed &= facts.is_compressed.unwrap_or(true);
        }
        if !is_packed {
            if self.packed.len() != plain.len() {
                return Err("a page has two sizes".into());
            }
            plain.copy_from_slice(&self.packed);
            return Ok(());
        }
        plain[..levels].copy_from_slice(&self.packed[..levels]);
        if self.packed.len() == levels || plain.len() == levels {
            return Ok(());
        }
        decompress(self.compression, &self.packed[levels..], &mut plain[levels..], &mut self.context)
            .map_err(|error| format!("a page cannot be unpacked: {error}"))
    }

    /// The encoding of the values of a data page, where its last levels begin, and where the values do.
    fn layout(&self, page: &Page, plain: &[u8]) -> Option<(Encoding, usize, usize)> {
        if let Some(facts) = page.version_2() {
            let repetition = facts.repetition_levels_byte_length.unsigned_abs() as usize;
            let definition = facts.definition_levels_byte_length.unsigned_abs() as usize;
            return Some((facts.encoding, repetition, repetition + definition));
        }
        let facts = page.header.data_page_header.as_ref()?;
        let (mut levels, mut at) = (0, 0);
        for most in [self.column.max_rep_level, self.column.max_def_level] {
            if most > 0 {
                let length = plain.get(at..at + 4)?.try_into().map_or(0, u32::from_le_bytes);
                levels = at + 4;
                at = levels.checked_add(length as usize)?;
            }
        }
        Some((facts.encoding, levels, at))
    }
}

/// A page that was unpacked.
#[derive(Debug)]
pub(super) struct PlainPage {
    /// Its rows, if each has one value; none of a dictionary.
    pub(super) rows: Range<usize>,
    /// Of a data page.
    pub(super) encoding: Option<Encoding>,
    /// Where the levels are that say which values are missing.
    levels: Range<usize>,
    /// Where the values are.
    pub(super) values: Range<usize>,
}

impl PlainPage {
    /// Checks the values among these bytes.
    pub(super) fn check(&self, bytes: &[u8]) -> Checked<()> {
        let Some(encoding) = self.encoding else { return Ok(()) };
        delta::check(encoding, &bytes[self.values.clone()], self.rows.len(), MOST_BYTES)
    }

    /// The texts among these bytes, if they are stored like that, one in each row.
    pub(super) fn front_coded<'b>(&self, bytes: &'b [u8]) -> Option<Checked<FrontCoded<'b>>> {
        if self.encoding != Some(Encoding::DELTA_BYTE_ARRAY) {
            return None;
        }
        let mut all = Vec::new();
        bits::run(self.rows.len(), 1, 1, &mut all);
        let levels = &bytes[self.levels.clone()];
        if !levels.is_empty() && *levels != *all {
            return None;
        }
        let most = self.rows.len().min(delta::MOST_VALUES);
        let texts = FrontCoded::of(&bytes[self.values.clone()], most, MOST_BYTES);
        Some(texts.and_then(|texts| match texts.len() == self.rows.len() {
            true => Ok(texts),
            false => Err(format!("{} texts for {} rows", texts.len(), self.rows.len())),
        }))
    }
}

/// Room for so many bytes: allocators keep memory for each size, so buffers have few sizes.
pub(super) fn room(bytes: usize) -> usize {
    bytes.next_power_of_two()
}

impl Page {
    pub(super) fn is_dictionary(&self) -> bool {
        self.header.type_ == PageType::DICTIONARY_PAGE
    }

    /// Bytes that it takes when it is unpacked.
    pub(super) fn plain_bytes(&self) -> usize {
        self.header.uncompressed_page_size.unsigned_abs() as usize
    }

    fn version_2(&self) -> Option<&polars_parquet_format::DataPageHeaderV2> {
        self.header.data_page_header_v2.as_ref().filter(|_| self.header.type_ == PageType::DATA_PAGE_V2)
    }
}

#[cfg(test)]
mod tests {
    use polars_parquet_format::{DataPageHeader, DataPageHeaderV2, DictionaryPageHeader};

    use super::*;

    fn header(type_: PageType, packed: i32, plain: i32, values: i32) -> PageHeader {
        let encoding = Encoding::PLAIN;
        PageHeader {
            type_,
            uncompressed_page_size: plain,
            compressed_page_size: packed,
            crc: None,
            data_page_header: (type_ == PageType::DATA_PAGE)
                .then(|| DataPageHeader::new(values, encoding, Encoding::RLE, Encoding::RLE, None)),
            index_page_header: None,
            dictionary_page_header: (type_ == PageType::DICTIONARY_PAGE)
                .then(|| DictionaryPageHeader::new(values, encoding, None)),
            data_page_header_v2: (type_ == PageType::DATA_PAGE_V2)
                .then(|| DataPageHeaderV2::new(values, 0, values, encoding, 40, 30, true, None)),
        }
    }

    #[track_caller]
    fn says(header: &PageHeader, expected: std::result::Result<usize, &str>) {
        match (check(header, 1000, Compression::Snappy), expected) {
            (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
            (found, expected) => assert_eq!(found, expected.map_err(ToOwned::to_owned)),
        }
    }

    #[test]
    fn headers() {
        let (data, second, dictionary) =
            (PageType::DATA_PAGE, PageType::DATA_PAGE_V2, PageType::DICTIONARY_PAGE);
        says(&header(data, 1000, 5000, 70), Ok(70));
        says(&header(data, 1001, 5000, 70), Err("beyond its column"));
        says(&header(data, -1, 5000, 70), Err("negative"));
        says(&header(data, 10, i32::MAX, 70), Err("a page of 2047 MiB"));
        says(&header(data, 10, 10, -1), Err("-1 values"));
        says(&header(data, 10, 10, i32::MAX), Err("2147483647 values"));
        says(&header(second, 70, 70, 9), Ok(9));
        says(&header(second, 69, 100, 9), Err("levels reach"));
        says(&header(second, 100, 69, 9), Err("levels reach"));
        says(&header(dictionary, 10, 90, 90), Ok(0));
        says(&header(dictionary, 10, 90, 91), Err("more values than bytes"));
        says(&header(PageType(9), 10, 90, 91), Err("unknown type 9"));
        says(&PageHeader { data_page_header: None, ..header(data, 10, 10, 1) }, Err("lacks a part"));
        assert!(check(&header(data, 10, 11, 1), 1000, Compression::Uncompressed).is_err());
    }
}
