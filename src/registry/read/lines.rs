//! Lists of lines: one name a line, or fields with a delimiter.
//!
//! Lines are cut here and not by the CSV reader, because a stray quote must not make one record of all that follows:
//! no field of a list has a line break in it. Only a line with a quote goes through the CSV reader.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use csv::{ByteRecord, ReaderBuilder};

use super::fields::{RowPlace, RowReader};
use super::text::{ListText, Packing};
use crate::error::Result;
use crate::escape::sample;
use crate::input::without_byte_order_mark;
use crate::registry::form::{ColumnText, ListField, ListForm, ListFormat};

/// Bytes of the longest line that is read.
const LINE_BYTES: u64 = 1 << 16;
/// Lines before the first row that may be something else: comments, a header, a stamp.
const HEAD_LINES: u64 = 40;

/// Where the columns of a list are.
type Places = Vec<(ListField, Vec<usize>)>;

/// Reads all rows. What proves that the list is whole, if something in it does.
pub(super) fn read(text: &mut ListText, rows: &mut RowReader<'_>) -> Result<Option<&'static str>> {
    let is_plain = text.packing == Packing::Plain;
    let mut reader = LinesOfList {
        form: rows.reading.form,
        rows,
        places: None,
        width: None,
        closed: false,
        refused: false,
    };
    let mut bytes = BufReader::with_capacity(1 << 18, text);
    let (mut line, mut number) = (Vec::new(), 0_u64);
    loop {
        line.clear();
        number += 1;
        match bytes.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) => break,
            // why it stopped is kept by the text; a line that is cut is not used
            Err(_) => return Ok(None),
            Ok(_) => {}
        }
        let ends = line.pop_if(|last| *last == b'\n').is_some();
        if !ends && line.len() as u64 == LINE_BYTES {
            reader
                .rows
                .list
                .refuse(format!("line {number} is longer than {LINE_BYTES} bytes, so it is not a list"));
            return Ok(None);
        }
        if !ends && is_plain && reader.form.format == ListFormat::Table && reader.form.closing.is_none() {
            // a cut date may read as another one
            reader.rows.fault(RowPlace::Line(number), "the last line has no line end and may be cut off");
            reader.rows.list.break_off("its last line has no line end and may be cut off");
            break;
        }
        reader.line(number, without_byte_order_mark(line.trim_ascii_end()))?;
        if reader.refused {
            return Ok(None);
        }
    }
    reader.end()
}

struct LinesOfList<'r, 'a> {
    form: &'a ListForm,
    rows: &'r mut RowReader<'a>,
    /// Where the columns are, once the header was found.
    places: Option<Places>,
    /// Fields of the header.
    width: Option<usize>,
    closed: bool,
    refused: bool,
}

impl LinesOfList<'_, '_> {
    fn refuse(&mut self, why: String) {
        self.rows.list.refuse(why);
        self.refused = true;
    }

    fn line(&mut self, number: u64, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() || number <= self.form.skip_lines as u64 {
            return Ok(());
        }
        let Some(line) = decode(bytes, self.form) else {
            self.rows.fault(RowPlace::Line(number), "expected UTF-8 text");
            return Ok(());
        };
        if self.places.is_none() && line.starts_with('<') {
            self.refuse("it is a web page, not a list".into());
            return Ok(());
        }
        if self.form.closing.as_deref() == Some(&*line) {
            self.closed = true;
            return Ok(());
        }
        let is_head = self.places.is_none() && number <= HEAD_LINES && self.rows.head(&line);
        if is_head || self.form.comment.as_deref().is_some_and(|mark| line.starts_with(mark)) {
            return Ok(());
        }
        if self.closed {
            self.rows.list.break_off(format!("rows follow its closing line, at line {number}"));
        }
        self.row(number, &line)
    }

    fn row(&mut self, number: u64, line: &str) -> Result<()> {
        let fields = self.split(line);
        let Some(places) = &self.places else { return self.begin(number, line, &fields) };
        let width = self.form.fields.or(self.width);
        let fits = width.is_none_or(|width| width == fields.len());
        let field = |wanted: ListField| -> Option<Cow<'_, str>> {
            let (_, parts) = places.iter().find(|(field, _)| *field == wanted)?;
            match parts.as_slice() {
                [place] => fields.get(*place).map(|text| Cow::Borrowed(&**text)),
                parts => {
                    let texts: Option<Vec<&str>> =
                        parts.iter().map(|place| fields.get(*place).map(|text| &**text)).collect();
                    texts.map(|texts| Cow::Owned(texts.join(" ")))
                }
            }
        };
        self.rows.row(RowPlace::Line(number), fits, &field)
    }

    /// The first line that is no comment: the header, or the first row if there is no header.
    fn begin(&mut self, number: u64, line: &str, fields: &[Cow<'_, str>]) -> Result<()> {
        if let Some(missing) = self.rows.missing_of_head() {
            let patterns = self.form.head.join("` and `");
            let what = format!(
                "it is not a list `{}`: expected `{patterns}` before the names ({missing}), found `{}`",
                self.form.name,
                sample(line)
            );
            self.refuse(what);
            return Ok(());
        }
        let has_header = self.form.header && self.form.format == ListFormat::Table;
        self.places = places(self.form, has_header.then_some(fields));
        if self.places.is_none() {
            let expected = names_of(self.form).join("`, `");
            let what = format!(
                "it is not a list `{}`: expected a header with `{expected}`, found `{}`",
                self.form.name,
                sample(line)
            );
            self.refuse(what);
            return Ok(());
        }
        if has_header {
            self.width = Some(fields.len());
            return Ok(());
        }
        self.row(number, line)
    }

    fn split<'l>(&self, line: &'l str) -> Vec<Cow<'l, str>> {
        if self.form.format == ListFormat::Lines {
            return vec![Cow::Borrowed(line)];
        }
        if !self.form.quotes || memchr::memchr(b'"', line.as_bytes()).is_none() {
            return line.split(char::from(self.form.delimiter)).map(Cow::Borrowed).collect();
        }
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .delimiter(self.form.delimiter)
            .from_reader(line.as_bytes());
        let mut record = ByteRecord::new();
        // a line in memory can always be read
        let _ = reader.read_byte_record(&mut record);
        record.iter().map(|field| Cow::Owned(String::from_utf8_lossy(field).into_owned())).collect()
    }

    fn end(self) -> Result<Option<&'static str>> {
        if self.places.is_none() {
            let expected = match self.form.format {
                ListFormat::Table if self.form.header => {
                    format!("a header with `{}`", names_of(self.form).join("`, `"))
                }
                _ => "names".to_owned(),
            };
            let why = format!("it is not a list `{}`: expected {expected}, found its end", self.form.name);
            // an empty release round is a whole file
            if !self.closed || self.rows.missing_of_head().is_some() {
                self.rows.list.refuse(why);
            }
        }
        match (&self.form.closing, self.closed) {
            (None, _) => Ok(None),
            (Some(_), true) => Ok(Some("its closing line is there")),
            (Some(closing), false) => {
                self.rows.list.break_off(format!("its closing line `{closing}` is missing"));
                Ok(None)
            }
        }
    }
}

/// The text of a line; `None` if it is not UTF-8 and no other encoding is told.
fn decode<'b>(bytes: &'b [u8], form: &ListForm) -> Option<Cow<'b, str>> {
    match (std::str::from_utf8(bytes), form.encoding) {
        (Ok(text), _) => Some(Cow::Borrowed(text)),
        (Err(_), None) => None,
        (Err(_), Some(encoding)) => Some(encoding.decode_without_bom_handling(bytes).0),
    }
}

/// Where the columns are, by the header or by position; `None` if the header lacks one of them.
fn places(form: &ListForm, header: Option<&[Cow<'_, str>]>) -> Option<Places> {
    if form.format == ListFormat::Lines {
        return Some(vec![(ListField::Name, vec![0])]);
    }
    let place = |column: &ColumnText| match column {
        ColumnText::Position(position) => position.checked_sub(1),
        ColumnText::Name(name) => header?.iter().position(|found| plain(found) == plain(name)),
        ColumnText::Joined(_) => None,
    };
    let columns = form.columns.iter();
    columns
        .map(|(field, column)| Some((*field, column.parts().into_iter().map(place).collect::<Option<_>>()?)))
        .collect()
}

/// Names of columns are compared without case, and a blank is an underscore.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

fn names_of(form: &ListForm) -> Vec<String> {
    let parts = form.columns.values().flat_map(ColumnText::parts);
    parts
        .filter_map(|part| if let ColumnText::Name(name) = part { Some(name.clone()) } else { None })
        .collect()
}
