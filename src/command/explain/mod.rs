//! One name's story: what is known, from where and when, and which row of the table it met.

mod timeline;

use std::fmt::Write;

use crate::assess::account::{ACCOUNT_RULES, judge_account};
use crate::assess::judge::{MailVerdict, judge_all};
use crate::assess::judged::JudgedDomain;
use crate::assess::raises::RAISES;
use crate::assess::rules::{RULES, decide};
use crate::assess::verdict::Raise;
use crate::assess::{Facts, Policy, Reason};
use crate::command::evidence::{ZonePaths, read_bootstrap, read_rdap, read_zones, suffix_list, survey_names};
use crate::config::EvidenceConfig;
use crate::error::{Error, Result, Told};
use crate::escape::{self, sample};
use crate::name::{MailDomain, Mailbox};
use crate::progress::Progress;
use crate::rdap::archive::files;
use crate::rdap::{MAX_REJECTED, RdapOutcome};
use crate::report::domains::zone_name;
use crate::time::{BareDate, Moment};

/// Explains names or addresses.
pub fn explain(names: &[String], verified_at: Option<&str>, config: &EvidenceConfig) -> Result<Told> {
    let verified_at = match verified_at {
        Some(text) => Some(Moment::read(text, BareDate::End).ok_or_else(|| {
            Error::usage(format!("`--verified-at`: expected a date or time, found `{text}`"))
        })?),
        None => None,
    };
    let suffixes = suffix_list(config)?;
    let mut asked = Vec::new();
    for name in names {
        let domain = if name.contains('@') {
            Mailbox::split(name).and_then(|mailbox| MailDomain::normalize(mailbox.domain()))
        } else {
            MailDomain::normalize(name)
        };
        let domain = domain.and_then(|domain| suffixes.cut(&domain.name).map(|_| domain.clone()));
        let rejected = |rejection| {
            Error::usage(format!("`{name}` would be rejected: {rejection}"))
                .hint("name a domain or an address")
        };
        asked.push(domain.map_err(rejected)?);
    }
    let progress = Progress::hidden();
    let zones = read_zones(&ZonePaths::find(&config.zones)?, config, &std::env::temp_dir(), &progress)?;
    let survey = survey_names(&asked, &suffixes, &zones, config);
    let (rdap, rdap_files) = read_rdap(&files::find(&config.rdap)?, &survey, config, &progress)?;
    let bootstrap = read_bootstrap(config)?;
    let sources = config.sources(&suffixes, &zones.catalog, &rdap, bootstrap.as_ref());
    let judgement = judge_all(&asked, survey, &sources, config.policy);
    zones.catalog.check()?;
    let mut text = String::new();
    for error in &zones.unreadable {
        let _ = writeln!(text, "warning: {error}\n");
    }
    for (name, (mail_domain, mail)) in names.iter().zip(asked.iter().zip(&judgement.mail)) {
        let domain = &judgement.domains[mail.domain as usize];
        let mut probe = zones.catalog.probe();
        let facts = sources.facts(domain.name, domain.is_public_suffix(), &domain.evidence, &mut probe);
        tell_evidence(&mut text, name, mail_domain, mail, domain, config.as_of);
        let _ = writeln!(text);
        for (day, event) in timeline::timeline(domain, config.as_of, verified_at) {
            line(&mut text, &day.to_string(), &event);
        }
        tell_verdict(&mut text, mail, domain, &facts);
        if let Some(verified_at) = verified_at {
            tell_account(&mut text, domain, config.policy, verified_at);
        }
        for advice in advice(domain, &facts, verified_at.is_some()) {
            line(&mut text, "to know more", &advice);
        }
        text.push('\n');
    }
    let warnings: Vec<String> = rdap_files.iter().filter_map(|file| file.incomplete(MAX_REJECTED)).collect();
    let incomplete = !warnings.is_empty();
    Ok(Told { text, warnings, incomplete })
}

fn tell_evidence(
    text: &mut String,
    asked: &str,
    mail_domain: &MailDomain,
    mail: &MailVerdict<'_>,
    domain: &JudgedDomain<'_>,
    as_of: Moment,
) {
    let _ = writeln!(text, "{}\n", escape::line(asked));
    line(text, "as of", &as_of.to_string());
    line(text, "mail domain", &mail_domain.name);
    let registrable = mail.registrable.unwrap_or("none: it is itself a public suffix");
    line(text, "registrable domain", registrable);
    line(
        text,
        "judged",
        &format!("{}, under {} ({})", domain.name, domain.suffix(), domain.suffix_kind.name()),
    );
    tell_zone(text, domain);
    tell_rdap(text, domain);
    for server in domain.hijackable.iter() {
        let how =
            format!("{}, {} by {}", server.domain, server.state.name(), server.source.replace('+', " and "));
        line(text, "second door", &format!("{} lies in or hangs on {how}", server.host));
    }
}

fn tell_verdict(text: &mut String, mail: &MailVerdict<'_>, domain: &JudgedDomain<'_>, facts: &Facts<'_>) {
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
        _ => {}
    }
    line(text, "Domainr would say", domain.domainr_status());
    for reason in mail.reasons.iter().chain(verdict.reasons.iter()) {
        line(text, "noticed", &format!("{} [{}]", reason.explanation(), reason.name()));
    }
}

fn line(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "  {label:<20} {}", escape::line(value));
}

fn tell_zone(text: &mut String, domain: &JudgedDomain<'_>) {
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

fn tell_rdap(text: &mut String, domain: &JudgedDomain<'_>) {
    let rdap = domain.evidence.rdap();
    let Some(answer) = rdap.answer else {
        return line(text, "RDAP", "no answer");
    };
    let source = sample(answer.source.as_deref().unwrap_or("an unnamed server"));
    let usable = if rdap.usable { "" } else { ", not usable" };
    let dated = if answer.dated { "fetched" } else { "undated, file of" };
    let note = answer.note.map(|note| format!("; {}", note.text())).unwrap_or_default();
    line(
        text,
        "RDAP",
        &format!("{} by {source}, {dated} {}{usable}{note}", answer.outcome.name(), answer.fetched_at),
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

fn tell_account(text: &mut String, domain: &JudgedDomain<'_>, policy: Policy, verified_at: Moment) {
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
    if facts.answer.is_none() && !facts.is_present() && asks {
        advice.push(format!(
            "a dated RDAP answer of the registry for {} (`--rdap`; `rdap fetch` gets it) would decide",
            domain.name
        ));
    }
    if facts.reasons.contains(Reason::Conflict) {
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
