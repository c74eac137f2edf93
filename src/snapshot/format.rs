//! The bytes of a snapshot: one file for a zone at a date.
//!
//! All numbers are little-endian; offsets count from the start of the file.
//!
//! | part | content |
//! |---|---|
//! | header, 4,096 bytes | see [`SnapshotHeader`]; the rest is zero |
//! | blocks | runs of [`BLOCK`] names; see below |
//! | block index | five bytes for each block: where it begins |
//! | sets | for each set of name servers: how many hosts, then their numbers, in LEB128, ascending by name |
//! | set index | five bytes for each set, and once more where the last ends |
//! | hosts | for each host: its name, absolute, in normal form |
//! | host index | five bytes for each host, and once more where the last ends |
//! | checks | for each [`PAGE`] bytes from the header's end on: XXH3 (64 bits) |
//! | facts | what is known about the zone file, as JSON ([`super::facts::SnapshotFacts`]) |
//!
//! An entry of a block begins with one byte. Its upper half is the number of octets shared with the name before (0 at
//! the start of a block), its lower half the number of octets that follow. A half of 15 means 15 plus the value of a
//! further byte; the one of the upper half comes first. Then come the octets of the name, and a number in LEB128: the
//! number of the set (0 for none), doubled, plus one if flags follow. The flags are one byte. If [`HAS_PAST`] is
//! among them, a byte says which dates follow (see [`super::history`]), each in LEB128 as days before the date of the
//! snapshot.
//!
//! Names are relative to the origin, in normal form, and in the order of [`super::order`]. Invariants: names ascend
//! strictly; the offsets of each index ascend and stay within their part; every number of a set or host exists. Limits:
//! 1 TiB, 255 octets a name, 4,294,967,294 sets and as many hosts.
//!
//! A snapshot is mapped while it is read, and the system ends a program that reads a mapped part of a file that
//! became shorter. So a snapshot is never written in place. It is written under a new name, which then replaces the
//! old one; whoever has the old file mapped keeps its bytes. A file that is shorter or longer than its header says is
//! refused when it is opened.
//!
//! Only header and facts are parsed when a snapshot is opened. Each page is checked against its checksum when it is
//! first read. A page that fails gives no answer, and the run ends with an error.

use xxhash_rust::xxh3::xxh3_64;

/// Names in a block.
pub(crate) const BLOCK: usize = 16;
/// Bytes of the header.
pub const HEADER: usize = 4096;
/// Bytes under one checksum.
pub(crate) const PAGE: usize = 1 << 16;
/// Version of the format that is written, and the newest that is read.
pub(crate) const VERSION: u32 = 2;
/// Bytes of an offset in an index.
pub(crate) const OFFSET: usize = 5;

/// The name has a DS record.
pub(crate) const HAS_DS: u8 = 1;
/// The zone holds data of its own at the name.
pub(crate) const OWN_DATA: u8 = 2;
/// Names below it are in the zone. Alone, it marks an empty non-terminal (RFC 8020, section 2).
pub(crate) const ONLY_BELOW: u8 = 4;
/// The name is not in this snapshot, but was in an earlier one. With [`ONLY_BELOW`], names below it are: everything else
/// that the entry says is then remembered.
pub(crate) const NOT_HERE: u8 = 8;
/// Dates follow.
pub(crate) const HAS_PAST: u8 = 16;

const MAGIC: &[u8; 8] = b"ZLAPSE\r\n";
/// Bytes of the header that mean something, without their checksum.
const USED: usize = 12 + FIELDS * 8;
const FIELDS: usize = 16;

/// The start of a snapshot. After the magic (8 bytes) and the version (4 bytes) come these fields, eight bytes each,
/// and the XXH3 of all that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// Version of the format, which says how dates are written.
    pub(crate) version: u32,
    /// Entries in all.
    pub(crate) entries: u64,
    /// Entries that are in this snapshot.
    pub(crate) names: u64,
    /// Entries among them that are delegated.
    pub(crate) delegated: u64,
    /// Where the blocks end and their index begins.
    pub(crate) block_index: u64,
    /// Where the sets begin.
    pub(crate) sets_at: u64,
    /// Where their index begins.
    pub(crate) set_index: u64,
    /// Sets.
    pub(crate) sets: u64,
    /// Where the hosts begin.
    pub(crate) hosts_at: u64,
    /// Where their index begins.
    pub(crate) host_index: u64,
    /// Hosts.
    pub(crate) hosts: u64,
    /// Where the checks begin.
    pub(crate) checks_at: u64,
    /// XXH3 of the checks.
    pub(crate) checks_hash: u64,
    /// Where the facts begin; they end with the file.
    pub(crate) facts_at: u64,
    /// XXH3 of the facts.
    pub(crate) facts_hash: u64,
    /// The date, in days since 1970-01-01.
    pub(crate) day: i64,
    /// The date of the snapshot whose history was carried on; [`i64::MIN`] for none.
    pub(crate) base_day: i64,
}

/// Why bytes cannot be read as a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Something else, or cut off.
    NotASnapshot,
    /// Of a later version than this program knows.
    Newer(u32),
    /// It is shorter than its header says.
    CutOff,
    /// A checksum is wrong, or it covers impossible values.
    Damaged,
}

impl Default for SnapshotHeader {
    fn default() -> Self {
        Self::of(VERSION, [0; FIELDS])
    }
}

impl SnapshotHeader {
    /// The header as it is in a file.
    pub fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&self.version.to_le_bytes());
        for (field, value) in self.fields().into_iter().enumerate() {
            bytes[12 + field * 8..20 + field * 8].copy_from_slice(&value.to_le_bytes());
        }
        let hash = xxh3_64(&bytes[..USED]);
        bytes[USED..USED + 8].copy_from_slice(&hash.to_le_bytes());
        bytes
    }

    /// Reads the header of a snapshot of `length` bytes.
    pub fn read(bytes: &[u8], length: u64) -> Result<Self, Unreadable> {
        if bytes.get(..8) != Some(MAGIC.as_slice()) {
            return Err(Unreadable::NotASnapshot);
        }
        let version = u32::from_le_bytes(*bytes[8..].first_chunk().ok_or(Unreadable::NotASnapshot)?);
        if version > VERSION {
            return Err(Unreadable::Newer(version));
        }
        if version == 0 {
            return Err(Unreadable::Damaged);
        }
        let used = bytes.get(..HEADER).ok_or(Unreadable::Damaged)?;
        if read_uint(used, USED, 8) != Some(xxh3_64(&used[..USED])) {
            return Err(Unreadable::Damaged);
        }
        let mut fields = [0; FIELDS];
        for (field, value) in fields.iter_mut().enumerate() {
            *value = read_uint(used, 12 + field * 8, 8).ok_or(Unreadable::Damaged)?;
        }
        let header = Self::of(version, fields);
        if header.facts_at > length {
            return Err(Unreadable::CutOff);
        }
        if header.fits(length).is_some_and(|fits| fits) { Ok(header) } else { Err(Unreadable::Damaged) }
    }

    /// Whether all parts are in order and within `length` bytes.
    fn fits(&self, length: u64) -> Option<bool> {
        let index = |at: u64, count: u64| at.checked_add(count.checked_mul(OFFSET as u64)?);
        let pages = self.checks_at.checked_sub(HEADER as u64)?.div_ceil(PAGE as u64);
        let ends = [
            HEADER as u64,
            self.block_index,
            index(self.block_index, self.entries.div_ceil(BLOCK as u64))?,
            self.sets_at,
            self.set_index,
            index(self.set_index, self.sets.checked_add(1)?)?,
            self.hosts_at,
            self.host_index,
            index(self.host_index, self.hosts.checked_add(1)?)?,
            self.checks_at,
            self.checks_at.checked_add(pages.checked_mul(8)?)?,
            self.facts_at,
            length,
        ];
        let days =
            [self.day, self.base_day].iter().all(|day| *day == i64::MIN || i32::try_from(*day).is_ok());
        Some(ends.is_sorted() && days && self.names <= self.entries && self.delegated <= self.names)
    }

    fn fields(self) -> [u64; FIELDS] {
        [
            self.entries,
            self.names,
            self.delegated,
            self.block_index,
            self.sets_at,
            self.set_index,
            self.sets,
            self.hosts_at,
            self.host_index,
            self.hosts,
            self.checks_at,
            self.checks_hash,
            self.facts_at,
            self.facts_hash,
            self.day as u64,
            self.base_day as u64,
        ]
    }

    fn of(version: u32, fields: [u64; FIELDS]) -> Self {
        let [
            entries,
            names,
            delegated,
            block_index,
            sets_at,
            set_index,
            sets,
            hosts_at,
            host_index,
            hosts,
            checks_at,
            checks_hash,
            facts_at,
            facts_hash,
            day,
            base_day,
        ] = fields;
        Self {
            version,
            entries,
            names,
            delegated,
            block_index,
            sets_at,
            set_index,
            sets,
            hosts_at,
            host_index,
            hosts,
            checks_at,
            checks_hash,
            facts_at,
            facts_hash,
            day: day as i64,
            base_day: base_day as i64,
        }
    }
}

/// A number of `width` bytes, at most eight.
pub(crate) fn read_uint(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let mut octets = [0; 8];
    octets[..width].copy_from_slice(bytes.get(at..at.checked_add(width)?)?);
    Some(u64::from_le_bytes(octets))
}

/// Reads a LEB128 number at `at`, and moves `at` past it.
#[inline]
pub(crate) fn take_number(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
        if shift > 56 {
            return None;
        }
    }
}

/// Appends a LEB128 number.
#[inline]
pub(crate) fn push_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
