//! The store: a directory with a directory for each zone and in it a file for each date.
//!
//! ```text
//! STORE/zonelapse.store        says that this is one
//! STORE/com/2026-06-01.zls     the zone `com` on that date (`@` stands for the root)
//! STORE/com/.lock              held by whoever writes there
//! STORE/com/.building-…/       a snapshot that is being written
//! STORE/com/.unfinished        stands while snapshots are brought into line with a change before them
//! ```
//!
//! A snapshot is written under a temporary name, synced and renamed; readers see it whole or not at all, and
//! keep what they have mapped even if it is replaced. Who writes to a zone holds its lock, so that two builds
//! wait for each other zone by zone; what a killed build left behind is removed by the next one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::facts::{Facts, Shrinkage};
use super::history::Today;
use super::lineage::Lineage;
use super::table::Table;
use crate::error::{Error, Hint, Result};
use crate::temporary::Registered;
use crate::time::{BareDate, Day, Moment};

/// The file that makes a directory a store.
const MARKER: &str = "zonelapse.store";
/// What stands in it.
const MARKER_TEXT: &str = "snapshots of zonelapse; see `zonelapse snapshot --help`\n";
/// Ending of snapshots.
pub const ENDING: &str = "zls";
/// Start of the names of snapshots that are being written.
const BUILDING: &str = ".building-";
/// Mark of a zone whose snapshots do not all rest on those before them yet.
const UNFINISHED: &str = ".unfinished";
/// Octets that the name of a directory may have on the file systems in use.
const LONGEST_FILE_NAME: usize = 255;

/// A directory of snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    root: PathBuf,
}

/// A snapshot that was opened: its names are mapped, its facts read.
#[derive(Debug)]
pub struct Stored {
    /// Its names.
    pub table: Table,
    /// What is known of it.
    pub facts: Facts,
}

/// The name of a snapshot that is being written, in a directory of its own, which goes with this and if a signal ends
/// the run. Whoever still writes then finds no directory any more, so nothing comes back.
#[derive(Debug)]
pub struct Building {
    path: PathBuf,
    _directory: Registered,
}

impl std::ops::Deref for Building {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// The right to write to one zone of a store, until it is dropped.
#[derive(Debug)]
pub struct ZoneLock {
    _file: File,
    directory: PathBuf,
}

impl Store {
    /// Whether a path is a store.
    pub fn is_at(path: &Path) -> bool {
        path.join(MARKER).is_file()
    }

    /// A store that is there.
    pub fn open(root: &Path) -> Result<Self> {
        if Self::is_at(root) {
            return Ok(Self { root: root.to_path_buf() });
        }
        let what = if root.exists() { "expected a store of snapshots" } else { "no store of snapshots here" };
        Err(Error::failure(root, what).hint(Hint::BuildStore))
    }

    /// A store, made if there is nothing yet.
    pub fn create(root: &Path) -> Result<Self> {
        if Self::is_at(root) {
            return Self::open(root);
        }
        let failed = |error: std::io::Error| Error::io(root, "create", &error);
        fs::create_dir_all(root).map_err(failed)?;
        // another build may make the same store now: its marker comes first, so what is here without one is foreign
        if fs::read_dir(root).map_err(failed)?.next().is_some() {
            if Self::is_at(root) {
                return Self::open(root);
            }
            return Err(Error::usage(format!("`{}` holds files, but no store of snapshots", root.display()))
                .hint(Hint::NameNewStore));
        }
        fs::write(root.join(MARKER), MARKER_TEXT).map_err(failed)?;
        Ok(Self { root: root.to_path_buf() })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The origins of its zones, sorted.
    pub fn zones(&self) -> Result<Vec<String>> {
        let mut zones: Vec<String> = entries(&self.root)?
            .into_iter()
            .filter(|path| path.is_dir())
            .filter_map(|path| origin_of(&path.file_name()?.to_string_lossy()))
            .collect();
        zones.sort_unstable();
        Ok(zones)
    }

    /// The dates of a zone's snapshots, ascending.
    pub fn dates(&self, origin: &str) -> Result<Vec<Day>> {
        let directory = self.directory(origin);
        if !directory.is_dir() {
            return Ok(Vec::new());
        }
        let mut dates: Vec<Day> = entries(&directory)?
            .iter()
            .filter_map(|path| date_of(&path.file_name()?.to_string_lossy()))
            .collect();
        dates.sort_unstable();
        Ok(dates)
    }

    /// The file of a zone at a date.
    pub fn path(&self, origin: &str, day: Day) -> PathBuf {
        self.directory(origin).join(format!("{day}.{ENDING}"))
    }

    /// Opens a snapshot.
    pub fn get(&self, origin: &str, day: Day) -> Result<Stored> {
        Stored::open(&self.path(origin, day))
    }

    /// The newest snapshot of a zone before a date.
    pub fn before(&self, origin: &str, day: Day) -> Result<Option<Stored>> {
        match self.dates(origin)?.iter().rfind(|date| **date < day) {
            Some(date) => self.get(origin, *date).map(Some),
            None => Ok(None),
        }
    }

    /// Waits until nobody else writes to a zone, and removes what a killed build left there.
    pub fn lock(&self, origin: &str) -> Result<ZoneLock> {
        let directory = self.directory(origin);
        let length = directory.file_name().map_or(0, |name| name.len());
        if length > LONGEST_FILE_NAME {
            let what = format!("the zone's name takes {length} octets as the name of a directory");
            return Err(Error::failure(&self.root, what).hint(format!(
                "no more than {LONGEST_FILE_NAME} can be stored; look for what is wrong with its SOA record"
            )));
        }
        let failed = |error: std::io::Error| Error::io(&directory, "lock", &error);
        // not the store itself: it may just have been removed
        match fs::create_dir(&directory) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => {}
        }
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(directory.join(".lock"))
            .map_err(failed)?;
        file.lock().map_err(failed)?;
        for path in entries(&directory)? {
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(BUILDING)) {
                // a file is what earlier versions left
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|error| Error::io(&path, "remove", &error))?;
            }
        }
        Ok(ZoneLock { _file: file, directory })
    }

    /// Removes a snapshot.
    pub fn remove(&self, _lock: &ZoneLock, origin: &str, day: Day) -> Result<()> {
        let path = self.path(origin, day);
        fs::remove_file(&path).map_err(|error| Error::io(&path, "remove", &error))
    }

    fn directory(&self, origin: &str) -> PathBuf {
        self.root.join(directory_name(origin))
    }
}

impl Stored {
    /// Opens the file of a snapshot.
    pub fn open(path: &Path) -> Result<Self> {
        let table = Table::open(path)?;
        let facts: Facts = serde_json::from_slice(table.facts()).map_err(|error| {
            Error::failure(path, format!("the snapshot's facts cannot be read: {error}"))
                .hint("remove it and build it again")
        })?;
        let mut stored = Self { table, facts };
        if let Some(base) = stored.table.base_day().filter(|_| stored.facts.lineage.dates.is_empty()) {
            stored.facts.lineage = Lineage::unknown_until(base);
        }
        Ok(stored)
    }

    /// The newest whole snapshot up to this one.
    pub fn last_whole(&self) -> Option<Shrinkage> {
        let own = Shrinkage { date: self.table.day(), names: self.table.len() as u64 };
        if self.facts.is_whole() { Some(own) } else { self.facts.lineage.last_whole }
    }

    /// What its entries' past is to be read against.
    pub fn today(&self) -> Today {
        Today { day: self.table.day(), base: self.table.base_day(), proves_absence: self.facts.is_whole() }
    }
}

impl ZoneLock {
    /// Whether a run was killed while snapshots were brought into line.
    pub fn is_unfinished(&self) -> bool {
        self.directory.join(UNFINISHED).exists()
    }

    /// Says that snapshots are about to change on which others rest.
    pub fn begin(&self) -> Result<()> {
        let path = self.directory.join(UNFINISHED);
        File::create(&path).map(drop).map_err(|error| Error::io(&path, "write", &error))
    }

    /// Says that all rest on those before them again.
    pub fn end(&self) -> Result<()> {
        let path = self.directory.join(UNFINISHED);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(&path, "remove", &error))
            }
            _ => Ok(()),
        }
    }

    /// A new name for a snapshot that is being written.
    pub fn building(&self) -> Result<Building> {
        let directory = Registered::directory(&self.directory, BUILDING)
            .map_err(|error| Error::io(&self.directory, "write to", &error))?;
        Ok(Building { path: directory.path().join("snapshot"), _directory: directory })
    }

    /// Gives a synced snapshot its name.
    pub fn publish(&self, written: Building, file: &File, path: &Path) -> Result<()> {
        let failed = |error: std::io::Error| Error::io(path, "write", &error);
        file.sync_all().map_err(failed)?;
        fs::rename(&written.path, path).map_err(failed)?;
        File::open(&self.directory).and_then(|directory| directory.sync_all()).map_err(failed)
    }
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| Error::io(directory, "read", &error);
    let entries = fs::read_dir(directory).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

/// The directory of a zone: its name, anything but letters, digits, `-`, `_` and `.` as `%XX`. So is the first octet
/// where the name would be one that has a meaning here: the store's marker, or a hidden file.
fn directory_name(origin: &str) -> String {
    use std::fmt::Write;
    if origin.is_empty() {
        return "@".to_owned();
    }
    let means_else = origin == MARKER || origin.starts_with('.');
    let mut name = String::new();
    for (place, byte) in origin.bytes().enumerate() {
        let plain = byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
        if plain && !(means_else && place == 0) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02x}");
        }
    }
    name
}

fn origin_of(directory: &str) -> Option<String> {
    if directory == "@" {
        return Some(String::new());
    }
    let mut octets = Vec::new();
    let mut rest = directory.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
            octets.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            octets.push(*byte);
        }
    }
    String::from_utf8(octets).ok().filter(|origin| directory_name(origin) == directory)
}

fn date_of(name: &str) -> Option<Day> {
    let date = name.strip_suffix(ENDING)?.strip_suffix('.')?;
    let day = Moment::parse(date, BareDate::Start)?.day();
    (day.to_string() == date).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_and_dates_have_names() {
        for origin in [
            "",
            "com",
            "co.uk",
            "xn--p1ai",
            "a\\.b\\000.example",
            "1.168.192.in-addr.arpa",
            "a/b.test",
            "@",
            MARKER,
            ".lock",
            "..",
        ] {
            let directory = directory_name(origin);
            assert_eq!(origin_of(&directory).as_deref(), Some(origin), "{directory}");
            assert!(!directory.contains(['/', '\\']) && !directory.starts_with('.'), "{directory}");
            assert!(directory != MARKER && (directory == "@") == origin.is_empty(), "{directory}");
        }
        assert_eq!(origin_of("%2"), None);
        assert_eq!(date_of("2026-06-01.zls"), Moment::parse("2026-06-01", BareDate::Start).map(Moment::day));
        for name in ["2026-06-01", "2026-6-1.zls", ".building-abc", "2026-06-01.zls.old", "x.zls"] {
            assert_eq!(date_of(name), None, "{name}");
        }
    }

    #[test]
    fn a_store_is_not_made_among_other_files() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path().join("store");
        assert!(Store::open(&root).is_err());
        let store = Store::create(&root).expect("a new store");
        assert_eq!(Store::open(&root), Ok(store));
        assert!(Store::create(directory.path()).is_err(), "it holds a directory that is none of ours");
    }

    #[test]
    fn a_store_is_made_by_several_at_once() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for round in 0..200 {
            let root = directory.path().join(format!("{round}"));
            let start = std::sync::Barrier::new(3);
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        start.wait();
                        Store::create(&root).expect("a store");
                    });
                }
            });
        }
    }
}
