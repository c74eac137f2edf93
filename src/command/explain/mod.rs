//! What is known about a name, from where and since when, and which rule decides.

mod clock;
mod timeline;

use std::fmt::Write;

use crate::assess::account::{ACCOUNT_RULES, judge_account};
use crate::assess::judge::MailVerdict;
use crate::assess::judged::JudgedDomain;
use crate::assess::raises::RAISES;
use crate::assess::rules::{RULES, decide};
use crate::assess::verdict::Raise;
use crate::assess::{Facts, Policy, Reason};
use crate::cli::ExplainArgs;
use crate::command::Output;
use crate::command::evidence::EvidenceInputs;
use crate::config::{EvidenceConfig, use_threads};
use crate::error::{Error, Result};
use crate::escape::{self, sample};
use crate::name::{MailDomain, Mailbox, SuffixList};
use crate::progress::Progress;
use crate::rdap::{MAX_REJECTED, RdapOutcome};
use crate::registry::RegistryList;
use crate::report::domains::zone_name;
use crate::time::{BareDate, Moment};

/// Explains names or addresses.
pub(crate) fn run(args: ExplainArgs) -> Result<Output> {
    let config = EvidenceConfig::of(args.evidence)?;
    use_threads(config.threads)?;
    let verified_at = args.verified_at.as_deref().map(read_moment).transpose()?;
    let evidence = EvidenceInputs::open(&config)?;
    let asked =
        args.names.iter().map(|name| read_name(name, &evidence.suffixes)).collect::<Result<Vec<_>>>()?;
    let progress = Progress::hidden();
    let zones = evidence.read_zones(&std::env::temp_dir(), &progress)?;
    let survey = evidence.survey(&asked, &zones);
    let answers = evidence.read_answers(&survey, &progress)?;
    let judgement = evidence.judge(&asked, survey, &zones, &answers)?;
    let sources = evidence.sources(&zones, &answers);

    let mut output = Output::default();
    for (name, (mail_domain, mail)) in args.names.iter().zip(asked.iter().zip(&judgement.mail)) {
        let domain = &judgement.domains[mail.domain as usize];
        let mut probe = zones.catalog.probe();
        let facts = sources.facts(
            domain.name,
            domain.clock(),
            domain.is_public_suffix(),
            &domain.evidence,
            domain.parked,
            &mut probe,
        );
        let text = &mut output.text;
        add_evidence(text, name, mail_domain, mail, domain, config.as_of);
        add_timeline(text, domain, config.as_of, verified_at);
        add_verdict(text, mail, domain, &facts);
        if let Some(verified_at) = verified_at {
            add_account(text, domain, config.policy, verified_at);
        }
        for advice in advice(domain, &facts, verified_at.is_some()) {
            line(text, "to know more", &advice);
        }
        text.push('\n');
    }
    output.blame(zones.unreadable.iter().cloned());
    let broken: Vec<String> = answers.files.iter().filter_map(|file| file.incomplete(MAX_REJECTED)).collect();
    let lists = answers.lists.lists.iter().filter_map(RegistryList::incomplete);
    let broken: Vec<String> = broken.into_iter().chain(lists).chain(answers.lists.unknown.clone()).collect();
    output.incomplete_if(!broken.is_empty());
    output.warn(broken);
    Ok(output)
}

fn read_moment(text: &str) -> Result<Moment> {
    let what = || format!("`--verified-at`: expected a date or time, found `{text}`");
    Moment::read(text, BareDate::End).ok_or_else(|| Error::usage(what()))
}

/// The mail domain of a name or an address, as the audit would take it from a row.
fn read_name(name: &str, suffixes: &SuffixList) -> Result<MailDomain> {
    let domain = match name.contains('@') {
        true => Mailbox::split(name).and_then(|mailbox| MailDomain::normalize(mailbox.domain())),
        false => MailDomain::normalize(name),
    };
    domain.and_then(|domain| suffixes.cut(&domain.name).map(|_| domain.clone())).map_err(|rejection| {
        Error::usage(format!("`{name}` would be rejected: {rejection}")).hint("name a domain or an address")
    })
}

fn add_timeline(text: &mut String, domain: &JudgedDomain<'_>, as_of: Moment, verified_at: Option<Moment>) {
    let _ = writeln!(text);
    for (day, event) in timeline::timeline(domain, as_of, verified_at) {
        line(text, &day.to_string(), &event);
    }
}

fn add_evidence(
    text: &mut String,
    asked: &str,
    mail_domain: &MailDomain,
    mail: &MailVerdict,
    domain: &JudgedDomain<'_>,
    as_of: Moment,
) {
    let _ = writeln!(text, "{}\n", escape::line(asked));
    line(text, "as of", &as_of.to_string());
    line(text, "mail domain", &mail_domain.name);
    let registrable = mail.registrable(mail_domain).unwrap_or("none: it is itself a public suffix");
    line(text, "registrable domain", registrable);
    line(
        text,
        "judged",
        &format!("{}, under {} ({})", domain.name, domain.suffix(), domain.suffix_kind.name()),
    );
    add_zone(text, domain);
    add_rdap(text, domain);
    add_listing(text, domain);
    for server in domain.hijackable.iter() {
        let how =
            format!("{}, {} by {}", server.domain, server.state.name(), server.source.replace('+', " and "));
        line(text, "second door", &format!("{} depends on {how}", server.host));
    }
}

fn add_verdict(text: &mut String, mail: &MailVerdict, domain: &JudgedDomain<'_>, facts: &Facts<'_>) {
    let verdict = &domain.verdict;
    let rule = decide(facts);
    let _ = writeln!(text);
    line(
        text,
        "verdict",
        &format!("{}, risk {}, action {}", verdict.state.name(), verdict.risk.name(), verdict.action.name()),
    );
    line(text, "because", &format!("{} [rule {}; {}]", rule.explanation, rule.name, rule.source));
    if verdict.raise != Raise::NONE {
        let told = RAISES
            .iter()
            .find(|raise| verdict.reasons.contains(raise.reason) && raise.risk == verdict.raise.risk);
        if let Some(raise) = told {
            let because = format!("{} [{}]", raise.explanation, raise.reason.name());
            let to = format!("risk {}, action {}", verdict.raise.risk.name(), verdict.raise.action.name());
            line(text, "raised to at least", &format!("{to}: {because}"));
        }
    }
    let row = RULES.iter().position(|other| std::ptr::eq(other, rule)).unwrap_or_default();
    if let Some(next) = RULES[row + 1..].iter().find(|rule| (rule.applies)(facts)) {
        line(
            text,
            "else it would be",
            &format!("{}: {} [rule {}]", next.state.name(), next.explanation, next.name),
        );
    }
    match (verdict.drop.earliest, verdict.drop.latest) {
        (Some(earliest), Some(latest)) => {
            line(text, "free for others", &format!("between {earliest} and {latest}"))
        }
        (Some(earliest), None) => line(text, "free for others", &format!("not before {earliest}")),
        (None, Some(latest)) => line(text, "free for others", &format!("not after {latest}")),
        (None, None) => {}
    }
    clock::clock(domain, facts).iter().for_each(|(label, days)| line(text, label, days));
    line(text, "Domainr would say", domain.domainr_status());
    // the line of the answer says already whose server it was
    let is_told = |reason: &Reason| *reason == Reason::UnverifiedSource;
    for reason in mail.reasons.iter().chain(verdict.reasons.iter()).filter(|reason| !is_told(reason)) {
        line(text, "noticed", &format!("{} [{}]", reason.explanation(), reason.name()));
    }
}

fn line(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "  {label:<20} {}", escape::line(value));
}

fn add_zone(text: &mut String, domain: &JudgedDomain<'_>) {
    let zone = &domain.evidence.zone;
    let Some(snapshot) = zone.snapshot else {
        return line(text, "zone", "none covers it");
    };
    let why = if snapshot.why.is_empty() { String::new() } else { format!(": {}", snapshot.why) };
    let dated = format!("{} ({})", snapshot.date.moment, snapshot.date.source.name());
    let path = escape::path(&snapshot.path);
    line(
        text,
        "zone",
        &format!("{}, {}{why}; dated {dated}; {path}", zone_name(snapshot), snapshot.coverage.name()),
    );
    let remembered = zone.seen_at().filter(|seen_at| seen_at.day() < snapshot.date.day());
    let when = remembered.map(|seen_at| format!(" on {}, not since", seen_at.day())).unwrap_or_default();
    let servers: Vec<&str> = zone.name_servers().collect();
    let presence = match zone.presence {
        Some(true) if servers.is_empty() => format!("present{when}, with data of its own"),
        Some(true) => {
            let signed = if zone.has_ds == Some(true) { ", signed" } else { "" };
            format!("present{when}{signed}, at {}", servers.join(", "))
        }
        Some(false) => "absent".to_owned(),
        None => "cannot tell".to_owned(),
    };
    line(text, "in the zone", &presence);
}

fn add_listing(text: &mut String, domain: &JudgedDomain<'_>) {
    let Some(listing) = domain.evidence.listing else { return };
    let says = listing.says.explanation();
    line(text, "list of the registry", &format!("{}, of {}: {says}", listing.list, listing.date));
    let by = listing.release_by.map(|by| format!(", by {}", by.name())).unwrap_or_default();
    match (listing.release_at, listing.release_until) {
        (Some(at), Some(until)) => line(text, "release", &format!("{at} to {until}{by}")),
        (Some(at), None) => line(text, "release", &format!("{at}{by}")),
        _ => {}
    }
}

fn add_rdap(text: &mut String, domain: &JudgedDomain<'_>) {
    let rdap = domain.evidence.rdap();
    for answer in &rdap.unused {
        let source = sample(answer.source.as_deref().unwrap_or_default());
        let what = answer.outcome.name();
        line(text, "RDAP, not used", &format!("{what} by {source}, which is not the registry's server"));
    }
    let Some(answer) = rdap.answer else {
        return line(text, "RDAP", "no answer");
    };
    let source = sample(answer.source.as_deref().unwrap_or("an unnamed server"));
    let is_unknown = rdap.reasons.contains(Reason::UnverifiedSource) && answer.source.is_some();
    let unknown = if is_unknown { " (an unknown server)" } else { "" };
    let usable = if rdap.usable { "" } else { ", not usable" };
    let dated = if answer.dated { "fetched" } else { "undated, file of" };
    let note = answer.note.map(|note| format!("; {}", note.name())).unwrap_or_default();
    line(
        text,
        "RDAP",
        &format!(
            "{} by {source}{unknown}, {dated} {}{usable}{note}",
            answer.outcome.name(),
            answer.fetched_at
        ),
    );
    if answer.outcome != RdapOutcome::Found {
        return;
    }
    let statuses: Vec<&str> = answer.statuses.names().collect();
    line(text, "status", &if statuses.is_empty() { "none".to_owned() } else { statuses.join(", ") });
    if let Some(registrar) = &answer.registrar {
        let id = answer.registrar_iana_id.map(|id| format!(" (IANA {id})")).unwrap_or_default();
        line(text, "registrar", &format!("{}{id}", sample(registrar)));
    }
}

fn add_account(text: &mut String, domain: &JudgedDomain<'_>, policy: Policy, verified_at: Moment) {
    let changes = &domain.evidence.rdap().changes;
    let account = judge_account(&domain.verdict, policy, changes, Some(verified_at), None);
    let Some(rule) = ACCOUNT_RULES.iter().find(|known| known.name == account.rule) else {
        return line(text, "verified then", &format!("{verified_at}: the domain's verdict stands"));
    };
    let verdict =
        format!("{}, risk {}, action {}", account.state.name(), account.risk.name(), account.action.name());
    let because = format!("{} [rule {}; {}]", rule.explanation, rule.name, rule.source);
    line(text, "verified then", &format!("{verified_at}: {verdict}; {because}"));
}

/// What evidence would change the verdict, and how to get it.
fn advice(domain: &JudgedDomain<'_>, facts: &Facts<'_>, verified: bool) -> Vec<String> {
    let mut advice = Vec::new();
    if facts.special_use || facts.public_suffix {
        return advice;
    }
    let asks = facts.reasons.iter().any(|reason| {
        matches!(reason, Reason::RdapNone | Reason::RdapError | Reason::RdapTooOld | Reason::RdapUndated)
    });
    if facts.answer.is_none() && facts.standing.is_none() && !facts.is_present() && asks {
        advice.push(format!(
            "a dated RDAP answer of the registry for {} (`--rdap`; `rdap fetch` gets it) would decide",
            domain.name
        ));
    }
    if facts.reasons.contains(Reason::NotTheRegistry) && facts.answer.is_none() {
        advice.push(
            "if you trust a server that is not the registry's, name it with `--trust-source`".to_owned(),
        );
    }
    if facts.sources_disagree {
        advice.push(
            "two answers contradict each other: name the server that is right with `--trust-source`"
                .to_owned(),
        );
    } else if facts.reasons.contains(Reason::Conflict) {
        advice.push(
            "zone and RDAP contradict each other: a newer answer or the zone of tomorrow decides".to_owned(),
        );
    }
    let mut unasked: Vec<&str> = domain
        .hijackable
        .iter()
        .filter(|server| server.source == "zone")
        .map(|server| server.domain)
        .collect();
    unasked.dedup();
    for name in unasked {
        advice.push(format!("an RDAP answer for {name} tells whether it can be registered"));
    }
    let changed = facts.reasons.contains(Reason::LongGap);
    if changed && !verified {
        advice.push("`--verified-at` tells what the absence means for an account".to_owned());
    }
    advice
}
