//! The columns of `domains.parquet` about the servers through which others can take over a domain, or the mail at it.

use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::DomainRows;
use crate::assess::Policy;
use crate::assess::judged::{HijackableServer, JudgedDomain};
use crate::assess::mail_at::MailAt;
use crate::error::Result;
use crate::mail::HostNames;
use crate::table::columns::{ColumnData, struct_lists};
use crate::table::schema::{TableSchema, Type};
use crate::table::word_lists::WordListBuilder;

/// Declares the columns.
pub(super) fn server_columns(table: TableSchema<DomainRows<'_>>) -> TableSchema<DomainRows<'_>> {
    table
        .column(
            "hijackable_name_servers",
            Type::Hosts,
            "name servers whose own domain can be registered",
            |group| hijackable(group.domains, JudgedDomain::hijackable_name_servers),
        )
        .column(
            "mail_servers",
            Type::WordList,
            "hosts of the MX records of the mail domains at it, sorted; null if not known",
            |group| Ok(mail_servers(group)),
        )
        .timestamp(
            "mail_servers_seen_at",
            "when the oldest of these records were seen; null if some have no date",
            |group, row| MailAt::seen_at(group.mail_sets(row)),
        )
        .column(
            "hijackable_mail_servers",
            Type::Hosts,
            "those whose own domain can be registered",
            |group| hijackable(group.domains, JudgedDomain::hijackable_mail_servers),
        )
        .word(
            "mail_risk_below",
            "the highest risk at mail domains below it, if their own mail servers raise it; null if they do not",
            |group, row| Some(group.domains[row].worst_below(Policy::Default)?.risk.name()),
        )
}

/// The mail servers of domains: each list that they share is looked at once, and names that no other domain has are not
/// looked for.
fn mail_servers(group: &DomainRows<'_>) -> ColumnData {
    let (mail_at, _) = group.mail_at;
    let (mut names, mut column) = (HostNames::default(), WordListBuilder::default());
    let mut shared = HashMap::<u32, Range<usize>, FixedState>::default();
    for row in 0..group.domains.len() {
        let sets = group.mail_sets(row);
        if sets.is_empty() {
            column.push_missing();
            continue;
        }
        let list = if let [set] = sets { mail_at.shared_list(set) } else { None };
        if let Some(same) = list.and_then(|list| shared.get(&list)) {
            column.repeat(same.clone());
            continue;
        }
        names.clear();
        mail_at.push_hosts(sets, &mut names);
        let is_own = list.is_none() && sets.len() == 1 && group.has_servers_of_its_own(row);
        let added = column.push(names.iter().map(|(name, is_within)| (name, is_within && is_own)));
        shared.extend(list.map(|list| (list, added)));
    }
    column.finish()
}

/// A column of servers through which domains, or the mail at them, can be taken over.
fn hijackable<'d, 'a: 'd>(
    domains: &'d [JudgedDomain<'a>],
    of: fn(&'d JudgedDomain<'a>) -> &'d [HijackableServer<'a>],
) -> Result<ColumnData> {
    let fields: [fn(&'d HijackableServer<'a>) -> &'d str; 4] =
        [|server| server.host, |server| server.domain, |server| server.state.name(), |server| server.source];
    // domains are large: they are walked over once
    let mut servers = Vec::new();
    let add = |domain| {
        servers.extend(of(domain));
        of(domain).len()
    };
    let lengths: Vec<usize> = domains.iter().map(add).collect();
    let fields = fields.map(|field| servers.iter().copied().map(field));
    struct_lists(Type::Hosts, fields, &lengths)
}
