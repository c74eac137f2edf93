//! The Parquet table of RDAP answers, which `rdap import` writes, and of which its sorted runs are made.

use rayon::prelude::*;

use crate::error::Result;
use crate::files::OutputFile;
use crate::rdap::{Answer, Events, Note, RdapOutcome, StatusSet};
use crate::table::columns::word_lists;
use crate::table::schema::{TableSchema, Type};
use crate::table::write::{Encoder, RowGroup, SingleTable};
use crate::time::Moment;

/// A table of answers that is being written.
pub(crate) struct AnswersTable {
    table: SingleTable,
    group_rows: usize,
}

impl AnswersTable {
    /// Creates the file, with row groups of this many rows. It appears under its name when it is finished.
    pub(crate) fn create(output: OutputFile, group_rows: usize) -> Result<Self> {
        Ok(Self { table: SingleTable::create(output, table().layout())?, group_rows })
    }

    /// Appends answers. All calls but the last should bring a multiple of the rows of a row group.
    pub(crate) fn write(&mut self, answers: &[&Answer]) -> Result<()> {
        let (encoder, mut write) = self.table.file().split();
        // a few at a time, because encoded row groups take memory as well
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

    /// Closes the file and gives it its name.
    pub(crate) fn finish(self) -> Result<()> {
        self.table.finish()
    }
}

fn encode(encoder: &Encoder, answers: &[&Answer]) -> Result<RowGroup> {
    let rows: Vec<AnswerRow<'_>> = answers.iter().map(AnswerRow::of).collect();
    encoder.encode(rows.len(), table().build(&rows))
}

/// A copy of an answer beside its neighbours: sorted answers are scattered over memory, and each column visits all of
/// them.
pub(crate) struct AnswerRow<'a> {
    name: &'a str,
    outcome: RdapOutcome,
    fetched_at: Moment,
    dated: bool,
    source: Option<&'a str>,
    statuses: Option<&'a StatusSet>,
    events: Events,
    registrar: Option<&'a str>,
    registrar_iana_id: Option<i64>,
    reserved: bool,
    note: Option<Note>,
}

impl<'a> AnswerRow<'a> {
    fn of(answer: &&'a Answer) -> Self {
        let Answer { outcome, fetched_at, dated, events, registrar_iana_id, reserved, note, .. } = **answer;
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
            reserved,
            note,
        }
    }
}

/// A column that tables of older versions lack.
pub(super) const RESERVED: &str = "reserved";

/// Declares the table.
pub(crate) fn table<'a>() -> TableSchema<[AnswerRow<'a>]> {
    let row = "the newest RDAP answer of a server about a domain, sorted by domain (`zonelapse rdap import`)";
    TableSchema::<[AnswerRow<'a>]>::new("answers", row)
        .text("domain", "the name asked about, in A-labels", |rows, row| Some(rows[row].name))
        .word("rdap_outcome", "found, not_found or error", |rows, row| Some(rows[row].outcome.name()))
        .timestamp(
            "rdap_fetched_at",
            "when the answer was fetched, else the time of its file",
            |rows, row| Some(rows[row].fetched_at),
        )
        .boolean(
            "dated",
            "the answer itself says when it was made; one that does not never proves absence",
            |rows, row| Some(rows[row].dated),
        )
        .word("rdap_source", "host of the answering server; null if unknown", |rows, row| rows[row].source)
        .column(
            "rdap_status",
            Type::WordList,
            "statuses in RFC 8056 spelling, others as they came; null unless found",
            |rows| Ok(word_lists(rows.iter().map(|row| row.statuses.map(StatusSet::names)))),
        )
        .timestamp("registered_at", "latest event registration", |rows, row| rows[row].events.registered)
        .timestamp("reregistered_at", "latest event reregistration", |rows, row| {
            rows[row].events.reregistered
        })
        .timestamp("reinstantiated_at", "latest event reinstantiation", |rows, row| {
            rows[row].events.reinstantiated
        })
        .timestamp("expires_at", "earliest event expiration", |rows, row| rows[row].events.expires)
        .timestamp("registrar_expires_at", "earliest event registrar expiration", |rows, row| {
            rows[row].events.registrar_expires
        })
        .timestamp("changed_at", "latest event last changed", |rows, row| rows[row].events.changed)
        .timestamp("transferred_at", "latest event transfer", |rows, row| rows[row].events.transferred)
        .timestamp("database_updated_at", "latest event last update of RDAP database", |rows, row| {
            rows[row].events.updated_database
        })
        .word("registrar", "name of the registrar", |rows, row| rows[row].registrar)
        .integer("registrar_iana_id", "its IANA registrar ID", |rows, row| rows[row].registrar_iana_id)
        .word(
            "note",
            "conformance: why it is an error, or the first fault that was tolerated",
            |rows, row| rows[row].note.map(Note::name),
        )
        .boolean(
            RESERVED,
            "a not-found answer whose text says that the name is reserved or blocked",
            |rows, row| Some(rows[row].reserved),
        )
        .optional()
}
