//! Directives: `$ORIGIN`, `$TTL`, `$INCLUDE` and those of BIND.
//!
//! An included file begins without an owner, and with the origin that is given or holds here. It changes neither of
//! them for the including file (RFC 1035, section 5.1).

use super::{EntryToken, Faulty, MasterEntry, Scanner, push_name, types};
use crate::zone::fault::FaultKind;
use crate::zone::record::RecordSink;

/// The directives (RFC 1035, section 5.1; RFC 2308, section 4; BIND 9 for the last two).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    Origin,
    Ttl,
    Include,
    Generate,
    Date,
}

impl Scanner {
    /// Follows a directive.
    pub(super) fn direct(
        &mut self,
        entry: MasterEntry<'_>,
        target: &mut Vec<u8>,
        sink: &mut impl RecordSink,
    ) -> Result<(), Faulty> {
        let name = entry.tokens[0];
        let fault = |what| (what, name.start());
        let directive = entry.directive().ok_or(fault(FaultKind::Directive))?;
        if entry.blank {
            // others read it as a record of an unknown type; either way it was meant to do something
            self.forget(entry, name.start());
            return Err(fault(FaultKind::Directive));
        }
        match directive {
            Directive::Origin => {
                let before = self.origin.take();
                let argument = entry.argument()?;
                let mut origin = Vec::new();
                push_name(entry.word(&argument), before.as_deref(), &mut origin)
                    .map_err(|what| (what, argument.start()))?;
                self.origin = Some(origin);
            }
            Directive::Ttl => {
                let argument = entry.argument()?;
                types::read_ttl(entry.word(&argument)).ok_or((FaultKind::Ttl, argument.start()))?;
            }
            Directive::Date => {
                entry.argument()?;
            }
            Directive::Generate => return Err(fault(FaultKind::RefusedGenerate)),
            Directive::Include => {
                let (file, origin) = match entry.tokens[1..] {
                    [file] => (file, None),
                    [file, origin] => (file, Some(origin)),
                    [_, _, more, ..] => return Err((FaultKind::Directive, more.start())),
                    [] => return Err(fault(FaultKind::Directive)),
                };
                target.clear();
                if let Some(origin) = origin {
                    push_name(entry.word(&origin), self.origin.as_deref(), target)
                        .map_err(|what| (what, origin.start()))?;
                }
                let within = origin.map_or(self.origin.as_deref(), |_| Some(target));
                let file = file.unescape(entry.text).map_err(|what| (what, file.start()))?;
                sink.include(&file, within, entry.line).map_err(fault)?;
            }
        }
        Ok(())
    }
}

impl MasterEntry<'_> {
    /// The directive, if the first token is the name of one, even after blanks.
    pub(super) fn directive(&self) -> Option<Directive> {
        let first = self.tokens.first().filter(|token| !token.quoted)?;
        let is = |name: &str| self.word(first).eq_ignore_ascii_case(name.as_bytes());
        Some(match () {
            () if is("$ORIGIN") => Directive::Origin,
            () if is("$TTL") => Directive::Ttl,
            () if is("$INCLUDE") => Directive::Include,
            () if is("$GENERATE") => Directive::Generate,
            () if is("$DATE") => Directive::Date,
            () => return None,
        })
    }

    /// The one argument of a directive.
    fn argument(&self) -> Result<EntryToken, Faulty> {
        match self.tokens {
            [_, argument] => Ok(*argument),
            [_, _, more, ..] => Err((FaultKind::Directive, more.start())),
            _ => Err((FaultKind::Directive, self.tokens.first().map_or(0, EntryToken::start))),
        }
    }
}
