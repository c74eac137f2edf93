//! The reading thread: bytes of a file → chunks of text, cut where a record ends.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::digest::{HashedReader, hexadecimal};
use super::{
    CHUNK_BYTES, Chunk, ChunkBytes, Compression, Cutter, Pool, Source, SourceDigest, WINDOW_BYTES, gzip, map,
};
use crate::progress::Progress;

pub(super) enum Opened {
    Mapped(File, u64),
    Stream(Box<dyn Read + Send>),
}

/// Reads everything, handing over chunks until `hand_over` says that nobody takes them any more.
pub(super) fn read(
    opened: Opened,
    source: &Source,
    mut cutter: impl Cutter,
    progress: &Progress,
    hand_over: &mut dyn FnMut(io::Result<Chunk>) -> bool,
) -> SourceDigest {
    match opened {
        Opened::Mapped(file, size) => {
            read_mapped(&file, size, source.is_hashed, &mut cutter, progress, hand_over)
        }
        Opened::Stream(stream) => {
            let mut packed = HashedReader::new(stream, source.is_hashed, progress);
            let outcome = match source.compression {
                Compression::Plain => cut_stream(&mut packed, &mut cutter, hand_over),
                Compression::Gzip => cut_stream(&mut gzip::Members::new(&mut packed), &mut cutter, hand_over),
                Compression::Zstd => match zstd::stream::read::Decoder::with_buffer(&mut packed) {
                    Ok(mut decoder) => cut_stream(&mut decoder, &mut cutter, hand_over),
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = outcome {
                hand_over(Err(error));
            }
            packed.finish()
        }
    }
}

/// Reads a plain file through windows of [`WINDOW_BYTES`], each unmapped when its last chunk is done with, so
/// that resident memory does not grow with the file.
fn read_mapped(
    file: &File,
    size: u64,
    is_hashed: bool,
    cutter: &mut impl Cutter,
    progress: &Progress,
    hand_over: &mut dyn FnMut(io::Result<Chunk>) -> bool,
) -> SourceDigest {
    let (mut start, mut first_line, mut window_bytes) = (0u64, 1, WINDOW_BYTES);
    let mut hash = is_hashed.then(Sha256::new);
    'file: while start < size {
        let length = usize::try_from(size - start).unwrap_or(usize::MAX).min(window_bytes);
        let window = match map(file, start, length) {
            Ok(window) => Arc::new(window),
            Err(error) => {
                hand_over(Err(error));
                break;
            }
        };
        let is_last = start + length as u64 == size;
        let (mut at, mut wanted) = (0, CHUNK_BYTES);
        while at < length {
            let end = length.min(at + wanted);
            let cut = match cutter.cut(&window[at..end], is_last && end == length) {
                0 if end < length => {
                    wanted *= 2;
                    continue;
                }
                0 if is_last => end - at,
                // the record goes on in the next window
                0 => break,
                cut => cut,
            };
            let text = &window[at..at + cut];
            if let Some(hash) = &mut hash {
                hash.update(text);
            }
            let lines = count_lines(cutter, text);
            progress.advance(cut as u64);
            let chunk = Chunk { first_line, bytes: ChunkBytes::Mapped(Arc::clone(&window), at..at + cut) };
            (first_line, at, wanted) = (first_line + lines, at + cut, CHUNK_BYTES);
            if !hand_over(Ok(chunk)) {
                start += at as u64;
                break 'file;
            }
        }
        window_bytes = if at == 0 { window_bytes.saturating_mul(2) } else { WINDOW_BYTES };
        start += at as u64;
    }
    let sha256 = hash.map(|hash| hexadecimal(&hash.finalize())).unwrap_or_default();
    SourceDigest { bytes: start, sha256 }
}

fn cut_stream(
    text: &mut impl Read,
    cutter: &mut impl Cutter,
    hand_over: &mut dyn FnMut(io::Result<Chunk>) -> bool,
) -> io::Result<()> {
    let pool = Pool::default();
    let mut buffer = vec![0; CHUNK_BYTES];
    let (mut filled, mut first_line) = (0, 1);
    loop {
        let mut broken = None;
        while filled < buffer.len() {
            match text.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let last = filled < buffer.len() && broken.is_none();
        let mut length = cutter.cut(&buffer[..filled], last);
        if length == 0 && last {
            length = filled;
        }
        if length > 0 {
            let rest = filled - length;
            let mut next = pool.lock().ok().and_then(|mut pool| pool.pop()).unwrap_or_default();
            next.resize(CHUNK_BYTES.max(rest + 1), 0);
            next[..rest].copy_from_slice(&buffer[length..filled]);
            let lines = count_lines(cutter, &buffer[..length]);
            let bytes = ChunkBytes::Owned { buffer, length, pool: Arc::clone(&pool) };
            if !hand_over(Ok(Chunk { first_line, bytes })) {
                return Ok(());
            }
            first_line += lines;
            (buffer, filled) = (next, rest);
        } else if !last {
            buffer.resize((filled * 2).max(CHUNK_BYTES), 0);
        }
        if let Some(error) = broken {
            return Err(error);
        }
        if last && filled == 0 {
            return Ok(());
        }
    }
}

fn count_lines(cutter: &impl Cutter, text: &[u8]) -> u64 {
    if cutter.counts_lines() { memchr::memchr_iter(b'\n', text).count() as u64 } else { 0 }
}
