//! Tolerant JSON: one bad member loses nothing but itself.
//!
//! A typed model would refuse a whole document because of one member of the wrong type. A generic tree would build
//! all the contact data that nobody asks for. Here a [`JsonShape`] says what to do with an object, a list or a text,
//! and the rest of the value is skipped in the same pass. Leaves are borrowed raw and read by [`text`] and
//! [`integer`].
//!
//! Some faults are not tolerated, because serde_json finds them first: nesting deeper than 128 on the way to a member
//! that is read, and a number outside the range of `f64` or a lone surrogate in place of an object or a list.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// What to do with a value of each type. By default it is skipped.
pub(super) trait JsonShape<'de>: Sized {
    /// An object: its members, all of which must be consumed.
    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.wrong_type();
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    /// A list: its elements, all of which must be consumed.
    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        self.wrong_type();
        skip_rest(elements)
    }

    /// A text.
    fn text(self, _text: Cow<'de, str>) {
        self.wrong_type();
    }

    /// A number or a boolean; by default every value without a method of its own.
    fn wrong_type(self) {}

    /// `null`, which counts as a missing member.
    fn null(self) {}
}

/// Reads any value with a shape: a seed for serde.
pub(super) struct Lenient<S>(pub(super) S);

impl<'de, S: JsonShape<'de>> DeserializeSeed<'de> for Lenient<S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: JsonShape<'de>> Visitor<'de> for Lenient<S> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        self.0.object(members)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        self.0.list(elements)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.0.text(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.text(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.0.wrong_type();
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.wrong_type();
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.wrong_type();
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.wrong_type();
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.null();
        Ok(())
    }
}

/// Reads one whole JSON value. Only blanks may follow it.
pub(super) fn read<'de, S: JsonShape<'de>>(json: &'de str, shape: S) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Lenient(shape).deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Skips what is left of a list.
pub(super) fn skip_rest<'de, A: SeqAccess<'de>>(mut elements: A) -> Result<(), A::Error> {
    while elements.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// The text of a leaf; `None` if it is not text.
pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    match memchr::memchr(b'\\', inner.as_bytes()) {
        None => Some(Cow::Borrowed(inner)),
        Some(_) => serde_json::from_str(raw.get()).ok().map(Cow::Owned),
    }
}

/// The first text of a leaf or of a list of texts.
pub(super) fn first_text(raw: &RawValue) -> Option<Cow<'_, str>> {
    struct First<'a, 'de>(&'a mut Option<Cow<'de, str>>);
    impl<'de> JsonShape<'de> for First<'_, 'de> {
        fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
            if let Some(element) = elements.next_element::<&RawValue>()? {
                *self.0 = text(element);
            }
            skip_rest(elements)
        }
    }
    text(raw).or_else(|| {
        let mut first = None;
        read(raw.get(), First(&mut first)).ok()?;
        first
    })
}

/// The integer of a leaf, written as a number or as a text.
pub(super) fn integer(raw: &RawValue) -> Option<i64> {
    let text = text(raw).unwrap_or(Cow::Borrowed(raw.get()));
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let number: f64 = text.parse().ok()?;
        (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
    })
}

/// The parser's message without its place, which is relative to the value.
pub(super) fn parser_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).expect("a test's JSON")
    }

    #[track_caller]
    fn leaf(json: &str, expected_text: Option<&str>, expected_integer: Option<i64>) {
        let raw = raw(json);
        assert_eq!(text(&raw).as_deref(), expected_text, "{json}");
        assert_eq!(integer(&raw), expected_integer, "{json}");
    }

    #[test]
    fn leaves() {
        leaf("404", None, Some(404));
        leaf("404.0", None, Some(404));
        leaf("404.5", None, None);
        leaf("1e999", None, None);
        leaf(r#"" 404 ""#, Some(" 404 "), Some(404));
        leaf(r#""a\tb""#, Some("a\tb"), None);
        leaf(r#""\ud800""#, None, None);
        leaf(r#""""#, Some(""), None);
        leaf("true", None, None);
        leaf("{}", None, None);
    }

    #[track_caller]
    fn first(json: &str, expected: Option<&str>) {
        assert_eq!(first_text(&raw(json)).as_deref(), expected, "{json}");
    }

    #[test]
    fn first_texts() {
        first(r#""a""#, Some("a"));
        first(r#"["a","b"]"#, Some("a"));
        first(r#"[["a"],"b"]"#, None);
        first("[]", None);
        first("7", None);
        first(r#"{"a":"b"}"#, None);
    }
}
