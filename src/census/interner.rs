//! Distinct mail domains, each with a number, shared by all workers.
//!
//! The key is the domain as it was written, apart from the case of ASCII letters: normalizing and
//! cutting are done once for each spelling. Spellings of one domain share its number. Rejected spellings are
//! not kept, so garbage does not grow the table. Numbers depend on the order in which workers
//! come; nothing in the report does.
//!
//! The table is far larger than a processor's cache, so each look-up waits for memory. Workers therefore bring many
//! spellings at once ([`Spellings`]): they are sorted by shard, a shard is locked once, and its entries are fetched
//! before any is compared, so that the waiting times overlap.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::name::{MailDomain, Rejection, SuffixList};

/// Parts of the table, each with its own lock.
const SHARDS: usize = 64;
/// Octets up to which a spelling is kept; a longer one is normalized anew each time.
const SPELLING_OCTETS: usize = 255;
/// Entries that are fetched before the first is compared.
const AHEAD: usize = 16;

/// The table.
#[derive(Debug)]
pub(crate) struct Interner<'a> {
    suffixes: &'a SuffixList,
    spellings: Vec<Mutex<HashTable<Spelling>>>,
    domains: Mutex<Domains>,
    hasher: FixedState,
}

/// A domain as written, and the number of the mail domain it means.
///
/// Short ones are in the table itself, which saves a step through memory for nearly every row.
type Spelling = (CompactString, u32);

#[derive(Debug, Default)]
struct Domains {
    list: Vec<MailDomain>,
    numbers: HashTable<u32>,
}

/// Spellings that are looked up together. Its buffers can be used again.
#[derive(Debug, Default)]
pub(crate) struct Spellings {
    /// All of them, folded, one after the other.
    text: String,
    ends: Vec<usize>,
    hashes: Vec<u64>,
    /// Their places, by shard.
    by_shard: Vec<u32>,
    numbers: Vec<Result<u32, Rejection>>,
    /// Those that the table does not know.
    unknown: Vec<u32>,
}

impl Spellings {
    /// Adds a spelling.
    pub(crate) fn push(&mut self, raw: &str) {
        let start = self.text.len();
        self.text.push_str(raw);
        self.text[start..].make_ascii_lowercase();
        self.ends.push(self.text.len());
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Removes all of them.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.hashes.clear();
        self.by_shard.clear();
        self.numbers.clear();
        self.unknown.clear();
    }

    /// The number of each mail domain, or why there is none, once they were looked up.
    pub(crate) fn numbers(&self) -> &[Result<u32, Rejection>] {
        &self.numbers
    }

    fn get(&self, place: u32) -> &str {
        spelling(&self.text, &self.ends, place)
    }

    /// Sorts the places by shard; for each shard where its places end.
    fn sort(&mut self, hasher: &FixedState) -> [usize; SHARDS] {
        let Self { text, ends: texts, hashes, by_shard, .. } = self;
        let places = 0..texts.len() as u32;
        hashes.extend(places.map(|place| hasher.hash_one(spelling(text, texts, place))));
        let mut ends = [0; SHARDS];
        hashes.iter().for_each(|hash| ends[shard_of(*hash)] += 1);
        let mut sum = 0;
        let mut next = ends.map(|count| {
            sum += count;
            sum - count
        });
        by_shard.resize(hashes.len(), 0);
        for (place, hash) in hashes.iter().enumerate() {
            let slot = &mut next[shard_of(*hash)];
            by_shard[*slot] = place as u32;
            *slot += 1;
        }
        next
    }
}

fn spelling<'t>(text: &'t str, ends: &[usize], place: u32) -> &'t str {
    let place = place as usize;
    let start = place.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start..ends[place]]
}

fn shard_of(hash: u64) -> usize {
    (hash >> 40) as usize % SHARDS
}

impl<'a> Interner<'a> {
    /// An empty table.
    pub(crate) fn new(suffixes: &'a SuffixList) -> Self {
        let spellings = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { suffixes, spellings, domains: Mutex::default(), hasher: FixedState::default() }
    }

    /// The list that says where registration happens.
    pub(crate) fn suffixes(&self) -> &'a SuffixList {
        self.suffixes
    }

    /// Looks up all spellings; [`Spellings::numbers`] then has what they mean.
    pub(crate) fn look_up(&self, spellings: &mut Spellings) {
        let ends = spellings.sort(&self.hasher);
        spellings.numbers.resize(spellings.len(), Err(Rejection::Empty));
        // workers begin at different shards, or they would wait for each other
        let first = spellings.hashes.first().map_or(0, |hash| shard_of(*hash));
        for shard in (first..SHARDS).chain(0..first) {
            let start = shard.checked_sub(1).map_or(0, |before| ends[before]);
            if start < ends[shard] {
                self.find(shard, start..ends[shard], spellings);
                self.add_unknown(shard, spellings);
            }
        }
    }

    /// Looks up the spellings of one shard.
    fn find(&self, shard: usize, places: std::ops::Range<usize>, spellings: &mut Spellings) {
        let Spellings { text, ends, hashes, by_shard, numbers, unknown } = spellings;
        let table = lock(&self.spellings[shard]);
        for places in by_shard[places].chunks(AHEAD) {
            // the first entry with the right tag is nearly always the one; its number is read to have it fetched
            let mut likely: [Option<(&Spelling, u32)>; AHEAD] = [None; AHEAD];
            for (likely, place) in likely.iter_mut().zip(places) {
                *likely = table.find(hashes[*place as usize], |_| true).map(|entry| (entry, entry.1));
            }
            for (likely, place) in likely.iter().zip(places) {
                let text = spelling(text, ends, *place);
                let number = match likely {
                    None => None,
                    Some((entry, number)) if entry.0 == text => Some(*number),
                    Some(_) => {
                        table.find(hashes[*place as usize], |entry| entry.0 == text).map(|entry| entry.1)
                    }
                };
                match number {
                    Some(number) => numbers[*place as usize] = Ok(number),
                    None => unknown.push(*place),
                }
            }
        }
    }

    /// Normalizes what a shard does not know, and keeps what is accepted.
    fn add_unknown(&self, shard: usize, spellings: &mut Spellings) {
        if spellings.unknown.is_empty() {
            return;
        }
        let normalize = |place: &u32| {
            let domain = MailDomain::normalize(spellings.get(*place))?;
            self.suffixes.cut(&domain.name)?;
            Ok(domain)
        };
        let domains: Vec<Result<MailDomain, Rejection>> = spellings.unknown.iter().map(normalize).collect();
        let mut known = lock(&self.domains);
        for (place, domain) in spellings.unknown.iter().zip(domains) {
            spellings.numbers[*place as usize] = domain.map(|domain| known.add(domain, &self.hasher));
        }
        drop(known);
        let table = &mut *lock(&self.spellings[shard]);
        for place in &spellings.unknown {
            let (text, hash) = (spellings.get(*place), spellings.hashes[*place as usize]);
            if let Ok(number) = spellings.numbers[*place as usize]
                && text.len() <= SPELLING_OCTETS
                && table.find(hash, |entry| entry.0 == text).is_none()
            {
                let rehash = |entry: &Spelling| self.hasher.hash_one(entry.0.as_str());
                table.insert_unique(hash, (text.into(), number), rehash);
            }
        }
        spellings.unknown.clear();
    }

    /// The mail domains in the order of their numbers.
    pub(crate) fn into_domains(self) -> Vec<MailDomain> {
        self.domains.into_inner().unwrap_or_else(PoisonError::into_inner).list
    }
}

impl Domains {
    /// The number of a domain, a new one if need be.
    fn add(&mut self, domain: MailDomain, hasher: &FixedState) -> u32 {
        let Self { list, numbers } = self;
        let hash = hasher.hash_one(&*domain.name);
        if let Some(number) = numbers.find(hash, |number| list[*number as usize].name == domain.name) {
            return *number;
        }
        let number = list.len() as u32;
        list.push(domain);
        numbers.insert_unique(hash, number, |number| hasher.hash_one(&*list[*number as usize].name));
        number
    }
}

/// The tables hold no half-done changes between statements, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_up(interner: &Interner<'_>, raw: &[&str]) -> Vec<Result<u32, Rejection>> {
        let mut spellings = Spellings::default();
        raw.iter().for_each(|raw| spellings.push(raw));
        interner.look_up(&mut spellings);
        spellings.numbers().to_vec()
    }

    #[test]
    fn spellings_share_a_number() {
        let suffixes = SuffixList::built_in().expect("the built-in list is well formed");
        let interner = Interner::new(&suffixes);
        let number = |raw| look_up(&interner, &[raw])[0];
        let first = number("Example.com");
        assert_eq!(first, Ok(0));
        assert_eq!(number("EXAMPLE.COM."), first);
        assert_eq!(number("bücher.example"), Ok(1));
        assert_eq!(number("xn--bcher-kva.example"), Ok(1));
        assert_eq!(number("exa_mple.com"), Err(Rejection::InvalidDomain));
        assert_eq!(number("localhost"), Err(Rejection::SingleLabel));
        assert_eq!(interner.into_domains().len(), 2);
    }

    #[test]
    fn many_at_once_are_as_many_one_by_one() {
        let suffixes = SuffixList::built_in().expect("the built-in list is well formed");
        let names: Vec<String> =
            (0..5000).map(|number| format!("{}.d{}.com", number % 7, number % 1999)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).chain(["a", "b.com", "", "B.com"]).collect();
        let (together, apart) = (Interner::new(&suffixes), Interner::new(&suffixes));
        let found = [look_up(&together, &names), look_up(&together, &names)];
        let single: Vec<_> = names.iter().flat_map(|name| look_up(&apart, &[name])).collect();
        let (domains, singles) = (together.into_domains(), apart.into_domains());
        let name = |domains: &[MailDomain], number: &Result<u32, Rejection>| {
            number.map(|number| domains[number as usize].name.clone())
        };
        for found in &found {
            let names_of = found.iter().map(|number| name(&domains, number));
            assert!(names_of.eq(single.iter().map(|number| name(&singles, number))));
        }
        assert_eq!(domains.len(), singles.len());
    }
}
