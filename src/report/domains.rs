//! `domains.parquet`: every judged domain with its evidence.

use std::path::Path;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::accounts::{DomainTally, days_to_drop};
use super::previous::Previous;
use crate::assess::Action;
use crate::assess::judged::JudgedDomain;
use crate::error::Result;
use crate::name::suffix::tld;
use crate::rdap::{Answer, Events, RdapOutcome};
use crate::snapshot::{Snapshot, ZoneEvidence};
use crate::table::columns::{
    ArrayBox, booleans, days, integers, moments, struct_lists, texts, word_lists, words,
};
use crate::table::schema::{DOMAINS, Type};
use crate::table::write::{RowGroup, TableFile};
use crate::time::{Day, Moment};

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 17;

/// The origin of a snapshot's zone as it is reported: `.` is the root.
pub fn zone_name(snapshot: &Snapshot) -> &str {
    if snapshot.facts.origin.is_empty() { "." } else { &snapshot.facts.origin }
}

/// Writes the table; `tallies` belong to `domains` one by one.
pub fn write(
    path: &Path,
    domains: &[JudgedDomain<'_>],
    tallies: &[DomainTally],
    today: Day,
    previous: Option<&Previous>,
) -> Result<()> {
    let mut file = TableFile::create(path, DOMAINS.layout())?;
    let groups: Vec<_> = domains.chunks(GROUP_ROWS).zip(tallies.chunks(GROUP_ROWS)).collect();
    for wave in groups.chunks(crate::threads::workers()) {
        let (encoder, mut write) = file.split();
        let encode = |(domains, tallies): &(&[JudgedDomain<'_>], &[DomainTally])| {
            encoder.encode(domains.len(), columns(domains, tallies, today, previous)?)
        };
        let encoded: Vec<Result<RowGroup>> = wave.par_iter().map(encode).with_max_len(1).collect();
        encoded.into_iter().try_for_each(|group| write(group?))?;
    }
    file.finish()
}

fn columns(
    domains: &[JudgedDomain<'_>],
    tallies: &[DomainTally],
    today: Day,
    previous: Option<&Previous>,
) -> Result<Vec<ArrayBox>> {
    let verdict = || domains.iter().map(|domain| &domain.verdict);
    let mut columns = vec![
        texts(domains.iter().map(|domain| domain.registrable())),
        texts(domains.iter().map(|domain| Some(domain.name))),
        words(domains.iter().map(|domain| Some(domain.suffix())))?,
        words(domains.iter().map(|domain| Some(domain.suffix_kind.name())))?,
        words(domains.iter().map(|domain| Some(tld(domain.name))))?,
        integers(tallies.iter().map(|tally| Some(tally.accounts.load(Ordering::Relaxed) as i64))),
        integers(tallies.iter().map(weight)),
        words(verdict().map(|verdict| Some(verdict.state.name())))?,
        words(verdict().map(|verdict| Some(verdict.risk.name())))?,
        words(verdict().map(|verdict| Some(verdict.action.name())))?,
        words(verdict().map(|verdict| verdict.action_before_breaker.map(Action::name)))?,
        words(verdict().map(|verdict| Some(verdict.rule)))?,
        word_lists(verdict().map(|verdict| Some(verdict.reasons.iter().map(|reason| reason.name()))))?,
        booleans(domains.iter().map(|domain| Some(domain.evidence.is_corroborated))),
    ];
    columns.extend(zone_columns(domains)?);
    columns.extend(history_columns(domains));
    columns.extend(rdap_columns(domains)?);
    let since =
        |domain: &JudgedDomain<'_>| Some(previous?.state_since(domain.name, domain.verdict.state, today));
    columns.extend([
        hijackable_name_servers(domains)?,
        days(verdict().map(|verdict| verdict.drop.earliest)),
        days(verdict().map(|verdict| verdict.drop.latest)),
        integers(verdict().map(|verdict| days_to_drop(verdict.drop.earliest, today))),
        days(domains.iter().map(since)),
        words(domains.iter().map(|domain| Some(domain.domainr_status())))?,
    ]);
    Ok(columns)
}

fn zone_columns(domains: &[JudgedDomain<'_>]) -> Result<[ArrayBox; 8]> {
    let zones = || domains.iter().map(|domain| &domain.evidence.zone);
    let snapshots = || zones().map(|zone| zone.snapshot);
    let present = |zone: &&ZoneEvidence<'_>| zone.presence == Some(true);
    Ok([
        words(snapshots().map(|snapshot| snapshot.map(zone_name)))?,
        words(
            snapshots().map(|snapshot| Some(snapshot.map_or("none", |snapshot| snapshot.coverage.name()))),
        )?,
        integers(snapshots().map(|snapshot| Some(i64::from(snapshot?.facts.serial?.0)))),
        days(snapshots().map(|snapshot| snapshot.map(|snapshot| snapshot.date.day()))),
        words(snapshots().map(|snapshot| snapshot.map(|snapshot| snapshot.date.source.name())))?,
        booleans(zones().map(|zone| zone.presence)),
        word_lists(zones().map(|zone| Some(zone).filter(present).map(|zone| zone.name_servers())))?,
        booleans(zones().map(|zone| zone.has_ds)),
    ])
}

fn hijackable_name_servers(domains: &[JudgedDomain<'_>]) -> Result<ArrayBox> {
    let servers = || domains.iter().flat_map(|domain| domain.hijackable.iter());
    let fields = vec![
        texts(servers().map(|server| Some(server.host))),
        texts(servers().map(|server| Some(server.domain))),
        texts(servers().map(|server| Some(server.state.name()))),
        texts(servers().map(|server| Some(server.source))),
    ];
    struct_lists(Type::Hosts, fields, domains.iter().map(|domain| domain.hijackable.len()).collect())
}

/// First and last date seen; the last absence of 35 days or more, else the last one; the date of a drop.
fn history_columns(domains: &[JudgedDomain<'_>]) -> [ArrayBox; 5] {
    let histories = || domains.iter().map(|domain| domain.evidence.zone.history());
    let gaps = || histories().map(|history| history.long_absence.or(history.absence));
    [
        days(histories().map(|history| history.first_seen)),
        days(histories().map(|history| history.last_seen)),
        days(gaps().map(|gap| gap.map(|gap| gap.from))),
        days(gaps().map(|gap| gap.map(|gap| gap.to))),
        days(histories().map(|history| history.dropped_on)),
    ]
}

fn rdap_columns(domains: &[JudgedDomain<'_>]) -> Result<[ArrayBox; 11]> {
    let rdap = || domains.iter().map(|domain| domain.evidence.rdap());
    let events = |value: fn(&Events) -> Option<Moment>| {
        moments(domains.iter().map(move |domain| answer(domain).and_then(|answer| value(&answer.events))))
    };
    let registrar_expires = |domain: &JudgedDomain<'_>| {
        let own = answer(domain).and_then(|answer| answer.events.registrar_expires);
        domain.evidence.rdap().registrar_expires.or(own)
    };
    Ok([
        words(rdap().map(|rdap| Some(rdap.answer.map_or("none", |answer| answer.outcome.name()))))?,
        moments(rdap().map(|rdap| rdap.answer.map(|answer| answer.fetched_at))),
        words(rdap().map(|rdap| rdap.answer.and_then(|answer| answer.source.as_deref())))?,
        word_lists(domains.iter().map(|domain| answer(domain).map(|answer| answer.statuses.names())))?,
        events(|events| events.registered),
        events(|events| events.expires),
        moments(domains.iter().map(registrar_expires)),
        events(|events| events.changed),
        events(|events| events.transferred),
        words(domains.iter().map(|domain| answer(domain).and_then(|answer| answer.registrar.as_deref())))?,
        integers(domains.iter().map(|domain| answer(domain).and_then(|answer| answer.registrar_iana_id))),
    ])
}

/// The found answer of a domain, usable or not.
fn answer<'d>(domain: &'d JudgedDomain<'d>) -> Option<&'d Answer> {
    domain.evidence.rdap().answer.filter(|answer| answer.outcome == RdapOutcome::Found)
}

fn weight(tally: &DomainTally) -> Option<i64> {
    (tally.weighted.load(Ordering::Relaxed) > 0).then(|| tally.weight.load(Ordering::Relaxed))
}
