//! One column of a row group, with its pages: the rows that are wanted are unpacked and decoded.

use std::fs::File;
use std::io::Cursor;
use std::ops::Range;

use polars::prelude::{PolarsError, Series};
use polars_arrow::array::{Array, BinaryViewArray, Utf8ViewArray};
use polars_arrow::bitmap::MutableBitmap;
use polars_arrow::datatypes::Field;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::metadata::RowGroupMetadata;
use polars_parquet::parquet::read::PageMetaData;
use polars_parquet::read::{BasicDecompressor, Filter, PageReader, column_iter_to_arrays};

use super::footer::Checked;
use super::page::{Page, Unpacker};

/// A column of a row group, with the pages of its leaves.
#[derive(Debug)]
pub(super) struct OpenColumn {
    pub(super) field: Field,
    /// The place of each among the columns of the row group, and its pages.
    pub(super) leaves: Vec<(usize, Vec<Page>)>,
    /// Whether each row has one value, so that pages can be skipped.
    pub(super) is_flat: bool,
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
        let mut columns = Vec::with_capacity(self.leaves.len());
        let mut types = Vec::with_capacity(self.leaves.len());
        let (mut first, mut end) = (usize::MAX, 0);
        for (leaf, pages) in &self.leaves {
            let column = &group.parquet_columns()[*leaf];
            let descriptor = &column.descriptor().descriptor;
            // with some room for headers
            let mut bytes = Vec::with_capacity(self.plain_bytes(rows) + 128 * pages.len());
            let (mut unpacker, mut values, mut start) = (Unpacker::new(file, column), 0, usize::MAX);
            for page in self.wanted(pages, rows) {
                unpacker.append(page, &mut bytes)?;
                values += page.values;
                if !page.is_dictionary() {
                    start = start.min(page.start);
                    end = page.start + page.values;
                }
            }
            first = first.min(start);
            let facts = PageMetaData::new(0, values as i64, Compression::Uncompressed, descriptor.clone());
            let reader =
                PageReader::new_with_page_meta(Cursor::new(bytes.into()), facts, Vec::new(), usize::MAX);
            columns.push(BasicDecompressor::new(reader, Vec::new()));
            types.push(&descriptor.primitive_type);
        }
        let first = if self.is_flat { first.min(rows.start) } else { 0 };
        let end = if self.is_flat { end.max(rows.end) } else { group.num_rows() };
        let filter = match picked {
            None => Filter::new_ranged(rows.start - first, rows.end - first),
            Some(picked) => {
                let mut mask = MutableBitmap::from_len_zeroed(end - first);
                picked.iter().for_each(|row| mask.set(row - first, true));
                Filter::new_masked(mask.into())
            }
        };
        let field = self.field.clone();
        let (arrays, _) = column_iter_to_arrays(columns, types, field, Some(filter)).map_err(in_words)?;
        let found: usize = arrays.iter().map(|array| array.len()).sum();
        let wanted = picked.map_or(rows.len(), <[usize]>::len);
        if found != wanted {
            return Err(format!("{found} values for {wanted} rows"));
        }
        let texts = arrays.iter().map(|array| text_bytes(&**array)).sum();
        Ok((Series::try_from((&self.field, arrays)).map_err(in_words)?, texts))
    }
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
