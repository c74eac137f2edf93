//! What a zone file says, record by record.
//!
//! Names are presentation text in one normal form: lower case, no final dot (the root is empty), `\.` and `\\` for
//! these characters inside a label, `\DDD` for everything that is not printable. Of the data only what this program
//! needs is kept.

use super::fault::{Fault, FaultKind};

/// One resource record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneRecord<'a> {
    /// The owner, absolute and in normal form.
    pub owner: &'a [u8],
    /// What the record says.
    pub data: RecordData<'a>,
    /// 1-based line of the decompressed text on which it begins.
    pub(crate) line: u64,
}

/// The data of a record, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordData<'a> {
    /// Start of authority: the serial, and the whole data in normal form for comparing.
    Soa(super::Serial, &'a [u8]),
    /// A delegation (or the apex): the host, absolute and in normal form.
    Ns(&'a [u8]),
    /// A delegation signer (RFC 4034, section 5).
    Ds,
    /// A or AAAA: own data or glue. Only the whole zone tells which.
    Address,
    /// RRSIG, NSEC, NSEC3: does not show that the owner exists. Of an RRSIG the words of its data, at least up to the
    /// inception, for [`super::inception`]; nothing for the others.
    Signature(&'a [u8]),
    /// Anything else: the zone's own data.
    Other,
}

/// Takes what a scanner finds.
pub trait RecordSink {
    /// A record of class IN.
    fn record(&mut self, record: ZoneRecord<'_>);
    /// A record of class IN with the same owner as the record before.
    fn again(&mut self, record: ZoneRecord<'_>) {
        self.record(record);
    }
    /// A record that could not be read.
    fn fault(&mut self, fault: Fault);
    /// `$INCLUDE`: reads another file at this place. `origin` completes its relative names.
    fn include(&mut self, _file: &[u8], _origin: Option<&[u8]>, _line: u64) -> Result<(), FaultKind> {
        Err(FaultKind::RefusedInclude)
    }
}
