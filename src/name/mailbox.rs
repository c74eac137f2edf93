//! An address split into local part and domain.
//!
//! The domain is what follows the last `@`, so that a quoted local part may hold one. The local part is
//! checked against RFC 5321, section 4.1.2 (RFC 6531, section 3.3 for UTF-8): a fault there does not
//! keep the row from being judged, because the service took the address and mail to its domain is the
//! question. Display names and comments are no part of an address here.

use super::Rejection;

/// Longest local part in octets (RFC 5321, section 4.5.3.1.1).
const LOCAL_PART_OCTETS: usize = 64;

/// An address, split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailbox<'a> {
    /// What stands before the last `@`; may be empty or faulty.
    pub local_part: &'a str,
    /// What stands after it, as written; never empty.
    pub domain: &'a str,
}

impl<'a> Mailbox<'a> {
    /// Splits an address; surrounding blanks do not count.
    pub fn split(address: &'a str) -> Result<Self, Rejection> {
        let address = address.trim();
        if address.is_empty() {
            return Err(Rejection::Empty);
        }
        let Some(at) = memchr::memrchr(b'@', address.as_bytes()) else {
            return Err(Rejection::NoAtSign);
        };
        let (local_part, domain) = (&address[..at], &address[at + 1..]);
        if domain.is_empty() {
            return Err(Rejection::EmptyDomain);
        }
        if domain.starts_with('[') {
            return Err(Rejection::AddressLiteral);
        }
        Ok(Self { local_part, domain })
    }

    /// Whether the local part is a dot-string or a quoted string of at most 64 octets.
    pub fn has_valid_local_part(&self) -> bool {
        let local = self.local_part.as_bytes();
        if local.is_empty() || local.len() > LOCAL_PART_OCTETS {
            return false;
        }
        if local[0] == b'"' { is_quoted_string(local) } else { is_dot_string(local) }
    }
}

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
        let split = Mailbox::split(address)
            .map(|found| (found.local_part, found.domain, found.has_valid_local_part()));
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
        splits("", Err(Rejection::Empty));
        splits(" \t ", Err(Rejection::Empty));
        splits("example.com", Err(Rejection::NoAtSign));
        splits("a@", Err(Rejection::EmptyDomain));
        splits("a@[192.0.2.1]", Err(Rejection::AddressLiteral));
    }
}
