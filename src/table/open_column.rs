//! One column of a row group, with its pages: the rows that are wanted are unpacked and decoded.

use std::fs::File;
use std::io::Cursor;
use std::ops::Range;

use polars::prelude::{PolarsError, Series};
use polars_arrow::array::{Array, BinaryViewArray, MutableBinaryViewArray, Utf8ViewArray};
use polars_arrow::bitmap::MutableBitmap;
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::metadata::{ColumnChunkMetadata, RowGroupMetadata};
use polars_parquet::parquet::read::PageMetaData;
use polars_parquet::read::{BasicDecompressor, Filter, PageReader, column_iter_to_arrays};

use super::footer::Checked;
use super::front_coded::FrontCoded;
use super::page::{Page, PlainPage, Unpacker, room};

/// A column of a row group, with the pages of its leaves.
#[derive(Debug)]
pub(super) struct OpenColumn {
    pub(super) field: Field,
    /// The place of each among the columns of the row group, and its pages.
    pub(super) leaves: Vec<(usize, Vec<Page>)>,
    /// Whether each row has one value, so that pages can be skipped.
    pub(super) is_flat: bool,
}

/// The unpacked pages of a leaf.
struct PlainLeaf<'g> {
    column: &'g ColumnChunkMetadata,
    bytes: Vec<u8>,
    pages: Vec<PlainPage>,
}

impl OpenColumn {
    /// The pages that hold these rows, with the dictionary.
    fn wanted<'a>(&self, pages: &'a [Page], rows: &Range<usize>) -> impl Iterator<Item = &'a Page> {
        let (is_flat, rows) = (self.is_flat, rows.clone());
        pages.iter().filter(move |page| {
            let is_there = page.start < rows.end && page.start + page.values > rows.start;
            page.is_dictionary() || !is_flat || is_there
        })
    }

    /// Bytes of the pages of these rows, once they are unpacked.
    pub(super) fn plain_bytes(&self, rows: &Range<usize>) -> usize {
        let of = |(_, pages): &(usize, Vec<Page>)| -> usize {
            self.wanted(pages, rows).map(Page::plain_bytes).sum()
        };
        self.leaves.iter().map(of).sum()
    }

    /// Decodes these rows, or of them only those that are picked; with them come the bytes of their texts.
    pub(super) fn decode(
        &self,
        file: &File,
        group: &RowGroupMetadata,
        rows: &Range<usize>,
        picked: Option<&[usize]>,
    ) -> Checked<(Series, usize)> {
        let unpack = |(leaf, pages): &(usize, Vec<Page>)| -> Checked<PlainLeaf<'_>> {
            let column = &group.parquet_columns()[*leaf];
            // with some room for headers
            let mut bytes = Vec::with_capacity(room(self.plain_bytes(rows) + 128 * pages.len()));
            let mut unpacker = Unpacker::new(file, column);
            let pages = self.wanted(pages, rows).map(|page| unpacker.append(page, &mut bytes));
            Ok(PlainLeaf { pages: pages.collect::<Checked<_>>()?, column, bytes })
        };
        let leaves: Vec<PlainLeaf<'_>> = self.leaves.iter().map(unpack).collect::<Checked<_>>()?;
        let arrays = match self.front_coded(&leaves) {
            Some(pages) => vec![texts(&pages?, rows, picked)?],
            None => self.by_polars(leaves, group, rows, picked)?,
        };
        let found: usize = arrays.iter().map(|array| array.len()).sum();
        let wanted = picked.map_or(rows.len(), <[usize]>::len);
        if found != wanted {
            return Err(format!("{found} values for {wanted} rows"));
        }
        let texts = arrays.iter().map(|array| text_bytes(&**array)).sum();
        Ok((Series::try_from((&self.field, arrays)).map_err(in_words)?, texts))
    }

    /// The pages of a column of texts that are all front coded and all there, each with its first row.
    fn front_coded<'l>(&self, leaves: &'l [PlainLeaf<'_>]) -> Option<Checked<Vec<(usize, FrontCoded<'l>)>>> {
        let [leaf] = leaves else { return None };
        if !self.is_flat || self.field.dtype != ArrowDataType::Utf8View || leaf.pages.is_empty() {
            return None;
        }
        let texts = |page: &PlainPage| Some((page.rows.start, page.front_coded(&leaf.bytes)?));
        let pages: Vec<(usize, Checked<FrontCoded<'l>>)> =
            leaf.pages.iter().map(texts).collect::<Option<_>>()?;
        Some(pages.into_iter().map(|(start, texts)| Ok((start, texts?))).collect())
    }

    fn by_polars(
        &self,
        leaves: Vec<PlainLeaf<'_>>,
        group: &RowGroupMetadata,
        rows: &Range<usize>,
        picked: Option<&[usize]>,
    ) -> Checked<Vec<Box<dyn Array>>> {
        let (mut columns, mut types) = (Vec::with_capacity(leaves.len()), Vec::with_capacity(leaves.len()));
        let mut covered: Option<Range<usize>> = None;
        for PlainLeaf { column, bytes, pages } in leaves {
            let mut values = 0;
            for page in &pages {
                page.check(&bytes)?;
                values += page.rows.len();
                if page.encoding.is_some() {
                    let Range { start, end } = page.rows.clone();
                    covered = Some(covered.map_or(start..end, |all| all.start.min(start)..all.end.max(end)));
                }
            }
            let descriptor = &column.descriptor().descriptor;
            let facts = PageMetaData::new(0, values as i64, Compression::Uncompressed, descriptor.clone());
            let reader =
                PageReader::new_with_page_meta(Cursor::new(bytes.into()), facts, Vec::new(), usize::MAX);
            columns.push(BasicDecompressor::new(reader, Vec::new()));
            types.push(&descriptor.primitive_type);
        }
        let (first, end) = match (self.is_flat, covered) {
            (false, _) => (0, group.num_rows()),
            (true, None) => (rows.start, rows.end),
            (true, Some(covered)) => (covered.start.min(rows.start), covered.end.max(rows.end)),
        };
        let filter = match picked {
            None => Filter::new_ranged(rows.start - first, rows.end - first),
            Some(picked) => {
                let mut mask = MutableBitmap::from_len_zeroed(end - first);
                picked.iter().for_each(|row| mask.set(row - first, true));
                Filter::new_masked(mask.into())
            }
        };
        let arrays = column_iter_to_arrays(columns, types, self.field.clone(), Some(filter));
        arrays.map(|(arrays, _)| arrays).map_err(in_words)
    }
}

/// The texts of these rows, or of them those that are picked.
fn texts(
    pages: &[(usize, FrontCoded<'_>)],
    rows: &Range<usize>,
    picked: Option<&[usize]>,
) -> Checked<Box<dyn Array>> {
    let count = picked.map_or(rows.len(), <[usize]>::len);
    let mut picked = picked.map(|picked| picked.iter().peekable());
    let mut texts = MutableBinaryViewArray::<str>::with_capacity(count);
    for (start, page) in pages {
        page.visit(rows.end.saturating_sub(*start), &mut |place, text| {
            let row = start + place;
            let is_wanted = match &mut picked {
                None => rows.contains(&row),
                Some(picked) => picked.next_if_eq(&&row).is_some(),
            };
            if is_wanted {
                texts.push_value(str::from_utf8(text).map_err(|_| "a text is not UTF-8")?);
            }
            Ok(())
        })?;
    }
    Ok(Box::new(Utf8ViewArray::from(texts)))
}

fn in_words(error: PolarsError) -> String {
    error.to_string()
}

/// Bytes of the texts of an array.
fn text_bytes(array: &dyn Array) -> usize {
    let array = array.as_any();
    let texts = array.downcast_ref::<Utf8ViewArray>().map(Utf8ViewArray::total_bytes_len);
    let bytes = || array.downcast_ref::<BinaryViewArray>().map(BinaryViewArray::total_bytes_len);
    texts.or_else(bytes).unwrap_or_default()
}
