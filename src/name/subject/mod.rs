//! What the rows of an accounts file name: addresses, domains, URLs or reverse-DNS names. The one place that reads them.
//!
//! ```text
//! address       user@mail.example.com             mail.example.com   mailbox.rs and field/
//! domain        *.Example.com.                    example.com        bare.rs
//! url           git@git.example.com:user/repo     git.example.com    url.rs
//! reverse-dns   com.example.lib                   example.com        reverse.rs
//! ```
//!
//! Every reader returns the domain as it is written, and [`MailDomain`] makes it normal, as it does for addresses. What
//! plainly is another subject is refused as such ([`Rejection::WrongSubject`]) and never read as well as it goes: the
//! reverse of `com.example.lib` is a different domain, and under a top-level domain that does not exist nothing is at
//! risk. [`Subject::guess`] says what a rejected field looks like, so that a person is told which subject to name.
//!
//! Extensions of VS Code (`publisher.extension`) are no reverse-DNS names: a publisher is not a domain.

mod bare;
mod literal;
mod reverse;
mod url;

use std::borrow::Cow;

use super::suffix::tld;
use super::{MailDomain, Mailbox, Rejection, SuffixList, trim};
use crate::error::SubjectWords;

named_enum! {
    /// What a row names.
    #[derive(clap::ValueEnum)]
    pub enum Subject {
        /// An e-mail address.
        Address = "address",
        /// A bare domain.
        Domain = "domain",
        /// A URL; its host counts.
        Url = "url",
        /// A name that begins with a domain in reverse, as Maven, MCP and Flathub have them.
        ReverseDns = "reverse-dns",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro passes no attributes of values on to the derive")]
impl Default for Subject {
    fn default() -> Self {
        Self::Address
    }
}

/// Top-level domains with which reverse-DNS names mostly begin.
const FRONTS: [&str; 8] = ["com", "org", "net", "edu", "gov", "io", "dev", "app"];
/// Endings of names within a network, which are in no list of public suffixes (RFC 6761, RFC 6762, and usage).
const INNER: [&str; 12] = [
    "local",
    "internal",
    "test",
    "example",
    "invalid",
    "localhost",
    "lan",
    "home",
    "corp",
    "localdomain",
    "intranet",
    "private",
];

impl Subject {
    /// The mail domain that a field leads to.
    pub fn mail_domain(self, field: &str, suffixes: &SuffixList) -> Result<MailDomain, Rejection> {
        let domain = MailDomain::normalize(&self.domain_text(field, suffixes)?)?;
        suffixes.cut(&domain.name)?;
        Ok(domain)
    }

    /// The domain in a field, not yet normal.
    pub(crate) fn domain_text<'f>(
        self,
        field: &'f str,
        suffixes: &SuffixList,
    ) -> Result<Cow<'f, str>, Rejection> {
        let trimmed = trim(field);
        if trimmed.is_empty() {
            return Err(Rejection::Empty);
        }
        match self {
            Self::Address => Mailbox::split(field).map(|mailbox| Cow::Owned(mailbox.domain().to_owned())),
            Self::Domain => forward(bare::domain(trimmed)?.into(), suffixes),
            Self::Url => forward(url::host(trimmed)?, suffixes),
            Self::ReverseDns => reverse::domain(trimmed, suffixes).map(Cow::Owned),
        }
    }

    /// What a field looks like; `None` if that is not certain.
    pub(crate) fn guess(field: &str, suffixes: &SuffixList) -> Option<Self> {
        let field = trim(field);
        let first = field.split(['/', ':']).next().unwrap_or_default();
        if field.contains("://") || field.starts_with("//") {
            return url::host(field).is_ok().then_some(Self::Url);
        }
        if field.contains('@') && !field.contains('/') {
            return Self::Address.mail_domain(field, suffixes).is_ok().then_some(Self::Address);
        }
        if field.contains('@') && !first.is_empty() {
            return Self::Url.mail_domain(field, suffixes).is_ok().then_some(Self::Url);
        }
        let (front, end) = (first.split('.').next()?, tld(first));
        let is_dotted = first.contains('.') && !first.contains(char::is_whitespace);
        let [front, end] = [front, end].map(str::to_lowercase);
        let is_reverse = FRONTS.contains(&&*front) || !suffixes.knows_tld(&end);
        if is_dotted && is_reverse && suffixes.knows_tld(&front) {
            return Some(Self::ReverseDns);
        }
        let subject = if first.len() == field.len() { Self::Domain } else { Self::Url };
        (is_dotted && suffixes.knows_tld(&end) && subject.mail_domain(field, suffixes).is_ok())
            .then_some(subject)
    }

    /// Whether the bytes of a field may be a subject of this kind. Where a quote may have swallowed records, this says
    /// which lines might be such a record, so it is generous.
    pub(crate) fn may_be(self, field: &[u8]) -> bool {
        let field = field.trim_ascii();
        match self {
            Self::Address => {
                memchr::memchr(b'@', field).is_some()
                    || memchr::memmem::find(field, "\u{ff20}".as_bytes()).is_some()
            }
            // what has no dot would be refused in any case
            Self::Domain | Self::Url | Self::ReverseDns => {
                memchr::memchr(b'.', field).is_some() && !field.iter().any(u8::is_ascii_whitespace)
            }
        }
    }

    /// Whether a field is such a subject by its form alone.
    pub(crate) fn is_plain(self, field: &str) -> bool {
        let field = trim(field);
        let is_name = |name: &str| MailDomain::normalize(name).is_ok();
        match self {
            Self::Address => field.contains('@') && !field.contains([' ', '<']),
            Self::Domain => bare::domain(field).is_ok_and(is_name),
            Self::Url => url::host(field).is_ok_and(|host| is_name(&host)),
            Self::ReverseDns => is_name(field.split(['/', ':']).next().unwrap_or_default()),
        }
    }

    /// What it is, in words.
    pub(crate) fn words(self) -> &'static SubjectWords {
        match self {
            Self::Address => {
                &SubjectWords { name: "address", noun: "address", plural: "addresses", column: "email" }
            }
            Self::Domain => {
                &SubjectWords { name: "domain", noun: "domain", plural: "domains", column: "subject" }
            }
            Self::Url => &SubjectWords { name: "url", noun: "URL", plural: "URLs", column: "subject" },
            Self::ReverseDns => &SubjectWords {
                name: "reverse-dns",
                noun: "reverse-DNS name",
                plural: "reverse-DNS names",
                column: "subject",
            },
        }
    }
}

/// Refuses a name that is plainly written in reverse.
fn forward<'f>(name: Cow<'f, str>, suffixes: &SuffixList) -> Result<Cow<'f, str>, Rejection> {
    let front = name.split('.').next().unwrap_or_default();
    if FRONTS.iter().any(|known| front.eq_ignore_ascii_case(known)) {
        let end = tld(name.strip_suffix('.').unwrap_or(&name)).to_lowercase();
        let is_there = INNER.contains(&&*end) || suffixes.knows_tld(&end);
        // an ending in another script is left to the normalizer
        if !is_there && end != front.to_lowercase() && end.is_ascii() {
            return Err(Rejection::WrongSubject);
        }
    }
    Ok(name)
}

/// Whether a field is a list of names: several of its parts have a dot.
fn is_list(field: &str) -> bool {
    let parts = field.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '|'));
    parts.filter(|part| part.contains('.')).count() > 1
}

#[cfg(test)]
mod tests;
