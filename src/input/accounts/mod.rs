//! Accounts in: the rows whose addresses are judged, in the forms people keep them in.
//!
//! ```text
//! file → Source::chunks(format.cutter(names)) → first chunk → AccountLayout::read → (layout, where data starts)
//!                                               every chunk → layout.parse(text, sink) → rows of this chunk
//! ```
//!
//! * [`columns`]: which column holds what, by the names given or by common names
//! * [`csv`]: CSV and TSV, cut at record ends by [`CsvCutter`]; [`records`] is the state machine both sides share,
//!   `multi_line` has the rules for records of many lines
//! * [`json`]: NDJSON, one object a line; `objects` reads one of them
//! * [`text`]: one address a line
//! * [`values`]: moments and weights as exports write them; which of them are missing, and which unreadable
//!
//! Parsing is sequential and pure: a chunk gives the same calls whatever chunk came before, and rows are
//! numbered within the chunk, so that workers may take chunks in any order and the caller adds up. Every
//! data record makes exactly one call of the [`AccountSink`], readable or not: nothing is lost, and a
//! faulty record costs one row. What an address means is not decided here. Parquet has no text to cut: it
//! is read slice by slice ([`parquet`]), with the same [`Columns`].

pub mod columns;
pub mod csv;
mod cutter;
mod fields;
mod header;
pub mod json;
mod multi_line;
mod objects;
pub mod parquet;
pub mod records;
pub mod text;
pub mod values;

use std::path::Path;

use crate::error::{Error, Result};
use crate::input::source::{Cutter, LineCutter, Source};
use crate::time::Moment;

pub use columns::{ColumnNames, Columns};
pub use cutter::CsvCutter;
pub use objects::JsonKeys;
pub use values::Times;

/// An optional field: an unreadable value is not taken for a missing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<T> {
    /// Not there, null or blank.
    Absent,
    /// There, but not to be understood.
    Unreadable,
    /// Read.
    Value(T),
}

/// One account, as far as its record tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account<'a> {
    /// 1-based data record within the chunk; the caller adds the records of the chunks before it.
    pub row: u64,
    /// The account's identifier, verbatim; `None` if there is none or it is blank.
    pub id: Option<&'a str>,
    /// The address, verbatim; empty if missing or null.
    pub email: &'a str,
    /// When the address was last verified.
    pub verified_at: Given<Moment>,
    /// When the address was first verified.
    pub first_verified_at: Given<Moment>,
    /// How much the account counts, such as downloads of its packages; never negative.
    pub weight: Given<i64>,
    /// The values of [`ColumnNames::carry`], in that order; `None` is a missing, null or (CSV) empty one.
    pub carried: &'a [Option<&'a str>],
}

/// Takes accounts in the order of their records.
pub trait AccountSink {
    /// A record that was read.
    fn account(&mut self, account: &Account<'_>);
    /// A record that was not: the rejected row `malformed_row`, with its identifier if it could be had.
    fn malformed(&mut self, row: u64, id: Option<&str>);
}

named_enum! {
    /// How a file of accounts is written.
    #[derive(clap::ValueEnum)]
    pub enum AccountFormat {
        /// Comma-separated values with a header (RFC 4180).
        Csv = "csv",
        /// The same with tabs.
        Tsv = "tsv",
        /// One JSON object a line.
        Ndjson = "ndjson",
        /// One address a line.
        Text = "text",
        /// Apache Parquet.
        Parquet = "parquet",
    }
}

impl AccountFormat {
    /// By the file's name, without the compression's ending; `None` if it does not tell.
    pub fn of(source: &Source) -> Option<Self> {
        let stem = source.stem();
        let (_, extension) = stem.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            // a `.json` of accounts is mostly NDJSON under its short name; an array is refused with a hint
            "ndjson" | "jsonl" | "json" => Some(Self::Ndjson),
            "txt" => Some(Self::Text),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Whether the first line names the columns.
    pub fn has_header(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// Says where text of this format may be cut.
    pub fn cutter(self, names: &ColumnNames) -> AccountCutter {
        match self {
            Self::Csv => AccountCutter::Csv(Box::new(CsvCutter::new(b',', names))),
            Self::Tsv => AccountCutter::Csv(Box::new(CsvCutter::new(b'\t', names))),
            Self::Ndjson | Self::Text | Self::Parquet => AccountCutter::Lines(LineCutter),
        }
    }
}

/// The cutter of a text format.
#[derive(Debug)]
pub enum AccountCutter {
    /// Every line is a record.
    Lines(LineCutter),
    /// A record may span lines.
    Csv(Box<CsvCutter>),
}

impl Cutter for AccountCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        match self {
            Self::Lines(cutter) => cutter.cut(text, last),
            Self::Csv(cutter) => cutter.cut(text, last),
        }
    }

    fn skips_overlong(&self) -> bool {
        true
    }

    fn line_length(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Lines(cutter) => cutter.line_length(text),
            Self::Csv(cutter) => cutter.line_length(text),
        }
    }
}

/// What the beginning of a file says about all of it: everything needed to parse any of its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountLayout {
    /// CSV or TSV.
    Csv {
        /// The byte between fields.
        delimiter: u8,
        /// Which field is what.
        columns: Columns,
    },
    /// NDJSON.
    Ndjson(JsonKeys),
    /// One address a line.
    Text,
}

impl AccountLayout {
    /// Reads the beginning of a file: `first_chunk`, or nothing if the file is empty. Gives the layout
    /// and the offset in the first chunk at which its data start.
    pub fn read(
        format: AccountFormat,
        first_chunk: &[u8],
        names: &ColumnNames,
        path: &Path,
    ) -> Result<(Self, usize)> {
        match format {
            AccountFormat::Csv | AccountFormat::Tsv => {
                let delimiter = if format == AccountFormat::Csv { b',' } else { b'\t' };
                let header = header::CsvHeader::read(first_chunk, delimiter, names, path)?;
                Ok((Self::Csv { delimiter, columns: header.columns }, header.data_start))
            }
            AccountFormat::Ndjson => {
                let (keys, start) = JsonKeys::read(first_chunk, names, path)?;
                Ok((Self::Ndjson(keys), start))
            }
            AccountFormat::Text => Ok((Self::Text, skip_byte_order_mark(first_chunk, path)?)),
            AccountFormat::Parquet => Err(Error::internal("Parquet was taken for text")),
        }
    }

    /// Parses whole records (a chunk, the first one from where its data start) and counts them: as many calls as
    /// there are rows were made of `sink`, with the rows 1, 2, ….
    pub fn parse(&self, text: &[u8], sink: &mut impl AccountSink) -> RecordCounts {
        match self {
            Self::Csv { delimiter, columns } => csv::parse_csv(text, *delimiter, columns, sink),
            Self::Ndjson(keys) => json::parse_json(text, keys, sink),
            Self::Text => text::parse_text(text, sink),
        }
    }

    /// How many lines a piece of the text has, by its line ends alone; see [`RecordCounts::lines`].
    pub fn count_lines(&self, text: &[u8]) -> u64 {
        match self {
            Self::Csv { .. } => fields::count_lines(text),
            Self::Ndjson(_) | Self::Text => {
                memchr::memchr_iter(b'\n', text).count() as u64 + u64::from(self.is_open(text))
            }
        }
    }

    /// Whether something follows the last line end of a text.
    pub fn is_open(&self, text: &[u8]) -> bool {
        let is_line_end = |byte: u8| byte == b'\n' || (byte == b'\r' && matches!(self, Self::Csv { .. }));
        text.last().is_some_and(|last| !is_line_end(*last))
    }
}

/// What a piece of text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Data records, readable or not.
    pub rows: u64,
    /// Blank lines that are no records.
    pub blank: u64,
    /// Records of more than one line.
    pub multi_line: u64,
    /// Their lines but the first of each.
    pub inside: u64,
}

impl std::ops::AddAssign for RecordCounts {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.blank += other.blank;
        self.multi_line += other.multi_line;
        self.inside += other.inside;
    }
}

impl RecordCounts {
    /// The lines that all of this takes: if there are more in the text, something was lost.
    pub fn lines(&self) -> u64 {
        self.rows + self.blank + self.inside
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The length of the UTF-8 byte order mark at the beginning of a file. UTF-16, which spreadsheets export
/// as "Unicode text", is refused: read as UTF-8, every one of its rows would be malformed.
fn skip_byte_order_mark(text: &[u8], path: &Path) -> Result<usize> {
    let utf16 = text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff");
    // ASCII in UTF-16 without a mark: every other byte is zero
    let zeros = text.first_chunk::<4>().map(|start| start.map(|byte| byte == 0));
    if utf16 || matches!(zeros, Some([true, false, true, false] | [false, true, false, true])) {
        return Err(Error::failure(path, "UTF-16 text, expected UTF-8")
            .hint("convert it to UTF-8, for example with `iconv -f UTF-16 -t UTF-8`"));
    }
    Ok(if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 })
}

/// An empty list with the allocation of `spare`: a list of borrowed texts that outlives each of its rows
/// (the standard library collects in place).
fn recycle<'a>(mut spare: Vec<Option<&str>>) -> Vec<Option<&'a str>> {
    spare.clear();
    spare.into_iter().map(|_| None).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn recognises(path: &str, expected: Option<AccountFormat>) {
        let source = Source::named(Path::new(path));
        assert_eq!(AccountFormat::of(&source), expected, "{source:?}");
    }

    #[test]
    fn formats_are_recognised_by_name() {
        recognises("accounts.csv", Some(AccountFormat::Csv));
        recognises("dir.csv/accounts.TSV.gz", Some(AccountFormat::Tsv));
        recognises("a.tab", Some(AccountFormat::Tsv));
        recognises("a.b.ndjson.zst", Some(AccountFormat::Ndjson));
        recognises("a.jsonl", Some(AccountFormat::Ndjson));
        recognises("a.json", Some(AccountFormat::Ndjson));
        recognises("a.txt", Some(AccountFormat::Text));
        recognises("a.parquet", Some(AccountFormat::Parquet));
        recognises("-", None);
        recognises("accounts", None);
        recognises("accounts.gz", None);
        recognises("accounts.xlsx", None);
    }

    #[track_caller]
    fn begins(text: &[u8], expected: Option<usize>) {
        let read = skip_byte_order_mark(text, Path::new("a.txt"));
        assert_eq!(read.as_ref().ok().copied(), expected, "{read:?}");
    }

    #[test]
    fn byte_order_marks() {
        begins(b"", Some(0));
        begins(b"\xef\xbb\xbfemail", Some(3));
        begins(b"email", Some(0));
        begins(b"\xff\xfee\0m\0", None);
        begins(b"\xfe\xff\0e\0m", None);
        begins(b"e\0m\0", None);
        begins(b"\0e\0m", None);
    }

    #[test]
    fn every_text_format_goes_the_same_way() {
        struct Rows(Vec<String>);
        impl AccountSink for Rows {
            fn account(&mut self, account: &Account<'_>) {
                self.0.push(format!("{} {}", account.row, account.email));
            }
            fn malformed(&mut self, row: u64, _: Option<&str>) {
                self.0.push(format!("{row} malformed"));
            }
        }
        for (format, text) in [
            (AccountFormat::Csv, "id,email\n1,a@one.example\n2\n"),
            (AccountFormat::Tsv, "id\temail\n1\ta@one.example\n2\n"),
            (AccountFormat::Ndjson, "{\"email\":\"a@one.example\"}\n[]\n"),
        ] {
            let names = ColumnNames::default();
            let read = AccountLayout::read(format, text.as_bytes(), &names, Path::new("a"));
            let (layout, start) = read.expect("readable");
            let mut rows = Rows(Vec::new());
            let text = &text.as_bytes()[start..];
            assert_eq!(layout.parse(text, &mut rows).rows, 2);
            assert_eq!(layout.count_lines(text), 2);
            assert_eq!(rows.0, ["1 a@one.example", "2 malformed"], "{format:?}");
        }
    }
}
