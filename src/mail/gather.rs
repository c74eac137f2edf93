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

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};

use super::batch::{FoundRecord, MxBatch};
use super::host::HostText;
use super::servers::{MailServers, MxHost, MxRecord, MxSet, NO_SET};
use crate::time::Moment;

/// Records that may be kept before old and repeated ones are dropped.
const MOST_RECORDS: usize = 1 << 22;
/// Records of one mail domain, at most. More do not fit into an answer of 65,535 octets (RFC 1035, section 4.2.2).
const MOST_OF_DOMAIN: usize = 4096;

/// The day of records without a date.
const UNDATED: i32 = i32::MIN;

/// A record, with the number of its host among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct GatheredRecord {
    domain: u32,
    host: u32,
    preference: Option<u16>,
    seen: Option<Moment>,
}

impl GatheredRecord {
    fn day(&self) -> i32 {
        self.seen.map_or(UNDATED, |seen| seen.day().0)
    }
}

/// Collects records.
#[derive(Debug)]
pub(super) struct MxGatherer {
    /// The newest day of each mail domain.
    days: Vec<i32>,
    records: Vec<GatheredRecord>,
    /// When to drop what is not needed.
    limit: usize,
    /// All hosts that were seen.
    hosts: Vec<HostText>,
    numbers: HashMap<Box<str>, u32, FixedState>,
}

// the numbers of hosts that are no names
const NULL: u32 = 0;
const ADDRESS: u32 = 1;
const MALFORMED: u32 = 2;

impl MxGatherer {
    /// Nothing is known of so many mail domains.
    pub(super) fn new(domains: usize) -> Self {
        Self {
            days: vec![UNDATED; domains],
            records: Vec::new(),
            limit: MOST_RECORDS,
            hosts: vec![HostText::Null, HostText::Address, HostText::Malformed],
            numbers: HashMap::default(),
        }
    }

    /// Takes the records of a batch.
    pub(super) fn take(&mut self, batch: &mut MxBatch<'_>) {
        let numbers: Vec<u32> =
            std::mem::take(&mut batch.hosts).into_iter().map(|host| self.number(host)).collect();
        for record in std::mem::take(&mut batch.found) {
            let FoundRecord { domain, host, preference, seen } = record;
            self.add(GatheredRecord { domain, host: numbers[host as usize], preference, seen });
        }
        if self.records.len() > self.limit {
            self.thin_out();
            self.limit = MOST_RECORDS.max(2 * self.records.len());
        }
    }

    fn add(&mut self, record: GatheredRecord) {
        let (day, newest) = (record.day(), &mut self.days[record.domain as usize]);
        if day >= *newest {
            *newest = day;
            self.records.push(record);
        }
    }

    fn number(&mut self, host: HostText) -> u32 {
        let name = match &host {
            HostText::Null => return NULL,
            HostText::Address => return ADDRESS,
            HostText::Malformed => return MALFORMED,
            HostText::Named(name) => name,
        };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.hosts.len() as u32;
        self.numbers.insert(name.clone(), number);
        self.hosts.push(host);
        number
    }

    /// Drops records of earlier days and repeated ones, and brings those of each mail domain together.
    fn thin_out(&mut self) {
        let days = &self.days;
        self.records.retain(|record| record.day() == days[record.domain as usize]);
        self.records = by_domain(&self.records, self.days.len());
        let mut kept: Vec<GatheredRecord> = Vec::with_capacity(self.records.len());
        for of_domain in self.records.chunk_by_mut(|one, other| one.domain == other.domain) {
            of_domain.sort_unstable_by_key(|record| record.host);
            let start = kept.len();
            for record in of_domain.iter() {
                match kept[start..].last_mut().filter(|last| last.host == record.host) {
                    None => kept.push(*record),
                    Some(last) => {
                        last.preference = lower(last.preference, record.preference);
                        last.seen = last.seen.max(record.seen);
                    }
                }
            }
            if kept.len() - start > MOST_OF_DOMAIN {
                let hosts = &self.hosts;
                let name = |record: &GatheredRecord| match &hosts[record.host as usize] {
                    HostText::Named(name) => &**name,
                    _ => "",
                };
                kept[start..].sort_by(|one, other| {
                    (order(one.preference), name(one)).cmp(&(order(other.preference), name(other)))
                });
                kept.truncate(start + MOST_OF_DOMAIN);
            }
        }
        self.records = kept;
    }

    /// The sets of all mail domains.
    pub(super) fn finish(mut self) -> MailServers {
        self.thin_out();
        let (hosts, ranks) = self.sorted_hosts();
        let mut places = vec![NO_SET; self.days.len()];
        let (mut sets, mut lists) = (Vec::new(), ListsOfRecords::default());
        let mut records: Vec<MxRecord> = Vec::new();
        for of_domain in self.records.chunk_by(|one, other| one.domain == other.domain) {
            records.clear();
            records.extend(of_domain.iter().map(|record| MxRecord {
                preference: record.preference,
                host: match record.host {
                    NULL => MxHost::Null,
                    ADDRESS => MxHost::Address,
                    MALFORMED => MxHost::Malformed,
                    named => MxHost::Named(ranks[named as usize]),
                },
            }));
            records.sort_unstable_by_key(|record| (order(record.preference), record.host));
            let (list, records) = lists.intern(&records);
            let seen_at = of_domain.iter().filter_map(|record| record.seen).max();
            places[of_domain[0].domain as usize] = sets.len() as u32;
            sets.push(MxSet { seen_at, list, records });
        }
        MailServers { hosts, lists: lists.lists, places, sets }
    }

    /// The names of the hosts that are in a set, sorted, and the place of each host among them.
    fn sorted_hosts(&self) -> (Vec<Box<str>>, Vec<u32>) {
        let mut is_used = vec![false; self.hosts.len()];
        self.records.iter().for_each(|record| is_used[record.host as usize] = true);
        let named = self.hosts.iter().enumerate().filter(|(number, _)| is_used[*number]);
        let named = named.filter_map(|(number, host)| match host {
            HostText::Named(name) => Some((name, number)),
            _ => None,
        });
        let mut named: Vec<(&Box<str>, usize)> = named.collect();
        named.sort_unstable();
        let mut ranks = vec![0; self.hosts.len()];
        named.iter().enumerate().for_each(|(rank, (_, number))| ranks[*number] = rank as u32);
        (named.into_iter().map(|(name, _)| name.clone()).collect(), ranks)
    }
}

/// The lower of two preferences of one host.
fn lower(one: Option<u16>, other: Option<u16>) -> Option<u16> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Unknown preferences come last.
fn order(preference: Option<u16>) -> u32 {
    preference.map_or(u32::MAX, u32::from)
}

/// The records of each mail domain together, in the order of the domains' numbers.
fn by_domain(records: &[GatheredRecord], domains: usize) -> Vec<GatheredRecord> {
    if records.is_sorted_by_key(|record| record.domain) {
        return records.to_vec();
    }
    let mut next = vec![0_u32; domains];
    records.iter().for_each(|record| next[record.domain as usize] += 1);
    let mut sum = 0;
    for start in &mut next {
        (sum, *start) = (sum + *start, sum);
    }
    let mut sorted = records.to_vec();
    for record in records {
        let place = &mut next[record.domain as usize];
        sorted[*place as usize] = *record;
        *place += 1;
    }
    sorted
}

/// Distinct lists of records.
#[derive(Default)]
struct ListsOfRecords {
    lists: Vec<Arc<[MxRecord]>>,
    numbers: HashTable<u32>,
    hasher: FixedState,
}

impl ListsOfRecords {
    /// The number of a list, and the list as all share it.
    fn intern(&mut self, records: &[MxRecord]) -> (u32, Arc<[MxRecord]>) {
        let Self { lists, numbers, hasher } = self;
        let hash = hasher.hash_one(records);
        if let Some(number) = numbers.find(hash, |number| *lists[*number as usize] == *records) {
            return (*number, Arc::clone(&lists[*number as usize]));
        }
        let (number, list) = (lists.len() as u32, Arc::<[MxRecord]>::from(records));
        lists.push(Arc::clone(&list));
        numbers.insert_unique(hash, number, |number| hasher.hash_one(&*lists[*number as usize]));
        (number, list)
    }
}

#[cfg(test)]
impl MailServers {
    /// Those of as many mail domains, each with a time and with records of a preference and a host.
    pub(crate) fn of(sets: &[(Option<&str>, &[(Option<u16>, &str)])]) -> Self {
        let mut gatherer = MxGatherer::new(sets.len());
        for (domain, (seen, records)) in sets.iter().enumerate() {
            let seen = seen.and_then(|seen| Moment::parse(seen, crate::time::BareDate::Start));
            for (preference, host) in *records {
                let (domain, host) = (domain as u32, gatherer.number(HostText::read(host)));
                gatherer.add(GatheredRecord { domain, host, preference: *preference, seen });
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
                gatherer.add(GatheredRecord { domain, host, preference, seen });
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
                assert_eq!(servers.lists()[set.list as usize], set.records);
                let seen = set.seen_at.map_or("-".to_owned(), Moment::day_or_time);
                let records: Vec<String> = set.records.iter().map(show).collect();
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
        assert_eq!(servers.hosts(), [Box::from("mx1.example.net"), "mx2.example.net".into()]);
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
            gatherer.add(GatheredRecord { domain: 0, host, preference, seen: None });
        }
        let servers = gatherer.finish();
        let set = servers.at(0).expect("a set");
        assert_eq!(set.records.len(), MOST_OF_DOMAIN);
        assert_eq!(set.records.last().map(|record| record.preference), Some(Some(MOST_OF_DOMAIN as u16 - 1)));
    }
}
