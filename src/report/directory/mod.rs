//! The report directory: it is whole, or it is not there.
//!
//! Everything is written into a temporary directory beside the target, the manifest last. Then the finished report
//! changes places with the earlier one in a single step, so that readers always find a report. Only a directory
//! with a manifest of ours is replaced, and only our own files in it are removed; other files are kept.
//! Anything else in the target's place is refused before any input is read.
//!
//! Several runs may write to one target. Each has its own temporary directory, and only the exchange itself needs
//! the target's lock. The last report that is published stays.

mod exchange;
mod lock;
mod target;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Hint, Result};
use crate::files::directory_of;
use crate::files::temporary::{self, Temporary};
use crate::report::alerts::ALERTS_FILE;
use crate::report::at_risk::AT_RISK_FILE;
use crate::report::manifest::MANIFEST_FILE;
use crate::report::metrics::METRICS_FILE;
use crate::report::page::PAGE_FILE;

use exchange::{ASIDE, Exchanged, exchange, is_taken, move_to_new, put_new, sync_directory};
use lock::TargetLock;
use target::{Target, retire};

/// The files of a report.
pub(crate) const FILES: [&str; 11] = [
    MANIFEST_FILE,
    "accounts.parquet",
    "domains.parquet",
    "rejected.parquet",
    "tlds.parquet",
    "servers.parquet",
    "changes.parquet",
    PAGE_FILE,
    AT_RISK_FILE,
    ALERTS_FILE,
    METRICS_FILE,
];

/// The report in its temporary directory.
const WRITTEN: &str = "report";
/// How often to look at a target again because it changed meanwhile.
const TRIES: usize = 4;

/// A report directory that is being written.
#[derive(Debug)]
pub(crate) struct ReportDirectory {
    target: PathBuf,
    temporary: Temporary,
    notices: Vec<String>,
}

/// A report in its place.
#[derive(Debug)]
pub(crate) struct Published {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What a person should know about the files that were there before.
    pub(crate) notices: Vec<String>,
}

impl ReportDirectory {
    /// Prepares the directory. Fails if the target cannot be written, or must not be replaced.
    pub(crate) fn create(named: &Path) -> Result<Self> {
        let target = target::resolve(named)?;
        target::check(&target)?;
        let parent = directory_of(&target);
        let failed = |path: &Path, doing: &str, error: std::io::Error| {
            Error::io(path, doing, &error).hint(Hint::NameWritableReport)
        };
        fs::create_dir_all(parent).map_err(|error| failed(parent, "create", error))?;
        let notices = sweep(parent);
        let name = target.file_name().unwrap_or_default();
        let temporary = Temporary::create_for(parent, name).map_err(|error| failed(named, "write", error))?;
        fs::create_dir(temporary.path().join(WRITTEN)).map_err(|error| failed(named, "write", error))?;
        Ok(Self { target, temporary, notices })
    }

    /// The temporary directory of the run, for files that do not become part of the report.
    pub(crate) fn scratch(&self) -> &Path {
        self.temporary.path()
    }

    /// The path of a file of the report, one of [`FILES`].
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        debug_assert!(FILES.contains(&name), "`{name}` is not listed, and would not be removed again");
        self.written().join(name)
    }

    /// Puts the report in its place.
    pub(crate) fn publish(self) -> Result<Published> {
        let failed = |error: std::io::Error| Error::io(&self.target, "write", &error);
        sync_directory(&self.written()).map_err(|error| self.keep_finished(failed(error)))?;
        let mut lock = match TargetLock::take(&self.target) {
            Ok(lock) => lock,
            Err(error) => return Err(self.keep_finished(error)),
        };
        let mut notices = Vec::new();
        let put = self.put().map_err(|error| {
            let aside = self.temporary.path().join(ASIDE);
            if !aside.exists() {
                return error;
            }
            // the next run puts it back
            lock.undisturbed.leave(&self.temporary);
            error.or_hint(format!("the report before is in `{}`", aside.display()))
        })?;
        if let Some(old) = put {
            match retire(&old, &self.target) {
                Ok(notice) => notices.extend(notice),
                Err(error) => {
                    lock.undisturbed.leave(&self.temporary);
                    notices.push(format!("the report before is left in `{}`: {}", old.display(), error.what));
                }
            }
        }
        drop(lock);
        let path = self.target.clone();
        Ok(Published { path, notices: [self.notices.clone(), notices].concat() })
    }

    /// Puts the report in its place; where the files that were there are now.
    fn put(&self) -> Result<Option<PathBuf>> {
        let written = self.written();
        for _ in 0..TRIES {
            let put = match target::look(&self.target).map_err(|error| self.keep_finished(error))? {
                Target::Missing => put_new(&written, &self.target).map(|()| Exchanged::Put(None)),
                Target::Empty | Target::Report { .. } => {
                    exchange(&written, &self.target, &self.temporary.path().join(ASIDE))
                }
                Target::Other(why) => return Err(self.keep_finished(Error::failure(&self.target, why))),
            };
            match put {
                Ok(Exchanged::Put(old)) => {
                    // the report is in place, even if the system cannot confirm that it is on disk
                    let _ = sync_directory(directory_of(&self.target));
                    return Ok(old);
                }
                Ok(Exchanged::Changed) => {}
                Err(error) if is_taken(&error) => {}
                // for example a directory in a lower layer of an overlay
                Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                    let what = "the file system cannot rename this directory: remove it, or name another";
                    return Err(self.keep_finished(Error::failure(&self.target, what)));
                }
                Err(error) => return Err(self.keep_finished(Error::io(&self.target, "write", &error))),
            }
        }
        Err(self.keep_finished(Error::failure(&self.target, "another program keeps changing this directory")))
    }

    /// Moves the finished report to a place of its own, so that hours of work are not lost; the error, with that place.
    fn keep_finished(&self, error: Error) -> Error {
        match move_to_new(&self.written(), &self.target, "finished") {
            Ok(kept) => error.hint(format!("the finished report is in `{}`", kept.display())),
            Err(_) => error,
        }
    }

    /// The directory of these files.
    pub(crate) fn written(&self) -> PathBuf {
        self.temporary.path().join(WRITTEN)
    }
}

/// Removes a finished report, in one step for its readers. One that holds other files stays; then a notice says which.
pub(crate) fn remove(report: &Path) -> Result<Option<String>> {
    match target::look(report)? {
        Target::Report { foreign } if foreign.is_empty() => {}
        Target::Report { foreign } => {
            let (report, first) = (report.display(), foreign.first().map_or("", String::as_str));
            return Ok(Some(format!("`{report}` is kept, because it holds `{first}`, which no report has")));
        }
        _ => return Ok(None),
    }
    let failed = |error: std::io::Error| Error::io(report, "remove", &error);
    let name = report.file_name().unwrap_or_default();
    let temporary = Temporary::create_for(directory_of(report), name).map_err(failed)?;
    let mut lock = TargetLock::take(report)?;
    let moved = temporary.path().join(WRITTEN);
    fs::rename(report, &moved).map_err(failed)?;
    // what was added in the last moment must not go with it
    retire(&moved, report).inspect_err(|_| lock.undisturbed.leave(&temporary))
}

/// Removes what killed runs left beside reports in `parent`, and puts back a report that one of them had set aside.
///
/// If something goes wrong here, this run goes on, and the next one tries again.
fn sweep(parent: &Path) -> Vec<String> {
    let mut notices = Vec::new();
    for dead in temporary::dead(parent) {
        if dead.name.is_empty() {
            dead.clear();
            continue;
        }
        let target = parent.join(&dead.name);
        let Ok(_lock) = TargetLock::take(&target) else { continue };
        let aside = dead.path.join(ASIDE);
        let is_report = matches!(target::look(&aside), Ok(Target::Report { .. }));
        if is_report && put_new(&aside, &target).is_ok() {
            notices
                .push(format!("a killed run had set `{}` aside; it is back in its place", target.display()));
        }
        let retired = [ASIDE, WRITTEN].map(|name| retire(&dead.path.join(name), &target));
        if retired.iter().all(Result::is_ok) {
            dead.clear();
        }
        notices.extend(retired.into_iter().flatten().flatten());
    }
    notices
}

#[cfg(test)]
mod tests;
