//! What is handed on while files are read.

use crate::error::Result;
use crate::rdap::{Answer, RdapFile};

/// Answers of one file, or of a part of it.
#[derive(Debug)]
pub struct Batch {
    /// Those wanted, in the order of the file.
    pub answers: Vec<Answer>,
    /// What is known of the part; parts of one file come one after the other.
    pub file: RdapFile,
}

/// What comes of reading, in order: the parts of a file, then its end.
#[derive(Debug)]
pub enum Step {
    /// A part of a file.
    Part(Batch),
    /// The file ends here: all that is known of it.
    End(RdapFile),
}

/// Takes what is read.
pub type Take<'a> = &'a mut dyn FnMut(Step) -> Result<()>;

/// Which answers to keep, by their name.
pub type Wanted<'a> = &'a (dyn Fn(&str) -> bool + Sync);
