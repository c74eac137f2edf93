//! The names that columns usually have, and what helps if none has such a name.
//!
//! The column of the subject has other names for addresses than for domains, URLs and reverse-DNS names. If a table has
//! the column of another subject, the remedy is to name that subject.

use std::num::NonZeroUsize;

use super::columns::{ColumnNames, Role, plain};
use super::multi_line::holds_addresses;
use crate::error::Hint;
use crate::name::Subject;

/// Names of columns of many kinds: alone they do not tell what rows name.
const VAGUE: [&str; 6] = ["name", "id", "host", "link", "package", "group"];

impl ColumnNames {
    /// The names that such columns usually have, in order of preference.
    pub(super) fn usual(&self, role: Role) -> &'static [&'static str] {
        match (role, self.kind) {
            (Role::Subject, kind) => subject_names(kind),
            (Role::Id, _) => &["id", "account_id", "user_id", "username"],
            (Role::VerifiedAt, _) => &["verified_at", "email_verified_at", "confirmed_at"],
            (Role::FirstVerifiedAt, _) => &["first_verified_at"],
            (Role::Weight, _) => &["weight", "downloads"],
            // in a table of addresses a column `count` counts something else, such as logins
            (Role::Accounts, Subject::Address) | (Role::Carry(_), _) => &[],
            (Role::Accounts, _) => &["accounts", "count"],
        }
    }

    /// What helps if there is no such column.
    pub(super) fn hint(&self, role: Role) -> Hint {
        Hint::NameColumn(match role {
            Role::Subject => self.kind.words().column,
            Role::Id => "id",
            Role::VerifiedAt => "verified-at",
            Role::FirstVerifiedAt => "first-verified-at",
            Role::Weight => "weight",
            Role::Accounts => "accounts",
            Role::Carry(_) => return Hint::NameCarriedColumn,
        })
    }

    /// What helps if these are the columns of another subject, by a name that only these have.
    pub(super) fn other_kind(&self, role: Role, found: &[&str]) -> Option<Hint> {
        if role != Role::Subject || self.subject.is_some() {
            return None;
        }
        let is_certain = |name: &&&str| !VAGUE.contains(*name);
        let is_found = |name: &&str| found.iter().any(|column| plain(column) == plain(name));
        let has = |kind: &Subject| subject_names(*kind).iter().filter(is_certain).any(is_found);
        Subject::ALL.iter().find(|kind| has(kind)).map(|kind| Hint::TellSubject(kind.words()))
    }

    /// What helps if the first line may be data, and these are its fields.
    pub(super) fn no_header(&self, fields: &[&str]) -> Hint {
        let is_subject = |field: &&str| match self.kind {
            Subject::Address => holds_addresses(field.as_bytes()),
            kind => kind.is_plain(field),
        };
        let place = fields.iter().position(is_subject);
        Hint::NoHeader(place.and_then(|place| NonZeroUsize::new(place + 1)), self.kind.words())
    }
}

/// The names that columns of a subject usually have, in order of preference.
fn subject_names(kind: Subject) -> &'static [&'static str] {
    match kind {
        // `e-mail` is spelled as `email` is
        Subject::Address => &["email", "email_address", "mail"],
        Subject::Domain => {
            &["domain", "email_domain", "mail_domain", "domain_name", "fqdn", "hostname", "host", "name"]
        }
        Subject::Url => {
            &["url", "uri", "homepage", "homepage_url", "website", "repository", "repository_url", "link"]
        }
        Subject::ReverseDns => {
            &["group_id", "namespace", "app_id", "application_id", "group", "package", "name", "id"]
        }
    }
}
