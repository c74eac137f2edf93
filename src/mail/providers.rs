//! The big mail providers, and the names that one typing mistake makes of theirs.
//!
//! A typing mistake is one octet left out, put in or changed, or two neighbours that changed places: a distance of one by
//! optimal string alignment. The whole name counts, its top-level domain too (`gmail.con`, `hotmail.cmo`).
//!
//! Nearly every name that differs from a short one by an octet belongs to somebody who meant it: `aon.at`, `gmx.de` and
//! `gmx.ee`, `web.de` and `web.dk`. So a provider's label of fewer than five octets must be typed as it is, and only the
//! rest may differ, and that only below a top-level domain of three letters or more: `aol.cm`, `me.con`.
//!
//! Letters of other scripts that look alike are no typing mistakes, and are not looked for.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::built_in::built_in_names;
use crate::name::suffix::tld;

const LIST: &str = include_str!("../../data/mail_providers.txt");

static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| built_in_names(LIST).collect());
static PLACES: LazyLock<HashMap<&str, Provider>> =
    LazyLock::new(|| NAMES.iter().zip(0..).map(|(name, place)| (*name, Provider(place))).collect());

/// Octets of the shortest label in which a mistake is told from another name.
const LABEL_OCTETS: usize = 5;
/// Octets of the shortest top-level domain below which a shorter label is looked at.
const TLD_OCTETS: usize = 3;
/// What a name can be made of.
const OCTETS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-._";

/// A big mail provider: its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Provider(u8);

impl Provider {
    /// The provider of a mail domain.
    pub(crate) fn of(name: &str) -> Option<Self> {
        PLACES.get(name).copied()
    }

    /// Its mail domain.
    pub(crate) fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    /// The names that look like its own, mistyped once. Some come twice.
    pub(crate) fn mistyped(self) -> impl Iterator<Item = String> {
        let name = self.name();
        let label = name.find('.').unwrap_or(name.len());
        let is_long = label >= LABEL_OCTETS;
        let looked_at = is_long || tld(name).len() >= TLD_OCTETS;
        let kept = if is_long { "" } else { &name[..=label] };
        one_step_from(name.as_bytes()).filter(move |typed| looked_at && typed.starts_with(kept))
    }
}

/// All names at a distance of one.
fn one_step_from(name: &[u8]) -> impl Iterator<Item = String> {
    let spliced =
        move |at: usize, octets: usize, put: &[u8]| [&name[..at], put, &name[at + octets..]].concat();
    let left_out = (0..name.len()).map(move |at| spliced(at, 1, &[]));
    let swapped = (1..name.len()).map(move |at| spliced(at - 1, 2, &[name[at], name[at - 1]]));
    let changed =
        (0..name.len()).flat_map(move |at| OCTETS.iter().map(move |octet| spliced(at, 1, &[*octet])));
    let put_in =
        (0..=name.len()).flat_map(move |at| OCTETS.iter().map(move |octet| spliced(at, 0, &[*octet])));
    let typed = left_out.chain(swapped).chain(changed).chain(put_in).filter(move |typed| typed != name);
    typed.map(|typed| String::from_utf8(typed).expect("names of providers are ASCII"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::MailDomain;
    use std::collections::BTreeSet;

    #[test]
    fn the_list() {
        assert!(NAMES.len() >= 60 && NAMES.len() <= usize::from(u8::MAX), "{}", NAMES.len());
        assert!(NAMES.is_sorted() && PLACES.len() == NAMES.len());
        for name in &*NAMES {
            assert_eq!(
                MailDomain::normalize(name).map(|domain| domain.name.to_string()),
                Ok((*name).to_owned())
            );
            assert_eq!(Provider::of(name).map(Provider::name), Some(*name));
        }
    }

    /// The distance by its definition, slowly.
    fn distance(a: &[u8], b: &[u8]) -> usize {
        let (Some((x, short_a)), Some((y, short_b))) = (a.split_last(), b.split_last()) else {
            return a.len().max(b.len());
        };
        let kept = distance(short_a, short_b) + usize::from(x != y);
        let least = kept.min(distance(short_a, b) + 1).min(distance(a, short_b) + 1);
        match (a, b) {
            ([rest_a @ .., q, p], [rest_b @ .., s, r]) if (p, q) == (s, r) => {
                least.min(distance(rest_a, rest_b) + 1)
            }
            _ => least,
        }
    }

    #[test]
    fn one_step_is_a_distance_of_one() {
        // every name over three octets, against every other
        let mut names: Vec<Vec<u8>> = vec![Vec::new()];
        for _ in 0..5 {
            let longer =
                names.iter().flat_map(|name| b"ab.".map(|octet| [name.as_slice(), &[octet]].concat()));
            names = names.iter().cloned().chain(longer).collect::<BTreeSet<_>>().into_iter().collect();
        }
        for name in names.iter().filter(|name| name.len() <= 4) {
            let steps: BTreeSet<Vec<u8>> = one_step_from(name).map(String::into_bytes).collect();
            for other in &names {
                assert_eq!(steps.contains(other), distance(name, other) == 1, "{name:?} {other:?}");
            }
        }
    }

    #[test]
    fn every_mistyped_name_is_one_step_away() {
        for place in 0..NAMES.len() as u8 {
            let provider = Provider(place);
            let mistyped = provider.mistyped();
            mistyped
                .for_each(|typed| assert_eq!(strsim::osa_distance(provider.name(), &typed), 1, "{typed}"));
        }
    }

    #[track_caller]
    fn mistyped(typed: &str, provider: &str, expected: bool) {
        let provider = Provider::of(provider).expect("a listed provider");
        assert_eq!(provider.mistyped().any(|name| name == typed), expected, "{typed}");
    }

    #[test]
    fn mistakes() {
        for typed in [
            "gmial.com",
            "gmai.com",
            "gmaill.com",
            "gmail.co",
            "gmail.con",
            "gmail.cmo",
            "gmailcom",
            "gnail.com",
        ] {
            mistyped(typed, "gmail.com", true);
        }
        mistyped("hotmail.co", "hotmail.com", true);
        mistyped("yahoo.co.k", "yahoo.co.uk", true);
        mistyped("gmail.com", "gmail.com", false);
        mistyped("gamil.con", "gmail.com", false);
        // short labels
        mistyped("aol.co", "aol.com", true);
        mistyped("me.cm", "me.com", true);
        mistyped("att.nte", "att.net", true);
        mistyped("al.com", "aol.com", false);
        mistyped("gmx.be", "gmx.de", false);
        mistyped("web.dk", "web.de", false);
        mistyped("hail.ru", "mail.ru", false);
    }
}
