//! The domains of a row group of `domains.parquet`, as its columns ask for them.

use std::ops::Range;

use crate::assess::account::Changes;
use crate::assess::evidence::RdapEvidence;
use crate::assess::judge::Judgement;
use crate::assess::judged::JudgedDomain;
use crate::assess::listing::ListEntry;
use crate::assess::mail_at::MailAt;
use crate::assess::previous::Previous;
use crate::assess::servers::Servers;
use crate::assess::tally::DomainTally;
use crate::assess::verdict::Verdict;
use crate::mail::MxSet;
use crate::rdap::{Answer, RdapOutcome};
use crate::snapshot::history::{Absence, History};
use crate::snapshot::{Snapshot, ZoneEvidence};
use crate::table::schema::TableRows;
use crate::time::{Day, Moment};

/// The domains of a row group, with their accounts.
pub(crate) struct DomainRows<'a> {
    pub(super) domains: &'a [JudgedDomain<'a>],
    /// The mail servers of all domains, and the place of the first of these among them.
    pub(super) mail_at: (&'a MailAt<'a>, usize),
    servers: &'a Servers<'a>,
    /// What only some of them have. It is looked for once, because the domains themselves are large.
    pub(super) known: Vec<KnownOfDomain<'a>>,
    /// One for each domain.
    pub(super) tallies: &'a [DomainTally],
    pub(super) as_of: Moment,
    pub(super) previous: Option<&'a Previous>,
}

/// What is known of a domain beyond its verdict and what its zone says of it today.
pub(super) struct KnownOfDomain<'a> {
    pub(super) rdap: &'a RdapEvidence<'a>,
    pub(super) listing: Option<&'a ListEntry>,
    pub(super) past: Option<&'a History>,
}

impl TableRows for DomainRows<'_> {
    fn rows(&self) -> usize {
        self.domains.len()
    }
}

impl<'a> DomainRows<'a> {
    pub(super) fn new(
        judgement: &'a Judgement<'a>,
        rows: Range<usize>,
        tallies: &'a [DomainTally],
        as_of: Moment,
        previous: Option<&'a Previous>,
    ) -> Self {
        let (first, domains) = (rows.start, &judgement.domains[rows.clone()]);
        let tallies = &tallies[rows];
        let known = domains.iter().map(|domain| KnownOfDomain {
            rdap: domain.evidence.rdap(),
            listing: domain.evidence.listing,
            past: domain.evidence.zone.past(),
        });
        Self {
            domains,
            mail_at: (&judgement.mail_at, first),
            servers: &judgement.servers,
            known: known.collect(),
            tallies,
            as_of,
            previous,
        }
    }

    /// What is known of the mail servers of the mail domains at a domain.
    pub(super) fn mail_sets(&self, row: usize) -> &'a [MxSet] {
        let (mail_at, first) = self.mail_at;
        mail_at.at(first + row)
    }

    /// Whether a domain has mail servers in itself, and nothing else has any there.
    pub(super) fn has_servers_of_its_own(&self, row: usize) -> bool {
        self.servers.own_mail_domain(self.mail_at.1 + row).is_some()
    }

    pub(super) fn verdict(&self, row: usize) -> &Verdict {
        &self.domains[row].verdict
    }

    pub(super) fn zone(&self, row: usize) -> &ZoneEvidence<'a> {
        &self.domains[row].evidence.zone
    }

    pub(super) fn snapshot(&self, row: usize) -> Option<&'a Snapshot> {
        self.zone(row).snapshot
    }

    /// What the store remembers of a name to which something happened.
    pub(super) fn past(&self, row: usize) -> Option<&'a History> {
        self.known[row].past
    }

    /// The latest long gap, else the latest absence.
    pub(super) fn gap(&self, row: usize) -> Option<Absence> {
        let latest = self.past(row)?.absence()?;
        Some(self.domains[row].long_gap().unwrap_or(latest))
    }

    /// What lists of registries say.
    pub(super) fn listing(&self, row: usize) -> Option<&'a ListEntry> {
        self.known[row].listing
    }

    /// The answer about a domain, whatever it says.
    pub(super) fn any_answer(&self, row: usize) -> Option<&'a Answer> {
        self.known[row].rdap.answer
    }

    /// How the domain changed hands, as it counts for accounts.
    pub(super) fn changes(&self, row: usize) -> &'a Changes {
        &self.known[row].rdap.changes
    }

    pub(super) fn today(&self) -> Day {
        self.as_of.day()
    }

    /// The answer, if it found the domain, whether or not it is recent enough.
    pub(super) fn answer(&self, row: usize) -> Option<&'a Answer> {
        self.any_answer(row).filter(|answer| answer.outcome == RdapOutcome::Found)
    }
}
