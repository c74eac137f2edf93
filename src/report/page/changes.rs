//! The domains whose risk differs from the report before, from `changes.parquet`.

use std::cmp::Reverse;

use super::top::{FirstRows, MOST_ROWS, TopRows};
use super::words;
use crate::assess::{Action, Risk};
use crate::error::Result;
use crate::report::changes::Change;
use crate::table::read::TableReader;
use crate::table::slice::TextColumn;
use crate::time::Day;

/// A domain whose risk changed.
#[derive(Debug)]
pub(super) struct ChangedDomain {
    pub(super) change: String,
    pub(super) domain: String,
    pub(super) before: String,
    pub(super) now: String,
    /// The risk now.
    pub(super) risk: Risk,
    pub(super) weight: Option<i64>,
    pub(super) drop: Option<Day>,
}

/// Sorts changes: what is worse first, and among these the worst.
type ChangeOrder = (Option<Change>, Reverse<(Option<Risk>, Option<Action>)>, Day, Reverse<Option<i64>>, u64);

/// Reads the table.
pub(super) fn read(table: TableReader) -> Result<FirstRows<ChangedDomain>> {
    let mut table = table.select(&[
        "kind",
        "judged_domain",
        "change",
        "state_before",
        "action_before",
        "state",
        "risk",
        "action",
        "weight",
        "earliest_drop_on",
    ])?;
    let mut top: TopRows<ChangeOrder, ChangedDomain> = TopRows::new(MOST_ROWS);
    loop {
        let before = table.rows_read() as u64;
        let Some(slice) = table.next_slice()? else { return Ok(top.finish()) };
        let [kind, domain, change] =
            [slice.texts("kind")?, slice.texts("judged_domain")?, slice.texts("change")?];
        let was = [slice.texts("state_before")?, slice.texts("action_before")?];
        let is = [slice.texts("state")?, slice.texts("action")?];
        let (risk, weight, drop) =
            (slice.texts("risk")?, slice.integers("weight")?, slice.days("earliest_drop_on")?);
        for row in (0..slice.rows()).filter(|row| kind.get(*row) == Some("domain")) {
            let named = change.get(row).unwrap_or_default();
            let risk = risk.get(row).and_then(Risk::from_name);
            let action = is[1].get(row).and_then(Action::from_name);
            let (day, weight) = (drop.get(row), weight.get(row));
            let order = (
                Change::from_name(named),
                Reverse((risk, action)),
                day.unwrap_or(Day(i32::MAX)),
                Reverse(weight),
                before + row as u64,
            );
            top.offer(order, || ChangedDomain {
                change: words::spaced(named),
                domain: words::shown(domain.get(row).unwrap_or_default()),
                before: verdict(&was, row, "not there"),
                now: verdict(&is, row, "gone"),
                risk: risk.unwrap_or(Risk::None),
                weight,
                drop: day,
            });
        }
    }
}

/// State and action.
fn verdict([state, action]: &[TextColumn; 2], row: usize, missing: &str) -> String {
    let Some(state) = state.get(row) else { return missing.to_owned() };
    let action = action.get(row).and_then(Action::from_name);
    let action = action.map(|action| format!(", {}", words::to_do(action))).unwrap_or_default();
    format!("{}{}", words::spaced(state), if action == ", none" { "" } else { &action })
}
