//! The answers about the names of one run, in a table: memory grows with these names, not with the files.

use super::batch::{Step, Wanted};
use super::read::read;
use crate::error::Result;
use crate::input::source::Source;
use crate::progress::Progress;
use crate::rdap::{RdapFile, RdapTable};
use crate::time::Moment;

/// Reads the files into one table, keeping the names that `wanted` asks for; tells of each file what is known.
pub fn load(
    sources: &[Source],
    as_of: Moment,
    wanted: Wanted<'_>,
    progress: &Progress,
) -> Result<(RdapTable, Vec<RdapFile>)> {
    let mut table = RdapTable::as_of(as_of);
    let mut files: Vec<RdapFile> = Vec::with_capacity(sources.len());
    read(sources.iter().cloned().map(Ok), wanted, progress, &mut |step| {
        match step {
            Step::Part(batch) => batch.answers.into_iter().for_each(|answer| table.insert(answer)),
            Step::End(file) => files.push(file),
        }
        Ok(())
    })?;
    table.settle();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok((table, files))
}
