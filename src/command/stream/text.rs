//! Rows of text with the cells that are added.
//!
//! The row itself is copied byte for byte. What is added needs no escapes in a table: domains of accounts are A-labels, all
//! else are words, numbers and times of ours. Names of servers come from zones, and may have any octets: they are told as
//! JSON, where they are escaped. A record that is not one, such as a line with too many fields, comes back whole in the
//! first column, so that the columns after it stay where they are; in JSON it is the member [`MALFORMED`].

use std::io::Write;

use super::columns::{Cell, OF_SERVER};
use crate::name::Rejection;
use crate::name::undecoded::decode;

/// The member that holds a line that is no JSON object.
const MALFORMED: &str = "malformed_row";

/// How rows are written.
#[derive(Debug, Clone)]
pub(super) enum TextForm {
    /// Fields that may be quoted, of a table of so many columns.
    Csv { delimiter: u8, width: usize },
    /// Fields that are never quoted.
    Plain { delimiter: u8, width: usize },
    /// An object a line.
    Ndjson,
}

impl TextForm {
    /// Appends the header with the names of the columns that are added.
    pub(super) fn write_header(&self, header: &[u8], names: &[String], out: &mut Vec<u8>) {
        let (Self::Csv { delimiter, .. } | Self::Plain { delimiter, .. }) = self else { return };
        let header = header.strip_suffix(b"\n").unwrap_or(header);
        out.extend_from_slice(header.strip_suffix(b"\r").unwrap_or(header));
        for name in names {
            out.push(*delimiter);
            match self {
                Self::Csv { .. } if name.as_bytes().contains(delimiter) => quote(name.as_bytes(), out),
                _ => out.extend_from_slice(name.as_bytes()),
            }
        }
        out.push(b'\n');
    }

    /// Appends the row without its end. `reason` says why it was rejected.
    pub(super) fn open_row(&self, row: &[u8], reason: Option<Rejection>, out: &mut Vec<u8>) {
        let is_malformed = reason == Some(Rejection::MalformedRow);
        match self {
            Self::Csv { delimiter, width } if is_malformed => {
                quote(row, out);
                out.extend(std::iter::repeat_n(*delimiter, width - 1));
            }
            Self::Plain { delimiter, width } if is_malformed => {
                for byte in row {
                    match byte {
                        b'\t' if *delimiter == b'\t' => out.extend_from_slice(b"\\t"),
                        byte if byte == delimiter => out.push(b' '),
                        byte => out.push(*byte),
                    }
                }
                (1..*width).for_each(|_| out.extend_from_slice(&[*delimiter, b'\\', b'N']));
            }
            Self::Csv { .. } | Self::Plain { .. } => out.extend_from_slice(row),
            Self::Ndjson => open_object(row, is_malformed, out),
        }
    }

    /// Appends a cell.
    pub(super) fn write_cell(&self, name: &str, cell: &Cell<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Csv { delimiter, .. } => {
                out.push(*delimiter);
                let start = out.len();
                write_plain(cell, "", out);
                if out[start..].iter().any(|byte| byte == delimiter || *byte == b'"') {
                    let field = out.split_off(start);
                    quote(&field, out);
                }
            }
            Self::Plain { delimiter, .. } => {
                out.push(*delimiter);
                let start = out.len();
                write_plain(cell, "\\N", out);
                if matches!(cell, Cell::Servers(_)) && out[start..].contains(delimiter) {
                    let json = out.split_off(start);
                    escape_in_json(&json, *delimiter, out);
                }
            }
            Self::Ndjson => write_member(name, cell, out),
        }
    }

    /// Appends cells that were written before.
    pub(super) fn add_cells(&self, cells: &[u8], out: &mut Vec<u8>) {
        // the first member of an object has no comma before it
        let is_first = matches!(self, Self::Ndjson) && out.last() == Some(&b'{');
        out.extend_from_slice(&cells[usize::from(is_first)..]);
    }

    /// Ends the row.
    pub(super) fn close_row(&self, out: &mut Vec<u8>) {
        match self {
            Self::Csv { .. } | Self::Plain { .. } => out.push(b'\n'),
            Self::Ndjson => out.extend_from_slice(b"}\n"),
        }
    }
}

fn quote(field: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in field {
        out.push(*byte);
        if *byte == b'"' {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

/// Appends an object without its last brace; a line that is none becomes a member of one.
fn open_object(row: &[u8], is_malformed: bool, out: &mut Vec<u8>) {
    let is_object = || {
        let object: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&decode(row));
        row.first() == Some(&b'{') && object.is_ok()
    };
    if is_malformed && !is_object() {
        let text = String::from_utf8_lossy(row);
        out.extend_from_slice(format!("{{\"{MALFORMED}\":{}", serde_json::Value::from(&*text)).as_bytes());
        return;
    }
    out.extend_from_slice(row.strip_suffix(b"}").unwrap_or(row).trim_ascii_end());
}

fn write_plain(cell: &Cell<'_>, null: &str, out: &mut Vec<u8>) {
    let written = match cell {
        Cell::Null => write!(out, "{null}"),
        Cell::Text(text) => write!(out, "{text}"),
        Cell::Integer(number) => write!(out, "{number}"),
        Cell::Day(day) => write!(out, "{day}"),
        Cell::Moment(moment) => write!(out, "{moment}"),
        Cell::Texts(texts) => write!(out, "{}", texts.join(" ")),
        Cell::Flag(flag) => write!(out, "{flag}"),
        // no table has a form for lists of this kind but that of JSON
        Cell::Servers(_) => return write_value(cell, out),
    };
    written.expect("memory takes what is written");
}

/// Appends a member behind a comma.
fn write_member(name: &str, cell: &Cell<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    write_value(cell, out);
}

/// Appends a value of JSON.
fn write_value(cell: &Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Integer(_) | Cell::Flag(_) => write_plain(cell, "", out),
        Cell::Text(text) => serde_json::to_writer(out, text).expect("memory takes what is written"),
        Cell::Day(_) | Cell::Moment(_) => {
            out.push(b'"');
            write_plain(cell, "", out);
            out.push(b'"');
        }
        Cell::Texts(texts) => write_list(texts, |text, out| write_value(&Cell::Text(text), out), out),
        Cell::Servers(servers) => write_list(servers, |server, out| write_server(server, out), out),
    }
}

/// Appends JSON without this octet, which stands in its texts alone: delimiters that the rest of it has are refused.
fn escape_in_json(json: &[u8], octet: u8, out: &mut Vec<u8>) {
    for byte in json {
        match byte {
            byte if *byte == octet => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            byte => out.push(*byte),
        }
    }
}

fn write_list<T>(items: &[T], write: impl Fn(&T, &mut Vec<u8>), out: &mut Vec<u8>) {
    out.push(b'[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

fn write_server(server: &[Cell<'_>; OF_SERVER.len()], out: &mut Vec<u8>) {
    let start = out.len();
    OF_SERVER.iter().zip(server).for_each(|((name, _), cell)| write_member(name, cell, out));
    // instead of the comma before the first member
    out[start] = b'{';
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn writes(form: &TextForm, row: &str, reason: Option<Rejection>, expected: &str) {
        let (mut cells, mut out) = (Vec::new(), Vec::new());
        form.write_cell("state", &Cell::Text("active"), &mut cells);
        form.write_cell("rule", &Cell::Null, &mut cells);
        form.write_cell("reasons", &Cell::Texts(vec!["a.b".into(), "c.d".into()]), &mut cells);
        form.open_row(row.as_bytes(), reason, &mut out);
        form.add_cells(&cells, &mut out);
        form.close_row(&mut out);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn rows() {
        let malformed = Some(Rejection::MalformedRow);
        let csv = TextForm::Csv { delimiter: b',', width: 2 };
        writes(&csv, "\"1\",a b", None, "\"1\",a b,active,,a.b c.d\n");
        writes(&csv, "1,2,\"3\"", malformed, "\"1,2,\"\"3\"\"\",,active,,a.b c.d\n");
        let dots = TextForm::Csv { delimiter: b'.', width: 1 };
        writes(&dots, "1", Some(Rejection::Empty), "1.active..\"a.b c.d\"\n");
        let tsv = TextForm::Plain { delimiter: b'\t', width: 2 };
        writes(&tsv, "\"1\t2", None, "\"1\t2\tactive\t\\N\ta.b c.d\n");
        writes(&tsv, "1\t2\t3", malformed, "1\\t2\\t3\t\\N\tactive\t\\N\ta.b c.d\n");
        let spark = TextForm::Plain { delimiter: 1, width: 2 };
        writes(&spark, "1\u{1}2\u{1}3", malformed, "1 2 3\u{1}\\N\u{1}active\u{1}\\N\u{1}a.b c.d\n");
        let added = "\"state\":\"active\",\"rule\":null,\"reasons\":[\"a.b\",\"c.d\"]}\n";
        writes(&TextForm::Ndjson, "{\"id\": 1.50}", None, &format!("{{\"id\": 1.50,{added}"));
        writes(&TextForm::Ndjson, "{ }", Some(Rejection::Empty), &format!("{{{added}"));
        writes(&TextForm::Ndjson, "{\"email\":7}", malformed, &format!("{{\"email\":7,{added}"));
        writes(
            &TextForm::Ndjson,
            "[\"x\"]",
            malformed,
            &format!("{{\"malformed_row\":\"[\\\"x\\\"]\",{added}"),
        );
    }
}
