//! The records of a piece of a file: only those about wanted names are kept, as numbers.
//!
//! Rows of one name mostly stand together, and so do rows of one date. So the last name and the last date are
//! remembered, and most rows need no look-up. Rows of other names cost one look-up and are passed over.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::file::MxFile;
use super::host::{HostText, each_host};
use super::names::{MxNames, NameFound};
use crate::error::Position;
use crate::time::{BareDate, Moment};

/// What holds for all pieces of a file.
#[derive(Clone, Copy)]
pub(super) struct MxReading<'a> {
    /// The file.
    pub(super) path: &'a Path,
    /// Whose records are kept.
    pub(super) wanted: &'a MxNames<'a>,
    /// The moment of judgement.
    pub(super) as_of: Moment,
    /// The date in the name of the file.
    pub(super) file_date: Option<Moment>,
    /// Memory for batches.
    pub(super) spare: &'a SpareBuffers,
}

/// What grows in a batch.
#[derive(Default)]
struct MxBuffers {
    hosts: Vec<HostText>,
    spellings: HostSpellings,
    found: Vec<FoundRecord>,
}

/// Memory of batches that were taken, for later ones: fresh memory costs more time than what is written into it.
#[derive(Default)]
pub(super) struct SpareBuffers(Mutex<Vec<MxBuffers>>);

impl SpareBuffers {
    fn take(&self) -> MxBuffers {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn put(&self, mut buffers: MxBuffers) {
        buffers.hosts.clear();
        buffers.spellings.clear();
        buffers.found.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffers);
    }
}

/// The place of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum MxPlace {
    /// 1-based.
    Line(u64),
    /// 1-based.
    Row(u64),
}

/// A record about a wanted name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoundRecord {
    /// The number of the mail domain.
    pub(super) domain: u32,
    /// The place of the host among [`MxBatch::hosts`].
    pub(super) host: u32,
    /// The preference, if it is known.
    pub(super) preference: Option<u16>,
    /// When it was seen, if that is known.
    pub(super) seen: Option<Moment>,
}

/// Hands on the records of a row, and returns how many they are or what is wrong.
pub(super) type ReadRecords<'r> =
    &'r mut dyn FnMut(&mut dyn FnMut(Option<u16>, &str)) -> Result<u64, &'static str>;

/// The records of a piece.
pub(super) struct MxBatch<'a> {
    reading: MxReading<'a>,
    /// What is known of the piece.
    pub(super) file: MxFile,
    /// The hosts, distinct as they are spelled.
    pub(super) hosts: Vec<HostText>,
    spellings: HostSpellings,
    /// The records about wanted names.
    pub(super) found: Vec<FoundRecord>,
    last_name: (String, NameFound),
    last_date: (String, Option<Moment>),
}

impl<'a> MxBatch<'a> {
    pub(super) fn new(reading: MxReading<'a>) -> Self {
        let MxBuffers { hosts, spellings, found } = reading.spare.take();
        Self {
            reading,
            file: MxFile::default(),
            hosts,
            spellings,
            found,
            last_name: (String::new(), NameFound::NoName),
            last_date: (String::new(), None),
        }
    }

    /// Gives its memory back, for a later piece, and what is known of this one.
    pub(super) fn end(self) -> MxFile {
        let Self { hosts, spellings, found, .. } = self;
        self.reading.spare.put(MxBuffers { hosts, spellings, found });
        self.file
    }

    /// What a name is, as it is written.
    pub(super) fn name(&mut self, written: &str) -> NameFound {
        if self.last_name.0 != written {
            self.last_name.0.clear();
            self.last_name.0.push_str(written);
            self.last_name.1 = self.reading.wanted.find(written);
        }
        self.last_name.1
    }

    /// Takes the hosts in a cell of a row about a name. An error says what is wrong with the row, of which then nothing is
    /// kept.
    pub(super) fn hosts_of(
        &mut self,
        name: NameFound,
        cell: &str,
        preference: Option<u16>,
        date: MxDate<'_>,
    ) -> Result<(), &'static str> {
        self.records_of(name, date, &mut |take| each_host(cell, preference, take))
    }

    /// The same for records that `read` hands on.
    pub(super) fn records_of(
        &mut self,
        name: NameFound,
        date: MxDate<'_>,
        read: ReadRecords<'_>,
    ) -> Result<(), &'static str> {
        let number = match name {
            NameFound::NoName => return Err("expected the name of a domain"),
            NameFound::Other => {
                let records = read(&mut |_, _| {})?;
                self.count(records);
                return Ok(());
            }
            NameFound::Wanted(number) => number,
        };
        let start = self.found.len();
        let records = read(&mut |preference, host| {
            let host = self.host(host);
            self.found.push(FoundRecord { domain: number, host, preference, seen: None });
        });
        if records.is_err() {
            self.found.truncate(start);
        }
        self.count(records?);
        if self.found.len() > start {
            self.date(start, date);
        }
        Ok(())
    }

    /// Counts a row with so many records.
    fn count(&mut self, records: u64) {
        self.file.rows += 1;
        self.file.records += records;
        self.file.without_mx += u64::from(records == 0);
    }

    /// Dates the records from this one on, and leaves out those that are too late.
    fn date(&mut self, start: usize, date: MxDate<'_>) {
        let records = (self.found.len() - start) as u64;
        self.file.used += records;
        let seen = match date {
            MxDate::Missing => self.reading.file_date,
            MxDate::Read(moment) => Some(moment),
            MxDate::Text(text) => {
                let seen = self.moment(text);
                self.file.unread_dates += if seen.is_none() { records } else { 0 };
                seen
            }
            MxDate::Unreadable => {
                self.file.unread_dates += records;
                None
            }
        };
        match seen {
            None => self.file.undated += records,
            Some(seen) if seen > self.reading.as_of => {
                self.file.later += records;
                self.found.truncate(start);
            }
            Some(seen) => {
                self.file.saw(seen);
                self.found[start..].iter_mut().for_each(|record| record.seen = Some(seen));
            }
        }
    }

    fn moment(&mut self, text: &str) -> Option<Moment> {
        if self.last_date.0 != text {
            self.last_date.0.clear();
            self.last_date.0.push_str(text);
            // JSON around a time is read as well
            self.last_date.1 = Moment::read(text, BareDate::Start);
        }
        self.last_date.1
    }

    /// The number of a host in this batch.
    fn host(&mut self, written: &str) -> u32 {
        let (number, is_new) = self.spellings.number(written);
        if is_new {
            self.hosts.push(HostText::read(written));
        }
        number
    }

    /// Counts a row that could not be read.
    pub(super) fn fault(&mut self, place: MxPlace, what: &str) {
        let path = self.reading.path;
        self.file.fault(|| match place {
            MxPlace::Line(line) => format!("{}: {what}", Position::line(path, line)),
            MxPlace::Row(row) => format!("{}: row {row}: {what}", Position::file(path)),
        });
    }
}

/// Numbers the hosts of a piece by how they are spelled, so that each is read once.
#[derive(Default)]
struct HostSpellings {
    /// All of them, one after the other, and where each ends.
    text: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: FixedState,
}

impl HostSpellings {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.table.clear();
    }

    /// The number of a spelling, and whether it is new.
    fn number(&mut self, written: &str) -> (u32, bool) {
        let Self { text, ends, table, hasher } = self;
        let spelling = |number: u32| {
            let start = number.checked_sub(1).map_or(0, |before| ends[before as usize]);
            &text[start..ends[number as usize]]
        };
        let hash = hasher.hash_one(written);
        if let Some(number) = table.find(hash, |number| spelling(*number) == written) {
            return (*number, false);
        }
        let number = ends.len() as u32;
        table.insert_unique(hash, number, |number| hasher.hash_one(spelling(*number)));
        text.push_str(written);
        ends.push(text.len());
        (number, true)
    }
}

/// The date of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum MxDate<'t> {
    /// The row has none.
    Missing,
    /// As it is written.
    Text(&'t str),
    /// Already read.
    Read(Moment),
    /// It has one that cannot be read.
    Unreadable,
}

impl<'t> MxDate<'t> {
    /// The date in a cell, which may be blank.
    pub(super) fn of(cell: &'t str) -> Self {
        match cell.trim() {
            "" | "\\N" | "null" | "NULL" => Self::Missing,
            text => Self::Text(text),
        }
    }
}
