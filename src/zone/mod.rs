//! Zone files: master files as RFC 1035, section 5 has them, and plain lists of registered names.
//!
//! [`source`] finds files, [`scanner`] turns text into records, [`serial`] dates a zone, [`integrity`] says whether the file is
//! whole, [`read`] drives them over a file and feeds whoever builds a table. The room knows nothing of
//! tables, ages or verdicts.

pub mod fault;
pub mod integrity;
mod keeper;
pub mod list;
pub mod peek;
pub mod read;
mod reader;
pub mod record;
pub mod scanner;
pub mod serial;
pub mod sink;
pub mod source;

pub use integrity::Integrity;
pub use read::{ReadOptions, ZoneFile, read_zone};
pub use record::{RecordData, RecordSink, ZoneRecord};
pub use serial::{DateSource, Serial, ZoneDate};
pub use sink::{ZonePart, ZoneSink};
pub use source::{FoundZones, ZoneKind, ZoneSource};
