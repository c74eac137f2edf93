//! What the page tells of domains, gathered in one pass over `domains.parquet`.
//!
//! Of most domains there is nothing to tell, and only few columns of them are looked at. Lists keep no more rows than the
//! page shows, counts are by day and by top-level domain, so memory does not grow with the accounts.

use std::cmp::Reverse;

use super::calendar::DropCalendar;
use super::hands::{HandsColumns, HandsRow};
use super::servers::ServerRow;
use super::top::{FirstRows, MOST_ROWS, TopRows};
use super::unjudged::UnjudgedPlaces;
use super::words;
use crate::assess::account::explain_rule;
use crate::assess::{Action, Reason, Risk, State};
use crate::error::{Error, Result};
use crate::table::read::TableReader;
use crate::table::slice::{DayColumn, IntegerColumn, Slice, TextColumn, TextListColumn};
use crate::time::Day;

/// A domain to deal with.
#[derive(Debug)]
pub(super) struct DomainRow {
    pub(super) action: Action,
    pub(super) risk: Risk,
    pub(super) state: State,
    pub(super) domain: String,
    /// Why, in a sentence.
    pub(super) why: String,
    /// What else was noticed.
    pub(super) also: Vec<&'static str>,
    /// The accounts to deal with.
    pub(super) accounts: u64,
    /// The weight of all accounts at it.
    pub(super) weight: Option<i64>,
    /// When others can register it.
    pub(super) window: String,
    /// A circuit breaker holds it back.
    pub(super) is_held: bool,
}

/// Sorts domains to deal with: the most urgent first, then in the order of the table.
type DomainUrgency = (Reverse<(Action, Risk)>, Day, Reverse<u64>, u64);

/// As what domains are listed that are at risk through servers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownAs {
    /// The domain of the server is, which the table of servers has.
    Servers,
    /// Each of them is, for there is no such table.
    Domains,
}

/// What the page tells of domains.
#[derive(Debug)]
pub(super) struct DomainsTold {
    by_servers: ShownAs,
    today: Day,
    act: TopRows<DomainUrgency, DomainRow>,
    later: TopRows<DomainUrgency, DomainRow>,
    hands: TopRows<(Reverse<(Action, u64)>, u64), HandsRow>,
    pub(super) calendar: DropCalendar,
    pub(super) unjudged: UnjudgedPlaces,
}

/// The lists of domains.
#[derive(Debug)]
pub(super) struct DomainLists {
    /// Those with accounts to unverify or to review.
    pub(super) act: FirstRows<DomainRow>,
    /// Those to look up or to notify.
    pub(super) later: FirstRows<DomainRow>,
    /// Those that changed hands.
    pub(super) hands: FirstRows<HandsRow>,
}

/// The rule that says no more than that nothing is known.
const NO_EVIDENCE: &str = "unknown.no_evidence";

/// The columns that are read.
const COLUMNS: [&str; 24] = [
    "judged_domain",
    "tld",
    "accounts",
    "accounts_unverify",
    "accounts_review",
    "accounts_reregistered",
    "weight",
    "state",
    "risk",
    "action",
    "action_before_breaker",
    "rule",
    "reasons",
    "zone",
    "earliest_drop_on",
    "latest_drop_on",
    "hands_changed_at",
    "registered_at",
    "reinstantiated_at",
    "reregistered_at",
    "lapse_seen_at",
    "gap_to",
    "registrar",
    "mail_risk_below",
];

/// The columns of a slice.
struct DomainColumns {
    judged_domain: TextColumn,
    tld: TextColumn,
    /// All, to unverify, to review, verified before it changed hands.
    accounts: [IntegerColumn; 4],
    weight: IntegerColumn,
    verdict: [TextColumn; 3],
    action_before_breaker: TextColumn,
    rule: TextColumn,
    reasons: TextListColumn,
    zone: TextColumn,
    drop: [DayColumn; 2],
    hands: HandsColumns,
    /// The risk at mail domains below it, by their own mail servers.
    risk_below: TextColumn,
}

/// A row of the table, as far as it decides what becomes of it.
struct DomainFacts {
    action: Action,
    risk: Risk,
    state: State,
    accounts: u64,
    unverify: u64,
    review: u64,
    reregistered: u64,
    earliest: Option<Day>,
    risk_below: Option<Risk>,
}

impl DomainsTold {
    /// Reads the table.
    pub(super) fn read(table: TableReader, by_servers: ShownAs, today: Day) -> Result<Self> {
        let missing = table.missing(COLUMNS);
        if !missing.is_empty() {
            let what = format!("`domains.parquet` has no column `{}`", missing.join("`, `"));
            return Err(Error::placeless(what).hint("audit again with this version"));
        }
        let mut table = table.select(&COLUMNS)?;
        let mut told = Self {
            by_servers,
            today,
            act: TopRows::new(MOST_ROWS),
            later: TopRows::new(MOST_ROWS),
            hands: TopRows::new(MOST_ROWS),
            calendar: DropCalendar::new(today),
            unjudged: UnjudgedPlaces::new(),
        };
        loop {
            let before = table.rows_read() as u64;
            let Some(slice) = table.next_slice()? else { return Ok(told) };
            let columns = DomainColumns::of(&slice)?;
            for row in 0..slice.rows() {
                told.add(&columns, row, before + row as u64)?;
            }
        }
    }

    /// The lists of domains.
    pub(super) fn finish(self) -> (DomainLists, DropCalendar, UnjudgedPlaces) {
        let Self { act, later, hands, calendar, unjudged, .. } = self;
        let lists = DomainLists { act: act.finish(), later: later.finish(), hands: hands.finish() };
        (lists, calendar, unjudged)
    }

    fn add(&mut self, columns: &DomainColumns, row: usize, number: u64) -> Result<()> {
        let facts = columns.facts(row).ok_or_else(|| {
            let what = format!(
                "domains.parquet: row {}: a state, risk or action that this version does not know",
                number + 1
            );
            Error::placeless(what).hint("use the version that wrote the report")
        })?;
        let DomainFacts { action, risk, state, unverify, review, reregistered, .. } = facts;
        if let Some(day) = facts.earliest {
            let name = || words::shown(columns.judged_domain.get(row).unwrap_or_default());
            self.calendar.add(day, (facts.accounts, unverify), number, name);
        }
        if state == State::Unknown {
            let text = |column: &TextColumn| column.get(row).map(str::to_owned);
            let place = (text(&columns.tld).unwrap_or_default(), text(&columns.zone));
            let place = self.unjudged.entry(place).or_default();
            let accounts = facts.accounts - reregistered.min(facts.accounts);
            place.domains += 1;
            place.accounts += accounts;
            columns.whys(row).for_each(|why| *place.whys.entry_ref(why).or_default() += accounts);
        }
        let is_server_shown = |is_by_servers| self.by_servers == ShownAs::Servers && is_by_servers;
        // what is lost only below it is shown as the domain of the server; it may be listed itself for another reason
        let is_lost = unverify + review > 0 && !is_server_shown(columns.is_lost_below(row, &facts));
        if is_server_shown(columns.is_by_servers(row, &facts)) {
            // the domain of the server is shown instead
        } else if is_lost {
            let action = if unverify > 0 { Action::Unverify } else { Action::Review };
            let risk = if reregistered > 0 { Risk::Critical } else { risk };
            let key = self.urgency((action, risk), &facts, unverify + review, number);
            self.act.offer(key, || columns.domain_row(row, &facts, (action, risk), self.today));
        } else if matches!(action, Action::Lookup | Action::Notify) && state != State::Unknown {
            let key = self.urgency((action, risk), &facts, facts.accounts, number);
            self.later.offer(key, || columns.domain_row(row, &facts, (action, risk), self.today));
        }
        if reregistered > 0 {
            let action = match (unverify, review) {
                (1.., _) => Action::Unverify,
                (0, 1..) => Action::Review,
                (0, 0) => Action::None,
            };
            let key = (Reverse((action, reregistered)), number);
            self.hands.offer(key, || HandsRow {
                domain: columns.domain(row),
                accounts: reregistered,
                all: facts.accounts,
                weight: columns.weight.get(row),
                changed: columns.hands.changed_on(row),
                sign: columns.hands.sign(row),
                registrar: columns.hands.registrar(row),
                action,
            });
        }
        Ok(())
    }

    /// Adds the domain of a server in place of what it exposes.
    pub(super) fn add_server(&mut self, server: &ServerRow) {
        let Some(row) = server.as_domain() else { return };
        let list = match row.action {
            Action::Unverify | Action::Review => &mut self.act,
            Action::Lookup | Action::Notify => &mut self.later,
            Action::None => return,
        };
        let day = server.earliest.map_or(Day(i32::MAX), |day| day.max(self.today));
        // the order of the table is that of accounts
        list.offer((Reverse((row.action, row.risk)), day, Reverse(row.accounts), u64::MAX), || row);
    }

    fn urgency(
        &self,
        verdict: (Action, Risk),
        facts: &DomainFacts,
        accounts: u64,
        number: u64,
    ) -> DomainUrgency {
        // days that are over are all alike
        let day = facts.earliest.map_or(Day(i32::MAX), |day| day.max(self.today));
        (Reverse(verdict), day, Reverse(accounts), number)
    }
}

impl DomainColumns {
    fn of(slice: &Slice) -> Result<Self> {
        Ok(Self {
            judged_domain: slice.texts("judged_domain")?,
            tld: slice.texts("tld")?,
            accounts: [
                slice.integers("accounts")?,
                slice.integers("accounts_unverify")?,
                slice.integers("accounts_review")?,
                slice.integers("accounts_reregistered")?,
            ],
            weight: slice.integers("weight")?,
            verdict: [slice.texts("action")?, slice.texts("risk")?, slice.texts("state")?],
            action_before_breaker: slice.texts("action_before_breaker")?,
            rule: slice.texts("rule")?,
            reasons: slice.text_lists("reasons")?,
            zone: slice.texts("zone")?,
            drop: [slice.days("earliest_drop_on")?, slice.days("latest_drop_on")?],
            hands: HandsColumns::of(slice)?,
            risk_below: slice.texts("mail_risk_below")?,
        })
    }

    /// None if this version does not know a word of the verdict.
    fn facts(&self, row: usize) -> Option<DomainFacts> {
        let [action, risk, state] = self.verdict.each_ref().map(|column| column.get(row));
        let [accounts, unverify, review, reregistered] = self
            .accounts
            .each_ref()
            .map(|column| column.get(row).and_then(|number| u64::try_from(number).ok()).unwrap_or_default());
        Some(DomainFacts {
            action: Action::from_name(action?)?,
            risk: Risk::from_name(risk?)?,
            state: State::from_name(state?)?,
            accounts,
            unverify,
            review,
            reregistered,
            earliest: self.drop[0].get(row),
            risk_below: self.risk_below.get(row).and_then(Risk::from_name),
        })
    }

    /// Whether only servers bring the risk of a registered domain, and nobody decided.
    fn is_by_servers(&self, row: usize, facts: &DomainFacts) -> bool {
        // in these states nothing else brings such a risk
        let is_held = matches!(facts.state, State::Active | State::Expiring | State::Unknown);
        facts.reregistered == 0 && is_held && facts.risk >= Risk::High && !self.is_decided(row)
    }

    /// Whether accounts are lost only at mail domains below it, by their own mail servers, and nobody decided.
    fn is_lost_below(&self, row: usize, facts: &DomainFacts) -> bool {
        let is_below = facts.action < Action::Review && facts.risk_below.is_some();
        facts.reregistered == 0 && is_below && !self.is_decided(row)
    }

    fn is_decided(&self, row: usize) -> bool {
        let mut reasons = self.reasons.get(row).into_iter().flatten();
        reasons.any(|reason| reason == Reason::OverrideApplied.name())
    }

    /// Why a domain could not be judged: the rule, or the reasons where the rule only says that nothing is known.
    fn whys(&self, row: usize) -> impl Iterator<Item = &str> {
        let rule = self.rule.get(row).filter(|rule| *rule != NO_EVIDENCE);
        // that no zone covers it stands beside the reasons
        let is_told = move |reason: &&str| rule.is_none() && *reason != Reason::ZoneNone.name();
        let reasons = self.reasons.get(row).into_iter().flatten().filter(is_told);
        rule.into_iter().chain(reasons)
    }

    fn domain(&self, row: usize) -> String {
        words::shown(self.judged_domain.get(row).unwrap_or_default())
    }

    fn domain_row(
        &self,
        row: usize,
        facts: &DomainFacts,
        (action, risk): (Action, Risk),
        today: Day,
    ) -> DomainRow {
        let own = explain_rule(self.rule.get(row).unwrap_or_default()).map_or("", |(words, _)| words);
        let is_by_hands = facts.reregistered > 0 && facts.action < action;
        let hands = || {
            let changed = self.hands.changed_on(row);
            let when = changed.map(|day| format!(" on {day}")).unwrap_or_default();
            format!("changed hands{when}, after these accounts were verified")
        };
        let reasons = self.reasons.get(row).into_iter().flatten();
        DomainRow {
            action,
            risk,
            state: facts.state,
            domain: self.domain(row),
            why: if is_by_hands { hands() } else { own.to_owned() },
            also: reasons.filter_map(Reason::from_name).map(Reason::explanation).collect(),
            accounts: match action {
                Action::Unverify | Action::Review => facts.unverify + facts.review,
                _ => facts.accounts,
            },
            weight: self.weight.get(row),
            window: words::window(facts.state, facts.earliest, self.drop[1].get(row), today),
            is_held: self.action_before_breaker.get(row).is_some(),
        }
    }
}
