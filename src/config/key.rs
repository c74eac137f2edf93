//! The key of `--hash-email`: the bytes of a file, without the line end that editors add.

use std::path::Path;

use crate::error::{Error, Result};
use crate::input::small::read_small;

pub(super) fn read_key(path: &Path) -> Result<Vec<u8>> {
    let mut key = read_small(path)?;
    while key.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        key.pop();
    }
    if key.len() < 16 {
        let what = format!("expected a key of at least 16 bytes, found {}", key.len());
        return Err(Error::failure(path, what).hint("make one with `openssl rand -hex 32 > KEY`"));
    }
    Ok(key)
}
