//! Domain names in presentation form (RFC 1035, section 5.1; RFC 4343 for escapes and case).
//!
//! They have a normal form of their own: a zone file holds octets, escaped and relative to an origin, and knows no
//! Unicode. [`crate::name::normal`], where all other names are normalized, has no use for that.

use crate::name::normal::{LABEL_OCTETS, WIRE_OCTETS};
use crate::zone::fault::FaultKind;

/// The absolute name at the start of `text`, if it is in normal form already (its final dot aside) and consists of
/// bytes from `-` to `9` and from `_` to `z`: the name without the dot, and what follows it.
pub(super) fn plain_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    name_from(text, 0).map(|name| (name, &text[name.len() + 1..]))
}

/// The name of [`plain_name`]. Its first `known` octets are known to be the start of such a name.
#[inline]
pub(super) fn name_from(text: &[u8], known: usize) -> Option<&[u8]> {
    let end = plain_end(text, known.saturating_sub(1))?;
    let name = text.get(..end)?.strip_suffix(b".")?;
    let fits = match name.len() {
        0 => true,
        // no label can be too long
        1..=LABEL_OCTETS => name[0] != b'.',
        length => length + 2 <= WIRE_OCTETS && has_wire_labels(name),
    };
    fits.then_some(name)
}

#[cold]
fn has_wire_labels(name: &[u8]) -> bool {
    name.split(|byte| *byte == b'.').all(|label| (1..=LABEL_OCTETS).contains(&label.len()))
}

/// Where the bytes of a plain name end, from `at` on; none if two dots follow each other before that.
#[inline]
fn plain_end(text: &[u8], mut at: usize) -> Option<usize> {
    while let Some(bytes) = text[at..].first_chunk::<{ WINDOW + 1 }>() {
        let length = plain_start(bytes);
        at += length;
        if length < WINDOW {
            return (bytes[length] != b'.').then_some(at);
        }
    }
    let mut after_dot = false;
    for byte in &text[at..] {
        match byte {
            b'.' if after_dot => return None,
            b'.' => after_dot = true,
            b'-'..=b'9' | b'_'..=b'z' => after_dot = false,
            _ => break,
        }
        at += 1;
    }
    Some(at)
}

/// Bytes that are looked at together.
const WINDOW: usize = 32;

/// How many bytes at the start belong to a plain name, up to the first of two dots. The operations are the same for
/// each byte, so the compiler does 16 at a time.
#[inline]
fn plain_start(bytes: &[u8; WINDOW + 1]) -> usize {
    let mut stop = [0; WINDOW];
    for at in 0..WINDOW {
        let (byte, next) = (bytes[at], bytes[at + 1]);
        let plain = (byte.wrapping_sub(b'-') <= b'9' - b'-') | (byte.wrapping_sub(b'_') <= b'z' - b'_');
        let dots = (byte == b'.') & (next == b'.');
        stop[at] = if !plain | dots { 0xff } else { 0 };
    }
    let half = |half: usize| {
        let mut octets = [0; 16];
        octets.copy_from_slice(&stop[half * 16..][..16]);
        u128::from_le_bytes(octets)
    };
    let (first, second) = (half(0), half(1));
    let bits = if first != 0 { first.trailing_zeros() } else { 128 + second.trailing_zeros() };
    (bits / 8) as usize
}

/// Appends the normal form of a name token, completed by `origin` if it is relative. Nothing is appended if
/// it is faulty.
pub fn push_name(token: &[u8], origin: Option<&[u8]>, out: &mut Vec<u8>) -> Result<(), FaultKind> {
    let start = out.len();
    let result = push_labels(token, origin, out);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn push_labels(token: &[u8], origin: Option<&[u8]>, out: &mut Vec<u8>) -> Result<(), FaultKind> {
    match token {
        b"." => return Ok(()),
        b"@" => {
            out.extend_from_slice(origin.ok_or(FaultKind::NoOrigin)?);
            return Ok(());
        }
        [] => return Err(FaultKind::Name),
        _ => {}
    }
    let (mut wire, mut label, mut absolute) = (1, 0, false);
    let mut at = 0;
    while at < token.len() {
        let byte = token[at];
        at += 1;
        if byte == b'.' {
            if label == 0 {
                return Err(FaultKind::Name);
            }
            wire += label + 1;
            label = 0;
            absolute = at == token.len();
            if !absolute {
                out.push(b'.');
            }
            continue;
        }
        let octet = match byte {
            b'\\' => unescape(token, &mut at)?,
            0..=31 | 127 => return Err(FaultKind::Name),
            _ => byte,
        };
        label += 1;
        if label > LABEL_OCTETS {
            return Err(FaultKind::Name);
        }
        push_octet(octet.to_ascii_lowercase(), out);
    }
    if !absolute {
        wire += label + 1;
        let origin = origin.ok_or(FaultKind::NoOrigin)?;
        if !origin.is_empty() {
            out.push(b'.');
            out.extend_from_slice(origin);
            wire += wire_octets(origin);
        }
    }
    if wire > WIRE_OCTETS { Err(FaultKind::Name) } else { Ok(()) }
}

/// Octets on the wire of a name in normal form, without those of the root.
fn wire_octets(name: &[u8]) -> usize {
    let (mut octets, mut at) = (1, 0);
    while at < name.len() {
        at += match name[at..] {
            [b'\\', digit, ..] if digit.is_ascii_digit() => 4,
            [b'\\', ..] => 2,
            _ => 1,
        };
        octets += 1;
    }
    octets
}

/// The octet after a backslash: `\X` or `\DDD`.
pub(super) fn unescape(token: &[u8], at: &mut usize) -> Result<u8, FaultKind> {
    let first = *token.get(*at).filter(|byte| !byte.is_ascii_control()).ok_or(FaultKind::Escape)?;
    *at += 1;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let digits = token.get(*at..*at + 2).filter(|digits| digits.iter().all(u8::is_ascii_digit));
    let [second, third] = digits.ok_or(FaultKind::Escape)? else { return Err(FaultKind::Escape) };
    *at += 2;
    let value = u32::from(first - b'0') * 100 + u32::from(second - b'0') * 10 + u32::from(third - b'0');
    u8::try_from(value).map_err(|_| FaultKind::Escape)
}

fn push_octet(octet: u8, out: &mut Vec<u8>) {
    match octet {
        b'.' | b'\\' => out.extend_from_slice(&[b'\\', octet]),
        33..=126 => out.push(octet),
        _ => out.extend_from_slice(&[b'\\', b'0' + octet / 100, b'0' + octet / 10 % 10, b'0' + octet % 10]),
    }
}

/// How many octets two texts share from their start, up to `most`. Compares eight at a time, which is cheaper if the
/// texts go on.
#[inline]
pub fn common(a: &[u8], b: &[u8], most: usize) -> usize {
    let mut at = 0;
    while at < most {
        let (Some(x), Some(y)) = (a[at..].first_chunk::<8>(), b[at..].first_chunk::<8>()) else {
            let rest = a[at..].iter().zip(&b[at..]);
            return (at + rest.take_while(|(x, y)| x == y).count()).min(most);
        };
        let different = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if different != 0 {
            return (at + (different.trailing_zeros() / 8) as usize).min(most);
        }
        at += 8;
    }
    most
}

/// Whether two texts are equal. Cheaper than a call for a few dozen octets.
#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    if let (Some(x), Some(y)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        // whole words, the last one overlapping the one before
        return x == y && a.chunks_exact(8).zip(b.chunks_exact(8)).all(|(x, y)| x == y);
    }
    if let (Some(x), Some(y)) = (a.last_chunk::<4>(), b.last_chunk::<4>()) {
        return x == y && a[..4] == b[..4];
    }
    a.iter().zip(b).all(|(x, y)| x == y)
}

/// Whether `name` is `origin` or below it; both in normal form.
#[inline]
pub fn is_under(name: &[u8], origin: &[u8]) -> bool {
    if origin.is_empty() {
        return true;
    }
    let Some(above) = name.len().checked_sub(origin.len()) else { return false };
    same(&name[above..], origin)
        && match &name[..above] {
            [] => true,
            // a dot after an odd number of backslashes is part of a label
            [labels @ .., b'.'] => labels.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn normal(token: &str, origin: Option<&str>, expected: Result<&str, FaultKind>) {
        let mut out = Vec::new();
        let result = push_name(token.as_bytes(), origin.map(str::as_bytes), &mut out);
        let name = result.map(|()| String::from_utf8(out).expect("normal form is ASCII"));
        assert_eq!(name.as_deref().map_err(|kind| *kind), expected, "{token}");
    }

    #[test]
    fn names() {
        normal("Example.COM.", None, Ok("example.com"));
        normal("example", Some("com"), Ok("example.com"));
        normal("example", Some(""), Ok("example"));
        normal("@", Some("com"), Ok("com"));
        normal(".", None, Ok(""));
        normal("a\\.b.com.", None, Ok("a\\.b.com"));
        normal("a\\046b.com.", None, Ok("a\\.b.com"));
        normal("\\065\\000.com.", None, Ok("a\\000.com"));
        normal("example", None, Err(FaultKind::NoOrigin));
        normal("a..com.", None, Err(FaultKind::Name));
        normal(".com.", None, Err(FaultKind::Name));
        normal("a\\256.", None, Err(FaultKind::Escape));
        normal("a\\", Some("com"), Err(FaultKind::Escape));
        normal("a\\12.", None, Err(FaultKind::Escape));
        normal("a\\\r.", None, Err(FaultKind::Escape));
        normal("a\r.", None, Err(FaultKind::Name));
        normal("a\u{7f}", Some("com"), Err(FaultKind::Name));
        normal("\\@", Some("com"), Ok("@.com"));
        normal("@@", Some("com"), Ok("@@.com"));
        normal("a b", Some(""), Ok("a\\032b"));
        normal("é.", None, Ok("\\195\\169"));
        normal(&"a".repeat(64), Some("com"), Err(FaultKind::Name));
        let long = format!("{0}.{0}.{0}.{1}.", "a".repeat(63), "b".repeat(61));
        normal(&long, None, Ok(&long[..long.len() - 1]));
        normal(&format!("{0}.{0}.{0}.{0}.", "a".repeat(63)), None, Err(FaultKind::Name));
        // 255 octets on the wire, however many are written; one more is too many
        let origin = format!("{0}.{0}.{1}", "\\000".repeat(63), "b".repeat(61));
        normal(&"a".repeat(63), Some(&origin), Ok(&format!("{}.{origin}", "a".repeat(63))));
        normal(&"a".repeat(63), Some(&format!("{origin}b")), Err(FaultKind::Name));
    }

    #[test]
    fn below() {
        assert!(is_under(b"a.com", b"com") && is_under(b"com", b"com") && is_under(b"com", b""));
        assert!(is_under(b"a\\\\.com", b"com"));
        assert!(!is_under(b"acom", b"com") && !is_under(b"a\\.com", b"com") && !is_under(b"com", b"a.com"));
    }
}
