//! Temporary directories: one a run, marked as ours, locked while its owner lives, removed with it.
//!
//! A directory `.zonelapse-XXXXXX`, or `.NAME.zonelapse-XXXXXX` beside a report `NAME`, holds a file [`MARK`] that its
//! owner keeps locked. The system releases the lock whatever ends the owner, so [`dead`] knows for sure what a killed
//! run left behind. A directory without the mark, or of another user, is never touched. Where a file system has no
//! locks, nothing is swept.
//!
//! What has to be removed when a signal ends the run is in one list, [`LIVING`]. Code that must not be interrupted
//! holds the list: see [`undisturbed`].

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::FileId;
use crate::error::{Error, Result};

/// The file that makes a directory ours.
const MARK: &str = "zonelapse.temporary";
/// What is written in it.
const MARK_TEXT: &str = "temporary files of zonelapse; a later run removes what a killed one left behind\n";
/// What is in all names, before the random letters.
const INFIX: &str = "zonelapse-";
/// Random letters.
const RANDOM: usize = 6;
/// How often to try what other processes or threads may disturb.
const TRIES: usize = 16;

/// Time between two tries.
const PAUSE: Duration = Duration::from_millis(1);

/// Paths that go when the run ends.
static LIVING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A temporary directory, removed with everything in it when it is dropped.
#[derive(Debug)]
pub(crate) struct Temporary {
    path: PathBuf,
    _mark: File,
}

impl Temporary {
    /// Makes one in `parent`, and removes those that killed runs left there.
    pub(crate) fn create(parent: &Path) -> Result<Self> {
        dead(parent).into_iter().filter(|dead| dead.name.is_empty()).for_each(Dead::clear);
        Self::create_named(parent, OsStr::new("")).map_err(|error| Error::io(parent, "write to", &error))
    }

    /// Makes one for the report `name`, and does not remove others.
    pub(crate) fn create_for(parent: &Path, name: &OsStr) -> io::Result<Self> {
        let mut stem = name.to_owned();
        stem.push(".");
        Self::create_named(parent, &stem)
    }

    fn create_named(parent: &Path, stem: &OsStr) -> io::Result<Self> {
        let mut prefix = OsString::from(".");
        prefix.push(stem);
        prefix.push(INFIX);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).rand_bytes(RANDOM);
        // the lock keeps signals away until the directory is registered
        let mut living = living();
        for _ in 0..TRIES {
            let path = builder.tempdir_in(parent)?.keep();
            match make_mark(&path) {
                Ok(Some(mark)) => {
                    living.push(path.clone());
                    return Ok(Self { path, _mark: mark });
                }
                Ok(None) => {}
                Err(error) => {
                    // without its mark nobody would sweep it
                    let _ = fs::remove_dir_all(&path);
                    return Err(error);
                }
            }
        }
        Err(io::Error::other("temporary directories disappear as they are made"))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let mut living = living();
        if let Some(at) = living.iter().position(|path| *path == self.path) {
            clear(&self.path);
            living.swap_remove(at);
        }
    }
}

/// Makes the mark and takes its lock; `None` if a sweep was faster and took the directory for an empty one.
fn make_mark(directory: &Path) -> io::Result<Option<File>> {
    let path = directory.join(MARK);
    let mut mark = match File::options().write(true).create_new(true).open(&path) {
        Ok(mark) => mark,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match mark.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        // a file system without locks: a sweep gets none either, and leaves the directory alone
        Err(TryLockError::Error(_)) => {}
        Ok(()) if !is_at(&mark, &path) => return Ok(None),
        Ok(()) => {}
    }
    io::Write::write_all(&mut mark, MARK_TEXT.as_bytes())?;
    Ok(Some(mark))
}

/// A directory that is removed with this, or if a signal ends the run.
#[derive(Debug)]
pub(crate) struct Registered {
    path: PathBuf,
}

impl Registered {
    /// Makes a directory in `parent`, its name the prefix and random letters.
    pub(crate) fn directory(parent: &Path, prefix: &str) -> io::Result<Self> {
        // the lock keeps signals away until the directory is registered
        let mut living = living();
        let path = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?.keep();
        living.push(path.clone());
        Ok(Self { path })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        // what cannot be removed now is swept by a later run
        let _ = fs::remove_dir_all(&self.path);
        living().retain(|path| *path != self.path);
    }
}

/// A signal waits while this is held.
#[derive(Debug)]
pub(crate) struct Undisturbed(MutexGuard<'static, Vec<PathBuf>>);

/// Makes signals wait for a short time. No temporary directory may be made or dropped meanwhile.
pub(crate) fn undisturbed() -> Undisturbed {
    Undisturbed(living())
}

impl Undisturbed {
    /// Leaves a directory where it is. The next run will take care of it.
    pub(crate) fn leave(&mut self, temporary: &Temporary) {
        self.0.retain(|path| path != temporary.path());
    }
}

/// Removes everything that is registered, and says whether nothing is left. The run must end before the returned value
/// is dropped.
///
/// Threads that still work may create a directory again, so this looks more than once.
pub(crate) fn remove_all() -> (Undisturbed, bool) {
    let living = living();
    for _ in 0..TRIES {
        for path in living.iter() {
            clear(path);
        }
        std::thread::sleep(PAUSE);
        if living.iter().all(|path| fs::symlink_metadata(path).is_err()) {
            break;
        }
    }
    let are_gone = living.iter().all(|path| fs::symlink_metadata(path).is_err());
    (Undisturbed(living), are_gone)
}

fn living() -> MutexGuard<'static, Vec<PathBuf>> {
    LIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary directory whose owner is dead. The holder of this value has claimed it.
#[derive(Debug)]
pub(crate) struct Dead {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The report beside which it was made; empty if none.
    pub(crate) name: String,
    _mark: File,
}

impl Dead {
    /// Removes it.
    pub(crate) fn clear(self) {
        clear(&self.path);
    }

    fn claim(path: PathBuf) -> Option<Self> {
        let name = report_name(path.file_name()?)?;
        let metadata = fs::symlink_metadata(&path).ok()?;
        if !metadata.is_dir() || !is_of_this_user(&metadata) {
            return None;
        }
        let mark = match open_plainly(&path.join(MARK)) {
            Ok(mark) => mark,
            Err(error) => {
                if error.kind() == ErrorKind::NotFound {
                    // its owner was killed before it had made the mark: only an empty one goes
                    let _ = fs::remove_dir(&path);
                }
                return None;
            }
        };
        let is_ours = mark.metadata().is_ok_and(|metadata| metadata.is_file());
        (is_ours && mark.try_lock().is_ok() && is_at(&mark, &path.join(MARK))).then_some(Self {
            path,
            name,
            _mark: mark,
        })
    }
}

/// The temporary directories in `parent` whose owners are dead. Errors are ignored: a run does not depend on this.
pub(crate) fn dead(parent: &Path) -> Vec<Dead> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    entries.flatten().filter_map(|entry| Dead::claim(entry.path())).collect()
}

/// The report that a directory of this name was made for, if the name is one of ours.
fn report_name(directory: &OsStr) -> Option<String> {
    let name = directory.to_str()?.strip_prefix('.')?;
    let (rest, random) = name.split_at_checked(name.len().checked_sub(RANDOM)?)?;
    let stem = rest.strip_suffix(INFIX)?;
    let is_random = random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match stem.strip_suffix('.') {
        Some(report) if is_random && !report.is_empty() => Some(report.to_owned()),
        None if is_random && stem.is_empty() => Some(String::new()),
        _ => None,
    }
}

/// Removes a temporary directory, the mark last: if this is interrupted, a sweep still finds it.
fn clear(directory: &Path) {
    for _ in 0..TRIES {
        let Ok(entries) = fs::read_dir(directory) else { return };
        let others = entries.flatten().filter(|entry| entry.file_name() != MARK);
        let stays = |entry: &fs::DirEntry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => fs::remove_dir_all(entry.path()).is_err(),
            _ => fs::remove_file(entry.path()).is_err(),
        };
        // threads that still work may get in the way
        if others.filter(stays).count() == 0 {
            let _ = fs::remove_file(directory.join(MARK));
            if fs::remove_dir(directory).is_ok() {
                return;
            }
        }
    }
}

/// Opens a file for reading and writing; not what a link leads to.
fn open_plainly(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true);
    no_follow(&mut options).open(path)
}

/// The options, so that links are not followed, and devices and pipes not waited for.
pub(crate) fn no_follow(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed())
}

/// Whether an open file still has this name.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let found = fs::symlink_metadata(path);
    matches!((file.metadata(), found), (Ok(one), Ok(other)) if FileId::of(&one) == FileId::of(&other))
}

fn is_of_this_user(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_whose_they_are() {
        for (name, report) in [
            (".zonelapse-aB3xyZ", Some("")),
            (".report.zonelapse-aB3xyZ", Some("report")),
            (".2026-06-01.zonelapse-abcdef", Some("2026-06-01")),
            (".zonelapse-short", None),
            (".zonelapse-toolong", None),
            (".report.zonelapse-lock", None),
            (".reportzonelapse-abcdef", None),
            ("..zonelapse-abcdef", None),
            ("zonelapse-abcdef", None),
            (".zonelapse-abc/ef", None),
            ("", None),
        ] {
            assert_eq!(report_name(OsStr::new(name)).as_deref(), report, "{name}");
        }
    }

    #[test]
    fn only_what_is_dead_and_ours_is_swept() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let parent = directory.path();
        let living = Temporary::create(parent).expect("it can be made");
        let unmarked = parent.join(".zonelapse-abcdef");
        fs::create_dir_all(unmarked.join("mine")).expect("a directory");
        let empty = parent.join(".zonelapse-000000");
        fs::create_dir(&empty).expect("a directory");
        let killed = parent.join(".zonelapse-111111");
        fs::create_dir_all(killed.join("com")).expect("a directory");
        fs::write(killed.join(MARK), MARK_TEXT).expect("a file");
        fs::write(killed.join("com/part"), "rows").expect("a file");
        let elsewhere = parent.join("elsewhere");
        fs::create_dir(&elsewhere).expect("a directory");
        fs::write(elsewhere.join("mine"), "keep").expect("a file");
        std::os::unix::fs::symlink(&elsewhere, killed.join("link")).expect("a link");
        let next = Temporary::create(parent).expect("it can be made");
        assert!(living.path().join(MARK).exists() && next.path().join(MARK).exists());
        assert!(unmarked.join("mine").exists(), "it has no mark");
        assert!(!empty.exists() && !killed.exists(), "leftovers");
        assert!(elsewhere.join("mine").exists(), "behind a link");
        let paths = [living.path().to_path_buf(), next.path().to_path_buf()];
        drop((living, next));
        assert!(paths.iter().all(|path| !path.exists()), "they go with their owners");
    }

    #[test]
    fn many_at_once_do_not_take_each_other_away() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let temporary = Temporary::create(directory.path()).expect("it can be made");
                        fs::write(temporary.path().join("file"), "bytes").expect("it is there");
                        std::thread::yield_now();
                        assert!(temporary.path().join("file").exists(), "somebody took it away");
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 0);
    }
}
