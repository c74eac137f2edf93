//! JSON objects, each of which is an account: one on each line (NDJSON), or anywhere, in an array or one after another.
//!
//! Members are recognised by name in each record, because writers leave out nulls and vary the order. Values are
//! first kept as raw JSON and then read by their role. Identifiers and carried values of any type become text:
//! strings without quotes, everything else as written, null as missing. If a name occurs twice the last one wins; RFC
//! 8259, section 4 leaves this open, and most readers do so.
//!
//! A record is `malformed` if it is not a JSON object, or if its address is neither a string, a list of strings nor null.
//! Half of a surrogate pair is like bytes that are not UTF-8 ([`crate::name::undecoded`]). A line end within a string is ordinary data.
//! It cannot hide a record, so the row stays one row. Blank lines are not records.
//!
//! A file whose first line is one object has one on each line ([`super::json_form`]). Any other is read by
//! [`super::elements`], which finds objects wherever they are, but takes longer. Refused is an object that holds the list
//! of accounts: which of its lists that would be, nobody said.

use std::borrow::Cow;

use super::columns::free_prefix;
use super::elements::{JsonElement, JsonElements};
use super::objects::{JsonKeys, ObjectReader, ObjectValues, texts_of};
use super::values::Times;
use super::{Account, AccountSink, RecordCounts};
use crate::name::undecoded::{decode, stands_in};

/// Parses whole objects, wherever they are; see [`super::AccountLayout::parse`].
pub(super) fn parse_elements(text: &[u8], keys: &JsonKeys, sink: &mut impl AccountSink) -> RecordCounts {
    let mut reader = ObjectReader::new(keys);
    let mut counts = RecordCounts::default();
    let mut elements = JsonElements::of(text, true);
    for element in elements.by_ref() {
        counts.rows += 1;
        let object = match element {
            JsonElement::Object(range) => Some(&text[range]),
            JsonElement::Faulty(_) => None,
        };
        take(counts.rows, object, &mut reader, sink);
    }
    counts.arrays = (elements.opened, elements.closed);
    reader.members().for_each(|(role, name)| sink.member(role, name));
    counts
}

/// Parses whole lines without a byte order mark; see [`super::AccountLayout::parse`].
pub(super) fn parse_lines(text: &[u8], keys: &JsonKeys, sink: &mut impl AccountSink) -> RecordCounts {
    let mut reader = ObjectReader::new(keys);
    let (mut counts, mut start) = (RecordCounts::default(), 0);
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
        let line = text[start..end].trim_ascii_start();
        let first = end - line.len();
        let line = line.trim_ascii_end();
        start = end + 1;
        if line.is_empty() {
            counts.blank += 1;
            continue;
        }
        counts.rows += 1;
        sink.record(first..first + line.len());
        take(counts.rows, Some(line), &mut reader, sink);
    }
    reader.members().for_each(|(role, name)| sink.member(role, name));
    if let Some(name) = &reader.taken {
        sink.taken(name, &free_prefix(reader.known.iter().map(|key| key.name.as_str())));
    }
    counts
}

/// Reads a record and hands it over.
fn take(row: u64, record: Option<&[u8]>, reader: &mut ObjectReader<'_>, sink: &mut impl AccountSink) {
    let text = record.map(decode);
    let is_utf8 = !matches!(text, Some(Cow::Owned(_)));
    match text.as_deref().and_then(|text| reader.read(text)) {
        None => sink.malformed(row, None),
        Some(values) => {
            hand_over(row, &values, is_utf8, reader.times(), sink);
            reader.spare = values.recycle();
        }
    }
}

/// Makes an account from the values of an object.
fn hand_over(row: u64, values: &ObjectValues<'_>, is_utf8: bool, times: &Times, sink: &mut impl AccountSink) {
    let id = values.text(ID).filter(|id| !id.trim().is_empty());
    let Some(subject) = values.raw(SUBJECT).map_or(Some(Cow::Borrowed("")), texts_of) else {
        sink.malformed(row, id.as_deref());
        return;
    };
    let passed: Vec<_> = (CARRY..values.0.len()).map(|place| values.text(place)).collect();
    let carried: Vec<Option<&str>> = passed.iter().map(Option::as_deref).collect();
    let mut texts = carried.iter().copied().flatten().chain(id.as_deref()).chain([&*subject]);
    // half of a surrogate pair may be written in any record
    let is_utf8 = is_utf8 && (!values.have_escapes() || !texts.any(|text| text.contains(stands_in)));
    sink.account(&Account {
        row,
        id: id.as_deref(),
        subject: &subject,
        verified_at: values.moment(VERIFIED_AT, times),
        first_verified_at: values.moment(FIRST_VERIFIED_AT, times),
        weight: values.weight(WEIGHT),
        accounts: values.accounts(ACCOUNTS),
        carried: &carried,
        is_utf8,
    });
}

// the places of `ColumnNames::roles` in `ObjectValues`
const SUBJECT: usize = 0;
const ID: usize = 1;
const VERIFIED_AT: usize = 2;
const FIRST_VERIFIED_AT: usize = 3;
const WEIGHT: usize = 4;
const ACCOUNTS: usize = 5;
const CARRY: usize = 6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::objects::KNOWN_KEYS;
    use super::super::{ColumnNames, Given};
    use super::*;
    use crate::name::undecoded::shown;
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
            let text = format!(
                "{} {} {} {} {} {weight} {}",
                account.row,
                account.id.unwrap_or("-"),
                account.subject,
                moment(account.verified_at),
                moment(account.first_verified_at),
                account.carried.iter().map(|text| text.unwrap_or("-")).collect::<Vec<_>>().join("|"),
            );
            assert_eq!(account.is_utf8, !text.contains(stands_in));
            self.0.push(shown(&text).into_owned());
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
        let count = parse_lines(text.as_bytes(), &carry(&["plan"]), &mut rows);
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
        reads(r#"{"email":{"email":"a"},"id":"x"}"#, &["1 x malformed"]);
        reads(r#"{"email":[{"email":"a"}],"id":"x"}"#, &["1 x malformed"]);
    }

    #[test]
    fn lists_of_addresses() {
        reads(r#"{"email":[]}"#, &["1 -  - - - -"]);
        reads(r#"{"email":["a@x.example"]}"#, &["1 - a@x.example - - - -"]);
        reads(r#"{"email":["a@x.example",null,"b"]}"#, &["1 - a@x.example, b - - - -"]);
    }

    #[test]
    fn text_that_is_not_utf8() {
        reads(
            r#"{"email":"a\ud800@x","id":"\udc00","plan":"\ud800"}"#,
            &[r"1 \xED\xB0\x80 a\xED\xA0\x80@x - - - \xED\xA0\x80"],
        );
        reads(r#"{"email":"a","note":"\ud800"}"#, &["1 - a - - - -"]);
        let mut rows = JsonRows(Vec::new());
        let latin1 = b"{\"email\":\"jos\xe9@x.example\",\"id\":\"\xff\"}\n{\"email\":\"b\"}\n";
        assert_eq!(parse_lines(latin1, &carry(&[]), &mut rows).rows, 2);
        assert_eq!(parse_elements(latin1, &carry(&[]), &mut rows).rows, 2);
        let once = [r"1 \xFF jos\xE9@x.example - - - ", "2 - b - - - "];
        assert_eq!(rows.0, [once, once].concat());
    }

    #[test]
    fn objects_anywhere() {
        let text = "[\n  {\n    \"email\": \"a\"\n  },\n  {\n    \"email\": {\n  },\n  {\"email\":7},\n  {\"email\":\"b\"}\n]";
        let mut rows = JsonRows(Vec::new());
        let counts = parse_elements(text.as_bytes(), &carry(&[]), &mut rows);
        assert_eq!((counts.rows, counts.arrays), (4, (1, 1)));
        let rows: Vec<&str> = rows.0.iter().map(|row| row.trim_end()).collect();
        assert_eq!(rows, ["1 - a - - -", "2 - malformed", "3 - malformed", "4 - b - - -"]);
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
            prop_assert_eq!(parse_lines(text.as_bytes(), &carry(&[]), &mut rows).rows, lines as u64);
            prop_assert_eq!(rows.0.len(), lines);
        }

        #[test]
        fn any_bytes_are_no_danger(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut rows = JsonRows(Vec::new());
            prop_assert_eq!(parse_lines(&text, &carry(&["x"]), &mut rows).rows, rows.0.len() as u64);
            let mut rows = JsonRows(Vec::new());
            prop_assert_eq!(parse_elements(&text, &carry(&["x"]), &mut rows).rows, rows.0.len() as u64);
        }
    }
}
