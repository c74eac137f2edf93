//! `accounts.parquet`: every accepted row with the verdict of its account.
//!
//! Frames are judged and encoded side by side and written in order, a few at a time, so memory is bounded by a few
//! frames whatever the number of rows. The columns of a verdict are gathered through its number, and the three columns
//! of domains through that of the mail domain, so no text is looked at for each row.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::account_columns::{mail_columns, optional_columns};
use super::at_risk::{self, AtRiskList, days_to_drop};
use super::changes::{Change, ChangeCounts, ChangeRow, ChangesTable};
use super::urgent::lines::Lines;
use crate::assess::account::AccountVerdict;
use crate::assess::accounts::{AccountJudge, FrameMail, JudgedFrame};
use crate::assess::previous::Seen;
use crate::assess::tally::{DomainTallies, Extent, TalliedWeights, Tally, count_domains, weigh};
use crate::assess::{Action, Reason};
use crate::census::Census;
use crate::census::rows::MISSING;
use crate::error::Result;
use crate::progress::Progress;
use crate::table::columns::{
    ColumnData, WordData, gathered_days, gathered_integers, gathered_lists, gathered_words, integers, texts,
    words,
};
use crate::table::schema::{TableRows, TableSchema, Type};
use crate::table::word_numbers::WordNumbers;
use crate::table::write::{Encoder, RowGroup, TableFile};
use crate::threads::{beside_the_pool, workers};
use crate::time::{Day, Moment};

/// The table, as it is asked for.
#[derive(Debug)]
pub(crate) struct AccountTable<'a> {
    /// The accounts.
    pub(crate) census: &'a Census,
    /// Their verdicts.
    pub(crate) judge: &'a AccountJudge<'a>,
    /// The moment of judgement.
    pub(crate) as_of: Moment,
    /// Names of the carried columns.
    pub(crate) carry: &'a [String],
    /// Whether the address is kept.
    pub(crate) keep_email: bool,
    /// Whether its keyed hash is.
    pub(crate) hash_email: bool,
}

/// An encoded frame.
struct EncodedFrame<'a> {
    group: RowGroup,
    verdicts: Vec<(AccountVerdict, Extent)>,
    weights: Option<TalliedWeights>,
    /// Rows with times of verification that count, and accounts with such after as-of.
    verified: [u64; 2],
    changes: Vec<ChangeRow<'a>>,
    at_risk: Lines,
}

impl<'a> AccountTable<'a> {
    /// Writes the table, and that of changes if there is an earlier report, and lists who is at risk.
    pub(crate) fn write(
        &self,
        path: &Path,
        changes_path: &Path,
        at_risk: &mut AtRiskList,
        progress: &Progress,
    ) -> Result<(Tally, Option<ChangeCounts>)> {
        let AccountJudge { judgement, previous, .. } = *self.judge;
        let census = self.census;
        let mut changes = previous.map(|_| ChangesTable::create(changes_path, self.as_of)).transpose()?;
        let mut file = TableFile::create(path, self.schema().layout())?;
        let counted = Mutex::new(DomainTallies::of(judgement));
        let frames: Vec<usize> = (0..census.rows.frames()).collect();
        let (mut tally, mut encoded) = (Tally::default(), Vec::new());
        // the last round only writes
        for numbers in frames.chunks(2 * workers()).chain([[].as_slice()]) {
            let (encoder, mut write) = file.split();
            let write = || encoded.drain(..).try_for_each(&mut write);
            let encode = || -> Vec<Result<_>> {
                let one = |number: &usize| self.encode(encoder, *number, &counted, progress);
                numbers.par_iter().map(one).with_max_len(1).collect()
            };
            let (written, next) = beside_the_pool(encode, write);
            written?;
            for result in next {
                let next: EncodedFrame<'a> = result?;
                encoded.push(next.group);
                tally.add(&next.verdicts);
                tally.add_weights(next.weights);
                at_risk.add(next.at_risk)?;
                tally.verified += next.verified[0];
                tally.verified_later += next.verified[1];
                if let Some(changes) = &mut changes {
                    changes.add(next.changes)?;
                }
            }
        }
        file.finish()?;
        tally.by_domain(counted.into_inner().unwrap_or_else(PoisonError::into_inner));
        let finish = |(changes, previous): (ChangesTable, _)| {
            changes.finish(previous, &judgement.domains, &tally.domains)
        };
        let changes = changes.zip(previous).map(finish).transpose()?;
        Ok((tally, changes))
    }

    /// The columns that only some reports have: address, hash, and those that were carried.
    pub(crate) fn extra_columns(&self) -> Vec<String> {
        let address = [("email", self.keep_email), ("email_hash", self.hash_email)];
        let address = address.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name.to_owned());
        address.chain(self.carry.iter().cloned()).collect()
    }

    /// The table with those optional columns that are wanted, and the carried ones.
    fn schema<'g>(&self) -> TableSchema<AccountRows<'g>> {
        let is_wanted = |name: &str| match name {
            "first_verified_at" => self.judge.knows_first_verification,
            "email" => self.keep_email,
            "email_hash" => self.hash_email,
            _ => true,
        };
        self.carry.iter().enumerate().fold(table().keep_optional(is_wanted), |table, (place, name)| {
            table.column(name.clone(), Type::Text, "carried from the input", move |group| {
                Ok(texts(group.frame.rows.carried[place].iter()))
            })
        })
    }

    fn encode(
        &self,
        encoder: &Encoder,
        number: usize,
        counted: &Mutex<DomainTallies>,
        progress: &Progress,
    ) -> Result<EncodedFrame<'a>> {
        let frame = self.judge.judge(self.census.rows.frame(number)?);
        count_domains(counted, &frame);
        let group = AccountRows {
            frame: &frame,
            judge: self.judge,
            as_of: self.as_of,
            mail: OnceCell::new(),
            judged: OnceCell::new(),
        };
        let group = encoder.encode(group.rows(), self.schema().build(&group))?;
        progress.advance(self.census.rows.frame_bytes(number));
        let changes = self.changes(&frame);
        let at_risk = at_risk::lines(self.judge, &frame, number, self.as_of);
        let (weights, verified) = (weigh(&frame), [frame.verified, frame.verified_later]);
        Ok(EncodedFrame { group, verdicts: frame.verdicts, weights, verified, changes, at_risk })
    }

    /// What is new in a frame; nothing without an earlier report.
    fn changes(&self, frame: &JudgedFrame) -> Vec<ChangeRow<'a>> {
        let AccountJudge { mail_domains, judgement, .. } = *self.judge;
        let change = |((row, before), id): ((usize, &Option<Seen>), Option<&str>)| {
            let verdict = &frame.verdicts[frame.numbers[row] as usize].0;
            let now = Seen { state: verdict.state, risk: verdict.risk, action: verdict.action };
            let mail = &frame.mail[frame.mail_places[row] as usize];
            let account_id = Some(id?.to_owned());
            Some(ChangeRow {
                account_id,
                mail_domain: Some(&*mail_domains[mail.number as usize].name),
                judged_domain: judgement.domains[mail.shared.domain as usize].name,
                change: Change::between(*before, Some(now))?,
                before: *before,
                now: Some(now),
                rule: Some(verdict.rule),
                weight: number(frame.rows.weight[row]),
                earliest_drop_on: verdict.drop.earliest,
                accounts: frame.rows.stands_for(row),
            })
        };
        frame.before.iter().enumerate().zip(frame.rows.id.iter()).filter_map(change).collect()
    }
}

/// A frame of accounts with their verdicts, for the columns.
pub(crate) struct AccountRows<'g> {
    pub(super) frame: &'g JudgedFrame,
    judge: &'g AccountJudge<'g>,
    as_of: Moment,
    mail: OnceCell<Arc<WordData>>,
    judged: OnceCell<Arc<WordData>>,
}

impl TableRows for AccountRows<'_> {
    fn rows(&self) -> usize {
        self.frame.rows.len()
    }
}

impl AccountRows<'_> {
    /// A column of words that depend on the verdict.
    fn verdict_words(&self, word: impl Fn(&AccountVerdict) -> Option<&'static str>) -> ColumnData {
        gathered_words(&self.frame.numbers, self.frame.verdicts.iter().map(|(verdict, _)| word(verdict)))
    }

    /// A column of days that depend on the verdict.
    fn verdict_days(&self, day: impl Fn(&AccountVerdict) -> Option<Day>) -> ColumnData {
        gathered_days(&self.frame.numbers, self.frame.verdicts.iter().map(|(verdict, _)| day(verdict)))
    }

    fn mail_domains(&self) -> Arc<WordData> {
        let name = |mail: &FrameMail| &*self.judge.mail_domains[mail.number as usize].name;
        let column = || {
            let places = self.frame.mail_places.clone();
            // names are spread over memory: found in a row before any is read, the waiting times overlap
            let names: Vec<&str> = self.frame.mail.iter().map(name).collect();
            Arc::new(WordData::numbered(places, names))
        };
        Arc::clone(self.mail.get_or_init(column))
    }

    fn judged_domains(&self) -> Arc<WordData> {
        let column = || {
            if self.frame.mail.iter().all(|mail| mail.shared.is_judged_domain) {
                return self.mail_domains();
            }
            let mut numbers: HashMap<u32, u32, foldhash::fast::FixedState> = HashMap::default();
            let mut names = Vec::new();
            let number = |mail: &FrameMail| {
                let next = || {
                    names.push(self.judge.judgement.domains[mail.shared.domain as usize].name);
                    names.len() as u32 - 1
                };
                Some(*numbers.entry(mail.shared.domain).or_insert_with(next))
            };
            let keys: Vec<_> = self.frame.mail.iter().map(number).collect();
            self.domain_words(&keys, names)
        };
        Arc::clone(self.judged.get_or_init(column))
    }

    fn registrable_domains(&self) -> Arc<WordData> {
        if self.frame.mail.iter().all(|mail| mail.shared.is_registrable_domain) {
            return self.judged_domains();
        }
        let mut numbers = WordNumbers::default();
        let registrable = |mail: &FrameMail| {
            let mail_domain = &self.judge.mail_domains[mail.number as usize];
            self.judge.judgement.mail[mail.number as usize].registrable(mail_domain)
        };
        let number = |mail| registrable(mail).map(|name| numbers.number(name));
        let keys: Vec<_> = self.frame.mail.iter().map(number).collect();
        self.domain_words(&keys, numbers.into_words())
    }

    fn tlds(&self) -> Arc<WordData> {
        let mut numbers = WordNumbers::default();
        let number = |mail: &FrameMail| Some(numbers.number(self.judge.tld(mail.shared)));
        let keys: Vec<_> = self.frame.mail.iter().map(number).collect();
        self.domain_words(&keys, numbers.into_words())
    }

    fn hands_changed_at(&self) -> ColumnData {
        let changed = self.frame.mail.iter().map(|mail| self.judge.hands_changed_at(mail.shared));
        gathered_integers(&self.frame.mail_places, changed.map(|at| at.map(|at| at.0)))
    }

    /// A column of words that depend on the mail domain: `keys` has the number of the word of each.
    fn domain_words(&self, keys: &[Option<u32>], words: Vec<&str>) -> Arc<WordData> {
        Arc::new(WordData::gathered(&self.frame.mail_places, keys, words))
    }
}

pub(super) fn number(value: i64) -> Option<i64> {
    (value != MISSING).then_some(value)
}

/// The table with all optional columns, without carried ones.
pub(crate) fn table<'g>() -> TableSchema<AccountRows<'g>> {
    let table = TableSchema::<AccountRows<'g>>::new("accounts", "an accepted account, in input order")
        .column("source", Type::Word, "input file, as named on the command line", |group| {
            let files = group.judge.files;
            let paths: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
            let path = |source: &u32| paths.get(*source as usize).map(String::as_str);
            Ok(words(group.frame.rows.source.iter().map(path)))
        })
        .integer("row", "1-based data record of that file, header excluded", |group, row| {
            Some(group.frame.rows.row[row] as i64)
        })
        .column("account_id", Type::Text, "the account's identifier", |group| {
            Ok(texts(group.frame.rows.id.iter()))
        })
        .column("mail_domain", Type::Word, "domain of the address, URL or name in A-labels", |group| {
            Ok(ColumnData::Words(group.mail_domains()))
        })
        .column(
            "registrable_domain",
            Type::Word,
            "registrable domain under the ICANN section; null for a public suffix",
            |group| Ok(ColumnData::Words(group.registrable_domains())),
        )
        .column("judged_domain", Type::Word, "the domain whose verdict the account has", |group| {
            Ok(ColumnData::Words(group.judged_domains()))
        })
        .column("tld", Type::Word, "top-level domain", |group| Ok(ColumnData::Words(group.tlds())));
    let table = mail_columns(table).column(
        "accounts",
        Type::Integer,
        "how many accounts the row stands for",
        |group| {
            Ok(match &group.frame.rows.accounts {
                None => ColumnData::Constant(group.rows(), 1),
                Some(accounts) => integers(accounts.iter().copied().map(Some)),
            })
        },
    );
    let table = verdict_columns(table)
        .timestamp("verified_at", "when the address was verified", |group, row| {
            number(group.frame.rows.verified_at[row]).map(Moment)
        })
        .integer("weight", "weight of the account, such as downloads", |group, row| {
            number(group.frame.rows.weight[row])
        });
    let table = drop_columns(table)
        .column(
            "hands_changed_at",
            Type::Timestamp,
            "the latest moment at which the domain is known to have changed hands, whatever the account",
            |group| Ok(group.hands_changed_at()),
        )
        .moment_of_judgement(|group| group.as_of);
    optional_columns(table)
}

fn verdict_columns(table: TableSchema<AccountRows<'_>>) -> TableSchema<AccountRows<'_>> {
    table
        .column("state", Type::Word, "state, see `zonelapse rules`", |group| {
            Ok(group.verdict_words(|verdict| Some(verdict.state.name())))
        })
        .column("risk", Type::Word, "critical, high, medium, low, none or unknown", |group| {
            Ok(group.verdict_words(|verdict| Some(verdict.risk.name())))
        })
        .column(
            "risk_rank",
            Type::Integer,
            "the risk as a number: 0 none, 1 unknown, 2 low … 5 critical",
            |group| {
                let ranks = group.frame.verdicts.iter().map(|(verdict, _)| Some(verdict.risk.rank()));
                Ok(gathered_integers(&group.frame.numbers, ranks))
            },
        )
        .column("action", Type::Word, "unverify, review, notify, lookup or none", |group| {
            Ok(group.verdict_words(|verdict| Some(verdict.action.name())))
        })
        .column(
            "action_before_breaker",
            Type::Word,
            "the action if a circuit breaker changed it, else null",
            |group| Ok(group.verdict_words(|verdict| verdict.action_before_breaker.map(Action::name))),
        )
        .column("rule", Type::Word, "the rule that decided", |group| {
            Ok(group.verdict_words(|verdict| Some(verdict.rule)))
        })
        .column("reasons", Type::WordList, "what else was noticed", |group| {
            let reasons = group.frame.verdicts.iter().map(|(verdict, _)| verdict.reasons);
            Ok(gathered_lists(&group.frame.numbers, reasons.map(|reasons| reasons.iter().map(Reason::name))))
        })
}

fn drop_columns(table: TableSchema<AccountRows<'_>>) -> TableSchema<AccountRows<'_>> {
    table
        .column(
            "earliest_drop_on",
            Type::Date,
            "first day on which someone else can register the domain",
            |group| Ok(group.verdict_days(|verdict| verdict.drop.earliest)),
        )
        .column("latest_drop_on", Type::Date, "last such day if the holder does nothing", |group| {
            Ok(group.verdict_days(|verdict| verdict.drop.latest))
        })
        .column("days_to_drop", Type::Integer, "days from as-of to earliest_drop_on, not below 0", |group| {
            let days = group.frame.verdicts.iter();
            let days = days.map(|(verdict, _)| days_to_drop(verdict.drop.earliest, group.as_of.day()));
            Ok(gathered_integers(&group.frame.numbers, days))
        })
}
