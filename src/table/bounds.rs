//! The least and the greatest text of a column in each row group, as the footer tells them.
//!
//! Whoever looks for a few names in a sorted table passes over the row groups that cannot hold them. Only `min_value` and
//! `max_value` count, which all writers order by unsigned bytes, also those that do not say so; what older writers left in
//! `min` and `max` has no known order. A bound that was cut short is still a bound.

use polars_parquet_format::{FileMetaData, Type};

use super::read::TableReader;

/// For each row group the bounds of its columns, in the order of the columns.
#[derive(Debug, Default)]
pub(super) struct TextBounds(Vec<Vec<Option<[Vec<u8>; 2]>>>);

impl TextBounds {
    /// The bounds in a footer.
    pub(super) fn of(facts: &FileMetaData) -> Self {
        let bounds = |column: &polars_parquet_format::ColumnChunk| {
            let facts = column.meta_data.as_ref().filter(|facts| facts.type_ == Type::BYTE_ARRAY)?;
            let statistics = facts.statistics.as_ref()?;
            Some([statistics.min_value.clone()?, statistics.max_value.clone()?])
        };
        let groups = facts.row_groups.iter();
        Self(groups.map(|group| group.columns.iter().map(bounds).collect()).collect())
    }

    fn get(&self, group: usize, column: usize) -> Option<&[Vec<u8>; 2]> {
        self.0.get(group)?.get(column)?.as_ref()
    }
}

impl TableReader {
    /// Of each row group its rows, and the bounds of this column if there are any.
    pub(crate) fn groups(&self, name: &str) -> impl Iterator<Item = (usize, Option<&[Vec<u8>; 2]>)> {
        self.metadata.row_groups.iter().enumerate().map(move |(number, group)| {
            let bounds = match group.columns_idxs_under_root_iter(name) {
                Some([leaf]) => self.bounds.get(number, *leaf),
                _ => None,
            };
            (group.num_rows(), bounds)
        })
    }

    /// Passes over the row groups that are not wanted. Returns how many rows these have.
    pub(crate) fn read_only(&mut self, wanted: &[bool]) -> u64 {
        self.skips = wanted.iter().map(|is_wanted| !is_wanted).collect();
        let groups = self.metadata.row_groups.iter().zip(&self.skips);
        groups.filter(|(_, is_skipped)| **is_skipped).map(|(group, _)| group.num_rows() as u64).sum()
    }

    /// Goes to the next row group that is read, if none is open.
    pub(super) fn pass_over(&mut self) {
        while self.row == 0 && self.skips.get(self.group) == Some(&true) {
            self.before += self.metadata.row_groups[self.group].num_rows();
            self.group += 1;
        }
    }
}
