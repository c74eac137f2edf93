//! Which file it is: so that what was planned by a look at it is not done to another one.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;

use super::broken::{ReadError, ReadErrorKind};

/// What tells a regular file, and its content as far as that can be told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
}

impl Identity {
    /// Of a regular file; others have none.
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        metadata.is_file().then(|| Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }

    /// Checks that an open file is this one, before it is read.
    pub(super) fn check_opened(&self, file: &File) -> Result<(), ReadError> {
        self.check(file, "it was replaced or written to since this run looked at it")
    }

    /// Checks that it still is after `bytes` of it were read.
    pub(super) fn check_read(&self, file: &File, bytes: u64) -> Result<(), ReadError> {
        if bytes < self.size {
            let what = format!("the file became shorter while it was read: {bytes} of {} bytes", self.size);
            return Err(ReadError::new(ReadErrorKind::Changed, what));
        }
        self.check(file, "the file changed while it was read")
    }

    fn check(&self, file: &File, what: &str) -> Result<(), ReadError> {
        match file.metadata().map(|metadata| Self::of(&metadata)) {
            Ok(found) if found == Some(*self) => Ok(()),
            Ok(_) => Err(ReadError::new(ReadErrorKind::Changed, what)),
            Err(error) => Err(ReadError::new(ReadErrorKind::Cut, error)),
        }
    }
}
