//! What the zones say of one name.
//!
//! A run holds one of these for each distinct name, so it is small: name servers are the number of their set in
//! the snapshot, and what the store remembers of a name beyond its last day is kept apart, since most names have no
//! such past.

use super::catalog::Snapshot;
use super::history::History;
use crate::time::{Day, Moment};

/// What the zones say of a name.
#[derive(Debug, Clone, Default)]
pub struct ZoneEvidence<'a> {
    /// The snapshot that decides, or the newest that covers the name.
    pub snapshot: Option<&'a Snapshot>,
    /// Present, proved absent, or neither.
    pub presence: Option<bool>,
    /// Why it is not known whether the name is present, where there is more to say than that no zone tells.
    pub doubt: Option<Doubt>,
    /// Whether it has a DS record; unknown unless present.
    pub(crate) has_ds: Option<bool>,
    /// If it is present: the day on which it was last seen, where the snapshot only remembers the name.
    pub(super) remembered_on: Option<Day>,
    /// If it is present: the set of its name servers in the snapshot.
    pub(super) servers: u32,
    pub(super) last_seen: Option<Day>,
    pub(super) past: Option<Box<NamePast<'a>>>,
}

/// Why it is not known whether a name is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The complete snapshot that decides holds only names below it.
    OnlyNamesBelow,
    /// It was seen in a snapshot too old to count.
    SeenTooLongAgo,
    /// The only covering snapshots are dated after as-of.
    AfterAsOf,
}

/// What a store remembers of a name to which something happened.
#[derive(Debug, Clone)]
pub(super) struct NamePast<'a> {
    history: History,
    /// The snapshot that remembers it.
    by: &'a Snapshot,
}

impl<'a> ZoneEvidence<'a> {
    /// When the name was present: the snapshot's date, or an earlier day if the snapshot only remembers the name.
    pub fn seen_at(&self) -> Option<Moment> {
        let snapshot = self.snapshot.filter(|_| self.presence == Some(true))?;
        Some(self.remembered_on.map_or(snapshot.date.moment, Day::start))
    }

    /// Whether the complete snapshot that decides holds only names below it.
    pub(crate) fn holds_only_names_below(&self) -> bool {
        self.doubt == Some(Doubt::OnlyNamesBelow)
    }

    /// The hosts of its NS records, sorted; none unless present.
    pub fn name_servers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let servers = self.servers;
        self.snapshot.into_iter().flat_map(move |snapshot| snapshot.table.hosts(servers))
    }

    /// A number that names with the same set of name servers share: that of the snapshot, then that of the set.
    pub(crate) fn server_set(&self) -> Option<(u32, u32)> {
        self.snapshot.filter(|_| self.servers != 0).map(|snapshot| (snapshot.place() as u32, self.servers))
    }

    /// What the store remembers of it.
    pub fn history(&self) -> History {
        let nothing = || History { last_seen: self.last_seen, ..History::default() };
        self.past().cloned().unwrap_or_else(nothing)
    }

    /// The same, if anything happened to it.
    pub(crate) fn past(&self) -> Option<&History> {
        self.past.as_deref().map(|past| &past.history)
    }

    /// The last date it was in a snapshot.
    pub(crate) fn last_seen(&self) -> Option<Day> {
        self.last_seen
    }

    /// The hosts before the last change of name servers, sorted.
    pub fn servers_before(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let change = self.past.as_ref().and_then(|past| Some((past.by, past.history.change?.before)));
        change.into_iter().flat_map(|(snapshot, before)| snapshot.table.hosts(before))
    }

    /// Adds what a snapshot remembers of the name.
    pub(super) fn remember(&mut self, by: &'a Snapshot, history: History) {
        self.last_seen = history.last_seen;
        if self.history() != history {
            self.past = Some(Box::new(NamePast { history, by }));
        }
    }
}
