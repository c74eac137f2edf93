//! The mail servers of the mail domains of a run.
//!
//! Most mail domains share their servers with many others, so each distinct list of records is there once. A mail domain
//! takes 28 bytes if there are data about it, and 4 if there are none.

use std::sync::Arc;

use compact_str::CompactString;

use crate::time::Moment;

/// The mail servers of the mail domains of a run.
#[derive(Debug, Default)]
pub(crate) struct MailServers {
    /// Distinct.
    pub(super) hosts: Vec<CompactString>,
    /// The distinct lists of records.
    pub(super) lists: Vec<Arc<[MxRecord]>>,
    /// For each mail domain the place of its set, or [`NO_SET`]. Empty if there are no data at all.
    pub(super) places: Vec<u32>,
    pub(super) sets: Vec<MxSet>,
}

/// There are no data about a mail domain.
pub(super) const NO_SET: u32 = u32::MAX;

/// The records of one mail domain, of the newest data about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MxSet {
    /// When the last of them was seen; none if the data have no date.
    pub(crate) seen_at: Option<Moment>,
    /// The number of the list of records among [`MailServers::lists`].
    pub(crate) list: u32,
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
    /// The root: the domain takes no mail (RFC 7505).
    Null,
    /// An IP address, which the record may not hold (RFC 5321, section 5.1).
    Address,
    /// Anything else that is no host name.
    Malformed,
}

impl MailServers {
    /// The distinct hosts, in no order: A-labels, lower case, no final dot. A host may be a single label or a public suffix.
    pub(crate) fn hosts(&self) -> &[CompactString] {
        &self.hosts
    }

    /// The distinct lists of records: one record a host, those of the lowest preference first, those without preference
    /// last.
    pub(crate) fn lists(&self) -> &[Arc<[MxRecord]>] {
        &self.lists
    }

    /// The records of a set.
    pub(crate) fn records(&self, set: &MxSet) -> &[MxRecord] {
        &self.lists[set.list as usize]
    }

    /// What is known of a mail domain, by its place among the mail domains of the run.
    pub(crate) fn at(&self, number: usize) -> Option<&MxSet> {
        let place = *self.places.get(number)?;
        self.sets.get(place as usize)
    }

    /// How many mail domains there are data about.
    pub(crate) fn domains(&self) -> usize {
        self.sets.len()
    }

    /// When the oldest and the newest sets were seen, undated ones left out.
    pub(crate) fn seen(&self) -> Option<(Moment, Moment)> {
        let seen = || self.sets.iter().filter_map(|set| set.seen_at);
        Some((seen().min()?, seen().max()?))
    }

    /// How many sets have no date.
    pub(crate) fn undated(&self) -> usize {
        self.sets.iter().filter(|set| set.seen_at.is_none()).count()
    }
}
