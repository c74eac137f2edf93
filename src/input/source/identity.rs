//! Makes sure that the file that is read is the file that was looked at.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;

use super::broken::{ReadError, ReadErrorKind};
use crate::files::FileId;

/// What identifies a regular file and, as far as the file system tells, its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    file: FileId,
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
}

impl Identity {
    /// The identity of a regular file; other kinds of files have none.
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        metadata.is_file().then(|| Self {
            file: FileId::of(metadata),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }

    /// Checks, before reading, that an open file is this one.
    pub(super) fn check_opened(&self, file: &File) -> Result<(), ReadError> {
        self.check(file, "it was replaced or written to after this run first looked at it")
    }

    /// Checks, after `bytes` of the file were read, that it still is this one.
    pub(super) fn check_read(&self, file: &File, bytes: u64) -> Result<(), ReadError> {
        if bytes < self.size {
            let what = format!("the file became shorter while it was read: {bytes} of {} bytes", self.size);
            return Err(ReadError::new(ReadErrorKind::Changed, what));
        }
        self.check(file, "the file changed while it was read")
    }

    fn check(&self, file: &File, what: &str) -> Result<(), ReadError> {
        match file.metadata().map(|metadata| Self::of(&metadata)) {
            Ok(found) if found == Some(*self) => Ok(()),
            Ok(_) => Err(ReadError::new(ReadErrorKind::Changed, what)),
            Err(error) => Err(ReadError::new(ReadErrorKind::Cut, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::path::PathBuf;

    use super::super::{LineCutter, Source};
    use crate::progress::Progress;

    const LINES: usize = 3_000_000;

    fn large() -> (tempfile::TempDir, PathBuf, Source) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.txt");
        fs::write(&path, "0123456789\n".repeat(LINES)).expect("a file can be written");
        let source = Source::stat(&path).expect("the file is there");
        (directory, path, source)
    }

    /// Reads the file and calls `meanwhile` after the first chunk.
    fn reads(meanwhile: impl FnOnce(&PathBuf)) -> String {
        let (_directory, path, source) = large();
        let mut chunks = source.chunks(LineCutter, &Progress::hidden()).expect("it can be opened");
        let first = chunks.next().expect("there is text").expect("it can be read");
        meanwhile(&path);
        let mut lines = memchr::memchr_iter(b'\n', &first).count();
        for chunk in chunks {
            match chunk {
                Ok(chunk) => lines += memchr::memchr_iter(b'\n', &chunk).count(),
                Err(error) => return format!("{:?}: {error}", error.kind),
            }
        }
        assert_eq!(lines, LINES);
        "whole".to_owned()
    }

    #[test]
    fn files_that_change_while_they_are_read() {
        assert_eq!(reads(|_| ()), "whole");
        // a file that is open is read to its end
        assert_eq!(reads(|path| fs::remove_file(path).expect("it is there")), "whole");
        let open = |path: &PathBuf| OpenOptions::new().append(true).open(path).expect("it is there");
        let shorter = reads(|path| open(path).set_len(5000).expect("it can be cut"));
        assert!(shorter.starts_with("Changed: the file became shorter while it was read: "), "{shorter}");
        let longer = reads(|path| open(path).write_all(b"more\n").expect("it can be written"));
        assert_eq!(longer, "Changed: the file changed while it was read");
    }

    #[test]
    fn files_that_change_after_the_first_look() {
        let refuses = |change: &dyn Fn(&PathBuf)| {
            let (_directory, path, source) = large();
            change(&path);
            let opened = source.chunks(LineCutter, &Progress::hidden());
            let error = opened.expect_err("another file").to_string();
            assert!(error.contains("replaced or written to") && error.contains("hint: write"), "{error}");
            assert!(source.digest(&Progress::hidden()).is_err() && source.read_to_end(1 << 30).is_err());
        };
        refuses(&|path| fs::write(path, b"a").expect("it can be written"));
        refuses(&|path| {
            let other = path.with_extension("new");
            fs::copy(path, &other).and_then(|_| fs::rename(&other, path)).expect("it can be replaced");
        });
    }
}
