//! The checksum of a whole table, in its footer.
//!
//! It covers every byte of the file, with its own 32 hexadecimal digits taken as zeros. So a bit that flips anywhere, in
//! data, index, footer or the checksum itself, is seen. It protects from damage, not from someone who wants to deceive.

use xxhash_rust::xxh3::Xxh3;

/// The key in the footer.
pub(super) const KEY: &str = "zonelapse.checksum";
/// The key of the version of the schema.
pub(super) const VERSION_KEY: &str = "zonelapse.schema";
/// The keys of ours in a footer.
pub(super) const OUR_KEYS: [&str; 2] = [KEY, VERSION_KEY];
/// The kind of checksum, in front of the digits.
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

/// The value before it is known.
pub(super) fn blank() -> String {
    format!("{KIND}{:0DIGITS$x}", 0)
}

/// Replaces the value in the bytes of a footer by another of the same length; whether it was there.
pub(super) fn replace(footer: &mut [u8], value: &str, by: &str) -> bool {
    // what stands in front are names and statistics, which may hold anything
    let place = memchr::memmem::rfind(footer, value.as_bytes());
    if let Some(place) = place
        && value.len() == by.len()
    {
        footer[place..place + by.len()].copy_from_slice(by.as_bytes());
        return true;
    }
    false
}
