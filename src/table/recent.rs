//! What was found for names that were asked for lately, so that the names of every batch are not probed anew.
//!
//! There are two generations. What is used moves into the younger one; when that is full, it becomes the elder one, and
//! what was not used since is forgotten. Each has a bound, so memory does not grow with the names.

use std::borrow::Borrow;
use std::hash::Hash;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// What was found lately, by name.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    young: HashMap<K, V, FixedState>,
    old: HashMap<K, V, FixedState>,
    /// What the younger generation takes.
    size: usize,
    /// What a generation may take.
    most: usize,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    /// Nothing yet; each generation may take so much, in the units of [`Recent::put`].
    pub(crate) fn new(most: usize) -> Self {
        Self { young: HashMap::default(), old: HashMap::default(), size: 0, most }
    }

    /// Makes room, before the next names are asked for.
    pub(crate) fn age(&mut self) {
        if self.size >= self.most {
            self.old = std::mem::take(&mut self.young);
            self.size = 0;
        }
    }

    /// What was found for a name.
    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&mut self, name: &Q, size: impl Fn(&V) -> usize) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if let Some((name, value)) = self.old.remove_entry(name) {
            // what was used stays, even if that is a little more than the bound
            self.size += size(&value);
            self.young.insert(name, value);
        }
        self.young.get(name)
    }

    /// Keeps what was found for a name, if there is room.
    pub(crate) fn put(&mut self, name: K, size: usize, value: impl FnOnce() -> V) {
        if self.size < self.most {
            self.size += size;
            self.young.insert(name, value());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each step is a batch: names that are asked for, and kept if they were not known. Says which were known.
    #[track_caller]
    fn remembers(most: usize, steps: &[(&str, &str)]) {
        let mut recent: Recent<char, ()> = Recent::new(most);
        for (asked, known) in steps {
            recent.age();
            let found: String = asked.chars().filter(|name| recent.get(name, |()| 1).is_some()).collect();
            assert_eq!(found, *known, "{asked} of {steps:?}");
            asked.chars().filter(|name| !found.contains(*name)).for_each(|name| recent.put(name, 1, || ()));
        }
    }

    #[test]
    fn what_was_used_lately_stays() {
        remembers(4, &[("abcd", ""), ("ab", "ab"), ("efg", ""), ("abcd", "ab")]);
        // no more than a generation is kept of one batch
        remembers(2, &[("abcd", ""), ("abcd", "ab")]);
        // what every batch asks for is never forgotten
        remembers(2, &[("ab", ""), ("ac", "a"), ("ad", "a"), ("ae", "a"), ("ab", "a")]);
        remembers(0, &[("a", ""), ("a", "")]);
    }
}
