//! One JSON value → its interesting members, in one pass and with hardly an allocation.
//!
//! The value is a bare RDAP object or an envelope around one. Which of the two is known only at its end, so the
//! members of both are gathered. Names, codes and dates are borrowed as written; statuses, events and the registrar
//! are read on the way. If a member occurs twice, the last one counts, as in every other JSON reader. Events and
//! statuses of both count.

use std::borrow::Cow;

use crate::input::without_marks;
use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde_json::value::RawValue;

use super::answer::Note;
use super::json::{self, JsonShape, Lenient};
use super::object::{Key, Rdap};
use super::registrar::EntitiesShape;

/// A value: the members of an envelope, and those of an object, which may be in either place.
#[derive(Default)]
pub(super) struct AnswerLine<'a> {
    /// Whether the value is an object at all.
    pub(super) is_object: bool,
    pub(super) domain: Option<&'a RawValue>,
    pub(super) fetched_at: Option<&'a RawValue>,
    pub(super) source: Option<&'a RawValue>,
    pub(super) http_status: Option<&'a RawValue>,
    /// Whether there is a member `http_status`, `null` or not.
    pub(super) has_http_status: bool,
    pub(super) body: EnvelopeBody<'a>,
    /// The RDAP members of the value itself.
    pub(super) bare: Rdap<'a>,
    /// The RDAP members in `body`.
    pub(super) inner: Rdap<'a>,
}

/// The content of the member `body`.
#[derive(Default, PartialEq, Eq)]
pub(super) enum EnvelopeBody<'a> {
    /// There is no such member.
    #[default]
    Absent,
    /// `null`, or text that is blank.
    Null,
    /// An object, gathered in [`AnswerLine::inner`].
    Object,
    /// Text: the body as the server sent it.
    Text(Cow<'a, str>),
    /// A list, a number or a boolean.
    Other,
}

/// Reads a value.
pub(super) fn read_line(json: &str) -> serde_json::Result<AnswerLine<'_>> {
    let mut line = AnswerLine::default();
    json::read(json, LineShape(&mut line))?;
    Ok(line)
}

/// Reads a body that is text; `None` if it is not a JSON object.
pub(super) fn read_text_body(text: &str) -> Option<Rdap<'_>> {
    let mut rdap = Rdap::default();
    let text = std::str::from_utf8(without_marks(text.as_bytes())).ok()?;
    // an object begins with a brace, so there is no need to parse HTML
    json::read(text.starts_with('{').then_some(text)?, RdapShape(&mut rdap)).ok()?;
    Some(rdap)
}

struct LineShape<'a, 'de>(&'a mut AnswerLine<'de>);

impl<'de> JsonShape<'de> for LineShape<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let line = self.0;
        line.is_object = true;
        while let Some(key) = members.next_key::<Key>()? {
            match key {
                Key::Domain => line.domain = members.next_value()?,
                Key::FetchedAt => line.fetched_at = members.next_value()?,
                Key::Source => line.source = members.next_value()?,
                Key::HttpStatus => {
                    line.has_http_status = true;
                    line.http_status = members.next_value()?;
                }
                Key::Body => {
                    let shape = BodyShape { body: &mut line.body, inner: &mut line.inner };
                    members.next_value_seed(Lenient(shape))?;
                }
                key => line.bare.member(&key, &mut members)?,
            }
        }
        Ok(())
    }
}

struct BodyShape<'a, 'de> {
    body: &'a mut EnvelopeBody<'de>,
    inner: &'a mut Rdap<'de>,
}

impl<'de> JsonShape<'de> for BodyShape<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        *self.body = EnvelopeBody::Object;
        RdapShape(self.inner).object(members)
    }

    fn text(self, text: Cow<'de, str>) {
        *self.body = if text.trim().is_empty() { EnvelopeBody::Null } else { EnvelopeBody::Text(text) };
    }

    fn wrong_type(self) {
        *self.body = EnvelopeBody::Other;
    }

    fn null(self) {
        *self.body = EnvelopeBody::Null;
    }
}

struct RdapShape<'a, 'de>(&'a mut Rdap<'de>);

impl<'de> JsonShape<'de> for RdapShape<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<Key>()? {
            self.0.member(&key, &mut members)?;
        }
        Ok(())
    }
}

impl<'de> Rdap<'de> {
    /// Reads the value of one member.
    fn member<A: MapAccess<'de>>(&mut self, key: &Key, members: &mut A) -> Result<(), A::Error> {
        match key {
            Key::ObjectClassName => self.class = members.next_value()?,
            Key::LdhName => self.ldh_name = members.next_value()?,
            Key::UnicodeName => self.unicode_name = members.next_value()?,
            Key::ErrorCode => self.error_code = members.next_value()?,
            Key::Title => self.title = members.next_value()?,
            Key::Description => self.description = members.next_value()?,
            Key::Notices => self.notices = members.next_value()?,
            Key::Status => members.next_value_seed(Lenient(StatusShape(self)))?,
            Key::Events => members.next_value_seed(Lenient(EventsShape(self)))?,
            Key::Entities => members.next_value_seed(Lenient(EntitiesShape::new(self)))?,
            _ => drop(members.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// A list of texts. A single text counts as a list of one.
struct StatusShape<'a, 'de>(&'a mut Rdap<'de>);

impl<'de> JsonShape<'de> for StatusShape<'_, 'de> {
    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&RawValue>()? {
            match json::text(element) {
                Some(status) => self.0.status(&status),
                None => self.0.note(Note::WrongType),
            }
        }
        Ok(())
    }

    fn text(self, text: Cow<'de, str>) {
        self.0.status(&text);
    }

    fn wrong_type(self) {
        self.0.note(Note::WrongType);
    }
}

/// A list of events. A single event counts as a list of one.
struct EventsShape<'a, 'de>(&'a mut Rdap<'de>);

impl<'de> JsonShape<'de> for EventsShape<'_, 'de> {
    fn list<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Lenient(EventShape(self.0)))?.is_some() {}
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        EventShape(self.0).object(members)
    }

    fn wrong_type(self) {
        self.0.note(Note::WrongType);
    }
}

struct EventShape<'a, 'de>(&'a mut Rdap<'de>);

impl<'de> JsonShape<'de> for EventShape<'_, 'de> {
    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (mut action, mut date) = (None::<&RawValue>, None::<&RawValue>);
        while let Some(key) = members.next_key::<Key>()? {
            match key {
                Key::EventAction => action = members.next_value()?,
                Key::EventDate => date = members.next_value()?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        let Some(action) = action.and_then(json::text) else {
            self.0.note(Note::WrongType);
            return Ok(());
        };
        let date = date.and_then(json::text).unwrap_or_default();
        if !self.0.events.add_text(&action, &date) {
            self.0.note(Note::UnreadableEventDate);
        }
        Ok(())
    }

    fn wrong_type(self) {
        self.0.note(Note::WrongType);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdap::StatusSet;
    use crate::rdap::{Answer, Context, RdapOutcome, read_answer};
    use crate::time::Moment;

    #[track_caller]
    fn found(json: &str) -> Answer {
        let context = Context { file_name_domain: None, file_time: Moment(7) };
        let answer = read_answer(json.as_bytes(), &context).expect(json);
        assert_eq!((&*answer.name, answer.outcome), ("a.example", RdapOutcome::Found), "{json}");
        answer
    }

    #[test]
    fn no_member_of_the_wrong_type_loses_the_object() {
        let values = [
            "null",
            "true",
            "-7",
            "1e9",
            "\"x\"",
            "[]",
            "{}",
            "[null, 7, {}, [[]]]",
            "{\"a\": [{}]}",
            "[[\"fn\"]]",
        ];
        let members = ["status", "events", "entities", "links", "secureDNS", "nameservers", "publicIds", "x"];
        for (value, member) in values.iter().flat_map(|value| members.map(|member| (value, member))) {
            for deep in [false, true] {
                let value = if deep { format!("[{value}, {value}]") } else { (*value).to_owned() };
                let json = format!(
                    r#"{{"{member}": {value}, "objectClassName": "domain", "ldhName": "a.example"}}"#
                );
                found(&json);
            }
            for inner in ["roles", "handle", "vcardArray", "publicIds", "entities"] {
                let entity = format!(r#"{{"roles": ["registrar"], "{inner}": {value}}}"#);
                let json = format!(r#"{{"entities": [{entity}], "ldhName": "a.example"}}"#);
                found(&json);
            }
        }
    }

    #[test]
    fn statuses_and_events_as_servers_write_them() {
        let json = r#"{"ldhName": "a.example", "status": ["pendingDelete", "Redemption Period", 7, "own"], "events": [
            7, {"eventAction": "expiration", "eventDate": "294247-01-10T04:00:54.775Z"}, {"eventDate": "2020-01-01"},
            {"eventDate": "2025-03-20T07:00:00.000+0000", "eventActor": {}, "eventAction": "expiration"},
            {"eventAction": "Registration", "eventDate": "2029-08-18T13:19:55"},
            {"eventAction": "lastChanged", "eventDate": "2024-02-03T04:05:52.0Z"}]}"#;
        let answer = found(json);
        assert_eq!(answer.note, Some(Note::WrongType));
        assert_eq!(
            answer.statuses.names().collect::<Vec<_>>(),
            ["redemption period", "pending delete", "own"]
        );
        let written = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
        assert_eq!(written(answer.events.expires).as_deref(), Some("2025-03-20T07:00:00Z"));
        assert_eq!(written(answer.events.registered).as_deref(), Some("2029-08-18T13:19:55Z"));
        assert_eq!(written(answer.events.changed).as_deref(), Some("2024-02-03T04:05:52Z"));
        let never = r#"{"ldhName": "a.example", "status": "client hold",
            "events": {"eventAction": "expiration", "eventDate": "294247-01-10T04:00:54.775Z"}}"#;
        let answer = found(never);
        assert_eq!(answer.note, Some(Note::UnreadableEventDate));
        assert_eq!(answer.statuses, StatusSet::from_iter(["clientHold"]));
    }
}
