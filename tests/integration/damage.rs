//! Damaged zones, damaged snapshots, builds that were killed or run at once: never a panic, never a snapshot that
//! claims more than its file holds, and a store that stays as it was.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use zonelapse::input::source::Source;
use zonelapse::progress::Progress;
use zonelapse::snapshot::format::{HEADER, SnapshotHeader};
use zonelapse::snapshot::history::Past;
use zonelapse::snapshot::intake::{IntakeOptions, Taken, ingest};
use zonelapse::snapshot::{Store, Stored};
use zonelapse::time::{BareDate, Day, Moment};
use zonelapse::zone::fault::Fault;
use zonelapse::zone::scanner::{Scanner, scan_plain};
use zonelapse::zone::{ReadOptions, RecordSink, ZoneRecord, ZoneSource};

const SOA: &str = "test.\t900\tin\tsoa\ta.test. b.test. 2026010100 1 2 3 4\n";

/// A folder with a store.
struct Place {
    directory: tempfile::TempDir,
    store: Store,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Store::create(&directory.path().join("store")).expect("a store");
        Self { directory, store }
    }

    fn build(&self, name: &str, bytes: &[u8]) -> Taken {
        let path = self.directory.path().join(name);
        std::fs::write(&path, bytes).expect("a zone file");
        build(&path, &self.store)
    }

    /// Names of the snapshot and whether it is whole.
    #[track_caller]
    fn holds(&self, origin: &str) -> (usize, bool) {
        let day = *self.store.dates(origin).expect("dates").last().expect("a snapshot");
        let stored = self.store.get(origin, day).expect("a snapshot that can be read");
        stored.table.verify().expect("a snapshot just built");
        (stored.table.len(), stored.facts.is_whole())
    }
}

fn build(path: &Path, store: &Store) -> Taken {
    let options = IntakeOptions {
        read: ReadOptions::default(),
        date: None,
        as_of: Moment::parse("2030-01-01", BareDate::Start).expect("a date"),
        trust_lists: false,
        max_shrink: 100.0,
    };
    let zone = ZoneSource::file(Source::stat(path).expect("the file is there"));
    ingest(&[zone], store, &[], &options, &Progress::hidden()).remove(0)
}

fn zone_of(names: usize) -> String {
    let mut text = SOA.to_owned();
    for number in 0..names {
        let name = format!("name{:05}-{}", number * 7919 % 99_991, number % 13);
        text += &format!("{name}.test.\t60\tin\tns\tns{}.host{}.test.\n", number % 3, number % 29);
    }
    text + SOA
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory takes everything")
}

/// Numbers that look random, the same in each run.
fn numbers(seed: u64) -> impl Iterator<Item = usize> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    })
}

#[test]
fn broken_gzip_is_never_whole() {
    let whole = packed(zone_of(3000).as_bytes());
    let place = Place::new();
    place.build("whole.txt.gz", &whole);
    assert_eq!(place.holds("test"), (3000, true));
    for (round, number) in numbers(1).take(80).enumerate() {
        let mut bytes = whole.clone();
        if round % 2 == 0 {
            bytes.truncate(number % whole.len());
        } else {
            bytes[number % whole.len()] ^= 1 << (number / 7 % 8);
        }
        place.build("broken.txt.gz", &bytes);
        assert_eq!(place.holds("test"), (3000, true), "round {round} replaced the whole one");
        let alone = Place::new();
        if alone.build("broken.txt.gz", &bytes).outcome.is_ok() {
            let (names, is_whole) = alone.holds("test");
            assert!(!is_whole || names == 3000, "round {round}: {names} names");
        }
    }
}

#[test]
fn broken_snapshots_never_lie() {
    let place = Place::new();
    place.build("zone.txt", zone_of(2000).as_bytes());
    let path = place.store.path("test", Day::from_calendar(2026, 1, 1).expect("a date"));
    let whole = Stored::open(&path).expect("a snapshot");
    let said = |stored: &Stored| {
        let (mut walk, mut text) = (stored.table.walk(), String::new());
        while walk.advance() {
            let hosts: Vec<&str> = walk.entry().name_servers().collect();
            text += &format!("{} {hosts:?}\n", String::from_utf8_lossy(walk.name()));
            let entry = stored.table.entry(walk.name());
            text += &format!("{:?}\n", entry.map(|entry| entry.name_servers().count()));
        }
        text
    };
    let expected = said(&whole);
    let bytes = std::fs::read(&path).expect("the snapshot");
    let broken = place.directory.path().join("broken.zls");
    for (round, number) in numbers(2).take(300).enumerate() {
        let mut bytes = bytes.clone();
        match round % 3 {
            0 => bytes.truncate(number % whole.table.bytes()),
            1 => bytes[number % whole.table.bytes()] ^= 1 << (number / 3 % 8),
            _ => bytes[number % 160] = (number / 11) as u8,
        }
        std::fs::write(&broken, &bytes).expect("a file");
        let Ok(stored) = Stored::open(&broken) else { continue };
        let found = said(&stored);
        assert!(found == expected || stored.table.check().is_err(), "round {round} lies");
    }
    let mut newer = bytes;
    newer[8] = 99;
    std::fs::write(&broken, &newer).expect("a file");
    let error = Stored::open(&broken).expect_err("a later format").to_string();
    assert!(error.contains("format 99") && error.contains("hint: "), "{error}");
}

#[track_caller]
fn reads(text: &[u8], origin: &str, expected: (usize, bool)) {
    let place = Place::new();
    let taken = place.build("zone.txt", text);
    assert!(taken.outcome.is_ok(), "{:?}", taken.outcome);
    assert_eq!(place.holds(origin), expected, "{}", String::from_utf8_lossy(&text[..text.len().min(300)]));
}

#[test]
fn odd_zones() {
    let with = |records: &str| format!("{SOA}{records}{SOA}").into_bytes();
    reads(&with(""), "test", (0, true));
    reads(&with("a 60 in ns b.test.\n"), "test", (0, false));
    reads(&with("a.test. 60 in ns b.test.\nsome garbage here\n"), "test", (1, false));
    reads(&with("a.test. 60 in ns b.test.\r\nb.test.\t60\tin\tns\tb.test.\r\n"), "test", (2, true));
    reads(&with("a\\000b.test. 60 in ns b.test.\n"), "test", (1, true));
    reads(&with("a\0b.test. 60 in ns b.test.\nc.test. 60 in ns b.test.\n"), "test", (1, false));
    let label = "l".repeat(63);
    reads(&with(&format!("{label}.test.\t60\tin\tns\tb.test.\n")), "test", (1, true));
    reads(&with(&format!("{label}l.test.\t60\tin\tns\tb.test.\n")), "test", (0, false));
    // 255 octets on the wire, with the names above it; then one more
    let long = format!("{label}.{label}.{label}.{}", "l".repeat(56));
    reads(&with(&format!("{long}.test.\t60\tin\tns\tb.test.\n")), "test", (4, true));
    reads(&with(&format!("l{long}.test.\t60\tin\tns\tb.test.\n")), "test", (0, false));
    let other = SOA.replace("test.\t", "other.\t");
    reads(
        format!("{SOA}a.test.\t60\tin\tns\tb.test.\n{SOA}{other}a.other.\t60\tin\tns\tb.test.\n{other}")
            .as_bytes(),
        "test",
        (1, false),
    );
    let root = ". 900 in soa a. b. 2026010100 1 2 3 4\n";
    reads(format!("{root}com. 60 in ns a.test.\n{root}").as_bytes(), "", (1, true));
    let reverse = SOA.replace("test.\t", "168.192.in-addr.arpa.\t");
    reads(format!("{reverse}1 IN NS a.test.\n$ORIGIN 168.192.in-addr.arpa.\n2 IN NS b.test.\n0/25.3 IN PTR c.test.\n{reverse}").as_bytes(), "168.192.in-addr.arpa", (3, false));
    let last = SOA.trim_end();
    reads(format!("{SOA}a.test.\t60\tin\tns\tb.test.\n{last}").as_bytes(), "test", (1, true));
}

#[test]
fn a_line_of_a_hundred_megabytes() {
    let place = Place::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(1));
    let text = [SOA.as_bytes(), b"a.test.\t60\tin\tns\tb.test.\n"].concat();
    encoder.write_all(&text).expect("memory takes everything");
    for _ in 0..100 {
        encoder.write_all(&[b'x'; 1 << 20]).expect("memory takes everything");
    }
    encoder
        .write_all(format!("\nc.test.\t60\tin\tns\tb.test.\n{SOA}").as_bytes())
        .expect("memory takes everything");
    let taken = place.build("zone.txt.gz", &encoder.finish().expect("memory takes everything"));
    assert!(taken.outcome.is_ok(), "{:?}", taken.outcome);
    assert_eq!(place.holds("test"), (2, false), "one record is lost, not the file");
}

#[test]
fn killed_builds_leave_nothing() {
    let place = Place::new();
    place.build("zone.txt", zone_of(10).as_bytes());
    let left: PathBuf = place.store.root().join("test/.building-killed");
    std::fs::write(&left, b"half of a snapshot").expect("a file");
    assert_eq!(place.store.dates("test").expect("dates").len(), 1, "it is no snapshot");
    place.build("zone.txt", zone_of(11).replace("2026010100", "2026010200").as_bytes());
    assert!(!left.exists(), "the next build removes it");
    assert_eq!(place.store.dates("test").expect("dates").len(), 2);
}

#[test]
fn two_builds_at_once() {
    let place = Place::new();
    let paths = [500, 900].map(|names| {
        let path = place.directory.path().join(format!("zone{names}.txt"));
        std::fs::write(&path, zone_of(names)).expect("a zone file");
        path
    });
    for _ in 0..10 {
        std::thread::scope(|scope| {
            paths.iter().for_each(|path| drop(scope.spawn(|| build(path, &place.store))));
            for _ in 0..50 {
                let day = Day::from_calendar(2026, 1, 1).expect("a date");
                if let Ok(stored) = place.store.get("test", day) {
                    stored.table.verify().expect("readers see whole snapshots only");
                }
            }
        });
        let (names, is_whole) = place.holds("test");
        assert!(is_whole && [500, 900].contains(&names), "{names}");
    }
}

/// Records and faults as text.
#[derive(Default)]
struct Said(Vec<String>);

impl RecordSink for Said {
    fn record(&mut self, record: ZoneRecord<'_>) {
        self.0.push(format!("{record:?}"));
    }

    fn fault(&mut self, fault: Fault) {
        self.0.push(format!("{} {}", fault.line, fault.what));
    }
}

fn scan(pieces: &[&[u8]]) -> Vec<String> {
    let (mut scanner, mut said, mut line) = (Scanner::new(Some(b"test")), Said::default(), 1);
    for (number, piece) in pieces.iter().enumerate() {
        scanner.scan(piece, line, number + 1 == pieces.len(), &mut said);
        line += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
    said.0
}

#[test]
fn any_text_is_read_the_same_way_however_it_is_cut() {
    let seeds: Vec<Vec<u8>> = vec![
        zone_of(4).into_bytes(),
        b"a.test.\t60\tin\tds\t1 13 2 AABB\na.test.\t60\tin\taaaa\t2001:db8::1\nb.test.\t60\tin\ta\t198.18.0.1\n\
            b.test.\t60\tin\trrsig\tns 8 2 60 20260101000000 20250101000000 1 test. AA==\n".to_vec(),
        b"a 60 IN NS (\n b )\n\tIN DS 1 2 3 AA ; c\n@ TXT \"x\\\"y\" \\065\n$ORIGIN b.\n$TTL 1h\n".to_vec(),
    ];
    bolero::check!().with_type::<(u8, Vec<u8>)>().with_iterations(20_000).for_each(|(seed, noise)| {
        let mut text = seeds[usize::from(*seed) % seeds.len()].clone();
        for pair in noise.chunks_exact(2) {
            let at = usize::from(pair[0]) * 3 % text.len();
            text[at] = pair[1];
        }
        let whole = scan(&[&text]);
        if let Some(at) = memchr_line(&text, noise.len()) {
            assert_eq!(scan(&[&text[..at], &text[at..]]), whole, "{}", text.escape_ascii());
        }
        // the fast way says what the full way says of the same lines
        let mut plain = Said::default();
        let passed = scan_plain(&text, 1, &mut plain);
        assert_eq!(plain.0, whole[..plain.0.len()], "{}", text.escape_ascii());
        assert_eq!(passed.lines, plain.0.len() as u64);
    });
}

/// Behind which byte the line that holds `near` ends.
fn memchr_line(text: &[u8], near: usize) -> Option<usize> {
    let near = near * 5 % text.len();
    text[near..].iter().position(|byte| *byte == b'\n').map(|at| near + at + 1)
}

#[test]
fn any_bytes_may_stand_for_a_snapshot() {
    let place = Place::new();
    place.build("zone.txt", zone_of(50).as_bytes());
    let path = place.store.path("test", Day::from_calendar(2026, 1, 1).expect("a date"));
    let bytes = std::fs::read(&path).expect("the snapshot");
    bolero::check!().with_type::<Vec<(u16, u8)>>().with_iterations(20_000).for_each(|noise| {
        let mut header = bytes[..HEADER].to_vec();
        noise.iter().for_each(|(at, byte)| header[usize::from(*at) % 160] = *byte);
        let _ = SnapshotHeader::read(&header, bytes.len() as u64);
        let body: Vec<u8> = noise.iter().map(|(_, byte)| *byte).collect();
        let _ = Past::take(1, Day(20_000), &body, &mut 0);
        let _ = Past::take(2, Day(20_000), &body, &mut 0);
    });
}
