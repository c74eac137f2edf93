//! Lists of MX records as numbers, each distinct list once.
//!
//! Most mail domains share their servers with many others. A host below the mail domain itself is kept as what it has in
//! front of that name (`mx1` for `mx1.example.com` of `example.com`), so domains with servers of their own share lists as
//! well: few name them in a way of their own.

use std::hash::BuildHasher;

use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// A host as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostCode {
    /// The root.
    Null,
    /// An IP address.
    Address,
    /// Anything that is no host name.
    Malformed,
    /// In the mail domain: the number of what stands in front of it.
    Within(u32),
    /// Elsewhere: the number of its name.
    Named(u32),
}

/// Numbers up to here are no names.
const FIRST_NAME: u32 = 3;
/// The bit of numbers of hosts in the mail domain.
const WITHIN: u32 = 1 << 31;
/// The preference of records that do not tell it: after all others.
const UNTOLD: u64 = 1 << 16;

/// A record as one number. Their order is that of preferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub(super) struct PackedRecord(u64);

impl PackedRecord {
    pub(super) fn new(preference: Option<u16>, host: HostCode) -> Self {
        let code = match host {
            HostCode::Null => 0,
            HostCode::Address => 1,
            HostCode::Malformed => 2,
            HostCode::Within(number) => WITHIN | number,
            HostCode::Named(number) => FIRST_NAME + number,
        };
        Self(preference.map_or(UNTOLD, u64::from) << 32 | u64::from(code))
    }

    pub(super) fn preference(self) -> Option<u16> {
        u16::try_from(self.0 >> 32).ok()
    }

    pub(super) fn host(self) -> HostCode {
        match self.code() {
            0 => HostCode::Null,
            1 => HostCode::Address,
            2 => HostCode::Malformed,
            within if within & WITHIN != 0 => HostCode::Within(within & !WITHIN),
            named => HostCode::Named(named - FIRST_NAME),
        }
    }

    /// The number of its host among all kinds of hosts.
    pub(super) fn code(self) -> u32 {
        self.0 as u32
    }
}

/// Distinct lists of records.
#[derive(Debug, Default)]
pub(super) struct RecordLists {
    /// Those of all lists, one after the other, and where each ends.
    records: Vec<PackedRecord>,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: FixedState,
}

impl RecordLists {
    /// The number of a list.
    pub(super) fn intern(&mut self, list: &[PackedRecord]) -> u32 {
        let Self { records, ends, table, hasher } = self;
        let hash = hasher.hash_one(list);
        if let Some(number) = table.find(hash, |number| range(records, ends, *number) == list) {
            return *number;
        }
        let number = ends.len() as u32;
        table.insert_unique(hash, number, |number| hasher.hash_one(range(records, ends, *number)));
        records.extend_from_slice(list);
        ends.push(records.len());
        number
    }

    pub(super) fn get(&self, number: u32) -> &[PackedRecord] {
        range(&self.records, &self.ends, number)
    }

    /// How many lists.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many records all lists have.
    pub(super) fn records(&self) -> usize {
        self.records.len()
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.ends.clear();
        self.table.clear();
    }
}

/// A part of what stands one after the other, each part ending where the next begins.
pub(super) fn range<'t, T>(all: &'t [T], ends: &[usize], number: u32) -> &'t [T] {
    let start = number.checked_sub(1).map_or(0, |before| ends[before as usize]);
    &all[start..ends[number as usize]]
}

/// Distinct texts, numbered as they come.
#[derive(Debug, Default)]
pub(super) struct DistinctTexts {
    pub(super) texts: Vec<CompactString>,
    table: HashTable<u32>,
    hasher: FixedState,
}

impl DistinctTexts {
    /// The number of a text, and whether it is new.
    pub(super) fn number(&mut self, text: &str) -> (u32, bool) {
        let Self { texts, table, hasher } = self;
        let hash = hasher.hash_one(text);
        if let Some(number) = table.find(hash, |number| texts[*number as usize] == text) {
            return (*number, false);
        }
        let number = texts.len() as u32;
        table.insert_unique(hash, number, |number| hasher.hash_one(texts[*number as usize].as_str()));
        texts.push(text.into());
        (number, true)
    }

    pub(super) fn clear(&mut self) {
        self.texts.clear();
        self.table.clear();
    }
}
