//! One input file as decompressed text, in chunks cut where a record ends.
//!
//! A background thread reads the file, inflates it, hashes the bytes as they lie on disk, and
//! hands over chunks of about [`CHUNK_BYTES`] through a short queue, so that inflating and parsing
//! overlap and memory stays bounded whatever the size of the input. Where a record ends is the
//! format's business: it brings a [`Cutter`]. The cut depends on the text alone, never on how the
//! reads happened to fall, so a run repeats. A line longer than [`LINE_BYTES`] is never read whole: it is one faulty
//! record.
//!
//! Inputs are read, never mapped: a file that is cut short meanwhile is then an error and no bus error. A regular
//! file must be, when it is opened and when it was read, the one that was looked at first; a stream that
//! can be read only once keeps what was looked at.
//!
//! Packed files are read member by member ([`packed`]): many members are one text. A stream that breaks off gives the text
//! before; of a member whose checksum is wrong, nothing may be used ([`ReadError::is_corrupt`], [`Chunks::proved`]).

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::sync_channel;

use crate::error::{Error, Result};
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

pub use broken::{ReadError, ReadErrorKind};
pub use chunk::{Chunk, Chunks, Cutter, LineCutter, Proof};
use digest::HashedReader;
pub use digest::hexadecimal;
pub use identity::Identity;
use pump::{Opened, Text, read};
use stream::{Bytes, Once};

/// Target size of a chunk in bytes of text.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Longest line that is read; what is longer is passed over or an error, as the [`Cutter`] says.
pub const LINE_BYTES: usize = 4 << 20;
/// Chunks that may wait between the reading thread and whoever takes them.
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
    /// Which file it was when it was looked at; none for a stream.
    identity: Option<Identity>,
    /// Whether it is never opened if it is a stream.
    only_regular: bool,
    /// The stream, once it was looked at.
    once: Once,
}

/// What the reading thread knows when it is through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDigest {
    /// Bytes read from disk.
    pub bytes: u64,
    /// SHA-256 of these bytes, lower-case hexadecimal; empty if they were not hashed.
    pub sha256: String,
}

/// As much of a text as can be used.
#[derive(Debug)]
pub struct Prefix {
    /// The text, up to the limit or to where reading stopped; of a corrupt file what is proved.
    pub text: Vec<u8>,
    /// What was read for it from disk.
    pub digest: SourceDigest,
    /// Why reading stopped before the end.
    pub broken: Option<ReadError>,
    /// Whether the text goes on beyond the limit.
    pub is_longer: bool,
}

impl Source {
    /// A path that is not looked at.
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

    /// Looks at a path, without reading it. A directory, or a path that is not there, is an error.
    pub fn find(path: &Path) -> Result<Self> {
        let mut source = Self::named(path);
        if source.is_standard_input() {
            return Ok(source);
        }
        let metadata = std::fs::metadata(path).map_err(|error| Error::io(path, "open", &error))?;
        if metadata.is_dir() {
            return Err(Error::failure(path, "expected a file, found a directory")
                .hint("name a file here; directories are taken by `--zones` and `--rdap`"));
        }
        source.identity = Identity::of(&metadata);
        source.size = source.identity.map(|_| metadata.len());
        source.modified = metadata.modified().ok().and_then(|time| {
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(Moment(i64::try_from(since.as_micros()).ok()?))
        });
        Ok(source)
    }

    /// Whether it is a pipe, a device or standard input: it may never end, and can be read only once.
    pub fn is_stream(&self) -> bool {
        self.identity.is_none()
    }

    /// The same source; if it is a stream, opening it is an error. For what was not named, but found in a directory.
    #[must_use]
    pub fn only_if_regular(mut self) -> Self {
        self.only_regular = true;
        self
    }

    fn is_standard_input(&self) -> bool {
        self.path == Path::new("-")
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
        self.read_aside(self.open()?, cutter, progress, QUEUE)
    }

    /// Reads the start of the source, to be read again: of a stream a few megabytes, which are kept for
    /// [`Source::chunks`], else as far as somebody listens.
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
        let told = Arc::clone(&proved);
        let reader = std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || {
                let mut hand_over = |chunk| sender.send(chunk).is_ok();
                read(opened, &source, cutter, &progress, &told, &mut hand_over)
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
                let what = "neither a file nor a directory: in a directory only files are read";
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

    /// Reads the whole text, at most `limit` bytes of it, on this thread.
    pub fn read_to_end(&self, limit: u64) -> Result<(Vec<u8>, SourceDigest)> {
        let prefix = self.read_prefix(limit)?;
        match prefix.broken {
            Some(error) => Err(error.at(&self.path)),
            None if prefix.is_longer => {
                Err(Error::failure(&self.path, format!("longer than the limit of {limit} bytes")))
            }
            None => Ok((prefix.text, prefix.digest)),
        }
    }

    /// Reads as much of the text as can be used, at most `limit` bytes of it, on this thread.
    pub fn read_prefix(&self, limit: u64) -> Result<Prefix> {
        let (mut packed, file) = self.packed(&Progress::hidden())?;
        let mut text = Vec::new();
        let (read, proved) = match self.compression {
            Compression::Plain => (packed.by_ref().take(limit + 1).read_to_end(&mut text), u64::MAX),
            Compression::Gzip => {
                let mut members = packed::Members::gzip(&mut packed);
                (members.by_ref().take(limit + 1).read_to_end(&mut text), members.proved())
            }
            Compression::Zstd => {
                let mut members = packed::Members::zstd(&mut packed);
                (members.by_ref().take(limit + 1).read_to_end(&mut text), members.proved())
            }
        };
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

    /// Reads the bytes as they lie on disk, for their count and hash alone.
    pub fn digest(&self, progress: &Progress) -> Result<SourceDigest> {
        let (mut packed, file) = self.packed(progress)?;
        io::copy(&mut packed, &mut io::sink()).map_err(|error| Error::io(&self.path, "read", &error))?;
        self.check_read(file.as_deref(), packed.bytes_read())?;
        Ok(packed.finish())
    }

    /// Bytes of the text that fit their checksums: all, unless a packed file is corrupt.
    pub fn proved_bytes(&self) -> Result<u64> {
        let (mut packed, _) = self.packed(&Progress::hidden())?;
        let read = |text: &mut dyn Read| io::copy(text, &mut io::sink());
        let (read, proved) = match self.compression {
            Compression::Plain => return Ok(u64::MAX),
            Compression::Gzip => {
                let mut text = packed::Members::gzip(&mut packed);
                (read(&mut text), text.proved())
            }
            Compression::Zstd => {
                let mut text = packed::Members::zstd(&mut packed);
                (read(&mut text), text.proved())
            }
        };
        match read {
            // of a stream that breaks off, the text before stands
            Err(error) if ReadError::of(&error, u64::MAX, 0).is_corrupt() => Ok(proved),
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
