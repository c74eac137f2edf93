//! The values that the template shows, in the order of the page.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use askama::Template;

use super::calendar::CalendarChart;
use super::cards::{self, PageCard, RiskPart};
use super::changes::ChangedDomain;
use super::domains::{DomainLists, DomainRow};
use super::hands::HandsRow;
use super::inputs::{self, FileRow, ZoneRow};
use super::manifest::PageManifest;
use super::queries::{PageQuery, QUERIES};
use super::security::{POLICY, SCRIPT, STYLE};
use super::servers::ServersTold;
use super::top::FirstRows;
use super::unjudged::UnjudgedRow;
use super::words;
use crate::assess::{Action, State};
use crate::report::changes::Change;
use crate::report::manifest::HeldBreaker;
use crate::report::overrides::OverrideReport;
use crate::wording::{self, count, grouped};

/// The page.
#[derive(Debug, Template)]
#[template(path = "page.html", config = "src/report/page/html/askama.toml")]
pub(super) struct PageTemplate<'m> {
    policy: &'static str,
    style: &'static str,
    script: &'static str,
    version: &'m str,
    as_of: String,
    sentence: String,
    look: String,
    extent: String,
    judged: String,
    rules: &'m str,
    incomplete: &'m [String],
    cards: Vec<PageCard>,
    risks: Vec<RiskPart>,
    states: Vec<StateRow>,
    act: FirstRows<DomainRow>,
    later: FirstRows<DomainRow>,
    calendar: CalendarChart,
    hands: FirstRows<HandsRow>,
    servers: Option<ServersTold>,
    changes: Option<FirstRows<ChangedDomain>>,
    change_counts: Vec<String>,
    before: String,
    unjudged: FirstRows<UnjudgedRow>,
    breakers: Vec<BreakerRow>,
    released: Vec<String>,
    overrides: &'m OverrideReport,
    zones: FirstRows<ZoneRow>,
    older_zones: String,
    files: FirstRows<FileRow>,
    notices: FirstRows<String>,
    queries: &'static [PageQuery],
}

/// How many accounts and domains are in a state.
#[derive(Debug)]
struct StateRow {
    state: String,
    accounts: String,
    domains: String,
}

/// An open circuit breaker.
#[derive(Debug)]
struct BreakerRow {
    what: String,
    release: String,
}

impl<'m> PageTemplate<'m> {
    pub(super) fn new(
        manifest: &'m PageManifest,
        lists: DomainLists,
        (calendar, servers): (CalendarChart, Option<ServersTold>),
        (unjudged, changes): (FirstRows<UnjudgedRow>, Option<FirstRows<ChangedDomain>>),
    ) -> Self {
        let today = manifest.as_of.day();
        let counts = &manifest.counts;
        let (zones, older) = inputs::zones(&manifest.inputs, today);
        let judged = counts.accounts().saturating_sub(counts.not_judged());
        let breaker = |held: &HeldBreaker| BreakerRow {
            what: words::shown(&held.breaker.to_string().replace('`', "")),
            release: words::shown(&held.release),
        };
        Self {
            policy: &POLICY,
            style: STYLE,
            script: SCRIPT,
            version: &manifest.version,
            as_of: words::as_of(&manifest.as_of.to_string()),
            sentence: words::sentence(counts),
            look: words::look(counts),
            extent: cards::extent(manifest),
            judged: words::percent(judged, counts.accounts()),
            rules: &manifest.policy,
            incomplete: &manifest.incomplete,
            cards: cards::cards(manifest),
            risks: cards::risks(manifest),
            states: states(manifest),
            act: lists.act,
            later: lists.later,
            calendar,
            hands: lists.hands,
            servers,
            changes,
            change_counts: change_counts(manifest),
            before: manifest.before.as_ref().map(|before| before.as_of.day().to_string()).unwrap_or_default(),
            unjudged,
            breakers: manifest.breaker.iter().map(breaker).collect(),
            released: manifest
                .released_breakers
                .iter()
                .map(|breaker| {
                    words::shown(&format!(
                        "{}: {} of {}",
                        breaker.name(),
                        grouped(breaker.flagged),
                        count(breaker.domains, "domain")
                    ))
                })
                .collect(),
            overrides: &manifest.overrides,
            zones,
            older_zones: if older > 0 { count(older, "older snapshot") } else { String::new() },
            files: inputs::files(manifest),
            notices: inputs::notices(&manifest.inputs),
            queries: &QUERIES,
        }
    }

    fn grouped(&self, number: impl Borrow<u64>) -> String {
        grouped(*number.borrow())
    }

    fn count(&self, number: impl Borrow<u64>, noun: &str) -> String {
        count(*number.borrow(), noun)
    }

    fn agree<'w>(&self, number: impl Borrow<u64>, singular: &'w str, plural: &'w str) -> &'w str {
        wording::agree(*number.borrow(), singular, plural)
    }

    fn some_number(&self, number: &Option<i64>) -> String {
        words::some_number(*number)
    }

    fn to_do(&self, action: &Action) -> &'static str {
        words::to_do(*action)
    }

    fn spaced(&self, name: &str) -> String {
        words::spaced(name)
    }

    fn shown(&self, text: &str) -> String {
        words::shown(text)
    }

    /// Whether accounts carry a weight.
    fn has_weight(&self) -> bool {
        self.cards.iter().any(|card| card.weight.is_some())
    }
}

/// The states that occur, those with the most accounts first.
fn states(manifest: &PageManifest) -> Vec<StateRow> {
    let of =
        |counts: &BTreeMap<String, u64>, state: &State| counts.get(state.name()).copied().unwrap_or_default();
    let counts = &manifest.counts;
    let mut states: Vec<(u64, u64, &State)> = State::ALL
        .iter()
        .map(|state| (of(&counts.accounts_by_state, state), of(&counts.domains_by_state, state), state))
        .filter(|(accounts, domains, _)| accounts + domains > 0)
        .collect();
    states.sort_by_key(|(accounts, ..)| Reverse(*accounts));
    let row = |(accounts, domains, state): (u64, u64, &State)| StateRow {
        state: words::spaced(state.name()),
        accounts: grouped(accounts),
        domains: if *state == State::Reregistered { "–".to_owned() } else { grouped(domains) },
    };
    states.into_iter().map(row).collect()
}

/// The changes by kind, in words.
fn change_counts(manifest: &PageManifest) -> Vec<String> {
    let Some(changes) = &manifest.changes else { return Vec::new() };
    let known = Change::NAMES.iter();
    let told = known.filter_map(|name| Some((name, changes.get(*name)?)));
    told.map(|(name, [domains, accounts])| {
        format!("{} {} ({})", count(*domains, "domain"), words::spaced(name), count(*accounts, "account"))
    })
    .collect()
}
