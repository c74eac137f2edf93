//! The members of an RDAP object that we read, as they are gathered.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::Note;
use super::event::Events;
use super::status::StatusSet;

/// The members we read, of all objects alike.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
pub(super) enum Key {
    // the envelope
    Domain,
    #[serde(rename = "fetched_at")]
    FetchedAt,
    Source,
    #[serde(rename = "http_status")]
    HttpStatus,
    Body,
    // RFC 9083 §4, §5.1, §5.3, §6
    ObjectClassName,
    LdhName,
    UnicodeName,
    ErrorCode,
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
    #[serde(other)]
    Other,
}

/// The members of an RDAP object.
#[derive(Default)]
pub(super) struct Rdap<'a> {
    pub(super) class: Option<&'a RawValue>,
    pub(super) ldh_name: Option<&'a RawValue>,
    pub(super) unicode_name: Option<&'a RawValue>,
    pub(super) error_code: Option<&'a RawValue>,
    pub(super) statuses: StatusSet,
    pub(super) events: Events,
    /// The first entity with the role `registrar`.
    pub(super) registrar: Option<Registrar>,
    /// The first one inside another entity: counts if there is none outside.
    pub(super) nested_registrar: Option<Registrar>,
    /// The first thing that had to be tolerated.
    pub(super) note: Option<Note>,
}

impl Rdap<'_> {
    /// Keeps the first thing that had to be tolerated.
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
