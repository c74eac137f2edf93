//! A stretch of a zone, condensed: each owner once, each set of hosts once.
//!
//! Parts are made side by side and joined in order. Within a part, each owner is stored without what it shares with
//! the owner before, in whatever order they come, and sets have numbers of their own. So most of the work is done
//! with a small table that stays in the cache, and joining looks at each distinct set of a part only once.

use std::cmp::Ordering;
use std::ops::Range;

use super::order::order;
use super::sets::{NO_SET, hash, hosts_of, push_host};
use super::table::{HAS_DS, ONLY_BELOW, OWN_DATA};
use crate::zone::ZonePart;
use crate::zone::scanner::{common, same};
use crate::zone::{RecordData, ZoneRecord};

/// Octets of the longest name in a table. A longer name contains escapes, and nobody asks for it.
pub(crate) const LONGEST_NAME: usize = 255;

/// Sets that are looked for among those of a part.
const LATELY: usize = 1 << 12;

/// Bytes that each list of a part has room for from the start. Few parts need more, and growing step by step would
/// touch fresh memory at each step, on every thread that fills a part.
const ROOM: usize = 1 << 18;

/// What a stretch of a zone says, owner by owner.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// Octets of an owner that are the origin and the dot before it.
    origin: usize,
    pub(super) entries: Vec<PartEntry>,
    /// What each entry does not share with the one before.
    pub(super) text: Vec<u8>,
    /// Where each set is in `set_text`, hosts ascending, and its hash.
    pub(super) sets: Vec<(Range<u32>, u32)>,
    pub(super) set_text: Vec<u8>,
    /// Owners of address records and nothing else: two bytes of length, then the name.
    pub(super) addresses: Vec<u8>,
    /// Names above owners.
    pub(super) above: Vec<u8>,
    /// For some hashes, the last set that had it, plus one.
    lately: Vec<u32>,
    current: Current,
    last: Vec<u8>,
    parent: Vec<u8>,
}

/// An owner.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartEntry {
    /// Octets shared with the entry before.
    pub(crate) shared: u8,
    /// Octets that follow.
    pub(crate) length: u8,
    /// [`HAS_DS`], [`OWN_DATA`].
    pub(crate) flags: u8,
    /// Whether it comes after the entry before it in the order of names.
    pub(crate) ascends: bool,
    /// Number of its set in the part, plus one; 0 for none.
    pub(crate) set: u32,
}

/// The owner whose records are being read.
#[derive(Debug, Default)]
struct Current {
    name: Vec<u8>,
    begun: bool,
    flags: u8,
    address: bool,
    hosts: Vec<u8>,
}

impl Part {
    /// An empty part of the zone with this origin.
    pub(crate) fn new(origin: &[u8]) -> Self {
        let dot = usize::from(!origin.is_empty());
        Self {
            origin: origin.len() + dot,
            entries: Vec::with_capacity(ROOM / size_of::<PartEntry>()),
            text: Vec::with_capacity(ROOM),
            sets: Vec::with_capacity(ROOM / size_of::<(Range<u32>, u32)>()),
            set_text: Vec::with_capacity(ROOM),
            addresses: Vec::with_capacity(ROOM),
            lately: vec![0; LATELY],
            ..Self::default()
        }
    }

    /// The same space, empty again.
    pub(super) fn emptied(mut self) -> Self {
        self.entries.clear();
        self.text.clear();
        self.sets.clear();
        self.set_text.clear();
        self.addresses.clear();
        self.above.clear();
        self.lately.fill(0);
        self.last.clear();
        self.parent.clear();
        self
    }

    fn data(&mut self, data: RecordData<'_>) {
        let current = &mut self.current;
        match data {
            RecordData::Ns(host) => push_host(host, &mut current.hosts),
            RecordData::Ds => current.flags |= HAS_DS,
            RecordData::Address => current.address = true,
            RecordData::Other | RecordData::Soa(..) => current.flags |= OWN_DATA,
            RecordData::Signature(_) => {}
        }
    }

    /// Closes the last owner.
    pub(super) fn flush(&mut self) {
        if !std::mem::take(&mut self.current.begun) {
            return;
        }
        let flags = std::mem::take(&mut self.current.flags);
        let address = std::mem::take(&mut self.current.address);
        let set = if self.current.hosts.is_empty() { NO_SET } else { self.number() };
        if flags != 0 || set != NO_SET {
            self.push(flags, set);
        }
        if address && flags & OWN_DATA == 0 && set == NO_SET {
            push_host(&self.current.name, &mut self.addresses);
        }
    }

    fn push(&mut self, flags: u8, set: u32) {
        let name = self.current.name.as_slice();
        let shared = common(&self.last, name, self.last.len().min(name.len()));
        let next = |name: &[u8]| name.get(shared).copied().unwrap_or(b'.');
        let ascends = match next(&self.last).cmp(&next(name)) {
            Ordering::Equal => order(&self.last, name).is_lt(),
            different => different.is_lt(),
        };
        let entry =
            PartEntry { shared: shared as u8, length: (name.len() - shared) as u8, flags, ascends, set };
        self.entries.push(entry);
        self.text.extend_from_slice(&name[shared..]);
        std::mem::swap(&mut self.last, &mut self.current.name);
        if self.last.contains(&b'.') {
            self.note_above();
        }
    }

    /// Notes that the names above the last one exist.
    fn note_above(&mut self) {
        let Some(parent) = ancestors(&self.last).last() else { return };
        if self.parent == parent {
            return;
        }
        self.parent.clear();
        self.parent.extend_from_slice(parent);
        for ancestor in ancestors(&self.last) {
            push_host(ancestor, &mut self.above);
        }
    }

    /// The number of the current owner's set, plus one. A set may get two numbers if others came in between.
    fn number(&mut self) -> u32 {
        let hosts = &mut self.current.hosts;
        if !hosts_of(hosts).is_sorted_by(|a, b| a < b) {
            sort_hosts(hosts);
        }
        let hash = hash(hosts);
        let lately = &mut self.lately[hash as usize % LATELY];
        if let Some(number) = lately.checked_sub(1)
            && let (range, known) = &self.sets[number as usize]
            && *known == hash
            && same(&self.set_text[range.start as usize..range.end as usize], hosts)
        {
            hosts.clear();
            return *lately;
        }
        let start = self.set_text.len() as u32;
        self.set_text.extend_from_slice(hosts);
        self.sets.push((start..self.set_text.len() as u32, hash));
        hosts.clear();
        *lately = self.sets.len() as u32;
        *lately
    }
}

#[cold]
fn sort_hosts(text: &mut Vec<u8>) {
    let given = std::mem::take(text);
    let mut hosts: Vec<&[u8]> = hosts_of(&given).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts.into_iter().for_each(|host| push_host(host, text));
}

impl ZonePart for Part {
    fn record(&mut self, record: ZoneRecord<'_>) {
        // the apex is the zone itself and not a name in it
        let Some(depth) =
            record.owner.len().checked_sub(self.origin).filter(|depth| (1..=LONGEST_NAME).contains(depth))
        else {
            return self.flush();
        };
        let name = &record.owner[..depth];
        if !self.current.begun || !same(&self.current.name, name) {
            self.flush();
            self.current.begun = true;
            self.current.name.clear();
            self.current.name.extend_from_slice(name);
        }
        self.data(record.data);
    }

    fn again(&mut self, record: ZoneRecord<'_>) {
        // if the owner was left out, so is this
        if self.current.begun {
            self.data(record.data);
        }
    }
}

/// The names above a relative name, below its origin, nearest to the origin first.
pub(crate) fn ancestors(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let dots = memchr::memrchr_iter(b'.', name).filter(|dot| *dot == 0 || name[dot - 1] != b'\\');
    dots.map(|dot| &name[dot + 1..])
}

/// Flags of a name that is only above others.
pub(super) const ABOVE: u8 = ONLY_BELOW;
