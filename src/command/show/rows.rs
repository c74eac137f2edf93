//! Rows of `accounts.parquet` as lines.
//!
//! A slice is cut into pieces that are worked on side by side and added in their order. A row that cannot be among the
//! first few is left before its line is made.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::{AccountFilter, ShownCounts, table};
use crate::assess::{Action, Reason, Risk, State};
use crate::cli::ShowFormat;
use crate::error::{Error, Result};
use crate::report::urgent::AccountUrgency;
use crate::report::urgent::cells::{ListedAccount, Reasons};
use crate::report::urgent::lines::{LineSorter, Lines};
use crate::table::slice::{DayColumn, IntegerColumn, MomentColumn, Slice, TextColumn, TextListColumn};
use crate::time::Moment;

/// The columns that every report has.
pub(super) const COLUMNS: [&str; 19] = [
    "action",
    "risk",
    "state",
    "account_id",
    "judged_domain",
    "mail_domain",
    "earliest_drop_on",
    "latest_drop_on",
    "days_to_drop",
    "weight",
    "verified_at",
    "hands_changed_at",
    "action_before_breaker",
    "rule",
    "reasons",
    "source",
    "row",
    "tld",
    "accounts",
];

/// Rows of a piece.
const PIECE: usize = 1 << 13;

/// Makes lines of rows.
pub(super) struct ShownRows<'a> {
    format: ShowFormat,
    filter: AccountFilter,
    extra: &'a [String],
    as_of: Moment,
    /// What was read so far.
    pub(super) counts: ShownCounts,
}

/// The columns of a slice.
struct AccountColumns {
    verdict: [TextColumn; 3],
    account_id: TextColumn,
    domains: [TextColumn; 2],
    drop: [DayColumn; 2],
    days_to_drop: IntegerColumn,
    weight: IntegerColumn,
    accounts: IntegerColumn,
    tld: TextColumn,
    verified_at: MomentColumn,
    hands_changed_at: MomentColumn,
    action_before_breaker: TextColumn,
    rule: TextColumn,
    reasons: TextListColumn,
    source: TextColumn,
    row: IntegerColumn,
    extra: Vec<TextColumn>,
}

/// The reasons of the verdicts of a piece, by rule and names.
type KnownReasons = HashMap<String, Reasons, foldhash::fast::FixedState>;

impl<'a> ShownRows<'a> {
    /// Reads rows for a list in this form.
    pub(super) fn new(format: ShowFormat, filter: AccountFilter, extra: &'a [String], as_of: Moment) -> Self {
        Self { format, filter, extra, as_of, counts: ShownCounts::default() }
    }

    /// Adds the rows of a slice; `before` are the rows before it.
    pub(super) fn read(&mut self, slice: &Slice, before: usize, sorter: &mut LineSorter) -> Result<()> {
        let columns = AccountColumns::of(slice, self.extra)?;
        let starts: Vec<usize> = (0..slice.rows()).step_by(PIECE).collect();
        let piece = |start: &usize| {
            let rows = *start..(*start + PIECE).min(slice.rows());
            let unknown = |row: usize| {
                let what = format!(
                    "row {}: an action, risk or state that this version does not know",
                    before + row + 1
                );
                Error::placeless(what).hint("use the version that wrote the report")
            };
            let (mut lines, mut counts, mut known) =
                (Lines::default(), ShownCounts::default(), KnownReasons::default());
            for row in rows {
                let verdict = columns.verdict(row).ok_or_else(|| unknown(row))?;
                let accounts = columns.accounts.get(row).map_or(1, i64::unsigned_abs);
                counts.accounts = counts.accounts.saturating_add(accounts);
                let (action, risk, state) = verdict;
                if self.filter.wants(action, risk, state) {
                    let sum = &mut counts.by_action[action as usize];
                    *sum = sum.saturating_add(accounts);
                    let (day, weight) = (columns.drop[0].get(row), columns.weight.get(row));
                    let urgency = AccountUrgency::of((action, risk), day, weight, (before + row) as u64);
                    if sorter.wants(urgency) {
                        self.push(&columns, row, verdict, &mut known, (urgency, &mut lines))?;
                    }
                }
            }
            Ok((lines, counts))
        };
        let pieces: Vec<Result<_>> = starts.par_iter().map(piece).collect();
        for piece in pieces {
            let (lines, counts) = piece?;
            self.counts.add(&counts);
            sorter.add(lines)?;
        }
        Ok(())
    }

    fn push(
        &self,
        columns: &AccountColumns,
        row: usize,
        verdict: (Action, Risk, State),
        known: &mut KnownReasons,
        (urgency, lines): (AccountUrgency, &mut Lines),
    ) -> Result<()> {
        let rule = columns.rule.get(row).unwrap_or_default();
        let extra: Vec<Option<&str>> = columns.extra.iter().map(|column| column.get(row)).collect();
        let (action, risk, state) = verdict;
        let account = ListedAccount {
            action,
            risk,
            state,
            account_id: columns.account_id.get(row),
            judged_domain: columns.domains[0].get(row),
            mail_domain: columns.domains[1].get(row),
            earliest_drop_on: columns.drop[0].get(row),
            latest_drop_on: columns.drop[1].get(row),
            days_to_drop: columns.days_to_drop.get(row),
            weight: columns.weight.get(row),
            tld: columns.tld.get(row),
            accounts: columns.accounts.get(row),
            as_of: self.as_of,
            verified_at: columns.verified_at.get(row),
            hands_changed_at: columns.hands_changed_at.get(row),
            action_before_breaker: columns.action_before_breaker.get(row),
            rule,
            reasons: columns.reasons(row, rule, known),
            source: columns.source.get(row),
            row: columns.row.get(row),
            extra: &extra,
        };
        let mut written = Ok(());
        lines.push(urgency, |out| match self.format {
            ShowFormat::Table => table::write_cells(&account, out),
            ShowFormat::Csv => account.write_csv(out),
            ShowFormat::Ndjson => written = account.write_json(self.extra, out),
        });
        written
    }
}

impl ShownCounts {
    fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.by_action.iter_mut().zip(other.by_action).for_each(|(sum, count)| *sum += count);
    }
}

impl AccountColumns {
    fn of(slice: &Slice, extra: &[String]) -> Result<Self> {
        Ok(Self {
            verdict: [slice.texts("action")?, slice.texts("risk")?, slice.texts("state")?],
            account_id: slice.texts("account_id")?,
            domains: [slice.texts("judged_domain")?, slice.texts("mail_domain")?],
            drop: [slice.days("earliest_drop_on")?, slice.days("latest_drop_on")?],
            days_to_drop: slice.integers("days_to_drop")?,
            weight: slice.integers("weight")?,
            accounts: slice.integers("accounts")?,
            tld: slice.texts("tld")?,
            verified_at: slice.moments("verified_at")?,
            hands_changed_at: slice.moments("hands_changed_at")?,
            action_before_breaker: slice.texts("action_before_breaker")?,
            rule: slice.texts("rule")?,
            reasons: slice.text_lists("reasons")?,
            source: slice.texts("source")?,
            row: slice.integers("row")?,
            extra: extra.iter().map(|name| slice.any_as_texts(name)).collect::<Result<_>>()?,
        })
    }

    /// None if this version does not know one of the three.
    fn verdict(&self, row: usize) -> Option<(Action, Risk, State)> {
        let [action, risk, state] = self.verdict.each_ref().map(|column| column.get(row));
        Some((Action::from_name(action?)?, Risk::from_name(risk?)?, State::from_name(state?)?))
    }

    fn reasons<'k>(&self, row: usize, rule: &str, known: &'k mut KnownReasons) -> &'k Reasons {
        let mut key = rule.to_owned();
        for name in self.reasons.get(row).into_iter().flatten() {
            key.push(' ');
            key.push_str(name);
        }
        known.entry_ref(key.as_str()).or_insert_with(|| {
            let names = key.split(' ').skip(1);
            Reasons::of(rule, names.filter_map(Reason::from_name))
        })
    }
}
