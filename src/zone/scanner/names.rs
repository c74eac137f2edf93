//! Domain names in presentation form (RFC 1035, section 5.1; RFC 4343 for escapes and case).

use crate::zone::fault::FaultKind;

/// Octets of a name on the wire, at most (RFC 1035, section 2.3.4).
const WIRE_OCTETS: usize = 255;
/// Octets of a label, at most.
const LABEL_OCTETS: usize = 63;

/// Bytes that a plain name in normal form is made of: `a-z 0-9 - _ .`
static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let character = byte as u8;
        table[byte] = character.is_ascii_lowercase()
            || character.is_ascii_digit()
            || matches!(character, b'-' | b'_' | b'.');
        byte += 1;
    }
    table
};

/// An absolute name that is already in normal form but for its final dot, up to a tab or the end of the
/// line: the name without the dot, and what follows the tab.
pub(super) fn plain_name(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = line.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(line.len());
    let rest = match &line[length..] {
        [] => &[][..],
        [b'\t', rest @ ..] => rest,
        _ => return None,
    };
    let name = line[..length].strip_suffix(b".")?;
    is_wire_name(name).then_some((name, rest))
}

/// Whether the labels of a plain name have 1 to 63 octets and the name fits 255.
fn is_wire_name(name: &[u8]) -> bool {
    if name.len() + 2 > WIRE_OCTETS {
        return false;
    }
    if name.len() <= LABEL_OCTETS {
        // no label can be too long: only empty ones are to be found
        let mut after_dot = true;
        for byte in name {
            let dot = *byte == b'.';
            if dot && after_dot {
                return false;
            }
            after_dot = dot;
        }
        return !after_dot || name.is_empty();
    }
    name.split(|byte| *byte == b'.').all(|label| (1..=LABEL_OCTETS).contains(&label.len()))
}

/// Appends the normal form of a name token, completed by `origin` if it is relative.
pub fn push_name(token: &[u8], origin: Option<&[u8]>, out: &mut Vec<u8>) -> Result<(), FaultKind> {
    let start = out.len();
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
        let octet = if byte == b'\\' { unescape(token, &mut at)? } else { byte };
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
            wire += origin.len() + 1;
        }
    }
    // escapes of the origin count as written; such origins do not come near the limit
    if wire > WIRE_OCTETS {
        out.truncate(start);
        return Err(FaultKind::Name);
    }
    Ok(())
}

/// The octet behind a backslash: `\X` or `\DDD`.
fn unescape(token: &[u8], at: &mut usize) -> Result<u8, FaultKind> {
    let first = *token.get(*at).ok_or(FaultKind::Escape)?;
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

/// Whether `name` is `origin` or lies below it; both in normal form.
pub fn is_under(name: &[u8], origin: &[u8]) -> bool {
    if origin.is_empty() {
        return true;
    }
    match name.strip_suffix(origin) {
        Some([]) => true,
        Some(rest) => rest.ends_with(b".") && !rest.ends_with(b"\\."),
        None => false,
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
        normal(&"a".repeat(64), Some("com"), Err(FaultKind::Name));
        let long = format!("{0}.{0}.{0}.{1}.", "a".repeat(63), "b".repeat(61));
        normal(&long, None, Ok(&long[..long.len() - 1]));
        normal(&format!("{0}.{0}.{0}.{0}.", "a".repeat(63)), None, Err(FaultKind::Name));
    }

    #[test]
    fn below() {
        assert!(is_under(b"a.com", b"com") && is_under(b"com", b"com") && is_under(b"com", b""));
        assert!(!is_under(b"acom", b"com") && !is_under(b"a\\.com", b"com") && !is_under(b"com", b"a.com"));
    }
}
