//! Sits between scanner and sink: finds the origin, tracks the integrity, and leaves out records of other zones.
//!
//! The origin is the owner of the first SOA record. Records before it wait until it is found. A second SOA record
//! with the same owner and data closes the zone if nothing follows it.

use std::path::{Path, PathBuf};

use super::fault::{Fault, FaultKind};
use super::inception::up_to_inception;
use super::integrity::Integrity;
use super::record::{RecordData, RecordSink, ZoneRecord};
use super::scanner::{Scanner, is_under};
use super::serial::Serial;
use super::sink::{BoundedLines, ZonePart, ZoneSink};
use crate::error;
use crate::input::source::Source;
use crate::progress::Progress;

/// How many records may come before the first SOA.
const EARLY_RECORDS: usize = 100_000;
/// How deep files may include one another.
const INCLUDE_DEPTH: usize = 8;

/// Takes what the scanner finds, in the order of the file.
pub(super) struct Keeper<'s, S: ZoneSink> {
    pub(super) sink: &'s mut S,
    pub(super) origin: Option<Vec<u8>>,
    pub(super) serial: Option<Serial>,
    pub(super) integrity: Integrity,
    /// Bytes of text read so far.
    pub(super) text_bytes: u64,
    /// The records since the last [`Keeper::pass_on`].
    part: Option<S::Part>,
    /// The data of the first SOA record.
    authority: Vec<u8>,
    early: Vec<EarlyRecord>,
    /// Files being read: the zone's own, then included ones; none if including is not allowed.
    files: Vec<PathBuf>,
    /// An error of the sink; the next [`Keeper::pass_on`] returns it.
    failed: Option<error::Error>,
}

struct EarlyRecord {
    owner: Vec<u8>,
    data: EarlyData,
    line: u64,
}

enum EarlyData {
    Ns(Vec<u8>),
    Signature(Vec<u8>),
    Known(RecordData<'static>),
}

impl<'s, S: ZoneSink> Keeper<'s, S> {
    /// `include_from`: the file whose `$INCLUDE` directives are followed.
    pub(super) fn new(sink: &'s mut S, include_from: Option<&Path>) -> Self {
        Self {
            sink,
            origin: None,
            serial: None,
            integrity: Integrity::default(),
            text_bytes: 0,
            part: None,
            authority: Vec::new(),
            early: Vec::new(),
            files: include_from.map(Path::to_path_buf).into_iter().collect(),
            failed: None,
        }
    }

    /// Begins the zone, once its origin is known.
    pub(super) fn begin(&mut self, origin: &[u8]) {
        self.origin = Some(origin.to_vec());
        match self.sink.begin(origin, self.serial) {
            Ok(()) => self.part = Some(self.sink.part()),
            Err(error) => self.failed = Some(error),
        }
    }

    /// How many records wait for an origin.
    pub(super) fn waiting(&self) -> usize {
        self.early.len()
    }

    /// Takes a stretch that was scanned ahead.
    pub(super) fn take(&mut self, stretch: Stretch<S::Part>) -> error::Result<()> {
        self.pass_on()?;
        let inside = stretch.records;
        if inside > 0 || stretch.outside > 0 {
            self.integrity.closed = false;
        }
        self.integrity.records += inside;
        for line in &stretch.outside_lines {
            self.out_of_zone(*line);
        }
        self.integrity.faults += stretch.outside - stretch.outside_lines.len() as u64;
        self.sink.append(stretch.part)
    }

    /// Passes the records so far on to the sink.
    pub(super) fn pass_on(&mut self) -> error::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let Some(part) = self.part.take() else { return Ok(()) };
        self.sink.append(part)?;
        self.part = Some(self.sink.part());
        Ok(())
    }

    fn start_of_authority(&mut self, record: ZoneRecord<'_>, serial: Serial, data: &[u8]) {
        if self.origin.is_none() {
            self.serial = Some(serial);
            self.authority = data.to_vec();
            self.begin(record.owner);
            for early in std::mem::take(&mut self.early) {
                let data = match &early.data {
                    EarlyData::Ns(host) => RecordData::Ns(host),
                    EarlyData::Signature(words) => RecordData::Signature(words),
                    EarlyData::Known(data) => *data,
                };
                self.pass(ZoneRecord { owner: &early.owner, data, line: early.line });
            }
            self.integrity.closed = false;
            self.count_soa();
        } else if self.origin.as_deref() == Some(record.owner) {
            self.count_soa();
            self.integrity.closed = self.authority == data;
        } else {
            self.out_of_zone(record.line);
        }
    }

    fn count_soa(&mut self) {
        self.integrity.records += 1;
        *self.integrity.soa_records.get_or_insert_default() += 1;
    }

    fn pass(&mut self, record: ZoneRecord<'_>) {
        let under = self.origin.as_deref().is_some_and(|origin| is_under(record.owner, origin));
        if under {
            self.integrity.records += 1;
            self.integrity.closed = false;
            if let Some(part) = &mut self.part {
                part.record(record);
            }
        } else {
            self.out_of_zone(record.line);
        }
    }

    fn out_of_zone(&mut self, line: u64) {
        let what = FaultKind::OutOfZone;
        self.fault(Fault { line, column: 0, what, lost: 0, refused_directive: false });
    }

    /// Scans an included file. Its faults are placed at the line of the directive.
    fn read_included(&mut self, path: &Path, origin: Option<&[u8]>, line: u64) -> error::Result<()> {
        let source = Source::stat(path)?;
        let mut scanner = Scanner::new(origin);
        let mut chunks = source.chunks(BoundedLines, &Progress::hidden())?;
        for chunk in chunks.by_ref() {
            let chunk = chunk.map_err(|error| {
                let placed = error.at(path);
                if error.is_corrupt() || error.is_changed() {
                    // records that are wrong were taken already
                    self.failed = Some(placed.clone());
                }
                placed
            })?;
            self.text_bytes += chunk.len() as u64;
            scanner.scan(&chunk, 1, false, &mut Included { keeper: self, line });
        }
        scanner.scan(&[], 1, true, &mut Included { keeper: self, line });
        chunks.finish().map(drop)
    }
}

impl<S: ZoneSink> RecordSink for Keeper<'_, S> {
    fn record(&mut self, record: ZoneRecord<'_>) {
        match record.data {
            RecordData::Soa(serial, data) => self.start_of_authority(record, serial, data),
            _ if self.origin.is_some() => self.pass(record),
            _ if self.early.len() >= EARLY_RECORDS => self.out_of_zone(record.line),
            data => {
                let data = match data {
                    RecordData::Ns(host) => EarlyData::Ns(host.to_vec()),
                    RecordData::Ds => EarlyData::Known(RecordData::Ds),
                    RecordData::Address => EarlyData::Known(RecordData::Address),
                    RecordData::Signature(words) => EarlyData::Signature(up_to_inception(words).to_vec()),
                    _ => EarlyData::Known(RecordData::Other),
                };
                self.early.push(EarlyRecord { owner: record.owner.to_vec(), data, line: record.line });
            }
        }
    }

    fn fault(&mut self, fault: Fault) {
        // if anything follows the closing SOA, readable or not, the zone is not closed
        self.integrity.closed = false;
        self.integrity.note(fault);
    }

    fn include(&mut self, file: &[u8], origin: Option<&[u8]>, line: u64) -> Result<(), FaultKind> {
        let Some(from) = self.files.last() else { return Err(FaultKind::RefusedInclude) };
        let name = std::str::from_utf8(file).map_err(|_| FaultKind::Include)?;
        let path = from.parent().unwrap_or(Path::new("")).join(name);
        if self.files.len() > INCLUDE_DEPTH {
            self.integrity.broken = Some(format!("included file `{}`: included too deep", path.display()));
            return Err(FaultKind::Include);
        }
        self.files.push(path.clone());
        let read = self.read_included(&path, origin, line);
        self.files.pop();
        if let Err(error) = read {
            self.integrity.broken = Some(format!("included file `{}`: {}", path.display(), error.what));
            return Err(FaultKind::Include);
        }
        Ok(())
    }
}

/// The records and faults of an included file.
struct Included<'k, 's, S: ZoneSink> {
    keeper: &'k mut Keeper<'s, S>,
    line: u64,
}

impl<S: ZoneSink> RecordSink for Included<'_, '_, S> {
    fn record(&mut self, record: ZoneRecord<'_>) {
        self.keeper.record(ZoneRecord { line: self.line, ..record });
    }

    fn fault(&mut self, fault: Fault) {
        self.keeper.fault(Fault { line: self.line, ..fault });
    }

    fn include(&mut self, file: &[u8], origin: Option<&[u8]>, _line: u64) -> Result<(), FaultKind> {
        self.keeper.include(file, origin, self.line)
    }
}

/// A stretch of a zone that is scanned ahead, once the origin is known.
pub(super) struct Stretch<P> {
    origin: Vec<u8>,
    part: P,
    records: u64,
    outside: u64,
    outside_lines: Vec<u64>,
    last_is_outside: bool,
}

/// How many lines of records outside the zone are kept; the rest are only counted.
const OUTSIDE_LINES: usize = 8;

impl<P: ZonePart> Stretch<P> {
    pub(super) fn new(origin: &[u8], part: P) -> Self {
        Self {
            origin: origin.to_vec(),
            part,
            records: 0,
            outside: 0,
            outside_lines: Vec::new(),
            last_is_outside: false,
        }
    }

    /// Counts its lines from `first`. It was scanned as if its first line were 0.
    pub(super) fn counted_from(mut self, first: u64) -> Self {
        self.outside_lines.iter_mut().for_each(|line| *line += first);
        self
    }

    fn count(&mut self, line: u64) -> bool {
        if self.last_is_outside {
            self.outside += 1;
            if self.outside_lines.len() < OUTSIDE_LINES {
                self.outside_lines.push(line);
            }
            return false;
        }
        self.records += 1;
        true
    }
}

impl<P: ZonePart> RecordSink for Stretch<P> {
    fn record(&mut self, record: ZoneRecord<'_>) {
        self.last_is_outside = !is_under(record.owner, &self.origin);
        if self.count(record.line) {
            self.part.record(record);
        }
    }

    fn again(&mut self, record: ZoneRecord<'_>) {
        if self.count(record.line) {
            self.part.again(record);
        }
    }

    fn fault(&mut self, _: Fault) {
        unreachable!("lines in CZDS form have no faults");
    }
}
