//! From an address, or what rows name in its place, to the names that are judged: mail domain → public suffix and
//! registrable domain.
//!
//! `subject` reads what a row names: an address, or a domain, URL or reverse-DNS name in its place. For addresses,
//! `field` finds the address in a field that holds more, [`mailbox`] splits it, [`domain`] checks the domain part,
//! [`suffix`] finds where registration happens. [`normal`] is the one place that knows how a name is normalized. A row
//! is refused only when it has no usable domain ([`Rejection`]); what is merely odd is accepted with a mark, since
//! services do accept such addresses. Bytes that are not UTF-8 are odd ([`undecoded`]), unless they are in the domain.

pub(crate) mod domain;
mod field;
pub(crate) mod mailbox;
pub(crate) mod normal;
pub(crate) mod subject;
pub(crate) mod suffix;
pub(crate) mod undecoded;

pub use domain::MailDomain;
pub use mailbox::Mailbox;
pub use subject::Subject;
pub use suffix::{SuffixKind, SuffixList};

use crate::time::trim;

named_enum! {
    /// Why a row is rejected: it has no usable domain.
    #[repr(u8)]
    pub enum Rejection {
        /// The address is missing or blank.
        Empty = "empty",
        /// There is no `@`.
        NoAtSign = "no_at_sign",
        /// Nothing follows the last `@`.
        EmptyDomain = "empty_domain",
        /// The domain is an address literal, `[192.0.2.1]` (RFC 5321, section 4.1.3).
        AddressLiteral = "address_literal",
        /// The domain is no host name, not even after UTS 46 processing.
        InvalidDomain = "invalid_domain",
        /// A label is longer than 63 octets (RFC 1035, section 2.3.4).
        LabelTooLong = "label_too_long",
        /// The name is longer than 253 characters, 255 octets on the wire (RFC 1035, section 2.3.4).
        NameTooLong = "name_too_long",
        /// The domain has one label only; nobody registers below it.
        SingleLabel = "single_label",
        /// The row itself could not be read.
        MalformedRow = "malformed_row",
        /// The field holds several addresses (or domains, URLs), and it was not asked to split them.
        SeveralAddresses = "several_addresses",
        /// Bytes that are not UTF-8 are part of the domain, or may be.
        NotUtf8 = "not_utf8",
        /// The field plainly is another subject than the one that rows are said to have.
        WrongSubject = "wrong_subject",
        /// The URL has no host.
        NoHost = "no_host",
        /// The reverse-DNS name has one label, or does not begin with a top-level domain.
        NotReverseDns = "not_reverse_dns",
    }
}

impl Rejection {
    /// The reason with this number.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}
