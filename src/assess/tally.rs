//! What came out for the accounts, counted.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hashbrown::HashMap;

use super::accounts::JudgedFrame;
use super::verdict::{Action, Actions, Risk, State};
use crate::census::rows::MISSING;

/// The accounts of a run, counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Accounts by state, risk and action.
    pub accounts: HashMap<(State, Risk, Action), u64>,
    /// Accounts by state and what each policy would do.
    pub policies: HashMap<(State, Actions), u64>,
    /// Accounts whose action a circuit breaker changed.
    pub held_back: u64,
    /// For each judged domain, in the order of the judgement.
    pub domains: Vec<DomainTally>,
}

/// The accounts of one judged domain.
#[derive(Debug, Default)]
pub struct DomainTally {
    accounts: AtomicU64,
    reregistered: AtomicU64,
    weighted: AtomicU64,
    weight: AtomicI64,
}

impl Tally {
    /// No account yet.
    pub fn new(domains: usize) -> Self {
        let mut tally = Self::default();
        tally.domains.resize_with(domains, DomainTally::default);
        tally
    }

    /// Adds a frame, but not to its domains.
    pub fn add(&mut self, frame: &FrameCounts) {
        for (verdict, count) in &frame.0 {
            *self.accounts.entry((verdict.state, verdict.risk, verdict.action)).or_default() += count;
            *self.policies.entry((verdict.state, verdict.actions)).or_default() += count;
            self.held_back += if verdict.action_before_breaker.is_some() { *count } else { 0 };
        }
    }
}
