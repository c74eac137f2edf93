//! The columns of evidence: what zones, their history, RDAP answers and lists of registries say of a domain.

use super::{DomainRows, zone_name};
use crate::assess::lifecycle::Release;
use crate::assess::verdict::DropSource;
use crate::rdap::Answer;
use crate::registry::ReleaseBy;
use crate::snapshot::ZoneEvidence;
use crate::table::columns::word_lists;
use crate::table::schema::{TableRows, TableSchema, Type};

/// Declares them.
pub(super) fn evidence_columns(table: TableSchema<DomainRows<'_>>) -> TableSchema<DomainRows<'_>> {
    list_columns(rdap_columns(history_columns(zone_columns(table))))
}

fn zone_columns(table: TableSchema<DomainRows<'_>>) -> TableSchema<DomainRows<'_>> {
    table
        .word("zone", "origin of the covering zone; `.` is the root", |group, row| {
            group.snapshot(row).map(zone_name)
        })
        .word("zone_coverage", "complete, stale, unclosed, shrunk, list or none", |group, row| {
            Some(group.snapshot(row).map_or("none", |snapshot| snapshot.coverage.name()))
        })
        .integer("zone_serial", "serial of its SOA", |group, row| {
            Some(i64::from(group.snapshot(row)?.facts.serial?.0))
        })
        .date("zone_date", "its date", |group, row| Some(group.snapshot(row)?.date.day()))
        .word("zone_date_source", "given, signature, serial_date, serial_time or file_time", |group, row| {
            Some(group.snapshot(row)?.date.source.name())
        })
        .boolean("present", "in the zone; null if the zone cannot tell", |group, row| {
            group.zone(row).presence
        })
        .column("name_servers", Type::WordList, "targets of its NS records, sorted", |group| {
            let zones = group.domains.iter().map(|domain| &domain.evidence.zone);
            let present = |zone: &&ZoneEvidence<'_>| zone.presence == Some(true);
            Ok(word_lists(zones.map(|zone| Some(zone).filter(present).map(|zone| zone.name_servers()))))
        })
        .boolean("has_ds", "it has a DS record; null unless present", |group, row| group.zone(row).has_ds)
}

fn history_columns(table: TableSchema<DomainRows<'_>>) -> TableSchema<DomainRows<'_>> {
    table
        .date("first_seen", "first snapshot that held it", |group, row| group.past(row)?.first_seen)
        .date("last_seen", "last snapshot that held it", |group, row| group.zone(row).last_seen())
        .date(
            "gap_from",
            "first date of its latest gap in which the registration may have ended, else of its latest absence",
            |group, row| Some(group.gap(row)?.from),
        )
        .date("gap_to", "last date of that absence", |group, row| Some(group.gap(row)?.to))
        .date("gap_seen_before", "last snapshot with it before that absence", |group, row| {
            group.gap(row)?.seen_before
        })
        .date("gap_seen_after", "first snapshot with it after that absence", |group, row| {
            group.gap(row)?.seen_after
        })
        .date("dropped_on", "first complete snapshot without it", |group, row| group.past(row)?.dropped_on)
        .date("name_servers_changed_on", "first snapshot with its present name servers", |group, row| {
            Some(group.past(row)?.change?.day)
        })
        .column("name_servers_before", Type::WordList, "its name servers before that day, sorted", |group| {
            let rows = 0..group.rows();
            let changed = rows.map(|row| group.past(row)?.change.map(|_| group.zone(row).servers_before()));
            Ok(word_lists(changed))
        })
        .timestamp(
            "lapse_seen_at",
            "when RDAP said that its registration was over, if the zone holds it again",
            |group, row| group.changes(row).lapse_seen_at,
        )
        .timestamp(
            "hands_changed_at",
            "the latest moment at which it is known to have changed hands: registered, reinstantiated, reregistered, back \
             after a long gap or after a lapse; an account verified before is reregistered",
            |group, row| group.changes(row).hands_changed_at(),
        )
}

fn rdap_columns(table: TableSchema<DomainRows<'_>>) -> TableSchema<DomainRows<'_>> {
    table
        .word("rdap_outcome", "found, not_found, error or none", |group, row| {
            Some(group.any_answer(row).map_or("none", |answer| answer.outcome.name()))
        })
        .timestamp("rdap_fetched_at", "when the answer was fetched", |group, row| {
            Some(group.any_answer(row)?.fetched_at)
        })
        .word("rdap_source", "host of the answering server", |group, row| {
            group.any_answer(row)?.source.as_deref()
        })
        .column(
            "rdap_unused",
            Type::WordList,
            "answers that give no status, as `host outcome time`: not of the registry, or contradicting the answer",
            |group| {
                let others = group.known.iter().map(|known| &known.rdap.others);
                let told: Vec<Option<Vec<String>>> = others.map(|others| unused(others)).collect();
                let told = told.iter().map(|one| one.as_ref().map(|one| one.iter().map(String::as_str)));
                Ok(word_lists(told))
            },
        )
        .column("rdap_status", Type::WordList, "statuses in RFC 8056 spelling", |group| {
            let answers = (0..group.rows()).map(|row| group.answer(row));
            Ok(word_lists(answers.map(|answer| answer.map(|answer| answer.statuses.names()))))
        })
        .timestamp("registered_at", "event registration", |group, row| {
            let own = || group.answer(row)?.events.registered;
            group.changes(row).registered_at.or_else(own)
        })
        .timestamp("reinstantiated_at", "event reinstantiation", |group, row| {
            let own = || group.answer(row)?.events.reinstantiated;
            group.changes(row).reinstantiated_at.or_else(own)
        })
        .timestamp("reregistered_at", "event reregistration", |group, row| {
            let own = || group.answer(row)?.events.reregistered;
            group.changes(row).reregistered_at.or_else(own)
        })
        .timestamp("expires_at", "event expiration", |group, row| group.answer(row)?.events.expires)
        .timestamp("registrar_expires_at", "event registrar expiration", |group, row| {
            let own = || group.answer(row)?.events.registrar_expires;
            group.known[row].rdap.registrar_expires.or_else(own)
        })
        .timestamp("changed_at", "event last changed", |group, row| group.answer(row)?.events.changed)
        .timestamp("transferred_at", "event transfer", |group, row| {
            let own = || group.answer(row)?.events.transferred;
            group.changes(row).transferred_at.or_else(own)
        })
        .word("registrar", "name of the registrar", |group, row| group.answer(row)?.registrar.as_deref())
        .integer("registrar_iana_id", "its IANA registrar ID", |group, row| {
            group.answer(row)?.registrar_iana_id
        })
}

fn list_columns(table: TableSchema<DomainRows<'_>>) -> TableSchema<DomainRows<'_>> {
    table
        .word("registry_list", "the list of a registry that says most about it", |group, row| {
            Some(&*group.listing(row)?.list)
        })
        .word("registry_list_says", "what this list says of it", |group, row| {
            Some(group.listing(row)?.says.name())
        })
        .timestamp("registry_list_date", "when this list was made", |group, row| {
            Some(group.listing(row)?.date)
        })
        .timestamp("registry_list_expires_at", "up to when it is paid, if the list is a register", |group, row| {
            group.listing(row)?.expires_at()
        })
        .boolean(
            "registry_list_delegated",
            "false if this list says that it is registered and not in the zone",
            |group, row| group.listing(row)?.is_delegated(),
        )
        .timestamp(
            "registry_list_ended_at",
            "the latest end of an earlier registration that any list shows",
            |group, row| group.changes(row).list_ended_at,
        )
        .timestamp("release_at", "when it is released, as the list says", |group, row| {
            group.listing(row)?.release_at
        })
        .word(
            "release_by",
            "how the next holder is found, by the list or data/lifecycle.csv: open, auction, session, round or queue",
            |group, row| {
                group.verdict(row).drop.earliest?;
                let by_list = group.listing(row).and_then(|listing| listing.release_by).map(ReleaseBy::name);
                let by_table = || group.domains[row].clock().next.map(Release::name);
                by_list.or_else(by_table)
            },
        )
        .word("drop_source", "what tells the days of the drop: list, status, expiry or zone", |group, row| {
            group.verdict(row).drop_source.map(DropSource::name)
        })
}

/// Answers, each in a few words; none if there is none.
fn unused(answers: &[&Answer]) -> Option<Vec<String>> {
    let words = |answer: &&Answer| {
        let host = answer.source.as_deref().unwrap_or("unknown");
        format!("{host} {} {}", answer.outcome.name(), answer.fetched_at)
    };
    (!answers.is_empty()).then(|| answers.iter().map(words).collect())
}
