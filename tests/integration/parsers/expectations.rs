//! What other parsers expect of the test data that comes with them.
//!
//! * Knot DNS: each `.in` has an `.out`, record by record, of a scanner that goes on after most errors
//! * `domain`: YAML with a zone and its records
//! * BIND: `named-checkzone` takes `good-*` and refuses `bad-*`; `master_test` has a result for each of its
//!   files; `dnssec-signzone` wrote the `.signed` files of validns, which hold what it read of the unsigned
//! * dnspython: one zone and four ways to print it

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use zonelapse::zone::scanner::push_name;

use super::{Told, files, read};
use crate::support::corpus;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// The same record, or accepted by both.
    Same,
    /// Refused by both.
    BothRefuse,
    /// They refuse data that we do not look into.
    Data,
    /// They refuse what only the whole zone tells.
    WholeZone,
    /// They allow few characters unescaped in names.
    Characters,
    /// They refuse a relative argument of a directive.
    Relative,
    /// They refuse what is harmless: `CLASS1`, a carriage return.
    Harmless,
    /// They stop at an error, or tell of an include that had one, and we go on.
    GoesOn,
    /// They take a quoted string over a line's end.
    Quote,
    /// They take `$GENERATE`.
    Generate,
    /// They take other classes than IN.
    NotInternet,
}

#[derive(Default)]
struct Counts {
    classes: BTreeMap<Class, usize>,
    surprises: Vec<String>,
}

impl Counts {
    fn add(&mut self, class: Option<Class>, found: impl FnOnce() -> String) {
        match class {
            Some(class) => *self.classes.entry(class).or_default() += 1,
            None => self.surprises.push(found()),
        }
    }

    #[track_caller]
    fn are(self, expected: &[(Class, usize)]) {
        let Self { classes, surprises } = self;
        assert!(surprises.is_empty(), "{}: {}\n{classes:?}", surprises.len(), surprises.join("\n"));
        assert_eq!(classes, expected.iter().copied().collect());
    }
}

/// Knot's tests in which we differ.
const KNOT: &[(&str, Class)] = &[
    ("00-2_general", Class::Harmless),
    ("01_owner", Class::Characters),
    ("02_class", Class::Harmless),
    ("04-0_ORIGIN", Class::GoesOn),
    ("04-1_ORIGIN", Class::Relative),
    ("04-2_ORIGIN", Class::Relative),
    ("06-1_INCLUDE", Class::Relative),
    ("06-2_INCLUDE", Class::Relative),
    ("06-6_INCLUDE", Class::GoesOn),
    ("06-7_INCLUDE", Class::GoesOn),
    ("12_TXT", Class::Quote),
    ("14_NS", Class::Characters),
];

#[test]
fn knot() {
    let Some(root) = corpus("parser-corpora/knot/knot-3.5.8/tests/libzscanner") else { return };
    let mut counts = Counts::default();
    let tests = std::fs::read_to_string(root.join("TESTS")).expect("the list of tests can be read");
    for test in tests.lines() {
        let expected = std::fs::read_to_string(root.join("data").join(test).with_extension("out"));
        let expected = expected.expect("each test has an expected output");
        let blocks = expected.split("------\n").filter(|block| !block.trim().is_empty());
        let theirs: Vec<Option<String>> = blocks.map(knot_record).collect();
        let ours = Told::of_file(&root.join("data").join(format!("{test}.in")), "").outcomes;
        for at in 0..theirs.len().max(ours.len()) {
            let class = match (theirs.get(at), ours.get(at)) {
                (Some(Some(theirs)), Some(Ok(ours))) if theirs == ours => Some(Class::Same),
                (Some(None), Some(Err(_))) => Some(Class::BothRefuse),
                (Some(None), Some(Ok(ours))) if ours.ends_with(" other") || ours.ends_with(" signature") => {
                    Some(Class::Data)
                }
                _ => KNOT.iter().find(|(known, _)| *known == test).map(|(_, class)| *class),
            };
            counts.add(class, || format!("{test}: expected {:?}, found {:?}", theirs.get(at), ours.get(at)));
        }
    }
    counts.are(&[
        (Class::Same, 601),
        (Class::BothRefuse, 167),
        (Class::Data, 329),
        (Class::Characters, 5),
        (Class::Relative, 8),
        (Class::Harmless, 2),
        (Class::GoesOn, 3),
        (Class::Quote, 1),
    ]);
}

/// A block of an expected output as our text; `None` for a warning or an error.
fn knot_record(block: &str) -> Option<String> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let octets = |name: &str| -> Vec<u8> {
        let digits = field(name).expect("a record has all fields").as_bytes();
        let pair = |pair: &[u8]| u8::from_str_radix(&String::from_utf8_lossy(pair), 16).expect("two digits");
        digits.chunks(2).map(pair).collect()
    };
    let rtype = field("RTYPE")?;
    let data = octets("RDATA");
    let what = match u16::from_str_radix(rtype, 16).expect("a number") {
        2 => format!("NS {}", wire_name(&data).0),
        6 => {
            let numbers = wire_name(wire_name(&data).1).1;
            format!("SOA {}", u32::from_be_bytes(*numbers.first_chunk().expect("a serial")))
        }
        43 => "DS".to_owned(),
        1 | 28 => "address".to_owned(),
        46 | 47 | 50 => "signature".to_owned(),
        _ => "other".to_owned(),
    };
    Some(format!("{} {what}", wire_name(&octets("OWNER")).0))
}

/// A name on the wire in normal form, and what follows it.
fn wire_name(octets: &[u8]) -> (String, &[u8]) {
    let (mut labels, mut rest) = (Vec::new(), octets);
    loop {
        let (label, after) = rest[1..].split_at(usize::from(rest[0]));
        rest = after;
        if label.is_empty() {
            return (labels.join("."), rest);
        }
        let octet = |octet: &u8| match octet.to_ascii_lowercase() {
            octet @ (b'.' | b'\\') => format!("\\{}", char::from(octet)),
            octet @ 33..=126 => char::from(octet).to_string(),
            octet => format!("\\{octet:03}"),
        };
        labels.push(label.iter().map(octet).collect::<String>());
    }
}

#[test]
fn domain_yaml() {
    let Some(files) = files("parser-corpora/nlnetlabs-domain/test-data/zonefiles") else { return };
    let mut counts = Counts::default();
    for (name, path) in files.iter().filter(|(name, _)| name.ends_with(".yaml")) {
        let text = String::from_utf8(read(path)).expect("YAML is UTF-8");
        // a class for the whole file, given from outside, is not ours to read
        if text.contains("default_class:") {
            continue;
        }
        let (origin, rest) = text.split_once("\nzonefile: |\n").expect("a zone");
        let (zone, result) = rest.split_once("result:\n").expect("a result");
        let origin =
            origin.trim_start_matches("origin: ").lines().next().expect("an origin").trim_end_matches('.');
        let zone: String =
            zone.lines().map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned() + "\n").collect();
        let ours = Told::of(zone.as_bytes(), origin).outcomes;
        let records = result.split("  - owner: ").skip(1);
        let theirs: Vec<_> = records.map(yaml_record).collect();
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for ((internet, theirs), ours) in theirs.iter().zip(&ours) {
            let class = match ours {
                Ok(ours) if *internet && ours == theirs => Some(Class::Same),
                Err(_) if !internet => Some(Class::NotInternet),
                _ => None,
            };
            counts.add(class, || format!("{name}: expected {theirs}, found {ours:?}"));
        }
    }
    counts.are(&[(Class::Same, 44), (Class::NotInternet, 1)]);
}

/// Whether a record of a result is of class IN, and the record as our text.
fn yaml_record(text: &str) -> (bool, String) {
    let field = |name: &str| {
        let value = text.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix(": "));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).trim()
    };
    let normal = |name: &str| {
        let mut normal = Vec::new();
        push_name(name.as_bytes(), None, &mut normal).expect("an absolute name");
        String::from_utf8(normal).expect("normal form is ASCII")
    };
    let what = match field("data").trim_start_matches('!') {
        "Ns" => format!("NS {}", normal(field("nsdname"))),
        "Soa" => format!("SOA {}", field("serial")),
        "A" | "Aaaa" => "address".to_owned(),
        _ => "other".to_owned(),
    };
    let owner = text.lines().next().expect("a record begins with its owner").trim();
    (field("class") == "IN", format!("{} {what}", normal(owner)))
}

/// What `tests/dns/master_test.c` of BIND expects of its files.
const MASTER_TEST: &[(&str, bool)] = &[
    ("master1.data", true),
    ("master2.data", false),
    ("master3.data", false),
    ("master4.data", true),
    ("master5.data", false),
    ("master6.data", true),
    ("master8.data", true),
    ("master9.data", false),
    ("master10.data", true),
    ("master11.data", true),
    ("master15.data", false),
    ("master16.data", true),
    ("master17.data", true),
];

/// Beginnings of names of zones that `named-checkzone` refuses for what they hold together.
const WHOLE_ZONE: &[&str] =
    &["bad-cname-and-", "bad-ds", "bad-cds", "bad-cdnskey", "bad-dns-sd-reverse", "bad-nsec3owner-padded"];
/// And of those that it refuses for the data of a type that we do not look into.
const DATA: &[&str] = &["bad-nimloc", "bad-nsap", "bad-nsec3-padded", "bad-svcb", "bad-unspec", "master15"];

#[test]
fn bind() {
    let Some(files) = files("parser-corpora/bind9") else { return };
    let mut counts = Counts::default();
    for (name, path) in &files {
        let name = name.rsplit('/').next().expect("a path has an end");
        let taken = match MASTER_TEST.iter().find(|(file, _)| name == *file) {
            Some((_, taken)) => *taken,
            None if name.starts_with("good") => true,
            None if name.starts_with("bad") && !name.ends_with(".raw") => false,
            None => continue,
        };
        let ours = Told::of_file(path, "example");
        let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| name.starts_with(beginning));
        let class = match (taken, ours.faults().next()) {
            (true, None) => Some(Class::Same),
            (false, Some(_)) => Some(Class::BothRefuse),
            (false, None) if begins(WHOLE_ZONE) => Some(Class::WholeZone),
            (false, None) if begins(DATA) => Some(Class::Data),
            (true, Some(_)) if name == "good-generate-modifier.db" => Some(Class::Generate),
            _ => None,
        };
        counts.add(class, || format!("{name}: found {:?}", ours.faults().next()));
    }
    counts.are(&[
        (Class::Same, 21),
        (Class::BothRefuse, 24),
        (Class::Data, 15),
        (Class::WholeZone, 68),
        (Class::Generate, 1),
    ]);
}

#[test]
fn bind_signed_what_it_read() {
    let Some(files) = files("parser-corpora/validns") else { return };
    let mut pairs = 0;
    for (name, path) in files.iter().filter(|(name, _)| name.contains(".signed")) {
        // written by hand since
        if name.ends_with(".with-errors") {
            continue;
        }
        let (unsigned, _) = name.split_once(".signed").expect("it is in the name");
        let unsigned = [unsigned.to_owned(), format!("{unsigned}.zone")];
        let Some((_, unsigned)) = files.iter().find(|(name, _)| unsigned.contains(name)) else { continue };
        // names in signed files are absolute, and the SOA comes first
        let signed = Told::of_file(path, "");
        let zone = signed.records().find_map(|record| record.split_once(" SOA ")).expect("a signed zone").0;
        if !Told::of_file(unsigned, zone).records().any(|record| record.starts_with(&format!("{zone} SOA ")))
        {
            // `svcb.zone` is not what `svcb.zone.signed` was made of
            continue;
        }
        let (before, after) = (facts(unsigned, zone), facts(path, zone));
        assert_eq!(before, after, "{name}");
        pairs += 1;
    }
    assert_eq!(pairs, 39);
}

/// Delegations and owners of addresses, without keys and signatures. A serial may be counted up.
fn facts(path: &Path, origin: &str) -> BTreeSet<String> {
    let told = Told::of_file(path, origin);
    let fact =
        |record: &&str| record.contains(" NS ") || record.ends_with(" DS") || record.ends_with(" address");
    told.records().filter(fact).map(str::to_owned).collect()
}

#[test]
fn dnspython() {
    let Some(folder) = corpus("parser-corpora/dnspython/tests") else { return };
    let told = |name: &str| Told::of_file(&folder.join(name), "example");
    let sorted = |told: &Told| told.records().map(str::to_owned).collect::<BTreeSet<_>>();
    let zone = told("example");
    assert_eq!((zone.outcomes.len(), zone.faults().count()), (178, 0));
    for printed in ["example1.good", "example2.good", "example3.good", "example4.good"] {
        let printed = told(printed);
        assert_eq!((printed.outcomes.len(), printed.faults().count()), (178, 0));
        assert_eq!(sorted(&printed), sorted(&zone));
    }
}
