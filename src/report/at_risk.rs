//! `at_risk.csv`: the accounts to unverify, review or notify, the most urgent first, with the reasons in words.
//!
//! It is for people, who open it in a spreadsheet, and for scripts that read no Parquet. Its lines are those of
//! `zonelapse show DIR --action unverify,review,notify --format csv`. They are made while the accounts are judged, from
//! the rows that need it alone, and sorted on disk if they are many. An address is in it only if `accounts.parquet` has
//! one too.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::urgent::AccountUrgency;
use super::urgent::cells::{ListedAccount, Reasons, write_header};
use super::urgent::lines::{LineSorter, Lines};
use crate::assess::Action;
use crate::assess::accounts::{AccountJudge, JudgedFrame};
use crate::census::rows::MISSING;
use crate::error::{Error, Result};
use crate::time::{Day, Moment};

/// The name of the file.
pub(crate) const AT_RISK_FILE: &str = "at_risk.csv";

/// Bytes of lines in memory; more are sorted on disk.
const MOST_BYTES: usize = 32 << 20;

/// The list as it is collected.
#[derive(Debug)]
pub(crate) struct AtRiskList {
    path: PathBuf,
    extra: Vec<String>,
    sorter: LineSorter,
}

impl AtRiskList {
    /// The list at `path`. `extra` are the names of the columns of address, hash and carried texts; lines that need room
    /// go to `scratch`.
    pub(crate) fn new(path: &Path, scratch: &Path, extra: Vec<String>) -> Self {
        Self { path: path.to_path_buf(), extra, sorter: LineSorter::new(scratch, MOST_BYTES, None) }
    }

    /// Adds the lines of a frame.
    pub(crate) fn add(&mut self, lines: Lines) -> Result<()> {
        self.sorter.add(lines)
    }

    /// Writes the list, synced.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { path, extra, sorter } = self;
        let lines = sorter.finish();
        let write = || {
            let mut file = BufWriter::new(File::create(&path)?);
            let mut header = Vec::new();
            write_header(&extra, &mut header);
            file.write_all(&header)?;
            lines.visit(|line| file.write_all(line))?;
            file.flush()?;
            file.get_ref().sync_all()
        };
        write().map_err(|error| Error::io(&path, "write", &error))
    }
}

/// Days from `today` to a drop, not below 0.
pub(crate) fn days_to_drop(earliest: Option<Day>, today: Day) -> Option<i64> {
    earliest.map(|day| i64::from(day.since(today).max(0)))
}

/// The lines of the accounts of a frame that are at risk.
pub(crate) fn lines(judge: &AccountJudge<'_>, frame: &JudgedFrame, number: usize, as_of: Moment) -> Lines {
    let is_listed = |action| matches!(action, Action::Unverify | Action::Review | Action::Notify);
    let reasons: Vec<Option<Reasons>> = frame
        .verdicts
        .iter()
        .map(|(verdict, _)| {
            is_listed(verdict.action).then(|| Reasons::of(verdict.rule, verdict.reasons.iter()))
        })
        .collect();
    let mut lines = Lines::default();
    if reasons.iter().all(Option::is_none) {
        return lines;
    }
    let sources: Vec<String> = judge.files.iter().map(|file| file.path.display().to_string()).collect();
    let rows = &frame.rows;
    let mut columns: Vec<_> = rows.address.iter().chain(&rows.carried).map(|texts| texts.iter()).collect();
    let mut extra = Vec::with_capacity(columns.len());
    for (row, account_id) in rows.id.iter().enumerate() {
        extra.clear();
        extra.extend(columns.iter_mut().map(|column| column.next().flatten()));
        let verdict = &frame.verdicts[frame.numbers[row] as usize].0;
        let Some(reasons) = &reasons[frame.numbers[row] as usize] else { continue };
        let mail = &frame.mail[frame.mail_places[row] as usize];
        let known = |value: i64| (value != MISSING).then_some(value);
        let account = ListedAccount {
            action: verdict.action,
            risk: verdict.risk,
            state: verdict.state,
            account_id,
            judged_domain: Some(judge.judgement.domains[mail.shared.domain as usize].name),
            mail_domain: Some(&judge.mail_domains[mail.number as usize].name),
            earliest_drop_on: verdict.drop.earliest,
            latest_drop_on: verdict.drop.latest,
            days_to_drop: days_to_drop(verdict.drop.earliest, as_of.day()),
            tld: Some(judge.judgement.domains[mail.shared.domain as usize].tld()),
            accounts: Some(rows.stands_for(row) as i64),
            hands_changed_at: judge.hands_changed_at(mail.shared),
            weight: known(rows.weight[row]),
            verified_at: known(rows.verified_at[row]).map(Moment),
            action_before_breaker: verdict.action_before_breaker.map(Action::name),
            rule: verdict.rule,
            reasons,
            source: sources.get(rows.source[row] as usize).map(String::as_str),
            row: Some(rows.row[row] as i64),
            as_of,
            extra: &extra,
        };
        // frames are in the order of the input, and have fewer rows than 2^32
        let place = (number as u64) << 32 | row as u64;
        let urgency = AccountUrgency::of(
            (account.action, account.risk),
            account.earliest_drop_on,
            account.weight,
            place,
        );
        lines.push(urgency, |out| account.write_csv(out));
    }
    lines
}
