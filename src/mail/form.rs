//! How a file of MX data is written, by what it begins with. Its name does not count.
//!
//! A table is one whose header names a column of domains and one of mail servers, or, without a header, one in which a
//! column of domain names and a column of hosts can be told. What is certainly something else is refused with a remedy:
//! accounts, a web page, a spreadsheet.

use std::ops::Range;
use std::path::Path;

use super::batch::MxBatch;
use super::columns::{MxColumns, MxRole, is_mx};
use super::host::{HostText, each_host, read_preference};
use super::lines::DnsLine;
use super::table::{MxTable, grammar};
use super::{json, lines};
use crate::error::{Error, Hint};
use crate::escape::sample;
use crate::input::accounts::elements::{JsonCutter, JsonElement, JsonElements};
use crate::input::accounts::fields::{split_plain, split_quoted};
use crate::input::accounts::records::{CsvRecord, CsvRecords};
use crate::input::accounts::{CsvCutter, RecordCutter, looks_like_a_name, mark_of};
use crate::input::source::{Head, LineCutter};
use crate::input::without_marks;
use crate::name::MailDomain;
use crate::time::{BareDate, Moment};
use crate::wording::{count, first_of};

/// Bytes of text that tell the form.
pub(super) const HEAD_BYTES: u64 = 1 << 20;
/// Records that are looked at in a table without a header.
const SAMPLED: usize = 50;
/// The delimiters that are tried, the most common first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MxForm {
    /// A table of text.
    Table(MxTable),
    /// A JSON object on each line.
    ObjectLines,
    /// JSON objects anywhere.
    Objects,
    /// Records as `dig` prints them.
    Lines,
    /// Apache Parquet.
    Parquet,
}

impl MxForm {
    /// Tells the form of a file.
    pub(super) fn tell(head: &Head, path: &Path) -> Result<Self, Error> {
        let text = without_marks(&head.text);
        if text.starts_with(b"PAR1") {
            return Ok(Self::Parquet);
        }
        if text.is_empty() {
            return Err(Error::failure(path, "it is empty"));
        }
        if let Some((found, remedy)) = mark_of(text) {
            return Err(Error::failure(path, format!("{found}, {EXPECTED}")).hint(remedy));
        }
        if text.starts_with(b"{") || text.starts_with(b"[") {
            let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
            let alone = JsonElements::of(first, true).next() == Some(JsonElement::Object(0..first.len()));
            return Ok(if alone { Self::ObjectLines } else { Self::Objects });
        }
        let start = head.text.len() - text.len();
        let told = text.split(|byte| *byte == b'\n').take(SAMPLED).find_map(|line| {
            let line = String::from_utf8_lossy(line);
            match DnsLine::of(&line) {
                DnsLine::Blank => None,
                kind => Some((is_directive(&line), kind != DnsLine::Unknown)),
            }
        });
        match told {
            Some((true, _)) => {
                let what = format!("a master file with names relative to `$ORIGIN`, {EXPECTED}");
                Err(Error::failure(path, what)
                    .hint("write its records with whole names, as `dig example.com MX` prints them"))
            }
            // only comments: whatever it is, there is no record in it
            Some((false, true)) | None => Ok(Self::Lines),
            Some((false, false)) => tell_table(head, start, path).map(Self::Table),
        }
    }

    /// Its name, for the manifest.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Table(_) => "table",
            Self::ObjectLines | Self::Objects => "json",
            Self::Lines => "records",
            Self::Parquet => "parquet",
        }
    }

    /// Where its records end.
    pub(super) fn cutter(&self) -> RecordCutter {
        match self {
            Self::Table(table) => {
                RecordCutter::Csv(CsvCutter::new(grammar(table.delimiter), table.data_start))
            }
            Self::Objects => RecordCutter::Json(JsonCutter),
            Self::ObjectLines | Self::Lines | Self::Parquet => RecordCutter::Lines(LineCutter),
        }
    }

    /// Reads a piece of text that begins with this line; the first piece of a table without its header.
    pub(super) fn read(&self, text: &[u8], line: u64, batch: &mut MxBatch<'_>) {
        match self {
            Self::Table(table) => table.read(text, line, batch),
            Self::ObjectLines => json::read_lines(text, line, batch),
            Self::Objects => json::read_elements(text, line, batch),
            Self::Lines => lines::read(text, line, batch),
            // it has no text
            Self::Parquet => {}
        }
    }

    /// Where the data start, in bytes.
    pub(super) fn data_start(&self) -> usize {
        match self {
            Self::Table(table) => table.data_start,
            _ => 0,
        }
    }
}

/// How many columns a message lists.
const LISTED: usize = 30;

const EXPECTED: &str = "expected mail servers";

fn is_directive(line: &str) -> bool {
    line.trim_start().starts_with('$') || line.starts_with("@ ") || line.starts_with("@\t")
}

/// Tells the columns of a table.
fn tell_table(head: &Head, start: usize, path: &Path) -> Result<MxTable, Error> {
    let records = |delimiter: u8| first_records(head, start, delimiter);
    for delimiter in DELIMITERS {
        if let Some((header, end)) = records(delimiter).first()
            && let Some(columns) = MxColumns::find(header)
        {
            return Ok(MxTable { delimiter, columns, data_start: *end });
        }
    }
    let all = DELIMITERS.iter().flat_map(|delimiter| records(*delimiter));
    let hold_address = all.into_iter().any(|(fields, _)| fields.iter().any(|field| field.contains('@')));
    if hold_address {
        let what = format!("looks like accounts, {EXPECTED}");
        return Err(Error::failure(path, what).hint(Hint::SwapInputs));
    }
    for delimiter in DELIMITERS {
        let records: Vec<Vec<String>> = records(delimiter).into_iter().map(|(fields, _)| fields).collect();
        if let Some(columns) = columns_by_content(&records) {
            return Ok(MxTable { delimiter, columns, data_start: start });
        }
    }
    let widest = DELIMITERS.iter().filter_map(|delimiter| records(*delimiter).into_iter().next());
    let first = widest.map(|(fields, _)| fields).max_by_key(Vec::len).unwrap_or_default();
    // a first line without a single known name may be data, and no cell is shown
    let is_header = first.iter().any(|name| MxRole::ALL.iter().any(|role| role.rank(name).is_some()));
    Err(no_columns(&first, is_header, path))
}

/// The error of a table without the columns that are needed.
pub(super) fn no_columns(header: &[String], is_header: bool, path: &Path) -> Error {
    let names = |role: MxRole| role.names()[..3].join("`, `");
    let are_names = header.iter().all(|name| name.is_empty() || looks_like_a_name(name));
    let found = match is_header && are_names {
        true => {
            first_of(header.iter().map(|name| format!("`{}`", sample(name))), LISTED, "column").join(", ")
        }
        false => format!("{}, which may be data", count(header.len() as u64, "field")),
    };
    let what = format!(
        "expected a column of domains (`{}`, …) and one of mail servers (`{}`, …), found {found}",
        names(MxRole::Name),
        names(MxRole::Host)
    );
    Error::failure(path, what).hint("name the columns `domain` and `mx`; `preference` and `date` may follow")
}

/// The fields of the first records, each with the place where the record ends.
fn first_records(head: &Head, start: usize, delimiter: u8) -> Vec<(Vec<String>, usize)> {
    let text = head.text.as_slice();
    let (mut fields, mut unquoted) = (Vec::new(), Vec::new());
    let mut records = CsvRecords::new(text, grammar(delimiter), head.is_whole);
    records.skip_to(start);
    let mut found = Vec::new();
    while let Some(record) = records.next() {
        let CsvRecord::Sound { content, quotes, .. } = record else { continue };
        if content.is_empty() {
            continue;
        }
        let text = if quotes {
            split_quoted(&text[content], delimiter, &mut unquoted, &mut fields);
            unquoted.as_slice()
        } else {
            split_plain(text, content, delimiter, &mut fields);
            text
        };
        let field = |range: &Range<usize>| String::from_utf8_lossy(&text[range.clone()]).trim().to_owned();
        found.push((fields.iter().map(field).collect(), records.at()));
        if found.len() == SAMPLED {
            break;
        }
    }
    found
}

/// The columns of a table without a header. All records that were looked at must fit.
fn columns_by_content(records: &[Vec<String>]) -> Option<MxColumns> {
    let width = records.first()?.len();
    if width < 2 || records.iter().any(|record| record.len() != width) {
        return None;
    }
    let mut taken: Vec<usize> = Vec::new();
    let mut find = |is_one: &dyn Fn(&str) -> bool| {
        let holds = |place: &usize| {
            let mut cells = records
                .iter()
                .map(|record| record[*place].as_str())
                .filter(|cell| !cell.is_empty())
                .peekable();
            cells.peek().is_some() && cells.all(is_one)
        };
        let place = (0..width).find(|place| !taken.contains(place) && holds(place));
        taken.extend(place);
        place
    };
    let name = find(&|cell| !cell.contains(' ') && MailDomain::normalize(cell).is_ok())?;
    let kind = find(&is_mx);
    let host = find(&are_hosts)?;
    let preference = find(&|cell| matches!(read_preference(cell), Some(Some(_))));
    let date = find(&|cell| Moment::read(cell, BareDate::Start).is_some());
    Some(MxColumns { width, name, host, preference, date, kind, status: None })
}

/// Whether a cell holds names of hosts, and nothing else.
fn are_hosts(cell: &str) -> bool {
    let mut are_names = true;
    let read = each_host(cell, None, &mut |_, host| {
        are_names &= match HostText::read(host) {
            HostText::Named(name) => name.contains('.'),
            HostText::Null | HostText::Address => true,
            HostText::Malformed => false,
        };
    });
    are_names && read.is_ok_and(|hosts| hosts > 0)
}
