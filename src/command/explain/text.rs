//! An explanation for a terminal of 80 columns: the verdict, why, the days, the evidence, and what would change it.
//!
//! Prose is broken between words. Names are never broken, so that they can be searched for and copied.

use std::collections::BTreeMap;

use super::row::{DomainRow, OpenServer};
use super::served::{ServerDomainVerdict, ToldServed, ToldServerDomain};
use super::told::{Explanation, ToldMailServer, ToldMailServers, ToldVerdict};
use crate::assess::servers::server_in_words;
use crate::assess::{Reason, State};
use crate::escape::{self, sample};
use crate::mail::MailClass;
use crate::rdap::RdapOutcome;
use crate::registry::ListSays;
use crate::time::Day;
use crate::wording::{count, first_of, wrapped};

/// Columns of a terminal.
const WIDTH: usize = 80;
/// Columns of the labels.
const LABEL: usize = 12;
/// Name servers that are shown.
const SERVERS: usize = 6;

/// Renders an explanation.
pub(super) fn render(told: &Explanation) -> String {
    let mut page = Paragraphs::default();
    add_verdict(&mut page, told);
    add_served(&mut page, &told.serves);
    add_servers_to_register(&mut page, &told.domain);
    add_why(&mut page, told);
    add_days(&mut page, told);
    add_zone(&mut page, &told.domain);
    add_mail_servers(&mut page, told);
    add_rdap(&mut page, &told.domain);
    add_list(&mut page, &told.domain);
    add_mail(&mut page, &told.domain);
    page.add("note", &told.notes);
    page.add("to change", &told.to_change);
    page.text
}

/// Renders what is known of a domain of servers without accounts.
pub(super) fn render_server(told: &ToldServerDomain) -> String {
    let mut page = Paragraphs::default();
    let ServerDomainVerdict { state, risk, earliest_drop_on, latest_drop_on, .. } = told.verdict;
    page.line(&format!("{}: {state}, risk {risk}", told.server_domain));
    page.line(&format!("as of {}, by the report {}", told.as_of.day_or_time(), told.report));
    let window = window(state, earliest_drop_on, latest_drop_on);
    window.iter().for_each(|window| page.line(&format!("free for others {window}")));
    page.line("no account is at it: the report has it for its servers alone");
    add_served(&mut page, &told.serves);
    page.add("why", &told.verdict.why());
    page.text
}

/// What the servers in a domain serve.
fn add_served(page: &mut Paragraphs, serves: &[ToldServed]) {
    let serves: Vec<String> = serves.iter().map(ToldServed::in_words).collect();
    page.add("serves", &serves);
}

/// The domains to register if servers can be taken over, before what follows from it.
fn add_servers_to_register(page: &mut Paragraphs, domain: &DomainRow) {
    let mut doors: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for server in domain.hijackable_name_servers.iter().chain(&domain.hijackable_mail_servers) {
        doors.entry((&server.domain, &server.state)).or_default().push(&server.host);
    }
    let doors = doors.into_iter().map(|((domain, state), mut hosts)| {
        hosts.dedup();
        let words = State::from_name(state).map(server_in_words);
        let state = words.unwrap_or(state);
        let hosts = first_of(hosts.into_iter().map(str::to_owned), SERVERS, "server").join(", ");
        format!("{domain} ({state}): whoever registers it takes over {hosts}")
    });
    page.add("decisive", &first_of(doors, SERVERS, "domain"));
}

/// The text as it grows.
#[derive(Default)]
struct Paragraphs {
    text: String,
}

impl Paragraphs {
    /// Appends a line as it is.
    fn line(&mut self, text: &str) {
        self.text.push_str(&escape::line(text));
        self.text.push('\n');
    }

    /// Appends paragraphs, the first behind a label.
    fn add(&mut self, label: &str, paragraphs: &[impl AsRef<str>]) {
        let mut label = label;
        for paragraph in paragraphs {
            self.paragraph(label, "", paragraph.as_ref());
            label = "";
        }
    }

    /// Appends a paragraph behind a label and a lead; the lines after its first are as far to the right.
    fn paragraph(&mut self, label: &str, lead: &str, text: &str) {
        for line in wrapped(&format!("{label:<LABEL$}{lead}"), &escape::line(text), WIDTH) {
            self.line(line.trim_end());
        }
    }
}

/// State, risk and action in one line.
fn in_short(verdict: &ToldVerdict) -> String {
    let ToldVerdict { state, risk, action, .. } = verdict;
    format!("{state}, risk {risk}, action {action}")
}

fn add_verdict(page: &mut Paragraphs, told: &Explanation) {
    let Explanation { asked, domain, verdict, .. } = told;
    page.line(&format!("{asked}: {}", in_short(verdict)));
    let as_of = told.as_of.day_or_time();
    let free = window(domain.state, domain.earliest_drop_on, domain.latest_drop_on);
    let free = free.map(|window| format!("free for others {window}"));
    match (&told.report, free) {
        (None, None) => page.line(&format!("as of {as_of}")),
        (None, Some(free)) => page.line(&format!("as of {as_of}; {free}")),
        (Some(report), free) => {
            page.line(&format!("as of {as_of}, by the report {report}"));
            free.iter().for_each(|free| page.line(free));
        }
    }
    if *asked != domain.judged_domain {
        let suffix = domain.public_suffix.as_deref().unwrap_or_default();
        let kind = domain.suffix_kind.as_deref().unwrap_or_default();
        page.line(&format!("judged by {}, registered under {suffix} ({kind})", domain.judged_domain));
    }
    if let Some(verified_at) = told.verified_at {
        let alone = ToldVerdict::of_domain(domain);
        let is_own = (verdict.state, verdict.risk, verdict.action) != (alone.state, alone.risk, alone.action);
        if is_own {
            page.line(&format!("for an account verified at {verified_at}"));
            page.line(&format!("its domain: {}", in_short(&alone)));
        } else {
            page.line(&format!("an account verified at {verified_at} has the verdict of its domain"));
        }
    }
    if let Some(accounts) = &told.accounts {
        let all = count(accounts.accounts.unsigned_abs(), "account");
        let own = accounts.at_mail_domain.filter(|own| *own != accounts.accounts);
        let own = own.map(|own| format!(", {own} of them at {}", told.mail_domain)).unwrap_or_default();
        let (unverify, review) = (accounts.unverify, accounts.review);
        page.line(&format!("{all}{own}: {unverify} to unverify, {review} to review"));
    }
}

/// The days on which someone else can register it first.
fn window(state: State, earliest: Option<Day>, latest: Option<Day>) -> Option<String> {
    Some(match (earliest, latest) {
        (Some(day), _) if state == State::Available => format!("since {day} or earlier"),
        (Some(earliest), Some(latest)) if earliest == latest => format!("on {earliest}"),
        (Some(earliest), Some(latest)) => format!("between {earliest} and {latest}"),
        (Some(earliest), None) => format!("not before {earliest}"),
        (None, Some(latest)) => format!("not after {latest}"),
        (None, None) => return None,
    })
}

fn add_why(page: &mut Paragraphs, told: &Explanation) {
    let ToldVerdict { rule, explanation, reasons, action_before_breaker, .. } = &told.verdict;
    let mut why = vec![format!("{explanation} [{rule}]")];
    if let Some(raise) = &told.raised_by {
        why.push(format!("risk raised: {} [{}]", raise.explanation, raise.reason));
    }
    if let Some(before) = action_before_breaker {
        why.push(format!("a circuit breaker holds it back: the action would be {before}"));
    }
    // the line of the answer says whose server it was
    let is_told = |reason: Reason| {
        reason == Reason::UnverifiedSource
            || told.raised_by.as_ref().is_some_and(|raise| raise.reason == reason)
    };
    let others = reasons.iter().filter(|reason| !is_told(reason.reason));
    why.extend(others.map(|reason| format!("{} [{}]", reason.explanation, reason.reason)));
    if let Some(next) = &told.otherwise {
        why.push(format!("otherwise {}: {} [{}]", next.state, next.explanation, next.rule));
    }
    page.add("why", &why);
}

fn add_days(page: &mut Paragraphs, told: &Explanation) {
    let mut label = "days";
    for event in &told.timeline {
        let until = event.until.map(|day| format!(", at the latest {day}")).unwrap_or_default();
        page.paragraph(label, &format!("{}  ", event.day), &format!("{}{until}", event.event));
        label = "";
    }
    let clock = &told.clock;
    if !clock.words.is_empty() {
        page.add("clock", &[&clock.words]);
        page.add("", &clock.notes);
    }
}

/// What lists say of it as a mail domain. That it looks mistyped and that its service is closed are among the reasons.
fn add_mail(page: &mut Paragraphs, domain: &DomainRow) {
    let class = domain.mail_class.as_deref().and_then(MailClass::from_name);
    let typo_of = domain.typo_of.iter().map(|provider| format!("one typing mistake away from {provider}"));
    let closed = domain.mail_closed_on.iter().map(|day| format!("the mail service was closed on {day}"));
    let told: Vec<String> =
        class.iter().map(|class| class.explanation().to_owned()).chain(typo_of).chain(closed).collect();
    page.add("mail", &told);
}

fn add_zone(page: &mut Paragraphs, domain: &DomainRow) {
    let Some(zone) = &domain.zone else {
        return page.add("zone", &["no zone covers it"]);
    };
    let date = domain.zone_date.map(|date| date.to_string()).unwrap_or_default();
    let source = domain.zone_date_source.as_deref().unwrap_or_default();
    let remembered = domain.seen_on().filter(|seen| Some(*seen) < domain.zone_date);
    let when = remembered.map(|day| format!(" on {day}, not since")).unwrap_or_default();
    let servers = domain.name_servers.as_deref().unwrap_or_default();
    let presence = match domain.present {
        Some(true) if servers.is_empty() => format!("present{when}, with data of its own"),
        Some(true) if domain.has_ds == Some(true) => format!("present{when}, signed"),
        Some(true) => format!("present{when}"),
        Some(false) => "absent".to_owned(),
        None => "cannot tell".to_owned(),
    };
    page.add("zone", &[format!("{zone} of {date} ({source}), {}: {presence}", domain.zone_coverage)]);
    if !servers.is_empty() {
        page.add("servers", &[first_of(servers.iter().cloned(), SERVERS, "server").join(", ")]);
    }
    let open = domain.hijackable_name_servers.iter().map(takeover);
    page.add("second door", &first_of(open, SERVERS, "server"));
}

/// Which domain a server can be taken over with.
fn takeover(server: &OpenServer) -> String {
    let by = server.source.replace('+', " and ");
    format!("{} depends on {}, {} by {by}", server.host, server.domain, server.state)
}

fn add_mail_servers(page: &mut Paragraphs, told: &Explanation) {
    let Some(ToldMailServers { seen_at, servers }) = &told.mail_servers else { return };
    let host = |server: &ToldMailServer| match server.preference {
        Some(preference) => format!("{preference} {}", server.host),
        None => server.host.clone(),
    };
    let names = first_of(servers.iter().map(host), SERVERS, "server").join(", ");
    let names = if names.is_empty() { "no host that can be looked up".to_owned() } else { names };
    let seen = seen_at.map_or_else(|| "no date".to_owned(), |at| at.day_or_time());
    page.add("mail", &[format!("{names} ({seen})")]);
    let open = servers.iter().filter_map(|server| server.takeover.as_ref()).map(takeover);
    page.add("third door", &first_of(open, SERVERS, "server"));
}

fn add_rdap(page: &mut Paragraphs, domain: &DomainRow) {
    let (Some(outcome), Some(fetched)) = (domain.rdap_outcome, domain.rdap_fetched_at) else {
        return page.add("RDAP", &["no answer"]);
    };
    let source = domain.rdap_source.as_deref();
    let is_unknown = domain.has(Reason::UnverifiedSource) && source.is_some();
    let unknown = if is_unknown { " (an unknown server)" } else { "" };
    let source = sample(source.unwrap_or("an unnamed server"));
    let is_old = [Reason::RdapTooOld, Reason::RdapUndated].iter().any(|reason| domain.has(*reason));
    let usable = if is_old { ", not usable" } else { "" };
    let mut text = format!("{outcome} by {source}{unknown}, fetched {fetched}{usable}");
    if outcome == RdapOutcome::Found {
        let statuses = domain.rdap_status.as_deref().unwrap_or_default();
        let statuses = if statuses.is_empty() { "none".to_owned() } else { statuses.join(", ") };
        text += &format!("; status {statuses}");
        if let Some(registrar) = &domain.registrar {
            let id = domain.registrar_iana_id.map(|id| format!(" (IANA {id})")).unwrap_or_default();
            text += &format!("; registrar {}{id}", sample(registrar));
        }
    }
    page.add("RDAP", &[text]);
}

fn add_list(page: &mut Paragraphs, domain: &DomainRow) {
    let (Some(list), Some(date)) = (&domain.registry_list, domain.registry_list_date) else { return };
    let says = domain.registry_list_says.as_deref().and_then(ListSays::from_name);
    let says = says.map(ListSays::explanation).unwrap_or_default();
    let by = domain.release_by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
    let release = domain.release_at.map(|at| format!("; release {at}{by}")).unwrap_or_default();
    page.add("list", &[format!("{list} of {date}: {says}{release}")]);
}
