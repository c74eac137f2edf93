//! From a zone's records to its table.
//!
//! Presence is decided here. A name is in the table when the zone delegates it or holds data of its own
//! at it, or only below it. Signatures (RRSIG, NSEC, NSEC3) count for nothing. Address records need the
//! whole zone: they are glue at or below a delegation, and also, as orphan glue, where the owner is
//! the host of some NS record; only what remains is own data, of that very name: an address below an
//! undelegated name is what a deleted registration leaves behind. Names that exist because of other data
//! or delegations below them are kept too, marked as such: they cannot be proved absent (RFC 8020), and they are where a
//! zone that holds several levels (`co.jp` in `jp`) would otherwise lie.
//!
//! Memory: about the text of the names and 16 bytes for each, until the table is written.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rayon::slice::ParallelSliceMut;
use std::hash::BuildHasher;

use super::table::{HAS_DS, ONLY_BELOW, OWN_DATA, Table, TableWriter, order};
use crate::zone::read::ZoneSink;
use crate::zone::{Record, RecordData};

/// Collects a zone's records.
#[derive(Default)]
pub struct TableBuilder {
    origin: Vec<u8>,
    names: Names,
    /// Owners of address records, to be judged at the end.
    addresses: Names,
    hosts: Interner<u8>,
    sets: Interner<u32>,
    current: Current,
    /// The name whose ancestors were noted last.
    parent: Vec<u8>,
}

/// The owner whose records are coming in.
#[derive(Default)]
struct Current {
    name: Vec<u8>,
    flags: u64,
    address: bool,
    hosts: Vec<u32>,
    begun: bool,
}

/// Names one behind another, each with flags and a set.
#[derive(Default)]
struct Names {
    text: Vec<u8>,
    items: Vec<Item>,
    unsorted: bool,
}

#[derive(Clone, Copy)]
struct Item {
    start: u64,
    set: u32,
    length: u16,
    flags: u8,
}

/// Octets of the longest name that the table holds.
const LONGEST_NAME: usize = 255;
/// No set of name servers.
const NO_SET: u32 = u32::MAX;

impl ZoneSink for TableBuilder {
    fn begin(&mut self, origin: &[u8]) {
        self.origin = origin.to_vec();
    }

    fn record(&mut self, record: Record<'_>) {
        let depth = match self.origin.len() {
            0 => record.owner.len(),
            origin => record.owner.len().saturating_sub(origin + 1),
        };
        // The apex is the zone itself, no name in it. A name of more octets than a host name can have
        // is written with escapes: nobody asks for it.
        if depth == 0 || depth > LONGEST_NAME {
            return;
        }
        let name = &record.owner[..depth];
        if !self.current.begun || self.current.name != name {
            self.flush();
            self.current.begun = true;
            self.current.name.extend_from_slice(name);
        }
        match record.data {
            RecordData::Ns(host) => self.current.hosts.push(self.hosts.number(host)),
            RecordData::Ds => self.current.flags |= HAS_DS,
            RecordData::Address => self.current.address = true,
            RecordData::Other | RecordData::Soa(..) => self.current.flags |= OWN_DATA,
            RecordData::Signature => {}
        }
    }
}

impl TableBuilder {
    fn flush(&mut self) {
        let current = &mut self.current;
        let present = current.flags != 0 || !current.hosts.is_empty();
        if present {
            let mut set = NO_SET;
            if !current.hosts.is_empty() {
                current.hosts.sort_unstable();
                current.hosts.dedup();
                set = self.sets.number(&current.hosts);
            }
            self.names.push(&current.name, current.flags, set);
            note_ancestors(&current.name, &mut self.parent, &mut self.names);
        }
        if current.address && current.flags & OWN_DATA == 0 && current.hosts.is_empty() {
            self.addresses.push(&current.name, OWN_DATA, NO_SET);
        }
        current.name.clear();
        current.hosts.clear();
        (current.flags, current.address, current.begun) = (0, false, false);
    }

    /// Writes the table.
    pub fn finish(mut self) -> Table {
        self.flush();
        self.names.sort();
        self.merge_duplicates();
        if self.keep_own_addresses() {
            self.names.sort();
            self.merge_duplicates();
        }
        let mut writer = TableWriter::with_capacity(self.names.text.len());
        for item in &self.names.items {
            writer.push(
                self.names.name(item),
                u64::from(item.flags),
                (item.set != NO_SET).then_some(item.set),
            );
        }
        let (hosts, sets) = self.in_order();
        let bytes = writer.finish(sets.iter().map(Vec::as_slice), hosts.into_iter());
        Table::open(bytes).unwrap_or_else(|| unreachable!("a table just written has the form of one"))
    }

    /// The hosts sorted by name, and the sets in their numbers: what readers list is sorted.
    fn in_order(&self) -> (Vec<&[u8]>, Vec<Vec<u32>>) {
        let mut sorted: Vec<u32> = (0..self.hosts.len() as u32).collect();
        sorted.par_sort_unstable_by(|a, b| self.hosts.item(*a).cmp(self.hosts.item(*b)));
        let mut place = vec![0u32; sorted.len()];
        for (new, old) in sorted.iter().enumerate() {
            place[*old as usize] = new as u32;
        }
        let renumbered = (0..self.sets.len() as u32).map(|set| {
            let mut hosts: Vec<u32> = self.sets.item(set).iter().map(|host| place[*host as usize]).collect();
            hosts.sort_unstable();
            hosts
        });
        (sorted.iter().map(|host| self.hosts.item(*host)).collect(), renumbered.collect())
    }

    /// Joins entries of one name; in sorted order they stand side by side.
    fn merge_duplicates(&mut self) {
        let mut kept: Vec<Item> = Vec::with_capacity(self.names.items.len());
        for item in &self.names.items {
            let name = self.names.name(item);
            match kept.last_mut() {
                Some(last) if self.names.name(last) == name => {
                    last.flags |= item.flags;
                    if item.set != NO_SET && last.set != NO_SET && item.set != last.set {
                        let mut hosts = self.sets.item(last.set).to_vec();
                        hosts.extend_from_slice(self.sets.item(item.set));
                        hosts.sort_unstable();
                        hosts.dedup();
                        last.set = self.sets.number(&hosts);
                    } else if last.set == NO_SET {
                        last.set = item.set;
                    }
                }
                _ => kept.push(*item),
            }
        }
        self.names.items = kept;
    }

    /// Adds the owners of address records that are neither glue nor orphan glue.
    fn keep_own_addresses(&mut self) -> bool {
        let mut absolute = Vec::new();
        let mut own = Vec::new();
        for item in &self.addresses.items {
            let name = self.addresses.name(item);
            absolute.clear();
            absolute.extend_from_slice(name);
            if !self.origin.is_empty() {
                absolute.push(b'.');
                absolute.extend_from_slice(&self.origin);
            }
            if self.hosts.find(&absolute).is_none() && !self.is_at_or_below_cut(name) {
                own.push(name.to_vec());
            }
        }
        for name in &own {
            self.names.push(name, OWN_DATA, NO_SET);
        }
        !own.is_empty()
    }

    fn is_at_or_below_cut(&self, name: &[u8]) -> bool {
        ancestors(name).chain([name]).any(|candidate| {
            let found = self.names.items.binary_search_by(|item| order(self.names.name(item), candidate));
            found.is_ok_and(|index| self.names.items[index].set != NO_SET)
        })
    }
}

/// Marks the names above a name as existing.
fn note_ancestors(name: &[u8], noted: &mut Vec<u8>, names: &mut Names) {
    let Some(parent) = ancestors(name).last() else { return };
    if noted == parent {
        return;
    }
    noted.clear();
    noted.extend_from_slice(parent);
    for ancestor in ancestors(name) {
        names.push(ancestor, ONLY_BELOW, NO_SET);
    }
}

/// The names above a relative name, below its origin, nearest to the origin first.
fn ancestors(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let dots = memchr::memrchr_iter(b'.', name).filter(|dot| *dot == 0 || name[dot - 1] != b'\\');
    dots.map(|dot| &name[dot + 1..])
}

impl Names {
    fn push(&mut self, name: &[u8], flags: u64, set: u32) {
        if let Some(last) = self.items.last()
            && order(self.name(last), name).is_ge()
        {
            self.unsorted = true;
        }
        let item = Item { start: self.text.len() as u64, set, length: name.len() as u16, flags: flags as u8 };
        self.text.extend_from_slice(name);
        self.items.push(item);
    }

    fn name(&self, item: &Item) -> &[u8] {
        let start = item.start as usize;
        &self.text[start..start + usize::from(item.length)]
    }

    fn sort(&mut self) {
        if std::mem::take(&mut self.unsorted) {
            let mut items = std::mem::take(&mut self.items);
            items.par_sort_by(|a, b| order(self.name(a), self.name(b)));
            self.items = items;
        }
    }
}

/// Gives each distinct run of items a number.
struct Interner<T> {
    items: Vec<T>,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    hasher: FixedState,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { items: Vec::new(), ends: Vec::new(), numbers: HashTable::new(), hasher: FixedState::default() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Interner<T> {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn item(&self, number: u32) -> &[T] {
        item(&self.items, &self.ends, number)
    }

    fn find(&self, run: &[T]) -> Option<u32> {
        self.numbers.find(self.hasher.hash_one(run), |number| self.item(*number) == run).copied()
    }

    fn number(&mut self, run: &[T]) -> u32 {
        if let Some(number) = self.find(run) {
            return number;
        }
        let number = self.ends.len() as u32;
        self.items.extend_from_slice(run);
        self.ends.push(self.items.len());
        let Self { items, ends, numbers, hasher } = self;
        numbers.insert_unique(hasher.hash_one(run), number, |number| {
            hasher.hash_one(item(items, ends, *number))
        });
        number
    }
}

fn item<'a, T>(items: &'a [T], ends: &[usize], number: u32) -> &'a [T] {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &items[start..ends[number]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(origin: &str, records: &[(&str, RecordData<'_>)]) -> Table {
        let mut builder = TableBuilder::default();
        builder.begin(origin.as_bytes());
        for (owner, data) in records {
            builder.record(Record { owner: owner.as_bytes(), data: *data, line: 1 });
        }
        builder.finish()
    }

    #[track_caller]
    fn says(table: &Table, name: &str, expected: Option<&[&str]>) {
        let found = table.get(name.as_bytes()).map(|entry| entry.name_servers().collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{name}");
    }

    #[test]
    fn presence() {
        use RecordData::{Address, Ds, Ns, Other, Signature};
        let table = build(
            "com",
            &[
                ("com", Ns(b"a.com")),
                ("b.com", Ns(b"ns2.b.com")),
                ("b.com", Ns(b"ns1.b.com")),
                ("b.com", Ds),
                ("b.com", Ns(b"ns1.b.com")),
                ("ns1.b.com", Address),
                ("ns1.gone.com", Address),
                ("ns1.left.com", Address),
                ("c.com", Ns(b"ns1.gone.com")),
                ("a.com", Ns(b"host.com")),
                ("host.com", Address),
                ("own.com", Address),
                ("mail.com", Other),
                ("hash.com", Signature),
                ("x.deep.com", Ns(b"ns1.b.com")),
                ("b.com", Ns(b"ns3.b.com")),
            ],
        );
        says(&table, "b", Some(&["ns1.b.com", "ns2.b.com", "ns3.b.com"]));
        assert!(table.get(b"b").is_some_and(|entry| entry.has_ds()));
        says(&table, "c", Some(&["ns1.gone.com"]));
        says(&table, "own", Some(&[]));
        says(&table, "mail", Some(&[]));
        says(&table, "deep", Some(&[]));
        for absent in ["ns1.b", "ns1.gone", "gone", "left", "host", "hash", "com", "", "zz"] {
            says(&table, absent, None);
        }
    }
}
