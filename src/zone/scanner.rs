//! Master files: text in, records out.
//!
//! Two ways read the same language and are chosen line by line. The fast way takes a line in CZDS form
//! (owner, TTL, class and type apart by single tabs; names absolute, of letters, digits, hyphens,
//! underscores and dots) and looks at each byte about once. Everything else goes the full way of
//! `entry`: RFC 1035, section 5.1 with `$TTL` (RFC 2308, section 4), unknown types (RFC 3597),
//! `$ORIGIN`, parentheses over lines, comments, quoted strings, `\X` and `\DDD`, blank owners, `@`, TTL
//! and class in either order, any case. A fault costs one record, never the file.
//!
//! `$INCLUDE` and `$GENERATE` are refused: their records would be missing, so the zone cannot be whole.
//! The data of types that say nothing about names is not looked into.

mod entry;
mod names;

use super::fault::{Fault, FaultKind};
use super::record::{Record, RecordData, RecordSink};
pub use names::{is_under, push_name};

/// Longest entry (with all its continuation lines) in bytes.
pub const ENTRY_BYTES: usize = 1 << 22;

/// Reads a master file, chunk after chunk.
#[derive(Debug, Default)]
pub struct Scanner {
    /// `$ORIGIN`, in normal form.
    origin: Option<Vec<u8>>,
    /// The owner of the last record, in normal form; taken by a blank owner.
    owner: Option<Vec<u8>>,
    /// An entry that the last chunk cut, and its first line.
    pending: Vec<u8>,
    pending_line: u64,
    /// Whether an over-long line is being skipped.
    skipping: bool,
    /// Scratch space for names of the full way.
    scratch: entry::Scratch,
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
        if self.skipping {
            let Some(end) = memchr::memchr(b'\n', rest) else { return };
            rest = &rest[end + 1..];
            line += 1;
            self.skipping = false;
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
                if self.scan_fast(&rest[..end], line, sink) {
                    rest = &rest[(end + 1).min(rest.len())..];
                    line += 1;
                    continue;
                }
            } else if rest.len() >= ENTRY_BYTES {
                sink.fault(Fault { line, column: 0, what: FaultKind::TooLong, refused_directive: false });
                self.skipping = true;
                return;
            }
            match self.scan_entry(rest, line, last, sink) {
                entry::Step::Done { bytes, lines } => {
                    rest = &rest[bytes..];
                    line += lines;
                }
                entry::Step::Unfinished => {
                    self.pending = rest.to_vec();
                    self.pending_line = line;
                    return;
                }
            }
        }
    }

    /// Takes a line in CZDS form; `false` leaves it, untouched, to the full way.
    fn scan_fast(&mut self, text: &[u8], line: u64, sink: &mut impl RecordSink) -> bool {
        let Some((owner, rest)) = names::plain_name(text) else { return false };
        let Some(rest) = ttl_and_class(rest) else { return false };
        let Some(tab) = rest.iter().take(12).position(|byte| *byte == b'\t') else { return false };
        let (rtype, rdata) = (&rest[..tab], &rest[tab + 1..]);
        let data = match rtype {
            b"ns" | b"NS" => match names::plain_name(rdata) {
                Some((target, [])) => RecordData::Ns(target),
                _ => return false,
            },
            _ => match simple_data(rtype, rdata) {
                Some(data) => data,
                None => return false,
            },
        };
        match &mut self.owner {
            Some(last) if last == owner => {}
            Some(last) => {
                last.clear();
                last.extend_from_slice(owner);
            }
            None => self.owner = Some(owner.to_vec()),
        }
        sink.record(Record { owner, data, line });
        true
    }
}

/// `<TTL> TAB IN TAB`; what follows.
fn ttl_and_class(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take(11).take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=10).contains(&digits) {
        return None;
    }
    match &text[digits..] {
        [b'\t', b'i' | b'I', b'n' | b'N', b'\t', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Data of types whose content does not matter, if it is one line of plain tokens.
fn simple_data(rtype: &[u8], rdata: &[u8]) -> Option<RecordData<'static>> {
    let data = match rtype {
        b"ds" | b"DS" => RecordData::Ds,
        b"rrsig" | b"RRSIG" | b"nsec" | b"NSEC" | b"nsec3" | b"NSEC3" => RecordData::Signature,
        _ => return None,
    };
    let special = memchr::memchr3(b'(', b';', b'"', rdata).or_else(|| memchr::memchr2(b')', b'\\', rdata));
    (special.is_none() && !rdata.trim_ascii().is_empty() && rdata[0] > b' ').then_some(data)
}
