//! Which files the nights before have taken, so that none is read twice.
//!
//! A file is known by a mark: the hash of its path, inode, size, and times of change to the nanosecond. A file that was
//! written to has another mark, and is new. A mark is only a promise that nothing is missed: what it stands for is in
//! the store or the table, and if that is gone, its marks do not count ([`super::feeds`]). A file without its mark, as
//! after a kill, is read once more, which changes nothing.
//!
//! One line for each file: the feed, the mark, and of zone files the zone. Memory: a few dozen bytes a file.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Error, Result};
use crate::files::{FileStart, OutputFile};

/// The first line.
const HEADER: &str = "zonelapse.taken 1";

named_enum! {
    /// What is delivered to the night.
    pub(super) enum Feed {
        /// Zone files.
        Zones = "zones",
        /// RDAP answers.
        Answers = "answers",
        /// Lists of registries.
        Lists = "lists",
    }
}

/// The mark of a file in one state.
pub(super) type Mark = u128;

/// TakenMarks, of zone files each with its zone.
pub(super) type TakenMarks = HashMap<Mark, Box<str>, foldhash::fast::FixedState>;

/// The files that were taken.
#[derive(Debug)]
pub(super) struct TakenFiles {
    path: PathBuf,
    marks: [TakenMarks; Feed::ALL.len()],
}

impl TakenFiles {
    /// Reads the marks of the nights before. What cannot be read is not known.
    pub(super) fn read(path: &Path) -> Self {
        let mut taken = Self { path: path.to_path_buf(), marks: Default::default() };
        let Ok(file) = File::open(path) else { return taken };
        let mut lines = BufReader::new(file).lines().map_while(std::io::Result::ok);
        if lines.next().as_deref() == Some(HEADER) {
            for (feed, mark, zone) in lines.filter_map(|line| read_line(&line)) {
                taken.marks[feed as usize].insert(mark, zone);
            }
        }
        taken
    }

    /// The marks of one feed.
    pub(super) fn of(&self, feed: Feed) -> &TakenMarks {
        &self.marks[feed as usize]
    }

    /// Replaces the marks of one feed, and writes all of them if that changes anything.
    pub(super) fn set(&mut self, feed: Feed, marks: TakenMarks) -> Result<()> {
        let before = std::mem::replace(&mut self.marks[feed as usize], marks);
        if before == self.marks[feed as usize] { Ok(()) } else { self.write() }
    }

    fn write(&self) -> Result<()> {
        let output = OutputFile::create_as(&self.path, &[], FileStart::Line(format!("{HEADER}\n")))?;
        let write = || {
            let mut file = BufWriter::new(File::create(output.temporary())?);
            writeln!(file, "{HEADER}")?;
            for feed in Feed::ALL {
                let mut marks: Vec<_> = self.of(*feed).iter().collect();
                marks.sort_unstable();
                for (mark, zone) in marks {
                    writeln!(file, "{} {mark:032x} {zone}", feed.name())?;
                }
            }
            file.into_inner()?.sync_all()
        };
        write().map_err(|error: std::io::Error| Error::io(&self.path, "write", &error))?;
        output.commit()
    }
}

fn read_line(line: &str) -> Option<(Feed, Mark, Box<str>)> {
    let mut parts = line.splitn(3, ' ');
    let feed = Feed::from_name(parts.next()?)?;
    let mark = Mark::from_str_radix(parts.next()?, 16).ok()?;
    Some((feed, mark, parts.next()?.into()))
}

/// The mark of a file as it is now, read with these options; none of what is no regular file.
pub(super) fn mark_of(path: &Path, options: &str) -> Option<Mark> {
    let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let (device, inode, size) = (found.dev(), found.ino(), found.len());
    let times = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
    let path = path.as_os_str().as_encoded_bytes();
    let mut text = format!("{device} {inode} {size} {times:?} {options}\0").into_bytes();
    text.extend_from_slice(path);
    Some(xxh3_128(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_remembered() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("taken");
        let mut taken = TakenFiles::read(&path);
        let marks =
            |marks: &[(Mark, &str)]| marks.iter().map(|(mark, zone)| (*mark, (*zone).into())).collect();
        taken.set(Feed::Zones, marks(&[(1, "com"), (u128::MAX, ""), (3, "co.uk")])).expect("it is written");
        taken.set(Feed::Answers, marks(&[(1, "")])).expect("it is written");
        let again = TakenFiles::read(&path);
        for feed in Feed::ALL {
            assert_eq!(again.of(*feed), taken.of(*feed), "{feed:?}");
        }
        // a damaged line is one that is not known, and another file is not replaced
        let text = fs::read_to_string(&path).expect("text").replace("zones 0000", "zones 000x");
        fs::write(&path, text).expect("a small file");
        assert_eq!(TakenFiles::read(&path).of(Feed::Zones).len(), 1);
        fs::write(&path, "mine").expect("a small file");
        let mut other = TakenFiles::read(&path);
        assert!(other.of(Feed::Zones).is_empty() && other.set(Feed::Lists, marks(&[(1, "")])).is_err());
    }

    #[test]
    fn a_file_that_was_written_to_is_new() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a");
        fs::write(&path, "one").expect("a small file");
        let before = mark_of(&path, "");
        assert_eq!(mark_of(&path, ""), before);
        assert_ne!(mark_of(&path, "other options"), before);
        let time = fs::metadata(&path).and_then(|found| found.modified()).expect("its time");
        fs::write(&path, "two").expect("a small file");
        // even if size and time say nothing
        File::options().append(true).open(&path).and_then(|file| file.set_modified(time)).expect("its time");
        assert_ne!(mark_of(&path, ""), before);
        assert_eq!(mark_of(directory.path(), ""), None);
    }
}
