//! Accounts in: rows with an address, or another subject, in the formats that people keep them in.
//!
//! ```text
//! file → Source::head → AccountForm::tell → (layout, where data start)
//! file → Source::chunks(layout.cutter) → every chunk → layout.parse(text, sink) → rows of this chunk
//! ```
//!
//! * [`form`]: which format it is, by what the file begins with; `foreign`: which files are no accounts
//! * [`columns`]: which column holds what, by given or `usual` names; `table`: delimiters and headers
//! * [`csv`]: tables of text. [`CsvCutter`] cuts them where records end; [`records`] finds these ends, `multi_line`
//!   those of records that span lines, by the rules in `grammar`
//! * [`json`]: objects, each on a line or anywhere (`json_form` tells it, `elements` finds them); `objects` reads one;
//!   `nested` finds the list of accounts in an object, for a remedy
//! * [`plain`]: tables whose fields are never quoted, as databases and Spark write them
//! * [`text`]: one subject per line
//! * [`values`]: times and weights as exports write them, and which of them are missing or unreadable
//!
//! Parsing is sequential and pure. A chunk gives the same calls whatever chunk came before, and rows are numbered
//! within the chunk. So workers may take chunks in any order, and the caller adds up. Every record, readable or not,
//! is exactly one call of the [`AccountSink`]: nothing is lost, and a faulty record costs one row. What a subject
//! means is not decided here. Parquet has no text that could be cut; [`parquet`] reads it slice by slice, with the
//! same [`Columns`]. [`typed`] reads its values, and those of Arrow.

pub(crate) mod columns;
pub(crate) mod csv;
mod cutter;
pub(crate) mod elements;
pub(crate) mod fields;
mod foreign;
mod form;
pub(crate) mod grammar;
mod header;
pub(crate) mod json;
mod json_form;
mod multi_line;
mod nested;
mod objects;
pub mod parquet;
mod plain;
pub(crate) mod records;
mod shown;
mod table;
pub(crate) mod text;
mod typed;
mod usual;
pub(crate) mod values;

use std::ops::Range;
use std::path::Path;

use crate::input::source::{Cutter, LineCutter, stem_of};
use crate::time::Moment;

pub(crate) use columns::taken;
pub use columns::{ColumnNames, Columns, Role};
pub(crate) use cutter::CsvCutter;
use elements::JsonCutter;
pub(crate) use foreign::{known_mark, mark_of, no_accounts, no_zone};
pub use form::{AccountForm, FormOptions};
use grammar::{Grammar, RecordLimits, RecordShape};
pub(crate) use objects::{JsonKeys, text_of};
pub(crate) use plain::plain_layout;
pub(crate) use shown::looks_like_a_name;
pub(crate) use typed::hand_over;
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

impl<T> Given<T> {
    /// The value made into another.
    pub(crate) fn map<U>(self, make: impl FnOnce(T) -> U) -> Given<U> {
        match self {
            Self::Absent => Given::Absent,
            Self::Unreadable => Given::Unreadable,
            Self::Value(value) => Given::Value(make(value)),
        }
    }
}

/// One account, as its record describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account<'a> {
    /// 1-based number of the record within the chunk. The caller adds the records of earlier chunks.
    pub(crate) row: u64,
    /// The account's identifier, verbatim; `None` if there is none or it is blank.
    pub id: Option<&'a str>,
    /// The address, domain, URL or reverse-DNS name, verbatim; empty if it is missing or null.
    pub subject: &'a str,
    /// When the address was last verified.
    pub verified_at: Given<Moment>,
    /// When the address was first verified.
    pub(crate) first_verified_at: Given<Moment>,
    /// How much the account counts, for example the downloads of its packages; never negative.
    pub weight: Given<i64>,
    /// For how many accounts the row stands; never negative.
    pub accounts: Given<i64>,
    /// The values of [`ColumnNames::carry`], in that order; `None` if missing, null or (CSV) empty.
    pub carried: &'a [Option<&'a str>],
    /// Whether all of it is UTF-8. If not, the texts have stand-ins ([`crate::name::undecoded`]).
    pub is_utf8: bool,
}

/// Receives accounts in the order of their records.
pub trait AccountSink {
    /// The bytes of the record that comes next, as a range of the text, without its line end. JSON objects that do not
    /// stand one on each line are not told.
    fn record(&mut self, _at: Range<usize>) {}
    /// A record that was read.
    fn account(&mut self, account: &Account<'_>);
    /// A record that could not be read: the rejected row `malformed_row`, with its identifier if that is known. The
    /// identifier may have stand-ins.
    fn malformed(&mut self, row: u64, id: Option<&str>);
    /// A member of JSON objects that has this role, told once or more for each text in which it occurs. In tables
    /// the header says so.
    fn member(&mut self, _role: Role, _name: &str) {}
    /// A member of JSON objects has a name that is [taken](ColumnNames::taken). With this prefix no member begins.
    fn taken(&mut self, _name: &str, _prefix: &str) {}
}

named_enum! {
    /// How a file of accounts is written.
    #[derive(clap::ValueEnum)]
    pub enum AccountFormat {
        /// A table of text, usually with commas and a header (RFC 4180).
        Csv = "csv",
        /// A table with tabs between the fields.
        Tsv = "tsv",
        /// One JSON object per line.
        Ndjson = "ndjson",
        /// JSON objects in an array, or one after another.
        Json = "json",
        /// One subject per line.
        Text = "text",
        /// Apache Parquet.
        Parquet = "parquet",
    }
}

impl AccountFormat {
    /// Tells the format by the name of the file, without the ending of the compression.
    pub(crate) fn by_name(path: &Path) -> Option<Self> {
        let stem = stem_of(path);
        let (_, extension) = stem.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "json" => Some(Self::Json),
            "txt" => Some(Self::Text),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// The cutters of text formats.
#[derive(Debug)]
pub enum RecordCutter {
    /// Every line is a record.
    Lines(LineCutter),
    /// A record may span lines.
    Csv(CsvCutter),
    /// An object may span lines, and a line hold many.
    Json(JsonCutter),
}

impl Cutter for RecordCutter {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        match self {
            Self::Lines(cutter) => cutter.cut(text, last),
            Self::Csv(cutter) => cutter.cut(text, last),
            Self::Json(cutter) => cutter.cut(text, last),
        }
    }

    fn skips_overlong(&self) -> bool {
        true
    }

    fn line_length(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Lines(cutter) => cutter.line_length(text),
            Self::Csv(cutter) => cutter.line_length(text),
            Self::Json(cutter) => cutter.line_length(text),
        }
    }
}

/// What the beginning of a file says about all of it: whatever it takes to parse any of its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountLayout {
    /// A table of text.
    Csv {
        /// The byte between fields.
        delimiter: u8,
        /// Which field holds what.
        columns: Columns,
    },
    /// A table of text whose fields are never quoted.
    Plain {
        /// The byte between fields.
        delimiter: u8,
        /// Which field holds what.
        columns: Columns,
    },
    /// One object on each line.
    Ndjson(JsonKeys),
    /// Objects anywhere.
    Json(JsonKeys),
    /// One subject per line.
    Text,
}

impl AccountLayout {
    /// The cutter for a text whose data start at this byte.
    pub fn cutter(&self, data_start: usize) -> RecordCutter {
        match self {
            Self::Csv { delimiter, columns } => {
                let shape = Some(RecordShape::of(columns));
                let grammar = Grammar { delimiter: *delimiter, shape, limits: RecordLimits::ACCOUNTS };
                RecordCutter::Csv(CsvCutter::new(grammar, data_start))
            }
            Self::Json(_) => RecordCutter::Json(JsonCutter),
            Self::Plain { .. } | Self::Ndjson(_) | Self::Text => RecordCutter::Lines(LineCutter),
        }
    }

    /// Parses a chunk of whole records, the first chunk from where its data start. The sink gets one call for each
    /// row, numbered 1, 2, and so on.
    pub fn parse(&self, text: &[u8], sink: &mut impl AccountSink) -> RecordCounts {
        match self {
            Self::Csv { delimiter, columns } => csv::parse_csv(text, *delimiter, columns, sink),
            Self::Plain { delimiter, columns } => plain::parse_plain(text, *delimiter, columns, sink),
            Self::Ndjson(keys) => json::parse_lines(text, keys, sink),
            Self::Json(keys) => json::parse_elements(text, keys, sink),
            Self::Text => text::parse_text(text, sink),
        }
    }

    /// The columns of a table; none for other formats.
    pub(crate) fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Csv { columns, .. } | Self::Plain { columns, .. } => Some(columns),
            Self::Ndjson(_) | Self::Json(_) | Self::Text => None,
        }
    }

    /// Whether records and lines are counted apart, so that one can be checked by the other.
    pub fn has_lines(&self) -> bool {
        !matches!(self, Self::Json(_))
    }

    /// The length of the first records of a text of whole records: all of it if it has no more. Blank lines count.
    pub(crate) fn front(&self, text: &[u8], records: usize) -> usize {
        match self {
            Self::Csv { delimiter, columns } => {
                let shape = Some(RecordShape::of(columns));
                let grammar = Grammar { delimiter: *delimiter, shape, limits: RecordLimits::ACCOUNTS };
                let mut found = records::CsvRecords::new(text, grammar, true);
                found.by_ref().take(records).count();
                found.at()
            }
            _ => {
                let mut ends = memchr::memchr_iter(b'\n', text);
                ends.nth(records.saturating_sub(1)).map_or(text.len(), |at| at + 1)
            }
        }
    }

    /// How many lines a text has, by its line ends alone; see [`RecordCounts::lines`].
    pub(crate) fn count_lines(&self, text: &[u8]) -> u64 {
        match self {
            Self::Csv { .. } => fields::count_lines(text),
            Self::Plain { .. } | Self::Ndjson(_) | Self::Json(_) | Self::Text => {
                memchr::memchr_iter(b'\n', text).count() as u64 + u64::from(self.is_open(text))
            }
        }
    }

    /// Whether any text follows the last line end.
    pub fn is_open(&self, text: &[u8]) -> bool {
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
    /// Arrays that begin, and arrays that end.
    pub arrays: (u64, u64),
}

impl std::ops::AddAssign for RecordCounts {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.blank += other.blank;
        self.multi_line += other.multi_line;
        self.inside += other.inside;
        self.arrays.0 += other.arrays.0;
        self.arrays.1 += other.arrays.1;
    }
}

impl RecordCounts {
    /// How many lines all of this takes. If the text has more lines, something was lost.
    pub(crate) fn lines(&self) -> u64 {
        self.rows + self.blank + self.inside
    }
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
    use crate::input::source::Head;

    #[track_caller]
    fn recognises(path: &str, expected: Option<AccountFormat>) {
        assert_eq!(AccountFormat::by_name(Path::new(path)), expected, "{path}");
    }

    #[test]
    fn formats_are_recognised_by_name() {
        recognises("accounts.csv", Some(AccountFormat::Csv));
        recognises("dir.csv/accounts.TSV.gz", Some(AccountFormat::Tsv));
        recognises("a.tab", Some(AccountFormat::Tsv));
        recognises("a.b.ndjson.zst", Some(AccountFormat::Ndjson));
        recognises("a.jsonl", Some(AccountFormat::Ndjson));
        recognises("a.json", Some(AccountFormat::Json));
        recognises("a.txt", Some(AccountFormat::Text));
        recognises("a.parquet", Some(AccountFormat::Parquet));
        recognises("-", None);
        recognises("accounts", None);
        recognises("accounts.gz", None);
        recognises("accounts.xlsx", None);
    }

    #[test]
    fn every_text_format_goes_the_same_way() {
        struct SeenRows(Vec<String>);
        impl AccountSink for SeenRows {
            fn account(&mut self, account: &Account<'_>) {
                self.0.push(format!("{} {}", account.row, account.subject));
            }
            fn malformed(&mut self, row: u64, _: Option<&str>) {
                self.0.push(format!("{row} malformed"));
            }
        }
        for (text, lines) in [
            ("id,email\n1,a@one.example\n2\n", 2),
            ("id\temail\n1\ta@one.example\n2\n", 2),
            ("{\"email\":\"a@one.example\"}\n[]\n", 2),
            ("[{\"email\":\"a@one.example\"},2]", 1),
        ] {
            let head = Head::whole(text.as_bytes());
            let form = AccountForm::tell(&head, Path::new("a"), &FormOptions::default());
            let Ok(AccountForm::Text(layout, start)) = form else { panic!("{text}: {form:?}") };
            let mut rows = SeenRows(Vec::new());
            let text = &text.as_bytes()[start..];
            assert_eq!(layout.parse(text, &mut rows).rows, 2);
            assert_eq!(layout.count_lines(text), lines);
            assert_eq!(rows.0, ["1 a@one.example", "2 malformed"], "{layout:?}");
        }
    }
}
