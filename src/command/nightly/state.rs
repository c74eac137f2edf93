//! The state directory: its places, the lock of the night, and the link to the newest report.
//!
//! ```text
//! STATE/snapshots/            the store
//! STATE/answers.parquet       RDAP answers
//! STATE/registry.parquet      lists of registries
//! STATE/reports/2026-11-25/   a report a day
//! STATE/latest                a link to the newest report
//! STATE/metrics.prom          the last night in numbers
//! STATE/taken                 which files were taken already
//! STATE/lock                  held while a night runs
//! ```
//!
//! The lock is the system's, on the file `lock`: it goes with the process that holds it, whatever ends it. The text in
//! the file only tells who holds it, and means nothing once the lock is free.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::temporary::{self, Temporary, no_follow};
use crate::time::{BareDate, Moment};

/// The link to the newest report.
const LATEST: &str = "latest";
/// The directory of reports.
const REPORTS: &str = "reports";
/// Bytes of the lock that tell its holder.
const HOLDER_BYTES: u64 = 200;

/// A state directory that this process has locked.
#[derive(Debug)]
pub(super) struct NightState {
    root: PathBuf,
    _lock: File,
}

impl NightState {
    /// Makes the directory if there is none, takes the lock, and removes what killed nights left.
    pub(super) fn open(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).map_err(|error| Error::io(root, "create", &error))?;
        let lock = lock(&root.join("lock"))?;
        temporary::dead(root).into_iter().for_each(temporary::Dead::clear);
        Ok(Self { root: root.to_path_buf(), _lock: lock })
    }

    /// The directory.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The store of snapshots.
    pub(super) fn store(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    /// The table of RDAP answers.
    pub(super) fn answers(&self) -> PathBuf {
        self.root.join("answers.parquet")
    }

    /// The table of lists.
    pub(super) fn lists(&self) -> PathBuf {
        self.root.join("registry.parquet")
    }

    /// The directory of reports.
    pub(super) fn reports(&self) -> PathBuf {
        self.root.join(REPORTS)
    }

    /// The link to the newest report.
    pub(super) fn latest(&self) -> PathBuf {
        self.root.join(LATEST)
    }

    /// What was taken already.
    pub(super) fn taken(&self) -> PathBuf {
        self.root.join("taken")
    }

    /// Lets `latest` lead to a report, in one step.
    pub(super) fn point_latest(&self, report: &str) -> Result<()> {
        let latest = self.latest();
        if fs::symlink_metadata(&latest).is_ok_and(|found| !found.is_symlink()) {
            return Err(Error::failure(
                &latest,
                "expected a link to the newest report, found something else",
            )
            .hint("move it away; the next night makes the link"));
        }
        let temporary = Temporary::create(&self.root)?;
        let link = temporary.path().join(LATEST);
        let make = || {
            // it still leads there if the directory is moved as a whole
            std::os::unix::fs::symlink(Path::new(REPORTS).join(report), &link)?;
            fs::rename(&link, &latest)?;
            File::open(&self.root)?.sync_all()
        };
        make().map_err(|error| Error::io(&latest, "write", &error))
    }
}

/// Takes the lock, or tells who has it.
fn lock(path: &Path) -> Result<File> {
    let failed = |error: std::io::Error| Error::io(path, "lock", &error);
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = no_follow(&mut options).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = holder(&mut file).unwrap_or_else(|| "another process".to_owned());
            return Err(Error::failure(path, format!("a night is running already: {holder}"))
                .hint("wait for its end, or stop it; a lock whose process has ended holds nobody up"));
        }
        Err(TryLockError::Error(error)) => {
            return Err(failed(error).hint("keep the state directory on a file system that has locks"));
        }
    }
    let holder = format!("process {}, since {}\n", std::process::id(), Moment::now().whole_second());
    let write = |file: &mut File| {
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(holder.as_bytes())
    };
    write(&mut file).map_err(failed)?;
    Ok(file)
}

/// Who holds the lock, as far as the file tells: it may be read while it is written.
fn holder(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.take(HOLDER_BYTES).read_to_string(&mut text).ok()?;
    let (process, since) = text.strip_prefix("process ")?.trim_end().split_once(", since ")?;
    let process: u32 = process.parse().ok()?;
    let since = Moment::parse(since, BareDate::Start)?;
    Some(format!("process {process}, since {since}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_night_at_a_time() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path().join("new/state");
        let state = NightState::open(&root).expect("a new directory");
        let error = NightState::open(&root).expect_err("it is locked");
        assert!(error.what.contains(&format!("process {}, since 20", std::process::id())), "{error}");
        drop(state);
        // what a holder wrote who was killed while he wrote
        for text in ["", "process", "process 1, since", "process x, since 2026-06-01", "\u{1b}[2J"] {
            fs::write(root.join("lock"), text).expect("a small file");
            let state = NightState::open(&root).expect("nobody holds it");
            fs::write(root.join("lock"), text).expect("a small file");
            let error = NightState::open(&root).expect_err("it is locked");
            assert!(error.what.ends_with("already: another process"), "{error}");
            drop(state);
        }
    }

    #[test]
    fn the_link_is_replaced_and_nothing_else() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let state = NightState::open(directory.path()).expect("a directory");
        for report in ["2026-06-01", "2026-06-02"] {
            state.point_latest(report).expect("a link");
            assert_eq!(fs::read_link(state.latest()).expect("a link"), Path::new("reports").join(report));
        }
        fs::remove_file(state.latest()).expect("a link");
        fs::create_dir(state.latest()).expect("a directory");
        assert!(state.point_latest("2026-06-03").is_err_and(|error| error.hint.is_some()));
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 2, "lock and latest");
    }
}
