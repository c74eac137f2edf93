//! Distinct hosts and distinct sets of hosts, each numbered when it first comes.
//!
//! A zone names some hosts millions of times, most of them together with the same others. A set is looked up by the
//! text of its hosts, so its hosts are looked up only when the set is new. Popular sets come early and so get small
//! numbers, which take few bytes in the table.
//!
//! Fresh memory costs as much time as the look-ups do, so texts are kept once: a host is where it is in the first
//! set that has it. About 40 bytes for each distinct host and 70 for each distinct set (some 3 million of each in
//! `.com`).

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::zone::scanner::same;

/// Number of the empty set: no name servers.
pub(crate) const NO_SET: u32 = 0;

/// Hosts and sets. Sets count from 1; [`NO_SET`] is none.
#[derive(Debug, Default)]
pub(crate) struct Sets {
    /// The texts of all sets, one after the other.
    texts: Vec<u8>,
    /// Where each of them ends.
    text_ends: Vec<u64>,
    /// Sets by their texts.
    sets: HashTable<Slot>,
    /// The hosts of all sets, by number.
    members: Vec<u32>,
    /// Where those of each set end.
    member_ends: Vec<u64>,
    /// Where each host is in the texts.
    places: Vec<u64>,
    /// Hosts by their names.
    hosts: HashTable<Slot>,
    scratch: Vec<u8>,
}

/// A number with half of the hash of its text: growing a table then reads nothing else.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: u32,
    number: u32,
}

impl Slot {
    fn spread(&self) -> u64 {
        spread(self.hash)
    }
}

/// Sets that are looked for together.
const BATCH: usize = 64;

fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Hash of a text of hosts, the same in all runs.
#[inline]
pub(crate) fn hash(text: &[u8]) -> u32 {
    static STATE: FixedState = FixedState::with_seed(0);
    (STATE.hash_one(text) >> 32) as u32
}

/// Appends a host to a text of hosts: two bytes of length, then the host.
pub(crate) fn push_host(host: &[u8], text: &mut Vec<u8>) {
    text.extend_from_slice(&(host.len() as u16).to_le_bytes());
    text.extend_from_slice(host);
}

/// The hosts in a text of hosts.
pub(crate) fn hosts_of(mut text: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    std::iter::from_fn(move || {
        let (host, rest) = split_host(text)?;
        text = rest;
        Some(host)
    })
}

/// The first host of a text, and what follows it.
#[inline]
fn split_host(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = text.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))
}

impl Sets {
    /// The number of a set. It is given as a text of hosts, ascending, each once, and the [`hash`] of this text.
    pub(crate) fn number(&mut self, text: &[u8], hash: u32) -> u32 {
        let is_it = |slot: &Slot| slot.hash == hash && same(self.text(slot.number), text);
        if let Some(slot) = self.sets.find(spread(hash), is_it) {
            return slot.number;
        }
        let mut at = self.texts.len();
        make_room(&mut self.texts, text.len());
        self.texts.extend_from_slice(text);
        make_room(&mut self.text_ends, 1);
        self.text_ends.push(self.texts.len() as u64);
        for host in hosts_of(text) {
            let number = self.number_host(host, at);
            self.members.push(number);
            at += 2 + host.len();
        }
        make_room(&mut self.member_ends, 1);
        self.member_ends.push(self.members.len() as u64);
        let number = self.text_ends.len() as u32;
        self.sets.insert_unique(spread(hash), Slot { hash, number }, Slot::spread);
        number
    }

    /// The numbers of many sets, given by where they are in `text` and their hashes. Looking for all of them first lets
    /// the processor wait for several places in memory at a time.
    pub(crate) fn numbers(&mut self, text: &[u8], sets: &[(Range<u32>, u32)], numbers: &mut Vec<u32>) {
        let of = |range: &Range<u32>| &text[range.start as usize..range.end as usize];
        numbers.clear();
        let mut likely: [(u32, &[u8]); BATCH] = [(NO_SET, &[]); BATCH];
        for batch in sets.chunks(BATCH) {
            for (likely, (_, hash)) in likely.iter_mut().zip(batch) {
                let slot = self.sets.find(spread(*hash), |slot| slot.hash == *hash);
                likely.0 = slot.map_or(NO_SET, |slot| slot.number);
            }
            for likely in &mut likely[..batch.len()] {
                likely.1 = if likely.0 == NO_SET { &[] } else { self.text(likely.0) };
            }
            let found = likely.iter().zip(batch);
            numbers.extend(found.map(
                |((number, text), (range, _))| {
                    if same(text, of(range)) { *number } else { NO_SET }
                },
            ));
        }
        for (number, (range, hash)) in numbers.iter_mut().zip(sets) {
            if *number == NO_SET {
                *number = self.number(of(range), *hash);
            }
        }
    }

    /// The number of the set of hosts in ascending order, each once.
    pub(crate) fn number_of<'h>(&mut self, hosts: impl Iterator<Item = &'h [u8]>) -> u32 {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        hosts.for_each(|host| push_host(host, &mut text));
        let number = if text.is_empty() { NO_SET } else { self.number(&text, hash(&text)) };
        self.scratch = text;
        number
    }

    /// The set of all hosts of these sets, whose numbers are put in order.
    pub(crate) fn union(&mut self, sets: &mut Vec<u32>) -> u32 {
        sets.sort_unstable();
        sets.dedup();
        match sets.as_slice() {
            [] => NO_SET,
            [one] | [NO_SET, one] => *one,
            sets => {
                let mut text = std::mem::take(&mut self.scratch);
                text.clear();
                let sets = sets.iter().filter(|set| **set != NO_SET);
                let mut hosts: Vec<&[u8]> = sets.flat_map(|set| hosts_of(self.text(*set))).collect();
                hosts.sort_unstable();
                hosts.dedup();
                hosts.into_iter().for_each(|host| push_host(host, &mut text));
                let number = self.number(&text, hash(&text));
                self.scratch = text;
                number
            }
        }
    }

    /// Whether a host is in any set.
    pub(crate) fn knows(&self, host: &[u8]) -> bool {
        self.find_host(host, hash(host)).is_some()
    }

    /// Number of sets.
    pub(crate) fn count(&self) -> usize {
        self.text_ends.len()
    }

    /// Number of hosts.
    pub(crate) fn hosts(&self) -> usize {
        self.places.len()
    }

    /// The numbers of the hosts of a set, ascending by name.
    pub(crate) fn members(&self, set: u32) -> &[u32] {
        set.checked_sub(1).map_or(&[], |set| run(&self.members, &self.member_ends, set))
    }

    /// A host by its number.
    pub(crate) fn host(&self, host: u32) -> &[u8] {
        let place = self.places[host as usize] as usize;
        split_host(&self.texts[place..]).map_or(&[], |(host, _)| host)
    }

    /// The text of a set other than [`NO_SET`].
    #[inline]
    fn text(&self, set: u32) -> &[u8] {
        run(&self.texts, &self.text_ends, set - 1)
    }

    fn find_host(&self, host: &[u8], hash: u32) -> Option<u32> {
        let is_it = |slot: &Slot| slot.hash == hash && same(self.host(slot.number), host);
        self.hosts.find(spread(hash), is_it).map(|slot| slot.number)
    }

    /// The number of a host that is at `place` in the texts.
    fn number_host(&mut self, host: &[u8], place: usize) -> u32 {
        let hash = hash(host);
        if let Some(number) = self.find_host(host, hash) {
            return number;
        }
        let number = self.places.len() as u32;
        make_room(&mut self.places, 1);
        self.places.push(place as u64);
        self.hosts.insert_unique(spread(hash), Slot { hash, number }, Slot::spread);
        number
    }
}

/// Makes room for more items. A list that has to grow gets room for four times as many: what it outgrew was paid for,
/// page by page, while room that stays unused costs nothing.
pub(super) fn make_room<T>(items: &mut Vec<T>, more: usize) {
    if items.capacity() - items.len() < more {
        items.reserve(more.max(3 * items.len()));
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
        let both = sets.union(&mut vec![two, NO_SET, one, two]);
        let hosts: Vec<&[u8]> = sets.members(both).iter().map(|host| sets.host(*host)).collect();
        assert_eq!(hosts, [b"a.x", b"b.x", b"c.x"]);
        let mut union = |numbers: &[u32]| sets.union(&mut numbers.to_vec());
        assert_eq!([union(&[]), union(&[one, NO_SET]), union(&[NO_SET, NO_SET])], [NO_SET, one, NO_SET]);
        assert_eq!((union(&[two, one]), sets.count()), (both, 3));
        assert!(sets.knows(b"c.x") && !sets.knows(b"d.x"));
    }
}
