//! An address split into local part and domain.
//!
//! The domain is what follows the last `@` outside quotes, so a quoted local part may hold one. The
//! local part is checked against RFC 5321, section 4.1.2 (RFC 6531, section 3.3 for UTF-8). A fault there
//! does not keep the row from being judged: the service took the address, and the question is who gets mail to its
//! domain. A field that holds more than a plain address, such as a display name, goes through [`super::field`].

use std::borrow::Cow;

use super::field::{self, Found};
use super::undecoded::stands_in;
use super::{Rejection, trim};

/// Longest local part in octets (RFC 5321, section 4.5.3.1.1).
const LOCAL_PART_OCTETS: usize = 64;

/// An address, split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox<'a> {
    address: Cow<'a, str>,
    /// Where the `@` before the domain is.
    at: usize,
    /// Whether there was nothing beside the address that does not belong there.
    is_clean: bool,
}

impl<'a> Mailbox<'a> {
    /// Finds and splits the one address in a field.
    pub fn split(field: &'a str) -> Result<Self, Rejection> {
        let field = trim(field);
        if field.is_empty() {
            return Err(Rejection::Empty);
        }
        if let Some(at) = plain(field) {
            return Self { address: Cow::Borrowed(field), at, is_clean: true }.checked();
        }
        let mut found = field::addresses(field);
        match (found.pop(), found.is_empty()) {
            (None, _) => Err(Rejection::NoAtSign),
            (Some(only), true) => Self::of(only),
            (Some(_), false) => Err(Rejection::SeveralAddresses),
        }
    }

    /// Finds and splits each of several addresses in a field.
    pub(crate) fn split_all(field: &str) -> Vec<Result<Self, Rejection>> {
        field::addresses(trim(field)).into_iter().map(Self::of).collect()
    }

    fn of(Found { address, at, is_clean }: Found) -> Result<Self, Rejection> {
        Self { address: Cow::Owned(address), at, is_clean }.checked()
    }

    fn checked(self) -> Result<Self, Rejection> {
        match self.domain() {
            "" => Err(Rejection::EmptyDomain),
            domain if domain.starts_with('[') => Err(Rejection::AddressLiteral),
            _ => Ok(self),
        }
    }

    /// The address as it was written, without what was around it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The part before the `@`; may be empty or faulty.
    pub(crate) fn local_part(&self) -> &str {
        &self.address[..self.at]
    }

    /// The part after the `@`, as written; never empty.
    pub fn domain(&self) -> &str {
        trim(&self.address[self.at + 1..])
    }

    /// Whether bytes that are not UTF-8 are in the address.
    pub(crate) fn is_undecoded(&self) -> bool {
        self.address.contains(stands_in)
    }

    /// Whether bytes that are not UTF-8 may be part of the domain. In some encodings an `@` is the second byte of a letter
    /// (Shift JIS, GBK), so an address with a further `@` outside quotes counts, too.
    pub(crate) fn has_undecoded_domain(&self) -> bool {
        let local = self.local_part();
        let has_mark = local.contains('@') && !local.starts_with('"');
        self.domain().contains(stands_in) || has_mark && local.contains(stands_in)
    }

    /// Whether the local part is a dot-string or a quoted string of at most 64 octets, with nothing around it that
    /// does not belong to an address.
    pub fn has_valid_local_part(&self) -> bool {
        let local = self.local_part().as_bytes();
        if !self.is_clean || local.is_empty() || local.len() > LOCAL_PART_OCTETS {
            return false;
        }
        if local[0] == b'"' { is_quoted_string(local) } else { is_dot_string(local) }
    }
}

/// Where the `@` of a field is that is an address and nothing else: ASCII, one `@`, and no character that means
/// something around an address.
fn plain(field: &str) -> Option<usize> {
    let (local_part, domain) = field.as_bytes().split_at(memchr::memchr(b'@', field.as_bytes())?);
    let is_plain = |byte: &u8| PLAIN[usize::from(*byte)];
    (local_part.iter().all(is_plain) && domain[1..].iter().all(is_plain)).then_some(local_part.len())
}

/// The bytes on both sides of the `@` of a plain address.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(
            byte,
            b'@' | b'"'
                | b'\''
                | b'('
                | b')'
                | b','
                | b':'
                | b';'
                | b'<'
                | b'>'
                | b'['
                | b'\\'
                | b']'
                | b'{'
                | b'}'
        );
        byte += 1;
    }
    plain
};

fn is_dot_string(local: &[u8]) -> bool {
    let mut after_dot = true;
    for &byte in local {
        match byte {
            b'.' if after_dot => return false,
            b'.' => after_dot = true,
            _ if is_atext(byte) => after_dot = false,
            _ => return false,
        }
    }
    !after_dot
}

fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_quoted_string(local: &[u8]) -> bool {
    let Some(content) = local.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return false;
    };
    let mut bytes = content.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => return false,
            b'\\' => match bytes.next() {
                Some(32..=126) => {}
                _ => return false,
            },
            32..=126 | 0x80.. => {}
            _ => return false,
        }
    }
    // `"` alone is prefix and suffix of itself
    local.len() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn splits(address: &str, expected: Result<(&str, &str, bool), Rejection>) {
        let split = Mailbox::split(address);
        let split = split.as_ref().map_err(|rejection| *rejection);
        let split = split.map(|found| (found.local_part(), found.domain(), found.has_valid_local_part()));
        assert_eq!(split, expected, "{address}");
    }

    #[test]
    fn addresses() {
        splits("a@example.com", Ok(("a", "example.com", true)));
        splits("  a@example.com\t", Ok(("a", "example.com", true)));
        splits("\"a@b\"@example.com", Ok(("\"a@b\"", "example.com", true)));
        splits("\"@example.com", Ok(("\"", "example.com", false)));
        splits("a..b@example.com", Ok(("a..b", "example.com", false)));
        splits(".a@example.com", Ok((".a", "example.com", false)));
        splits("a b@example.com", Ok(("a b", "example.com", false)));
        splits("@example.com", Ok(("", "example.com", false)));
        splits("ü@example.com", Ok(("ü", "example.com", true)));
        splits("\u{feff}ana@example.com\u{a0}\u{200b}", Ok(("ana", "example.com", true)));
        splits("a@ example.com", Ok(("a", "example.com", true)));
        splits("o'a@example.com", Ok(("o'a", "example.com", true)));
        splits("Ana <a@example.com>", Ok(("a", "example.com", true)));
        splits("mailto:a@example.com?subject=x", Ok(("a", "example.com", true)));
        splits("a@example.com, Ana", Ok(("a", "example.com", false)));
        splits("a@example.com,b@example.com", Err(Rejection::SeveralAddresses));
        splits("Ana <a@[192.0.2.1]>", Err(Rejection::AddressLiteral));
        splits("Ana <a@>", Err(Rejection::EmptyDomain));
        splits("Ana", Err(Rejection::NoAtSign));
        splits("", Err(Rejection::Empty));
        splits(" \t ", Err(Rejection::Empty));
        splits("example.com", Err(Rejection::NoAtSign));
        splits("a@", Err(Rejection::EmptyDomain));
        splits("a@[192.0.2.1]", Err(Rejection::AddressLiteral));
    }
}
