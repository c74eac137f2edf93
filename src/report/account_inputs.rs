//! The files of accounts as the manifest lists them: their rows, how their lines became rows, bytes that are not UTF-8.

use std::collections::BTreeMap;

use serde::Serialize;

use super::columns::ColumnsInput;
use super::completeness::Shortfall;
use crate::census::{AccountFile, Guesses};
use crate::error::Hint;
use crate::name::Rejection;
use crate::wording::{agree, count, grouped};

/// If more than one line in so many is inside quotes, the export is doubtful.
const QUOTED_SHARE: u64 = 10;

/// A file of accounts.
#[derive(Debug, Serialize)]
pub(crate) struct AccountInput {
    path: String,
    bytes: u64,
    sha256: String,
    rows: u64,
    added_by_split: u64,
    /// Rows with bytes that are not UTF-8 in a column that is used.
    pub(super) not_utf8: u64,
    /// What helps if there are any.
    #[serde(skip)]
    remedy: Hint,
    accepted: u64,
    rejected: BTreeMap<&'static str, u64>,
    /// Which other subject its rows look like.
    #[serde(skip)]
    pub(super) guesses: Guesses,
    columns: ColumnsInput,
    /// How its lines became rows; none for Parquet.
    #[serde(flatten)]
    lines: Option<AccountLines>,
}

/// The lines of a file of accounts. The program has checked that `lines` = `header_lines` + `rows` + `blank_lines` +
/// `lines_in_quotes`.
#[derive(Debug, Serialize)]
struct AccountLines {
    lines: u64,
    header_lines: u64,
    blank_lines: u64,
    multi_line_records: u64,
    /// The lines of these records, without the first line of each.
    lines_in_quotes: u64,
    ends_without_line_end: bool,
}

impl AccountInput {
    pub(super) fn of(file: &AccountFile) -> Self {
        Self {
            path: file.path.display().to_string(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            rows: file.rows,
            added_by_split: file.added_by_split,
            not_utf8: file.not_utf8,
            remedy: match (file.is_parquet, file.is_packed) {
                (true, _) => "write its texts as UTF-8, as the format asks for".into(),
                (false, true) => Hint::UnpackAndConvert,
                (false, false) => Hint::ConvertToUtf8,
            },
            accepted: file.accepted,
            rejected: by_reason(&file.rejected),
            guesses: file.guesses,
            columns: ColumnsInput::of(&file.columns),
            lines: file.lines.map(|lines| AccountLines {
                lines: lines.lines,
                header_lines: lines.header,
                blank_lines: lines.records.blank,
                multi_line_records: lines.records.multi_line,
                lines_in_quotes: lines.records.inside,
                ends_without_line_end: lines.ends_without_line_end,
            }),
        }
    }

    /// How many of its rows were rejected.
    pub(super) fn rejected(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// That it holds bytes that are not UTF-8.
    pub(super) fn undecoded(&self) -> Shortfall {
        let (rows, hold) = (count(self.not_utf8, "row"), agree(self.not_utf8, "holds", "hold"));
        let what = format!(
            "{}: {rows} {hold} bytes that are not UTF-8, written as `\\xE9` in the report",
            self.path
        );
        let lost = self.rejected.get(Rejection::NotUtf8.name()).map_or(String::new(), |lost| {
            let (lost, was) = (grouped(*lost), agree(*lost, "was", "were"));
            format!("; {lost} of them {was} rejected, because the domain cannot be told")
        });
        Shortfall { what: what + &lost, hint: Some(self.remedy.clone()) }
    }

    /// What a person should know about how its lines became rows.
    pub(super) fn notices(&self) -> impl Iterator<Item = String> {
        let (path, rows) = (&self.path, self.rows);
        let lines = self.lines.as_ref();
        let quoted = lines.filter(|lines| lines.lines_in_quotes > 0).map(|lines| {
            let (inside, records) = (lines.lines_in_quotes, lines.multi_line_records);
            let doubt = "; that is a lot: check that the export quotes its fields and has no stray quotes";
            let doubt = if inside > rows / QUOTED_SHARE { doubt } else { "" };
            format!(
                "{path}: {} but {}, because quoted fields span lines ({} inside {}){doubt}",
                count(lines.lines, "line"),
                count(rows, "row"),
                grouped(inside),
                count(records, "record"),
            )
        });
        let open = lines.filter(|lines| lines.ends_without_line_end);
        let open = open.map(|_| {
            format!(
                "{path}: the last line has no line end; if the export broke off there, accounts are missing"
            )
        });
        quoted.into_iter().chain(open)
    }
}

/// Counts of rejected rows by the name of the reason, without zeros.
pub(crate) fn by_reason(rejected: &[u64; Rejection::ALL.len()]) -> BTreeMap<&'static str, u64> {
    let counted = Rejection::ALL.iter().zip(rejected).filter(|(_, count)| **count > 0);
    counted.map(|(reason, count)| (reason.name(), *count)).collect()
}
