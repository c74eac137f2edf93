//! What one server answered about one name, and why a line may be no answer at all.
//!
//! Three outcomes, not two: an error is no evidence, yet it is kept, so that a report can tell a name nobody
//! asked about from one where asking failed. How the outcome is found is told in `read`.

use crate::time::Moment;

use super::event::Events;
use super::status::StatusSet;

named_enum! {
    /// What an answer says about its name.
    pub enum RdapOutcome {
        /// Nothing: [`Answer::note`] says why.
        Error = "error",
        /// The server knows no such name.
        NotFound = "not_found",
        /// The name is registered, reserved or being released: see its statuses.
        Found = "found",
    }
}

named_enum! {
    /// Why an answer is an error, or the first thing tolerated in one that is not. The name is a line for a person.
    pub enum Note {
        /// Error: the source is a redirector.
        Redirector = "answered by a redirector",
        /// Error: an http status that is neither 200 nor 404, or none that can be read.
        HttpStatus = "http status is neither 200 nor 404",
        /// Error: the object is of another name.
        OtherName = "the object is of another name",
        /// Error: success, but no body.
        NoBody = "http status 200 without a body",
        /// Error: the body is text and not JSON.
        BodyNotJson = "the body is not JSON",
        /// Error: success, but the body is no domain object.
        NotDomainObject = "the body is not a domain object",
        /// Error: 404, but the body is no RDAP error object.
        NotErrorObject = "http status 404, but the body is not an RDAP error object",
        /// Error: an RDAP error object of a code other than 404, or without http status 404.
        ErrorCode = "an RDAP error other than 404",
        /// Tolerated: no http status in the envelope.
        NoHttpStatus = "no http status",
        /// Tolerated: `fetched_at` is missing or no moment.
        UnreadableFetchedAt = "`fetched_at` is missing or not a time",
        /// Tolerated: bytes that are not UTF-8.
        NotUtf8 = "not UTF-8",
        /// Tolerated: an event whose date is none.
        UnreadableEventDate = "the date of an event is not a date",
        /// Tolerated: a member, or an element of it, is not of the type it should be.
        WrongType = "a member is not of its type",
        /// Tolerated: more statuses that no registry knows than are kept.
        ManyStatuses = "more than 64 statuses that are not registered",
    }
}

impl Note {
    /// Whether there was an answer of which nothing could be read: it may have been lost on the way.
    pub fn is_unreadable(self) -> bool {
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
    pub fetched_at: Moment,
    /// `false`: nobody said when, and `fetched_at` is the time of its file. Such an answer never proves absence.
    pub dated: bool,
    /// The host of the server that answered, lower case.
    pub source: Option<Box<str>>,
    /// The statuses; empty unless found.
    pub statuses: StatusSet,
    /// The dates; empty unless found.
    pub events: Events,
    /// The registrar's name.
    pub registrar: Option<Box<str>>,
    /// The registrar's number at IANA.
    pub registrar_iana_id: Option<i64>,
    /// Why it is an error, or the first thing that was tolerated.
    pub note: Option<Note>,
}

/// What the place of an answer tells about it.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The name of the file, as it stands (`example.com.json.gz`), if it holds this one answer only.
    pub file_name_domain: Option<&'a str>,
    /// The time of the file.
    pub file_time: Moment,
}

/// Characters of a text in a message.
const EXCERPT: usize = 100;

/// Why a value is no answer at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not one JSON value.
    #[error("expected one JSON object: {what}")]
    Syntax {
        /// What the parser says.
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
    /// No name anywhere.
    #[error("neither the object nor its envelope nor its file names a domain")]
    NoName,
    /// A name that is none.
    #[error("expected a domain name, found `{0}`")]
    InvalidName(Box<str>),
}

impl AnswerError {
    /// Whether the text ends inside the value.
    pub fn is_cut(&self) -> bool {
        matches!(self, Self::Syntax { what, .. } if what.starts_with("EOF"))
    }

    /// The parser's 1-based column in bytes, if the trouble has one.
    pub fn column(&self) -> Option<usize> {
        self.place().map(|(_, column)| column)
    }

    /// The parser's 1-based line and column, if the trouble has a place.
    pub fn place(&self) -> Option<(usize, usize)> {
        match self {
            Self::Syntax { line, column, .. } => Some((*line, *column)),
            _ => None,
        }
    }
}

/// As much of a text as belongs into a message.
pub(super) fn excerpt(text: &str) -> Box<str> {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

impl From<serde_json::Error> for AnswerError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        // the place joins elsewhere
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        Self::Syntax { what: what.into(), line: error.line(), column: error.column() }
    }
}
