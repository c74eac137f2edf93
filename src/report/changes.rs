//! `changes.parquet`: what differs from an earlier report, by domain and by account.
//!
//! *At risk* means risk low or worse. What was unknown and is none now is no change of risk and has no row. The other way
//! round it has one: losing evidence is a change for whoever relied on it, and it is never `better`. First come the
//! accounts in input order, then those that are gone, then the domains by name, whose weight is known only then.

use std::collections::BTreeMap;
use std::path::Path;

use crate::assess::Risk;
use crate::assess::judged::JudgedDomain;
use crate::assess::previous::{Previous, Seen};
use crate::assess::tally::{DomainTally, add_accounts};
use crate::error::Result;
use crate::table::schema::TableSchema;
use crate::table::write::TableFile;
use crate::time::{Day, Moment};

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 16;

named_enum! {
    /// Kinds of change.
    pub(crate) enum Change {
        /// At risk, and was not before.
        NewlyAtRisk = "newly_at_risk",
        /// At a higher risk, or with a stronger action.
        Worse = "worse",
        /// At a lower risk, or with a weaker action.
        Better = "better",
        /// What was known is not known any more, because evidence is missing.
        NoLongerJudged = "no_longer_judged",
        /// Not at risk any more.
        Recovered = "recovered",
        /// At risk before, and not in this run.
        Gone = "gone",
    }
}

impl Change {
    /// The change between two reports; none if the risk did not change.
    pub(crate) fn between(before: Option<Seen>, now: Option<Seen>) -> Option<Self> {
        if let (Some(before), Some(now)) = (before, now)
            && before.is_lost_in(now)
        {
            return Some(Self::NoLongerJudged);
        }
        let before = before.filter(|before| before.is_at_risk());
        match (before, now) {
            (None, Some(now)) if now.is_at_risk() => Some(Self::NewlyAtRisk),
            (None, _) => None,
            (Some(_), None) => Some(Self::Gone),
            (Some(_), Some(now)) if now.risk == Risk::None => Some(Self::Recovered),
            (Some(before), Some(now)) => match (now.risk, now.action).cmp(&(before.risk, before.action)) {
                std::cmp::Ordering::Greater => Some(Self::Worse),
                std::cmp::Ordering::Less => Some(Self::Better),
                std::cmp::Ordering::Equal => None,
            },
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct ChangeRow<'a> {
    /// The account's identifier; none for a domain.
    pub(crate) account_id: Option<String>,
    /// Its mail domain; none for a domain.
    pub(crate) mail_domain: Option<&'a str>,
    /// The domain whose verdict the account has.
    pub(crate) judged_domain: &'a str,
    /// What changed.
    pub(crate) change: Change,
    /// What the earlier report says; none if it does not know it.
    pub(crate) before: Option<Seen>,
    /// What this one says; none if it is gone.
    pub(crate) now: Option<Seen>,
    /// The rule that decided; none if it is gone.
    pub(crate) rule: Option<&'static str>,
    /// The account's weight, or the sum of those at the domain.
    pub(crate) weight: Option<i64>,
    /// The first day on which someone else can register the domain.
    pub(crate) earliest_drop_on: Option<Day>,
    /// For how many accounts the row stands, or stood; they are counted, and no column.
    pub(crate) accounts: u64,
}

/// Declares the table.
pub(crate) fn table<'a>(as_of: Moment) -> TableSchema<[ChangeRow<'a>]> {
    let row = "a domain or an account whose risk differs from an earlier report";
    TableSchema::<[ChangeRow<'a>]>::new("changes", row)
        .word("kind", "domain or account", |rows, row| {
            Some(if rows[row].mail_domain.is_some() { "account" } else { "domain" })
        })
        .text("account_id", "the account's identifier; null for a domain", |rows, row| {
            rows[row].account_id.as_deref()
        })
        .word("mail_domain", "the account's mail domain; null for a domain", |rows, row| {
            rows[row].mail_domain
        })
        .word("judged_domain", "the domain whose verdict the account has", |rows, row| {
            Some(rows[row].judged_domain)
        })
        .word("change", "newly_at_risk, worse, better, no_longer_judged, recovered or gone", |rows, row| {
            Some(rows[row].change.name())
        })
        .word("state_before", "state in the earlier report; null if it does not know it", |rows, row| {
            Some(rows[row].before?.state.name())
        })
        .word("risk_before", "risk in the earlier report", |rows, row| Some(rows[row].before?.risk.name()))
        .integer(
            "risk_rank_before",
            "that risk as a number: 0 none, 1 unknown, 2 low … 5 critical",
            |rows, row| Some(rows[row].before?.risk.rank()),
        )
        .word("action_before", "action in the earlier report", |rows, row| {
            Some(rows[row].before?.action.name())
        })
        .word("state", "state in this report; null if gone", |rows, row| Some(rows[row].now?.state.name()))
        .word("risk", "risk in this report", |rows, row| Some(rows[row].now?.risk.name()))
        .integer("risk_rank", "that risk as a number", |rows, row| Some(rows[row].now?.risk.rank()))
        .word("action", "action in this report", |rows, row| Some(rows[row].now?.action.name()))
        .word("rule", "the rule that decided in this report; null if gone", |rows, row| rows[row].rule)
        .integer(
            "weight",
            "weight of the account, or of all accounts at the domain; null if gone",
            |rows, row| rows[row].weight,
        )
        .date("earliest_drop_on", "first day on which someone else can register the domain", |rows, row| {
            rows[row].earliest_drop_on
        })
        .moment_of_judgement(move |_| as_of)
}

/// The table as it is written.
pub(crate) struct ChangesTable<'a> {
    file: TableFile,
    as_of: Moment,
    rows: Vec<ChangeRow<'a>>,
    counts: ChangeCounts,
}

/// Changes by kind: domains, accounts.
pub(crate) type ChangeCounts = BTreeMap<&'static str, [u64; 2]>;

impl<'a> ChangesTable<'a> {
    /// Creates the table.
    pub(crate) fn create(path: &Path, as_of: Moment) -> Result<Self> {
        let file = TableFile::create(path, table(as_of).layout())?;
        Ok(Self { file, as_of, rows: Vec::new(), counts: ChangeCounts::new() })
    }

    /// Appends rows.
    pub(crate) fn add(&mut self, rows: impl IntoIterator<Item = ChangeRow<'a>>) -> Result<()> {
        for row in rows {
            let count = self.counts.entry(row.change.name()).or_default();
            match row.mail_domain {
                Some(_) => count[1] = add_accounts(count[1], row.accounts),
                None => count[0] += 1,
            }
            self.rows.push(row);
            if self.rows.len() == GROUP_ROWS {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.file.write(rows.len(), table(self.as_of).build(&rows))
    }

    /// Appends the accounts that are gone, then the domains, and finishes the table. `tallies` has one entry for each
    /// of `domains`.
    pub(crate) fn finish(
        mut self,
        previous: &'a Previous,
        domains: &[JudgedDomain<'a>],
        tallies: &[DomainTally],
    ) -> Result<ChangeCounts> {
        let gone =
            previous.accounts().gone().into_iter().map(|([id, mail, judged], accounts, before)| ChangeRow {
                accounts,
                account_id: Some(id.to_owned()),
                mail_domain: Some(mail),
                ..ChangeRow::gone(judged, before)
            });
        self.add(gone)?;
        let mut gone = previous.domains_at_risk().into_iter().peekable();
        for (domain, tally) in domains.iter().zip(tallies) {
            while let Some((name, before)) = gone.next_if(|(name, _)| *name < domain.name) {
                self.add([ChangeRow::gone(name, before)])?;
            }
            gone.next_if(|(name, _)| *name == domain.name);
            self.add(ChangeRow::of_domain(domain, previous.domain(domain.name), tally))?;
        }
        gone.try_for_each(|(name, before)| self.add([ChangeRow::gone(name, before)]))?;
        self.flush()?;
        self.file.finish()?;
        Ok(self.counts)
    }
}

impl<'a> ChangeRow<'a> {
    /// A domain that is not in this run.
    fn gone(name: &'a str, before: Seen) -> Self {
        Self {
            account_id: None,
            mail_domain: None,
            judged_domain: name,
            change: Change::Gone,
            before: Some(before),
            now: None,
            rule: None,
            weight: None,
            earliest_drop_on: None,
            accounts: 0,
        }
    }

    /// A domain, if anything changed.
    fn of_domain(domain: &JudgedDomain<'a>, before: Option<Seen>, tally: &DomainTally) -> Option<Self> {
        let verdict = &domain.verdict;
        let now = Some(Seen { state: verdict.state, risk: verdict.risk, action: verdict.action });
        Some(Self {
            account_id: None,
            mail_domain: None,
            judged_domain: domain.name,
            change: Change::between(before, now)?,
            before,
            now,
            rule: Some(verdict.rule),
            weight: tally.weight,
            earliest_drop_on: verdict.drop.earliest,
            accounts: tally.accounts,
        })
    }
}

impl std::fmt::Debug for ChangesTable<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangesTable").field("counts", &self.counts).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::{Action, State};

    #[track_caller]
    fn changes(before: Option<(State, Risk, Action)>, now: Option<(State, Risk, Action)>, expected: &str) {
        let seen = |(state, risk, action)| Seen { state, risk, action };
        let change = Change::between(before.map(seen), now.map(seen));
        assert_eq!(change.map_or("", Change::name), expected, "{before:?} {now:?}");
    }

    #[test]
    fn kinds() {
        let fine = Some((State::Active, Risk::None, Action::None));
        let unknown = Some((State::Unknown, Risk::Unknown, Action::Lookup));
        let low = Some((State::Expiring, Risk::Low, Action::Notify));
        let high = Some((State::Absent, Risk::High, Action::Lookup));
        let strong = Some((State::Redemption, Risk::High, Action::Unverify));
        let critical = Some((State::Available, Risk::Critical, Action::Unverify));
        changes(None, low, "newly_at_risk");
        changes(fine, high, "newly_at_risk");
        changes(unknown, low, "newly_at_risk");
        changes(low, high, "worse");
        changes(high, strong, "worse");
        changes(strong, critical, "worse");
        changes(strong, low, "better");
        changes(critical, strong, "better");
        changes(low, fine, "recovered");
        changes(high, fine, "recovered");
        changes(low, None, "gone");
        changes(low, low, "");
        changes(unknown, fine, "");
        changes(unknown, unknown, "");
        changes(None, fine, "");
        changes(None, unknown, "");
        changes(fine, None, "");
        changes(unknown, None, "");
    }

    /// Losing evidence is never `better`, and never passed over.
    #[test]
    fn lost_evidence() {
        let unknown = Some((State::Unknown, Risk::Unknown, Action::Lookup));
        let absent = Some((State::Absent, Risk::High, Action::Lookup));
        for state in State::ALL.iter().filter(|state| **state != State::Unknown) {
            for (risk, action) in [(Risk::None, Action::None), (Risk::Critical, Action::Unverify)] {
                changes(Some((*state, risk, action)), unknown, "no_longer_judged");
            }
        }
        // the registry's answer is not there any more
        for state in [State::Available, State::PendingDelete, State::Redemption] {
            changes(Some((state, Risk::High, Action::Unverify)), absent, "no_longer_judged");
            changes(Some((state, Risk::Critical, Action::Unverify)), absent, "no_longer_judged");
        }
        changes(absent, Some((State::Absent, Risk::Critical, Action::Lookup)), "worse");
        // nor is the sign that it changed hands
        let hands = Some((State::Reregistered, Risk::Critical, Action::Unverify));
        changes(hands, Some((State::Active, Risk::None, Action::None)), "no_longer_judged");
        changes(hands, Some((State::Reregistered, Risk::Critical, Action::Review)), "better");
        changes(hands, Some((State::PendingDelete, Risk::Critical, Action::Unverify)), "");
    }
}
