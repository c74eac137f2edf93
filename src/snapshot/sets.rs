//! Distinct hosts and distinct sets of hosts, each given a number when it first comes.
//!
//! A zone names some hosts millions of times, most of them together with the same others. A set is looked up by
//! the text of its hosts, so that the hosts are looked up only once for each set. Popular sets come early and
//! so have small numbers, which take few bytes in the table.
//!
//! Memory: about 40 bytes for each distinct host and 90 for each distinct set (some 3 million of each in `.com`).

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::zone::scanner::same;

/// Number of the empty set: no name servers.
pub const NO_SET: u32 = 0;

/// Hosts and sets. Sets count from 1; [`NO_SET`] is none.
#[derive(Debug, Default)]
pub struct Sets {
    hosts: HostNumbers,
    /// The hosts of all sets, one set behind the other: by number, and as they are looked up.
    members: Vec<u32>,
    ends: Vec<u64>,
    text: Vec<u8>,
    table: HashTable<SetSlot>,
    scratch: Vec<u8>,
}

/// Texts, numbered.
#[derive(Debug, Default)]
struct HostNumbers {
    text: Vec<u8>,
    ends: Vec<u64>,
    table: HashTable<Slot>,
}

/// A number with half of the hash of what it stands for: growing a table then reads nothing else.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    number: u32,
}

impl Slot {
    fn spread(&self) -> u64 {
        spread(self.hash)
    }
}

/// A set's number with half of its hash, and where its text lies.
#[derive(Debug, Clone, Copy, Default)]
struct SetSlot {
    hash: u32,
    number: u32,
    start: u64,
    length: u32,
}

impl SetSlot {
    #[inline]
    fn is(&self, text: &[u8], texts: &[u8]) -> bool {
        let start = self.start as usize;
        same(&texts[start..start + self.length as usize], text)
    }
}

/// Sets that are looked for together.
const BATCH: usize = 64;

fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Hash of a text of hosts, the same in all runs.
#[inline]
pub fn hash(text: &[u8]) -> u32 {
    static STATE: FixedState = FixedState::with_seed(0);
    (STATE.hash_one(text) >> 32) as u32
}

/// Appends a host to a text of hosts: two bytes of length, then the host.
pub fn push_host(host: &[u8], text: &mut Vec<u8>) {
    text.extend_from_slice(&(host.len() as u16).to_le_bytes());
    text.extend_from_slice(host);
}

/// The hosts in a text of hosts.
pub fn hosts_of(mut text: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    std::iter::from_fn(move || {
        let (length, rest) = text.split_first_chunk::<2>()?;
        let (host, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        text = rest;
        Some(host)
    })
}

impl Sets {
    /// The number of a set given as a text of hosts, ascending, each once, with its [`hash`].
    pub fn number(&mut self, text: &[u8], hash: u32) -> u32 {
        let Self { hosts, members, ends, text: texts, table, .. } = self;
        if let Some(slot) = table.find(spread(hash), |slot| slot.hash == hash && slot.is(text, texts)) {
            return slot.number;
        }
        for host in hosts_of(text) {
            members.push(hosts.number(host));
        }
        ends.push(members.len() as u64);
        let number = ends.len() as u32;
        let slot = SetSlot { hash, number, start: texts.len() as u64, length: text.len() as u32 };
        texts.extend_from_slice(text);
        table.insert_unique(spread(hash), slot, |slot| spread(slot.hash));
        number
    }

    /// The numbers of many sets, given by where they lie in `text` and their hashes. Looking for all of them
    /// first lets the processor wait for several places in memory at a time.
    pub fn numbers(&mut self, text: &[u8], sets: &[(Range<u32>, u32)], numbers: &mut Vec<u32>) {
        let Self { text: texts, table, .. } = self;
        let of = |range: &Range<u32>| &text[range.start as usize..range.end as usize];
        numbers.clear();
        let mut likely: [SetSlot; BATCH] = [SetSlot::default(); BATCH];
        for batch in sets.chunks(BATCH) {
            for (slot, (_, hash)) in likely.iter_mut().zip(batch) {
                *slot = table.find(spread(*hash), |slot| slot.hash == *hash).copied().unwrap_or_default();
            }
            let found = likely.iter().zip(batch);
            numbers.extend(found.map(|(slot, (range, _))| {
                if slot.number != NO_SET && slot.is(of(range), texts) { slot.number } else { NO_SET }
            }));
        }
        for (number, (range, hash)) in numbers.iter_mut().zip(sets) {
            if *number == NO_SET {
                *number = self.number(of(range), *hash);
            }
        }
    }

    /// The number of the set of hosts in ascending order, each once.
    pub fn number_of<'h>(&mut self, hosts: impl Iterator<Item = &'h [u8]>) -> u32 {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        hosts.for_each(|host| push_host(host, &mut text));
        let number = if text.is_empty() { NO_SET } else { self.number(&text, hash(&text)) };
        self.scratch = text;
        number
    }

    /// The set of all hosts of two sets.
    pub fn union(&mut self, a: u32, b: u32) -> u32 {
        if a == b || b == NO_SET {
            return a;
        }
        if a == NO_SET {
            return b;
        }
        let mut hosts: Vec<Vec<u8>> = [a, b]
            .into_iter()
            .flat_map(|set| self.members(set))
            .map(|host| self.host(*host).to_vec())
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        self.number_of(hosts.iter().map(Vec::as_slice))
    }

    /// Whether a host is in any set.
    pub fn knows(&self, host: &[u8]) -> bool {
        self.hosts.find(host, hash(host)).is_some()
    }

    /// Number of sets.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Number of hosts.
    pub fn hosts(&self) -> usize {
        self.hosts.ends.len()
    }

    /// The numbers of the hosts of a set, ascending by name.
    pub fn members(&self, set: u32) -> &[u32] {
        set.checked_sub(1).map_or(&[], |set| run(&self.members, &self.ends, set))
    }

    /// A host by its number.
    pub fn host(&self, host: u32) -> &[u8] {
        run(&self.hosts.text, &self.hosts.ends, host)
    }
}

impl HostNumbers {
    fn find(&self, host: &[u8], hash: u32) -> Option<u32> {
        let same = |slot: &Slot| slot.hash == hash && run(&self.text, &self.ends, slot.number) == host;
        self.table.find(spread(hash), same).map(|slot| slot.number)
    }

    fn number(&mut self, host: &[u8]) -> u32 {
        let hash = hash(host);
        if let Some(number) = self.find(host, hash) {
            return number;
        }
        let number = self.ends.len() as u32;
        self.text.extend_from_slice(host);
        self.ends.push(self.text.len() as u64);
        self.table.insert_unique(spread(hash), Slot { hash, number }, Slot::spread);
        number
    }
}

fn run<'a, T>(items: &'a [T], ends: &[u64], number: u32) -> &'a [T] {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &items[start as usize..ends[number] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_numbered_once() {
        let mut sets = Sets::default();
        let of = |sets: &mut Sets, hosts: &[&str]| sets.number_of(hosts.iter().map(|host| host.as_bytes()));
        assert_eq!(of(&mut sets, &[]), NO_SET);
        let (one, two) = (of(&mut sets, &["a.x", "b.x"]), of(&mut sets, &["b.x", "c.x"]));
        assert_eq!((one, two, of(&mut sets, &["a.x", "b.x"])), (1, 2, 1));
        let both = sets.union(one, two);
        let hosts: Vec<&[u8]> = sets.members(both).iter().map(|host| sets.host(*host)).collect();
        assert_eq!(hosts, [b"a.x", b"b.x", b"c.x"]);
        assert_eq!((sets.union(one, NO_SET), sets.union(NO_SET, two), sets.count()), (1, 2, 3));
        assert!(sets.knows(b"c.x") && !sets.knows(b"d.x"));
    }
}
