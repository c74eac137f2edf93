//! The columns that are added to a row, and what stands in them.
//!
//! They are those of `accounts.parquet` that can be told from a row alone, with the same names, in the same order. What
//! takes all rows of a run (circuit breakers, changes, counts, names that look mistyped beside the others) is not among
//! them. A rejected row has no domains and no action: its state is `rejected`, its risk `unknown`, and its reason stands
//! in `reasons`.
//!
//! With `--servers` one more tells the domains of servers behind the mail domain, so that `servers.parquet` can be counted
//! from the rows.
//!
//! Most cells depend on the mail domain or on the verdict, of which a batch has few. So they are asked for in groups,
//! once for each of these.

use std::borrow::Cow;

use crate::assess::Risk;
use crate::assess::account::AccountVerdict;
use crate::assess::accounts::{AccountJudge, FrameMail};
use crate::assess::servers::ServerLink;
use crate::mail::MailClass;
use crate::name::Rejection;
use crate::report::at_risk::days_to_drop;
use crate::time::{Day, Moment};

/// The state of a row that cannot be judged.
const REJECTED: &str = "rejected";

/// Bytes of the servers of a row, about, if they are many.
const SERVERS_BYTES: usize = 1 << 12;
/// Bytes of a domain of servers beside its names, about.
const SERVER_BYTES: usize = 200;

/// What kind of values a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    Text,
    Integer,
    Date,
    Timestamp,
    Texts,
    Flag,
    Servers,
}

/// The columns that depend on the mail domain.
pub(super) const OF_DOMAIN: [(&str, CellKind); 5] = [
    ("mail_domain", CellKind::Text),
    ("registrable_domain", CellKind::Text),
    ("judged_domain", CellKind::Text),
    ("tld", CellKind::Text),
    ("mail_class", CellKind::Text),
];
/// The columns that depend on the verdict.
pub(super) const OF_VERDICT: [(&str, CellKind); 9] = [
    ("state", CellKind::Text),
    ("risk", CellKind::Text),
    ("risk_rank", CellKind::Integer),
    ("action", CellKind::Text),
    ("rule", CellKind::Text),
    ("reasons", CellKind::Texts),
    ("earliest_drop_on", CellKind::Date),
    ("latest_drop_on", CellKind::Date),
    ("days_to_drop", CellKind::Integer),
];
/// Those after them, which depend on the mail domain again. The last one is there with `--servers`.
const AT_END: [(&str, CellKind); 3] = [
    ("hands_changed_at", CellKind::Timestamp),
    ("as_of", CellKind::Timestamp),
    ("servers", CellKind::Servers),
];
/// The members of a domain of servers.
pub(super) const OF_SERVER: [(&str, CellKind); 10] = [
    ("kind", CellKind::Text),
    ("domain", CellKind::Text),
    ("hosts", CellKind::Texts),
    ("serves", CellKind::Flag),
    ("exposes", CellKind::Flag),
    ("state", CellKind::Text),
    ("risk", CellKind::Text),
    ("rule", CellKind::Text),
    ("earliest_drop_on", CellKind::Date),
    ("latest_drop_on", CellKind::Date),
];

/// All of them in order.
pub(super) fn all(with_servers: bool) -> impl Iterator<Item = (&'static str, CellKind)> {
    let at_end = &AT_END[..AT_END.len() - usize::from(!with_servers)];
    OF_DOMAIN.iter().chain(&OF_VERDICT).chain(at_end).copied()
}

/// Their names, behind a prefix.
pub(super) fn names(prefix: &str, with_servers: bool) -> Vec<String> {
    all(with_servers).map(|(name, _)| format!("{prefix}{name}")).collect()
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Day(Day),
    Moment(Moment),
    Texts(Vec<Cow<'a, str>>),
    Flag(bool),
    Servers(Vec<[Cell<'a>; OF_SERVER.len()]>),
}

impl<'a> Cell<'a> {
    fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }

    fn day(day: Option<Day>) -> Self {
        day.map_or(Self::Null, Self::Day)
    }
}

/// The cells of a mail domain.
pub(super) fn of_domain<'a>(judge: &'a AccountJudge<'_>, mail: &FrameMail) -> [Cell<'a>; OF_DOMAIN.len()] {
    let mail_domain = &judge.mail_domains[mail.number as usize];
    let domain = &judge.judgement.domains[mail.shared.domain as usize];
    let registrable = judge.judgement.mail[mail.number as usize].registrable(mail_domain);
    [
        Cell::Text(&mail_domain.name),
        Cell::text(registrable),
        Cell::Text(domain.name),
        Cell::Text(domain.tld()),
        Cell::text(mail.shared.class.map(MailClass::name)),
    ]
}

/// The cells of a verdict.
pub(super) fn of_verdict(verdict: &AccountVerdict, as_of: Moment) -> [Cell<'static>; OF_VERDICT.len()] {
    let days = days_to_drop(verdict.drop.earliest, as_of.day());
    [
        Cell::Text(verdict.state.name()),
        Cell::Text(verdict.risk.name()),
        Cell::Integer(verdict.risk.rank()),
        Cell::Text(verdict.action.name()),
        Cell::Text(verdict.rule),
        Cell::Texts(verdict.reasons.iter().map(|reason| reason.name().into()).collect()),
        Cell::day(verdict.drop.earliest),
        Cell::day(verdict.drop.latest),
        days.map_or(Cell::Null, Cell::Integer),
    ]
}

/// The cells of a rejected row.
pub(super) fn of_rejected(reason: Rejection) -> [Cell<'static>; OF_VERDICT.len()] {
    [
        Cell::Text(REJECTED),
        Cell::Text(Risk::Unknown.name()),
        Cell::Integer(Risk::Unknown.rank()),
        Cell::Null,
        Cell::Null,
        Cell::Texts(vec![reason.name().into()]),
        Cell::Null,
        Cell::Null,
        Cell::Null,
    ]
}

/// The last cells. `servers` are told with `--servers`.
pub(super) fn at_end<'a>(
    hands_changed_at: Option<Moment>,
    as_of: Moment,
    servers: Option<Cell<'a>>,
) -> Vec<Cell<'a>> {
    let cells = [hands_changed_at.map_or(Cell::Null, Cell::Moment), Cell::Moment(as_of)];
    cells.into_iter().chain(servers).collect()
}

/// The domains of servers behind a mail domain.
pub(super) fn of_servers<'a>(judge: &'a AccountJudge<'_>, mail: &FrameMail) -> Cell<'a> {
    let judgement = judge.judgement;
    let links = judgement.servers.links(judgement, mail.number, mail.shared.domain);
    Cell::Servers(within(links, SERVERS_BYTES).into_iter().map(of_server).collect())
}

/// As many of the domains as so many bytes hold, those first that expose the row. So anybody can have a domain with
/// thousands of servers, and no row of it is long.
fn within(mut links: Vec<ServerLink<'_>>, bytes: usize) -> Vec<ServerLink<'_>> {
    let size = |link: &ServerLink<'_>| {
        SERVER_BYTES + link.domain.len() + link.hosts.iter().map(|host| host.len()).sum::<usize>()
    };
    if links.iter().map(size).sum::<usize>() <= bytes {
        return links;
    }
    links.sort_by_key(|link| !link.exposes);
    let mut left = bytes;
    links.retain_mut(|link| {
        let Some(rest) = left.checked_sub(SERVER_BYTES + link.domain.len()) else { return false };
        left = rest;
        let fits = |host: &Cow<'_, str>| {
            let rest = left.checked_sub(host.len());
            left = rest.unwrap_or(left);
            rest.is_some()
        };
        link.hosts.retain(fits);
        true
    });
    links.sort_unstable_by_key(|link| (link.kind, link.domain));
    links
}

fn of_server(link: ServerLink<'_>) -> [Cell<'_>; OF_SERVER.len()] {
    let ServerLink { kind, domain, hosts, serves, exposes, verdict } = link;
    [
        Cell::Text(kind.name()),
        Cell::Text(domain),
        Cell::Texts(hosts),
        Cell::Flag(serves),
        Cell::Flag(exposes),
        Cell::Text(verdict.state.name()),
        Cell::Text(verdict.risk.name()),
        Cell::Text(verdict.rule),
        Cell::day(verdict.drop.earliest),
        Cell::day(verdict.drop.latest),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::accounts::table;

    #[test]
    fn names_and_order_are_those_of_the_accounts() {
        let accounts = table().names();
        let place = |name: &String| accounts.iter().position(|known| known == name).expect(name);
        let places: Vec<usize> = names("", false).iter().map(place).collect();
        assert!(places.is_sorted(), "{places:?}");
    }
}
