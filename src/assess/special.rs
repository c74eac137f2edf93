//! Special-use names, which nobody can register: a table in `data/`.

use std::sync::LazyLock;

use hashbrown::HashSet;

use crate::built_in::built_in_names;

/// Special-use names.
const TABLE: &str = include_str!("../../data/special_use_names.txt");
/// Private suffixes at which others register.
const OPEN_SUFFIXES: &str = include_str!("../../data/private_registries.txt");

static SPECIAL_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| built_in_names(TABLE).collect());
static OPEN_REGISTRIES: LazyLock<HashSet<&str>> = LazyLock::new(|| built_in_names(OPEN_SUFFIXES).collect());

/// The special-use name that `name` is, or is below.
pub(crate) fn special_use(name: &str) -> Option<&'static str> {
    at_or_above(name, &SPECIAL_NAMES)
}

/// Whether a private suffix is a registry open to others.
pub(crate) fn is_open_registry(suffix: &str) -> bool {
    at_or_above(suffix, &OPEN_REGISTRIES).is_some()
}

fn at_or_above(name: &str, names: &HashSet<&'static str>) -> Option<&'static str> {
    let dots = memchr::memchr_iter(b'.', name.as_bytes());
    std::iter::once(0).chain(dots.map(|dot| dot + 1)).find_map(|start| names.get(&name[start..]).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(special_use("a.example"), Some("example"));
        assert_eq!(special_use("www.example.com"), Some("example.com"));
        assert_eq!(special_use("myexample.com"), None);
        assert_eq!(special_use("host.internal"), Some("internal"));
        assert_eq!(special_use("10.in-addr.arpa"), Some("10.in-addr.arpa"));
        assert!(
            is_open_registry("uk.com") && is_open_registry("de.eu.org") && !is_open_registry("github.io")
        );
    }
}
