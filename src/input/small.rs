//! Small files that are read whole: configuration, lists, keys, decisions.
//!
//! A user may name an endless device or a table of 10 GB by mistake. Neither may take more memory than the limit. A
//! file that is too large is refused and never read in part.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Hint, Result};

/// The largest small file in bytes.
pub(crate) const SMALL_FILE_BYTES: u64 = 64 << 20;

/// Reads a file of at most [`SMALL_FILE_BYTES`].
pub(crate) fn read_small(path: &Path) -> Result<Vec<u8>> {
    read_limited(path, SMALL_FILE_BYTES)
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::io(path, "read", &error);
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut bytes = Vec::new();
    if length <= limit {
        file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if length.max(bytes.len() as u64) > limit {
        let what = format!("longer than the limit of {limit} bytes for such a file");
        return Err(Error::failure(path, what).hint("check that this is the file you mean"));
    }
    Ok(bytes)
}

/// Reads a text file of at most `limit` bytes. It must be UTF-8 without NUL bytes, which are what a lost page leaves
/// behind.
pub(crate) fn read_text(path: &Path, limit: u64) -> Result<String> {
    let bytes = read_limited(path, limit)?;
    if let Some(at) = memchr::memchr(0, &bytes) {
        return Err(Error::failure(path, "contains NUL bytes, so a part of the file was lost")
            .at_line(line_of(&bytes, at))
            .hint("copy or write the file again"));
    }
    String::from_utf8(bytes).map_err(|error| {
        Error::failure(path, "expected UTF-8 text")
            .at_line(line_of(error.as_bytes(), error.utf8_error().valid_up_to()))
            .hint(Hint::ConvertToUtf8)
    })
}

/// The 1-based line of a byte.
fn line_of(text: &[u8], at: usize) -> u64 {
    memchr::memchr_iter(b'\n', &text[..at]).count() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), b"12345").expect("a small file can be written");
        assert_eq!(read_limited(file.path(), 5).expect("short enough"), b"12345");
        let error = read_limited(file.path(), 4).expect_err("too long").to_string();
        assert!(error.contains("longer than the limit of 4 bytes"), "{error}");
        file.as_file().set_len(10 << 30).expect("a file of nothing");
        assert!(read_small(file.path()).is_err());
    }

    #[test]
    fn text_is_utf8() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), b"a\n\xff\n").expect("a small file can be written");
        let error = read_text(file.path(), 9).expect_err("not UTF-8").to_string();
        assert!(error.contains(":2: expected UTF-8 text"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_endless_device() {
        assert!(read_limited(Path::new("/dev/zero"), 1 << 20).is_err());
    }
}
