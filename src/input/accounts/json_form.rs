//! What the beginning of a file of JSON says: whether each line is an object, and whether objects have the address.
//!
//! A file whose first line is one object has one on each line, and so has one that the user called NDJSON, unless it
//! begins with an array of objects or with an object over several lines. Then a broken first line is one faulty row.
//!
//! **No address.** One of the first objects must have the member with the address, null or not: otherwise the name is
//! wrong, and every row would be rejected. A [part](FormOptions::is_part) of a larger input is different. Engines leave
//! out nulls, so all rows of a part may lack the member. Such a part is read, and its rows are rejected one by one. But
//! if another member holds what looks like an address, a name was misspelt, and the part is refused as a whole file is.

use std::borrow::Cow;
use std::path::Path;

use hashbrown::HashMap;
use serde_json::value::RawValue;

use super::columns::Role;
use super::elements::{JsonElement, JsonElements};
use super::nested::list_of_accounts;
use super::objects::{JsonKeys, ObjectReader, texts_of};
use super::{AccountFormat, AccountLayout, FormOptions, looks_like_a_name};
use crate::error::{Error, Hint, Result};
use crate::input::source::Head;
use crate::name::Subject;
use crate::name::undecoded::decode;

/// Whether a text begins as JSON objects do.
pub(super) fn begins(text: &[u8]) -> bool {
    let next =
        |text: &'_ [u8]| text.trim_ascii_start().split_first().map(|(first, rest)| (*first, rest.to_vec()));
    let start = text.trim_ascii_start();
    match start.split_first() {
        Some((b'{', rest)) => matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'}')),
        Some((b'[', rest)) => match next(rest) {
            Some((b'{', rest)) => matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'}')),
            first => first.is_none_or(|(first, _)| first == b']'),
        },
        _ => false,
    }
}

/// Where the objects of a file are, and which member has which role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JsonLayout {
    keys: JsonKeys,
    /// Whether each line is an object.
    by_line: bool,
}

impl From<JsonLayout> for AccountLayout {
    fn from(layout: JsonLayout) -> Self {
        if layout.by_line { Self::Ndjson(layout.keys) } else { Self::Json(layout.keys) }
    }
}

impl JsonLayout {
    /// Looks at the first objects. An empty file has an empty head.
    pub(super) fn tell(head: &Head, start: usize, options: &FormOptions, path: &Path) -> Result<Self> {
        let text = head.text[start..].trim_ascii_start();
        let names = &options.columns;
        let keys = JsonKeys { names: names.clone(), roles: names.roles().collect() };
        let by_line = is_by_line(text, options.format == Some(AccountFormat::Ndjson));
        let mut reader = ObjectReader::new(&keys);
        let mut first_names: Option<Vec<String>> = None;
        let (mut is_found, mut holds_subjects) = (false, false);
        // writers that leave out what is null may leave out the first address
        for object in first_objects(text, by_line, head.is_whole) {
            let object = decode(object);
            let Some(values) = reader.read(&object) else { continue };
            first_names.get_or_insert_with(|| reader.known.iter().map(|key| key.name.clone()).collect());
            is_found = values.0.first().is_some_and(Option::is_some);
            if is_found {
                break;
            }
            holds_subjects |= options.is_part && !holds_subjects && holds_subject(&object, names.kind);
        }
        let has_objects =
            || text.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_start().starts_with(b"{"));
        let may_lack = options.is_part && by_line && !holds_subjects && has_objects();
        if is_found || may_lack || text.is_empty() || is_empty_array(text) {
            return Ok(Self { keys, by_line });
        }
        Err(match (list_of_accounts(text, has_address(&keys)), first_names) {
            (Some(list), _) => {
                let what = "a JSON object that holds a list, expected a list of accounts";
                let list = if looks_like_a_name(&list) && !list.contains('\'') { &list } else { "users" };
                let command = format!("jq '.\"{list}\"' FILE > NEW");
                Error::failure(path, what).hint(format!("take the list out with `{command}`"))
            }
            (None, Some(names_found)) => {
                let found: Vec<&str> = names_found.iter().map(String::as_str).collect();
                names.missing(Role::Subject, &found, path)
            }
            (None, None) => {
                Error::failure(path, "no JSON object, expected one for each account").hint(Hint::TellFormat)
            }
        })
    }
}

/// Whether each line is an object. If the user said so, the first line may be broken.
fn is_by_line(text: &[u8], is_said: bool) -> bool {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let is_alone = || JsonElements::of(first, true).next() == Some(JsonElement::Object(0..first.len()));
    match first.first() {
        Some(b'[') => is_said && !begins(text),
        Some(b'{') if is_said => {
            is_alone() || !matches!(JsonElements::of(text, true).next(), Some(JsonElement::Object(_)))
        }
        Some(b'{') => is_alone(),
        _ => true,
    }
}

/// The objects in the beginning of a file, and lines that may be none.
fn first_objects(text: &[u8], by_line: bool, is_whole: bool) -> Box<dyn Iterator<Item = &[u8]> + '_> {
    if by_line {
        return Box::new(text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii));
    }
    Box::new(JsonElements::of(text, is_whole).filter_map(|element| match element {
        JsonElement::Object(range) => Some(&text[range]),
        JsonElement::Faulty(_) => None,
    }))
}

/// Whether a member of an object holds what looks like a subject.
fn holds_subject(object: &str, kind: Subject) -> bool {
    let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(object).unwrap_or_default();
    members.values().any(|value| texts_of(value.get()).is_some_and(|text| kind.is_plain(&text)))
}

/// Tells whether an object has an address.
fn has_address(keys: &JsonKeys) -> impl Fn(&[u8]) -> bool {
    |object| {
        let mut reader = ObjectReader::new(keys);
        reader.read(&decode(object)).is_some_and(|values| values.0.first().is_some_and(Option::is_some))
    }
}

fn is_empty_array(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'[' | b']'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn tells(text: &str, expected: std::result::Result<bool, &str>) {
        tells_with(&FormOptions::default(), text, expected);
    }

    #[track_caller]
    fn tells_with(options: &FormOptions, text: &str, expected: std::result::Result<bool, &str>) {
        let head = Head::whole(text.as_bytes());
        match (JsonLayout::tell(&head, 0, options, Path::new("a.json")), expected) {
            (Ok(layout), Ok(by_line)) => assert_eq!(layout.by_line, by_line, "{text}"),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (read, _) => panic!("{text}: {read:?}"),
        }
    }

    #[test]
    fn one_of_the_first_objects_must_have_the_address() {
        tells("", Ok(true));
        tells("\n \n", Ok(true));
        tells("{\"email\":null}", Ok(true));
        tells("{\"MAIL\":\"a\"}", Ok(true));
        tells("broken\n{\"email\":\"a\"}", Ok(true));
        tells("[]", Ok(false));
        tells(" [{\"email\":\"a\"}]", Ok(false));
        tells("{\n\"email\":\"a\"\n}", Ok(false));
        tells("{\"email\":\"a\"}{\"email\":\"a\"}", Ok(false));
        tells("{\"id\":1}\n{}\n{\"email\":\"a\"}", Ok(true));
        tells("[{\"id\":1},{\"email\":\"a\"}]", Ok(false));
        tells("{\"id\":1,\"address\":2}\n{\"name\":\"a\"}", Err("found `id`, `address`"));
        tells("[{\"id\":1}]", Err("found `id`"));
        tells(
            "{\"users\": [\n{\"email\":\"a\"}]}",
            Err("hint: take the list out with `jq '.\"users\"' FILE > NEW`"),
        );
        tells("{\"a@b.example\": 1}", Err("may be data"));
        tells("[1, 2]", Err("no JSON object"));
        tells("x", Err("no JSON object"));
    }

    #[test]
    fn lines_that_the_user_called_objects() {
        let said = FormOptions { format: Some(AccountFormat::Ndjson), ..FormOptions::default() };
        let says = |text: &str, expected| tells_with(&said, text, expected);
        says("{\"email\":\n{\"email\":\"a\"}", Ok(true));
        says("{\"email\":\"a\n{\"email\":\"a\"}", Ok(true));
        says("[\"x\"]\n{\"email\":\"a\"}", Ok(true));
        says("{\n\"email\":\"a\"\n}", Ok(false));
        says("[{\"email\":\"a\"}]", Ok(false));
        says("{\"email\":\n{\"email\"", Err("no JSON object"));
    }

    #[test]
    fn parts_may_lack_the_address() {
        let mut part =
            FormOptions { format: Some(AccountFormat::Ndjson), is_part: true, ..FormOptions::default() };
        tells_with(&part, "{\"id\":1}\n{\"id\":2,\"email\":\"a\"}", Ok(true));
        tells_with(&part, "{\"id\":1,\"name\":\"a b\"}\n{}", Ok(true));
        tells_with(&part, "{\"id\":1\n{\"id\"", Ok(true));
        tells_with(&part, "broken\n{\"id\":1}", Ok(true));
        tells_with(&part, "{\"id\":1}\n{\"id\":2,\"contact\":\"a@b.example\"}", Err("no e-mail column"));
        tells_with(&part, "id,email\n1,a@b.example\n", Err("no JSON object"));
        part.columns.subject = Some("contakt".to_owned());
        tells_with(
            &part,
            "{\"id\":1,\"contact\":\"a@b.example\"}",
            Err("no column `contakt`, found `id`, `contact`"),
        );
        tells_with(&part, "{\"id\":1,\"contact\":null}", Ok(true));
        tells_with(&part, "{\"id\":1,\"contakt\":null,\"x\":\"a@b.example\"}", Ok(true));
    }

    proptest! {
        #[test]
        fn any_bytes_are_no_danger(text in proptest::collection::vec(any::<u8>(), 0..300), is_part: bool) {
            let format = is_part.then_some(AccountFormat::Ndjson);
            let options = FormOptions { format, is_part, ..FormOptions::default() };
            let _ = JsonLayout::tell(&Head::whole(&text), 0, &options, Path::new("a"));
        }
    }
}
