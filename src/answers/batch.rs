//! What is handed on while files are read.

use crate::rdap::{Answer, RdapFile};

/// Answers of one file, or of a part of it.
#[derive(Debug)]
pub struct Batch {
    /// Those wanted, in the order of the file.
    pub answers: Vec<Answer>,
    /// What is known of the part; parts of one file come one after the other.
    pub file: RdapFile,
}

/// Which answers to keep, by their name.
pub type Wanted<'a> = &'a (dyn Fn(&str) -> bool + Sync);
