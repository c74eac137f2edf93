//! A batch of rows: taken, judged as the audit judges, and given back one by one.
//!
//! Nothing is kept from batch to batch but the evidence: zones are mapped; of tables that are probed, hashes of names and
//! what was found lately are kept, each up to a bound. Within a batch each mail domain is judged once.

use std::ops::Range;

use rayon::prelude::*;

use super::columns::{self, Cell};
use super::tally::RowTally;
use crate::assess::account::AccountVerdict;
use crate::assess::accounts::{AccountJudge, FrameMail, JudgedFrame};
use crate::assess::overrides::Overrides;
use crate::census::interner::Interner;
use crate::census::{CensusOptions, ChunkBuffers, ChunkTaker, FileLines};
use crate::command::Message;
use crate::command::evidence::{EvidenceInputs, ProbedTables};
use crate::error::{Error, Result};
use crate::input::accounts::{Account, AccountSink};
use crate::name::Rejection;
use crate::snapshot::zones::Zones;
use crate::time::Moment;

/// What rows are judged by, opened once.
pub(super) struct RowJudge {
    pub(super) evidence: EvidenceInputs,
    pub(super) zones: Zones,
    pub(super) tables: ProbedTables,
    pub(super) overrides: Overrides,
    pub(super) as_of: Moment,
    /// What became of the rows so far.
    pub(super) tally: RowTally,
    /// Whether the domains of servers are told.
    pub(super) with_servers: bool,
}

/// The rows of a part of a batch.
pub(super) struct PartRows {
    buffers: ChunkBuffers,
    /// Where each record is in its text, if it is one of a text.
    pub(super) records: Vec<Range<usize>>,
}

/// Takes the rows of a part.
pub(super) struct PartTaker<'a> {
    rows: ChunkTaker<'a>,
    records: Vec<Range<usize>>,
    /// A name that is taken, and a prefix that would help.
    taken: Option<(String, String)>,
}

impl<'a> PartTaker<'a> {
    pub(super) fn new(options: &'a CensusOptions, interner: &'a Interner<'a>) -> Self {
        let rows = ChunkTaker::new(options, interner, 0, ChunkBuffers::default());
        Self { rows, records: Vec::new(), taken: None }
    }

    /// Fails if a name is taken.
    pub(super) fn check(&self, error: impl Fn(&str, &str) -> Error) -> Result<()> {
        self.taken.as_ref().map_or(Ok(()), |(name, prefix)| Err(error(name, prefix)))
    }

    pub(super) fn finish(self) -> PartRows {
        let buffers = self.rows.finish(FileLines::default()).buffers;
        PartRows { buffers, records: self.records }
    }
}

impl AccountSink for PartTaker<'_> {
    fn record(&mut self, at: Range<usize>) {
        self.records.push(at);
    }

    fn account(&mut self, account: &Account<'_>) {
        self.rows.account(account);
    }

    fn malformed(&mut self, row: u64, id: Option<&str>) {
        self.rows.malformed(row, id);
    }

    fn taken(&mut self, name: &str, prefix: &str) {
        self.taken = Some((name.to_owned(), prefix.to_owned()));
    }
}

/// The judged rows of a part.
pub(super) struct JudgedPart<'j> {
    judge: &'j AccountJudge<'j>,
    frame: JudgedFrame,
    rejected: Vec<(u64, Rejection)>,
    as_of: Moment,
    with_servers: bool,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Judged: the places of its mail domain and of its verdict.
    Judged { mail: usize, verdict: usize },
    /// Rejected.
    Rejected(Rejection),
}

impl RowJudge {
    /// Takes the parts of a batch with `take`, judges them, and makes something of each with `make`.
    pub(super) fn judge<P: Sync, T: Send>(
        &mut self,
        parts: &[P],
        options: &CensusOptions,
        take: impl Fn(&P, &mut PartTaker<'_>) -> Result<()> + Sync,
        make: impl Fn(&P, &PartRows, &JudgedPart<'_>) -> T + Sync,
    ) -> Result<Vec<T>> {
        let interner = Interner::new(&self.evidence.suffixes);
        let take_part = |part: &P| -> Result<PartRows> {
            let mut taker = PartTaker::new(options, &interner);
            take(part, &mut taker)?;
            Ok(taker.finish())
        };
        let taken: Vec<Result<PartRows>> = parts.par_iter().map(take_part).collect();
        let mut taken: Vec<PartRows> = taken.into_iter().collect::<Result<_>>()?;
        let mail_domains = interner.into_domains();
        let mut mail_servers = self.tables.mail_servers(&mail_domains)?;
        let survey = self.evidence.survey(&mail_domains, &self.zones, &mut mail_servers);
        let answers = self.evidence.probe_answers(&survey, &mut self.tables)?;
        let mut judgement = self.evidence.judge(&mail_domains, survey, &self.zones, &answers)?;
        judgement.decide(&self.overrides);
        let (as_of, with_servers) = (self.as_of, self.with_servers);
        let judge = AccountJudge::new(&mail_domains, &[], &judgement, None, as_of);
        let make_part = |(part, rows): (&P, &mut PartRows)| {
            let judged = JudgedPart::of(&judge, rows, as_of, with_servers);
            (make(part, rows, &judged), RowTally::of(&judged))
        };
        let (made, tallies): (Vec<T>, Vec<RowTally>) =
            parts.par_iter().zip(&mut taken).map(make_part).unzip();
        tallies.into_iter().for_each(|tally| self.tally.add(tally));
        Ok(made)
    }

    /// What a person should know, once all rows were judged.
    pub(super) fn messages(&self) -> Vec<Message> {
        let notes = self.tables.notices().into_iter().map(Message::Note);
        self.tally.warning().map(Message::Warning).into_iter().chain(notes).collect()
    }
}

impl<'j> JudgedPart<'j> {
    fn of(judge: &'j AccountJudge<'j>, rows: &mut PartRows, as_of: Moment, with_servers: bool) -> Self {
        let frame = judge.judge(std::mem::take(&mut rows.buffers.rows));
        let rejected = &rows.buffers.rejected;
        let reason = |number: &u8| Rejection::from_number(*number).unwrap_or(Rejection::MalformedRow);
        let rejected = rejected.row.iter().zip(&rejected.reason).map(|(row, number)| (*row, reason(number)));
        Self { judge, frame, rejected: rejected.collect(), as_of, with_servers }
    }

    /// What became of each row, in the order of the input.
    pub(super) fn fates(&self) -> impl Iterator<Item = Fate> {
        let (mut accepted, mut rejected) = (0, self.rejected.iter().peekable());
        (1..=self.rows() as u64).map(move |row| match rejected.next_if(|(number, _)| *number == row) {
            Some((_, reason)) => Fate::Rejected(*reason),
            None => {
                let place = accepted;
                accepted += 1;
                let (mail, verdict) = (self.frame.mail_places[place], self.frame.numbers[place]);
                Fate::Judged { mail: mail as usize, verdict: verdict as usize }
            }
        })
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> usize {
        self.frame.numbers.len() + self.rejected.len()
    }

    /// The mail domains that occur.
    pub(super) fn mail(&self) -> &[FrameMail] {
        &self.frame.mail
    }

    /// The verdicts that occur.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = &AccountVerdict> {
        self.frame.verdicts.iter().map(|(verdict, _)| verdict)
    }

    /// The cells of a mail domain, before those of the verdict and after them.
    pub(super) fn domain_cells(&self, mail: &FrameMail) -> (Vec<Cell<'_>>, Vec<Cell<'_>>) {
        let changed_at = self.judge.hands_changed_at(mail.shared);
        let servers = self.with_servers.then(|| columns::of_servers(self.judge, mail));
        (columns::of_domain(self.judge, mail).into(), columns::at_end(changed_at, self.as_of, servers))
    }

    /// The last cells of a rejected row.
    pub(super) fn no_end(&self) -> Vec<Cell<'_>> {
        columns::at_end(None, self.as_of, self.with_servers.then_some(Cell::Null))
    }

    /// Whether the domains of servers are told.
    pub(super) fn with_servers(&self) -> bool {
        self.with_servers
    }

    /// The moment of judgement.
    pub(super) fn as_of(&self) -> Moment {
        self.as_of
    }
}
