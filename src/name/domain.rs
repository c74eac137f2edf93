//! A mail domain: which names can be one, in the normal form of [`super::normal`].
//!
//! Two relaxations against the strict profile, both because such hosts exist and take mail: an underscore, or a hyphen
//! at the edge of a label, is refused only where the registrable domain would hold it; elsewhere it is a mark on the
//! accepted name ([`MailDomain::not_ldh`]). Blanks and characters that show nothing do not count at either end.

use compact_str::CompactString;

use super::normal::{LABEL_OCTETS, NAME_CHARACTERS, is_ldh, to_a_labels};
use super::{Rejection, trim};

/// A normalized mail domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailDomain {
    /// A-labels, lower case, no final dot, at least two labels. Nearly all names fit in here without memory of their own.
    pub name: CompactString,
    /// A label of it holds an underscore or has a hyphen at its edge: no host name by RFC 952 and
    /// RFC 1123, section 2.1.
    pub not_ldh: bool,
}

impl MailDomain {
    /// Normalizes the domain part of an address.
    pub fn normalize(raw: &str) -> Result<Self, Rejection> {
        let name = to_a_labels(trim(raw)).ok_or(Rejection::InvalidDomain)?;
        check(&name)
    }
}

/// Checks lengths and characters of a name in A-labels.
fn check(name: &str) -> Result<MailDomain, Rejection> {
    if name.is_empty() {
        return Err(Rejection::EmptyDomain);
    }
    let mut not_ldh = false;
    let mut labels = 0;
    let mut last = "";
    for label in name.split('.') {
        if label.is_empty() || !label.bytes().all(is_host_byte) {
            return Err(Rejection::InvalidDomain);
        }
        if label.len() > LABEL_OCTETS {
            return Err(Rejection::LabelTooLong);
        }
        not_ldh |= !is_ldh(label);
        labels += 1;
        last = label;
    }
    if name.len() > NAME_CHARACTERS {
        return Err(Rejection::NameTooLong);
    }
    // An all-numeric last label is an IPv4 address or nothing: RFC 3696, section 2.
    if last.bytes().all(|byte| byte.is_ascii_digit()) || !is_ldh(last) {
        return Err(Rejection::InvalidDomain);
    }
    if labels == 1 {
        return Err(Rejection::SingleLabel);
    }
    Ok(MailDomain { name: name.into(), not_ldh })
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn normalizes(raw: &str, expected: Result<&str, Rejection>) {
        let normal = MailDomain::normalize(raw);
        let name = normal.as_ref().map(|domain| &*domain.name).map_err(|rejection| *rejection);
        assert_eq!(name, expected, "{raw}");
        if let Ok(domain) = &normal {
            assert_eq!(MailDomain::normalize(&domain.name), normal, "normalizing twice changes nothing");
        }
    }

    #[test]
    fn names() {
        normalizes("Example.COM", Ok("example.com"));
        normalizes("example.com.", Ok("example.com"));
        normalizes("BÜCHER.example", Ok("xn--bcher-kva.example"));
        normalizes("faß.example", Ok("xn--fa-hia.example"));
        normalizes("例。example", Ok("xn--fsq.example"));
        normalizes("XN--BCHER-KVA.example", Ok("xn--bcher-kva.example"));
        normalizes("_dmarc.example.com", Ok("_dmarc.example.com"));
        normalizes("r3---a.example.com", Ok("r3---a.example.com"));
        normalizes("example..com", Err(Rejection::InvalidDomain));
        normalizes("example.com..", Err(Rejection::InvalidDomain));
        normalizes(".example.com", Err(Rejection::InvalidDomain));
        normalizes("exa mple.com", Err(Rejection::InvalidDomain));
        normalizes("xn--0.example", Ok("xn--0.example"));
        normalizes("XN--z9e.bücher.example", Ok("xn--z9e.xn--bcher-kva.example"));
        normalizes("\u{200b}ｅｘａｍｐｌｅ．com\u{a0}", Ok("example.com"));
        normalizes("192.0.2.1", Err(Rejection::InvalidDomain));
        normalizes("example.c_m", Err(Rejection::InvalidDomain));
        normalizes("localhost", Err(Rejection::SingleLabel));
        normalizes(".", Err(Rejection::EmptyDomain));
        normalizes(&format!("{}.com", "a".repeat(63)), Ok(&format!("{}.com", "a".repeat(63))));
        normalizes(&format!("{}.com", "a".repeat(64)), Err(Rejection::LabelTooLong));
        normalizes(
            &format!("{}com", "abcdefghi.".repeat(25)),
            Ok(&format!("{}com", "abcdefghi.".repeat(25))),
        );
        normalizes(&format!("{}comx", "abcdefghi.".repeat(25)), Err(Rejection::NameTooLong));
    }

    proptest::proptest! {
        #[test]
        fn anything_is_normal_or_refused(raw in "\\PC{0,40}") {
            if let Ok(domain) = MailDomain::normalize(&raw) {
                proptest::prop_assert_eq!(MailDomain::normalize(&domain.name), Ok(domain.clone()));
                proptest::prop_assert!(domain.name.is_ascii() && domain.name.contains('.'));
            }
        }
    }
}
