//! Remedies, as values.
//!
//! A room knows what would help, but not which command runs or which options that command has. So it names the remedy,
//! and [`crate::command`] words it: with the option where the command has one, in general terms where it has not.
//! The general terms are here, for users of the library.

use std::fmt;
use std::num::NonZeroUsize;

/// What rows name, in words.
#[derive(Debug, PartialEq, Eq)]
pub struct SubjectWords {
    /// Its name among the options.
    pub name: &'static str,
    /// One of it.
    pub noun: &'static str,
    /// Many of it.
    pub plural: &'static str,
    /// The first word of the option that names its column.
    pub column: &'static str,
}

/// What to do about an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A remedy that is worded alike for every command. It names no option.
    Plain(String),
    /// A text is in another encoding than UTF-8.
    ConvertToUtf8,
    /// The same for a packed text.
    UnpackAndConvert,
    /// The disk is full.
    FreeSpace,
    /// Write to another file.
    NameAnotherOutput,
    /// Write to a regular file.
    NameRegularOutput,
    /// Write to a file in the directory that was named.
    NameOutputInDirectory,
    /// Append to a file that nobody else appends to.
    NameUnusedOutput,
    /// Append to a new file.
    NameNewOutput,
    /// Write the report where this user may write.
    NameWritableReport,
    /// Write the report in the place of an earlier one, or to a new directory.
    NameNewReport,
    /// Write the report to a directory below the one that was named.
    NameReportBelow,
    /// Compare with a finished report.
    NamePreviousReport,
    /// Keep snapshots in an empty directory, or in a new one.
    NameNewStore,
    /// There is no store yet.
    BuildStore,
    /// See which snapshots the store has.
    ListSnapshots,
    /// See which snapshots were accepted.
    ListAccepted,
    /// A date that is given counts more than the time of a file.
    GiveDate,
    /// Say which zone a list is of.
    NameOrigin,
    /// Only some options take directories.
    NameFile,
    /// Name the column that holds this: `email`, `id`, `verified-at` and so on.
    NameColumn(&'static str),
    /// Carry only columns that are there.
    NameCarriedColumn,
    /// The table may have no header. The number of the column that holds what rows name, if that is known.
    NoHeader(Option<NonZeroUsize>, &'static SubjectWords),
    /// The rows look like another subject than the one that was named.
    TellSubject(&'static SubjectWords),
    /// Accounts were named in the place of zones, or the other way round.
    SwapInputs,
    /// Say how the accounts are written.
    TellFormat,
    /// Read the table as one whose fields may be quoted.
    TellQuoted,
    /// Give the columns that are added other names, with this prefix.
    TellPrefix(Box<str>),
    /// Say how times are written that can be read two ways.
    TellTimeFormat,
    /// Let the accounts of this zone be unverified although the circuit breaker opened.
    ReleaseBreaker(Box<str>),
    /// Name domains in overrides as the report does.
    NameJudgedDomains,
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TellSubject(subject) => return write!(f, "these look like {}: say so", subject.plural),
            Self::NoHeader(column, SubjectWords { noun, .. }) => {
                f.write_str(
                    "add a first line with the names of the columns, or name the columns by their numbers",
                )?;
                return column.map_or(Ok(()), |column| write!(f, "; the {noun} is in column {column}"));
            }
            Self::SwapInputs => "check the order: accounts and zones are named in different places",
            Self::Plain(text) => text,
            // Windows-1252 holds what Latin-1 holds and is what programs mean by it
            Self::ConvertToUtf8 => {
                "convert it to UTF-8, with the name of its encoding, such as `iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW`"
            }
            Self::UnpackAndConvert => return write!(f, "unpack it, then {}", Self::ConvertToUtf8),
            Self::FreeSpace => "free some space",
            Self::NameAnotherOutput => "name another file",
            Self::NameRegularOutput => "name a regular file, or one that does not exist yet",
            Self::NameOutputInDirectory => "name a file in it",
            Self::NameUnusedOutput => "wait for it, or name another file",
            Self::NameNewOutput => "name a new file",
            Self::NameWritableReport => "choose a directory that can be written",
            Self::NameNewReport => "name a directory that does not exist yet, or an earlier report",
            Self::NameReportBelow => "name a directory below it",
            Self::NamePreviousReport => "name the directory of a finished report",
            Self::NameNewStore => "name an empty directory, or one that does not exist yet",
            Self::BuildStore => "build snapshots of zone files first",
            Self::GiveDate => "build it again with its date",
            Self::ListSnapshots | Self::ListAccepted => "list the snapshots of the store",
            Self::NameOrigin => "name the file after the zone, such as `se.list`",
            Self::NameFile => "name a file here",
            Self::NameColumn(_) => "name the column",
            Self::NameCarriedColumn => "name one of these columns",
            Self::TellQuoted => "read it as CSV with this delimiter",
            Self::TellPrefix(_) => "put a prefix before the names of the new columns",
            Self::TellTimeFormat => "say how the times are written, if they can be read two ways",
            Self::ReleaseBreaker(_) => "look at these domains, then release the circuit breaker",
            Self::NameJudgedDomains => {
                "a decision is about a judged domain, as in the column `judged_domain` of domains.parquet"
            }
            Self::TellFormat => "say how the accounts are written",
        })
    }
}

impl Hint {
    /// Whether it says in which column the subject is.
    pub(crate) fn names_a_column(&self) -> bool {
        matches!(self, Self::NoHeader(Some(_), _))
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}
