//! Lines sorted by urgency, on disk if they are many.
//!
//! Lines are collected up to a limit of memory, sorted, and written aside as a run; at the end the runs are merged
//! ([`crate::merge`]). Runs are files without a name, so nothing is left behind whatever happens, and compressed, because
//! lines repeat each other. If only the first few are wanted, the others are dropped on the way and nothing is written
//! aside.

use std::io;
use std::path::{Path, PathBuf};

use rayon::slice::ParallelSliceMut;

use super::AccountUrgency;
use super::run::{LineRun, LineRunWriter, RunOfLines};
use crate::error::{Error, Result};
use crate::merge::merge;

/// Runs that are merged at once: each has an open file and its buffers.
const RUNS: usize = 128;

/// So many lines are always kept: fewer are not worth a sort.
const FEW: usize = 1000;

/// Lines in any order.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    text: Vec<u8>,
    items: Vec<LineItem>,
}

/// Where a line is.
#[derive(Debug, Clone, Copy)]
struct LineItem {
    urgency: AccountUrgency,
    start: usize,
    length: u32,
}

impl Lines {
    /// Appends the line that `write` writes.
    pub(crate) fn push(&mut self, urgency: AccountUrgency, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        // an account has at most 64 MiB of text
        let length = (self.text.len() - start) as u32;
        self.items.push(LineItem { urgency, start, length });
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.items.len() * size_of::<LineItem>()
    }

    fn append(&mut self, other: Self) {
        let before = self.text.len();
        self.text.extend_from_slice(&other.text);
        self.items.extend(other.items.iter().map(|item| LineItem { start: item.start + before, ..*item }));
    }

    fn sort(&mut self) {
        self.items.par_sort_unstable_by_key(|item| item.urgency);
    }

    /// Each line with its urgency.
    pub(super) fn iter(&self) -> impl Iterator<Item = (AccountUrgency, &[u8])> {
        let line = |item: &LineItem| &self.text[item.start..item.start + item.length as usize];
        self.items.iter().map(move |item| (item.urgency, line(item)))
    }

    /// Drops all but the first lines, which are sorted.
    fn keep_first(&mut self, count: usize) {
        if count >= self.items.len() {
            return;
        }
        self.items.truncate(count);
        let mut kept = Self::default();
        for (urgency, line) in self.iter() {
            kept.push(urgency, |text| text.extend_from_slice(line));
        }
        *self = kept;
    }
}

/// Sorts lines.
#[derive(Debug)]
pub(crate) struct LineSorter {
    directory: PathBuf,
    most_bytes: usize,
    /// How many lines are wanted.
    limit: Option<usize>,
    lines: Lines,
    runs: Vec<LineRun>,
    /// Lines that are not more urgent than this one are not wanted.
    bound: Option<AccountUrgency>,
}

impl LineSorter {
    /// Keeps up to `most_bytes` in memory, more in `directory`; of all lines only the first `limit` are wanted.
    pub(crate) fn new(directory: &Path, most_bytes: usize, limit: Option<usize>) -> Self {
        let directory = directory.to_path_buf();
        Self { directory, most_bytes, limit, lines: Lines::default(), runs: Vec::new(), bound: None }
    }

    /// Whether a line of this urgency may be among those that are wanted.
    pub(crate) fn wants(&self, urgency: AccountUrgency) -> bool {
        self.bound.is_none_or(|bound| urgency < bound)
    }

    /// Adds lines.
    pub(crate) fn add(&mut self, lines: Lines) -> Result<()> {
        self.lines.append(lines);
        let has_enough = self.limit.is_some_and(|limit| self.lines.items.len() / 4 > limit.max(FEW));
        if has_enough || self.lines.bytes() >= self.most_bytes {
            self.make_room()?;
        }
        Ok(())
    }

    /// Drops what is not wanted, and writes the lines aside if they are still many.
    fn make_room(&mut self) -> Result<()> {
        self.lines.sort();
        if let Some(limit) = self.limit {
            self.lines.keep_first(limit);
            self.bound = self.lines.items.get(limit.wrapping_sub(1)).map(|last| last.urgency).or(self.bound);
            if self.lines.bytes() < self.most_bytes / 2 {
                return Ok(());
            }
        }
        let mut run = LineRunWriter::create(&self.directory)?;
        let lines = std::mem::take(&mut self.lines);
        lines.iter().try_for_each(|(urgency, line)| run.push(urgency, line))?;
        self.runs.push(run.finish()?);
        if self.runs.len() == RUNS {
            let mut all = LineRunWriter::create(&self.directory)?;
            let runs = self.runs.iter().map(LineRun::read).collect::<Result<Vec<_>>>()?;
            merge(runs, |run| all.push(run.urgency, &run.line))?;
            self.runs = vec![all.finish()?];
        }
        Ok(())
    }

    /// All wanted lines, sorted.
    pub(crate) fn finish(mut self) -> SortedLines {
        self.lines.sort();
        let Self { limit, lines, runs, .. } = self;
        SortedLines { limit: limit.unwrap_or(usize::MAX), lines, runs }
    }
}

/// Lines, the most urgent first.
#[derive(Debug)]
pub(crate) struct SortedLines {
    limit: usize,
    lines: Lines,
    runs: Vec<LineRun>,
}

impl SortedLines {
    /// Visits the wanted lines in their order, until `visit` fails.
    pub(crate) fn visit(&self, mut visit: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        if self.runs.is_empty() {
            return self.lines.iter().take(self.limit).try_for_each(|(_, line)| visit(line));
        }
        let runs =
            self.runs.iter().map(LineRun::read).collect::<Result<Vec<_>>>().map_err(io::Error::other)?;
        let mut left = self.limit;
        // how it ended before the end
        let mut ended = None;
        let merged = merge(runs.into_iter().chain([RunOfLines::of(&self.lines)]), |run| {
            let outcome = left.checked_sub(1).map(|rest| {
                left = rest;
                visit(&run.line)
            });
            match outcome {
                Some(Ok(())) => Ok(()),
                outcome => {
                    ended = Some(outcome.unwrap_or(Ok(())));
                    Err(Error::placeless("the rest is not wanted"))
                }
            }
        });
        ended.unwrap_or_else(|| merged.map_err(io::Error::other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::{Action, Risk};

    /// Sorts numbers as weights, with so much memory, and expects the first of them.
    #[track_caller]
    fn sorts(count: u64, most_bytes: usize, limit: Option<usize>, expect_runs: bool) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut sorter = LineSorter::new(directory.path(), most_bytes, limit);
        let mut expected: Vec<(u64, u64)> = Vec::new();
        for row in 0..count {
            let weight = row.wrapping_mul(2_654_435_761) % 97;
            expected.push((97 - weight, row));
            let urgency = AccountUrgency::of((Action::Review, Risk::High), None, Some(weight as i64), row);
            let mut lines = Lines::default();
            if sorter.wants(urgency) {
                lines.push(urgency, |text| text.extend_from_slice(row.to_string().as_bytes()));
            }
            sorter.add(lines).expect("the disk has room");
        }
        expected.sort_unstable();
        expected.truncate(limit.unwrap_or(usize::MAX));
        assert_eq!(!sorter.runs.is_empty(), expect_runs);
        assert!(sorter.runs.len() < RUNS);
        let mut found = Vec::new();
        let note = |line: &[u8]| {
            found.push(String::from_utf8_lossy(line).into_owned());
            Ok(())
        };
        sorter.finish().visit(note).expect("nothing fails");
        assert!(expected.iter().map(|(_, row)| row.to_string()).eq(found), "{count} {most_bytes} {limit:?}");
    }

    #[test]
    fn in_memory_on_disk_or_the_first_few() {
        sorts(0, 1000, None, false);
        sorts(5, 1000, None, false);
        sorts(1000, 1_000_000, None, false);
        sorts(1000, 1000, None, true);
        // more runs than are merged at once
        sorts(4000, 400, None, true);
        sorts(1000, 1000, Some(0), false);
        sorts(1000, 1000, Some(5), false);
        sorts(1000, 1000, Some(500), true);
        sorts(1000, 1000, Some(5000), true);
    }

    #[test]
    fn a_visitor_may_stop() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut sorter = LineSorter::new(directory.path(), 1, None);
        for row in 0..3 {
            let mut lines = Lines::default();
            let urgency = AccountUrgency::of((Action::None, Risk::None), None, None, row);
            lines.push(urgency, |text| text.push(b'x'));
            sorter.add(lines).expect("the disk has room");
        }
        let closed = |_: &[u8]| Err(io::ErrorKind::BrokenPipe.into());
        let ended = sorter.finish().visit(closed);
        assert!(ended.is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe));
    }
}
