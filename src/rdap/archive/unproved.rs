//! Batches that wait until a checksum proves that their text is right.
//!
//! A packed file has a checksum at the end of each member (or frame). Only there is it known that the text before it
//! is what was packed, and an answer that nobody gave must not be used. A member of more than [`HELD_BYTES`] is not
//! waited for. Its file is unpacked once more, only to learn how far it can be used.

use std::collections::VecDeque;

use super::file::AnswerBatch;
use crate::error::{Error, Result};
use crate::input::source::Source;

/// Bytes of text whose answers may wait.
const HELD_BYTES: u64 = 64 << 20;
/// Answers that may wait. The shortest take ten times the memory of their text.
const HELD_ANSWERS: usize = 1 << 18;

pub(super) struct UnprovedBatches<'s> {
    source: &'s Source,
    /// How many bytes of text are known to be right, once the file was unpacked for this purpose.
    known: Option<u64>,
    /// Bytes of text up to the end of the last batch handed on.
    passed: u64,
    waiting: VecDeque<(u64, AnswerBatch)>,
    /// Answers in the waiting batches.
    answers: usize,
}

impl<'s> UnprovedBatches<'s> {
    pub(super) fn of(source: &'s Source) -> Self {
        Self { source, known: None, passed: 0, waiting: VecDeque::new(), answers: 0 }
    }

    /// Takes the batch of a chunk that ends at byte `end`, and hands on what is proved.
    pub(super) fn push(
        &mut self,
        end: u64,
        batch: AnswerBatch,
        proved: u64,
        take: &mut dyn FnMut(AnswerBatch) -> Result<()>,
    ) -> Result<()> {
        self.answers += batch.answers.len();
        self.waiting.push_back((end, batch));
        let is_much = end - self.passed > HELD_BYTES || self.answers > HELD_ANSWERS;
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
    pub(super) fn finish(
        &mut self,
        proved: u64,
        take: &mut dyn FnMut(AnswerBatch) -> Result<()>,
    ) -> Result<()> {
        let proved = proved.max(self.known.unwrap_or_default());
        while let Some((end, batch)) = self.waiting.pop_front_if(|(end, _)| *end <= proved) {
            self.passed = end;
            self.answers -= batch.answers.len();
            take(batch)?;
        }
        Ok(())
    }
}
