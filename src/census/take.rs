//! Taking the census: files → chunks → rows → spool.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::chunk_rows::{ChunkBuffers, ChunkRows, ChunkTaker};
use super::files::{AccountFile, CensusOptions, FileLines};
use super::interner::Interner;
use super::rows::{Rejected, Rows};
use super::spool::{Spool, SpoolReader};
use crate::error::{Error, Result};
use crate::input::accounts::{AccountForm, AccountLayout, AccountSink, RecordCounts, parquet};
use crate::input::source::{Chunk, Head, ReadError, Source, SourceDigest};
use crate::name::{MailDomain, SuffixList};
use crate::progress::Progress;
use crate::threads::{beside_the_pool, workers};

/// Chunks for each thread that are parsed before their rows are spooled.
const WAVE: usize = 4;

/// What helps with a file that breaks off.
const BROKEN_HINT: &str = "the accounts after the break would not be judged; export or copy the file again";

/// The rows of a run, each taken once.
#[derive(Debug)]
pub(crate) struct Census {
    /// The distinct mail domains, in the order of their numbers.
    pub(crate) mail_domains: Vec<MailDomain>,
    /// How many accounts are at each of them.
    pub(crate) accounts: Vec<u64>,
    /// The accepted rows, in input order.
    pub(crate) rows: SpoolReader<Rows>,
    /// The rejected rows, in input order.
    pub(crate) rejected: SpoolReader<Rejected>,
    /// The files, in the order given.
    pub(crate) files: Vec<AccountFile>,
}

/// Takes the census of these files; the spools go to `directory`.
pub(crate) fn take(
    sources: &[Source],
    options: &CensusOptions,
    suffixes: &SuffixList,
    directory: &Path,
    progress: &Progress,
) -> Result<Census> {
    let interner = Interner::new(suffixes);
    let mut taker = Taker {
        options,
        interner: &interner,
        spooled: SpooledRows {
            rows: Spool::create(directory)?,
            rejected: Spool::create(directory)?,
            accounts: Vec::new(),
            files: Vec::new(),
        },
    };
    for source in sources {
        taker.take_file(source, progress)?;
    }
    let SpooledRows { rows, rejected, mut accounts, files } = taker.spooled;
    let (rows, rejected) = (rows.finish()?, rejected.finish()?);
    let mail_domains = interner.into_domains();
    accounts.resize(mail_domains.len(), 0);
    Ok(Census { mail_domains, accounts, rows, rejected, files })
}

struct Taker<'a> {
    options: &'a CensusOptions,
    interner: &'a Interner<'a>,
    spooled: SpooledRows,
}

/// The rows that are spooled, and the files they came from.
struct SpooledRows {
    rows: Spool<Rows>,
    rejected: Spool<Rejected>,
    /// How many of the rows are at each mail domain, by its number.
    accounts: Vec<u64>,
    files: Vec<AccountFile>,
}

impl Taker<'_> {
    fn take_file(&mut self, source: &Source, progress: &Progress) -> Result<()> {
        self.spooled.files.push(AccountFile::unread(source, self.options.form.columns.kind));
        let head = source.head(AccountForm::HEAD_BYTES)?;
        let form = AccountForm::tell(&head, &source.path, &self.options.form);
        // of a file that breaks off at its beginning, that is what matters
        let form =
            form.map_err(|error| head.broken.as_ref().map_or(error, |broken| self.broken(source, broken)))?;
        let digest = match form {
            AccountForm::Parquet => self.take_parquet(source, &head, progress)?,
            AccountForm::Text(layout, start) => self.take_text(source, &layout, start, progress)?,
        };
        let Some(taken) = self.spooled.files.last_mut() else { return Ok(()) };
        taken.is_packed = head.is_packed;
        taken.bytes = digest.bytes;
        taken.sha256 = digest.sha256;
        taken.lines.map_or(Ok(()), |lines| lines.check(&taken.path))
    }

    fn take_text(
        &mut self,
        source: &Source,
        layout: &AccountLayout,
        data_start: usize,
        progress: &Progress,
    ) -> Result<SourceDigest> {
        self.spooled.note_layout(layout);
        let mut chunks = source.chunks(layout.cutter(data_start), progress)?;
        let wave = WAVE * workers();
        let (options, interner, number) = (self.options, self.interner, self.spooled.number());
        // the bytes before the data, until their chunk has come
        let mut before = data_start;
        let mut parsed: Vec<ChunkRows> = Vec::new();
        let spare: Mutex<Vec<ChunkBuffers>> = Mutex::default();
        let spare = || spare.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut texts: Vec<(Chunk, usize)> = Vec::with_capacity(wave);
            while texts.len() < wave
                && let Some(chunk) = chunks.next()
            {
                let chunk = chunk.map_err(|error| self.broken(source, &error))?;
                let start = std::mem::take(&mut before);
                texts.push((chunk, start));
            }
            let done = texts.is_empty();
            let parse = |(chunk, start): &(Chunk, usize)| {
                let buffers = spare().pop().unwrap_or_default();
                let mut taker = ChunkTaker::new(options, interner, number, buffers);
                if chunk.is_overlong {
                    taker.malformed(1, None);
                    let records = RecordCounts { rows: 1, ..RecordCounts::default() };
                    return taker.finish(FileLines { lines: 1, records, ..FileLines::default() });
                }
                let data = chunk.get(*start..).unwrap_or_default();
                let records = layout.parse(data, &mut taker);
                let lines = layout.count_lines(chunk);
                let header = lines - layout.count_lines(data);
                let ends_without_line_end = layout.is_open(chunk);
                taker.finish(FileLines { lines, header, records, ends_without_line_end })
            };
            // the rows of the last wave go to the spool while this one is parsed
            let done_before = std::mem::take(&mut parsed);
            let spooled = &mut self.spooled;
            let (appended, next) = beside_the_pool(
                || texts.par_iter().map(parse).with_max_len(1).collect(),
                || {
                    done_before
                        .into_iter()
                        .try_for_each(|rows| spooled.append(rows).map(|buffers| spare().push(buffers)))
                },
            );
            appended?;
            parsed = next;
            if done {
                break;
            }
        }
        self.check_end(source, layout)?;
        chunks.finish()
    }

    /// Refuses a text that has no account, or ends in the middle of an array.
    fn check_end(&self, source: &Source, layout: &AccountLayout) -> Result<()> {
        let Some(file) = self.spooled.files.last() else { return Ok(()) };
        if file.rows == 0 && layout.columns().is_none() && file.arrays.0 == 0 {
            return Err(Error::failure(&source.path, "empty, expected accounts")
                .hint("check the export; with an empty file everybody would look safe"));
        }
        let (opened, closed) = file.arrays;
        if opened > closed {
            let what = format!("the array of accounts is not closed, after row {}", file.rows);
            return Err(Error::failure(&source.path, what).hint(BROKEN_HINT));
        }
        Ok(())
    }

    fn take_parquet(&mut self, source: &Source, head: &Head, progress: &Progress) -> Result<SourceDigest> {
        if source.is_stream() {
            let what = "Parquet cannot be read from a stream";
            return Err(Error::failure(&source.path, what).hint("write it to a file first"));
        }
        if head.is_packed {
            let what = "a packed Parquet file, expected a plain one";
            return Err(Error::failure(&source.path, what).hint("unpack it; Parquet is packed inside"));
        }
        let mut reader = parquet::ParquetAccounts::open(source, &self.options.form.columns)?;
        if let Some(file) = self.spooled.files.last_mut() {
            file.columns.note_table(reader.columns());
            file.is_parquet = true;
        }
        let mut buffers = ChunkBuffers::default();
        loop {
            let mut taker = ChunkTaker::new(self.options, self.interner, self.spooled.number(), buffers);
            let count = reader.next_slice(&mut taker)?;
            if count == 0 {
                break;
            }
            let records = RecordCounts { rows: count, ..RecordCounts::default() };
            let lines = FileLines { records, ..FileLines::default() };
            buffers = self.spooled.append(taker.finish(lines))?;
        }
        // the file's digest, for the manifest
        source.digest(progress)
    }

    fn broken(&self, source: &Source, error: &ReadError) -> Error {
        let rows = self.spooled.files.last().map_or(0, |file| file.rows);
        let what = format!("cannot be read to its end, after row {rows} or later: {error}");
        let hint = if error.is_changed() { error.hint() } else { BROKEN_HINT };
        Error::failure(&source.path, what).hint(hint)
    }
}

/// Counts accounts by the number of their mail domain.
fn count(accounts: &mut Vec<u64>, rows: &Rows) {
    let domains = rows.mail.iter().max().map_or(0, |last| *last as usize + 1);
    accounts.resize(accounts.len().max(domains), 0);
    for (row, number) in rows.mail.iter().enumerate() {
        let sum = &mut accounts[*number as usize];
        *sum = sum.saturating_add(rows.stands_for(row));
    }
}

impl SpooledRows {
    /// Notes what the layout says about the file.
    fn note_layout(&mut self, layout: &AccountLayout) {
        let Some(file) = self.files.last_mut() else { return };
        match layout.columns() {
            Some(columns) => file.columns.note_table(columns),
            None => file.columns.subject.is_found = true,
        }
        file.lines = layout.has_lines().then(FileLines::default);
    }

    /// The number of the file that is being read.
    fn number(&self) -> u32 {
        self.files.len().saturating_sub(1) as u32
    }

    /// Appends a chunk's rows, numbered within the file from now on. Its buffers come back empty.
    fn append(&mut self, chunk: ChunkRows) -> Result<ChunkBuffers> {
        let ChunkRows { mut buffers, lines, added, not_utf8, values, guesses, members } = chunk;
        let Some(file) = self.files.last_mut() else { return Ok(ChunkBuffers::default()) };
        let ChunkBuffers { rows, rejected, .. } = &mut buffers;
        let base = file.rows;
        rows.row.iter_mut().chain(&mut rejected.row).for_each(|row| *row += base);
        file.rows += lines.records.rows;
        file.arrays.0 += lines.records.arrays.0;
        file.arrays.1 += lines.records.arrays.1;
        file.added_by_split += added;
        file.not_utf8 += not_utf8;
        file.columns.add(&values);
        file.guesses.iter_mut().zip(guesses).for_each(|(sum, rows)| *sum += rows);
        members.iter().for_each(|(role, name)| file.columns.note(*role, name));
        if let Some(of_file) = &mut file.lines {
            of_file.add(lines);
        }
        file.accepted += rows.len() as u64;
        count(&mut self.accounts, rows);
        rejected.reason.iter().for_each(|reason| file.rejected[usize::from(*reason)] += 1);
        self.rows.append(rows)?;
        self.rejected.append(rejected)?;
        Ok(buffers)
    }
}
