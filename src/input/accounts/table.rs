//! What the first lines of a table say: the byte between fields, the columns, and where the data start.
//!
//! The delimiter is the one with which the header has the column of the subject; of several, the one that makes most fields. A first
//! line `sep=;`, which spreadsheets write and obey, names it, and so may the user. Quotes are respected. In a table
//! without a header the delimiter is the one that makes the same number of fields, and most of them, in nearly all
//! records of the beginning; the columns are named by their numbers.
//!
//! A header that holds an address is an account, and so may be one without an e-mail column. Both are refused, and their
//! fields are not shown: taken for a header, that account would be lost.

use std::path::Path;

use super::columns::{ColumnNames, Columns};
use super::fields::{split_plain, split_quoted};
use super::grammar::{Grammar, RecordLimits};
use super::header::{self, HeaderRecord, header_too_long};
use super::multi_line::holds_addresses;
use super::records::{CsvRecord, CsvRecords};
use super::values;
use crate::error::{Error, Hint, Result};
use crate::input::source::Head;
use crate::name::Subject;
use crate::wording::count;

/// The delimiters that are tried, the most common first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records that are looked at in a table without a header.
const SAMPLED: usize = 200;
/// One in so many of them may have another number of fields.
const ODD_SHARE: usize = 10;

/// The beginning of a table, after any byte order mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableStart<'t> {
    text: &'t [u8],
    is_whole: bool,
    /// Where the first record begins.
    start: usize,
    /// The only delimiter it can be.
    fixed: Option<u8>,
    /// The delimiter that is taken if others are as good.
    preferred: u8,
}

/// A table whose columns are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) delimiter: u8,
    pub(super) columns: Columns,
    /// Where the data start, in bytes.
    pub(super) data_start: usize,
}

impl<'t> TableStart<'t> {
    pub(super) fn of(head: &'t Head, start: usize, given: Option<u8>, preferred: u8) -> Self {
        let start = start + type_line(&head.text[start..]);
        let named = named_delimiter(&head.text[start..]);
        let (start, named) = named.map_or((start, None), |(length, byte)| (start + length, Some(byte)));
        Self { text: &head.text, is_whole: head.is_whole, start, fixed: given.or(named), preferred }
    }

    /// Whether anything says that this is a table: a header with the column of the subject.
    pub(super) fn has_header(&self, names: &ColumnNames, path: &Path) -> bool {
        self.delimiters().into_iter().any(|delimiter| {
            let fields = self.header(delimiter).unwrap_or_default();
            Columns::subject_of(&fields, names).is_some()
                || (fields.len() > 1 && self.columns(&fields, names, path).is_ok())
        })
    }

    fn columns(&self, fields: &[String], names: &ColumnNames, path: &Path) -> Result<Columns> {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        Columns::find(&fields, names, path)
    }

    fn delimiters(&self) -> Vec<u8> {
        let mut all = self.fixed.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
        all.sort_by_key(|delimiter| *delimiter != self.preferred);
        all
    }

    fn grammar(delimiter: u8) -> Grammar {
        Grammar { delimiter, shape: None, limits: RecordLimits::ACCOUNTS }
    }

    /// The fields of the first record.
    fn header(&self, delimiter: u8) -> Option<Vec<String>> {
        match HeaderRecord::read(self.text, self.start, Self::grammar(delimiter), self.is_whole) {
            HeaderRecord::Fields { names, .. } => Some(names),
            _ => None,
        }
    }

    /// The header with the delimiter that makes most of it: the column of the subject first, then fields.
    fn best_header(&self, names: &ColumnNames, path: &Path) -> Result<(u8, Vec<String>, usize)> {
        let mut best = None::<(_, u8, Vec<String>, usize)>;
        let mut fault: Option<Error> = None;
        for delimiter in self.delimiters() {
            match HeaderRecord::read(self.text, self.start, Self::grammar(delimiter), self.is_whole) {
                HeaderRecord::Fields { names: fields, end } => {
                    let rank = (Columns::subject_of(&fields, names).is_some(), fields.len());
                    // the first of those that are as good
                    if best.as_ref().is_none_or(|(better, ..)| rank > *better) {
                        best = Some((rank, delimiter, fields, end));
                    }
                }
                HeaderRecord::Faulty { is_too_long: false } => {
                    fault.get_or_insert_with(|| header::opens_a_quote(path));
                }
                HeaderRecord::Unknown if self.is_whole => {
                    fault.get_or_insert_with(|| header::is_empty(path));
                }
                _ => {
                    fault.get_or_insert_with(|| header_too_long(path));
                }
            }
        }
        match (best, fault) {
            // one field is what any other delimiter makes of a header that cannot be read
            (Some(((false, 1), ..)) | None, Some(fault)) => Err(fault),
            (Some((_, delimiter, fields, end)), _) => Ok((delimiter, fields, end)),
            (None, None) => Err(header::is_empty(path)),
        }
    }

    /// Reads the header.
    pub(super) fn read(&self, names: &ColumnNames, path: &Path) -> Result<Table> {
        let (delimiter, fields, end) = self.best_header(names, path)?;
        let texts: Vec<&str> = fields.iter().map(String::as_str).collect();
        if names.kind == Subject::Address && texts.iter().any(|field| holds_addresses(field.as_bytes())) {
            let what = format!(
                "the first line has {} and an address in one of them, so it is data and not a header",
                count(texts.len() as u64, "field"),
            );
            return Err(Error::failure(path, what).hint(names.no_header(&texts)));
        }
        let columns = Columns::find(&texts, names, path).map_err(|error| {
            // U+FFFD stands for what is not UTF-8
            if texts.iter().any(|field| field.contains('\u{fffd}')) {
                let what =
                    "the header lacks a column that is needed, or it cannot be read, for it is not UTF-8";
                Error::failure(path, what).hint(Hint::ConvertToUtf8)
            } else {
                error
            }
        })?;
        Ok(Table { delimiter, columns, data_start: end })
    }

    /// Reads the first records of a table without a header.
    pub(super) fn read_records(&self, names: &ColumnNames, path: &Path) -> Result<Table> {
        let found = self.delimiters().into_iter().filter_map(|delimiter| {
            let width = usual_width(&self.records(delimiter))?;
            Some((delimiter, width))
        });
        let Some((delimiter, width)) = found.rev().max_by_key(|(_, width)| *width) else {
            return Err(match self.records(self.delimiters()[0])[..] {
                [] => Error::failure(path, "empty, expected accounts").hint(EMPTY_HINT),
                _ => Error::failure(path, "the records have different numbers of fields with any delimiter")
                    .hint("check the export"),
            });
        };
        let numbers: Vec<String> = (1..=width).map(|number| number.to_string()).collect();
        let alone = ColumnNames { subject: Some("1".to_owned()), ..names.clone() };
        let names = if width == 1 && names.subject.is_none() { &alone } else { names };
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        if names.subject.is_none() {
            let records = self.records(delimiter);
            let fields = records.iter().map(|fields| fields.iter().map(String::as_str).collect::<Vec<_>>());
            let mut hints = fields.map(|fields| names.no_header(&fields));
            let hint = hints.find(Hint::names_a_column).unwrap_or_else(|| names.no_header(&[]));
            let what = format!(
                "a table of {} without a header, expected the number of the column with the {}",
                count(width as u64, "column"),
                names.kind.words().noun
            );
            return Err(Error::failure(path, what).hint(hint));
        }
        let columns = Columns::find(&numbers, names, path)?;
        Ok(Table { delimiter, columns, data_start: self.start })
    }

    /// Whether this is a table without a header: a few columns, exactly one of which holds plain subjects in most records
    /// that have something there.
    pub(super) fn lacks_header(&self, kind: Subject) -> bool {
        self.delimiters().into_iter().any(|delimiter| {
            let records = self.records(delimiter);
            let Some(width @ 2..) = usual_width(&records) else { return false };
            let records: Vec<&Vec<String>> = records.iter().filter(|record| record.len() == width).collect();
            let holds_subjects = |place: &usize| {
                let fields = records.iter().map(|record| record[*place].trim());
                let fields: Vec<&str> = fields.filter(|field| !values::is_null(field)).collect();
                2 * fields.iter().filter(|field| kind.is_plain(field)).count() > fields.len()
            };
            (0..width).filter(holds_subjects).count() == 1
        })
    }

    /// The fields of the first records.
    fn records(&self, delimiter: u8) -> Vec<Vec<String>> {
        let (mut fields, mut unquoted) = (Vec::new(), Vec::new());
        let mut records = CsvRecords::new(self.text, Self::grammar(delimiter), self.is_whole);
        records.skip_to(self.start);
        let mut found = Vec::new();
        for record in records {
            let CsvRecord::Sound { content, quotes, .. } = record else { continue };
            if content.is_empty() {
                continue;
            }
            let text = if quotes {
                split_quoted(&self.text[content], delimiter, &mut unquoted, &mut fields);
                unquoted.as_slice()
            } else {
                split_plain(self.text, content, delimiter, &mut fields);
                self.text
            };
            let field =
                |range: &std::ops::Range<usize>| String::from_utf8_lossy(&text[range.clone()]).into_owned();
            found.push(fields.iter().map(field).collect());
            if found.len() == SAMPLED {
                break;
            }
        }
        found
    }
}

/// What helps with a file without accounts.
pub(super) const EMPTY_HINT: &str = "check the export; with an empty file everybody would look safe";

/// The number of fields that nearly all records have.
fn usual_width(records: &[Vec<String>]) -> Option<usize> {
    let widths = records.iter().map(Vec::len);
    let usual = widths.clone().max_by_key(|width| widths.clone().filter(|other| other == width).count())?;
    let odd = widths.filter(|width| *width != usual).count();
    // in a short table one faulty record is allowed, if others outweigh it
    (odd * ODD_SHARE <= records.len() || (odd * 2 < records.len() && odd <= 2)).then_some(usual)
}

/// The length of a first line `#TYPE …`, which `Export-Csv` of PowerShell writes; 0 if there is none.
fn type_line(text: &[u8]) -> usize {
    if !text.strip_prefix(b"\"").unwrap_or(text).starts_with(b"#TYPE ") {
        return 0;
    }
    memchr::memchr(b'\n', text).map_or(0, |end| end + 1)
}

/// The delimiter that a first line `sep=;` names, and the length of that line.
fn named_delimiter(text: &[u8]) -> Option<(usize, u8)> {
    let quoted = text.first() == Some(&b'"');
    let rest = &text[usize::from(quoted)..];
    if !rest.get(..4)?.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let (delimiter, rest) = rest[4..].split_first()?;
    let rest = if quoted { rest.strip_prefix(b"\"")? } else { rest };
    // a spreadsheet that did not obey the line fills it up with delimiters
    let filled = rest.iter().take_while(|byte| *byte == delimiter).count();
    let rest = match &rest[filled..] {
        [b'\r', b'\n', rest @ ..] | [b'\r' | b'\n', rest @ ..] => rest,
        _ => return None,
    };
    (!delimiter.is_ascii_alphanumeric() && !matches!(delimiter, b'"' | b'\r' | b'\n'))
        .then_some((text.len() - rest.len(), *delimiter))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The delimiter, the number of the e-mail column, and the first record; or the error.
    #[track_caller]
    fn reads(text: &str, has_header: bool, subject: Option<&str>, expected: &str) {
        let head = Head::whole(text.as_bytes());
        let start = TableStart::of(&head, 0, None, b',');
        let names = ColumnNames { subject: subject.map(str::to_owned), ..ColumnNames::default() };
        let path = Path::new("a.csv");
        let table = if has_header { start.read(&names, path) } else { start.read_records(&names, path) };
        let shown = match table {
            Ok(Table { delimiter, columns, data_start }) => {
                let first = text[data_start..].lines().next().unwrap_or_default();
                format!("{:?} {}/{} {first}", char::from(delimiter), columns.subject + 1, columns.width)
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn delimiters() {
        reads("id,email\n1,a\n", true, None, "',' 2/2 1,a");
        reads("id;email\n1;a\n", true, None, "';' 2/2 1;a");
        reads("id\temail\n1\ta\n", true, None, "'\\t' 2/2 1\ta");
        reads("id|email|note\n1|a,b|c\n", true, None, "'|' 2/3 1|a,b|c");
        reads("email\na\n", true, None, "',' 1/1 a");
        reads("sep=;\r\nid;email\n1;a\n", true, None, "';' 2/2 1;a");
        reads("\"sep=|\"\nid,x|email\n1|a\n", true, None, "'|' 2/2 1|a");
        reads("#TYPE System.Object\r\n\"id\";\"email\"\r\n1;a\n", true, None, "';' 2/2 1;a");
        reads("sep=;;\nid;email\n1;a\n", true, None, "';' 2/2 1;a");
        // quotes are respected
        reads("\"id;number\",email\n1,a\n", true, None, "',' 2/2 1,a");
        reads("\"id,number\";\"email\"\n1;a\n", true, None, "';' 2/2 1;a");
        // a delimiter that makes more fields, but no e-mail column, is none
        reads("a;b;c,email\n1,a\n", true, None, "',' 2/2 1,a");
        reads("Kundennummer;E-Mail;am\n1;a;b\n", true, None, "';' 2/3 1;a;b");
    }

    #[test]
    fn tables_without_header() {
        reads(
            "1,a@b.example,\"x;y;z\"\n2,c@d.example,z\n",
            false,
            Some("2"),
            "',' 2/3 1,a@b.example,\"x;y;z\"",
        );
        reads("1;a@b.example\n2;c@d.example\n3,\n", false, Some("2"), "';' 2/2 1;a@b.example");
        reads("a@b.example\nc@d.example\n", false, None, "',' 1/1 a@b.example");
        reads("1|a@b.example\n", false, Some("2"), "'|' 2/2 1|a@b.example");
        let numbers = "a.csv: no column `4`, found `1`, `2`\nhint: name the column";
        reads("1,a@b.example\n", false, Some("4"), numbers);
        let which = "a.csv: a table of 2 columns without a header, expected the number of the column with the \
                     address\nhint: add a first line with the names of the columns, or name the columns by their numbers; the \
                     address is in column 2";
        reads("1,a@b.example\n2,\n", false, None, which);
    }

    #[test]
    fn headers_that_are_accounts() {
        let account = "a.csv: the first line has 3 fields and an address in one of them, so it is data and not a \
                       header\nhint: add a first line with the names of the columns, or name the columns by their numbers; the \
                       address is in column 2";
        // a cell may read like a name of the column
        reads("1,ana@example.com,email\n", true, None, account);
        reads("1,ana@example.com,x\n", true, Some("x"), account);
        reads("id;\"ana@example.com\";x\n", true, None, account);
    }

    #[track_caller]
    fn lacks_header(text: &str, expected: bool) {
        let head = Head::whole(text.as_bytes());
        assert_eq!(TableStart::of(&head, 0, None, b',').lacks_header(Subject::Address), expected, "{text}");
    }

    #[test]
    fn tables_and_lists_of_addresses() {
        lacks_header("1,a@b.example\n2,c@d.example\n", true);
        lacks_header("1;a@b.example;x\n2;c@d.example;y\n", true);
        lacks_header("a@b.example\nc@d.example\n", false);
        lacks_header("a@b.example, c@d.example\ne@f.example, g@h.example\n", false);
        lacks_header("Doe, Jo <a@b.example>\nRoe, Al <c@d.example>\n", false);
        lacks_header("a@b.example,\nb@b.example\n", false);
    }
}
