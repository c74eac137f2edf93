//! Plain lists of registered names: one name a line (`.list`), or a column of a CSV file (`.csv`).
//!
//! A list has no closing mark and no serial. Its origin is its file name (`se.list`, `co.uk.csv`) unless another one
//! is given. Names may be absolute or relative to the origin, A-labels or U-labels, in upper or lower case. Lines
//! that start with `#` or `;` are comments. The CSV column is `domain`, `domain_name`, `name` or `fqdn`.

use super::fault::{Fault, FaultKind};
use super::record::{RecordData, RecordSink, ZoneRecord};
use super::scanner::is_under;
use crate::error::{Error, Hint, Result};
use crate::input::source::Source;
use crate::name::MailDomain;
use crate::name::normal::{DOTS, ldh_name};

/// Names of the CSV column; the first one found is used.
const COLUMNS: [&str; 4] = ["domain", "domain_name", "name", "fqdn"];

/// The origin of a list: `given`, else its file name without endings.
pub(super) fn origin(source: &Source, given: Option<&str>) -> Result<String> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let stem = source.stem();
    let name = stem.rsplit_once('.').map_or(stem.as_str(), |(name, _)| name);
    if let Some(name) = ldh_name(name) {
        return Ok(name.into_owned());
    }
    Err(Error::failure(&source.path, "the file name does not tell the origin of this list")
        .hint(Hint::NameOrigin))
}

/// Reads a list, chunk after chunk.
pub(super) struct ListReader {
    origin: String,
    source: Source,
    csv: bool,
    column: Option<usize>,
}

impl ListReader {
    pub(super) fn new(origin: &str, source: &Source) -> Self {
        let csv = source.stem().to_ascii_lowercase().ends_with(".csv");
        Self { origin: origin.to_owned(), source: source.clone(), csv, column: None }
    }

    pub(super) fn scan(&mut self, text: &[u8], first_line: u64, sink: &mut impl RecordSink) -> Result<()> {
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let number = first_line + index as u64;
            let line = line.trim_ascii();
            if memchr::memchr(0, line).is_some() {
                sink.fault(Fault { lost: line.len() as u64, ..fault(number, FaultKind::Nul) });
                continue;
            }
            if line.is_empty() || matches!(line[0], b'#' | b';') {
                continue;
            }
            if !self.csv {
                self.name(line, number, sink);
                continue;
            }
            let mut record = csv::ByteRecord::new();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
            let read = reader.read_byte_record(&mut record).unwrap_or(false);
            match self.column {
                None => self.column = Some(self.find_column(&record)?),
                Some(column) => match record.get(column).filter(|_| read) {
                    Some(name) => self.name(name.trim_ascii(), number, sink),
                    None => sink.fault(fault(number, FaultKind::NoData)),
                },
            }
        }
        Ok(())
    }

    fn find_column(&self, header: &csv::ByteRecord) -> Result<usize> {
        let position = |name: &str| {
            header.iter().position(|field| field.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        };
        COLUMNS.iter().find_map(|name| position(name)).ok_or_else(|| {
            Error::failure(&self.source.path, "no column `domain`, `domain_name`, `name` or `fqdn`")
                .at_line(1)
                .hint("give the column of names one of these headings")
        })
    }

    fn name(&self, name: &[u8], line: u64, sink: &mut impl RecordSink) {
        let Some(mut name) = std::str::from_utf8(name).ok().map(str::to_owned) else {
            return sink.fault(fault(line, FaultKind::Name));
        };
        if !name.contains(DOTS) && !self.origin.is_empty() {
            name = format!("{name}.{}", self.origin);
        }
        match MailDomain::normalize(&name) {
            Ok(domain) if is_under(domain.name.as_bytes(), self.origin.as_bytes()) => {
                sink.record(ZoneRecord { owner: domain.name.as_bytes(), data: RecordData::Other, line });
            }
            Ok(_) => sink.fault(fault(line, FaultKind::OutOfZone)),
            Err(_) => sink.fault(fault(line, FaultKind::Name)),
        }
    }
}

fn fault(line: u64, what: FaultKind) -> Fault {
    Fault { line, column: 0, what, lost: 0, refused_directive: false }
}
