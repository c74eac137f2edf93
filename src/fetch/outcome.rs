//! The results of a fetch, by server.

use std::time::Duration;

use crate::rdap::{Answer, RdapOutcome};

/// What one host was asked, and what it answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct HostStats {
    /// The host, with its port if that is not the standard one.
    pub(crate) host: String,
    /// Whether nobody has confirmed that it is the registry's server.
    pub(crate) is_lead: bool,
    /// Questions that were planned.
    pub(crate) planned: usize,
    /// Answers: found.
    pub(crate) found: u64,
    /// Answers: not found.
    pub(crate) not_found: u64,
    /// Questions without an answer.
    pub(crate) errors: u64,
    /// How often the server asked us to wait.
    pub(crate) busy: u64,
    /// Questions that were repeated because no answer came.
    pub(crate) repeated: u64,
    /// Found answers that the types of the `rdap_client` crate reject, so they do not follow RFC 9083.
    pub(crate) unusual: u64,
    /// Questions that were not asked, because the host was given up or the run was stopped.
    pub(crate) left: usize,
    /// Why the host was given up.
    pub(crate) given_up: Option<String>,
    /// The first error.
    pub(crate) sample: Option<String>,
    /// Time from the first question to the last answer.
    pub(crate) took: Duration,
}

impl HostStats {
    /// Counts the answer to a question.
    pub(super) fn count(&mut self, answer: &Answer) {
        match answer.outcome {
            RdapOutcome::Found => self.found += 1,
            RdapOutcome::NotFound => self.not_found += 1,
            RdapOutcome::Error => self.errors += 1,
        }
    }

    /// Questions that have a result.
    pub(crate) fn done(&self) -> u64 {
        self.found + self.not_found + self.errors
    }
}

/// The result of a fetch.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// Every host that was to be asked, in the order of the plan; registrars come last.
    pub(crate) stats: Vec<HostStats>,
    /// Bytes of a torn last line that were removed before the run.
    pub(crate) mended: u64,
    /// Whether the user stopped it.
    pub(crate) interrupted: bool,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Fetched {
    /// Whether every planned question has an answer. Servers that are only leads need not answer.
    pub(crate) fn is_complete(&self) -> bool {
        self.stats.iter().all(|stats| stats.is_lead || (stats.errors == 0 && stats.left == 0))
    }
}
