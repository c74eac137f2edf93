//! One zone file from its first byte to its last: which origin, which serial, whole or not.
//!
//! The origin is the owner of the first SOA record; records that stand before it wait for it. The
//! second SOA of the same owner and data closes the zone, if nothing follows it.

use std::path::{Path, PathBuf};

use super::fault::{Fault, FaultKind};
use super::integrity::Integrity;
use super::list;
use super::record::{Record, RecordData, RecordSink};
use super::scanner::{ENTRY_BYTES, Scanner, is_under};
use super::serial::Serial;
use crate::error::{Error, Result};
use crate::input::source::{Cutter, Source};
use crate::progress::Progress;
use crate::time::Moment;

/// Records that may stand before the first SOA.
const EARLY_RECORDS: usize = 100_000;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneKind {
    /// A master file.
    Master,
    /// A list of registered names.
    List,
}

/// A zone file to be read.
#[derive(Debug, Clone)]
pub struct ZoneSource {
    /// The file.
    pub source: Source,
    /// What kind it is, by its name.
    pub kind: ZoneKind,
}

/// What is known of a zone file that was read.
#[derive(Debug, Clone)]
pub struct ZoneFile {
    /// The file as the user named it.
    pub path: PathBuf,
    /// What kind it is.
    pub kind: ZoneKind,
    /// The zone's name: A-labels, lower case, no trailing dot; empty for the root.
    pub origin: String,
    /// The serial of its first SOA; lists have none.
    pub serial: Option<Serial>,
    /// Whether it is whole.
    pub integrity: Integrity,
    /// Bytes on disk.
    pub bytes: u64,
    /// SHA-256 of these bytes.
    pub sha256: String,
    /// When the file was last changed.
    pub modified: Option<Moment>,
}

/// Takes the zone's records: [`ZoneSink::begin`] once, before the first.
pub trait ZoneSink {
    /// The origin is known.
    fn begin(&mut self, origin: &[u8]);
    /// A record at or below the origin.
    fn record(&mut self, record: Record<'_>);
}

/// Endings, after any `.gz` or `.zst`, by which zone files are known in a directory.
const MASTER_ENDINGS: &[&str] = &["zone", "txt", "db", "axfr"];
const LIST_ENDINGS: &[&str] = &["list", "csv"];

impl ZoneSource {
    /// Takes a file named by the user: a list by its ending, else a master file.
    pub fn file(source: Source) -> Self {
        let list = LIST_ENDINGS.contains(&ending(&source).as_str());
        Self { source, kind: if list { ZoneKind::List } else { ZoneKind::Master } }
    }

    /// The zone files of a path: itself, or those in a directory whose ending is known, sorted by name.
    pub fn find(path: &Path) -> Result<Vec<Self>> {
        if !path.is_dir() {
            return Ok(vec![Self::file(Source::find(path)?)]);
        }
        let known = |source: &Source| {
            let ending = ending(source);
            MASTER_ENDINGS.contains(&ending.as_str()) || LIST_ENDINGS.contains(&ending.as_str())
        };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(|error| Error::io(path, "read", &error))? {
            let entry = entry.map_err(|error| Error::io(path, "read", &error))?.path();
            let hidden = entry.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
            if hidden || entry.is_dir() {
                continue;
            }
            let source = Source::find(&entry)?;
            if known(&source) {
                found.push(Self::file(source));
            }
        }
        if found.is_empty() {
            return Err(Error::failure(path, "no zone file in this directory").hint(
                "zone files are known by their ending: .zone, .txt, .db, .axfr, .list or .csv, each with .gz or .zst",
            ));
        }
        found.sort_by(|a, b| a.source.path.cmp(&b.source.path));
        Ok(found)
    }
}

fn ending(source: &Source) -> String {
    let stem = source.stem();
    stem.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// Cuts at line ends; a line of more than [`ENTRY_BYTES`] is handed over in pieces.
struct BoundedLines;

impl Cutter for BoundedLines {
    fn cut(&mut self, text: &[u8], last: bool) -> usize {
        match memchr::memrchr(b'\n', text) {
            _ if last => text.len(),
            Some(at) => at + 1,
            None if text.len() > ENTRY_BYTES => text.len(),
            None => 0,
        }
    }
}

/// Reads a zone file into `sink`. `origin` (normal form) completes relative names and names a list.
pub fn read_zone(
    zone: &ZoneSource,
    origin: Option<&str>,
    progress: &Progress,
    sink: &mut impl ZoneSink,
) -> Result<ZoneFile> {
    let path = &zone.source.path;
    let list_origin = match zone.kind {
        ZoneKind::List => Some(list::origin(&zone.source, origin)?),
        ZoneKind::Master => None,
    };
    let mut keeper =
        Keeper { sink, origin: None, soa: None, early: Vec::new(), integrity: Integrity::default() };
    let mut scanner = Scanner::new(origin.map(str::as_bytes));
    let mut list_reader = None;
    if let Some(origin) = &list_origin {
        keeper.begin(origin.as_bytes());
        list_reader = Some(list::ListReader::new(origin, &zone.source));
    }
    let mut chunks = zone.source.chunks(BoundedLines, progress)?;
    // scanned one behind, because only the chunk before the end of the text is the last
    let mut waiting = None;
    for chunk in chunks.by_ref() {
        match chunk {
            Ok(chunk) => {
                if let Some(ready) = waiting.replace(chunk) {
                    scan(&ready, false, &mut scanner, list_reader.as_mut(), &mut keeper)?;
                }
            }
            Err(error) => {
                keeper.integrity.broken = Some(error.to_string());
                break;
            }
        }
    }
    if let Some(ready) = waiting {
        scan(&ready, keeper.integrity.broken.is_none(), &mut scanner, list_reader.as_mut(), &mut keeper)?;
    }
    let digest = chunks.finish()?;
    let Some(origin) = keeper.origin.take() else {
        return Err(no_zone(path, &keeper.integrity, keeper.early.len()));
    };
    let origin =
        String::from_utf8(origin).map_err(|_| Error::internal("an origin in normal form is ASCII"))?;
    Ok(ZoneFile {
        path: path.clone(),
        kind: zone.kind,
        origin,
        serial: keeper.soa.map(|soa| soa.serial),
        integrity: keeper.integrity,
        bytes: digest.bytes,
        sha256: digest.sha256,
        modified: zone.source.modified,
    })
}

fn scan(
    chunk: &crate::input::source::Chunk,
    last: bool,
    scanner: &mut Scanner,
    list: Option<&mut list::ListReader>,
    keeper: &mut Keeper<'_, impl ZoneSink>,
) -> Result<()> {
    match list {
        Some(list) => list.scan(chunk, chunk.first_line, keeper),
        None => {
            scanner.scan(chunk, chunk.first_line, last, keeper);
            Ok(())
        }
    }
}

fn no_zone(path: &Path, integrity: &Integrity, records: usize) -> Error {
    let mut what = String::from("expected a zone file, found no SOA record");
    if let Some(broken) = &integrity.broken {
        what = format!("cannot be read: {broken}");
    } else if integrity.faults == 0 && records == 0 {
        what = String::from("expected a zone file, found no record at all");
    } else if records > 0 {
        what = format!("{what} among {records} records");
    } else if let Some(fault) = integrity.samples.first() {
        what = format!("{what}; the first faulty record is at {fault}");
    }
    Error::failure(path, what).hint("download the file again; a plain list of names needs the ending `.list`")
}

/// Stands between scanner and sink: finds the origin, keeps the integrity.
struct Keeper<'s, S> {
    sink: &'s mut S,
    origin: Option<Vec<u8>>,
    soa: Option<FirstSoa>,
    early: Vec<EarlyRecord>,
    integrity: Integrity,
}

struct FirstSoa {
    serial: Serial,
    data: Vec<u8>,
}

struct EarlyRecord {
    owner: Vec<u8>,
    data: EarlyData,
    line: u64,
}

enum EarlyData {
    Ns(Vec<u8>),
    Known(RecordData<'static>),
}

impl<S: ZoneSink> Keeper<'_, S> {
    fn begin(&mut self, origin: &[u8]) {
        self.origin = Some(origin.to_vec());
        self.sink.begin(origin);
    }

    fn start_of_authority(&mut self, record: Record<'_>, serial: Serial, data: &[u8]) {
        if self.origin.is_none() {
            self.soa = Some(FirstSoa { serial, data: data.to_vec() });
            self.begin(record.owner);
            for early in std::mem::take(&mut self.early) {
                let data = match &early.data {
                    EarlyData::Ns(host) => RecordData::Ns(host),
                    EarlyData::Known(data) => *data,
                };
                self.pass(Record { owner: &early.owner, data, line: early.line });
            }
            self.integrity.closed = false;
            self.integrity.records += 1;
        } else if self.origin.as_deref() == Some(record.owner) {
            self.integrity.records += 1;
            self.integrity.closed = self.soa.as_ref().is_some_and(|first| first.data == data);
        } else {
            self.out_of_zone(record.line);
        }
    }

    fn pass(&mut self, record: Record<'_>) {
        let under = self.origin.as_deref().is_some_and(|origin| is_under(record.owner, origin));
        if under {
            self.integrity.records += 1;
            self.integrity.closed = false;
            self.sink.record(record);
        } else {
            self.out_of_zone(record.line);
        }
    }

    fn out_of_zone(&mut self, line: u64) {
        self.fault(Fault { line, column: 0, what: FaultKind::OutOfZone, refused_directive: false });
    }
}

impl<S: ZoneSink> RecordSink for Keeper<'_, S> {
    fn record(&mut self, record: Record<'_>) {
        match record.data {
            RecordData::Soa(serial, data) => self.start_of_authority(record, serial, data),
            _ if self.origin.is_some() => self.pass(record),
            _ if self.early.len() >= EARLY_RECORDS => self.out_of_zone(record.line),
            data => {
                let data = match data {
                    RecordData::Ns(host) => EarlyData::Ns(host.to_vec()),
                    RecordData::Ds => EarlyData::Known(RecordData::Ds),
                    RecordData::Address => EarlyData::Known(RecordData::Address),
                    RecordData::Signature => EarlyData::Known(RecordData::Signature),
                    _ => EarlyData::Known(RecordData::Other),
                };
                self.early.push(EarlyRecord { owner: record.owner.to_vec(), data, line: record.line });
            }
        }
    }

    fn fault(&mut self, fault: Fault) {
        // what follows the closing SOA, readable or not, means that it does not close
        self.integrity.closed = false;
        self.integrity.note(fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Owners with what they say, as text.
    #[derive(Default)]
    struct Collected(Vec<String>);

    impl ZoneSink for Collected {
        fn begin(&mut self, origin: &[u8]) {
            self.0.push(format!("origin {}", String::from_utf8_lossy(origin)));
        }
        fn record(&mut self, record: Record<'_>) {
            let owner = String::from_utf8_lossy(record.owner).into_owned();
            self.0.push(match record.data {
                RecordData::Ns(host) => format!("{owner} NS {}", String::from_utf8_lossy(host)),
                data => format!("{owner} {data:?}"),
            });
        }
    }

    fn read_text(name: &str, text: &[u8]) -> (Result<ZoneFile>, Vec<String>) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join(name);
        std::fs::File::create(&path)
            .and_then(|mut file| file.write_all(text))
            .expect("the file can be written");
        let zone = ZoneSource::file(Source::find(&path).expect("the file is there"));
        let mut sink = Collected::default();
        let file = read_zone(&zone, None, &Progress::hidden(), &mut sink);
        (file, sink.0)
    }

    const SOA: &str = "example.\t60\tin\tsoa\tns.example. admin.example. 2026053101 1 2 3 4\n";

    #[test]
    fn czds_form_and_the_full_way_agree() {
        let fast =
            format!("{SOA}a.example.\t60\tin\tns\tns1.b.example.\na.example.\t60\tin\tds\t1 2 3 AA\n{SOA}");
        let full = "$ORIGIN EXAMPLE.\n$TTL 1h\n@ IN SOA ns admin ( 2026053101 ; serial\n 1 2 3\n 4 )\n\
            A 60 NS ns1.b\n  IN 60 DS 1 2 3 ( A\n A )\n\
            @ SOA ns admin 2026053101 1 2 3 4\n; done\n\n";
        let ((fast, fast_records), (full, full_records)) =
            (read_text("a.zone", fast.as_bytes()), read_text("a.zone", full.as_bytes()));
        assert_eq!(fast_records, ["origin example", "a.example NS ns1.b.example", "a.example Ds"]);
        assert_eq!(fast_records, full_records);
        for file in [fast, full] {
            let file = file.expect("a zone");
            assert_eq!((file.origin.as_str(), file.serial), ("example", Some(Serial(2_026_053_101))));
            assert_eq!(file.integrity.damage(false), None, "{:?}", file.integrity);
        }
    }

    #[track_caller]
    fn damaged(text: &str, expected: Option<super::super::integrity::Damage>) {
        let (file, _) = read_text("a.zone", text.as_bytes());
        assert_eq!(file.expect("a zone").integrity.damage(false), expected, "{text}");
    }

    #[test]
    fn integrity_marks() {
        use super::super::integrity::Damage;
        let ns = "a.example.\t60\tin\tns\tns1.b.example.\n";
        damaged(&format!("{SOA}{ns}"), Some(Damage::NoClosingSoa));
        damaged(&format!("{SOA}{ns}{SOA}"), None);
        damaged(&format!("{SOA}{ns}{SOA}{ns}"), Some(Damage::NoClosingSoa));
        damaged(&format!("{SOA}{ns}{}", SOA.replace("3101", "3102")), Some(Damage::NoClosingSoa));
        damaged(&format!("{SOA}{ns}garbage\n{SOA}"), Some(Damage::TooManyFaults));
        damaged(&format!("{SOA}{ns}$INCLUDE other\n{SOA}"), Some(Damage::RefusedDirective));
        damaged(&format!("{ns}{SOA}{ns}{SOA}"), None);
        damaged(&format!("{SOA}{ns}{SOA};; expected opt record in response\n"), None);
        damaged(&format!("{SOA}a.other. 1 IN NS b.\n{SOA}"), Some(Damage::TooManyFaults));
    }

    #[test]
    fn what_is_no_zone_is_named() {
        for text in ["", "just some words\n", "a.example. 1 IN NS b.\n", "a.li\nb.li\n"] {
            let error = read_text("a.zone", text.as_bytes()).0.expect_err("no zone");
            assert!(error.to_string().contains("hint: "), "{error}");
        }
    }

    #[test]
    fn lists() {
        let (file, records) = read_text("se.list", "# comment\nA.se\nb.se.\n\nc\nå.se\nx.nu\n".as_bytes());
        let file = file.expect("a list");
        assert_eq!((file.origin.as_str(), file.kind, file.integrity.faults), ("se", ZoneKind::List, 1));
        assert_eq!(records.len(), 5, "{records:?}");
        assert!(records[4].starts_with("xn--5ca.se "), "{records:?}");
        let (_, records) = read_text("se.csv", b"rank,domain\n1,a.se\n2,\"b.se\"\n");
        assert_eq!(records.len(), 3, "{records:?}");
    }

    #[test]
    fn cutting_into_chunks_changes_nothing() {
        let text = "$ORIGIN example.\n@ 60 IN SOA ns admin ( 1\n2 3 4 5 )\na IN NS (\n b\n )\n c NS d ; x\n \
            TXT \"a;b\" \"c\\\"d\"\n@ 60 IN SOA ns admin 1 2 3 4 5\n";
        let collect = |pieces: &[&[u8]]| {
            let mut sink = Collected::default();
            let mut keeper = Keeper {
                sink: &mut sink,
                origin: None,
                soa: None,
                early: Vec::new(),
                integrity: Integrity::default(),
            };
            let mut scanner = Scanner::new(None);
            let mut line = 1;
            for (index, piece) in pieces.iter().enumerate() {
                scanner.scan(piece, line, index + 1 == pieces.len(), &mut keeper);
                line += memchr::memchr_iter(b'\n', piece).count() as u64;
            }
            let integrity = keeper.integrity;
            (sink.0, integrity)
        };
        let whole = collect(&[text.as_bytes()]);
        assert_eq!(whole.1.faults, 1, "c is no type: {:?}", whole.1);
        for (at, _) in text.match_indices('\n') {
            let (head, tail) = text.as_bytes().split_at(at + 1);
            assert_eq!(collect(&[head, tail]), whole, "cut at {at}");
        }
    }
}
