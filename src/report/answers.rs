//! RDAP answers as Parquet: what `rdap import` writes, and the sorted runs it makes on the way.

use std::path::Path;

use rayon::prelude::*;

use super::columns::{ArrayBox, booleans, integers, moments, texts, word_lists, words};
use super::parquet::{Encoder, RowGroup, SingleTable};
use super::schema::ANSWERS;
use crate::error::Result;
use crate::rdap::{Answer, Events, Note, RdapOutcome};
use crate::time::Moment;

/// A table of answers, being written.
pub struct AnswersTable {
    table: SingleTable,
    group_rows: usize,
}

impl AnswersTable {
    /// A new file, of row groups of so many rows; it appears when it is finished.
    pub fn create(path: &Path, group_rows: usize) -> Result<Self> {
        Ok(Self { table: SingleTable::create(path, ANSWERS.layout())?, group_rows })
    }

    /// Writes answers behind the others. All but the last call should bring a multiple of the rows of a row group.
    pub fn write(&mut self, answers: &[&Answer]) -> Result<()> {
        let (encoder, mut write) = self.table.file().split();
        // a few at a time, for encoded row groups take memory, too
        for wave in answers.chunks(self.group_rows * 4 * rayon::current_num_threads()) {
            let groups: Vec<Result<RowGroup>> = wave
                .par_chunks(self.group_rows)
                .with_max_len(1)
                .map(|group| encode(encoder, group))
                .collect();
            for group in groups {
                write(group?)?;
            }
        }
        Ok(())
    }

    /// Closes the file and names it.
    pub fn finish(self) -> Result<()> {
        self.table.finish()
    }
}

fn encode(encoder: &Encoder, answers: &[&Answer]) -> Result<RowGroup> {
    encoder.encode(answers.len(), columns(answers)?)
}

fn columns(answers: &[&Answer]) -> Result<Vec<ArrayBox>> {
    let each = || answers.iter().copied();
    let event =
        |event: fn(&Events) -> Option<Moment>| moments(each().map(move |answer| event(&answer.events)));
    let is_found = |answer: &&Answer| answer.outcome == RdapOutcome::Found;
    Ok(vec![
        texts(each().map(|answer| Some(&*answer.name))),
        words(each().map(|answer| Some(answer.outcome.name())))?,
        moments(each().map(|answer| Some(answer.fetched_at))),
        booleans(each().map(|answer| Some(answer.dated))),
        words(each().map(|answer| answer.source.as_deref()))?,
        word_lists(each().map(|answer| Some(answer).filter(is_found).map(|answer| answer.statuses.names())))?,
        event(|events| events.registered),
        event(|events| events.reregistered),
        event(|events| events.reinstantiated),
        event(|events| events.expires),
        event(|events| events.registrar_expires),
        event(|events| events.changed),
        event(|events| events.transferred),
        event(|events| events.updated_database),
        words(each().map(|answer| answer.registrar.as_deref()))?,
        integers(each().map(|answer| answer.registrar_iana_id)),
        words(each().map(|answer| answer.note.map(Note::text)))?,
    ])
}
