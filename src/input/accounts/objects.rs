//! One JSON object: its members by role.
//!
//! The reader remembers the names it has met, and the roles each may have. The objects of a file mostly have the same
//! members in the same order, so recognising a name takes one comparison. Values stay raw JSON until someone asks for
//! them. Members without a role are skipped without a copy.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Given;
use super::columns::{ColumnNames, Role};
use super::values::{Times, accounts_of_text, weight_of_text};
use crate::name::undecoded::decode;
use crate::time::Moment;

/// How many names the reader remembers. Objects with more names are read more slowly.
pub(super) const KNOWN_KEYS: usize = 256;

/// Which member of an object has which role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonKeys {
    pub(super) names: ColumnNames,
    /// The places of [`ObjectValues`], in this order.
    pub(super) roles: Vec<Role>,
}

/// The values of one object, in the order of [`JsonKeys::roles`]: how well the name fits, and the value as written,
/// nulls included.
#[derive(Debug, Default)]
pub(super) struct ObjectValues<'a>(pub(super) Vec<Option<(usize, &'a str)>>);

impl<'a> ObjectValues<'a> {
    /// The value as written; `None` if missing or null.
    pub(super) fn raw(&self, place: usize) -> Option<&'a str> {
        self.0.get(place).copied().flatten().map(|(_, raw)| raw).filter(|raw| *raw != "null")
    }

    pub(super) fn text(&self, place: usize) -> Option<Cow<'a, str>> {
        self.raw(place).map(text_of)
    }

    /// Whether a string in it has an escape.
    pub(super) fn have_escapes(&self) -> bool {
        self.0.iter().flatten().any(|(_, raw)| memchr::memchr(b'\\', raw.as_bytes()).is_some())
    }

    pub(super) fn moment(&self, place: usize, times: &Times) -> Given<Moment> {
        self.text(place).map_or(Given::Absent, |text| times.of_text(&text))
    }

    pub(super) fn accounts(&self, place: usize) -> Given<i64> {
        self.text(place).map_or(Given::Absent, |text| accounts_of_text(&text))
    }

    pub(super) fn weight(&self, place: usize) -> Given<i64> {
        self.text(place).map_or(Given::Absent, |text| weight_of_text(&text))
    }

    /// Makes it empty and keeps the allocation.
    pub(super) fn recycle<'b>(mut self) -> ObjectValues<'b> {
        self.0.clear();
        ObjectValues(self.0.into_iter().map(|_| None).collect())
    }
}

/// A value as text: strings without quotes, everything else as written.
pub(crate) fn text_of(raw: &str) -> Cow<'_, str> {
    match raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) {
        None => Cow::Borrowed(raw),
        Some(inside) if memchr::memchr(b'\\', inside.as_bytes()).is_none() => Cow::Borrowed(inside),
        Some(_) => Cow::Owned(serde_json::from_str(raw).unwrap_or_else(|_| surrogates_of(raw))),
    }
}

/// A string with half of a surrogate pair, which is no text. As bytes it can be read.
fn surrogates_of(raw: &str) -> String {
    struct Octets;
    impl Visitor<'_> for Octets {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> std::result::Result<String, E> {
            Ok(decode(bytes).into_owned())
        }
    }
    serde_json::Deserializer::from_str(raw).deserialize_bytes(Octets).unwrap_or_else(|_| raw.to_owned())
}

/// The subjects in a value: a string, or a list of strings, as directories keep them. `None` if it is anything else.
pub(super) fn texts_of(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.starts_with('[') {
        return raw.starts_with('"').then(|| text_of(raw));
    }
    let all: Vec<Option<&RawValue>> = serde_json::from_str(raw).ok()?;
    let texts = all.into_iter().flatten().map(|one| one.get().starts_with('"').then(|| text_of(one.get())));
    Some(Cow::Owned(texts.collect::<Option<Vec<_>>>()?.join(", ")))
}

/// Reads objects and remembers the names it meets.
pub(super) struct ObjectReader<'k> {
    keys: &'k JsonKeys,
    pub(super) known: Vec<KnownKey>,
    /// An allocation for the next object.
    pub(super) spare: ObjectValues<'static>,
    /// A name that it met and that is taken.
    pub(super) taken: Option<String>,
}

pub(super) struct KnownKey {
    pub(super) name: String,
    /// The roles it may have, and how well it fits each.
    places: Vec<(usize, usize)>,
}

impl<'k> ObjectReader<'k> {
    pub(super) fn new(keys: &'k JsonKeys) -> Self {
        Self { keys, known: Vec::new(), spare: ObjectValues::default(), taken: None }
    }

    /// Reads a line; `None` if it is not one JSON object.
    pub(super) fn read<'a>(&mut self, line: &'a str) -> Option<ObjectValues<'a>> {
        let mut values = std::mem::take(&mut self.spare).recycle();
        values.0.resize(self.keys.roles.len(), None);
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let object = ObjectVisitor { reader: self, values: &mut values };
        let read = deserializer.deserialize_map(object).and_then(|()| deserializer.end());
        read.is_ok().then_some(values)
    }

    /// How times are read.
    pub(super) fn times(&self) -> &'k Times {
        &self.keys.names.times
    }

    /// The names that it remembers, with the roles they may have.
    pub(super) fn members(&self) -> impl Iterator<Item = (Role, &str)> {
        self.known.iter().flat_map(|key| {
            let roles = key.places.iter().filter_map(|(place, _)| self.keys.roles.get(*place).copied());
            roles.map(|role| (role, key.name.as_str()))
        })
    }

    /// The index of a name. It is looked for first where it is expected.
    fn know(&mut self, name: &str, expected: usize) -> usize {
        if self.known.get(expected).is_some_and(|key| key.name == name) {
            return expected;
        }
        if let Some(at) = self.known.iter().position(|key| key.name == name) {
            return at;
        }
        let ranked = self.keys.roles.iter().enumerate();
        let places = ranked.filter_map(|(place, role)| Some((place, self.keys.names.rank(*role, name)?)));
        if self.keys.names.is_taken(name) {
            self.taken = Some(name.to_owned());
        }
        let key = KnownKey { name: name.to_owned(), places: places.collect() };
        self.known.truncate(KNOWN_KEYS - 1);
        self.known.push(key);
        self.known.len() - 1
    }
}

struct ObjectVisitor<'r, 'k, 'v, 'a> {
    reader: &'r mut ObjectReader<'k>,
    values: &'v mut ObjectValues<'a>,
}

impl<'a> Visitor<'a> for ObjectVisitor<'_, '_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> std::result::Result<(), M::Error> {
        let mut expected = 0;
        while let Some(at) = map.next_key_seed(KeySeed { reader: &mut *self.reader, expected })? {
            expected = at + 1;
            let places = self.reader.known.get(at).map_or(&[][..], |key| &key.places);
            if places.is_empty() {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let raw = map.next_value::<&RawValue>()?.get();
            for (place, rank) in places {
                if let Some(value) = self.values.0.get_mut(*place)
                    && value.is_none_or(|(better, _)| *rank <= better)
                {
                    *value = Some((*rank, raw));
                }
            }
        }
        Ok(())
    }
}

/// Reads the name of a member as its index in [`ObjectReader::known`].
struct KeySeed<'r, 'k> {
    reader: &'r mut ObjectReader<'k>,
    expected: usize,
}

impl<'a> DeserializeSeed<'a> for KeySeed<'_, '_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> std::result::Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_, '_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> std::result::Result<usize, E> {
        Ok(self.reader.know(name, self.expected))
    }
}
