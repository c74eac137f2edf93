//! The hosts in a cell: one name, or several, each with its preference before it or without.
//!
//! People keep `mx1.example.com`, `10 mx1.example.com.`, `10 mx1.example.com.,20 mx2.example.com.`, and lists as
//! databases print them: `[mx1.example.com, mx2.example.com]`, `{mx1.example.com,mx2.example.com}`.

use std::net::IpAddr;

use compact_str::CompactString;

use crate::name::normal::LABEL_OCTETS;
use crate::name::{MailDomain, Rejection};

/// What a host is, by its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HostText {
    /// A name in A-labels, lower case, no final dot.
    Named(CompactString),
    /// The root.
    Null,
    /// An IP address.
    Address,
    /// Anything else.
    Malformed,
}

impl HostText {
    /// Reads the name of a host.
    pub(super) fn read(text: &str) -> Self {
        let name = text.trim();
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.is_empty() {
            return Self::Null;
        }
        if is_plain_host(name) {
            return Self::Named(name.into());
        }
        let literal = name.trim_start_matches('[').trim_end_matches(']');
        let literal = literal
            .get(..5)
            .filter(|start| start.eq_ignore_ascii_case("ipv6:"))
            .map_or(literal, |_| &literal[5..]);
        if literal.parse::<IpAddr>().is_ok() {
            return Self::Address;
        }
        match MailDomain::normalize(name) {
            Ok(name) => Self::Named(name.name),
            // such as `localhost`
            Err(Rejection::SingleLabel) => Self::Named(name.to_ascii_lowercase().into()),
            Err(_) => Self::Malformed,
        }
    }
}

/// Whether a name is certainly that of a host in normal form: lower-case letters, digits and inner hyphens, short labels,
/// and a letter at its end. Nearly all are.
fn is_plain_host(name: &str) -> bool {
    let mut before = b'.';
    let mut dots = 0;
    for byte in name.bytes() {
        let is_inner = match byte {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'-' => before != b'.',
            b'.' => !matches!(before, b'.' | b'-'),
            _ => false,
        };
        if !is_inner {
            return false;
        }
        dots += u32::from(byte == b'.');
        before = byte;
    }
    dots > 0 && before.is_ascii_lowercase() && name.len() <= LABEL_OCTETS
}

/// What a host has in front of the name of a mail domain if it is in it: nothing if it is the mail domain itself.
pub(super) fn within<'t>(host: &'t str, mail_domain: &str) -> Option<&'t str> {
    let before = host.strip_suffix(mail_domain)?;
    if before.is_empty() {
        Some(before)
    } else {
        before.strip_suffix('.').filter(|prefix| !prefix.is_empty())
    }
}

/// The same for a host as it is written, if it is certainly a host in normal form. Nearly all are.
pub(super) fn plain_within<'t>(written: &'t str, mail_domain: &str) -> Option<&'t str> {
    let host = written.strip_suffix('.').unwrap_or(written);
    let prefix = within(host, mail_domain)?;
    // the ends of labels, and what `xn--` begins, would need a closer look
    let is_inner = |[before, byte]: [u8; 2]| match byte {
        b'a'..=b'z' | b'0'..=b'9' => true,
        b'-' => !matches!(before, b'.' | b'-'),
        b'.' => !matches!(before, b'.' | b'-'),
        _ => false,
    };
    let mut before = b'.';
    let is_plain =
        prefix.bytes().chain([b'.']).all(|byte| is_inner([std::mem::replace(&mut before, byte), byte]));
    let is_whole = prefix.is_empty() || is_plain;
    let ends_in_letter = mail_domain.bytes().last().is_some_and(|byte| byte.is_ascii_lowercase());
    (is_whole && ends_in_letter && host.len() <= LABEL_OCTETS).then_some(prefix)
}

/// Reads a preference. `None` if it is none; blanks are no preference, which is no fault.
pub(super) fn read_preference(text: &str) -> Option<Option<u16>> {
    if let [b'0'..=b'9'] | [b'1'..=b'9', b'0'..=b'9'] = text.as_bytes() {
        return Some(text.parse().ok());
    }
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("null") || text == "\\N" {
        return Some(None);
    }
    // data frames write whole numbers as floats where some are missing
    let digits = text.strip_suffix(".0").unwrap_or(text);
    if digits.eq_ignore_ascii_case("nan") {
        return Some(None);
    }
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten().map(Some)
}

/// Hands on the hosts of a cell. `preference` is that of the row, for hosts without one of their own. Returns how many
/// there were; 0 if the cell is empty. An error says what is wrong.
pub(super) fn each_host(
    cell: &str,
    preference: Option<u16>,
    take: &mut dyn FnMut(Option<u16>, &str),
) -> Result<u64, &'static str> {
    let is_between = |letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '|');
    let cell = cell.trim();
    if is_single(cell) {
        take(preference, cell);
        return Ok(1);
    }
    let (mut hosts, mut own) = (0, None);
    for word in cell.split(is_between) {
        // the brackets of an IPv6 address are its own
        let brackets: &[char] = if word.contains(':') { &[] } else { &['[', ']'] };
        let word = word.trim_matches(|letter| "{}\"'".contains(letter) || brackets.contains(&letter));
        if word.is_empty() || is_null(word) {
            continue;
        }
        if own.is_none() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            own = Some(read_preference(word).flatten().ok_or("expected a preference of 0 to 65535")?);
            continue;
        }
        take(own.take().or(preference), word);
        hosts += 1;
    }
    match own {
        // the null MX of tools that cut the final dot off
        Some(0) if hosts == 0 => take(Some(0), "."),
        Some(_) => return Err("expected a host after its preference"),
        None if hosts == 0 && preference == Some(0) => take(preference, "."),
        None => return Ok(hosts),
    }
    Ok(1)
}

/// Whether a cell is certainly one name.
fn is_single(cell: &str) -> bool {
    let (mut dots, mut are_letters) = (0, true);
    for byte in cell.bytes() {
        dots += u32::from(byte == b'.');
        are_letters &= matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    }
    dots > 0 && are_letters
}

fn is_null(text: &str) -> bool {
    text.is_empty() || text == "\\N" || text.eq_ignore_ascii_case("null") || text.eq_ignore_ascii_case("nan")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: &str) {
        let found = match HostText::read(text) {
            HostText::Named(name) => name.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn hosts() {
        reads("MX1.Example.COM.", "mx1.example.com");
        reads("mail.bücher.example", "mail.xn--bcher-kva.example");
        reads("_dmarc.example.com", "_dmarc.example.com");
        reads("localhost.", "localhost");
        reads("com", "com");
        reads(".", "Null");
        reads("", "Null");
        reads("192.0.2.1", "Address");
        reads("192.0.2.1.", "Address");
        reads("[192.0.2.1]", "Address");
        reads("2001:db8::1", "Address");
        reads("[IPv6:2001:db8::1]", "Address");
        reads("mx..example.com", "Malformed");
        reads("mail example com", "Malformed");
        reads("10", "Malformed");
        reads(&format!("{}.example.com", "a".repeat(64)), "Malformed");
    }

    #[test]
    fn hosts_in_the_mail_domain() {
        let is = |host: &str, expected: Option<&str>| {
            assert_eq!(within(host, "example.com"), expected, "{host}");
            let plain = plain_within(host, "example.com");
            assert!(plain.is_none() || plain == expected, "{host}");
            assert_eq!(plain_within(&format!("{host}."), "example.com"), plain, "{host}");
        };
        is("example.com", Some(""));
        is("mx1.example.com", Some("mx1"));
        is("a.b-c.example.com", Some("a.b-c"));
        is("xexample.com", None);
        is(".example.com", None);
        is("example.com.example.net", None);
        is("com", None);
        // only what is in normal form for certain needs no closer look
        assert_eq!(plain_within("mx-1.example.com.", "example.com"), Some("mx-1"));
        for host in [
            "MX.example.com",
            "a_b.example.com",
            "xn--a.example.com",
            "-a.example.com",
            "a-.example.com",
            "a..b.example.com",
        ] {
            assert_eq!(plain_within(host, "example.com"), None, "{host}");
        }
    }

    #[track_caller]
    fn preference(text: &str, expected: Option<Option<u16>>) {
        assert_eq!(read_preference(text), expected, "{text}");
    }

    #[test]
    fn preferences() {
        preference("10", Some(Some(10)));
        preference(" 0 ", Some(Some(0)));
        preference("10.0", Some(Some(10)));
        preference("65535", Some(Some(65535)));
        preference("", Some(None));
        preference("NaN", Some(None));
        preference("\\N", Some(None));
        preference("65536", None);
        preference("-1", None);
        preference("1.5", None);
        preference("+1", None);
        preference("high", None);
    }

    #[track_caller]
    fn cell(text: &str, preference: Option<u16>, expected: Result<&str, &str>) {
        let mut found = Vec::new();
        let read = each_host(text, preference, &mut |preference, host| {
            found.push(format!("{}:{host}", preference.map(i32::from).unwrap_or(-1)));
        });
        match expected {
            Ok(expected) => {
                assert_eq!(found.join(" "), expected, "{text}");
                assert_eq!(read, Ok(found.len() as u64), "{text}");
            }
            Err(what) => assert_eq!(read, Err(what), "{text}"),
        }
    }

    #[test]
    fn cells() {
        cell("mx.example.com.", None, Ok("-1:mx.example.com."));
        cell("mx.example.com", Some(5), Ok("5:mx.example.com"));
        cell("10 mx.example.com", None, Ok("10:mx.example.com"));
        cell("10 a.example,20 b.example", None, Ok("10:a.example 20:b.example"));
        cell("10 a.example. ; 20\tb.example.", None, Ok("10:a.example. 20:b.example."));
        cell("a.example b.example", Some(7), Ok("7:a.example 7:b.example"));
        cell("[a.example, b.example]", None, Ok("-1:a.example -1:b.example"));
        cell("{a.example,b.example}", None, Ok("-1:a.example -1:b.example"));
        cell("['10 a.example', '20 b.example']", None, Ok("10:a.example 20:b.example"));
        cell("[192.0.2.1]", None, Ok("-1:192.0.2.1"));
        cell("0 .", None, Ok("0:."));
        cell("0 ", None, Ok("0:."));
        cell(".", Some(0), Ok("0:."));
        cell("", Some(0), Ok("0:."));
        cell("", Some(10), Ok(""));
        cell("", None, Ok(""));
        cell("NULL", None, Ok(""));
        cell("[]", None, Ok(""));
        cell("70000 a.example", None, Err("expected a preference of 0 to 65535"));
        cell("a.example,20", None, Err("expected a host after its preference"));
    }
}
