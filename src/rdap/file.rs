//! What is known of a file of RDAP answers once it was read.

use std::path::PathBuf;

/// Faulty answers kept as samples of a file.
const SAMPLES: usize = 5;

/// What is known of an RDAP file that was read.
#[derive(Debug, Clone, Default)]
pub struct RdapFile {
    /// The file as the user named it.
    pub path: PathBuf,
    /// Bytes on disk.
    pub bytes: u64,
    /// SHA-256 of these bytes.
    pub sha256: String,
    /// Answers read, whether their name was wanted or not.
    pub answers: u64,
    /// Answers that could not be read.
    pub faults: u64,
    /// The first of them, for a person.
    pub samples: Vec<String>,
    /// Why reading stopped before the end, if it did.
    pub broken: Option<String>,
}

impl RdapFile {
    /// Counts an answer that could not be read.
    pub fn fault(&mut self, sample: impl FnOnce() -> String) {
        self.faults += 1;
        if self.samples.len() < SAMPLES {
            self.samples.push(sample());
        }
    }

    /// Adds what is known of a further part of the file.
    pub fn add(&mut self, part: Self) {
        self.bytes += part.bytes;
        self.answers += part.answers;
        self.faults += part.faults;
        let room = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(part.samples.into_iter().take(room));
        if !part.sha256.is_empty() {
            self.sha256 = part.sha256;
        }
        self.broken = self.broken.take().or(part.broken);
    }
}
