//! The accounts of a finished report, the most urgent first.
//!
//! The table of accounts is read slice by slice, and every line is sorted by urgency ([`crate::report::urgent`]), so memory
//! is bounded whatever the number of accounts. All of the report is read before the first line is written: a damaged
//! report is an error, never half a list.

mod rows;
mod table;

use std::io::{self, BufWriter, Write};

use crate::assess::{Action, Risk, State};
use crate::cli::{ShowArgs, ShowFormat};
use crate::command::{Output, Stream};
use crate::error::{Error, Result};
use crate::report::accounts;
use crate::report::finished::Report;
use crate::report::urgent::cells::write_header;
use crate::report::urgent::lines::LineSorter;
use crate::table::read::TableReader;

use rows::{COLUMNS, ShownRows};

/// Bytes of lines in memory.
const MOST_BYTES: usize = 64 << 20;
/// Accounts in a table, unless another limit was given.
const ROWS_OF_A_TABLE: usize = 15;

/// Writes lines.
type WriteLines = dyn FnOnce(&mut dyn Write) -> io::Result<()>;

/// Shows the accounts of a report.
pub(crate) fn run(args: &ShowArgs) -> Result<Output> {
    let report = Report::open(&args.report)?;
    let format = args.format.unwrap_or_default();
    let limit = match (args.limit, format) {
        (None, ShowFormat::Table) => Some(ROWS_OF_A_TABLE),
        (limit, _) => limit.filter(|limit| *limit > 0),
    };
    let table = report.table("accounts")?;
    let missing = table.missing(COLUMNS);
    if !missing.is_empty() {
        let what = format!("`accounts.parquet` has no column `{}`", missing.join("`, `"));
        return Err(Error::failure(&args.report, what).hint("audit again with this version"));
    }
    let extra = extra_columns(&table);
    let names: Vec<&str> = COLUMNS.iter().copied().chain(extra.iter().map(String::as_str)).collect();
    let mut table = table.select(&names)?;

    let as_of = report.as_of()?;
    let mut sorter = LineSorter::new(&std::env::temp_dir(), MOST_BYTES, limit);
    let mut reader = ShownRows::new(format, AccountFilter::of(args), &extra, as_of);
    loop {
        let before = table.rows_read();
        let Some(slice) = table.next_slice()? else { break };
        reader.read(&slice, before, &mut sorter)?;
    }
    let (counts, lines) = (reader.counts, sorter.finish());

    let mut output = Output::default();
    let write: Box<WriteLines> = match format {
        ShowFormat::Table => {
            output.text = table::answer(&counts, &as_of);
            let shown = limit.map_or(u64::MAX, |limit| limit as u64).min(counts.matching());
            Box::new(move |out| table::write(&lines, counts.matching() - shown, out))
        }
        ShowFormat::Csv => Box::new(move |out| {
            let mut header = Vec::new();
            write_header(&extra, &mut header);
            out.write_all(&header)?;
            lines.visit(|line| out.write_all(line))
        }),
        ShowFormat::Ndjson => Box::new(move |out| lines.visit(|line| out.write_all(line))),
    };
    output.stream = Some(Stream(Box::new(|out| {
        let mut out = BufWriter::new(out);
        write(&mut out)?;
        out.flush().map(|()| Vec::new())
    })));
    output.warn_of(&report);
    Ok(output)
}

/// The columns that only some reports have: address or hash, and those that were carried.
fn extra_columns(table: &TableReader) -> Vec<String> {
    let declared = accounts::table().head().columns;
    let is_extra = |name: &&str| match declared.iter().find(|column| column.name == *name) {
        Some(column) => matches!(&*column.name, "email" | "email_hash"),
        None => true,
    };
    table.names().filter(is_extra).map(str::to_owned).collect()
}

/// Which accounts are wanted; an empty list wants all.
struct AccountFilter {
    actions: Vec<Action>,
    risks: Vec<Risk>,
    states: Vec<State>,
}

impl AccountFilter {
    fn of(args: &ShowArgs) -> Self {
        Self {
            actions: args.action.iter().filter_map(|name| Action::from_name(name)).collect(),
            risks: args.risk.iter().filter_map(|name| Risk::from_name(name)).collect(),
            states: args.state.iter().filter_map(|name| State::from_name(name)).collect(),
        }
    }

    fn wants(&self, action: Action, risk: Risk, state: State) -> bool {
        (self.actions.is_empty() || self.actions.contains(&action))
            && (self.risks.is_empty() || self.risks.contains(&risk))
            && (self.states.is_empty() || self.states.contains(&state))
    }
}

/// How many accounts there are.
#[derive(Debug, Clone, Copy, Default)]
struct ShownCounts {
    /// In the report.
    accounts: u64,
    /// Of these the wanted ones, by action.
    by_action: [u64; Action::ALL.len()],
}

impl ShownCounts {
    fn matching(&self) -> u64 {
        self.by_action.iter().sum()
    }
}
