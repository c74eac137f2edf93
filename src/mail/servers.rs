//! The mail servers of the mail domains of a run.
//!
//! Most mail domains share their servers with many others, so each distinct list of records is there once. A host in the mail
//! domain itself is kept as what stands in front of its name, so domains with servers of their own share lists, too. A mail
//! domain takes 16 bytes.

use std::borrow::Cow;
use std::ops::Range;

use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::lists::range;
use crate::name::MailDomain;
use crate::time::Moment;

/// The mail servers of the mail domains of a run.
#[derive(Debug, Default)]
pub(crate) struct MailServers {
    /// Distinct.
    pub(super) hosts: Vec<CompactString>,
    /// What hosts in mail domains have in front of the name of these.
    pub(super) prefixes: Vec<CompactString>,
    pub(super) lists: MxLists,
    /// For each mail domain. Empty if there are no data at all.
    pub(super) sets: Vec<StoredSet>,
    /// How many of them there are data about.
    pub(super) domains: usize,
}

/// What is kept of a mail domain.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoredSet {
    /// When the last of its records was seen, or [`UNDATED`].
    pub(super) seen: i64,
    /// The number of its list, or [`NO_LIST`].
    pub(super) list: u32,
}

/// There are no data about a mail domain.
pub(super) const NO_LIST: u32 = u32::MAX;
/// The time of records without a date.
pub(super) const UNDATED: i64 = i64::MIN;

impl StoredSet {
    pub(super) const NONE: Self = Self { seen: UNDATED, list: NO_LIST };
}

/// The day of a time; records without a date are of a day of their own.
pub(super) fn day_of(seen: i64) -> i32 {
    if seen == UNDATED { i32::MIN } else { Moment(seen).day().0 }
}

/// The records of one mail domain, of the newest data about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MxSet {
    /// When the last of them was seen; none if the data have no date.
    pub(crate) seen_at: Option<Moment>,
    /// The number of the list of records among [`MailServers::lists`].
    pub(crate) list: u32,
    /// The number of the mail domain.
    pub(crate) domain: u32,
}

/// One MX record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MxRecord {
    /// Lower counts first (RFC 5321, section 5.1); none if the data do not tell.
    pub(crate) preference: Option<u16>,
    /// The host.
    pub(crate) host: MxHost,
}

/// The host of an MX record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MxHost {
    /// Its place among [`MailServers::hosts`].
    Named(u32),
    /// In the mail domain itself: the number of what stands in front of its name.
    Within(u32),
    /// The root: the domain takes no mail (RFC 7505).
    Null,
    /// An IP address, which the record may not hold (RFC 5321, section 5.1).
    Address,
    /// Anything else that is no host name.
    Malformed,
}

/// Lists of records.
#[derive(Debug, Default)]
pub(crate) struct MxLists {
    /// Those of all lists, one after the other, and where each ends.
    records: Vec<MxRecord>,
    ends: Vec<usize>,
}

impl MxLists {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The records of a list.
    pub(crate) fn get(&self, number: u32) -> &[MxRecord] {
        range(&self.records, &self.ends, number)
    }

    /// Adds a list, and returns its number.
    pub(super) fn push(&mut self, records: impl Iterator<Item = MxRecord>) -> u32 {
        self.records.extend(records);
        self.ends.push(self.records.len());
        self.ends.len() as u32 - 1
    }
}

/// Names of hosts, for a moment.
#[derive(Debug, Default)]
pub(crate) struct HostNames {
    text: String,
    /// Where they are in the text, and whether they are in the mail domain that has them.
    places: Vec<(Range<usize>, bool)>,
}

impl HostNames {
    /// Forgets them.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
    }

    /// Appends some.
    pub(crate) fn extend<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        for name in names {
            let start = self.text.len();
            self.text.push_str(name);
            self.places.push((start..self.text.len(), false));
        }
    }

    /// The names, and whether they are in the mail domain that has them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        self.places.iter().map(|(place, is_within)| (&self.text[place.clone()], *is_within))
    }
}

impl MailServers {
    /// The distinct hosts outside the mail domains that have them, in no order: A-labels, lower case, no final dot. A host
    /// may be a single label or a public suffix.
    pub(crate) fn hosts(&self) -> &[CompactString] {
        &self.hosts
    }

    /// The lists of records: one record a host, those of the lowest preference first, those without preference last.
    pub(crate) fn lists(&self) -> &MxLists {
        &self.lists
    }

    /// The records of a set.
    pub(crate) fn records(&self, set: &MxSet) -> &[MxRecord] {
        self.lists.get(set.list)
    }

    /// What is known of a mail domain, by its place among the mail domains of the run.
    pub(crate) fn at(&self, number: usize) -> Option<MxSet> {
        let set = self.sets.get(number).filter(|set| set.list != NO_LIST)?;
        let seen_at = (set.seen != UNDATED).then_some(Moment(set.seen));
        Some(MxSet { seen_at, list: set.list, domain: number as u32 })
    }

    /// The names of the hosts of some records of a mail domain, in their order.
    pub(crate) fn host_names<'s>(
        &'s self,
        records: &'s [MxRecord],
        mail_domain: &'s str,
    ) -> impl Iterator<Item = Cow<'s, str>> {
        records.iter().filter_map(move |record| match record.host {
            MxHost::Named(host) => Some(Cow::Borrowed(&*self.hosts[host as usize])),
            MxHost::Within(prefix) => {
                let mut name = String::new();
                self.push_within(prefix, mail_domain, &mut name);
                Some(Cow::Owned(name))
            }
            MxHost::Null | MxHost::Address | MxHost::Malformed => None,
        })
    }

    /// Appends the name of a host in a mail domain.
    pub(crate) fn push_within(&self, prefix: u32, mail_domain: &str, text: &mut String) {
        let prefix = &self.prefixes[prefix as usize];
        text.push_str(prefix);
        text.push_str(if prefix.is_empty() { "" } else { "." });
        text.push_str(mail_domain);
    }

    /// Appends the names of the hosts of some records of a mail domain, sorted.
    pub(crate) fn push_sorted<'r>(
        &self,
        records: impl Iterator<Item = &'r MxRecord>,
        mail_domain: &str,
        names: &mut HostNames,
    ) {
        let first = names.places.len();
        for record in records {
            let start = names.text.len();
            let is_within = match record.host {
                MxHost::Named(host) => {
                    names.text.push_str(&self.hosts[host as usize]);
                    false
                }
                MxHost::Within(prefix) => {
                    self.push_within(prefix, mail_domain, &mut names.text);
                    true
                }
                MxHost::Null | MxHost::Address | MxHost::Malformed => continue,
            };
            names.places.push((start..names.text.len(), is_within));
        }
        let HostNames { text, places } = names;
        places[first..].sort_unstable_by(|(one, _), (other, _)| text[one.clone()].cmp(&text[other.clone()]));
    }

    /// Whether a list has hosts in the mail domains that have it.
    pub(crate) fn has_hosts_within(&self, list: u32) -> bool {
        self.lists.get(list).iter().any(|record| matches!(record.host, MxHost::Within(_)))
    }

    /// Names the hosts in these mail domains in full: they may be registered under other names than the mail domain is.
    pub(crate) fn spell_out(&mut self, numbers: &[u32], mail_domains: &[MailDomain]) {
        if numbers.is_empty() {
            return;
        }
        let places = self.hosts.iter().cloned().zip(0..);
        let mut places: HashMap<CompactString, u32, FixedState> = places.collect();
        for number in numbers.iter().map(|number| *number as usize) {
            let mut records = self.lists.get(self.sets[number].list).to_vec();
            for record in &mut records {
                let MxHost::Within(prefix) = record.host else { continue };
                let mut name = String::new();
                self.push_within(prefix, &mail_domains[number].name, &mut name);
                let place = *places.entry(name.into()).or_insert_with_key(|name| {
                    self.hosts.push(name.clone());
                    self.hosts.len() as u32 - 1
                });
                record.host = MxHost::Named(place);
            }
            self.sets[number].list = self.lists.push(records.into_iter());
        }
    }

    /// How many mail domains there are data about.
    pub(crate) fn domains(&self) -> usize {
        self.domains
    }

    /// When the sets were seen.
    fn times(&self) -> impl Iterator<Item = i64> {
        self.sets.iter().filter(|set| set.list != NO_LIST).map(|set| set.seen)
    }

    /// When the oldest and the newest sets were seen, undated ones left out.
    pub(crate) fn seen(&self) -> Option<(Moment, Moment)> {
        let dated = || self.times().filter(|seen| *seen != UNDATED).map(Moment);
        Some((dated().min()?, dated().max()?))
    }

    /// How many sets have no date.
    pub(crate) fn undated(&self) -> usize {
        self.times().filter(|seen| *seen == UNDATED).count()
    }
}
