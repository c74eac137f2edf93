//! `changes.parquet`: what differs from an earlier report, by domain and by account.
//!
//! *At risk* means risk low or worse. What was unknown and is none now, or the other way round, is no change of
//! risk and has no row. First come the domains, by name, then the accounts in input order, then those that are gone.

use std::collections::BTreeMap;
use std::path::Path;

use crate::assess::Risk;
use crate::assess::judged::JudgedDomain;
use crate::assess::previous::{Previous, Seen};
use crate::error::Result;
use crate::table::schema::TableSchema;
use crate::table::write::TableFile;
use crate::time::Moment;

/// Rows of a row group.
const GROUP_ROWS: usize = 1 << 16;

named_enum! {
    /// Kinds of change.
    pub(crate) enum Change {
        /// At risk, and was not before.
        NewlyAtRisk = "newly_at_risk",
        /// At a higher risk, or with a stronger action.
        Worse = "worse",
        /// At a lower risk, or with a weaker action, or nothing is known any more.
        Better = "better",
        /// Not at risk any more.
        Recovered = "recovered",
        /// At risk before, and not in this run.
        Gone = "gone",
    }
}

impl Change {
    /// The change between two reports; none if the risk did not change.
    pub(crate) fn between(before: Option<Seen>, now: Option<Seen>) -> Option<Self> {
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
        .word("change", "newly_at_risk, worse, better, recovered or gone", |rows, row| {
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
        .as_of(move |_| as_of)
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
    /// Creates the table with the changes of domains.
    pub(crate) fn create(
        path: &Path,
        previous: &'a Previous,
        domains: &[JudgedDomain<'a>],
        as_of: Moment,
    ) -> Result<Self> {
        let file = TableFile::create(path, table(as_of).layout())?;
        let mut table = Self { file, as_of, rows: Vec::new(), counts: ChangeCounts::new() };
        let row = |judged_domain, before, now| {
            let change = Change::between(before, now)?;
            Some(ChangeRow { account_id: None, mail_domain: None, judged_domain, change, before, now })
        };
        let mut gone = previous.domains_at_risk().into_iter().peekable();
        for domain in domains {
            while let Some((name, before)) = gone.next_if(|(name, _)| *name < domain.name) {
                table.add(row(name, Some(before), None))?;
            }
            gone.next_if(|(name, _)| *name == domain.name);
            let verdict = &domain.verdict;
            let now = Seen { state: verdict.state, risk: verdict.risk, action: verdict.action };
            table.add(row(domain.name, previous.domain(domain.name), Some(now)))?;
        }
        gone.try_for_each(|(name, before)| table.add(row(name, Some(before), None)))?;
        Ok(table)
    }

    /// Appends rows.
    pub(crate) fn add(&mut self, rows: impl IntoIterator<Item = ChangeRow<'a>>) -> Result<()> {
        for row in rows {
            let count = self.counts.entry(row.change.name()).or_default();
            count[usize::from(row.mail_domain.is_some())] += 1;
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

    /// Appends the accounts that are gone, and finishes the table.
    pub(crate) fn finish(mut self, previous: &'a Previous) -> Result<ChangeCounts> {
        let gone = previous.accounts().gone().into_iter().map(|([id, mail, judged], before)| ChangeRow {
            account_id: Some(id.to_owned()),
            mail_domain: Some(mail),
            judged_domain: judged,
            change: Change::Gone,
            before: Some(before),
            now: None,
        });
        self.add(gone)?;
        self.flush()?;
        self.file.finish()?;
        Ok(self.counts)
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
    fn changes(before: Option<(Risk, Action)>, now: Option<(Risk, Action)>, expected: Option<Change>) {
        let seen = |(risk, action)| Seen { state: State::Active, risk, action };
        assert_eq!(Change::between(before.map(seen), now.map(seen)), expected);
    }

    #[test]
    fn kinds() {
        let (none, unknown) = (Some((Risk::None, Action::None)), Some((Risk::Unknown, Action::Lookup)));
        let (low, high) = (Some((Risk::Low, Action::Notify)), Some((Risk::High, Action::Lookup)));
        let strong = Some((Risk::High, Action::Unverify));
        changes(None, low, Some(Change::NewlyAtRisk));
        changes(none, high, Some(Change::NewlyAtRisk));
        changes(unknown, low, Some(Change::NewlyAtRisk));
        changes(low, high, Some(Change::Worse));
        changes(high, strong, Some(Change::Worse));
        changes(strong, high, Some(Change::Better));
        changes(low, unknown, Some(Change::Better));
        changes(low, none, Some(Change::Recovered));
        changes(low, None, Some(Change::Gone));
        changes(low, low, None);
        changes(none, unknown, None);
        changes(unknown, none, None);
        changes(None, none, None);
        changes(none, None, None);
    }
}
