//! NDJSON: one JSON object per line.
//!
//! Members are recognised by name in each record, because writers leave out nulls and vary the order. Values are
//! first kept as raw JSON and then read by their role. Identifiers and carried values of any type become text:
//! strings without quotes, everything else as written, null as missing. If a name occurs twice the last one wins; RFC
//! 8259, section 4 leaves this open, and most readers do so.
//!
//! A line is `malformed` if it is not a JSON object, or if its address or identifier is not text: an address that is
//! neither string nor null, or a string with half of a surrogate pair. A line end within a string is ordinary data.
//! It cannot hide a record, so the row stays one row. Blank lines are not records. Refused are UTF-16 and a single
//! array of all objects, which could not be read in pieces.

use std::borrow::Cow;
use std::path::Path;

use super::columns::{ColumnNames, Role};
use super::objects::{JsonKeys, NotText, ObjectReader, ObjectValues, text_of};
use super::values::Times;
use super::{Account, AccountSink, RecordCounts, check_encoding};
use crate::error::{Error, Hint, Result};

impl JsonKeys {
    /// Looks at the first object of the first chunk, which must have the address. An empty file has an empty first
    /// chunk. Returns the keys and where the data start.
    pub(crate) fn read(first_chunk: &[u8], names: &ColumnNames, path: &Path) -> Result<(Self, usize)> {
        let start = check_encoding(first_chunk, path)?;
        let text = &first_chunk[start..];
        if text.trim_ascii_start().starts_with(b"[") {
            return Err(Error::failure(path, "a JSON array, expected one JSON object per line")
                .hint("convert it with `jq -c '.[]'`"));
        }
        let keys = Self { names: names.clone(), roles: names.roles().collect() };
        let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).peekable();
        while lines.next_if(|line| line.is_empty()).is_some() {}
        if lines.peek().is_none() {
            return Ok((keys, start));
        }
        let mut reader = ObjectReader::new(&keys);
        let first = lines.find_map(|line| reader.read(std::str::from_utf8(line).ok()?));
        match first {
            None => Err(Error::failure(path, "no JSON object on any line, expected one per line")
                .hint(Hint::TellFormat)),
            Some(values) if values.0.first().is_some_and(Option::is_some) => Ok((keys, start)),
            Some(_) => {
                let found: Vec<&str> = reader.known.iter().map(|key| key.name.as_str()).collect();
                Err(names.missing(Role::Email, &found, path))
            }
        }
    }
}

/// Parses whole lines without a byte order mark; see [`super::AccountLayout::parse`].
pub(crate) fn parse_json(text: &[u8], keys: &JsonKeys, sink: &mut impl AccountSink) -> RecordCounts {
    let mut reader = ObjectReader::new(keys);
    let (mut counts, mut start) = (RecordCounts::default(), 0);
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
        let line = text[start..end].trim_ascii();
        start = end + 1;
        if line.is_empty() {
            counts.blank += 1;
            continue;
        }
        counts.rows += 1;
        let object = std::str::from_utf8(line).ok().and_then(|line| reader.read(line));
        let Some(values) = object else {
            sink.malformed(counts.rows, None);
            continue;
        };
        hand_over(counts.rows, &values, &keys.names.times, sink);
        reader.spare = values.recycle();
    }
    reader.members().for_each(|(role, name)| sink.member(role, name));
    counts
}

/// Makes an account from the values of an object.
fn hand_over(row: u64, values: &ObjectValues<'_>, times: &Times, sink: &mut impl AccountSink) {
    let id = values.text(ID);
    let readable = id.is_ok();
    let id = id.ok().flatten().filter(|id| !id.trim().is_empty());
    let email = match values.raw(EMAIL) {
        None => Ok(Some(Cow::Borrowed(""))),
        Some(raw) if raw.starts_with('"') => text_of(raw),
        Some(_) => Err(NotText),
    };
    let passed: std::result::Result<Vec<_>, NotText> =
        (CARRY..values.0.len()).map(|place| values.text(place)).collect();
    let (true, Ok(Some(email)), Ok(passed)) = (readable, email, passed) else {
        sink.malformed(row, id.as_deref());
        return;
    };
    let carried: Vec<Option<&str>> = passed.iter().map(Option::as_deref).collect();
    sink.account(&Account {
        row,
        id: id.as_deref(),
        email: &email,
        verified_at: values.moment(VERIFIED_AT, times),
        first_verified_at: values.moment(FIRST_VERIFIED_AT, times),
        weight: values.weight(WEIGHT),
        carried: &carried,
    });
}

// the places of `ColumnNames::roles` in `ObjectValues`
const EMAIL: usize = 0;
const ID: usize = 1;
const VERIFIED_AT: usize = 2;
const FIRST_VERIFIED_AT: usize = 3;
const WEIGHT: usize = 4;
const CARRY: usize = 5;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Given;
    use super::super::objects::KNOWN_KEYS;
    use super::*;
    use crate::time::Moment;

    struct JsonRows(Vec<String>);

    impl AccountSink for JsonRows {
        fn account(&mut self, account: &Account<'_>) {
            let moment = |given: Given<Moment>| match given {
                Given::Absent => "-".to_owned(),
                Given::Unreadable => "?".to_owned(),
                Given::Value(moment) => moment.to_string(),
            };
            let weight = match account.weight {
                Given::Absent => "-".to_owned(),
                Given::Unreadable => "?".to_owned(),
                Given::Value(weight) => weight.to_string(),
            };
            self.0.push(format!(
                "{} {} {} {} {} {weight} {}",
                account.row,
                account.id.unwrap_or("-"),
                account.email,
                moment(account.verified_at),
                moment(account.first_verified_at),
                account.carried.iter().map(|text| text.unwrap_or("-")).collect::<Vec<_>>().join("|"),
            ));
        }
        fn malformed(&mut self, row: u64, id: Option<&str>) {
            self.0.push(format!("{row} {} malformed", id.unwrap_or("-")));
        }
    }

    fn carry(names: &[&str]) -> JsonKeys {
        let carry = names.iter().map(|name| (*name).to_owned()).collect();
        let names = ColumnNames { carry, ..ColumnNames::default() };
        JsonKeys { roles: names.roles().collect(), names }
    }

    #[track_caller]
    fn reads(text: &str, expected: &[&str]) {
        let mut rows = JsonRows(Vec::new());
        let count = parse_json(text.as_bytes(), &carry(&["plan"]), &mut rows);
        assert_eq!(rows.0.iter().map(|row| row.trim_end()).collect::<Vec<_>>(), expected);
        assert_eq!(count.rows, expected.len() as u64);
    }

    #[test]
    fn objects() {
        reads(
            r#"{"id":7,"email":"a@one.example","verified_at":"2024-01-02T03:04:05Z","weight":3,"plan":"pro"}"#,
            &["1 7 a@one.example 2024-01-02T03:04:05Z - 3 pro"],
        );
        reads(
            r#" { "downloads" : "12.0", "plan":null, "email_verified_at":1704164645678, "mail":"b@two.example" } "#,
            &["1 - b@two.example 2024-01-02T03:04:05.678Z - 12 -"],
        );
        reads(r#"{"email":"caf\u00e9@one.example","id":"\"x\""}"#, &["1 \"x\" café@one.example - - - -"]);
        reads("{\"email\":\"a\"}\r\n\r\n{\"Email\":\"b\"}\r\n", &["1 - a - - - -", "2 - b - - - -"]);
    }

    #[test]
    fn values_of_any_type() {
        reads(r#"{"email":"a","id":true,"plan":{"x":[1, 2]}}"#, &["1 true a - - - {\"x\":[1, 2]}"]);
        reads(r#"{"email":"a","id":1.50,"plan":""}"#, &["1 1.50 a - - -"]);
        reads(r#"{"email":"a","id":" ","weight":-1,"verified_at":false}"#, &["1 - a ? - ? -"]);
        reads(r#"{"email":"a","verified_at":"","first_verified_at":"soon"}"#, &["1 - a - ? - -"]);
        reads(r#"{"email":null,"id":null}"#, &["1 -  - - - -"]);
        reads("{}", &["1 -  - - - -"]);
    }

    #[test]
    fn the_best_name_and_the_last_member_win() {
        reads(r#"{"mail":"c","email":"a","email_address":"b"}"#, &["1 - a - - - -"]);
        reads(r#"{"email":"a","email":"b"}"#, &["1 - b - - - -"]);
        reads(r#"{"em\u0061il":"a"}"#, &["1 - a - - - -"]);
    }

    #[test]
    fn lines_that_are_not_objects_are_malformed() {
        reads(
            "[]\n1\nnull\n{\n{\"email\":\"a\"}x\n",
            &["1 - malformed", "2 - malformed", "3 - malformed", "4 - malformed", "5 - malformed"],
        );
        reads(r#"{"email":7,"id":"x"}"#, &["1 x malformed"]);
        reads(r#"{"email":"\ud800","id":"x"}"#, &["1 x malformed"]);
        reads(r#"{"email":"a","id":"\ud800"}"#, &["1 - malformed"]);
        reads(r#"{"email":"a","note":"\ud800"}"#, &["1 - a - - - -"]);
    }

    #[track_caller]
    fn begins(text: &str, expected: std::result::Result<usize, &str>) {
        let read = JsonKeys::read(text.as_bytes(), &ColumnNames::default(), Path::new("a.ndjson"));
        match (read, expected) {
            (Ok((_, start)), Ok(expected)) => assert_eq!(start, expected),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (read, _) => panic!("{read:?}"),
        }
    }

    #[test]
    fn the_first_object_must_have_the_address() {
        begins("", Ok(0));
        begins("\n \n", Ok(0));
        begins("\u{feff}{\"email\":null}", Ok(3));
        begins("{\"MAIL\":\"a\"}", Ok(0));
        begins("broken\n{\"email\":\"a\"}", Ok(0));
        begins("{\"id\":1,\"address\":2}\n{\"email\":\"a\"}", Err("found `id`, `address`"));
        begins(" [{\"email\":\"a\"}]", Err("jq -c '.[]'"));
        begins("{\n\"email\":\"a\"\n}", Err("no JSON object on any line"));
    }

    #[test]
    fn more_names_than_are_remembered() {
        let many: Vec<String> = (0..2 * KNOWN_KEYS).map(|nth| format!("\"k{nth}\":{nth}")).collect();
        let line = format!("{{{},\"email\":\"a\",\"plan\":1,{}}}\n", many.join(","), many.join(","));
        reads(&line.repeat(2), &["1 - a - - - 1", "2 - a - - - 1"]);
    }

    proptest! {
        #[test]
        fn any_text_makes_one_call_a_line(text in "[ -~\n\"{}:,é]{0,200}") {
            let mut rows = JsonRows(Vec::new());
            let lines = text.split('\n').filter(|line| !line.trim_ascii().is_empty()).count();
            prop_assert_eq!(parse_json(text.as_bytes(), &carry(&[]), &mut rows).rows, lines as u64);
            prop_assert_eq!(rows.0.len(), lines);
        }

        #[test]
        fn any_bytes_are_no_danger(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut rows = JsonRows(Vec::new());
            prop_assert_eq!(parse_json(&text, &carry(&["x"]), &mut rows).rows, rows.0.len() as u64);
            let _ = JsonKeys::read(&text, &ColumnNames::default(), Path::new("a"));
        }
    }
}
