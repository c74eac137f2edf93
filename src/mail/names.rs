//! The mail domains of a run, found by their names as files spell them.
//!
//! Most names are in normal form as they are, and cost one look-up; only the others are normalized.

use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::name::{MailDomain, Rejection};

/// The mail domains of a run, to be looked up by any spelling of their names.
#[derive(Debug)]
pub(super) struct MxNames<'a> {
    domains: &'a [MailDomain],
    table: HashTable<u32>,
    hasher: FixedState,
    /// If every name is wanted, those that were met.
    met: Option<Mutex<MetNames>>,
}

/// Names that are numbered as they come.
#[derive(Debug, Default)]
struct MetNames {
    names: Vec<CompactString>,
    table: HashTable<u32>,
}

/// Names for which row groups of a table are passed over. More are in nearly all of them.
const MOST_SOUGHT: usize = 1 << 14;

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameFound {
    /// This mail domain of the run.
    Wanted(u32),
    /// Some other name.
    Other,
    /// No name at all.
    NoName,
}

impl<'a> MxNames<'a> {
    pub(super) fn of(domains: &'a [MailDomain]) -> Self {
        let (hasher, mut table) = (FixedState::default(), HashTable::with_capacity(domains.len()));
        for (number, domain) in domains.iter().enumerate() {
            let hash = hasher.hash_one(domain.name.as_str());
            table.insert_unique(hash, number as u32, |number: &u32| {
                hasher.hash_one(domains[*number as usize].name.as_str())
            });
        }
        Self { domains, table, hasher, met: None }
    }

    /// All names, numbered as they come.
    pub(super) fn all() -> Self {
        Self { met: Some(Mutex::default()), ..Self::of(&[]) }
    }

    /// The names that were met, if all are wanted.
    pub(super) fn into_met(self) -> Vec<CompactString> {
        let met = self.met.map(|met| met.into_inner().unwrap_or_else(PoisonError::into_inner));
        met.map(|met| met.names).unwrap_or_default()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.domains.len()
    }

    /// The names with and without their final dot, sorted; none if they are too many to be looked for in an index.
    pub(super) fn spellings(&self) -> Option<Vec<String>> {
        let names = || self.domains.iter().map(|domain| domain.name.to_string());
        let mut all: Vec<String> = match self.len() {
            _ if self.met.is_some() => return None,
            0..=MOST_SOUGHT => names().chain(names().map(|name| name + ".")).collect(),
            _ => return None,
        };
        all.sort_unstable();
        Some(all)
    }

    fn get(&self, name: &str) -> NameFound {
        if let Some(met) = &self.met {
            let mut met = met.lock().unwrap_or_else(PoisonError::into_inner);
            return NameFound::Wanted(met.number(name, &self.hasher));
        }
        let is_it = |number: &u32| self.domains[*number as usize].name == name;
        let found = self.table.find(self.hasher.hash_one(name), is_it);
        found.map_or(NameFound::Other, |number| NameFound::Wanted(*number))
    }

    /// Looks a name up as it is written.
    pub(super) fn find(&self, written: &str) -> NameFound {
        if let Some(name) = normal_already(written) {
            return self.get(name);
        }
        match MailDomain::normalize(written) {
            Ok(domain) => self.get(&domain.name),
            // a top-level domain, or the root
            Err(Rejection::SingleLabel) => NameFound::Other,
            Err(_) if written.trim() == "." => NameFound::Other,
            Err(_) => NameFound::NoName,
        }
    }
}

impl MetNames {
    fn number(&mut self, name: &str, hasher: &FixedState) -> u32 {
        let Self { names, table } = self;
        let hash = hasher.hash_one(name);
        if let Some(number) = table.find(hash, |number| names[*number as usize] == name) {
            return *number;
        }
        let number = names.len() as u32;
        names.push(name.into());
        table.insert_unique(hash, number, |number| hasher.hash_one(names[*number as usize].as_str()));
        number
    }
}

/// The name without its final dot, if it is in normal form as it is. Most are.
pub(super) fn normal_already(written: &str) -> Option<&str> {
    let name = written.strip_suffix('.').unwrap_or(written);
    let (mut before, mut dots) = (b'.', 0);
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => {}
            b'.' if before != b'.' => dots += 1,
            _ => return None,
        }
        before = byte;
    }
    (dots > 0 && before != b'.').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(written: &str, expected: NameFound) {
        let domains = ["example.com", "xn--bcher-kva.example", "a_b.example.com"];
        let domains: Vec<MailDomain> =
            domains.iter().map(|name| MailDomain::normalize(name).expect("a mail domain")).collect();
        assert_eq!(MxNames::of(&domains).find(written), expected, "{written:?}");
    }

    #[test]
    fn names() {
        is("example.com", NameFound::Wanted(0));
        is("example.com.", NameFound::Wanted(0));
        is("Example.COM", NameFound::Wanted(0));
        is(" example.com ", NameFound::Wanted(0));
        is("bücher.example", NameFound::Wanted(1));
        is("a_b.example.com.", NameFound::Wanted(2));
        is("mail.example.com", NameFound::Other);
        is("com.", NameFound::Other);
        is(".", NameFound::Other);
        is("", NameFound::NoName);
        is("10", NameFound::NoName);
        is("a..example", NameFound::NoName);
        is(".example.com", NameFound::NoName);
        is("a b", NameFound::NoName);
    }
}
