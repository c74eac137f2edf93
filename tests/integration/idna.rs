//! The conformance vectors of UTS 46 (IdnaTestV2), and ours in the same form: our A-labels against `toAsciiN`.
//!
//! Every vector is in one class. These are the deliberate differences:
//!
//! * `AsciiLabel`: an ASCII label is taken as it is, even if it only looks like an A-label.
//! * `Directions`: the rules for mixed directions (B1 to B6) are about whole names; we look at each label alone.
//! * `OneLabel`: UTS 46 accepts names of one label; a mail domain has at least two.
//! * `NumericEnd`: a last label of digits is an IPv4 address or nothing (RFC 3696, section 2).
//! * `HyphenEdge`: we refuse a hyphen at the edge of the last label, which no registry delegates; elsewhere it is a
//!   mark.
//! * `Hyphens`: we do not check hyphens (V2, V3), because hosts such as `r3---sn.example.com` exist.
//! * `FinalDot`: a final dot makes no difference, so we drop it (RFC 5321, section 2.3.5, writes none).
//! * `Revised`: the vectors are from Unicode 15.0 and our tables are newer. Since then `≠`, `≮` and `≯` are valid,
//!   capital letters of a few scripts are mapped, a filler is ignored, and ideographs were added.
//! * `Plane3`: our tables take every code point of that plane for an ideograph. No registry delegates such a name.

use std::collections::BTreeMap;
use std::path::Path;

use zonelapse::name::{MailDomain, Rejection};
use zonelapse::rdap::{Context, read_answer};
use zonelapse::time::Moment;

use crate::support::{Bench, corpus, fixture, rows, run, zonelapse};

/// Statuses that name a check which we do not make.
const HYPHENS: [&str; 2] = ["V2", "V3"];

/// Statuses that name the rules for mixed directions, and checks that we do not make.
const DIRECTIONS: [&str; 8] = ["B1", "B2", "B3", "B4", "B5", "B6", "V2", "V3"];

/// One line of the file, blanks filled in.
struct Vector {
    source: String,
    unicode: String,
    ascii: String,
    statuses: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    SameName,
    BothRefuse,
    AsciiLabel,
    Directions,
    OneLabel,
    NumericEnd,
    HyphenEdge,
    Hyphens,
    FinalDot,
    Revised,
    Plane3,
}

#[test]
fn our_vectors() {
    check(&fixture("idna.txt"), &[(Class::SameName, 10), (Class::BothRefuse, 2)]);
}

#[track_caller]
fn check(path: &Path, expected: &[(Class, usize)]) {
    let text = std::fs::read_to_string(path).expect("the vectors can be read");
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    let mut surprises = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let vector = Vector::read(line);
        match vector.class() {
            Ok(class) => *counts.entry(class).or_default() += 1,
            Err(found) => surprises.push(format!("{line}: found {found:?}")),
        }
    }
    assert!(surprises.is_empty(), "{}: {}\n{counts:?}", surprises.len(), surprises.join("\n"));
    assert_eq!(counts, expected.iter().copied().collect());
}

#[test]
fn conformance_vectors() {
    let Some(path) = corpus("idna/publicsuffix-idna_test_vectors.txt") else { return };
    let expected = [
        (Class::SameName, 253),
        (Class::BothRefuse, 3773),
        (Class::AsciiLabel, 1804),
        (Class::Directions, 49),
        (Class::OneLabel, 148),
        (Class::NumericEnd, 23),
        (Class::HyphenEdge, 9),
        (Class::Hyphens, 49),
        (Class::FinalDot, 13),
        (Class::Revised, 112),
        (Class::Plane3, 2),
    ];
    check(&path, &expected);
}

impl Vector {
    fn read(line: &str) -> Self {
        // a comment begins behind the last column; no column holds a `#` unescaped
        let columns = line.split('#').next().unwrap_or_default();
        let columns: Vec<&str> = columns.split(';').map(str::trim).collect();
        let or = |at: usize, other: &str| match columns.get(at) {
            Some(&"") | None => other.to_owned(),
            Some(column) => (*column).to_owned(),
        };
        let source = columns[0].to_owned();
        let unicode = or(1, &source);
        let statuses = or(4, &or(2, "[]"));
        let statuses = statuses.trim_matches(['[', ']']).split([',', ' ']).filter(|it| !it.is_empty());
        Self {
            ascii: unescape(&or(3, &unicode)),
            statuses: statuses.map(str::to_owned).collect(),
            source: unescape(&source),
            unicode: unescape(&unicode),
        }
    }

    /// Whether these are all its statuses.
    fn has_only(&self, statuses: &[&str]) -> bool {
        self.statuses.iter().all(|status| statuses.contains(&status.as_str()))
    }

    /// The class, or what we found if none fits.
    fn class(&self) -> Result<Class, Result<String, Rejection>> {
        let found = MailDomain::normalize(&self.source).map(|domain| String::from(domain.name));
        let only_hyphens = self.has_only(&HYPHENS);
        let name = self.ascii.strip_suffix('.').unwrap_or(&self.ascii);
        let last = name.rsplit('.').next().unwrap_or_default();
        Ok(match &found {
            Ok(found) if self.statuses.is_empty() && *found == self.ascii => Class::SameName,
            Ok(found) if only_hyphens && found == name && self.ascii == name => Class::Hyphens,
            Ok(_)
                if !self.statuses.is_empty()
                    && self.source.split(['.', '。', '．', '｡']).any(is_ascii_a_label) =>
            {
                Class::AsciiLabel
            }
            Ok(found) if found == name && self.ascii.ends_with('.') => Class::FinalDot,
            Err(Rejection::SingleLabel) if only_hyphens && !name.contains('.') => Class::OneLabel,
            Err(_) if !only_hyphens => Class::BothRefuse,
            Ok(_) if self.has_only(&DIRECTIONS) => Class::Directions,
            Err(Rejection::InvalidDomain) if last.bytes().all(|byte| byte.is_ascii_digit()) => {
                Class::NumericEnd
            }
            Err(Rejection::InvalidDomain) if last.starts_with('-') || last.ends_with('-') => {
                Class::HyphenEdge
            }
            // disallowed characters are all that Unicode 15.0 holds against it
            Ok(_)
                if self.has_only(&[&DIRECTIONS[..], &["P1", "V5", "V6"]].concat())
                    && self.unicode.contains(is_revised) =>
            {
                Class::Revised
            }
            Ok(_) if self.has_only(&["P1", "V6"]) && self.unicode.contains(is_in_plane_3) => Class::Plane3,
            _ => return Err(found),
        })
    }
}

/// Whether a label is ASCII and begins as A-labels do.
fn is_ascii_a_label(label: &str) -> bool {
    label.is_ascii() && label.to_ascii_lowercase().starts_with("xn--")
}

/// Whether a character became valid, mapped or ignored after Unicode 15.0, of those in the vectors.
fn is_revised(character: char) -> bool {
    matches!(u32::from(character),
        0x2260 | 0x226e | 0x226f
        // capital letters: Georgian, Cyrillic, Roman numerals
        | 0x10a0..=0x10c5 | 0x04c0 | 0x2183
        // Hangul filler, Khmer inherent vowel
        | 0x115f | 0x17b5
        // CJK extensions I and J
        | 0x2ebf0..=0x2ee5d | 0x323b0..=0x33479)
}

fn is_in_plane_3(character: char) -> bool {
    matches!(u32::from(character), 0x30000..=0x3ffff)
}

/// Resolves `\uXXXX` and `\x{XXXX}`; surrogate halves, which no Rust text holds, become U+FFFD.
fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain += &rest[..at];
        let escape = &rest[at + 1..];
        let (digits, after) = match escape.strip_prefix("x{") {
            Some(braced) => braced.split_once('}').expect("a brace is closed"),
            None => (&escape[1..5], &escape[5..]),
        };
        let code = u32::from_str_radix(digits, 16).expect("an escape has hexadecimal digits");
        plain.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = after;
    }
    plain + rest
}

/// Names as people and registries spell them, and the one name that each of these spellings is.
const SPELLINGS: [(&str, &[&str]); 7] = [
    ("xn--b6h0000f.kz", &["xn--b6h0000f.kz", "XN--B6H0000F.KZ."]),
    ("xn--bcher-kva.com", &["bücher.com", "BÜCHER.com", "xn--bcher-kva.COM", "bu\u{308}cher。com"]),
    ("xn--fa-hia.de", &["faß.de", "FAẞ.de", "xn--fa-hia.de."]),
    ("xn--80ak6aa92e.xn--p1ai", &["аррӏе.рф", "xn--80ak6aa92e.рф", "аррӏе.xn--p1ai"]),
    ("xn--0.com", &["xn--0.com", "Xn--0.CoM"]),
    ("ab--cd.com", &["ab--cd.com", "AB--CD.com."]),
    ("xn--z9e.xn--bcher-kva.com", &["XN--Z9E.bücher.com", "xn--z9e.xn--bcher-kva.com."]),
];

/// One name is the same everywhere: an account whose address spells it in any way finds it in a list, in an answer and
/// among the decisions of people that spell it in any other.
#[test]
fn one_name_however_it_is_spelled() {
    for (name, spellings) in SPELLINGS {
        for (place, address) in spellings.iter().enumerate() {
            let other = spellings[(place + 1) % spellings.len()];
            is_one_name(name, address, other);
        }
    }
}

fn is_one_name(name: &str, address: &str, other: &str) {
    let bench = Bench::new();
    let accounts = bench.write("accounts.csv", format!("email\na@{address}\n").as_bytes());
    let (_, tld) = name.rsplit_once('.').expect("two labels");
    bench.write(&format!("zones/{tld}.list"), format!("{other}\nanother.{tld}\n").as_bytes());
    let registrable = name.rsplitn(3, '.').take(2).collect::<Vec<_>>();
    let registrable = format!("{}.{}", registrable[1], registrable[0]);
    let asked = if registrable == name { other } else { &registrable };
    let answer = format!(
        r#"{{"domain":"{asked}","fetched_at":"2026-05-31","source":"rdap.unknown.example","http_status":404,"body":null}}"#
    );
    let answers = bench.write("answers.ndjson", answer.as_bytes());
    let overrides = bench.write(
        "overrides.csv",
        format!("domain,action,until,by,why\n{asked},notify,2027-01-01,a,b\n").as_bytes(),
    );
    let ending = if tld == "xn--p1ai" { "рф" } else { tld };
    let services =
        format!(r#"{{"services":[[["{}"],["https://rdap.unknown.example/"]]]}}"#, ending.to_uppercase());
    let bootstrap = bench.write("dns.json", services.as_bytes());
    let mut audit = zonelapse();
    audit.arg("audit").arg(&accounts).args(["--as-of", "2026-06-01", "--rdap"]).arg(&answers);
    audit
        .args(["--date", "2026-05-31", "--zones"])
        .arg(bench.path("zones"))
        .arg("--overrides")
        .arg(&overrides);
    audit.arg("--bootstrap").arg(&bootstrap).arg("-o").arg(bench.path("report"));
    run(&mut audit).expect(0);
    let report = bench.report();
    let columns = ["mail_domain", "judged_domain", "rdap_outcome", "zone", "action"];
    let [mail, judged, ..] = columns;
    assert_eq!(rows(&report.accounts, &[mail]), [name], "{address}");
    let found = rows(&report.domains, &[judged, "rdap_outcome", "rdap_source", "zone", "action"]);
    assert_eq!(
        found,
        [format!("{registrable} not_found rdap.unknown.example {tld} notify")],
        "address {address}, elsewhere {other}"
    );
    let reasons = crate::times::lists(&report, "accounts", "reasons");
    assert!(!reasons[0].contains("unverified_source"), "the bootstrap file names its server: {reasons:?}");
    // a name that is there only because of names below it is not present
    let present = if registrable == name { "true" } else { "-" };
    assert_eq!(
        rows(&report.domains, &["present"]),
        [present],
        "the list holds {other}, the address {address}"
    );
}

/// Every spelling in the vectors that an address may have is the same name in a list, and in an answer if that takes it.
#[test]
fn addresses_lists_and_answers_take_the_same_names() {
    let vectors = corpus("idna/publicsuffix-idna_test_vectors.txt").unwrap_or_else(|| fixture("idna.txt"));
    let text = std::fs::read_to_string(vectors).expect("the vectors can be read");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let sources: Vec<String> = lines.map(|line| Vector::read(line).source).collect();
    let bench = Bench::new();
    let is_line = |source: &&String| {
        let edge = |character: char| character.is_whitespace() || matches!(character, '#' | ';' | '"');
        !source.is_empty()
            && !source.contains(['\n', '\r', '\0'])
            && !source.starts_with(edge)
            && !source.ends_with(edge)
    };
    let mut expected: Vec<String> = Vec::new();
    let mut list = String::new();
    for source in sources.iter().filter(is_line) {
        let name = format!("{source}.kz");
        list += &format!("{name}\n");
        let Ok(domain) = MailDomain::normalize(&name) else { continue };
        if domain.name.ends_with(".kz") {
            let answer = format!(r#"{{"objectClassName":"domain","ldhName":{}}}"#, serde_json::json!(name));
            let context = Context { file_name_domain: None, file_time: Moment(0) };
            if let Ok(answer) = read_answer(answer.as_bytes(), &context) {
                assert_eq!(*answer.name, *domain.name, "{name}");
            }
            expected.push(domain.name.into());
        }
    }
    expected.sort();
    expected.dedup();
    assert!(expected.len() > 5);
    let list = bench.write("kz.list", list.as_bytes());
    let store = bench.path("store");
    run(zonelapse().args(["snapshot", "build"]).arg(list).arg("--store").arg(&store)).printed();
    let exported =
        run(zonelapse().args(["snapshot", "export", "kz"]).arg("--store").arg(&store).args(["-o", "-"]));
    let mut found: Vec<&str> =
        exported.stdout.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    found.sort_unstable();
    let lacks = |these: &[&str], name: &str| these.binary_search(&name).is_err();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let lost: Vec<_> = expected.iter().filter(|name| lacks(&found, name)).collect();
    let added: Vec<_> = found.iter().filter(|name| lacks(&expected, name)).collect();
    // names that exist because of names below them
    let is_above = |above: &&&str| expected.iter().any(|name| name.ends_with(&format!(".{above}")));
    let added: Vec<_> = added.iter().filter(|name| !is_above(name)).collect();
    assert!(lost.is_empty() && added.is_empty(), "lost {lost:?}, added {added:?}");
}
