//! The columns of `domains.parquet` about the servers through which others can take over a domain, or the mail at it.

use super::DomainRows;
use crate::assess::Policy;
use crate::assess::judged::{HijackableServer, JudgedDomain};
use crate::error::Result;
use crate::table::columns::{ColumnData, struct_lists, word_lists};
use crate::table::schema::{TableSchema, Type};

/// Declares the columns.
pub(super) fn server_columns(table: TableSchema<DomainRows<'_>>) -> TableSchema<DomainRows<'_>> {
    table
        .column(
            "hijackable_name_servers",
            Type::Hosts,
            "name servers whose own domain can be registered",
            |group| hijackable(group.domains, JudgedDomain::hijackable_name_servers),
        )
        .column("mail_servers", Type::WordList, "hosts of the MX records of the mail domains at it, sorted; null if not known", |group| {
            let servers = group.domains.iter().map(|domain| domain.mail_servers());
            Ok(word_lists(servers.map(|servers| servers.map(|servers| servers.hosts.iter().copied()))))
        })
        .timestamp(
            "mail_servers_seen_at",
            "when the oldest of these records were seen; null if some have no date",
            |group, row| group.domains[row].mail_servers()?.seen_at,
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

/// A column of servers through which domains, or the mail at them, can be taken over.
fn hijackable<'d, 'a: 'd>(
    domains: &'d [JudgedDomain<'a>],
    of: fn(&'d JudgedDomain<'a>) -> &'d [HijackableServer<'a>],
) -> Result<ColumnData> {
    let fields: [fn(&'d HijackableServer<'a>) -> &'d str; 4] =
        [|server| server.host, |server| server.domain, |server| server.state.name(), |server| server.source];
    let fields = fields.map(|field| domains.iter().flat_map(of).map(field));
    let lengths: Vec<usize> = domains.iter().map(|domain| of(domain).len()).collect();
    struct_lists(Type::Hosts, fields, &lengths)
}
