//! The full way: one entry of a master file (RFC 1035, section 5.1).
//!
//! `tokens` cuts an entry into words, `types` reads TTL, class and type, `data` reads the data. An entry that cannot
//! be read is one fault with its line and column. Reading goes on after the whole entry if its parentheses are
//! balanced, else after its first line. Nothing is guessed: a blank owner needs an owner before it that could be
//! read, and relative names after a faulty `$ORIGIN` are faults too. A wrong guess would be evidence about another
//! domain.
//!
//! The sink decides about `$INCLUDE`. `$GENERATE` is always refused: its records would be missing.
//!
//! # Deliberate differences
//!
//! Compared with BIND, Knot DNS, dnspython, validns and the `domain` crate, on their own test data;
//! `tests/integration/parsers` counts them.
//!
//! Accepted here, refused by some:
//!
//! * Data of types that say nothing about delegations, faulty or not, except for its length in the generic
//!   form (RFC 3597, section 5). It is not read.
//! * What only the whole zone shows (no SOA, records beside a CNAME, DS at the apex, DNSSEC validity). This program
//!   does not ask.
//! * A record without TTL before any `$TTL`. No TTL is kept.
//! * TTLs in units (`1h30m`), names in quotes, bytes above 127 unescaped, and any printable character in a
//!   name (RFC 2181, section 11). BIND accepts them all, and registries print some.
//! * `CLASS1`, carriage returns as blanks, and a relative argument of `$ORIGIN` and `$INCLUDE`.
//! * Names in the data of a SOA record without the final dot and before any `$ORIGIN`. There they are always relative
//!   to the owner; nothing but the comparison of two SOA records depends on them.
//! * A DS digest with blanks inside an octet (RFC 4034, section 5.3).
//! * `$DATE`, which BIND writes into its dumps, and a byte order mark, which editors write. Neither means
//!   anything.
//!
//! Refused here, accepted by some:
//!
//! * Classes other than IN: such records say nothing about registrations.
//! * `(` within parentheses: RFC 1035 has no nesting, and an unclosed one then costs one record, not all
//!   that follow up to the next `)`.
//! * A quoted string that goes on over the end of its line, for the same reason.
//! * A blank owner at the start of an included file. BIND takes the owner of the including file, which is a guess.
//! * A record without data, except APL (RFC 3123, section 4). It is the mark of a line that was cut off.
//! * Question types and other meta types (RFC 6895, section 3.1), as `TYPEnnn` too: no zone holds them.
//! * Escapes in type, class and TTL, and types that no registry and no known server has.
//! * Control characters in names unless written `\DDD`. They are marks of a broken file.

mod data;
mod directives;
mod tokens;
mod types;

use super::{Scanner, push_name};
use crate::input::without_byte_order_mark;
use crate::zone::fault::{Fault, FaultKind};
use crate::zone::record::{RecordSink, ZoneRecord};
use directives::Directive;
pub(super) use tokens::TOKENS;
use tokens::{EntryExtent, EntryToken, tokenize};

/// What became of the text.
pub(super) enum EntryOutcome {
    /// An entry (or a blank line) was read.
    Done {
        /// Its bytes, line ends included.
        bytes: usize,
        /// Line feeds among them.
        lines: u64,
    },
    /// The text ends inside the entry.
    Unfinished,
}

/// What is kept from one entry to the next, besides origin and owner: space to reuse, and the class.
#[derive(Debug, Default)]
pub(super) struct EntryScratch {
    tokens: Vec<EntryToken>,
    target: Vec<u8>,
    /// Whether the class that was stated last is not IN. It holds for records without a class.
    other_class: bool,
}

/// What is wrong, and the byte of the entry at which.
type Faulty = (FaultKind, usize);

/// An entry that was cut into tokens.
#[derive(Clone, Copy)]
struct MasterEntry<'t> {
    text: &'t [u8],
    tokens: &'t [EntryToken],
    line: u64,
    /// Whether it begins with a blank, and so has the owner of the record before.
    blank: bool,
}

impl Scanner {
    /// Reads one entry from the start of `text`, which begins on line `line`.
    pub(super) fn scan_entry(
        &mut self,
        text: &[u8],
        line: u64,
        last: bool,
        sink: &mut impl RecordSink,
    ) -> EntryOutcome {
        let mut scratch = std::mem::take(&mut self.scratch);
        let start = if line == 1 { text.len() - without_byte_order_mark(text).len() } else { 0 };
        let extent = tokenize(text, start, last, &mut scratch.tokens);
        let EntryScratch { tokens, target, other_class } = &mut scratch;
        let blank = matches!(text.get(start), Some(b' ' | b'\t' | b'\r'));
        let entry = MasterEntry { text, tokens, line, blank };
        let (step, lost, result) = match extent {
            EntryExtent::Unfinished => (EntryOutcome::Unfinished, 0, Ok(())),
            EntryExtent::Ended { bytes, lines } | EntryExtent::Broken { bytes, lines, .. } => {
                let fault = match extent {
                    EntryExtent::Broken { what, at, .. } => Some((what, at)),
                    _ => None,
                };
                let fault = entry.nul(&text[..bytes]).map(|at| (FaultKind::Nul, at)).or(fault);
                let result = match fault {
                    None => self.interpret(entry, target, other_class, sink),
                    Some((what, at)) => {
                        self.forget(entry, at);
                        Err((what, at))
                    }
                };
                (EntryOutcome::Done { bytes, lines }, bytes as u64, result)
            }
        };
        if let Err((what, at)) = result {
            let refused_directive =
                matches!(entry.directive(), Some(Directive::Include | Directive::Generate));
            let (line, column) = entry.place(at);
            sink.fault(Fault { line, column, what, lost, refused_directive });
        }
        self.scratch = scratch;
        step
    }

    fn interpret(
        &mut self,
        entry: MasterEntry<'_>,
        target: &mut Vec<u8>,
        other_class: &mut bool,
        sink: &mut impl RecordSink,
    ) -> Result<(), Faulty> {
        let Some((first, mut rest)) = entry.tokens.split_first() else { return Ok(()) };
        if !first.quoted && entry.word(first).starts_with(b"$") {
            return self.direct(entry, target, sink);
        }
        if entry.blank {
            rest = entry.tokens;
        } else {
            self.take_owner(entry)?;
        }
        let owner = self.owner.as_deref().ok_or((FaultKind::NoOwner, first.start()))?;
        let (rtype, rdata) = types::read_head(entry, rest, other_class)?;
        target.clear();
        let names = data::Names { owner, origin: self.origin.as_deref() };
        let data = data::read_data(entry, rtype, rdata, names, target)?;
        sink.record(ZoneRecord { owner, data, line: entry.line });
        Ok(())
    }

    /// Makes the first token the owner. Blank owners after a faulty owner have none.
    fn take_owner(&mut self, entry: MasterEntry<'_>) -> Result<(), Faulty> {
        let Some(first) = entry.tokens.first() else { return Ok(()) };
        let mut owner = self.owner.take().unwrap_or_default();
        owner.clear();
        push_name(entry.word(first), self.origin.as_deref(), &mut owner)
            .map_err(|what| (what, first.start()))?;
        self.owner = Some(owner);
        Ok(())
    }

    /// Updates what later entries depend on after an entry is lost because of its byte `at`.
    fn forget(&mut self, entry: MasterEntry<'_>, at: usize) {
        match entry.directive() {
            Some(Directive::Origin) => self.origin = None,
            Some(_) => {}
            None if entry.blank => {}
            None => {
                let sound = entry.tokens.first().is_some_and(|first| first.end() < at);
                if !sound || self.take_owner(entry).is_err() {
                    self.owner = None;
                }
            }
        }
    }
}

impl<'t> MasterEntry<'t> {
    fn word(&self, token: &EntryToken) -> &'t [u8] {
        token.word(self.text)
    }

    /// Where NUL bytes begin that no name server wrote, in `text`, which is the entry. A character-string may contain
    /// NUL bytes. It has up to 255 octets (RFC 1035, section 3.3), each written as up to four bytes.
    fn nul(&self, text: &[u8]) -> Option<usize> {
        let in_string = |at: usize| {
            let token = self.tokens.get(self.tokens.partition_point(|token| token.end() <= at));
            token.is_some_and(|token| {
                token.quoted && token.start() < at && token.end() - token.start() <= 4 * 255 + 2
            })
        };
        memchr::memchr_iter(0, text).find(|at| !in_string(*at))
    }

    /// Line and column of a byte.
    fn place(&self, at: usize) -> (u64, u64) {
        let before = &self.text[..at];
        let column = memchr::memrchr(b'\n', before).map_or(at, |end| at - end - 1) + 1;
        (self.line + memchr::memchr_iter(b'\n', before).count() as u64, column as u64)
    }
}

#[cfg(test)]
mod tests;
