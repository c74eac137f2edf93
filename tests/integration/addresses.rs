//! Address vectors: isemail's, those of its JSON port, and ours in the same form; each is an address with a category.
//!
//! We ask a different question. The services that hold these addresses have accepted them already, so we refuse a row
//! only if no domain can be read from it, and an odd local part is only marked. An address is *sound* (accepted without
//! a mark), *marked* or *refused*. A vector agrees if it is valid for SMTP and sound, or if it is neither (comments,
//! folding blanks, obsolete forms, errors). All differences are deliberate, and [`Class`] lists them.

use std::collections::BTreeMap;
use std::path::Path;

use zonelapse::name::{MailDomain, Mailbox, Rejection, SuffixList};

use crate::support::{corpus, fixture};

/// An address and what its authors say of it.
struct Vector {
    address: String,
    category: String,
    diagnosis: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Valid for SMTP, and sound.
    BothValid,
    /// Not valid, and marked: a domain is there, the local part is at fault or the host name is.
    NotValidMarked,
    /// Not valid, and refused.
    NotValidRefused,
    /// Valid for SMTP, but of one label: nobody registers below it.
    OneLabel,
    /// Valid for SMTP, but an address literal: no domain to lapse.
    Literal,
    /// Valid for SMTP, but the last label is of digits: no such TLD can exist (RFC 3696, section 2).
    NumericTld,
    /// Not valid for the blanks around it, which we trim: exports are full of them.
    Trimmed,
    /// Not valid for a length of the whole (254, RFC 5321, section 4.5.3.1.3) which we do not check, for the
    /// domain is whole.
    TooLong,
    /// Not valid for its final dot, which we drop.
    FinalDot,
    /// Not valid for SMTP for a comment, which we take off: what is left is an address.
    Comment,
    /// Not valid for blanks which the JSON port lost: what it holds is valid.
    BlanksLost,
}

#[test]
fn isemail() {
    let Some(path) = corpus("email-validity/isemail/tests.xml") else { return };
    let text = std::fs::read_to_string(path).expect("the vectors can be read");
    check(
        &read_xml(&text),
        &[
            (Class::BothValid, 27),
            (Class::NotValidMarked, 35),
            (Class::NotValidRefused, 52),
            (Class::OneLabel, 2),
            (Class::Literal, 7),
            (Class::NumericTld, 2),
            (Class::Trimmed, 24),
            (Class::Comment, 13),
            (Class::TooLong, 1),
            (Class::FinalDot, 1),
        ],
    );
}

#[test]
fn isemail_original() {
    let Some(path) = corpus("email-validity/isemail/tests-original.xml") else { return };
    let text = std::fs::read_to_string(path).expect("the vectors can be read");
    check(
        &read_xml(&text),
        &[
            (Class::BothValid, 70),
            (Class::NotValidMarked, 74),
            (Class::NotValidRefused, 73),
            (Class::OneLabel, 4),
            (Class::Literal, 31),
            (Class::NumericTld, 3),
            (Class::Trimmed, 1),
            (Class::Comment, 20),
            (Class::TooLong, 1),
            (Class::FinalDot, 2),
        ],
    );
}

#[test]
fn our_vectors() {
    check(
        &read_json(&fixture("addresses.json")),
        &[
            (Class::BothValid, 6),
            (Class::NotValidMarked, 5),
            (Class::NotValidRefused, 4),
            (Class::OneLabel, 1),
            (Class::NumericTld, 1),
            (Class::Literal, 2),
            (Class::Trimmed, 2),
            (Class::Comment, 1),
            (Class::FinalDot, 1),
        ],
    );
}

/// The vectors of a JSON file.
fn read_json(path: &Path) -> Vec<Vector> {
    let text = std::fs::read_to_string(path).expect("the vectors can be read");
    let all: Vec<serde_json::Value> = serde_json::from_str(&text).expect("the vectors are JSON");
    let field = |vector: &serde_json::Value, name: &str| vector[name].as_str().unwrap_or_default().to_owned();
    let vectors = all.iter().map(|vector| Vector {
        address: controls(&field(vector, "address")),
        category: field(vector, "category"),
        diagnosis: field(vector, "diagnosis"),
    });
    vectors.collect()
}

#[test]
fn jackbearheart() {
    let Some(path) = corpus("email-validity/jackbearheart/tests.json") else { return };
    check(
        &read_json(&path),
        &[
            (Class::BothValid, 27),
            (Class::NotValidMarked, 35),
            (Class::NotValidRefused, 51),
            (Class::OneLabel, 2),
            (Class::Literal, 8),
            (Class::NumericTld, 2),
            (Class::Trimmed, 22),
            (Class::Comment, 13),
            (Class::TooLong, 1),
            (Class::FinalDot, 1),
            (Class::BlanksLost, 2),
        ],
    );
}

#[track_caller]
fn check(vectors: &[Vector], expected: &[(Class, usize)]) {
    let list = SuffixList::built_in().expect("the built-in list is well formed");
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    let mut surprises = Vec::new();
    for vector in vectors {
        let found = judge(&vector.address, &list);
        match vector.class(found) {
            Some(class) => *counts.entry(class).or_default() += 1,
            None => surprises.push(format!(
                "{:?} {} {}: found {found:?}",
                vector.address, vector.category, vector.diagnosis
            )),
        }
    }
    assert!(surprises.is_empty(), "{}\n{counts:?}", surprises.join("\n"));
    assert_eq!(counts, expected.iter().copied().collect());
}

/// What we say: refused, else whether there is no mark on it.
fn judge(address: &str, list: &SuffixList) -> Result<bool, Rejection> {
    let mailbox = Mailbox::split(address)?;
    let domain = MailDomain::normalize(mailbox.domain())?;
    list.cut(&domain.name)?;
    Ok(mailbox.has_valid_local_part() && !domain.not_ldh)
}

impl Vector {
    fn class(&self, found: Result<bool, Rejection>) -> Option<Class> {
        let valid = ["ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN", "ISEMAIL_RFC5321"]
            .contains(&self.category.as_str());
        let address = self.address.as_str();
        Some(match (valid, found) {
            (true, Ok(true)) => Class::BothValid,
            (false, Ok(false)) => Class::NotValidMarked,
            (false, Err(_)) => Class::NotValidRefused,
            (true, Err(Rejection::SingleLabel)) => Class::OneLabel,
            (true, Err(Rejection::AddressLiteral)) => Class::Literal,
            (true, Err(Rejection::InvalidDomain)) if self.diagnosis.ends_with("TLDNUMERIC") => {
                Class::NumericTld
            }
            (false, Ok(true)) if self.diagnosis.ends_with("_FWS") && address == "test@iana.org" => {
                Class::BlanksLost
            }
            (false, Ok(true)) if address.trim() != address => Class::Trimmed,
            (false, Ok(true)) if address.contains('(') && address.contains(')') => Class::Comment,
            (false, Ok(true)) if self.diagnosis.ends_with("TOOLONG") => Class::TooLong,
            (false, Ok(true)) if address.ends_with('.') => Class::FinalDot,
            _ => return None,
        })
    }
}

/// The tests of an isemail file, which is plain enough to be read without a parser.
fn read_xml(text: &str) -> Vec<Vector> {
    let tests = text.split("<test id=").skip(1);
    let read = |test: &str| {
        let element = |name: &str| {
            let (_, rest) = test.split_once(&format!("<{name}>"))?;
            rest.split_once(&format!("</{name}>")).map(|(content, _)| entities(content))
        };
        Vector {
            address: controls(&element("address").unwrap_or_default()),
            category: element("category").expect("a test has a category"),
            diagnosis: element("diagnosis").expect("a test has a diagnosis"),
        }
    };
    tests.map(read).collect()
}

/// Resolves the entities of XML.
fn entities(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain += &rest[..at];
        let (name, after) = rest[at + 1..].split_once(';').expect("an entity ends");
        plain.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let code = match name.strip_prefix("#x") {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => name.trim_start_matches('#').parse(),
                };
                code.ok().and_then(char::from_u32).expect("an entity names a character")
            }
        });
        rest = after;
    }
    plain + rest
}

/// The files write the control character n as U+2400 + n.
fn controls(text: &str) -> String {
    let control = |character: char| match u32::from(character) {
        code @ 0x2400..=0x2421 => char::from_u32(if code == 0x2421 { 0x7f } else { code - 0x2400 }),
        _ => Some(character),
    };
    text.chars().filter_map(control).collect()
}
