//! Rows sorted by name in bounded memory, each once.
//!
//! Rows gather until they take [`RUN_BYTES`]; then they are sorted and written aside as a run. At the end the runs are
//! merged. A run is a plain file of rows, read once from its start, so many can be merged at the same time: with runs of
//! 256 MB, a billion rows make a few hundred.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::row::ListRow;
use crate::error::{Error, Result};
use crate::files::Temporary;
use crate::merge::{SortedRun, merge};

/// Memory that the rows of a run take, about.
const RUN_BYTES: usize = 256 << 20;
/// Bytes of a run that are read or written at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Rows that are being sorted.
#[derive(Debug)]
pub(crate) struct RowSorter {
    rows: Vec<ListRow>,
    bytes: usize,
    run_bytes: usize,
    scratch: PathBuf,
    directory: Option<Temporary>,
    runs: Vec<PathBuf>,
}

impl RowSorter {
    /// Sorts with runs below `scratch`, if there are any.
    pub(crate) fn new(scratch: &Path) -> Self {
        Self {
            rows: Vec::new(),
            bytes: 0,
            run_bytes: RUN_BYTES,
            scratch: scratch.to_path_buf(),
            directory: None,
            runs: Vec::new(),
        }
    }

    /// Takes a row in.
    pub(crate) fn push(&mut self, row: ListRow) -> Result<()> {
        self.bytes += row.bytes();
        self.rows.push(row);
        if self.bytes >= self.run_bytes { self.flush() } else { Ok(()) }
    }

    /// Hands on the rows in their order, each once.
    pub(crate) fn finish(mut self, take: &mut dyn FnMut(ListRow) -> Result<()>) -> Result<()> {
        if self.runs.is_empty() {
            sort(&mut self.rows);
            self.rows.dedup();
            return self.rows.into_iter().try_for_each(take);
        }
        self.flush()?;
        let runs = self.runs.iter().map(|path| RunOfRows::open(path)).collect::<Result<Vec<_>>>()?;
        let mut before: Option<ListRow> = None;
        merge(runs, |run| {
            let Some(row) = run.row.take() else { return Ok(()) };
            if before.as_ref() == Some(&row) {
                return Ok(());
            }
            match before.replace(row) {
                Some(row) => take(row),
                None => Ok(()),
            }
        })?;
        before.map_or(Ok(()), take)
    }

    fn flush(&mut self) -> Result<()> {
        sort(&mut self.rows);
        let directory = match &self.directory {
            Some(directory) => directory,
            None => self.directory.insert(Temporary::create(&self.scratch)?),
        };
        let path = directory.path().join(format!("{}.rows", self.runs.len()));
        let failed = |error: std::io::Error| Error::io(&path, "write", &error);
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, File::create(&path).map_err(failed)?);
        let mut bytes = Vec::new();
        for row in self.rows.drain(..) {
            bytes.clear();
            row.put(&mut bytes);
            file.write_all(&bytes).map_err(failed)?;
        }
        file.flush().map_err(failed)?;
        self.bytes = 0;
        self.runs.push(path);
        Ok(())
    }
}

fn sort(rows: &mut [ListRow]) {
    rows.par_sort_unstable();
}

/// A run that is being merged.
struct RunOfRows {
    path: PathBuf,
    file: BufReader<File>,
    row: Option<ListRow>,
}

impl RunOfRows {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
        Ok(Self { path: path.to_path_buf(), file: BufReader::with_capacity(BUFFER_BYTES, file), row: None })
    }
}

impl SortedRun for RunOfRows {
    fn advance(&mut self) -> Result<bool> {
        self.row = ListRow::take(&mut self.file).map_err(|error| Error::io(&self.path, "read", &error))?;
        Ok(self.row.is_some())
    }

    fn order(&self, other: &Self) -> Ordering {
        self.row.cmp(&other.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::kind::ListSays;
    use crate::registry::row::RowFacts;
    use crate::time::Moment;

    #[track_caller]
    fn sorts(count: u64, run_bytes: usize) -> usize {
        let mut state = 1_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        let rows: Vec<ListRow> = (0..count)
            .map(|_| ListRow {
                name: format!("n{}.example", below(count / 3 + 1)).into(),
                list: below(2) as u32,
                facts: RowFacts {
                    registered_at: Some(Moment(below(3) as i64)),
                    ..RowFacts::only(ListSays::Registered)
                },
            })
            .collect();
        let mut expected = rows.clone();
        expected.sort();
        expected.dedup();
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut sorter = RowSorter { run_bytes, ..RowSorter::new(directory.path()) };
        rows.into_iter().for_each(|row| sorter.push(row).expect("it takes rows"));
        let runs = sorter.runs.len();
        let mut found = Vec::new();
        let mut take = |row| {
            found.push(row);
            Ok(())
        };
        sorter.finish(&mut take).expect("it gives them back");
        assert!(found == expected, "{count} rows, runs of {run_bytes} bytes");
        assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 0, "runs were left");
        runs
    }

    #[test]
    fn runs_give_what_memory_gives() {
        assert_eq!(sorts(0, 1000), 0);
        assert_eq!(sorts(3000, RUN_BYTES), 0);
        assert!(sorts(3000, 20_000) > 10);
    }
}
