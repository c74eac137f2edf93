//! RDAP answers as Parquet: what `rdap import` writes, and the sorted runs it makes on the way.

use rayon::prelude::*;

use crate::error::Result;
use crate::output::OutputFile;
use crate::rdap::{Answer, Events, Note, RdapOutcome, StatusSet};
use crate::table::columns::{ArrayBox, booleans, integers, moments, texts, word_lists, words};
use crate::table::schema::ANSWERS;
use crate::table::write::{Encoder, RowGroup, SingleTable};
use crate::time::Moment;

/// A table of answers, being written.
pub struct AnswersTable {
    table: SingleTable,
    group_rows: usize,
}

impl AnswersTable {
    /// A new file, of row groups of so many rows; it appears when it is finished.
    pub fn create(output: OutputFile, group_rows: usize) -> Result<Self> {
        Ok(Self { table: SingleTable::create(output, ANSWERS.layout())?, group_rows })
    }

    /// Writes answers behind the others. All but the last call should bring a multiple of the rows of a row group.
    pub fn write(&mut self, answers: &[&Answer]) -> Result<()> {
        let (encoder, mut write) = self.table.file().split();
        // a few at a time, for encoded row groups take memory, too
        for wave in answers.chunks(self.group_rows * 4 * crate::threads::workers()) {
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

/// An answer beside its neighbours: sorted answers lie anywhere in memory, and every column goes through all of them.
struct Row<'a> {
    name: &'a str,
    outcome: RdapOutcome,
    fetched_at: Moment,
    dated: bool,
    source: Option<&'a str>,
    statuses: Option<&'a StatusSet>,
    events: Events,
    registrar: Option<&'a str>,
    registrar_iana_id: Option<i64>,
    note: Option<Note>,
}

impl<'a> Row<'a> {
    fn of(answer: &&'a Answer) -> Self {
        let Answer { outcome, fetched_at, dated, events, registrar_iana_id, note, .. } = **answer;
        let is_found = outcome == RdapOutcome::Found;
        Self {
            name: &answer.name,
            outcome,
            fetched_at,
            dated,
            source: answer.source.as_deref(),
            statuses: is_found.then_some(&answer.statuses),
            events,
            registrar: answer.registrar.as_deref(),
            registrar_iana_id,
            note,
        }
    }
}

fn columns(answers: &[&Answer]) -> Result<Vec<ArrayBox>> {
    let rows: Vec<Row<'_>> = answers.iter().map(Row::of).collect();
    let each = || rows.iter();
    let event = |event: fn(&Events) -> Option<Moment>| moments(each().map(move |row| event(&row.events)));
    Ok(vec![
        texts(each().map(|row| Some(row.name))),
        words(each().map(|row| Some(row.outcome.name())))?,
        moments(each().map(|row| Some(row.fetched_at))),
        booleans(each().map(|row| Some(row.dated))),
        words(each().map(|row| row.source))?,
        word_lists(each().map(|row| row.statuses.map(StatusSet::names)))?,
        event(|events| events.registered),
        event(|events| events.reregistered),
        event(|events| events.reinstantiated),
        event(|events| events.expires),
        event(|events| events.registrar_expires),
        event(|events| events.changed),
        event(|events| events.transferred),
        event(|events| events.updated_database),
        words(each().map(|row| row.registrar))?,
        integers(each().map(|row| row.registrar_iana_id)),
        words(each().map(|row| row.note.map(Note::name)))?,
    ])
}
