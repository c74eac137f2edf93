//! The reading thread: bytes of a file → chunks of text, cut where a record ends.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::broken::ReadError;
use super::chunk::{Chunk, Cutter, Pool};
use super::digest::HashedReader;
use super::stream::Bytes;
use super::{CHUNK_BYTES, Compression, LINE_BYTES, Source, SourceDigest, packed};
use crate::progress::Progress;

/// A source's bytes, and the file they come from if it is a regular one.
pub(super) struct Opened {
    pub(super) bytes: Bytes,
    pub(super) file: Option<Arc<File>>,
}

/// Decompressed text.
pub(super) trait Text {
    /// Reads on.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;
    /// Bytes of the text so far that fit their checksum.
    fn proved(&self) -> u64;
}

/// What is not packed has no checksum to wait for.
struct Plain<'a>(&'a mut HashedReader<Bytes>);

impl Text for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Read::read(self.0, buffer)
    }

    fn proved(&self) -> u64 {
        u64::MAX
    }
}

/// Takes chunks, or why there are no more; says whether somebody still wants them.
pub(super) type HandOver<'a> = &'a mut dyn FnMut(Result<Chunk, ReadError>) -> bool;

/// Reads everything, handing over chunks until nobody takes them any more.
pub(super) fn read(
    opened: Opened,
    source: &Source,
    cutter: impl Cutter,
    progress: &Progress,
    proved: &AtomicU64,
    hand_over: HandOver<'_>,
) -> SourceDigest {
    let mut bytes = HashedReader::new(opened.bytes, source.is_hashed, progress).hashed_aside();
    let outcome = match source.compression {
        Compression::Plain => Pump::new(Plain(&mut bytes), cutter, proved, hand_over).run(),
        Compression::Gzip => Pump::new(packed::Members::gzip(&mut bytes), cutter, proved, hand_over).run(),
        Compression::Zstd => Pump::new(packed::Members::zstd(&mut bytes), cutter, proved, hand_over).run(),
    };
    let is_same = match (&source.identity, &opened.file) {
        (Some(identity), Some(file)) if outcome != Ok(Over::Unwanted) => {
            let is_whole = outcome.is_ok();
            identity.check_read(file, if is_whole { bytes.bytes_read() } else { u64::MAX })
        }
        _ => Ok(()),
    };
    let outcome = is_same.and(outcome.map(drop));
    if outcome.as_ref().err().is_none_or(|error| !error.is_corrupt() && !error.is_changed()) {
        proved.store(u64::MAX, Ordering::Release);
    }
    if let Err(error) = outcome {
        hand_over(Err(error));
    }
    bytes.finish()
}

/// How the reading ended, if nothing was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// At the end of the text.
    End,
    /// Nobody wants more.
    Unwanted,
}

struct Pump<'p, T, C> {
    text: T,
    cutter: C,
    proved: &'p AtomicU64,
    hand_over: HandOver<'p>,
    pool: Pool,
    buffer: Vec<u8>,
    filled: usize,
    /// Line and byte of the text with which the buffer begins.
    first_line: u64,
    offset: u64,
    /// Whether and how the text ended.
    ended: Option<Result<(), ReadError>>,
}

impl<'p, T: Text, C: Cutter> Pump<'p, T, C> {
    fn new(text: T, cutter: C, proved: &'p AtomicU64, hand_over: HandOver<'p>) -> Self {
        let buffer = vec![0; CHUNK_BYTES];
        let (pool, first_line) = (Pool::default(), 1);
        Self { text, cutter, proved, hand_over, pool, buffer, filled: 0, first_line, offset: 0, ended: None }
    }

    fn run(mut self) -> Result<Over, ReadError> {
        loop {
            self.fill();
            let proved = self.text.proved();
            self.proved.store(proved, Ordering::Release);
            let (known, last) = match &self.ended {
                // behind what is proved nothing is handed over any more
                Some(Err(error)) if error.is_corrupt() => {
                    let known = usize::try_from(proved.saturating_sub(self.offset)).unwrap_or(usize::MAX);
                    (known.min(self.filled), false)
                }
                ended => (self.filled, matches!(ended, Some(Ok(())))),
            };
            let mut length = self.cutter.cut(&self.buffer[..known], last);
            if length == 0 && last {
                length = known;
            }
            let is_wanted = if length > 0 {
                self.pass(length)
            } else if self.ended.is_none() && self.filled >= LINE_BYTES {
                self.skip_line()?
            } else {
                if self.ended.is_none() {
                    self.buffer.resize((self.filled * 2).clamp(CHUNK_BYTES, LINE_BYTES), 0);
                }
                true
            };
            if !is_wanted {
                return Ok(Over::Unwanted);
            }
            match self.ended.take() {
                Some(Err(error)) => return Err(error),
                Some(Ok(())) if self.filled == 0 => return Ok(Over::End),
                ended => self.ended = ended,
            }
        }
    }

    /// Reads until the buffer is full or the text has ended.
    fn fill(&mut self) {
        while self.ended.is_none() && self.filled < self.buffer.len() {
            match self.text.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.ended = Some(Ok(())),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let given = self.offset + self.filled as u64;
                    self.ended = Some(Err(ReadError::of(&error, given, self.text.proved())));
                }
            }
        }
    }

    /// Hands over the first `length` bytes.
    fn pass(&mut self, length: usize) -> bool {
        let rest = self.filled - length;
        let mut next = self.pool.buffer((rest + CHUNK_BYTES / 2).clamp(CHUNK_BYTES, LINE_BYTES));
        next[..rest].copy_from_slice(&self.buffer[length..self.filled]);
        let buffer = std::mem::replace(&mut self.buffer, next);
        let lines = self.count_lines(&buffer[..length]);
        let (first_line, pool) = (self.first_line, self.pool.clone());
        self.filled = rest;
        self.first_line += lines;
        self.offset += length as u64;
        (self.hand_over)(Ok(Chunk { first_line, end: self.offset, is_overlong: false, buffer, length, pool }))
    }

    /// Passes over a line that is too long; an empty chunk stands for it.
    fn skip_line(&mut self) -> Result<bool, ReadError> {
        let line = self.first_line;
        if !self.cutter.skips_overlong() {
            return Err(ReadError::overlong(self.cutter.counts_lines().then_some(line)));
        }
        loop {
            let text = &self.buffer[..self.filled];
            if let Some(length) = self.cutter.line_length(text) {
                self.first_line += self.count_lines(&text[..length]);
                self.buffer.copy_within(length..self.filled, 0);
                self.filled -= length;
                self.offset += length as u64;
                break;
            }
            self.offset += self.filled as u64;
            self.filled = 0;
            if self.ended.is_some() {
                break;
            }
            self.fill();
        }
        let (end, pool) = (self.offset, self.pool.clone());
        let chunk = Chunk { first_line: line, end, is_overlong: true, buffer: Vec::new(), length: 0, pool };
        Ok((self.hand_over)(Ok(chunk)))
    }

    fn count_lines(&self, text: &[u8]) -> u64 {
        if self.cutter.counts_lines() { memchr::memchr_iter(b'\n', text).count() as u64 } else { 0 }
    }
}
