//! The fast way: lines in CZDS form (ICANN Registry Agreement, Specification 4, section 2.1).
//!
//! A line is taken if owner, TTL, class and type are separated by single tabs, names are absolute and in normal form,
//! and the data of the type is simple. Every other line is left to the full way, so both together read the whole
//! language. Each line taken here means the same there.
//!
//! Most lines of a large zone repeat the line before up to the host. Owner, TTL, class and type are then one
//! comparison. Each byte is looked at about once. Nobody reads the data of signatures, so it is only checked for
//! bytes that mean something to the full way.

use super::entry::TOKENS;
use super::names::{name_from, plain_name};
use crate::zone::record::{RecordData, RecordSink, ZoneRecord};
use crate::zone::scanner::common;

/// How far [`scan_plain`] got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Passed<'t> {
    /// Bytes of the lines taken.
    pub(crate) bytes: usize,
    /// Lines taken; each is a record.
    pub lines: u64,
    /// The owner of the last one.
    pub(crate) owner: &'t [u8],
}

/// Scans whole lines from the start of `text` for as long as they are in CZDS form. It needs nothing of the text
/// before, so stretches of a zone can be scanned side by side if no entry runs from one into the next.
pub fn scan_plain<'t>(text: &'t [u8], first_line: u64, sink: &mut impl RecordSink) -> Passed<'t> {
    let mut passed = Passed::default();
    // the line before, if it was an NS record: where it begins, and bytes up to its host
    let (mut before, mut head) = (0, 0);
    loop {
        let rest = &text[passed.bytes..];
        let line = first_line + passed.lines;
        let last = &text[before..];
        let shared = common(rest, last, head);
        if shared == head && head > 0 {
            let Some((host, length)) = host(&rest[head..]) else { return passed };
            sink.again(ZoneRecord { owner: passed.owner, data: RecordData::Ns(host), line });
            passed.bytes += head + length;
            passed.lines += 1;
            continue;
        }
        // what it shares with the last owner was checked then
        let known = shared.min(passed.owner.len());
        // TTL, class and type of the line before
        let middle = passed.owner.len() + 1..head;
        if head > 0
            && let Some(owner) = name_from(rest, known)
            && let after = &rest[owner.len() + 1..]
            && common(after, &last[middle.start..], middle.len()) == middle.len()
            && let Some((host, length)) = host(&after[middle.len()..])
        {
            (before, head) = (passed.bytes, owner.len() + 1 + middle.len());
            passed.owner = owner;
            sink.record(ZoneRecord { owner, data: RecordData::Ns(host), line });
            passed.bytes += head + length;
            passed.lines += 1;
            continue;
        }
        let Some(end) = memchr::memchr(b'\n', rest) else { return passed };
        let Some(record) = record(&rest[..end], line) else { return passed };
        (before, head) = match record.data {
            RecordData::Ns(host) => (passed.bytes, end - host.len() - 1),
            _ => (0, 0),
        };
        passed.owner = record.owner;
        sink.record(record);
        passed.bytes += end + 1;
        passed.lines += 1;
    }
}

/// A host up to the end of its line, and the bytes with the final dot and the line's end.
#[inline]
fn host(text: &[u8]) -> Option<(&[u8], usize)> {
    let host = name_from(text, 0)?;
    (text.get(host.len() + 1) == Some(&b'\n')).then(|| (host, host.len() + 2))
}

/// The record on a line in CZDS form.
pub(super) fn record(text: &[u8], line: u64) -> Option<ZoneRecord<'_>> {
    let (owner, rest) = plain_name(text)?;
    let rest = ttl_and_class(rest.strip_prefix(b"\t")?)?;
    let tab = rest.iter().take(12).position(|byte| *byte == b'\t')?;
    let (rtype, rdata) = (&rest[..tab], &rest[tab + 1..]);
    let data = match rtype {
        b"ns" | b"NS" => match plain_name(rdata) {
            Some((host, [])) => RecordData::Ns(host),
            _ => return None,
        },
        b"a" | b"A" => address::<std::net::Ipv4Addr>(rdata)?,
        b"aaaa" | b"AAAA" => address::<std::net::Ipv6Addr>(rdata)?,
        b"ds" | b"DS" => {
            delegation_signer(rdata)?;
            RecordData::Ds
        }
        b"rrsig" | b"RRSIG" if is_skippable(rdata) => RecordData::Signature(rdata),
        b"nsec" | b"NSEC" | b"nsec3" | b"NSEC3" if is_skippable(rdata) => RecordData::Signature(b""),
        _ => return None,
    };
    Some(ZoneRecord { owner, data, line })
}

/// `<TTL> TAB IN TAB`; what follows.
fn ttl_and_class(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take(11).take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&digits) {
        return None;
    }
    match &text[digits..] {
        [b'\t', b'i' | b'I', b'n' | b'N', b'\t', rest @ ..] => Some(rest),
        _ => None,
    }
}

fn address<A: std::str::FromStr>(rdata: &[u8]) -> Option<RecordData<'static>> {
    std::str::from_utf8(rdata).ok()?.parse::<A>().ok().map(|_| RecordData::Address)
}

/// Key tag, algorithm and digest type as numbers, and the digest in one piece (RFC 4034, section 5.3).
fn delegation_signer(rdata: &[u8]) -> Option<()> {
    let mut tokens = rdata.split(|byte| *byte == b' ');
    let mut figure = |most: u32| {
        let token = tokens.next()?;
        if !(1..=5).contains(&token.len()) || !token.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let value = token.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        (value <= most).then_some(())
    };
    figure(u32::from(u16::MAX))?;
    figure(u32::from(u8::MAX))?;
    figure(u32::from(u8::MAX))?;
    let digest = tokens.next()?;
    let is_digit = |byte: u8| byte.wrapping_sub(b'0') < 10 || (byte | 0x20).wrapping_sub(b'a') < 6;
    let digits = digest.iter().fold(true, |digits, byte| digits & is_digit(*byte));
    let whole = !digest.is_empty() && digest.len().is_multiple_of(2) && digits;
    (whole && tokens.next().is_none()).then_some(())
}

/// Whether data that nobody reads means the same to the full way, which looks at its tokens alone: there is at least
/// one, not too many, and no quotes, parentheses, comments, escapes or control characters (line ends and NUL among
/// them).
fn is_skippable(rdata: &[u8]) -> bool {
    let is_special =
        |byte: u8| (byte < b' ') | (byte == b'"') | (byte & !1 == b'(') | (byte == b';') | (byte == b'\\');
    let starts_with_token = rdata.first().is_some_and(|first| *first != b' ');
    // the same few operations for each byte, which the compiler does for 16 at a time
    let special = rdata.iter().fold(false, |special, byte| special | is_special(*byte));
    starts_with_token && !special && rdata.len() <= TOKENS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::fault::Fault;
    use crate::zone::inception::up_to_inception;
    use crate::zone::scanner::Scanner;

    /// What comes of a line, as text.
    #[derive(Default)]
    struct Outcomes(Vec<String>);

    impl RecordSink for Outcomes {
        fn record(&mut self, record: ZoneRecord<'_>) {
            self.0.push(match record.data {
                // how its words are separated means nothing
                RecordData::Signature(words) => {
                    let words =
                        up_to_inception(words).split(|byte| *byte == b' ').filter(|word| !word.is_empty());
                    format!("{:?} {:?} {}", record.owner, words.collect::<Vec<_>>(), record.line)
                }
                _ => format!("{record:?}"),
            });
        }

        fn fault(&mut self, fault: Fault) {
            self.0.push(format!("{fault:?}"));
        }
    }

    /// Whether the fast way takes a record with this data; if so, the full way makes the same of it.
    #[track_caller]
    fn takes(rtype: &str, data: &[u8], expected: bool) {
        let line = [b"a.b.\t60\tin\t", rtype.as_bytes(), b"\t", data].concat();
        let (mut fast, mut full) = (Outcomes::default(), Outcomes::default());
        let record = record(&line, 1);
        assert_eq!(record.is_some(), expected, "{}", line.escape_ascii());
        if let Some(record) = record {
            fast.record(record);
            Scanner::new(None).scan_entry(&[&line, b"\n".as_slice()].concat(), 1, true, &mut full);
            assert_eq!(fast.0, full.0, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn data_that_nobody_reads() {
        for rtype in ["rrsig", "NSEC", "nsec3"] {
            for data in ["x", "x y", "x  y ", "x+/=|", "NS 8 2 60 20260101 a. AbC+/==", "\u{e9} y", "x\u{7f}"]
            {
                takes(rtype, data.as_bytes(), true);
            }
            for data in
                ["", " ", " x", "x\ty", "x\r", "x;y", "x (y)", "x)", "\"x\"", "\\# 1 00", "x\\y", "x\0"]
            {
                takes(rtype, data.as_bytes(), false);
            }
            takes(rtype, &b"x ".repeat(TOKENS / 2), true);
            takes(rtype, &b"x ".repeat(TOKENS), false);
        }
        takes("txt", b"x", false);
        takes("dnskey", b"x", false);
    }

    #[test]
    fn digests() {
        takes("ds", b"1 8 2 00ffAAbb", true);
        takes("ds", b"65535 255 255 09afAF", true);
        for data in [
            "1 8 2",
            "1 8 2 0",
            "1 8 2 0g",
            "1 8 2 0@",
            "1 8 2 0G",
            "1 8 2 00 00",
            "65536 8 2 00",
            "1 256 2 00",
        ] {
            takes("ds", data.as_bytes(), false);
        }
    }
}
