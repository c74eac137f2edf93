//! One input file as decompressed text, in chunks cut where a record ends.
//!
//! A background thread maps or reads the file, inflates it, hashes the bytes as they lie on disk, and
//! hands over chunks of about [`CHUNK_BYTES`] through a short queue, so that inflating and parsing
//! overlap and memory stays bounded whatever the size of the input. Where a record ends is the
//! format's business: it brings a [`Cutter`]. The cut depends on the text alone, never on how the
//! reads happened to fall, so a run repeats.
//!
//! Plain files are memory-mapped, window by window: the one `unsafe` of the crate. Gzip is read member
//! by member: many members are one text, and zero padding after the last is accepted as GNU gzip does; anything else
//! there, a wrong CRC or length, and a stream that breaks off are errors.

use std::fs::File;
use std::io::{self, Read};
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use memmap2::{Mmap, MmapOptions};

use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::time::Moment;

mod digest;
mod gzip;
mod pump;

use digest::HashedReader;
pub use digest::hexadecimal;
use pump::{Opened, read};

/// Target size of a chunk in bytes of text.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Bytes of a plain file that are mapped at a time.
const WINDOW_BYTES: usize = 16 << 20;
/// Chunks that may wait between the reading thread and the workers.
const QUEUE: usize = 4;

/// How the bytes of a file are packed, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// An input file (or standard input), not yet opened.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as the user named it; `-` is standard input.
    pub path: PathBuf,
    /// How it is packed.
    pub compression: Compression,
    /// Size on disk in bytes, if it is a regular file.
    pub size: Option<u64>,
    /// When the file was last changed.
    pub modified: Option<Moment>,
    /// Whether its bytes are hashed as they are read.
    pub is_hashed: bool,
}

/// What the reading thread knows when it is through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDigest {
    /// Bytes read from disk.
    pub bytes: u64,
    /// SHA-256 of these bytes, lower-case hexadecimal; empty if they were not hashed.
    pub sha256: String,
}

/// As much of a text as could be read.
#[derive(Debug)]
pub struct Prefix {
    /// The text, up to the limit or to where reading stopped.
    pub text: Vec<u8>,
    /// What was read for it from disk.
    pub digest: SourceDigest,
    /// Why reading stopped before the end.
    pub broken: Option<io::Error>,
    /// Whether the text goes on beyond the limit.
    pub is_longer: bool,
}

/// Says where the text may be cut.
pub trait Cutter: Send {
    /// The length of the longest prefix of `text` that ends where a record ends, 0 for none. With
    /// `last` nothing follows `text`. Called again with more text after a 0; a cutter that bounds its
    /// records must return more than 0 once `text` is longer than the bound.
    fn cut(&mut self, text: &[u8], last: bool) -> usize;

    /// Whether chunks shall know their first line; counting them takes the reading thread's time.
    fn counts_lines(&self) -> bool {
        true
    }
}

/// Cuts after the last line feed.
#[derive(Debug, Default)]
pub struct LineCutter;

impl Cutter for LineCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        if last { text.len() } else { memchr::memrchr(b'\n', text).map_or(0, |at| at + 1) }
    }
}

/// A piece of text that ends where a record ends.
#[derive(Debug)]
pub struct Chunk {
    /// 1-based number of its first line in the decompressed text; 1 for all if lines are not counted.
    pub first_line: u64,
    bytes: ChunkBytes,
}

#[derive(Debug)]
enum ChunkBytes {
    Owned { buffer: Vec<u8>, length: usize, pool: Pool },
    Mapped(Arc<Mmap>, Range<usize>),
}

/// Buffers on their way back to the reading thread: fresh memory costs page faults.
type Pool = Arc<Mutex<Vec<Vec<u8>>>>;

impl Chunk {
    /// A chunk of this text, its lines counted from 1.
    pub fn of(text: &[u8]) -> Self {
        let bytes = ChunkBytes::Owned { buffer: text.to_vec(), length: text.len(), pool: Pool::default() };
        Self { first_line: 1, bytes }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.bytes {
            ChunkBytes::Owned { buffer, length, .. } => &buffer[..*length],
            ChunkBytes::Mapped(map, range) => &map[range.clone()],
        }
    }
}

impl Drop for ChunkBytes {
    fn drop(&mut self) {
        if let Self::Owned { buffer, pool, .. } = self
            && let Ok(mut pool) = pool.lock()
            && pool.len() < QUEUE
        {
            pool.push(std::mem::take(buffer));
        }
    }
}

/// The chunks of one source, in order.
#[derive(Debug)]
pub struct Chunks {
    path: PathBuf,
    receiver: Option<Receiver<io::Result<Chunk>>>,
    reader: Option<JoinHandle<SourceDigest>>,
}

impl Source {
    /// A path that was not looked at.
    pub fn unseen(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            compression: Compression::of(path),
            size: None,
            modified: None,
            is_hashed: true,
        }
    }

    /// Looks at a path, without reading it. A directory, or a path that is not there, is an error.
    pub fn find(path: &Path) -> Result<Self> {
        let mut source = Self::unseen(path);
        if path == Path::new("-") {
            return Ok(source);
        }
        let metadata = std::fs::metadata(path).map_err(|error| Error::io(path, "open", &error))?;
        if metadata.is_dir() {
            return Err(Error::failure(path, "expected a file, found a directory")
                .hint("name a file here; directories are taken by `--zones` and `--rdap`"));
        }
        source.size = metadata.is_file().then_some(metadata.len());
        source.modified = metadata.modified().ok().and_then(|time| {
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(Moment(i64::try_from(since.as_micros()).ok()?))
        });
        Ok(source)
    }

    /// The same source, its bytes not hashed.
    #[must_use]
    pub fn unhashed(mut self) -> Self {
        self.is_hashed = false;
        self
    }

    /// The file's name without directories and without the compression's ending.
    pub fn stem(&self) -> String {
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match self.compression {
            Compression::Plain => name,
            Compression::Gzip | Compression::Zstd => match name.rfind('.') {
                Some(at) => name[..at].to_owned(),
                None => name,
            },
        }
    }

    /// Reads the source on a thread of its own.
    pub fn chunks(&self, cutter: impl Cutter + 'static, progress: &Progress) -> Result<Chunks> {
        let (sender, receiver) = sync_channel(QUEUE);
        let opened = self.open()?;
        let (source, progress) = (self.clone(), progress.clone());
        let reader = std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || {
                let mut hand_over = |chunk| sender.send(chunk).is_ok();
                read(opened, &source, cutter, &progress, &mut hand_over)
            })
            .map_err(|error| Error::io(&self.path, "start a reading thread for", &error))?;
        Ok(Chunks { path: self.path.clone(), receiver: Some(receiver), reader: Some(reader) })
    }

    fn open(&self) -> Result<Opened> {
        if self.path == Path::new("-") {
            return Ok(Opened::Stream(Box::new(io::stdin())));
        }
        let file = File::open(&self.path).map_err(|error| Error::io(&self.path, "open", &error))?;
        match self.size {
            Some(size) if size > 0 && self.compression == Compression::Plain => {
                Ok(Opened::Mapped(file, size))
            }
            _ => Ok(Opened::Stream(Box::new(file))),
        }
    }

    /// Reads the whole text, at most `limit` bytes of it, on this thread.
    pub fn read_to_end(&self, limit: u64) -> Result<(Vec<u8>, SourceDigest)> {
        let prefix = self.read_prefix(limit)?;
        match prefix.broken {
            Some(error) => Err(Error::io(&self.path, "read", &error)),
            None if prefix.is_longer => {
                Err(Error::failure(&self.path, format!("longer than the limit of {limit} bytes")))
            }
            None => Ok((prefix.text, prefix.digest)),
        }
    }

    /// Reads as much of the text as can be read, at most `limit` bytes of it, on this thread.
    pub fn read_prefix(&self, limit: u64) -> Result<Prefix> {
        let mut packed = self.packed(&Progress::hidden())?;
        let mut text = Vec::new();
        let read = match self.compression {
            Compression::Plain => packed.by_ref().take(limit + 1).read_to_end(&mut text),
            Compression::Gzip => gzip::Members::new(&mut packed).take(limit + 1).read_to_end(&mut text),
            Compression::Zstd => zstd::stream::read::Decoder::with_buffer(&mut packed)
                .and_then(|decoder| decoder.take(limit + 1).read_to_end(&mut text)),
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_longer = text.len() > limit;
        text.truncate(limit);
        Ok(Prefix { text, digest: packed.finish(), broken: read.err(), is_longer })
    }

    /// Reads the bytes as they lie on disk, for their count and hash alone.
    pub fn digest(&self, progress: &Progress) -> Result<SourceDigest> {
        let mut packed = self.packed(progress)?;
        io::copy(&mut packed, &mut io::sink()).map_err(|error| Error::io(&self.path, "read", &error))?;
        Ok(packed.finish())
    }

    fn packed(&self, progress: &Progress) -> Result<HashedReader<Box<dyn Read + Send>>> {
        let stream: Box<dyn Read + Send> = match self.path == Path::new("-") {
            true => Box::new(io::stdin()),
            false => Box::new(File::open(&self.path).map_err(|error| Error::io(&self.path, "open", &error))?),
        };
        Ok(HashedReader::new(stream, self.is_hashed, progress).sized(self.size))
    }
}

impl Compression {
    /// By the end of the name.
    pub fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz" | "GZ" | "gzip") => Self::Gzip,
            Some("zst" | "zstd" | "ZST") => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

impl Iterator for Chunks {
    type Item = io::Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        self.receiver.as_ref()?.recv().ok()
    }
}

impl Chunks {
    /// The next chunk, if it is there already.
    pub fn ready(&mut self) -> Option<io::Result<Chunk>> {
        self.receiver.as_ref()?.try_recv().ok()
    }

    /// What was read in all, once the last chunk (or an error) has been taken.
    pub fn finish(mut self) -> Result<SourceDigest> {
        drop(self.receiver.take());
        let reader = self.reader.take().ok_or_else(|| Error::internal("a reader finished twice"))?;
        reader.join().map_err(|_| Error::failure(&self.path, "the reading thread broke off"))
    }
}

/// Maps `length` bytes of a file from `offset` on.
#[expect(unsafe_code, reason = "memory maps are the way to read large files without copying")]
pub(crate) fn map(file: &File, offset: u64, length: usize) -> io::Result<Mmap> {
    // SAFETY: the map is read-only and never turned into anything that relies on the bytes staying
    // the same: all that is read from it is checked as if it came from a stream. If another process
    // truncates the file meanwhile, the system ends this one with a bus error; no answer is given.
    unsafe { MmapOptions::new().offset(offset).len(length).map(file) }
}
