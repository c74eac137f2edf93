//! From an address to the names that are judged: mailbox → mail domain → public suffix and
//! registrable domain.
//!
//! `field` finds the address in a field that holds more, [`mailbox`] splits it, [`domain`] turns the domain part into A-labels, [`suffix`] finds
//! where registration happens. A row is refused only when no domain can be told ([`Rejection`]); what
//! is merely odd is accepted with a mark, for services do accept such addresses.

pub mod domain;
mod field;
pub mod mailbox;
pub mod suffix;

pub use domain::MailDomain;
pub use mailbox::Mailbox;
pub use suffix::{SuffixKind, SuffixList};

use serde::Serialize;

use crate::time::trim;

/// Why a row is rejected: no domain can be told from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Rejection {
    /// The address is missing or blank.
    Empty,
    /// There is no `@`.
    NoAtSign,
    /// Nothing follows the last `@`.
    EmptyDomain,
    /// The domain is an address literal, `[192.0.2.1]` (RFC 5321, section 4.1.3).
    AddressLiteral,
    /// The domain is no host name, not even after UTS 46 processing.
    InvalidDomain,
    /// A label is longer than 63 octets (RFC 1035, section 2.3.4).
    LabelTooLong,
    /// The name is longer than 253 characters, 255 octets on the wire (RFC 1035, section 2.3.4).
    NameTooLong,
    /// The domain has one label only; nobody registers below it.
    SingleLabel,
    /// The row itself could not be read.
    MalformedRow,
    /// The field holds several addresses, and it was not asked to split them.
    SeveralAddresses,
}

impl Rejection {
    /// Every reason, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::NoAtSign,
        Self::EmptyDomain,
        Self::AddressLiteral,
        Self::InvalidDomain,
        Self::LabelTooLong,
        Self::NameTooLong,
        Self::SingleLabel,
        Self::MalformedRow,
        Self::SeveralAddresses,
    ];

    /// The name in `rejected.parquet`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoAtSign => "no_at_sign",
            Self::EmptyDomain => "empty_domain",
            Self::AddressLiteral => "address_literal",
            Self::InvalidDomain => "invalid_domain",
            Self::LabelTooLong => "label_too_long",
            Self::NameTooLong => "name_too_long",
            Self::SingleLabel => "single_label",
            Self::MalformedRow => "malformed_row",
            Self::SeveralAddresses => "several_addresses",
        }
    }

    /// The reason with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
