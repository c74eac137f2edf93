//! Files → the mail servers of the mail domains of a run.
//!
//! Pieces of a file are read side by side; their records are taken in order. What cannot be read is counted, shown with its
//! place, and skipped. A file that breaks off gives its records up to the break and is reported. Of a file with damaged
//! packed bytes, only what its checksums prove is used.

use std::path::Path;

use super::batch::{MxBatch, MxPlace, MxReading, SpareBuffers};
use super::file::MxFile;
use super::files::FoundMx;
use super::form::{HEAD_BYTES, MxForm};
use super::gather::MxGatherer;
use super::names::MxNames;
use super::parquet::ParquetMx;
use super::servers::MailServers;
use crate::error::{Error, Position, Result};
use crate::escape;
use crate::input::source::{Chunk, LINE_BYTES, Source};
use crate::input::unproved::UnprovedBatches;
use crate::name::MailDomain;
use crate::progress::Progress;
use crate::threads::in_order;
use crate::time::Moment;

/// The mail servers of a run, and the files that were read.
#[derive(Debug, Default)]
pub(crate) struct MailInputs {
    /// The mail servers, by mail domain.
    pub(crate) servers: MailServers,
    /// What is known of each file.
    pub(crate) files: Vec<MxFile>,
}

/// Reads files for these mail domains.
pub(crate) fn read(
    found: &[FoundMx],
    mail_domains: &[MailDomain],
    as_of: Moment,
    progress: &Progress,
) -> Result<MailInputs> {
    if found.is_empty() {
        return Ok(MailInputs::default());
    }
    let wanted = MxNames::of(mail_domains);
    let (mut gatherer, spare) = (MxGatherer::new(wanted.len()), SpareBuffers::default());
    let mut files = Vec::with_capacity(found.len());
    for FoundMx { source, date } in found {
        let reading =
            MxReading { path: &source.path, wanted: &wanted, as_of, file_date: *date, spare: &spare };
        let mut file = MxFile::of(&source.path);
        let take = &mut |batch: &mut MxBatch<'_>| {
            gatherer.take(batch);
            Ok(())
        };
        if let Err(error) = read_file(source, reading, progress, &mut file, take) {
            // an error of the program itself is none of the file
            if error.place.is_none() {
                return Err(error);
            }
            refuse(&mut file, &error);
        }
        file.close();
        files.push(file);
    }
    Ok(MailInputs { servers: gatherer.finish(), files })
}

/// Notes why a file cannot be read at all.
fn refuse(file: &mut MxFile, error: &Error) {
    file.broken = Some(format!("{}: {}", escape::path(&file.path), error.what));
    file.hint.clone_from(&error.hint);
}

/// Takes the records of a batch.
pub(super) type TakeBatch<'t> = &'t mut dyn FnMut(&mut MxBatch<'_>) -> Result<()>;

/// Reads a file. An error with a place is one of the file.
pub(super) fn read_file(
    source: &Source,
    reading: MxReading<'_>,
    progress: &Progress,
    file: &mut MxFile,
    take: TakeBatch<'_>,
) -> Result<()> {
    let head = source.head(HEAD_BYTES)?;
    let form = match MxForm::tell(&head, &source.path) {
        Ok(form) => form,
        // what is broken at its beginning tells no form
        Err(error) => {
            file.bytes = source.size.unwrap_or_default();
            match &head.broken {
                Some(broken) => note_stop(file, broken, None),
                None => refuse(file, &error),
            }
            return Ok(());
        }
    };
    file.form = form.name();
    match form {
        MxForm::Parquet => read_parquet(source, reading, progress, file, take),
        form => read_text(source, &form, reading, progress, file, take),
    }
}

fn read_text(
    source: &Source,
    form: &MxForm,
    reading: MxReading<'_>,
    progress: &Progress,
    file: &mut MxFile,
    take: TakeBatch<'_>,
) -> Result<()> {
    let mut chunks = source.chunks(form.cutter(), progress)?;
    let proved = chunks.proof();
    let work = |(chunk, skipped): (Chunk, usize)| {
        let mut batch = MxBatch::new(reading);
        if chunk.is_overlong {
            let what = format!("longer than the limit of {} MiB, and skipped", LINE_BYTES >> 20);
            batch.fault(MxPlace::Line(chunk.first_line), &what);
        } else {
            let lines = memchr::memchr_iter(b'\n', &chunk[..skipped]).count() as u64;
            form.read(&chunk[skipped..], chunk.first_line + lines, &mut batch);
        }
        (chunk.end, batch)
    };
    // the header is in the first piece
    let (mut skipped, mut line, mut stopped) = (form.data_start(), 1, None);
    let jobs = std::iter::from_fn(|| match chunks.next()? {
        Ok(chunk) => {
            line = chunk.first_line + memchr::memchr_iter(b'\n', &chunk).count() as u64;
            let skipped = std::mem::take(&mut skipped).min(chunk.len());
            Some((chunk, skipped))
        }
        Err(error) => {
            stopped = Some(error);
            None
        }
    });
    let mut held = UnprovedBatches::of(source);
    let mut take = |mut batch: MxBatch<'_>| {
        take(&mut batch)?;
        file.add(batch.end());
        Ok(())
    };
    in_order(jobs, work, &mut |(end, batch)| {
        let records = batch.kept.found.len();
        held.push(end, (batch, records), proved.bytes(), &mut take)
    })?;
    held.finish(proved.bytes(), &mut take)?;
    if let Some(error) = stopped {
        note_stop(file, &error, Some(line));
    }
    let digest = chunks.finish()?;
    (file.bytes, file.sha256) = (digest.bytes, digest.sha256);
    Ok(())
}

/// Notes that reading stopped before the end of the file, after this line.
fn note_stop(file: &mut MxFile, error: &crate::input::source::ReadError, line: Option<u64>) {
    let place = Position { path: file.path.clone(), line, column: None };
    file.broken = Some(format!("{place}: {}{error}", error.consequence()));
    file.hint = Some(error.hint().into());
}

fn read_parquet(
    source: &Source,
    reading: MxReading<'_>,
    progress: &Progress,
    file: &mut MxFile,
    take: TakeBatch<'_>,
) -> Result<()> {
    if source.is_stream() {
        return Err(not_a_file(&source.path));
    }
    let (mut table, skipped) = ParquetMx::open(source, reading.wanted)?;
    file.skipped = skipped;
    while let Some(batches) = table.next(reading)? {
        for mut batch in batches {
            take(&mut batch)?;
            file.add(batch.end());
        }
    }
    // hashed after its rows were read, so that a file replaced meanwhile is noticed
    let digest = source.digest(&Progress::hidden())?;
    (file.bytes, file.sha256) = (digest.bytes, digest.sha256);
    progress.advance(file.bytes);
    Ok(())
}

fn not_a_file(path: &Path) -> Error {
    Error::failure(path, "Parquet cannot be read from a stream").hint("save it to a file")
}
