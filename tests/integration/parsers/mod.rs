//! The full way of our scanner against other parsers and their test data.
//!
//! * `peer`: the `domain` crate reads the same files
//! * `expectations`: what Knot DNS, BIND, dnspython, validns and `domain` expect of their own files
//! * here: what holds for every text, be it a zone or not
//!
//! Each file or record falls into one class, and the classes are counted. Those in which we differ do so on
//! purpose; `src/zone/scanner/entry.rs` gives the reasons.

mod expectations;
mod peer;

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use proptest::prelude::*;
use zonelapse::zone::fault::{Fault, FaultKind};
use zonelapse::zone::record::{RecordData, RecordSink, ZoneRecord};
use zonelapse::zone::scanner::Scanner;

use crate::support::{corpus, fixture};

/// What a scanner tells, in order: records as text, and faults. Includes are read if there is a folder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    outcomes: Vec<Result<String, Fault>>,
    folder: Option<PathBuf>,
}

impl RecordSink for Told {
    fn record(&mut self, record: ZoneRecord<'_>) {
        let text = |name: &[u8]| String::from_utf8(name.to_vec()).expect("normal form is ASCII");
        let what = match record.data {
            RecordData::Ns(host) => format!("NS {}", text(host)),
            RecordData::Soa(serial, _) => format!("SOA {}", serial.0),
            RecordData::Ds => "DS".to_owned(),
            RecordData::Address => "address".to_owned(),
            RecordData::Signature(_) => "signature".to_owned(),
            RecordData::Other => "other".to_owned(),
        };
        self.outcomes.push(Ok(format!("{} {what}", text(record.owner))));
    }

    fn fault(&mut self, fault: Fault) {
        self.outcomes.push(Err(fault));
    }

    /// Files are looked for in the folder of the including file, then above: BIND's tests name them from the
    /// folder they run in, Knot's from a temporary one.
    fn include(&mut self, file: &[u8], origin: Option<&[u8]>, _line: u64) -> Result<(), FaultKind> {
        let name = String::from_utf8_lossy(file).replace("@TMPDIR@/", "");
        let folder = self.folder.clone().ok_or(FaultKind::RefusedInclude)?;
        let mut places = folder.ancestors().take(6).map(|folder| folder.join(&name));
        let place = places.find(|place| place.is_file()).ok_or(FaultKind::RefusedInclude)?;
        self.folder = place.parent().map(Path::to_path_buf);
        Scanner::new(origin).scan(&read(&place), 1, true, self);
        self.folder = Some(folder);
        Ok(())
    }
}

impl Told {
    /// Of a text, without includes; `origin` in normal form.
    fn of(text: &[u8], origin: &str) -> Self {
        let mut told = Self::default();
        Scanner::new(Some(origin.as_bytes())).scan(text, 1, true, &mut told);
        told
    }

    /// Of a file, with includes.
    fn of_file(path: &Path, origin: &str) -> Self {
        let mut told = Self { outcomes: Vec::new(), folder: path.parent().map(Path::to_path_buf) };
        Scanner::new(Some(origin.as_bytes())).scan(&read(path), 1, true, &mut told);
        told
    }

    /// Of a text that comes line by line.
    fn of_lines(text: &[u8], origin: &str) -> Self {
        let (mut told, mut scanner) = (Self::default(), Scanner::new(Some(origin.as_bytes())));
        for (piece, line) in text.split_inclusive(|byte| *byte == b'\n').zip(1..) {
            scanner.scan(piece, line, false, &mut told);
        }
        scanner.scan(b"", 1, true, &mut told);
        told
    }

    fn records(&self) -> impl Iterator<Item = &str> {
        self.outcomes.iter().filter_map(|outcome| outcome.as_deref().ok())
    }

    fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.outcomes.iter().filter_map(|outcome| outcome.as_ref().err())
    }
}

/// A file, inflated.
fn read(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("a corpus file can be read");
    if path.extension().is_none_or(|ending| ending != "gz") {
        return bytes;
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).expect("a whole gzip file");
    text
}

/// All files below a folder of the corpus, sorted, with their paths below it.
fn files(folder: &str) -> Option<Vec<(String, PathBuf)>> {
    let root = corpus(folder)?;
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a corpus folder can be read") {
            let path = entry.expect("a folder can be read on").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).expect("it was found there");
                found.push((name.to_string_lossy().into_owned(), path));
            }
        }
    }
    found.sort();
    Some(found)
}

/// That a text is told alike however it is cut, and that each fault stands where it says.
fn holds_for(text: &[u8], origin: &str) -> Result<(), String> {
    let told = Told::of(text, origin);
    if told != Told::of_lines(text, origin) {
        return Err("line by line it is told otherwise".to_owned());
    }
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let stands = |fault: &Fault| {
        let line = usize::try_from(fault.line - 1).ok().and_then(|line| lines.get(line));
        line.is_some_and(|line| (1..=line.len() as u64 + 1).contains(&fault.column))
    };
    match told.faults().find(|fault| !stands(fault)) {
        Some(fault) => Err(format!("{fault} does not stand in the text")),
        None => Ok(()),
    }
}

/// What the master file of the fixtures says, read by hand.
#[test]
fn our_zone() {
    let told = Told::of_file(&fixture("zones/quirks.zone"), "");
    let records: Vec<&str> = told.records().collect();
    assert_eq!(records, QUIRKS);
    let faults: Vec<u64> = told.faults().map(|fault| fault.line).collect();
    assert_eq!(faults, [24], "an NS record without a host");
}

const QUIRKS: [&str; 15] = [
    "example SOA 2026053101",
    "example NS ns1.registry-example.net",
    "example NS ns2.registry-example.net",
    "alder.example NS ns1.alder.example",
    "alder.example NS ns.hosts-example.com",
    "ns1.alder.example address",
    "ns1.alder.example address",
    "birch.example NS ns.hosts-example.com",
    "birch.example DS",
    "cedar.example other",
    "cedar.example other",
    "oak.wood.example NS wood.example",
    "*.elm.wood.example address",
    "fir.wood.example other",
    "yew.wood.example NS ns1.yew.wood.example",
];

#[test]
fn every_file_of_the_corpus() {
    let ours = ["zones/quirks.zone", "psl.txt", "idna.txt", "addresses.json", "broken/zones/biz.txt.gz"];
    for name in ours {
        assert_eq!(holds_for(&read(&fixture(name)), "example"), Ok(()), "{name}");
    }
    // documents, answers and packets among them
    let Some(files) = files("parser-corpora") else { return };
    for (name, path) in &files {
        assert_eq!(holds_for(&read(path), "example"), Ok(()), "{name}");
    }
    assert_eq!(files.len(), 604);
}

#[test]
fn both_ways_read_the_same() {
    let ours = ["broken/zones/biz.txt.gz", "broken/zones/com.txt.gz", "broken/zones/root.zone"];
    let ours = ours.map(|name| (name.to_owned(), fixture(name)));
    for (name, path) in files("zones").unwrap_or_default().into_iter().chain(ours) {
        let text = read(&path);
        // a blank at the end sends each line the full way
        let full: Vec<u8> = text
            .split_inclusive(|byte| *byte == b'\n')
            .flat_map(|line| match line.strip_suffix(b"\n") {
                Some(line) => [line, b" \n"],
                None => [line, b""],
            })
            .flatten()
            .copied()
            .collect();
        assert!(Told::of(&text, "") == Told::of(&full, ""), "{name}");
    }
}

#[test]
fn a_line_of_100_megabytes() {
    let mut text = vec![b'x'; 100_000_000];
    text.extend_from_slice(b"\na NS b\n");
    let told = Told::of(&text, "example");
    let kinds: Vec<FaultKind> = told.faults().map(|fault| fault.what).collect();
    assert_eq!(kinds, [FaultKind::TooLong]);
    assert!(told.records().eq(["a.example NS b.example"]));
}

/// What zones are made of, and what breaks them.
const PIECES: [&[u8]; 32] = [
    b"a",
    b"B.",
    b"@",
    b".",
    b"..",
    b"\\",
    b"\\.",
    b"\\046",
    b"\\300",
    b"\"",
    b"\"",
    b"(",
    b")",
    b";",
    b" ",
    b" ",
    b"\t",
    b"\r",
    b"\n",
    b"\n",
    b"\0",
    b"\xe9",
    b"IN ",
    b"CH ",
    b" NS ",
    b" DS 1 8 2 AA",
    b" TXT ",
    b" SOA ",
    b"\\# 2 ",
    b"60",
    b"$ORIGIN ",
    b"$INCLUDE ",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)) {
        prop_assert_eq!(holds_for(&pieces.concat(), "example"), Ok(()));
    }

    /// A line of which nothing can be made costs itself, wherever it stands between whole entries.
    #[test]
    fn an_error_costs_one_record(at in 0_usize..=5, garbage in "[a-z<>{}#%\"().\\\\ ]{1,40}") {
        let entries = [
            "a NS b\n",
            "c 60 IN NS ( d\n )\n",
            "f DS 1 8 2 ( aa\n ; )\n bb )\n",
            "g\\.h NS i\n",
            "j A 192.0.2.1\n",
        ];
        let whole = Told::of(entries.concat().as_bytes(), "example");
        prop_assert_eq!(whole.faults().count(), 0);
        let mut broken = entries.map(str::to_owned).to_vec();
        broken.insert(at, format!("x <{garbage}? y\n"));
        let broken = Told::of(broken.concat().as_bytes(), "example");
        prop_assert!(broken.records().eq(whole.records()));
        prop_assert_eq!(broken.faults().count(), 1);
    }
}
