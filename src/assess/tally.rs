//! The accounts of a run, counted by verdict and by domain.

use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;

use super::account::AccountVerdict;
use super::accounts::JudgedFrame;
use super::judge::Judgement;
use super::reason::Reason;
use super::verdict::{Action, Actions, Risk, State};
use crate::census::rows::MISSING;

/// The accounts of a run, counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Accounts by state, risk and action.
    pub(crate) accounts: HashMap<(State, Risk, Action), u64>,
    /// Accounts by state and what each policy would do.
    pub(crate) policies: HashMap<(State, Actions), u64>,
    /// The weights of the accounts; none if no account has one.
    pub(crate) weights: Option<TalliedWeights>,
    /// Accounts with a time of verification that counts, from the input or from the previous report.
    pub(crate) verified: u64,
    /// Accounts with a time of verification after as-of, which does not count.
    pub(crate) verified_later: u64,
    /// For each judged domain, in the order of the judgement.
    pub(crate) domains: Vec<DomainTally>,
    /// For mail domains that are counted apart, by their numbers.
    pub(crate) mail: HashMap<u32, DomainTally>,
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

/// What is counted by domain.
#[derive(Debug)]
pub(crate) struct DomainTallies {
    /// For each judged domain.
    pub(crate) domains: Vec<DomainTally>,
    /// For mail domains that are counted apart.
    pub(crate) mail: HashMap<u32, DomainTally>,
}

impl DomainTallies {
    /// No account yet.
    pub(crate) fn of(judgement: &Judgement<'_>) -> Self {
        let apart = judgement.servers.counted_apart();
        let mail = apart.map(|number| (number, DomainTally::default())).collect();
        Self { domains: vec![DomainTally::default(); judgement.domains.len()], mail }
    }
}

impl Tally {
    /// Takes what was counted by domain.
    pub(crate) fn by_domain(&mut self, tallies: DomainTallies) {
        (self.domains, self.mail) = (tallies.domains, tallies.mail);
    }

    /// Adds the verdicts of a frame.
    pub(crate) fn add(&mut self, verdicts: &[(AccountVerdict, u64)]) {
        for (verdict, count) in verdicts {
            *self.accounts.entry((verdict.state, verdict.risk, verdict.action)).or_default() += count;
            *self.policies.entry((verdict.state, verdict.actions)).or_default() += count;
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
pub(crate) fn count_domains(tallies: &Mutex<DomainTallies>, frame: &JudgedFrame) {
    #[derive(Clone, Copy, Default)]
    struct Count {
        accounts: u32,
        reregistered: u32,
        unverify: u32,
        review: u32,
        raised_below: u32,
        weighted: u32,
        weight: i64,
    }
    let is_raised = |(verdict, _): &(AccountVerdict, u64)| {
        let reasons = verdict.reasons;
        let is_open = reasons.contains(Reason::MxHijackable) || reasons.contains(Reason::MxSoonHijackable);
        let is_doubted = reasons.contains(Reason::MxStale) || reasons.contains(Reason::MxUndated);
        is_open && !is_doubted && verdict.state != State::Reregistered
    };
    let raised: Vec<bool> = frame.verdicts.iter().map(is_raised).collect();
    let has_raised = raised.contains(&true);
    // first by the mail domains of the frame, which are few enough for the cache
    let mut counts = vec![Count::default(); frame.mail.len()];
    for ((place, number), weight) in frame.mail_places.iter().zip(&frame.numbers).zip(&frame.rows.weight) {
        let count = &mut counts[*place as usize];
        count.accounts += 1;
        let verdict = &frame.verdicts[*number as usize].0;
        count.reregistered += u32::from(verdict.state == State::Reregistered);
        count.unverify += u32::from(verdict.action == Action::Unverify);
        count.review += u32::from(verdict.action == Action::Review);
        if has_raised && raised[*number as usize] {
            let is_below = !frame.mail[*place as usize].shared.is_judged_domain;
            count.raised_below += u32::from(is_below);
        }
        if *weight != MISSING {
            count.weighted += 1;
            count.weight = count.weight.saturating_add(*weight);
        }
    }
    // a lock for all costs less than atomic sums, each of which would wait for its memory
    let tallies = &mut *tallies.lock().unwrap_or_else(PoisonError::into_inner);
    let has_apart = !tallies.mail.is_empty();
    for (mail, count) in frame.mail.iter().zip(counts) {
        let domain = &mut tallies.domains[mail.shared.domain as usize];
        domain.accounts += u64::from(count.accounts);
        domain.reregistered += u64::from(count.reregistered);
        domain.unverify += u64::from(count.unverify);
        domain.review += u64::from(count.review);
        domain.raised_below += u64::from(count.raised_below);
        domain.add_weight(count.weighted, count.weight);
        if has_apart && let Some(own) = tallies.mail.get_mut(&mail.number) {
            own.accounts += u64::from(count.accounts);
            own.add_weight(count.weighted, count.weight);
        }
    }
}

impl DomainTally {
    fn add_weight(&mut self, weighted: u32, weight: i64) {
        if weighted > 0 {
            self.weight = Some(self.weight.unwrap_or(0).saturating_add(weight));
        }
    }
}
