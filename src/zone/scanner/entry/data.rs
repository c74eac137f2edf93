//! Record data, as far as it matters here: hosts, serials, and the form of addresses and DS.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::tokens::EntryToken;
use super::types::{RecordType, read_number, read_ttl};
use super::{Faulty, MasterEntry, push_name};
use crate::zone::Serial;
use crate::zone::fault::FaultKind;
use crate::zone::inception::INCEPTION_WORD;
use crate::zone::record::RecordData;

/// Octets of the five numbers of a SOA record.
const SOA_NUMBERS: usize = 20;

/// What completes relative names in the data.
#[derive(Clone, Copy)]
pub(super) struct Names<'n> {
    /// The owner of the record.
    pub(super) owner: &'n [u8],
    /// `$ORIGIN`.
    pub(super) origin: Option<&'n [u8]>,
}

/// Reads the data. `target` holds what has to be put into normal form.
pub(super) fn read_data<'a>(
    entry: MasterEntry<'_>,
    rtype: RecordType,
    rdata: &[EntryToken],
    names: Names<'_>,
    target: &'a mut Vec<u8>,
) -> Result<RecordData<'a>, Faulty> {
    let Some(first) = rdata.first() else {
        return match rtype {
            RecordType::Apl => Ok(RecordData::Other),
            _ => Err((FaultKind::NoData, entry.tokens.last().map_or(0, EntryToken::start))),
        };
    };
    if !first.quoted && entry.word(first) == b"\\#" {
        let octets = generic(entry, rdata).ok_or((FaultKind::Generic, first.start()))?;
        return of_octets(rtype, &octets, target).ok_or((FaultKind::Data, first.start()));
    }
    match rtype {
        RecordType::Ns => {
            push_name(entry.word(only(rdata)?), names.origin, target)
                .map_err(|what| (what, first.start()))?;
            Ok(RecordData::Ns(target))
        }
        RecordType::Soa => soa(entry, rdata, names.owner, target),
        RecordType::Ds => delegation_signer(entry, rdata).map(|()| RecordData::Ds),
        RecordType::Ipv4 => address::<Ipv4Addr>(entry, rdata),
        RecordType::Ipv6 => address::<Ipv6Addr>(entry, rdata),
        RecordType::Signature => Ok(signature(entry, rdata, target)),
        RecordType::Denial => Ok(RecordData::Signature(b"")),
        RecordType::Apl | RecordType::Other => Ok(RecordData::Other),
        RecordType::Nameless => Err((FaultKind::Generic, first.start())),
    }
}

/// The only token.
fn only(rdata: &[EntryToken]) -> Result<&EntryToken, Faulty> {
    match rdata {
        [token] => Ok(token),
        _ => Err((FaultKind::Data, rdata.get(1).map_or(0, EntryToken::start))),
    }
}

fn address<A: FromStr>(entry: MasterEntry<'_>, rdata: &[EntryToken]) -> Result<RecordData<'static>, Faulty> {
    let token = only(rdata)?;
    let address = std::str::from_utf8(entry.word(token)).ok().and_then(|text| text.parse::<A>().ok());
    address.map(|_| RecordData::Address).ok_or((FaultKind::Data, token.start()))
}

/// Reads a SOA record (RFC 1035, section 3.3.13). It is written with single blanks and without units, so that two of
/// them can be compared. Names without the final dot are relative to the owner: registries print them so in files
/// without `$ORIGIN`.
fn soa<'a>(
    entry: MasterEntry<'_>,
    rdata: &[EntryToken],
    owner: &[u8],
    target: &'a mut Vec<u8>,
) -> Result<RecordData<'a>, Faulty> {
    let [primary, mailbox, serial, times @ ..] = rdata else {
        return Err((FaultKind::Data, rdata.last().map_or(0, EntryToken::start)));
    };
    for name in [primary, mailbox] {
        push_name(entry.word(name), Some(owner), target).map_err(|what| (what, name.start()))?;
        target.push(b' ');
    }
    let number = read_number(entry.word(serial)).ok_or((FaultKind::Data, serial.start()))?;
    push_number(number, target);
    for token in times {
        let seconds = read_ttl(entry.word(token)).ok_or((FaultKind::Data, token.start()))?;
        push_number(seconds, target);
    }
    match times {
        [_, _, _, _] => Ok(RecordData::Soa(Serial(number), target)),
        [_, _, _, _, more, ..] => Err((FaultKind::Data, more.start())),
        _ => Err((FaultKind::Data, rdata.last().map_or(0, EntryToken::start))),
    }
}

/// The words of an RRSIG record up to its inception.
fn signature<'a>(entry: MasterEntry<'_>, rdata: &[EntryToken], target: &'a mut Vec<u8>) -> RecordData<'a> {
    for token in &rdata[..rdata.len().min(INCEPTION_WORD + 1)] {
        target.extend_from_slice(entry.word(token));
        target.push(b' ');
    }
    target.pop();
    RecordData::Signature(target)
}

/// The same from octets (RFC 4034, section 3.1): only the inception matters.
fn signature_of_octets<'a>(octets: &[u8], target: &'a mut Vec<u8>) -> RecordData<'a> {
    if let Some(inception) = octets.get(12..).and_then(<[u8]>::first_chunk) {
        target.extend_from_slice(&b"0 ".repeat(INCEPTION_WORD));
        target.extend_from_slice(u32::from_be_bytes(*inception).to_string().as_bytes());
    }
    RecordData::Signature(target)
}

fn push_number(number: u32, target: &mut Vec<u8>) {
    target.extend_from_slice(number.to_string().as_bytes());
    target.push(b' ');
}

/// RFC 4034, section 5.3: key tag, algorithm (number or mnemonic), digest type, digest.
fn delegation_signer(entry: MasterEntry<'_>, rdata: &[EntryToken]) -> Result<(), Faulty> {
    let up_to = |token: &EntryToken, most: u32| {
        let valid = read_number(entry.word(token)).is_some_and(|number| number <= most);
        if valid { Ok(()) } else { Err((FaultKind::Data, token.start())) }
    };
    let [key_tag, algorithm, digest_type, digest @ ..] = rdata else {
        return Err((FaultKind::Data, rdata.last().map_or(0, EntryToken::start)));
    };
    up_to(key_tag, 65_535)?;
    if !entry.word(algorithm).first().is_some_and(u8::is_ascii_alphabetic) {
        up_to(algorithm, 255)?;
    }
    up_to(digest_type, 255)?;
    let mut digits = 0;
    for token in digest {
        let word = entry.word(token);
        if !word.iter().all(u8::is_ascii_hexdigit) {
            return Err((FaultKind::Data, token.start()));
        }
        digits += word.len();
    }
    let whole = digits > 0 && digits % 2 == 0;
    if whole { Ok(()) } else { Err((FaultKind::Data, rdata.last().map_or(0, EntryToken::start))) }
}

/// The octets of the generic form `\# length hex…` (RFC 3597, section 5).
fn generic(entry: MasterEntry<'_>, rdata: &[EntryToken]) -> Option<Vec<u8>> {
    let [_, length, digits @ ..] = rdata else { return None };
    let length = u16::try_from(read_number(entry.word(length))?).ok()?;
    let mut octets = Vec::with_capacity(usize::from(length));
    let mut high = None;
    for byte in digits.iter().flat_map(|token| entry.word(token)) {
        let digit = char::from(*byte).to_digit(16)? as u8;
        match high.take() {
            None => high = Some(digit),
            Some(high) => octets.push(high << 4 | digit),
        }
    }
    (high.is_none() && octets.len() == usize::from(length)).then_some(octets)
}

/// The same data from octets.
fn of_octets<'a>(rtype: RecordType, octets: &[u8], target: &'a mut Vec<u8>) -> Option<RecordData<'a>> {
    match rtype {
        RecordType::Ns => push_wire_name(octets, target)?.is_empty().then_some(RecordData::Ns(target)),
        RecordType::Soa => {
            let mut rest = octets;
            for _ in 0..2 {
                rest = push_wire_name(rest, target)?;
                target.push(b' ');
            }
            if rest.len() != SOA_NUMBERS {
                return None;
            }
            let numbers = rest.chunks_exact(4).map(|four| four.iter().fold(0, |n, o| n << 8 | u32::from(*o)));
            numbers.clone().for_each(|number| push_number(number, target));
            Some(RecordData::Soa(Serial(numbers.clone().next()?), target))
        }
        RecordType::Ds => (octets.len() > 4).then_some(RecordData::Ds),
        RecordType::Ipv4 => (octets.len() == 4).then_some(RecordData::Address),
        RecordType::Ipv6 => (octets.len() == 16).then_some(RecordData::Address),
        RecordType::Signature => (!octets.is_empty()).then(|| signature_of_octets(octets, target)),
        RecordType::Denial => (!octets.is_empty()).then_some(RecordData::Signature(b"")),
        RecordType::Apl | RecordType::Other | RecordType::Nameless => Some(RecordData::Other),
    }
}

/// Appends the normal form of an uncompressed name; what follows it.
fn push_wire_name<'o>(octets: &'o [u8], target: &mut Vec<u8>) -> Option<&'o [u8]> {
    let (mut escaped, mut rest) = (Vec::new(), octets);
    loop {
        let (&length, after) = rest.split_first()?;
        let (label, after) = after.split_at_checked(usize::from(length))?;
        rest = after;
        if label.is_empty() {
            break;
        }
        for octet in label {
            escaped.extend_from_slice(format!("\\{octet:03}").as_bytes());
        }
        escaped.push(b'.');
    }
    if escaped.is_empty() {
        escaped.push(b'.');
    }
    push_name(&escaped, None, target).ok().map(|()| rest)
}
