//! The accounts of a run, counted by verdict and by domain.

use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;

use super::account::AccountVerdict;
use super::accounts::JudgedFrame;
use super::judge::Judgement;
use super::reason::Reason;
use super::verdict::{Action, Actions, Risk, State};
use crate::census::rows::MISSING;

/// Rows, and the accounts that they stand for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    /// Rows.
    pub(crate) rows: u64,
    /// Accounts.
    pub(crate) accounts: u64,
}

/// A sum of accounts. It stays at the largest number that a table can hold, in whatever order it is made.
pub(crate) fn add_accounts(sum: u64, more: u64) -> u64 {
    sum.saturating_add(more).min(i64::MAX as u64)
}

/// The accounts of a run, counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Accounts by state, risk and action.
    pub(crate) accounts: HashMap<(State, Risk, Action), u64>,
    /// Accounts by state and what each policy would do.
    pub(crate) policies: HashMap<(State, Actions), u64>,
    /// The weights of the accounts; none if no account has one.
    pub(crate) weights: Option<TalliedWeights>,
    /// Rows, whatever they stand for.
    pub(crate) rows: u64,
    /// Those of them that could not be judged.
    pub(crate) rows_unknown: u64,
    /// Rows with a time of verification that counts, from the input or from the previous report.
    pub(crate) verified: u64,
    /// Accounts with a time of verification after as-of, which does not count.
    pub(crate) verified_later: u64,
    /// For each judged domain, in the order of the judgement.
    pub(crate) domains: Vec<DomainTally>,
    /// For mail domains that are counted once more apart from them, by their numbers.
    pub(crate) apart: HashMap<u32, DomainTally>,
}

/// The accounts by domain, while they are counted.
#[derive(Debug, Default)]
pub(crate) struct DomainTallies {
    /// As [`Tally::domains`].
    pub(crate) judged: Vec<DomainTally>,
    /// As [`Tally::apart`].
    pub(crate) apart: HashMap<u32, DomainTally>,
}

/// Sums of the weights of accounts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TalliedWeights {
    /// For each action.
    pub(crate) by_action: [i64; Action::ALL.len()],
    /// Of those that could not be judged.
    pub(crate) unknown: i64,
}

/// The accounts of one judged domain.
#[derive(Debug, Clone, Default)]
pub(crate) struct DomainTally {
    /// How many.
    pub(crate) accounts: u64,
    /// How many of them are `reregistered`, unlike the domain.
    pub(crate) reregistered: u64,
    /// How many of them are to be unverified.
    pub(crate) unverify: u64,
    /// How many of them are to be reviewed.
    pub(crate) review: u64,
    /// How many of them are at mail domains below it whose own mail servers raise their verdict.
    pub(crate) raised_below: u64,
    /// The sum of their weights; none if no account has one.
    pub(crate) weight: Option<i64>,
}

impl DomainTallies {
    /// No account yet.
    pub(crate) fn of(judgement: &Judgement<'_>) -> Self {
        let apart = judgement.servers.counted_apart().map(|number| (number, DomainTally::default()));
        Self { judged: vec![DomainTally::default(); judgement.domains.len()], apart: apart.collect() }
    }
}

impl DomainTally {
    fn add_weight(&mut self, weight: Option<i64>) {
        if let Some(weight) = weight {
            self.weight = Some(self.weight.unwrap_or(0).saturating_add(weight));
        }
    }
}

impl Tally {
    /// Takes what was counted by domain.
    pub(crate) fn by_domain(&mut self, tallies: DomainTallies) {
        (self.domains, self.apart) = (tallies.judged, tallies.apart);
    }

    /// Adds the verdicts of a frame.
    pub(crate) fn add(&mut self, verdicts: &[(AccountVerdict, Extent)]) {
        for (verdict, extent) in verdicts {
            let sums = [
                self.accounts.entry((verdict.state, verdict.risk, verdict.action)).or_default(),
                self.policies.entry((verdict.state, verdict.actions)).or_default(),
            ];
            sums.into_iter().for_each(|sum| *sum = add_accounts(*sum, extent.accounts));
            self.rows += extent.rows;
            self.rows_unknown += if verdict.state == State::Unknown { extent.rows } else { 0 };
        }
    }

    /// Adds the weights of a frame.
    pub(crate) fn add_weights(&mut self, weights: Option<TalliedWeights>) {
        let Some(weights) = weights else { return };
        let sums = self.weights.get_or_insert_default();
        let by_action = sums.by_action.iter_mut().zip(weights.by_action);
        by_action.for_each(|(sum, weight)| *sum = sum.saturating_add(weight));
        sums.unknown = sums.unknown.saturating_add(weights.unknown);
    }
}

/// The weights of the accounts of a frame.
pub(crate) fn weigh(frame: &JudgedFrame) -> Option<TalliedWeights> {
    let mut weights = vec![0i64; frame.verdicts.len()];
    let mut is_weighted = false;
    for (number, weight) in frame.numbers.iter().zip(&frame.rows.weight) {
        if *weight != MISSING {
            is_weighted = true;
            let sum = &mut weights[*number as usize];
            *sum = sum.saturating_add(*weight);
        }
    }
    let mut tallied = TalliedWeights::default();
    for ((verdict, _), weight) in frame.verdicts.iter().zip(weights) {
        let sum = &mut tallied.by_action[verdict.action as usize];
        *sum = sum.saturating_add(weight);
        if verdict.state == State::Unknown {
            tallied.unknown = tallied.unknown.saturating_add(weight);
        }
    }
    is_weighted.then_some(tallied)
}

/// Adds the accounts of a frame to their domains; several threads may come at once.
pub(crate) fn count_domains(counted: &Mutex<DomainTallies>, frame: &JudgedFrame) {
    match &frame.rows.accounts {
        None => count_rows(counted, frame, |_| 1),
        Some(_) => count_rows(counted, frame, |row| frame.rows.stands_for(row)),
    }
}

fn count_rows(counted: &Mutex<DomainTallies>, frame: &JudgedFrame, stands_for: impl Fn(usize) -> u64) {
    #[derive(Clone, Copy, Default)]
    struct Count {
        accounts: u64,
        reregistered: u64,
        unverify: u64,
        review: u64,
        raised_below: u64,
        weighted: u32,
        weight: i64,
    }
    let is_raised = |(verdict, _): &(AccountVerdict, Extent)| {
        let reasons = verdict.reasons;
        let is_open = reasons.contains(Reason::MxHijackable) || reasons.contains(Reason::MxSoonHijackable);
        let is_doubted = reasons.contains(Reason::MxStale) || reasons.contains(Reason::MxUndated);
        is_open && !is_doubted && verdict.state != State::Reregistered
    };
    let raised: Vec<bool> = frame.verdicts.iter().map(is_raised).collect();
    let has_raised = raised.contains(&true);
    // first by the mail domains of the frame, which are few enough for the cache
    let mut counts = vec![Count::default(); frame.mail.len()];
    let rows = frame.mail_places.iter().zip(&frame.numbers).zip(&frame.rows.weight);
    for (row, ((place, number), weight)) in rows.enumerate() {
        let count = &mut counts[*place as usize];
        let accounts = stands_for(row);
        // a frame has too few rows for these to overflow
        count.accounts += accounts;
        let verdict = &frame.verdicts[*number as usize].0;
        count.reregistered += if verdict.state == State::Reregistered { accounts } else { 0 };
        count.unverify += if verdict.action == Action::Unverify { accounts } else { 0 };
        count.review += if verdict.action == Action::Review { accounts } else { 0 };
        if has_raised && raised[*number as usize] {
            let is_below = !frame.mail[*place as usize].shared.is_judged_domain;
            count.raised_below += if is_below { accounts } else { 0 };
        }
        if *weight != MISSING {
            count.weighted += 1;
            count.weight = count.weight.saturating_add(*weight);
        }
    }
    // a lock for all costs less than atomic sums, each of which would wait for its memory
    let counted = &mut *counted.lock().unwrap_or_else(PoisonError::into_inner);
    for (mail, count) in frame.mail.iter().zip(counts) {
        let domain = &mut counted.judged[mail.shared.domain as usize];
        domain.accounts = add_accounts(domain.accounts, count.accounts);
        domain.reregistered = add_accounts(domain.reregistered, count.reregistered);
        domain.unverify = add_accounts(domain.unverify, count.unverify);
        domain.review = add_accounts(domain.review, count.review);
        domain.raised_below = add_accounts(domain.raised_below, count.raised_below);
        let weight = (count.weighted > 0).then_some(count.weight);
        domain.add_weight(weight);
        if !counted.apart.is_empty()
            && let Some(own) = counted.apart.get_mut(&mail.number)
        {
            own.accounts = add_accounts(own.accounts, count.accounts);
            own.add_weight(weight);
        }
    }
}
