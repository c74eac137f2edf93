//! `servers.parquet`: the domains of servers, and what depends on each: the blast radius of one registration.
//!
//! Every domain of a server of this run has a row, so two questions have one table. What is in danger now? The rows with
//! the most accounts exposed come first. And what would hang on a single registration? After these come the domains that
//! nobody else can have, those with the most accounts first.

use std::path::Path;

use rayon::prelude::*;

use super::at_risk::days_to_drop;
use crate::assess::judge::Judgement;
use crate::assess::servers::{Dependents, HOSTS, ServerCount, ServerCounts, ServerVerdict, Servers};
use crate::assess::tally::Tally;
use crate::error::Result;
use crate::mail::HostNames;
use crate::table::columns::word_lists;
use crate::table::schema::{TableRows, TableSchema, Type};
use crate::table::word_lists::WordListBuilder;
use crate::table::write::{RowGroup, TableFile};
use crate::time::Moment;

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 16;

/// The name of the table.
pub(super) const SERVERS: &str = "servers";

/// The domains of a row group.
pub(crate) struct ServerRows<'a> {
    rows: Vec<ServerTableRow<'a>>,
    servers: &'a Servers<'a>,
    as_of: Moment,
}

struct ServerTableRow<'a> {
    domain: &'a str,
    /// How many servers.
    hosts: u32,
    verdict: ServerVerdict,
    count: ServerCount,
}

impl TableRows for ServerRows<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }
}

impl<'a> ServerRows<'a> {
    fn of(counts: &[ServerCount], judgement: &'a Judgement<'a>, as_of: Moment) -> Self {
        let Judgement { domains, servers, .. } = judgement;
        let row = |count: &ServerCount| {
            let (domain, verdict) =
                (servers.name(count.domain, domains), servers.verdict(count.domain, domains));
            ServerTableRow { domain, hosts: servers.hosts(count), verdict, count: *count }
        };
        Self { rows: counts.iter().map(row).collect(), servers, as_of }
    }
}

/// Declares the table.
pub(crate) fn table<'a>() -> TableSchema<ServerRows<'a>> {
    let table = TableSchema::<ServerRows<'a>>::new(
        SERVERS,
        "a domain of servers, those that expose most accounts first, then those that serve most",
    )
    .word("kind", "what its servers are: ns for name servers, mx for mail servers", |group, row| {
        Some(group.rows[row].count.kind.name())
    })
    .text("domain", "the domain to register", |group, row| Some(group.rows[row].domain))
    .word("state", "its state, see `zonelapse rules`", |group, row| {
        Some(group.rows[row].verdict.state.name())
    })
    .word("risk", "its risk: critical, high, medium, low, none or unknown", |group, row| {
        Some(group.rows[row].verdict.risk.name())
    })
    .integer("risk_rank", "the risk as a number: 0 none, 1 unknown, 2 low … 5 critical", |group, row| {
        Some(group.rows[row].verdict.risk.rank())
    })
    .word("rule", "the rule that decided", |group, row| Some(group.rows[row].verdict.rule))
    .column("reasons", Type::WordList, "what else was noticed of it", |group| {
        let reasons = group.rows.iter().map(|row| row.verdict.reasons);
        Ok(word_lists(reasons.map(|reasons| Some(reasons.iter().map(|reason| reason.name())))))
    })
    .integer(
        "hosts",
        "servers in it that this run met; 0 if it is further along a chain of servers",
        |group, row| Some(i64::from(group.rows[row].hosts)),
    )
    .column("host_names", Type::WordList, "the first three of them by name", |group| {
        let mut column = WordListBuilder::default();
        let mut names = HostNames::default();
        for row in &group.rows {
            names.clear();
            let are_unique = group.servers.push_hosts(&row.count, &mut names);
            column.push(names.iter().take(HOSTS).map(|(name, _)| (name, are_unique)));
        }
        Ok(column.finish())
    });
    let table = dependent_columns(table);
    table
        .date("earliest_drop_on", "first day on which someone else can register it", |group, row| {
            group.rows[row].verdict.drop.earliest
        })
        .date("latest_drop_on", "last such day if the holder does nothing", |group, row| {
            group.rows[row].verdict.drop.latest
        })
        .integer("days_to_drop", "days from as-of to earliest_drop_on, not below 0", |group, row| {
            days_to_drop(group.rows[row].verdict.drop.earliest, group.as_of.day())
        })
        .moment_of_judgement(|group| group.as_of)
}

fn dependent_columns(table: TableSchema<ServerRows<'_>>) -> TableSchema<ServerRows<'_>> {
    fn served<'r>(group: &'r ServerRows<'_>, row: usize) -> &'r Dependents {
        &group.rows[row].count.served
    }
    fn exposed<'r>(group: &'r ServerRows<'_>, row: usize) -> &'r Dependents {
        &group.rows[row].count.exposed
    }
    table
        .integer("domains", "judged domains with a server in it, itself not counted", |group, row| {
            Some(served(group, row).domains as i64)
        })
        .integer("accounts", "accounts at these", |group, row| Some(served(group, row).accounts as i64))
        .integer("weight", "sum of their weights; null if none has one", |group, row| {
            served(group, row).weight()
        })
        .integer(
            "domains_exposed",
            "judged domains that a registration hands over, now or soon: those above and those further along the chain; \
             0 if nobody else can register it",
            |group, row| Some(exposed(group, row).domains as i64),
        )
        .integer("accounts_exposed", "accounts at these", |group, row| {
            Some(exposed(group, row).accounts as i64)
        })
        .integer("weight_exposed", "sum of their weights; null if none has one", |group, row| {
            exposed(group, row).weight()
        })
        .word("risk_exposed", "the highest risk that it causes at these; null if it causes none", |group, row| {
            Some(group.rows[row].count.worst?.0.name())
        })
        .word("action_exposed", "the strongest action that it causes at these", |group, row| {
            Some(group.rows[row].count.worst?.1.name())
        })
}

/// Writes the table, and returns what it counts.
pub(crate) fn write(
    path: &Path,
    judgement: &Judgement<'_>,
    tally: &Tally,
    as_of: Moment,
) -> Result<ServerCounts> {
    let counts = judgement.servers.count(judgement, tally);
    let order = [("accounts_exposed", true), ("accounts", true), ("kind", true), ("domain", false)];
    let mut file = TableFile::create(path, table().layout())?.sorted_by(&order);
    let mut rows = counts.all(&judgement.servers, &judgement.domains).peekable();
    while rows.peek().is_some() {
        let group = |_| rows.by_ref().take(GROUP_ROWS).collect();
        let mut wave: Vec<Vec<ServerCount>> = (0..crate::threads::workers()).map(group).collect();
        wave.retain(|group| !group.is_empty());
        let (encoder, mut write) = file.split();
        let encode = |group: &Vec<ServerCount>| {
            let group = ServerRows::of(group, judgement, as_of);
            encoder.encode(group.rows(), table().build(&group))
        };
        let encoded: Vec<Result<RowGroup>> = wave.par_iter().map(encode).with_max_len(1).collect();
        encoded.into_iter().try_for_each(|group| write(group?))?;
    }
    drop(rows);
    file.finish()?;
    Ok(counts)
}
