//! The `domain` crate and we read the same files.
//!
//! It stops at the first entry that it refuses, so what is compared is all records before that. Differences:
//!
//! * `AtSign`: it takes a `@` in data for a label (RFC 1035, section 5.1, has it denote the origin).
//! * `NotRead`: it does not read a type, a mnemonic or a TTL in units that we do.
//! * `Data`: it refuses data that we do not look into.
//! * `Bytes`: it refuses bytes above 127 outside of UTF-8 or outside of quotes, wherever they stand.
//! * `NoData`: it takes an OPENPGPKEY without data.
//! * `Panic`: it panics.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use domain::base::RecordData as _;
use domain::base::iana::{Class as DnsClass, Rtype};
use domain::base::name::{Name, ToName};
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry, ScannedRecord, Zonefile};
use zonelapse::zone::fault::FaultKind;

use super::{Told, files, read};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    SameRecords,
    BothRefuse,
    Include,
    AtSign,
    NotRead,
    Data,
    Bytes,
    NoData,
    Panic,
}

/// What it says of an entry that it refuses, and the class.
const MESSAGES: &[(&str, Class)] = &[
    ("unknown record type with concrete data", Class::NotRead),
    ("expected rtype", Class::NotRead),
    ("expected decimal number", Class::NotRead),
    ("expected SecurityAlgorithm", Class::NotRead),
    ("illegal Base 32 data", Class::Data),
    ("SvcParamKey", Class::Data),
    ("alpn", Class::Data),
    ("illegal escape sequence", Class::Data),
    ("bad symbol", Class::Bytes),
];

/// Files of which the message does not tell the class.
const FILES: &[(&str, Class)] =
    &[("ipseckey-overflow.zone", Class::Data), ("nsec-bitmap-overflow.zone", Class::Data)];

/// Parts of the names of files that are no zones: documents, settings, answers, packets.
const NO_ZONES: &[&str] = &[
    "LICENSE",
    "README",
    ".md",
    "Makefile",
    "TESTS",
    "named",
    ".out",
    ".yaml",
    "/formerr/",
    ".raw",
    "query",
    "svcb_test_vectors",
    "master12.data",
    "master13.data",
    "master14.data",
];

/// What the crate tells: records as text, and why and where it stopped, if it did.
struct Theirs {
    records: Vec<String>,
    error: Option<String>,
}

impl Theirs {
    fn of(text: &[u8], origin: &str) -> Self {
        let mut zone = Zonefile::from(text);
        // it holds a last line without an end for cut off
        zone.extend_from_slice(b"\n");
        zone.set_origin(format!("{origin}.").parse::<Name<_>>().expect("a well-formed name"));
        zone.set_default_class(DnsClass::IN);
        let (mut records, mut error) = (Vec::new(), None);
        while error.is_none() {
            match zone.next_entry() {
                Ok(Some(Entry::Record(record))) => records.push(tell(&record)),
                Ok(Some(Entry::Include { .. })) => error = Some("include".to_owned()),
                Ok(None) => break,
                Err(found) => error = Some(found.to_string()),
            }
        }
        Self { records, error }
    }

    /// The line in the error message.
    fn line(&self) -> Option<u64> {
        self.error.as_ref()?.split(':').next()?.parse().ok()
    }
}

fn tell(record: &ScannedRecord) -> String {
    let what = match record.data() {
        ZoneRecordData::Ns(data) => format!("NS {}", normal(data.nsdname())),
        ZoneRecordData::Soa(data) => format!("SOA {}", data.serial().into_int()),
        data => match data.rtype() {
            Rtype::DS => "DS".to_owned(),
            Rtype::A | Rtype::AAAA => "address".to_owned(),
            Rtype::RRSIG | Rtype::NSEC | Rtype::NSEC3 => "signature".to_owned(),
            // the generic form, which holds no name that could be compared
            Rtype::NS | Rtype::SOA => "generic".to_owned(),
            _ => "other".to_owned(),
        },
    };
    format!("{} {what}", normal(record.owner()))
}

fn normal(name: &impl ToName) -> String {
    let label = |label: &[u8]| -> String {
        let octet = |octet: &u8| match octet.to_ascii_lowercase() {
            octet @ (b'.' | b'\\') => format!("\\{}", char::from(octet)),
            octet @ 33..=126 => char::from(octet).to_string(),
            octet => format!("\\{octet:03}"),
        };
        label.iter().map(octet).collect()
    };
    let labels = name.iter_labels().filter(|label| !label.is_root());
    labels.map(|it| label(it.as_slice())).collect::<Vec<_>>().join(".")
}

/// The class of a file, or what was found if none fits.
fn class(name: &str, text: &[u8]) -> Result<Class, String> {
    let ours = Told::of(text, "example");
    let Ok(theirs) = catch_unwind(|| Theirs::of(text, "example")) else { return Ok(Class::Panic) };
    let records: Vec<&str> = ours.records().take(theirs.records.len()).collect();
    let first_fault = ours.outcomes.iter().position(Result::is_err);
    let fault = ours.faults().next();
    let other = records.iter().zip(&theirs.records).find(|(ours, theirs)| ours != theirs);
    let unlike = || format!("{name}: {other:?}, {fault:?}, {} and {:?}", theirs.records.len(), theirs.error);
    if other.is_some() {
        // a host in the generic form is not spelled out either
        let at_sign = |host: &str| host.replace("NS @.", "NS ").replace("NS @", "NS ");
        let mut pairs = records.iter().zip(&theirs.records);
        let same = pairs.all(|(ours, theirs)| *ours == at_sign(theirs) || theirs.ends_with("generic"));
        return if same { Ok(Class::AtSign) } else { Err(unlike()) };
    }
    if records.len() < theirs.records.len() {
        let cut_off = fault.is_some_and(|fault| fault.what == FaultKind::NoData) && theirs.error.is_none();
        return if cut_off { Ok(Class::NoData) } else { Err(unlike()) };
    }
    if let Some((_, class)) = FILES.iter().find(|(file, _)| name.ends_with(file)) {
        return Ok(*class);
    }
    match (&theirs.error, fault) {
        (None, None) if ours.records().count() == records.len() => Ok(Class::SameRecords),
        (Some(error), Some(fault)) if error == "include" && fault.refused_directive => {
            if first_fault == Some(records.len()) { Ok(Class::Include) } else { Err(unlike()) }
        }
        (Some(_), Some(fault))
            if first_fault == Some(records.len())
                && theirs.line().is_some_and(|line| (fault.line..=fault.line + 2).contains(&line)) =>
        {
            Ok(Class::BothRefuse)
        }
        (Some(error), _) if first_fault.is_none_or(|first| first >= records.len()) => {
            let known = MESSAGES.iter().find(|(message, _)| error.contains(message));
            known.map(|(_, class)| *class).ok_or_else(unlike)
        }
        _ => Err(unlike()),
    }
}

fn count(folder: &str) -> Option<BTreeMap<Class, usize>> {
    let mut counts = BTreeMap::new();
    let mut surprises = Vec::new();
    for (name, path) in files(folder)? {
        if NO_ZONES.iter().any(|part| name.contains(part)) {
            continue;
        }
        match class(&name, &read(&path)) {
            Ok(class) => *counts.entry(class).or_default() += 1,
            Err(found) => surprises.push(found),
        }
    }
    assert!(surprises.is_empty(), "{}: {}\n{counts:?}", surprises.len(), surprises.join("\n"));
    Some(counts)
}

#[test]
fn zones_of_registries() {
    let Some(counts) = count("zones") else { return };
    assert_eq!(counts, BTreeMap::from([(Class::SameRecords, 19)]));
}

#[test]
fn zones_of_parsers() {
    let Some(counts) = count("parser-corpora") else { return };
    let expected = [
        (Class::SameRecords, 189),
        (Class::BothRefuse, 67),
        (Class::Include, 29),
        (Class::AtSign, 10),
        (Class::NotRead, 130),
        (Class::Data, 11),
        (Class::Bytes, 2),
        (Class::NoData, 1),
        (Class::Panic, 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}
