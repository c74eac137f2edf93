//! One output file: whole or not there, and never in the place of something that is no output.
//!
//! A file is written in a temporary directory beside its place, synced, and renamed in one step. Only a regular file is
//! ever replaced, and the new one keeps its mode. A link, a directory, a FIFO or a device is refused before anything is
//! read, and so is a file that the run reads.

use std::fs::{Metadata, Permissions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{FileId, Temporary, directory_of};
use crate::error::{Error, Hint, Position, Result};

/// The name of the file in its temporary directory.
const WRITTEN: &str = "output";

/// How an output begins, by which an earlier one is known.
#[derive(Debug)]
pub(crate) enum FileStart {
    /// As Parquet files do.
    Parquet,
    /// With this line.
    Line(String),
}

/// An output file that is being written.
#[derive(Debug)]
pub(crate) struct OutputFile {
    path: PathBuf,
    start: FileStart,
    written: PathBuf,
    /// The directory of `written`, which goes with this.
    _temporary: Temporary,
    /// The file that is there now.
    existing: Option<Metadata>,
}

impl OutputFile {
    /// Prepares the output; `inputs` are the files that the run reads.
    ///
    /// # Errors
    ///
    /// A usage mistake if something other than a regular file is there, or if it is one of the inputs; a failure if its
    /// directory cannot be written.
    pub(crate) fn create(path: &Path, inputs: &[&Path]) -> Result<Self> {
        Self::create_as(path, inputs, FileStart::Parquet)
    }

    /// The same for a file that begins in another way.
    pub(crate) fn create_as(path: &Path, inputs: &[&Path], start: FileStart) -> Result<Self> {
        let existing = look(path, &start)?;
        let directory = directory_of(path);
        let temporary = Temporary::create(directory)
            .map_err(|error| Error { place: Some(Position::file(path)), ..error })
            .map_err(|error| error.hint("name a file in a directory that can be written"))?;
        let written = temporary.path().join(WRITTEN);
        let output = Self { path: path.to_path_buf(), start, written, _temporary: temporary, existing };
        match inputs.iter().find(|input| output.is(input)) {
            Some(input) => Err(output.refuse_input(input)),
            None => Ok(output),
        }
    }

    /// Where to write.
    pub(crate) fn temporary(&self) -> &Path {
        &self.written
    }

    /// The directory in which it is written.
    pub(crate) fn directory(&self) -> &Path {
        directory_of(&self.path)
    }

    /// Whether this path leads to the file that would be replaced.
    pub(crate) fn is(&self, input: &Path) -> bool {
        let Some(existing) = &self.existing else { return false };
        std::fs::metadata(input).is_ok_and(|input| FileId::of(existing) == FileId::of(&input))
    }

    /// Why an input cannot be the output.
    pub(crate) fn refuse_input(&self, input: &Path) -> Error {
        let what =
            format!("`{}` is read as `{}`, and would be replaced", self.path.display(), input.display());
        Error::usage(what).hint(Hint::NameAnotherOutput)
    }

    /// Puts the file, which its writer has synced, in its place.
    pub(crate) fn commit(self) -> Result<()> {
        let failed = |error: &std::io::Error| Error::io(&self.path, "write", error);
        // what is there may be another than at first
        if let Some(existing) = look(&self.path, &self.start)? {
            std::fs::set_permissions(&self.written, mode_of(&existing)).map_err(|error| failed(&error))?;
        }
        let directory = directory_of(&self.path);
        std::fs::rename(&self.written, &self.path).map_err(|error| failed(&error))?;
        // not every file system lets a directory be synced; the file itself is
        let _ = std::fs::File::open(directory).and_then(|directory| directory.sync_all());
        Ok(())
    }
}

/// What is at an output's path: nothing, or a regular file.
fn look(path: &Path, start: &FileStart) -> Result<Option<Metadata>> {
    let refuse = |what: &str, hint: Hint| {
        Err(Error::usage(format!("`{}` is {what}, and is not replaced", path.display())).hint(hint))
    };
    if path == Path::new("-") {
        return refuse("standard output", Hint::NameRegularOutput);
    }
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return refuse("a directory", Hint::NameOutputInDirectory);
    }
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path, "write", &error)),
        Ok(found) if found.is_file() && found.len() > 0 && !start.is_of(path) => {
            refuse(start.missing(), "name another file, or remove this one".into())
        }
        Ok(found) if found.is_file() => Ok(Some(found)),
        Ok(found) if found.is_dir() => refuse("a directory", Hint::NameOutputInDirectory),
        Ok(found) if found.is_symlink() => match std::fs::canonicalize(path) {
            Ok(target) if target.is_file() => refuse(
                "a symbolic link",
                format!("name the file that it leads to: `{}`", target.display()).into(),
            ),
            _ => refuse("a symbolic link", Hint::NameRegularOutput),
        },
        Ok(_) => refuse("a FIFO, a socket or a device", Hint::NameRegularOutput),
    }
}

impl FileStart {
    /// Whether a file begins so.
    fn is_of(&self, path: &Path) -> bool {
        let expected = match self {
            Self::Parquet => "PAR1",
            Self::Line(line) => line,
        };
        let mut start = vec![0; expected.len()];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
        read.is_ok() && start == expected.as_bytes()
    }

    /// What a file that does not begin so is.
    fn missing(&self) -> &'static str {
        match self {
            Self::Parquet => "no Parquet file",
            Self::Line(_) => "no earlier output of this command",
        }
    }
}

fn mode_of(existing: &Metadata) -> Permissions {
    Permissions::from_mode(existing.permissions().mode() & 0o7777)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[track_caller]
    fn refused(path: &Path, inputs: &[&Path], what: &str) {
        let error = OutputFile::create(path, inputs).expect_err("it is refused");
        assert!(error.what.contains(what) && error.hint.is_some(), "{error}");
    }

    #[test]
    fn only_regular_files_that_nobody_reads_are_replaced() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("file"), b"PAR1 old").expect("a small file");
        std::fs::hard_link(path("file"), path("other")).expect("a second name");
        symlink(path("file"), path("link")).expect("a link");
        symlink(path("nowhere"), path("dangling")).expect("a link");
        symlink("/dev/null", path("device")).expect("a link");
        refused(directory.path(), &[], "a directory");
        refused(&path("new/"), &[], "a directory");
        refused(&path("link"), &[], "a symbolic link");
        refused(&path("dangling"), &[], "a symbolic link");
        refused(&path("device"), &[], "a symbolic link");
        refused(Path::new("/dev/null"), &[], "a device");
        refused(Path::new("-"), &[], "standard output");
        std::fs::write(path("text"), b"not ours").expect("a small file");
        refused(&path("text"), &[], "no Parquet file");
        refused(&path("file"), &[&path("file")], "is read as");
        refused(&path("file"), &[&path("new"), &path("other")], "is read as");
        refused(&path("file"), &[&path("link")], "is read as");
        assert_eq!(std::fs::read(path("file")).expect("it is still there"), b"PAR1 old");
        assert_eq!(
            std::fs::read_dir(directory.path()).expect("a directory").count(),
            6,
            "something was left"
        );
    }

    #[test]
    fn a_replaced_file_keeps_its_mode() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("file");
        for mode in [None, Some(0o644), Some(0o640), Some(0o600), Some(0o444)] {
            if let Some(mode) = mode {
                std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
            }
            let output = OutputFile::create(&path, &[]).expect("it can be written");
            std::fs::write(output.temporary(), b"PAR1").expect("a small file");
            output.commit().expect("it takes its place");
            let found = std::fs::metadata(&path).expect("it is there").permissions().mode() & 0o7777;
            // a new file is as readable as any other that this process makes
            let plain = directory.path().join("plain");
            std::fs::write(&plain, b"").expect("a small file");
            let plain = std::fs::metadata(&plain).expect("it is there").permissions().mode() & 0o7777;
            assert_eq!(found, mode.unwrap_or(plain), "{mode:?}");
        }
    }
}
