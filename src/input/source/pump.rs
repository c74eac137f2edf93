//! The reading thread: it turns the bytes of a file into chunks of text that end where a record ends.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::broken::ReadError;
use super::chunk::{Chunk, Cutter, Pool};
use super::digest::HashedReader;
use super::packed::UnpackedText;
use super::stream::Bytes;
use super::utf16::DecodedText;
use super::{CHUNK_BYTES, LINE_BYTES, Source, SourceDigest};
use crate::progress::Progress;

/// The bytes of a source, and its file if it is a regular one.
pub(super) struct Opened {
    pub(super) bytes: Bytes,
    pub(super) file: Option<Arc<File>>,
}

/// Receives the chunks, and an error at the end if there is one. Returns whether the receiver wants more.
pub(super) type HandOver<'a> = &'a mut dyn FnMut(Result<Chunk, ReadError>) -> bool;

/// Reads everything and hands over chunks until the receiver wants no more.
pub(super) fn read(
    opened: Opened,
    source: &Source,
    cutter: impl Cutter,
    progress: &Progress,
    proved: &AtomicU64,
    hand_over: HandOver<'_>,
) -> SourceDigest {
    let mut bytes = HashedReader::new(opened.bytes, source.is_hashed, progress).hashed_aside();
    let text = DecodedText::new(UnpackedText::new(source.compression, &mut bytes));
    let outcome = Pump::new(text, cutter, proved, hand_over).run();
    let is_same = match (&source.identity, &opened.file) {
        (Some(identity), Some(file)) if outcome != Ok(Over::Unwanted) => {
            let is_whole = outcome.is_ok();
            identity.check_read(file, if is_whole { bytes.bytes_read() } else { u64::MAX })
        }
        _ => Ok(()),
    };
    let outcome = is_same.and(outcome.map(drop));
    if outcome.as_ref().err().is_none_or(|error| !error.is_corrupt() && !error.is_changed()) {
        proved.store(u64::MAX, Ordering::Release);
    }
    if let Err(error) = outcome {
        hand_over(Err(error));
    }
    bytes.finish()
}

/// How reading ended, if there was no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// At the end of the text.
    End,
    /// The receiver wants no more.
    Unwanted,
}

struct Pump<'p, R, C> {
    text: DecodedText<R>,
    cutter: C,
    proved: &'p AtomicU64,
    hand_over: HandOver<'p>,
    pool: Pool,
    buffer: Vec<u8>,
    filled: usize,
    /// Line and byte of the text at which the buffer begins.
    first_line: u64,
    offset: u64,
    /// How the text ended, once it has.
    ended: Option<Result<(), ReadError>>,
}

impl<'p, R: BufRead, C: Cutter> Pump<'p, R, C> {
    fn new(text: DecodedText<R>, cutter: C, proved: &'p AtomicU64, hand_over: HandOver<'p>) -> Self {
        let buffer = vec![0; CHUNK_BYTES];
        let (pool, first_line) = (Pool::default(), 1);
        Self { text, cutter, proved, hand_over, pool, buffer, filled: 0, first_line, offset: 0, ended: None }
    }

    fn run(mut self) -> Result<Over, ReadError> {
        loop {
            self.fill();
            let proved = self.text.proved();
            self.proved.store(proved, Ordering::Release);
            let length = self.cut(proved);
            let is_wanted = if length > 0 {
                self.pass(length)
            } else if self.ended.is_none() && self.filled >= LINE_BYTES {
                self.skip_line()?
            } else {
                if self.ended.is_none() {
                    self.buffer.resize((self.filled * 2).clamp(CHUNK_BYTES, LINE_BYTES), 0);
                }
                true
            };
            if !is_wanted {
                return Ok(Over::Unwanted);
            }
            match self.ended.take() {
                Some(Err(error)) => return Err(error),
                Some(Ok(())) if self.filled == 0 => return Ok(Over::End),
                ended => self.ended = ended,
            }
        }
    }

    /// How many bytes go into the next chunk. A chunk ends where a member ends, so that proved text does not wait for
    /// text that is not proved yet. Of a corrupt file nothing is handed over after the proved part.
    fn cut(&mut self, proved: u64) -> usize {
        let sure = usize::try_from(proved.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let is_corrupt = matches!(&self.ended, Some(Err(error)) if error.is_corrupt());
        if is_corrupt || (1..self.filled).contains(&sure) {
            let length = self.cutter.cut(&self.buffer[..sure.min(self.filled)], false);
            if length > 0 || is_corrupt {
                return length;
            }
        }
        let last = matches!(self.ended, Some(Ok(())));
        match self.cutter.cut(&self.buffer[..self.filled], last) {
            0 if last => self.filled,
            length => length,
        }
    }

    /// Reads until the buffer is full or the text has ended.
    fn fill(&mut self) {
        while self.ended.is_none() && self.filled < self.buffer.len() {
            match self.text.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.ended = Some(Ok(())),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let given = self.offset + self.filled as u64;
                    self.ended = Some(Err(ReadError::of(&error, given, self.text.proved())));
                }
            }
        }
    }

    /// Hands over the first `length` bytes.
    fn pass(&mut self, length: usize) -> bool {
        let rest = self.filled - length;
        let mut next = self.pool.buffer((rest + CHUNK_BYTES / 2).clamp(CHUNK_BYTES, LINE_BYTES));
        next[..rest].copy_from_slice(&self.buffer[length..self.filled]);
        let buffer = std::mem::replace(&mut self.buffer, next);
        let lines = self.count_lines(&buffer[..length]);
        let (first_line, pool) = (self.first_line, self.pool.clone());
        self.filled = rest;
        self.first_line += lines;
        self.offset += length as u64;
        (self.hand_over)(Ok(Chunk { first_line, end: self.offset, is_overlong: false, buffer, length, pool }))
    }

    /// Skips a line that is too long, and hands over an empty chunk in its place.
    fn skip_line(&mut self) -> Result<bool, ReadError> {
        let line = self.first_line;
        if !self.cutter.skips_overlong() {
            return Err(ReadError::overlong(self.cutter.counts_lines().then_some(line)));
        }
        loop {
            let text = &self.buffer[..self.filled];
            if let Some(length) = self.cutter.line_length(text) {
                self.first_line += self.count_lines(&text[..length]);
                self.buffer.copy_within(length..self.filled, 0);
                self.filled -= length;
                self.offset += length as u64;
                break;
            }
            self.offset += self.filled as u64;
            self.filled = 0;
            if self.ended.is_some() {
                break;
            }
            self.fill();
        }
        let (end, pool) = (self.offset, self.pool.clone());
        let chunk = Chunk { first_line: line, end, is_overlong: true, buffer: Vec::new(), length: 0, pool };
        Ok((self.hand_over)(Ok(chunk)))
    }

    fn count_lines(&self, text: &[u8]) -> u64 {
        if self.cutter.counts_lines() { memchr::memchr_iter(b'\n', text).count() as u64 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};
    use std::path::Path;

    use super::super::chunk::LineCutter;
    use super::super::stream::Bytes;
    use super::*;

    /// The chunks that are handed over (`#N` for a long one of N bytes, `!` for a skipped line), the error at the
    /// end, and how many bytes are proved.
    #[track_caller]
    fn pumps(name: &str, packed: &[u8], expected: &[&str], kept: u64) {
        pumps_by(LineCutter, name, packed, expected, kept);
    }

    #[track_caller]
    fn pumps_by(cutter: impl Cutter, name: &str, packed: &[u8], expected: &[&str], kept: u64) {
        let source = Source::named(Path::new(name));
        let bytes: Bytes = Box::new(Cursor::new(packed.to_vec()));
        let (proved, mut seen) = (AtomicU64::new(0), Vec::new());
        let digest =
            read(Opened { bytes, file: None }, &source, cutter, &Progress::hidden(), &proved, &mut |item| {
                seen.push(match item {
                    Ok(chunk) if chunk.is_overlong => format!("{}!", chunk.first_line),
                    Ok(chunk) if chunk.len() > 20 => format!("{}#{}", chunk.first_line, chunk.len()),
                    Ok(chunk) => format!("{}:{}", chunk.first_line, String::from_utf8_lossy(&chunk)),
                    Err(error) => format!("{:?}", error.kind),
                });
                true
            });
        assert_eq!(seen, expected, "{name}");
        assert_eq!(proved.into_inner(), kept, "{name}");
        if expected.last().is_none_or(|last| !matches!(*last, "Cut" | "Corrupt" | "Overlong")) {
            assert_eq!(digest.bytes, packed.len() as u64);
        }
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory takes everything")
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("memory takes everything");
        encoder.include_checksum(true).expect("zstd has checksums");
        encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory takes everything")
    }

    fn flipped(mut packed: Vec<u8>, from_end: usize) -> Vec<u8> {
        let at = packed.len() - from_end;
        packed[at] ^= 1;
        packed
    }

    const ALL: u64 = u64::MAX;

    #[test]
    fn members_and_what_is_proved() {
        let text = b"a\nb\n";
        pumps("t", text, &["1:a\nb\n"], ALL);
        pumps("t", b"a\nb", &["1:a\nb"], ALL);
        pumps("t", b"", &[], ALL);
        for (name, pack, checksum) in
            [("t.gz", gzip as fn(&[u8]) -> Vec<u8>, 6), ("t.zst", zstd as fn(&[u8]) -> Vec<u8>, 2)]
        {
            let packed = pack(text);
            pumps(name, &packed, &["1:a\nb\n"], ALL);
            pumps(name, b"", &["Cut"], ALL);
            pumps(name, &packed[..packed.len() - 4], &["1:a\nb\n", "Cut"], ALL);
            pumps(name, &[&packed[..], b"tail"].concat(), &["1:a\nb\n", "Cut"], ALL);
            // the text of a small frame is not handed out before its checksum was compared
            let (kind, all) = if name == "t.gz" { ("Corrupt", None) } else { ("Cut", Some(ALL)) };
            pumps(name, &flipped(packed.clone(), checksum), &[kind], all.unwrap_or(0));
            // many members are one text, even within a line; a record that ends in a bad member is bad
            pumps(name, &[pack(b"a\nb"), pack(b"c\nd\n")].concat(), &["1:a\nbc\nd\n"], ALL);
            let bad = flipped(pack(b"c\nd\n"), checksum);
            pumps(name, &[pack(b"a\nb"), bad.clone()].concat(), &["1:a\n", kind], all.unwrap_or(3));
            pumps(name, &[packed.clone(), bad, packed].concat(), &["1:a\nb\n", kind], all.unwrap_or(4));
        }
        pumps("t.gz", &[gzip(text), vec![0; 1000]].concat(), &["1:a\nb\n"], ALL);
    }

    /// A cutter that does not skip long lines gets an error.
    struct Strict;

    impl Cutter for Strict {
        fn cut(&mut self, text: &[u8], last: bool) -> usize {
            LineCutter.cut(text, last)
        }
    }

    #[test]
    fn long_lines_are_errors_by_default() {
        let text = [b"a\n".to_vec(), vec![b'x'; LINE_BYTES + 1]].concat();
        pumps_by(Strict, "t", &text, &["1:a\n", "Overlong"], ALL);
    }

    #[test]
    fn long_lines() {
        let line = |bytes: usize| [vec![b'x'; bytes - 1], vec![b'\n']].concat();
        let long = format!("1#{LINE_BYTES}");
        pumps("t", &[line(LINE_BYTES), b"b\n".to_vec()].concat(), &[&long, "2:b\n"], ALL);
        for bytes in [LINE_BYTES + 1, LINE_BYTES + 2, 3 * LINE_BYTES, 3 * LINE_BYTES + CHUNK_BYTES + 7] {
            let text = [b"a\n".to_vec(), line(bytes), b"b\nc".to_vec()].concat();
            pumps("t", &text, &["1:a\n", "2!", "3:b\nc"], ALL);
            pumps("t.gz", &gzip(&text), &["1:a\n", "2!", "3:b\nc"], ALL);
            pumps("t", &text[..2 + bytes], &["1:a\n", "2!"], ALL);
            pumps("t", &text[..1 + bytes], &["1:a\n", "2!"], ALL);
        }
    }
}
