//! How a file of accounts is written, told by its beginning.
//!
//! What the user says wins, then the content, and the name only where the content leaves a choice. A file that can be
//! read two ways with different results is refused: lines with delimiters, but without a header, are no list of addresses.

use std::path::Path;

use super::columns::ColumnNames;
use super::json_form::{self, JsonLayout};
use super::table::{EMPTY_HINT, TableStart};
use super::{AccountFormat, AccountLayout, foreign};
use crate::error::{Error, Hint, Result};
use crate::input::source::Head;
use crate::input::without_byte_order_mark;

/// What the user says about files of accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormOptions {
    /// How they are written.
    pub format: Option<AccountFormat>,
    /// The byte between the fields of a table.
    pub delimiter: Option<u8>,
    /// Whether tables have no header, so that columns are named by their numbers.
    pub no_header: bool,
    /// Whether it is a part of a larger input, so that what is missing from it may be in another part.
    pub is_part: bool,
    /// Which column holds what.
    pub columns: ColumnNames,
}

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountForm {
    /// Parquet, which is no text.
    Parquet,
    /// Text in this layout, from this byte of the text on.
    Text(Box<AccountLayout>, usize),
}

impl AccountForm {
    /// Bytes of text that are looked at.
    pub const HEAD_BYTES: u64 = 2 << 20;

    /// Tells the form of the file with this beginning.
    pub fn tell(head: &Head, path: &Path, options: &FormOptions) -> Result<Self> {
        let named = AccountFormat::by_name(path);
        let text = without_byte_order_mark(&head.text);
        let start = head.text.len() - text.len();
        match options.format {
            Some(AccountFormat::Parquet) => return Ok(Self::Parquet),
            None if text.starts_with(b"PAR1")
                || (named == Some(AccountFormat::Parquet) && is_binary(text)) =>
            {
                return Ok(Self::Parquet);
            }
            None => {
                if let Some(error) = foreign::no_accounts(text, path) {
                    return Err(error);
                }
            }
            Some(_) => {}
        }
        let format = match options.format {
            Some(format) => format,
            None => tell_format(head, start, named, path, options)?,
        };
        let table = |preferred| {
            let start = TableStart::of(head, start, options.delimiter, preferred);
            let names = &options.columns;
            if options.no_header { start.read_records(names, path) } else { start.read(names, path) }
        };
        let table = match format {
            AccountFormat::Csv => table(if named == Some(AccountFormat::Tsv) { b'\t' } else { b',' })?,
            AccountFormat::Tsv => table(b'\t')?,
            AccountFormat::Text => return Ok(Self::Text(AccountLayout::Text.into(), start)),
            AccountFormat::Ndjson | AccountFormat::Json => {
                if options.no_header {
                    let what = "JSON names its members, so it has no columns with numbers";
                    return Err(Error::failure(path, what).hint("name its members as columns"));
                }
                let layout = JsonLayout::tell(head, start, options, path)?;
                return Ok(Self::Text(Box::new(layout.into()), start));
            }
            AccountFormat::Parquet => return Ok(Self::Parquet),
        };
        Ok(Self::Text(
            Box::new(AccountLayout::Csv { delimiter: table.delimiter, columns: table.columns }),
            table.data_start,
        ))
    }
}

/// Whether a text has a byte that none has.
fn is_binary(text: &[u8]) -> bool {
    text.is_empty() || text.iter().take(512).any(|byte| *byte < b' ' && !byte.is_ascii_whitespace())
}

/// Tells the format by the content, and by the name if that leaves a choice.
fn tell_format(
    head: &Head,
    start: usize,
    named: Option<AccountFormat>,
    path: &Path,
    options: &FormOptions,
) -> Result<AccountFormat> {
    use AccountFormat::{Csv, Json, Text, Tsv};
    let text = &head.text[start..];
    if json_form::begins(text) {
        return Ok(Json);
    }
    if options.no_header || options.delimiter.is_some() {
        return Ok(if named == Some(Tsv) { Tsv } else { Csv });
    }
    if let Some(format @ (Csv | Tsv | AccountFormat::Ndjson | Json)) = named {
        let is_table = || TableStart::of(head, start, None, b',').has_header(&options.columns, path);
        let is_json = matches!(format, AccountFormat::Ndjson | Json);
        return Ok(if is_json && is_table() { Csv } else { format });
    }
    let table = TableStart::of(head, start, None, b',');
    let is_empty = text.trim_ascii().is_empty();
    if is_empty {
        // every line of a list is a row, so that one of blank lines has rows, too
        return if named == Some(Text) && !text.is_empty() {
            Ok(Text)
        } else {
            Err(Error::failure(path, "empty, expected accounts").hint(EMPTY_HINT))
        };
    }
    if table.has_header(&options.columns, path) {
        return Ok(Csv);
    }
    if table.lacks_header(options.columns.kind) {
        return Ok(Csv);
    }
    let first = text.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_subject = options.columns.kind.may_be(first);
    match named {
        Some(Text) => Ok(Text),
        _ if is_subject => Ok(Text),
        _ if memchr::memchr3(b',', b';', b'\t', first).is_some() => Ok(Csv),
        _ => Err(Error::failure(
            path,
            "neither the name nor the first line tells how the accounts are written",
        )
        .hint(Hint::TellFormat)),
    }
}
