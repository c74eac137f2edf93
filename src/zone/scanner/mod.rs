//! Master files: text in, records out.
//!
//! There are two ways to read the same language, chosen line by line. The fast way ([`scan_plain`]) takes lines in
//! CZDS form and looks at each byte about once. Everything else goes the full way (`entry`): RFC 1035, section 5.1,
//! with `$TTL` (RFC 2308, section 4), unknown types (RFC 3597), `$ORIGIN`, parentheses over several lines, comments,
//! quoted strings, `\X` and `\DDD`, blank owners, `@`, TTL and class in either order, upper and lower case. A fault
//! costs one record, never the file.
//!
//! The sink decides whether `$INCLUDE` is followed. `$GENERATE` is refused. The records of a refused directive are
//! missing, so a zone with one cannot be whole. The data of types that say nothing about names is not read.

mod entry;
mod names;
mod plain;

use super::fault::{Fault, FaultKind};
use super::record::RecordSink;
pub use names::{common, is_under, push_name, same};
pub use plain::{Passed, scan_plain};

/// Longest entry (with all its continuation lines) in bytes.
pub(crate) const ENTRY_BYTES: usize = 1 << 22;

/// Reads a master file, chunk after chunk.
#[derive(Debug, Default)]
pub struct Scanner {
    /// `$ORIGIN`, in normal form.
    origin: Option<Vec<u8>>,
    /// The owner of the last record, in normal form. A blank owner means this one.
    owner: Option<Vec<u8>>,
    /// The start of an entry that the last chunk did not finish, and its first line.
    pending: Vec<u8>,
    pending_line: u64,
    /// The over-long line that is being skipped.
    skipping: Option<Fault>,
    /// Scratch space for names of the full way.
    scratch: entry::EntryScratch,
}

impl Scanner {
    /// A scanner; `origin` (normal form) completes relative names until `$ORIGIN` says otherwise.
    pub fn new(origin: Option<&[u8]>) -> Self {
        Self { origin: origin.map(<[u8]>::to_vec), ..Self::default() }
    }

    /// Scans the next piece of text, cut at line ends. `last`: nothing follows.
    pub fn scan(&mut self, text: &[u8], first_line: u64, last: bool, sink: &mut impl RecordSink) {
        let mut rest = text;
        let mut line = first_line;
        if let Some(mut fault) = self.skipping.take() {
            let end = memchr::memchr(b'\n', rest).map(|end| end + 1);
            let skipped = &rest[..end.unwrap_or(rest.len())];
            fault.lost += skipped.len() as u64;
            note_nul(&mut fault, skipped);
            if end.is_none() && !last {
                self.skipping = Some(fault);
                return;
            }
            rest = &rest[skipped.len()..];
            line += 1;
            sink.fault(fault);
        }
        if !self.pending.is_empty() {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(rest);
            let first = self.pending_line;
            self.scan_lines(&joined, first, last, sink);
            return;
        }
        self.scan_lines(rest, line, last, sink);
    }

    fn scan_lines(&mut self, mut rest: &[u8], mut line: u64, last: bool, sink: &mut impl RecordSink) {
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let whole = end < rest.len();
            if whole || last {
                if self.scan_plain_line(&rest[..end], line, sink) {
                    rest = &rest[(end + 1).min(rest.len())..];
                    line += 1;
                    continue;
                }
            } else if rest.len() >= ENTRY_BYTES {
                let (what, lost) = (FaultKind::TooLong, rest.len() as u64);
                let mut fault = Fault { line, column: 0, what, lost, refused_directive: false };
                note_nul(&mut fault, rest);
                self.skipping = Some(fault);
                // its owner is unknown, and not the one before
                self.owner = None;
                return;
            }
            match self.scan_entry(rest, line, last, sink) {
                entry::EntryOutcome::Done { bytes, lines } => {
                    rest = &rest[bytes..];
                    line += lines;
                }
                entry::EntryOutcome::Unfinished => {
                    self.pending = rest.to_vec();
                    self.pending_line = line;
                    return;
                }
            }
        }
    }

    /// Takes `text`, a line without its end, if it is in CZDS form. `false` leaves it to the full way.
    fn scan_plain_line(&mut self, text: &[u8], line: u64, sink: &mut impl RecordSink) -> bool {
        let Some(record) = plain::record(text, line) else { return false };
        self.set_owner(record.owner);
        sink.record(record);
        true
    }

    fn set_owner(&mut self, owner: &[u8]) {
        match &mut self.owner {
            Some(last) if last == owner => {}
            Some(last) => {
                last.clear();
                last.extend_from_slice(owner);
            }
            None => self.owner = Some(owner.to_vec()),
        }
    }

    /// Whether the text so far ends inside an entry.
    pub(crate) fn is_amid_entry(&self) -> bool {
        self.skipping.is_some() || !self.pending.is_empty()
    }

    /// Notes that [`scan_plain`] read lines in place of this scanner; `owner` is the last owner there.
    pub(crate) fn has_passed(&mut self, owner: &[u8]) {
        self.set_owner(owner);
    }
}

/// Marks the fault of an over-long line as NUL bytes if it has some: it was never written.
fn note_nul(fault: &mut Fault, text: &[u8]) {
    if memchr::memchr(0, text).is_some() {
        fault.what = FaultKind::Nul;
    }
}
