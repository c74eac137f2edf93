//! Accounts in: the rows whose addresses are judged, in the formats that people keep them in.
//!
//! ```text
//! file → Source::chunks(format.cutter(names)) → first chunk → AccountLayout::read → (layout, where data starts)
//!                                               every chunk → layout.parse(text, sink) → rows of this chunk
//! ```
//!
//! * [`columns`]: which column holds what, by given or common names
//! * [`csv`]: CSV and TSV. [`CsvCutter`] cuts them where records end; [`records`] finds these ends, `multi_line`
//!   those of records that span lines, by the rules in `grammar`
//! * [`json`]: NDJSON, one object per line; `objects` reads an object
//! * [`text`]: one address per line
//! * [`values`]: times and weights as exports write them, and which of them are missing or unreadable
//!
//! Parsing is sequential and pure. A chunk gives the same calls whatever chunk came before, and rows are numbered
//! within the chunk. So workers may take chunks in any order, and the caller adds up. Every record, readable or not,
//! is exactly one call of the [`AccountSink`]: nothing is lost, and a faulty record costs one row. What an address
//! means is not decided here. Parquet has no text that could be cut; [`parquet`] reads it slice by slice, with the
//! same [`Columns`].

pub(crate) mod columns;
pub(crate) mod csv;
mod cutter;
mod fields;
mod grammar;
mod header;
pub(crate) mod json;
mod multi_line;
mod objects;
pub mod parquet;
pub(crate) mod records;
pub(crate) mod text;
pub(crate) mod values;

use std::path::Path;

use crate::error::{Error, Result};
use crate::input::source::{Cutter, LineCutter, Source};
use crate::input::without_byte_order_mark;
use crate::time::Moment;

pub(crate) use columns::looks_like_a_name;
pub use columns::{ColumnNames, Columns, Role};
pub(crate) use cutter::CsvCutter;
pub(crate) use header::header_too_long;
pub(crate) use objects::JsonKeys;
pub(crate) use values::Times;

/// An optional field. An unreadable value is not the same as a missing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<T> {
    /// Not there, null or blank.
    Absent,
    /// There, but it cannot be understood.
    Unreadable,
    /// Read.
    Value(T),
}

/// One account, as its record describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account<'a> {
    /// 1-based number of the record within the chunk. The caller adds the records of earlier chunks.
    pub(crate) row: u64,
    /// The account's identifier, verbatim; `None` if there is none or it is blank.
    pub id: Option<&'a str>,
    /// The address, verbatim; empty if it is missing or null.
    pub email: &'a str,
    /// When the address was last verified.
    pub verified_at: Given<Moment>,
    /// When the address was first verified.
    pub(crate) first_verified_at: Given<Moment>,
    /// How much the account counts, for example the downloads of its packages; never negative.
    pub weight: Given<i64>,
    /// The values of [`ColumnNames::carry`], in that order; `None` if missing, null or (CSV) empty.
    pub carried: &'a [Option<&'a str>],
}

/// Receives accounts in the order of their records.
pub trait AccountSink {
    /// A record that was read.
    fn account(&mut self, account: &Account<'_>);
    /// A record that could not be read: the rejected row `malformed_row`, with its identifier if that is known.
    fn malformed(&mut self, row: u64, id: Option<&str>);
    /// A member of JSON objects that has this role, told once or more for each text in which it occurs. In tables
    /// the header says so.
    fn member(&mut self, _role: Role, _name: &str) {}
}

named_enum! {
    /// How a file of accounts is written.
    #[derive(clap::ValueEnum)]
    pub enum AccountFormat {
        /// Comma-separated values with a header (RFC 4180).
        Csv = "csv",
        /// Tab-separated values with a header.
        Tsv = "tsv",
        /// One JSON object per line.
        Ndjson = "ndjson",
        /// One address per line.
        Text = "text",
        /// Apache Parquet.
        Parquet = "parquet",
    }
}

impl AccountFormat {
    /// Tells the format by the name of the file, without the ending of the compression.
    pub(crate) fn of(source: &Source) -> Option<Self> {
        let stem = source.stem();
        let (_, extension) = stem.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            // a `.json` file of accounts is usually NDJSON; an array is refused with a hint
            "ndjson" | "jsonl" | "json" => Some(Self::Ndjson),
            "txt" => Some(Self::Text),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Whether the first line names the columns.
    pub(crate) fn has_header(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// The cutter for text of this format.
    pub fn cutter(self, names: &ColumnNames) -> AccountCutter {
        match self {
            Self::Csv => AccountCutter::Csv(Box::new(CsvCutter::new(b',', names))),
            Self::Tsv => AccountCutter::Csv(Box::new(CsvCutter::new(b'\t', names))),
            Self::Ndjson | Self::Text | Self::Parquet => AccountCutter::Lines(LineCutter),
        }
    }
}

/// The cutters of text formats.
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

/// What the beginning of a file says about all of it: whatever it takes to parse any of its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountLayout {
    /// CSV or TSV.
    Csv {
        /// The byte between fields.
        delimiter: u8,
        /// Which field holds what.
        columns: Columns,
    },
    /// NDJSON.
    Ndjson(JsonKeys),
    /// One address per line.
    Text,
}

impl AccountLayout {
    /// Reads the beginning of a file: its first chunk, or nothing if the file is empty. Returns the layout and where
    /// in the first chunk the data start.
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
            AccountFormat::Text => Ok((Self::Text, check_encoding(first_chunk, path)?)),
            AccountFormat::Parquet => Err(Error::internal("Parquet was taken for text")),
        }
    }

    /// Parses a chunk of whole records, the first chunk from where its data start. The sink gets one call for each
    /// row, numbered 1, 2, and so on.
    pub fn parse(&self, text: &[u8], sink: &mut impl AccountSink) -> RecordCounts {
        match self {
            Self::Csv { delimiter, columns } => csv::parse_csv(text, *delimiter, columns, sink),
            Self::Ndjson(keys) => json::parse_json(text, keys, sink),
            Self::Text => text::parse_text(text, sink),
        }
    }

    /// The columns of a table; none for other formats.
    pub(crate) fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Csv { columns, .. } => Some(columns),
            Self::Ndjson(_) | Self::Text => None,
        }
    }

    /// How many lines a text has, by its line ends alone; see [`RecordCounts::lines`].
    pub(crate) fn count_lines(&self, text: &[u8]) -> u64 {
        match self {
            Self::Csv { .. } => fields::count_lines(text),
            Self::Ndjson(_) | Self::Text => {
                memchr::memchr_iter(b'\n', text).count() as u64 + u64::from(self.is_open(text))
            }
        }
    }

    /// Whether any text follows the last line end.
    pub(crate) fn is_open(&self, text: &[u8]) -> bool {
        let is_line_end = |byte: u8| byte == b'\n' || (byte == b'\r' && matches!(self, Self::Csv { .. }));
        text.last().is_some_and(|last| !is_line_end(*last))
    }
}

/// What a text contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Data records, readable or not.
    pub rows: u64,
    /// Blank lines, which are not records.
    pub(crate) blank: u64,
    /// Records that span lines.
    pub(crate) multi_line: u64,
    /// The lines of these records, without the first line of each.
    pub(crate) inside: u64,
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
    /// How many lines all of this takes. If the text has more lines, something was lost.
    pub(crate) fn lines(&self) -> u64 {
        self.rows + self.blank + self.inside
    }
}

/// Checks that a file is not UTF-16 and returns the length of its UTF-8 byte order mark. Spreadsheets export UTF-16
/// as "Unicode text"; read as UTF-8, every row of it would be malformed.
fn check_encoding(text: &[u8], path: &Path) -> Result<usize> {
    let utf16 = text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff");
    // ASCII text in UTF-16 without a mark: every other byte is zero
    let zeros = text.first_chunk::<4>().map(|start| start.map(|byte| byte == 0));
    if utf16 || matches!(zeros, Some([true, false, true, false] | [false, true, false, true])) {
        return Err(Error::failure(path, "UTF-16 text, expected UTF-8")
            .hint("convert it to UTF-8, for example with `iconv -f UTF-16 -t UTF-8`"));
    }
    Ok(text.len() - without_byte_order_mark(text).len())
}

/// An empty list that keeps the allocation of `spare`. So one list of borrowed texts can serve many rows. (The
/// standard library collects in place.)
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
        let read = check_encoding(text, Path::new("a.txt"));
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
        struct SeenRows(Vec<String>);
        impl AccountSink for SeenRows {
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
            let mut rows = SeenRows(Vec::new());
            let text = &text.as_bytes()[start..];
            assert_eq!(layout.parse(text, &mut rows).rows, 2);
            assert_eq!(layout.count_lines(text), 2);
            assert_eq!(rows.0, ["1 a@one.example", "2 malformed"], "{format:?}");
        }
    }
}
