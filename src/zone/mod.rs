//! Zone files: master files (RFC 1035, section 5) and plain lists of registered names.
//!
//! [`source`] finds files, [`scanner`] turns text into records, [`serial`] and [`inception`] date a zone, and
//! [`integrity`] says whether the file is whole. [`read`] runs all of them over a file and passes the records on;
//! [`peek`] only looks at the first ones. This room knows nothing of tables, ages or verdicts.

pub mod fault;
mod inception;
pub(crate) mod integrity;
mod keeper;
pub(crate) mod list;
pub(crate) mod peek;
pub(crate) mod read;
mod reader;
pub mod record;
pub mod scanner;
pub(crate) mod serial;
pub(crate) mod sink;
pub(crate) mod source;

pub use read::{ReadOptions, ZoneFile, read_zone};
pub use record::{RecordData, RecordSink, ZoneRecord};
pub use serial::{DateSource, Serial, ZoneDate};
pub(crate) use sink::{ZonePart, ZoneSink};
pub use source::{FoundZones, ZoneKind, ZoneSource};
