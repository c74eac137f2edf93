//! The full way: one entry of a master file (RFC 1035, section 5.1).
//!
//! `tokens` cuts an entry, `types` reads what stands between owner and data, `data` reads the data. An entry
//! that cannot be read is one fault at its line and column, and reading goes on behind it: behind the whole
//! entry if its parentheses are balanced, else behind its first line. Nothing is guessed afterwards. Blank
//! owners need an owner that could be read, and behind a faulty `$ORIGIN` relative names are faults, for an
//! owner guessed wrong would be evidence about another domain.
//!
//! `$INCLUDE` is the sink's to allow. `$GENERATE` is always refused: its records would be missing.
//!
//! # Deliberate differences
//!
//! From BIND, Knot DNS, dnspython, validns and the `domain` crate, by their own test data; counted in
//! `tests/integration/parsers.rs`.
//!
//! Taken here, refused by some:
//!
//! * Data of types that say nothing about delegations, faulty or not, except for its length in the generic
//!   form (RFC 3597, section 5): it is not looked into.
//! * What only a whole zone tells (no SOA, records beside a CNAME, DS at the apex, DNSSEC validity): others
//!   ask such questions.
//! * A record without TTL before any `$TTL`: no TTL is kept.
//! * TTLs in units (`1h30m`), names in quotes, bytes above 127 unescaped, and any printable character in a
//!   name (RFC 2181, section 11): BIND takes them all, and registries print some.
//! * `CLASS1`, carriage returns as blanks, and a relative argument of `$ORIGIN` and `$INCLUDE`.
//! * A DS digest whose blanks part an octet (RFC 4034, section 5.3).
//! * `$DATE`, which BIND writes into its dumps, and a byte order mark, which editors write: neither says
//!   anything.
//!
//! Refused here, taken by some:
//!
//! * Classes other than IN: such records say nothing about registrations.
//! * `(` within parentheses: RFC 1035 has no nesting, and an unclosed one then costs one record, not all
//!   that follow up to the next `)`.
//! * A quoted string over a line's end, for the same reason.
//! * A blank owner at the start of an included file, where BIND takes the includer's: it would be a guess.
//! * A record without data, APL apart (RFC 3123, section 4): it is the mark of a line cut off.
//! * Question types and other meta types (RFC 6895, section 3.1), as `TYPEnnn` too: no zone holds them.
//! * Escapes in type, class and TTL, and a type that no registry and no server known to us has.
//! * Control characters in names unless written `\DDD`: they are marks of a broken file.

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
    /// An entry (or a blank line) is through.
    Done {
        /// Its bytes, line ends included.
        bytes: usize,
        /// Line feeds among them.
        lines: u64,
    },
    /// The text ends inside the entry.
    Unfinished,
}

/// What lasts from one entry to the next, besides origin and owner: space to reuse, and the class.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    tokens: Vec<EntryToken>,
    target: Vec<u8>,
    /// Whether the class stated last, which holds for records without one, is another than IN.
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
    /// Whether it begins with a blank, and takes the owner of the record before.
    blank: bool,
}

impl Scanner {
    /// Takes one entry from the start of `text`, which is of line `line`.
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
        let Scratch { tokens, target, other_class } = &mut scratch;
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
        let data = data::read_data(entry, rtype, rdata, self.origin.as_deref(), target)?;
        sink.record(ZoneRecord { owner, data, line: entry.line });
        Ok(())
    }

    /// Makes the first token the owner. A faulty owner is no owner for the blank ones after it.
    fn take_owner(&mut self, entry: MasterEntry<'_>) -> Result<(), Faulty> {
        let Some(first) = entry.tokens.first() else { return Ok(()) };
        let mut owner = self.owner.take().unwrap_or_default();
        owner.clear();
        push_name(entry.word(first), self.origin.as_deref(), &mut owner)
            .map_err(|what| (what, first.start()))?;
        self.owner = Some(owner);
        Ok(())
    }

    /// Keeps of an entry that is lost, for what stands at byte `at`, that on which those after it depend.
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

    /// Where NUL bytes begin that no name server wrote, in `text`, which is the entry. A character-string may hold
    /// them, and has up to 255 octets (RFC 1035, section 3.3), each written as up to four bytes.
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
