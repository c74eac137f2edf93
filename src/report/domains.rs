//! `domains.parquet`: every judged domain with its evidence.

use std::path::Path;
use std::sync::atomic::Ordering;

use polars::prelude::DataFrame;

use super::accounts::{DomainTally, days_to_drop};
use super::columns::{booleans, days, integers, moments, nothing, text_lists, texts};
use super::parquet::TableFile;
use super::schema::{DOMAINS, Type, schema_of};
use crate::assess::judge::JudgedDomain;
use crate::assess::token::domainr_status;
use crate::error::{Error, Result};
use crate::name::suffix::tld;
use crate::rdap::{Answer, RdapOutcome};
use crate::snapshot::Snapshot;
use crate::time::{Day, Moment};

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 17;

/// The origin of a snapshot's zone as it is reported: `.` is the root.
pub fn zone_name(snapshot: &Snapshot) -> &str {
    if snapshot.file.origin.is_empty() { "." } else { &snapshot.file.origin }
}

/// Writes the table; `tallies` belong to `domains` one by one.
pub fn write(path: &Path, domains: &[JudgedDomain<'_>], tallies: &[DomainTally], today: Day) -> Result<()> {
    let schema = schema_of(DOMAINS.columns.iter().map(|column| (column.name, column.kind)));
    let file = TableFile::create(path, schema)?;
    for (domains, tallies) in domains.chunks(GROUP_ROWS).zip(tallies.chunks(GROUP_ROWS)) {
        file.write(file.encode(&frame(domains, tallies, today)?)?)?;
    }
    file.finish().map(drop)
}

fn frame(domains: &[JudgedDomain<'_>], tallies: &[DomainTally], today: Day) -> Result<DataFrame> {
    let rows = domains.len();
    let text = |name: &str, value: &dyn for<'d> Fn(&'d JudgedDomain<'d>) -> Option<&'d str>| {
        texts(name, domains.iter().map(value))
    };
    let day =
        |name: &str, value: &dyn Fn(&JudgedDomain<'_>) -> Option<Day>| days(name, domains.iter().map(value));
    let moment = |name: &str, value: &dyn Fn(&Answer) -> Option<Moment>| {
        moments(name, domains.iter().map(|domain| answer(domain).and_then(value)))
    };
    let zone = |domain: &JudgedDomain<'_>| domain.evidence.zone.snapshot.map(|snapshot| snapshot.date.day());
    let mut columns = vec![
        text("registrable_domain", &|domain| domain.registrable),
        text("judged_domain", &|domain| Some(domain.name)),
        text("public_suffix", &|domain| Some(domain.suffix)),
        text("suffix_kind", &|domain| Some(domain.suffix_kind.name())),
        text("tld", &|domain| Some(tld(domain.name))),
        integers("accounts", tallies.iter().map(|tally| Some(tally.accounts.load(Ordering::Relaxed) as i64))),
        integers("weight", tallies.iter().map(weight)),
        text("state", &|domain| Some(domain.verdict.state.name())),
        text("risk", &|domain| Some(domain.verdict.risk.name())),
        text("action", &|domain| Some(domain.verdict.action.name())),
        nothing("action_before_breaker", rows, Type::Text),
        text("rule", &|domain| Some(domain.verdict.rule)),
        text_lists(
            "reasons",
            rows,
            domains.iter().map(|domain| Some(domain.verdict.reasons.iter().map(|reason| reason.name()))),
        ),
        booleans("corroborated", domains.iter().map(|domain| Some(domain.evidence.is_corroborated()))),
        text("zone", &|domain| domain.evidence.zone.snapshot.map(zone_name)),
        text("zone_coverage", &|domain| {
            Some(domain.evidence.zone.snapshot.map_or("none", |snapshot| snapshot.coverage.name()))
        }),
        integers(
            "zone_serial",
            domains.iter().map(|domain| {
                let serial = domain.evidence.zone.snapshot.and_then(|snapshot| snapshot.file.serial);
                serial.map(|serial| i64::from(serial.0))
            }),
        ),
        day("zone_date", &zone),
        text("zone_date_source", &|domain| {
            domain.evidence.zone.snapshot.map(|snapshot| snapshot.date.source.name())
        }),
        booleans("present", domains.iter().map(|domain| domain.evidence.zone.presence)),
        text_lists(
            "name_servers",
            rows,
            domains.iter().map(|domain| {
                let zone = &domain.evidence.zone;
                (zone.presence == Some(true)).then(|| zone.name_servers.iter().copied())
            }),
        ),
        booleans("has_ds", domains.iter().map(|domain| domain.evidence.zone.has_ds)),
    ];
    columns.extend(
        ["first_seen", "last_seen", "gap_from", "gap_to", "dropped_on"]
            .map(|name| nothing(name, rows, Type::Date)),
    );
    columns.extend([
        text("rdap_outcome", &|domain| {
            Some(domain.evidence.rdap.answer.map_or("none", |answer| answer.outcome.name()))
        }),
        moments(
            "rdap_fetched_at",
            domains.iter().map(|domain| domain.evidence.rdap.answer.map(|answer| answer.fetched_at)),
        ),
        text("rdap_source", &|domain| {
            domain.evidence.rdap.answer.and_then(|answer| answer.source.as_deref())
        }),
        text_lists(
            "rdap_status",
            rows,
            domains.iter().map(|domain| answer(domain).map(|answer| answer.statuses.names())),
        ),
        moment("registered_at", &|answer| answer.events.registered),
        moment("expires_at", &|answer| answer.events.expires),
        moments(
            "registrar_expires_at",
            domains.iter().map(|domain| {
                let own = answer(domain).and_then(|answer| answer.events.registrar_expires);
                domain.evidence.rdap.registrar_expires.or(own)
            }),
        ),
        moment("changed_at", &|answer| answer.events.changed),
        moment("transferred_at", &|answer| answer.events.transferred),
        text("registrar", &|domain| answer(domain).and_then(|answer| answer.registrar.as_deref())),
        integers(
            "registrar_iana_id",
            domains.iter().map(|domain| answer(domain).and_then(|answer| answer.registrar_iana_id)),
        ),
        nothing("hijackable_name_servers", rows, Type::Hosts),
        day("earliest_drop_on", &|domain| domain.verdict.drop.earliest),
        day("latest_drop_on", &|domain| domain.verdict.drop.latest),
        integers(
            "days_to_drop",
            domains.iter().map(|domain| days_to_drop(domain.verdict.drop.earliest, today)),
        ),
        nothing("state_since", rows, Type::Date),
        text("domainr_status", &|domain| {
            Some(domainr_status(domain.verdict.state, domain.evidence.facts.is_absent()))
        }),
    ]);
    DataFrame::new(rows, columns).map_err(Error::internal)
}

/// The found answer of a domain, usable or not.
fn answer<'d>(domain: &'d JudgedDomain<'d>) -> Option<&'d Answer> {
    domain.evidence.rdap.answer.filter(|answer| answer.outcome == RdapOutcome::Found)
}

fn weight(tally: &DomainTally) -> Option<i64> {
    (tally.weighted.load(Ordering::Relaxed) > 0).then(|| tally.weight.load(Ordering::Relaxed))
}
