//! From the records of a zone to its snapshot, with the history of the snapshot before.
//!
//! Presence is decided here. A name is in the table if the zone delegates it, or has data at it or below it.
//! Signatures (RRSIG, NSEC, NSEC3) do not count. Address records need the whole zone: they are glue at or below a
//! delegation, and orphan glue where the owner is the host of some NS record. Only what remains is data of the zone,
//! and of that very name: an address below a name that is not delegated is what a deleted registration leaves behind.
//! Names that exist only because of data or delegations below them are kept and marked. They cannot be proved absent
//! (RFC 8020), and a zone with several levels (`co.jp` in `jp`) has delegations below them.
//!
//! Names that ascend are written as they come, merged with the snapshot before. All others (in an unsorted zone, but
//! also names above owners, and addresses) are sorted in runs. If there are any at the end, they are merged with what
//! was written. The result does not depend on the order of the records.
//!
//! Memory: the distinct hosts and sets ([`super::sets`]), one run of each kind ([`super::runs`]), and the buffers of
//! the writer; not the names.

use std::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::format::SnapshotHeader;
use super::order::order;
use super::part::{ABOVE, Part, ancestors};
use super::runs::{Gathered, NameFlags, Runs};
use super::sets::{NO_SET, Sets, hosts_of};
use super::table::{OWN_DATA, SnapshotTable};
use crate::error::{Error, Result};
use crate::time::Day;
use crate::zone::Serial;
use crate::zone::ZoneSink;

mod merge;

use merge::{Merge, Renumbered};

/// The snapshot whose history is carried on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base<'b> {
    /// Its table.
    pub(crate) table: &'b SnapshotTable,
    /// How much of its history counts.
    pub(crate) carries: Carries<'b>,
}

/// How much of the history of a snapshot counts for another one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Carries<'b> {
    /// All of it, up to its own date.
    All {
        /// Whether names that are not in it are absent.
        proves_absence: bool,
    },
    /// What it knew before its own date. It takes the place of the snapshot before it, which is gone.
    Before {
        /// Set if an earlier change of name servers of some name is lost: only the latest is kept, and it happened on
        /// the snapshot's own date.
        lost_change: &'b AtomicBool,
    },
}

impl Base<'_> {
    /// The date up to which its history counts.
    fn day(&self) -> Option<Day> {
        match self.carries {
            Carries::All { .. } => Some(self.table.day()),
            Carries::Before { .. } => self.table.base_day(),
        }
    }
}

/// Collects a zone's records and writes them.
pub(crate) struct Builder<'b> {
    target: BuildTarget<'b>,
    merge: Merge<'b>,
    open: Option<Open>,
    /// The open name.
    name: Vec<u8>,
    /// What else was said about it, in later parts.
    more: Gathered,
    /// Names that arrived out of order.
    late: Runs,
    /// Owners of address records; the end of the zone decides about them.
    addresses: Runs,
    /// The numbers here of the sets of a part.
    numbers: Vec<u32>,
    /// Empty parts to be used again: fresh memory costs page faults.
    spare: Vec<Part>,
}

/// What is written, and where.
struct BuildTarget<'b> {
    path: PathBuf,
    directory: PathBuf,
    origin: Vec<u8>,
    day: Day,
    base: Option<Base<'b>>,
    sets: Sets,
    /// Space for a name with its origin.
    scratch: Vec<u8>,
}

/// The last name in order. It may go on in the next part.
#[derive(Clone, Copy)]
struct Open {
    found: NameFlags,
    /// Octets it shares with the name before, if that is known.
    shared: Option<usize>,
}

impl<'b> Builder<'b> {
    /// Writes to a new file at `path`. Runs of names to be sorted go to the same directory.
    pub(crate) fn create(path: &Path, day: Day, base: Option<Base<'b>>) -> Result<Self> {
        let directory = path.parent().unwrap_or(Path::new(".")).to_path_buf();
        Ok(Self {
            merge: Merge::create(path, day, base)?,
            open: None,
            name: Vec::new(),
            more: Gathered::default(),
            late: Runs::new(&directory),
            addresses: Runs::new(&directory),
            numbers: Vec::new(),
            spare: Vec::new(),
            target: BuildTarget {
                path: path.to_path_buf(),
                directory,
                origin: Vec::new(),
                day,
                base,
                sets: Sets::default(),
                scratch: Vec::new(),
            },
        })
    }

    /// Takes the names of a snapshot instead of a zone's records.
    pub(crate) fn take_names(&mut self, of: &SnapshotTable) -> Result<()> {
        let mut walk = of.walk();
        let mut numbers = Renumbered::new(of);
        while walk.advance() {
            if let Some((flags, set)) = walk.entry().in_zone() {
                let found = NameFlags { flags, set: numbers.number(set, &mut self.target.sets) };
                self.merge.push(walk.name(), None, found, &mut self.target.sets)?;
            }
        }
        of.check()
    }

    /// Writes what is left. `facts` makes the facts once the number of names is known.
    pub(crate) fn finish(mut self, facts: impl Fn(u64) -> Vec<u8>) -> Result<(File, SnapshotHeader)> {
        self.close_open()?;
        let Self { mut target, mut merge, late, mut addresses, .. } = self;
        if !late.is_empty() {
            let written = merge.finish(&mut target.sets, |_| Vec::new())?;
            merge = target.merge_again(&written.0, late)?;
        }
        addresses.retain(|name| !target.is_host(name));
        let written = merge.finish(&mut target.sets, &facts)?;
        if addresses.is_empty() {
            return Ok(written);
        }
        let own = target.own_addresses(addresses, &written.0)?;
        if own.is_empty() {
            return Ok(written);
        }
        target.merge_again(&written.0, own)?.finish(&mut target.sets, &facts)
    }

    #[inline]
    fn close_open(&mut self) -> Result<()> {
        let Some(Open { mut found, shared }) = self.open.take() else { return Ok(()) };
        if !self.more.is_empty() {
            self.more.add(found);
            found = self.more.join(&mut self.target.sets);
        }
        self.merge.push(&self.name, shared, found, &mut self.target.sets)
    }

    /// Takes a name in any order, and says whether it is the open one now.
    fn place(&mut self, name: &[u8], found: NameFlags) -> Result<bool> {
        if self.open.is_some() {
            match order(&self.name, name) {
                Ordering::Equal => {
                    self.more.add(found);
                    return Ok(true);
                }
                Ordering::Greater => {
                    self.late.push(name, found, &mut self.target.sets)?;
                    return Ok(false);
                }
                Ordering::Less => self.close_open()?,
            }
        }
        self.name.clear();
        self.name.extend_from_slice(name);
        self.open = Some(Open { found, shared: None });
        Ok(true)
    }
}

impl<'b> BuildTarget<'b> {
    /// Writes once more, in order, what was written and what arrived out of order.
    fn merge_again(&mut self, written: &File, late: Runs) -> Result<Merge<'b>> {
        let written = SnapshotTable::of(&self.path, written)?;
        std::fs::remove_file(&self.path).map_err(|error| Error::io(&self.path, "replace", &error))?;
        let late = late.merged(&mut self.sets)?;
        let mut merge = Merge::create(&self.path, self.day, self.base)?;
        late.visit(Some(written.walk()), &mut self.sets, |name, found, sets| {
            merge.push(name, None, found, sets)
        })?;
        written.check()?;
        Ok(merge)
    }

    /// The owners of address records that are neither glue nor orphan glue.
    fn own_addresses(&mut self, addresses: Runs, written: &File) -> Result<Runs> {
        let written = SnapshotTable::of(&self.path, written)?;
        let addresses = addresses.merged(&mut self.sets)?;
        let mut own = Runs::new(&self.directory);
        let mut sweep = written.sweep();
        addresses.visit(None, &mut self.sets, |name, found, sets| {
            let mut cut = |name: &[u8]| sweep.entry(name).is_some_and(|entry| entry.is_delegated());
            let glue = is_host(name, &self.origin, sets, &mut self.scratch)
                || ancestors(name).chain([name]).any(&mut cut);
            if glue { Ok(()) } else { own.push(name, found, sets) }
        })?;
        written.check().map(|()| own)
    }

    fn is_host(&mut self, name: &[u8]) -> bool {
        is_host(name, &self.origin, &self.sets, &mut self.scratch)
    }
}

/// Whether a name is the host of an NS record.
fn is_host(name: &[u8], origin: &[u8], sets: &Sets, absolute: &mut Vec<u8>) -> bool {
    absolute.clear();
    absolute.extend_from_slice(name);
    if !origin.is_empty() {
        absolute.push(b'.');
        absolute.extend_from_slice(origin);
    }
    sets.knows(absolute)
}

impl ZoneSink for Builder<'_> {
    type Part = Part;

    fn begin(&mut self, origin: &[u8], _: Option<Serial>) -> Result<()> {
        self.target.origin = origin.to_vec();
        Ok(())
    }

    fn part(&mut self) -> Part {
        self.spare.pop().unwrap_or_else(|| Part::new(&self.target.origin))
    }

    fn append(&mut self, mut part: Part) -> Result<()> {
        part.flush();
        self.target.sets.numbers(&part.set_text, &part.sets, &mut self.numbers);
        let mut text = part.text.as_slice();
        // the name before, unless it is the open one
        let mut away = Some(Vec::new());
        for entry in &part.entries {
            let (rest, following) = text.split_at(usize::from(entry.length));
            text = following;
            let shared = usize::from(entry.shared);
            let set = entry.set.checked_sub(1).map_or(NO_SET, |set| self.numbers[set as usize]);
            let found = NameFlags { flags: entry.flags, set };
            if entry.ascends && away.is_none() {
                self.close_open()?;
                self.name.truncate(shared);
                self.name.extend_from_slice(rest);
                self.open = Some(Open { found, shared: Some(shared) });
            } else {
                let mut name = away.as_ref().unwrap_or(&self.name)[..shared].to_vec();
                name.extend_from_slice(rest);
                away = if self.place(&name, found)? { None } else { Some(name) };
            }
        }
        for name in hosts_of(&part.above) {
            self.late.push(name, NameFlags { flags: ABOVE, set: NO_SET }, &mut self.target.sets)?;
        }
        for name in hosts_of(&part.addresses) {
            if self.target.is_host(name) {
                continue;
            }
            if self.addresses.is_full() {
                self.addresses.retain(|name| !self.target.is_host(name));
            }
            self.addresses.push(name, NameFlags { flags: OWN_DATA, set: NO_SET }, &mut self.target.sets)?;
        }
        self.spare.push(part.emptied());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::ZonePart;
    use crate::zone::{RecordData, ZoneRecord};

    /// Builds these records, cut into parts of `length`.
    fn build(origin: &str, records: &[(&str, RecordData<'_>)], length: usize) -> SnapshotTable {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("zone.zls");
        let mut builder = Builder::create(&path, Day(20_000), None).expect("a new file");
        builder.begin(origin.as_bytes(), None).expect("an origin");
        for records in records.chunks(length) {
            let mut part = builder.part();
            for (owner, data) in records {
                part.record(ZoneRecord { owner: owner.as_bytes(), data: *data, line: 1 });
            }
            builder.append(part).expect("a part");
        }
        let (file, _) = builder.finish(|_| Vec::new()).expect("a snapshot");
        let table = SnapshotTable::of(&path, &file).expect("a snapshot just written");
        table.verify().expect("a snapshot just written");
        table
    }

    #[test]
    fn sets_of_scattered_records_are_joined_once() {
        let hosts: Vec<String> = (0..40).map(|number| format!("ns{number:02}.example")).collect();
        let owner = |number: usize| if number.is_multiple_of(2) { "b.com" } else { "a.com" };
        let records: Vec<(&str, RecordData<'_>)> = hosts
            .iter()
            .zip(0..)
            .map(|(host, number)| (owner(number), RecordData::Ns(host.as_bytes())))
            .collect();
        for length in [1, 2, 7, 40] {
            let table = build("com", &records, length);
            let of = |first: usize| hosts[first..].iter().step_by(2).map(String::as_str).collect::<Vec<_>>();
            says(&table, "a", Some(&of(1)));
            says(&table, "b", Some(&of(0)));
            // that of each record, and those of the two names
            assert_eq!(table.header().sets, 42);
        }
    }

    #[track_caller]
    fn says(table: &SnapshotTable, name: &str, expected: Option<&[&str]>) {
        let found = table.get(name.as_bytes()).map(|entry| entry.name_servers().collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{name}");
        let swept = table.sweep().entry(name.as_bytes()).map(|entry| entry.name_servers().count());
        assert_eq!(swept, expected.map(<[&str]>::len), "{name}");
    }

    #[test]
    fn presence() {
        use RecordData::{Address, Ds, Ns, Other, Signature};
        let records = [
            ("com", Ns(b"a.com")),
            ("b.com", Ns(b"ns2.b.com")),
            ("b.com", Ns(b"ns1.b.com")),
            ("b.com", Ds),
            ("b.com", Ns(b"ns1.b.com")),
            ("ns1.b.com", Address),
            ("ns1.gone.com", Address),
            ("ns1.left.com", Address),
            ("c.com", Ns(b"ns1.gone.com")),
            ("a.com", Ns(b"host.com")),
            ("host.com", Address),
            ("own.com", Address),
            ("mail.com", Other),
            ("hash.com", Signature(b"")),
            ("x.deep.com", Ns(b"ns1.b.com")),
            ("b.com", Ns(b"ns3.b.com")),
        ];
        for length in [1, 2, 5, records.len()] {
            let table = build("com", &records, length);
            says(&table, "b", Some(&["ns1.b.com", "ns2.b.com", "ns3.b.com"]));
            assert!(table.get(b"b").is_some_and(|entry| entry.has_ds()));
            says(&table, "c", Some(&["ns1.gone.com"]));
            for present in ["own", "mail", "deep"] {
                says(&table, present, Some(&[]));
            }
            for absent in ["ns1.b", "ns1.gone", "gone", "left", "host", "hash", "com", "", "zz"] {
                says(&table, absent, None);
            }
            assert_eq!(table.len(), 8, "a, b, c, deep, mail, ns1.left, own, x.deep");
        }
    }
}
