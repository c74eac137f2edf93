//! The bytes of a file as they are on disk, counted and hashed while they are read.
//!
//! Decompression is the bottleneck of a run. So the thread that decompresses a file leaves the hashing to another
//! thread. Files that are not packed are read straight into the chunks and hashed by the reading thread itself. So
//! are files that a worker of the rayon pool reads, because a worker must not wait for another thread.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};

use super::{MARK_BYTES, SourceDigest};
use crate::progress::Progress;

/// Bytes of the file taken by one read.
const BLOCK_BYTES: usize = 256 << 10;
/// Blocks that may wait to be hashed.
const QUEUE: usize = 8;

/// A buffered reader that counts and hashes what it reads.
pub(super) struct HashedReader<R> {
    inner: R,
    block: Arc<Vec<u8>>,
    block_bytes: usize,
    at: usize,
    bytes: u64,
    hasher: Hasher,
    /// Whether another thread may do the hashing.
    is_aside: bool,
    progress: Progress,
}

enum Hasher {
    Off,
    Here(Sha256),
    Aside(SyncSender<Arc<Vec<u8>>>, JoinHandle<Sha256>),
}

impl<R: Read> HashedReader<R> {
    pub(super) fn new(inner: R, is_hashed: bool, progress: &Progress) -> Self {
        let hasher = if is_hashed { Hasher::Here(Sha256::new()) } else { Hasher::Off };
        let block_bytes = BLOCK_BYTES;
        Self {
            inner,
            block: Arc::default(),
            block_bytes,
            at: 0,
            bytes: 0,
            hasher,
            is_aside: false,
            progress: progress.clone(),
        }
    }

    /// Uses a small block for a small file, because some runs read millions of them.
    pub(super) fn sized(mut self, bytes: Option<u64>) -> Self {
        let whole = bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(BLOCK_BYTES);
        self.block_bytes = whole.clamp(1, BLOCK_BYTES);
        self
    }

    /// Lets another thread do the hashing if there is more than one block.
    pub(super) fn hashed_aside(mut self) -> Self {
        self.is_aside = true;
        self
    }

    /// Bytes read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// Reads once; repeats the read if a signal interrupts it.
    fn read_some(inner: &mut R, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match inner.read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    /// Count and hash of everything read.
    pub(super) fn finish(self) -> SourceDigest {
        let hash = match self.hasher {
            Hasher::Off => return SourceDigest { bytes: self.bytes, sha256: String::new() },
            Hasher::Here(hash) => hash,
            Hasher::Aside(sender, worker) => {
                drop(sender);
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        };
        SourceDigest { bytes: self.bytes, sha256: hexadecimal(&hash.finalize()) }
    }
}

impl Hasher {
    fn update(&mut self, block: &Arc<Vec<u8>>, may_move: bool) {
        if let Self::Here(hash) = self
            && may_move
        {
            let (sender, receiver) = sync_channel::<Arc<Vec<u8>>>(QUEUE);
            let mut moved = hash.clone();
            let spawned = std::thread::Builder::new().name("hasher".into()).spawn(move || {
                receiver.iter().for_each(|block| moved.update(block.as_slice()));
                moved
            });
            if let Ok(worker) = spawned {
                *self = Self::Aside(sender, worker);
            }
        }
        match self {
            Self::Off => {}
            Self::Here(hash) => hash.update(block.as_slice()),
            // if the hashing thread has panicked, `finish` passes the panic on
            Self::Aside(sender, _) => drop(sender.send(Arc::clone(block))),
        }
    }
}

impl<R: Read> BufRead for HashedReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.len() {
            let mut bytes = vec![0; self.block_bytes];
            let mut read = Self::read_some(&mut self.inner, &mut bytes)?;
            // a pipe may give the first bytes one by one
            while self.bytes == 0 && (1..MARK_BYTES.min(bytes.len())).contains(&read) {
                match Self::read_some(&mut self.inner, &mut bytes[read..])? {
                    0 => break,
                    more => read += more,
                }
            }
            bytes.truncate(read);
            self.block = Arc::new(bytes);
            self.at = 0;
            if read > 0 {
                self.hasher.update(&self.block, self.is_aside && self.bytes > 0);
                self.bytes += read as u64;
                self.progress.advance(read as u64);
            }
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.block.len());
    }
}

impl<R: Read> Read for HashedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at < self.block.len() || buffer.len() < self.block_bytes {
            let read = self.fill_buf()?.read(buffer)?;
            self.consume(read);
            return Ok(read);
        }
        let read = Self::read_some(&mut self.inner, buffer)?;
        match &mut self.hasher {
            Hasher::Off => {}
            Hasher::Here(hash) => hash.update(&buffer[..read]),
            Hasher::Aside(..) => self.hasher.update(&Arc::new(buffer[..read].to_vec()), false),
        }
        self.bytes += read as u64;
        self.progress.advance(read as u64);
        Ok(read)
    }
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
