//! The checksum of a whole table, in its footer.
//!
//! It covers every byte of the file; its own 32 hexadecimal digits count as zeros. So it detects a flipped bit anywhere: in
//! data, index, footer or the checksum itself. It protects against damage, not against someone who wants to deceive.

use xxhash_rust::xxh3::Xxh3;

/// The key in the footer.
pub(super) const KEY: &str = "zonelapse.checksum";
/// The key of the version of the schema.
pub(super) const VERSION_KEY: &str = "zonelapse.schema";
/// Our keys in a footer.
pub(super) const OUR_KEYS: [&str; 2] = [KEY, VERSION_KEY];
/// The kind of checksum, written before the digits.
const KIND: &str = "xxh3-128:";
const DIGITS: usize = 32;

/// A checksum that grows with the bytes of a file.
pub(super) struct Seal(Box<Xxh3>);

impl Seal {
    pub(super) fn new() -> Self {
        Self(Box::new(Xxh3::new()))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The value for the footer.
    pub(super) fn value(&self) -> String {
        format!("{KIND}{:0DIGITS$x}", self.0.digest128())
    }
}

/// A placeholder of the same length, used until the value is known.
pub(super) fn blank() -> String {
    format!("{KIND}{:0DIGITS$x}", 0)
}

/// Replaces the value in the bytes of a footer with another of the same length; false if it is not there.
pub(super) fn replace(footer: &mut [u8], value: &str, by: &str) -> bool {
    // search from the end: the names and statistics before it may contain anything
    let place = memchr::memmem::rfind(footer, value.as_bytes());
    if let Some(place) = place
        && value.len() == by.len()
    {
        footer[place..place + by.len()].copy_from_slice(by.as_bytes());
        return true;
    }
    false
}
