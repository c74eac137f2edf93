//! Puts one directory in the place of another, in a single step where the system can do that.
//!
//! Linux exchanges two names with `renameat2` and `RENAME_EXCHANGE` (since 3.15; on ext4, XFS, Btrfs, tmpfs, and on
//! overlayfs except for lower layers), macOS with `renamex_np`. Other systems, and file systems such as NFS, SMB and
//! FAT, answer EINVAL, ENOSYS or ENOTSUP. There we rename twice, and for a moment nothing is in the place.
//! A run that is killed at that moment leaves the old directory set aside, and the next run puts it back.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The name of the old directory, inside the temporary one, between two renames.
pub(super) const ASIDE: &str = "old";

/// What became of an exchange.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Exchanged {
    /// The new one is in its place. The old one, if there was one, is now here.
    Put(Option<PathBuf>),
    /// Something appeared or vanished meanwhile, and nothing was done.
    Changed,
}

/// Puts `new` in the place of `target`, which moves to the place of `new` or to `aside`.
pub(super) fn exchange(new: &Path, target: &Path, aside: &Path) -> io::Result<Exchanged> {
    exchange_by(swap, new, target, aside)
}

pub(super) fn exchange_by(
    swap: impl Fn(&Path, &Path) -> io::Result<()>,
    new: &Path,
    target: &Path,
    aside: &Path,
) -> io::Result<Exchanged> {
    match swap(new, target) {
        Ok(()) => return Ok(Exchanged::Put(Some(new.to_path_buf()))),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Exchanged::Changed),
        Err(error) if is_unknown(&error) => {}
        Err(error) => return Err(error),
    }
    fs::rename(target, aside)?;
    if let Err(error) = fs::rename(new, target) {
        fs::rename(aside, target)?;
        return Err(error);
    }
    Ok(Exchanged::Put(Some(aside.to_path_buf())))
}

/// Gives a directory `from` the name `to`, which must be free. For directories even the plain rename is safe: it replaces
/// only empty ones.
pub(super) fn put_new(from: &Path, to: &Path) -> io::Result<()> {
    match rename_new(from, to) {
        Err(error) if is_unknown(&error) => {
            if fs::symlink_metadata(to).is_ok() {
                return Err(ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        renamed => renamed,
    }
}

/// Moves a directory to `TARGET.WHY-1`, or to the first number that is free.
pub(super) fn move_to_new(from: &Path, target: &Path, why: &str) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{why}-{number}"));
        let to = target.with_file_name(name);
        match put_new(from, &to) {
            Ok(()) => return Ok(to),
            Err(error) if is_taken(&error) => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Whether an error says that the name is taken.
pub(super) fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty)
}

/// Waits until the names in a directory are on disk, if the system supports that.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(directory)?.sync_all() {
        Err(error) if !is_unknown(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Whether an error says that the system or the file system does not support this.
fn is_unknown(error: &io::Error) -> bool {
    // EINVAL, ENOSYS and ENOTSUP
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn swap(one: &Path, other: &Path) -> io::Result<()> {
    rename_with(one, other, rustix::fs::RenameFlags::EXCHANGE)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_with(from, to, rustix::fs::RenameFlags::NOREPLACE)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_with(from: &Path, to: &Path, flags: rustix::fs::RenameFlags) -> io::Result<()> {
    use rustix::fs::{CWD, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, flags)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn swap(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_new(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
