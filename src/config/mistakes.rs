//! Usage mistakes, collected so that all of them are reported at once.

use crate::error::{Error, Result};

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    first: Option<Error>,
}

impl Mistakes {
    /// The result, if there is one; otherwise its error is added to the mistakes.
    pub(super) fn note<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// Adds mistakes.
    pub(super) fn extend(&mut self, errors: impl IntoIterator<Item = Error>) {
        errors.into_iter().for_each(|error| self.add(error));
    }

    /// Adds a mistake.
    pub(super) fn add(&mut self, error: Error) {
        self.first = Some(match self.first.take() {
            Some(first) => first.and(error),
            None => error,
        });
    }

    /// An error if anything was added.
    pub(super) fn check(self) -> Result<()> {
        self.first.map_or(Ok(()), Err)
    }
}
