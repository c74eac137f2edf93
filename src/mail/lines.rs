//! Lines of records, as `dig`, massdns (`-o S`, `-o F`) and master files have them, and as `host -t MX` prints them.
//!
//! ```text
//! example.com. 300 IN MX 10 mx.example.com.
//! example.com. MX 10 mx.example.com.
//! example.com mail is handled by 10 mx.example.com.
//! ```
//!
//! Names are taken as whole, with or without their final dot. A line does not say which question it answers, so a record
//! counts for its owner; whoever asks about aliases should keep JSON. Comments, questions and other types are passed over.

use super::batch::{MxBatch, MxDate, MxPlace};
use super::columns::is_mx;

/// Types of records, classes, and response codes that massdns prints; in lines that are not about MX.
const OTHERS: [&str; 31] = [
    "A",
    "AAAA",
    "AFSDB",
    "ANY",
    "CAA",
    "CDNSKEY",
    "CDS",
    "CNAME",
    "DNAME",
    "DNSKEY",
    "DS",
    "HINFO",
    "HTTPS",
    "LOC",
    "NAPTR",
    "NS",
    "NSEC",
    "NSEC3",
    "NSEC3PARAM",
    "OPT",
    "PTR",
    "RP",
    "RRSIG",
    "SOA",
    "SPF",
    "SRV",
    "SSHFP",
    "SVCB",
    "TLSA",
    "TXT",
    "ZONEMD",
];

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DnsLine<'l> {
    /// Blank, or a comment.
    Blank,
    /// An MX record: owner, preference, host.
    Mx(&'l str, &'l str),
    /// A record of another type, a question, or an answer without records.
    Other,
    /// Anything else.
    Unknown,
}

impl<'l> DnsLine<'l> {
    /// Tells what a line is.
    pub(super) fn of(line: &'l str) -> Self {
        let line = line.trim();
        if line.is_empty() || line.starts_with([';', '#']) {
            return Self::Blank;
        }
        if let Some((owner, data)) = line.split_once(" mail is handled by ") {
            return Self::Mx(owner, data);
        }
        if [" has no MX record", " has address ", " is an alias for ", " has IPv6 address "]
            .iter()
            .any(|told| line.contains(told))
        {
            return Self::Other;
        }
        let mut rest = line;
        let mut word = || {
            let start = rest.trim_ascii_start();
            let end = start.find([' ', '\t']).unwrap_or(start.len());
            rest = &start[end..];
            &start[..end]
        };
        let owner = word();
        for _ in 0..6 {
            let found = word();
            if found.eq_ignore_ascii_case("MX") {
                let data = rest.trim();
                // a question has no data
                return if data.is_empty() { Self::Other } else { Self::Mx(owner, data) };
            }
            let is_other = |kind: &&str| found.eq_ignore_ascii_case(kind);
            if OTHERS.iter().any(is_other) || is_numbered(found) {
                return Self::Other;
            }
            let is_before =
                ["IN", "CH", "HS", "NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"].iter().any(is_other);
            let is_time = found.starts_with(|first: char| first.is_ascii_digit());
            let is_address = owner.contains(':') && found.contains('.');
            if !is_before && !is_time && !is_address {
                return Self::Unknown;
            }
        }
        Self::Unknown
    }
}

/// Whether it is a type written as RFC 3597 says, section 5.
fn is_numbered(word: &str) -> bool {
    let number = word.get(..4).filter(|start| start.eq_ignore_ascii_case("TYPE")).map(|_| &word[4..]);
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && !is_mx(number)
    })
}

/// Reads whole lines. `line` is that of the first byte.
pub(super) fn read(text: &[u8], line: u64, batch: &mut MxBatch<'_>) {
    for (number, text) in (line..).zip(text.split(|byte| *byte == b'\n')) {
        let text = String::from_utf8_lossy(text);
        let read = match DnsLine::of(&text) {
            DnsLine::Blank => Ok(()),
            DnsLine::Mx(owner, data) => {
                let name = batch.name(owner);
                // several hosts on a line would be no record
                match data.split_ascii_whitespace().count() {
                    1 | 2 => batch.hosts_of(name, data, None, MxDate::Missing),
                    _ => Err("expected a preference and a host after `MX`"),
                }
            }
            DnsLine::Other => {
                batch.file.rows += 1;
                batch.file.other_types += 1;
                Ok(())
            }
            DnsLine::Unknown => Err("expected a record, such as `example.com. 300 IN MX 10 mx.example.com.`"),
        };
        if let Err(what) = read {
            batch.fault(MxPlace::Line(number), what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(line: &str, expected: DnsLine<'_>) {
        assert_eq!(DnsLine::of(line), expected, "{line:?}");
    }

    #[test]
    fn kinds_of_lines() {
        let mx = DnsLine::Mx("example.com.", "10 mx.example.com.");
        is("example.com. 300 IN MX 10 mx.example.com.", mx);
        is(
            "example.com.\t\t300\tIN\tMX\t10 mx.example.com.\r",
            DnsLine::Mx("example.com.", "10 mx.example.com."),
        );
        is("example.com. IN 300 MX 10 mx.example.com.", DnsLine::Mx("example.com.", "10 mx.example.com."));
        is("example.com. MX 10 mx.example.com.", DnsLine::Mx("example.com.", "10 mx.example.com."));
        is("example.com. mx 0 .", DnsLine::Mx("example.com.", "0 ."));
        is(
            "example.com mail is handled by 10 mx.example.com.",
            DnsLine::Mx("example.com", "10 mx.example.com."),
        );
        is("example.com has no MX record", DnsLine::Other);
        is("www.example.com. 300 IN CNAME example.com.", DnsLine::Other);
        is("example.com. 300 IN RRSIG MX 13 2 300 20260601000000 (", DnsLine::Other);
        is("example.com. 300 IN TYPE64 \\# 0", DnsLine::Other);
        is("example.com. IN MX", DnsLine::Other);
        is("192.0.2.53:53 1780185600 NOERROR example.com. IN MX", DnsLine::Other);
        is("", DnsLine::Blank);
        is(";; ANSWER SECTION:", DnsLine::Blank);
        is("example.com", DnsLine::Unknown);
        is("domain,mx", DnsLine::Unknown);
        is("ana@example.com", DnsLine::Unknown);
        is("the quick brown fox", DnsLine::Unknown);
    }
}
