//! Batches wait until the checksum behind their text has proved it right.
//!
//! A packed file tells only at the end of a member (of a frame) whether its text is what was packed, and an answer
//! that nobody gave must not be used. A member of more than [`HELD_BYTES`] is not waited for: its file is
//! unpacked once more by itself, and from then on it is known how far it can be used.

use std::collections::VecDeque;

use super::file::AnswerBatch;
use crate::error::{Error, Result};
use crate::input::source::Source;

/// Bytes of text whose answers may wait.
const HELD_BYTES: u64 = 64 << 20;
/// Answers that may wait: the shortest take ten times the memory of their text.
const HELD_ANSWERS: usize = 1 << 18;

pub(super) struct UnprovedBatches<'s> {
    source: &'s Source,
    /// Up to which byte the text was found right by unpacking it once more.
    known: Option<u64>,
    /// Bytes of the text up to the end of what was handed on.
    passed: u64,
    waiting: VecDeque<(u64, AnswerBatch)>,
    /// Answers among what waits.
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
                    "a packed stream of more than {} MiB in one piece cannot be checked before it is used",
                    HELD_BYTES >> 20
                );
                return Err(Error::failure(&self.source.path, what)
                    .hint("save it to a file, which can be unpacked twice, or pass it unpacked"));
            }
            // a file that cannot be unpacked once more is told when the reading of it ends
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
