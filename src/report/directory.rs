//! The report directory: whole, or not there.
//!
//! Everything is written into a directory of a temporary name beside the target, the manifest last; then
//! it takes the target's place. An earlier report there is replaced; anything else is left alone and
//! refused before any input is read.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Error, Result};

/// What a report may hold, so that only reports are ever replaced.
const KNOWN: [&str; 8] = [
    "manifest.json",
    "accounts.parquet",
    "domains.parquet",
    "rejected.parquet",
    "tlds.parquet",
    "changes.parquet",
    "index.html",
    "accounts",
];

/// A report directory that is being written.
#[derive(Debug)]
pub struct ReportDirectory {
    target: PathBuf,
    temporary: TempDir,
}

impl ReportDirectory {
    /// Prepares the directory; fails if the target cannot or must not be written.
    pub fn create(target: &Path) -> Result<Self> {
        // a link to an earlier report stays a link
        let resolved = std::fs::canonicalize(target).unwrap_or_else(|_| target.to_path_buf());
        let target = resolved.as_path();
        check_target(target)?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(parent).map_err(|error| {
            Error::io(parent, "create", &error).hint("choose a directory that can be written with `-o`")
        })?;
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let temporary = tempfile::Builder::new()
            .prefix(&format!(".{name}.partial-"))
            .tempdir_in(parent)
            .map_err(|error| {
                Error::io(target, "write", &error).hint("choose a directory that can be written with `-o`")
            })?;
        Ok(Self { target: target.to_path_buf(), temporary })
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// The directory in which it stands, for what is not to be part of it.
    pub fn neighbourhood(&self) -> &Path {
        self.temporary.path().parent().unwrap_or(Path::new("."))
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }

    /// Puts the directory in its place.
    pub fn publish(self) -> Result<PathBuf> {
        let failed = |error: std::io::Error| Error::io(&self.target, "write", &error);
        make_readable(self.temporary.path()).map_err(failed)?;
        let written = self.temporary.path().to_path_buf();
        if self.target.exists() {
            // moved into the temporary directory's neighbour first, so that no moment shows half a report
            let old = written.with_extension("old");
            std::fs::rename(&self.target, &old).map_err(failed)?;
            if let Err(error) = std::fs::rename(&written, &self.target) {
                let _ = std::fs::rename(&old, &self.target);
                return Err(failed(error));
            }
            std::fs::remove_dir_all(&old).map_err(failed)?;
        } else {
            std::fs::rename(&written, &self.target).map_err(failed)?;
        }
        // it has another name now
        let _ = self.temporary.keep();
        Ok(self.target)
    }
}

/// Temporary directories are the owner's alone; a report is as readable as a new directory would be.
#[cfg(unix)]
fn make_readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let probe = path.join(".mode");
    std::fs::create_dir(&probe)?;
    let mode = std::fs::metadata(&probe)?.permissions().mode();
    std::fs::remove_dir(&probe)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn make_readable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

fn check_target(target: &Path) -> Result<()> {
    let working = std::env::current_dir().and_then(std::fs::canonicalize);
    if target.file_name().is_none() || working.is_ok_and(|working| working == target) {
        return Err(Error::usage(format!("`{}` cannot be replaced by a report", target.display()))
            .hint("name a directory below it, such as `-o report`"));
    }
    let hint = "name a directory that does not exist yet, or an earlier report, with `-o`";
    if !target.exists() {
        return Ok(());
    }
    if !target.is_dir() {
        return Err(Error::usage(format!("`{}` is a file, not a directory", target.display())).hint(hint));
    }
    let entries = std::fs::read_dir(target).map_err(|error| Error::io(target, "read", &error))?;
    let (mut report, mut foreign) = (false, None);
    let mut empty = true;
    for entry in entries {
        let name = entry.map_err(|error| Error::io(target, "read", &error))?.file_name();
        let name = name.to_string_lossy().into_owned();
        empty = false;
        report |= name == "manifest.json";
        if !KNOWN.contains(&name.as_str()) {
            foreign = Some(name);
        }
    }
    match foreign {
        Some(name) => {
            let what = format!(
                "`{}` holds `{name}`, which no report does; it will not be replaced",
                target.display()
            );
            Err(Error::usage(what).hint(hint))
        }
        None if empty || report => Ok(()),
        None => {
            Err(Error::usage(format!("`{}` holds files but no `manifest.json`", target.display())).hint(hint))
        }
    }
}
