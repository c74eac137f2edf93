//! Names and hosts of answers in one spelling, so that they can be compared as bytes.
//!
//! Names of registries are LDH names (RFC 5890, section 2.3.1) in the normal form of [`crate::name::normal`]. A registry's
//! own spelling of an `xn--` label is the key, even if IDNA would refuse it today.

use std::borrow::Cow;

use crate::name::normal::ldh_name;

/// Bytes of a text that may be a name: UTS 46 takes some characters away, but not that many.
const MAX_TEXT: usize = 4096;

/// A-labels, lower case, no final dot; `None` if the text is no LDH name.
pub(crate) fn normalize(text: &str) -> Option<Cow<'_, str>> {
    let text = trimmed(text);
    if text.len() > MAX_TEXT { None } else { ldh_name(text) }
}

/// Whether `text` spells `name`, which is normalized.
pub(super) fn spells(text: &str, name: &str) -> bool {
    without_final_dot(trimmed(text)).eq_ignore_ascii_case(name)
        || normalize(text).is_some_and(|told| told == name)
}

/// The host of a URL or of a bare `host[:port]`, lower case, without user, port and brackets.
pub(crate) fn host_of(source: &str) -> Option<Cow<'_, str>> {
    let source = trimmed(source);
    let rest = match source.strip_prefix("https://").or_else(|| Some(source.split_once("://")?.1)) {
        Some(rest) => rest,
        None => source.strip_prefix("//").unwrap_or(source),
    };
    // a backslash ends the host as well: browsers and most clients read it as a slash
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\')).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some((address, _)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        let plausible = !address.is_empty()
            && address.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
        return plausible.then(|| Cow::Owned(address.to_ascii_lowercase()));
    }
    normalize(host.split_once(':').map_or(host, |(host, _)| host))
}

/// The domain in a file name such as `example.com.json`, plain or compressed, in any directory.
///
/// Only `.json` files hold one answer each. A name without a dot (`error.json`) is no registrable domain.
pub(super) fn of_file(file_name: &str) -> Option<Cow<'_, str>> {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = [".gz", ".zst"].iter().find_map(|end| strip_suffix_any_case(name, end)).unwrap_or(name);
    let name = normalize(strip_suffix_any_case(name, ".json")?)?;
    name.contains('.').then_some(name)
}

fn strip_suffix_any_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (start, end) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(start)
}

fn without_final_dot(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

/// Without blanks at its ends; hardly ever are there any.
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn normal(text: &str, expected: Option<&str>) {
        assert_eq!(normalize(text).as_deref(), expected, "{text}");
        if let Some(name) = expected {
            assert_eq!(normalize(name).as_deref(), expected, "normalizing twice changes nothing");
            assert!(spells(text, name));
        }
    }

    #[test]
    fn names_have_one_spelling() {
        normal("example.com", Some("example.com"));
        normal(" EXAMPLE.Com. ", Some("example.com"));
        normal("Fóo.EXAMPLE.", Some("xn--fo-5ja.example"));
        normal("", None);
        normal("a b.example", None);
    }

    #[track_caller]
    fn host(source: &str, expected: Option<&str>) {
        assert_eq!(host_of(source).as_deref(), expected, "{source}");
    }

    #[test]
    fn hosts_of_sources() {
        host("https://rdap.verisign.com/com/v1/domain/EXAMPLE.COM", Some("rdap.verisign.com"));
        host("HTTPS://RDAP.Example.:443?x=1", Some("rdap.example"));
        host("http://user:word@rdap.example:8080/", Some("rdap.example"));
        host("rdap.example/v1", Some("rdap.example"));
        host("rdap.example:443", Some("rdap.example"));
        host("//rdap.example/v1", Some("rdap.example"));
        host("https://rdap.verisign.com@rdap.other.example/", Some("rdap.other.example"));
        host("https://rdap.other.example\\@rdap.verisign.com/", Some("rdap.other.example"));
        host("http://[2001:DB8::1]:80/", Some("2001:db8::1"));
        host("http://192.0.2.1/", Some("192.0.2.1"));
        host("https:///path", None);
        host("the registry's server", None);
        host("", None);
    }

    #[track_caller]
    fn file(file_name: &str, expected: Option<&str>) {
        assert_eq!(of_file(file_name).as_deref(), expected, "{file_name}");
    }

    #[test]
    fn names_of_files() {
        file("example.com.json", Some("example.com"));
        file("Example.COM.JSON.GZ", Some("example.com"));
        file("some/where/example.com.json.zst", Some("example.com"));
        file("some\\where\\fóo.example.json", Some("xn--fo-5ja.example"));
        file("answers.ndjson", None);
        file("answers.example.jsonl.gz", None);
        file("example.com", None);
        file("error.json", None);
        file("what_ever.com.json", None);
        file(".json", None);
        file("ö", None);
        file("", None);
    }
}
