//! What is found, not found or an error, case by case.

use super::*;
use crate::rdap::Status;

const DOMAIN: &str = r#"{"objectClassName": "domain", "ldhName": "A.Example.", "status": ["ok"]}"#;
const NOT_FOUND: &str = r#"{"errorCode": 404, "title": "not found"}"#;

fn read(json: &str, file_name: Option<&str>) -> Result<Answer, AnswerError> {
    read_answer(json.as_bytes(), &Context { file_name_domain: file_name, file_time: Moment(7) })
}

/// `name outcome`, and the note or `-`.
#[track_caller]
fn answers(json: &str, file_name: Option<&str>, expected: &str, note: Option<Note>) -> Answer {
    let answer = read(json, file_name).expect(json);
    assert_eq!(format!("{} {}", answer.name, answer.outcome.name()), expected, "{json}");
    assert_eq!(answer.note, note, "{json}");
    if answer.outcome != RdapOutcome::Found {
        assert!(
            answer.statuses.is_empty() && answer.events == Default::default() && answer.registrar.is_none()
        );
    }
    assert!(answer.dated || answer.fetched_at == Moment(7), "undated: the file's time");
    answer
}

/// An envelope for `a.example` of a date, with these further members.
#[track_caller]
fn envelope(members: &str, expected: &str, note: Option<Note>) -> Answer {
    let json = format!(r#"{{"domain": "a.example", "fetched_at": "2026-01-02T03:04:05Z", {members}}}"#);
    let answer = answers(&json, None, &format!("a.example {expected}"), note);
    assert!(answer.dated && answer.fetched_at.to_string() == "2026-01-02T03:04:05Z");
    answer
}

#[track_caller]
fn refused(json: &str, file_name: Option<&str>, message: &str) {
    assert_eq!(read(json, file_name).expect_err(json).to_string(), message, "{json}");
}

#[test]
fn found_in_an_envelope() {
    let source = r#""source": "https://RDAP.Registry.example:443/v1/domain/A.EXAMPLE""#;
    let answer = envelope(&format!(r#""http_status": 200, {source}, "body": {DOMAIN}"#), "found", None);
    assert_eq!(answer.source.as_deref(), Some("rdap.registry.example"));
    assert!(answer.statuses.contains(Status::Active));
    envelope(&format!(r#""http_status": "200", "body": {DOMAIN}"#), "found", None);
    envelope(&format!(r#""http_status": "200 OK", "body": {DOMAIN}"#), "found", None);
    envelope(&format!(r#""body": {DOMAIN}"#), "found", Some(Note::NoHttpStatus));
    envelope(&format!(r#""http_status": null, "body": {DOMAIN}"#), "found", Some(Note::NoHttpStatus));
    let as_text = serde_json::to_string(DOMAIN).expect("a text");
    let answer = envelope(&format!(r#""http_status": 200, "body": {as_text}"#), "found", None);
    assert!(answer.statuses.contains(Status::Active));
    let flat = r#""http_status": 200, "objectClassName": "domain", "ldhName": "a.example""#;
    envelope(flat, "found", None);
    for body in [
        r#"{"objectClassName": "Domain", "ldhName": "a.example"}"#,
        r#"{"objectClassName": "domain", "unicodeName": "a.example"}"#,
        r#"{"objectClassName": "domain", "ldhName": null}"#,
        r#"{"objectClassName": "domain"}"#,
        r#"{"ldhName": "a.example"}"#,
        r#"{"objectClassName": 7, "ldhName": "a.example", "unicodeName": "other.example"}"#,
        r#"{"objectClassName": "domain", "ldhName": ["other.example"]}"#,
        r#"{"objectClassName": "domain", "ldhName": "b.example", "ldhName": "a.example"}"#,
    ] {
        envelope(&format!(r#""http_status": 200, "body": {body}"#), "found", None);
    }
}

#[test]
fn an_answer_is_evidence_for_exactly_its_name() {
    let other = Some(Note::OtherName);
    envelope(r#""http_status": 200, "body": {"ldhName": "b.example"}"#, "error", other);
    envelope(r#""http_status": 200, "body": {"ldhName": "www.a.example"}"#, "error", other);
    envelope(r#""http_status": 200, "body": {"ldhName": "a.example.."}"#, "error", other);
    envelope(r#""http_status": 200, "body": {"ldhName": "a b"}"#, "error", other);
    envelope(r#""http_status": 200, "body": {"unicodeName": "b.example"}"#, "error", other);
    envelope(r#""http_status": 404, "body": {"errorCode": 404, "ldhName": "b.example"}"#, "error", other);
    let idn = r#"{"domain": "Fóo.example.", "http_status": 200, "body": {"ldhName": "XN--FO-5JA.EXAMPLE"}}"#;
    answers(idn, None, "xn--fo-5ja.example found", Some(Note::UnreadableFetchedAt));
    let idn = r#"{"domain": "xn--fo-5ja.example", "http_status": 200, "body": {"ldhName": "FÓO.example"}}"#;
    answers(idn, None, "xn--fo-5ja.example found", Some(Note::UnreadableFetchedAt));
}

#[test]
fn not_found_needs_404_and_nothing_that_contradicts_it() {
    for body in [
        r#""x": 1"#,
        r#""body": null"#,
        r#""body": " ""#,
        r#""body": {"errorCode": 404}"#,
        r#""body": {"errorCode": "404", "title": ["gone"]}"#,
        r#""body": {"errorCode": "none"}"#,
        r#""body": {"errorCode": 404, "ldhName": "A.EXAMPLE"}"#,
        r#""body": "{\"errorCode\": 404}""#,
    ] {
        envelope(&format!(r#""http_status": 404, {body}"#), "not_found", None);
        envelope(&format!(r#"{body}, "http_status": "404""#), "not_found", None);
        envelope(&format!(r#""http_status": 429, {body}"#), "error", Some(Note::HttpStatus));
        envelope(&format!(r#""http_status": "lost", {body}"#), "error", Some(Note::HttpStatus));
    }
    for (body, note) in [
        (r#"{"errorCode": 400}"#, Note::ErrorCode),
        (r#"{"errorCode": "501"}"#, Note::ErrorCode),
        (r#""<html>not found</html>""#, Note::BodyNotJson),
        (r#""{\"errorCode\": 404""#, Note::BodyNotJson),
        ("{}", Note::NotErrorObject),
        ("[]", Note::NotErrorObject),
        ("7", Note::NotErrorObject),
        (r#"{"title": "not found"}"#, Note::NotErrorObject),
        (r#"{"errorCode": null}"#, Note::NotErrorObject),
        (DOMAIN, Note::NotErrorObject),
    ] {
        envelope(&format!(r#""http_status": 404, "body": {body}"#), "error", Some(note));
    }
    envelope(r#""http_status": 404, "ldhName": "a.example""#, "error", Some(Note::NotErrorObject));
}

#[test]
fn other_answers_are_errors() {
    envelope(r#""http_status": 200"#, "error", Some(Note::NoBody));
    envelope(r#""http_status": 200, "body": null"#, "error", Some(Note::NoBody));
    envelope(r#""body": null"#, "error", Some(Note::NoBody));
    envelope(&format!(r#""http_status": 200, "body": {NOT_FOUND}"#), "error", Some(Note::ErrorCode));
    envelope(&format!(r#""body": {NOT_FOUND}"#), "error", Some(Note::ErrorCode));
    envelope(r#""http_status": 200, "body": "<html>""#, "error", Some(Note::BodyNotJson));
    envelope(r#""http_status": 200, "body": []"#, "error", Some(Note::NotDomainObject));
    envelope(r#""http_status": 200, "body": {"notices": []}"#, "error", Some(Note::NotDomainObject));
    let entity = r#"{"objectClassName": "entity", "ldhName": "a.example"}"#;
    envelope(&format!(r#""http_status": 200, "body": {entity}"#), "error", Some(Note::NotDomainObject));
    envelope(&format!(r#""http_status": 503, "body": {DOMAIN}"#), "error", Some(Note::HttpStatus));
}

#[test]
fn bare_objects() {
    let answer = answers(DOMAIN, Some("other.example.json"), "a.example found", None);
    assert!(!answer.dated && answer.source.is_none() && answer.statuses.contains(Status::Active));
    answers(r#"{"unicodeName": "Fóo.example"}"#, None, "xn--fo-5ja.example found", None);
    answers(r#"{"domain": "x", "ldhName": "a.example"}"#, None, "a.example found", None);
    answers(NOT_FOUND, Some("A.example.json.gz"), "a.example not_found", None);
    answers(r#"{"errorCode": "404"}"#, Some("a.example.json"), "a.example not_found", None);
    answers(r#"{"errorCode": 400}"#, Some("a.example.json"), "a.example error", Some(Note::ErrorCode));
    answers(r#"{"errorCode": "?"}"#, Some("a.example.json"), "a.example error", Some(Note::ErrorCode));
    let named = r#"{"errorCode": 404, "ldhName": "a.example"}"#;
    answers(named, None, "a.example not_found", None);
    answers(named, Some("b.example.json"), "b.example error", Some(Note::OtherName));
    refused(NOT_FOUND, None, "neither the object nor its envelope nor its file names a domain");
    refused(NOT_FOUND, Some("all.ndjson"), "neither the object nor its envelope nor its file names a domain");
    let nameless = r#"{"objectClassName": "domain"}"#;
    refused(
        nameless,
        Some("a.example.json"),
        "neither the object nor its envelope nor its file names a domain",
    );
    refused(
        r#"{"objectClassName": "domain", "ldhName": "a b"}"#,
        None,
        "expected a domain name, found `a b`",
    );
}

#[test]
fn values_that_are_not_answers() {
    refused(r#"{"objectClassName": "entity"}"#, None, "expected a domain object, found `entity`");
    refused(
        r#"{"objectClassName": "nameserver", "ldhName": "ns.x"}"#,
        None,
        "expected a domain object, found `nameserver`",
    );
    refused("{}", None, "expected a domain object, found `an object without a class`");
    refused(
        r#"{"domainSearchResults": []}"#,
        None,
        "expected a domain object, found `an object without a class`",
    );
    refused("[]", None, "expected a JSON object, found another JSON value");
    refused("null", None, "expected a JSON object, found another JSON value");
    refused("\"a.example\"", None, "expected a JSON object, found another JSON value");
    refused(r#"{"domain": "a b", "http_status": 404}"#, None, "expected a domain name, found `a b`");
    refused(r#"{"domain": 7, "http_status": 404}"#, None, "expected a domain name, found `7`");
    let nobody = "neither the object nor its envelope nor its file names a domain";
    refused(r#"{"http_status": 404}"#, None, nobody);
    refused(r#"{"http_status": 200, "body": {"objectClassName": "domain"}}"#, None, nobody);
    let error = read("{\n\"ldhName\": \"a.example\",}", None).expect_err("a comma too many");
    assert_eq!(error.to_string(), "expected one JSON object: trailing comma");
    assert_eq!((error.place(), error.column()), (Some((2, 24)), Some(24)));
    assert_eq!(AnswerError::NoName.column(), None);
    for cut in 0..DOMAIN.len() {
        assert!(read(&DOMAIN[..cut], None).is_err());
    }
    refused(&format!("{DOMAIN} {DOMAIN}"), None, "expected one JSON object: trailing characters");
    assert!(read(&"[".repeat(100_000), None).is_err() && read(&r#"{"body":"#.repeat(100_000), None).is_err());
}

#[test]
fn undated_and_oddly_encoded() {
    let dated = |fetched_at: &str| {
        let json = format!(r#"{{"domain": "a.example", "http_status": 404, "fetched_at": {fetched_at}}}"#);
        read(&json, None).map(|answer| (answer.dated, answer.note))
    };
    for fetched_at in ["null", "\"yesterday\"", "0", "{}", "\"\""] {
        assert_eq!(dated(fetched_at), Ok((false, Some(Note::UnreadableFetchedAt))), "{fetched_at}");
    }
    assert_eq!(dated("\"2026-01-02\""), Ok((true, None)));
    let mut bytes = b"\xef\xbb\xbf{\"ldhName\": \"a.example\", \
        \"entities\": [{\"roles\": \"Registrar\", \"handle\": \"R\xe9gie\"}]}"
        .to_vec();
    let context = Context { file_name_domain: None, file_time: Moment(7) };
    let answer = read_answer(&bytes, &context).expect("replaced");
    assert_eq!((answer.registrar.as_deref(), answer.note), (Some("R\u{fffd}gie"), Some(Note::NotUtf8)));
    bytes.retain(u8::is_ascii);
    assert_eq!(read_answer(&bytes, &context).expect("plain").note, None);
}
