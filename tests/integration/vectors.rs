//! The vectors of the Public Suffix List (`test_psl.txt`), and ours in the same form, under the ICANN section.
//!
//! Vectors hold raw names and we cut normalized ones, so both sides go through [`MailDomain::normalize`]. These are the
//! deliberate differences:
//!
//! * `null` is not a name, and nothing is compared.
//! * A name of one label, or with an empty label, is refused before the list is asked. If the vector has no registrable
//!   domain either, the two agree.
//! * The vectors see both sections as one list; we judge registration under the ICANN section. Below a suffix of the
//!   PRIVATE section they name the private registrable domain, which is our second candidate.

use zonelapse::name::{MailDomain, Rejection, SuffixList};

use crate::support::{corpus, fixture};

#[derive(Debug, PartialEq, Eq, Default)]
struct Counts {
    no_name: usize,
    refused_as_no_registrable: usize,
    same_cut: usize,
    private_candidate: usize,
}

#[test]
fn our_vectors() {
    let text = std::fs::read_to_string(fixture("psl.txt")).expect("a fixture");
    let built_in = SuffixList::built_in().expect("the built-in list is well formed");
    let expected = Counts { no_name: 1, refused_as_no_registrable: 6, same_cut: 25, private_candidate: 3 };
    assert_eq!(compare(&text, &built_in), expected);
}

#[test]
fn official_vectors() {
    let Some(path) = corpus("psl/test_psl.txt") else { return };
    let text = std::fs::read_to_string(path).expect("the vectors can be read");
    let built_in = SuffixList::built_in().expect("the built-in list is well formed");
    let expected = Counts { no_name: 1, refused_as_no_registrable: 14, same_cut: 59, private_candidate: 4 };
    assert_eq!(compare(&text, &built_in), expected, "the built-in list");
    if let Some(list) = corpus("psl/public_suffix_list-2026-10-23-pypi.dat") {
        let published = std::fs::read_to_string(&list).expect("a published list is text");
        let list = SuffixList::parse(&published, Some(&list)).expect("a published list is well formed");
        assert_eq!(compare(&text, &list), expected, "another copy of the list");
    }
}

fn compare(text: &str, list: &SuffixList) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().filter(|line| line.starts_with("checkPublicSuffix(")) {
        let (name, expected) = arguments(line);
        let Some(name) = name else {
            counts.no_name += 1;
            continue;
        };
        let expected = expected.map(|name| normal(name).expect("what can be registered is a name"));
        let domain = match normal(name) {
            Ok(domain) => domain,
            Err(rejection) => {
                assert!(matches!(rejection, Rejection::SingleLabel | Rejection::InvalidDomain), "{line}");
                assert_eq!(expected, None, "{line}");
                counts.refused_as_no_registrable += 1;
                continue;
            }
        };
        let cut = list.cut(&domain).expect("no vector has an odd registrable domain");
        if cut.registrable == expected.as_deref() {
            counts.same_cut += 1;
            continue;
        }
        assert_eq!((cut.suffix, cut.registrable), ("com", Some("uk.com")), "{line}");
        let private = list.private_cut(&domain);
        assert_eq!(private.and_then(|cut| cut.registrable), expected.as_deref(), "{line}");
        counts.private_candidate += 1;
    }
    counts
}

fn normal(name: &str) -> Result<String, Rejection> {
    MailDomain::normalize(name).map(|domain| domain.name.into())
}

/// The two arguments of a vector; `None` for `null`.
fn arguments(line: &str) -> (Option<&str>, Option<&str>) {
    let inside = line.trim_start_matches("checkPublicSuffix(").trim_end_matches([')', ';']);
    let (name, expected) = inside.split_once(", ").expect("a vector has two arguments");
    (quoted(name), quoted(expected))
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}
