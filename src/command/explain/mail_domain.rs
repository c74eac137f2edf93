//! What a finished report tells of one mail domain, from its rows of `accounts.parquet`.
//!
//! MX records are about one mail domain, but `domains.parquet` has those of all mail domains at a domain together, with the
//! verdict on the domain itself. What was judged of another mail domain at it only its accounts tell: those with the rule
//! of the domain have the verdict of the mail domain. An account can have more against it, so the mildest is taken.
//! Which of several mail domains a host is from no table tells, and this does not guess it.

use hashbrown::{HashMap, HashSet};

use super::row::DomainRow;
use crate::assess::{Action, Reason, Risk};
use crate::error::Result;
use crate::report::finished::{Report, known};
use crate::table::slice::{IntegerColumn, Slice, TextColumn, TextListColumn};

/// The columns that are read.
const COLUMNS: [&str; 8] = [
    "mail_domain",
    "judged_domain",
    "accounts",
    "rule",
    "risk",
    "action",
    "action_before_breaker",
    "reasons",
];

/// What the accounts of a report tell of the mail domains that were asked for, by judged domain.
#[derive(Debug, Default)]
pub(super) struct MailDomains<'q> {
    judged: HashMap<&'q str, AtJudgedDomain<'q>>,
}

/// What they tell of those at one judged domain.
#[derive(Debug)]
struct AtJudgedDomain<'q> {
    /// The rule of the domain.
    rule: &'q str,
    /// The mail domains that were asked for.
    asked: HashMap<&'q str, AtMailDomain>,
    /// All mail domains that are judged by it.
    all: HashSet<String>,
}

/// What they tell of one.
#[derive(Debug, Default)]
pub(super) struct AtMailDomain {
    /// Whether any account is at it.
    is_there: bool,
    /// The accounts at it.
    pub(super) accounts: i64,
    /// Whether another mail domain is judged by the same domain.
    pub(super) has_others: bool,
    /// The verdict on it; none if no account has it.
    verdict: Option<MailDomainVerdict>,
}

/// What was judged of a mail domain, where it can differ from what was judged of the domain.
#[derive(Debug)]
struct MailDomainVerdict {
    risk: Risk,
    action: Action,
    action_before_breaker: Option<Action>,
    reasons: Vec<Reason>,
}

/// The columns of a slice.
struct MailDomainColumns {
    mail_domain: TextColumn,
    judged_domain: TextColumn,
    accounts: IntegerColumn,
    rule: TextColumn,
    /// Risk, action, and the action before a circuit breaker.
    verdict: [TextColumn; 3],
    reasons: TextListColumn,
}

impl<'q> MailDomains<'q> {
    /// Reads the accounts at these mail domains, each with the row that it is judged by. Where no mail server is known
    /// nothing is read, for then the row tells all.
    pub(super) fn read(
        report: &Report,
        asked: impl Iterator<Item = (&'q str, &'q DomainRow)>,
    ) -> Result<Self> {
        let mut found = Self::default();
        for (mail, row) in asked.filter(|(_, row)| row.mail_servers.is_some()) {
            let rule = row.rule.as_str();
            let new = || AtJudgedDomain { rule, asked: HashMap::new(), all: HashSet::new() };
            found.judged.entry(&row.judged_domain).or_insert_with(new).asked.entry(mail).or_default();
        }
        if found.judged.is_empty() {
            return Ok(found);
        }
        let mut table = report.table("accounts")?.select(&COLUMNS)?;
        while let Some(slice) = table.next_slice()? {
            let columns = MailDomainColumns::of(&slice)?;
            for row in 0..slice.rows() {
                let judged = columns.judged_domain.get(row).and_then(|judged| found.judged.get_mut(judged));
                judged.map_or(Ok(()), |judged| judged.add(&columns, row))?;
            }
        }
        for AtJudgedDomain { asked, all, .. } in found.judged.values_mut() {
            asked.iter_mut().for_each(|(mail, at)| at.has_others = all.iter().any(|other| other != mail));
        }
        Ok(found)
    }

    /// What is told of a mail domain; none if its row tells all.
    pub(super) fn get(&self, mail_domain: &str, judged_domain: &str) -> Option<&AtMailDomain> {
        self.judged.get(judged_domain)?.asked.get(mail_domain)
    }
}

impl MailDomainColumns {
    fn of(slice: &Slice) -> Result<Self> {
        Ok(Self {
            mail_domain: slice.texts("mail_domain")?,
            judged_domain: slice.texts("judged_domain")?,
            accounts: slice.integers("accounts")?,
            rule: slice.texts("rule")?,
            verdict: [slice.texts("risk")?, slice.texts("action")?, slice.texts("action_before_breaker")?],
            reasons: slice.text_lists("reasons")?,
        })
    }
}

impl AtJudgedDomain<'_> {
    /// Adds an account that is judged by it.
    fn add(&mut self, columns: &MailDomainColumns, row: usize) -> Result<()> {
        let mail = columns.mail_domain.get(row).unwrap_or_default();
        if !self.all.contains(mail) {
            self.all.insert(mail.to_owned());
        }
        let Some(at) = self.asked.get_mut(mail) else { return Ok(()) };
        at.is_there = true;
        at.accounts = at.accounts.saturating_add(columns.accounts.get(row).unwrap_or(1));
        if columns.rule.get(row) == Some(self.rule) { at.add(columns, row) } else { Ok(()) }
    }
}

impl AtMailDomain {
    /// Adds the verdict on an account, if it is milder than those before.
    fn add(&mut self, columns: &MailDomainColumns, row: usize) -> Result<()> {
        let [risk, action, before] = columns.verdict.each_ref().map(|column| column.get(row));
        let risk = known("risk", risk.and_then(Risk::from_name))?;
        let action = known("action", action.and_then(Action::from_name))?;
        if self.verdict.as_ref().is_some_and(|known| (known.risk, known.action) <= (risk, action)) {
            return Ok(());
        }
        let names = columns.reasons.get(row).into_iter().flatten();
        let reasons = names.map(|name| known("reasons", Reason::from_name(name)));
        let mut reasons = reasons.collect::<Result<Vec<Reason>>>()?;
        reasons.retain(|reason| !reason.is_of_account());
        let action_before_breaker = before.and_then(Action::from_name);
        self.verdict = Some(MailDomainVerdict { risk, action, action_before_breaker, reasons });
        Ok(())
    }

    /// The row as it is for this mail domain: its verdict, and of the servers those that can be its own.
    pub(super) fn apply(&self, row: &DomainRow) -> DomainRow {
        let mut row = row.clone();
        if let Some(verdict) = &self.verdict {
            (row.risk, row.risk_rank) = (verdict.risk, Some(verdict.risk.rank()));
            (row.action, row.action_before_breaker) = (verdict.action, verdict.action_before_breaker);
            row.reasons.clone_from(&verdict.reasons);
        }
        let is_open = row.has(Reason::MxHijackable) || row.has(Reason::MxSoonHijackable);
        if !self.is_there || (self.verdict.is_some() && !is_open) {
            row.hijackable_mail_servers.clear();
        }
        if !self.is_there {
            (row.mail_servers, row.mail_servers_seen_at) = (None, None);
        } else if row.has(Reason::MxNone) {
            row.mail_servers = Some(Vec::new());
        }
        row
    }

    /// What the report does not tell of it.
    pub(super) fn notes(&self, mail_domain: &str, row: &DomainRow) -> Vec<String> {
        let name = &row.judged_domain;
        let mut notes = Vec::new();
        if !self.is_there {
            notes.push(format!(
                "no account of the report is at {mail_domain}, so its own mail servers were not judged: the verdict is that \
                 of {name}"
            ));
        } else if self.verdict.is_none() {
            notes.push(format!(
                "all accounts at {mail_domain} were verified before {name} changed hands, so the report does not tell what its \
                 own mail servers add: the verdict is that of {name}"
            ));
        }
        if self.is_there && self.has_others && !row.has(Reason::MxNone) {
            notes.push(format!(
                "the report has the mail servers of all mail domains at {name} together, and does not tell which of them are \
                 those of {mail_domain}"
            ));
        }
        if let Some(risk) = row.mail_risk_below.as_ref().filter(|_| mail_domain == name) {
            notes.push(format!(
                "the mail of a mail domain below {name} can be taken over, now or soon: the risk there is {risk}"
            ));
        }
        notes
    }
}
