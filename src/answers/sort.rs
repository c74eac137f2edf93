//! Answers sorted by name, the newest of each server kept, in bounded memory.
//!
//! Answers gather until they take [`RUN_BYTES`]; then they are sorted, thinned out and written aside as a run,
//! in the form of the finished table. At the end the runs are merged; if there are more than
//! [`MAX_RUNS`], so many are merged into one first. What fits into one run is never written aside.
//!
//! The outcome does not depend on the order of the answers: which of two is kept is told by a total order.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::TempDir;

use super::parquet::ImportedAnswers;
use crate::error::{Error, Result};
use crate::rdap::{Answer, put_newest};
use crate::report::answers::AnswersTable;

/// Memory that the answers of a run take, about.
const RUN_BYTES: usize = 256 << 20;
/// Runs merged at once.
const MAX_RUNS: usize = 32;
/// Rows of a row group of a run: one of each run is in memory while they are merged.
const RUN_GROUP_ROWS: usize = 1 << 13;
/// Rows of a row group of the finished table.
const GROUP_ROWS: usize = 1 << 16;

/// Answers that are being sorted.
#[derive(Debug)]
pub struct Sorter {
    batches: Vec<Vec<Answer>>,
    bytes: usize,
    run_bytes: usize,
    scratch: PathBuf,
    directory: Option<TempDir>,
    runs: Vec<PathBuf>,
    made: usize,
}

impl Sorter {
    /// Sorts with runs below `scratch`, if there are any.
    pub fn new(scratch: &Path) -> Self {
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
    pub fn push(&mut self, answers: Vec<Answer>) -> Result<()> {
        self.bytes += answers.iter().map(bytes_of).sum::<usize>();
        self.batches.push(answers);
        if self.bytes >= self.run_bytes { self.flush() } else { Ok(()) }
    }

    /// Hands on all answers kept, sorted by name, those of one name newest first.
    pub fn finish(mut self, take: &mut dyn FnMut(&[&Answer]) -> Result<()>) -> Result<()> {
        if self.runs.is_empty() {
            return take(&thinned(&self.batches));
        }
        self.flush()?;
        merge(&self.runs, take)
    }

    fn flush(&mut self) -> Result<()> {
        let path = self.new_run()?;
        let mut table = AnswersTable::create(&path, RUN_GROUP_ROWS)?;
        table.write(&thinned(&self.batches))?;
        table.finish()?;
        self.batches.clear();
        self.bytes = 0;
        self.runs.push(path);
        if self.runs.len() == MAX_RUNS {
            let path = self.new_run()?;
            let mut table = AnswersTable::create(&path, RUN_GROUP_ROWS)?;
            merge(&self.runs, &mut |answers| table.write(answers))?;
            table.finish()?;
            for run in std::mem::replace(&mut self.runs, vec![path]) {
                std::fs::remove_file(&run).map_err(|error| Error::io(&run, "remove", &error))?;
            }
        }
        Ok(())
    }

    fn new_run(&mut self) -> Result<PathBuf> {
        if self.directory.is_none() {
            let made = tempfile::Builder::new().prefix(".zonelapse-runs-").tempdir_in(&self.scratch);
            self.directory = Some(made.map_err(|error| Error::io(&self.scratch, "write to", &error))?);
        }
        self.made += 1;
        let directory = self.directory.as_ref().map_or(self.scratch.as_path(), TempDir::path);
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
    kept.append(&mut list);
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
        kept.append(list);
    }
    put_newest(list, answer, None);
}

/// Merges runs; hands on row groups of the finished table.
fn merge(runs: &[PathBuf], take: &mut dyn FnMut(&[&Answer]) -> Result<()>) -> Result<()> {
    let mut runs = runs.iter().map(|path| Run::open(path)).collect::<Result<Vec<_>>>()?;
    let mut heap = BinaryHeap::with_capacity(runs.len());
    for (number, run) in runs.iter_mut().enumerate() {
        if let Some(answer) = run.next()? {
            heap.push(Reverse(Head { answer, number }));
        }
    }
    let (mut list, mut kept) = (Vec::new(), Vec::with_capacity(GROUP_ROWS));
    let whole = GROUP_ROWS * rayon::current_num_threads();
    while let Some(Reverse(Head { answer, number })) = heap.pop() {
        add(answer, &mut list, &mut kept);
        if let Some(answer) = runs[number].next()? {
            heap.push(Reverse(Head { answer, number }));
        }
        if kept.len() >= whole {
            take(&kept[..whole].iter().collect::<Vec<_>>())?;
            kept.drain(..whole);
        }
    }
    kept.append(&mut list);
    take(&kept.iter().collect::<Vec<_>>())
}

/// The first answer of a run that is not merged yet.
struct Head {
    answer: Answer,
    number: usize,
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (&self.answer.name, self.number).cmp(&(&other.answer.name, other.number))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

/// A run that is being merged.
struct Run {
    rows: ImportedAnswers,
    group: std::vec::IntoIter<Answer>,
}

impl Run {
    fn open(path: &Path) -> Result<Self> {
        Ok(Self { rows: ImportedAnswers::open(path)?, group: Vec::new().into_iter() })
    }

    fn next(&mut self) -> Result<Option<Answer>> {
        loop {
            if let Some(answer) = self.group.next() {
                return Ok(Some(answer));
            }
            match self.rows.next(&|_| true)? {
                None => return Ok(None),
                Some(batch) if batch.file.faults > 0 => {
                    return Err(Error::internal("a run of answers does not read back"));
                }
                Some(batch) => self.group = batch.answers.into_iter(),
            }
        }
    }
}
