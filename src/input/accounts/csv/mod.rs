//! CSV and TSV: from records to accounts.
//!
//! Records and fields are those of the `csv` crate: RFC 4180 with any line end (see [`super::records`]). Blank lines
//! are not records. A table of one column is the exception: there a blank line is a row with an empty address. A row
//! is `malformed` if its record has more or fewer fields than the header, or if the record is faulty (a stray quote, more
//! than 4 MiB). A faulty record costs only its first line. Fields are not trimmed, but blank ones count as absent.
//!
//! A chunk is tried as UTF-8 first, which nearly all are, so that its fields need not be. In any other chunk the fields
//! that are used are tried one by one. Only if one of them is something else are the fields of its record decoded
//! ([`crate::name::undecoded`]).
//!
//! **TSV.** Most programs that write TSV never quote (`COPY` of PostgreSQL, `mysql -B`), but spreadsheets do. So
//! quotes are tried first. A line that is not a record with its quotes, or has text behind a closing quote, is read again with
//! the quotes taken literally. `\N` in an identifier, address or carried column is how both write null.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;
use std::str::Utf8Error;

use memchr::memchr_iter;

use super::columns::Columns;
use super::fields::{split_plain, split_quoted};
use super::grammar::{Grammar, RecordLimits, RecordShape};
use super::records::{CsvRecord, CsvRecords};
use super::values::{accounts_of_text, is_null, weight_of_text};
use super::{Account, AccountSink, Given, RecordCounts, recycle};
use crate::name::undecoded::decode;

/// Parses whole records after the header; see [`super::AccountLayout::parse`].
pub(crate) fn parse_csv(
    text: &[u8],
    delimiter: u8,
    columns: &Columns,
    sink: &mut impl AccountSink,
) -> RecordCounts {
    let grammar =
        Grammar { delimiter, shape: Some(RecordShape::of(columns)), limits: RecordLimits::ACCOUNTS };
    parse_records(text, grammar, columns, sink)
}

fn parse_records(
    text: &[u8],
    grammar: Grammar,
    columns: &Columns,
    sink: &mut impl AccountSink,
) -> RecordCounts {
    let (mut fields, mut unquoted, mut spare) = (Vec::new(), Vec::new(), Vec::new());
    let mut counts = RecordCounts::default();
    let whole = std::str::from_utf8(text).ok();
    for record in CsvRecords::new(text, grammar, true) {
        let (content, quotes, is_faulty) = match record {
            CsvRecord::Sound { content, quotes, lines } => {
                counts.multi_line += u64::from(lines > 1);
                counts.inside += lines as u64 - 1;
                (content, quotes, false)
            }
            CsvRecord::Faulty(line) => (line, true, true),
        };
        if content.is_empty() && !is_faulty && columns.width != 1 {
            counts.blank += 1;
            continue;
        }
        counts.rows += 1;
        sink.record(content.clone());
        let ((fields_text, utf8), is_sound) = if quotes {
            let record = &text[content.clone()];
            let is_clean = split_quoted(record, grammar.delimiter, &mut unquoted, &mut fields);
            let is_sound = !is_faulty && fields.len() == columns.width;
            if !(is_sound && is_clean) && fits_literally(record, grammar, columns) {
                split_plain(text, content, grammar.delimiter, &mut fields);
                ((text, whole), true)
            } else {
                ((unquoted.as_slice(), None), is_sound)
            }
        } else {
            split_plain(text, content, grammar.delimiter, &mut fields);
            ((text, whole), fields.len() == columns.width)
        };
        let row = CsvRow { number: counts.rows, text: fields_text, utf8, fields: &fields, columns };
        spare = row.hand_over(is_sound, spare, sink);
    }
    counts
}

/// Whether a line of TSV that is not a record with its quotes is one if they are taken literally.
fn fits_literally(line: &[u8], grammar: Grammar, columns: &Columns) -> bool {
    let width = || memchr_iter(b'\t', line).count() + 1;
    grammar.delimiter == b'\t' && line.len() <= grammar.limits.record && width() == columns.width
}

/// How databases write that there is no value (`COPY` of PostgreSQL, `INTO OUTFILE` of MySQL).
const NULL: &str = "\\N";

/// Whether an identifier is blank or null.
fn is_missing(id: &str) -> bool {
    id.chars().all(char::is_whitespace) || id == NULL
}

/// A record, split into fields.
pub(super) struct CsvRow<'a> {
    /// Its number within the text.
    pub(super) number: u64,
    pub(super) text: &'a [u8],
    /// The same, if it is known to be UTF-8.
    pub(super) utf8: Option<&'a str>,
    pub(super) fields: &'a [Range<usize>],
    pub(super) columns: &'a Columns,
}

impl<'a> CsvRow<'a> {
    /// Hands over the row. `spare` is an allocation, which comes back.
    pub(super) fn hand_over(
        &self,
        is_sound: bool,
        spare: Vec<Option<&str>>,
        sink: &mut impl AccountSink,
    ) -> Vec<Option<&'static str>> {
        let mut carried = recycle(spare);
        if !is_sound {
            sink.malformed(self.number, self.decoded_id().as_deref());
        } else if self.read(&mut carried, true, sink).is_err() {
            self.read_decoded(sink);
        }
        recycle(carried)
    }

    /// Hands over the account. If it is not UTF-8, nothing is handed over.
    fn read(
        &self,
        carried: &mut Vec<Option<&'a str>>,
        is_utf8: bool,
        sink: &mut impl AccountSink,
    ) -> std::result::Result<(), Utf8Error> {
        for at in &self.columns.carry {
            carried.push(Some(self.field(*at)?).filter(|text| !text.is_empty() && *text != NULL));
        }
        let moment = |at: Option<usize>| match at {
            Some(at) => self.field(at).map(|text| self.columns.times.of_text(text)),
            None => Ok(Given::Absent),
        };
        let number = |at: Option<usize>, read: fn(&str) -> Given<i64>| {
            at.map_or(Ok(Given::Absent), |at| self.field(at).map(read))
        };
        let account = Account {
            row: self.number,
            id: self.id()?,
            subject: Some(self.field(self.columns.subject)?)
                .filter(|text| !is_null(text))
                .unwrap_or_default(),
            verified_at: moment(self.columns.verified_at)?,
            first_verified_at: moment(self.columns.first_verified_at)?,
            weight: number(self.columns.weight, weight_of_text)?,
            accounts: number(self.columns.accounts, accounts_of_text)?,
            carried,
            is_utf8,
        };
        sink.account(&account);
        Ok(())
    }

    /// Hands over the account of a record that is not UTF-8.
    fn read_decoded(&self, sink: &mut impl AccountSink) {
        let (mut text, mut fields) = (String::new(), Vec::with_capacity(self.fields.len()));
        for field in self.fields {
            let start = text.len();
            text.push_str(&decode(&self.text[field.clone()]));
            fields.push(start..text.len());
        }
        let decoded = CsvRow { text: text.as_bytes(), utf8: Some(&text), fields: &fields, ..*self };
        if decoded.read(&mut Vec::new(), false, sink).is_err() {
            sink.malformed(self.number, None);
        }
    }

    /// The identifier of a record that cannot be read otherwise.
    fn decoded_id(&self) -> Option<Cow<'a, str>> {
        let range = self.fields.get(self.columns.id?)?.clone();
        Some(decode(&self.text[range])).filter(|id| !is_missing(id))
    }

    fn id(&self) -> std::result::Result<Option<&'a str>, Utf8Error> {
        let id = self.columns.id.map(|at| self.field(at)).transpose()?;
        Ok(id.filter(|id| !is_missing(id)))
    }

    /// The text of a field; empty if there is no such field.
    fn field(&self, at: usize) -> std::result::Result<&'a str, Utf8Error> {
        let range = self.fields.get(at).cloned().unwrap_or(0..0);
        let known = self.utf8.and_then(|text| text.get(range.clone()));
        known.map_or_else(|| std::str::from_utf8(&self.text[range]), Ok)
    }
}
