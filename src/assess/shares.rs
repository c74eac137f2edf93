//! What the accounts of each mail domain share: the verdict of its domain, and what the report says of all of them.
//!
//! Verdicts and top-level domains are numbered, because many mail domains have the same. An account then takes one step
//! through memory to all of it: domains and their names are large and far apart, and are visited here, once.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::account::{AccountVerdict, Changes};
use super::judge::{Judgement, MailVerdict};
use super::judged::JudgedDomain;
use crate::mail::{MailClass, Provider};
use crate::name::MailDomain;
use crate::table::word_numbers::WordNumbers;

/// Mail domains whose verdicts are numbered together.
const SWEEP: usize = 1 << 14;

/// What the accounts of the mail domains of a run share.
#[derive(Debug)]
pub(super) struct Shares<'a> {
    /// For each mail domain.
    pub(super) mail: Vec<SharedVerdict>,
    /// For mail domains that may be registered under another name, too: what their accounts share if that one decides.
    pub(super) others: HashMap<u32, SharedVerdict, foldhash::fast::FixedState>,
    /// The distinct verdicts of mail domains.
    pub(super) verdicts: Vec<AccountVerdict>,
    /// The distinct top-level domains.
    pub(super) tlds: Vec<&'a str>,
}

/// What the accounts of a mail domain share, small enough to be found in one step of memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharedVerdict {
    /// Number of the verdict.
    pub(super) verdict: u32,
    /// The judged domain.
    pub(crate) domain: u32,
    /// Number of its top-level domain.
    pub(super) tld: u32,
    /// The latest change of hands of any kind; a verification after it has nothing to fear.
    pub(super) last_change: i64,
    /// Whether mail domain and judged domain are one.
    pub(crate) is_judged_domain: bool,
    /// Whether judged domain and registrable domain are one.
    pub(crate) is_registrable_domain: bool,
    /// Whether another name may decide for an account.
    pub(super) has_other: bool,
    /// What kind of service gives addresses there.
    pub(crate) class: Option<MailClass>,
    /// The big mail provider that the mail domain looks mistyped for.
    pub(crate) typo_of: Option<Provider>,
}

/// What mail domains share, numbered as it comes.
#[derive(Default)]
struct SharedNumbers<'a> {
    verdicts: VerdictNumbers,
    tlds: WordNumbers<'a>,
}

/// Distinct verdicts, numbered as they come.
#[derive(Default)]
pub(super) struct VerdictNumbers {
    pub(super) verdicts: Vec<AccountVerdict>,
    numbers: HashMap<AccountVerdict, u32, foldhash::fast::FixedState>,
}

impl VerdictNumbers {
    /// The number of a verdict.
    pub(super) fn number(&mut self, verdict: AccountVerdict) -> u32 {
        let Self { verdicts, numbers } = self;
        *numbers.entry(verdict).or_insert_with(|| {
            verdicts.push(verdict);
            verdicts.len() as u32 - 1
        })
    }
}

impl<'a> Shares<'a> {
    /// Arranges the verdicts of the domains for their accounts.
    pub(super) fn of(mail_domains: &'a [MailDomain], judgement: &'a Judgement<'a>) -> Self {
        let shared = |number: usize, mail: &MailVerdict, place: u32, numbers: &mut SharedNumbers<'a>| {
            let domain = &judgement.domains[place as usize];
            let mut verdict = AccountVerdict::of(&judgement.mail_verdict(number, place));
            verdict.reasons = verdict.reasons.union(mail.reasons);
            SharedVerdict {
                verdict: numbers.verdicts.number(verdict),
                domain: place,
                tld: numbers.tlds.number(domain.tld()),
                last_change: changes(domain).last().map_or(i64::MIN, |moment| moment.0),
                is_judged_domain: *mail_domains[number].name == *domain.name,
                is_registrable_domain: mail.registrable(&mail_domains[number]) == Some(domain.name),
                has_other: mail.other.is_some(),
                class: mail.class,
                typo_of: mail.typo_of,
            }
        };
        let sweep = |(sweep, mail): (usize, &[MailVerdict])| {
            let mut numbers = SharedNumbers::default();
            let place = |(place, mail): (usize, &MailVerdict)| {
                shared(sweep * SWEEP + place, mail, mail.domain, &mut numbers)
            };
            let mail: Vec<SharedVerdict> = mail.iter().enumerate().map(place).collect();
            (mail, numbers)
        };
        let sweeps: Vec<_> = judgement.mail.par_chunks(SWEEP).enumerate().map(sweep).collect();
        let mut numbers = SharedNumbers::default();
        let mut mail = Vec::with_capacity(judgement.mail.len());
        for (part, SharedNumbers { verdicts, tlds }) in sweeps {
            let verdicts = verdicts.verdicts.into_iter().map(|verdict| numbers.verdicts.number(verdict));
            let verdicts: Vec<u32> = verdicts.collect();
            let tlds: Vec<u32> = tlds.into_words().into_iter().map(|tld| numbers.tlds.number(tld)).collect();
            let numbered = |shared: SharedVerdict| SharedVerdict {
                verdict: verdicts[shared.verdict as usize],
                tld: tlds[shared.tld as usize],
                ..shared
            };
            mail.extend(part.into_iter().map(numbered));
        }
        let other = |(number, mail): (usize, &MailVerdict)| {
            Some((number as u32, shared(number, mail, mail.other?, &mut numbers)))
        };
        let others = judgement.mail.iter().enumerate().filter_map(other).collect();
        let (verdicts, tlds) = (numbers.verdicts.verdicts, numbers.tlds.into_words());
        Self { mail, others, verdicts, tlds }
    }
}

/// How a domain changed hands, as it counts for accounts.
pub(super) fn changes<'d>(domain: &'d JudgedDomain<'_>) -> &'d Changes {
    &domain.evidence.rdap().changes
}
