//! `domains.parquet`: every judged domain with its evidence.

mod evidence;
mod rows;
mod servers;

use std::path::Path;

use rayon::prelude::*;

use crate::assess::Action;
use crate::assess::judge::Judgement;
use crate::assess::previous::Previous;
use crate::assess::tally::DomainTally;
use crate::error::Result;
use crate::mail::{MailClass, Provider};
use crate::report::at_risk::days_to_drop;
use crate::snapshot::Snapshot;
use crate::table::columns::word_lists;
use crate::table::schema::{TableRows, TableSchema, Type};
use crate::table::write::{RowGroup, TableFile};
use crate::time::Moment;
use rows::DomainRows;

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 17;

/// The origin of a snapshot's zone as it is reported: `.` is the root.
pub(crate) fn zone_name(snapshot: &Snapshot) -> &str {
    if snapshot.facts.origin.is_empty() { "." } else { &snapshot.facts.origin }
}

/// Declares the table.
pub(crate) fn table<'a>() -> TableSchema<DomainRows<'a>> {
    let table = TableSchema::<DomainRows<'a>>::new("domains", "a distinct judged domain, sorted by name")
        .text(
            "registrable_domain",
            "registrable domain under the ICANN section; null for a public suffix",
            |group, row| group.domains[row].registrable(),
        )
        .text("judged_domain", "the name that was judged", |group, row| Some(group.domains[row].name))
        .word("public_suffix", "the public suffix it is registered under", |group, row| {
            Some(group.domains[row].suffix())
        })
        .word("suffix_kind", "icann, private or implicit", |group, row| {
            Some(group.domains[row].suffix_kind.name())
        })
        .word("tld", "top-level domain", |group, row| Some(group.domains[row].tld()))
        .word(
            "mail_class",
            "free or disposable, by lists of mail domains; null for any other",
            |group, row| group.domains[row].mail_class.map(MailClass::name),
        )
        .word("typo_of", "the big mail provider that it looks mistyped for", |group, row| {
            group.domains[row].typo_of.map(Provider::name)
        })
        .date(
            "mail_closed_on",
            "when its provider closed the mail service, by data/closed_mail.csv",
            |group, row| group.domains[row].mail_closed_on(),
        )
        .integer("accounts", "accounts that have its verdict", |group, row| {
            Some(group.tallies[row].accounts as i64)
        })
        .integer("accounts_unverify", "how many of them are to be unverified", |group, row| {
            Some(group.tallies[row].unverify as i64)
        })
        .integer("accounts_review", "how many of them are to be reviewed", |group, row| {
            Some(group.tallies[row].review as i64)
        })
        .integer(
            "accounts_reregistered",
            "how many of them were verified before it changed hands",
            |group, row| Some(group.tallies[row].reregistered as i64),
        )
        .integer("weight", "sum of their weights; null if none has one", |group, row| {
            group.tallies[row].weight
        });
    let table = verdict_columns(table);
    servers::server_columns(evidence::evidence_columns(table))
        .date("earliest_drop_on", "first day on which someone else can register it", |group, row| {
            group.verdict(row).drop.earliest
        })
        .date("latest_drop_on", "last such day if the holder does nothing", |group, row| {
            group.verdict(row).drop.latest
        })
        .integer("days_to_drop", "days from as-of to earliest_drop_on, not below 0", |group, row| {
            days_to_drop(group.verdict(row).drop.earliest, group.today())
        })
        .date("state_since", "first report in which it had this state", |group, row| {
            let state = group.verdict(row).state;
            Some(group.previous?.state_since(group.domains[row].name, state, group.today()))
        })
        .word(
            "domainr_status",
            "the tokens that a Domainr look-up would give, the most important last",
            |group, row| Some(group.domains[row].domainr_status()),
        )
        .moment_of_judgement(|group| group.as_of)
}

fn verdict_columns(table: TableSchema<DomainRows<'_>>) -> TableSchema<DomainRows<'_>> {
    table
        .word("state", "state, see `zonelapse rules`", |group, row| Some(group.verdict(row).state.name()))
        .word("risk", "critical, high, medium, low, none or unknown", |group, row| {
            Some(group.verdict(row).risk.name())
        })
        .integer(
            "risk_rank",
            "the risk as a number: 0 none, 1 unknown, 2 low … 5 critical",
            |group, row| Some(group.verdict(row).risk.rank()),
        )
        .word("action", "unverify, review, notify, lookup or none", |group, row| {
            Some(group.verdict(row).action.name())
        })
        .word(
            "action_before_breaker",
            "the action if a circuit breaker changed it, else null",
            |group, row| group.verdict(row).action_before_breaker.map(Action::name),
        )
        .word("rule", "the rule that decided", |group, row| Some(group.verdict(row).rule))
        .column("reasons", Type::WordList, "what else was noticed", |group| {
            let reasons = group.domains.iter().map(|domain| &domain.verdict.reasons);
            Ok(word_lists(reasons.map(|reasons| Some(reasons.iter().map(|reason| reason.name())))))
        })
        .boolean("corroborated", "zone and RDAP say the same, each independently", |group, row| {
            Some(group.domains[row].is_corroborated)
        })
}

/// Writes the table. `tallies` has one entry for each of `domains`.
pub(crate) fn write(
    path: &Path,
    judgement: &Judgement<'_>,
    tallies: &[DomainTally],
    as_of: Moment,
    previous: Option<&Previous>,
) -> Result<()> {
    let mut file = TableFile::create(path, table().layout())?;
    let domains = judgement.domains.len();
    let starts: Vec<usize> = (0..domains).step_by(GROUP_ROWS).collect();
    for wave in starts.chunks(crate::threads::workers()) {
        let (encoder, mut write) = file.split();
        let encode = |start: &usize| {
            let rows = *start..domains.min(start + GROUP_ROWS);
            let group = DomainRows::new(judgement, rows, tallies, as_of, previous);
            encoder.encode(group.rows(), table().build(&group))
        };
        let encoded: Vec<Result<RowGroup>> = wave.par_iter().map(encode).with_max_len(1).collect();
        encoded.into_iter().try_for_each(|group| write(group?))?;
    }
    file.finish()
}
