//! One lock for each target, held only while a report is put there.
//!
//! The lock file `.NAME.zonelapse-lock` is beside the target. Its holder removes it before releasing the lock; a run that
//! waited for it then sees that the file has lost its name, and starts over.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::files::temporary::{Undisturbed, is_at, no_follow, undisturbed};

/// How long to wait for others, who hold the lock for a few renames only.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time between two attempts.
const PAUSE: Duration = Duration::from_millis(5);

/// The right to change a target, until it is dropped. Signals wait until then, or they would leave the file behind.
#[derive(Debug)]
pub(super) struct TargetLock {
    path: PathBuf,
    _file: File,
    /// What keeps signals waiting.
    pub(super) undisturbed: Undisturbed,
}

impl TargetLock {
    /// Waits for the lock, but not forever: its owner may have been stopped.
    pub(super) fn take(target: &Path) -> Result<Self> {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(".zonelapse-lock");
        let path = target.with_file_name(name);
        let failed = |error: std::io::Error| Error::io(&path, "lock", &error);
        let started = Instant::now();
        loop {
            let undisturbed = undisturbed();
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            let file = no_follow(&mut options).open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => return Ok(Self { path, _file: file, undisturbed }),
                // the file system has no locks: we rely on each step being atomic
                Err(TryLockError::Error(_)) => return Ok(Self { path, _file: file, undisturbed }),
                Ok(()) | Err(TryLockError::WouldBlock) => drop(undisturbed),
            }
            if started.elapsed() > PATIENCE {
                return Err(Error::failure(&path, "another run has held this lock for a minute"));
            }
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for TargetLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
