//! The bytes of a list as one text: plain, gzip, Zstandard, or the one file in a ZIP archive.
//!
//! How a file is packed is told by its first bytes, whatever its name. All of these carry checksums, so a cut or a
//! damage is seen at the latest at the end; [`ListText::stopped`] says so then.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use zip::ZipArchive;

use crate::error::{Error, Result};
use crate::input::source::{Chunk, Chunks, Compression, Cutter, ReadError, Source};
use crate::progress::Progress;
use crate::threads::check_may_wait;

/// Bytes of a block that is handed from the unpacking thread to the reading one.
const BLOCK_BYTES: usize = 1 << 20;
/// Blocks that may wait.
const QUEUE: usize = 4;

/// How a list is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all.
    Plain,
    /// RFC 1952, RFC 8878, or ZIP: its checksum proves that nothing is missing.
    Checked,
}

/// The text of a list, as a reader.
pub(crate) struct ListText {
    bytes: TextBytes,
    /// How it is packed.
    pub(crate) packing: Packing,
    /// The last byte that was read.
    pub(crate) last: Option<u8>,
    stopped: Option<(String, bool)>,
}

enum TextBytes {
    Chunks { chunks: Chunks, chunk: Option<Chunk>, at: usize },
    Zip { blocks: Receiver<io::Result<Vec<u8>>>, block: Vec<u8>, at: usize },
    End,
}

/// Cuts anywhere: rows are found later.
struct NoCutter;

impl Cutter for NoCutter {
    fn cut(&mut self, text: &[u8], _last: bool) -> usize {
        text.len()
    }

    fn counts_lines(&self) -> bool {
        false
    }
}

impl ListText {
    /// Opens a list; also says which source it is.
    pub(crate) fn open(mut source: Source, progress: &Progress) -> Result<(Self, Source)> {
        check_may_wait()?;
        let head = if source.is_stream() { Vec::new() } else { first_bytes(&source.path)? };
        let is_zip = head.starts_with(b"PK\x03\x04");
        match head.as_slice() {
            [0x1f, 0x8b, ..] => source.compression = Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => source.compression = Compression::Zstd,
            [_, ..] => source.compression = Compression::Plain,
            [] => {}
        }
        let is_plain = source.compression == Compression::Plain && !is_zip;
        let bytes = match is_zip {
            true => TextBytes::Zip { blocks: unzip(&source.path)?, block: Vec::new(), at: 0 },
            false => TextBytes::Chunks { chunks: source.chunks(NoCutter, progress)?, chunk: None, at: 0 },
        };
        let packing = if is_plain { Packing::Plain } else { Packing::Checked };
        Ok((Self { bytes, packing, last: None, stopped: None }, source))
    }

    /// Why reading stopped before the end, and whether what was read is damaged.
    pub(crate) fn stopped(&self) -> Option<(&str, bool)> {
        self.stopped.as_ref().map(|(why, is_corrupt)| (why.as_str(), *is_corrupt))
    }

    /// Reads what is left, so that the checksums at the end are seen. Then size and hash of the file, if they are known.
    pub(crate) fn finish(&mut self) -> (u64, String) {
        // an error is kept where `stopped` tells it
        let _ = io::copy(self, &mut io::sink());
        match std::mem::replace(&mut self.bytes, TextBytes::End) {
            TextBytes::Chunks { chunks, .. } => match chunks.finish() {
                Ok(digest) => (digest.bytes, digest.sha256),
                Err(_) => (0, String::new()),
            },
            TextBytes::Zip { .. } | TextBytes::End => (0, String::new()),
        }
    }
}

impl Read for ListText {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stopped.is_some() || buffer.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.bytes {
            TextBytes::Chunks { chunks, chunk, at } => read_chunks(chunks, chunk, at, buffer),
            TextBytes::Zip { blocks, block, at } => read_blocks(blocks, block, at, buffer),
            TextBytes::End => Ok(0),
        };
        match read {
            Ok(count) => {
                self.last = buffer[..count].last().copied().or(self.last);
                Ok(count)
            }
            Err((why, is_corrupt)) => {
                self.stopped = Some((why.clone(), is_corrupt));
                Err(io::Error::other(why))
            }
        }
    }
}

type Stopped = (String, bool);

fn read_chunks(
    chunks: &mut Chunks,
    chunk: &mut Option<Chunk>,
    at: &mut usize,
    mut buffer: &mut [u8],
) -> std::result::Result<usize, Stopped> {
    loop {
        if let Some(open) = chunk.as_ref().filter(|open| *at < open.len()) {
            let count = buffer.write(&open[*at..]).unwrap_or_default();
            *at += count;
            return Ok(count);
        }
        match chunks.next() {
            None => return Ok(0),
            Some(Ok(next)) => (*chunk, *at) = (Some(next), 0),
            Some(Err(error)) => return Err((error.to_string(), is_damaged(&error))),
        }
    }
}

/// Whether bytes that were handed out may be wrong.
fn is_damaged(error: &ReadError) -> bool {
    error.is_corrupt() || error.is_changed()
}

fn read_blocks(
    blocks: &Receiver<io::Result<Vec<u8>>>,
    block: &mut Vec<u8>,
    at: &mut usize,
    mut buffer: &mut [u8],
) -> std::result::Result<usize, Stopped> {
    while *at == block.len() {
        match blocks.recv() {
            // the unpacking thread has ended
            Err(_) => return Ok(0),
            Ok(Ok(next)) => (*block, *at) = (next, 0),
            Ok(Err(error)) => {
                return Err((error.to_string(), error.kind() != io::ErrorKind::UnexpectedEof));
            }
        }
    }
    let count = buffer.write(&block[*at..]).unwrap_or_default();
    *at += count;
    Ok(count)
}

fn first_bytes(path: &Path) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
    file.take(4).read_to_end(&mut head).map_err(|error| Error::io(path, "read", &error))?;
    Ok(head)
}

/// Unpacks the only file of an archive on another thread.
fn unzip(path: &Path) -> Result<Receiver<io::Result<Vec<u8>>>> {
    let failed =
        |what: String| Error::failure(path, format!("it is a ZIP archive that cannot be read: {what}"));
    let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
    let mut archive = ZipArchive::new(io::BufReader::new(file)).map_err(|error| failed(error.to_string()))?;
    let mut files = Vec::new();
    for place in 0..archive.len() {
        // opened here, so that an unknown method or a password is told at once
        if archive.by_index(place).map_err(|error| failed(error.to_string()))?.is_file() {
            files.push(place);
        }
    }
    let [place] = *files.as_slice() else {
        return Err(failed(format!("expected one file in it, found {}", files.len())));
    };
    let (sender, receiver) = sync_channel(QUEUE);
    std::thread::Builder::new()
        .name("reader".into())
        .spawn(move || hand_over(&mut archive, place, &sender))
        .map_err(|error| Error::io(path, "start a reading thread for", &error))?;
    Ok(receiver)
}

fn hand_over(
    archive: &mut ZipArchive<io::BufReader<File>>,
    place: usize,
    sender: &SyncSender<io::Result<Vec<u8>>>,
) {
    let mut text = match archive.by_index(place) {
        Ok(text) => text,
        Err(error) => return drop(sender.send(Err(io::Error::other(error)))),
    };
    loop {
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        let read = text.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block);
        let is_end = block.is_empty();
        // nobody receives the block if reading has stopped
        if (!is_end && sender.send(Ok(block)).is_err()) || (is_end && read.is_ok()) {
            return;
        }
        if let Err(error) = read {
            return drop(sender.send(Err(error)));
        }
    }
}
