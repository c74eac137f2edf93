//! `accounts.parquet`: spooled rows joined with the verdicts of their domains.
//!
//! Frames are joined and encoded side by side and written in order, a few at a time, so memory is bounded
//! by a few frames whatever the number of rows.

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::columns::{ArrayBox, Words, days, integers, moments, nothing, texts, word_lists, words};
use super::parquet::{Encoder, RowGroup, TableFile};
use super::schema::{ACCOUNTS, OPTIONAL_ACCOUNT_COLUMNS, Type};
use crate::assess::account::{Changes, judge_account};
use crate::assess::judge::Judgement;
use crate::assess::{Action, Reason, Risk, State, Verdict};
use crate::census::rows::{LOCAL_PART_INVALID, MISSING, VERIFIED_AT_UNREADABLE, WEIGHT_UNREADABLE};
use crate::census::{Census, Rows};
use crate::error::Result;
use crate::time::{Day, Moment};

/// What the table needs beside the rows.
#[derive(Debug)]
pub struct AccountTable<'a> {
    /// The census.
    pub census: &'a Census,
    /// The verdicts.
    pub judgement: &'a Judgement<'a>,
    /// Day of as-of.
    pub today: Day,
    /// Names of the carried columns.
    pub carry: &'a [String],
    /// Whether the address is kept.
    pub keep_email: bool,
    /// Whether its keyed hash is.
    pub hash_email: bool,
}

/// What was written, counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Accounts by state, risk and action.
    pub accounts: HashMap<(State, Risk, Action), u64>,
    /// For each judged domain, in the order of the judgement.
    pub domains: Vec<DomainTally>,
}

/// The accounts of one judged domain.
#[derive(Debug, Default)]
pub struct DomainTally {
    /// How many.
    pub accounts: AtomicU64,
    /// How many of them are `reregistered`, unlike the domain.
    pub reregistered: AtomicU64,
    /// Accounts that have a weight.
    pub weighted: AtomicU64,
    /// Sum of the weights.
    pub weight: AtomicI64,
}

/// What the rows of one mail domain share.
struct Shared<'a> {
    verdict: &'a Verdict,
    changes: &'a Changes,
    domain: u32,
    /// Numbers of the words of this row group.
    words: [Option<u32>; 3],
    reasons: Vec<Reason>,
}

/// One joined row.
struct Joined {
    /// The place of its mail domain in the row group.
    shared: u32,
    state: State,
    risk: Risk,
    action: Action,
    rule: &'static str,
    /// The reasons, if they are more than the mail domain's.
    reasons: Option<Vec<Reason>>,
}

/// Accounts by state, risk and action.
type Counts = HashMap<(State, Risk, Action), u64>;

impl AccountTable<'_> {
    /// Writes the table.
    pub fn write(&self, path: &Path, progress: &(dyn Fn(u64) + Sync)) -> Result<Tally> {
        let mut file = TableFile::create(path, self.layout())?;
        let mut tally = Tally { accounts: HashMap::new(), domains: Vec::new() };
        tally.domains.resize_with(self.judgement.domains.len(), DomainTally::default);
        let wave = 2 * rayon::current_num_threads();
        let frames: Vec<usize> = (0..self.census.rows.frames()).collect();
        let mut encoded: Vec<RowGroup> = Vec::new();
        for numbers in frames.chunks(wave).chain([[].as_slice()]) {
            let (encoder, mut write) = file.split();
            let write = || encoded.drain(..).try_for_each(&mut write);
            let encode = || -> Vec<Result<_>> {
                let one = |number: &usize| self.encode(encoder, *number, &tally.domains, progress);
                numbers.par_iter().map(one).with_max_len(1).collect()
            };
            let (written, next) = rayon::join(write, encode);
            written?;
            for result in next {
                let (group, counts): (RowGroup, Counts) = result?;
                encoded.push(group);
                counts.into_iter().for_each(|(key, count)| *tally.accounts.entry(key).or_default() += count);
            }
        }
        file.finish()?;
        Ok(tally)
    }

    fn layout(&self) -> Vec<(String, Type)> {
        let [email, hash] = OPTIONAL_ACCOUNT_COLUMNS;
        let kept = [(self.keep_email, email), (self.hash_email, hash)];
        let kept = kept
            .into_iter()
            .filter(|(kept, _)| *kept)
            .map(|(_, column)| (column.name.to_owned(), column.kind));
        let carried = self.carry.iter().map(|name| (name.clone(), Type::Text));
        ACCOUNTS.layout().into_iter().chain(kept).chain(carried).collect()
    }

    fn encode(
        &self,
        encoder: &Encoder,
        number: usize,
        domains: &[DomainTally],
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(RowGroup, Counts)> {
        let rows = self.census.rows.frame(number)?;
        let mut names = Words::default();
        let (shared, places) = self.share(&rows, &mut names);
        let joined = self.join(&rows, &shared, &places);
        let mut counts = Counts::new();
        for (row, weight) in joined.iter().zip(&rows.weight) {
            *counts.entry((row.state, row.risk, row.action)).or_default() += 1;
            domains[shared[row.shared as usize].domain as usize].count(row.state, *weight);
        }
        let columns = self.columns(&rows, &shared, &joined, &names)?;
        let group = encoder.encode(rows.len(), columns)?;
        progress(rows.len() as u64);
        Ok((group, counts))
    }

    /// The distinct mail domains of a frame, and for each row the place of its own.
    fn share<'s>(&'s self, rows: &Rows, names: &mut Words<'s>) -> (Vec<Shared<'s>>, Vec<u32>) {
        let mut shared: Vec<Shared<'s>> = Vec::new();
        let mut known: HashMap<u32, u32, foldhash::fast::FixedState> = HashMap::default();
        let place = |number: &u32| {
            *known.entry(*number).or_insert_with(|| {
                let mail = &self.judgement.mail[*number as usize];
                let domain = &self.judgement.domains[mail.domain as usize];
                let mail_domain = &*self.census.mail_domains[*number as usize].name;
                let mut reasons = domain.verdict.reasons.clone();
                reasons.extend(&mail.reasons);
                reasons.sort_unstable();
                reasons.dedup();
                shared.push(Shared {
                    verdict: &domain.verdict,
                    changes: &domain.evidence.rdap.changes,
                    domain: mail.domain,
                    words: [Some(mail_domain), mail.registrable, Some(domain.name)]
                        .map(|name| name.map(|name| names.number(name))),
                    reasons,
                });
                shared.len() as u32 - 1
            })
        };
        let places = rows.mail.iter().map(place).collect();
        (shared, places)
    }

    fn join(&self, rows: &Rows, shared: &[Shared<'_>], places: &[u32]) -> Vec<Joined> {
        let moment = |micros: i64| (micros != MISSING).then_some(Moment(micros));
        let join = |index: usize| {
            let place = places[index];
            let Shared { verdict, changes, reasons, .. } = &shared[place as usize];
            let account = judge_account(
                verdict,
                changes,
                moment(rows.verified_at[index]),
                moment(rows.first_verified_at[index]),
            );
            let (state, risk, action, rule) =
                account.replaced.unwrap_or((verdict.state, verdict.risk, verdict.action, verdict.rule));
            let marks = rows.marks[index];
            let more = (marks != 0 || !account.reasons.is_empty()).then(|| {
                let marked = [
                    (LOCAL_PART_INVALID, Reason::LocalPartInvalid),
                    (VERIFIED_AT_UNREADABLE, Reason::VerifiedAtUnreadable),
                    (WEIGHT_UNREADABLE, Reason::WeightUnreadable),
                ];
                let marked = marked.iter().filter(|(mark, _)| marks & mark != 0).map(|(_, reason)| reason);
                let mut all: Vec<Reason> = marked.chain(reasons).chain(&account.reasons).copied().collect();
                all.sort_unstable();
                all.dedup();
                all
            });
            Joined { shared: place, state, risk, action, rule, reasons: more }
        };
        (0..rows.len()).map(join).collect()
    }

    fn columns(
        &self,
        rows: &Rows,
        shared: &[Shared<'_>],
        joined: &[Joined],
        names: &Words<'_>,
    ) -> Result<Vec<ArrayBox>> {
        let paths: Vec<String> =
            self.census.files.iter().map(|file| file.path.display().to_string()).collect();
        let of = |row: &Joined| &shared[row.shared as usize];
        let name = |column: usize| names.column(joined.iter().map(move |row| of(row).words[column]));
        let word = |value: fn(&Joined) -> &'static str| words(joined.iter().map(|row| Some(value(row))));
        let reasons = joined.iter().map(|row| {
            let list = row.reasons.as_ref().unwrap_or(&of(row).reasons);
            Some(list.iter().map(|reason| reason.name()))
        });
        let earliest = |row: &Joined| of(row).verdict.drop.earliest;
        let number = |micros: &i64| (*micros != MISSING).then_some(*micros);
        let mut columns = vec![
            words(rows.source.iter().map(|source| paths.get(*source as usize).map(String::as_str)))?,
            integers(rows.row.iter().map(|row| Some(*row as i64))),
            texts(rows.id.iter()),
            name(0)?,
            name(1)?,
            name(2)?,
            word(|row| row.state.name())?,
            word(|row| row.risk.name())?,
            word(|row| row.action.name())?,
            nothing(rows.len(), Type::Word),
            word(|row| row.rule)?,
            word_lists(reasons)?,
            moments(rows.verified_at.iter().map(|micros| number(micros).map(Moment))),
            integers(rows.weight.iter().map(number)),
            days(joined.iter().map(earliest)),
            days(joined.iter().map(|row| of(row).verdict.drop.latest)),
            integers(joined.iter().map(|row| days_to_drop(earliest(row), self.today))),
        ];
        columns.extend(rows.address.iter().chain(&rows.carried).map(|values| texts(values.iter())));
        Ok(columns)
    }
}

impl DomainTally {
    fn count(&self, state: State, weight: i64) {
        self.accounts.fetch_add(1, Ordering::Relaxed);
        if state == State::Reregistered {
            self.reregistered.fetch_add(1, Ordering::Relaxed);
        }
        if weight != MISSING {
            self.weighted.fetch_add(1, Ordering::Relaxed);
            let add = |sum: i64| Some(sum.saturating_add(weight));
            let _ = self.weight.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        }
    }
}

/// Days from `today` to a drop, not below 0.
pub fn days_to_drop(earliest: Option<Day>, today: Day) -> Option<i64> {
    earliest.map(|day| i64::from(day.since(today).max(0)))
}
