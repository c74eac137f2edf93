//! One JSON value → an answer for exactly one name.
//!
//! | value | outcome |
//! |---|---|
//! | a bare domain object, or one in an envelope whose http status is 200 or missing | found |
//! | http status 404, with no body or with an RDAP error object of code 404 | not found |
//! | a bare error object of code 404 | not found, undated |
//! | anything else in an envelope, or any other bare error object | error |
//! | no name anywhere; a bare object of another class; not JSON | [`AnswerError`] |
//!
//! A domain object has the class `domain` (RFC 9083 §5.3) in any case, or it has no class, but a name and no error
//! code. Its name is `ldhName`, else `unicodeName`. If that differs from the `domain` of the envelope, the outcome is
//! an error, because an answer is evidence for exactly its name.
//!
//! Ambiguities, and our choices:
//!
//! * An envelope without `http_status`: a domain object can only come with success, so it is found. An error object
//!   alone proves nothing.
//! * 404 with a domain object, and 200 with an error object, contradict themselves: error. So does 404 with an error
//!   object of another code. A code that cannot be read is ignored.
//! * An envelope without `body`, but with RDAP members next to its own, was flattened. These members are the body.
//! * A body that is text is the body as the server sent it. JSON in it is read, HTML is an error, and blank text
//!   means no body.
//! * A bare domain object is dated by its file and never by its event "last update of RDAP database". That event says
//!   when the server copied its data, and it is often missing, wrong or in the future.
//! * A bare error object has no name; its file gives it one. If it does have a name, the two must agree.
//! * Whose server it was does not matter here: `registries` and `assess` decide what its answer is worth.
//! * Bytes that are not UTF-8 are replaced. RFC 8259 §8.1 forbids them, but names of registrars contain them.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::input::without_byte_order_mark;
use crate::time::{BareDate, Moment};

use crate::rdap::answer::{Answer, AnswerError, Context, Note, RdapOutcome, excerpt};
use crate::rdap::body::{self, AnswerLine, EnvelopeBody};
use crate::rdap::json;
use crate::rdap::judge::{HttpStatus, Payload, judge, names, raw_name};
use crate::rdap::name;
use crate::rdap::object::Rdap;
use crate::rdap::reserved::say_reserved;

/// Reads one JSON value, bare or in an envelope.
///
/// # Errors
///
/// [`AnswerError`] if it is not JSON, not an answer about a domain, or names no domain.
pub fn read_answer(json: &[u8], context: &Context<'_>) -> Result<Answer, AnswerError> {
    let json = without_byte_order_mark(json);
    // checking UTF-8 is much faster than repairing it
    let text = std::str::from_utf8(json).map_or_else(|_| String::from_utf8_lossy(json), Cow::Borrowed);
    let line = body::read_line(&text)?;
    if !line.is_object {
        return Err(AnswerError::NotObject);
    }
    let mut answer =
        if is_envelope(&line) { read_envelope(line, context)? } else { read_bare(line.bare, context)? };
    if matches!(text, Cow::Owned(_)) {
        answer.note.get_or_insert(Note::NotUtf8);
    }
    Ok(answer)
}

/// An envelope has a member that RDAP does not have.
fn is_envelope(line: &AnswerLine<'_>) -> bool {
    let bare = &line.bare;
    line.body != EnvelopeBody::Absent
        || line.has_http_status
        || (line.domain.is_some() && bare.class.is_none() && bare.ldh_name.is_none())
}

fn read_envelope(line: AnswerLine<'_>, context: &Context<'_>) -> Result<Answer, AnswerError> {
    let AnswerLine { domain, fetched_at, source, http_status, body, bare, inner, .. } = line;
    let text;
    let (payload, rdap) = match body {
        EnvelopeBody::Absent => match Payload::of(&bare) {
            Payload::OtherObject if bare.class.is_none() => (Payload::None, bare),
            payload => (payload, bare),
        },
        EnvelopeBody::Null => (Payload::None, Rdap::default()),
        EnvelopeBody::Object => (Payload::of(&inner), inner),
        EnvelopeBody::Other => (Payload::OtherObject, Rdap::default()),
        EnvelopeBody::Text(body) => {
            text = body;
            match body::read_text_body(&text) {
                Some(rdap) => (Payload::of(&rdap), rdap),
                None => (Payload::NotJson, Rdap::default()),
            }
        }
    };
    let domain = domain.map(envelope_name).transpose()?;
    let name = match domain {
        Some(domain) => domain,
        None if payload == Payload::Domain => object_name(&rdap)?,
        None => file_name(context)?,
    };
    let source = source.and_then(json::text).and_then(|source| name::host_of(&source).map(Into::into));
    let fetched = fetched_at.and_then(|raw| Moment::read_json(raw.get(), BareDate::Start));
    let status = HttpStatus::read(http_status);
    let verdict = judge(status, payload, &rdap, &name);
    let mut answer = build(name, verdict, rdap, context);
    if status == HttpStatus::Missing {
        answer.note.get_or_insert(Note::NoHttpStatus);
    }
    if fetched.is_none() {
        answer.note.get_or_insert(Note::UnreadableFetchedAt);
    }
    answer.dated = fetched.is_some();
    answer.fetched_at = fetched.unwrap_or(context.file_time);
    answer.source = source;
    Ok(answer)
}

fn read_bare(rdap: Rdap<'_>, context: &Context<'_>) -> Result<Answer, AnswerError> {
    let (name, verdict) = match Payload::of(&rdap) {
        Payload::Domain => (object_name(&rdap)?, Ok(RdapOutcome::Found)),
        Payload::Error => {
            let name = file_name(context).or_else(|_| object_name(&rdap))?;
            let code = rdap.error_code.and_then(json::integer);
            let verdict = match code {
                Some(404) if names(&rdap, &name) => Ok(RdapOutcome::NotFound),
                Some(404) => Err(Note::OtherName),
                _ => Err(Note::ErrorCode),
            };
            (name, verdict)
        }
        _ => {
            let class = rdap.class.and_then(json::text).unwrap_or(Cow::Borrowed("an object without a class"));
            return Err(AnswerError::NotDomainObject(excerpt(&class)));
        }
    };
    Ok(build(name, verdict, rdap, context))
}

/// An undated answer without a source. Only a found answer has statuses, dates and a registrar.
fn build(
    name: Box<str>,
    verdict: Result<RdapOutcome, Note>,
    rdap: Rdap<'_>,
    context: &Context<'_>,
) -> Answer {
    let is_found = verdict == Ok(RdapOutcome::Found);
    let (outcome, note) = verdict.map_or_else(
        |reason| (RdapOutcome::Error, Some(reason)),
        |outcome| (outcome, if is_found { rdap.note } else { None }),
    );
    let reserved =
        outcome == RdapOutcome::NotFound && say_reserved([rdap.title, rdap.description, rdap.notices]);
    let rdap = if is_found { rdap } else { Rdap::default() };
    let registrar = rdap.registrar.or(rdap.nested_registrar).unwrap_or_default();
    Answer {
        name,
        outcome,
        fetched_at: context.file_time,
        dated: false,
        source: None,
        statuses: rdap.statuses,
        events: rdap.events,
        registrar: registrar.name,
        registrar_iana_id: registrar.iana_id,
        reserved,
        note,
    }
}

fn object_name(rdap: &Rdap<'_>) -> Result<Box<str>, AnswerError> {
    let name = raw_name(rdap).ok_or(AnswerError::NoName)?;
    normalized(&name)
}

fn envelope_name(domain: &RawValue) -> Result<Box<str>, AnswerError> {
    match json::text(domain) {
        Some(domain) => normalized(&domain),
        None => Err(AnswerError::InvalidName(excerpt(domain.get()))),
    }
}

fn file_name(context: &Context<'_>) -> Result<Box<str>, AnswerError> {
    context.file_name_domain.and_then(name::of_file).map(Into::into).ok_or(AnswerError::NoName)
}

fn normalized(text: &str) -> Result<Box<str>, AnswerError> {
    name::normalize(text).map(Into::into).ok_or_else(|| AnswerError::InvalidName(excerpt(text)))
}

#[cfg(test)]
mod tests;
