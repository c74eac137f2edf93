//! Inputs in a form that `stream` does not read, told by their first bytes, each with a pipe that makes rows of it.

use std::path::Path;

use super::STANDARD_INPUT;
use crate::cli::StreamFormat;
use crate::error::{Error, Hint};
use crate::input::accounts::known_mark;

/// Bytes that tell what an input is. An engine may wait for an answer after so many, so no more are looked at.
pub(super) const MARK_BYTES: usize = 16;

/// Bytes that are looked at for one that no text has.
const LOOK_BYTES: usize = 64;

/// The marks of other forms, what they are, and what helps.
const FORMS: [(&[u8], &str, &str); 5] = [
    (b"PAR1", "a Parquet file", FROM_PARQUET),
    (b"ARROW1\0\0", "an Arrow file (Feather)", FROM_FEATHER),
    (b"FEA1", "an old Feather file", FROM_FEATHER),
    (b"\x1f\x8b", "a gzip file", "unpack it: `gunzip -c FILE | zonelapse stream --format arrow`"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "unpack it: `zstd -dc FILE | zonelapse stream --format arrow`"),
];
const FROM_PARQUET: &str = "make rows of it: `duckdb -c \"COPY (FROM 'FILE') TO '/dev/stdout' (FORMAT csv)\" | \
    zonelapse stream --format csv`; `zonelapse audit FILE` reads it as it is";
const FROM_FEATHER: &str = "make a stream of it: `python3 -c \"import sys, pyarrow as pa, pyarrow.feather as f; \
    t = f.read_table('FILE'); w = pa.ipc.new_stream(sys.stdout.buffer, t.schema); w.write(t); w.close()\" | \
    zonelapse stream --format arrow`; in Polars, `write_ipc_stream` writes one";
/// The mark of a stream of Arrow, since version 0.15.
const ARROW_STREAM: &[u8] = b"\xff\xff\xff\xff";

/// Why an input that starts like this is not what `format` says, or without one neither CSV nor NDJSON. A text is not
/// looked at further. Text may be packed, and this is how it starts when it is unpacked. `delimiter` stands in text, too.
pub(super) fn refuse(
    start: &[u8],
    is_packed: bool,
    format: Option<StreamFormat>,
    delimiter: Option<u8>,
) -> Option<Error> {
    let refused = |what: &str, hint: Hint| {
        let what = if is_packed { &format!("{what}, packed") } else { what };
        Some(not_such(what, format).hint(hint))
    };
    let is_arrow = format == Some(StreamFormat::Arrow);
    if start.starts_with(ARROW_STREAM) {
        let hint = match is_packed {
            true => "unpack it, such as `gunzip -c FILE | zonelapse stream --format arrow`",
            false => "say so: `--format arrow`",
        };
        return if is_arrow { None } else { refused("an Arrow IPC stream", hint.into()) };
    }
    // the marks of some forms are letters, and columns may be called so
    let is_letter = |byte: &u8| *byte >= b' ' || byte.is_ascii_whitespace() || Some(*byte) == delimiter;
    if start.iter().take(LOOK_BYTES).all(is_letter) {
        return if is_arrow && !start.is_empty() { refused("text", Hint::TellFormat) } else { None };
    }
    let known = FORMS.iter().find(|(mark, ..)| start.starts_with(mark));
    let known = known.map(|(_, what, remedy)| (*what, *remedy)).or_else(|| known_mark(start));
    known.and_then(|(what, remedy)| refused(what, remedy.into()))
}

/// An input that is something else than `format` says.
pub(super) fn not_such(what: &str, format: Option<StreamFormat>) -> Error {
    let expected = match format {
        None => "CSV or NDJSON",
        Some(StreamFormat::Arrow) => "an Arrow IPC stream",
        Some(StreamFormat::Ndjson) => "NDJSON",
        Some(StreamFormat::Csv) => "CSV",
        Some(StreamFormat::Tsv) => "TSV",
    };
    Error::failure(Path::new(STANDARD_INPUT), format!("{what}, expected {expected}"))
}
