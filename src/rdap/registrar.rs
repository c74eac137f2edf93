//! The registrar among the entities of a domain object.
//!
//! The registrar is the first entity with the role `registrar`. One inside another entity counts only if there is
//! none outside. Contact data is skipped unread.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde_json::value::RawValue;

use super::answer::Note;
use super::json::{self, JsonShape, Lenient};
use super::name;
use super::object::{Key, Rdap, Registrar};

/// The type of a public identifier that is a number in IANA's list of registrars (RFC 9083 §4.8).
const IANA: &[u8] = b"IANA Registrar ID";

/// A list of entities. Entities inside them are searched, too, one level down.
pub(super) struct EntitiesShape<'a, 'de> {
    rdap: &'a mut Rdap<'de>,
    nested: bool,
}

impl<'a, 'de> EntitiesShape<'a, 'de> {
    /// The entities of the domain object itself.
    pub(super) fn new(rdap: &'a mut Rdap<'de>) -> Self {
        Self { rdap, nested: false }
    }
}

impl<'de> JsonShape<'de> for EntitiesShape<'_, 'de> {
    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        loop {
            // the first one counts; the others are mostly long contact data
            if self.rdap.registrar.is_some() {
                return json::skip_rest(elements);
            }
            let shape = EntityShape(EntitiesShape { rdap: &mut *self.rdap, nested: self.nested });
            if elements.next_element_seed(Lenient(shape))?.is_none() {
                return Ok(());
            }
        }
    }

    fn wrong_type(self) {
        self.rdap.note(Note::WrongType);
    }
}

struct EntityShape<'a, 'de>(EntitiesShape<'a, 'de>);

impl<'de> JsonShape<'de> for EntityShape<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let EntitiesShape { rdap, nested } = self.0;
        let (mut is_registrar, mut iana_id) = (false, None);
        let (mut handle, mut vcard) = (None, None);
        while let Some(key) = members.next_key::<Key>()? {
            match key {
                Key::Roles => members.next_value_seed(Lenient(RolesShape(&mut is_registrar)))?,
                Key::PublicIds => members.next_value_seed(Lenient(PublicIdsShape(&mut iana_id)))?,
                Key::Handle => handle = members.next_value()?,
                // the role of the entity may come after its card
                Key::VcardArray => vcard = members.next_value()?,
                // a contact of the registrar is not another registrar
                Key::Entities if !nested && !is_registrar => {
                    members.next_value_seed(Lenient(EntitiesShape { rdap: &mut *rdap, nested: true }))?;
                }
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        let slot = if nested { &mut rdap.nested_registrar } else { &mut rdap.registrar };
        if slot.is_none() && is_registrar {
            *slot = Some(Registrar { name: registrar_name(vcard, handle), iana_id });
        }
        Ok(())
    }

    fn wrong_type(self) {
        self.0.rdap.note(Note::WrongType);
    }
}

/// Whether a role, or one of a list of roles, is `registrar`.
struct RolesShape<'a>(&'a mut bool);

impl<'de> JsonShape<'de> for RolesShape<'_> {
    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&RawValue>()? {
            *self.0 |= json::text(element).is_some_and(|role| is_registrar(&role));
        }
        Ok(())
    }

    fn text(self, text: Cow<'de, str>) {
        *self.0 |= is_registrar(&text);
    }
}

fn is_registrar(role: &str) -> bool {
    name::trimmed(role).eq_ignore_ascii_case("registrar")
}

/// The jCard's `fn`, else its `org`, else the handle (RFC 7095 §3, RFC 9083 §5.1).
fn registrar_name(vcard: Option<&RawValue>, handle: Option<&RawValue>) -> Option<Box<str>> {
    let mut card = Card::default();
    if let Some(vcard) = vcard {
        // a card that breaks off still has the names before the break
        let _ = json::read(vcard.get(), CardShape(&mut card));
    }
    let name = card.formatted_name.or(card.organization).or_else(|| handle.and_then(words))?;
    Some(name.trim().into())
}

/// The first text of a leaf, unless it is blank.
fn words(raw: &RawValue) -> Option<Cow<'_, str>> {
    json::first_text(raw).filter(|text| !text.trim().is_empty())
}

/// The two properties of a jCard that name a registrar.
#[derive(Default)]
struct Card<'de> {
    formatted_name: Option<Cow<'de, str>>,
    organization: Option<Cow<'de, str>>,
}

/// A jCard, `["vcard", [property, …]]`, or a property, `[name, parameters, type, value]`. Some servers leave out the
/// list in the middle, so lists are searched at any depth.
struct CardShape<'a, 'de>(&'a mut Card<'de>);

impl<'de> JsonShape<'de> for CardShape<'_, 'de> {
    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut head = ListHead::Lists;
        if elements.next_element_seed(Lenient(HeadShape(self.0, &mut head)))?.is_none() {
            return Ok(());
        }
        match head {
            ListHead::Lists => {
                while self.0.formatted_name.is_none() {
                    if elements.next_element_seed(Lenient(CardShape(self.0)))?.is_none() {
                        return Ok(());
                    }
                }
            }
            ListHead::Property(slot) => {
                for _ in ["parameters", "type"] {
                    elements.next_element::<IgnoredAny>()?;
                }
                if let Some(value) = elements.next_element()?
                    && slot(self.0).is_none()
                {
                    *slot(self.0) = words(value);
                }
            }
            ListHead::Other => {}
        }
        json::skip_rest(elements)
    }
}

/// What the first element of a list says about the other elements.
enum ListHead {
    /// They are lists that must be searched.
    Lists,
    /// They are a property that is wanted.
    Property(for<'a, 'de> fn(&'a mut Card<'de>) -> &'a mut Option<Cow<'de, str>>),
    /// They are another property.
    Other,
}

struct HeadShape<'a, 'de>(&'a mut Card<'de>, &'a mut ListHead);

impl<'de> JsonShape<'de> for HeadShape<'_, 'de> {
    fn list<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        CardShape(self.0).list(elements)
    }

    fn text(self, text: Cow<'de, str>) {
        *self.1 = match &*text {
            "vcard" => ListHead::Lists,
            text if text.eq_ignore_ascii_case("fn") => ListHead::Property(|card| &mut card.formatted_name),
            text if text.eq_ignore_ascii_case("org") => ListHead::Property(|card| &mut card.organization),
            _ => ListHead::Other,
        };
    }
}

/// `[{"type": "IANA Registrar ID", "identifier": "292"}, …]` (RFC 9083 §4.8), or one such object alone.
struct PublicIdsShape<'a>(&'a mut Option<i64>);

impl<'de> JsonShape<'de> for PublicIdsShape<'_> {
    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Lenient(PublicIdsShape(self.0)))?.is_some() {}
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (mut kind, mut identifier) = (None::<&RawValue>, None::<&RawValue>);
        while let Some(key) = members.next_key::<Key>()? {
            match key {
                Key::Type => kind = members.next_value()?,
                Key::Identifier => identifier = members.next_value()?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        let is_iana = kind.and_then(json::text).is_some_and(|kind| {
            kind.as_bytes().windows(IANA.len()).any(|part| part.eq_ignore_ascii_case(IANA))
        });
        if is_iana && self.0.is_none() {
            *self.0 = identifier.and_then(json::integer);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::rdap::body::read_line;

    #[track_caller]
    fn registrar(entities: &str, expected: Option<(Option<&str>, Option<i64>)>) {
        let json = format!(r#"{{"entities": {entities}}}"#);
        let rdap = read_line(&json).expect(entities).bare;
        let found = rdap.registrar.or(rdap.nested_registrar);
        let found = found.as_ref().map(|registrar| (registrar.name.as_deref(), registrar.iana_id));
        assert_eq!(found, expected, "{entities}");
    }

    /// An entity with the role registrar and these other members.
    #[track_caller]
    fn entity(members: &str, name: Option<&str>, iana_id: Option<i64>) {
        registrar(&format!(r#"[{{"roles": ["registrar"], {members}}}]"#), Some((name, iana_id)));
        registrar(&format!(r#"[{{{members}, "roles": "REGISTRAR"}}]"#), Some((name, iana_id)));
        registrar(
            &format!(r#"{{"a": 1}}, "entities": [{{{members}, "roles": ["sponsor", "Registrar"]}}]"#),
            Some((name, iana_id)),
        );
    }

    #[test]
    fn the_name_is_fn_else_org_else_handle() {
        let version = r#"["version", {}, "text", "4.0"]"#;
        let org = r#"["org", {"type": "work"}, "text", "Org"]"#;
        let named = r#"["fn", {}, "text", "A \"Registrar\""]"#;
        let card = |properties: &str| format!(r#""handle": "H-1", "vcardArray": ["vcard", [{properties}]]"#);
        entity(&card(&format!("{version}, {org}, {named}")), Some("A \"Registrar\""), None);
        entity(&card(&format!("{version}, {org}")), Some("Org"), None);
        entity(&card(r#"["org", {}, "text", ["Org", "Unit"]]"#), Some("Org"), None);
        entity(&card(&format!(r#"["fn", {{}}, "text", ""], {org}"#)), Some("Org"), None);
        entity(&card(r#"["fn", {}], ["org"], [], 7, "x", ["fn", {}, "text", {}]"#), Some("H-1"), None);
        entity(&card(version), Some("H-1"), None);
        entity(&format!(r#""vcardArray": ["vcard", {version}, {named}]"#), Some("A \"Registrar\""), None);
        entity(r#""vcardArray": 7"#, None, None);
        entity(r#""handle": 292"#, None, None);
    }

    #[test]
    fn the_number_is_ianas() {
        entity(r#""publicIds": [{"type": "IANA Registrar ID", "identifier": "292"}]"#, None, Some(292));
        entity(r#""publicIds": [{"identifier": 292, "type": "iana registrar id"}]"#, None, Some(292));
        entity(r#""publicIds": {"type": "IANA Registrar ID", "identifier": " 292 "}"#, None, Some(292));
        entity(r#""publicIds": [{"type": "Norid registrar ID", "identifier": "42"}]"#, None, None);
        entity(r#""publicIds": [7, {"type": "IANA Registrar ID", "identifier": "none"}]"#, None, None);
    }

    #[test]
    fn the_first_one_and_outside_before_inside() {
        registrar("[]", None);
        registrar(r#"[{"roles": ["registrant"], "handle": "x"}, 7]"#, None);
        registrar(
            r#"[{"roles": ["registrar"], "handle": "a"}, {"roles": ["registrar"], "handle": "b"}]"#,
            Some((Some("a"), None)),
        );
        let inside =
            r#"{"roles": ["registrant"], "entities": [{"roles": ["registrar"], "handle": "inside"}]}"#;
        registrar(&format!("[{inside}]"), Some((Some("inside"), None)));
        registrar(
            &format!(r#"[{inside}, {{"roles": ["registrar"], "handle": "outside"}}]"#),
            Some((Some("outside"), None)),
        );
        registrar(&format!(r#"[{{"entities": [{inside}]}}]"#), None);
    }
}
