//! Names explained from evidence: zones, RDAP answers and lists are read and judged as in an audit.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use super::change::{EvidenceDays, to_change};
use super::clock::ToldClock;
use super::row::DomainRow;
use super::timeline::timeline;
use super::told::{Explanation, NextRule, ToldMailServers, ToldVerdict, raised_by};
use crate::assess::account::{AccountVerdict, judge_account};
use crate::assess::judge::Judgement;
use crate::assess::judged::JudgedDomain;
use crate::assess::mail_at::MailAt;
use crate::assess::rules::{RULES, decide};
use crate::assess::tally::DomainTally;
use crate::assess::verdict::Verdict;
use crate::assess::{Facts, Sources};
use crate::command::Output;
use crate::command::evidence::EvidenceInputs;
use crate::config::EvidenceConfig;
use crate::error::{Hint, Result};
use crate::escape::{self, sample};
use crate::files::Temporary;
use crate::name::MailDomain;
use crate::progress::Progress;
use crate::rdap::MAX_REJECTED;
use crate::registry::RegistryList;
use crate::report::cures::Cures;
use crate::report::domains;
use crate::table::read::{TableReader, Written};
use crate::time::Moment;

/// Explains names or addresses, each with its mail domain. What is wrong with the evidence goes to `output`.
pub(super) fn explain(
    config: &EvidenceConfig,
    asked: &[(String, MailDomain)],
    evidence: &EvidenceInputs,
    verified_at: Option<Moment>,
    output: &mut Output,
) -> Result<Vec<Explanation>> {
    let progress = Progress::hidden();
    let mail_domains: Vec<MailDomain> = asked.iter().map(|(_, domain)| domain.clone()).collect();
    let scratch = Temporary::create(&std::env::temp_dir())?;
    let zones = evidence.read_zones(scratch.path(), &progress)?;
    let mut mail = evidence.read_mail(&mail_domains, &progress)?;
    let survey = evidence.survey(&mail_domains, &zones, &mut mail.servers);
    let answers = evidence.read_answers(&survey, &progress)?;
    let judgement = evidence.judge(&mail_domains, survey, &zones, &answers)?;
    let sources = evidence.sources(&zones, &answers);
    let rows = rows_of(&judgement, &scratch.path().join("domains.parquet"), config.as_of)?;

    let days = EvidenceDays { absence: config.limits.max_zone_age_days, answer: config.max_rdap_age_days };
    let cures = Cures { registries: evidence.lists().registries };
    let mut told = Vec::with_capacity(asked.len());
    for (number, (asked, mail_domain)) in asked.iter().enumerate() {
        let (place, alone, account) = worst_candidate(&judgement, number, verified_at);
        let (domain, mut row) = (&judgement.domains[place], rows[place].clone());
        let preferences = keep_mail_servers(&mut row, &judgement.mail_at, number);
        let verdict = ToldVerdict::of_account(&account);
        let servers_before: Vec<String> = domain.evidence.zone.servers_before().map(str::to_owned).collect();
        told.push(Explanation {
            asked: asked.clone(),
            mail_domain: mail_domain.name.to_string(),
            as_of: config.as_of,
            report: None,
            verified_at,
            otherwise: otherwise(&facts(&sources, domain)).filter(|_| verdict.rule == row.rule),
            to_change: to_change(&row, &verdict.rule, cures, days),
            verdict,
            raised_by: raised_by(alone.rule, alone.risk, |reason| account.reasons.contains(reason)),
            mail_servers: ToldMailServers::of(&row, |host| preferences.get(host).copied().flatten()),
            notes: notes(domain),
            accounts: None,
            serves: Vec::new(),
            clock: ToldClock::of(&row, config.as_of),
            timeline: timeline(&row, &servers_before, config.as_of, verified_at),
            domain: row,
        });
    }
    output.blame(zones.unreadable.iter().cloned());
    let broken = answers.files.iter().filter_map(|file| file.incomplete(MAX_REJECTED));
    let lists = answers.lists.lists.iter().filter_map(RegistryList::incomplete);
    let servers = mail.files.iter().filter_map(|file| file.incomplete(MAX_REJECTED));
    let broken = broken.chain(lists).chain(answers.lists.unknown.clone()).chain(servers);
    let broken: Vec<String> = broken.collect();
    output.incomplete_if(!broken.is_empty());
    output.warn(broken);
    Ok(told)
}

/// The rows that a report would have of these domains.
fn rows_of(judgement: &Judgement<'_>, path: &Path, as_of: Moment) -> Result<Vec<DomainRow>> {
    let mut tallies = Vec::new();
    tallies.resize_with(judgement.domains.len(), DomainTally::default);
    domains::write(path, judgement, &tallies, as_of, None)?;
    let table = TableReader::open(path, Written::ByUs, Hint::FreeSpace)?;
    let mut table = table.select(DomainRow::COLUMNS)?;
    let mut rows = Vec::with_capacity(judgement.domains.len());
    while let Some(slice) = table.next_slice()? {
        for row in 0..slice.rows() {
            rows.push(DomainRow::read(&slice, row)?);
        }
    }
    Ok(rows)
}

/// The place of the domain that decides about a mail domain, the verdict on the mail domain by it, and that on an account. A
/// mail domain may be registered under two names: for an account the worse one decides.
fn worst_candidate(
    judgement: &Judgement<'_>,
    number: usize,
    verified_at: Option<Moment>,
) -> (usize, Verdict, AccountVerdict) {
    let mail = &judgement.mail[number];
    let judge = |place: u32| {
        let changes = &judgement.domains[place as usize].evidence.rdap().changes;
        let verdict = judgement.mail_verdict(number, place).into_owned();
        let mut account = judge_account(&verdict, judgement.policy, changes, verified_at, None);
        account.reasons = account.reasons.union(mail.reasons);
        (place as usize, verdict, account)
    };
    let severity = |account: &AccountVerdict| (account.risk, account.actions.default);
    let own = judge(mail.domain);
    let other = mail.other.map(judge).filter(|(_, _, other)| severity(other) > severity(&own.2));
    other.unwrap_or(own)
}

/// Leaves in a row the mail servers of one mail domain: others may have been asked for that it is judged with. Returns the
/// hosts with their preferences.
fn keep_mail_servers<'m>(
    row: &mut DomainRow,
    mail_at: &'m MailAt<'_>,
    number: usize,
) -> BTreeMap<Cow<'m, str>, Option<u16>> {
    let (servers, name) = (mail_at.servers, &*mail_at.mail_domains[number].name);
    let mut preferences = BTreeMap::new();
    let set = servers.at(number).filter(|_| row.mail_servers.is_some());
    for record in set.iter().flat_map(|set| servers.records(set)).rev() {
        let names = servers.host_names(std::slice::from_ref(record), name);
        preferences.extend(names.map(|host| (host, record.preference)));
    }
    match (&mut row.mail_servers, set) {
        (Some(hosts), Some(set)) => {
            hosts.retain(|host| preferences.contains_key(host.as_str()));
            row.mail_servers_seen_at = set.seen_at;
        }
        (hosts, _) => (*hosts, row.mail_servers_seen_at) = (None, None),
    }
    row.hijackable_mail_servers.retain(|server| preferences.contains_key(server.host.as_str()));
    preferences
}

fn facts<'a>(sources: &Sources<'a>, domain: &JudgedDomain<'a>) -> Facts<'a> {
    let mut probe = sources.catalog.probe();
    sources.facts(
        domain.name,
        domain.clock(),
        domain.is_public_suffix(),
        &domain.evidence,
        domain.parked,
        &mut probe,
    )
}

/// The verdict if the rule that decides did not apply, unless it is the same, or there would be nothing to go by.
fn otherwise(facts: &Facts<'_>) -> Option<NextRule> {
    let rule = decide(facts);
    let row = RULES.iter().position(|other| std::ptr::eq(other, rule))?;
    let next = RULES[row + 1..].iter().find(|rule| (rule.applies)(facts))?;
    let is_same = (next.state, next.risk, next.action) == (rule.state, rule.risk, rule.action);
    let is_last = RULES.last().is_some_and(|last| std::ptr::eq(last, next));
    (!is_same && !is_last).then_some(NextRule {
        state: next.state,
        rule: next.name,
        explanation: next.explanation,
    })
}

/// What a report does not have: the file of the zone, and the answers that were not used.
fn notes(domain: &JudgedDomain<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(snapshot) = domain.evidence.zone.snapshot {
        let why = if snapshot.why.is_empty() { String::new() } else { format!(": {}", snapshot.why) };
        notes.push(format!("the zone is from {}{why}", escape::path(&snapshot.path)));
    }
    let rdap = domain.evidence.rdap();
    for answer in &rdap.unused {
        let source = sample(answer.source.as_deref().unwrap_or_default());
        let what = answer.outcome.name();
        notes.push(format!("RDAP, not used: {what} by {source}, which is not the registry's server"));
    }
    if let Some(answer) = rdap.answer {
        notes.extend((!answer.dated).then(|| "the answer has no date: that of its file counts".to_owned()));
        notes.extend(answer.note.map(|note| format!("the answer: {}", note.name())));
    }
    notes
}
