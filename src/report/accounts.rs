//! `accounts.parquet`: spooled rows joined with the verdicts of their domains.
//!
//! Frames are joined and encoded side by side and written in order, a few at a time, so memory is bounded
//! by a few frames whatever the number of rows.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::changes::{Change, ChangeCounts, ChangeRow, ChangesTable};
use super::previous::{Previous, Seen};
use crate::assess::account::{AccountVerdict, first_verification, judge_account};
use crate::assess::judge::{Judgement, MailVerdict};
use crate::assess::judged::JudgedDomain;
use crate::assess::verdict::Actions;
use crate::assess::{Action, DropWindow, Policy, Reason, ReasonSet, Risk, State};
use crate::census::rows::{LOCAL_PART_INVALID, MISSING, VERIFIED_AT_UNREADABLE, WEIGHT_UNREADABLE};
use crate::census::{Census, Rows};
use crate::error::Result;
use crate::progress::Progress;
use crate::table::columns::{Words, numbered_words, texts, word_lists};
use crate::table::schema::{TableRows, TableSchema, Type};
use crate::table::write::{Encoder, RowGroup, TableFile};
use crate::threads::{beside_the_pool, workers};
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
    /// The report to compare with.
    pub previous: Option<&'a Previous>,
}

/// What was written, counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Accounts by state, risk and action.
    pub accounts: HashMap<(State, Risk, Action), u64>,
    /// Accounts by state and what each policy would do.
    pub policies: HashMap<(State, Actions), u64>,
    /// Accounts whose action a circuit breaker changed.
    pub held_back: u64,
    /// Changes against the previous report.
    pub changes: Option<ChangeCounts>,
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
    action_before_breaker: Option<Action>,
    actions: Actions,
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
    action_before_breaker: Option<Action>,
    actions: Actions,
    rule: &'static str,
    /// The reasons, if they are more than the mail domain's.
    reasons: Option<ReasonSet>,
    /// What the previous report said of it.
    before: Option<Seen>,
    /// The earliest verification known, in microseconds since 1970, or [`MISSING`].
    first_verified_at: i64,
}

/// The verdicts, arranged for joining rows: one entry a mail domain.
struct Verdicts<'a> {
    shared: Vec<Shared>,
    reasons: Vec<ReasonSet>,
    registrables: Vec<&'a str>,
}

impl<'a> Verdicts<'a> {
    fn of(judgement: &Judgement<'a>) -> Self {
        let mut lists: HashMap<ReasonSet, u32> = HashMap::new();
        let mut reasons = Vec::new();
        let mut registrables = Words::default();
        let mut share = |mail: &MailVerdict<'a>| {
            let domain = &judgement.domains[mail.domain as usize];
            let verdict = &domain.verdict;
            let list = verdict.reasons.union(mail.reasons);
            let next = lists.len() as u32;
            let number = *lists.entry(list).or_insert_with(|| {
                reasons.push(list);
                next
            });
            Shared {
                domain: mail.domain,
                registrable: mail.registrable.map(|name| registrables.number(name)),
                state: verdict.state,
                risk: verdict.risk,
                action: verdict.action,
                action_before_breaker: verdict.action_before_breaker,
                actions: verdict.actions,
                rule: verdict.rule,
                reasons: number,
                drop: verdict.drop,
                last_change: domain.evidence.rdap().changes.last().map_or(i64::MIN, |moment| moment.0),
            }
        };
        let shared = judgement.mail.iter().map(&mut share).collect();
        Self { shared, reasons, registrables: registrables.into_words() }
    }
}

/// The counts of one frame.
#[derive(Default)]
struct Counts {
    accounts: HashMap<(State, Risk, Action), u64>,
    policies: HashMap<(State, Actions), u64>,
    held_back: u64,
}

/// An encoded frame.
struct Encoded<'a> {
    group: RowGroup,
    counts: Counts,
    changes: Vec<ChangeRow<'a>>,
}

impl<'a> AccountTable<'a> {
    /// For each judged domain whether an account at it is to be unverified while the domain itself is not. Reads the
    /// spool once more, if that can be at all.
    pub fn flagged_by_accounts(&self) -> Result<Vec<bool>> {
        let domains = &self.judgement.domains;
        let changed = |domain: &JudgedDomain<'_>| domain.evidence.rdap().changes.last().is_some();
        if self.judgement.policy != Policy::Default || !domains.iter().any(changed) {
            return Ok(vec![false; domains.len()]);
        }
        let flagged: Vec<AtomicBool> = domains.iter().map(|_| AtomicBool::default()).collect();
        let verdicts = Verdicts::of(self.judgement);
        (0..self.census.rows.frames()).into_par_iter().with_max_len(1).try_for_each(|number| {
            for row in self.join(&self.census.rows.frame(number)?, &verdicts) {
                if row.action == Action::Unverify {
                    flagged[row.shared.domain as usize].store(true, Ordering::Relaxed);
                }
            }
            Ok(())
        })?;
        Ok(flagged.into_iter().map(AtomicBool::into_inner).collect())
    }

    /// Writes the table; `progress` hears of the bytes of the spool that are through.
    pub fn write(
        &self,
        path: &Path,
        mut changes: Option<ChangesTable<'a>>,
        progress: &Progress,
    ) -> Result<Tally> {
        let mut file = TableFile::create(path, self.schema().layout())?;
        let mut tally = Tally::default();
        tally.domains.resize_with(self.judgement.domains.len(), DomainTally::default);
        let verdicts = Verdicts::of(self.judgement);
        let wave = 2 * workers();
        let frames: Vec<usize> = (0..self.census.rows.frames()).collect();
        let mut encoded: Vec<RowGroup> = Vec::new();
        for numbers in frames.chunks(wave).chain([[].as_slice()]) {
            let (encoder, mut write) = file.split();
            let write = || encoded.drain(..).try_for_each(&mut write);
            let encode = || -> Vec<Result<_>> {
                let one = |number: &usize| self.encode(encoder, *number, &verdicts, &tally.domains, progress);
                numbers.par_iter().map(one).with_max_len(1).collect()
            };
            let (written, next) = beside_the_pool(encode, write);
            written?;
            for result in next {
                let next: Encoded<'a> = result?;
                encoded.push(next.group);
                tally.add(next.counts);
                if let Some(changes) = &mut changes {
                    changes.add(next.changes)?;
                }
            }
        }
        file.finish()?;
        if let (Some(changes), Some(previous)) = (changes, self.previous) {
            tally.changes = Some(changes.finish(previous)?);
        }
        Ok(tally)
    }

    /// The table with those optional columns that are wanted, and the carried ones.
    fn schema<'g>(&self) -> TableSchema<AccountRows<'g>> {
        let is_wanted = |name: &str| match name {
            "first_verified_at" => self.previous.is_some(),
            "email" => self.keep_email,
            "email_hash" => self.hash_email,
            _ => true,
        };
        self.carry.iter().enumerate().fold(table().keep_optional(is_wanted), |table, (place, name)| {
            table.column(name.clone(), Type::Text, "carried from the input", move |group| {
                Ok(texts(group.rows.carried[place].iter()))
            })
        })
    }

    fn encode(
        &self,
        encoder: &Encoder,
        number: usize,
        verdicts: &Verdicts<'_>,
        domains: &[DomainTally],
        progress: &Progress,
    ) -> Result<Encoded<'a>> {
        let rows = self.census.rows.frame(number)?;
        let joined = self.join(&rows, verdicts);
        let mut counts = Counts::default();
        for (row, weight) in joined.iter().zip(&rows.weight) {
            *counts.accounts.entry((row.state, row.risk, row.action)).or_default() += 1;
            *counts.policies.entry((row.state, row.actions)).or_default() += 1;
            counts.held_back += u64::from(row.action_before_breaker.is_some());
            domains[row.shared.domain as usize].count(row.state, *weight);
        }
        let files = &self.census.files;
        let group = AccountRows {
            rows: &rows,
            joined: &joined,
            verdicts,
            census: self.census,
            judgement: self.judgement,
            today: self.today,
            paths: files.iter().map(|file| file.path.display().to_string()).collect(),
        };
        let group = encoder.encode(rows.len(), self.schema().build(&group)?)?;
        progress.advance(self.census.rows.frame_bytes(number));
        Ok(Encoded { group, counts, changes: self.changes(&rows, &joined) })
    }

    fn changes(&self, rows: &Rows, joined: &[Joined]) -> Vec<ChangeRow<'a>> {
        if self.previous.is_none() {
            return Vec::new();
        }
        let change = |((row, id), mail): ((&Joined, Option<&str>), &u32)| {
            let now = Seen { state: row.state, risk: row.risk, action: row.action };
            let account_id = id?.to_owned();
            Some(ChangeRow {
                account_id: Some(account_id),
                mail_domain: Some(&*self.census.mail_domains[*mail as usize].name),
                judged_domain: self.judgement.domains[row.shared.domain as usize].name,
                change: Change::between(row.before, Some(now))?,
                before: row.before,
                now: Some(now),
            })
        };
        joined.iter().zip(rows.id.iter()).zip(&rows.mail).filter_map(change).collect()
    }

    fn join(&self, rows: &Rows, verdicts: &Verdicts<'_>) -> Vec<Joined> {
        let mut ids = rows.id.iter();
        let mut join = |index: usize| {
            let shared = verdicts.shared[rows.mail[index] as usize];
            let id = ids.next().flatten();
            let known = self.previous.zip(id).and_then(|(previous, id)| {
                previous.accounts().find(id, &self.census.mail_domains[rows.mail[index] as usize].name)
            });
            let moment = |micros: i64| (micros != MISSING).then_some(Moment(micros));
            let verified_at = moment(rows.verified_at[index]);
            let first =
                known.and_then(|(_, first)| first).into_iter().chain(moment(rows.first_verified_at[index]));
            let first = first_verification(verified_at, first.min());
            let mut joined = Joined {
                shared,
                state: shared.state,
                risk: shared.risk,
                action: shared.action,
                action_before_breaker: shared.action_before_breaker,
                actions: shared.actions,
                rule: shared.rule,
                reasons: None,
                before: known.map(|(before, _)| before),
                first_verified_at: first.map_or(MISSING, |first| first.0),
            };
            let marks = rows.marks[index];
            if marks != 0 || first.is_some_and(|first| first.0 < shared.last_change) {
                let domain = &self.judgement.domains[shared.domain as usize];
                let changes = &domain.evidence.rdap().changes;
                let policy = self.judgement.policy;
                let verdict = judge_account(&domain.verdict, policy, changes, verified_at, first);
                joined.take(verdict, marks, verdicts.reasons[shared.reasons as usize]);
            }
            joined
        };
        (0..rows.len()).map(&mut join).collect()
    }
}

/// A frame of accounts, joined with the verdicts, for the columns.
pub struct AccountRows<'g> {
    rows: &'g Rows,
    joined: &'g [Joined],
    verdicts: &'g Verdicts<'g>,
    census: &'g Census,
    judgement: &'g Judgement<'g>,
    today: Day,
    paths: Vec<String>,
}

impl TableRows for AccountRows<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }
}

fn number(value: i64) -> Option<i64> {
    (value != MISSING).then_some(value)
}

/// The table with all optional columns, without carried ones.
pub fn table<'g>() -> TableSchema<AccountRows<'g>> {
    TableSchema::<AccountRows<'g>>::new("accounts", "an accepted account, in input order")
        .word("source", "input file, as named on the command line", |group, row| {
            Some(group.paths.get(group.rows.source[row] as usize)?)
        })
        .integer("row", "1-based data record of that file, header excluded", |group, row| {
            Some(group.rows.row[row] as i64)
        })
        .column("account_id", Type::Text, "the account's identifier", |group| Ok(texts(group.rows.id.iter())))
        .column("mail_domain", Type::Word, "domain of the address in A-labels", |group| {
            let name = |number: u32| &*group.census.mail_domains[number as usize].name;
            numbered_words(group.rows.mail.iter().map(|mail| Some(*mail)), name)
        })
        .column(
            "registrable_domain",
            Type::Word,
            "registrable domain under the ICANN section; null for a public suffix",
            |group| {
                let name = |number: u32| group.verdicts.registrables[number as usize];
                numbered_words(group.joined.iter().map(|row| row.shared.registrable), name)
            },
        )
        .column("judged_domain", Type::Word, "the domain whose verdict stands", |group| {
            let name = |number: u32| group.judgement.domains[number as usize].name;
            numbered_words(group.joined.iter().map(|row| Some(row.shared.domain)), name)
        })
        .word("state", "state, see `zonelapse rules`", |group, row| Some(group.joined[row].state.name()))
        .word("risk", "critical, high, medium, low, none or unknown", |group, row| {
            Some(group.joined[row].risk.name())
        })
        .word("action", "unverify, review, notify, lookup or none", |group, row| {
            Some(group.joined[row].action.name())
        })
        .word(
            "action_before_breaker",
            "the action if a circuit breaker changed it, else null",
            |group, row| group.joined[row].action_before_breaker.map(Action::name),
        )
        .word("rule", "the rule that decided", |group, row| Some(group.joined[row].rule))
        .column("reasons", Type::WordList, "what else was noticed", |group| {
            word_lists(group.joined.iter().map(|row| {
                let shared = group.verdicts.reasons[row.shared.reasons as usize];
                Some(row.reasons.unwrap_or(shared).iter().map(|reason| reason.name()))
            }))
        })
        .timestamp("verified_at", "when the address was verified", |group, row| {
            number(group.rows.verified_at[row]).map(Moment)
        })
        .integer("weight", "weight of the account, such as downloads", |group, row| {
            number(group.rows.weight[row])
        })
        .date("earliest_drop_on", "first day on which someone else can register the domain", |group, row| {
            group.joined[row].shared.drop.earliest
        })
        .date("latest_drop_on", "last such day if the holder does nothing", |group, row| {
            group.joined[row].shared.drop.latest
        })
        .integer("days_to_drop", "days from as-of to earliest_drop_on, not below 0", |group, row| {
            days_to_drop(group.joined[row].shared.drop.earliest, group.today)
        })
        .timestamp(
            "first_verified_at",
            "the earliest verification known, only with --previous",
            |group, row| number(group.joined[row].first_verified_at).map(Moment),
        )
        .optional()
        .column("email", Type::Text, "the address, only with --keep-email", |group| {
            Ok(texts(group.rows.address.first().into_iter().flat_map(|address| address.iter())))
        })
        .optional()
        .column("email_hash", Type::Text, "HMAC-SHA-256 of the address, only with --hash-email", |group| {
            Ok(texts(group.rows.address.last().into_iter().flat_map(|address| address.iter())))
        })
        .optional()
}

impl Joined {
    /// Takes an account's own verdict, with the reasons that its row and its mail domain have.
    fn take(&mut self, verdict: AccountVerdict, marks: u8, shared: ReasonSet) {
        let marked = [
            (LOCAL_PART_INVALID, Reason::LocalPartInvalid),
            (VERIFIED_AT_UNREADABLE, Reason::VerifiedAtUnreadable),
            (WEIGHT_UNREADABLE, Reason::WeightUnreadable),
        ];
        let mut all = shared.union(verdict.reasons);
        marked.iter().for_each(|(mark, reason)| all.insert_if(marks & mark != 0, *reason));
        self.reasons = Some(all);
        self.state = verdict.state;
        self.risk = verdict.risk;
        self.action = verdict.action;
        self.action_before_breaker = verdict.action_before_breaker;
        self.actions = verdict.actions;
        self.rule = verdict.rule;
    }
}

impl Tally {
    fn add(&mut self, counts: Counts) {
        counts.accounts.into_iter().for_each(|(key, count)| *self.accounts.entry(key).or_default() += count);
        counts.policies.into_iter().for_each(|(key, count)| *self.policies.entry(key).or_default() += count);
        self.held_back += counts.held_back;
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
