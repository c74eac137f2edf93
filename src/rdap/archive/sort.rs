//! Answers sorted by name, the newest of each server kept, in bounded memory.
//!
//! Answers gather until they take [`RUN_BYTES`]; then they are sorted, thinned out and written aside as a run,
//! in the form of the finished table. At the end the runs are merged; if there are more than
//! [`MAX_RUNS`], so many are merged into one first. What fits into one run is never written aside.
//!
//! The outcome does not depend on the order of the answers: which of two is kept is told by a total order.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::parquet::ImportedAnswers;
use crate::error::{Error, Result};
use crate::files::OutputFile;
use crate::files::Temporary;
use crate::merge::{SortedRun, merge};
use crate::rdap::archive::table::AnswersTable;
use crate::rdap::{Answer, put_newest, settle};

/// Memory that the answers of a run take, about.
const RUN_BYTES: usize = 256 << 20;
/// Runs merged at once.
const MAX_RUNS: usize = 32;
/// Rows of a row group of a run: one of each run is in memory while they are merged.
const RUN_GROUP_ROWS: usize = 1 << 13;
/// Rows of a row group of the finished table.
pub(super) const GROUP_ROWS: usize = 1 << 16;

/// Answers that are being sorted.
#[derive(Debug)]
pub(crate) struct Sorter {
    batches: Vec<Vec<Answer>>,
    bytes: usize,
    run_bytes: usize,
    scratch: PathBuf,
    directory: Option<Temporary>,
    runs: Vec<PathBuf>,
    made: usize,
}

impl Sorter {
    /// Sorts with runs below `scratch`, if there are any.
    pub(crate) fn new(scratch: &Path) -> Self {
        Self {
            batches: Vec::new(),
            bytes: 0,
            run_bytes: RUN_BYTES,
            scratch: scratch.to_path_buf(),
            directory: None,
            runs: Vec::new(),
            made: 0,
        }
    }

    /// Takes answers in.
    pub(crate) fn push(&mut self, answers: Vec<Answer>) -> Result<()> {
        self.bytes += answers.iter().map(bytes_of).sum::<usize>();
        self.batches.push(answers);
        if self.bytes >= self.run_bytes { self.flush() } else { Ok(()) }
    }

    /// Hands on all answers kept, sorted by name, those of one name newest first.
    pub(crate) fn finish(mut self, take: &mut dyn FnMut(&[&Answer]) -> Result<()>) -> Result<()> {
        if self.runs.is_empty() {
            return take(&thinned(&self.batches));
        }
        self.flush()?;
        merge_runs(&self.runs, take)
    }

    fn flush(&mut self) -> Result<()> {
        let path = self.new_run()?;
        let mut table = AnswersTable::create(OutputFile::create(&path, &[])?, RUN_GROUP_ROWS)?;
        table.write(&thinned(&self.batches))?;
        table.finish()?;
        self.batches.clear();
        self.bytes = 0;
        self.runs.push(path);
        if self.runs.len() == MAX_RUNS {
            let path = self.new_run()?;
            let mut table = AnswersTable::create(OutputFile::create(&path, &[])?, RUN_GROUP_ROWS)?;
            merge_runs(&self.runs, &mut |answers| table.write(answers))?;
            table.finish()?;
            for run in std::mem::replace(&mut self.runs, vec![path]) {
                std::fs::remove_file(&run).map_err(|error| Error::io(&run, "remove", &error))?;
            }
        }
        Ok(())
    }

    fn new_run(&mut self) -> Result<PathBuf> {
        if self.directory.is_none() {
            self.directory = Some(Temporary::create(&self.scratch)?);
        }
        self.made += 1;
        let directory = self.directory.as_ref().map_or(self.scratch.as_path(), Temporary::path);
        Ok(directory.join(format!("{}.parquet", self.made)))
    }
}

/// Memory of an answer, about.
fn bytes_of(answer: &Answer) -> usize {
    let texts = [Some(&answer.name), answer.source.as_ref(), answer.registrar.as_ref()];
    let other: usize = answer.statuses.other().map(|status| status.len() + 32).sum();
    size_of::<Answer>() + texts.into_iter().flatten().map(|text| text.len() + 16).sum::<usize>() + other
}

/// Sorted by name, of each name the newest of each server.
///
/// The first eight letters of the names tell most of them apart, and are sorted without a look at the names.
fn thinned(batches: &[Vec<Answer>]) -> Vec<&Answer> {
    let answers = batches.iter().flatten();
    let mut order: Vec<(u64, &Answer)> =
        answers.map(|answer| (first_letters(&answer.name), answer)).collect();
    order.par_sort_unstable_by(|one, other| one.0.cmp(&other.0).then_with(|| one.1.name.cmp(&other.1.name)));
    let (mut list, mut kept) = (Vec::new(), Vec::with_capacity(order.len()));
    order.into_iter().for_each(|(_, answer)| add(answer, &mut list, &mut kept));
    finish(&mut list, &mut kept);
    kept
}

fn first_letters(name: &str) -> u64 {
    let mut letters = [0; 8];
    let length = name.len().min(8);
    letters[..length].copy_from_slice(&name.as_bytes()[..length]);
    u64::from_be_bytes(letters)
}

/// Adds the next answer by name to the list of its name; a list that is whole goes to `kept`.
fn add<A: Borrow<Answer>>(answer: A, list: &mut Vec<A>, kept: &mut Vec<A>) {
    if list.first().is_some_and(|first| first.borrow().name != answer.borrow().name) {
        finish(list, kept);
    }
    put_newest(list, answer, None);
}

/// The list of a name is whole.
fn finish<A: Borrow<Answer>>(list: &mut Vec<A>, kept: &mut Vec<A>) {
    settle(list, None);
    kept.append(list);
}

/// Merges runs, and hands on row groups of the finished table.
fn merge_runs(runs: &[PathBuf], take: &mut dyn FnMut(&[&Answer]) -> Result<()>) -> Result<()> {
    let runs = runs.iter().map(|path| RunOfAnswers::open(path)).collect::<Result<Vec<_>>>()?;
    let (mut list, mut kept) = (Vec::new(), Vec::with_capacity(GROUP_ROWS));
    let whole = GROUP_ROWS * crate::threads::workers();
    merge(runs, |run| {
        if let Some(answer) = run.answer.take() {
            add(answer, &mut list, &mut kept);
        }
        if kept.len() >= whole {
            take(&kept[..whole].iter().collect::<Vec<_>>())?;
            kept.drain(..whole);
        }
        Ok(())
    })?;
    finish(&mut list, &mut kept);
    take(&kept.iter().collect::<Vec<_>>())
}

/// A run that is being merged.
struct RunOfAnswers {
    rows: ImportedAnswers,
    group: std::vec::IntoIter<Answer>,
    answer: Option<Answer>,
}

impl RunOfAnswers {
    fn open(path: &Path) -> Result<Self> {
        Ok(Self { rows: ImportedAnswers::open(path)?, group: Vec::new().into_iter(), answer: None })
    }

    fn name(&self) -> Option<&str> {
        self.answer.as_ref().map(|answer| &*answer.name)
    }
}

impl SortedRun for RunOfAnswers {
    fn advance(&mut self) -> Result<bool> {
        loop {
            self.answer = self.group.next();
            if self.answer.is_some() {
                return Ok(true);
            }
            match self.rows.next(&|_| true)? {
                None => return Ok(false),
                Some(batch) if batch.file.faults.count > 0 => {
                    return Err(Error::internal("a run of answers does not read back"));
                }
                Some(batch) => self.group = batch.answers.into_iter(),
            }
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        self.name().cmp(&other.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdap::{Context, RdapTable, read_answer};
    use crate::time::Moment;

    /// Answers of few names, sources and days, so that many meet.
    fn random(count: u64) -> Vec<Answer> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        let one = |_| {
            let (name, host, day) = (below(count / 4 + 1), below(3), below(28) + 1);
            let (status, word) = [(200, "active"), (404, ""), (503, ""), (200, "odd one")][below(4) as usize];
            let body = match status {
                200 => format!(
                    r#"{{"objectClassName":"domain","ldhName":"n{name}.example","status":["{word}"],"events":[{{"eventAction":"expiration","eventDate":"2026-02-{day:02}"}}],"entities":[{{"roles":["registrar"],"handle":"R {host}","publicIds":[{{"type":"IANA Registrar ID","identifier":"{host}"}}]}}]}}"#
                ),
                _ => "null".into(),
            };
            let json = format!(
                r#"{{"domain":"n{name}.example","fetched_at":"2026-01-{day:02}T00:00:00Z","source":"h{host}.example","http_status":{status},"body":{body}}}"#
            );
            let context = Context { file_name_domain: None, file_time: Moment(0) };
            read_answer(json.as_bytes(), &context).expect("an answer")
        };
        (0..count).map(one).collect()
    }

    /// With runs of so many bytes the outcome is that of the table in memory.
    #[track_caller]
    fn sorts(count: u64, batch: usize, run_bytes: usize) -> usize {
        let answers = random(count);
        let mut table = RdapTable::default();
        answers.iter().for_each(|answer| table.insert(answer.clone()));
        let expected: Vec<Answer> = table.sorted().cloned().collect();
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut sorter = Sorter { run_bytes, ..Sorter::new(directory.path()) };
        answers.chunks(batch).for_each(|batch| sorter.push(batch.to_vec()).expect("it takes answers"));
        let made = sorter.made;
        let mut found: Vec<Answer> = Vec::new();
        let mut take = |answers: &[&Answer]| {
            found.extend(answers.iter().map(|answer| (*answer).clone()));
            Ok(())
        };
        sorter.finish(&mut take).expect("it gives them back");
        assert!(found == expected, "{count} answers, runs of {run_bytes} bytes");
        assert_eq!(std::fs::read_dir(directory.path()).expect("a directory").count(), 0, "runs were left");
        made
    }

    #[test]
    fn runs_give_what_memory_gives() {
        assert_eq!(sorts(0, 1, 1000), 0);
        assert_eq!(sorts(3000, 100, RUN_BYTES), 0);
        assert!(sorts(3000, 100, 100_000) > 5);
        // more than are merged at once
        assert!(sorts(3000, 10, 5000) > 2 * MAX_RUNS);
    }
}
