//! Pieces of text, and the rule that says where they are cut.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::broken::{ReadError, ReadErrorKind};
use super::{CHUNK_BYTES, SourceDigest};
use crate::error::{Error, Result};

/// Buffers kept for later chunks.
const POOL: usize = 16;

/// Says where a text may be cut.
pub trait Cutter: Send {
    /// The length of the longest prefix of `text` that ends where a record ends; 0 if there is none. With `last`,
    /// nothing follows `text`. After a 0 it is called again with more of the text, up to [`super::LINE_BYTES`].
    fn cut(&mut self, text: &[u8], last: bool) -> usize;

    /// Whether chunks know the number of their first line. Counting lines takes time on the reading thread.
    fn counts_lines(&self) -> bool {
        true
    }

    /// Whether a line longer than [`super::LINE_BYTES`] is skipped. An empty chunk [marks its
    /// place](Chunk::is_overlong), so that it can be counted as a faulty record. Otherwise such a line is an error
    /// that stops the reading.
    fn skips_overlong(&self) -> bool {
        false
    }

    /// The length of the line at the start of `text`, including its end, if that end is in `text`.
    fn line_length(&self, text: &[u8]) -> Option<usize> {
        memchr::memchr(b'\n', text).map(|at| at + 1)
    }
}

/// Cuts after the last line feed.
#[derive(Debug, Default)]
pub struct LineCutter;

impl Cutter for LineCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        if last { text.len() } else { memchr::memrchr(b'\n', text).map_or(0, |at| at + 1) }
    }

    fn skips_overlong(&self) -> bool {
        true
    }
}

/// A piece of text that ends where a record ends.
#[derive(Debug)]
pub struct Chunk {
    /// 1-based number of its first line in the decompressed text; always 1 if lines are not counted.
    pub(crate) first_line: u64,
    /// Bytes of decompressed text up to the end of this chunk.
    pub(crate) end: u64,
    /// Whether it marks the place of a line that was too long and therefore skipped. It is empty then.
    pub(crate) is_overlong: bool,
    pub(super) buffer: Vec<u8>,
    pub(super) length: usize,
    pub(super) pool: Pool,
}

/// Buffers on their way back to the reading thread. Reusing them saves the page faults of fresh memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    /// A buffer of this length with arbitrary content.
    pub(super) fn buffer(&self, length: usize) -> Vec<u8> {
        let mut buffer = self.0.lock().ok().and_then(|mut pool| pool.pop()).unwrap_or_default();
        buffer.resize(length, 0);
        buffer
    }

    fn take_back(&self, buffer: Vec<u8>) {
        if buffer.capacity() <= 2 * CHUNK_BYTES
            && let Ok(mut pool) = self.0.lock()
            && pool.len() < POOL
        {
            pool.push(buffer);
        }
    }
}

impl Chunk {
    /// A chunk that holds this text and starts at line 1.
    #[cfg(test)]
    pub(crate) fn of(text: &[u8]) -> Self {
        let (buffer, length) = (text.to_vec(), text.len());
        Self { first_line: 1, end: length as u64, is_overlong: false, buffer, length, pool: Pool::default() }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.pool.take_back(std::mem::take(&mut self.buffer));
    }
}

/// A shared view of [`Chunks::proved`].
#[derive(Debug, Clone)]
pub struct Proof(Arc<AtomicU64>);

impl Proof {
    /// The same number as [`Chunks::proved`].
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The chunks of one source, in order.
#[derive(Debug)]
pub struct Chunks {
    path: PathBuf,
    receiver: Option<Receiver<std::result::Result<Chunk, ReadError>>>,
    reader: Option<JoinHandle<SourceDigest>>,
    digest: Option<SourceDigest>,
    proved: Arc<AtomicU64>,
}

impl Iterator for Chunks {
    type Item = std::result::Result<Chunk, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.receiver.as_ref()?.recv() {
            Ok(item) => Some(item),
            Err(_) => self.end().err().map(Err),
        }
    }
}

impl Chunks {
    pub(super) fn new(
        path: PathBuf,
        receiver: Receiver<std::result::Result<Chunk, ReadError>>,
        reader: JoinHandle<SourceDigest>,
        proved: Arc<AtomicU64>,
    ) -> Self {
        Self { path, receiver: Some(receiver), reader: Some(reader), digest: None, proved }
    }

    /// The next chunk, if it is already waiting.
    pub(crate) fn ready(&mut self) -> Option<std::result::Result<Chunk, ReadError>> {
        self.receiver.as_ref()?.try_recv().ok()
    }

    /// The same number for readers that run while this iterator is in use.
    pub fn proof(&self) -> Proof {
        Proof(Arc::clone(&self.proved))
    }

    /// Size and hash of the file, once the last chunk (or an error) was taken.
    pub(crate) fn finish(mut self) -> Result<SourceDigest> {
        let ended = self.end();
        ended.map_err(|error| Error::failure(&self.path, error))?;
        self.digest.take().ok_or_else(|| Error::internal("a reading thread left no digest"))
    }

    /// Stops listening and waits for the reading thread. If that thread panicked, this fails, once.
    fn end(&mut self) -> std::result::Result<(), ReadError> {
        drop(self.receiver.take());
        let Some(reader) = self.reader.take() else { return Ok(()) };
        let broke_off = |_| ReadError::new(ReadErrorKind::Cut, "the reading thread has stopped");
        self.digest = Some(reader.join().map_err(broke_off)?);
        Ok(())
    }
}
