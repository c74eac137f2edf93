//! Sorted lines in a file without a name.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::AccountUrgency;
use super::lines::Lines;
use crate::error::{Error, Result};
use crate::merge::SortedRun;

/// The level of compression: lines are written and read once.
const LEVEL: i32 = 1;
/// How far back the compression looks, as a power of two: each run that is read holds so much in memory.
const WINDOW_LOG: u32 = 17;

/// A sorted run on disk.
#[derive(Debug)]
pub(super) struct LineRun {
    file: File,
    lines: u64,
    directory: PathBuf,
}

/// Writes a run.
pub(super) struct LineRunWriter {
    out: zstd::Encoder<'static, BufWriter<File>>,
    lines: u64,
    directory: PathBuf,
}

impl LineRunWriter {
    /// A run in this directory.
    pub(super) fn create(directory: &Path) -> Result<Self> {
        let create = || {
            let file = BufWriter::new(tempfile::tempfile_in(directory)?);
            let mut out = zstd::Encoder::new(file, LEVEL)?;
            out.window_log(WINDOW_LOG)?;
            Ok(out)
        };
        let out = create().map_err(|error| cannot("write", directory, &error))?;
        Ok(Self { out, lines: 0, directory: directory.to_path_buf() })
    }

    /// Appends the next line.
    pub(super) fn push(&mut self, urgency: AccountUrgency, line: &[u8]) -> Result<()> {
        let Self { out, lines, directory } = self;
        *lines += 1;
        let (urgency, length) = (urgency.to_bytes(), (line.len() as u32).to_le_bytes());
        let parts = [urgency.as_slice(), &length, line];
        let written = parts.into_iter().try_for_each(|part| out.write_all(part));
        written.map_err(|error| cannot("write", directory, &error))
    }

    /// The whole run.
    pub(super) fn finish(self) -> Result<LineRun> {
        let Self { out, lines, directory } = self;
        let file = out.finish().and_then(|file| file.into_inner().map_err(io::Error::from));
        let file = file.map_err(|error| cannot("write", &directory, &error))?;
        Ok(LineRun { file, lines, directory })
    }
}

impl LineRun {
    /// Reads it from its beginning; one reader at a time.
    pub(super) fn read(&self) -> Result<RunOfLines<'_>> {
        let open = || {
            let mut file = &self.file;
            file.seek(SeekFrom::Start(0))?;
            zstd::Decoder::new(file)
        };
        let lines = open().map_err(|error| cannot("read", &self.directory, &error))?;
        let source = LinesOfRun::File { lines, left: self.lines, directory: &self.directory };
        Ok(RunOfLines { urgency: AccountUrgency::default(), line: Vec::new(), source })
    }
}

fn cannot(doing: &str, directory: &Path, error: &io::Error) -> Error {
    Error::io(directory, &format!("{doing} temporary files"), error)
}

/// A run that is being merged.
pub(super) struct RunOfLines<'r> {
    /// The urgency of the line it is at.
    pub(super) urgency: AccountUrgency,
    /// That line.
    pub(super) line: Vec<u8>,
    source: LinesOfRun<'r>,
}

/// Where the lines of a run come from.
enum LinesOfRun<'r> {
    File { lines: zstd::Decoder<'r, BufReader<&'r File>>, left: u64, directory: &'r Path },
    Memory(Box<dyn Iterator<Item = (AccountUrgency, &'r [u8])> + 'r>),
}

impl<'r> RunOfLines<'r> {
    /// Sorted lines in memory as a run.
    pub(super) fn of(lines: &'r Lines) -> Self {
        let source = LinesOfRun::Memory(Box::new(lines.iter()));
        Self { urgency: AccountUrgency::default(), line: Vec::new(), source }
    }

    fn read_line(&mut self) -> io::Result<bool> {
        match &mut self.source {
            LinesOfRun::Memory(lines) => {
                let Some((urgency, line)) = lines.next() else { return Ok(false) };
                self.urgency = urgency;
                self.line.clear();
                self.line.extend_from_slice(line);
            }
            LinesOfRun::File { left: 0, .. } => return Ok(false),
            LinesOfRun::File { lines, left, .. } => {
                *left -= 1;
                let (mut urgency, mut length) = ([0; AccountUrgency::BYTES], [0; 4]);
                lines.read_exact(&mut urgency)?;
                lines.read_exact(&mut length)?;
                self.urgency = AccountUrgency::from_bytes(urgency);
                self.line.resize(u32::from_le_bytes(length) as usize, 0);
                lines.read_exact(&mut self.line)?;
            }
        }
        Ok(true)
    }
}

impl SortedRun for RunOfLines<'_> {
    fn advance(&mut self) -> Result<bool> {
        let read = self.read_line();
        read.map_err(|error| match &self.source {
            LinesOfRun::File { directory, .. } => cannot("read", directory, &error),
            LinesOfRun::Memory(_) => Error::internal(error),
        })
    }

    fn order(&self, other: &Self) -> Ordering {
        self.urgency.cmp(&other.urgency)
    }
}
