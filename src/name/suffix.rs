//! Public suffix and registrable domain, by the Public Suffix List.
//!
//! Registration is judged under the ICANN section. Where the name is also below a suffix of the
//! PRIVATE section, its private registrable domain is a second candidate. The `publicsuffix` crate
//! neither folds case nor validates, so only normalized names come here. Its one known difference from
//! the list's algorithm, the bare parent of a private wildcard, does not concern the ICANN section.

use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use publicsuffix::{IcannList, List, Psl, Type};

use super::Rejection;
use super::normal::is_ldh;
use crate::error::{Error, Result};

/// The list built into the program; `data/suffixes/SOURCE.md` names its origin.
const BUILT_IN: &str = include_str!("../../data/suffixes/public_suffix_list.dat");

/// The most labels of a list's rules: each takes nearly a kilobyte of memory. The real list has some 25,000.
const MAX_LABELS: usize = 500_000;

named_enum! {
    /// Where a public suffix comes from.
    pub enum SuffixKind {
        /// A rule of the ICANN section.
        Icann = "icann",
        /// A rule of the PRIVATE section.
        Private = "private",
        /// No rule: the list's prevailing `*`, the last label.
        Implicit = "implicit",
    }
}

/// A name cut at its public suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The public suffix.
    pub suffix: &'a str,
    /// Where the suffix comes from.
    pub(crate) kind: SuffixKind,
    /// The suffix and one label more; `None` if the name is itself a public suffix.
    pub registrable: Option<&'a str>,
}

/// The Public Suffix List, both sections.
pub struct SuffixList {
    icann: IcannList,
    all: List,
    /// Every name at or above a rule, as rules are written and in A-labels, and whether all names right below it are
    /// suffixes (`*.ck`).
    above_rules: HashMap<Box<str>, bool, FixedState>,
    /// The `VERSION` line of the list, if it has one.
    pub(crate) version: Option<String>,
    /// The file it was read from; `None` for the built-in copy.
    pub(crate) path: Option<PathBuf>,
}

impl std::fmt::Debug for SuffixList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SuffixList").field("version", &self.version).field("path", &self.path).finish()
    }
}

impl SuffixList {
    /// The built-in copy.
    pub fn built_in() -> Result<Self> {
        Self::parse(BUILT_IN, None)
    }

    /// Reads a list; `path` is the file that the text comes from.
    pub fn parse(text: &str, path: Option<&Path>) -> Result<Self> {
        let place = path.unwrap_or(Path::new("public_suffix_list.dat"));
        let hint = "download the list again from publicsuffix.org";
        // a list that was cut would judge names under lost suffixes as if they were registered above them
        for section in ["ICANN", "PRIVATE"] {
            let is_there = |mark: &str| text.contains(&format!("==={mark} {section} DOMAINS==="));
            if !is_there("BEGIN") || !is_there("END") {
                let what =
                    format!("expected a Public Suffix List, found no complete `{section} DOMAINS` section");
                return Err(Error::failure(place, what).hint(hint));
            }
        }
        let rules = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let above_rules = above(rules.clone());
        let labels: usize = rules.map(|rule| memchr::memchr_iter(b'.', rule.as_bytes()).count() + 1).sum();
        if labels > MAX_LABELS {
            let what = format!("its rules have {labels} labels, more than the limit of {MAX_LABELS}");
            return Err(Error::failure(place, what).hint(hint));
        }
        let bad = |error: publicsuffix::Error| Error::failure(place, error.to_string()).hint(hint);
        let all: List = text.parse().map_err(bad)?;
        let icann = IcannList::from(all.clone());
        let version = text.lines().find_map(|line| line.strip_prefix("// VERSION:"));
        Ok(Self {
            icann,
            all,
            above_rules,
            version: version.map(|text| text.trim().to_owned()),
            path: path.map(Path::to_path_buf),
        })
    }

    /// Cuts a normalized name at its public suffix under the ICANN section. The labels of a
    /// registrable domain must be letters, digits and inner hyphens.
    pub fn cut<'a>(&self, name: &'a str) -> std::result::Result<Cut<'a>, Rejection> {
        let cut = cut(&self.icann, name);
        match cut.registrable {
            Some(registrable) if !registrable.split('.').all(is_ldh) => Err(Rejection::InvalidDomain),
            _ => Ok(cut),
        }
    }

    /// The cut under a suffix of the PRIVATE section, if the name is below one and the private
    /// registrable domain is a valid name.
    pub fn private_cut<'a>(&self, name: &'a str) -> Option<Cut<'a>> {
        let cut = cut(&self.all, name);
        let valid = cut.registrable.is_some_and(|registrable| registrable.split('.').all(is_ldh));
        (cut.kind == SuffixKind::Private && valid).then_some(cut)
    }

    /// Whether the list has a rule for this top-level domain or below it.
    pub fn knows_tld(&self, tld: &str) -> bool {
        // `*.ck` and `co.za` are rules below top-level domains that have none themselves
        self.above_rules.contains_key(tld) || cut(&self.icann, tld).kind == SuffixKind::Icann
    }

    /// Whether names below this normalized one may be registered under others than this one is.
    pub(crate) fn may_divide(&self, name: &str) -> bool {
        let mut above = name;
        self.above_rules.contains_key(name)
            || cut(&self.all, name).registrable.is_none()
            || std::iter::from_fn(|| {
                above = above.split_once('.')?.1;
                Some(above)
            })
            .any(|above| self.above_rules.get(above) == Some(&true))
    }
}

/// The names at or above rules.
fn above<'r>(rules: impl Iterator<Item = &'r str>) -> HashMap<Box<str>, bool, FixedState> {
    let mut names: HashMap<Box<str>, bool, FixedState> = HashMap::default();
    for rule in rules.filter_map(|rule| rule.split_whitespace().next()) {
        let rule = rule.strip_prefix('!').unwrap_or(rule);
        let below_star = rule.rsplit_once("*.").map(|(_, below)| below);
        let written = below_star.unwrap_or(rule);
        // names that are asked for are in A-labels and lower case, as the crate looks for rules, too
        let normal = idna::domain_to_ascii(written).ok();
        for mut name in normal.as_deref().into_iter().chain([written]) {
            let has_all_below = names.entry(name.into()).or_default();
            *has_all_below |= below_star.is_some();
            while let Some((_, above)) = name.split_once('.') {
                names.entry(above.into()).or_default();
                name = above;
            }
        }
    }
    names
}

/// The last label of a name.
pub(crate) fn tld(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn cut<'a>(list: &impl Psl, name: &'a str) -> Cut<'a> {
    let info = list.find(name.as_bytes().rsplit(|byte| *byte == b'.'));
    let start = name.len().saturating_sub(info.len);
    let kind = match info.typ {
        Some(Type::Icann) => SuffixKind::Icann,
        Some(Type::Private) => SuffixKind::Private,
        None => SuffixKind::Implicit,
    };
    let registrable = start.checked_sub(1).map(|dot| {
        let label = memchr::memrchr(b'.', &name.as_bytes()[..dot]).map_or(0, |at| at + 1);
        &name[label..]
    });
    Cut { suffix: &name[start..], kind, registrable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn cuts(name: &str, suffix: &str, kind: SuffixKind, registrable: Option<&str>) {
        let list = SuffixList::built_in().expect("the built-in list is well formed");
        assert_eq!(list.cut(name), Ok(Cut { suffix, kind, registrable }), "{name}");
    }

    #[test]
    fn icann_section() {
        cuts("www.example.com", "com", SuffixKind::Icann, Some("example.com"));
        cuts("a.example.co.uk", "co.uk", SuffixKind::Icann, Some("example.co.uk"));
        cuts("co.uk", "co.uk", SuffixKind::Icann, None);
        cuts("a.b.example.nosuchtld", "nosuchtld", SuffixKind::Implicit, Some("example.nosuchtld"));
        cuts("a.example.uk.com", "com", SuffixKind::Icann, Some("uk.com"));
        cuts("www.ck", "ck", SuffixKind::Icann, Some("www.ck"));
        cuts("a.b.ck", "b.ck", SuffixKind::Icann, Some("a.b.ck"));
    }

    #[test]
    fn private_section() {
        let list = SuffixList::built_in().expect("the built-in list is well formed");
        let registrable = |name| list.private_cut(name).and_then(|cut| cut.registrable);
        assert_eq!(registrable("a.example.uk.com"), Some("example.uk.com"));
        assert_eq!(registrable("uk.com"), None);
        assert_eq!(registrable("www.example.com"), None);
        assert!(
            list.knows_tld("com")
                && list.knows_tld("ck")
                && list.knows_tld("za")
                && !list.knows_tld("nosuchtld")
        );
    }

    #[test]
    fn names_with_rules_below_them_divide() {
        let list = SuffixList::built_in().expect("the built-in list is well formed");
        let divided = [
            "com",
            "co.uk",
            "uk.com",
            "ck",
            "b.ck",
            "www.ck",
            "kawasaki.jp",
            "a.kawasaki.jp",
            "amazonaws.com",
        ];
        divided.iter().for_each(|name| assert!(list.may_divide(name), "{name}"));
        let whole =
            ["example.com", "mail.example.com", "example.co.uk", "example.uk.com", "example.nosuchtld"];
        whole.iter().for_each(|name| assert!(!list.may_divide(name), "{name}"));
    }

    #[test]
    fn rules_divide_whatever_their_spelling() {
        let divides = |list: &SuffixList, rule: &str| {
            let (star, name) = rule.strip_prefix("*.").map_or(("", rule), |name| ("a.", name));
            let name = idna::domain_to_ascii(name.strip_prefix('!').unwrap_or(name)).expect("a name");
            let name = format!("{star}{name}");
            let dots = memchr::memchr_iter(b'.', name.as_bytes()).map(|dot| dot + 1);
            [0].into_iter().chain(dots).for_each(|start| assert!(list.may_divide(&name[start..]), "{rule}"));
        };
        let list = SuffixList::built_in().expect("the built-in list is well formed");
        let rules = BUILT_IN.lines().filter(|line| !line.is_empty() && !line.starts_with("//"));
        assert!(rules.clone().filter(|rule| !rule.is_ascii()).count() > 100);
        rules.for_each(|rule| divides(&list, rule));
        let text = BUILT_IN.replace(
            "// ===BEGIN PRIVATE DOMAINS===",
            "// ===BEGIN PRIVATE DOMAINS===\nApps.Example.com\n*.x.bl\u{f6}gs.com",
        );
        let list = SuffixList::parse(&text, None).expect("the list with two rules more");
        ["Apps.Example.com", "*.x.bl\u{f6}gs.com"].iter().for_each(|rule| divides(&list, rule));
    }

    #[test]
    fn a_registrable_domain_must_be_valid() {
        let list = SuffixList::built_in().expect("the built-in list is well formed");
        assert_eq!(list.cut("exa_mple.com"), Err(Rejection::InvalidDomain));
        assert_eq!(list.cut("-example.com"), Err(Rejection::InvalidDomain));
        assert!(list.cut("_dmarc.example.com").is_ok());
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert!(SuffixList::parse("com\nnet\n", None).is_err());
        assert!(SuffixList::built_in().expect("well formed").version.is_some());
    }
}
