//! Names explained from a finished report: no zone and no answer is read again.
//!
//! A name is looked up in `domains.parquet` by itself and by the names above it, down to the registrable domain, because
//! the report may have judged it deeper. Nothing is said of a name that the report does not have. What was judged of a mail
//! domain below its domain, or of one of several, comes from its accounts ([`super::mail_domain`]).
//!
//! With a time of verification the account is judged from the row. The row has every sign of a change of hands, but not
//! whether it counts: one counts if it is not after the latest that does (`hands_changed_at`).

use hashbrown::{HashMap, HashSet};

use super::change::{EvidenceDays, to_change};
use super::clock::ToldClock;
use super::mail_domain::MailDomains;
use super::row::DomainRow;
use super::served::{ServedTable, ToldServerDomain};
use super::timeline::timeline;
use super::told::{AccountsInReport, Explanation, ToldMailServers, ToldVerdict, raised_by};
use crate::assess::account::{Changes, judge_account};
use crate::assess::reason_set::ReasonSet;
use crate::assess::rules::RULES;
use crate::assess::verdict::{Actions, DropWindow, Raise, Verdict};
use crate::assess::{Policy, Reason};
use crate::error::{Error, Result};
use crate::name::{MailDomain, SuffixKind, SuffixList};
use crate::rdap::RegistryServers;
use crate::report::cures::Cures;
use crate::report::finished::Report;
use crate::table::read::TableReader;
use crate::time::Moment;

/// The table of the report.
const TABLE: &str = "domains";

/// What a report has of names: those of accounts, those of servers alone, and those that it does not have.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) told: Vec<Explanation>,
    pub(super) servers: Vec<ToldServerDomain>,
    pub(super) missing: Vec<String>,
}

/// Explains names or addresses, each with its mail domain.
pub(super) fn explain(
    directory: &Report,
    asked: &[(String, MailDomain)],
    suffixes: &SuffixList,
    verified_at: Option<Moment>,
) -> Result<Recorded> {
    let as_of = directory.as_of()?;
    let policy = directory.policy()?;
    let option = |name, usual| directory.option(name).and_then(|days| days.try_into().ok()).unwrap_or(usual);
    let days =
        EvidenceDays { absence: option("max-zone-age-days", 3), answer: option("max-rdap-age-days", 30) };
    let registries = RegistryServers::read(None, []).map_err(Error::internal)?;
    let wanted: HashSet<&str> =
        asked.iter().flat_map(|(_, domain)| candidates(&domain.name, suffixes)).collect();
    let places = places(directory, &wanted)?;
    let mut table = ReportRows::open(directory)?;
    let served = ServedTable::read(directory, &wanted)?;
    let mut rows = Vec::with_capacity(asked.len());
    for (_, mail_domain) in asked {
        let found = candidates(&mail_domain.name, suffixes).filter_map(|name| places.get(name).copied());
        rows.push(table.worst_of(&found.collect::<Vec<_>>(), policy, verified_at)?);
    }
    let judged = asked.iter().zip(&rows);
    let judged = judged.filter_map(|((_, mail), row)| Some((mail.name.as_str(), &row.as_ref()?.0)));
    let mail_domains = MailDomains::read(directory, judged)?;
    let mut recorded = Recorded::default();
    for ((asked, mail_domain), row) in asked.iter().zip(&rows) {
        let Some((domain, accounts)) = row else {
            let known = candidates(&mail_domain.name, suffixes);
            let known = known.filter_map(|name| Some((name, served.get(name)?))).next();
            match known {
                Some((name, (verdict, serves))) => recorded.servers.push(ToldServerDomain {
                    asked: asked.clone(),
                    as_of,
                    report: directory.path().display().to_string(),
                    server_domain: name.to_owned(),
                    verdict: verdict.clone(),
                    serves: serves.clone(),
                }),
                None => recorded.missing.push(asked.clone()),
            }
            continue;
        };
        let at = mail_domains.get(&mail_domain.name, &domain.judged_domain);
        let row = at.map_or_else(|| domain.clone(), |at| at.apply(domain));
        let verdict = verdict(&row, policy, verified_at);
        recorded.told.push(Explanation {
            asked: asked.clone(),
            mail_domain: mail_domain.name.to_string(),
            as_of,
            report: Some(directory.path().display().to_string()),
            verified_at,
            to_change: to_change(&row, &verdict.rule, Cures { registries: &registries }, days),
            verdict,
            raised_by: raised_by(&row.rule, row.risk, |reason| row.has(reason)),
            otherwise: None,
            mail_servers: ToldMailServers::of(&row, |_| None),
            notes: at.map(|at| at.notes(&mail_domain.name, &row)).unwrap_or_default(),
            accounts: Some(AccountsInReport { at_mail_domain: at.map(|at| at.accounts), ..*accounts }),
            serves: served.serves(&row.judged_domain),
            clock: ToldClock::of(&row, as_of),
            timeline: timeline(&row, &[], as_of, verified_at),
            domain: row,
        });
    }
    Ok(recorded)
}

/// The rows of the table, one by one.
struct ReportRows {
    table: TableReader,
}

impl ReportRows {
    fn open(report: &Report) -> Result<Self> {
        let accounts = ["accounts", "accounts_unverify", "accounts_review", "weight"];
        let columns: Vec<&str> = DomainRow::COLUMNS.iter().chain(&accounts).copied().collect();
        Ok(Self { table: report.table(TABLE)?.select(&columns)? })
    }

    fn read(&mut self, place: usize) -> Result<(DomainRow, AccountsInReport)> {
        self.table.go_to(place)?;
        let slice = self.table.next_slice()?.ok_or_else(|| Error::internal("a row that was there is not"))?;
        let number = |name: &str| Ok::<_, Error>(slice.integers(name)?.get(0));
        let accounts = AccountsInReport {
            accounts: number("accounts")?.unwrap_or_default(),
            at_mail_domain: None,
            unverify: number("accounts_unverify")?.unwrap_or_default(),
            review: number("accounts_review")?.unwrap_or_default(),
            weight: number("weight")?,
        };
        Ok((DomainRow::read(&slice, 0)?, accounts))
    }

    /// The row that decides about a mail domain, of those at these places, the deepest first. A name below a private suffix
    /// may be registered under the suffix or above it: for an account the worse decides.
    fn worst_of(
        &mut self,
        places: &[usize],
        policy: Policy,
        verified_at: Option<Moment>,
    ) -> Result<Option<(DomainRow, AccountsInReport)>> {
        let Some(deepest) = places.first() else { return Ok(None) };
        let own = self.read(*deepest)?;
        let is_private = own.0.suffix_kind.as_deref() == Some(SuffixKind::Private.name());
        let Some(above) = places[1..].last().filter(|_| is_private && verified_at.is_some()) else {
            return Ok(Some(own));
        };
        let above = self.read(*above)?;
        let severity = |row: &DomainRow| {
            let verdict = verdict(row, policy, verified_at);
            (verdict.risk, verdict.action)
        };
        Ok(Some(if severity(&above.0) > severity(&own.0) { above } else { own }))
    }
}

/// The names by which a mail domain may have been judged, the deepest first.
fn candidates<'n>(name: &'n str, suffixes: &SuffixList) -> impl Iterator<Item = &'n str> + use<'n> {
    let registrable = suffixes.cut(name).ok().and_then(|cut| cut.registrable);
    let least = registrable.unwrap_or(name).len();
    let above = |name: &&'n str| name.split_once('.').map(|(_, above)| above);
    std::iter::successors(Some(name), above).take_while(move |name| name.len() >= least)
}

/// The rows of these names, as far as they are there.
fn places(report: &Report, wanted: &HashSet<&str>) -> Result<HashMap<String, usize>> {
    let mut table = report.table(TABLE)?.select(&["judged_domain"])?;
    let mut places = HashMap::new();
    loop {
        let before = table.rows_read();
        let Some(slice) = table.next_slice()? else { return Ok(places) };
        let names = slice.texts("judged_domain")?;
        for row in 0..slice.rows() {
            if let Some(name) = names.get(row).filter(|name| wanted.contains(name)) {
                places.insert(name.to_owned(), before + row);
            }
        }
    }
}

/// The verdict of the domain, or of an account that was verified then.
fn verdict(row: &DomainRow, policy: Policy, verified_at: Option<Moment>) -> ToldVerdict {
    if verified_at.is_none() {
        return ToldVerdict::of_domain(row);
    }
    let is_decided = row.has(Reason::OverrideApplied);
    let raise = if raised_by(&row.rule, row.risk, |reason| row.has(reason)).is_some() {
        Raise { risk: row.risk, action: row.action }
    } else {
        Raise::NONE
    };
    let wanted = row.action_before_breaker.unwrap_or(row.action);
    let domain = Verdict {
        state: row.state,
        risk: row.risk,
        action: row.action,
        action_before_breaker: row.action_before_breaker,
        rule: RULES.iter().map(|rule| rule.name).find(|name| *name == row.rule).unwrap_or_default(),
        reasons: row.reasons.iter().copied().collect::<ReasonSet>(),
        drop: DropWindow { earliest: row.earliest_drop_on, latest: row.latest_drop_on },
        drop_source: None,
        raise,
        actions: Actions { default: wanted, pypi: wanted, rubygems: wanted, npq: wanted },
        decided: is_decided.then_some(row.action),
        held_back: row.action_before_breaker.is_some(),
    };
    ToldVerdict::of_account(&judge_account(&domain, policy, &changes(row), verified_at, None))
}

/// The changes of hands that count.
fn changes(row: &DomainRow) -> Changes {
    let Some(last) = row.hands_changed_at else {
        return Changes { transferred_at: row.transferred_at, ..Changes::NONE };
    };
    let counts = |at: &Moment| *at <= last;
    let is_long = row.has(Reason::LongGap) && row.dropped_on != row.gap_from;
    let mut changes = Changes {
        registered_at: row.registered_at.filter(counts),
        reinstantiated_at: row.reinstantiated_at.filter(counts),
        reregistered_at: row.reregistered_at.filter(counts),
        transferred_at: row.transferred_at,
        gap_ended_at: row.gap_to.filter(|_| is_long).map(|day| day.plus(1).start()).filter(counts),
        lapse_seen_at: row.lapse_seen_at.filter(counts),
        list_ended_at: None,
    };
    if changes.hands_changed_at() != Some(last) {
        // the only sign without a column of its own
        changes.list_ended_at = Some(last);
    }
    changes
}
