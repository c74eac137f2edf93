//! The words between owner and data: TTL and class, in either order, and the type.
//!
//! A word that reads as a TTL or a class is one. No type reads as either.

use super::tokens::EntryToken;
use super::{Faulty, MasterEntry};
use crate::zone::fault::FaultKind;

/// A record's type, as far as it decides how the data is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordType {
    Soa,
    Ns,
    Ds,
    Ipv4,
    Ipv6,
    /// RRSIG, whose inception dates the zone.
    Signature,
    /// NSEC and NSEC3.
    Denial,
    /// Address prefixes. The data may be empty (RFC 3123, section 4).
    Apl,
    /// Any other type with a name.
    Other,
    /// A type without a name. Its data must have the generic form (RFC 3597, section 5).
    Nameless,
}

/// The longest words that are looked up: `OPENPGPKEY`, `CLASS65535`.
const WORD_BYTES: usize = 10;

/// Types whose data is not read (IANA registry "Resource Record (RR) TYPEs"), sorted by name. The highest numbers are
/// private ones of PowerDNS and BIND.
const OTHER_TYPES: &[(&str, u16)] = &[
    ("A6", 38),
    ("AFSDB", 18),
    ("ALIAS", 65401),
    ("AMTRELAY", 260),
    ("ATMA", 34),
    ("AVC", 258),
    ("BRID", 68),
    ("CAA", 257),
    ("CDNSKEY", 60),
    ("CDS", 59),
    ("CERT", 37),
    ("CLA", 263),
    ("CNAME", 5),
    ("CSYNC", 62),
    ("DHCID", 49),
    ("DLV", 32769),
    ("DNAME", 39),
    ("DNSKEY", 48),
    ("DOA", 259),
    ("DSYNC", 66),
    ("EID", 31),
    ("EUI48", 108),
    ("EUI64", 109),
    ("GID", 102),
    ("GPOS", 27),
    ("HHIT", 67),
    ("HINFO", 13),
    ("HIP", 55),
    ("HTTPS", 65),
    ("IPN", 264),
    ("IPSECKEY", 45),
    ("ISDN", 20),
    ("KEY", 25),
    ("KEYDATA", 65533),
    ("KX", 36),
    ("L32", 105),
    ("L64", 106),
    ("LOC", 29),
    ("LP", 107),
    ("MB", 7),
    ("MD", 3),
    ("MF", 4),
    ("MG", 8),
    ("MINFO", 14),
    ("MR", 9),
    ("MX", 15),
    ("NAPTR", 35),
    ("NID", 104),
    ("NIMLOC", 32),
    ("NINFO", 56),
    ("NSAP", 22),
    ("NSAP-PTR", 23),
    ("NSEC3PARAM", 51),
    ("NULL", 10),
    ("NXT", 30),
    ("OPENPGPKEY", 61),
    ("PTR", 12),
    ("PX", 26),
    ("RESINFO", 261),
    ("RKEY", 57),
    ("RP", 17),
    ("RT", 21),
    ("SIG", 24),
    ("SINK", 40),
    ("SMIMEA", 53),
    ("SPF", 99),
    ("SRV", 33),
    ("SSHFP", 44),
    ("SVCB", 64),
    ("TA", 32768),
    ("TALINK", 58),
    ("TLSA", 52),
    ("TXT", 16),
    ("UID", 101),
    ("UINFO", 100),
    ("UNSPEC", 103),
    ("URI", 256),
    ("WALLET", 262),
    ("WKS", 11),
    ("X25", 19),
    ("ZONEMD", 63),
];

/// Reads TTL, class and type, and returns the tokens of the data. A class holds until another one is stated (RFC 1035,
/// section 5.1); the first is IN.
pub(super) fn read_head<'t>(
    entry: MasterEntry<'t>,
    tokens: &'t [EntryToken],
    other_class: &mut bool,
) -> Result<(RecordType, &'t [EntryToken]), Faulty> {
    let (mut seen_ttl, mut seen_class) = (false, false);
    for (index, token) in tokens.iter().enumerate() {
        let word = entry.word(token);
        let fault = |what| (what, token.start());
        if token.quoted {
            return Err(fault(FaultKind::Type));
        }
        if !seen_ttl && word[0].is_ascii_digit() {
            read_ttl(word).ok_or(fault(FaultKind::Ttl))?;
            seen_ttl = true;
            continue;
        }
        let mut space = [0; WORD_BYTES];
        let upper = upper(word, &mut space).ok_or(fault(FaultKind::Type))?;
        match class(upper) {
            Some(internet) if !seen_class => {
                (seen_class, *other_class) = (true, !internet);
                if !internet {
                    return Err(fault(FaultKind::Class));
                }
            }
            _ if *other_class => return Err(fault(FaultKind::Class)),
            _ => {
                let rtype = RecordType::read(upper).ok_or(fault(FaultKind::Type))?;
                return Ok((rtype, &tokens[index + 1..]));
            }
        }
    }
    Err((FaultKind::NoData, entry.tokens.last().map_or(0, EntryToken::start)))
}

/// A number of seconds, or of BIND's units: `1w2d3h4m5s`; up to 32 bits.
pub(super) fn read_ttl(word: &[u8]) -> Option<u32> {
    let (mut total, mut rest) = (0_u32, word);
    loop {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = read_number(&rest[..digits])?;
        let seconds = match rest.get(digits).map(u8::to_ascii_lowercase) {
            None | Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 3600,
            Some(b'd') => 86_400,
            Some(b'w') => 604_800,
            Some(_) => return None,
        };
        total = total.checked_add(number.checked_mul(seconds)?)?;
        rest = rest.get(digits + 1..).unwrap_or_default();
        if rest.is_empty() {
            return Some(total);
        }
    }
}

/// Decimal digits and nothing else; up to 32 bits.
pub(super) fn read_number(word: &[u8]) -> Option<u32> {
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0_u32, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn upper<'s>(word: &[u8], space: &'s mut [u8; WORD_BYTES]) -> Option<&'s [u8]> {
    let space = space.get_mut(..word.len())?;
    space.copy_from_slice(word);
    space.make_ascii_uppercase();
    Some(space)
}

/// Whether a word is a class, and if so whether it is IN.
fn class(upper: &[u8]) -> Option<bool> {
    match upper {
        b"IN" => Some(true),
        b"CH" | b"HS" | b"CS" | b"NONE" | b"ANY" => Some(false),
        _ => numbered(upper, b"CLASS").map(|number| number == 1),
    }
}

/// The number of `TYPEnnn` or `CLASSnnn`.
fn numbered(upper: &[u8], prefix: &[u8]) -> Option<u16> {
    read_number(upper.strip_prefix(prefix)?).and_then(|number| u16::try_from(number).ok())
}

impl RecordType {
    fn read(upper: &[u8]) -> Option<Self> {
        Some(match upper {
            b"NS" => Self::Ns,
            b"DS" => Self::Ds,
            b"A" => Self::Ipv4,
            b"AAAA" => Self::Ipv6,
            b"RRSIG" => Self::Signature,
            b"NSEC" | b"NSEC3" => Self::Denial,
            b"SOA" => Self::Soa,
            b"APL" => Self::Apl,
            _ => match numbered(upper, b"TYPE") {
                Some(number) => return Self::of_number(number),
                None => {
                    OTHER_TYPES.binary_search_by_key(&upper, |(name, _)| name.as_bytes()).ok()?;
                    Self::Other
                }
            },
        })
    }

    fn of_number(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::Ipv4,
            2 => Self::Ns,
            6 => Self::Soa,
            28 => Self::Ipv6,
            42 => Self::Apl,
            43 => Self::Ds,
            46 => Self::Signature,
            47 | 50 => Self::Denial,
            // meta types (RFC 6895, section 3.1), OPT among them
            41 | 128..=255 => return None,
            _ if OTHER_TYPES.iter().any(|(_, known)| *known == number) => Self::Other,
            _ => Self::Nameless,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(OTHER_TYPES.is_sorted_by(|(a, _), (b, _)| a.as_bytes() < b.as_bytes()));
    }

    #[track_caller]
    fn ttl(word: &str, expected: Option<u32>) {
        assert_eq!(read_ttl(word.as_bytes()), expected, "{word}");
    }

    #[test]
    fn ttls() {
        ttl("0", Some(0));
        ttl("4294967295", Some(u32::MAX));
        ttl("4294967296", None);
        ttl("000000000000300", Some(300));
        ttl("1w2D3h4M5s", Some(788_645));
        ttl("1h30", Some(3630));
        ttl("100000000W", None);
        ttl("4294967295s1w", None);
        ttl("-1", None);
        ttl("+1", None);
        ttl("1x", None);
        ttl("1hh", None);
        ttl("h", None);
        ttl("", None);
    }
}
