//! `accounts.parquet`: spooled rows joined with the verdicts of their domains.
//!
//! Frames are joined and encoded side by side and written in order, a few at a time, so memory is bounded
//! by a few frames whatever the number of rows.

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hashbrown::HashMap;
use polars::prelude::{DataFrame, Schema};
use rayon::prelude::*;

use super::columns::{days, integers, moments, nothing, text_lists, texts};
use super::parquet::{RowGroup, TableFile};
use super::schema::{ACCOUNTS, OPTIONAL_ACCOUNT_COLUMNS, Type, schema_of};
use crate::assess::account::judge_account;
use crate::assess::judge::Judgement;
use crate::assess::{Action, Reason, Risk, State};
use crate::census::rows::{LOCAL_PART_INVALID, MISSING, VERIFIED_AT_UNREADABLE, WEIGHT_UNREADABLE};
use crate::census::{Census, Rows};
use crate::error::{Error, Result};
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

/// One joined row.
struct Joined<'a> {
    state: State,
    risk: Risk,
    action: Action,
    rule: &'static str,
    reasons: Vec<Reason>,
    domain: &'a crate::assess::judge::JudgedDomain<'a>,
    mail_domain: &'a str,
    registrable: Option<&'a str>,
}

impl AccountTable<'_> {
    /// Writes the table.
    pub fn write(&self, path: &Path, progress: &(dyn Fn(u64) + Sync)) -> Result<Tally> {
        let file = TableFile::create(path, self.schema())?;
        let mut tally = Tally { accounts: HashMap::new(), domains: Vec::new() };
        tally.domains.resize_with(self.judgement.domains.len(), DomainTally::default);
        let wave = rayon::current_num_threads().max(2);
        let frames: Vec<usize> = (0..self.census.rows.frames()).collect();
        let mut encoded: Vec<RowGroup> = Vec::new();
        for numbers in frames.chunks(wave).chain([[].as_slice()]) {
            let write = || encoded.drain(..).try_for_each(|group| file.write(group));
            let encode = || -> Vec<Result<_>> {
                let one = |number: &usize| self.encode(&file, *number, &tally.domains, progress);
                numbers.par_iter().map(one).with_max_len(1).collect()
            };
            let (written, next) = rayon::join(write, encode);
            written?;
            for result in next {
                let (group, counts) = result?;
                encoded.push(group);
                counts.into_iter().for_each(|(key, count)| *tally.accounts.entry(key).or_default() += count);
            }
        }
        file.finish()?;
        Ok(tally)
    }

    fn schema(&self) -> std::sync::Arc<Schema> {
        let [email, hash] = OPTIONAL_ACCOUNT_COLUMNS;
        let fixed = ACCOUNTS.columns.iter().map(|column| (column.name, column.kind));
        let email = self.keep_email.then_some((email.name, email.kind));
        let hash = self.hash_email.then_some((hash.name, hash.kind));
        let carried = self.carry.iter().map(|name| (name.as_str(), Type::Text));
        schema_of(fixed.chain(email).chain(hash).chain(carried))
    }

    #[expect(clippy::type_complexity, reason = "a row group and its counts, taken apart at once")]
    fn encode(
        &self,
        file: &TableFile,
        number: usize,
        domains: &[DomainTally],
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(RowGroup, HashMap<(State, Risk, Action), u64>)> {
        let rows = self.census.rows.frame(number)?;
        let joined = self.join(&rows);
        let mut counts = HashMap::new();
        for ((row, mail), weight) in joined.iter().zip(&rows.mail).zip(&rows.weight) {
            *counts.entry((row.state, row.risk, row.action)).or_default() += 1;
            let tally = &domains[self.judgement.mail[*mail as usize].domain as usize];
            tally.accounts.fetch_add(1, Ordering::Relaxed);
            tally.reregistered.fetch_add(u64::from(row.state == State::Reregistered), Ordering::Relaxed);
            if *weight != MISSING {
                tally.weighted.fetch_add(1, Ordering::Relaxed);
                let add = |sum: i64| Some(sum.saturating_add(*weight));
                let _ = tally.weight.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
            }
        }
        let group = file.encode(&self.frame(&rows, &joined)?)?;
        progress(rows.len() as u64);
        Ok((group, counts))
    }

    fn join(&self, rows: &Rows) -> Vec<Joined<'_>> {
        let join = |index: usize| {
            let mail = &self.judgement.mail[rows.mail[index] as usize];
            let domain = &self.judgement.domains[mail.domain as usize];
            let verdict = &domain.verdict;
            let moment = |micros: i64| (micros != MISSING).then_some(Moment(micros));
            let account = judge_account(
                verdict,
                &domain.evidence.rdap.changes,
                moment(rows.verified_at[index]),
                moment(rows.first_verified_at[index]),
            );
            let (state, risk, action, rule) =
                account.replaced.unwrap_or((verdict.state, verdict.risk, verdict.action, verdict.rule));
            let mut reasons = Vec::new();
            let marks = rows.marks[index];
            if marks != 0 || !account.reasons.is_empty() || !mail.reasons.is_empty() {
                let marked = [
                    (LOCAL_PART_INVALID, Reason::LocalPartInvalid),
                    (VERIFIED_AT_UNREADABLE, Reason::VerifiedAtUnreadable),
                    (WEIGHT_UNREADABLE, Reason::WeightUnreadable),
                ];
                reasons
                    .extend(marked.iter().filter(|(mark, _)| marks & mark != 0).map(|(_, reason)| *reason));
                reasons.extend(mail.reasons.iter().chain(&account.reasons).chain(&verdict.reasons));
                reasons.sort_unstable();
                reasons.dedup();
            }
            let mail_domain = &*self.census.mail_domains[rows.mail[index] as usize].name;
            Joined { state, risk, action, rule, reasons, domain, mail_domain, registrable: mail.registrable }
        };
        (0..rows.len()).map(join).collect()
    }

    fn frame(&self, rows: &Rows, joined: &[Joined<'_>]) -> Result<DataFrame> {
        let count = rows.len();
        let paths: Vec<String> =
            self.census.files.iter().map(|file| file.path.display().to_string()).collect();
        let text = |name: &str, value: &dyn Fn(&Joined<'_>) -> Option<&'static str>| {
            texts(name, joined.iter().map(value))
        };
        let drops = |row: &Joined<'_>| row.domain.verdict.drop;
        let reasons = joined.iter().map(|row| {
            let list = if row.reasons.is_empty() { &row.domain.verdict.reasons } else { &row.reasons };
            Some(list.iter().map(|reason| reason.name()))
        });
        let number = |micros: &i64| (*micros != MISSING).then_some(*micros);
        let mut columns = vec![
            texts("source", rows.source.iter().map(|source| paths.get(*source as usize).map(String::as_str))),
            integers("row", rows.row.iter().map(|row| Some(*row as i64))),
            texts("account_id", rows.id.iter()),
            texts("mail_domain", joined.iter().map(|row| Some(row.mail_domain))),
            texts("registrable_domain", joined.iter().map(|row| row.registrable)),
            texts("judged_domain", joined.iter().map(|row| Some(row.domain.name))),
            text("state", &|row| Some(row.state.name())),
            text("risk", &|row| Some(row.risk.name())),
            text("action", &|row| Some(row.action.name())),
            nothing("action_before_breaker", count, Type::Text),
            text("rule", &|row| Some(row.rule)),
            text_lists("reasons", count, reasons),
            moments("verified_at", rows.verified_at.iter().map(|micros| number(micros).map(Moment))),
            integers("weight", rows.weight.iter().map(number)),
            days("earliest_drop_on", joined.iter().map(|row| drops(row).earliest)),
            days("latest_drop_on", joined.iter().map(|row| drops(row).latest)),
            integers("days_to_drop", joined.iter().map(|row| days_to_drop(drops(row).earliest, self.today))),
        ];
        let names = [(self.keep_email, "email"), (self.hash_email, "email_hash")];
        let kept = names.iter().filter(|(kept, _)| *kept).map(|(_, name)| *name);
        columns.extend(kept.zip(&rows.address).map(|(name, values)| texts(name, values.iter())));
        columns.extend(self.carry.iter().zip(&rows.carried).map(|(name, values)| texts(name, values.iter())));
        DataFrame::new(count, columns).map_err(Error::internal)
    }
}

/// Days from `today` to a drop, not below 0.
pub fn days_to_drop(earliest: Option<Day>, today: Day) -> Option<i64> {
    earliest.map(|day| i64::from(day.since(today).max(0)))
}
