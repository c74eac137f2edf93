//! `accounts.parquet`: spooled rows joined with the verdicts of their domains.
//!
//! Frames are joined and encoded side by side and written in order, a few at a time, so memory is bounded
//! by a few frames whatever the number of rows.

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::columns::{
    ArrayBox, Words, days, integers, moments, nothing, numbered_words, texts, word_lists, words,
};
use super::parquet::{Encoder, RowGroup, TableFile};
use super::schema::{ACCOUNTS, OPTIONAL_ACCOUNT_COLUMNS, Type};
use crate::assess::account::{first_verification, judge_account};
use crate::assess::judge::{Judgement, MailVerdict};
use crate::assess::{Action, DropWindow, Reason, Risk, State};
use crate::census::rows::{LOCAL_PART_INVALID, MISSING, VERIFIED_AT_UNREADABLE, WEIGHT_UNREADABLE};
use crate::census::{Census, Rows};
use crate::error::Result;
use crate::progress::Progress;
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

/// What the rows of one mail domain share, small enough to be found in one step of memory.
#[derive(Clone, Copy)]
struct Shared {
    domain: u32,
    registrable: Option<u32>,
    state: State,
    risk: Risk,
    action: Action,
    rule: &'static str,
    /// Number of the list of reasons.
    reasons: u32,
    drop: DropWindow,
    /// The latest change of hands of any kind; a verification after it has nothing to fear.
    last_change: i64,
}

/// One joined row.
struct Joined {
    shared: Shared,
    state: State,
    risk: Risk,
    action: Action,
    rule: &'static str,
    /// The reasons, if they are more than the mail domain's.
    reasons: Option<Vec<Reason>>,
}

/// The verdicts, arranged for joining rows: one entry a mail domain.
struct Verdicts<'a> {
    shared: Vec<Shared>,
    reasons: Vec<Vec<Reason>>,
    registrables: Vec<&'a str>,
}

impl<'a> Verdicts<'a> {
    fn of(judgement: &Judgement<'a>) -> Self {
        let mut lists: HashMap<Vec<Reason>, u32> = HashMap::new();
        let mut reasons = Vec::new();
        let mut registrables = Words::default();
        let mut share = |mail: &MailVerdict<'a>| {
            let domain = &judgement.domains[mail.domain as usize];
            let verdict = &domain.verdict;
            let mut list = verdict.reasons.clone();
            list.extend(&mail.reasons);
            list.sort_unstable();
            list.dedup();
            let next = lists.len() as u32;
            let number = *lists.entry(list).or_insert_with_key(|list| {
                reasons.push(list.clone());
                next
            });
            Shared {
                domain: mail.domain,
                registrable: mail.registrable.map(|name| registrables.number(name)),
                state: verdict.state,
                risk: verdict.risk,
                action: verdict.action,
                rule: verdict.rule,
                reasons: number,
                drop: verdict.drop,
                last_change: domain.evidence.rdap.changes.last().map_or(i64::MIN, |moment| moment.0),
            }
        };
        let shared = judgement.mail.iter().map(&mut share).collect();
        Self { shared, reasons, registrables: registrables.into_words() }
    }
}

/// Accounts by state, risk and action.
type Counts = HashMap<(State, Risk, Action), u64>;

impl AccountTable<'_> {
    /// Writes the table; `progress` hears of the bytes of the spool that are through.
    pub fn write(&self, path: &Path, progress: &Progress) -> Result<Tally> {
        let mut file = TableFile::create(path, self.layout())?;
        let mut tally = Tally { accounts: HashMap::new(), domains: Vec::new() };
        tally.domains.resize_with(self.judgement.domains.len(), DomainTally::default);
        let verdicts = Verdicts::of(self.judgement);
        let wave = 2 * rayon::current_num_threads();
        let frames: Vec<usize> = (0..self.census.rows.frames()).collect();
        let mut encoded: Vec<RowGroup> = Vec::new();
        for numbers in frames.chunks(wave).chain([[].as_slice()]) {
            let (encoder, mut write) = file.split();
            let write = || encoded.drain(..).try_for_each(&mut write);
            let encode = || -> Vec<Result<_>> {
                let one = |number: &usize| self.encode(encoder, *number, &verdicts, &tally.domains, progress);
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
        verdicts: &Verdicts<'_>,
        domains: &[DomainTally],
        progress: &Progress,
    ) -> Result<(RowGroup, Counts)> {
        let rows = self.census.rows.frame(number)?;
        let joined = self.join(&rows, verdicts);
        let mut counts = Counts::new();
        for (row, weight) in joined.iter().zip(&rows.weight) {
            *counts.entry((row.state, row.risk, row.action)).or_default() += 1;
            domains[row.shared.domain as usize].count(row.state, *weight);
        }
        let columns = self.columns(&rows, verdicts, &joined)?;
        let group = encoder.encode(rows.len(), columns)?;
        progress.advance(self.census.rows.frame_bytes(number));
        Ok((group, counts))
    }

    fn join(&self, rows: &Rows, verdicts: &Verdicts<'_>) -> Vec<Joined> {
        let join = |index: usize| {
            let shared = verdicts.shared[rows.mail[index] as usize];
            let Shared { mut state, mut risk, mut action, mut rule, .. } = shared;
            let mut reasons = None;
            let moment = |micros: i64| (micros != MISSING).then_some(Moment(micros));
            let verified_at = moment(rows.verified_at[index]);
            let first_verified_at = moment(rows.first_verified_at[index]);
            let first = first_verification(verified_at, first_verified_at);
            let marks = rows.marks[index];
            if marks != 0 || first.is_some_and(|first| first.0 < shared.last_change) {
                let domain = &self.judgement.domains[shared.domain as usize];
                let changes = &domain.evidence.rdap.changes;
                let account = judge_account(&domain.verdict, changes, verified_at, first_verified_at);
                (state, risk, action, rule) = account.replaced.unwrap_or((state, risk, action, rule));
                let marked = [
                    (LOCAL_PART_INVALID, Reason::LocalPartInvalid),
                    (VERIFIED_AT_UNREADABLE, Reason::VerifiedAtUnreadable),
                    (WEIGHT_UNREADABLE, Reason::WeightUnreadable),
                ];
                let marked = marked.iter().filter(|(mark, _)| marks & mark != 0).map(|(_, reason)| reason);
                let shared = &verdicts.reasons[shared.reasons as usize];
                let mut all: Vec<Reason> = marked.chain(shared).chain(&account.reasons).copied().collect();
                all.sort_unstable();
                all.dedup();
                reasons = Some(all);
            }
            Joined { shared, state, risk, action, rule, reasons }
        };
        (0..rows.len()).map(join).collect()
    }

    fn columns(&self, rows: &Rows, verdicts: &Verdicts<'_>, joined: &[Joined]) -> Result<Vec<ArrayBox>> {
        let paths: Vec<String> =
            self.census.files.iter().map(|file| file.path.display().to_string()).collect();
        let word = |value: fn(&Joined) -> &'static str| words(joined.iter().map(|row| Some(value(row))));
        let mail = |number: u32| &*self.census.mail_domains[number as usize].name;
        let registrable = |number: u32| verdicts.registrables[number as usize];
        let judged = |number: u32| self.judgement.domains[number as usize].name;
        let reasons = joined.iter().map(|row| {
            let list = row.reasons.as_ref().unwrap_or(&verdicts.reasons[row.shared.reasons as usize]);
            Some(list.iter().map(|reason| reason.name()))
        });
        let drop = || joined.iter().map(|row| row.shared.drop);
        let number = |micros: &i64| (*micros != MISSING).then_some(*micros);
        let mut columns = vec![
            words(rows.source.iter().map(|source| paths.get(*source as usize).map(String::as_str)))?,
            integers(rows.row.iter().map(|row| Some(*row as i64))),
            texts(rows.id.iter()),
            numbered_words(rows.mail.iter().map(|mail| Some(*mail)), mail)?,
            numbered_words(joined.iter().map(|row| row.shared.registrable), registrable)?,
            numbered_words(joined.iter().map(|row| Some(row.shared.domain)), judged)?,
            word(|row| row.state.name())?,
            word(|row| row.risk.name())?,
            word(|row| row.action.name())?,
            nothing(rows.len(), Type::Word),
            word(|row| row.rule)?,
            word_lists(reasons)?,
            moments(rows.verified_at.iter().map(|micros| number(micros).map(Moment))),
            integers(rows.weight.iter().map(number)),
            days(drop().map(|drop| drop.earliest)),
            days(drop().map(|drop| drop.latest)),
            integers(drop().map(|drop| days_to_drop(drop.earliest, self.today))),
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
