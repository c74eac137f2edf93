//! Finds zone files by their endings: a single file, or all of a directory.

use std::path::Path;

use crate::error::{Error, Result};
use crate::input::accounts::no_zone;
use crate::input::source::Source;

/// Bytes of text that show whether a file is no zone.
const HEAD_BYTES: u64 = 16 << 10;

named_enum! {
    /// What kind of file it is.
    pub enum ZoneKind {
        /// A master file.
        Master = "master",
        /// A list of registered names.
        List = "list",
    }
}

/// A zone file to be read.
#[derive(Debug, Clone)]
pub struct ZoneSource {
    /// The file.
    pub(crate) source: Source,
    /// What kind it is, by its name.
    pub(crate) kind: ZoneKind,
}

/// The zone files of a path.
#[derive(Debug, Default)]
pub struct FoundZones {
    /// To be read.
    pub(crate) zones: Vec<ZoneSource>,
    /// What a person should know about the others.
    pub(crate) notices: Vec<String>,
    /// Those that cannot be opened, such as a link that leads nowhere.
    pub(crate) unreadable: Vec<Error>,
}

/// Endings, after any `.gz` or `.zst`, by which zone files are known in a directory.
const MASTER_ENDINGS: &[&str] = &["zone", "txt", "db", "axfr"];
const LIST_ENDINGS: &[&str] = &["list", "csv"];

impl ZoneSource {
    /// Takes a file named by the user: a list by its ending, else a master file.
    pub fn file(source: Source) -> Self {
        let list = LIST_ENDINGS.contains(&ending(&source).as_str());
        Self { source, kind: if list { ZoneKind::List } else { ZoneKind::Master } }
    }

    /// The zone files of a path: itself, or those in a directory whose ending is known, sorted by name. A path that is
    /// named may be a stream. In a directory only regular files are opened: a pipe there may never end.
    pub(crate) fn find(path: &Path) -> Result<FoundZones> {
        let mut found = FoundZones::default();
        if !path.is_dir() {
            match Source::stat(path) {
                Ok(source) => {
                    // what cannot be read is told when it is read in full
                    let head = source.head(HEAD_BYTES).unwrap_or_default();
                    if let Some(error) = no_zone(&head, path) {
                        return Err(error);
                    }
                    found.zones.push(Self::file(source));
                }
                // a link that leads nowhere is a zone that cannot be read; a path that is not there is a mistake
                Err(error) if path.is_symlink() && !path.exists() => found.unreadable.push(error),
                Err(error) => return Err(error),
            }
            return Ok(found);
        }
        let known = |source: &Source| {
            let ending = ending(source);
            MASTER_ENDINGS.contains(&ending.as_str()) || LIST_ENDINGS.contains(&ending.as_str())
        };
        for entry in std::fs::read_dir(path).map_err(|error| Error::io(path, "read", &error))? {
            let entry = entry.map_err(|error| Error::io(path, "read", &error))?.path();
            let hidden = entry.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
            if hidden || entry.is_dir() || !known(&Source::named(&entry)) {
                continue;
            }
            match Source::stat(&entry) {
                Ok(source) if source.is_stream() => {
                    let what = "passed over: neither a file nor a directory";
                    found.notices.push(format!("{}: {what}", entry.display()));
                }
                Ok(source) => found.zones.push(Self::file(source)),
                Err(error) => found.unreadable.push(error),
            }
        }
        if found.zones.is_empty() && found.unreadable.is_empty() {
            return Err(Error::failure(path, "no zone file in this directory").hint(
                "zone files are known by their ending: .zone, .txt, .db, .axfr, .list or .csv, each with .gz or .zst",
            ));
        }
        found.zones.sort_by(|a, b| a.source.path.cmp(&b.source.path));
        found.notices.sort_unstable();
        found.unreadable.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(found)
    }
}

fn ending(source: &Source) -> String {
    let stem = source.stem();
    stem.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}
