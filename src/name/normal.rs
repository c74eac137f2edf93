//! The one normal form of a domain name: A-labels, lower case, no final dot.
//!
//! Everything in the program that turns text into a name to compare comes here: mail domains ([`super::domain`]), names
//! in RDAP answers and bootstrap files, lists of names. What they share is decided once:
//!
//! * A label of ASCII characters is folded byte by byte, `xn--` labels too. Whether IDNA would have made such a
//!   label is not asked: registries hold names that it would not make, and DNS knows no other spelling.
//! * A label in another script goes through UTS 46 by itself (non-transitional, CheckHyphens off). So the rule for
//!   mixed directions holds within a label and not across labels.
//! * Dots are those of UTS 46: `.`, `。`, `．` and `｡`. One final dot is dropped.
//!
//! Which names are *valid* differs, and each caller says so itself. A mail domain may have underscores below its
//! registrable domain, needs two labels and never ends in a number. A registry's name ([`ldh_name`]) has letters,
//! digits and inner hyphens only, but may be a single label, or a reverse-DNS name, which begins with numbers.
//!
//! Names in zone files do not come here (`zone::scanner::names`). A master file holds octets, not characters: they are
//! escaped (`\.`, `\255`; RFC 1035, section 5.1), relative to an origin, and counted as on the wire. UTS 46 has
//! no meaning there. Only the limits below are shared.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// Octets of a name on the wire, at most (RFC 1035, section 2.3.4).
pub(crate) const WIRE_OCTETS: usize = 255;
/// Characters of a name of plain labels, without the final dot: on the wire there is a length before the first label,
/// and an empty label at the end.
pub(crate) const NAME_CHARACTERS: usize = WIRE_OCTETS - 2;
/// Octets of a label, at most (RFC 1035, section 2.3.4).
pub(crate) const LABEL_OCTETS: usize = 63;

/// The dots between labels (UTS 46, section 2.3).
pub(crate) const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// A name in A-labels and lower case, without its final dot. Its syntax is not checked. `None` if UTS 46 refuses a
/// label.
pub(crate) fn to_a_labels(name: &str) -> Option<Cow<'_, str>> {
    if !name.is_ascii() {
        let labels: Option<Vec<_>> = name.split(DOTS).map(to_a_label).collect();
        let mut name = labels?.join(".");
        if name.ends_with('.') {
            name.pop();
        }
        return Some(Cow::Owned(name));
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    Some(match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    })
}

fn to_a_label(label: &str) -> Option<Cow<'_, str>> {
    if label.is_ascii() {
        return Some(label.to_ascii_lowercase().into());
    }
    let uts46 = Uts46::new();
    uts46.to_ascii(label.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore).ok()
}

/// A name in normal form, if it is made of letters, digits and inner hyphens (RFC 5890, section 2.3.1).
pub(crate) fn ldh_name(name: &str) -> Option<Cow<'_, str>> {
    let name = to_a_labels(name)?;
    let is_label = |label: &str| {
        (1..=LABEL_OCTETS).contains(&label.len())
            && is_ldh(label)
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    (name.len() <= NAME_CHARACTERS && name.split('.').all(is_label)).then_some(name)
}

/// Whether a label of host characters holds letters, digits and inner hyphens only (RFC 1123, section 2.1).
pub(crate) fn is_ldh(label: &str) -> bool {
    !label.starts_with('-') && !label.ends_with('-') && !label.contains('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn ldh(text: &str, expected: Option<&str>) {
        assert_eq!(ldh_name(text).as_deref(), expected, "{text}");
        if let Some(name) = expected {
            assert_eq!(ldh_name(name).as_deref(), expected, "normalizing twice changes nothing");
        }
    }

    #[test]
    fn names_have_one_spelling() {
        ldh("example.com", Some("example.com"));
        ldh("EXAMPLE.Com.", Some("example.com"));
        ldh("Fóo.EXAMPLE.", Some("xn--fo-5ja.example"));
        ldh("straße.example", Some("xn--strae-oqa.example"));
        ldh("foo。example。", Some("foo.example"));
        ldh("XN--FO-5JA.example", Some("xn--fo-5ja.example"));
        // a label that is ASCII already is taken as it is, whatever the others are
        ldh("xn--0.example", Some("xn--0.example"));
        ldh("xn--0.fóo.example", Some("xn--0.xn--fo-5ja.example"));
        ldh("ab--cd.example", Some("ab--cd.example"));
        ldh("6.0.193.in-addr.arpa", Some("6.0.193.in-addr.arpa"));
        ldh("com", Some("com"));
        ldh("", None);
        ldh(".", None);
        ldh("a..example", None);
        ldh("example.com..", None);
        ldh("foo_bar.example", None);
        ldh("-a.example", None);
        ldh("a-.example", None);
        ldh("a b.example", None);
        ldh("\u{fffd}.example", None);
        ldh(&format!("{}.example", "a".repeat(63)), Some(&format!("{}.example", "a".repeat(63))));
        ldh(&format!("{}.example", "a".repeat(64)), None);
        ldh(&format!("{}b", "a.".repeat(126)), Some(&format!("{}b", "a.".repeat(126))));
        ldh(&format!("{}bc", "a.".repeat(126)), None);
    }
}
