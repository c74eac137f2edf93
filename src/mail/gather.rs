//! Batches → the newest set of each mail domain.
//!
//! Of each mail domain the list of its newest day is kept; most domains are met once. What else was found on that day is
//! noted beside it, and united with the list at the end or when there is too much of it. Lists are kept once each. So memory
//! grows with the mail domains of the run and their servers, not with the files. Neither the order of rows nor that of
//! files matters.
//!
//! *A day is a set.* A measurement asks for hours, and several resolvers may be asked in a row; what was seen on one day
//! (UTC) is what was there on it. A set that changed at noon is read as both, which can only find more to look at.
//! Undated records are a set of their own that any dated one displaces.

use super::batch::{FoundSet, MxBatch};
use super::host::{HostText, within};
use super::kept::KeptRecord;
use super::lists::{DistinctTexts, HostCode, PackedRecord, RecordLists};
use super::servers::{MailServers, MxHost, MxLists, MxRecord, NO_LIST, StoredSet, UNDATED, day_of};

/// Lists beside those of the mail domains, and records of all lists, that may be kept before what is old or repeated is
/// dropped.
const MOST_LISTS: usize = 1 << 21;
const MOST_RECORDS: usize = 1 << 22;
/// Records of one mail domain, at most. More do not fit into an answer of 65,535 octets (RFC 1035, section 4.2.2).
const MOST_OF_DOMAIN: usize = 4096;

/// Another list of a mail domain.
#[derive(Debug, Clone, Copy)]
struct OtherList {
    domain: u32,
    list: u32,
    day: i32,
}

/// Collects records.
#[derive(Debug)]
pub(super) struct MxGatherer {
    /// For each mail domain its first list of its newest day, and when the last record of that day was seen.
    sets: Vec<StoredSet>,
    /// Other lists, some of them of earlier days.
    others: Vec<OtherList>,
    lists: RecordLists,
    /// When to drop what is not needed: so many others, so many records.
    limits: (usize, usize),
    /// All hosts that were seen outside the mail domains that have them.
    hosts: DistinctTexts,
    /// What the hosts in mail domains have in front of the name of these.
    prefixes: DistinctTexts,
}

/// What the numbers of a batch are among all; [`UNKNOWN`] as long as nothing needs to know.
struct Translation {
    hosts: Vec<u32>,
    prefixes: Vec<u32>,
    lists: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

impl MxGatherer {
    /// Nothing is known of so many mail domains.
    pub(super) fn new(domains: usize) -> Self {
        Self {
            sets: vec![StoredSet::NONE; domains],
            others: Vec::new(),
            lists: RecordLists::default(),
            limits: (MOST_LISTS, MOST_RECORDS),
            hosts: DistinctTexts::default(),
            prefixes: DistinctTexts::default(),
        }
    }

    /// Takes what a batch holds.
    pub(super) fn take(&mut self, batch: &mut MxBatch<'_>) {
        batch.close();
        let kept = &batch.kept;
        let unknown = |count: usize| vec![UNKNOWN; count];
        let mut known = Translation {
            hosts: unknown(kept.hosts.len()),
            prefixes: unknown(kept.prefixes.texts.len()),
            lists: unknown(kept.lists.len()),
        };
        for found in &kept.found {
            let FoundSet { domain, list, seen } = *found;
            let set = self.sets[domain as usize];
            if set.list == NO_LIST || day_of(seen) >= day_of(set.seen) {
                if known.lists[list as usize] == UNKNOWN {
                    known.lists[list as usize] = self.translate(batch, list, &mut known);
                }
                self.add(FoundSet { domain, list: known.lists[list as usize], seen });
            }
        }
        if self.others.len() > self.limits.0 || self.lists.records() > self.limits.1 {
            self.thin_out();
        }
    }

    /// The number among all of a list of a batch.
    fn translate(&mut self, batch: &MxBatch<'_>, list: u32, known: &mut Translation) -> u32 {
        let kept = &batch.kept;
        let translate = |record: &PackedRecord| {
            let host = match record.host() {
                HostCode::Within(prefix) => {
                    let number = &mut known.prefixes[prefix as usize];
                    if *number == UNKNOWN {
                        *number = self.prefixes.number(&kept.prefixes.texts[prefix as usize]).0;
                    }
                    HostCode::Within(*number)
                }
                HostCode::Named(host) => {
                    let number = &mut known.hosts[host as usize];
                    if let (UNKNOWN, HostText::Named(name)) = (*number, &kept.hosts[host as usize]) {
                        *number = self.hosts.number(name).0;
                    }
                    HostCode::Named(*number)
                }
                other => other,
            };
            PackedRecord::new(record.preference(), host)
        };
        let mut records: Vec<PackedRecord> = kept.lists.get(list).iter().map(translate).collect();
        self.settle(&mut records);
        self.lists.intern(&records)
    }

    /// Adds a list to what is known of a mail domain.
    fn add(&mut self, FoundSet { domain, list, seen }: FoundSet) {
        let set = &mut self.sets[domain as usize];
        let day = day_of(seen);
        if set.list == NO_LIST || day > day_of(set.seen) {
            *set = StoredSet { seen, list };
        } else if day == day_of(set.seen) {
            set.seen = set.seen.max(seen);
            if set.list != list {
                self.others.push(OtherList { domain, list, day });
            }
        }
    }

    /// Takes a record that was kept of a mail domain with a name.
    pub(super) fn add_kept(&mut self, (domain, name): (u32, &str), record: &KeptRecord) {
        let host = match &record.host {
            HostText::Null => HostCode::Null,
            HostText::Address => HostCode::Address,
            HostText::Malformed => HostCode::Malformed,
            HostText::Named(host) => match within(host, name) {
                Some(prefix) => HostCode::Within(self.prefixes.number(prefix).0),
                None => HostCode::Named(self.hosts.number(host).0),
            },
        };
        let list = self.lists.intern(&[PackedRecord::new(record.preference, host)]);
        self.add(FoundSet { domain, list, seen: record.seen.map_or(UNDATED, |seen| seen.0) });
    }

    /// Brings records into the order of lists, each host once, with its lowest preference.
    fn settle(&self, records: &mut Vec<PackedRecord>) {
        records.sort_unstable_by_key(|record| (record.code(), *record));
        records.dedup_by_key(|record| record.code());
        if records.len() > MOST_OF_DOMAIN {
            records.sort_unstable_by_key(|record| self.place(*record));
            records.truncate(MOST_OF_DOMAIN);
        }
        records.sort_unstable();
    }

    /// The place of a record among others of a mail domain, whichever numbers their hosts have.
    fn place(&self, record: PackedRecord) -> (u32, bool, &str, u32) {
        let preference = record.preference().map_or(u32::MAX, u32::from);
        let (is_named, name) = match record.host() {
            HostCode::Within(prefix) => (false, &*self.prefixes.texts[prefix as usize]),
            HostCode::Named(host) => (true, &*self.hosts.texts[host as usize]),
            HostCode::Null | HostCode::Address | HostCode::Malformed => (false, ""),
        };
        (preference, is_named, name, record.code())
    }

    /// Unites all lists of each mail domain.
    fn unite(&mut self) {
        let mut others = std::mem::take(&mut self.others);
        others.sort_unstable_by_key(|other| other.domain);
        let mut records = Vec::new();
        for others in others.chunk_by(|one, other| one.domain == other.domain) {
            let place = others[0].domain as usize;
            let set = self.sets[place];
            records.clear();
            records.extend_from_slice(self.lists.get(set.list));
            for other in others.iter().filter(|other| other.day == day_of(set.seen)) {
                records.extend_from_slice(self.lists.get(other.list));
                if records.len() > 2 * MOST_OF_DOMAIN {
                    self.settle(&mut records);
                }
            }
            self.settle(&mut records);
            self.sets[place].list = self.lists.intern(&records);
        }
    }

    /// Drops lists of earlier days and repeated ones.
    fn thin_out(&mut self) {
        self.unite();
        let (mut kept, mut numbers) = (RecordLists::default(), vec![UNKNOWN; self.lists.len()]);
        for set in self.sets.iter_mut().filter(|set| set.list != NO_LIST) {
            let number = &mut numbers[set.list as usize];
            if *number == UNKNOWN {
                *number = kept.intern(self.lists.get(set.list));
            }
            set.list = *number;
        }
        self.lists = kept;
        self.limits.1 = MOST_RECORDS.max(2 * self.lists.records());
    }

    /// The sets of all mail domains.
    pub(super) fn finish(mut self) -> MailServers {
        self.unite();
        let (mut lists, mut numbers) = (MxLists::default(), vec![UNKNOWN; self.lists.len()]);
        let (mut sets, mut domains) = (std::mem::take(&mut self.sets), 0);
        let mut hosts = Vec::new();
        let mut places = vec![UNKNOWN; self.hosts.texts.len()];
        let mut list = Vec::new();
        for set in sets.iter_mut().filter(|set| set.list != NO_LIST) {
            domains += 1;
            let number = &mut numbers[set.list as usize];
            if *number == UNKNOWN {
                list.clear();
                list.extend_from_slice(self.lists.get(set.list));
                list.sort_unstable_by_key(|record| self.place(*record));
                *number = lists.push(list.iter().map(|record| MxRecord {
                    preference: record.preference(),
                    host: match record.host() {
                        HostCode::Null => MxHost::Null,
                        HostCode::Address => MxHost::Address,
                        HostCode::Malformed => MxHost::Malformed,
                        HostCode::Within(prefix) => MxHost::Within(prefix),
                        HostCode::Named(host) => {
                            let place = &mut places[host as usize];
                            if *place == UNKNOWN {
                                *place = hosts.len() as u32;
                                hosts.push(host);
                            }
                            MxHost::Named(*place)
                        }
                    },
                }));
            }
            set.list = *number;
        }
        let text = |host: u32| std::mem::take(&mut self.hosts.texts[host as usize]);
        let hosts = hosts.into_iter().map(text).collect();
        MailServers { hosts, prefixes: self.prefixes.texts, lists, sets, domains }
    }
}

/// When records were seen, and their preferences and hosts.
#[cfg(test)]
pub(crate) type PlantedSet<'p> = (Option<&'p str>, &'p [(Option<u16>, &'p str)]);

#[cfg(test)]
impl MxGatherer {
    /// Takes a record of a mail domain with a name.
    fn plant(
        &mut self,
        domain: (u32, &str),
        preference: Option<u16>,
        host: &str,
        seen: Option<crate::time::Moment>,
    ) {
        self.add_kept(domain, &KeptRecord { preference, host: HostText::read(host), seen });
    }
}

#[cfg(test)]
impl MailServers {
    /// Those of as many mail domains, each with its name, a time, and records of a preference and a host.
    pub(crate) fn of(sets: &[(&str, PlantedSet<'_>)]) -> Self {
        let mut gatherer = MxGatherer::new(sets.len());
        for (domain, (name, (seen, records))) in (0..).zip(sets) {
            let seen = seen.and_then(|seen| crate::time::Moment::parse(seen, crate::time::BareDate::Start));
            for (preference, host) in *records {
                gatherer.plant((domain, name), *preference, host, seen);
            }
        }
        gatherer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Moment;

    /// Records as `domain preference host day`, in this order and the other one.
    #[track_caller]
    fn gathers(rows: &[&str], limit: usize, expected: &[&str]) {
        let turned: Vec<&str> = rows.iter().rev().copied().collect();
        for rows in [rows, &turned] {
            let mut gatherer = MxGatherer::new(3);
            for row in rows {
                let cells: Vec<&str> = row.split(' ').collect();
                let seen = Moment::parse(cells[3], crate::time::BareDate::Start);
                let domain = (cells[0].parse().expect("a number"), "own.example");
                gatherer.plant(domain, cells[1].parse().ok(), cells[2], seen);
                if gatherer.others.len() > limit || gatherer.lists.records() > limit {
                    gatherer.thin_out();
                }
            }
            let servers = gatherer.finish();
            let show = |record: &MxRecord| {
                let host = match record.host {
                    MxHost::Null | MxHost::Address | MxHost::Malformed => format!("{:?}", record.host),
                    _ => servers.host_names(std::slice::from_ref(record), "own.example").collect(),
                };
                format!("{}:{host}", record.preference.map_or("-".to_owned(), |it| it.to_string()))
            };
            let sets = (0..3).filter_map(|number| {
                let set = servers.at(number)?;
                let seen = set.seen_at.map_or("-".to_owned(), Moment::day_or_time);
                let records: Vec<String> = servers.records(&set).iter().map(show).collect();
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
            gathers(
                &["0 7 own.example -", "0 5 mx.own.example -", "0 5 b.example -", "0 9 mx.own.example -"],
                limit,
                &["0 - 5:mx.own.example 5:b.example 7:own.example"],
            );
        }
    }

    #[test]
    fn lists_are_shared() {
        let shared: &[(Option<u16>, &str)] = &[(Some(10), "mx1.example.net"), (Some(20), "mx2.example.net")];
        let servers = MailServers::of(&[
            ("a.example", (Some("2026-05-31"), shared)),
            ("b.example", (None, &[(None, "mx2.example.net")])),
            ("c.example", (Some("2026-05-30"), shared)),
            ("d.example", (None, &[])),
        ]);
        assert_eq!(servers.hosts(), ["mx1.example.net", "mx2.example.net"]);
        assert_eq!((servers.lists().len(), servers.domains(), servers.undated()), (2, 3, 1));
        let list = |number| servers.at(number).map(|set| set.list);
        assert_eq!([list(0), list(1), list(2), list(3), list(4)], [Some(0), Some(1), Some(0), None, None]);
        let day = |text| Moment::parse(text, crate::time::BareDate::Start).expect("a day");
        assert_eq!(servers.seen(), Some((day("2026-05-30"), day("2026-05-31"))));
    }

    #[test]
    fn domains_with_servers_of_their_own_share_lists() {
        let of_a = [(Some(10), "mx.a.example"), (None, "a.example")];
        let of_b = [(Some(10), "mx.b.example"), (None, "b.example")];
        let servers = MailServers::of(&[("a.example", (None, &of_a)), ("b.example", (None, &of_b))]);
        assert_eq!((servers.hosts().len(), servers.lists().len()), (0, 1));
        let set = servers.at(1).expect("a set");
        let names: Vec<_> = servers.host_names(servers.records(&set), "b.example").collect();
        assert_eq!(names, ["mx.b.example", "b.example"]);
    }

    #[test]
    fn a_domain_has_no_more_records_than_an_answer_holds() {
        let mut gatherer = MxGatherer::new(1);
        for number in (0..3 * MOST_OF_DOMAIN as u32).rev() {
            gatherer.plant((0, "a.example"), Some(number as u16), &format!("mx{number}.example.net"), None);
        }
        let servers = gatherer.finish();
        let set = servers.at(0).expect("a set");
        let records = servers.records(&set);
        assert_eq!(records.len(), MOST_OF_DOMAIN);
        assert_eq!(records.last().map(|record| record.preference), Some(Some(MOST_OF_DOMAIN as u16 - 1)));
    }
}
