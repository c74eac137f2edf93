//! What can be wrong with a record, and where.
//!
//! A fault costs one record. How many faults a zone may have is decided in [`super::integrity`].

use std::fmt;

/// A record that could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// 1-based line of the decompressed text.
    pub line: u64,
    /// 1-based column in bytes; 0 if it is the whole line.
    pub column: u64,
    /// What is wrong.
    pub what: FaultKind,
    /// Bytes of text that were skipped because of it; 0 if only the record itself is lost.
    pub(crate) lost: u64,
    /// Whether records are missing because a directive was refused.
    pub refused_directive: bool,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// An entry of 4 MiB or more, or with more tokens than any data has octets.
    #[error("the record is longer than 4 MiB or 131,072 words")]
    TooLong,
    /// Zeros where text should be: a page that was never written, or preallocated space.
    #[error("NUL bytes: a part of the file was never written")]
    Nul,
    /// `(` without `)`, `)` without `(`, or `(` within parentheses.
    #[error("unbalanced or nested parentheses")]
    Parentheses,
    /// A quoted string that is not closed on its line.
    #[error("unclosed quoted string")]
    Quote,
    /// `\` followed by nothing, by one or two digits, or by a number above 255.
    #[error("faulty escape")]
    Escape,
    /// A blank owner in the first record.
    #[error("blank owner, and no record before it to take the owner from")]
    NoOwner,
    /// A relative name, or `@`, before any origin is known.
    #[error("relative name, and no origin known; name it with `--origin`")]
    NoOrigin,
    /// An empty or over-long label, a name of more than 255 octets, or a bare control character.
    #[error("faulty domain name")]
    Name,
    /// Neither TTL, class nor type.
    #[error("expected a TTL, class or type")]
    Type,
    /// Not a number of seconds below 2^32.
    #[error("faulty TTL")]
    Ttl,
    /// The line ends before the data.
    #[error("the record's data is missing")]
    NoData,
    /// The data does not fit the type.
    #[error("the data does not fit the record's type")]
    Data,
    /// `\#` whose length or digits are faulty, or a type without a name and without `\#`.
    #[error("faulty generic form `\\#` (RFC 3597)")]
    Generic,
    /// Another class than IN.
    #[error("a class other than IN")]
    Class,
    /// An unknown directive, or one with a faulty argument.
    #[error("unknown or faulty directive")]
    Directive,
    /// `$INCLUDE`, not allowed.
    #[error("`$INCLUDE` is refused; `--allow-include` allows it")]
    RefusedInclude,
    /// `$GENERATE`.
    #[error("`$GENERATE` is refused; expand the zone first, e.g. with `named-compilezone`")]
    RefusedGenerate,
    /// `$INCLUDE` of a file that cannot be read, or that includes itself.
    #[error("the included file cannot be read")]
    Include,
    /// An owner outside of the zone.
    #[error("owner outside of the zone")]
    OutOfZone,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.what)
    }
}
