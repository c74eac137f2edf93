//! Every account judged, a frame of the spool at a time.
//!
//! An account has the verdict of its mail domain, unless it was verified before a change of hands or its row has a
//! fault. So verdicts are numbered: once for all mail domains, and in each frame anew, in the order in which its rows
//! need them. A row then costs a few steps through memory, and the report looks at each distinct verdict once.
//!
//! The circuit breaker and the report ask the same function, so they cannot disagree about an account. Frames are
//! judged side by side; nothing in a judged frame depends on which came first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::account::{AccountVerdict, first_verification, judge_account};
use super::judge::Judgement;
use super::judged::JudgedDomain;
use super::policy::Policy;
use super::previous::{Previous, Seen};
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::shares::{SharedVerdict, Shares, VerdictNumbers, changes};
use super::tally::{Extent, add_accounts};
use super::verdict::Action;
use crate::census::rows::{
    ACCOUNTS_UNREADABLE, LOCAL_PART_INVALID, MISSING, VERIFIED_AT_UNREADABLE, WEIGHT_UNREADABLE,
};
use crate::census::{AccountFile, Census, Rows};
use crate::error::Result;
use crate::name::MailDomain;
use crate::time::Moment;

/// No number yet.
const NONE: u32 = u32::MAX;
/// Mark of a row beside those of the census: a time of verification is after as-of.
const VERIFIED_LATER: u8 = 0x80;

/// The places of mail domains in a frame, by their numbers.
type MailPlaces = HashMap<u32, u32, foldhash::fast::FixedState>;

/// Judges the accounts of a run.
#[derive(Debug)]
pub(crate) struct AccountJudge<'a> {
    /// The mail domains, by their numbers.
    pub(crate) mail_domains: &'a [MailDomain],
    /// The files of accounts; none for rows that come from no file.
    pub(crate) files: &'a [AccountFile],
    /// The verdicts of their domains.
    pub(crate) judgement: &'a Judgement<'a>,
    /// The report to compare with.
    pub(crate) previous: Option<&'a Previous>,
    /// The moment of judgement. A verification after it is none yet: who held the address at that moment was told by
    /// an earlier one, which an export does not have.
    as_of: Moment,
    /// Whether more than the last verification may be known of an account.
    pub(crate) knows_first_verification: bool,
    /// What the accounts of each mail domain share.
    shares: Shares<'a>,
    /// Maps that no frame uses, kept for their memory.
    idle: Mutex<Vec<MailPlaces>>,
}

/// A frame of accounts with their verdicts.
#[derive(Debug)]
pub(crate) struct JudgedFrame {
    /// The accounts.
    pub(crate) rows: Rows,
    /// For each row the number of its verdict.
    pub(crate) numbers: Vec<u32>,
    /// The verdicts that occur, and how many rows and accounts have each.
    pub(crate) verdicts: Vec<(AccountVerdict, Extent)>,
    /// For each row the place of its mail domain in `mail`.
    pub(crate) mail_places: Vec<u32>,
    /// The mail domains that occur.
    pub(crate) mail: Vec<FrameMail>,
    /// For each row what the previous report said of it; empty without one.
    pub(crate) before: Vec<Option<Seen>>,
    /// For each row the earliest verification known, in microseconds since 1970, or [`MISSING`]; empty if nothing but the
    /// last verification is known of any.
    pub(crate) first_verified_at: Vec<i64>,
    /// How many rows have a time of verification that counts.
    pub(crate) verified: u64,
    /// How many accounts have one that does not, because it is after as-of.
    pub(crate) verified_later: u64,
}

/// A mail domain that occurs in a frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameMail {
    /// Its number in the census.
    pub(crate) number: u32,
    /// What its accounts share.
    pub(crate) shared: SharedVerdict,
}

impl<'a> AccountJudge<'a> {
    /// Arranges the verdicts of the domains for their accounts.
    pub(crate) fn new(
        mail_domains: &'a [MailDomain],
        files: &'a [AccountFile],
        judgement: &'a Judgement<'a>,
        previous: Option<&'a Previous>,
        as_of: Moment,
    ) -> Self {
        let shares = Shares::of(mail_domains, judgement);
        let knows_first_verification =
            previous.is_some() || files.iter().any(|file| file.columns.first_verified_at.is_found);
        let idle = Mutex::default();
        Self { mail_domains, files, judgement, previous, as_of, knows_first_verification, shares, idle }
    }

    /// Judges accounts.
    pub(crate) fn judge(&self, rows: Rows) -> JudgedFrame {
        let (mut mail_places, mut mail) = self.number_mail(&rows);
        let mut moved = MailPlaces::default();
        let mut frame = FrameJudge {
            judge: self,
            numbers: VerdictNumbers::default(),
            by_shared: vec![NONE; self.shares.verdicts.len()],
        };
        let mut ids = rows.id.iter();
        let (mut before, mut first_verified_at) = (Vec::new(), Vec::new());
        let (mut verified, mut verified_later) = (0, 0);
        let mut judge = |row: usize| {
            let FrameMail { number, mut shared } = mail[mail_places[row] as usize];
            let given = [rows.verified_at[row], rows.first_verified_at[row]].map(moment);
            let [verified_at, mut first] = given.map(|given| given.filter(|given| *given <= self.as_of));
            let is_later = [verified_at, first] != given;
            if let Some(previous) = self.previous {
                let name = &*self.mail_domains[number as usize].name;
                let known = ids.next().flatten().and_then(|id| previous.accounts().find(id, name));
                before.push(known.and_then(|(seen, _)| seen));
                first = first.into_iter().chain(known.and_then(|(_, first)| first)).min();
            }
            if self.knows_first_verification {
                first_verified_at
                    .push(first_verification(verified_at, first).map_or(MISSING, |first| first.0));
            }
            verified += u64::from(verified_at.or(first).is_some());
            if is_later {
                verified_later = add_accounts(verified_later, rows.stands_for(row));
            }
            let marks = rows.marks[row] | if is_later { VERIFIED_LATER } else { 0 };
            if let Some(other) = frame.worse_of_other(number, shared, [verified_at, first]) {
                shared = other;
                mail_places[row] = *moved.entry(number).or_insert_with(|| {
                    mail.push(FrameMail { number, shared });
                    mail.len() as u32 - 1
                });
            }
            frame.number(number, shared, [verified_at, first], marks)
        };
        let numbers: Vec<u32> = (0..rows.len()).map(&mut judge).collect();
        drop(ids);
        let verdicts = count_verdicts(frame.numbers.verdicts, &numbers, &rows);
        JudgedFrame {
            rows,
            numbers,
            verdicts,
            mail_places,
            mail,
            before,
            first_verified_at,
            verified,
            verified_later,
        }
    }

    /// The latest moment at which the domain of these accounts is known to have changed hands.
    pub(crate) fn hands_changed_at(&self, shared: SharedVerdict) -> Option<Moment> {
        // names are spread over memory: they are visited only if anything changed
        if shared.last_change == i64::MIN {
            return None;
        }
        changes(&self.judgement.domains[shared.domain as usize]).hands_changed_at()
    }

    /// The top-level domain of these accounts.
    pub(crate) fn tld(&self, shared: SharedVerdict) -> &'a str {
        self.shares.tlds[shared.tld as usize]
    }

    /// Numbers the mail domains of a frame, in the order of its rows.
    fn number_mail(&self, rows: &Rows) -> (Vec<u32>, Vec<FrameMail>) {
        let mut numbers = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let mut mail = Vec::new();
        let place = |number: &u32| {
            *numbers.entry(*number).or_insert_with(|| {
                mail.push(*number);
                mail.len() as u32 - 1
            })
        };
        let places = rows.mail.iter().map(place).collect();
        numbers.clear();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(numbers);
        // what they share is spread over memory: fetched in a row, the waiting times overlap
        let shared = mail.iter().map(|number| self.shares.mail[*number as usize]);
        let mail = mail.iter().zip(shared).map(|(number, shared)| FrameMail { number: *number, shared });
        (places, mail.collect())
    }
}

/// For each judged domain whether an account at it is to be unverified while the domain itself is not: because of the
/// mail servers of its mail domain, or because it was verified before a change of hands. For the latter this reads the spool
/// once more, but only if there can be such an account.
pub(crate) fn unverified_by_accounts(
    census: &Census,
    judgement: &Judgement<'_>,
    previous: Option<&Previous>,
    as_of: Moment,
) -> Result<Vec<bool>> {
    let domains = &judgement.domains;
    let mut flagged = vec![false; domains.len()];
    if judgement.policy != Policy::Default {
        return Ok(flagged);
    }
    for number in judgement.raised_by_mail_servers() {
        let place = judgement.mail[number].domain;
        flagged[place as usize] |= judgement.mail_verdict(number, place).action == Action::Unverify;
    }
    let is_changed = |domain: &JudgedDomain<'_>| changes(domain).last().is_some();
    if !domains.iter().any(is_changed) {
        return Ok(flagged);
    }
    let judge = AccountJudge::new(&census.mail_domains, &census.files, judgement, previous, as_of);
    let flagged: Vec<AtomicBool> = flagged.into_iter().map(AtomicBool::new).collect();
    (0..census.rows.frames()).into_par_iter().with_max_len(1).try_for_each(|number| {
        let frame = judge.judge(census.rows.frame(number)?);
        for (number, place) in frame.numbers.iter().zip(&frame.mail_places) {
            if frame.verdicts[*number as usize].0.action == Action::Unverify {
                flagged[frame.mail[*place as usize].shared.domain as usize].store(true, Ordering::Relaxed);
            }
        }
        Ok(())
    })?;
    Ok(flagged.into_iter().map(AtomicBool::into_inner).collect())
}

/// Judges the rows of one frame, and numbers their verdicts.
struct FrameJudge<'j, 'a> {
    judge: &'j AccountJudge<'a>,
    numbers: VerdictNumbers,
    /// The numbers of the verdicts of mail domains in this frame, or [`NONE`].
    by_shared: Vec<u32>,
}

impl FrameJudge<'_, '_> {
    /// The number of the verdict of an account, from its mail domain and what it shares, the times of its last and its first
    /// verification, and the faults of its row.
    fn number(
        &mut self,
        number: u32,
        shared: SharedVerdict,
        verified: [Option<Moment>; 2],
        marks: u8,
    ) -> u32 {
        let [verified_at, first] = verified;
        let first = first_verification(verified_at, first);
        if marks == 0 && first.is_none_or(|first| first.0 >= shared.last_change) {
            let number = &mut self.by_shared[shared.verdict as usize];
            if *number == NONE {
                *number = self.numbers.number(self.judge.shares.verdicts[shared.verdict as usize]);
            }
            return *number;
        }
        let mut verdict = self.verdict(number, shared, verified_at, first);
        let mail = self.judge.shares.verdicts[shared.verdict as usize].reasons;
        verdict.reasons = verdict.reasons.union(mail).union(noted(marks));
        self.numbers.number(verdict)
    }

    fn verdict(
        &self,
        number: u32,
        shared: SharedVerdict,
        verified_at: Option<Moment>,
        first: Option<Moment>,
    ) -> AccountVerdict {
        let judgement = self.judge.judgement;
        let changes = changes(&judgement.domains[shared.domain as usize]);
        let verdict = judgement.mail_verdict(number as usize, shared.domain);
        judge_account(&verdict, judgement.policy, changes, verified_at, first)
    }

    /// The other name under which an account's mail domain may be registered, if its verdict on the account is worse.
    fn worse_of_other(
        &self,
        number: u32,
        shared: SharedVerdict,
        [verified_at, first]: [Option<Moment>; 2],
    ) -> Option<SharedVerdict> {
        if !shared.has_other {
            return None;
        }
        let other = *self.judge.shares.others.get(&number)?;
        let severity = |shared: SharedVerdict| {
            let verdict = self.verdict(number, shared, verified_at, first);
            (verdict.risk, verdict.actions.default)
        };
        (severity(other) > severity(shared)).then_some(other)
    }
}

/// How many rows and accounts have each verdict.
fn count_verdicts(
    verdicts: Vec<AccountVerdict>,
    numbers: &[u32],
    rows: &Rows,
) -> Vec<(AccountVerdict, Extent)> {
    let mut counted: Vec<_> = verdicts.into_iter().map(|verdict| (verdict, Extent::default())).collect();
    numbers.iter().for_each(|number| counted[*number as usize].1.rows += 1);
    match &rows.accounts {
        None => counted.iter_mut().for_each(|(_, extent)| extent.accounts = extent.rows),
        Some(_) => {
            for (row, number) in numbers.iter().enumerate() {
                let accounts = &mut counted[*number as usize].1.accounts;
                *accounts = add_accounts(*accounts, rows.stands_for(row));
            }
        }
    }
    counted
}

fn moment(micros: i64) -> Option<Moment> {
    (micros != MISSING).then_some(Moment(micros))
}

/// The reasons that the faults of a row are.
fn noted(marks: u8) -> ReasonSet {
    let reasons = [
        (LOCAL_PART_INVALID, Reason::LocalPartInvalid),
        (VERIFIED_AT_UNREADABLE, Reason::VerifiedAtUnreadable),
        (WEIGHT_UNREADABLE, Reason::WeightUnreadable),
        (ACCOUNTS_UNREADABLE, Reason::AccountsUnreadable),
        (VERIFIED_LATER, Reason::VerifiedAfterAsOf),
    ];
    reasons.into_iter().filter(|(mark, _)| marks & mark != 0).map(|(_, reason)| reason).collect()
}
