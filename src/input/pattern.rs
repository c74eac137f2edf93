//! Paths with `*`, `?` or `[`, which stand for all files that match: shells give up on millions of names, and a shell's
//! own expansion would make an option take several values.
//!
//! A path that exists is itself, whatever characters it has. A pattern never matches names that begin with a dot unless
//! it says the dot. Nothing that matches is an error, because the evidence that was meant would be missing.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A path, or all paths that match a pattern, in the order of their names.
pub(crate) fn expand(path: &Path) -> Box<dyn Iterator<Item = Result<PathBuf>>> {
    let text = path.to_string_lossy();
    if !is_pattern(path) {
        return Box::new(std::iter::once(Ok(path.to_path_buf())));
    }
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::default() };
    let mut matches = match glob::glob_with(&text, options) {
        Ok(matches) => matches.peekable(),
        Err(error) => {
            return Box::new(std::iter::once(Err(Error::failure(path, format!("not a pattern: {error}")))));
        }
    };
    if matches.peek().is_none() {
        let error = Error::failure(path, "no file matches this pattern").hint(
            "check the directory and the ending of the names; `ls` with the same pattern shows what matches",
        );
        return Box::new(std::iter::once(Err(error)));
    }
    Box::new(matches.map(|found| found.map_err(|error| Error::io(error.path(), "read", error.error()))))
}

/// Whether a path is a pattern: there is no such file, and it has one of the characters.
pub(crate) fn is_pattern(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().iter().any(|byte| b"*?[".contains(byte)) && !path.exists()
}

/// The files in a directory, sorted; not those below it, nor hidden ones, nor pipes.
pub(crate) fn files_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| Error::io(directory, "read", &error);
    let entries = std::fs::read_dir(directory).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = paths.map_err(failed)?;
    let is_hidden = |path: &Path| path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    paths.retain(|path| path.is_file() && !is_hidden(path));
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(directory: &Path, pattern: &str, names: &[&str]) {
        let found: Result<Vec<PathBuf>> = expand(&directory.join(pattern)).collect();
        let found = found.unwrap_or_default();
        let names: Vec<PathBuf> = names.iter().map(|name| directory.join(name)).collect();
        assert_eq!(found, names, "{pattern}");
    }

    #[test]
    fn what_matches() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let at = directory.path();
        for name in ["b.gz", "a.gz", "c.txt", ".d.gz", "[x].gz"] {
            std::fs::write(at.join(name), b"").expect("an empty file");
        }
        finds(at, "*.gz", &["[x].gz", "a.gz", "b.gz"]);
        finds(at, "?.*", &["a.gz", "b.gz", "c.txt"]);
        finds(at, "[ab].gz", &["a.gz", "b.gz"]);
        // a file of that very name
        finds(at, "[x].gz", &["[x].gz"]);
        finds(at, "missing.gz", &["missing.gz"]);
        finds(at, "*.zst", &[]);
        finds(at, "[", &[]);
    }
}
