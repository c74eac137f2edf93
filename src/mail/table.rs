//! Tables of text: a record a row.
//!
//! Records and fields are those of the reader of accounts ([`CsvRecords`]). A row needs the fields up to the last one that
//! is used; with fewer it is faulty, and with more than the header has as well, because a cell may have been cut in two.

use std::borrow::Cow;
use std::ops::Range;

use super::batch::{MxBatch, MxDate, MxPlace};
use super::columns::{MxColumns, is_answered, is_mx};
use super::host::read_preference;
use super::names::{FoundNames, NameFound};
use crate::input::accounts::fields::{split_plain, split_quoted};
use crate::input::accounts::grammar::{Grammar, RecordLimits};
use crate::input::accounts::records::{CsvRecord, CsvRecords};

/// A table whose columns are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MxTable {
    pub(super) delimiter: u8,
    pub(super) columns: MxColumns,
    /// Where the data start, in bytes.
    pub(super) data_start: usize,
}

/// How records are delimited.
pub(super) fn grammar(delimiter: u8) -> Grammar {
    Grammar { delimiter, shape: None, limits: RecordLimits::ACCOUNTS }
}

impl MxTable {
    /// Reads whole records. `line` is that of the first byte.
    pub(super) fn read(&self, text: &[u8], line: u64, batch: &mut MxBatch<'_>) {
        let (mut fields, mut unquoted) = (Vec::new(), Vec::new());
        let mut line = line;
        // looked at once, and not for each cell
        let decoded = std::str::from_utf8(text).ok();
        let mut plain = PlainRows { text, decoded, ..PlainRows::default() };
        for record in CsvRecords::new(text, grammar(self.delimiter), true) {
            let (content, quotes, lines) = match record {
                CsvRecord::Sound { content, .. } if content.is_empty() => {
                    line += 1;
                    continue;
                }
                CsvRecord::Sound { content, quotes, lines } => (content, quotes, lines as u64),
                CsvRecord::Faulty(_) => {
                    plain.read(&self.columns, batch);
                    batch.fault(MxPlace::Line(line), "a quote is not closed");
                    line += 1;
                    continue;
                }
            };
            let place = MxPlace::Line(line);
            line += lines;
            if quotes {
                split_quoted(&text[content], self.delimiter, &mut unquoted, &mut fields);
            } else {
                split_plain(text, content, self.delimiter, &mut fields);
            }
            if fields.len() != self.columns.width {
                plain.read(&self.columns, batch);
                let what = format!("expected {} fields, found {}", self.columns.width, fields.len());
                batch.fault(place, &what);
            } else if quotes {
                plain.read(&self.columns, batch);
                let row = MxRow { text: &unquoted, decoded: None, fields: &fields };
                let name = batch.name(&row.field(self.columns.name));
                row.read(&self.columns, name, place, batch);
            } else {
                plain.fields.extend_from_slice(&fields);
                plain.places.push(place);
                if plain.places.len() == TOGETHER {
                    plain.read(&self.columns, batch);
                }
            }
        }
        plain.read(&self.columns, batch);
    }
}

/// Rows whose names are looked up together.
const TOGETHER: usize = 256;

/// Rows without quotes.
#[derive(Default)]
struct PlainRows<'t> {
    text: &'t [u8],
    /// The same, if it is UTF-8.
    decoded: Option<&'t str>,
    /// The fields of all, one row after the other.
    fields: Vec<Range<usize>>,
    places: Vec<MxPlace>,
    names: FoundNames,
}

impl PlainRows<'_> {
    /// Reads them, and forgets them.
    fn read(&mut self, columns: &MxColumns, batch: &mut MxBatch<'_>) {
        let Self { text, decoded, ref fields, ref places, ref mut names } = *self;
        let name = |fields: &[Range<usize>]| match cell(text, decoded, fields[columns.name].clone()) {
            Cow::Borrowed(name) => name,
            // no name is like that
            Cow::Owned(_) => "\u{fffd}",
        };
        batch.reading.wanted.find_all(fields.chunks(columns.width).map(name), names);
        for (number, (fields, place)) in fields.chunks(columns.width).zip(places).enumerate() {
            MxRow { text, decoded, fields }.read(columns, names.get(number), *place, batch);
        }
        self.fields.clear();
        self.places.clear();
    }
}

struct MxRow<'a> {
    text: &'a [u8],
    /// The same, if it is UTF-8.
    decoded: Option<&'a str>,
    fields: &'a [Range<usize>],
}

impl<'a> MxRow<'a> {
    /// Reads the row, whose name was looked up.
    fn read(&self, columns: &MxColumns, name: NameFound, place: MxPlace, batch: &mut MxBatch<'_>) {
        if let Err(what) = self.read_records(columns, name, batch) {
            batch.fault(place, what);
        }
    }

    fn read_records(
        &self,
        columns: &MxColumns,
        name: NameFound,
        batch: &mut MxBatch<'_>,
    ) -> Result<(), &'static str> {
        if columns.kind.is_some_and(|place| !is_mx(&self.field(place))) {
            batch.file.rows += 1;
            batch.file.other_types += 1;
            return Ok(());
        }
        let preference = columns.preference.map(|place| read_preference(&self.field(place)));
        let preference = preference.unwrap_or(Some(None)).ok_or("expected a preference of 0 to 65535")?;
        let is_failed = columns.status.is_some_and(|place| !is_answered(&self.field(place)));
        let hosts = if is_failed { Cow::Borrowed("") } else { self.field(columns.host) };
        // the preference of a failed answer is that of no record
        let preference = preference.filter(|_| !is_failed);
        let date = columns.date.map(|place| self.field(place));
        batch.hosts_of(name, &hosts, preference, date.as_deref().map_or(MxDate::Missing, MxDate::of))
    }

    fn field(&self, place: usize) -> Cow<'a, str> {
        cell(self.text, self.decoded, self.fields.get(place).cloned().unwrap_or(0..0))
    }
}

/// A part of a text, which is `decoded` if it is UTF-8.
fn cell<'t>(text: &'t [u8], decoded: Option<&'t str>, range: Range<usize>) -> Cow<'t, str> {
    match decoded.and_then(|text| text.get(range.clone())) {
        Some(cell) => Cow::Borrowed(cell),
        // names that are not UTF-8 are no names
        None => String::from_utf8_lossy(&text[range]),
    }
}
