//! `domains.parquet`: every judged domain with its evidence.

use std::path::Path;

use rayon::prelude::*;

use super::accounts::days_to_drop;
use crate::assess::Action;
use crate::assess::account::Changes;
use crate::assess::judged::{HijackableServer, JudgedDomain};
use crate::assess::lifecycle::Release;
use crate::assess::listing::ListEntry;
use crate::assess::previous::Previous;
use crate::assess::tally::DomainTally;
use crate::assess::verdict::{DropSource, Verdict};
use crate::error::Result;
use crate::mail::{MailClass, Provider};
use crate::rdap::{Answer, RdapOutcome};
use crate::registry::ReleaseBy;
use crate::snapshot::history::{Absence, History};
use crate::snapshot::{Snapshot, ZoneEvidence};
use crate::table::columns::{ColumnData, struct_lists, word_lists};
use crate::table::schema::{TableRows, TableSchema, Type};
use crate::table::write::{RowGroup, TableFile};
use crate::time::{Day, Moment};

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 17;

/// The origin of a snapshot's zone as it is reported: `.` is the root.
pub(crate) fn zone_name(snapshot: &Snapshot) -> &str {
    if snapshot.facts.origin.is_empty() { "." } else { &snapshot.facts.origin }
}

/// The domains of a row group, with their accounts.
pub(crate) struct DomainRows<'a> {
    domains: &'a [JudgedDomain<'a>],
    /// One for each domain.
    tallies: &'a [DomainTally],
    as_of: Moment,
    previous: Option<&'a Previous>,
}

impl TableRows for DomainRows<'_> {
    fn rows(&self) -> usize {
        self.domains.len()
    }
}

impl<'a> DomainRows<'a> {
    fn verdict(&self, row: usize) -> &Verdict {
        &self.domains[row].verdict
    }

    fn zone(&self, row: usize) -> &ZoneEvidence<'a> {
        &self.domains[row].evidence.zone
    }

    fn snapshot(&self, row: usize) -> Option<&'a Snapshot> {
        self.zone(row).snapshot
    }

    fn history(&self, row: usize) -> History {
        self.zone(row).history()
    }

    /// The latest long gap, else the latest absence.
    fn gap(&self, row: usize) -> Option<Absence> {
        self.domains[row].long_gap().or_else(|| self.history(row).absence())
    }

    /// What lists of registries say.
    fn listing(&self, row: usize) -> Option<&'a ListEntry> {
        self.domains[row].evidence.listing
    }

    /// The answer about a domain, whatever it says.
    fn any_answer(&self, row: usize) -> Option<&Answer> {
        self.domains[row].evidence.rdap().answer
    }

    /// How the domain changed hands, as it counts for accounts.
    fn changes(&self, row: usize) -> &Changes {
        &self.domains[row].evidence.rdap().changes
    }

    fn today(&self) -> Day {
        self.as_of.day()
    }

    /// The answer, if it found the domain, whether or not it is recent enough.
    fn answer(&self, row: usize) -> Option<&Answer> {
        self.any_answer(row).filter(|answer| answer.outcome == RdapOutcome::Found)
    }
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
            Some(group.tallies[row].accounts() as i64)
        })
        .integer("accounts_unverify", "how many of them are to be unverified", |group, row| {
            Some(group.tallies[row].unverify() as i64)
        })
        .integer("accounts_review", "how many of them are to be reviewed", |group, row| {
            Some(group.tallies[row].review() as i64)
        })
        .integer(
            "accounts_reregistered",
            "how many of them were verified before it changed hands",
            |group, row| Some(group.tallies[row].reregistered() as i64),
        )
        .integer("weight", "sum of their weights; null if none has one", |group, row| {
            group.tallies[row].weight()
        });
    let table = verdict_columns(table);
    let table = zone_columns(table);
    let table = history_columns(table);
    let table = rdap_columns(table);
    let table = list_columns(table);
    table
        .column(
            "hijackable_name_servers",
            Type::Hosts,
            "name servers whose own domain can be registered",
            |group| hijackable_name_servers(group.domains),
        )
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
                let by_list = group.listing(row).and_then(|listing| listing.release_by).map(ReleaseBy::name);
                let by_table = || group.domains[row].clock().next.map(Release::name);
                group.verdict(row).drop.earliest?;
                by_list.or_else(by_table)
            },
        )
        .word("drop_source", "what tells the days of the drop: list, status, expiry or zone", |group, row| {
            group.verdict(row).drop_source.map(DropSource::name)
        })
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
        .date("first_seen", "first snapshot that held it", |group, row| group.history(row).first_seen)
        .date("last_seen", "last snapshot that held it", |group, row| group.history(row).last_seen)
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
        .date("dropped_on", "first complete snapshot without it", |group, row| group.history(row).dropped_on)
        .date("name_servers_changed_on", "first snapshot with its present name servers", |group, row| {
            Some(group.history(row).change?.day)
        })
        .column("name_servers_before", Type::WordList, "its name servers before that day, sorted", |group| {
            let zones = group.domains.iter().map(|domain| &domain.evidence.zone);
            Ok(word_lists(zones.map(servers_before)))
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
                let others = group.domains.iter().map(|domain| &domain.evidence.rdap().others);
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
            group.domains[row].evidence.rdap().registrar_expires.or_else(own)
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

fn servers_before<'z>(zone: &ZoneEvidence<'z>) -> Option<impl Iterator<Item = &'z str> + use<'z>> {
    zone.has_changed_servers().then(|| zone.servers_before())
}

/// Answers, each in a few words; none if there is none.
fn unused(answers: &[&Answer]) -> Option<Vec<String>> {
    let words = |answer: &&Answer| {
        let host = answer.source.as_deref().unwrap_or("unknown");
        format!("{host} {} {}", answer.outcome.name(), answer.fetched_at)
    };
    (!answers.is_empty()).then(|| answers.iter().map(words).collect())
}

/// Writes the table. `tallies` has one entry for each of `domains`.
pub(crate) fn write(
    path: &Path,
    domains: &[JudgedDomain<'_>],
    tallies: &[DomainTally],
    as_of: Moment,
    previous: Option<&Previous>,
) -> Result<()> {
    let mut file = TableFile::create(path, table().layout())?;
    let groups: Vec<_> = domains.chunks(GROUP_ROWS).zip(tallies.chunks(GROUP_ROWS)).collect();
    for wave in groups.chunks(crate::threads::workers()) {
        let (encoder, mut write) = file.split();
        let encode = |(domains, tallies): &(&[JudgedDomain<'_>], &[DomainTally])| {
            let group = DomainRows { domains, tallies, as_of, previous };
            encoder.encode(group.rows(), table().build(&group))
        };
        let encoded: Vec<Result<RowGroup>> = wave.par_iter().map(encode).with_max_len(1).collect();
        encoded.into_iter().try_for_each(|group| write(group?))?;
    }
    file.finish()
}

fn hijackable_name_servers<'d>(domains: &'d [JudgedDomain<'_>]) -> Result<ColumnData> {
    let fields: [fn(&'d HijackableServer<'_>) -> &'d str; 4] =
        [|server| server.host, |server| server.domain, |server| server.state.name(), |server| server.source];
    let fields = fields.map(|field| domains.iter().flat_map(|domain| domain.hijackable.iter()).map(field));
    let lengths: Vec<usize> = domains.iter().map(|domain| domain.hijackable.len()).collect();
    struct_lists(Type::Hosts, fields, &lengths)
}
