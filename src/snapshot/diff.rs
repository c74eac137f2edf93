//! What changed between two snapshots of a zone: one walk over both, side by side.
//!
//! A name that is only in the second one was *added*; if either of them remembers it from before, it has *returned*.
//! A name that is only in the first one was *dropped* if the second proves absence, else it is *unseen*. Sets of name
//! servers are compared by their hosts, each pair of sets once.

use hashbrown::HashMap;

use super::order::order;
use super::stored::Stored;
use super::table::{SnapshotTable, TableWalk};
use crate::error::Result;

named_enum! {
    /// What happened to a name.
    pub(crate) enum SnapshotChange {
        /// It is there for the first time.
        Added = "added",
        /// It is gone, and the second snapshot proves it.
        Dropped = "dropped",
        /// It is not in the second snapshot, which proves nothing.
        Unseen = "unseen",
        /// It is there again.
        Returned = "returned",
        /// It has other name servers.
        NameServers = "name_servers",
    }
}

/// A name that changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changed<'a> {
    /// What happened.
    pub(crate) change: SnapshotChange,
    /// The name, relative to the origin.
    pub(crate) name: &'a [u8],
    /// The number of its set in the first snapshot; 0 if it has none there.
    pub(crate) before: u32,
    /// The number of its set in the second.
    pub(crate) after: u32,
}

/// Visits the names that changed from `first` to `second`, in order.
pub(crate) fn diff(
    first: &Stored,
    second: &Stored,
    mut visit: impl FnMut(Changed<'_>) -> Result<()>,
) -> Result<()> {
    let (mut a, mut b) = (Side::new(&first.table), Side::new(&second.table));
    let gone = if second.facts.is_whole() { SnapshotChange::Dropped } else { SnapshotChange::Unseen };
    let mut same = SameSets { first: &first.table, second: &second.table, known: HashMap::default() };
    loop {
        let ordering = match (a.there, b.there) {
            (false, false) => break,
            (true, false) => std::cmp::Ordering::Less,
            (false, true) => std::cmp::Ordering::Greater,
            (true, true) => order(a.walk.name(), b.walk.name()),
        };
        let (in_a, in_b) = (ordering.is_le(), ordering.is_ge());
        let (was, is) = (in_a && a.is_here(), in_b && b.is_here());
        let (before, after) = (if was { a.walk.set() } else { 0 }, if is { b.walk.set() } else { 0 });
        let change = match (was, is) {
            (true, true) if !same.are(before, after) => Some(SnapshotChange::NameServers),
            (true, false) => Some(gone),
            (false, true) if in_a || b.is_older_than(first) => Some(SnapshotChange::Returned),
            (false, true) => Some(SnapshotChange::Added),
            _ => None,
        };
        if let Some(change) = change {
            let name = if in_a { a.walk.name() } else { b.walk.name() };
            visit(Changed { change, name, before, after })?;
        }
        if in_a {
            a.advance();
        }
        if in_b {
            b.advance();
        }
    }
    first.table.check().and_then(|()| second.table.check())
}

struct Side<'t> {
    walk: TableWalk<'t>,
    there: bool,
}

impl<'t> Side<'t> {
    fn new(table: &'t SnapshotTable) -> Self {
        let mut walk = table.walk();
        let there = walk.advance();
        Self { walk, there }
    }

    fn advance(&mut self) {
        self.there = self.walk.advance();
    }

    fn is_here(&self) -> bool {
        self.walk.entry().is_present()
    }

    /// Whether the past of this entry reaches back to the date of another snapshot.
    fn is_older_than(&self, other: &Stored) -> bool {
        let entry = self.walk.entry();
        let past = entry.past();
        let seen = past.first_seen.into_iter().chain(past.last_seen);
        seen.chain(past.absences.iter().map(|absence| absence.from)).any(|day| day <= other.table.day())
    }
}

/// Which sets of two tables have the same hosts.
struct SameSets<'t> {
    first: &'t SnapshotTable,
    second: &'t SnapshotTable,
    /// For sets of the first, the set of the second with the same hosts, as far as found.
    known: HashMap<u32, u32, foldhash::fast::FixedState>,
}

impl SameSets<'_> {
    fn are(&mut self, first: u32, second: u32) -> bool {
        if first == 0 || second == 0 {
            return first == second;
        }
        if self.known.get(&first) == Some(&second) {
            return true;
        }
        let same = self.first.hosts(first).eq(self.second.hosts(second));
        if same {
            self.known.insert(first, second);
        }
        same
    }
}
