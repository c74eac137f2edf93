//! Batches that wait until a checksum proves that their text is right.
//!
//! A packed file has a checksum at the end of each member (or frame). Only there is it known that the text before it
//! is what was packed, and a record that nobody wrote must not be used. A member of more than [`HELD_BYTES`] is not
//! waited for. Its file is unpacked once more, only to learn how far it can be used.

use std::collections::VecDeque;

use super::source::Source;
use crate::error::{Error, Result};

/// Bytes of text whose records may wait.
const HELD_BYTES: u64 = 64 << 20;
/// Records that may wait. The shortest RDAP answers take ten times the memory of their text.
const HELD_RECORDS: usize = 1 << 18;

/// Batches of one file, in its order.
pub(crate) struct UnprovedBatches<'s, B> {
    source: &'s Source,
    /// How many bytes of text are known to be right, once the file was unpacked for this purpose.
    known: Option<u64>,
    /// Bytes of text up to the end of the last batch handed on.
    passed: u64,
    /// Each with the place of its end, and the number of its records.
    waiting: VecDeque<(u64, B, usize)>,
    /// Records in the waiting batches.
    records: usize,
}

impl<'s, B> UnprovedBatches<'s, B> {
    pub(crate) fn of(source: &'s Source) -> Self {
        Self { source, known: None, passed: 0, waiting: VecDeque::new(), records: 0 }
    }

    /// Takes a batch with the number of its records, of a chunk that ends at byte `end`, and hands on what is proved.
    pub(crate) fn push(
        &mut self,
        end: u64,
        (batch, records): (B, usize),
        proved: u64,
        take: &mut dyn FnMut(B) -> Result<()>,
    ) -> Result<()> {
        self.records += records;
        self.waiting.push_back((end, batch, records));
        let is_much = end - self.passed > HELD_BYTES || self.records > HELD_RECORDS;
        if proved < end && self.known.is_none() && is_much {
            if self.source.is_stream() {
                let what = format!(
                    "a packed stream with more than {} MiB in one piece cannot be checked before it is used",
                    HELD_BYTES >> 20
                );
                return Err(
                    Error::failure(&self.source.path, what).hint("save it to a file, or pass it unpacked")
                );
            }
            // if it cannot be unpacked once more, that is reported when its reading ends
            self.known = Some(self.source.proved_bytes().unwrap_or(0));
        }
        self.finish(proved, take)
    }

    /// Hands on what is proved.
    pub(crate) fn finish(&mut self, proved: u64, take: &mut dyn FnMut(B) -> Result<()>) -> Result<()> {
        let proved = proved.max(self.known.unwrap_or_default());
        while let Some((end, batch, records)) = self.waiting.pop_front_if(|(end, ..)| *end <= proved) {
            self.passed = end;
            self.records -= records;
            take(batch)?;
        }
        Ok(())
    }
}
