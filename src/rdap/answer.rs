//! What one server answered about one name, and why a value may not be an answer.
//!
//! There are three outcomes. An error is not evidence, but it is kept. So a report can tell a name that nobody asked
//! about from a name where asking failed. `read` says how the outcome is found.

use crate::time::Moment;

use super::event::Events;
use super::json;
use super::status::StatusSet;

named_enum! {
    /// What an answer says about its name.
    pub enum RdapOutcome {
        /// The answer says nothing; [`Answer::note`] says why.
        Error = "error",
        /// The server knows no such name.
        NotFound = "not_found",
        /// The name is registered, reserved or being released: see its statuses.
        Found = "found",
    }
}

named_enum! {
    /// Why an answer is an error, or the first oddity that was tolerated. The name is a text for people.
    pub enum Note {
        /// Error: the source is a redirector. Only tables of older versions say so; now `assess` sorts these out.
        Redirector = "answered by a redirector",
        /// Error: the http status is neither 200 nor 404, or cannot be read.
        HttpStatus = "http status is neither 200 nor 404",
        /// Error: the object has a different name.
        OtherName = "the object is of another name",
        /// Error: success, but no body.
        NoBody = "http status 200 without a body",
        /// Error: the body is text that is not JSON.
        BodyNotJson = "the body is not JSON",
        /// Error: success, but the body is not a domain object.
        NotDomainObject = "the body is not a domain object",
        /// Error: 404, but the body is not an RDAP error object.
        NotErrorObject = "http status 404, but the body is not an RDAP error object",
        /// Error: an RDAP error object with another code than 404, or without http status 404.
        ErrorCode = "an RDAP error other than 404",
        /// Tolerated: no http status in the envelope.
        NoHttpStatus = "no http status",
        /// Tolerated: `fetched_at` is missing or not a time.
        UnreadableFetchedAt = "`fetched_at` is missing or not a time",
        /// Tolerated: bytes that are not UTF-8.
        NotUtf8 = "not UTF-8",
        /// Tolerated: the date of an event is not a date.
        UnreadableEventDate = "the date of an event is not a date",
        /// Tolerated: a member, or an element of it, has the wrong type.
        WrongType = "a member is not of its type",
        /// Tolerated: more unregistered statuses than are kept.
        ManyStatuses = "more than 64 statuses that are not registered",
    }
}

impl Note {
    /// Whether nothing in the answer could be read, so that it may have been damaged on the way.
    pub(crate) fn is_unreadable(self) -> bool {
        matches!(self, Self::OtherName | Self::NoBody | Self::BodyNotJson | Self::NotDomainObject)
    }
}

/// What one server answered about one name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// A-labels, lower case, no trailing dot.
    pub name: Box<str>,
    /// What it says about the name.
    pub outcome: RdapOutcome,
    /// When it was fetched.
    pub(crate) fetched_at: Moment,
    /// Whether the answer says when it was fetched. Otherwise `fetched_at` is the time of its file, and the answer
    /// never proves absence.
    pub dated: bool,
    /// The host of the server that answered, lower case.
    pub source: Option<Box<str>>,
    /// The statuses; empty unless found.
    pub statuses: StatusSet,
    /// The dates; empty unless found.
    pub events: Events,
    /// The registrar's name.
    pub registrar: Option<Box<str>>,
    /// The registrar's number in IANA's list.
    pub registrar_iana_id: Option<i64>,
    /// A not-found answer whose text says that the name is reserved or blocked, so that nobody can register it.
    pub(crate) reserved: bool,
    /// Why it is an error, or the first oddity that was tolerated.
    pub(crate) note: Option<Note>,
}

/// What the place of an answer says about it.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The name of its file (`example.com.json.gz`), if the file contains only this answer.
    pub file_name_domain: Option<&'a str>,
    /// The time of its file.
    pub file_time: Moment,
}

/// How many characters of a text go into a message.
const EXCERPT: usize = 100;

/// Why a value is not an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not one JSON value.
    #[error("expected one JSON object: {what}")]
    Syntax {
        /// The parser's message.
        what: Box<str>,
        /// 1-based line within the value.
        line: usize,
        /// 1-based column in that line, in bytes.
        column: usize,
    },
    /// A list, a text, a number …
    #[error("expected a JSON object, found another JSON value")]
    NotObject,
    /// An entity, a name server, a network, help, a list of search results …
    #[error("expected a domain object, found `{0}`")]
    NotDomainObject(Box<str>),
    /// No domain is named anywhere.
    #[error("neither the object nor its envelope nor its file names a domain")]
    NoName,
    /// The name is not a domain name.
    #[error("expected a domain name, found `{0}`")]
    InvalidName(Box<str>),
}

impl AnswerError {
    /// The parser's 1-based column in bytes, if there is one.
    #[cfg(test)]
    pub(crate) fn column(&self) -> Option<usize> {
        self.place().map(|(_, column)| column)
    }

    /// The parser's 1-based line and column, if there are any.
    pub(crate) fn place(&self) -> Option<(usize, usize)> {
        match self {
            Self::Syntax { line, column, .. } => Some((*line, *column)),
            _ => None,
        }
    }
}

/// The beginning of a text, short enough for a message.
pub(super) fn excerpt(text: &str) -> Box<str> {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

impl From<serde_json::Error> for AnswerError {
    fn from(error: serde_json::Error) -> Self {
        let what = json::parser_message(&error).into();
        Self::Syntax { what, line: error.line(), column: error.column() }
    }
}
