//! The records of a piece of a file: only those about wanted names are kept, as numbers.
//!
//! Rows of one name mostly stand together, and so do rows of one date. So the last name and the last date are
//! remembered, and most rows need no look-up. Rows of other names cost one look-up and are passed over. What rows that
//! stand together say of a name on one day becomes one list, and each distinct list of a piece is there once.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use compact_str::format_compact;

use super::file::MxFile;
use super::host::{HostText, each_host, plain_within, within};
use super::lists::{DistinctTexts, HostCode, PackedRecord, RecordLists};
use super::names::{MxNames, NameFound};
use super::servers::{UNDATED, day_of};
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
#[derive(Debug, Default)]
pub(super) struct MxBuffers {
    /// The hosts that need a closer look, as they are spelled and as they are.
    spellings: DistinctTexts,
    pub(super) hosts: Vec<HostText>,
    /// What hosts below a mail domain have in front of its name.
    pub(super) prefixes: DistinctTexts,
    /// The distinct lists of records.
    pub(super) lists: RecordLists,
    /// What was found of wanted names.
    pub(super) found: Vec<FoundSet>,
}

/// Memory of batches that were taken, for later ones: fresh memory costs more time than what is written into it.
#[derive(Default)]
pub(super) struct SpareBuffers(Mutex<Vec<MxBuffers>>);

impl SpareBuffers {
    fn take(&self) -> MxBuffers {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn put(&self, mut buffers: MxBuffers) {
        buffers.spellings.clear();
        buffers.hosts.clear();
        buffers.prefixes.clear();
        buffers.lists.clear();
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

/// The records of a wanted name on one day, in rows that stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoundSet {
    /// The number of the mail domain.
    pub(super) domain: u32,
    /// The number of the list in the batch.
    pub(super) list: u32,
    /// When the last of them was seen, or [`UNDATED`].
    pub(super) seen: i64,
}

/// The records of a name and a day to which the next row may add.
#[derive(Debug)]
struct OpenSet {
    domain: u32,
    seen: i64,
    records: Vec<PackedRecord>,
}

/// Hands on the records of a row, and returns how many they are or what is wrong.
pub(super) type ReadRecords<'r> =
    &'r mut dyn FnMut(&mut dyn FnMut(Option<u16>, &str)) -> Result<u64, &'static str>;

/// The records of a piece.
pub(super) struct MxBatch<'a> {
    pub(super) reading: MxReading<'a>,
    /// What is known of the piece.
    pub(super) file: MxFile,
    /// What it holds.
    pub(super) kept: MxBuffers,
    open: OpenSet,
    last_name: (String, NameFound),
    last_date: (String, Option<Moment>),
}

impl<'a> MxBatch<'a> {
    pub(super) fn new(reading: MxReading<'a>) -> Self {
        Self {
            reading,
            file: MxFile::default(),
            kept: reading.spare.take(),
            open: OpenSet { domain: 0, seen: UNDATED, records: Vec::new() },
            last_name: (String::new(), NameFound::NoName),
            last_date: (String::new(), None),
        }
    }

    /// Gives its memory back, for a later piece, and what is known of this one.
    pub(super) fn end(self) -> MxFile {
        self.reading.spare.put(self.kept);
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
        let (seen, is_unread) = self.seen(date);
        let goes_on = self.open.domain == number && day_of(self.open.seen) == day_of(seen);
        if !goes_on || self.open.records.is_empty() {
            self.close();
            (self.open.domain, self.open.seen) = (number, seen);
        }
        let start = self.open.records.len();
        let Self { open, kept, reading, .. } = self;
        let name = reading.wanted.name(number);
        let records = read(&mut |preference, host| {
            open.records.push(PackedRecord::new(preference, kept.code(host, name)));
        });
        if records.is_err() {
            self.open.records.truncate(start);
        }
        self.count(records?);
        if self.open.records.len() > start {
            self.date(start, seen, is_unread);
        }
        Ok(())
    }

    /// Ends the set to which rows were added.
    pub(super) fn close(&mut self) {
        let OpenSet { domain, seen, ref mut records } = self.open;
        if records.is_empty() {
            return;
        }
        if !records.is_sorted() {
            records.sort_unstable();
        }
        let list = self.kept.lists.intern(records);
        self.kept.found.push(FoundSet { domain, list, seen });
        records.clear();
    }

    /// Counts a row with so many records.
    fn count(&mut self, records: u64) {
        self.file.rows += 1;
        self.file.records += records;
        self.file.without_mx += u64::from(records == 0);
    }

    /// When a row was seen, or [`UNDATED`], and whether it has a date that cannot be read.
    fn seen(&mut self, date: MxDate<'_>) -> (i64, bool) {
        let (seen, is_unread) = match date {
            MxDate::Missing => (self.reading.file_date, false),
            MxDate::Read(moment) => (Some(moment), false),
            MxDate::Text(text) => {
                let seen = self.moment(text);
                (seen, seen.is_none())
            }
            MxDate::Unreadable => (None, true),
        };
        (seen.map_or(UNDATED, |seen| seen.0), is_unread)
    }

    /// Dates the open records from this one on, and leaves out those that are too late.
    fn date(&mut self, start: usize, seen: i64, is_unread: bool) {
        let records = (self.open.records.len() - start) as u64;
        self.file.used += records;
        self.file.unread_dates += if is_unread { records } else { 0 };
        if seen == UNDATED {
            self.file.undated += records;
        } else if seen > self.reading.as_of.0 {
            self.file.later += records;
            self.open.records.truncate(start);
        } else {
            self.file.saw(Moment(seen));
            self.open.seen = self.open.seen.max(seen);
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

    /// Counts a row that could not be read.
    pub(super) fn fault(&mut self, place: MxPlace, what: &str) {
        let path = self.reading.path;
        self.file.fault(|| match place {
            MxPlace::Line(line) => format!("{}: {what}", Position::line(path, line)),
            MxPlace::Row(row) => format!("{}: row {row}: {what}", Position::file(path)),
        });
    }
}

impl MxBuffers {
    /// A host among the servers of a mail domain.
    pub(super) fn host(&self, code: HostCode, mail_domain: &str) -> HostText {
        match code {
            HostCode::Null => HostText::Null,
            HostCode::Address => HostText::Address,
            HostCode::Malformed => HostText::Malformed,
            HostCode::Named(number) => self.hosts[number as usize].clone(),
            HostCode::Within(number) => match self.prefixes.texts[number as usize].as_str() {
                "" => HostText::Named(mail_domain.into()),
                prefix => HostText::Named(format_compact!("{prefix}.{mail_domain}")),
            },
        }
    }

    /// What a host is among the servers of a mail domain.
    fn code(&mut self, written: &str, mail_domain: &str) -> HostCode {
        if let Some(prefix) = plain_within(written, mail_domain) {
            return HostCode::Within(self.prefixes.number(prefix).0);
        }
        let (number, is_new) = self.spellings.number(written);
        if is_new {
            self.hosts.push(HostText::read(written));
        }
        match &self.hosts[number as usize] {
            HostText::Null => HostCode::Null,
            HostText::Address => HostCode::Address,
            HostText::Malformed => HostCode::Malformed,
            HostText::Named(name) => match within(name, mail_domain) {
                Some(prefix) => HostCode::Within(self.prefixes.number(prefix).0),
                None => HostCode::Named(number),
            },
        }
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
