//! Opens and maps the file of a snapshot, the one `unsafe` of the crate.
//!
//! Snapshots are the only files that are mapped. They are written under another name and renamed, never in place, so
//! a map stays whole even if a newer snapshot takes its name. Before a file is mapped, its header is read and checked
//! against the size of the file. Other programs must not cut a snapshot short in place (`cp` over it, `truncate`)
//! while it is in use: the system would end this one with a bus error.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};

use memmap2::{Mmap, MmapOptions};
use xxhash_rust::xxh3::xxh3_64;

use super::super::format::{HEADER, PAGE, SnapshotHeader, Unreadable, VERSION};
use super::SnapshotTable;
use crate::error::{Error, Result};

/// Why a snapshot cannot be opened.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// The system says so.
    System(io::Error),
    /// Its bytes say so.
    Bytes(Unreadable),
}

impl OpenError {
    /// Whether the file is there, and its bytes are not those that were written.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Bytes(Unreadable::NotASnapshot | Unreadable::CutOff | Unreadable::Damaged))
    }

    /// The error for a person.
    pub(crate) fn at(self, path: &Path) -> Error {
        match self {
            Self::System(error) => Error::io(path, "open", &error),
            Self::Bytes(why) => unreadable(path, why),
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<Unreadable> for OpenError {
    fn from(why: Unreadable) -> Self {
        Self::Bytes(why)
    }
}

impl SnapshotTable {
    /// Maps a snapshot. Reads its header, facts and checksums, and nothing else.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::try_open(path).map_err(|error| error.at(path))
    }

    /// As [`SnapshotTable::open`], for callers that treat a damaged file in another way.
    pub(crate) fn try_open(path: &Path) -> std::result::Result<Self, OpenError> {
        Self::try_of(path, &File::open(path)?)
    }

    /// Maps a snapshot that is open already; messages show `path`.
    pub(crate) fn of(path: &Path, file: &File) -> Result<Self> {
        Self::try_of(path, file).map_err(|error| error.at(path))
    }

    fn try_of(path: &Path, file: &File) -> std::result::Result<Self, OpenError> {
        let length = file.metadata()?.len();
        let size = usize::try_from(length).map_err(|_| Unreadable::NotASnapshot)?;
        if size < HEADER {
            return Err(Unreadable::NotASnapshot.into());
        }
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0)?;
        let header = SnapshotHeader::read(&header, length)?;
        let bytes = map(file, size)?;
        if file.metadata()?.len() != length {
            return Err(Unreadable::Damaged.into());
        }
        let pages = (header.checks_at as usize - HEADER).div_ceil(PAGE);
        let checks = &bytes[header.checks_at as usize..][..pages * 8];
        let facts = &bytes[header.facts_at as usize..];
        if xxh3_64(checks) != header.checks_hash || xxh3_64(facts) != header.facts_hash {
            return Err(Unreadable::Damaged.into());
        }
        let checked = (0..pages.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Self { path: path.to_path_buf(), bytes, header, checked, damaged: AtomicBool::new(false) })
    }
}

pub(super) fn unreadable(path: &Path, why: Unreadable) -> Error {
    match why {
        Unreadable::NotASnapshot => Error::failure(path, "expected a snapshot, found something else")
            .hint("build it with `zonelapse snapshot build`"),
        Unreadable::Newer(version) => {
            let what = format!("expected a snapshot of format {VERSION} or before, found format {version}");
            Error::failure(path, what).hint("use the zonelapse that built it, or a newer one")
        }
        Unreadable::CutOff => {
            Error::failure(path, "the snapshot is cut off: its header says that more follows")
                .hint("remove it and build it again; `zonelapse snapshot verify` checks the others")
        }
        Unreadable::Damaged => Error::failure(path, "the snapshot is damaged: a checksum is wrong")
            .hint("remove it and build it again; `zonelapse snapshot verify` checks the others"),
    }
}

/// Maps the first `length` bytes of a snapshot.
#[expect(unsafe_code, reason = "look-ups in a snapshot touch a few pages of a file of gigabytes")]
fn map(file: &File, length: usize) -> io::Result<Mmap> {
    // SAFETY: the map is read-only, and nothing relies on its bytes staying the same: all that is read from it is
    // checked as if it came from a stream. Snapshots are never written in place; if another program cuts one short all
    // the same, the system ends this one, and no answer is given.
    unsafe { MmapOptions::new().len(length).map(file) }
}
