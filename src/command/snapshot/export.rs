//! `snapshot export`: a snapshot as Parquet, or as CSV.
//!
//! The name of the output says which. Standard output gets CSV, because people and scripts read lines there.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{find, label};
use crate::assess::lifecycle::Clock;
use crate::command::{Output, Stream};
use crate::config::{check_file, check_table};
use crate::error::{Error, Result};
use crate::escape;
use crate::name::suffix::SuffixKind;
use crate::snapshot::Stored;
use crate::snapshot::export::{NamesForm, csv_output, export, parquet_output};
use crate::wording::count;

pub(super) fn write(snapshot: &str, store: Option<&Path>, output: &Path) -> Result<Output> {
    if output == Path::new("-") {
        return Ok(to_standard_output(find(snapshot, store)?));
    }
    let is_csv = output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    if is_csv { check_file(output) } else { check_table(output) }?;
    let stored = find(snapshot, store)?;
    let rows = match is_csv {
        true => write_csv(&stored, output)?,
        false => {
            export(&stored, NamesForm::Parquet(Box::new(parquet_output(&stored, output)?)), deletion_days)?
        }
    };
    let (names, path) = (count(rows, "name"), escape::path(output));
    Ok(Output::summary(format!("{names} of {} written to {path}\n", label(&stored))))
}

/// How many days a deletion takes in the registry of a name.
fn deletion_days(name: &str) -> i32 {
    Clock::of(name, SuffixKind::Icann).lapse_gap_days()
}

fn write_csv(stored: &Stored, path: &Path) -> Result<u64> {
    let output = csv_output(stored, path)?;
    let failed = |error: io::Error| Error::io(path, "write", &error);
    let mut file = BufWriter::new(File::create(output.temporary()).map_err(failed)?);
    let rows = export(stored, NamesForm::Csv(&mut file), deletion_days)
        .map_err(|error| if error.place.is_some() { failed(io::Error::other(error.what)) } else { error })?;
    file.flush().and_then(|()| file.get_ref().sync_all()).map_err(failed)?;
    drop(file);
    output.commit()?;
    Ok(rows)
}

fn to_standard_output(stored: Stored) -> Output {
    let stream = move |to: &mut (dyn Write + Send)| {
        let mut to = KeepsError { to: BufWriter::new(to), error: None };
        let written = export(&stored, NamesForm::Csv(&mut to), deletion_days).map(drop);
        // the writer's own error says more than what became of it: a closed pipe is no failure
        match (to.error, written) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(io::Error::other(error.to_string())),
            (None, Ok(())) => to.to.flush().map(|()| Vec::new()),
        }
    };
    Output { stream: Some(Stream(Box::new(stream))), ..Output::default() }
}

/// A writer that remembers its error.
struct KeepsError<W> {
    to: W,
    error: Option<io::Error>,
}

impl<W: Write> KeepsError<W> {
    fn keep<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.error = Some(error);
            kind.into()
        })
    }
}

impl<W: Write> Write for KeepsError<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.keep(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.keep(flushed)
    }
}
