//! One input file as decompressed text, in chunks that end where a record ends.
//!
//! A background thread reads the file, decompresses it, hashes the bytes on disk and sends chunks of about
//! [`CHUNK_BYTES`] through a short queue. Decompressing and parsing overlap, and memory stays bounded whatever the
//! size of the input. Each format brings a [`Cutter`] that knows where its records end. The cuts depend on the text
//! alone and not on how much each read returned, so every run is the same. A line longer than [`LINE_BYTES`] is never
//! kept in memory as a whole; it is one faulty record.
//!
//! Inputs are read and never mapped into memory: a file that gets shorter meanwhile is an error and not a crash. A
//! regular file is compared with the first look at it, when it is opened and again after it was read. A stream can be
//! read only once, so what a first look took from it is kept.
//!
//! Packed files may have many members, which are one text. If a stream breaks off, the text before the break is good.
//! If the checksum of a member is wrong, that member must not be used ([`ReadError::is_corrupt`],
//! [`Chunks::proved`]).

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::sync_channel;

use crate::error::{Error, Hint, Result};
use crate::progress::Progress;
use crate::threads::check_may_wait;
use crate::time::Moment;

mod broken;
mod chunk;
mod digest;
mod identity;
mod packed;
mod pump;
mod stream;
mod utf16;

pub use broken::ReadError;
pub use chunk::{Chunk, Chunks, Cutter, LineCutter, Proof};
use digest::HashedReader;
pub(crate) use digest::hexadecimal;
pub(crate) use identity::Identity;
pub(crate) use packed::Compression;
use packed::UnpackedText;
use pump::{Opened, read};
use stream::{Bytes, Once};
use utf16::DecodedText;

/// Target size of a chunk in bytes of text.
pub(crate) const CHUNK_BYTES: usize = 1 << 20;
/// The longest line that is read. The [`Cutter`] decides whether a longer one is skipped or an error.
pub(crate) const LINE_BYTES: usize = 4 << 20;
/// Bytes that tell how a file is packed. A reader gives at least so many at once, unless the file is shorter.
const MARK_BYTES: usize = 512;
/// Chunks that may wait in the queue.
const QUEUE: usize = 4;

/// An input file or standard input, not yet opened.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as the user named it; `-` is standard input.
    pub(crate) path: PathBuf,
    /// How it is packed.
    pub(crate) compression: Compression,
    /// Size on disk in bytes, if it is a regular file.
    pub(crate) size: Option<u64>,
    /// When the file was last changed.
    pub(crate) modified: Option<Moment>,
    /// Whether its bytes are hashed as they are read.
    pub(crate) is_hashed: bool,
    /// Which file it was at the first look; none for a stream.
    identity: Option<Identity>,
    /// Whether opening it is an error if it is a stream.
    only_regular: bool,
    /// The start of the stream, once it was looked at.
    once: Once,
}

/// Size and hash of a file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceDigest {
    /// Bytes read from disk.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes, lower-case hexadecimal; empty if they were not hashed.
    pub(crate) sha256: String,
}

/// The first part of a text, for a look at its form.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// The text up to the limit, or up to where it cannot be read.
    pub text: Vec<u8>,
    /// Whether this is all of the text.
    pub is_whole: bool,
    /// Whether the file is packed.
    pub(crate) is_packed: bool,
    /// Why reading stopped before the limit and the end.
    pub broken: Option<ReadError>,
}

impl Head {
    /// The head of a short text.
    pub fn whole(text: &[u8]) -> Self {
        Self { text: text.to_vec(), is_whole: true, ..Self::default() }
    }
}

/// The usable beginning of a text.
#[derive(Debug)]
pub(crate) struct Prefix {
    /// The text up to the limit, or up to where reading stopped. Of a corrupt file it is only what is proved.
    pub(crate) text: Vec<u8>,
    /// Size and hash of what was read from disk for it.
    pub(crate) digest: SourceDigest,
    /// Why reading stopped before the end.
    pub(crate) broken: Option<ReadError>,
    /// Whether the text goes on beyond the limit.
    pub(crate) is_longer: bool,
}

impl Source {
    /// A source for a path, without a look at the file.
    pub(crate) fn named(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            compression: Compression::of(path),
            size: None,
            modified: None,
            is_hashed: true,
            identity: None,
            only_regular: false,
            once: Once::default(),
        }
    }

    /// Looks at a path without reading the file. A missing path or a directory is an error.
    pub fn stat(path: &Path) -> Result<Self> {
        let mut source = Self::named(path);
        if source.is_standard_input() {
            return Ok(source);
        }
        let metadata = std::fs::metadata(path).map_err(|error| Error::io(path, "open", &error))?;
        if metadata.is_dir() {
            return Err(Error::failure(path, "expected a file, found a directory").hint(Hint::NameFile));
        }
        source.identity = Identity::of(&metadata);
        source.size = source.identity.map(|_| metadata.len());
        source.modified = metadata.modified().ok().and_then(|time| {
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(Moment(i64::try_from(since.as_micros()).ok()?))
        });
        Ok(source)
    }

    /// Whether it is a pipe, a device or standard input. Such a source can be read only once and may never end.
    pub(crate) fn is_stream(&self) -> bool {
        self.identity.is_none()
    }

    /// Makes opening it an error if it is a stream. Used for files that the user did not name, but a directory holds.
    #[must_use]
    pub(crate) fn only_if_regular(mut self) -> Self {
        self.only_regular = true;
        self
    }

    fn is_standard_input(&self) -> bool {
        self.path == Path::new("-")
    }

    /// Leaves out the hash.
    #[must_use]
    pub(crate) fn unhashed(mut self) -> Self {
        self.is_hashed = false;
        self
    }

    /// The file's name without directories and without the ending of the compression.
    pub(crate) fn stem(&self) -> String {
        stem_of(&self.path)
    }

    /// Reads the source on another thread.
    pub fn chunks(&self, cutter: impl Cutter + 'static, progress: &Progress) -> Result<Chunks> {
        self.read_aside(self.open()?, cutter, progress, QUEUE)
    }

    /// Reads the start of the source, which can be read again later. Of a stream a few megabytes are read and kept
    /// for [`Source::chunks`]; a file is read as long as the caller takes chunks.
    pub fn look(&self, cutter: impl Cutter + 'static) -> Result<Chunks> {
        // what is read ahead here is read for nothing
        if !self.is_stream() {
            return self.clone().unhashed().read_aside(self.open()?, cutter, &Progress::hidden(), 0);
        }
        check_may_wait()?;
        let looked = self.once.look(|| self.open_stream());
        let bytes = looked.map_err(|error| Error::io(&self.path, "read", &error))?;
        self.read_aside(Opened { bytes, file: None }, cutter, &Progress::hidden(), 0)
    }

    /// Reads the start of the text on this thread, at most `limit` bytes. It can be read again later. What cannot be
    /// read is left to that later reading.
    pub fn head(&self, limit: u64) -> Result<Head> {
        let bytes = if self.is_stream() && !self.only_regular {
            let looked = self.once.look(|| self.open_stream());
            looked.map_err(|error| Error::io(&self.path, "read", &error))?
        } else {
            self.open()?.bytes
        };
        let mut packed = HashedReader::new(bytes, false, &Progress::hidden()).sized(self.size);
        let mut text = Vec::new();
        let mut decoded = DecodedText::new(UnpackedText::new(self.compression, &mut packed));
        let read = decoded.by_ref().take(limit + 1).read_to_end(&mut text);
        let is_whole = read.is_ok() && text.len() as u64 <= limit;
        text.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let broken = read.err().map(|error| ReadError::of(&error, text.len() as u64, decoded.proved()));
        Ok(Head { text, is_whole, is_packed: decoded.is_packed(), broken })
    }

    fn read_aside(
        &self,
        opened: Opened,
        cutter: impl Cutter + 'static,
        progress: &Progress,
        queue: usize,
    ) -> Result<Chunks> {
        check_may_wait()?;
        let (sender, receiver) = sync_channel(queue);
        let (source, progress, proved) = (self.clone(), progress.clone(), Arc::new(AtomicU64::new(0)));
        let shared = Arc::clone(&proved);
        let reader = std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || {
                let mut hand_over = |chunk| sender.send(chunk).is_ok();
                read(opened, &source, cutter, &progress, &shared, &mut hand_over)
            })
            .map_err(|error| Error::io(&self.path, "start a reading thread for", &error))?;
        Ok(Chunks::new(self.path.clone(), receiver, reader, proved))
    }

    fn open(&self) -> Result<Opened> {
        let failed = |error: io::Error| Error::io(&self.path, "open", &error);
        if let Some(bytes) = self.once.take() {
            return Ok(Opened { bytes, file: None });
        }
        let Some(identity) = self.identity else {
            if self.only_regular {
                let what = "neither a file nor a directory; only files are read from a directory";
                return Err(Error::failure(&self.path, what).hint("name a pipe itself to read it"));
            }
            return Ok(Opened { bytes: self.open_stream().map_err(failed)?, file: None });
        };
        let file = Arc::new(File::open(&self.path).map_err(failed)?);
        identity.check_opened(&file).map_err(|error| error.at(&self.path))?;
        Ok(Opened { bytes: Box::new(Arc::clone(&file)), file: Some(file) })
    }

    fn open_stream(&self) -> io::Result<Bytes> {
        Ok(match self.is_standard_input() {
            true => Box::new(io::stdin()),
            false => Box::new(File::open(&self.path)?),
        })
    }

    /// Reads the whole text on this thread. More than `limit` bytes are an error.
    #[cfg(any(test, feature = "fetch"))]
    pub(crate) fn read_to_end(&self, limit: u64) -> Result<(Vec<u8>, SourceDigest)> {
        let prefix = self.read_prefix(limit)?;
        match prefix.broken {
            Some(error) => Err(error.at(&self.path)),
            None if prefix.is_longer => {
                Err(Error::failure(&self.path, format!("longer than the limit of {limit} bytes")))
            }
            None => Ok((prefix.text, prefix.digest)),
        }
    }

    /// Reads the usable beginning of the text on this thread, at most `limit` bytes.
    pub(crate) fn read_prefix(&self, limit: u64) -> Result<Prefix> {
        let (mut packed, file) = self.packed(&Progress::hidden())?;
        let mut text = Vec::new();
        let mut unpacked = DecodedText::new(UnpackedText::new(self.compression, &mut packed));
        let read = unpacked.by_ref().take(limit + 1).read_to_end(&mut text);
        let proved = unpacked.proved();
        let is_longer = text.len() as u64 > limit;
        let is_whole = read.is_ok() && !is_longer;
        let mut broken = read.err().map(|error| ReadError::of(&error, text.len() as u64, proved));
        let is_same = match (self.identity, &file) {
            (Some(identity), Some(file)) => {
                identity.check_read(file, if is_whole { packed.bytes_read() } else { u64::MAX })
            }
            _ => Ok(()),
        };
        let mut usable = text.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
        if is_longer || broken.as_ref().is_some_and(ReadError::is_corrupt) {
            usable = usable.min(usize::try_from(proved).unwrap_or(usize::MAX));
        }
        if let Err(error) = is_same {
            (usable, broken) = (0, Some(error));
        }
        text.truncate(usable);
        Ok(Prefix { text, digest: packed.finish(), broken, is_longer })
    }

    /// Reads the bytes on disk only for their count and hash.
    pub(crate) fn digest(&self, progress: &Progress) -> Result<SourceDigest> {
        let (mut packed, file) = self.packed(progress)?;
        io::copy(&mut packed, &mut io::sink()).map_err(|error| Error::io(&self.path, "read", &error))?;
        self.check_read(file.as_deref(), packed.bytes_read())?;
        Ok(packed.finish())
    }

    /// How many bytes of text match their checksums: all, unless a packed file is corrupt.
    pub(crate) fn proved_bytes(&self) -> Result<u64> {
        let (mut packed, _) = self.packed(&Progress::hidden())?;
        let mut text = DecodedText::new(UnpackedText::new(self.compression, &mut packed));
        let read = io::copy(&mut text, &mut io::sink());
        match read {
            // if the stream breaks off, the text before the break is good
            Err(error) if ReadError::of(&error, u64::MAX, 0).is_corrupt() => Ok(text.proved()),
            _ => Ok(u64::MAX),
        }
    }

    fn check_read(&self, file: Option<&File>, bytes: u64) -> Result<()> {
        let (Some(identity), Some(file)) = (self.identity, file) else { return Ok(()) };
        identity.check_read(file, bytes).map_err(|error| error.at(&self.path))
    }

    fn packed(&self, progress: &Progress) -> Result<(HashedReader<Bytes>, Option<Arc<File>>)> {
        let Opened { bytes, file } = self.open()?;
        Ok((HashedReader::new(bytes, self.is_hashed, progress).sized(self.size), file))
    }
}

/// The name of a file without directories and without the ending of the compression.
pub(crate) fn stem_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match (Compression::of(path), name.rfind('.')) {
        (Compression::Gzip | Compression::Zstd, Some(at)) => name[..at].to_owned(),
        _ => name,
    }
}
