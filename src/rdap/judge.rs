//! The decision: found, not found, or an error.
//!
//! Only a plain not-found answer may prove absence. So every combination of http status and body is listed, and one
//! that contradicts itself is an error. The tests are in `read`.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::answer::{Note, RdapOutcome};
use super::json;
use super::name;
use super::object::Rdap;

/// What kind of body this is, by its members alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    None,
    NotJson,
    Domain,
    Error,
    OtherObject,
}

impl Payload {
    /// The kind of body with these members.
    pub(super) fn of(rdap: &Rdap<'_>) -> Self {
        let class = rdap.class.and_then(json::text);
        match class.as_deref().map(name::trimmed) {
            Some(class) if class.eq_ignore_ascii_case("domain") => Self::Domain,
            _ if rdap.error_code.is_some() => Self::Error,
            None | Some("") if raw_name(rdap).is_some() => Self::Domain,
            _ => Self::OtherObject,
        }
    }
}

/// The http status of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HttpStatus {
    /// The member is missing or `null`.
    Missing,
    Unreadable,
    Code(i64),
}

impl HttpStatus {
    /// A number, or a text that begins with one (`404`, `404 Not Found`).
    pub(super) fn read(raw: Option<&RawValue>) -> Self {
        let Some(raw) = raw else { return Self::Missing };
        let first_word = || json::text(raw)?.split_whitespace().next()?.parse().ok();
        json::integer(raw).or_else(first_word).map_or(Self::Unreadable, Self::Code)
    }
}

/// Found, not found, or the reason why neither. The order of the branches decides which reason is given.
pub(super) fn judge(
    status: HttpStatus,
    payload: Payload,
    rdap: &Rdap<'_>,
    name: &str,
) -> Result<RdapOutcome, Note> {
    match (status, payload) {
        (HttpStatus::Unreadable, _) => Err(Note::HttpStatus),
        (HttpStatus::Code(code), _) if code != 200 && code != 404 => Err(Note::HttpStatus),
        (HttpStatus::Code(404), Payload::None) => Ok(RdapOutcome::NotFound),
        (HttpStatus::Code(404), Payload::Error) => match rdap.error_code.and_then(json::integer) {
            Some(code) if code != 404 => Err(Note::ErrorCode),
            _ if !names(rdap, name) => Err(Note::OtherName),
            _ => Ok(RdapOutcome::NotFound),
        },
        (_, Payload::NotJson) => Err(Note::BodyNotJson),
        (HttpStatus::Code(404), _) => Err(Note::NotErrorObject),
        (_, Payload::Domain) if names(rdap, name) => Ok(RdapOutcome::Found),
        (_, Payload::Domain) => Err(Note::OtherName),
        (_, Payload::None) => Err(Note::NoBody),
        (_, Payload::Error) => Err(Note::ErrorCode),
        (_, Payload::OtherObject) => Err(Note::NotDomainObject),
    }
}

/// The name in the object, as written: `ldhName`, else `unicodeName`.
///
/// A name that is empty or not text counts as missing.
pub(super) fn raw_name<'a>(rdap: &Rdap<'a>) -> Option<Cow<'a, str>> {
    let text =
        |raw: Option<&'a RawValue>| raw.and_then(json::text).filter(|text| !name::trimmed(text).is_empty());
    text(rdap.ldh_name).or_else(|| text(rdap.unicode_name))
}

/// Whether an object has this name. An object without a name has any.
pub(super) fn names(rdap: &Rdap<'_>, name: &str) -> bool {
    raw_name(rdap).is_none_or(|own| name::spells(&own, name))
}
