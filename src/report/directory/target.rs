//! What is in the place of a new report, and whether it may be replaced.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::FILES;
use super::exchange::move_to_new;
use crate::error::{Error, Hint, Result};
use crate::report::finished::Report;
use crate::report::manifest::MANIFEST_FILE;
use crate::wording::first_of;

/// How many foreign files are named.
const NAMED: usize = 5;

/// What is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    Missing,
    /// A directory without files.
    Empty,
    /// A report, and the files in it that are not ours.
    Report {
        foreign: Vec<String>,
    },
    /// Something that must not be replaced, and why.
    Other(String),
}

/// The target itself: a link to a report remains a link.
pub(super) fn resolve(named: &Path) -> Result<PathBuf> {
    // with a slash at its end, a link would be followed
    let named = &named.components().collect::<PathBuf>();
    if !fs::symlink_metadata(named).is_ok_and(|metadata| metadata.is_symlink()) {
        return Ok(named.clone());
    }
    fs::canonicalize(named).map_err(|_| {
        Error::usage(format!("`{}` is a link that leads nowhere", named.display())).hint(Hint::NameNewReport)
    })
}

/// Refuses a target that must not be replaced.
pub(super) fn check(target: &Path) -> Result<()> {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    let is_here = here.is_ok_and(|here| fs::canonicalize(target).is_ok_and(|target| target == here));
    if target.file_name().is_none() || is_here || is_mount_point(target) {
        let what = format!("`{}` cannot be replaced by a report", target.display());
        return Err(Error::usage(what).hint(Hint::NameReportBelow));
    }
    let why = match look(target).map_err(|error| error.hint(Hint::NameWritableReport))? {
        Target::Missing | Target::Empty => return Ok(()),
        Target::Report { foreign } if foreign.is_empty() => return Ok(()),
        Target::Report { foreign } => holds(target, &foreign),
        Target::Other(why) => why,
    };
    Err(Error::usage(why).hint(Hint::NameNewReport))
}

fn holds(target: &Path, foreign: &[String]) -> String {
    let names = first_of(foreign.iter().map(|name| format!("`{name}`")), NAMED, "file");
    let (target, names) = (target.display(), names.join(", "));
    format!("`{target}` holds {names}, which no report has; it will not be replaced")
}

/// Looks at a target.
pub(super) fn look(target: &Path) -> Result<Target> {
    let failed = |error: std::io::Error| Error::io(target, "read", &error);
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Target::Missing),
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.is_dir() => {
            return Ok(Target::Other(format!("`{}` is a file, not a directory", target.display())));
        }
        Ok(_) => {}
    }
    let (own, foreign) = names(target).map_err(failed)?;
    if own.is_empty() && foreign.is_empty() {
        return Ok(Target::Empty);
    }
    let has_manifest = own.contains(&MANIFEST_FILE);
    if has_manifest && Report::open(target).is_ok() {
        return Ok(Target::Report { foreign });
    }
    Ok(Target::Other(if !foreign.is_empty() {
        holds(target, &foreign)
    } else if has_manifest {
        let target = target.display();
        format!("the `{MANIFEST_FILE}` in `{target}` is not that of a report; it will not be replaced")
    } else {
        format!("`{}` holds files but no `{MANIFEST_FILE}`", target.display())
    }))
}

/// The names in a directory: those of a report's files, and all others. Only regular files count as ours.
fn names(directory: &Path) -> std::io::Result<(Vec<&'static str>, Vec<String>)> {
    let (mut own, mut foreign) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        match FILES.iter().find(|known| name == **known) {
            Some(known) if entry.file_type()?.is_file() => own.push(*known),
            _ => foreign.push(name.to_string_lossy().into_owned()),
        }
    }
    foreign.sort_unstable();
    Ok((own, foreign))
}

/// Removes a directory that has been replaced, or was never finished: first our own files, then the directory if nothing
/// else is in it. Otherwise the directory is kept beside the target, and a notice says where.
pub(super) fn retire(old: &Path, target: &Path) -> Result<Option<String>> {
    let failed = |error: std::io::Error| Error::io(old, "remove", &error);
    let (own, foreign) = match names(old) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        names => names.map_err(failed)?,
    };
    if foreign.is_empty() {
        for name in own {
            fs::remove_file(old.join(name)).map_err(failed)?;
        }
        match fs::remove_dir(old) {
            // something was added meanwhile
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {}
            removed => return removed.map(|()| None).map_err(failed),
        }
    }
    let kept = move_to_new(old, target, "kept").map_err(failed)?;
    let (target, kept) = (target.display(), kept.display());
    Ok(Some(format!("`{target}` held files that no report has; the directory is kept as `{kept}`")))
}

/// Whether a file system is mounted here. Such a directory cannot be renamed.
#[cfg(target_os = "linux")]
fn is_mount_point(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::BASIC_STATS);
    found.is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mount_point(_path: &Path) -> bool {
    false
}
