//! Whether a zone file is whole.
//!
//! A transfer that broke off often leaves a well-formed file. The marks of a whole one are the SOA
//! record that opens it and stands again, unchanged, at its end (RFC 5936, section 2.2; CZDS files keep
//! it), a packed stream whose checksum and length are right, and records that can be read: more than
//! one fault in a thousand, or a directive that was refused, and names may be missing.

use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// Faults kept as samples.
const SAMPLES: usize = 5;
/// Records that may fail, per thousand of all.
const FAULTS_PER_THOUSAND: u64 = 1;

/// What was noticed while a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integrity {
    /// Records read, the faulty ones not counted.
    pub records: u64,
    /// Records that could not be read.
    pub faults: u64,
    /// The first of them, as `line:column: what`.
    pub samples: Vec<String>,
    /// Whether the last record repeats the first SOA.
    pub closed: bool,
    /// Whether a directive was refused whose records are now missing.
    pub refused: bool,
    /// Why reading stopped before the end, if it did.
    pub broken: Option<String>,
}

/// Why a zone is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// The file could not be read or inflated to its end.
    BrokeOff,
    /// The closing SOA is missing or differs from the first.
    NoClosingSoa,
    /// More than 0.1 % of the records could not be read.
    TooManyFaults,
    /// `$INCLUDE` or `$GENERATE` was refused.
    RefusedDirective,
}

impl Damage {
    /// One line for a person.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::BrokeOff => "the file breaks off",
            Self::NoClosingSoa => "the closing SOA record is missing or differs from the first",
            Self::TooManyFaults => "more than 0.1 % of its records could not be read",
            Self::RefusedDirective => "it holds a `$INCLUDE` or `$GENERATE` that was refused",
        }
    }
}

impl Integrity {
    /// Notes a fault.
    pub fn note(&mut self, fault: Fault) {
        self.faults += 1;
        self.refused |= fault.refused_directive;
        if self.samples.len() < SAMPLES {
            self.samples.push(fault.to_string());
        }
    }

    /// The gravest reason why a zone file is not whole; `None` if it is. A `list` has no closing mark
    /// that could be missing.
    pub fn damage(&self, list: bool) -> Option<Damage> {
        if self.broken.is_some() {
            return Some(Damage::BrokeOff);
        }
        if self.refused {
            return Some(Damage::RefusedDirective);
        }
        if self.faults.saturating_mul(1000) > (self.records + self.faults).saturating_mul(FAULTS_PER_THOUSAND)
        {
            return Some(Damage::TooManyFaults);
        }
        (!self.closed && !list).then_some(Damage::NoClosingSoa)
    }
}
