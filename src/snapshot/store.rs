//! The store: a directory that holds a directory for each zone, with a file for each date.
//!
//! ```text
//! STORE/zonelapse.store        marks the directory as a store
//! STORE/com/2026-06-01.zls     the zone `com` on that date (`@` is the root)
//! STORE/com/.lock              held by whoever writes there
//! STORE/com/.building-…/       a snapshot that is being written
//! STORE/com/.unfinished        there while later snapshots are rewritten after a change to an earlier one
//! ```
//!
//! A snapshot is written under a temporary name, synced to disk and renamed. Readers see all of it or nothing, and keep
//! what they have mapped even if it is replaced. A store that serves one run only is not synced: after a crash nobody
//! looks for it. Whoever writes to a zone holds its lock, so two builds wait for each other zone by zone. What a killed
//! build left behind is removed by the next one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::stored::Stored;
use crate::error::{Error, Hint, Result};
use crate::files::temporary::Registered;
use crate::time::{BareDate, Day, Moment};

/// The file by which a store is known.
const STORE_MARKER: &str = "zonelapse.store";
/// Its text.
const MARKER_TEXT: &str = "snapshots of zonelapse; see `zonelapse snapshot --help`\n";
/// Ending of snapshots.
pub(crate) const ENDING: &str = "zls";
/// Start of the names of snapshots that are being written.
const BUILDING: &str = ".building-";
/// Marks a zone with later snapshots that still have to be rewritten.
const UNFINISHED: &str = ".unfinished";
/// Octets that the file systems in use allow in the name of a directory.
const LONGEST_FILE_NAME: usize = 255;

/// A directory of snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    root: PathBuf,
    durability: Durability,
}

/// What a snapshot has to survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// A power failure: it is synced to disk before it gets its name.
    Lasting,
    /// Nothing but the run that makes it.
    OneRun,
}

/// The path of a snapshot that is being written, in a directory of its own. The directory is removed when this is
/// dropped or when a signal ends the run. A thread that still writes then finds no directory, so nothing comes back.
#[derive(Debug)]
pub(crate) struct Building {
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
    durability: Durability,
}

impl Store {
    /// Whether there is a store at this path.
    pub(crate) fn is_at(path: &Path) -> bool {
        path.join(STORE_MARKER).is_file()
    }

    /// Opens a store that exists.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        if Self::is_at(root) {
            return Ok(Self { root: root.to_path_buf(), durability: Durability::Lasting });
        }
        let what = if root.exists() { "expected a store of snapshots" } else { "no store of snapshots here" };
        Err(Error::failure(root, what).hint(Hint::BuildStore))
    }

    /// Opens a store that lasts, or makes one if there is nothing yet.
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
        fs::write(root.join(STORE_MARKER), MARKER_TEXT).map_err(failed)?;
        Ok(Self { root: root.to_path_buf(), durability: Durability::Lasting })
    }

    /// Makes a store for this run only; nothing in it is synced to disk.
    pub(crate) fn create_for_one_run(root: &Path) -> Result<Self> {
        Self::create(root).map(|store| Self { durability: Durability::OneRun, ..store })
    }

    /// Its directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The origins of its zones, sorted.
    pub(crate) fn zones(&self) -> Result<Vec<String>> {
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

    /// Whether it has a snapshot.
    pub(crate) fn has_snapshots(&self) -> Result<bool> {
        let zones = self.zones()?;
        Ok(zones.iter().any(|origin| self.dates(origin).is_ok_and(|dates| !dates.is_empty())))
    }

    /// The file of a zone at a date.
    pub fn path(&self, origin: &str, day: Day) -> PathBuf {
        self.directory(origin).join(format!("{day}.{ENDING}"))
    }

    /// Opens a snapshot.
    pub fn get(&self, origin: &str, day: Day) -> Result<Stored> {
        Stored::open(&self.path(origin, day))
    }

    /// The newest snapshot of a zone before a date. Damaged ones count as gone, and are added to `damaged`.
    pub(crate) fn before(
        &self,
        origin: &str,
        day: Day,
        damaged: &mut Vec<PathBuf>,
    ) -> Result<Option<Stored>> {
        for date in self.dates(origin)?.iter().rev().filter(|date| **date < day) {
            let path = self.path(origin, *date);
            match Stored::open_undamaged(&path)? {
                Some(stored) if !damaged.contains(&path) => return Ok(Some(stored)),
                _ if damaged.contains(&path) => {}
                _ => damaged.push(path),
            }
        }
        Ok(None)
    }

    /// Waits until nobody else writes to a zone, then removes what a killed build left there.
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
        Ok(ZoneLock { _file: file, directory, durability: self.durability })
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

impl ZoneLock {
    /// Whether a run was killed while it rewrote later snapshots.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.directory.join(UNFINISHED).exists()
    }

    /// Notes that later snapshots have to be rewritten.
    pub(crate) fn begin(&self) -> Result<()> {
        let path = self.directory.join(UNFINISHED);
        File::create(&path).map(drop).map_err(|error| Error::io(&path, "write", &error))
    }

    /// Notes that all of them are rewritten.
    pub(crate) fn end(&self) -> Result<()> {
        let path = self.directory.join(UNFINISHED);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(&path, "remove", &error))
            }
            _ => Ok(()),
        }
    }

    /// A new path for a snapshot that is being written.
    pub(crate) fn building(&self) -> Result<Building> {
        let directory = Registered::directory(&self.directory, BUILDING)
            .map_err(|error| Error::io(&self.directory, "write to", &error))?;
        Ok(Building { path: directory.path().join("snapshot"), _directory: directory })
    }

    /// Gives a snapshot its name. In a store that lasts, its bytes are on disk before, and its name after.
    pub(crate) fn publish(&self, written: Building, file: &File, path: &Path) -> Result<()> {
        let failed = |error: std::io::Error| Error::io(path, "write", &error);
        let syncs = self.durability == Durability::Lasting;
        if syncs {
            file.sync_all().map_err(failed)?;
        }
        fs::rename(&written.path, path).map_err(failed)?;
        if syncs {
            File::open(&self.directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
        }
        Ok(())
    }
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| Error::io(directory, "read", &error);
    let entries = fs::read_dir(directory).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

/// The directory of a zone: its name, with anything but letters, digits, `-`, `_` and `.` as `%XX`. The first octet is
/// escaped too where the name would otherwise mean something else here: the store's marker, or a hidden file.
fn directory_name(origin: &str) -> String {
    use std::fmt::Write;
    if origin.is_empty() {
        return "@".to_owned();
    }
    let has_other_meaning = origin == STORE_MARKER || origin.starts_with('.');
    let mut name = String::new();
    for (place, byte) in origin.bytes().enumerate() {
        let plain = byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
        if plain && !(has_other_meaning && place == 0) {
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
            STORE_MARKER,
            ".lock",
            "..",
        ] {
            let directory = directory_name(origin);
            assert_eq!(origin_of(&directory).as_deref(), Some(origin), "{directory}");
            assert!(!directory.contains(['/', '\\']) && !directory.starts_with('.'), "{directory}");
            assert!(directory != STORE_MARKER && (directory == "@") == origin.is_empty(), "{directory}");
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
    fn only_a_store_that_lasts_is_synced() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let durability = |store: Result<Store>| {
            store.and_then(|store| store.lock("com")).map(|lock| lock.durability).expect("a lock")
        };
        let (lasting, temporary) = (directory.path().join("lasting"), directory.path().join("temporary"));
        assert_eq!(durability(Store::create(&lasting)), Durability::Lasting);
        assert_eq!(durability(Store::open(&lasting)), Durability::Lasting);
        assert_eq!(durability(Store::create_for_one_run(&temporary)), Durability::OneRun);
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
