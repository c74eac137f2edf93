//! Files that a run writes, and which file is which.
//!
//! * [`output`]: one output file, whole or not there
//! * [`temporary`]: temporary directories, removed with the run whatever ends it

pub(crate) mod output;
pub(crate) mod temporary;

use std::fs::{File, Metadata};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::error::{Error, Result};

pub(crate) use output::{FileStart, OutputFile};
pub(crate) use temporary::Temporary;

/// Which file it is, whatever its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// The file that was looked at.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// Writes a file of a directory that is being made, synced.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| Error::io(path, "write", &error))
}

/// The directory of a path; the working directory of a bare name.
pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
