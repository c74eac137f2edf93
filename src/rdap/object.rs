//! The members of an RDAP object that are read.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

use super::answer::Note;
use super::event::Events;
use super::status::StatusSet;

/// The members that are read, in objects of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    // the envelope
    Domain,
    FetchedAt,
    Source,
    HttpStatus,
    Body,
    // RFC 9083 §4, §5.1, §5.3, §6
    ObjectClassName,
    LdhName,
    UnicodeName,
    ErrorCode,
    Title,
    Description,
    Notices,
    Status,
    Events,
    EventAction,
    EventDate,
    Entities,
    Roles,
    Handle,
    VcardArray,
    PublicIds,
    Type,
    Identifier,
    Other,
}

impl Key {
    /// Compares lengths first. An answer has dozens of keys, and most of them are of no interest.
    fn read(key: &str) -> Self {
        let (name, value) = match key.len() {
            4 if key == "body" => return Self::Body,
            4 => ("type", Self::Type),
            5 if key == "title" => return Self::Title,
            5 => ("roles", Self::Roles),
            6 if key == "status" => return Self::Status,
            6 if key == "events" => return Self::Events,
            6 if key == "handle" => return Self::Handle,
            6 if key == "domain" => return Self::Domain,
            6 => ("source", Self::Source),
            7 if key == "notices" => return Self::Notices,
            7 => ("ldhName", Self::LdhName),
            8 => ("entities", Self::Entities),
            9 if key == "eventDate" => return Self::EventDate,
            9 if key == "publicIds" => return Self::PublicIds,
            9 => ("errorCode", Self::ErrorCode),
            10 if key == "vcardArray" => return Self::VcardArray,
            10 if key == "identifier" => return Self::Identifier,
            10 => ("fetched_at", Self::FetchedAt),
            11 if key == "description" => return Self::Description,
            11 if key == "eventAction" => return Self::EventAction,
            11 if key == "http_status" => return Self::HttpStatus,
            11 => ("unicodeName", Self::UnicodeName),
            15 => ("objectClassName", Self::ObjectClassName),
            _ => return Self::Other,
        };
        if key == name { value } else { Self::Other }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
                Ok(Key::read(key))
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

/// The members of an RDAP object.
#[derive(Default)]
pub(super) struct Rdap<'a> {
    pub(super) class: Option<&'a RawValue>,
    pub(super) ldh_name: Option<&'a RawValue>,
    pub(super) unicode_name: Option<&'a RawValue>,
    pub(super) error_code: Option<&'a RawValue>,
    pub(super) title: Option<&'a RawValue>,
    pub(super) description: Option<&'a RawValue>,
    pub(super) notices: Option<&'a RawValue>,
    pub(super) statuses: StatusSet,
    pub(super) events: Events,
    /// The first entity with the role `registrar`.
    pub(super) registrar: Option<Registrar>,
    /// The first registrar inside another entity. It counts if there is none outside.
    pub(super) nested_registrar: Option<Registrar>,
    /// The first oddity that was tolerated.
    pub(super) note: Option<Note>,
}

impl Rdap<'_> {
    /// Adds a status.
    pub(super) fn status(&mut self, text: &str) {
        if !self.statuses.insert_text(text) {
            self.note(Note::ManyStatuses);
        }
    }

    /// Keeps the first oddity that was tolerated.
    pub(super) fn note(&mut self, note: Note) {
        self.note.get_or_insert(note);
    }
}

/// A registrar.
#[derive(Default)]
pub(super) struct Registrar {
    pub(super) name: Option<Box<str>>,
    pub(super) iana_id: Option<i64>,
}
