//! Tells which zone a file holds, from its first records.

use super::keeper::Keeper;
use super::list;
use super::read::{ReadOptions, no_zone};
use super::reader::ZoneReader;
use super::record::ZoneRecord;
use super::serial::Serial;
use super::sink::{BoundedLines, ZonePart, ZoneSink};
use super::source::{ZoneKind, ZoneSource};
use crate::error::Result;

/// Origin and serial of a zone file, from its first records.
pub(crate) fn peek(zone: &ZoneSource, options: &ReadOptions) -> Result<(String, Option<Serial>)> {
    if zone.kind == ZoneKind::List {
        return Ok((list::origin(&zone.source, options.origin.as_deref())?, None));
    }
    let mut sink = Nothing;
    let mut reader = ZoneReader::new(&mut sink, options.origin.as_deref(), None);
    let mut chunks = zone.source.look(BoundedLines)?;
    for chunk in chunks.by_ref() {
        match chunk {
            Ok(chunk) => reader.read(vec![chunk])?,
            Err(error) => reader.keeper.integrity.broken = Some(error.to_string()),
        }
        if reader.keeper.origin.is_some() {
            break;
        }
    }
    reader.finish()?;
    let Keeper { origin, serial, integrity, .. } = &reader.keeper;
    let text = origin.as_ref().and_then(|origin| std::str::from_utf8(origin).ok());
    match text {
        Some(origin) => Ok((origin.to_owned(), *serial)),
        None => Err(no_zone(&zone.source.path, integrity, reader.keeper.waiting())),
    }
}

/// Takes nothing.
struct Nothing;

impl ZoneSink for Nothing {
    type Part = Self;

    fn begin(&mut self, _: &[u8], _: Option<Serial>) -> Result<()> {
        Ok(())
    }

    fn part(&mut self) -> Self {
        Self
    }

    fn append(&mut self, _: Self) -> Result<()> {
        Ok(())
    }
}

impl ZonePart for Nothing {
    fn record(&mut self, _: ZoneRecord<'_>) {}
}
