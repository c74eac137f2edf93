//! Which files are zones: by their endings, one by one or all of a directory.

use std::path::Path;

use crate::error::{Error, Result};
use crate::input::source::Source;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneKind {
    /// A master file.
    Master,
    /// A list of registered names.
    List,
}

/// A zone file to be read.
#[derive(Debug, Clone)]
pub struct ZoneSource {
    /// The file.
    pub source: Source,
    /// What kind it is, by its name.
    pub kind: ZoneKind,
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

    /// The zone files of a path: itself, or those in a directory whose ending is known, sorted by name.
    pub fn find(path: &Path) -> Result<Vec<Self>> {
        if !path.is_dir() {
            return Ok(vec![Self::file(find_source(path)?)]);
        }
        let known = |source: &Source| {
            let ending = ending(source);
            MASTER_ENDINGS.contains(&ending.as_str()) || LIST_ENDINGS.contains(&ending.as_str())
        };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(|error| Error::io(path, "read", &error))? {
            let entry = entry.map_err(|error| Error::io(path, "read", &error))?.path();
            let hidden = entry.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
            if hidden || entry.is_dir() {
                continue;
            }
            let source = find_source(&entry)?;
            if known(&source) {
                found.push(Self::file(source));
            }
        }
        if found.is_empty() {
            return Err(Error::failure(path, "no zone file in this directory").hint(
                "zone files are known by their ending: .zone, .txt, .db, .axfr, .list or .csv, each with .gz or .zst",
            ));
        }
        found.sort_by(|a, b| a.source.path.cmp(&b.source.path));
        Ok(found)
    }
}

/// Looks at a file. A link that leads nowhere is a zone that cannot be read: that is told when reading it is tried,
/// and the other zones are judged by.
fn find_source(path: &Path) -> Result<Source> {
    Source::find(path).or_else(|error| {
        let is_dangling = path.is_symlink() && !path.exists();
        is_dangling.then(|| Source::unseen(path)).ok_or(error)
    })
}

fn ending(source: &Source) -> String {
    let stem = source.stem();
    stem.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}
