//! Reads one zone file from its first byte to its last: its origin, its serial, and whether it is whole.

use std::path::{Path, PathBuf};

use super::integrity::Integrity;
use super::list::{self, ListReader};
use super::reader::ZoneReader;
use super::serial::Serial;
use super::sink::{BoundedLines, ZoneSink};
use super::source::{ZoneKind, ZoneSource};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::threads::workers;
use crate::time::Moment;

/// What is known about a zone file that was read.
#[derive(Debug, Clone)]
pub struct ZoneFile {
    /// The file as the user named it.
    pub(crate) path: PathBuf,
    /// What kind it is.
    pub(crate) kind: ZoneKind,
    /// The zone's name: A-labels, lower case, no trailing dot; empty for the root.
    pub(crate) origin: String,
    /// The serial of its first SOA; lists have none.
    pub(crate) serial: Option<Serial>,
    /// Whether it is whole.
    pub(crate) integrity: Integrity,
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes.
    pub(crate) sha256: String,
    /// When the file was last changed.
    pub(crate) modified: Option<Moment>,
}

/// How zone files are read.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct ReadOptions {
    /// Completes relative names, and is the origin of a list; in normal form.
    #[serde(skip)]
    pub(crate) origin: Option<String>,
    /// Whether `$INCLUDE` is followed.
    pub(crate) allow_include: bool,
}

/// Reads a zone file into `sink`.
pub fn read_zone<S: ZoneSink>(
    zone: &ZoneSource,
    options: &ReadOptions,
    progress: &Progress,
    sink: &mut S,
) -> Result<ZoneFile> {
    let path = &zone.source.path;
    let include_from = options.allow_include.then_some(path.as_path());
    let mut reader = ZoneReader::new(sink, options.origin.as_deref(), include_from);
    if zone.kind == ZoneKind::List {
        let origin = list::origin(&zone.source, options.origin.as_deref())?;
        reader.keeper.begin(origin.as_bytes());
        reader.list = Some(ListReader::new(&origin, &zone.source));
    }
    let mut chunks = zone.source.chunks(BoundedLines, progress)?;
    while let Some(first) = chunks.next() {
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(chunk) = next {
            match chunk {
                Ok(chunk) => batch.push(chunk),
                // wrong records, or records of another zone, were taken already
                Err(error) if error.is_corrupt() || error.is_changed() => return Err(error.at(path)),
                Err(error) => reader.keeper.integrity.broken = Some(error.to_string()),
            }
            next = if batch.len() < workers() { chunks.ready() } else { None };
        }
        reader.read(batch)?;
    }
    reader.finish()?;
    let ZoneReader { mut keeper, .. } = reader;
    keeper.integrity.weigh(keeper.text_bytes);
    let digest = chunks.finish()?;
    let waiting = keeper.waiting();
    let Some(origin) = keeper.origin else {
        return Err(no_zone(path, &keeper.integrity, waiting));
    };
    let origin =
        String::from_utf8(origin).map_err(|_| Error::internal("an origin in normal form is ASCII"))?;
    Ok(ZoneFile {
        path: path.clone(),
        kind: zone.kind,
        origin,
        serial: keeper.serial,
        integrity: keeper.integrity,
        bytes: digest.bytes,
        sha256: digest.sha256,
        modified: zone.source.modified,
    })
}

pub(super) fn no_zone(path: &Path, integrity: &Integrity, records: usize) -> Error {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::source::{Chunk, Source};
    use crate::zone::{RecordData, ZonePart, ZoneRecord};
    use std::io::Write;

    /// Owners and their data, as text.
    #[derive(Default)]
    struct CollectedZone(Vec<String>);

    impl ZonePart for Vec<String> {
        fn record(&mut self, record: ZoneRecord<'_>) {
            let owner = String::from_utf8_lossy(record.owner).into_owned();
            self.push(match record.data {
                RecordData::Ns(host) => format!("{owner} NS {}", String::from_utf8_lossy(host)),
                data => format!("{owner} {data:?}"),
            });
        }
    }

    impl ZoneSink for CollectedZone {
        type Part = Vec<String>;

        fn begin(&mut self, origin: &[u8], _: Option<Serial>) -> Result<()> {
            self.0.push(format!("origin {}", String::from_utf8_lossy(origin)));
            Ok(())
        }

        fn part(&mut self) -> Vec<String> {
            Vec::new()
        }

        fn append(&mut self, part: Vec<String>) -> Result<()> {
            self.0.extend(part);
            Ok(())
        }
    }

    fn read_text(name: &str, text: &[u8]) -> (Result<ZoneFile>, Vec<String>) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join(name);
        std::fs::File::create(&path)
            .and_then(|mut file| file.write_all(text))
            .expect("the file can be written");
        let zone = ZoneSource::file(Source::stat(&path).expect("the file is there"));
        let mut sink = CollectedZone::default();
        let file = read_zone(&zone, &ReadOptions::default(), &Progress::hidden(), &mut sink);
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
            TXT \"a;b\" \"c\\\"d\"\nx.example.\t60\tin\tns\ty.example.\nz TXT (\n\
            x.example.\t60\tin\tns\tnot.a.record.\n)\n@ 60 IN SOA ns admin 1 2 3 4 5\n";
        let collect = |pieces: &[&[u8]]| {
            let mut sink = CollectedZone::default();
            let mut reader = ZoneReader::new(&mut sink, None, None);
            for piece in pieces {
                reader.read(vec![Chunk::of(piece)]).expect("collecting does not fail");
            }
            reader.finish().expect("collecting does not fail");
            let integrity = reader.keeper.integrity;
            (sink.0, integrity)
        };
        let whole = collect(&[text.as_bytes()]);
        assert_eq!(whole.1.faults, 1, "c is no type: {:?}", whole.1);
        assert!(whole.0.contains(&"x.example NS y.example".to_owned()), "{whole:?}");
        assert!(!format!("{whole:?}").contains("not.a.record"), "{whole:?}");
        for (at, _) in text.match_indices('\n') {
            let (head, tail) = text.as_bytes().split_at(at + 1);
            assert_eq!(collect(&[head, tail]), whole, "cut at {at}");
        }
    }

    #[test]
    fn included_files() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.zone");
        let write = |name: &str, text: &str| {
            std::fs::write(directory.path().join(name), text).expect("the file can be written");
        };
        write("a.zone", &format!("{SOA}$INCLUDE sub/b.zone b.example.\nc.example. 60 NS ns.example.\n{SOA}"));
        std::fs::create_dir(directory.path().join("sub")).expect("a directory");
        write("sub/b.zone", "x 60 NS ns\n");
        let read = |allow_include| {
            let zone = ZoneSource::file(Source::stat(&path).expect("the file is there"));
            let (options, mut sink) = (ReadOptions { origin: None, allow_include }, CollectedZone::default());
            let file = read_zone(&zone, &options, &Progress::hidden(), &mut sink).expect("a zone");
            (file.integrity.damage(false), sink.0)
        };
        use super::super::integrity::Damage;
        let (damage, records) = read(true);
        assert_eq!((damage, &records[1][..]), (None, "x.b.example NS ns.b.example"), "{records:?}");
        assert_eq!(read(false).0, Some(Damage::RefusedDirective));
        write("sub/b.zone", "$INCLUDE b.zone\n");
        assert_eq!(read(true).0, Some(Damage::BrokeOff), "a file that includes itself");
        std::fs::remove_file(directory.path().join("sub/b.zone")).expect("the file is there");
        assert_eq!(read(true).0, Some(Damage::BrokeOff), "a file that is not there");
    }
}
