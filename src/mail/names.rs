//! The mail domains of a run, found by their names as files spell them.
//!
//! Most names are in normal form as they are, and cost one look-up; only the others are normalized. The table is larger
//! than a processor's cache, so each look-up waits for memory: names of rows that stand together are looked up several at a
//! time, so that the waiting times overlap.

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

/// Names that are looked up at a time.
const AHEAD: usize = 16;

/// The names of some rows.
#[derive(Debug, Default)]
pub(super) struct FoundNames {
    /// What they are; a name that many rows have in a row is there once.
    distinct: Vec<NameFound>,
    /// For each row the place of its name.
    places: Vec<u32>,
}

impl FoundNames {
    /// What the name of a row is.
    pub(super) fn get(&self, row: usize) -> NameFound {
        self.distinct[self.places[row] as usize]
    }
}

/// A name in normal form that waits to be looked up: its place, itself, and its hash.
type WaitingName<'t> = (u32, &'t str, u64);

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

    /// All names, unless every name is wanted.
    pub(super) fn listed(&self) -> Option<impl Iterator<Item = &'a str>> {
        self.met.is_none().then(|| self.domains.iter().map(|domain| &*domain.name))
    }

    /// The name of a mail domain; empty if every name is wanted, so that no host is in it.
    pub(super) fn name(&self, number: u32) -> &'a str {
        self.domains.get(number as usize).map_or("", |domain| &*domain.name)
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

    /// Looks the names of rows up as they are written.
    pub(super) fn find_all<'t>(&self, names: impl Iterator<Item = &'t str>, found: &mut FoundNames) {
        found.distinct.clear();
        found.places.clear();
        let mut waiting: Vec<WaitingName<'t>> = Vec::with_capacity(AHEAD);
        let mut last = None;
        for written in names {
            if last != Some(written) {
                let place = found.distinct.len() as u32;
                match normal_already(written) {
                    Some(name) if self.met.is_none() => {
                        found.distinct.push(NameFound::Other);
                        waiting.push((place, name, self.hasher.hash_one(name)));
                    }
                    _ => found.distinct.push(self.find(written)),
                }
                last = Some(written);
            }
            found.places.push(found.distinct.len() as u32 - 1);
            if waiting.len() == AHEAD {
                self.find_waiting(&mut waiting, &mut found.distinct);
            }
        }
        self.find_waiting(&mut waiting, &mut found.distinct);
    }

    fn find_waiting(&self, waiting: &mut Vec<WaitingName<'_>>, found: &mut [NameFound]) {
        // the first entry with the right tag is nearly always the one; its length is read to have it fetched
        let mut likely = [(0, None); AHEAD];
        for (likely, (_, _, hash)) in likely.iter_mut().zip(&*waiting) {
            likely.1 = self.table.find(*hash, |_| true).copied();
        }
        for (octets, number) in &mut likely {
            *octets = number.map_or(0, |number| self.domains[number as usize].name.len());
        }
        for ((octets, number), (place, name, _)) in likely.iter().zip(waiting.drain(..)) {
            found[place as usize] = match *number {
                None => NameFound::Other,
                Some(number) if *octets == name.len() && self.name(number) == name => {
                    NameFound::Wanted(number)
                }
                Some(_) => self.get(name),
            };
        }
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
        let (names, mut found) = (MxNames::of(&domains), FoundNames::default());
        assert_eq!(names.find(written), expected, "{written:?}");
        // among many, and twice in a row
        let others = (0..40).map(|number| format!("mx{number}.example.com")).collect::<Vec<_>>();
        let all = || others.iter().flat_map(|other| [other, written, written, "example.com."]);
        names.find_all(all(), &mut found);
        for (row, name) in all().enumerate() {
            assert_eq!(found.get(row), names.find(name), "{name:?}");
        }
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
