//! The table of a zone's names: sorted, front-coded, name-server sets shared.
//!
//! One run of bytes, all numbers little-endian, probed in place:
//!
//! | part | content |
//! |---|---|
//! | header, 56 bytes | magic `ZLTABLE1`; then as `u64`: names, blocks, and where the parts below begin |
//! | blocks | runs of [`BLOCK`] names; see below |
//! | block index | `u64` offset of each block from the start of the bytes |
//! | sets | for each set of name servers: `u32` count, then as many `u32` host numbers, ascending |
//! | set index | `u64` offset of each set |
//! | hosts | for each host: its name |
//! | host index | `u64` offset of each host, and one more where the last ends |
//!
//! An entry of a block is: octets shared with the name before (one byte, 0 at the start of a block);
//! octets that follow (one byte); these octets; and a number in LEB128 that holds the flags in its lowest
//! [`FLAG_BITS`] bits and the number of the name-server set, plus one, above them.
//!
//! Names are relative to the origin and in normal form, sorted by their octets with the dot that ends
//! them (so that `a-b` stands before `a`, as in a sorted zone file). Invariants: names ascend strictly;
//! a block's entries are within the blocks part; every number of a set or host exists. [`Table::open`]
//! checks the outer ones; every read is bounds-checked, so that a damaged table gives no answer but
//! never a panic.

use std::cmp::Ordering;

/// Names in a block.
pub const BLOCK: usize = 16;
/// Bits of an entry's number that are flags.
pub const FLAG_BITS: u32 = 3;
/// The name has a DS record.
pub const HAS_DS: u64 = 1;
/// The zone holds data of its own at the name.
pub const OWN_DATA: u64 = 2;
/// Only names below it stand in the zone (an empty non-terminal, RFC 8020, section 2).
pub const ONLY_BELOW: u64 = 4;

const MAGIC: &[u8; 8] = b"ZLTABLE1";
const HEADER: usize = 56;

/// A table of names.
#[derive(Debug)]
pub struct Table {
    bytes: Vec<u8>,
    names: usize,
    blocks: usize,
    block_index: usize,
    set_index: usize,
    host_index: usize,
    hosts: usize,
}

/// What the zone says of a name.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    table: &'a Table,
    number: u64,
}

impl Table {
    /// Takes a table's bytes; `None` if they are no table.
    pub fn open(bytes: Vec<u8>) -> Option<Self> {
        if bytes.get(..8)? != MAGIC {
            return None;
        }
        let field =
            |index: usize| read_u64(&bytes, 8 + index * 8).and_then(|value| usize::try_from(value).ok());
        let (names, blocks, block_index) = (field(0)?, field(1)?, field(2)?);
        let (set_index, host_index, hosts) = (field(3)?, field(4)?, field(5)?);
        let ordered = HEADER <= block_index && block_index <= set_index && set_index <= host_index;
        let indexed = block_index.checked_add(blocks.checked_mul(8)?)? <= set_index
            && host_index.checked_add((hosts + 1).checked_mul(8)?)? <= bytes.len();
        if !ordered || !indexed || blocks != names.div_ceil(BLOCK) {
            return None;
        }
        Some(Self { bytes, names, blocks, block_index, set_index, host_index, hosts })
    }

    /// How many names it holds.
    pub fn len(&self) -> usize {
        self.names
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.names == 0
    }

    /// Bytes it takes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The entry of a name relative to the origin, in normal form.
    pub fn get(&self, name: &[u8]) -> Option<Entry<'_>> {
        let (mut low, mut high) = (0, self.blocks);
        while low < high {
            let middle = low + (high - low) / 2;
            match order(self.first_of(middle)?, name) {
                Ordering::Greater => high = middle,
                _ => low = middle + 1,
            }
        }
        self.scan_block(low.checked_sub(1)?, name)
    }

    /// Visits every name with its entry, in order.
    pub fn for_each(&self, mut visit: impl FnMut(&[u8], Entry<'_>)) {
        let mut name = Vec::new();
        for block in 0..self.blocks {
            let Some(mut at) = self.block(block) else { return };
            for _ in 0..BLOCK.min(self.names - block * BLOCK) {
                let Some((shared, suffix, number, next)) = self.entry(at) else { return };
                name.truncate(shared);
                name.extend_from_slice(suffix);
                visit(&name, Entry { table: self, number });
                at = next;
            }
        }
    }

    fn scan_block(&self, block: usize, name: &[u8]) -> Option<Entry<'_>> {
        let mut at = self.block(block)?;
        // octets of `name` that agree with the entry before
        let mut agreed = 0;
        for _ in 0..BLOCK.min(self.names - block * BLOCK) {
            let (shared, suffix, number, next) = self.entry(at)?;
            at = next;
            match shared.cmp(&agreed) {
                // the entry departs from the one before where `name` still agreed: it is behind `name`
                Ordering::Less => return None,
                Ordering::Greater => continue,
                Ordering::Equal => {}
            }
            let rest = name.get(agreed..)?;
            let common = suffix.iter().zip(rest).take_while(|(a, b)| a == b).count();
            match order(&suffix[common..], &rest[common..]) {
                Ordering::Equal => return Some(Entry { table: self, number }),
                Ordering::Greater => return None,
                Ordering::Less => agreed += common,
            }
        }
        None
    }

    fn block(&self, block: usize) -> Option<usize> {
        usize::try_from(read_u64(&self.bytes, self.block_index + block * 8)?).ok()
    }

    fn first_of(&self, block: usize) -> Option<&[u8]> {
        self.entry(self.block(block)?).map(|(_, suffix, _, _)| suffix)
    }

    /// Shared octets, the octets that follow, the number, and where the next entry begins.
    fn entry(&self, at: usize) -> Option<(usize, &[u8], u64, usize)> {
        let (shared, length) = (*self.bytes.get(at)?, *self.bytes.get(at + 1)?);
        let end = at + 2 + usize::from(length);
        let suffix = self.bytes.get(at + 2..end)?;
        let (number, next) = read_number(&self.bytes, end)?;
        Some((usize::from(shared), suffix, number, next))
    }

    fn set(&self, set: u64) -> Option<impl Iterator<Item = &str>> {
        let index = self.set_index + usize::try_from(set).ok()? * 8;
        let at = usize::try_from(read_u64(&self.bytes, index)?).ok()?;
        let count = read_u32(&self.bytes, at)? as usize;
        Some((0..count).filter_map(move |item| self.host(read_u32(&self.bytes, at + 4 + item * 4)? as usize)))
    }

    fn host(&self, host: usize) -> Option<&str> {
        if host >= self.hosts {
            return None;
        }
        let start = usize::try_from(read_u64(&self.bytes, self.host_index + host * 8)?).ok()?;
        let end = usize::try_from(read_u64(&self.bytes, self.host_index + host * 8 + 8)?).ok()?;
        std::str::from_utf8(self.bytes.get(start..end)?).ok()
    }
}

impl<'a> Entry<'a> {
    /// Whether the zone delegates the name (it has NS records).
    pub fn is_delegated(&self) -> bool {
        self.number >> FLAG_BITS != 0
    }

    /// Whether it has a DS record.
    pub fn has_ds(&self) -> bool {
        self.number & HAS_DS != 0
    }

    /// The hosts of its NS records, sorted; absolute, in normal form.
    pub fn name_servers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let table = self.table;
        (self.number >> FLAG_BITS).checked_sub(1).and_then(|set| table.set(set)).into_iter().flatten()
    }
}

/// The order of names in a table: by octets, each name followed by its final dot.
pub fn order(a: &[u8], b: &[u8]) -> Ordering {
    let common = a.len().min(b.len());
    match a[..common].cmp(&b[..common]) {
        Ordering::Equal => {
            let next = |name: &[u8]| name.get(common).copied().unwrap_or(b'.');
            next(a).cmp(&next(b)).then(a.len().cmp(&b.len()))
        }
        different => different,
    }
}

/// Writes a table from names in their order.
#[derive(Debug)]
pub struct TableWriter {
    bytes: Vec<u8>,
    index: Vec<u64>,
    names: usize,
    last: Vec<u8>,
}

impl TableWriter {
    /// An empty table, with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut buffer = Vec::with_capacity(bytes + HEADER);
        buffer.resize(HEADER, 0);
        Self { bytes: buffer, index: Vec::new(), names: 0, last: Vec::new() }
    }

    /// Appends a name (at most 255 octets) behind all others.
    pub fn push(&mut self, name: &[u8], flags: u64, set: Option<u32>) {
        debug_assert!(self.names == 0 || order(&self.last, name) == Ordering::Less);
        let mut shared = 0;
        if self.names.is_multiple_of(BLOCK) {
            self.index.push(self.bytes.len() as u64);
        } else {
            shared = self.last.iter().zip(name).take_while(|(a, b)| a == b).count().min(255);
        }
        let suffix = &name[shared..];
        self.bytes.push(shared as u8);
        self.bytes.push(suffix.len().min(255) as u8);
        self.bytes.extend_from_slice(&suffix[..suffix.len().min(255)]);
        write_number(flags | set.map_or(0, |set| (u64::from(set) + 1) << FLAG_BITS), &mut self.bytes);
        self.last.clear();
        self.last.extend_from_slice(name);
        self.names += 1;
    }

    /// Appends the sets and hosts, and closes the table.
    pub fn finish<'h>(
        mut self,
        sets: impl Iterator<Item = &'h [u32]>,
        hosts: impl Iterator<Item = &'h [u8]>,
    ) -> Vec<u8> {
        let block_index = self.bytes.len();
        let blocks = std::mem::take(&mut self.index);
        self.push_index(&blocks);
        let mut index = Vec::new();
        for set in sets {
            index.push(self.bytes.len() as u64);
            self.bytes.extend_from_slice(&(set.len() as u32).to_le_bytes());
            set.iter().for_each(|host| self.bytes.extend_from_slice(&host.to_le_bytes()));
        }
        let set_index = self.bytes.len();
        self.push_index(&index);
        index.clear();
        for host in hosts {
            index.push(self.bytes.len() as u64);
            self.bytes.extend_from_slice(host);
        }
        index.push(self.bytes.len() as u64);
        let host_index = self.bytes.len();
        self.push_index(&index);
        self.bytes[..8].copy_from_slice(MAGIC);
        let fields = [self.names, blocks.len(), block_index, set_index, host_index, index.len() - 1];
        for (field, value) in fields.iter().enumerate() {
            self.bytes[8 + field * 8..16 + field * 8].copy_from_slice(&(*value as u64).to_le_bytes());
        }
        self.bytes
    }

    fn push_index(&mut self, index: &[u64]) {
        index.iter().for_each(|offset| self.bytes.extend_from_slice(&offset.to_le_bytes()));
    }
}

fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn read_number(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((number, at));
        }
        shift += 7;
        if shift > 56 {
            return None;
        }
    }
}

fn write_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A name with its final dot: what the order is defined by.
    fn dotted(name: &str) -> String {
        format!("{name}.")
    }

    proptest! {
        #[test]
        fn a_table_is_a_map(
            names in prop::collection::btree_map("[ab-]{1,4}(\\.[ab]{1,2})?", 0u32..4, 0..80),
            probes in prop::collection::vec("[ab-]{1,4}(\\.[ab]{1,2})?", 0..40),
        ) {
            let sorted: BTreeMap<String, (String, u32)> =
                names.iter().map(|(name, set)| (dotted(name), (name.clone(), *set))).collect();
            let mut writer = TableWriter::with_capacity(0);
            for (name, set) in sorted.values() {
                writer.push(name.as_bytes(), u64::from(*set == 0) * OWN_DATA, set.checked_sub(1));
            }
            let sets: [&[u32]; 3] = [&[0], &[0, 1], &[2]];
            let hosts: [&[u8]; 3] = [b"a.example", b"b.example", b"c.example"];
            let bytes = writer.finish(sets.into_iter(), hosts.into_iter());
            let table = Table::open(bytes).expect("a table just written");
            for probe in probes.iter().chain(names.keys()) {
                let found = table.get(probe.as_bytes()).map(|entry| entry.name_servers().count());
                let expected = names.get(probe).map(|set| [0, 1, 2, 1][*set as usize]);
                prop_assert_eq!(found, expected, "{}", probe);
            }
            let mut listed = Vec::new();
            table.for_each(|name, _| listed.push(String::from_utf8_lossy(name).into_owned()));
            prop_assert_eq!(listed, sorted.into_values().map(|(name, _)| name).collect::<Vec<_>>());
        }

        #[test]
        fn the_order_is_that_of_dotted_names(a in "[ab.-]{0,5}", b in "[ab.-]{0,5}") {
            let expected = dotted(&a).cmp(&dotted(&b));
            if expected != Ordering::Equal {
                prop_assert_eq!(order(a.as_bytes(), b.as_bytes()), expected);
            }
        }

        #[test]
        fn damage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 8usize..56, value: u8) {
            let mut writer = TableWriter::with_capacity(0);
            writer.push(b"a", 0, Some(0));
            let mut table = writer.finish([[0u32].as_slice()].into_iter(), [b"h".as_slice()].into_iter());
            table[at] = value;
            for bytes in [bytes, table] {
                if let Some(table) = Table::open(bytes) {
                    if let Some(entry) = table.get(b"a") {
                        entry.name_servers().for_each(drop);
                    }
                    table.for_each(|_, _| {});
                }
            }
        }
    }
}
