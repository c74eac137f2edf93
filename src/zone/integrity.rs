//! Whether a zone file is whole.
//!
//! A transfer that broke off often leaves a well-formed file. A whole file has these marks: the SOA record that opens
//! it comes again, unchanged, at its end (RFC 5936, section 2.2; CZDS files keep it); the checksum and length of a
//! packed file are right; and its records can be read. If more than one record in a thousand is lost, or a directive
//! was refused, names may be missing. One fault can lose many records (a torn page, an open quote or parenthesis), so
//! it counts as many records as would fit into the bytes that were skipped. A name server never writes NUL bytes: a
//! single one shows that a part of the file is not what was written.
//!
//! Some registries write no closing SOA record. Such a file cannot show that it is whole, but a person can vouch for it
//! ([`Integrity::lacks_only_its_end`]): it has a single SOA record, and not one record that could not be read.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultKind};

/// Faults kept as samples.
const SAMPLES: usize = 5;
/// How many records of a thousand may fail.
const FAULTS_PER_THOUSAND: u64 = 1;

/// What was noticed while a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Integrity {
    /// Records read, the faulty ones not counted.
    pub(crate) records: u64,
    /// Records that could not be read.
    pub(crate) faults: u64,
    /// The first of them, as `line:column: what`.
    pub(crate) samples: Vec<String>,
    /// Whether the last record repeats the first SOA.
    pub(crate) closed: bool,
    /// How many SOA records the zone has; earlier versions did not count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) soa_records: Option<u64>,
    /// Whether a directive was refused whose records are now missing.
    pub(crate) refused: bool,
    /// Why reading stopped before the end, if it did.
    pub(crate) broken: Option<String>,
    /// How many records would fit into the bytes that were skipped, if that is more than [`Integrity::faults`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) lost_records: u64,
    /// The first place of NUL bytes, as `line:column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nul_at: Option<String>,
    /// Bytes that were skipped.
    #[serde(skip)]
    pub(crate) lost_bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

named_enum! {
    /// Why a zone is not whole.
    pub(crate) enum Damage {
        BrokeOff = "broke_off":
            "the file breaks off",
        NulBytes = "nul_bytes":
            "it holds NUL bytes, where a part of the file was never written",
        NoClosingSoa = "no_closing_soa":
            "the closing SOA record is missing or differs from the first",
        TooManyFaults = "too_many_faults":
            "more than 0.1 % of its records could not be read",
        RefusedDirective = "refused_directive":
            "it holds a `$INCLUDE` or `$GENERATE` that was refused",
    }
}

impl Integrity {
    /// Notes a fault.
    pub(crate) fn note(&mut self, fault: Fault) {
        self.faults += 1;
        self.refused |= fault.refused_directive;
        self.lost_bytes += fault.lost;
        if fault.what == FaultKind::Nul && self.nul_at.is_none() {
            self.nul_at = Some(format!("{}:{}", fault.line, fault.column));
        }
        if self.samples.len() < SAMPLES {
            self.samples.push(fault.to_string());
        }
    }

    /// Estimates how many records were lost, once all the `text_bytes` are read.
    pub(crate) fn weigh(&mut self, text_bytes: u64) {
        let read = u128::from(text_bytes.saturating_sub(self.lost_bytes).max(1));
        let lost = u128::from(self.lost_bytes) * u128::from(self.records) / read;
        let lost = u64::try_from(lost).unwrap_or(u64::MAX);
        self.lost_records = if lost > self.faults { lost } else { 0 };
    }

    /// Details of the damage for a person, besides its kind.
    pub(crate) fn detail(&self) -> Option<String> {
        let lost = || {
            (self.lost_records > 0)
                .then(|| format!("{} faults, as long as {} records", self.faults, self.lost_records))
        };
        let nul = || self.nul_at.as_ref().map(|place| format!("the first at {place}"));
        self.broken.clone().or_else(nul).or_else(lost)
    }

    /// Whether nothing is wrong but that the closing SOA record is missing. It is not missing if another one is there:
    /// then the zone changed while it was written, or something follows the end.
    pub(crate) fn lacks_only_its_end(&self) -> bool {
        self.damage(false) == Some(Damage::NoClosingSoa) && self.faults == 0 && self.soa_records == Some(1)
    }

    /// The most serious reason why a zone file is not whole; `None` if it is whole. A `list` has no closing mark that
    /// could be missing.
    pub(crate) fn damage(&self, list: bool) -> Option<Damage> {
        if self.broken.is_some() {
            return Some(Damage::BrokeOff);
        }
        if self.nul_at.is_some() {
            return Some(Damage::NulBytes);
        }
        if self.refused {
            return Some(Damage::RefusedDirective);
        }
        let lost = self.faults.max(self.lost_records);
        if lost.saturating_mul(1000) > self.records.saturating_add(lost).saturating_mul(FAULTS_PER_THOUSAND) {
            return Some(Damage::TooManyFaults);
        }
        (!self.closed && !list).then_some(Damage::NoClosingSoa)
    }
}
