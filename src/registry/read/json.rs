//! Lists in JSON: an array of objects or of names, in the document or below a key.
//!
//! The array is read item by item and never held as a whole. Of an object only the columns of the form are kept.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::fields::{RowPlace, RowReader};
use super::text::ListText;
use crate::error::Result;
use crate::input::BYTE_ORDER_MARK;
use crate::registry::form::{ColumnText, ListField};

/// What the document tells beside its rows.
#[derive(Debug, Default)]
struct JsonHead {
    count: Option<u64>,
    has_next: bool,
    found_rows: bool,
}

/// Reads all rows. What proves that the list is whole, if something in it does.
pub(super) fn read(text: &mut ListText, rows: &mut RowReader<'_>) -> Result<Option<&'static str>> {
    let mut bytes = BufReader::with_capacity(1 << 16, text);
    let Some(first) = first_bytes(&mut bytes) else {
        rows.list.refuse("it is not a list: expected JSON, found nothing");
        return Ok(None);
    };
    if first.first() == Some(&b'<') {
        rows.list.refuse("it is a web page, not a list");
        return Ok(None);
    }
    let mut deserializer = serde_json::Deserializer::from_reader((&first[..]).chain(bytes));
    let mut state = JsonState { rows, head: JsonHead::default(), failed: None, number: 0 };
    let read = JsonDocument(&mut state).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    let JsonState { rows, head, failed, .. } = state;
    if let Some(error) = failed {
        return Err(error);
    }
    match read {
        Err(error) if rows.list.rows == 0 => {
            rows.list.refuse(format!("it is not a list `{}`: {error}", rows.reading.form.name));
            return Ok(None);
        }
        Err(error) => {
            rows.list.break_off(format!("it cannot be read to its end: {error}"));
            return Ok(None);
        }
        Ok(()) => {}
    }
    if !head.found_rows {
        let key = rows.reading.form.json.rows.as_deref().unwrap_or("the document");
        rows.list
            .refuse(format!("it is not a list `{}`: expected an array at `{key}`", rows.reading.form.name));
        return Ok(None);
    }
    let there = rows.list.rows + rows.list.faults.count;
    match head.count {
        Some(count) if count != there => {
            rows.list.break_off(format!("it promises {count} names, and {there} are there"));
            Ok(None)
        }
        Some(_) => Ok(Some("the number of its names is the one it tells")),
        None if head.has_next => Ok(None),
        None => Ok(Some("its JSON is complete")),
    }
}

/// The first bytes without a byte order mark and blanks; `None` if there are none.
fn first_bytes(bytes: &mut impl Read) -> Option<Vec<u8>> {
    let mut first = Vec::new();
    // an error is kept by the text, and met again
    let _ = bytes.take(64).read_to_end(&mut first);
    let text = first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&first).trim_ascii_start();
    (!text.is_empty()).then(|| text.to_vec())
}

/// A document that is being read.
struct JsonState<'s, 'a> {
    rows: &'s mut RowReader<'a>,
    head: JsonHead,
    /// An error of whoever takes the rows.
    failed: Option<crate::error::Error>,
    number: u64,
}

/// The document: an object with the rows below a key, or the rows themselves.
struct JsonDocument<'d, 's, 'a>(&'d mut JsonState<'s, 'a>);

impl<'de> DeserializeSeed<'de> for JsonDocument<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        match self.0.rows.reading.form.json.rows {
            None => JsonRows(self.0).deserialize(deserializer),
            Some(_) => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for JsonDocument<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<(), M::Error> {
        let form = self.0.rows.reading.form;
        let json = &form.json;
        let is = |key: &Option<String>, found: &str| key.as_deref() == Some(found);
        while let Some(key) = map.next_key::<String>()? {
            if is(&json.rows, &key) {
                map.next_value_seed(JsonRows(self.0))?;
                continue;
            }
            let is_stamp = is(&json.date, &key) || is(&json.release, &key);
            if !is_stamp && !is(&json.count, &key) && !is(&json.next, &key) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value::<Value>()?;
            if is(&json.count, &key) {
                self.0.head.count = value.as_u64();
            }
            self.0.head.has_next |= is(&json.next, &key) && !value.is_null();
            let moment = value.as_str().and_then(|text| form.stamp.read(text)).filter(|_| is_stamp);
            if let Some(moment) = moment {
                self.0.rows.stamp(if is(&json.release, &key) { "release" } else { "date" }, moment);
            }
        }
        Ok(())
    }
}

/// The array of rows.
struct JsonRows<'d, 's, 'a>(&'d mut JsonState<'s, 'a>);

impl<'de> DeserializeSeed<'de> for JsonRows<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for JsonRows<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of names")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> std::result::Result<(), S::Error> {
        let state = self.0;
        state.head.found_rows = true;
        while let Some(item) = items.next_element_seed(JsonItem(&state.rows.reading.form.columns))? {
            state.number += 1;
            if let Err(error) = take_row(state, &item) {
                state.failed = Some(error);
                return Err(S::Error::custom("the rows are not taken any more"));
            }
        }
        Ok(())
    }
}

fn take_row(state: &mut JsonState<'_, '_>, item: &[(ListField, String)]) -> Result<()> {
    let field = |wanted: ListField| {
        let mut texts = item.iter().filter(|(field, _)| *field == wanted).map(|(_, text)| text.as_str());
        let first = texts.next()?;
        Some(texts.fold(Cow::Borrowed(first), |joined, text| Cow::Owned(format!("{joined} {text}"))))
    };
    state.rows.row(RowPlace::Row(state.number), true, &field)
}

/// An item of the array: a name, or an object of which only the columns of the form are kept.
struct JsonItem<'f>(&'f BTreeMap<ListField, ColumnText>);

impl<'de> DeserializeSeed<'de> for JsonItem<'_> {
    type Value = Vec<(ListField, String)>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonItem<'_> {
    type Value = Vec<(ListField, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name or an object")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> std::result::Result<Self::Value, E> {
        Ok(vec![(ListField::Name, name.to_owned())])
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<Self::Value, M::Error> {
        let mut found = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let is_key = |column: &&ColumnText| matches!(column, ColumnText::Name(name) if *name == key);
            let wanted = self.0.iter().find(|(_, column)| column.parts().iter().any(&is_key));
            let Some((field, _)) = wanted else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            match map.next_value::<Value>()? {
                Value::Null => {}
                Value::String(text) => found.push((*field, text)),
                other => found.push((*field, other.to_string())),
            }
        }
        Ok(found)
    }
}
