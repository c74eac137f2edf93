//! Tells which zone a file holds, and its date, from its first megabyte.
//!
//! Every build begins with this look at every file, also at those that are in the store already. So it is short: the
//! scanner goes over whole lines of the first [`LOOK_BYTES`] of the text, compressed or not, and beyond them only if
//! no SOA record was found. The date does not depend on how the file is packed or where its chunks are cut.

use super::inception::inception;
use super::keeper::Keeper;
use super::list;
use super::read::{ReadOptions, no_zone};
use super::record::{RecordData, ZoneRecord};
use super::scanner::Scanner;
use super::serial::Serial;
use super::sink::{BoundedLines, ZonePart, ZoneSink};
use super::source::{ZoneKind, ZoneSource};
use crate::error::Result;
use crate::time::Moment;

/// How much of the text is looked at for signatures.
const LOOK_BYTES: usize = 1 << 20;

/// What the start of a zone file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ZoneStart {
    /// The zone.
    pub(crate) origin: String,
    /// The serial of its first SOA; lists have none.
    pub(crate) serial: Option<Serial>,
    /// The newest inception of its signatures.
    pub(crate) signed_at: Option<Moment>,
}

/// Looks at the start of a zone file. `as_of` tells what inceptions of 32 bits mean.
pub(crate) fn peek(zone: &ZoneSource, options: &ReadOptions, as_of: Moment) -> Result<ZoneStart> {
    if zone.kind == ZoneKind::List {
        let origin = list::origin(&zone.source, options.origin.as_deref())?;
        return Ok(ZoneStart { origin, serial: None, signed_at: None });
    }
    let mut newest = NewestInception { as_of, newest: None };
    let mut keeper = Keeper::new(&mut newest, None);
    let mut scanner = Scanner::new(options.origin.as_deref().map(str::as_bytes));
    let (mut line, mut left, mut ended) = (1, LOOK_BYTES, true);
    let mut is_dated = true;
    for chunk in zone.source.look(BoundedLines)?.by_ref() {
        match chunk {
            Ok(chunk) => {
                let (head, rest) = chunk.split_at(whole_lines(&chunk, left));
                scanner.scan(head, line, false, &mut keeper);
                line += memchr::memchr_iter(b'\n', head).count() as u64;
                left = if rest.is_empty() { left - head.len() } else { 0 };
                if left == 0 && keeper.origin.is_none() {
                    // signatures before the SOA record of a zone that is sorted in some other way tell nothing
                    is_dated = false;
                    scanner.scan(rest, line, false, &mut keeper);
                    line += memchr::memchr_iter(b'\n', rest).count() as u64;
                }
                keeper.pass_on()?;
            }
            Err(error) => keeper.integrity.broken = Some(error.to_string()),
        }
        if left == 0 && keeper.origin.is_some() {
            ended = false;
            break;
        }
    }
    if ended && keeper.integrity.broken.is_none() {
        scanner.scan(&[], line, true, &mut keeper);
    }
    keeper.pass_on()?;
    let Keeper { origin, serial, integrity, .. } = &keeper;
    let Some(origin) = origin.as_ref().and_then(|origin| std::str::from_utf8(origin).ok()) else {
        return Err(no_zone(&zone.source.path, integrity, keeper.waiting()));
    };
    let (origin, serial) = (origin.to_owned(), *serial);
    Ok(ZoneStart { origin, serial, signed_at: newest.newest.filter(|_| is_dated) })
}

/// How much of a text is whole lines within its first bytes.
fn whole_lines(text: &[u8], bytes: usize) -> usize {
    match text.get(..bytes) {
        Some(head) if head.len() < text.len() => memchr::memrchr(b'\n', head).map_or(0, |end| end + 1),
        _ => text.len(),
    }
}

/// Notes the newest inception, and nothing else.
#[derive(Debug, Clone, Copy)]
struct NewestInception {
    as_of: Moment,
    newest: Option<Moment>,
}

impl ZoneSink for NewestInception {
    type Part = Self;

    fn begin(&mut self, _: &[u8], _: Option<Serial>) -> Result<()> {
        Ok(())
    }

    fn part(&mut self) -> Self {
        Self { newest: None, ..*self }
    }

    fn append(&mut self, part: Self) -> Result<()> {
        self.newest = self.newest.max(part.newest);
        Ok(())
    }
}

impl ZonePart for NewestInception {
    fn record(&mut self, record: ZoneRecord<'_>) {
        if let RecordData::Signature(words) = record.data {
            self.newest = self.newest.max(inception(words, self.as_of));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::input::source::Source;
    use crate::time::BareDate;

    const SOA: &str = "example.\t60\tin\tsoa\tns.example. admin.example. 2026053101 1 2 3 4\n";

    fn signature(owner: &str, inception: &str) -> String {
        format!("{owner}.\t60\tin\trrsig\tSOA 8 1 60 20270101000000 {inception} 1 example. AAAA\n")
    }

    fn start_of(text: &str) -> ZoneStart {
        let moment = |text: &str| Moment::parse(text, BareDate::Start).expect("a moment");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let peeked = |name: &str, bytes: &[u8]| {
            let path = directory.path().join(name);
            std::fs::write(&path, bytes).expect("a file");
            let zone = ZoneSource::file(Source::stat(&path).expect("the file is there"));
            peek(&zone, &ReadOptions::default(), moment("2026-06-01")).expect("a zone")
        };
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).expect("it fits into memory");
        let start = peeked("a.zone", text.as_bytes());
        assert_eq!(peeked("a.zone.gz", &packed.finish().expect("packed")), start, "packed or not");
        start
    }

    #[track_caller]
    fn signed(text: &str, expected: Option<&str>) {
        let expected = expected.map(|text| Moment::parse(text, BareDate::Start).expect("a moment"));
        let start = start_of(text);
        assert_eq!((start.origin.as_str(), start.signed_at), ("example", expected));
        assert_eq!(start.serial, Some(Serial(2_026_053_101)));
    }

    #[test]
    fn the_newest_inception_of_the_first_megabyte() {
        let (older, newer) =
            (signature("a.example", "20260501000000"), signature("b.example", "20260510123000"));
        let newest = signature("c.example", "20260530000000");
        let (older_at, newer_at) = (Some("2026-05-01"), Some("2026-05-10T12:30:00Z"));
        signed(SOA, None);
        signed(&[SOA, &older].concat(), older_at);
        signed(&[SOA, &newer, &older, SOA].concat(), newer_at);
        signed(&[&*newer, SOA, &older].concat(), newer_at);
        // not of this zone
        signed(&[SOA, &older, &signature("b.other", "20260510123000")].concat(), older_at);
        // the full way, and a last line without its end
        signed(
            &[SOA, "b RRSIG ( SOA 8 1 60 20270101000000\n 20260510123000 1 example. AA AA )"].concat(),
            None,
        );
        signed(
            &[SOA, "b.example. RRSIG ( SOA 8 1 60 20270101000000\n 20260510123000 1 example. AA AA )"]
                .concat(),
            newer_at,
        );
        signed(
            &[SOA, "b.example. 60 IN TYPE46 \\# 20 000608010000003c6b49d2006a007a4800010000\n"].concat(),
            newer_at,
        );
        let filler = "x.example.\t60\tin\tns\tns.example.\n";
        let fill = |bytes: usize| filler.repeat(bytes / filler.len());
        let near = fill(LOOK_BYTES - SOA.len() - 4 * older.len());
        signed(&[SOA, &older, &near, &newer, &newest.repeat(40)].concat(), Some("2026-05-30"));
        signed(&[SOA, &older, &fill(LOOK_BYTES), &newest].concat(), older_at);
        // an SOA record beyond the first megabyte
        signed(&[&*older, &fill(LOOK_BYTES), SOA, &newer].concat(), None);
    }
}
