//! Accounts as a table for a terminal of 80 columns: how many, then the most urgent, grouped by action and risk.
//!
//! Domains and identifiers may be of any length; what does not fit is cut at a `…`. CSV and NDJSON have all of it.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::escape;
use crate::report::summary::answer_line;
use crate::report::urgent::cells::ListedAccount;
use crate::report::urgent::lines::SortedLines;
use crate::time::Moment;
use crate::wording::{count, grouped};

use super::ShownCounts;

/// Columns of a terminal.
const WIDTH: usize = 80;
/// The widest column of domains.
const DOMAIN_WIDTH: usize = 36;
/// Rows whose domains make the column of domains as wide as it is.
const LOOKED_AT: usize = 1000;
/// Octets between the cells of a stored line. No cell has it: control characters are escaped.
const BETWEEN: char = '\t';

/// How many accounts there are for each action, and of how many this is.
pub(super) fn answer(counts: &ShownCounts, as_of: &Moment) -> String {
    let answer = answer_line(|action| counts.by_action[action as usize]);
    let (all, matching) = (count(counts.accounts, "account"), counts.matching());
    let which = if matching == counts.accounts { all } else { format!("{} of {all}", grouped(matching)) };
    let as_of = as_of.day_or_time();
    format!("{answer}\n{which}, judged as of {as_of}\n")
}

/// Appends what the table shows of an account.
pub(super) fn write_cells(account: &ListedAccount<'_>, out: &mut Vec<u8>) {
    let day = account.earliest_drop_on.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let text = |text: Option<&str>| escape::line(text.unwrap_or("-")).into_owned();
    let cells = [
        account.action.name(),
        account.risk.name(),
        account.state.name(),
        &day,
        &text(account.judged_domain),
        &text(account.account_id),
    ];
    for cell in cells {
        out.extend_from_slice(cell.as_bytes());
        out.extend_from_slice(BETWEEN.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// A row as it was stored.
struct ShownRow {
    cells: [String; 6],
}

impl ShownRow {
    fn of(line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(line);
        let mut cells = text.split(BETWEEN).map(str::to_owned);
        Self { cells: std::array::from_fn(|_| cells.next().unwrap_or_default()) }
    }
}

/// Writes the rows; `left` is how many more there are.
pub(super) fn write(lines: &SortedLines, left: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut waiting = Vec::new();
    let mut writer = ShownTable { domain_width: None, group: String::new(), out };
    lines.visit(|line| {
        let row = ShownRow::of(line);
        if writer.domain_width.is_some() {
            return writer.write(&row);
        }
        waiting.push(row);
        if waiting.len() == LOOKED_AT { writer.write_first(&mut waiting) } else { Ok(()) }
    })?;
    if writer.domain_width.is_none() {
        writer.write_first(&mut waiting)?;
    }
    if left > 0 {
        let more = grouped(left);
        writeln!(out, "\nand {more} more: `--limit N` shows more of them, `--format csv` all")?;
    }
    Ok(())
}

/// Writes rows, a heading before each group.
struct ShownTable<'o> {
    /// Not known before the first rows are.
    domain_width: Option<usize>,
    group: String,
    out: &'o mut dyn Write,
}

impl ShownTable<'_> {
    fn write_first(&mut self, rows: &mut Vec<ShownRow>) -> io::Result<()> {
        let widest = rows.iter().map(|row| row.cells[4].chars().count()).max().unwrap_or(0);
        let width = widest.clamp("domain".len(), DOMAIN_WIDTH);
        self.domain_width = Some(width);
        if !rows.is_empty() {
            writeln!(self.out, "\n  {:<15} {:<10}  {:<width$}  account", "state", "free from", "domain")?;
        }
        rows.drain(..).try_for_each(|row| self.write(&row))
    }

    fn write(&mut self, row: &ShownRow) -> io::Result<()> {
        let [action, risk, state, day, domain, id] = &row.cells;
        let group = format!("{action}, risk {risk}");
        if group != self.group {
            writeln!(self.out, "{group}")?;
            self.group = group;
        }
        let width = self.domain_width.unwrap_or(DOMAIN_WIDTH);
        let mut line = format!("  {state:<15} {day:<10}  {:<width$}  ", cut(domain, width));
        let _ = write!(line, "{}", cut(id, WIDTH.saturating_sub(line.chars().count())));
        writeln!(self.out, "{}", line.trim_end())
    }
}

/// The text, or its beginning with a mark that it is cut.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
