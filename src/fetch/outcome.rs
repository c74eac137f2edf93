//! What came of a fetch, by server.

use std::time::Duration;

use crate::rdap::{Answer, RdapOutcome};

/// What one host was asked, and what it said.
#[derive(Debug, Clone, Default)]
pub struct Served {
    /// The host, with its port if that is not the standard one.
    pub host: String,
    /// Questions that were to be asked.
    pub planned: usize,
    /// Answers: found.
    pub found: u64,
    /// Answers: not found.
    pub not_found: u64,
    /// Questions that ended without an answer.
    pub errors: u64,
    /// Times the server asked us to wait.
    pub busy: u64,
    /// Questions repeated because no answer came.
    pub repeated: u64,
    /// Found answers that the types of the `rdap_client` crate do not take: not as RFC 9083 has them.
    pub unusual: u64,
    /// Questions not asked: the host was given up, or the run was stopped.
    pub left: usize,
    /// Why no more was asked.
    pub given_up: Option<String>,
    /// The first error, for a person.
    pub sample: Option<String>,
    /// Time from the first question to the last answer.
    pub took: Duration,
}

impl Served {
    /// Counts what a question ended with.
    pub(super) fn count(&mut self, answer: &Answer) {
        match answer.outcome {
            RdapOutcome::Found => self.found += 1,
            RdapOutcome::NotFound => self.not_found += 1,
            RdapOutcome::Error => self.errors += 1,
        }
    }

    /// Questions that are done with.
    pub fn done(&self) -> u64 {
        self.found + self.not_found + self.errors
    }
}

/// What came of a fetch.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Every host that was to be asked, in the order of the plan; registrars last.
    pub served: Vec<Served>,
    /// Bytes of a torn last line that were taken away before.
    pub mended: u64,
    /// Whether someone stopped it.
    pub interrupted: bool,
    /// How long it took.
    pub took: Duration,
}

impl Fetched {
    /// Whether every question that was to be asked has an answer.
    pub fn is_complete(&self) -> bool {
        self.served.iter().all(|served| served.errors == 0 && served.left == 0)
    }
}
