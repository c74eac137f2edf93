//! Text from standard input, in batches of so many rows.
//!
//! A batch is a few pieces of text that end where records end. It has at most as many rows as were asked for, and a
//! chunk of the reader where those are more; a chunk with more rows is cut.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::STANDARD_INPUT;
use crate::error::{Error, Result};
use crate::input::accounts::AccountLayout;
use crate::input::source::{Chunk, Chunks};

/// Text of whole records.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    chunk: Arc<Chunk>,
    range: Range<usize>,
    /// Lines, and so rows at most.
    lines: u64,
}

impl Piece {
    /// The text; `None` stands for a line that was too long to be read.
    pub(super) fn text(&self) -> Option<&[u8]> {
        (!self.chunk.is_overlong).then(|| &self.chunk[self.range.clone()])
    }
}

/// The batches of a text.
pub(super) struct Batches<'l> {
    layout: &'l AccountLayout,
    chunks: Chunks,
    rows: u64,
    /// Bytes before the data that are still to come.
    before: usize,
    waiting: VecDeque<Piece>,
}

impl<'l> Batches<'l> {
    /// Batches of at most so many rows. Data start at this byte.
    pub(super) fn new(chunks: Chunks, layout: &'l AccountLayout, data_start: usize, rows: usize) -> Self {
        Self { layout, chunks, rows: rows as u64, before: data_start, waiting: VecDeque::new() }
    }

    /// The next batch; an empty one at the end.
    pub(super) fn next(&mut self) -> Result<Vec<Piece>> {
        let (mut batch, mut rows) = (Vec::new(), 0);
        loop {
            if self.waiting.is_empty() && !self.read()? {
                return Ok(batch);
            }
            while let Some(piece) = self.waiting.front() {
                if rows > 0 && rows + piece.lines > self.rows {
                    return Ok(batch);
                }
                rows += piece.lines;
                batch.extend(self.waiting.pop_front());
            }
        }
    }

    /// Checks that the reading thread came to the end.
    pub(super) fn finish(self) -> Result<()> {
        self.chunks.finish().map(drop)
    }

    /// Reads a chunk. Returns whether there was one.
    fn read(&mut self) -> Result<bool> {
        let broken = |error| {
            let what = format!("the input cannot be read to its end: {error}");
            Error::failure(STANDARD_INPUT.as_ref(), what).hint("rows are missing; write the input again")
        };
        let Some(chunk) = self.chunks.next() else { return Ok(false) };
        let chunk = Arc::new(chunk.map_err(broken)?);
        let mut start = std::mem::take(&mut self.before).min(chunk.len());
        if chunk.is_overlong {
            self.waiting.push_back(Piece { chunk, range: 0..0, lines: 1 });
            return Ok(true);
        }
        while start < chunk.len() {
            let text = &chunk[start..];
            let all = self.layout.count_lines(text);
            let length =
                if all <= self.rows { text.len() } else { self.layout.front(text, self.rows as usize) };
            let lines = all.min(self.rows);
            self.waiting.push_back(Piece { chunk: Arc::clone(&chunk), range: start..start + length, lines });
            start += length;
        }
        Ok(true)
    }
}
