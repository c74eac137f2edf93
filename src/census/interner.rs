//! Distinct mail domains, each with a number, shared by all workers.
//!
//! The key is the domain as it was written but for the case of ASCII letters, so that normalizing and
//! cutting are done once for each spelling. Spellings of one domain share its number. What is rejected
//! is not kept, so that garbage does not grow the table. Numbers depend on the order in which workers
//! come; nothing that is reported does.

use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::name::{MailDomain, Rejection, SuffixList};

/// Parts of the table, each behind a lock of its own.
const SHARDS: usize = 64;
/// Octets up to which a spelling is kept; a longer one is normalized anew each time.
const SPELLING_OCTETS: usize = 255;

/// The table.
#[derive(Debug)]
pub struct Interner<'a> {
    suffixes: &'a SuffixList,
    spellings: Vec<Mutex<HashTable<Spelling>>>,
    domains: Mutex<Domains>,
    hasher: FixedState,
}

/// A domain as written, and the number of the mail domain it means.
///
/// Short ones lie in the table itself, which saves a step through memory for nearly every row.
type Spelling = (CompactString, u32);

#[derive(Debug, Default)]
struct Domains {
    list: Vec<MailDomain>,
    numbers: HashTable<u32>,
}

impl<'a> Interner<'a> {
    /// An empty table.
    pub fn new(suffixes: &'a SuffixList) -> Self {
        let spellings = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { suffixes, spellings, domains: Mutex::default(), hasher: FixedState::default() }
    }

    /// The number of the mail domain written as `raw`. `folded` is scratch space.
    pub fn number(&self, raw: &str, folded: &mut String) -> Result<u32, Rejection> {
        folded.clear();
        folded.push_str(raw);
        folded.make_ascii_lowercase();
        let hash = self.hasher.hash_one(folded.as_str());
        let shard = &self.spellings[(hash >> 40) as usize % SHARDS];
        let find = |known: &Spelling| known.0 == folded.as_str();
        if let Some((_, number)) = lock(shard).find(hash, find) {
            return Ok(*number);
        }
        let domain = MailDomain::normalize(folded)?;
        self.suffixes.cut(&domain.name)?;
        let number = self.add(domain);
        if folded.len() <= SPELLING_OCTETS {
            let mut spellings = lock(shard);
            if spellings.find(hash, find).is_none() {
                let rehash = |known: &Spelling| self.hasher.hash_one(known.0.as_str());
                spellings.insert_unique(hash, (folded.as_str().into(), number), rehash);
            }
        }
        Ok(number)
    }

    fn add(&self, domain: MailDomain) -> u32 {
        let hash = self.hasher.hash_one(&*domain.name);
        let Domains { list, numbers } = &mut *lock(&self.domains);
        if let Some(number) = numbers.find(hash, |number| list[*number as usize].name == domain.name) {
            return *number;
        }
        let number = list.len() as u32;
        list.push(domain);
        numbers.insert_unique(hash, number, |number| self.hasher.hash_one(&*list[*number as usize].name));
        number
    }

    /// The mail domains in the order of their numbers.
    pub fn into_domains(self) -> Vec<MailDomain> {
        self.domains.into_inner().unwrap_or_else(PoisonError::into_inner).list
    }
}

/// The tables hold no half-done changes between statements, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_share_a_number() {
        let suffixes = SuffixList::built_in().expect("the built-in list is well formed");
        let interner = Interner::new(&suffixes);
        let mut scratch = String::new();
        let mut number = |raw| interner.number(raw, &mut scratch);
        let first = number("Example.com");
        assert_eq!(first, Ok(0));
        assert_eq!(number("EXAMPLE.COM."), first);
        assert_eq!(number("bücher.example"), Ok(1));
        assert_eq!(number("xn--bcher-kva.example"), Ok(1));
        assert_eq!(number("exa_mple.com"), Err(Rejection::InvalidDomain));
        assert_eq!(number("localhost"), Err(Rejection::SingleLabel));
        assert_eq!(interner.into_domains().len(), 2);
    }
}
