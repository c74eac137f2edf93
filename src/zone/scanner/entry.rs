//! The full way: one entry of a master file, token by token (RFC 1035, section 5.1).
//!
//! Ambiguities met, and what is done: a TTL may carry units (`1h30m`) as BIND has it; a word after the
//! owner is a TTL or class if it reads as one, so a record type never needs guessing; `)` without `(`
//! is a fault; a quoted string may not run over a line's end; a carriage return is a blank; the
//! generic form `\# length data` (RFC 3597, section 5) is taken for every type, and read for NS.

use super::{Scanner, push_name};
use crate::zone::Serial;
use crate::zone::fault::{Fault, FaultKind};
use crate::zone::record::{Record, RecordData, RecordSink};

/// What became of the text.
pub(super) enum Step {
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

/// Reused space.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    tokens: Vec<Token>,
    target: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
    line: u64,
    column: u64,
    quoted: bool,
}

enum Extent {
    Ended { bytes: usize, lines: u64, blank_start: bool, fault: Option<(FaultKind, u64, u64)> },
    Unfinished,
}

impl Scanner {
    /// Takes one entry from the start of `text`.
    pub(super) fn scan_entry(
        &mut self,
        text: &[u8],
        line: u64,
        last: bool,
        sink: &mut impl RecordSink,
    ) -> Step {
        let mut scratch = std::mem::take(&mut self.scratch);
        let step = match tokenize(text, line, last, &mut scratch.tokens) {
            Extent::Unfinished if text.len() < super::ENTRY_BYTES => Step::Unfinished,
            Extent::Unfinished => {
                // an entry that never ends costs its first line
                sink.fault(Fault { line, column: 0, what: FaultKind::Parentheses, refused_directive: false });
                first_line(text)
            }
            Extent::Ended { fault: Some((what, line, column)), .. } => {
                sink.fault(Fault { line, column, what, refused_directive: false });
                first_line(text)
            }
            Extent::Ended { bytes, lines, blank_start, fault: None } => {
                if let Some(first) = scratch.tokens.first().copied()
                    && let Err((what, token)) = self.interpret(text, blank_start, &mut scratch, sink)
                {
                    let place = token.unwrap_or(first);
                    let refused_directive = what == FaultKind::Refused;
                    sink.fault(Fault { line: place.line, column: place.column, what, refused_directive });
                }
                Step::Done { bytes, lines }
            }
        };
        self.scratch = scratch;
        step
    }

    fn interpret(
        &mut self,
        text: &[u8],
        blank_start: bool,
        scratch: &mut Scratch,
        sink: &mut impl RecordSink,
    ) -> Result<(), (FaultKind, Option<Token>)> {
        let Scratch { tokens, target } = scratch;
        let mut tokens = tokens.as_slice();
        if !blank_start {
            let first = tokens[0];
            if !first.quoted && text[first.start] == b'$' {
                return self.direct(text, tokens).map_err(|what| (what, Some(first)));
            }
            let mut owner = self.owner.take().unwrap_or_default();
            owner.clear();
            let result = push_name(&text[first.start..first.end], self.origin.as_deref(), &mut owner);
            // a faulty owner is no owner for the blank ones after it
            self.owner = result.is_ok().then_some(owner);
            result.map_err(|what| (what, Some(first)))?;
            tokens = &tokens[1..];
        }
        let owner = self.owner.as_deref().ok_or((FaultKind::NoOwner, None))?;
        let (rtype, rdata) = type_and_data(text, tokens)?;
        target.clear();
        let data = read_data(text, rtype, rdata, self.origin.as_deref(), target)?;
        let line = tokens.first().map_or(0, |token| token.line);
        sink.record(Record { owner, data, line });
        Ok(())
    }

    fn direct(&mut self, text: &[u8], tokens: &[Token]) -> Result<(), FaultKind> {
        let word = |index: usize| tokens.get(index).map(|token| &text[token.start..token.end]);
        let directive = word(0).unwrap_or_default().to_ascii_uppercase();
        match directive.as_slice() {
            b"$ORIGIN" => {
                let mut origin = Vec::new();
                push_name(word(1).ok_or(FaultKind::Directive)?, self.origin.as_deref(), &mut origin)?;
                self.origin = Some(origin);
                Ok(())
            }
            b"$TTL" => match word(1) {
                Some(ttl) if is_ttl(ttl) => Ok(()),
                _ => Err(FaultKind::Directive),
            },
            b"$INCLUDE" | b"$GENERATE" => Err(FaultKind::Refused),
            _ => Err(FaultKind::Directive),
        }
    }
}

fn first_line(text: &[u8]) -> Step {
    match memchr::memchr(b'\n', text) {
        Some(end) => Step::Done { bytes: end + 1, lines: 1 },
        None => Step::Done { bytes: text.len(), lines: 0 },
    }
}

/// Cuts an entry into tokens.
fn tokenize(text: &[u8], first_line: u64, last: bool, tokens: &mut Vec<Token>) -> Extent {
    tokens.clear();
    let (mut at, mut line, mut line_start, mut depth) = (0, first_line, 0, 0u32);
    let blank_start = matches!(text.first(), Some(b' ' | b'\t'));
    let mut fault = None;
    while at < text.len() {
        let column = (at - line_start + 1) as u64;
        match text[at] {
            b'\n' => {
                at += 1;
                line += 1;
                line_start = at;
                if depth == 0 {
                    return Extent::Ended { bytes: at, lines: line - first_line, blank_start, fault };
                }
            }
            b' ' | b'\t' | b'\r' => at += 1,
            b';' => at += memchr::memchr(b'\n', &text[at..]).unwrap_or(text.len() - at),
            b'(' => {
                depth += 1;
                at += 1;
            }
            b')' => {
                if depth == 0 {
                    fault = fault.or(Some((FaultKind::Parentheses, line, column)));
                }
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'"' => {
                let start = at + 1;
                match quoted_end(text, start) {
                    Some(end) => {
                        tokens.push(Token { start, end, line, column, quoted: true });
                        at = end + 1;
                    }
                    None => {
                        fault = fault.or(Some((FaultKind::Quote, line, column)));
                        at += memchr::memchr(b'\n', &text[at..]).unwrap_or(text.len() - at);
                    }
                }
            }
            _ => {
                let start = at;
                while at < text.len()
                    && !matches!(text[at], b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' | b'"')
                {
                    let step = if text[at] == b'\\' && text.get(at + 1).is_some_and(|next| *next != b'\n') {
                        2
                    } else {
                        1
                    };
                    at += step;
                }
                at = at.min(text.len());
                tokens.push(Token { start, end: at, line, column, quoted: false });
            }
        }
    }
    if !last {
        return Extent::Unfinished;
    }
    if depth > 0 {
        fault = fault.or(Some((FaultKind::Parentheses, first_line, 0)));
    }
    Extent::Ended { bytes: at, lines: line - first_line, blank_start, fault }
}

fn quoted_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while at < text.len() {
        match text[at] {
            b'"' => return Some(at),
            b'\n' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

type Faulty = (FaultKind, Option<Token>);

/// Skips TTL and class, in either order, and finds the type.
fn type_and_data<'t>(text: &[u8], tokens: &'t [Token]) -> Result<(RecordType, &'t [Token]), Faulty> {
    let (mut seen_ttl, mut seen_class) = (false, false);
    for (index, token) in tokens.iter().enumerate() {
        let word = &text[token.start..token.end];
        if !token.quoted && !seen_ttl && is_ttl(word) {
            seen_ttl = true;
        } else if !token.quoted
            && !seen_class
            && let Some(internet) = class(word)
        {
            if !internet {
                return Err((FaultKind::Class, Some(*token)));
            }
            seen_class = true;
        } else {
            let rtype = RecordType::read(word).filter(|_| !token.quoted);
            return Ok((rtype.ok_or((FaultKind::Type, Some(*token)))?, &tokens[index + 1..]));
        }
    }
    Err((FaultKind::NoData, None))
}

/// A number of seconds, or BIND's units: `1w2d3h4m5s`.
fn is_ttl(word: &[u8]) -> bool {
    let mut digits = 0;
    let mut units = false;
    for byte in word {
        match byte {
            b'0'..=b'9' => digits += 1,
            b's' | b'S' | b'm' | b'M' | b'h' | b'H' | b'd' | b'D' | b'w' | b'W' if digits > 0 => {
                digits = 0;
                units = true;
            }
            _ => return false,
        }
        if digits > 10 {
            return false;
        }
    }
    digits > 0 || units
}

/// Whether a word is a class, and if so whether it is IN.
fn class(word: &[u8]) -> Option<bool> {
    let upper = word.to_ascii_uppercase();
    match upper.as_slice() {
        b"IN" | b"CLASS1" => Some(true),
        b"CH" | b"HS" | b"CS" | b"NONE" | b"ANY" => Some(false),
        other => other.strip_prefix(b"CLASS").filter(|number| is_number(number)).map(|_| false),
    }
}

fn is_number(text: &[u8]) -> bool {
    (1..=5).contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RecordType {
    Soa,
    Ns,
    Ds,
    Address,
    Signature,
    Other,
}

/// Types whose data is not looked into (IANA registry "Resource Record (RR) TYPEs").
const OTHER_TYPES: &[&str] = &[
    "AFSDB",
    "ALIAS",
    "AMTRELAY",
    "APL",
    "AVC",
    "CAA",
    "CDNSKEY",
    "CDS",
    "CERT",
    "CNAME",
    "CSYNC",
    "DHCID",
    "DLV",
    "DNAME",
    "DNSKEY",
    "DSYNC",
    "EID",
    "EUI48",
    "EUI64",
    "GPOS",
    "HINFO",
    "HIP",
    "HTTPS",
    "IPSECKEY",
    "ISDN",
    "KEY",
    "KX",
    "L32",
    "L64",
    "LOC",
    "LP",
    "MB",
    "MD",
    "MF",
    "MG",
    "MINFO",
    "MR",
    "MX",
    "NAPTR",
    "NID",
    "NIMLOC",
    "NINFO",
    "NSAP",
    "NSAP-PTR",
    "NSEC3PARAM",
    "NULL",
    "NXT",
    "OPENPGPKEY",
    "PTR",
    "PX",
    "RESINFO",
    "RKEY",
    "RP",
    "RT",
    "SIG",
    "SINK",
    "SMIMEA",
    "SPF",
    "SRV",
    "SSHFP",
    "SVCB",
    "TA",
    "TALINK",
    "TLSA",
    "TXT",
    "UID",
    "UINFO",
    "URI",
    "WALLET",
    "WKS",
    "X25",
    "ZONEMD",
];

impl RecordType {
    fn read(word: &[u8]) -> Option<Self> {
        let upper = word.to_ascii_uppercase();
        Some(match upper.as_slice() {
            b"SOA" | b"TYPE6" => Self::Soa,
            b"NS" | b"TYPE2" => Self::Ns,
            b"DS" | b"TYPE43" => Self::Ds,
            b"A" | b"AAAA" | b"TYPE1" | b"TYPE28" => Self::Address,
            b"RRSIG" | b"NSEC" | b"NSEC3" | b"TYPE46" | b"TYPE47" | b"TYPE50" => Self::Signature,
            other => {
                let number = other.strip_prefix(b"TYPE").filter(|number| is_number(number));
                let name = || OTHER_TYPES.iter().find(|known| known.as_bytes() == other);
                if number.is_none() && name().is_none() {
                    return None;
                }
                Self::Other
            }
        })
    }
}

/// Reads the data as far as it matters, `target` holding what has to be put in normal form.
fn read_data<'a>(
    text: &[u8],
    rtype: RecordType,
    rdata: &[Token],
    origin: Option<&[u8]>,
    target: &'a mut Vec<u8>,
) -> Result<RecordData<'a>, Faulty> {
    let word = |token: &Token| &text[token.start..token.end];
    let Some(first) = rdata.first() else { return Err((FaultKind::NoData, None)) };
    let generic = !first.quoted && word(first) == b"\\#";
    match rtype {
        RecordType::Ns => {
            match rdata {
                _ if generic => {
                    push_generic_name(text, rdata, target).ok_or((FaultKind::Data, Some(*first)))?
                }
                [host] if !host.quoted => {
                    push_name(word(host), origin, target).map_err(|what| (what, Some(*host)))?
                }
                _ => return Err((FaultKind::Data, Some(*first))),
            }
            Ok(RecordData::Ns(target))
        }
        RecordType::Soa => {
            let [mname, rname, serial, _, _, _, _] = rdata else {
                return Err((FaultKind::Data, Some(*first)));
            };
            let number = std::str::from_utf8(word(serial)).ok().and_then(|text| text.parse::<u32>().ok());
            let number = number.ok_or((FaultKind::Data, Some(*serial)))?;
            for host in [mname, rname] {
                push_name(word(host), origin, target).map_err(|what| (what, Some(*host)))?;
                target.push(b' ');
            }
            for token in &rdata[2..] {
                if !is_ttl(word(token)) {
                    return Err((FaultKind::Data, Some(*token)));
                }
                target.extend_from_slice(word(token));
                target.push(b' ');
            }
            Ok(RecordData::Soa(Serial(number), target))
        }
        RecordType::Address => {
            let plain = std::str::from_utf8(word(first)).ok();
            let valid = generic || plain.is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok());
            if valid { Ok(RecordData::Address) } else { Err((FaultKind::Data, Some(*first))) }
        }
        RecordType::Ds => Ok(RecordData::Ds),
        RecordType::Signature => Ok(RecordData::Signature),
        RecordType::Other => Ok(RecordData::Other),
    }
}

/// A name from the generic form `\# length hex…` (RFC 3597, section 5), uncompressed.
fn push_generic_name(text: &[u8], rdata: &[Token], target: &mut Vec<u8>) -> Option<()> {
    let length = std::str::from_utf8(rdata.get(1).map(|token| &text[token.start..token.end])?).ok()?;
    let length: usize = length.parse().ok()?;
    let digits: Vec<u8> =
        rdata[2..].iter().flat_map(|token| text[token.start..token.end].iter().copied()).collect();
    let octets: Vec<u8> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok().filter(|_| pair.len() == 2))
        .collect::<Option<_>>()?;
    if octets.len() != length {
        return None;
    }
    let mut escaped = Vec::new();
    let mut rest = octets.as_slice();
    loop {
        let (&label, after) = rest.split_first()?;
        if label == 0 {
            rest = after;
            break;
        }
        for octet in after.get(..usize::from(label))? {
            escaped.extend_from_slice(format!("\\{octet:03}").as_bytes());
        }
        escaped.push(b'.');
        rest = &after[usize::from(label)..];
    }
    if escaped.is_empty() {
        escaped.push(b'.');
    }
    (rest.is_empty() && push_name(&escaped, None, target).is_ok()).then_some(())
}
