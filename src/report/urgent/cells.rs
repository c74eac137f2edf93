//! An account as a line of CSV or of NDJSON, with the reasons in words.
//!
//! The columns are declared once, for both forms and for both places where the values come from: frames of accounts that
//! are being judged, and the table of a finished report. In CSV a missing value is an empty cell, a list has a blank
//! between its items, and texts are made harmless ([`super::inert`]). NDJSON has the values to the letter.

use serde::ser::{SerializeMap, Serializer};

use super::inert;
use crate::assess::account::explain_rule;
use crate::assess::{Action, Reason, Risk, State};
use crate::error::{Error, Result};
use crate::escape;
use crate::time::{Day, Moment};

/// An account as it is listed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedAccount<'r> {
    /// What to do.
    pub(crate) action: Action,
    /// The risk.
    pub(crate) risk: Risk,
    /// The state.
    pub(crate) state: State,
    /// The account's identifier.
    pub(crate) account_id: Option<&'r str>,
    /// The domain whose verdict it has.
    pub(crate) judged_domain: Option<&'r str>,
    /// The domain of its address.
    pub(crate) mail_domain: Option<&'r str>,
    /// The top-level domain.
    pub(crate) tld: Option<&'r str>,
    /// How many accounts it stands for.
    pub(crate) accounts: Option<i64>,
    /// The first day on which others can register the domain.
    pub(crate) earliest_drop_on: Option<Day>,
    /// The last such day if the holder does nothing.
    pub(crate) latest_drop_on: Option<Day>,
    /// Days from as-of to the first of them.
    pub(crate) days_to_drop: Option<i64>,
    /// Its weight.
    pub(crate) weight: Option<i64>,
    /// When its address was verified.
    pub(crate) verified_at: Option<Moment>,
    /// The latest moment at which its domain is known to have changed hands.
    pub(crate) hands_changed_at: Option<Moment>,
    /// The action that a circuit breaker changed.
    pub(crate) action_before_breaker: Option<&'r str>,
    /// The rule that decided.
    pub(crate) rule: &'r str,
    /// Its reasons.
    pub(crate) reasons: &'r Reasons,
    /// The input file.
    pub(crate) source: Option<&'r str>,
    /// The record of that file.
    pub(crate) row: Option<i64>,
    /// The moment of judgement.
    pub(crate) as_of: Moment,
    /// Address, hash and carried columns, as far as the report has them.
    pub(crate) extra: &'r [Option<&'r str>],
}

/// Why an account has its verdict. Few are distinct, so they are made once and shared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reasons {
    /// The names of the reasons.
    names: Vec<&'static str>,
    /// What rule and reasons mean.
    why: String,
}

impl Reasons {
    /// Those of a verdict. What this version does not know is left out of the words, never of the names.
    pub(crate) fn of(rule: &str, reasons: impl Iterator<Item = Reason>) -> Self {
        let reasons: Vec<Reason> = reasons.collect();
        let words = explain_rule(rule).map(|(words, _)| words).into_iter();
        let words: Vec<&str> = words.chain(reasons.iter().map(|reason| reason.explanation())).collect();
        Self { names: reasons.iter().map(|reason| reason.name()).collect(), why: words.join("; ") }
    }
}

/// A value of a column.
enum ListedCell<'r> {
    /// Words of ours.
    Word(Option<&'r str>),
    /// A text of strangers.
    Text(Option<&'r str>),
    Number(Option<i64>),
    Day(Option<Day>),
    Moment(Option<Moment>),
    Words(&'r [&'static str]),
}

/// What a column shows of an account.
type ListedCellOf = for<'r> fn(&'r ListedAccount<'_>) -> ListedCell<'r>;

/// The columns that all lists have; those in [`ListedAccount::extra`] come after them.
const COLUMNS: [(&str, ListedCellOf); 22] = [
    ("action", |account| ListedCell::Word(Some(account.action.name()))),
    ("risk", |account| ListedCell::Word(Some(account.risk.name()))),
    ("state", |account| ListedCell::Word(Some(account.state.name()))),
    ("account_id", |account| ListedCell::Text(account.account_id)),
    ("judged_domain", |account| ListedCell::Text(account.judged_domain)),
    ("mail_domain", |account| ListedCell::Text(account.mail_domain)),
    ("earliest_drop_on", |account| ListedCell::Day(account.earliest_drop_on)),
    ("latest_drop_on", |account| ListedCell::Day(account.latest_drop_on)),
    ("days_to_drop", |account| ListedCell::Number(account.days_to_drop)),
    ("weight", |account| ListedCell::Number(account.weight)),
    ("verified_at", |account| ListedCell::Moment(account.verified_at)),
    ("hands_changed_at", |account| ListedCell::Moment(account.hands_changed_at)),
    ("action_before_breaker", |account| ListedCell::Word(account.action_before_breaker)),
    ("rule", |account| ListedCell::Word(Some(account.rule))),
    ("reasons", |account| ListedCell::Words(&account.reasons.names)),
    (WHY, |account| ListedCell::Word(Some(&account.reasons.why))),
    ("source", |account| ListedCell::Text(account.source)),
    ("row", |account| ListedCell::Number(account.row)),
    ("risk_rank", |account| ListedCell::Number(Some(account.risk.rank()))),
    ("tld", |account| ListedCell::Text(account.tld)),
    ("accounts", |account| ListedCell::Number(account.accounts)),
    ("as_of", |account| ListedCell::Moment(Some(account.as_of))),
];

/// The column that the table of accounts lacks: rule and reasons in words.
pub(crate) const WHY: &str = "why";

/// The header of a CSV file.
pub(crate) fn write_header(extra: &[String], out: &mut Vec<u8>) {
    let names = COLUMNS.iter().map(|(name, _)| *name).chain(extra.iter().map(String::as_str));
    for (place, name) in names.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        inert::write_cell(name, out);
    }
    out.push(b'\n');
}

impl ListedAccount<'_> {
    /// Appends the account as a line of CSV.
    pub(crate) fn write_csv(&self, out: &mut Vec<u8>) {
        for (place, (_, cell)) in COLUMNS.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            match cell(self) {
                ListedCell::Word(text) | ListedCell::Text(text) => {
                    inert::write_cell(text.unwrap_or_default(), out)
                }
                ListedCell::Number(number) => write_some(number, out),
                ListedCell::Day(day) => write_some(day, out),
                ListedCell::Moment(moment) => write_some(moment, out),
                ListedCell::Words(words) => inert::write_cell(&words.join(" "), out),
            }
        }
        for text in self.extra {
            out.push(b',');
            inert::write_cell(text.unwrap_or_default(), out);
        }
        out.push(b'\n');
    }

    /// Appends the account as an object on one line; `extra` are the names of the further columns.
    pub(crate) fn write_json(&self, extra: &[String], out: &mut Vec<u8>) -> Result<()> {
        let mut json = Vec::new();
        self.serialize(extra, &mut serde_json::Serializer::new(&mut json)).map_err(Error::internal)?;
        let json = String::from_utf8(json).map_err(Error::internal)?;
        // what a terminal obeys only occurs within its texts, and the escapes are those of JSON
        out.extend_from_slice(escape::line(&json).as_bytes());
        out.push(b'\n');
        Ok(())
    }

    fn serialize<S: Serializer>(
        &self,
        extra: &[String],
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(COLUMNS.len() + extra.len()))?;
        for (name, cell) in COLUMNS {
            match cell(self) {
                ListedCell::Word(text) | ListedCell::Text(text) => map.serialize_entry(name, &text),
                ListedCell::Number(number) => map.serialize_entry(name, &number),
                ListedCell::Day(day) => map.serialize_entry(name, &day),
                ListedCell::Moment(moment) => map.serialize_entry(name, &moment),
                ListedCell::Words(words) => map.serialize_entry(name, words),
            }?;
        }
        extra.iter().zip(self.extra).try_for_each(|(name, text)| map.serialize_entry(name, text))?;
        map.end()
    }
}

fn write_some(value: Option<impl std::fmt::Display>, out: &mut Vec<u8>) {
    use std::io::Write;
    if let Some(value) = value {
        // memory takes everything
        let _ = write!(out, "{value}");
    }
}
