//! The name servers of domains. Most domains share theirs with many others, and a snapshot stores each set once: so
//! a set is read once, and a domain keeps its number.

use std::ops::Range;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::parking::Parking;
use super::survey::Surveyed;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// Distinct sets of name servers, numbered as they come; 0 is the empty one.
#[derive(Debug, Default)]
pub(crate) struct ServerSets<'a> {
    sets: Vec<ServerSet>,
    /// The hosts of all sets, one set after the other.
    members: Vec<u32>,
    hosts: Vec<&'a str>,
}

/// Sets that are being numbered.
#[derive(Debug, Default)]
pub(super) struct ServerSetNumbers<'a> {
    sets: ServerSets<'a>,
    /// What each host is listed as.
    listed: Vec<Option<Parking>>,
    /// By the snapshot and the number it gives them.
    numbers: Map<(u32, u32), u32>,
    /// By their names.
    places: Map<&'a str, u32>,
}

#[derive(Debug)]
struct ServerSet {
    members: Range<usize>,
    parked: Option<Parking>,
}

impl<'a> ServerSetNumbers<'a> {
    /// Numbers the sets of these names, and appends the number of each name's set.
    pub(super) fn add(&mut self, names: &[Surveyed<'a>], numbers: &mut Vec<u32>) {
        if self.sets.sets.is_empty() {
            self.sets.sets.push(ServerSet { members: 0..0, parked: None });
        }
        let mut fresh: Vec<((u32, u32), u32)> = (0..names.len() as u32)
            .into_par_iter()
            .filter_map(|place| Some((names[place as usize].zone.server_set()?, place)))
            .filter(|(set, _)| !self.numbers.contains_key(set))
            .collect();
        fresh.par_sort_unstable();
        fresh.dedup_by_key(|(set, _)| *set);
        for (set, place) in fresh {
            let start = self.sets.members.len();
            names[place as usize].zone.name_servers().for_each(|host| self.push_member(host));
            let members = start..self.sets.members.len();
            let listed = self.sets.members[members.clone()].iter().map(|host| self.listed[*host as usize]);
            let parked = Parking::weakest(listed);
            self.numbers.insert(set, self.sets.sets.len() as u32);
            self.sets.sets.push(ServerSet { members, parked });
        }
        let number = |name: &Surveyed<'a>| {
            name.zone.server_set().and_then(|set| self.numbers.get(&set).copied()).unwrap_or_default()
        };
        numbers.par_extend(names.par_iter().map(number));
    }

    fn push_member(&mut self, host: &'a str) {
        let Self { places, sets, listed, .. } = self;
        sets.members.push(*places.entry(host).or_insert_with(|| {
            sets.hosts.push(host);
            listed.push(Parking::of(host));
            sets.hosts.len() as u32 - 1
        }));
    }

    /// The hosts of all sets, in the order of their numbers.
    pub(super) fn hosts(&self) -> &[&'a str] {
        &self.sets.hosts
    }

    pub(super) fn finish(self) -> ServerSets<'a> {
        self.sets
    }
}

impl<'a> ServerSets<'a> {
    /// How many sets.
    pub(super) fn len(&self) -> u32 {
        self.sets.len() as u32
    }

    /// The numbers of the hosts of a set, in the order of their names.
    pub(super) fn members(&self, set: u32) -> &[u32] {
        self.sets.get(set as usize).map_or(&[], |set| &self.members[set.members.clone()])
    }

    /// The name of a host.
    pub(super) fn host(&self, host: u32) -> &'a str {
        self.hosts[host as usize]
    }

    /// What all hosts of a set are listed as.
    pub(super) fn parked(&self, set: u32) -> Option<Parking> {
        self.sets.get(set as usize)?.parked
    }
}
