//! Scans the text of a zone, several chunks side by side where that is possible.
//!
//! Once the origin is known, the lines in CZDS form at the start of each chunk are scanned ahead, several chunks side
//! by side. Then, chunk after chunk in the file's order, the result is taken over, and the rest of the chunk goes
//! through the scanner that knows the whole language and its state. If an entry runs over from the chunk before,
//! nothing that was scanned ahead can be trusted, and the whole chunk goes that way. So the outcome depends neither
//! on threads nor on where the chunks were cut.

use std::path::Path;

use rayon::prelude::*;

use super::keeper::{Keeper, Stretch};
use super::list::ListReader;
use super::read::ReadOptions;
use super::scanner::{Scanner, scan_plain};
use super::sink::{ZonePart, ZoneSink};
use crate::error::Result;
use crate::input::source::Chunk;
use crate::threads::beside_the_pool;

pub(super) struct ZoneReader<'s, S: ZoneSink> {
    pub(super) keeper: Keeper<'s, S>,
    scanner: Scanner,
    pub(super) list: Option<ListReader>,
    /// Number of the next line.
    line: u64,
    /// Chunks that were scanned ahead and wait for their turn.
    ahead: Vec<Ahead<S::Part>>,
}

struct Ahead<P> {
    chunk: Chunk,
    /// Bytes and lines that were scanned, and the owner of the last one.
    bytes: usize,
    lines: u64,
    owner: Vec<u8>,
    stretch: Stretch<P>,
}

impl<'s, S: ZoneSink> ZoneReader<'s, S> {
    pub(super) fn new(sink: &'s mut S, options: &ReadOptions, include_from: Option<&Path>) -> Self {
        let origin = options.origin.as_deref().map(str::as_bytes);
        Self {
            keeper: Keeper::new(sink, include_from),
            scanner: Scanner::new(origin),
            list: None,
            line: 1,
            ahead: Vec::new(),
        }
    }

    /// Scans chunks ahead while those before are taken over.
    pub(super) fn read(&mut self, batch: Vec<Chunk>) -> Result<()> {
        let Some(origin) = self.keeper.origin.clone().filter(|_| self.list.is_none()) else {
            return batch.iter().try_for_each(|chunk| self.read_in_order(chunk));
        };
        let before = std::mem::take(&mut self.ahead);
        let stretches =
            batch.iter().map(|_| Stretch::new(&origin, self.keeper.sink.part())).collect::<Vec<_>>();
        let scan = || match batch.len() {
            1 => batch.into_iter().zip(stretches).map(scan_ahead).collect(),
            _ => batch.into_par_iter().zip(stretches).with_max_len(1).map(scan_ahead).collect(),
        };
        let taken;
        (taken, self.ahead) = match before.is_empty() {
            true => (Ok(()), scan()),
            // taking over writes, and may read included files, so it needs a thread that may wait
            false => beside_the_pool(scan, || self.take_over(before)),
        };
        taken
    }

    fn take_over(&mut self, ahead: Vec<Ahead<S::Part>>) -> Result<()> {
        for Ahead { chunk, bytes, lines, owner, stretch } in ahead {
            if self.scanner.is_amid_entry() {
                self.read_in_order(&chunk)?;
                continue;
            }
            if lines > 0 {
                self.scanner.has_passed(&owner);
                self.keeper.text_bytes += bytes as u64;
                self.keeper.take(stretch.counted_from(self.line))?;
                self.line += lines;
            }
            if bytes < chunk.len() {
                self.read_in_order(&chunk[bytes..])?;
            }
        }
        Ok(())
    }

    fn read_in_order(&mut self, text: &[u8]) -> Result<()> {
        self.keeper.text_bytes += text.len() as u64;
        match &mut self.list {
            Some(list) => list.scan(text, self.line, &mut self.keeper)?,
            None => self.scanner.scan(text, self.line, false, &mut self.keeper),
        }
        self.line += memchr::memchr_iter(b'\n', text).count() as u64;
        self.keeper.pass_on()
    }

    pub(super) fn finish(&mut self) -> Result<()> {
        let ahead = std::mem::take(&mut self.ahead);
        self.take_over(ahead)?;
        if self.keeper.integrity.broken.is_none() {
            self.scanner.scan(&[], self.line, true, &mut self.keeper);
        }
        self.keeper.pass_on()
    }
}

fn scan_ahead<P: ZonePart>((chunk, mut stretch): (Chunk, Stretch<P>)) -> Ahead<P> {
    let passed = scan_plain(&chunk, 0, &mut stretch);
    let (bytes, lines, owner) = (passed.bytes, passed.lines, passed.owner.to_vec());
    Ahead { chunk, bytes, lines, owner, stretch }
}
