//! What is told of one name, in the shape of the JSON that it is printed as.

use serde::Serialize;

use super::clock::ToldClock;
use super::row::{DomainRow, OpenServer};
use super::served::ToldServed;
use super::timeline::TimelineEvent;
use crate::assess::account::{AccountVerdict, explain_rule};
use crate::assess::raises::RAISES;
use crate::assess::rules::RULES;
use crate::assess::{Action, Reason, Risk, State};
use crate::time::Moment;

/// The answer about one name.
#[derive(Debug, Serialize)]
pub(super) struct Explanation {
    /// As it was typed.
    pub(super) asked: String,
    pub(super) mail_domain: String,
    /// The moment of judgement.
    pub(super) as_of: Moment,
    /// The report that the evidence is from.
    pub(super) report: Option<String>,
    /// The time of verification that was given.
    pub(super) verified_at: Option<Moment>,
    /// The account's, if a time was given, else the domain's.
    pub(super) verdict: ToldVerdict,
    /// What raised risk or action above those of the rule.
    pub(super) raised_by: Option<ToldReason>,
    /// The verdict by the next rule that applies. A report does not tell it.
    pub(super) otherwise: Option<NextRule>,
    /// The mail servers of the mail domain; none if nothing is known of them.
    pub(super) mail_servers: Option<ToldMailServers>,
    /// What else bears on the evidence, in words.
    pub(super) notes: Vec<String>,
    /// The evidence: a row of `domains.parquet`.
    pub(super) domain: DomainRow,
    /// How many accounts the report has at the domain.
    pub(super) accounts: Option<AccountsInReport>,
    /// What servers in the domain serve, by the report.
    pub(super) serves: Vec<ToldServed>,
    pub(super) clock: ToldClock,
    pub(super) timeline: Vec<TimelineEvent>,
    /// What evidence would settle or change the verdict.
    pub(super) to_change: Vec<String>,
}

/// The mail servers of a mail domain, or of all mail domains at a judged domain in a report.
#[derive(Debug, Serialize)]
pub(super) struct ToldMailServers {
    /// When they were seen; none if the data have no date.
    pub(super) seen_at: Option<Moment>,
    /// The hosts that can be looked up; none where the domain takes no mail.
    pub(super) servers: Vec<ToldMailServer>,
}

/// One of them.
#[derive(Debug, Serialize)]
pub(super) struct ToldMailServer {
    pub(super) host: String,
    /// A report does not tell it.
    pub(super) preference: Option<u16>,
    /// The domain to register, if others can have its mail.
    pub(super) takeover: Option<OpenServer>,
}

impl ToldMailServers {
    /// Those of a row; `preference` is that of a host.
    pub(super) fn of(row: &DomainRow, preference: impl Fn(&str) -> Option<u16>) -> Option<Self> {
        let server = |host: &String| ToldMailServer {
            host: host.clone(),
            preference: preference(host),
            takeover: row.hijackable_mail_servers.iter().find(|server| server.host == *host).cloned(),
        };
        let servers = row.mail_servers.as_ref()?.iter().map(server).collect();
        Some(Self { seen_at: row.mail_servers_seen_at, servers })
    }
}

/// A verdict with its reasons in words.
#[derive(Debug, Serialize)]
pub(super) struct ToldVerdict {
    pub(super) state: State,
    pub(super) risk: Risk,
    pub(super) risk_rank: i64,
    pub(super) action: Action,
    pub(super) action_before_breaker: Option<Action>,
    pub(super) rule: String,
    /// What the rule means.
    pub(super) explanation: String,
    /// Where the rule is from.
    pub(super) source: String,
    pub(super) reasons: Vec<ToldReason>,
}

/// A reason in words.
#[derive(Debug, Serialize)]
pub(super) struct ToldReason {
    pub(super) reason: Reason,
    pub(super) explanation: &'static str,
}

/// The rule that would decide if the one that does did not apply.
#[derive(Debug, Serialize)]
pub(super) struct NextRule {
    pub(super) state: State,
    pub(super) rule: &'static str,
    pub(super) explanation: &'static str,
}

/// The accounts of a report at a domain.
#[derive(Debug, Serialize)]
pub(super) struct AccountsInReport {
    pub(super) accounts: i64,
    /// How many of them are at the mail domain, where that was looked up.
    pub(super) at_mail_domain: Option<i64>,
    pub(super) unverify: i64,
    pub(super) review: i64,
    pub(super) weight: Option<i64>,
}

impl ToldVerdict {
    /// That of a domain.
    pub(super) fn of_domain(row: &DomainRow) -> Self {
        let verdict = (row.state, row.risk, row.action, row.action_before_breaker);
        Self::of(verdict, &row.rule, row.reasons.iter().copied())
    }

    /// That of an account.
    pub(super) fn of_account(account: &AccountVerdict) -> Self {
        let verdict = (account.state, account.risk, account.action, account.action_before_breaker);
        Self::of(verdict, account.rule, account.reasons.iter())
    }

    fn of(
        (state, risk, action, action_before_breaker): (State, Risk, Action, Option<Action>),
        rule: &str,
        reasons: impl Iterator<Item = Reason>,
    ) -> Self {
        let (explanation, source) = explain_rule(rule).unwrap_or_default();
        Self {
            state,
            risk,
            risk_rank: risk.rank(),
            action,
            action_before_breaker,
            rule: rule.to_owned(),
            explanation: explanation.to_owned(),
            source: source.to_owned(),
            reasons: reasons.map(ToldReason::of).collect(),
        }
    }
}

impl ToldReason {
    fn of(reason: Reason) -> Self {
        Self { reason, explanation: reason.explanation() }
    }
}

/// What raised a risk above that of the rule of a domain.
pub(super) fn raised_by(rule: &str, risk: Risk, has: impl Fn(Reason) -> bool) -> Option<ToldReason> {
    let rule = RULES.iter().find(|known| known.name == rule)?;
    let raise = RAISES.iter().find(|raise| has(raise.reason) && raise.risk == risk)?;
    (rule.risk < risk).then_some(ToldReason { reason: raise.reason, explanation: raise.explanation })
}
