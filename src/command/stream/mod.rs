//! `stream`: rows in, the same rows out with their verdicts, for engines that run a child process.
//!
//! ```text
//! standard input → batches → taken → judged → standard output
//! ```
//!
//! * `columns`: the columns that are added
//! * `foreign`: inputs that are refused by their first bytes
//! * `arrow`: record batches with columns added
//! * `batch`: a batch of rows, judged as the audit judges
//! * `tally`: what is said after the last row
//! * `pieces`: text from standard input, in batches; `text`: rows of text with cells added
//!
//! Every row that comes in goes out, in the same order. Memory holds a batch. What takes all rows of a run is not done
//! here: circuit breakers, changes, counts, names that look mistyped beside the others.
//!
//! Zones must be snapshots: many workers run side by side, and each would read the zone files anew.

mod arrow;
mod batch;
mod columns;
mod foreign;
mod pieces;
mod rows;
mod tally;
mod text;

use std::io::{self, Write};

use arrow::ArrowStream;
use batch::RowJudge;
use rows::TextRows;
use tally::RowTally;

use super::{Output, output::Stream};
use crate::assess::overrides::Overrides;
use crate::cli::{StreamArgs, StreamFormat};
use crate::command::evidence::EvidenceInputs;
use crate::config::{StreamConfig, use_threads};
use crate::error::{Error, Hint, Result};
use crate::progress::Progress;

/// How messages name standard input.
const STANDARD_INPUT: &str = "-";

/// Opens the evidence and looks at the beginning of the input; the rows come when the output is printed.
pub(crate) fn run(args: StreamArgs) -> Result<Output> {
    let config = StreamConfig::of(args)?;
    use_small_pages();
    use_threads(config.evidence.threads)?;
    let evidence = EvidenceInputs::open(&config.evidence)?;
    if let Some(path) = evidence.first_zone_file() {
        let what = "a zone file, expected a store of snapshots: each worker would read the file anew";
        return Err(Error::failure(path, what).hint(Hint::BuildStore));
    }
    let zones = evidence.read_zones(&std::env::temp_dir(), &Progress::hidden())?;
    let tables = evidence.open_tables()?;
    let as_of = config.evidence.as_of;
    let overrides = Overrides::read_optional(config.overrides.as_deref(), as_of.day())?;
    let with_servers = config.with_servers;
    let mut judge =
        RowJudge { evidence, zones, tables, overrides, tally: RowTally::default(), as_of, with_servers };
    let stream = if config.format == Some(StreamFormat::Arrow) {
        let rows = ArrowStream::new(config);
        Stream(Box::new(move |to: &mut (dyn Write + Send)| {
            rows.write(&mut judge, to).map(|()| judge.messages())
        }))
    } else {
        let rows = TextRows::open(config)?;
        Stream(Box::new(move |to: &mut (dyn Write + Send)| {
            rows.write(&mut judge, to).map(|()| judge.messages())
        }))
    };
    Ok(Output { stream: Some(stream), ..Output::default() })
}

/// Asks for memory in pages of the usual size. Huge ones save a little time where much is used, but a worker has little
/// for itself: with 10 million RDAP answers they take 50 MiB more. If that cannot be, it runs as well.
fn use_small_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// An error of ours on its way through a writer.
fn carried(error: Error) -> io::Error {
    io::Error::other(error)
}
