//! Tables whose fields are never quoted: each line is a record, and each delimiter separates two fields.
//!
//! Databases (`COPY` of PostgreSQL, `mysql -B`) and Spark's `TRANSFORM` write tables so. Quotes are ordinary
//! characters, so no record can swallow the line after it. A line ends with LF alone: CR may be the end of a value.
//! `\N` is null, as in other tables. Backslashes are not undone: they cannot occur in the domain of an address.
//!
//! A blank line is a record only in a table of one column, as in CSV.

use std::path::Path;

use super::columns::Columns;
use super::csv::CsvRow;
use super::fields::split_plain;
use super::form::FormOptions;
use super::multi_line::holds_addresses;
use super::table::TableStart;
use super::{AccountLayout, AccountSink, RecordCounts, header};
use crate::error::{Error, Hint, Result};
use crate::input::source::Head;
use crate::input::without_byte_order_mark;

/// What the first line says: the columns by their names, or only how many there are.
pub(crate) fn plain_layout(
    head: &Head,
    delimiter: u8,
    options: &FormOptions,
    path: &Path,
) -> Result<(AccountLayout, usize)> {
    let text = without_byte_order_mark(&head.text);
    let start = head.text.len() - text.len();
    let end = memchr::memchr(b'\n', text);
    let line = &text[..end.unwrap_or(text.len())];
    let fields: Vec<_> = line.split(|byte| *byte == delimiter).map(String::from_utf8_lossy).collect();
    let mut header: Vec<&str> = fields.iter().map(|field| &**field).collect();
    let numbers: Vec<String> = (1..=header.len()).map(|number| number.to_string()).collect();
    if text.is_empty() && !options.no_header {
        return Err(header::is_empty(path));
    }
    let mut data_start = start;
    if options.no_header {
        if options.columns.subject.is_none() && header.len() > 1 {
            let what = "a table without a header, expected the number of the column with the subject";
            return Err(Error::failure(path, what).hint(options.columns.no_header(&header)));
        }
        header = numbers.iter().map(String::as_str).collect();
    } else if header.iter().any(|field| holds_addresses(field.as_bytes())) {
        let what = "the first line has an address in it, so it is data and not a header";
        return Err(Error::failure(path, what).hint(options.columns.no_header(&header)));
    } else if line.ends_with(b"\r") {
        let what =
            "lines end with CR LF, but a table of fields that are never quoted ends them with LF alone";
        return Err(Error::failure(path, what).at_line(1).hint(Hint::TellQuoted));
    } else {
        data_start += end.map_or(text.len(), |end| end + 1);
    }
    let mut names = options.columns.clone();
    if options.no_header && header.len() == 1 {
        names.subject.get_or_insert_with(|| "1".to_owned());
    }
    let columns = Columns::find(&header, &names, path).map_err(|error| {
        let table = TableStart::of(head, start, None, b',');
        let is_other = !options.no_header && header.len() == 1 && table.has_header(&names, path);
        let what = "the first line is one field, but with another delimiter it names columns";
        if is_other { Error::failure(path, what).hint(Hint::TellFormat) } else { error }
    })?;
    Ok((AccountLayout::Plain { delimiter, columns }, data_start))
}

/// Parses whole lines after the header; see [`super::AccountLayout::parse`].
pub(super) fn parse_plain(
    text: &[u8],
    delimiter: u8,
    columns: &Columns,
    sink: &mut impl AccountSink,
) -> RecordCounts {
    let (mut fields, mut spare) = (Vec::new(), Vec::new());
    let (mut counts, mut start) = (RecordCounts::default(), 0);
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
        let line = start..end;
        start = end + 1;
        if line.is_empty() && columns.width != 1 {
            counts.blank += 1;
            continue;
        }
        counts.rows += 1;
        sink.record(line.clone());
        split_plain(text, line, delimiter, &mut fields);
        let row = CsvRow { number: counts.rows, text, utf8: None, fields: &fields, columns };
        spare = row.hand_over(fields.len() == columns.width, spare, sink);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::super::Account;
    use super::*;

    struct PlainRows(Vec<String>);

    impl AccountSink for PlainRows {
        fn account(&mut self, account: &Account<'_>) {
            self.0.push(format!("{} {} {}", account.row, account.id.unwrap_or("-"), account.subject));
        }
        fn malformed(&mut self, row: u64, id: Option<&str>) {
            self.0.push(format!("{row} {} malformed", id.unwrap_or("-")));
        }
    }

    #[track_caller]
    fn reads(text: &str, delimiter: u8, expected: &[&str]) {
        let path = Path::new("a");
        let layout = plain_layout(&Head::whole(text.as_bytes()), delimiter, &FormOptions::default(), path);
        let (layout, start) = layout.expect("a header with an address");
        let mut rows = PlainRows(Vec::new());
        let counts = layout.parse(&text.as_bytes()[start..], &mut rows);
        assert_eq!(rows.0, expected);
        assert_eq!(counts.lines(), layout.count_lines(&text.as_bytes()[start..]));
    }

    #[test]
    fn lines_are_records() {
        reads("id\temail\n1\ta@x.example\n2\tb@x.example", b'\t', &["1 1 a@x.example", "2 2 b@x.example"]);
        reads("id\x01email\n1\x01a@x.example\n", 1, &["1 1 a@x.example"]);
        // a quote opens nothing, and CR is a character
        reads(
            "email\tid\n\"a@x.example\t1\nb@x.example\t\r2\n",
            b'\t',
            &["1 1 \"a@x.example", "2 \r2 b@x.example"],
        );
        reads("id\temail\n1\n\n\\N\t\\N\n", b'\t', &["1 1 malformed", "2 - "]);
        reads("email\n\na@x.example\n", b'\t', &["1 - ", "2 - a@x.example"]);
    }

    #[track_caller]
    fn refuses(text: &str, no_header: bool, part: &str) {
        let options = FormOptions { no_header, ..FormOptions::default() };
        let error = plain_layout(&Head::whole(text.as_bytes()), b'\t', &options, Path::new("a")).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn first_lines_that_are_refused() {
        refuses("", false, "a: empty, expected a header line");
        refuses("1\ta@x.example\n", false, "an address in it, so it is data");
        refuses("1\ta@x.example\n", true, "expected the number of the column");
        refuses("id\temail\r\n", false, "a:1: lines end with CR LF");
        refuses("id\tname\n", false, "no e-mail column");
        refuses(
            "id,email\n1,a\n",
            false,
            "a: the first line is one field, but with another delimiter it names columns",
        );
    }
}
