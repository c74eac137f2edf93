//! Taking the census: files → chunks → rows → spool.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::batch::{Batch, Parsed};
use super::interner::Interner;
use super::rows::{Rejected, Rows};
use super::spool::{Spool, SpoolReader};
use crate::error::{Error, Result};
use crate::input::accounts::{
    AccountFormat, AccountLayout, AccountSink, ColumnNames, RecordCounts, header_too_long, parquet,
};
use crate::input::source::{Chunk, ReadError, Source, SourceDigest};
use crate::name::{MailDomain, Rejection, SuffixList};
use crate::progress::Progress;
use crate::threads::{beside_the_pool, workers};

/// Chunks parsed side by side in one go, for each thread.
const WAVE: usize = 4;

/// A file of accounts.
#[derive(Debug, Clone)]
pub struct AccountSource {
    /// The file.
    pub source: Source,
    /// How it is written.
    pub format: AccountFormat,
}

/// What to take of each row.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which column holds what.
    pub columns: ColumnNames,
    /// Make a row of each address in a field that holds several.
    pub split_addresses: bool,
    /// Keep the address.
    pub keep_email: bool,
    /// Keep the address's HMAC-SHA-256 under this key.
    pub hash_key: Option<Vec<u8>>,
}

/// What is known of a file of accounts that was read.
#[derive(Debug, Clone)]
pub struct AccountFile {
    /// The file as the user named it.
    pub path: PathBuf,
    /// How it was read.
    pub format: AccountFormat,
    /// Bytes on disk.
    pub bytes: u64,
    /// SHA-256 of these bytes.
    pub sha256: String,
    /// Data records.
    pub rows: u64,
    /// Rows more than records, where a record with several addresses became several rows. Accepted and rejected rows
    /// together are as many as records and these.
    pub added_by_split: u64,
    /// Rows accepted.
    pub accepted: u64,
    /// Rows rejected, by the number of their reason.
    pub rejected: [u64; Rejection::ALL.len()],
    /// Its lines; none of Parquet.
    pub lines: Option<FileLines>,
}

/// The lines of a text file, counted apart from its records.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileLines {
    /// All of them, by their line ends.
    pub lines: u64,
    /// Those before the data.
    pub header: u64,
    /// What the records say of the others.
    pub records: RecordCounts,
    /// Whether something follows the last line end, as if the export had broken off.
    pub ends_without_line_end: bool,
}

impl FileLines {
    /// Adds the lines of the next piece.
    fn add(&mut self, next: Self) {
        self.lines += next.lines;
        self.header += next.header;
        self.records += next.records;
        self.ends_without_line_end = next.ends_without_line_end;
    }

    /// Rows are counted twice, by records and by line ends: the difference would be accounts that nobody judged.
    fn check(&self, path: &Path) -> Result<()> {
        let told = self.header + self.records.lines();
        if self.lines == told {
            return Ok(());
        }
        let path = path.display();
        Err(Error::internal(format!("{} lines of `{path}` became records of {told} lines", self.lines)))
    }
}

/// Every row taken.
#[derive(Debug)]
pub struct Census {
    /// The distinct mail domains, in the order of their numbers.
    pub mail_domains: Vec<MailDomain>,
    /// The accepted rows, in input order.
    pub rows: SpoolReader<Rows>,
    /// The rejected rows, in input order.
    pub rejected: SpoolReader<Rejected>,
    /// The files, in the order given.
    pub files: Vec<AccountFile>,
}

/// Takes the census of these files; the spools go to `directory`.
pub fn take(
    sources: &[AccountSource],
    options: &Options,
    suffixes: &SuffixList,
    directory: &Path,
    progress: &Progress,
) -> Result<Census> {
    let interner = Interner::new(suffixes);
    let mut taker = Taker {
        options,
        interner: &interner,
        collected: Collected {
            rows: Spool::create(directory)?,
            rejected: Spool::create(directory)?,
            files: Vec::new(),
        },
    };
    for source in sources {
        taker.take_file(source, progress)?;
    }
    let Collected { rows, rejected, files } = taker.collected;
    let (rows, rejected) = (rows.finish()?, rejected.finish()?);
    Ok(Census { mail_domains: interner.into_domains(), rows, rejected, files })
}

struct Taker<'a> {
    options: &'a Options,
    interner: &'a Interner<'a>,
    collected: Collected,
}

/// The rows that are spooled, and the files they came from.
struct Collected {
    rows: Spool<Rows>,
    rejected: Spool<Rejected>,
    files: Vec<AccountFile>,
}

impl Taker<'_> {
    fn take_file(&mut self, file: &AccountSource, progress: &Progress) -> Result<()> {
        self.collected.files.push(AccountFile {
            path: file.source.path.clone(),
            format: file.format,
            bytes: 0,
            sha256: String::new(),
            rows: 0,
            added_by_split: 0,
            accepted: 0,
            rejected: [0; Rejection::ALL.len()],
            lines: (file.format != AccountFormat::Parquet).then(FileLines::default),
        });
        let digest = match file.format {
            AccountFormat::Parquet => self.take_parquet(&file.source, progress)?,
            format => self.take_text(&file.source, format, progress)?,
        };
        let Some(taken) = self.collected.files.last_mut() else { return Ok(()) };
        taken.bytes = digest.bytes;
        taken.sha256 = digest.sha256;
        taken.lines.map_or(Ok(()), |lines| lines.check(&taken.path))
    }

    fn take_text(
        &mut self,
        source: &Source,
        format: AccountFormat,
        progress: &Progress,
    ) -> Result<SourceDigest> {
        let mut chunks = source.chunks(format.cutter(&self.options.columns), progress)?;
        let wave = WAVE * workers();
        let (options, interner, number) = (self.options, self.interner, self.collected.number());
        let mut layout: Option<(AccountLayout, usize)> = None;
        let mut parsed: Vec<Parsed> = Vec::new();
        loop {
            let mut texts: Vec<(Chunk, usize)> = Vec::with_capacity(wave);
            while texts.len() < wave
                && let Some(chunk) = chunks.next()
            {
                let chunk = chunk.map_err(|error| self.broken(source, &error))?;
                let start = match &layout {
                    Some(_) => 0,
                    None if chunk.is_overlong && format.has_header() => {
                        return Err(header_too_long(&source.path));
                    }
                    None if chunk.is_overlong => 0,
                    None => {
                        let read = AccountLayout::read(format, &chunk, &self.options.columns, &source.path)?;
                        layout.insert(read).1
                    }
                };
                texts.push((chunk, start));
            }
            let done = texts.is_empty();
            let parse = |(chunk, start): &(Chunk, usize)| {
                let mut batch = Batch::new(options, interner, number);
                if chunk.is_overlong {
                    batch.malformed(1, None);
                    let records = RecordCounts { rows: 1, ..RecordCounts::default() };
                    return batch.parsed(FileLines { lines: 1, records, ..FileLines::default() });
                }
                let Some((layout, _)) = &layout else { return batch.parsed(FileLines::default()) };
                let records = layout.parse(&chunk[*start..], &mut batch);
                let lines = layout.count_lines(chunk);
                let header = lines - layout.count_lines(&chunk[*start..]);
                let ends_without_line_end = layout.is_open(chunk);
                batch.parsed(FileLines { lines, header, records, ends_without_line_end })
            };
            // the rows of the last wave go to the spool while this one is parsed
            let spooled = std::mem::take(&mut parsed);
            let collected = &mut self.collected;
            let (appended, next) = beside_the_pool(
                || texts.par_iter().map(parse).with_max_len(1).collect(),
                || spooled.into_iter().try_for_each(|batch| collected.append(batch)),
            );
            appended?;
            parsed = next;
            if done {
                break;
            }
        }
        if layout.is_none() && self.collected.files.last().is_none_or(|file| file.rows == 0) {
            AccountLayout::read(format, b"", &self.options.columns, &source.path)?;
            return Err(Error::failure(&source.path, "empty, expected accounts")
                .hint("check the export; with an empty file everybody would look safe"));
        }
        chunks.finish()
    }

    fn take_parquet(&mut self, source: &Source, progress: &Progress) -> Result<SourceDigest> {
        let mut reader = parquet::ParquetAccounts::open(source, &self.options.columns)?;
        loop {
            let mut batch = Batch::new(self.options, self.interner, self.collected.number());
            let count = reader.next_slice(&mut batch)?;
            if count == 0 {
                break;
            }
            let records = RecordCounts { rows: count, ..RecordCounts::default() };
            let lines = FileLines { records, ..FileLines::default() };
            self.collected.append(batch.parsed(lines))?;
        }
        // the file's digest, for the manifest
        source.digest(progress)
    }

    fn broken(&self, source: &Source, error: &ReadError) -> Error {
        let rows = self.collected.files.last().map_or(0, |file| file.rows);
        let what = format!("cannot be read to its end, after row {rows} or later: {error}");
        let hint = if error.is_changed() {
            error.hint()
        } else {
            "the accounts after the break would not be judged; export or copy the file again"
        };
        Error::failure(&source.path, what).hint(hint)
    }
}

impl Collected {
    /// The number of the file that is being read.
    fn number(&self) -> u32 {
        self.files.len().saturating_sub(1) as u32
    }

    /// Appends a chunk's rows, numbered within the file from now on.
    fn append(&mut self, mut parsed: Parsed) -> Result<()> {
        let Some(file) = self.files.last_mut() else { return Ok(()) };
        let base = file.rows;
        parsed.rows.row.iter_mut().chain(&mut parsed.rejected.row).for_each(|row| *row += base);
        file.rows += parsed.lines.records.rows;
        file.added_by_split += parsed.added;
        if let Some(lines) = &mut file.lines {
            lines.add(parsed.lines);
        }
        file.accepted += parsed.rows.len() as u64;
        parsed.rejected.reason.iter().for_each(|reason| file.rejected[usize::from(*reason)] += 1);
        self.rows.append(parsed.rows)?;
        self.rejected.append(parsed.rejected)
    }
}
