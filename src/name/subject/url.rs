//! The host of a URL, in the spellings that metadata of packages and people have.
//!
//! The rules are those of WHATWG (<https://url.spec.whatwg.org>), which browsers follow. The crate `url` has them as
//! well, but it refuses half of what packages write, takes hosts of `git:` and `ssh:` as they are, and has another
//! normalizer of names than ours. So it is only our measure in the tests. Decisions:
//!
//! * `git@host:user/repo` is the host of `scp` and Git, with or without the user. `ssh://git@host:user/repo`, which mixes
//!   both forms, means the same. In a URL of the web what follows the host and a colon must be a port.
//! * Without a scheme a field begins with its host: `example.com/path`, `//example.com`, `example.com:8080`.
//! * `scm:git:…` of Maven is taken off, and so are angle brackets (RFC 3986, appendix C).
//! * In URLs of the web a backslash is a slash and further slashes do not count (`https:example.com`). In others a backslash
//!   before the path is refused, because programs disagree about it.
//! * Tabs and line ends within count for nothing, except that a list of several URLs is refused as several addresses.
//! * A URL without a host (`file:///`, `urn:`, `github:user/repo`) has no domain. `mailto:` is an address.
//! * A host is percent-decoded. IP addresses in all forms are address literals.

use std::borrow::Cow;

use super::literal;
use crate::name::Rejection;
use crate::name::field::{percent_decoded, without_prefix};
use crate::name::normal::to_a_labels;

/// Schemes whose URLs have a host in any case.
const WEB: [&str; 5] = ["http", "https", "ftp", "ws", "wss"];
/// What ends a host and all that is with it.
const ENDS: [char; 3] = ['/', '?', '#'];

/// The host in a trimmed field, not yet normal.
pub(super) fn host(field: &str) -> Result<Cow<'_, str>, Rejection> {
    let field = without_scm(field);
    if is_several(field) {
        return Err(Rejection::SeveralAddresses);
    }
    if field.contains(['\t', '\n', '\r']) {
        let joined: String = field.split(['\t', '\n', '\r']).collect();
        return find(&joined).map(|host| Cow::Owned(host.into_owned()));
    }
    find(field)
}

/// Whether something with a scheme follows a blank or a comma.
fn is_several(field: &str) -> bool {
    let starts = field.match_indices("://").map(|(at, _)| {
        let is_scheme = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '.' | '-');
        field[..at].trim_end_matches(is_scheme)
    });
    starts
        .filter(|before| before.ends_with(|last: char| last.is_whitespace() || ",;|<".contains(last)))
        .count()
        > usize::from(field.starts_with('<'))
}

fn find(field: &str) -> Result<Cow<'_, str>, Rejection> {
    let bare = field.strip_prefix('<').and_then(|field| field.strip_suffix('>')).unwrap_or(field);
    let bare = bare.trim_matches(|letter: char| letter <= ' ');
    let host = authority(bare)?;
    let host = if host.contains('%') { Cow::Owned(percent_decoded(host)) } else { Cow::Borrowed(host) };
    if host.is_empty() {
        return Err(Rejection::NoHost);
    }
    literal::refuse(&to_a_labels(&host).unwrap_or_default())?;
    Ok(host)
}

/// Without the prefix of Maven's `scm` element, `scm:git:` or `scm:git|`.
fn without_scm(field: &str) -> &str {
    let rest = without_prefix(field, "scm:").and_then(|rest| rest.split_once([':', '|']));
    rest.map_or(field, |(_, url)| url)
}

/// The host with what is still around it taken off.
fn authority(url: &str) -> Result<&str, Rejection> {
    let Some((scheme, rest)) = scheme(url) else {
        return match url.strip_prefix("//") {
            Some(rest) => host_of(rest, false),
            None => without_a_scheme(url),
        };
    };
    let is_web = WEB.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    match rest.strip_prefix("//") {
        _ if is_web => host_of(rest.trim_start_matches(['/', '\\']), true),
        Some(rest) => host_of(rest, false),
        // a dot is allowed in a scheme, but none has one
        None if scheme.contains('.') || is_port(rest) => Ok(scheme),
        None if scheme.eq_ignore_ascii_case("mailto") => Err(Rejection::WrongSubject),
        None => Err(Rejection::NoHost),
    }
}

/// Scheme and rest (RFC 3986, section 3.1).
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let begins = scheme.starts_with(|first: char| first.is_ascii_alphanumeric());
    (begins && scheme.bytes().all(is_part)).then_some((scheme, rest))
}

/// Whether a port is here, and then nothing or a path.
fn is_port(rest: &str) -> bool {
    let port = rest.split(ENDS).next().unwrap_or_default();
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// The host at the beginning of a field without a scheme.
fn without_a_scheme(field: &str) -> Result<&str, Rejection> {
    let whole = field.split(ENDS).next().unwrap_or_default();
    match whole.rsplit_once('@') {
        Some((_, host)) if whole.len() == field.len() && !host.contains(':') => Err(Rejection::WrongSubject),
        _ => host_of(field, false),
    }
}

/// The host at the beginning of what follows the slashes.
fn host_of(rest: &str, is_web: bool) -> Result<&str, Rejection> {
    let is_end = |letter: char| ENDS.contains(&letter) || (is_web && letter == '\\');
    let whole = rest.split(is_end).next().unwrap_or_default();
    if whole.contains('\\') {
        return Err(Rejection::InvalidDomain);
    }
    let host = whole.rsplit_once('@').map_or(whole, |(_, host)| host);
    if host.starts_with('[') {
        return if host.contains(']') {
            Err(Rejection::AddressLiteral)
        } else {
            Err(Rejection::InvalidDomain)
        };
    }
    match host.split_once(':') {
        Some((_, port)) if is_web && !port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Rejection::InvalidDomain)
        }
        Some((host, _)) => Ok(host),
        None => Ok(host),
    }
}
