//! Batches → the newest set of each mail domain.
//!
//! Of each mail domain the newest day is remembered, and records of earlier days are dropped as they come or when there
//! are too many. So memory grows with the mail domains of the run and their servers, not with the files. Neither the order
//! of rows nor that of files matters.
//!
//! *A day is a set.* A measurement asks for hours, and several resolvers may be asked in a row; what was seen on one day
//! (UTC) is what was there on it. A set that changed at noon is read as both, which can only find more to look at.
//! Undated records are a set of their own that any dated one displaces.

use std::hash::BuildHasher;
use std::sync::Arc;

use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::batch::{FoundRecord, MxBatch};
use super::host::HostText;
use super::kept::KeptRecord;
use super::servers::{MailServers, MxHost, MxRecord, MxSet, NO_SET};
use crate::time::Moment;

/// Records that may be kept before old and repeated ones are dropped.
const MOST_RECORDS: usize = 1 << 22;
/// Room for those of a batch beyond that.
const ROOM: usize = 1 << 18;
/// Records of one mail domain, at most. More do not fit into an answer of 65,535 octets (RFC 1035, section 4.2.2).
const MOST_OF_DOMAIN: usize = 4096;

/// The time of records without a date.
const UNDATED: i64 = i64::MIN;
/// The preference of records that do not tell it: after all others.
const UNTOLD: u32 = u32::MAX;

/// A record, with the number of its host among all.
#[derive(Debug, Clone, Copy)]
struct GatheredRecord {
    domain: u32,
    host: u32,
    preference: u32,
    day: i32,
}

/// A record of a mail domain that is known: its preference and its host.
type RecordOfDomain = (u32, u32);

/// Collects records.
#[derive(Debug)]
pub(super) struct MxGatherer {
    /// For each mail domain when the newest of its records was seen.
    newest: Vec<i64>,
    records: Vec<GatheredRecord>,
    /// When to drop what is not needed.
    limit: usize,
    /// All hosts that were seen; the first stand for those that are no names.
    hosts: Vec<CompactString>,
    numbers: HashTable<u32>,
    hasher: FixedState,
}

// the numbers of hosts that are no names
const NULL: u32 = 0;
const ADDRESS: u32 = 1;
const MALFORMED: u32 = 2;
const FIRST_NAME: u32 = 3;

fn day_of(seen: i64) -> i32 {
    if seen == UNDATED { i32::MIN } else { Moment(seen).day().0 }
}

impl MxGatherer {
    /// Nothing is known of so many mail domains.
    pub(super) fn new(domains: usize) -> Self {
        Self {
            newest: vec![UNDATED; domains],
            // memory that nothing was written into costs nothing, and growing would copy all of it
            records: Vec::with_capacity(MOST_RECORDS + ROOM),
            limit: MOST_RECORDS,
            hosts: vec![CompactString::default(); FIRST_NAME as usize],
            numbers: HashTable::new(),
            hasher: FixedState::default(),
        }
    }

    /// Takes the records of a batch.
    pub(super) fn take(&mut self, batch: &mut MxBatch<'_>) {
        let numbers: Vec<u32> = batch.hosts.drain(..).map(|host| self.number(host)).collect();
        for record in batch.found.drain(..) {
            self.add(FoundRecord { host: numbers[record.host as usize], ..record });
        }
        if self.records.len() > self.limit {
            self.thin_out();
            self.limit = MOST_RECORDS.max(2 * self.records.len());
        }
    }

    /// Takes a record that was kept.
    pub(super) fn add_kept(&mut self, domain: u32, record: &KeptRecord) {
        let KeptRecord { preference, ref host, seen } = *record;
        let host = self.number(host.clone());
        self.add(FoundRecord { domain, host, preference, seen });
    }

    fn add(&mut self, FoundRecord { domain, host, preference, seen }: FoundRecord) {
        let seen = seen.map_or(UNDATED, |seen| seen.0);
        let (day, newest) = (day_of(seen), &mut self.newest[domain as usize]);
        if seen >= *newest || day >= day_of(*newest) {
            *newest = seen.max(*newest);
            let preference = preference.map_or(UNTOLD, u32::from);
            self.records.push(GatheredRecord { domain, host, preference, day });
        }
    }

    fn number(&mut self, host: HostText) -> u32 {
        let name = match host {
            HostText::Null => return NULL,
            HostText::Address => return ADDRESS,
            HostText::Malformed => return MALFORMED,
            HostText::Named(name) => name,
        };
        let Self { hosts, numbers, hasher, .. } = self;
        let hash = hasher.hash_one(name.as_str());
        if let Some(number) = numbers.find(hash, |number| hosts[*number as usize] == name) {
            return *number;
        }
        let number = hosts.len() as u32;
        hosts.push(name);
        numbers.insert_unique(hash, number, |number| hasher.hash_one(hosts[*number as usize].as_str()));
        number
    }

    /// Drops records of earlier days and repeated ones.
    fn thin_out(&mut self) {
        let mut kept = Vec::new();
        self.each_domain(&mut |domain, records| {
            let day = day_of(self.newest[domain as usize]);
            let record = |(preference, host): &RecordOfDomain| GatheredRecord {
                domain,
                host: *host,
                preference: *preference,
                day,
            };
            kept.extend(records.iter().map(record));
        });
        self.records = kept;
    }

    /// Hands on the records of the newest day of each mail domain, by preference and host, each host once.
    fn each_domain(&self, take: &mut dyn FnMut(u32, &[RecordOfDomain])) {
        let is_newest = |record: &&GatheredRecord| record.day == day_of(self.newest[record.domain as usize]);
        let mut ends = vec![0_u32; self.newest.len()];
        self.records.iter().filter(is_newest).for_each(|record| ends[record.domain as usize] += 1);
        let mut sum = 0;
        for end in &mut ends {
            (sum, *end) = (sum + *end, sum);
        }
        let mut sorted: Vec<RecordOfDomain> = vec![(0, 0); sum as usize];
        for record in self.records.iter().filter(is_newest) {
            let end = &mut ends[record.domain as usize];
            sorted[*end as usize] = (record.preference, record.host);
            *end += 1;
        }
        let (mut rest, mut start) = (sorted.as_mut_slice(), 0);
        let mut distinct = Vec::new();
        for (domain, end) in ends.iter().enumerate().filter(|(_, end)| **end > 0) {
            if *end == start {
                continue;
            }
            let (records, after) = rest.split_at_mut((*end - start) as usize);
            (rest, start) = (after, *end);
            records.sort_unstable_by_key(|(preference, host)| (*host, *preference));
            distinct.clear();
            distinct.extend_from_slice(records);
            // the lowest preference of a host is its first
            distinct.dedup_by_key(|(_, host)| *host);
            let name = |host: u32| self.hosts[host as usize].as_str();
            distinct.sort_unstable_by(|(one, its_host), (other, other_host)| {
                one.cmp(other).then_with(|| (name(*its_host), its_host).cmp(&(name(*other_host), other_host)))
            });
            distinct.truncate(MOST_OF_DOMAIN);
            take(domain as u32, &distinct);
        }
    }

    /// The sets of all mail domains.
    pub(super) fn finish(self) -> MailServers {
        let mut places = vec![NO_SET; self.newest.len()];
        let (mut sets, mut lists) = (Vec::new(), ListsOfRecords::default());
        let (mut hosts, mut numbers) = (Vec::new(), vec![NO_HOST; self.hosts.len()]);
        let mut list: Vec<MxRecord> = Vec::new();
        self.each_domain(&mut |domain, records| {
            list.clear();
            list.extend(records.iter().map(|(preference, host)| MxRecord {
                preference: u16::try_from(*preference).ok(),
                host: match *host {
                    NULL => MxHost::Null,
                    ADDRESS => MxHost::Address,
                    MALFORMED => MxHost::Malformed,
                    named => {
                        let number = &mut numbers[named as usize];
                        if *number == NO_HOST {
                            *number = hosts.len() as u32;
                            hosts.push(self.hosts[named as usize].clone());
                        }
                        MxHost::Named(*number)
                    }
                },
            }));
            let list = lists.intern(&list);
            let seen = self.newest[domain as usize];
            places[domain as usize] = sets.len() as u32;
            sets.push(MxSet { seen_at: (seen != UNDATED).then_some(Moment(seen)), list });
        });
        MailServers { hosts, lists: lists.lists, places, sets }
    }
}

/// A host that is in no set yet.
const NO_HOST: u32 = u32::MAX;

/// Distinct lists of records.
#[derive(Default)]
struct ListsOfRecords {
    lists: Vec<Arc<[MxRecord]>>,
    numbers: HashTable<u32>,
    hasher: FixedState,
}

impl ListsOfRecords {
    /// The number of a list.
    fn intern(&mut self, records: &[MxRecord]) -> u32 {
        let Self { lists, numbers, hasher } = self;
        let hash = hasher.hash_one(records);
        if let Some(number) = numbers.find(hash, |number| *lists[*number as usize] == *records) {
            return *number;
        }
        let number = lists.len() as u32;
        lists.push(records.into());
        numbers.insert_unique(hash, number, |number| hasher.hash_one(&*lists[*number as usize]));
        number
    }
}

/// When records were seen, and their preferences and hosts.
#[cfg(test)]
pub(crate) type PlantedSet<'p> = (Option<&'p str>, &'p [(Option<u16>, &'p str)]);

#[cfg(test)]
impl MailServers {
    /// Those of as many mail domains, each with a time and with records of a preference and a host.
    pub(crate) fn of(sets: &[PlantedSet<'_>]) -> Self {
        let mut gatherer = MxGatherer::new(sets.len());
        for (domain, (seen, records)) in sets.iter().enumerate() {
            let seen = seen.and_then(|seen| Moment::parse(seen, crate::time::BareDate::Start));
            for (preference, host) in *records {
                let (domain, host) = (domain as u32, gatherer.number(HostText::read(host)));
                gatherer.add(FoundRecord { domain, host, preference: *preference, seen });
            }
        }
        gatherer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records as `domain preference host day`, in this order and the other one.
    #[track_caller]
    fn gathers(rows: &[&str], limit: usize, expected: &[&str]) {
        let turned: Vec<&str> = rows.iter().rev().copied().collect();
        for rows in [rows, &turned] {
            let mut gatherer = MxGatherer { limit, ..MxGatherer::new(3) };
            for row in rows {
                let cells: Vec<&str> = row.split(' ').collect();
                let host = gatherer.number(HostText::read(cells[2]));
                let seen = Moment::parse(cells[3], crate::time::BareDate::Start);
                let (domain, preference) = (cells[0].parse().expect("a number"), cells[1].parse().ok());
                gatherer.add(FoundRecord { domain, host, preference, seen });
                if gatherer.records.len() > limit {
                    gatherer.thin_out();
                }
            }
            let servers = gatherer.finish();
            let show = |record: &MxRecord| {
                let host = match record.host {
                    MxHost::Named(place) => servers.hosts()[place as usize].to_string(),
                    other => format!("{other:?}"),
                };
                format!("{}:{host}", record.preference.map_or("-".to_owned(), |it| it.to_string()))
            };
            let sets = (0..3).filter_map(|number| {
                let set = servers.at(number)?;
                let seen = set.seen_at.map_or("-".to_owned(), Moment::day_or_time);
                let records: Vec<String> = servers.records(set).iter().map(show).collect();
                Some(format!("{number} {seen} {}", records.join(" ")))
            });
            assert_eq!(sets.collect::<Vec<_>>(), expected, "{rows:?}");
        }
    }

    #[test]
    fn the_newest_day_counts() {
        for limit in [0, 1, 1000] {
            gathers(&[], limit, &[]);
            gathers(
                &["1 10 old.example 2026-05-30", "1 20 b.example 2026-05-31", "1 10 a.example 2026-05-31"],
                limit,
                &["1 2026-05-31 10:a.example 20:b.example"],
            );
            // hours of one day are one set, dated by the last of them
            gathers(
                &["0 10 a.example 2026-05-31T01:00:00Z", "0 20 b.example 2026-05-31T23:00:00Z"],
                limit,
                &["0 2026-05-31T23:00:00Z 10:a.example 20:b.example"],
            );
            // undated ones never displace dated ones
            gathers(&["2 1 a.example -", "2 2 b.example 2026-01-01"], limit, &["2 2026-01-01 2:b.example"]);
            gathers(&["2 - b.example -", "2 1 a.example -"], limit, &["2 - 1:a.example -:b.example"]);
            // a host comes once, with its lowest preference
            gathers(
                &["0 20 a.example -", "0 10 a.example -", "0 - a.example -", "0 20 b.example -"],
                limit,
                &["0 - 10:a.example 20:b.example"],
            );
            gathers(
                &["0 0 . -", "0 5 192.0.2.1 -", "0 5 a..b -"],
                limit,
                &["0 - 0:Null 5:Address 5:Malformed"],
            );
        }
    }

    #[test]
    fn lists_are_shared() {
        let shared: &[(Option<u16>, &str)] = &[(Some(10), "mx1.example.net"), (Some(20), "mx2.example.net")];
        let servers = MailServers::of(&[
            (Some("2026-05-31"), shared),
            (None, &[(None, "mx2.example.net")]),
            (Some("2026-05-30"), shared),
            (None, &[]),
        ]);
        assert_eq!(servers.hosts(), ["mx1.example.net", "mx2.example.net"]);
        assert_eq!((servers.lists().len(), servers.domains(), servers.undated()), (2, 3, 1));
        let list = |number| servers.at(number).map(|set| set.list);
        assert_eq!([list(0), list(1), list(2), list(3), list(4)], [Some(0), Some(1), Some(0), None, None]);
        let day = |text| Moment::parse(text, crate::time::BareDate::Start).expect("a day");
        assert_eq!(servers.seen(), Some((day("2026-05-30"), day("2026-05-31"))));
    }

    #[test]
    fn a_domain_has_no_more_records_than_an_answer_holds() {
        let mut gatherer = MxGatherer::new(1);
        for number in (0..2 * MOST_OF_DOMAIN as u32).rev() {
            let host = gatherer.number(HostText::read(&format!("mx{number}.example.net")));
            let preference = Some(number as u16);
            gatherer.add(FoundRecord { domain: 0, host, preference, seen: None });
        }
        let servers = gatherer.finish();
        let set = servers.at(0).expect("a set");
        let records = servers.records(set);
        assert_eq!(records.len(), MOST_OF_DOMAIN);
        assert_eq!(records.last().map(|record| record.preference), Some(Some(MOST_OF_DOMAIN as u16 - 1)));
    }
}
