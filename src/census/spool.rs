//! The rows of a run in a temporary file, in frames of [`FRAME_ROWS`] rows, or fewer if their texts are long.
//!
//! A frame later becomes a row group of Parquet. Where frames are cut depends on the rows alone, so the report
//! is the same however the input was read. The file has no name, so nothing is left when the run ends. Memory for rows
//! and bytes is used again and again: fresh pages would cost more than the copying.

use std::fs::File;
use std::io::Write;
use std::marker::PhantomData;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

use super::rows::{Rejected, Rows, Texts};

/// Rows of a frame.
pub(crate) const FRAME_ROWS: usize = 1 << 17;
/// Octets of texts at which a frame is whole before it has all its rows: a value may have megabytes.
const FRAME_OCTETS: usize = 32 << 20;

/// Rows that can be spooled.
pub(crate) trait Spooled: Default {
    /// How many rows.
    fn count(&self) -> usize;
    /// The columns of texts.
    fn texts(&self) -> Vec<&Texts>;
    /// Appends all rows of `other`, which is empty afterwards.
    fn take_all(&mut self, other: &mut Self);
    /// Moves the first rows to the end of `out`, as bytes.
    fn encode_front(&mut self, count: usize, out: &mut Vec<u8>);
    /// The rows from these bytes.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

macro_rules! spooled {
    ($($kind:ty),+) => {$(
        impl Spooled for $kind {
            fn count(&self) -> usize {
                self.len()
            }
            fn texts(&self) -> Vec<&Texts> {
                self.texts()
            }
            fn take_all(&mut self, other: &mut Self) {
                self.append(other);
            }
            fn encode_front(&mut self, count: usize, out: &mut Vec<u8>) {
                self.write_front(count, out);
                self.remove_front(count);
            }
            fn decode(bytes: &[u8]) -> Option<Self> {
                Self::from_bytes(bytes)
            }
        }
    )+};
}

spooled!(Rows, Rejected);

/// A spool that is being written.
#[derive(Debug)]
pub(crate) struct Spool<T> {
    file: File,
    directory: PathBuf,
    open: T,
    /// The bytes of the last frame; their memory is used again.
    bytes: Vec<u8>,
    frames: Vec<std::ops::Range<usize>>,
    end: usize,
    rows: u64,
}

/// A spool that is complete.
#[derive(Debug)]
pub(crate) struct SpoolReader<T> {
    file: File,
    directory: PathBuf,
    frames: Vec<std::ops::Range<usize>>,
    rows: u64,
    /// Memory for the bytes of frames, used again.
    buffers: Mutex<Vec<Vec<u8>>>,
    kind: PhantomData<fn() -> T>,
}

impl<T: Spooled> Spool<T> {
    /// An empty spool in this directory.
    pub(crate) fn create(directory: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(directory)
            .map_err(|error| Error::io(directory, "create a temporary file in", &error))?;
        let directory = directory.to_path_buf();
        Ok(Self {
            file,
            directory,
            open: T::default(),
            bytes: Vec::new(),
            frames: Vec::new(),
            end: 0,
            rows: 0,
        })
    }

    /// Appends rows; `rows` is empty afterwards.
    pub(crate) fn append(&mut self, rows: &mut T) -> Result<()> {
        self.rows += rows.count() as u64;
        self.open.take_all(rows);
        while let Some(count) = whole_frame(&self.open) {
            self.write(count)?;
        }
        Ok(())
    }

    /// Writes the first rows as a frame.
    fn write(&mut self, count: usize) -> Result<()> {
        self.bytes.clear();
        self.open.encode_front(count, &mut self.bytes);
        let written = self.file.write_all(&self.bytes);
        written.map_err(|error| Error::io(&self.directory, "write a temporary file in", &error))?;
        self.frames.push(self.end..self.end + self.bytes.len());
        self.end += self.bytes.len();
        Ok(())
    }

    /// Writes what is left, and opens the spool for reading.
    pub(crate) fn finish(mut self) -> Result<SpoolReader<T>> {
        if self.open.count() > 0 {
            self.write(self.open.count())?;
        }
        let Self { file, directory, frames, rows, .. } = self;
        Ok(SpoolReader { file, directory, frames, rows, buffers: Mutex::default(), kind: PhantomData })
    }
}

/// How many rows the first frame of these has; `None` if it is not whole yet.
fn whole_frame(rows: &impl Spooled) -> Option<usize> {
    let texts = rows.texts();
    if texts.iter().map(|texts| texts.octets()).sum::<usize>() >= FRAME_OCTETS {
        let mut octets = 0;
        for row in 0..rows.count().min(FRAME_ROWS) {
            octets += texts.iter().map(|texts| texts.octets_of(row)).sum::<usize>();
            if octets >= FRAME_OCTETS {
                return Some(row + 1);
            }
        }
    }
    (rows.count() >= FRAME_ROWS).then_some(FRAME_ROWS)
}

impl<T: Spooled> SpoolReader<T> {
    /// How many frames.
    pub(crate) fn frames(&self) -> usize {
        self.frames.len()
    }

    /// How many rows in all.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes of all frames.
    pub(crate) fn bytes(&self) -> u64 {
        self.frames.last().map_or(0, |last| last.end as u64)
    }

    /// Bytes of a frame.
    pub(crate) fn frame_bytes(&self, number: usize) -> u64 {
        self.frames.get(number).map_or(0, |range| range.len() as u64)
    }

    /// A frame; every one but the last is whole. It takes memory only while it is used.
    pub(crate) fn frame(&self, number: usize) -> Result<T> {
        let lost = || Error::internal("a spooled frame cannot be read back");
        let range = self.frames.get(number).ok_or_else(lost)?;
        let buffers = || self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = buffers().pop().unwrap_or_default();
        bytes.resize(range.len(), 0);
        self.file
            .read_exact_at(&mut bytes, range.start as u64)
            .map_err(|error| Error::io(&self.directory, "read a temporary file in", &error))?;
        let frame = T::decode(&bytes).ok_or_else(lost);
        buffers().push(bytes);
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Rejection;

    #[test]
    fn rows_come_back_in_order_and_in_whole_frames() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut spool = Spool::create(directory.path()).expect("a spool");
        let total = 2 * FRAME_ROWS + 5;
        let mut row = 0;
        while row < total {
            let mut batch = Rejected::default();
            for _ in 0..7777.min(total - row) {
                row += 1;
                let id = (row % 3 > 0).then(|| row.to_string());
                batch.push(1, row as u64, id.as_deref(), Rejection::Empty);
            }
            spool.append(&mut batch).expect("the spool can be written");
        }
        let spool = spool.finish().expect("the spool can be read");
        assert_eq!((spool.frames(), spool.rows()), (3, total as u64));
        let mut expected = 0;
        for number in 0..3 {
            let frame = spool.frame(number).expect("a frame");
            assert_eq!(frame.len(), if number < 2 { FRAME_ROWS } else { 5 });
            for (row, id) in frame.row.iter().zip(frame.id.iter()) {
                expected += 1;
                assert_eq!(*row, expected);
                assert_eq!(id.is_some(), expected % 3 > 0);
            }
        }
    }

    #[test]
    fn long_texts_make_small_frames_however_they_come() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let long = "x".repeat(FRAME_OCTETS / 4 + 1);
        let cut = |batch: usize| -> Vec<usize> {
            let mut spool = Spool::create(directory.path()).expect("a spool");
            for start in (0..10).step_by(batch) {
                let mut rows = Rejected::default();
                for row in start..(start + batch).min(10) {
                    rows.push(1, row as u64, Some(&long), Rejection::Empty);
                }
                spool.append(&mut rows).expect("the spool can be written");
            }
            let spool = spool.finish().expect("the spool can be read");
            (0..spool.frames()).map(|number| spool.frame(number).expect("a frame").len()).collect()
        };
        for batch in [1, 3, 10] {
            assert_eq!(cut(batch), [4, 4, 2]);
        }
    }
}
